"""A linear layer written out as its neurons and weights, each of them a node of its own.

X Wᵀ + b becomes o1 = w11·x1 + w12·x2 + b1, o2 = …, with a group for the layer; functions of one
value behind it are applied to each neuron. See `visualad.graph.matrices` for the way back.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from visualad.errors import GraphError
from visualad.graph.checks import known_shapes
from visualad.graph.groups import still_there
from visualad.graph.layout import CARD, COLUMN_GAP, layered_layout
from visualad.graph.model import DATA, LEAVES, Graph, Group, Node
from visualad.graph.names import free_name, name_fault
from visualad.graph.notes import new_id
from visualad.graph.samples import rows_of, sample_of, with_rows
from visualad.ops.declaration import REGISTRY

LINEAR, NEURON, COLUMN = "linear", "neuron", "column"
STACKS = ("column_stack", "concatenate")  # of columns (N,), of numbers
LOSSES, NORMALIZATIONS = "Losses", "Normalisation"  # categories
MOST_WEIGHTS = 400  # of one layer: each is a card to be read
LAYER = "layer"  # key of a group's extra: what the matrices were called


def write_out(graph: Graph, ids: Iterable[str] | None = None) -> Graph:
    """The graph with linear layers written out as neurons; the numbers stay the same.

    Inputs X (N, d) in a data node that feeds nothing else become x1, x2, ... (N,), and so do the
    targets of a loss over one output. The layer's own node stays only where its matrix is needed.

    Args:
        ids: names or ids of the linear nodes, or of nodes among which they are; None: all of them.

    Raises:
        GraphError: if there is none, one is too large, or its weights are no values of its own.
    """
    chosen = set(graph.order if ids is None else map(graph.id_of, ids))
    layers = [id_ for id_ in graph.order if id_ in chosen and graph.nodes_by_id[id_].op == LINEAR]
    if not layers:
        raise GraphError(
            "There is no linear layer to write out; select a node of the type linear (X Wᵀ + b)."
        )
    work = _Writing(graph, layers)
    for id_ in layers:
        work.check(id_)
    for id_ in layers:
        work.layer(id_)
    return work.finish()


def element(base: str, *places: int, wide: bool = False) -> str:
    """The name of an element, counted from 1: o -> o1, h2 -> h2_1, w with (1, 2) -> w12."""
    joined = ("_" if wide else "").join(str(place) for place in places)
    return f"{base}_{joined}" if base[-1:].isdigit() else f"{base}{joined}"


@dataclass
class _Writing:
    """The graph while it is written out.

    Attributes:
        layers: ids of the linear nodes to write out.
        columns: for nodes that have been taken apart, the ids of their columns.
        made: ids of the new nodes, each with that of the node that it stands for.
    """

    graph: Graph
    layers: Sequence[str]
    columns: dict[str, list[str]] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes = dict(self.graph.nodes_by_id)
        self.sources = dict(self.graph.sources)
        self.groups = dict(self.graph.groups)
        self.shapes = known_shapes(self.graph)
        self.outputs = set(self.graph.output_ids)
        self.taken = {n for node in self.nodes.values() for n in (node.id, node.name)}
        self.taken |= {alias for node in self.nodes.values() for alias in node.aliases}
        self.stems = Counter(_unnumbered(name) for name in self._matrices())

    def _matrices(self) -> Iterator[str]:
        """Names of all layers, of what stands behind them and of their weights and biases.

        Also of those that have been written out before.
        """
        for node in self.graph.nodes_by_id.values():
            if node.op != LINEAR:
                continue
            yield node.name
            for port in ("W", "b"):
                if (node.id, port) in self.sources:
                    yield self.nodes[self.sources[node.id, port]].name
            yield from (behind.name for behind in self._functions_behind(node.id))
        for group in self.groups.values():
            known = group.extra.get(LAYER)
            if isinstance(known, dict):
                yield from map(str, known.values())

    def _functions_behind(self, id_: str) -> Iterator[Node]:
        for edge in self.graph.edges_from(id_):
            node = self.graph.nodes_by_id[edge.target]
            if is_function(node):
                yield node
                yield from self._functions_behind(node.id)

    def stem(self, name: str, count: int = 0) -> str:
        """What the elements of a matrix are called: W2 -> w2, or w where it is the only W.

        Args:
            count: of the elements; the short name is not taken where one of theirs is not free.
        """
        short = _unnumbered(name)
        names = {element(_small(short), i + 1) for i in range(count)}
        is_short = self.stems[short] == 1 and names.isdisjoint(self.taken)
        return _small(short if is_short else name)

    # What can be written out ------------------------------------------------------------------

    def check(self, id_: str) -> None:
        """Refuse a layer that cannot be written out, in one sentence."""
        node = self.nodes[id_]
        for port in node.ports:
            if (id_, port) not in self.sources:
                raise GraphError(
                    f"Port '{port}' of {node.name} is not connected; connect it first.",
                    node=node.name,
                )
        W, b = (self.nodes[self.sources[id_, port]] for port in ("W", "b"))
        for leaf in (W, b):
            is_used = leaf.id in self.outputs or bool(leaf.aliases)
            if leaf.op not in LEAVES or is_used or len(self.graph.edges_from(leaf.id)) != 1:
                why = "is computed" if leaf.op not in LEAVES else "feeds other nodes too"
                why = "is an output or has a second name" if is_used else why
                raise GraphError(
                    f"{node.name} cannot be written out: its {leaf.name} {why}; each weight needs "
                    "a value of its own.",
                    node=node.name,
                )
        shape = np.shape(W.value)
        if len(shape) != 2 or np.shape(b.value) != shape[:1]:
            raise GraphError(
                f"{node.name} cannot be written out: {W.name} has the shape {shape} and {b.name} "
                f"{np.shape(b.value)}, where (out, in) and (out,) are expected.",
                node=node.name,
            )
        if shape[0] * shape[1] > MOST_WEIGHTS:
            raise GraphError(
                f"{node.name} has {shape[0] * shape[1]:,} weights, too many to be read as "
                f"nodes; the limit is {MOST_WEIGHTS} in one layer, 20 × 20 for example.",
                node=node.name,
            )
        if len(self.shapes.get(self.sources[id_, "X"], (0, 0))) > 2:
            raise GraphError(
                f"{node.name} cannot be written out: its input is a stack of batches, with the "
                f"shape {self.shapes[self.sources[id_, 'X']]}.",
                node=node.name,
            )

    # One layer --------------------------------------------------------------------------------

    def layer(self, id_: str) -> None:
        """Write a linear layer out as neurons, and the functions of one value behind it."""
        node = self.nodes[id_]
        X, W, b = (self.sources[id_, port] for port in ("X", "W", "b"))
        weights = np.asarray(self.nodes[W].value)
        rows, width = weights.shape
        inputs = self.columns_of(X, width)
        names = {"linear": node.name, "weights": self.nodes[W].name, "bias": self.nodes[b].name}
        for leaf in (W, b):
            self._remove(leaf)
        if self._dissolves(id_):
            self._remove(id_)
        weight_stem, bias_stem = self.stem(names["weights"]), self.stem(names["bias"], rows)
        stem = self.stem(node.name, rows)
        wide = max(rows, width) > 9
        w, bias = self.graph.nodes_by_id[W], self.graph.nodes_by_id[b]
        neurons, members = [], []
        for i in range(rows):
            given: list[str] = []
            for j in range(width):
                name = element(weight_stem, i + 1, j + 1, wide=wide)
                made = self.add(w.op, name, _leaf_settings(w, weights[i, j]), near=W)
                given += [made, inputs[j]]
                members.append(made)
            settings = _leaf_settings(bias, bias.value[i])
            offset = self.add(bias.op, element(bias_stem, i + 1), settings, near=b)
            name = element(stem, i + 1)
            neuron = self.add(NEURON, name, {"inputs": 2 * width + 1}, [*given, offset], near=id_)
            neurons.append(neuron)
            members += [offset, neuron]
        is_vector = len(self.shapes.get(X, ())) == 1
        self.take_apart(id_, neurons, STACKS[is_vector])
        behind = self.apply_behind(id_, STACKS[is_vector])
        around = self._around(id_)
        for stack, parts in behind.items():
            if self._around(stack) == around:
                members += parts
                names.setdefault("activation", self.graph.nodes_by_id[stack].name)
        self.put_in_group(id_, members, names)

    def columns_of(self, id_: str, width: int) -> list[str]:
        """The ids of nodes that hold the columns of a node; they are made where there are none."""
        if id_ not in self.columns:
            node = self.nodes[id_]
            parts = [self.sources.get((id_, port), "") for port in node.ports]
            is_vector = len(self.shapes.get(id_, (0, 0))) == 1
            if node.op == STACKS[is_vector] and len(parts) == width:
                self.columns[id_] = parts  # and the stack goes if nothing else needs it
            elif self._is_own_data(node, width):
                self.columns[id_] = self.data_columns(node)
            else:
                base = _small(node.name)
                self.columns[id_] = [
                    self.add(COLUMN, element(base, j + 1), {"index": j}, [id_], near=id_)
                    for j in range(width)
                ]
        return self.columns[id_]

    def data_columns(self, node: Node) -> list[str]:
        """A data node's columns, as data nodes that stand in its place."""
        table, shown = rows_of(node), sample_of(node)
        assert table is not None
        self._remove(node.id)
        columns = []
        for j in range(table.shape[1]):
            settings = {k: v for k, v in node.settings.items() if k != "value"}
            name = element(_small(node.name), j + 1)
            made = self.add(DATA, name, {**settings, "column": j}, near=node.id)
            self.nodes[made] = with_rows(self.nodes[made], table[:, j], shown)
            columns.append(made)
        for group in self._around(node.id):
            self._extend(group, columns)
        return columns

    def _is_own_data(self, node: Node, width: int) -> bool:
        """Whether a data node holds a table that feeds only what is written out."""
        table = rows_of(node)
        if table is None or table.ndim != 2 or table.shape[1] != width or node.aliases:
            return False
        if node.id in self.outputs or "column" in node.settings:
            return False
        return all(edge.target in self.layers for edge in self.graph.edges_from(node.id))

    def apply_behind(self, id_: str, stack: str) -> dict[str, list[str]]:
        """Apply the functions of one value behind a node to its columns; their columns by id."""
        found: dict[str, list[str]] = {}
        waiting = [id_]
        while waiting:
            current = waiting.pop(0)
            for edge in self.graph.edges_from(current):
                node = self.graph.nodes_by_id[edge.target]
                if not is_function(node):
                    continue
                if self._dissolves(node.id):
                    self._remove(node.id)
                stem = self.stem(node.name, len(self.columns[current]))
                parts = [
                    self.add(node.op, element(stem, i + 1), node.settings, [part], near=node.id)
                    for i, part in enumerate(self.columns[current])
                ]
                self.take_apart(node.id, parts, stack)
                found[node.id] = parts
                waiting.append(node.id)
        return found

    def take_apart(self, id_: str, parts: list[str], stack: str) -> None:
        """A node becomes the stack of its columns, so that whatever needs it still has it."""
        self.columns[id_] = parts
        node = self.graph.nodes_by_id[id_]
        if self._dissolves(id_):
            return
        for port in node.ports:
            self.sources.pop((id_, port), None)
        self.nodes[id_] = replace(node, op=stack, settings={"inputs": len(parts)}, extra={})
        for port, part in zip(self.nodes[id_].ports, parts, strict=True):
            self.sources[id_, port] = part

    def _dissolves(self, id_: str) -> bool:
        """Whether all that needs a node is taken apart with it."""
        edges = self.graph.edges_from(id_)
        if id_ in self.outputs or self.graph.nodes_by_id[id_].aliases:
            return False
        return all(
            (edge.target in self.layers and edge.port == "X")
            or is_function(self.graph.nodes_by_id[edge.target])
            for edge in edges
        )

    # Nodes and groups -------------------------------------------------------------------------

    def add(
        self,
        op: str,
        name: str,
        settings: Mapping[str, Any],
        sources: Sequence[str] = (),
        *,
        near: str,
    ) -> str:
        """A new node; its id is its name."""
        if name_fault(name) or name in self.taken or name in REGISTRY:
            name = free_name(f"{name}_", 2, self.taken)[0]
        place = self.graph.nodes_by_id[near].position
        self.nodes[name] = Node(name, op, name, settings=settings, position=place)
        for port, source in zip(self.nodes[name].ports, sources, strict=True):
            self.sources[name, port] = source
        self.taken.add(name)
        self.made[name] = near
        return name

    def _remove(self, id_: str) -> None:
        """Take a node away; its name is free."""
        node = self.nodes.pop(id_)
        for port in node.ports:
            self.sources.pop((id_, port), None)
        self.taken -= {id_, node.name}

    def _around(self, id_: str) -> list[str]:
        return [key for key, group in self.graph.groups.items() if id_ in group.members]

    def _extend(self, group: str, members: Sequence[str]) -> None:
        known = self.groups[group]
        self.groups[group] = replace(known, members=(*known.members, *members))

    def put_in_group(self, id_: str, members: Sequence[str], names: Mapping[str, str]) -> None:
        """A group for the layer, in the groups in which its node is."""
        for group in self._around(id_):
            self._extend(group, members)
        key = new_id(self.groups, "group", None)
        title = f"Layer {names['linear']}"
        self.groups[key] = Group(key, title, tuple(members), extra={LAYER: dict(names)})

    # The end ----------------------------------------------------------------------------------

    def finish(self) -> Graph:
        """The graph, without stacks that nothing needs, laid out."""
        self._compare_single_outputs()
        self._drop_stacks()
        nodes = {id_: self.nodes[id_] for id_ in self._in_order()}
        sources = {k: s for k, s in self.sources.items() if k[0] in nodes and s in nodes}
        groups = {
            key: replace(group, members=tuple(id_ for id_ in nodes if id_ in set(group.members)))
            for key, group in still_there(self.groups, nodes).items()
        }
        graph = self.graph.with_(nodes_by_id=nodes, sources=sources, groups=groups)
        return groups_apart(placed(graph, layered_layout(graph, previous=False)))

    def _in_order(self) -> list[str]:
        """New nodes stand where the node stood that they replace; the rest as before."""
        places = {id_: i for i, id_ in enumerate(self.graph.nodes_by_id)}
        made = {id_: i for i, id_ in enumerate(self.made)}
        return sorted(self.nodes, key=lambda i: (places[self.made.get(i) or i], made.get(i, -1)))

    def _compare_single_outputs(self) -> None:
        """A loss over one column compares that column with the targets' own."""
        for id_, node in list(self.nodes.items()):
            operation = node.operation
            if operation is None or operation.category != LOSSES or len(node.ports) != 2:
                continue
            output, targets = (self.sources.get((id_, port), "") for port in node.ports)
            columns = self.columns.get(output, [])
            if len(columns) != 1 or targets not in self.graph or output in self.outputs:
                continue
            table = rows_of(self.nodes[targets])
            feeds = self.graph.edges_from(targets)
            if table is None or table.ndim != 2 or table.shape[1] != 1 or len(feeds) != 1:
                continue
            if targets in self.outputs or self.nodes[targets].aliases:
                continue
            (made,) = self.data_columns(self.nodes[targets])
            self.sources[id_, node.ports[0]] = columns[0]
            self.sources[id_, node.ports[1]] = made

    def _drop_stacks(self) -> None:
        """Remove what was taken apart and is not needed whole."""
        for id_ in reversed([i for i in self.graph.order if i in self.columns and i in self.nodes]):
            used = id_ in self.sources.values() or id_ in self.outputs
            if self.nodes[id_].op in STACKS and not used:
                for port in self.nodes[id_].ports:
                    self.sources.pop((id_, port), None)
                del self.nodes[id_]


