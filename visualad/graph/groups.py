"""Edits of groups: nodes that belong together and may be shown as one card.

Groups are no part of the mathematics: every edit here leaves values and derivatives as they are.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from visualad.errors import GraphError
from visualad.graph.model import Graph, Group
from visualad.graph.names import free_name
from visualad.graph.notes import new_id

Point = tuple[float, float]


def add_group(
    graph: Graph, ids: Iterable[str], title: str | None = None, *, id: str | None = None
) -> Graph:
    """A new group of these nodes, the last in `groups`; title and id are made when not given.

    Raises:
        GraphError: if there is no node, these are a group already, or they are a part of a group
            and more besides.
    """
    chosen = {graph.id_of(id_) for id_ in ids}
    if not chosen:
        raise GraphError("A group needs at least one node.")
    for other in graph.groups.values():
        members = set(other.members)
        if members == chosen:
            raise GraphError(f"These nodes are the group '{other.title}' already.")
        if not (chosen.isdisjoint(members) or chosen < members or members < chosen):
            raise GraphError(
                f"The group '{other.title}' would lie half in the new one; take all of its nodes "
                "or none."
            )
    key = new_id(graph.groups, "group", id)
    if title is None:
        title = free_name("Group ", 1, {group.title for group in graph.groups.values()})[0]
    members_in_order = tuple(id_ for id_ in graph.nodes_by_id if id_ in chosen)
    made = Group(key, title, members_in_order, position=_middle(graph, members_in_order))
    return graph.with_(groups={**graph.groups, key: made})


def remove_group(graph: Graph, id: str) -> Graph:
    """The graph without this group; its nodes and the groups in it stay.

    Raises:
        GraphError: if there is none.
    """
    _group(graph, id)
    return graph.with_(groups={key: group for key, group in graph.groups.items() if key != id})


def set_group(
    graph: Graph,
    id: str,
    *,
    title: str | None = None,
    collapsed: bool | None = None,
    position: Point | None = None,
) -> Graph:
    """Change a group's title, or show it as one card (collapsed) or as its nodes.

    Args:
        position: of the card; when the group collapses it goes to the middle of its nodes. The
            nodes stay where they are.

    Raises:
        GraphError: if there is no such group, or the title is empty.
    """
    group = _group(graph, id)
    if title is not None and not title.strip():
        raise GraphError("A group needs a title.")
    folds = bool(collapsed) and not group.collapsed
    changed = replace(
        group,
        title=group.title if title is None else title.strip(),
        collapsed=group.collapsed if collapsed is None else collapsed,
        position=_middle(graph, group.members) if folds else position or group.position,
    )
    return graph.with_(groups={**graph.groups, id: changed})


def add_members(graph: Graph, id: str, ids: Iterable[str]) -> Graph:
    """Take nodes into a group and all groups around it, and out of those that they were in.

    Raises:
        GraphError: if there is no such group.
    """
    wanted = set(_group(graph, id).members)
    added = {graph.id_of(id_) for id_ in ids} - wanted
    groups = {}
    for key, group in graph.groups.items():
        members = set(group.members)
        if members >= wanted and not (members == wanted and _lies_in(graph, key, id)):
            members |= added
        elif members.isdisjoint(wanted):
            members -= added
        groups[key] = _with_members(graph, group, members)
    return graph.with_(groups=still_there(groups, graph.nodes_by_id))


def remove_members(graph: Graph, id: str, ids: Iterable[str]) -> Graph:
    """Take nodes out of a group and the groups in it; a group without members goes.

    Raises:
        GraphError: if there is no such group.
    """
    inside = set(_group(graph, id).members)
    gone = {graph.id_of(id_) for id_ in ids} & inside
    groups = {}
    for key, group in graph.groups.items():
        members = set(group.members)
        if key == id or _lies_in(graph, key, id):
            members -= gone
        groups[key] = _with_members(graph, group, members)
    return graph.with_(groups=still_there(groups, graph.nodes_by_id))


def move_groups(graph: Graph, positions: Mapping[str, Point]) -> Graph:
    """Put the cards of groups elsewhere: top left corners by group id; the members go along.

    Raises:
        GraphError: if there is no such group, or a position is not finite.
    """
    nodes, groups = dict(graph.nodes_by_id), dict(graph.groups)
    for id, position in positions.items():
        group = _group(graph, id)
        x, y = float(position[0]), float(position[1])
        if not (math.isfinite(x) and math.isfinite(y)):
            raise GraphError("A position needs two finite numbers.")
        shift = (x - group.position[0], y - group.position[1])
        for member in group.members:
            node = graph.nodes_by_id[member]
            nodes[member] = replace(node, position=_moved(node.position, shift))
        for key, other in graph.groups.items():
            if key != id and _lies_in(graph, key, id):
                groups[key] = replace(groups[key], position=_moved(other.position, shift))
        groups[id] = replace(groups[id], position=(x, y))
    return graph.with_(nodes_by_id=nodes, groups=groups)


# Looking at them ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Border:
    """What crosses the border of some nodes.

    Attributes:
        sources: ids of the nodes outside that feed them, in the order in which they are used.
        results: ids of those of them that feed nodes outside or are outputs of the graph.
    """

    sources: tuple[str, ...]
    results: tuple[str, ...]


def border(graph: Graph, members: Iterable[str]) -> Border:
    """What crosses the border of these nodes."""
    inside = set(members)
    order = [id_ for id_ in graph.order if id_ in inside]
    outputs = set(graph.output_ids)
    sources = dict.fromkeys(
        edge.source for id_ in order for edge in graph.edges_into(id_) if edge.source not in inside
    )
    results = (
        id_
        for id_ in order
        if id_ in outputs or any(edge.target not in inside for edge in graph.edges_from(id_))
    )
    return Border(tuple(sources), tuple(results))


def outermost_first(groups: Mapping[str, Group]) -> list[Group]:
    """Groups in an order in which those around others come before them."""
    return sorted(groups.values(), key=lambda group: -len(group.members))


def groups_around(graph: Graph, id_: str) -> list[Group]:
    """The groups that a node is in, the outermost first."""
    return [group for group in outermost_first(graph.groups) if id_ in group.members]


def crossing_groups(groups: Mapping[str, Group]) -> tuple[Group, Group] | None:
    """Two groups that share nodes although neither lies in the other, if there are any."""
    for one, other in combinations(groups.values(), 2):
        first, second = set(one.members), set(other.members)
        if not (first.isdisjoint(second) or first <= second or second <= first):
            return one, other
    return None


def still_there(groups: Mapping[str, Group], nodes: Container[str]) -> dict[str, Group]:
    """Groups without the members that are no more, and without groups that have none left."""
    found = {}
    for key, group in groups.items():
        members = tuple(id_ for id_ in group.members if id_ in nodes)
        if members:
            found[key] = group if members == group.members else replace(group, members=members)
    return found


def _group(graph: Graph, id: str) -> Group:
    found = graph.groups.get(id)
    if found is None:
        raise GraphError(f"There is no group '{id}'.")
    return found


def _lies_in(graph: Graph, inner: str, outer: str) -> bool:
    """Whether a group lies in another; of two with the same members the later one does."""
    a, b = set(graph.groups[inner].members), set(graph.groups[outer].members)
    if a == b:
        keys = list(graph.groups)
        return keys.index(inner) > keys.index(outer)
    return a < b


def _with_members(graph: Graph, group: Group, members: set[str]) -> Group:
    if members == set(group.members):
        return group
    return replace(group, members=tuple(id_ for id_ in graph.nodes_by_id if id_ in members))


def _middle(graph: Graph, members: Iterable[str]) -> Point:
    """Where a card lies that stands for these nodes."""
    places = [graph.nodes_by_id[id_].position for id_ in members]
    across, down = zip(*places, strict=True)
    return (min(across) + max(across)) / 2, (min(down) + max(down)) / 2


def _moved(position: Point, shift: Point) -> Point:
    return position[0] + shift[0], position[1] + shift[1]
