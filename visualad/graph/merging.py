"""Equal subexpressions become one node, as if the formula had been parsed with merging."""

from __future__ import annotations

from dataclasses import replace

from visualad.graph.groups import still_there
from visualad.graph.model import Graph

_Key = tuple[object, ...]


def merge_equal(graph: Graph) -> Graph:
    """The graph in which no two nodes compute the same from the same.

    Of equal nodes the first in topological order stays; edges from the others leave it instead,
    and their names become its other names. Inputs, parameters and data are never equal to each
    other, constants are by their value. Outputs stay as they are.
    """
    stays: dict[_Key, str] = {}
    into: dict[str, str] = {}
    outputs = set(graph.output_ids)
    for id_ in graph.order:
        node = graph.nodes_by_id[id_]
        sources = tuple(into.get(graph.sources.get((id_, p), ""), "") for p in node.ports)
        key: _Key = (node.op, sources, repr(sorted(node.settings.items())))
        if (node.is_leaf and node.op != "constant") or "" in sources or id_ in outputs:
            key = (id_,)
        into[id_] = stays.setdefault(key, id_)
    if all(id_ == kept for id_, kept in into.items()):
        return graph
    names: dict[str, list[str]] = {}
    for id_ in graph.order:
        if into[id_] != id_:
            node = graph.nodes_by_id[id_]
            names.setdefault(into[id_], []).extend((node.name, *node.aliases))
    nodes = {
        id_: replace(node, aliases=(*node.aliases, *names[id_])) if id_ in names else node
        for id_, node in graph.nodes_by_id.items()
        if into.get(id_, id_) == id_
    }
    sources_left = {
        (target, port): into.get(source, source)
        for (target, port), source in graph.sources.items()
        if target in nodes
    }
    groups = still_there(graph.groups, nodes)
    return graph.with_(nodes_by_id=nodes, sources=sources_left, groups=groups)
