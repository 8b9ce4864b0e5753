"""What may be connected, and what is wrong with a graph: decided here and nowhere else."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from visualad.errors import ShapeError
from visualad.graph.model import DATA, VARIABLE, Graph, Node, shorten
from visualad.graph.placeholders import placeholder_reason
from visualad.ops.shapes import Shape, output_shape


@dataclass(frozen=True)
class Validity:
    """Whether something is allowed, and in one sentence why not; true in a condition if it is."""

    ok: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.ok


def can_connect(
    graph: Graph, source: str, target: str, port: str, *, replace: bool = False
) -> Validity:
    """Whether an edge from `source` to `port` of `target` is allowed.

    Args:
        source, target: ids or names.
        replace: an edge that is at the port already may be replaced.
    """
    for end in (source, target):
        if end not in graph:
            return Validity(False, f"There is no node '{end}' in this graph.")
    start, end_ = graph[source], graph[target]
    reason = (
        _no_port(end_, port)
        or ("" if replace else _taken(graph, start, end_, port))
        or _cycle(graph, start, end_)
        or _shapes_misfit(graph, start, end_, port)
    )
    return Validity(not reason, reason)


def problems(graph: Graph) -> dict[str, str]:
    """One sentence for each node that cannot be computed as it stands, by node id."""
    found = {}
    for node in graph.nodes:
        reason = _problem(graph, node)
        if reason:
            found[node.id] = reason
    _, misfits = _known_shapes(graph)
    return misfits | found


def known_shapes(graph: Graph) -> Mapping[str, Shape]:
    """The shape of each node's value by id, as far as the values in the leaves tell it.

    Variables and data nodes without a stored value leave the nodes behind them open.
    """
    return _known_shapes(graph)[0]


def _no_port(target: Node, port: str) -> str:
    if target.is_leaf:
        return f"{target.name} is a {target.op} and takes no input."
    if port not in target.ports:
        ports = shorten(target.ports)
        return f"{target.name} ({target.op}) has no port '{port}'; its ports are {ports}."
    return ""


def _taken(graph: Graph, source: Node, target: Node, port: str) -> str:
    present = graph.sources.get((target.id, port))
    if present is None:
        return ""
    if present == source.id:
        return f"{source.name} feeds port '{port}' of {target.name} already."
    name = graph.nodes_by_id[present].name
    return f"Port '{port}' of {target.name} is taken by {name}; remove that edge first."


def _cycle(graph: Graph, source: Node, target: Node) -> str:
    if source.id == target.id:
        return f"{source.name} cannot feed itself."
    path = _path(graph, target.id, source.id)
    if not path:
        return ""
    names = [graph.nodes_by_id[id_].name for id_ in path]
    shown = names if len(names) <= 8 else [*names[:4], "...", *names[-3:]]
    return f"This would close a cycle: {' → '.join([*shown, target.name])}."


def _path(graph: Graph, start: str, goal: str) -> list[str]:
    """Node ids on a shortest way along the edges, or nothing when there is none."""
    came_from = {start: ""}
    waiting = deque([start])
    while waiting:
        id_ = waiting.popleft()
        if id_ == goal:
            path = [id_]
            while came_from[path[-1]]:
                path.append(came_from[path[-1]])
            return path[::-1]
        for edge in graph.edges_from(id_):
            if edge.target not in came_from:
                came_from[edge.target] = id_
                waiting.append(edge.target)
    return []


def _shapes_misfit(graph: Graph, source: Node, target: Node, port: str) -> str:
    """The first node from `target` on that could no longer take its inputs, and why."""
    shapes, misfits = _known_shapes(graph)
    if source.id not in shapes:
        return ""
    changed: dict[str, Shape] = {}
    behind = _behind(graph, target.id)
    for id_ in graph.order:
        if id_ not in behind or id_ in misfits:
            continue
        node = graph.nodes_by_id[id_]
        inputs = []
        for name in node.ports:
            from_ = graph.sources.get((id_, name))
            if id_ == target.id and name == port:
                from_ = source.id
            shape = changed.get(from_ or "", shapes.get(from_ or ""))
            if shape is None:
                break
            inputs.append(shape)
        if len(inputs) < len(node.ports):
            continue
        try:
            shape = _shape_of(node, inputs)
        except ShapeError as error:
            start = "" if id_ == target.id else f"{node.name} could not be computed any more: "
            return start + error.message
        if shape is None or shape == shapes.get(id_):
            continue
        changed[id_] = shape
    return ""


def _behind(graph: Graph, start: str) -> set[str]:
    found = {start}
    waiting = [start]
    while waiting:
        for edge in graph.edges_from(waiting.pop()):
            if edge.target not in found:
                found.add(edge.target)
                waiting.append(edge.target)
    return found


# The shapes of the graph asked about last: while an edge is dragged, every port asks for them.
_latest: list[tuple[Graph, dict[str, Shape], dict[str, str]]] = []


def _known_shapes(graph: Graph) -> tuple[dict[str, Shape], dict[str, str]]:
    """Known shapes by node id, and a sentence for each node whose inputs do not fit."""
    for known, shapes_then, misfits_then in _latest:
        if known is graph:
            return shapes_then, misfits_then
    shapes: dict[str, Shape] = {}
    misfits: dict[str, str] = {}
    for node in graph.nodes:
        if node.op in (VARIABLE, DATA) and "value" not in node.settings:
            continue
        sources = [graph.sources.get((node.id, port), "") for port in node.ports]
        if any(source not in shapes for source in sources):
            continue
        try:
            shape = _shape_of(node, [shapes[source] for source in sources])
        except ShapeError as error:
            misfits[node.id] = error.message
        else:
            if shape is not None:
                shapes[node.id] = shape
    _latest[:] = [(graph, shapes, misfits)]
    return shapes, misfits


def _shape_of(node: Node, inputs: list[Shape]) -> Shape | None:
    operation = node.operation
    if operation is None or (operation.described and not operation.elementwise):
        return None  # only the kernel can tell
    if node.is_leaf:
        shape: Shape = np.shape(node.settings.get("value", 0.0))
        return shape
    return output_shape(operation, inputs, node.settings)


def _problem(graph: Graph, node: Node) -> str:
    if node.operation is None:
        return placeholder_reason(node)
    free = [port for port in node.ports if (node.id, port) not in graph.sources]
    if free:
        word = "Port" if len(free) == 1 else "Ports"
        verb = "is" if len(free) == 1 else "are"
        return f"{word} {shorten(free)} of {node.name} {verb} not connected."
    extra = [edge.port for edge in graph.edges_into(node.id) if edge.port not in node.ports]
    if extra:
        return (
            f"{node.op} has no port {shorten(extra)} (any more) to which {node.name} is connected; "
            "remove that edge."
        )
    return ""
