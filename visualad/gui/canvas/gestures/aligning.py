"""Where a card that is dragged comes to lie: on the grid, or in line with one that stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF

from visualad.gui.canvas.editing import snapped
from visualad.gui.canvas.exposure import corners, reaching

if TYPE_CHECKING:
    from visualad.gui.canvas.node_item import NodeItem
    from visualad.gui.canvas.view import CanvasView

_ALIGN = 6.0  # px on the screen within which a card springs into line with another
_GUIDE_OVER = 14.0
_AROUND = 400.0  # what is seen, where cards are looked for at once


class Aligning:
    """The cards in sight that stay while others are dragged."""

    def __init__(self, view: CanvasView, moving: set[NodeItem]) -> None:
        self._view = view
        self._moving = moving
        self._area = QRectF()
        self._bodies = np.zeros((0, 4))
        self._outputs = np.zeros(0)

    def place(self, card: NodeItem, at: QPointF) -> tuple[QPointF, list[QLineF]]:
        """Where the card goes when the mouse has it there, and lines to those it aligns with."""
        place = QPointF(*snapped(at))
        output = card.geometry.output.y()
        bodies, outputs = self._in_sight()
        beside = self._nearest(bodies[:, 0], at.x())
        level = self._nearest(outputs, at.y() + output)
        guides: list[QLineF] = []
        if beside is not None:
            place.setX(float(bodies[beside, 0]))
        if level is not None:
            place.setY(float(outputs[level]) - output)
        here = card.geometry.body.translated(place)
        if beside is not None:
            span = _rectangle(bodies[beside]).united(here)
            top, bottom = span.top() - _GUIDE_OVER, span.bottom() + _GUIDE_OVER
            guides.append(QLineF(place.x(), top, place.x(), bottom))
        if level is not None:
            span = _rectangle(bodies[level]).united(here)
            left, right = span.left() - _GUIDE_OVER, span.right() + _GUIDE_OVER
            y = float(outputs[level])
            guides.append(QLineF(left, y, right, y))
        return place, guides

    def _in_sight(self) -> tuple[Any, Any]:
        """Rectangles (n, 4) of the cards, and the heights of their outputs (n,)."""
        visible = self._view.visible_rect()
        if not self._area.contains(visible):
            self._area = visible.adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND)
            standing = [item for item in self._view.scene_.shown() if item not in self._moving]
            near = [item for item in standing if self._area.intersects(item.body())]
            self._bodies = corners([item.body() for item in near])
            self._outputs = np.array(
                [item.pos().y() + item.geometry.output.y() for item in near], dtype=float
            )
        seen = reaching(self._bodies, corners([visible]), 0.0)
        return self._bodies[seen], self._outputs[seen]

    def _nearest(self, places: Any, wanted: float) -> int | None:
        """Which of these is nearest to what is wanted, if it is near enough to spring there."""
        if not len(places):
            return None
        away = np.abs(places - wanted)
        best = int(away.argmin())
        return best if away[best] < _ALIGN / self._view.zoom else None


def _rectangle(body: Any) -> QRectF:
    x0, y0, x1, y1 = body.tolist()
    return QRectF(x0, y0, x1 - x0, y1 - y0)
