"""A layout like running text: widgets side by side, those that do not fit begin a new line."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

from visualad.gui import fonts
from visualad.gui.panels.parts import Text


class Flow(QLayout):
    """Lays its widgets out line by line, vertically centred in their line.

    Args:
        across, down: px between widgets of a line, and between lines.
    """

    def __init__(self, across: int = 6, down: int = 4, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._across, self._down = across, down
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay_out(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._lay_out(rect, move=True)

    def sizeHint(self) -> QSize:
        hints = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(hint.width() + self._across for hint in hints)
        return QSize(width, max((hint.height() for hint in hints), default=0))

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.minimumSize())
        return size

    def _lay_out(self, area: QRect, *, move: bool) -> int:
        """The height of all lines in an area; moves the widgets there when asked to."""
        top, line = area.top(), list[tuple[QLayoutItem, QSize]]()
        used = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = _size(item, area.width())
            if line and used + size.width() > area.width():
                top += self._place(line, area.left(), top, move=move) + self._down
                line, used = [], 0
            line.append((item, size))
            used += size.width() + self._across
        return top + self._place(line, area.left(), top, move=move) - area.top()

    def _place(
        self, line: list[tuple[QLayoutItem, QSize]], left: int, top: int, *, move: bool
    ) -> int:
        height = max((size.height() for _, size in line), default=0)
        for item, size in line if move else ():
            item.setGeometry(QRect(QPoint(left, top + (height - size.height()) // 2), size))
            left += size.width() + self._across
        return height


def _size(item: QLayoutItem, room: int) -> QSize:
    hint = item.sizeHint()
    if hint.width() <= room:
        return hint
    widget = item.widget()
    if widget is not None and widget.hasHeightForWidth():
        return QSize(room, widget.heightForWidth(room))
    return QSize(room, hint.height())


class Phrase(Text):
    """Text that stands on one line where there is room for all of it, and on several elsewhere."""

    def __init__(
        self, text: str = "", token: str = "text", size: float = 12.0, *, strong: bool = False
    ) -> None:
        weight = fonts.Weight.DemiBold if strong else fonts.Weight.Normal
        super().__init__(text, token, size, weight)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.fontMetrics().height())

    def setText(self, text: str) -> None:
        super().setText(text)
        self.updateGeometry()
