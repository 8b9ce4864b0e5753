"""Layered layout from left to right: columns are the levels of the computation.

Ranks by longest path, order within a column by barycentres with port order (Sugiyama, Tagawa and
Toda 1981), long edges kept clear of nodes by a lane of their own, heights by weighted isotonic
regression. Nodes stay near where they were: an order that crosses no more edges is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from visualad.graph.layout_bands import banded_layout
from visualad.graph.layout_heights import ROW_GAP, heights
from visualad.graph.layout_order import order_layers
from visualad.graph.layout_ranks import Layered, layered
from visualad.graph.model import Graph

Point = tuple[float, float]

CARD = (150.0, 92.0)  # scene units that a node takes when its size is not given
COLUMN_GAP = 70.0
PORT_PITCH = 26.0  # from port to port; beside three of them a card has the usual height
WIDEST = 250.0  # a card does not grow beyond, however long its name is
_LETTER, _SMALL_LETTER, _MARGINS = 8.5, 6.5, 36.0  # of a name, of what stands beside it, around
MOST_LAYERED = 5_000  # nodes; more are laid out in bands


def layered_layout(
    graph: Graph,
    sizes: Mapping[str, tuple[float, float]] | None = None,
    ids: Iterable[str] | None = None,
    previous: bool = True,
) -> dict[str, Point]:
    """Top left corners by node id, for `edits.move`.

    Inputs stand in the first column, parameters and constants one column left of the node that
    uses them first. More than 5,000 nodes are laid out in bands; see `layout_bands`.

    Args:
        sizes: width and height by node id, in scene units; where there is none, about what the card
            of the node takes.
        ids: lay out only these nodes, about where they are, or, when they lie all in one place,
            beside the nodes that they are connected with. The others stay.
        previous: prefer an order like that of the present positions.
    """
    wanted = list(graph.order)
    if ids is not None:
        chosen = {graph.id_of(id_) for id_ in ids}
        wanted = [id_ for id_ in wanted if id_ in chosen]
    if not wanted:
        return {}
    size = {id_: (sizes or {}).get(id_) or _card(graph, id_) for id_ in wanted}
    before = {id_: graph.nodes_by_id[id_].position for id_ in wanted}
    placed = len(set(before.values())) > 1
    if len(wanted) > MOST_LAYERED:
        wide = max(width for width, _ in size.values())
        high = max(height for _, height in size.values())
        return banded_layout(graph, wanted, (wide + COLUMN_GAP, high + ROW_GAP))
    structure = layered(graph, wanted)
    order_layers(structure, {i: p[1] for i, p in before.items()} if previous and placed else {})
    middles = heights(structure, size)
    places = _with_columns(structure, middles, size)
    shift = _shift(graph, places, size, before if placed else None)
    return {
        id_: (float(round(x + shift[0])), float(round(y + shift[1])))
        for id_, (x, y) in places.items()
    }


def _card(graph: Graph, id_: str) -> tuple[float, float]:
    """About what the card of a node takes: long names make it wider, many ports higher.

    Up to half of the gap between columns no care is needed, so that short names change nothing.
    """
    node = graph.nodes_by_id[id_]
    symbol = node.operation.symbol if node.operation is not None else node.op
    sources = (graph.sources.get((id_, port)) for port in node.ports)
    names = [graph.nodes_by_id[source].name for source in sources if source is not None]
    name = _MARGINS + _LETTER * len(node.name)
    wanted = name + _SMALL_LETTER * (len(symbol) + sum(map(len, names)))
    if wanted > WIDEST:  # then the symbol of the operation stands alone
        wanted = min(name + _SMALL_LETTER * len(symbol), WIDEST)
    width = wanted if wanted > CARD[0] + COLUMN_GAP / 2 else CARD[0]
    return width, CARD[1] + PORT_PITCH * max(0, len(node.ports) - 2) * (len(node.ports) > 3)


def _with_columns(
    structure: Layered, middles: Mapping[str, float], size: Mapping[str, tuple[float, float]]
) -> dict[str, Point]:
    """Columns as wide as their widest node, each node in the middle of its column."""
    places: dict[str, Point] = {}
    left = 0.0
    for layer in structure.layers:
        nodes = [vertex for vertex in layer if vertex in size]
        widest = max((size[id_][0] for id_ in nodes), default=CARD[0])
        for id_ in nodes:
            width, height = size[id_]
            places[id_] = (left + (widest - width) / 2, middles[id_] - height / 2)
        left += widest + COLUMN_GAP
    top = min(y for _, y in places.values())
    return {id_: (x, y - top) for id_, (x, y) in places.items()}


def _shift(
    graph: Graph,
    places: Mapping[str, Point],
    size: Mapping[str, tuple[float, float]],
    before: Mapping[str, Point] | None,
) -> Point:
    """Where the layout's corner goes: where it was, else beside the neighbours, else (0, 0)."""
    if before is not None:
        return min(x for x, _ in before.values()), min(y for _, y in before.values())
    right_of: list[float] = []
    left_of: list[float] = []
    level: list[float] = []
    for id_, (x, y) in places.items():
        for edge in graph.edges_into(id_):
            if edge.source not in places:
                there = graph.nodes_by_id[edge.source].position
                right_of.append(there[0] + CARD[0] + COLUMN_GAP - x)
                level.append(there[1] - y)
        for edge in graph.edges_from(id_):
            if edge.target not in places:
                there = graph.nodes_by_id[edge.target].position
                left_of.append(there[0] - COLUMN_GAP - size[id_][0] - x)
                level.append(there[1] - y)
    if not level:
        return 0.0, 0.0
    across = max(right_of) if right_of else min(left_of)
    return across, _free_level(graph, places, size, across, sum(level) / len(level))


def _free_level(
    graph: Graph,
    places: Mapping[str, Point],
    size: Mapping[str, tuple[float, float]],
    across: float,
    wish: float,
) -> float:
    """The height nearest to the wish at which the layout lies on none of the other nodes."""
    others = [node.position for node in graph.nodes if node.id not in places]
    blocked: list[Point] = []  # heights from .. to at which some node would lie on another
    for id_, (x, y) in places.items():
        width, height = size[id_]
        for left, top in others:
            if left - width < x + across < left + CARD[0]:
                blocked.append((top - height - ROW_GAP - y, top + CARD[1] + ROW_GAP - y))
    free = [wish, *(end for span in blocked for end in span)]
    allowed = [h for h in free if not any(low < h < high for low, high in blocked)]
    return min(allowed, key=lambda height: abs(height - wish))
