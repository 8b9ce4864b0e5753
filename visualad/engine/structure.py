"""A graph by numbers: nodes in topological order, edges as indices. What engines loop over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from visualad.graph.model import Graph, Node
from visualad.ops.declaration import REGISTRY, Operation

UNCONNECTED = -1
_NOTHING: dict[str, Any] = {}
_CACHE_KEY = "_visualad_structure"


@dataclass(frozen=True, eq=False)
class Structure:
    """A graph as parallel tuples; position in them is the node's index.

    Attributes:
        nodes: in topological order.
        operations: None for a leaf and for a type that no plugin provides.
        ports: input port names of each node.
        sources: for each port the index of its source, or `UNCONNECTED`.
        settings: keyword arguments of each node's function.
        index: of a node, by id.
        independents: indices of the inputs and then the parameters.
        outputs: indices of the output nodes.
        active: whether the node is, or depends on, an independent.
        dtype: "float64" or "float32".
    """

    nodes: tuple[Node, ...]
    operations: tuple[Operation | None, ...]
    ports: tuple[tuple[str, ...], ...]
    sources: tuple[tuple[int, ...], ...]
    settings: tuple[Mapping[str, Any], ...]
    index: Mapping[str, int]
    independents: tuple[int, ...]
    outputs: tuple[int, ...]
    active: tuple[bool, ...]
    dtype: str

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def targets(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each node the (target, port number) pairs it feeds, targets in topological order."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.nodes]
        for target, sources in enumerate(self.sources):
            for port, source in enumerate(sources):
                if source >= 0:
                    found[source].append((target, port))
        return tuple(tuple(pairs) for pairs in found)

    @cached_property
    def has_choices(self) -> bool:
        """Whether some operation chooses between its inputs, as `where` does."""
        return any(o is not None and bool(o.selects) for o in set(self.operations))

    @cached_property
    def operations_by_name(self) -> Mapping[str, Operation | None]:
        """The operations it was built with, by the name that the nodes give."""
        pairs = zip(self.nodes, self.operations, strict=True)
        return {node.op: found for node, found in pairs if not node.is_leaf}

    @cached_property
    def is_connected(self) -> bool:
        """Whether every port of every node has a source."""
        return all(min(sources, default=0) >= 0 for sources in self.sources)

    def name(self, index: int) -> str:
        """Name of the node at this index."""
        return self.nodes[index].name

    def edge(self, target: int, port: int) -> tuple[str, str, str]:
        """The edge into a port as (source id, target id, port name)."""
        source = self.nodes[self.sources[target][port]].id
        return source, self.nodes[target].id, self.ports[target][port]

    def reaching(self, goals: tuple[int, ...]) -> list[bool]:
        """For each node, whether a path leads from it to one of the goals."""
        reached = [False] * len(self)
        for goal in goals:
            reached[goal] = True
        for target in range(len(self) - 1, -1, -1):
            if reached[target]:
                for source in self.sources[target]:
                    if source >= 0:
                        reached[source] = True
        return reached

    def reached_from(self, starts: tuple[int, ...]) -> list[bool]:
        """For each node, whether a path leads to it from one of the starts."""
        reached = [False] * len(self)
        for start in starts:
            reached[start] = True
        for target, sources in enumerate(self.sources):
            if not reached[target]:
                reached[target] = any(source >= 0 and reached[source] for source in sources)
        return reached


def structure_of(graph: Graph) -> Structure:
    """The graph by numbers. Computed once per graph and again when its node types change."""
    known: Structure | None = graph.__dict__.get(_CACHE_KEY)
    if known is not None and _is_fresh(known):
        return known
    built = _build(graph)
    # Beside the graph's own cached properties; pickling a graph leaves them out.
    graph.__dict__[_CACHE_KEY] = built
    return built


def _is_fresh(structure: Structure) -> bool:
    """Whether no plugin has changed an operation since."""
    return all(REGISTRY.get(name) is found for name, found in structure.operations_by_name.items())


def _build(graph: Graph) -> Structure:
    nodes = graph.nodes
    index = {node.id: position for position, node in enumerate(nodes)}
    operations: list[Operation | None] = []
    ports: list[tuple[str, ...]] = []
    sources: list[tuple[int, ...]] = []
    settings: list[Mapping[str, Any]] = []
    wired = graph.sources
    for node in nodes:
        found = None if node.is_leaf else REGISTRY.get(node.op)
        operations.append(found)
        if node.is_leaf:
            ports.append(())
            sources.append(())
            settings.append(_NOTHING)
            continue
        names = node.ports if found is None or found.variadic else found.ports
        ports.append(names)
        sources.append(
            tuple(
                index[wired[node.id, port]] if (node.id, port) in wired else UNCONNECTED
                for port in names
            )
        )
        settings.append(found.settings_for(node.settings) if found and found.settings else _NOTHING)
    independents = tuple(index[graph.id_of(name)] for name in graph.independents)
    active = [False] * len(nodes)
    for position in independents:
        active[position] = True
    for position, feeding in enumerate(sources):
        if feeding and not active[position]:
            active[position] = any(source >= 0 and active[source] for source in feeding)
    return Structure(
        nodes=nodes,
        operations=tuple(operations),
        ports=tuple(ports),
        sources=tuple(sources),
        settings=tuple(settings),
        index=index,
        independents=independents,
        outputs=tuple(index[id_] for id_ in graph.output_ids),
        active=tuple(active),
        dtype=graph.dtype,
    )
