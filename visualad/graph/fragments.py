"""Copying parts of a graph into it or into another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from visualad.graph.checks import can_connect
from visualad.graph.model import Edge, Graph
from visualad.graph.naming import fresh_id, unused_name
from visualad.graph.notes import new_id


@dataclass(frozen=True)
class Fragment:
    """Copied nodes.

    Attributes:
        graph: the nodes with the edges among them; it can be saved and sent like any graph.
        incoming: edges from nodes that were not copied.
    """

    graph: Graph
    incoming: tuple[Edge, ...] = ()


def copy_fragment(graph: Graph, ids: Iterable[str]) -> Fragment:
    """These nodes with the edges among them, in the order of the graph.

    A group comes along when all its members do.
    """
    wanted = {graph.id_of(id_) for id_ in ids}
    into = [edge for id_ in graph.order if id_ in wanted for edge in graph.edges_into(id_)]
    part = Graph(
        nodes_by_id={k: node for k, node in graph.nodes_by_id.items() if k in wanted},
        sources={(e.target, e.port): e.source for e in into if e.source in wanted},
        dtype=graph.dtype,
        groups={k: group for k, group in graph.groups.items() if wanted.issuperset(group.members)},
    )
    return Fragment(part, tuple(edge for edge in into if edge.source not in wanted))


def paste(
    graph: Graph,
    fragment: Fragment,
    offset: tuple[float, float] = (0.0, 0.0),
    *,
    keep_incoming: bool = False,
) -> Graph:
    """Add a fragment with fresh ids and names; the new nodes are the last in `nodes_by_id`.

    Args:
        offset: how far from the copied nodes the new ones lie, in scene units.
        keep_incoming: also connect them to the nodes outside the fragment that fed the copied
            ones, as far as these are in the graph.
    """
    nodes = dict(graph.nodes_by_id)
    grown = graph
    new_ids: dict[str, str] = {}
    names: set[str] = set()
    for node in fragment.graph.nodes_by_id.values():
        name = unused_name(graph, node.name, names)
        names.add(name)
        id_ = fresh_id(grown.with_(nodes_by_id=nodes), name)
        new_ids[node.id] = id_
        x, y = node.position
        nodes[id_] = replace(
            node, id=id_, name=name, aliases=(), position=(x + offset[0], y + offset[1])
        )
    sources = dict(graph.sources)
    for (target, port), source in fragment.graph.sources.items():
        sources[new_ids[target], port] = new_ids[source]
    groups = dict(graph.groups)
    for group in fragment.graph.groups.values():
        x, y = group.position
        key = new_id(groups, "group", None)
        groups[key] = replace(
            group,
            id=key,
            members=tuple(new_ids[id_] for id_ in group.members),
            position=(x + offset[0], y + offset[1]),
        )
    pasted = graph.with_(nodes_by_id=nodes, sources=sources, groups=groups)
    if keep_incoming:
        for edge in fragment.incoming:
            target = new_ids[edge.target]
            if edge.source in graph.nodes_by_id and can_connect(
                pasted, edge.source, target, edge.port
            ):
                sources = {**pasted.sources, (target, edge.port): edge.source}
                pasted = pasted.with_(sources=sources)
    return pasted
