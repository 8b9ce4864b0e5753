"""One-sentence messages: a line in the status bar, or a note over the canvas with details."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualad.gui import fonts, icons, theme

MOST = 3  # notes at a time
SECONDS = {"info": 6.0, "warning": 12.0, "error": 15.0}
WIDTH = 480


class Notifications(QObject):
    """Shows messages over a widget; errors stay long enough to be read, and can be closed.

    Signals:
        said: a short remark for the status bar.
    """

    said = Signal(str)

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.notes: list[Note] = []
        over.installEventFilter(self)

    def say(self, sentence: str) -> None:
        """A remark that needs no attention, in the status bar."""
        self.said.emit(sentence)

    def show(
        self,
        sentence: str,
        kind: str = "error",
        detail: str = "",
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> Note:
        """Show a note.

        Args:
            sentence: one, for a person.
            kind: "info", "warning" or "error".
            detail: shown on demand: a traceback, a longer text.
            action: title of a further button and what it does.
        """
        for note in self.notes:
            if note.sentence == sentence:  # the same again: give it time, do not pile up
                note.restart()
                return note
        note = Note(self._over, sentence, kind, detail, action)
        note.closed.connect(lambda: self._remove(note))
        self.notes.append(note)
        while len(self.notes) > MOST:
            self.notes[0].close_note()
        note.ensurePolished()
        self._place()  # first: shown elsewhere, it could appear under the mouse and stay
        note.show()
        return note

    def clear(self) -> None:
        """Close all notes."""
        for note in list(self.notes):
            note.close_note()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        return False

    def _remove(self, note: Note) -> None:
        if note in self.notes:
            self.notes.remove(note)
            self._place()

    def _place(self) -> None:
        bottom = self._over.height() - 16
        for note in reversed(self.notes):
            width = min(WIDTH, self._over.width() - 32)
            note.setFixedWidth(width)
            note.setFixedHeight(note.height_for(width))
            height = note.height()
            bottom -= height
            note.move(QPoint((self._over.width() - width) // 2, bottom))
            note.raise_()
            bottom -= 8


class Note(QFrame):
    """One message on the screen."""

    _BORDER, _EDGE = 1, 3  # px: the thin border, and the coloured edge at the left

    closed = Signal()

    def __init__(
        self,
        parent: QWidget,
        sentence: str,
        kind: str,
        detail: str,
        action: tuple[str, Callable[[], object]] | None,
    ) -> None:
        super().__init__(parent)
        self.sentence = sentence
        self.kind = kind
        self.detail = detail
        self.setObjectName("note")
        self.setAccessibleName(sentence)
        self._icon = QLabel()
        self._text = QLabel(sentence)
        self._text.setObjectName("note_text")
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(12, 9, 6, 9)
        row.setSpacing(9)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        if action is not None:
            title, call = action
            row.addWidget(self._button(title, "note_action", lambda: self._act(call)))
        if detail:
            row.addWidget(self._button("Details", "note_details", self.show_detail))
        close = QToolButton()
        close.setObjectName("note_close")
        close.setAccessibleName("Close this message")
        close.setToolTip("Close")
        close.setAutoRaise(True)
        close.setIcon(icons.icon("close", "text_muted"))
        close.setIconSize(QSize(14, 14))
        close.clicked.connect(self.close_note)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.close_note)
        self._paint()
        theme.theme_changed.connect(self._paint)
        self.restart()

    def height_for(self, width: int) -> int:
        """Height that the text needs at this width."""
        self._row.activate()
        margins = self._row.contentsMargins()
        spacing = self._row.spacing()
        others = [w for w in self.findChildren(QWidget) if w is not self._text]
        taken = sum(w.sizeHint().width() + spacing for w in others)
        room = width - taken - margins.left() - margins.right() - self._EDGE - self._BORDER
        lines = self._text.heightForWidth(room)
        tallest = max(lines, *(w.sizeHint().height() for w in others))
        return tallest + margins.top() + margins.bottom() + 2 * self._BORDER

    def restart(self) -> None:
        """Stay for the full time from now on."""
        self._timer.start(round(1000 * SECONDS.get(self.kind, 8.0)))

    def close_note(self) -> None:
        """Take it away."""
        self._timer.stop()
        focus = QApplication.focusWidget()
        over = self.parentWidget()
        if over is not None and focus is not None and self.isAncestorOf(focus):
            over.setFocus()  # not the next field, where Ctrl+Z would mean something else
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def show_detail(self) -> None:
        """Show what lies behind the sentence."""
        show_text(self.window(), "Details", self.sentence, self.detail)

    def enterEvent(self, event) -> None:
        self._timer.stop()  # nobody likes to lose what they are reading
        super().enterEvent(event)

    def leaveEvent(self, event) -> None:
        self.restart()
        super().leaveEvent(event)

    def _act(self, call: Callable[[], object]) -> None:
        self.close_note()
        call()

    def _button(self, title: str, name: str, call: Callable[[], object]) -> QPushButton:
        button = QPushButton(title)
        button.setObjectName(name)
        button.clicked.connect(lambda _=False: call())
        return button

    def _paint(self) -> None:
        token = {"error": "error", "warning": "warning"}.get(self.kind, "accent")
        icon = {"error": "error", "warning": "warning"}.get(self.kind, "info")
        colours = theme.current()
        self._icon.setPixmap(icons.pixmap(icon, 18, token, self.devicePixelRatioF()))
        self.setStyleSheet(
            f"#note {{ background: {colours.surface}; border: 1px solid {colours.border};"
            f" border-left: 3px solid {getattr(colours, token)}; border-radius: 6px; }}"
        )


def show_text(parent: QWidget, title: str, sentence: str, text: str) -> QDialog:
    """A window with a sentence and a long text to read and copy."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setObjectName("details")
    dialog.setWindowTitle(title)
    dialog.resize(680, 420)
    label = QLabel(sentence)
    label.setWordWrap(True)
    field = QPlainTextEdit(text)
    field.setObjectName("details_text")
    field.setAccessibleName(title)
    field.setReadOnly(True)
    field.setFont(fonts.monospaced())
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column = QVBoxLayout(dialog)
    column.addWidget(label)
    column.addWidget(field, 1)
    column.addWidget(buttons)
    dialog.show()
    return dialog
