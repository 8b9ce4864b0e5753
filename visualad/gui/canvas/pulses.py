"""The dots that carry derivatives along the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.gui import theme
from visualad.gui.canvas.derivation import Moment

if TYPE_CHECKING:
    from visualad.gui.canvas.scene import CanvasScene

PULSE_LAYER = 4.0


class Pulses:
    """As many dots as are on their way, each on its line."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._items: list[PulseItem] = []

    def show(self, now: Moment) -> None:
        """Where they are at this moment."""
        while len(self._items) < len(now.pulses):
            self._items.append(PulseItem(now.mode))
            self._scene.addItem(self._items[-1])
        for item, pulse in zip(self._items, now.pulses, strict=False):
            line = self._scene.wiring.line_of(pulse.edge)
            item.setVisible(line is not None)
            if line is not None:
                item.mode = now.mode
                share = 1 - pulse.share if pulse.backwards else pulse.share
                item.setPos(line.path.pointAtPercent(share))
        for item in self._items[len(now.pulses) :]:
            item.hide()

    def items(self) -> list[PulseItem]:
        """The pulses there are, on their way or hidden."""
        return self._items


class PulseItem(QGraphicsItem):
    """A dot with a pale halo, on its way along an edge."""

    _RADIUS = 13.0

    def __init__(self, mode: str) -> None:
        super().__init__()
        self.mode = mode
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(PULSE_LAYER)

    def boundingRect(self) -> QRectF:
        radius = self._RADIUS + 1
        return QRectF(-radius, -radius, 2 * radius, 2 * radius)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        colour = QColor(theme.current().mode(self.mode))
        painter.setPen(Qt.PenStyle.NoPen)
        halo = QColor(colour)
        halo.setAlphaF(0.24)
        painter.setBrush(halo)
        painter.drawEllipse(QPointF(0, 0), self._RADIUS, self._RADIUS)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(0, 0), 7, 7)
