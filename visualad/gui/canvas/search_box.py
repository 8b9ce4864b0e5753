"""The small window at the mouse in which a node is found by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from visualad.gui import fonts, theme
from visualad.gui.canvas import catalogue
from visualad.ops.declaration import Operation

ROW = 40
SHOWN = 8
WIDTH = 360
_MOST_RECENT = 8


class SearchBox(QFrame):
    """A field and the node types that fit; Enter takes the chosen one, Escape closes.

    It lies on the canvas itself, so it never steals the focus from the window.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = parent
        self.setObjectName("node_search")
        self.setAccessibleName("Add a node")
        self.recent: list[str] = []
        self._operations: Sequence[Operation] | None = None
        self._take: Callable[[str], object] = lambda name: None
        self.field = QLineEdit()
        self.field.setObjectName("node_search_field")
        self.field.setAccessibleName("Search nodes")
        self.field.setPlaceholderText("Search nodes…")
        self.field.setMinimumHeight(30)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self.list = QListWidget()
        self.list.setObjectName("node_search_list")
        self.list.setAccessibleName("Nodes")
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(lambda item: self._accept())
        self.nothing = QLabel()
        self.nothing.setObjectName("node_search_nothing")
        self.nothing.setWordWrap(True)
        self.nothing.setMargin(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(7, 7, 7, 7)
        column.setSpacing(5)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self.nothing)
        self.hide()

    def open(
        self,
        at: QPoint,
        take: Callable[[str], object],
        operations: Sequence[Operation] | None = None,
        placeholder: str = "Search nodes…",
    ) -> None:
        """Show it at a point of the parent.

        Args:
            take: called with the name of the chosen node type.
            operations: to choose among; all for None.
        """
        shown = theme.current()
        self.setStyleSheet(
            f"#node_search {{ background: {shown.surface}; border: 1px solid {shown.border};"
            " border-radius: 8px; }"
            f" QLabel {{ color: {shown.text_muted}; }}"
        )
        self._take, self._operations = take, operations
        self.field.setPlaceholderText(placeholder)
        self.field.clear()
        self._search("")
        self.setFixedSize(WIDTH, SHOWN * ROW + 52)
        area = self._canvas.rect()
        x = min(at.x(), area.right() - self.width() - 8)
        y = min(at.y(), area.bottom() - self.height() - 8)
        self.move(max(x, 8), max(y, 8))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_box(self) -> None:
        """Hide it and give the focus back."""
        if self.isHidden():
            return
        had_focus = self.field.hasFocus()
        self.hide()
        if had_focus:
            self._canvas.setFocus(Qt.FocusReason.PopupFocusReason)

    def _search(self, typed: str) -> None:
        found = catalogue.search(typed, self._operations, self.recent)
        if not typed.strip() and self.recent:
            place = {name: number for number, name in enumerate(self.recent)}
            found.sort(key=lambda op: place.get(op.name, len(place)))
        self.list.clear()
        for declared in found:
            item = QListWidgetItem(declared.label)
            item.setData(Qt.ItemDataRole.UserRole, declared)
            item.setToolTip(declared.doc)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)
        if not found:
            words = (
                f"No node is called “{typed.strip()}”." if typed.strip() else "No node fits here."
            )
            self.nothing.setText(words)

    def _accept(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        name = item.data(Qt.ItemDataRole.UserRole).name
        self.recent = [name, *(n for n in self.recent if n != name)][:_MOST_RECENT]
        self.close_box()
        self._take(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = event.type() == QEvent.Type.KeyPress and watched is self.field
        if pressed and isinstance(event, QKeyEvent) and self._key(Qt.Key(event.key())):
            return True
        if watched is self.field and event.type() == QEvent.Type.FocusOut:
            assert isinstance(event, QFocusEvent)
            if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
                self.hide()
        return super().eventFilter(watched, event)

    def _key(self, key: Qt.Key) -> bool:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Tab: 1,
            Qt.Key.Key_Backtab: -1,
            Qt.Key.Key_PageDown: SHOWN,
            Qt.Key.Key_PageUp: -SHOWN,
        }
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._accept()
        elif key == Qt.Key.Key_Escape:
            self.close_box()
        elif key in steps and self.list.count():
            row = self.list.currentRow() + steps[key]
            if abs(steps[key]) == 1:
                row %= self.list.count()
            self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
        else:
            return False
        return True


class _Rows(QStyledItemDelegate):
    """Symbol, name and one line of explanation."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(WIDTH - 24, ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        shown = theme.current()
        declared = index.data(Qt.ItemDataRole.UserRole)
        state, rect = option.state, option.rect  # type: ignore[attr-defined]
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shown.colour("accent_soft"))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 5, 5)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, shown.colour("hover"))
        symbol = QRect(rect.left() + 6, rect.top(), 46, rect.height())
        painter.setPen(shown.colour("accent"))
        size = 15 if len(declared.symbol) <= 2 else 11 if len(declared.symbol) <= 5 else 9
        painter.setFont(fonts.text(size, fonts.Weight.DemiBold))
        words = fonts.metrics(size, fonts.Weight.DemiBold).elidedText(
            declared.symbol, Qt.TextElideMode.ElideRight, symbol.width()
        )
        painter.drawText(symbol, Qt.AlignmentFlag.AlignCenter, words)
        left, width = rect.left() + 60, rect.width() - 70
        name = QRect(left, rect.top() + 3, width, 18)
        painter.setPen(shown.colour("text"))
        painter.setFont(fonts.text(13, fonts.Weight.Medium))
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, declared.label)
        painter.setPen(shown.colour("text_muted"))
        painter.setFont(fonts.text(11))
        line = fonts.metrics(11).elidedText(
            catalogue.summary(declared), Qt.TextElideMode.ElideRight, width
        )
        painter.drawText(QRect(left, rect.top() + 20, width, 16), 0, line)
        painter.restore()
