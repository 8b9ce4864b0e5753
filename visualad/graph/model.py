"""The graph as a value: nodes, edges and what surrounds them. Every edit gives a new graph."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from visualad.errors import GraphError
from visualad.ops.declaration import REGISTRY, Operation

# Operations that stand for a value from outside; the first two are what `at` must give.
VARIABLE, DATA, PARAMETER, CONSTANT = "variable", "data", "parameter", "constant"
LEAVES = frozenset({VARIABLE, DATA, PARAMETER, CONSTANT})


_EMPTY: Mapping[str, Any] = MappingProxyType({})


def freeze(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """A read-only copy with arrays read-only, lists as tuples, NumPy scalars as Python numbers."""
    if not settings:
        return _EMPTY
    return MappingProxyType({key: _frozen(value) for key, value in settings.items()})


def _frozen(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.flags.writeable:
        value = value.copy()
        value.flags.writeable = False
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return tuple(_frozen(part) for part in value)
    return value


def same_value(a: Any, b: Any) -> bool:
    """Equality bit by bit: NaN equals NaN, 0.0 differs from -0.0 and 1 from 1.0."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            isinstance(a, np.ndarray)
            and isinstance(b, np.ndarray)
            and a.dtype == b.dtype
            and a.shape == b.shape
            and a.tobytes() == b.tobytes()
        )
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("<d", a) == struct.pack("<d", b) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same_value, a, b))
    return type(a) is type(b) and bool(a == b)


@dataclass(frozen=True, eq=False)
class Node:
    """A node.

    Attributes:
        id: stable for the life of the node, also over renaming.
        op: name of its operation (`mul`), perhaps one that no plugin provides at present.
        name: what the user calls it (`x4`); unique in the graph.
        aliases: further names (`y1 = v5`).
        settings: values of the operation's settings; `value` of a leaf.
        position: top left corner on the canvas, in scene units (px at 100 %).
        stored_ports: input ports of an unknown operation as the file gave them; else empty.
        extra: keys of the file that this version does not know, written back unchanged.
    """

    id: str
    op: str
    name: str
    aliases: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    position: tuple[float, float] = (0.0, 0.0)
    stored_ports: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", freeze(self.settings))
        object.__setattr__(self, "extra", freeze(self.extra))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            return NotImplemented
        return (
            (self.id, self.op, self.name, self.aliases, self.position, self.stored_ports)
            == (other.id, other.op, other.name, other.aliases, other.position, other.stored_ports)
            and self.settings.keys() == other.settings.keys()
            and all(same_value(v, other.settings[k]) for k, v in self.settings.items())
            and dict(self.extra) == dict(other.extra)
        )

    def __hash__(self) -> int:
        return hash((self.id, self.op, self.name))

    def __reduce__(self) -> tuple[object, ...]:
        # Mapping proxies do not pickle; the kernel gets graphs over a pipe.
        state = (dict(self.settings), self.position, self.stored_ports, dict(self.extra))
        return _received, (self.id, self.op, self.name, self.aliases, *state)

    @property
    def operation(self) -> Operation | None:
        """Its operation, or None when no plugin provides it: the node is then a placeholder.

        An operation whose plugin has given it another version since is not that of the node.
        """
        found = REGISTRY.get(self.op)
        if found is not None and (self.extra or found.version != 1):
            return found if found.version == self.op_version else None
        return found

    @property
    def op_version(self) -> int:
        """The version of its operation's declaration for which it was made."""
        version = self.extra.get("op_version", 1)
        return version if isinstance(version, int) else 1

    @property
    def is_leaf(self) -> bool:
        """Whether its value comes from outside: variable, data, parameter or constant."""
        return self.op in LEAVES

    @property
    def ports(self) -> tuple[str, ...]:
        """Names of its input ports in order."""
        known = self.operation
        return known.ports_for(self.settings) if known is not None else self.stored_ports

    @property
    def value(self) -> Any:
        """The stored value of a leaf, or None."""
        return self.settings.get("value")


