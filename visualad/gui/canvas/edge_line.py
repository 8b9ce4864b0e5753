"""One edge of the canvas: its way, its state and how a line in that state is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from visualad.autodiff.steps import MODES
from visualad.exchange.routes import Route, samples
from visualad.graph.folding import EdgeKey
from visualad.gui.canvas.geometry import PORT_RADIUS

if TYPE_CHECKING:
    from visualad.gui.canvas.edge_layer import EdgeLayer

RIM = 6.0  # around a line, that its arrow and its halo need
_ARROW = 7.0
HEAD = PORT_RADIUS + 1 + _ARROW + 1  # from its end back to the base of its arrow


@dataclass(frozen=True)
class EdgeLook:
    """The state of an edge: see `Look` of nodes."""

    selected: bool = False
    lit: bool = False
    hovered: bool = False
    active: bool = False
    ghost: bool = False
    changed: bool = False  # elimination has changed its partial
    cut: bool = False  # the slicing line crosses it
    hidden: bool = False  # its end is being dragged elsewhere
    insertion: bool = False  # a node would be put onto it
    mode: str = ""


@dataclass(frozen=True, order=True)
class Stroke:
    """How a line is drawn; of two that cross, the greater one lies above.

    Attributes:
        token: of the colour in the theme.
        halo: a broad pale line below.
        double: two lines side by side, as of a fill-in.
    """

    strength: int
    width: float
    token: str
    opacity: float = 1.0
    dashed: bool = False
    halo: bool = False
    double: bool = False

    @property
    def reach(self) -> float:
        """From the middle of the line to where nothing of it is painted, at 50 % and above."""
        return (9.0 if self.halo else 4.6 if self.double else self.width) / 2 + 2.0


@lru_cache(maxsize=1024)
def stroke(look: EdgeLook, *, fill_in: bool = False) -> Stroke | None:
    """How an edge in this state is drawn; None for not at all."""
    if look.hidden:
        return None
    if look.cut:
        token = "error"
    elif look.active or fill_in or look.lit or look.changed:
        token = look.mode if look.mode in MODES else "accent"
    elif look.selected or look.insertion:
        token = "accent"
    else:
        token = "text_muted" if look.hovered else "edge"
    strong = look.active or look.selected or look.insertion
    clear = look.lit or look.hovered or look.changed
    return Stroke(
        strength=0 if look.ghost else 3 if strong else 2 if clear else 1,
        width=2.6 if strong else 2.0 if clear else 1.5,
        token=token,
        opacity=0.30 if look.ghost else 1.0,
        dashed=look.ghost or look.cut,
        halo=look.lit or look.insertion,
        double=fill_in,
    )


def painter_path(route: Route) -> QPainterPath:
    """A route as Qt draws it."""
    path = QPainterPath(QPointF(*route[0]))
    for i in range(1, len(route) - 2, 3):
        path.cubicTo(QPointF(*route[i]), QPointF(*route[i + 1]), QPointF(*route[i + 2]))
    return path


def arrow(route: Route) -> QPolygonF:
    """The head at the end of a route, its tip at the rim of the port."""
    (bx, by), (ex, ey) = route[-2], route[-1]
    length = max(math.hypot(ex - bx, ey - by), 1e-6)
    ux, uy = (ex - bx) / length, (ey - by) / length
    tip = (ex - ux * (PORT_RADIUS + 1), ey - uy * (PORT_RADIUS + 1))
    base = (tip[0] - ux * _ARROW, tip[1] - uy * _ARROW)
    side = (-uy * _ARROW * 0.5, ux * _ARROW * 0.5)
    return QPolygonF(
        [
            QPointF(*tip),
            QPointF(base[0] + side[0], base[1] + side[1]),
            QPointF(base[0] - side[0], base[1] - side[1]),
        ]
    )


class EdgeLine:
    """One edge; holds its key, its route and its state, and leaves painting to its layer."""

    def __init__(self, key: EdgeKey, layer: EdgeLayer, *, fill_in: bool = False) -> None:
        self.key = key
        self.fill_in = fill_in
        self.look = EdgeLook()
        self.route: Route = [(0.0, 0.0)] * 4
        self._layer = layer
        self._path: QPainterPath | None = None
        self._head: QPolygonF | None = None

    def set_look(self, **changes: object) -> None:
        """Change the state."""
        before = self.look
        if any(getattr(before, name) != value for name, value in changes.items()):
            self.look = replace(before, **changes)  # type: ignore[arg-type]
            self._layer.restyle(self)

    def take(self, route: Route) -> None:
        """Go another way; only for the layer, which repaints what that changes."""
        self.route = route
        self._path = self._head = None

    @property
    def stroke(self) -> Stroke | None:
        """How it is drawn in its state."""
        return stroke(self.look, fill_in=self.fill_in)

    @property
    def path(self) -> QPainterPath:
        """The curve."""
        if self._path is None:
            self._path = painter_path(self.route)
        return self._path

    @property
    def head(self) -> QPolygonF:
        """The arrow at its end."""
        if self._head is None:
            self._head = arrow(self.route)
        return self._head

    def points(self) -> np.ndarray:
        """Points along the edge, (n, 2)."""
        return samples(self.route)

    def bounds(self) -> QRectF:
        """All that it may paint."""
        return self.path.controlPointRect().adjusted(-RIM, -RIM, RIM, RIM)
