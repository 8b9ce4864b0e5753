"""Eliminations side by side: a lane for each order, a block for each elimination in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from visualad.gui import fonts, theme

ROW = 21
GAP = 12
_MOST = 460.0  # px of the longest lane


@dataclass(frozen=True)
class Lane:
    """One order.

    Attributes:
        label: whose it is; token: colour token of its blocks.
        blocks: name of the vertex and multiplications of each elimination.
        total: what is written at its end; strong: whether it stands out.
        length: multiplications of the whole lane, of which `blocks` may be a part.
    """

    label: str
    token: str
    blocks: tuple[tuple[str, int], ...]
    total: str
    strong: bool = False
    length: int = 0


class Lanes(QWidget):
    """Paints lanes; each block is as long as its multiplications."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("elimination_lanes")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.lanes: Sequence[Lane] = ()
        theme.theme_changed.connect(self.update)

    def show_lanes(self, lanes: Sequence[Lane]) -> None:
        """Show these."""
        if tuple(lanes) == tuple(self.lanes):
            return
        self.lanes = tuple(lanes)
        self.setAccessibleDescription("; ".join(f"{x.label}: {x.total}" for x in lanes))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, ROW * max(len(self.lanes), 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, ROW * max(len(self.lanes), 1))

    def _widths(self) -> tuple[float, float, float]:
        """Of the labels, the blocks and the totals."""
        left = max((fonts.width(x.label, 12.5) for x in self.lanes), default=0.0)
        bold = fonts.Weight.DemiBold
        right = max((fonts.width(x.total, 12.5, bold) for x in self.lanes), default=0.0)
        return left, min(max(self.width() - left - right - 2 * GAP, 10.0), _MOST), right

    def _blocks(self, number: int) -> list[tuple[QRectF, str, int]]:
        """Rectangle, name and cost of each block of a lane."""
        left, room, _ = self._widths()
        longest = max((self._length(lane) for lane in self.lanes), default=0) or 1
        x = left + GAP
        found = []
        for name, cost in self.lanes[number].blocks:
            width = room * cost / longest
            found.append((QRectF(x, number * ROW + 2, width, ROW - 4), name, cost))
            x += width
        return found

    @staticmethod
    def _length(lane: Lane) -> int:
        return max(lane.length, sum(cost for _, cost in lane.blocks))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = theme.current()
        left, room, right = self._widths()
        longest = max((self._length(lane) for lane in self.lanes), default=0) or 1
        middle = Qt.AlignmentFlag.AlignVCenter
        for number, lane in enumerate(self.lanes):
            top = number * ROW
            painter.setPen(QColor(shown.text if lane.strong else shown.text_muted))
            weight = fonts.Weight.DemiBold if lane.strong else fonts.Weight.Normal
            painter.setFont(fonts.text(12.5, weight))
            painter.drawText(QRectF(0, top, left + 2, ROW), middle, lane.label)
            whole = QRectF(left + GAP, top + 2, room * self._length(lane) / longest, ROW - 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shown.colour("hover"))
            painter.drawRoundedRect(whole, 3, 3)
            for place, (area, name, _) in enumerate(self._blocks(number)):
                self._paint_block(painter, lane, area, name, odd=place % 2 == 1)
            painter.setPen(QColor(shown.text))
            painter.setFont(fonts.text(12.5, fonts.Weight.DemiBold))
            where = QRectF(whole.right() + GAP, top, right + 4, ROW)
            painter.drawText(where, middle | Qt.AlignmentFlag.AlignLeft, lane.total)
        painter.end()

    def _paint_block(
        self, painter: QPainter, lane: Lane, area: QRectF, name: str, *, odd: bool
    ) -> None:
        shown = theme.current()
        colour = QColor(getattr(shown, lane.token))
        if area.width() < 0.5:
            return
        inner = area.adjusted(0, 0, -1.5 if area.width() > 6 else 0, 0)
        painter.setPen(Qt.PenStyle.NoPen)
        fill = QColor(colour)
        if not lane.strong:
            fill.setAlphaF(0.38 if odd else 0.5)
        elif odd:
            fill.setAlphaF(0.86)
        painter.setBrush(fill)
        painter.drawRoundedRect(inner, 3, 3)
        painter.setFont(fonts.text(11.0, fonts.Weight.DemiBold))
        if painter.fontMetrics().horizontalAdvance(name) + 6 <= inner.width():
            painter.setPen(QColor(shown.on_accent if lane.strong else shown.text))
            painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, name)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            for number, lane in enumerate(self.lanes):
                for area, name, cost in self._blocks(number):
                    if area.contains(event.pos().toPointF()):
                        words = f"{lane.label}: {name} costs {cost}"
                        QToolTip.showText(event.globalPos(), words, self)
                        return True
            QToolTip.hideText()
            return True
        return super().event(event)
