"""The edges of the web page: their heads, their texts, and what cross mode makes of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from visualad.autodiff.steps import FillIn, Step, Sweep
from visualad.exchange import routes
from visualad.exchange.drawing import BOX_WIDTH, Drawing, Point, rectangles
from visualad.exchange.edge_texts import Writings, fill_in_texts, partial_texts
from visualad.exchange.label_places import Wish, place
from visualad.exchange.svg import path_data, readable
from visualad.exchange.words import minus
from visualad.graph.model import Graph
from visualad.ops.writing import name_pretty, number_text

EdgeKey = tuple[str, str, str]

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


def labels(
    drawing: Drawing,
    found: Sweep,
    names: Mapping[str, str],
    elimination: Elimination | None = None,
) -> list[list[Any]]:
    """Key, lines and centre of the text of every edge that stands.

    Args:
        elimination: how far it has come; None before it begins.
    """
    made = elimination.made if elimination is not None else {}
    gone = elimination.gone if elimination is not None else set()
    wishes: list[Wish] = []
    said: list[tuple[str, Writings]] = []
    pairs: set[tuple[str, str]] = set()
    for curve in drawing.curves:
        edge = curve.edge
        pair = edge.source, edge.target
        if gone & set(pair) or pair in pairs & made.keys():
            continue
        pairs.add(pair)
        key = edge.source, edge.target, edge.port
        if pair in made:
            texts = fill_in_texts(names[pair[0]], names[pair[1]], made[pair].after)
        else:
            texts = partial_texts(found.edge_formulas.get(key), found.edge_partials.get(key))
        if texts:
            said.append(("\x00".join(key), texts))
            wishes.append(_wish(curve.points, texts))
    corners = {box.node.id: (box.x, box.y) for box in drawing.boxes if box.node.id not in gone}
    cards = rectangles(corners.values(), drawing.box_height)
    for (source, target), fill in made.items():
        if (source, target) not in pairs:
            texts = fill_in_texts(names[source], names[target], fill.after)
            said.append((f"{source}\x00{target}\x00", texts))
            assert elimination is not None
            wishes.append(_wish(elimination.points[source, target], texts))
    placed = place(wishes, cards)
    return [
        [
            key,
            [readable(line) for line in texts[where.writing]],
            round(where.centre[0], 1),
            round(min(where.centre[1], drawing.height - _LINE / 2), 1),
        ]
        for (key, texts), where in zip(said, placed, strict=True)
    ]


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

    def __init__(
        self, graph: Graph, found: Sweep, corners: Mapping[str, Point], height: float
    ) -> None:
        self._graph, self._found, self._height = graph, found, height
        self._corners = dict(corners)
        self._base = {(source, target) for source, target, _ in found.edge_partials}
        self._drawn = {(edge.source, edge.target) for edge in graph.edges}
        self._costs: dict[str, int] = {}
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
        corners = {id_: corner for id_, corner in self._corners.items() if id_ not in self.gone}
        for fill in step.fill_ins:
            pair = fill.source, fill.target
            self.made[pair] = fill
            if pair not in self._drawn and pair not in self.points:
                self.points[pair] = way(corners, *pair, self._height)
            fills.append({"source": fill.source, "target": fill.target, "text": self._text(fill)})
        self.gone.add(step.node)
        self._costs[step.node] = step.cost.multiplications
        self.made = {pair: fill for pair, fill in self.made.items() if step.node not in pair}
        return fills

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
        pairs = {pair for pair in self._base if not self.gone & set(pair)} | self.made.keys()
        inward = Counter(target for _, target in pairs)
        outward = Counter(source for source, _ in pairs)
        found: dict[str, list[str]] = {}
        for name in self._found.order:
            id_ = self._graph.id_of(name)
            if id_ in self.gone:
                found[id_] = ["eliminated", f"{self._costs[id_]} mul"]
            else:
                found[id_] = ["in × out", f"{inward[id_]} × {outward[id_]}"]
        return found
