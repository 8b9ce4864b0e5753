"""Names and ids for new nodes of a graph, and the check of those that a user gives."""

from __future__ import annotations

from collections.abc import Iterable

from visualad.errors import GraphError
from visualad.graph.model import CONSTANT, DATA, LEAVES, PARAMETER, VARIABLE, Graph, Node
from visualad.graph.names import free_name, name_fault, numbering, stem_and_number
from visualad.ops.declaration import REGISTRY

_STEMS = {CONSTANT: "c", PARAMETER: "W", VARIABLE: "x", DATA: "X"}


def fresh_name(graph: Graph, op: str) -> str:
    """A name for a new node: the next number after the inputs' (x1, x2, x3, then x4), or c1, W1."""
    stem, number = numbering(graph.inputs)
    if op in (CONSTANT, PARAMETER) or (op in LEAVES and stem == "v"):
        stem, number = _STEMS[op], 1
    return free_name(stem, number, all_names(graph))[0]


def fresh_id(graph: Graph, wanted: str) -> str:
    """An id that no node has: `wanted`, or `wanted` with a number after it."""
    if wanted not in graph.nodes_by_id:
        return wanted
    return free_name(f"{wanted}_", 2, graph.nodes_by_id)[0]


def unused_name(graph: Graph, like: str, also_taken: Iterable[str] = ()) -> str:
    """`like` itself when it is free, else the next free one of its kind: x4, x5; f, f2."""
    taken = all_names(graph) | set(also_taken)
    if like not in taken:
        return like
    split = stem_and_number(like)
    stem, number = split if split is not None else (like, 2)
    return free_name(stem, number, taken)[0]


def all_names(graph: Graph) -> set[str]:
    """Names and aliases of all nodes."""
    return {name for node in graph.nodes_by_id.values() for name in names_of(node)}


def names_of(node: Node) -> tuple[str, ...]:
    """Name and aliases of a node."""
    return (node.name, *node.aliases)


def check_name(graph: Graph, name: str, op: str, except_: Node | None = None) -> None:
    """Refuse a name for a node of operation `op`; `except_` may have had it before.

    Raises:
        GraphError: if it is no name, the name of a function, or taken.
    """
    reason = name_fault(name)
    if not reason and op in LEAVES and name in REGISTRY and not REGISTRY[name].leaf:
        reason = f"'{name}' is a function in formulas; call the {op} something else."
    if not reason:
        own = () if except_ is None else names_of(except_)
        if name in graph and name not in own and name in all_names(graph):
            reason = f"The name '{name}' is taken; choose another."
    if reason:
        raise GraphError(reason, node=None if except_ is None else except_.name)
