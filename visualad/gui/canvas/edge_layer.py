"""Draws the edges of the canvas, and of each only the pieces that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.exchange.routes import Route
from visualad.graph.folding import EdgeKey
from visualad.gui import theme
from visualad.gui.canvas.edge_line import HEAD, RIM, EdgeLine, Stroke
from visualad.gui.canvas.edge_pieces import MOST, cut, segments
from visualad.gui.canvas.exposure import corners, exposed, pixel_ratio, reaching, repaint
from visualad.gui.canvas.still import Still

EDGE_LAYER, FILL_IN_LAYER = 1.0, 2.0
_MOST_DRAWN = 100  # edges that are drawn anew at every step of a drag


class EdgeLayer(QGraphicsItem):
    """All edges of a scene, or all fill-ins; painting a thousand items costs a call for each.

    The pieces of the curves and their rectangles stand in arrays, in which those are found that
    a rectangle shows.
    """

    def __init__(self, layer: float) -> None:
        super().__init__()
        self._edges: dict[EdgeKey, EdgeLine] = {}
        self._bounds = QRectF()
        self._visible = QRectF()
        # Of each edge, in their order: its first segment, its end and the number of its stroke.
        self._order: list[EdgeLine] = []
        self._row: dict[EdgeKey, int] = {}
        self._first = np.zeros(1, np.int64)
        self._ends = np.zeros((0, 2))
        self._looks = np.zeros(0, np.int64)
        self._strokes: list[Stroke | None] = []
        # Of each segment: its edge, its number, its pieces, their rectangles and one around them.
        self._owner = self._numbers = np.zeros(0, np.int64)
        self._pieces = np.zeros((0, MOST, 4, 2))
        self._boxes = np.zeros((0, MOST, 4))
        self._hulls = np.zeros((0, 4))
        self._is_stale = False
        self._still: Still | None = None
        self._moving: frozenset[EdgeKey] = frozenset()
        self._moves = np.zeros(0, bool)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setZValue(layer)

    # Edges ------------------------------------------------------------------------------------

    def add(self, key: EdgeKey, *, fill_in: bool = False) -> EdgeLine:
        """A new edge, which has no way yet."""
        edge = self._edges[key] = EdgeLine(key, self, fill_in=fill_in)
        self._restart()
        return edge

    def remove(self, key: EdgeKey) -> None:
        """Take an edge away."""
        del self._edges[key]
        self._restart()

    def lay(self, routes: Mapping[EdgeKey, Route]) -> None:
        """Let edges go these ways."""
        changed = {key: r for key, r in routes.items() if self._edges[key].route != r}
        if not changed:
            return
        same = not self._is_stale and all(
            len(route) == len(self._edges[key].route) for key, route in changed.items()
        )
        for key, route in changed.items():
            self._edges[key].take(route)
        if not same:
            self._restart()
            return
        if self._still is not None and not self._moving.issuperset(changed):
            self._still.forget()
        edges = np.array([self._row[key] for key in changed])
        self._ends[edges] = [route[-1] for route in changed.values()]
        rows = self._segments_of(edges)
        self._repaint(self._boxes[rows])
        self._pieces[rows], self._boxes[rows] = cut(segments(list(changed.values())))
        self._hulls[rows] = _around(self._boxes[rows])
        self._repaint(self._boxes[rows])

    def restyle(self, edge: EdgeLine) -> None:
        """The state of an edge has changed."""
        if self._is_stale:
            return
        if self._still is not None:
            self._still.forget()
        row = self._row[edge.key]
        self._looks[row] = self._number(edge.stroke)
        self._repaint(self._boxes[self._segments_of(np.array([row]))])

    def hold(self, moving: Iterable[EdgeKey]) -> None:
        """Until `release` only these edges move: of many others a picture is kept."""
        if len(self._edges) > _MOST_DRAWN:
            self._moving, self._still = frozenset(moving), Still()
            self._settle()
            self._find_moving()

    def release(self) -> None:
        """All edges may move."""
        self._still = None

    def _find_moving(self) -> None:
        self._moves = np.array([key in self._moving for key in self._row], bool)

    def keys_in(self, area: QRectF) -> list[EdgeKey]:
        """The edges that may reach into a rectangle, in their order."""
        self._settle()
        found = self._owner[self._seen(corners([area]), RIM) // MOST]
        return [self._order[row].key for row in _distinct(found)]

    def rect_around(self, area: QRectF) -> QRectF:
        """The rectangle around all edges and an area that most of them do not leave."""
        self._settle()
        (low, high), hulls = corners([area]).reshape(2, 2), self._hulls
        out = np.any(hulls[:, :2] < low, axis=1) | np.any(hulls[:, 2:] > high, axis=1)
        for row in _distinct(self._owner[out]):
            area = area.united(self._order[row].path.boundingRect())
        return area

    def _restart(self) -> None:
        self._is_stale = True
        self.update()

    def _settle(self) -> None:
        """Make the arrays anew."""
        if not self._is_stale:
            return
        self._is_stale = False
        self._order = list(self._edges.values())
        self._row = {edge.key: row for row, edge in enumerate(self._order)}
        counts = [len(edge.route) // 3 for edge in self._order]
        self._first = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
        self._owner = np.repeat(np.arange(len(counts)), counts)
        self._numbers = np.arange(len(self._owner))
        self._pieces, self._boxes = cut(segments([edge.route for edge in self._order]))
        self._hulls = _around(self._boxes)
        self._ends = np.array([edge.route[-1] for edge in self._order]).reshape(-1, 2)
        self._looks = np.array([self._number(edge.stroke) for edge in self._order], np.int64)
        if self._still is not None:
            self._still.forget()
            self._find_moving()

    def _number(self, stroke: Stroke | None) -> int:
        if stroke not in self._strokes:
            self._strokes.append(stroke)
        return self._strokes.index(stroke)

    def _segments_of(self, rows: Any) -> Any:
        """The places of the segments of these edges, one edge after another."""
        first, last = self._first[rows], self._first[rows + 1]
        return np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])

    # Repainting -------------------------------------------------------------------------------

    def set_bounds(self, bounds: QRectF) -> None:
        """The part of the scene in which there are edges."""
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds

    def show_visible(self, visible: QRectF) -> None:
        """The view shows this part now."""
        self._visible = visible

    def boundingRect(self) -> QRectF:
        return self._bounds

    def _repaint(self, boxes: Any) -> None:
        """Repaint around pieces: a long edge would have half of the view repainted for a line."""
        if self.isVisible():
            repaint(self.scene(), _around(boxes.reshape(-1, 4, 4)), self._visible, rim=RIM)

    # Painting ---------------------------------------------------------------------------------

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        self._settle()
        if not self._order:
            return
        area: QRectF = option.exposedRect  # type: ignore[attr-defined]
        if widget is None:  # a picture: whole curves, which are shorter to write down
            shown = theme.current()
            for edge in sorted(self._order, key=_strength):
                if edge.stroke is not None and edge.bounds().intersects(area):
                    self._paint_stroke(painter, shown, edge.stroke, [edge.path], [edge])
            return
        parts = exposed(painter, area)
        if self._still is None or not pixel_ratio(painter).is_integer():
            self._paint_parts(painter, parts)
            return

        def resting(brush: QPainter, whole: QRectF) -> None:
            self._paint_parts(brush, [whole], ~self._moves)

        self._still.draw(painter, widget, parts, resting)
        self._paint_parts(painter, parts, self._moves)

    def _paint_parts(
        self, painter: QPainter, parts: list[QRectF], among: Any = slice(None)
    ) -> None:
        """Paint what lies in the parts, of all edges or those of which `among` says so."""
        shown, limits = theme.current(), corners(parts)
        strokes = {number: self._strokes[number] for number in _distinct(self._looks)}
        used = sorted((stroke, number) for number, stroke in strokes.items() if stroke is not None)
        if not used:
            return
        places = self._seen(limits, max(stroke.reach for stroke, _ in used), among)
        heads = np.arange(len(self._order))[among]
        ends = self._ends[heads]
        heads = heads[reaching(np.concatenate([ends, ends], axis=1), limits, HEAD)]
        looks, ending = self._looks[self._owner[places // MOST]], self._looks[heads]
        for stroke, number in used:
            chosen = places[looks == number]
            if stroke.dashed or stroke.double:  # dashes begin at the source
                rows = _distinct(self._owner[chosen // MOST])
                paths = [self._order[row].path for row in rows]
            else:
                paths = self._cut_paths(chosen)
            edges = [self._order[row] for row in heads[ending == number].tolist()]
            if paths or edges:
                self._paint_stroke(painter, shown, stroke, paths, edges)

    def _seen(self, limits: Any, reach: float, among: Any = slice(None)) -> Any:
        """The places of the pieces that are so near to rectangles (n, 4), in their order.

        Args:
            among: whether each edge is asked about.
        """
        rows = self._numbers
        if not isinstance(among, slice):
            rows = rows[among[self._owner]]
        rows = rows[reaching(self._hulls[rows], limits, reach)]
        row, piece = np.nonzero(reaching(self._boxes[rows], limits, reach))
        return rows[row] * MOST + piece

    def _cut_paths(self, places: Any) -> list[QPainterPath]:
        """For each edge of these pieces a path; what follows each other is joined.

        One path of all edges would take Qt ten times as long.
        """
        paths: list[QPainterPath] = []
        path = QPainterPath()
        row, last = -1, -2
        owners = self._owner[places // MOST].tolist()
        pieces = self._pieces.reshape(-1, 8)[places].tolist()
        for place, owner, (x0, y0, *rest) in zip(places.tolist(), owners, pieces, strict=True):
            if owner != row:
                path = QPainterPath()
                paths.append(path)
            if owner != row or place != last + 1 or place % MOST == 0:
                path.moveTo(x0, y0)
            path.cubicTo(*rest)
            row, last = owner, place
        return paths

    def _paint_stroke(
        self,
        painter: QPainter,
        shown: theme.Theme,
        stroke: Stroke,
        paths: list[QPainterPath],
        edges: list[EdgeLine],
    ) -> None:
        colour = shown.colour(stroke.token)
        painter.setOpacity(stroke.opacity)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if stroke.halo:
            halo = QColor(colour)
            halo.setAlphaF(0.22)
            painter.setPen(QPen(halo, 9.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            for path in paths:
                painter.drawPath(path)
        if stroke.double:
            for path in paths:
                painter.setPen(QPen(colour, 4.6))
                painter.drawPath(path)
                painter.setPen(QPen(shown.colour("background"), 1.8))
                painter.drawPath(path)
        else:
            style = Qt.PenStyle.DashLine if stroke.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(colour, stroke.width, style))
            for path in paths:
                painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for edge in edges:
            painter.drawPolygon(edge.head)
        painter.setOpacity(1.0)


def _strength(edge: EdgeLine) -> int:
    """Of two edges the stronger one lies above."""
    return edge.stroke.strength if edge.stroke is not None else 0


def _around(boxes: Any) -> Any:
    """The rectangles around rows of rectangles: (n, m, 4) to (n, 4)."""
    return np.concatenate([boxes[..., :2].min(axis=1), boxes[..., 2:].max(axis=1)], axis=1)


def _distinct(numbers: Any) -> list[int]:
    """Each of these numbers from 0 on once, ascending; `np.unique` would import masked arrays."""
    found: list[int] = np.flatnonzero(np.bincount(numbers)).tolist()
    return found
