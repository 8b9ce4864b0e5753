"""Which nodes depend on which: what exporters leave out and what they cannot know."""

from __future__ import annotations

from collections.abc import Iterable

from visualad.graph.model import Graph


def reachable(graph: Graph, ids: Iterable[str], *, forward: bool) -> set[str]:
    """Ids of all nodes that these lead to (forward), or that lead to these; these included."""
    waiting = list(ids)
    found = set(waiting)
    while waiting:
        id_ = waiting.pop()
        edges = graph.edges_from(id_) if forward else graph.edges_into(id_)
        for edge in edges:
            other = edge.target if forward else edge.source
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found
