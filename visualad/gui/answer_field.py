"""The field in which an answer is typed where its question mark stands, with mark and hint."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from visualad.gui import fonts, icons, theme
from visualad.gui.exercise_run import ExerciseRun, state_of
from visualad.gui.panels.parts import Prose
from visualad.gui.stamps import OPEN, REVEALED, RIGHT, UNREADABLE, WRONG, token_of
from visualad.lessons.exercise import FORMULA, NUMBER, Blank

SIGNS = {RIGHT: "check", WRONG: "close", UNREADABLE: "warning", REVEALED: "info"}
KEYS = "Enter marks · Tab next · Esc leaves"
_EXPECTS = {NUMBER: "number", FORMULA: "formula"}
_WIDTH, _PADDING, _WIDEST = 196, 5, 300


class AnswerField(QWidget):
    """Lies over its place; the line itself stands exactly where the number would.

    Signals:
        answered: Enter was pressed on this text.
        wants_next: +1 or -1: to the next or previous question.
        left: Escape was pressed, or the focus went elsewhere (False).
    """

    answered = Signal(str)
    wants_next = Signal(int)
    left = Signal(bool)

    def __init__(self, run: ExerciseRun, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("answer_here")
        self._run = run
        self.blank: Blank | None = None
        self.state = OPEN
        self.line = _Line(self)
        self.line.setObjectName("answer_here_line")
        self.sign = QLabel()
        self.sign.setObjectName("answer_here_sign")
        self.sign.setFixedSize(18, 18)
        self.words = Prose(size=12.0)
        self.words.setObjectName("answer_here_words")
        self.hint_words = Prose(token="text_muted", size=12.0)
        self.hint_words.setObjectName("answer_here_hint_text")
        self.hint = self._button("answer_here_hint", "", run.hint)
        self.hint.setAccessibleName("Hint")
        self.hint.setToolTip("Hint")
        self.hint.setFlat(True)
        self.hint.setFixedSize(24, 24)
        self.reveal = self._button("answer_here_reveal", "Show Answer", run.reveal)
        top = QHBoxLayout()
        top.setSpacing(5)
        top.addWidget(self.line, 1)
        top.addWidget(self.sign)
        top.addWidget(self.hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(_PADDING, _PADDING, _PADDING, _PADDING)
        column.setSpacing(4)
        column.addLayout(top)
        for widget in (self.words, self.hint_words):
            column.addWidget(widget)
        column.addWidget(self.reveal, 0, Qt.AlignmentFlag.AlignLeft)
        self.line.setToolTip(KEYS)
        self.hide()
        theme.theme_changed.connect(self.refresh)

    def _button(self, name: str, text: str, clicked) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the cursor stays in the line
        button.clicked.connect(lambda _checked=False: self.blank and clicked(self.blank.id))
        return button

    def open(self, blank: Blank, text: str, *, typed: bool) -> None:
        """Ask this question.

        Args:
            text: what stands there; `typed`: a key has begun it, so the next one goes on.
        """
        self.blank = blank
        self.line.setText(text)
        self.refresh()
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)
        if typed:
            self.line.end(False)
        else:
            self.line.selectAll()

    def refresh(self) -> None:
        """Show mark, feedback and hint as they are now."""
        if self.blank is None:
            return
        run, id_, blank_kind = self._run, self.blank.id, self.blank.accepts
        label = run.labels.get(id_, "…")
        answer, mark = run.answer_of(id_), run.mark(id_)
        edited = self.line.text().strip() != run.typed(id_).strip()
        self.state = OPEN if edited else state_of(mark, answer)
        self.line.setPlaceholderText(f"{label}: {_EXPECTS.get(blank_kind, 'answer')}")
        self.line.setAccessibleName(f"Answer for {label}")
        closed = run.is_closed(id_)
        self.line.setReadOnly(closed)
        token = token_of(self.state)
        border = theme.current().colour(token).name()
        self.line.setStyleSheet(
            f"QLineEdit {{ padding: 0 5px; border: 1.5px solid {border}; border-radius: 4px; }}"
        )
        sign = SIGNS.get(self.state)
        if sign is None:
            self.sign.clear()
        else:
            self.sign.setPixmap(icons.pixmap(sign, 16, token, self.devicePixelRatioF()))
        self.sign.setVisible(sign is not None)
        self.hint.setIcon(icons.icon("help"))
        self.sign.setAccessibleName("" if sign is None else self.state)
        self.words.set_token(token if self.state != OPEN else "text_muted")
        self.words.setText("" if edited else run.feedback(id_))
        hinted = id_ in run.hinted or answer.hints > 0
        self.hint_words.setText(f"Hint: {run.hints.get(id_, '')}" if hinted else "")
        settings = run.exercise.settings if run.exercise is not None else None
        self.hint.setVisible(bool(settings and settings.hints) and not hinted and not closed)
        self.reveal.setVisible(run.may_reveal(id_))
        self.words.setVisible(bool(self.words.text()))
        self.hint_words.setVisible(hinted and not closed)
        self._fit()

    def _fit(self) -> None:
        layout = self.layout()
        assert layout is not None
        for prose in (self.words, self.hint_words):
            prose.setFixedWidth(self.width() - 2 * _PADDING)
        layout.activate()
        self.resize(self.width(), layout.sizeHint().height())

    def place(self, where: QRect) -> None:
        """Lie over a rectangle of the screen, as far as the window reaches."""
        parent = self.window()
        corner = parent.mapFromGlobal(where.topLeft())
        height = max(where.height(), 24)
        self.line.setFixedHeight(height)
        self.line.setFont(fonts.text(min(max(13.0, 0.55 * height), 17.0), fonts.Weight.DemiBold))
        self.resize(min(max(where.width() + 2 * _PADDING + 23, _WIDTH), _WIDEST), self.height())
        self._fit()
        left = min(corner.x() - _PADDING, parent.width() - self.width() - 4)
        top = min(corner.y() - _PADDING, parent.height() - self.height() - 4)
        self.move(max(left, 4), max(top, 4))

    def minimumSizeHint(self) -> QSize:
        return QSize(_WIDTH, 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(shown.colour("accent"), 1.0))
        painter.setBrush(QColor(shown.surface))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        painter.end()


class _Line(QLineEdit):
    """The line itself: Enter, Tab and Escape mean something else here."""

    def __init__(self, field: AnswerField) -> None:
        super().__init__(field)
        self._field = field
        self.textEdited.connect(lambda _: field.refresh())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.accept()  # no command of the window while somebody types
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                self._field.wants_next.emit(1 if key == Qt.Key.Key_Tab else -1)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._field.answered.emit(self.text())
        elif event.key() == Qt.Key.Key_Escape:
            self._field.left.emit(True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        reasons = Qt.FocusReason
        if event.reason() not in (reasons.ActiveWindowFocusReason, reasons.PopupFocusReason):
            self._field.left.emit(False)
