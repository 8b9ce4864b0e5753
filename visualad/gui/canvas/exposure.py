"""Which parts of an item are to be painted; after scrolling they are narrow strips."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter


def exposed(painter: QPainter, area: QRectF, most: int) -> Any:
    """Rectangles (x0, y0, x1, y1) of the item, (n, 4), outside of which nothing is painted.

    Qt tells an item only the rectangle around them all: of two strips along the sides, everything.

    Args:
        area: that rectangle; `most`: with more rectangles it is the answer.
    """
    clip = painter.paintEngine().systemClip()
    if clip.isEmpty() or clip.rectCount() > most:
        return corners([area])
    inverse, _ = painter.deviceTransform().inverted()
    parts = [inverse.mapRect(QRectF(part)).intersected(area) for part in clip]  # type: ignore[attr-defined]
    return corners([part for part in parts if not part.isEmpty()])


def corners(areas: list[QRectF]) -> Any:
    """Rectangles as (n, 4)."""
    return np.array(
        [(area.left(), area.top(), area.right(), area.bottom()) for area in areas], dtype=float
    ).reshape(-1, 4)
