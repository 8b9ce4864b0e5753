"""A graph by numbers: nodes in topological order, edges as indices. What engines loop over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from operator import is_not
from typing import Any, cast

import numpy as np

from visualad.graph.model import LEAVES, Graph, Node
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
        edges: targets and sources of all ports as arrays, ordered by target and then by port; the
            source is `UNCONNECTED` where there is none.
        operations_by_name: the operations it was built with, by the name that the nodes give.
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
    edges: tuple[Any, Any]
    operations_by_name: Mapping[str, Operation | None]

    def __len__(self) -> int:
        return len(self.nodes)

    def __getstate__(self) -> dict[str, Any]:
        # What is derived from the fields is cheap to find again and large to send.
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the nodes."""
        return tuple([node.name for node in self.nodes])

    @cached_property
    def has_aliases(self) -> bool:
        """Whether some node has further names."""
        return any(node.aliases for node in self.nodes)

    def named(self, found: Iterable[Any]) -> dict[str, Any]:
        """What is known of the nodes, in their order, by name and alias; without the Nones."""
        listed = list(found)
        named = dict(zip(self.names, listed, strict=True))
        if not all(map(is_not, listed, repeat(None))):
            named = {name: value for name, value in named.items() if value is not None}
        if not self.has_aliases:
            return named
        ordered: dict[str, Any] = {}
        for node in self.nodes:
            if node.name in named:
                ordered[node.name] = named[node.name]
                for alias in node.aliases:
                    ordered.setdefault(alias, named[node.name])
        return ordered

    @cached_property
    def wired(self) -> tuple[list[int], list[int]]:
        """Targets and sources of the edges that are connected, as lists, in the same order."""
        targets, sources = self.edges
        connected = sources >= 0
        return targets[connected].tolist(), sources[connected].tolist()

    @cached_property
    def wired_backwards(self) -> tuple[list[int], list[int]]:
        """The same from the last target to the first."""
        targets, sources = self.wired
        return targets[::-1], sources[::-1]

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
    def is_connected(self) -> bool:
        """Whether every port of every node has a source."""
        return bool(np.all(self.edges[1] >= 0))

    def name(self, index: int) -> str:
        """Name of the node at this index."""
        return self.nodes[index].name

    def edge(self, target: int, port: int) -> tuple[str, str, str]:
        """The edge into a port as (source id, target id, port name)."""
        source = self.nodes[self.sources[target][port]].id
        return source, self.nodes[target].id, self.ports[target][port]

    def reaching(self, goals: tuple[int, ...]) -> list[bool]:
        """For each node, whether a path leads from it to one of the goals."""
        known: tuple[tuple[int, ...], list[bool]] | None = self.__dict__.get("_reaching")
        if known is not None and known[0] == goals:
            return known[1]
        reached = [False] * len(self)
        for goal in goals:
            reached[goal] = True
        for target, source in zip(*self.wired_backwards, strict=True):
            if reached[target]:
                reached[source] = True
        self.__dict__["_reaching"] = goals, reached  # one sweep asks several times
        return reached

    def reached_from(self, starts: tuple[int, ...]) -> list[bool]:
        """For each node, whether a path leads to it from one of the starts."""
        reached = [False] * len(self)
        for start in starts:
            reached[start] = True
        for target, source in zip(*self.wired, strict=True):
            if reached[source]:
                reached[target] = True
        return reached


def is_active(graph: Graph, id_: str) -> bool:
    """Whether a node is an input or parameter or depends on one: derivatives reach no other."""
    structure = structure_of(graph)
    return structure.active[structure.index[id_]]


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
    index = dict(zip(graph.order, range(len(nodes)), strict=True))
    types = [node.op for node in nodes]
    known = {op: None if op in LEAVES else REGISTRY.get(op) for op in dict.fromkeys(types)}
    operations = [known[op] for op in types]
    fixed = {op: _fixed_ports(op, found) for op, found in known.items()}
    ports = [fixed[op] for op in types]
    for i in _of_plugins(types, known):
        if nodes[i].operation is None:  # of another version
            operations[i], ports[i] = None, nodes[i].ports
    settings: list[Mapping[str, Any]] = [_NOTHING] * len(nodes)
    for i, found in enumerate(operations):
        if ports[i] is None:
            ports[i] = nodes[i].ports
        if found is not None and found.settings:
            settings[i] = found.settings_for(nodes[i].settings)
    named_ports = cast("list[tuple[str, ...]]", ports)
    edges, sources = _edges(graph, named_ports)
    independents = tuple([index[graph.id_of(name)] for name in graph.independents])
    active = [False] * len(nodes)
    for position in independents:
        active[position] = True
    for position, feeding in enumerate(sources):
        for source in feeding:
            if source >= 0 and active[source]:
                active[position] = True
    return Structure(
        nodes=nodes,
        operations=tuple(operations),
        ports=tuple(named_ports),
        sources=tuple(sources),
        settings=tuple(settings),
        index=index,
        independents=independents,
        outputs=tuple(index[id_] for id_ in graph.output_ids),
        active=tuple(active),
        dtype=graph.dtype,
        edges=edges,
        operations_by_name={op: found for op, found in known.items() if op not in LEAVES},
    )


def _of_plugins(types: Sequence[str], known: Mapping[str, Operation | None]) -> list[int]:
    """The nodes whose operation is a plugin's; almost always none, and then quickly."""
    theirs = {op for op, found in known.items() if found is not None and found.plugin}
    return [i for i, op in enumerate(types) if op in theirs] if theirs else []


def _fixed_ports(op: str, found: Operation | None) -> tuple[str, ...] | None:
    """The ports of all nodes of a type; None where they depend on the node."""
    if op in LEAVES:
        return ()
    return None if found is None or found.variadic else found.ports


def _edges(
    graph: Graph, ports: Sequence[tuple[str, ...]]
) -> tuple[tuple[Any, Any], list[tuple[int, ...]]]:
    """Targets and sources of all ports as arrays, and the sources of each node."""
    count = len(ports)
    lengths = np.fromiter(map(len, ports), np.int64, count)
    ends = np.cumsum(lengths)
    begins = ends - lengths
    position = np.empty(count, dtype=np.int64)
    position[graph.ordered_places] = np.arange(count)
    start, to = graph.edge_places
    targets = position[to]
    numbers = {names: {name: i for i, name in enumerate(names)} for names in set(ports)}
    numbered = [numbers[names] for names in ports]
    keys = zip(targets.tolist(), graph.sources, strict=True)
    port = np.array([numbered[at].get(name, -1) for at, (_, name) in keys], dtype=np.int64)
    fits = port >= 0  # an operation may have lost a port since the file was written
    flat = np.full(int(lengths.sum()), UNCONNECTED)
    flat[begins[targets[fits]] + port[fits]] = position[start[fits]]
    listed = tuple(flat.tolist())
    sources = [listed[i:j] for i, j in zip(begins.tolist(), ends.tolist(), strict=True)]
    return (np.repeat(np.arange(count), lengths), flat), sources
