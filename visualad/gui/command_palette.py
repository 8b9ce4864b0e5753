"""Find any command by typing parts of its name (Ctrl+K)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from visualad.gui import fonts, icons, theme
from visualad.gui.commands import COMMANDS, Command

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

ROW_HEIGHT = 34
ROWS_SHOWN = 10


@dataclass(frozen=True)
class Match:
    """A command that fits what was typed; a lower rank fits better."""

    rank: tuple[int, int, str]
    command: Command
    title: str


class CommandPalette(QFrame):
    """A field and the commands that fit; Enter runs the chosen one, Escape closes."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setObjectName("command_palette")
        self.setAccessibleName("Command palette")
        self._window = window
        self._before: QWidget | None = None
        self.field = QLineEdit()
        self.field.setObjectName("command_palette_field")
        self.field.setAccessibleName("Find a command")
        self.field.setPlaceholderText("Find a command…")
        self.field.setMinimumHeight(32)
        self.list = QListWidget()
        self.list.setObjectName("command_palette_list")
        self.list.setAccessibleName("Commands")
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.field.textChanged.connect(self.search)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda _: self.run_chosen())
        self.setFixedWidth(560)
        self.hide()

    def open(self) -> None:
        """Show it under the tool bar, empty."""
        colours = theme.current()
        self.setStyleSheet(
            f"#command_palette {{ background: {colours.surface};"
            f" border: 1px solid {colours.border}; border-radius: 8px; }}"
        )
        self.field.clear()
        self.search("")
        self.move((self._window.width() - self.width()) // 2, 90)
        self._before = QApplication.focusWidget()
        self.show()
        self.raise_()
        self.field.setFocus()

    def dismiss(self) -> None:
        """Close it; the focus goes back to where it was."""
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()
        self._before = None

    def search(self, typed: str) -> None:
        """List the commands that fit, the best first."""
        self.list.clear()
        for match in find(self._window, typed):
            item = QListWidgetItem(match.title)
            item.setData(Qt.ItemDataRole.UserRole, match.command.id)
            item.setToolTip(match.command.tip)
            if not match.command.enabled(self._window):
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            self.list.addItem(item)
        self._choose(0, 1)
        rows = min(max(self.list.count(), 1), ROWS_SHOWN)
        self.list.setFixedHeight(ROW_HEIGHT * rows + 4)
        self.adjustSize()

    def run_chosen(self) -> None:
        """Close and run the chosen command."""
        item = self.list.currentItem()
        if self.list.currentRow() < 0 or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        self.dismiss()
        self._window.run(item.data(Qt.ItemDataRole.UserRole))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.hide()  # a click elsewhere
        if event.type() != QEvent.Type.KeyPress:
            return False
        assert isinstance(event, QKeyEvent)
        key, row = event.key(), self.list.currentRow()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.run_chosen()
        elif key == Qt.Key.Key_Down:
            self._choose(row + 1, 1)
        elif key == Qt.Key.Key_Up:
            self._choose(row - 1, -1)
        elif key == Qt.Key.Key_PageDown:
            self._choose(min(row + ROWS_SHOWN, self.list.count() - 1), 1)
        elif key == Qt.Key.Key_PageUp:
            self._choose(max(row - ROWS_SHOWN, 0), -1)
        elif key == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            return False
        return True

    def _choose(self, row: int, direction: int) -> None:
        """Choose the next command from here on that is possible."""
        while 0 <= row < self.list.count():
            if self.list.item(row).flags() & Qt.ItemFlag.ItemIsEnabled:
                self.list.setCurrentRow(row)
                return
            row += direction


def find(window: MainWindow, typed: str) -> list[Match]:
    """The commands that contain every word typed; possible ones first, then by where it stands."""
    words = typed.lower().split()
    found = []
    for entry in COMMANDS.values():
        if entry.id == "view.command_palette":
            continue
        title = full_title(window, entry)
        text = f"{title} {entry.id} {entry.tip}".lower()
        places = [text.find(word) for word in words]
        if all(place >= 0 for place in places):
            rank = (0 if entry.enabled(window) else 1, sum(places), "" if not words else title)
            found.append(Match(rank, entry, title))
    return sorted(found, key=lambda match: match.rank)


def full_title(window: MainWindow, entry: Command) -> str:
    """The title with the menu it stands in: "Differentiate: Backward"."""
    title = window.commands.title(entry)
    place = entry.menu.replace("/", ": ")
    return f"{place}: {title}" if place else title


class _Rows(QStyledItemDelegate):
    """A row: icon, title, and the shortcut at the right."""

    def sizeHint(self, option, index) -> QSize:
        return QSize(0, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index) -> None:
        colours = theme.current()
        entry = COMMANDS[index.data(Qt.ItemDataRole.UserRole)]
        enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected and enabled:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("accent_soft"))
            painter.drawRoundedRect(rect.adjusted(2, 1, -2, -1), 5, 5)
        faded = theme.mixed(colours.text_muted, colours.surface, 0.35)
        if entry.icon:
            ratio = painter.device().devicePixelRatioF()
            token = "text" if enabled else "text_muted"
            picture = icons.pixmap(entry.icon, 16, token, ratio)
            painter.setOpacity(1.0 if enabled else 0.5)
            painter.drawPixmap(rect.left() + 12, rect.center().y() - 7, picture)
            painter.setOpacity(1.0)
        title = rect.adjusted(40, 0, -120, 0)
        painter.setFont(fonts.text(13.0))
        painter.setPen(colours.colour("text") if enabled else faded)
        words = painter.fontMetrics().elidedText(
            index.data(), Qt.TextElideMode.ElideRight, title.width()
        )
        painter.drawText(title, int(Qt.AlignmentFlag.AlignVCenter), words)
        if entry.shortcuts:
            keys = QKeySequence(entry.shortcuts[0])
            painter.setFont(fonts.text(12.0))
            painter.setPen(colours.colour("text_muted") if enabled else faded)
            painter.drawText(
                rect.adjusted(0, 0, -14, 0),
                int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight),
                keys.toString(QKeySequence.SequenceFormat.NativeText),
            )
        painter.restore()
