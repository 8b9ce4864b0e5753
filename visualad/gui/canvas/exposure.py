"""Which parts of an item are to be painted, and asking for few of them to be painted anew."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsScene

_MOST = 60  # parts; of more the rectangle around them all is painted, or repainted


def exposed(painter: QPainter, area: QRectF) -> list[QRectF]:
    """Rectangles of the item outside of which nothing is painted.

    Qt tells an item only the rectangle around them all: of two strips along the sides, everything.

    Args:
        area: that rectangle.
    """
    clip = painter.paintEngine().systemClip()
    if clip.isEmpty() or clip.rectCount() > _MOST:
        return [area]
    inverse, _ = painter.deviceTransform().inverted()
    parts = [inverse.mapRect(QRectF(part)) for part in clip]  # type: ignore[attr-defined]
    return [part for part in parts if part.intersects(area)]


def pixel_ratio(painter: QPainter) -> float:
    """Pixels of the device for one of the view; of a picture of the window others than of it."""
    ratio = painter.deviceTransform().m11() / max(painter.worldTransform().m11(), 1e-9)
    return round(ratio, 6)


def corners(areas: list[QRectF]) -> Any:
    """Rectangles as (x0, y0, x1, y1), (n, 4)."""
    return np.array(
        [(area.left(), area.top(), area.right(), area.bottom()) for area in areas], dtype=float
    ).reshape(-1, 4)


def reaching(boxes: Any, areas: Any, rim: float) -> Any:
    """Whether rectangles (..., 4) reach into one of the areas (n, 4), or are so near."""
    low, high = areas[:, :2] - rim, areas[:, 2:] + rim
    if not len(areas):
        return np.zeros(boxes.shape[:-1], bool)
    found = _meet(boxes, low.min(axis=0), high.max(axis=0))
    if len(areas) > 1:
        found[found] = _meet(boxes[found][:, None], low, high).any(axis=1)
    return found


def _meet(boxes: Any, low: Any, high: Any) -> Any:
    """Whether rectangles (..., 4) and those from low to high have points in common."""
    across = (boxes[..., 0] <= high[..., 0]) & (boxes[..., 2] >= low[..., 0])
    return across & (boxes[..., 1] <= high[..., 1]) & (boxes[..., 3] >= low[..., 1])


def passing(lines: Any, areas: Any, rim: float) -> Any:
    """Which of straight lines (x0, y0, x1, y1), (n, 4), pass through one of the areas: places.

    The rectangles around long lines cover much through which these do not pass.
    """
    ends = lines.reshape(-1, 2, 2)
    near = np.flatnonzero(
        reaching(np.concatenate([ends.min(axis=1), ends.max(axis=1)], axis=1), areas, rim)
    )
    x0, y0, x1, y1 = (lines[near, k, None, None] for k in range(4))
    low, high = areas[:, :2] - rim, areas[:, 2:] + rim
    x = np.stack([low[:, 0], high[:, 0], low[:, 0], high[:, 0]], axis=1)
    y = np.stack([low[:, 1], low[:, 1], high[:, 1], high[:, 1]], axis=1)
    # A line parts the corners of a rectangle that it passes through.
    side = (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
    return near[np.any((side.min(axis=2) <= 0) & (side.max(axis=2) >= 0), axis=1)]


def repaint(scene: QGraphicsScene, boxes: Any, visible: QRectF, *, rim: float) -> None:
    """Repaint rectangles (n, 4) and what is next to them, where they are visible.

    An item unites all that it is told to repaint: of two lines everything between.
    """
    seen = boxes[reaching(boxes, corners([visible]), rim)]
    low, high = seen[:, :2] - rim, seen[:, 2:] + rim
    if len(seen) > _MOST:
        low, high = low.min(axis=0, keepdims=True), high.max(axis=0, keepdims=True)
    for (x, y), (width, height) in zip(low.tolist(), (high - low).tolist(), strict=True):
        scene.update(QRectF(x, y, width, height))