def _received(
    id_: str,
    op: str,
    name: str,
    aliases: tuple[str, ...],
    settings: dict[str, Any],
    position: tuple[float, float],
    stored_ports: tuple[str, ...],
    extra: dict[str, Any],
) -> Node:
    """A node that was sent: what is empty in most nodes is shared, as there may be very many."""
    node = object.__new__(Node)
    node.__dict__.update(
        id=id_,
        op=op,
        name=name,
        aliases=aliases,
        settings=freeze(settings) if settings else _EMPTY,
        position=position,
        stored_ports=stored_ports,
        extra=freeze(extra) if extra else _EMPTY,
    )
    return node


def remembered(operation: Operation | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What a new node keeps of a plugin's operation for when it is missing or another one day.

    These are arguments of `Node`: its ports, and the version when it is not the first.
    """
    if operation is None or not operation.plugin:
        return {}
    version = {"op_version": operation.version} if operation.version != 1 else {}
    return {"stored_ports": operation.ports_for(settings), "extra": version}


@dataclass(frozen=True, order=True)
class Edge:
    """From the output of node `source` to input port `port` of node `target` (both node ids)."""

    source: str
    target: str
    port: str


@dataclass(frozen=True)
class Note:
    """Free text on the canvas; no part of the mathematics. `rectangle` is x, y, width, height."""

    id: str
    text: str
    rectangle: tuple[float, float, float, float]


@dataclass(frozen=True)
class Frame:
    """A titled box behind nodes; the nodes that lie in it move with it."""

    id: str
    title: str
    rectangle: tuple[float, float, float, float]
    colour: str = ""


@dataclass(frozen=True)
class Group:
    """Nodes that belong together and may be shown as one card; no part of the mathematics.

    Two groups share no node, or all members of one are members of the other too: it lies in it.

    Attributes:
        members: node ids, in the order of the graph.
        collapsed: whether one card stands for the members.
        position: top left corner of that card, in scene units.
        extra: keys of the file that this version does not know, written back unchanged.
    """

    id: str
    title: str
    members: tuple[str, ...]
    collapsed: bool = False
    position: tuple[float, float] = (0.0, 0.0)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Graph:
    """A computational graph with its layout; immutable. See `visualad.graph.edits` for edits.

    Attributes:
        nodes_by_id: the nodes in the order they were made.
        sources: for each (target id, port) the id of the source node.
        declared_outputs: names of the outputs when they are not simply the nodes that feed none.
        dtype: "float64" or "float32".
        seed: of the one random generator that belongs to the graph.
        notes, frames, groups: by id.
        training: settings of training (optimiser, loss, data, ...) as plain JSON data.
        exercise: what students are asked about this graph, as plain JSON data; see
            `visualad.lessons.exercise`.
        extra: keys of the file that this version does not know, written back unchanged.
    """

    nodes_by_id: Mapping[str, Node] = field(default_factory=dict)
    sources: Mapping[tuple[str, str], str] = field(default_factory=dict)
    declared_outputs: tuple[str, ...] | None = None
    dtype: str = "float64"
    seed: int = 0
    notes: Mapping[str, Note] = field(default_factory=dict)
    frames: Mapping[str, Frame] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    exercise: Mapping[str, Any] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Graph):
            return NotImplemented
        return self is other or (
            self._content() == other._content()
            and list(self.nodes_by_id) == list(other.nodes_by_id)
        )

    def __hash__(self) -> int:
        return hash((frozenset(self.nodes_by_id), frozenset(self.sources.items())))

    def _content(self) -> tuple[object, ...]:
        return (
            self.nodes_by_id,
            self.sources,
            self.declared_outputs,
            self.dtype,
            self.seed,
            self.notes,
            self.frames,
            self.groups,
            self.training,
            self.exercise,
            self.extra,
        )

    def __getstate__(self) -> dict[str, Any]:
        # Cached properties are cheap to compute again and large to send.
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def forget_derived(self) -> None:
        """Work out anew what depends on the node types: these have changed."""
        for name in [name for name in self.__dict__ if name not in self.__dataclass_fields__]:
            del self.__dict__[name]

    def with_(self, **changes: Any) -> Graph:
        """A copy with some fields replaced."""
        return replace(self, **changes)

    # Looking things up ------------------------------------------------------------------------

    def __contains__(self, name_or_id: object) -> bool:
        return name_or_id in self.nodes_by_id or name_or_id in self._ids_by_name

    def __getitem__(self, name_or_id: str) -> Node:
        """The node of this name, alias or id.

        Raises:
            GraphError: if there is none.
        """
        return self.nodes_by_id[self.id_of(name_or_id)]

    def __len__(self) -> int:
        return len(self.nodes_by_id)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def id_of(self, name_or_id: str) -> str:
        """The id of a node given by name, alias or id; names win over ids."""
        found = self._ids_by_name.get(name_or_id)
        if found is None and name_or_id in self.nodes_by_id:
            found = name_or_id
        if found is None:
            raise GraphError(
                f"There is no node '{name_or_id}' in this graph; its nodes are "
                f"{shorten(n.name for n in self.nodes)}."
            )
        return found

    @cached_property
    def _ids_by_name(self) -> dict[str, str]:
        nodes = self.nodes_by_id.values()
        names = {node.name: node.id for node in nodes}
        for node in [node for node in nodes if node.aliases]:
            for alias in node.aliases:
                names.setdefault(alias, node.id)
        return names

    # Structure --------------------------------------------------------------------------------

    @cached_property
    def edge_places(self) -> tuple[Any, Any]:
        """Sources and targets of the edges as arrays, by the places of the nodes in `nodes_by_id`.

        They come in the order of `sources`.
        """
        index = {id_: i for i, id_ in enumerate(self.nodes_by_id)}
        count = len(self.sources)
        to = np.fromiter([index[target] for target, _ in self.sources], np.int64, count)
        start = np.fromiter(map(index.__getitem__, self.sources.values()), np.int64, count)
        return start, to

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Node ids, sources before targets: breadth first from the leaves, in order of making.

        This order numbers the lecture's function x4 = x1·x2, x5 = sin x3, x6 = exp x4, ...
        (Kahn 1962). Graphs have no cycles: `can_connect` refuses them.
        """
        ids = list(self.nodes_by_id)
        return tuple([ids[place] for place in self.ordered_places])

    @cached_property
    def ordered_places(self) -> list[int]:
        """The order, by the places of the nodes in `nodes_by_id`."""
        count = len(self.nodes_by_id)
        start, to = self.edge_places
        # The targets of node i are fed[begin[i] : begin[i + 1]], in the order of the edges.
        fed = to[np.argsort(start, kind="stable")].tolist()
        begin = [0, *np.cumsum(np.bincount(start, minlength=count)).tolist()]
        missing = np.bincount(to, minlength=count).tolist()
        ready = [i for i, edges_in in enumerate(missing) if not edges_in]
        for i in ready:  # which grows on the way
            for target in fed[begin[i] : begin[i + 1]]:
                missing[target] -= 1
                if not missing[target]:
                    ready.append(target)
        if len(ready) != count:
            pairs = zip(self.nodes_by_id.values(), missing, strict=True)
            names = shorten(node.name for node, edges_in in pairs if edges_in > 0)
            raise GraphError(f"The graph has a cycle through {names}; remove one of its edges.")
        return ready

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in topological order."""
        nodes = list(self.nodes_by_id.values())
        return tuple([nodes[place] for place in self.ordered_places])

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, ordered by target (topologically) and port."""
        return tuple(edge for id_ in self.order for edge in self.edges_into(id_))

    def edges_into(self, id_: str) -> list[Edge]:
        """The edges into a node, in the order of its ports."""
        ports = [port for port in self.nodes_by_id[id_].ports if (id_, port) in self.sources]
        ports += self._stray_ports.get(id_, ())
        return [Edge(self.sources[id_, port], id_, port) for port in ports]

    def edges_from(self, id_: str) -> list[Edge]:
        """The edges that leave a node, in topological order of their targets."""
        places, rank = self._fed, self._rank
        ordered = sorted(places.get(id_, ()), key=lambda fed: (rank[fed[0]], fed[1]))
        return [Edge(id_, target, port) for target, _, port in ordered]

    @cached_property
    def depending(self) -> frozenset[str]:
        """Ids of the inputs and parameters and of all that is computed from them."""
        nodes = list(self.nodes_by_id.values())
        depends = [node.op in LEAVES and node.op != CONSTANT for node in nodes]
        start, to = self.edge_places
        by_target = np.argsort(to, kind="stable")
        feeding = start[by_target].tolist()
        begin = [0, *np.cumsum(np.bincount(to, minlength=len(nodes))).tolist()]
        for i in self.ordered_places:
            if not depends[i]:
                depends[i] = any(depends[j] for j in feeding[begin[i] : begin[i + 1]])
        return frozenset(node.id for node, is_one in zip(nodes, depends, strict=True) if is_one)

    @cached_property
    def _stray_ports(self) -> dict[str, list[str]]:
        """Ports that are fed although the operation has them no more, by node id."""
        found: dict[str, list[str]] = {}
        known: dict[tuple[str, str], bool] = {}
        nodes = self.nodes_by_id
        for target, port in self.sources:
            node = nodes[target]
            if node.settings or node.stored_ports:  # which may change the ports
                has_port = port in node.ports
            else:
                key = (node.op, port)
                if key not in known:
                    known[key] = port in node.ports
                has_port = known[key]
            if not has_port:
                found.setdefault(target, []).append(port)
        return found

    @cached_property
    def _fed(self) -> dict[str, list[tuple[str, int, str]]]:
        """For each source id the nodes it feeds: id, place of the port among theirs, port."""
        found: dict[str, list[tuple[str, int, str]]] = {}
        for (target, port), source in self.sources.items():
            found.setdefault(source, []).append((target, 0, port))
        for fed in found.values():
            twice = len({target for target, _, _ in fed}) < len(fed)
            if twice:
                places = {
                    target: [edge.port for edge in self.edges_into(target)] for target, _, _ in fed
                }
                fed[:] = [(t, places[t].index(port), port) for t, _, port in fed]
        return found

    @cached_property
    def _rank(self) -> dict[str, int]:
        return {id_: place for place, id_ in enumerate(self.order)}

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the variables and data nodes, naturally sorted (x2 before x10)."""
        names = (n.name for n in self._leaves if n.op in (VARIABLE, DATA))
        return tuple(sorted(names, key=natural))

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the trainable parameters, in order of making."""
        return tuple(n.name for n in self._leaves if n.op == PARAMETER)

    @cached_property
    def _leaves(self) -> list[Node]:
        return [node for node in self.nodes_by_id.values() if node.op in LEAVES]

    @cached_property
    def independents(self) -> tuple[str, ...]:
        """What derivatives are taken with respect to: inputs, then parameters."""
        return self.inputs + self.parameters

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs: the declared ones, else every node that feeds no other."""
        if self.declared_outputs is not None:
            return self.declared_outputs
        used = set(self.sources.values())
        return tuple(n.name for n in self.nodes if n.id not in used and not n.is_leaf)

    @cached_property
    def output_ids(self) -> tuple[str, ...]:
        """Ids of the output nodes, without repetition."""
        return tuple(dict.fromkeys(self.id_of(name) for name in self.outputs))


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key that puts x2 before x10."""
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]


def shorten(names: Iterable[str], most: int = 8) -> str:
    """A comma-separated list for a message, cut after a few names."""
    listed = list(names)
    shown = ", ".join(listed[:most]) or "none"
    return f"{shown} and {len(listed) - most} more" if len(listed) > most else shown
