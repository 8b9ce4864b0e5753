"""A number for each layer on a logarithmic axis, with the bound that its neighbours set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from visualad.gui import fonts, theme
from visualad.gui.panels.log_ticks import log_label, log_ticks
from visualad.ops.writing import number_pretty

TOP, BOTTOM, LEFT, RIGHT = 22, 24, 46, 14
FLOOR = 1e-30  # what is smaller is drawn at the lower end


@dataclass(frozen=True)
class Bar:
    """A layer. Attributes: name; value; colour "#rrggbb"; bound or None."""

    name: str
    value: float
    colour: str
    bound: float | None = None


class LayerProfile(QWidget):
    """Bars by layer, from the inputs to the loss, and a dashed line for the bound."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("layer_profile")
        self.setAccessibleName(title)
        self.setMinimumSize(150, 110)
        self._title = title
        self._range = (-1.0, 0.0)
        self.bars: Sequence[Bar] = ()
        theme.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(260, 200)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these."""
        self.bars = tuple(bars)
        numbers = [v for bar in bars for v in (bar.value, bar.bound) if v is not None and v > FLOOR]
        if numbers:
            low, high = math.log10(min(numbers)), math.log10(max(numbers))
            wanted = (math.floor(low - 0.15), math.ceil(high + 0.05))
            wanted = (min(wanted[0], wanted[1] - 2), wanted[1])
            # The axis stays while the bars move within it, so that they can be seen to move.
            held_low, held_high = self._range
            if wanted[0] < held_low or wanted[0] > held_low + 1:
                held_low = wanted[0]
            if wanted[1] > held_high or wanted[1] < held_high - 1:
                held_high = wanted[1]
            self._range = (float(held_low), float(held_high))
        self.setAccessibleDescription(
            "; ".join(f"{bar.name}: {number_pretty(bar.value)}" for bar in bars)
        )
        self.update()

    def _height(self, value: float) -> float:
        """Where a value stands, in px from above."""
        low, high = self._range
        exponent = math.log10(max(value, FLOOR))
        share = min(max((exponent - low) / (high - low), 0.0), 1.0)
        return self.height() - BOTTOM - share * (self.height() - TOP - BOTTOM)

    def _columns(self) -> list[QRectF]:
        """The room of each bar."""
        count = max(len(self.bars), 1)
        width = (self.width() - LEFT - RIGHT) / count
        return [
            QRectF(LEFT + number * width, TOP, width, self.height() - TOP - BOTTOM)
            for number in range(len(self.bars))
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = theme.current()
        painter.fillRect(self.rect(), QColor(shown.surface))
        self._paint_axis(painter)
        columns = self._columns()
        every = self._every(columns)
        for number, (bar, room) in enumerate(zip(self.bars, columns, strict=True)):
            width = min(room.width() * 0.6, 34.0)
            top = self._height(bar.value)
            area = QRectF(room.center().x() - width / 2, top, width, room.bottom() - top)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(bar.colour))
            painter.drawRoundedRect(area, 2, 2)
            if number % every == 0:
                painter.setPen(QColor(shown.text_muted))
                painter.setFont(fonts.text(11.0))
                below = QRectF(room.center().x() - 40, room.bottom() + 3, 80, 18)
                painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, bar.name)
        self._paint_bound(painter, columns)
        painter.end()

    def _every(self, columns: Sequence[QRectF]) -> int:
        """Which of the names have room."""
        widest = max((fonts.width(bar.name, 11.0) for bar in self.bars), default=0.0) + 6
        return max(1, math.ceil(widest / columns[0].width())) if columns else 1

    def _paint_axis(self, painter: QPainter) -> None:
        shown = theme.current()
        low, high = self._range
        left, right = LEFT, self.width() - RIGHT
        painter.setFont(fonts.text(11.0))
        for exponent in log_ticks(low, high, self.height() - TOP - BOTTOM):
            y = self._height(10.0**exponent)
            painter.setPen(QPen(QColor(shown.plot_grid), 1))
            painter.drawLine(QPointF(left, y), QPointF(right, y))
            painter.setPen(QColor(shown.text_muted))
            where = QRectF(0, y - 9, left - 6, 18)
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(where, side, log_label(exponent))
        painter.setPen(QColor(shown.text_muted))
        painter.drawText(QRectF(8, 2, right, 18), Qt.AlignmentFlag.AlignLeft, self._title)

    def _paint_bound(self, painter: QPainter, columns: Sequence[QRectF]) -> None:
        points = [
            QPointF(room.center().x(), self._height(bar.bound))
            for bar, room in zip(self.bars, columns, strict=True)
            if bar.bound is not None
        ]
        if len(points) < 2:
            return
        # Light beneath, so that the dashes are seen on the bars as well.
        shown = theme.current()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(shown.surface), 3.5))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(QPen(QColor(shown.error), 1.6, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF(points))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            for bar, room in zip(self.bars, self._columns(), strict=True):
                if room.left() <= event.pos().x() < room.right():
                    words = f"‖∂L/∂{bar.name}‖ = {number_pretty(bar.value)}"
                    if bar.bound is not None:
                        words += f"; slopes alone: {number_pretty(bar.bound)}"
                    QToolTip.showText(event.globalPos(), words, self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)
