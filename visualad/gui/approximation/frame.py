"""Where numbers lie in the picture of the bumps, and the ticks of its axes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPolygonF


@dataclass(frozen=True)
class Frame:
    """The part of the plane that is seen.

    Attributes:
        x, y: ends of the axes; area: where they are drawn, in px.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    area: QRectF

    def place(self, x: float, y: float) -> QPointF:
        """Where a point is drawn."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return QPointF(
            self.area.left() + across * self.area.width(),
            self.area.bottom() - up * self.area.height(),
        )

    def polygon(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> QPolygonF:
        """Many points at once."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0]) * self.area.width()
        up = (y - self.y[0]) / (self.y[1] - self.y[0]) * self.area.height()
        places = zip(
            (self.area.left() + across).tolist(), (self.area.bottom() - up).tolist(), strict=True
        )
        return QPolygonF([QPointF(a, b) for a, b in places])

    def number(self, place: QPointF) -> tuple[float, float]:
        """The point that is drawn there."""
        across = (place.x() - self.area.left()) / max(self.area.width(), 1.0)
        up = (self.area.bottom() - place.y()) / max(self.area.height(), 1.0)
        return (
            self.x[0] + across * (self.x[1] - self.x[0]),
            self.y[0] + up * (self.y[1] - self.y[0]),
        )

    def inside(self, place: QPointF) -> QPointF:
        """The nearest place in the area."""
        return QPointF(
            min(max(place.x(), self.area.left()), self.area.right()),
            min(max(place.y(), self.area.top()), self.area.bottom()),
        )


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round numbers between two ends, about so many: steps of 1, 2 or 5 times a power of ten."""
    width = (high - low) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(width))
    step = next(s * power for s in (1.0, 2.0, 5.0, 10.0) if s * power >= width * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def around(low: float, high: float, share: float = 0.12) -> tuple[float, float]:
    """Ends with room on both sides."""
    room = share * (high - low) or 1.0
    return low - room, high + room
