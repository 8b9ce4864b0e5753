"""Nodes whose type is missing or has changed: kept as they are, with the reason, until it fits.

Nothing of such a node is lost: its settings, its edges, and what of the file nobody understands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from visualad.errors import GraphError
from visualad.graph.model import Graph, Node
from visualad.graph.settings import accepted_setting
from visualad.ops.declaration import REGISTRY, Operation

_absent: list[tuple[frozenset[str], str]] = []


def set_absent(plugins: Iterable[tuple[Iterable[str], str]]) -> None:
    """Tell which plugins there are that cannot be used.

    Args:
        plugins: for each the words that stand in its source, among them the names of the node types
            that it declares, and a sentence that says why.
    """
    _absent[:] = [(frozenset(words), why) for words, why in plugins]


def placeholder_reason(node: Node) -> str:
    """Why a node is a placeholder, and what to do; "" when it is none."""
    if node.operation is not None:
        return ""
    found = REGISTRY.get(node.op)
    if found is None:
        for words, why in _absent:
            if node.op in words:
                return f"{why} The node {node.name} ({node.op}) is kept as it is."
        return (
            f"No plugin provides the node type '{node.op}' of {node.name}; install or load it. "
            "The node is kept as it is."
        )
    return (
        f"{node.name} was made with version {node.op_version} of the node type '{node.op}', but "
        f"version {found.version} is loaded; upgrade the node or load the other version. "
        "The node is kept as it is."
    )


def outdated(graph: Graph) -> tuple[Node, ...]:
    """The nodes whose type is there in another version."""
    return tuple(
        node
        for node in graph.nodes_by_id.values()
        if node.op in REGISTRY and node.operation is None
    )


def upgrade(graph: Graph) -> Graph:
    """Every outdated node made one of the version that is loaded.

    Settings that the new version refuses get its defaults; those that it does not know stay stored.
    Inputs keep their names or, where these have changed, their places; an edge without a port
    stays and the node says so.

    Raises:
        GraphError: if no node is outdated.
    """
    nodes = outdated(graph)
    if not nodes:
        raise GraphError("Every node is of the version of its type that is loaded.")
    changed = dict(graph.nodes_by_id)
    sources = dict(graph.sources)
    for node in nodes:
        operation = REGISTRY[node.op]
        settings = _settings(operation, node.settings)
        ports = operation.ports_for(settings)
        extra = {key: value for key, value in node.extra.items() if key != "op_version"}
        if operation.version != 1:
            extra["op_version"] = operation.version
        changed[node.id] = replace(node, settings=settings, stored_ports=ports, extra=extra)
        for old, new in _renamed(node.stored_ports, ports).items():
            source = graph.sources.get((node.id, old))
            if source is not None:
                del sources[node.id, old]
                sources[node.id, new] = source
    return graph.with_(nodes_by_id=changed, sources=sources)


def _settings(operation: Operation, settings: Mapping[str, Any]) -> dict[str, Any]:
    kept = {}
    for key, value in settings.items():
        if key in operation.settings or (operation.variadic and key == "inputs"):
            try:
                kept[key] = accepted_setting(operation, key, value)
            except GraphError:
                continue
        else:
            kept[key] = value
    return kept


def _renamed(old: tuple[str, ...], new: tuple[str, ...]) -> dict[str, str]:
    """Ports that go by another name now: those left over on both sides, in order."""
    gone = [port for port in old if port not in new]
    come = [port for port in new if port not in old]
    return dict(zip(gone, come, strict=False))
