"""The edges of the web page: their heads, their texts, and what cross mode makes of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from visualad.autodiff.moves import has_edges
from visualad.autodiff.steps import FillIn, Step, Sweep
from visualad.errors import GraphError
from visualad.exchange import routes
from visualad.exchange.drawing import BOX_WIDTH, Drawing, Point, rectangles
from visualad.exchange.edge_texts import Writings, fill_in_texts, partial_texts
from visualad.exchange.label_places import Wish, place
from visualad.exchange.svg import path_data, readable
from visualad.exchange.words import minus
from visualad.graph.model import Graph
from visualad.ops.writing import name_pretty, number_text

EdgeKey = tuple[str, str, str]
Rectangle = tuple[float, float, float, float]

LABELLED = 250  # edges; with more no edge has a text
_HEAD = 8.0
_CHARACTER, _LINE = 6.8, 14.0  # of a text of 11 px
_TARGET = 22.0  # where fill-in edges arrive: between the ports, below the top of the card


def head(points: Sequence[Point]) -> str:
    """The arrow head at the end of an edge, as the `points` of an SVG polygon."""
    (bx, by), (ex, ey) = points[-2], points[-1]
    length = max(math.hypot(ex - bx, ey - by), 1e-6)
    ux, uy = (ex - bx) / length, (ey - by) / length
    back = ex - ux * _HEAD, ey - uy * _HEAD
    side = -uy * _HEAD / 2, ux * _HEAD / 2
    corners = (
        (ex, ey),
        (back[0] + side[0], back[1] + side[1]),
        (back[0] - side[0], back[1] - side[1]),
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


class Labels:
    """The texts of edges and where they are: each is placed once and stays there.

    Entries are lists for the page: key of the edge, lines of the text, centre x and y.

    Attributes:
        base: entries of the edges of the graph; none for more edges than `LABELLED`.
    """

    def __init__(self, graph: Graph, drawing: Drawing, found: Sweep) -> None:
        self._names = {node.id: node.name for node in graph.nodes}
        self._drawing = drawing
        self._corners = {box.node.id: (box.x, box.y) for box in drawing.boxes}
        self._curves = {
            (c.edge.source, c.edge.target, c.edge.port): c.points for c in drawing.curves
        }
        self._taken: dict[EdgeKey, Rectangle] = {}
        self.base: list[list[Any]] = []
        if len(self._curves) <= LABELLED:
            writings = {
                key: partial_texts(found.edge_formulas.get(key), found.edge_partials.get(key))
                for key in self._curves
            }
            self.base = self._placed(writings, self._curves)

    def after(self, elimination: Elimination, step: Step, keep: str = "") -> list[list[Any]]:
        """Entries of the edges that a step has made or changed; theirs replace older ones.

        Args:
            keep: id of an eliminated vertex that is still shown with the texts at its edges.
        """
        if len(self._curves) > LABELLED:
            return []
        pairs = {(fill.source, fill.target) for fill in step.fill_ins}
        away = elimination.away - {keep}
        self._taken = {
            key: rectangle
            for key, rectangle in self._taken.items()
            if key[:2] not in pairs
            and (key[0] == keep or key[1] == keep or elimination.stands(key[0], key[1]))
        }
        self._corners = {i: c for i, c in self._corners.items() if i not in away}
        drawn = {key[:2]: key for key in reversed(self._curves)}
        writings: dict[EdgeKey, Writings] = {}
        ways: dict[EdgeKey, Sequence[Point]] = {}
        for pair in sorted(pairs & elimination.made.keys()):
            key = drawn.get(pair, (*pair, ""))
            after = elimination.made[pair].after
            writings[key] = fill_in_texts(self._names[pair[0]], self._names[pair[1]], after)
            ways[key] = self._curves[key] if pair in drawn else elimination.points[pair]
        return self._placed(writings, ways)

    def _placed(
        self, writings: Mapping[EdgeKey, Writings], ways: Mapping[EdgeKey, Sequence[Point]]
    ) -> list[list[Any]]:
        keys = [key for key, texts in writings.items() if texts]
        cards = rectangles(self._corners.values(), self._drawing.box_height)
        standing = np.array(list(self._taken.values())).reshape(-1, 4)
        wishes = [_wish(ways[key], writings[key]) for key in keys]
        found = []
        for key, wish, where in zip(
            keys, wishes, place(wishes, cards, standing=standing), strict=True
        ):
            (x, y), (width, height) = where.centre, wish.sizes[where.writing]
            y = min(y, self._drawing.height - height / 2)
            self._taken[key] = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            lines = [readable(line) for line in writings[key][where.writing]]
            found.append(["\x00".join(key), lines, round(x, 1), round(y, 1)])
        return found


def way(corners: Mapping[str, Point], source: str, target: str, height: float) -> tuple[Point, ...]:
    """The way of a fill-in edge between two cards, past the others."""
    x, y = corners[source]
    start = x + BOX_WIDTH, y + height / 2
    x, y = corners[target]
    end = x, y + _TARGET
    return tuple(routes.route(start, end, rectangles(corners.values(), height)))


def _wish(points: Sequence[Point], texts: Writings) -> Wish:
    sizes = [(max(map(len, lines)) * _CHARACTER + 6, len(lines) * _LINE) for lines in texts]
    return Wish(routes.samples(list(points)), sizes)


class Elimination:
    """The linearised graph while its vertices are eliminated one after the other.

    Attributes:
        gone: ids of the eliminated vertices.
        made: the edges that stand and were made or changed, by source and target.
        points: the way of every edge that was ever made, by source and target.
    """

    def __init__(self, graph: Graph, found: Sweep, drawing: Drawing) -> None:
        if has_edges(found.order):
            raise GraphError(
                "Web pages and TikZ eliminate nodes only; take the single edges back, "
                "or export a film or the trace table instead."
            )
        self._graph, self._found, self._height = graph, found, drawing.box_height
        self._corners = {box.node.id: (box.x, box.y) for box in drawing.boxes}
        self._base = {(source, target) for source, target, _ in found.edge_partials}
        self._drawn = {(edge.source, edge.target) for edge in graph.edges}
        self._costs: dict[str, int] = {}
        self._outputs = frozenset(graph.output_ids)
        self.gone: set[str] = set()
        self.made: dict[tuple[str, str], FillIn] = {}
        self.points: dict[tuple[str, str], tuple[Point, ...]] = {}

    @property
    def ways(self) -> dict[str, list[str]]:
        """Path and arrow head of every edge that was ever made, by its key in the page."""
        return {
            f"{source}\x00{target}\x00": [path_data(points), head(points)]
            for (source, target), points in self.points.items()
        }

    def advance(self, step: Step) -> list[dict[str, str]]:
        """Eliminate the vertex of a step; returns what happens to each edge."""
        fills = []
        away = self.away
        corners = {id_: corner for id_, corner in self._corners.items() if id_ not in away}
        for fill in step.fill_ins:
            pair = fill.source, fill.target
            self.made[pair] = fill
            if pair not in self._drawn and pair not in self.points:
                self.points[pair] = way(corners, *pair, self._height)
            fills.append({"source": fill.source, "target": fill.target, "text": self._text(fill)})
        self.gone.add(step.node)
        self._costs[step.node] = step.cost.multiplications
        self.made = {pair: fill for pair, fill in self.made.items() if self.stands(*pair)}
        return fills

    @property
    def away(self) -> set[str]:
        """The vertices that stand there no more; of an eliminated output only edges out go."""
        return self.gone - self._outputs

    def stands(self, source: str, target: str) -> bool:
        """Whether an edge between these is still there."""
        return source not in self.gone and (target not in self.gone or target in self._outputs)

    def _text(self, fill: FillIn) -> str:
        """How the partial on the edge comes about, for the trace table."""
        below, above = (self._graph.nodes_by_id[id_].name for id_ in (fill.source, fill.target))
        name = f"∂{name_pretty(above)}/∂{name_pretty(below)}"
        added, after = (minus(number_text(x)) for x in (fill.term.contribution, fill.after))
        if fill.created:
            same = after == minus(fill.term.numeric.text)
            return readable(
                f"{name} = {minus(fill.term.numeric.text)}" + ("" if same else f" = {after}")
            )
        return readable(f"{name} = {minus(number_text(fill.before))} + {added} = {after}")

    def rows(self) -> dict[str, list[str]]:
        """What each vertex costs: now, or did when it was eliminated. Label and words by node."""
        pairs = {pair for pair in self._base if self.stands(*pair)} | self.made.keys()
        inward = Counter(target for _, target in pairs)
        outward = Counter(source for source, _ in pairs)
        found: dict[str, list[str]] = {}
        for name in map(str, self._found.order):
            id_ = self._graph.id_of(name)
            if id_ in self.gone:
                found[id_] = ["eliminated", f"{self._costs[id_]} mul"]
            else:
                found[id_] = ["in × out", f"{inward[id_]} × {outward[id_]}"]
        return found
