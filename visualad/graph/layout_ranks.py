"""The first step of the layout: columns, and lanes through them for long edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from visualad.graph.model import CONSTANT, DATA, PARAMETER, Graph

# More lane pieces than this cost more time than they bring order; then long edges get none.
_MOST_LANES = 6000


@dataclass(frozen=True)
class Link:
    """An edge between neighbouring columns.

    Attributes:
        source, target: node ids, or lane pieces `source id#rank`.
        port, ports: number of the port at the target, of how many; (0, 1) at a lane piece.
        aside: whether the source is a parameter or constant beside the node that uses it.
    """

    source: str
    target: str
    port: int
    ports: int
    aside: bool


@dataclass
class Layered:
    """Vertices (nodes and lane pieces) in columns; `order_layers` sorts the columns in place."""

    layers: list[list[str]]
    into: dict[str, list[Link]] = field(default_factory=dict)
    out_of: dict[str, list[Link]] = field(default_factory=dict)
    lanes: set[str] = field(default_factory=set)

    def link(self, link: Link) -> None:
        """Add an edge between neighbouring columns."""
        self.out_of[link.source].append(link)
        self.into[link.target].append(link)


def layered(graph: Graph, ids: Sequence[str]) -> Layered:
    """Columns by longest path; `ids` are in topological order."""
    chosen = set(ids)
    rank = _ranks(graph, ids, chosen)
    result = Layered([[] for _ in range(max(rank.values()) + 1)])
    for id_ in ids:
        _add(result, id_, rank[id_])
    spans = sum(
        rank[e.target] - rank[e.source] - 1
        for id_ in ids
        for e in graph.edges_into(id_)
        if e.source in chosen
    )
    for id_ in ids:
        edges = graph.edges_into(id_)
        for port, edge in enumerate(edges):
            if edge.source not in chosen:
                continue
            length = rank[id_] - rank[edge.source]
            if length > 1 and spans > _MOST_LANES:
                continue
            start = _lane(result, edge.source, rank[edge.source], rank[id_])
            aside = length == 1 and _stands_aside(graph, edge.source)
            result.link(Link(start, id_, port, len(edges), aside))
    return result


def _ranks(graph: Graph, ids: Sequence[str], chosen: set[str]) -> dict[str, int]:
    rank: dict[str, int] = {}
    for id_ in ids:
        sources = [e.source for e in graph.edges_into(id_) if e.source in chosen]
        deepest = max((rank[s] for s in sources if not _stands_aside(graph, s)), default=0)
        rank[id_] = deepest + 1 if sources else 0
    for id_ in ids:
        if _stands_aside(graph, id_):
            targets = [rank[e.target] for e in graph.edges_from(id_) if e.target in chosen]
            rank[id_] = max(0, min(targets, default=1) - 1)
    return rank


def _stands_aside(graph: Graph, id_: str) -> bool:
    """Whether a node belongs beside the one that uses it rather than in the first column."""
    node = graph.nodes_by_id[id_]
    targets = node.op == DATA and node.settings.get("role") == "targets"
    return node.op in (PARAMETER, CONSTANT) or targets


def _add(result: Layered, vertex: str, rank: int) -> None:
    result.layers[rank].append(vertex)
    result.into[vertex] = []
    result.out_of[vertex] = []


def _lane(result: Layered, source: str, start: int, end: int) -> str:
    """The vertex just before column `end` on the lane from `source`; edges share their lane."""
    previous = source
    for rank in range(start + 1, end):
        piece = f"{source}#{rank}"
        if piece not in result.into:
            _add(result, piece, rank)
            result.lanes.add(piece)
            result.link(Link(previous, piece, 0, 1, aside=False))
        previous = piece
    return previous
