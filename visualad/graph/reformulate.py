"""Another formula for a graph: what both have in common keeps its values, names and places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from visualad.graph.builder import value_key
from visualad.graph.groups import still_there
from visualad.graph.layout import layered_layout
from visualad.graph.model import CONSTANT, LEAVES, Graph, Node
from visualad.graph.parser import parse

_ASSIGNED = re.compile(r"([^\W\d]\w*)\s*=(?!=)")
_NAMED_LEAVES = LEAVES - {CONSTANT}

CARD = (150.0, 92.0)  # scene units that a node takes, about


def reformulate(graph: Graph, text: str) -> Graph:
    """The graph of a formula, as an edit of another graph.

    Leaves are the same by name, constants by value, other nodes when they are the same operation
    on the same nodes, or bear the same name. These keep id, name, settings and position. When more
    than half of the nodes are new, or a new one finds no room, all are laid out again.

    Args:
        graph: where values, names and places come from.
        text: see `visualad.graph.parser.parse`.

    Raises:
        ParseError: if the text is no formula.
    """
    wanted = parse(text, merge_equal=not _has_repeats(graph))
    same = _common(graph, wanted)
    assigned = set(_ASSIGNED.findall(text))
    ids, names = _identities(graph, wanted, same, assigned)
    nodes = {}
    for node in wanted.nodes:
        before = graph.nodes_by_id.get(same.get(node.id, ""))
        keeps_settings = before is not None and before.op in _NAMED_LEAVES
        op = before.op if before is not None and keeps_settings else node.op
        nodes[ids[node.id]] = Node(
            id=ids[node.id],
            op=op,
            name=names[node.id],
            aliases=node.aliases,
            settings=before.settings if before is not None and keeps_settings else node.settings,
            position=before.position if before is not None else node.position,
            extra=before.extra if before is not None else node.extra,
        )
    declared = wanted.declared_outputs
    if declared is not None:
        declared = tuple(names.get(wanted.id_of(name), name) for name in declared)
    made = graph.with_(
        nodes_by_id=nodes,
        sources={
            (ids[target], port): ids[source] for (target, port), source in wanted.sources.items()
        },
        declared_outputs=declared,
        groups=still_there(graph.groups, nodes),
    )
    return _placed(graph, made, {ids[id_] for id_ in wanted.nodes_by_id if id_ not in same})


def _common(graph: Graph, wanted: Graph) -> dict[str, str]:
    """For ids of the wanted graph the id of the same node in the old one."""
    leaves: dict[object, list[str]] = {}
    inner: dict[object, list[str]] = {}
    for node in graph.nodes:
        leaves.setdefault(_leaf_key(node), []).append(node.id)
        inner.setdefault(_key(graph, node, None), []).append(node.id)
    same: dict[str, str] = {}
    taken: set[str] = set()
    for node in wanted.nodes:
        key = _leaf_key(node) if node.is_leaf else _key(wanted, node, same)
        for candidate in (leaves if node.is_leaf else inner).get(key, ()):
            if candidate not in taken:
                same[node.id] = candidate
                taken.add(candidate)
                break
    for node in wanted.nodes:
        if node.id not in same and not node.is_leaf and node.name in graph:
            candidate = graph.id_of(node.name)
            if candidate not in taken and graph.nodes_by_id[candidate].op == node.op:
                same[node.id] = candidate
                taken.add(candidate)
    return same


def _has_repeats(graph: Graph) -> bool:
    """Whether equal subexpressions are kept apart in it, as the formula then should too."""
    keys = [_key(graph, node, None) for node in graph.nodes if not node.is_leaf]
    return len(set(keys)) < len(keys)


def _leaf_key(node: Node) -> object:
    if node.op in _NAMED_LEAVES:
        return "name", node.name
    return node.op, value_key(node.value)


def _key(graph: Graph, node: Node, same: Mapping[str, str] | None) -> object:
    """Operation, settings and sources; a source that is not in the old graph gives no match."""
    sources = tuple(
        (edge.port, edge.source if same is None else same.get(edge.source))
        for edge in graph.edges_into(node.id)
    )
    known = node.operation
    settings = known.settings_for(node.settings) if known is not None else dict(node.settings)
    return node.op, sources, value_key(settings)


def _identities(
    graph: Graph, wanted: Graph, same: Mapping[str, str], assigned: set[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Id and name of each wanted node: the old ones where there are, else free ones."""
    ids = dict(same)
    names = {}
    for id_, before in same.items():
        node = wanted.nodes_by_id[id_]
        names[id_] = node.name if node.name in assigned else graph.nodes_by_id[before].name
    taken_ids = set(graph.nodes_by_id)
    taken = {*names.values(), *(a for n in wanted.nodes for a in n.aliases)}
    for node in wanted.nodes:
        if node.id in same:
            continue
        names[node.id] = _free(node.name, taken)
        taken.add(names[node.id])
        ids[node.id] = _free(names[node.id], taken_ids)
        taken_ids.add(ids[node.id])
    return ids, names


def _free(name: str, taken: set[str]) -> str:
    """The name itself, or the next number of its kind that is free."""
    if name not in taken:
        return name
    stem = name.rstrip("0123456789") or "v"
    number = int(name[len(stem) :] or 0) + 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"


def _placed(before: Graph, graph: Graph, new: set[str]) -> Graph:
    """Give the new nodes places.

    All nodes get new ones when there is no room, when most are new, or when an edge that was not
    there before would run backwards.
    """
    places = layered_layout(graph, ids=new) if new and 2 * len(new) <= len(graph) else {}
    moved = _moved(graph, places)
    if (new and not places) or _collide(moved, new) or _runs_backwards(before, moved):
        moved = _moved(graph, layered_layout(graph))
    return moved


def _runs_backwards(before: Graph, graph: Graph) -> bool:
    """Whether a new edge leads to a card that does not stand on the right of its source."""
    nodes, known = graph.nodes_by_id, set(before.edges)
    return any(
        nodes[edge.target].position[0] <= nodes[edge.source].position[0]
        for edge in graph.edges
        if edge not in known
    )


def _moved(graph: Graph, places: Mapping[str, tuple[float, float]]) -> Graph:
    return graph.with_(
        nodes_by_id={
            id_: replace(node, position=places.get(id_, node.position))
            for id_, node in graph.nodes_by_id.items()
        }
    )


def _collide(graph: Graph, new: set[str]) -> bool:
    """Whether a new card lies upon another."""
    width, height = CARD
    return any(
        abs(a.position[0] - b.position[0]) < width and abs(a.position[1] - b.position[1]) < height
        for a in (graph.nodes_by_id[id_] for id_ in new)
        for b in graph.nodes_by_id.values()
        if a.id != b.id
    )
