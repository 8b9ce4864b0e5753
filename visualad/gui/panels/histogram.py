"""A histogram, painted with little work so that it may change often."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from visualad.gui import fonts, theme
from visualad.ops.writing import number_pretty

TOP, BOTTOM, LEFT, RIGHT = 12, 40, 44, 14
TICKS = 5


class Histogram(QWidget):
    """Bars over equal intervals of numbers."""

    def __init__(self, title: str, axis: str, parent: QWidget | None = None) -> None:
        """An empty one.

        Args:
            axis: title of the lower axis.
        """
        super().__init__(parent)
        self.setObjectName("histogram")
        self.setAccessibleName(title)
        self.setMinimumSize(150, 110)
        self._axis = axis
        self.low, self.high = 0.0, 1.0
        self.counts: Sequence[int] = ()
        theme.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(260, 200)

    def show_counts(self, low: float, high: float, counts: Sequence[int]) -> None:
        """Show how many numbers lie in each of the equal intervals from low to high."""
        if (low, high, counts) != (self.low, self.high, self.counts):
            self.low, self.high, self.counts = low, high, counts
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = theme.current()
        painter.fillRect(self.rect(), QColor(shown.surface))
        inside = QRectF(self.rect()).adjusted(LEFT, TOP, -RIGHT, -BOTTOM)
        most = max(self.counts, default=0) or 1
        painter.setFont(fonts.text(11.0))
        for count in sorted({0, most // 2, most}):
            y = inside.bottom() - inside.height() * count / most
            painter.setPen(QPen(QColor(shown.plot_grid), 1))
            painter.drawLine(QPointF(inside.left(), y), QPointF(inside.right(), y))
            painter.setPen(QColor(shown.text_muted))
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 9, LEFT - 6, 18), side, f"{count:,}")
        width = inside.width() / max(len(self.counts), 1)
        gap = 1.0 if width > 4 else 0.0
        for number, count in enumerate(self.counts):
            if count:
                height = inside.height() * count / most
                left = inside.left() + number * width
                bar = QRectF(left, inside.bottom() - height, width - gap, height)
                painter.fillRect(bar, QColor(shown.accent))
        painter.setPen(QColor(shown.text_muted))
        for number in range(TICKS):
            share = number / (TICKS - 1)
            x = inside.left() + share * inside.width()
            text = number_pretty(self.low + share * (self.high - self.low), 2)
            where = QRectF(x - 40, inside.bottom() + 3, 80, 16)
            painter.drawText(where, Qt.AlignmentFlag.AlignHCenter, text)
        below = QRectF(inside.left(), inside.bottom() + 19, inside.width(), 18)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._axis)
        painter.end()
