"""Neurons gathered into a linear layer: the way back from `visualad.graph.neurons`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from visualad.errors import GraphError
from visualad.graph.checks import known_shapes
from visualad.graph.groups import still_there
from visualad.graph.layout import layered_layout
from visualad.graph.model import CONSTANT, DATA, PARAMETER, VARIABLE, Graph, Node
from visualad.graph.names import free_name
from visualad.graph.neurons import (
    COLUMN,
    LAYER,
    LINEAR,
    LOSSES,
    NEURON,
    STACKS,
    groups_apart,
    is_function,
    placed,
)
from visualad.graph.samples import rows_of, sample_of, with_rows

_WEIGHTS = (PARAMETER, VARIABLE, CONSTANT)


def gather(graph: Graph, ids: Iterable[str] | None = None) -> Graph:
    """The graph with neurons that read the same inputs as one linear layer; the numbers stay.

    Functions of one value that stand behind every neuron of a layer are gathered too, and so are
    the columns of a data set. A neuron that others need by itself becomes a column of the layer.

    Args:
        ids: names or ids of the neurons, or of nodes among which they are; None: all of them.

    Raises:
        GraphError: if there is none, or no weights that belong to one neuron alone.
    """
    chosen = set(graph.order if ids is None else map(graph.id_of, ids))
    layers = _layers(graph, chosen)
    if not layers:
        raise GraphError(
            "There are no neurons to gather; select nodes of the type neuron, whose weights are "
            "parameters that feed nothing else."
        )
    work = _Gathering(graph)
    for neurons in layers:
        work.layer(neurons)
    return work.finish()


def _layers(graph: Graph, chosen: set[str]) -> list[list[str]]:
    """Neurons by layer: those of one group that read the same inputs."""
    found: dict[tuple[object, ...], list[str]] = {}
    for id_ in graph.order:
        if id_ not in chosen or not _is_neuron(graph, id_):
            continue
        around = tuple(key for key, group in graph.groups.items() if id_ in group.members)
        key = (around, *_inputs(graph, id_))
        found.setdefault(key, []).append(id_)
    places = {id_: i for i, id_ in enumerate(graph.nodes_by_id)}
    return [sorted(neurons, key=places.__getitem__) for neurons in found.values()]


def _is_neuron(graph: Graph, id_: str) -> bool:
    """Whether a node is a neuron with a bias and with weights of its own."""
    node = graph.nodes_by_id[id_]
    parts = [graph.sources.get((id_, port), "") for port in node.ports]
    if node.op != NEURON or len(parts) < 3 or len(parts) % 2 == 0 or "" in parts:
        return False
    leaves = [graph.nodes_by_id[part] for part in (*parts[:-1:2], parts[-1])]
    return len({leaf.op for leaf in leaves[:-1]}) == 1 and all(
        leaf.op in _WEIGHTS
        and np.ndim(leaf.value) == 0
        and not leaf.aliases
        and leaf.id not in graph.output_ids
        and len(graph.edges_from(leaf.id)) == 1
        for leaf in leaves
    )


def _inputs(graph: Graph, id_: str) -> list[str]:
    ports = graph.nodes_by_id[id_].ports
    return [graph.sources[id_, port] for port in ports[1::2]]


@dataclass
class _Gathering:
    """The graph while it is gathered."""

    graph: Graph

    def __post_init__(self) -> None:
        self.nodes = dict(self.graph.nodes_by_id)
        self.sources = dict(self.graph.sources)
        self.outputs = set(self.graph.output_ids)
        self.shapes = known_shapes(self.graph)
        self.vectors = {id_ for id_, shape in self.shapes.items() if len(shape) == 1}
        self.gathered: dict[tuple[str, ...], str] = {}
        self.places = {id_: float(i) for i, id_ in enumerate(self.nodes)}
        self.spare: list[str] = []  # ids of nodes that go if nothing needs them
        self.gone: set[str] = set()  # ids of groups
        self.wanted: dict[str, str] = {}  # names that will be free in the end, by id

    # One layer --------------------------------------------------------------------------------

    def layer(self, neurons: Sequence[str]) -> None:
        """Gather the neurons of one layer and the functions behind them."""
        inputs = _inputs(self.graph, neurons[0])
        parts = [[self.sources[id_, p] for p in self.nodes[id_].ports] for id_ in neurons]
        leaves = [[self.nodes[id_] for id_ in (*row[:-1:2], row[-1])] for row in parts]
        weights = np.array([[leaf.value for leaf in row[:-1]] for row in leaves], dtype=float)
        bias = np.array([row[-1].value for row in leaves], dtype=float)
        names = self._names(neurons, leaves)
        first_weight, first_bias = leaves[0][0], leaves[0][-1]
        around = [key for key, group in self.graph.groups.items() if neurons[0] in group.members]
        for row in leaves:
            for leaf in row:
                del self.nodes[leaf.id]
        for id_ in neurons:
            for port in self.nodes[id_].ports:
                del self.sources[id_, port]
        dtype = self.graph.dtype
        W = self.add(_as_array(first_weight, names["weights"], weights.astype(dtype)))
        b = self.add(_as_array(first_bias, names["bias"], bias.astype(dtype)))
        X = self.whole(inputs)
        linear = self.join(neurons, names["linear"], LINEAR, {}, is_vector=X in self.vectors)
        for port, source in zip(("X", "W", "b"), (X, W, b), strict=True):
            self.sources[linear, port] = source
        self.gone |= {key for key in around if LAYER in self.graph.groups[key].extra}
        self._gather_behind(neurons, names)

    def _names(self, neurons: Sequence[str], leaves: Sequence[Sequence[Node]]) -> dict[str, str]:
        """What the matrices are called: as the group remembers, else like their elements."""
        for group in self.graph.groups.values():
            known = group.extra.get(LAYER)
            if isinstance(known, dict) and set(neurons) <= set(group.members):
                names = {k: str(v) for k, v in known.items()}
                if {"linear", "weights", "bias"} <= names.keys():
                    return names
        return {
            "linear": _stem([self.nodes[id_].name for id_ in neurons], "h"),
            "weights": _stem([row[0].name for row in leaves], "W").upper(),
            "bias": _stem([row[-1].name for row in leaves], "b"),
        }

    def whole(self, columns: Sequence[str]) -> str:
        """The node whose columns these are; it is made where there is none."""
        key = tuple(columns)
        if key not in self.gathered:
            nodes = [self.graph.nodes_by_id[id_] for id_ in columns]
            whole = self._source_of_columns(nodes) or self._table(nodes)
            are_numbers = all(self.shapes.get(id_) == () for id_ in columns)
            stack = STACKS[are_numbers]
            self.gathered[key] = whole or self.join(
                columns,
                _stem([node.name for node in nodes], "X"),
                stack,
                {},
                is_vector=are_numbers,
                keeps=True,
            )
        return self.gathered[key]

    def _source_of_columns(self, nodes: Sequence[Node]) -> str:
        """The id of the node of which these are all columns in order, or ""."""
        if any(n.op != COLUMN for n in nodes):
            return ""
        sources = {self.graph.sources.get((node.id, "X"), "") for node in nodes}
        places = [node.settings.get("index", 0) for node in nodes]
        if len(sources) != 1 or places != list(range(len(nodes))):
            return ""
        self.spare += [node.id for node in nodes]
        return sources.pop()

    def _table(self, nodes: Sequence[Node]) -> str:
        """The columns of a data set as one data node, or ""."""
        roles = {node.settings.get("role", "inputs") for node in nodes}
        places = [node.settings.get("column") for node in nodes]
        samples = {sample_of(node) for node in nodes}
        columns = [rows_of(node) for node in nodes]
        if any(n.op != DATA for n in nodes) or places != list(range(len(nodes))):
            return ""
        lengths = {() if column is None else column.shape for column in columns}
        if len(roles) != 1 or len(samples) != 1 or len(lengths) != 1:
            return ""
        if columns[0] is None:  # numbers that were typed in: one sample
            table = np.array([[node.value for node in nodes]], dtype=self.graph.dtype)
        else:
            table = np.column_stack([column for column in columns if column is not None])
            table = table.astype(self.graph.dtype)
        settings = {k: v for k, v in nodes[0].settings.items() if k not in ("value", "column")}
        stem = _stem([node.name for node in nodes], "x").upper()
        made = replace(nodes[0], name=stem, settings=settings, aliases=())
        id_ = self.add(with_rows(made, table, samples.pop() if columns[0] is not None else None))
        for place, node in enumerate(nodes):
            self._becomes_column(node.id, id_, place)
        return id_

    def _gather_behind(self, neurons: Sequence[str], names: dict[str, str]) -> None:
        """Gather the functions of one value that stand behind all of these nodes."""
        for edge in self.graph.edges_from(neurons[0]):
            first = self.graph.nodes_by_id[edge.target]
            if not is_function(first):
                continue
            behind = []
            for id_ in neurons:
                same = [
                    e.target
                    for e in self.graph.edges_from(id_)
                    if self.graph.nodes_by_id[e.target].op == first.op
                    and dict(self.graph.nodes_by_id[e.target].settings) == dict(first.settings)
                ]
                behind += same[:1]
            if len(behind) != len(neurons):
                continue
            name = names.get("activation") or _stem([self.nodes[i].name for i in behind], "a")
            for id_ in behind:
                del self.sources[id_, first.ports[0]]
            whole = self.gathered[tuple(neurons)]
            is_vector = whole in self.vectors
            made = self.join(behind, name, first.op, first.settings, is_vector=is_vector)
            self.sources[made, first.ports[0]] = whole
            self._gather_behind(behind, {})

    # Nodes ------------------------------------------------------------------------------------

    def join(
        self,
        parts: Sequence[str],
        name: str,
        op: str,
        settings: Any,
        *,
        is_vector: bool,
        keeps: bool = False,
    ) -> str:
        """One node in the place of several; these become its columns unless they stay.

        A stack of just these nodes, which there may be already, becomes that node.

        Args:
            is_vector: it holds one number from each part, not a column.
            keeps: it is their stack, and they stay what they are.
        """
        wanted = list(parts)
        stack = next(
            (
                node
                for node in self.graph.nodes_by_id.values()
                if node.op == STACKS[is_vector]
                and [self.graph.sources.get((node.id, p)) for p in node.ports] == wanted
            ),
            None,
        )
        if stack is not None and keeps:
            return stack.id
        first = self.graph.nodes_by_id[parts[0]]
        if stack is not None:
            for port in stack.ports:
                self.sources.pop((stack.id, port), None)
            id_ = stack.id
            self.nodes[id_] = replace(stack, op=op, settings=settings)
        else:
            given = {"inputs": len(parts)} if keeps else settings
            node = Node("", op, name, settings=given, position=first.position)
            id_ = self.add(node, after=first.id)
            if keeps:
                for port, part in zip(self.nodes[id_].ports, parts, strict=True):
                    self.sources[id_, port] = part
        self.gathered[tuple(parts)] = id_
        self.vectors.discard(id_)
        if is_vector:
            self.vectors.add(id_)
        if not keeps:
            for place, part in enumerate(parts):
                self._becomes_column(part, id_, place)
        return id_

    def _becomes_column(self, id_: str, whole: str, place: int) -> None:
        """A node is now a column of another; it goes if nothing needs it."""
        node = self.nodes[id_]
        self.nodes[id_] = replace(node, op=COLUMN, settings={"index": place}, extra={})
        self.sources[id_, "X"] = whole
        self.spare.append(id_)

    def add(self, node: Node, after: str = "") -> str:
        """A new node; it gets a free name, which is its id."""
        taken = {n for other in self.nodes.values() for n in (other.id, other.name, *other.aliases)}
        name = node.name if node.name not in taken else free_name(f"{node.name}_", 2, taken)[0]
        self.places[name] = self.places.get(after or node.id, 0.0)
        self.nodes[name] = replace(node, id=name, name=name)
        if name != node.name:
            self.wanted[name] = node.name
        return name

    # The end ----------------------------------------------------------------------------------

    def finish(self) -> Graph:
        """The graph without what nothing needs any more, laid out."""
        self._compare_tables()
        for id_ in dict.fromkeys(reversed(self.spare)):
            if id_ not in self.sources.values() and id_ not in self.outputs:
                self.sources.pop((id_, "X"), None)
                del self.nodes[id_]
        order = {id_: i for i, id_ in enumerate(self.nodes)}
        called = self._names_that_are_free()
        nodes = {
            called.get(id_, id_): replace(
                self.nodes[id_], id=called.get(id_, id_), name=called.get(id_, self.nodes[id_].name)
            )
            for id_ in sorted(self.nodes, key=lambda i: (self.places.get(i, 0.0), order[i]))
        }
        sources = {
            (called.get(target, target), port): called.get(source, source)
            for (target, port), source in self.sources.items()
            if target in self.nodes and source in self.nodes
        }
        groups = {k: g for k, g in self.graph.groups.items() if k not in self.gone}
        graph = self.graph.with_(
            nodes_by_id=nodes, sources=sources, groups=still_there(groups, nodes)
        )
        return groups_apart(placed(graph, layered_layout(graph, previous=False)))

    def _names_that_are_free(self) -> dict[str, str]:
        """What new nodes are to be called, where that name is free now, by id."""
        taken = {n for node in self.nodes.values() for n in (node.id, node.name, *node.aliases)}
        found: dict[str, str] = {}
        for id_, name in self.wanted.items():
            if id_ in self.nodes and name not in taken:
                found[id_] = name
                taken.add(name)
        return found

    def _compare_tables(self) -> None:
        """A loss over the column of a layer compares the layer with a table of targets."""
        for id_, node in list(self.nodes.items()):
            operation = node.operation
            if operation is None or operation.category != LOSSES or len(node.ports) != 2:
                continue
            output, targets = (self.sources.get((id_, port), "") for port in node.ports)
            whole = self.gathered.get((output,), "")
            target = self.graph.nodes_by_id.get(targets)
            if not whole or target is None or target.op != DATA:
                continue
            if target.settings.get("column") != 0 or len(self.graph.edges_from(targets)) != 1:
                continue
            self.sources[id_, node.ports[0]] = whole
            self.sources[id_, node.ports[1]] = self.whole([targets])


def _as_array(leaf: Node, name: str, value: Any) -> Node:
    return replace(leaf, name=name, settings={**leaf.settings, "value": value}, aliases=())


def _stem(names: Sequence[str], otherwise: str) -> str:
    """What the elements are called without their number: o1, o2 -> o; h1_1, h1_2 -> h1."""
    stems = {name.rstrip("0123456789").removesuffix("_") for name in names}
    return stems.pop() if len(stems) == 1 and "" not in stems else otherwise
