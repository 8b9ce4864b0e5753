"""What a picture of a graph consists of, before any format: boxes and curves with their texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.evaluate import evaluate_partly
from visualad.errors import GraphError
from visualad.exchange import routes
from visualad.exchange.reach import reachable
from visualad.graph.formula import expression
from visualad.graph.layout import layered_layout
from visualad.graph.model import Edge, Graph, Node
from visualad.ops.expression import Expression, Name

# Sizes in px at 100 %, as on the canvas.
BOX_WIDTH, BOX_HEIGHT = 150.0, 60.0
PORTS_TOP, PORTS_BOTTOM = 0.3, 0.7  # ports spread over this part of the box's height
MARGIN = 24.0
# With more edges their ways around boxes are not looked for.
MOST_ROUTED = 600

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A node: `x`, `y` is its top left corner; `value` is None when it could not be computed."""

    node: Node
    x: float
    y: float
    expression: Expression
    value: Any
    is_output: bool


@dataclass(frozen=True)
class Curve:
    """An edge as Bézier curves from the right of its source to a port of its target.

    Attributes:
        points: p₀, c, c, p₁, c, c, p₂, ...: cubic curves, joined smoothly; one if the way is free.
    """

    edge: Edge
    points: tuple[Point, ...]

    @property
    def pieces(self) -> Iterator[tuple[Point, Point, Point]]:
        """Both control points and the end of each cubic curve."""
        for i in range(1, len(self.points), 3):
            yield self.points[i], self.points[i + 1], self.points[i + 2]


@dataclass(frozen=True)
class Drawing:
    """Boxes and curves inside a rectangle from (0, 0) to (width, height), y pointing down.

    Attributes:
        box_height: of every box.
    """

    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    width: float
    height: float
    box_height: float = BOX_HEIGHT


def draw(graph: Graph, box_height: float = BOX_HEIGHT) -> Drawing:
    """Place every node where the graph has it, or lay it out where nothing has a place yet.

    Values are those at the point stored in the graph's inputs; what depends on an input without
    a stored value has none.
    """
    open_ids = [node.id for node in graph.nodes if node.is_leaf and node.value is None]
    unknown = reachable(graph, open_ids, forward=True)
    values = {k: v for k, v in evaluate_partly(graph).values.items() if k not in unknown}
    places = _places(graph)
    outputs = set(graph.output_ids)
    boxes = tuple(
        Box(
            node,
            *places[node.id],
            node_expression(graph, node),
            values.get(node.id),
            node.id in outputs,
        )
        for node in graph.nodes
    )
    curves = tuple(_curves(graph, places, box_height))
    right = max((x for x, _ in places.values()), default=0.0) + BOX_WIDTH + MARGIN
    bottom = max((y for _, y in places.values()), default=0.0) + box_height + MARGIN
    return Drawing(boxes, curves, right, bottom, box_height)


def node_expression(graph: Graph, node: Node) -> Expression:
    """What a node computes from the nodes before it: `x1*x2`; `mul(?)` with ports still open."""
    try:
        return expression(graph, node.id)
    except GraphError:
        return Name(f"{node.op}(?)")


def _places(graph: Graph) -> dict[str, Point]:
    places = {node.id: node.position for node in graph.nodes}
    if len(set(places.values())) < len(places):
        places = dict(layered_layout(graph))
    left = min((x for x, _ in places.values()), default=0.0)
    top = min((y for _, y in places.values()), default=0.0)
    return {id_: (x - left + MARGIN, y - top + MARGIN) for id_, (x, y) in places.items()}


def _curves(graph: Graph, places: Mapping[str, Point], height: float) -> Iterator[Curve]:
    ends = [_ends(graph, edge, places, height) for edge in graph.edges]
    if len(ends) > MOST_ROUTED:
        for edge, (start, end) in zip(graph.edges, ends, strict=True):
            yield Curve(edge, tuple(routes.direct(start, end)))
        return
    boxes = rectangles(places.values(), height)
    chords = np.array([(*start, *end) for start, end in ends]).reshape(-1, 4)
    for edge, (start, end) in zip(graph.edges, ends, strict=True):
        yield Curve(edge, tuple(routes.route(start, end, boxes, chords)))


def rectangles(places: Iterable[Point], height: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Boxes with their top left corners there as (x0, y0, x1, y1), (n, 4)."""
    return np.array([(x, y, x + BOX_WIDTH, y + height) for x, y in places]).reshape(-1, 4)


def _ends(
    graph: Graph, edge: Edge, places: Mapping[str, Point], height: float
) -> tuple[Point, Point]:
    x, y = places[edge.source]
    start = x + BOX_WIDTH, y + height / 2
    x, y = places[edge.target]
    return start, (x, y + height * _port_height(graph.nodes_by_id[edge.target], edge.port))


def _port_height(node: Node, port: str) -> float:
    ports = node.ports
    if len(ports) < 2 or port not in ports:
        return 0.5
    return PORTS_TOP + (PORTS_BOTTOM - PORTS_TOP) * ports.index(port) / (len(ports) - 1)
