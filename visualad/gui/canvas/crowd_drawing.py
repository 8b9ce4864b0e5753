"""How the nodes and edges of a large graph are drawn that have no items: in a few calls."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from visualad.gui import theme
from visualad.gui.canvas.geometry import HEIGHT, WIDTH

LOOKS = ("operation", "input", "data", "parameter", "constant", "output", "error")
MARKS = ("lit", "active", "selected")  # drawn last
_LONG = 8 * WIDTH  # of an edge, across
_LEAST_PX = 1.6  # of a block, so that a single node can be seen
_LEAST_MARK = 6.0  # px


def colours(shown: theme.Theme, mode: str) -> list[QColor]:
    """One for each of LOOKS and MARKS."""
    tokens = ("edge", "input", "data", "parameter", "constant", "output", "error")
    marks = [shown.colour("accent"), QColor(shown.mode(mode)), shown.colour("node_selected")]
    return [*(shown.colour(token) for token in tokens), *marks]


def least_mark(painter: QPainter) -> float:
    """How large a mark is at least, in scene units: one in a hundred thousand must be found."""
    return _LEAST_MARK / max(painter.worldTransform().m11(), 1e-9)


def draw_lines(
    painter: QPainter, shown: theme.Theme, lines: Any, *, smooth: bool, is_sample: bool
) -> None:
    """Edges (n, 4) as straight lines; paler when they stand for many others."""
    far_apart = np.abs(lines[:, 2] - lines[:, 0]) > _LONG
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
    # Those from band to band would hide all others.
    for chosen, alpha in ((far_apart, 0.12), (~far_apart, 0.4 if is_sample else 0.8)):
        colour = shown.colour("edge")
        colour.setAlphaF(alpha)
        pen = QPen(colour, 1.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines([QLineF(*ends) for ends in lines[chosen].tolist()])


def draw_blocks(
    painter: QPainter, shades: list[QColor], nodes: tuple[Any, Any], area: QRectF
) -> None:
    """Every node as a few pixels of one picture, which takes as long for any number.

    Args:
        nodes: rectangles (n, 4), and for each the number of its shade.
    """
    bodies, looks = nodes
    scale = painter.deviceTransform().m11()
    # Whole pixels of the view, so that parts that are painted at different times fit.
    left, top = math.floor(area.left() * scale), math.floor(area.top() * scale)
    width = math.ceil(area.right() * scale) - left
    height = math.ceil(area.bottom() * scale) - top
    pixels = blocks(bodies, looks, shades, scale, (left, top, width, height))
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    target = QRectF(left / scale, top / scale, width / scale, height / scale)
    painter.drawImage(target, image)


def draw_rectangles(
    painter: QPainter,
    shown: theme.Theme,
    shades: list[QColor],
    nodes: tuple[Any, Any],
    *,
    smooth: bool,
) -> None:
    """Nodes as rectangles, those with a mark last and so large that they are seen."""
    bodies, looks = nodes
    painter.setBrush(shown.colour("surface"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
    least = least_mark(painter)
    for look, colour in enumerate(shades):
        chosen = bodies[looks == look].tolist()
        if not chosen:
            continue
        is_marked = look >= len(LOOKS)
        pen = QPen(colour, 2.5 if is_marked else 1.2)
        pen.setCosmetic(True)
        painter.setPen(pen)
        rectangles = [QRectF(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in chosen]
        if is_marked:
            rectangles = [_at_least(rectangle, least) for rectangle in rectangles]
        painter.drawRects(rectangles)


def _at_least(area: QRectF, size: float) -> QRectF:
    across, down = max(0.0, size - area.width()) / 2, max(0.0, size - area.height()) / 2
    return area.adjusted(-across, -down, across, down)


def blocks(
    bodies: Any, looks: Any, colours: list[QColor], scale: float, area: tuple[int, int, int, int]
) -> Any:
    """A picture of rectangles as pixels, (height, width) of premultiplied ARGB.

    Args:
        bodies: (n, 4) in scene units; looks: for each the number of its colour.
        scale: pixels for a scene unit.
        area: left, top, width and height of the picture in pixels.
    """
    x0, y0, width, height = area
    picture = np.zeros((height, width), np.uint32)
    across, down = max(WIDTH * scale, _LEAST_PX), max(HEIGHT * scale, _LEAST_PX)
    left = np.floor(bodies[:, 0] * scale).astype(np.int64) - x0
    top = np.floor(bodies[:, 1] * scale).astype(np.int64) - y0
    palette = np.array([colour.rgba() for colour in colours], np.uint32)[looks]
    flat = picture.reshape(-1)
    for dy in range(max(1, int(down))):
        y = top + dy
        for dx in range(max(1, int(across))):
            x = left + dx
            inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
            flat[y[inside] * width + x[inside]] = palette[inside]
    return picture
