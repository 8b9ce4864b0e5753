"""Edits: functions from a graph to a graph. A refused edit raises a GraphError that says why."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from visualad.errors import GraphError
from visualad.graph.checks import can_connect
from visualad.graph.fragments import Fragment, copy_fragment, paste
from visualad.graph.groups import (
    add_group,
    add_members,
    move_groups,
    remove_group,
    remove_members,
    set_group,
    still_there,
)
from visualad.graph.matrices import gather
from visualad.graph.model import Edge, Graph, Node, remembered
from visualad.graph.naming import check_name, fresh_id, fresh_name, names_of
from visualad.graph.neurons import write_out
from visualad.graph.notes import (
    add_frame,
    add_note,
    remove_frame,
    remove_note,
    set_frame,
    set_note,
)
from visualad.graph.samples import show_sample
from visualad.graph.settings import accepted_setting
from visualad.ops.declaration import REGISTRY

__all__ = [
    "Edit",
    "Fragment",
    "Point",
    "add_frame",
    "add_group",
    "add_members",
    "add_node",
    "add_note",
    "batch",
    "connect",
    "copy_fragment",
    "disconnect",
    "fresh_id",
    "fresh_name",
    "gather",
    "insert_on_edge",
    "move",
    "move_groups",
    "paste",
    "remove",
    "remove_frame",
    "remove_group",
    "remove_members",
    "remove_note",
    "rename",
    "set_aliases",
    "set_dtype",
    "set_exercise",
    "set_frame",
    "set_group",
    "set_note",
    "set_outputs",
    "set_seed",
    "set_setting",
    "set_settings",
    "set_training",
    "show_sample",
    "write_out",
]

Point = tuple[float, float]
Edit = Callable[[Graph], Graph]


def batch(graph: Graph, edits: Iterable[Edit]) -> Graph:
    """Several edits one after the other; when one is refused, none is made."""
    for edit in edits:
        graph = edit(graph)
    return graph


# Nodes -------------------------------------------------------------------------------------------


def add_node(
    graph: Graph,
    op: str,
    *,
    name: str | None = None,
    id: str | None = None,
    settings: Mapping[str, Any] | None = None,
    position: Point = (0.0, 0.0),
) -> Graph:
    """A new node, the last in `nodes_by_id`; name and id are made when not given.

    Raises:
        GraphError: for an unknown operation or setting, or a name or id that is taken.
    """
    if op not in REGISTRY:
        raise GraphError(f"There is no node type '{op}'; load the plugin that declares it.")
    called = fresh_name(graph, op) if name is None else name
    check_name(graph, called, op)
    key = fresh_id(graph, called) if id is None else id
    if not key or key in graph.nodes_by_id:
        raise GraphError(f"The id '{key}' is taken; a node needs one of its own.", node=called)
    accepted = {k: accepted_setting(REGISTRY[op], k, v) for k, v in (settings or {}).items()}
    node = Node(
        id=key,
        op=op,
        name=called,
        settings=accepted,
        position=_point(position),
        **remembered(REGISTRY[op], accepted),
    )
    return graph.with_(nodes_by_id={**graph.nodes_by_id, key: node})


def remove(graph: Graph, ids: Iterable[str]) -> Graph:
    """The graph without these nodes and their edges; a group without members goes too."""
    gone = {graph.id_of(id_) for id_ in ids}
    names = {name for id_ in gone for name in names_of(graph.nodes_by_id[id_])}
    outputs = graph.declared_outputs
    if outputs is not None:
        outputs = tuple(name for name in outputs if name not in names) or None
    nodes = {k: node for k, node in graph.nodes_by_id.items() if k not in gone}
    return graph.with_(
        nodes_by_id=nodes,
        groups=still_there(graph.groups, nodes),
        sources={
            key: source
            for key, source in graph.sources.items()
            if key[0] not in gone and source not in gone
        },
        declared_outputs=outputs,
    )


def rename(graph: Graph, id_: str, name: str) -> Graph:
    """Give a node another name; its id stays.

    Raises:
        GraphError: if the name is no name or is taken.
    """
    node = graph[id_]
    if name == node.name:
        return graph
    check_name(graph, name, node.op, except_=node)
    aliases = tuple(alias for alias in node.aliases if alias != name)
    outputs = graph.declared_outputs
    if outputs is not None:
        outputs = tuple(dict.fromkeys(name if o == node.name else o for o in outputs))
    changed = _with_node(graph, replace(node, name=name, aliases=aliases))
    return changed.with_(declared_outputs=outputs)


def set_aliases(graph: Graph, id_: str, aliases: Sequence[str]) -> Graph:
    """Give a node these further names, in place of those it has."""
    node = graph[id_]
    for alias in aliases:
        check_name(graph, alias, node.op, except_=node)
        if alias == node.name or aliases.count(alias) > 1:
            raise GraphError(f"'{alias}' is given twice to one node.", node=node.name)
    outputs = graph.declared_outputs
    if outputs is not None:
        lost = set(node.aliases) - set(aliases)
        outputs = tuple(o for o in outputs if o not in lost) or None
    changed = _with_node(graph, replace(node, aliases=tuple(aliases)))
    return changed.with_(declared_outputs=outputs)


def set_setting(graph: Graph, id_: str, key: str, value: Any) -> Graph:
    """Change one setting of a node; see `set_settings`."""
    return set_settings(graph, {id_: {key: value}})


def set_settings(graph: Graph, changes: Mapping[str, Mapping[str, Any]]) -> Graph:
    """Change settings: by node id, then by name of the setting.

    Fewer `inputs` of an operation with any number of ports remove the edges at the last ones.

    Raises:
        GraphError: if there is no such node or setting, or it cannot have this value.
    """
    nodes = dict(graph.nodes_by_id)
    sources = graph.sources
    for given, settings in changes.items():
        id_ = graph.id_of(given)
        node, operation = nodes[id_], nodes[id_].operation
        if operation is None:
            raise GraphError(
                f"{node.name} is of the unknown type '{node.op}'; load its plugin to change it.",
                node=node.name,
            )
        accepted = {k: accepted_setting(operation, k, v) for k, v in settings.items()}
        changed = replace(node, settings={**node.settings, **accepted})
        nodes[id_] = changed
        lost = set(node.ports) - set(changed.ports)
        if lost:
            sources = {
                key: source
                for key, source in sources.items()
                if not (key[0] == id_ and key[1] in lost)
            }
    return graph.with_(nodes_by_id=nodes, sources=sources)


def move(graph: Graph, positions: Mapping[str, Point]) -> Graph:
    """Put nodes elsewhere on the canvas: top left corners by node id."""
    nodes = dict(graph.nodes_by_id)
    for given, position in positions.items():
        id_ = graph.id_of(given)
        nodes[id_] = replace(nodes[id_], position=_point(position))
    return graph.with_(nodes_by_id=nodes)


# Edges -------------------------------------------------------------------------------------------


def connect(graph: Graph, source: str, target: str, port: str, *, replace: bool = False) -> Graph:
    """A new edge from the output of `source` to `port` of `target`.

    Args:
        replace: take the place of an edge that is at the port already.

    Raises:
        GraphError: with the reason that `can_connect` gives.
    """
    allowed = can_connect(graph, source, target, port, replace=replace)
    if not allowed:
        raise GraphError(allowed.reason, node=target)
    edge = {(graph.id_of(target), port): graph.id_of(source)}
    return graph.with_(sources={**graph.sources, **edge})


def disconnect(graph: Graph, target: str, port: str) -> Graph:
    """Remove the edge at a port.

    Raises:
        GraphError: if there is none.
    """
    key = (graph.id_of(target), port)
    if key not in graph.sources:
        raise GraphError(f"Port '{port}' of {graph[target].name} has no edge.", node=target)
    return graph.with_(sources={k: v for k, v in graph.sources.items() if k != key})


def insert_on_edge(graph: Graph, edge: Edge, node_id: str) -> Graph:
    """Put a node that is there already in the middle of an edge, at its first free port.

    Raises:
        GraphError: if there is no such edge, the node has no free port, or it would not fit.
    """
    if graph.sources.get((edge.target, edge.port)) != edge.source:
        raise GraphError("This edge is not in the graph any more.")
    node = graph[node_id]
    free = [port for port in node.ports if (node.id, port) not in graph.sources]
    if not free:
        raise GraphError(f"{node.name} has no free port to put it on an edge.", node=node.name)
    opened = disconnect(graph, edge.target, edge.port)
    joined = connect(opened, edge.source, node.id, free[0])
    return connect(joined, node.id, edge.target, edge.port)


# The graph as a whole ----------------------------------------------------------------------------


def set_outputs(graph: Graph, names: Sequence[str] | None) -> Graph:
    """Declare the outputs; None: every node that feeds no other.

    Raises:
        GraphError: if a name does not exist or none is given.
    """
    if names is not None:
        if not names:
            raise GraphError("A graph needs at least one output; give None for the last nodes.")
        for name in names:
            graph.id_of(name)
        names = tuple(dict.fromkeys(names))
    return graph.with_(declared_outputs=names)


def set_dtype(graph: Graph, dtype: str) -> Graph:
    """Compute in "float64" or "float32"."""
    if dtype not in ("float64", "float32"):
        raise GraphError(f"The number type must be float64 or float32, not {dtype!r}.")
    return graph.with_(dtype=dtype)


def set_seed(graph: Graph, seed: int) -> Graph:
    """Seed of the graph's one random generator, a whole number from 0."""
    if isinstance(seed, bool) or not 0 <= seed < 2**63 or seed != int(seed):
        raise GraphError(f"The seed must be a whole number from 0, not {seed!r}.")
    return graph.with_(seed=seed)


def set_training(graph: Graph, training: Mapping[str, Any]) -> Graph:
    """The settings of training as plain data."""
    return graph.with_(training=dict(training))


def set_exercise(graph: Graph, exercise: Mapping[str, Any]) -> Graph:
    """What students are asked about the graph as plain data; {} for no exercise."""
    return graph.with_(exercise=dict(exercise))


def _with_node(graph: Graph, node: Node) -> Graph:
    return graph.with_(nodes_by_id={**graph.nodes_by_id, node.id: node})


def _point(position: Point) -> Point:
    x, y = float(position[0]), float(position[1])
    if not (math.isfinite(x) and math.isfinite(y)):
        raise GraphError("A position needs two finite numbers.")
    return x, y