def placed(graph: Graph, places: Mapping[str, tuple[float, float]]) -> Graph:
    """The graph with nodes at these places."""
    nodes = dict(graph.nodes_by_id)
    for id_, place in places.items():
        nodes[id_] = replace(nodes[id_], position=place)
    return graph.with_(nodes_by_id=nodes)


def groups_apart(graph: Graph) -> Graph:
    """The boxes of the layers one right of the other: what stands in or behind one moves right."""
    places = {id_: node.position for id_, node in graph.nodes_by_id.items()}
    layers = [group for group in graph.groups.values() if LAYER in group.extra]
    members = {id_ for group in layers for id_ in group.members}
    # What feeds the layers from outside keeps its column; the first box stands right of it.
    before = {
        source
        for (target, _), source in graph.sources.items()
        if target in members and source not in members and not graph.edges_into(source)
    }
    pitch = CARD[0] + COLUMN_GAP
    right = max((places[id_][0] + pitch for id_ in before), default=-math.inf)
    for group in layers:
        left = min(places[id_][0] for id_ in group.members)
        shift = right - left
        if shift > 0:
            for id_, (x, y) in places.items():
                if x >= left and id_ not in before:
                    places[id_] = (x + shift, y)
        before |= set(group.members)
        right = max(places[id_][0] for id_ in group.members) + pitch
    return placed(graph, places)


def is_function(node: Node) -> bool:
    """Whether a node applies a function of one value to each element.

    Dropout does not count: what training leaves out is drawn for a layer as a whole.
    """
    operation = node.operation
    return (
        operation is not None
        and operation.elementwise
        and len(node.ports) == 1
        and operation.category != NORMALIZATIONS
    )


def _unnumbered(name: str) -> str:
    return name.rstrip("0123456789").removesuffix("_") or name


def _small(name: str) -> str:
    """X -> x, W1 -> w1; longer names stay."""
    return name.lower() if len(name.rstrip("0123456789_")) == 1 else name


def _leaf_settings(leaf: Node, value: Any) -> dict[str, Any]:
    return {**leaf.settings, "value": float(value)}
