"""Which nodes depend on which: what exporters leave out and what they cannot know."""

from __future__ import annotations

from collections.abc import Iterable

from visualad.errors import GraphError
from visualad.graph.model import Graph, shorten


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


def require_values(graph: Graph) -> None:
    """Make sure that every input has a stored value; a derivative is taken at a point.

    Raises:
        GraphError: naming those that have none.
    """
    missing = [name for name in graph.independents if graph[name].value is None]
    if missing:
        example = ",".join(f"{name}=1" for name in missing[:3])
        raise GraphError(
            f"No value for {shorten(missing)}: type it into the graph, or give it with "
            f"--at {example}."
        )
