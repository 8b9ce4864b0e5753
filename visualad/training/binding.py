"""What of a data set goes where in a graph, and which node is the loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.autodiff.evaluate import evaluate
from visualad.errors import GraphError, ShapeError
from visualad.graph.model import DATA, PARAMETER, VARIABLE, Graph, Node, shorten
from visualad.graph.names import free_name
from visualad.ops.declaration import REGISTRY
from visualad.training.datasets import Dataset

LOSS_CATEGORY = "Losses"
DEFAULT_LOSS = "mean_squared_error"
INPUTS, TARGETS = "inputs", "targets"
STATISTICS = "statistics"  # the role of a data node that holds means or variances, not samples

Table = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Feed:
    """A node that is filled from the data.

    Attributes:
        node: its id.
        part: "inputs" or "targets".
        column: of that part, which the node gets as a vector (N,); None: the whole table (N, d).
    """

    node: str
    part: str
    column: int | None = None

    def take(self, x: Table, y: Table) -> Table:
        """The node's value for these samples."""
        table = x if self.part == INPUTS else y
        return table if self.column is None else table[:, self.column]


@dataclass(frozen=True, eq=False)
class Binding:
    """A graph ready to be trained on a data set.

    Attributes:
        graph: the user's, with a loss added where it had none; its only output is the loss.
        loss: id of the loss node, a scalar.
        output: id of the node that is compared with the targets; "" if the loss hides it.
        feeds: where the data go.
        parameters: ids of the nodes that are trained, in the order they were made.
        widths: number of columns of the "inputs" and the "targets".
        is_mean: the loss is a mean over the samples, so it may be computed in parts.
    """

    graph: Graph
    loss: str
    output: str
    feeds: tuple[Feed, ...]
    parameters: tuple[str, ...]
    widths: Mapping[str, int]
    is_mean: bool

    @property
    def loss_operation(self) -> str:
        """Name of the loss's operation."""
        return self.graph.nodes_by_id[self.loss].op

    def inputs(self, x: Table, y: Table) -> dict[str, Table]:
        """The values of the fed nodes by id for some samples."""
        return {feed.node: feed.take(x, y) for feed in self.feeds}


def bind(graph: Graph, data: Dataset, loss: str | None = None) -> Binding:
    """Find out what goes where.

    Data nodes get the whole inputs (N, d) or targets (N, k), as their role says. A variable with
    the name of a column gets that column as a vector (N,). When no input of the graph is found so,
    as many variables as there are columns get them in order (x2 before x10). Other variables keep
    their value.

    The loss is the node named by `loss`; or the graph's output, when it is a loss or when the
    targets go into the graph already (a mean over the samples is added when it is not a scalar);
    or else an operation that is added to compare the output with the targets: the one that
    `loss` names, else the mean squared error.

    Raises:
        GraphError: if the graph has no parameters, or it is not clear where the data go or what
            the loss is.
        ShapeError: if the data do not fit the graph; says what it expects and what came.
    """
    parameters = tuple(n.id for n in graph.nodes_by_id.values() if n.op == PARAMETER)
    if not parameters:
        raise GraphError(
            "The graph has no parameters to train; put parameter nodes where the weights go."
        )
    feeds = _feeds(graph, data)
    ready, loss_id = _with_loss(graph, data, feeds, loss)
    feeds = _feeds(ready, data)
    node = ready.nodes_by_id[loss_id]
    first = _first_source(ready, node) if _is_loss(node) else ""
    ready = ready.with_(declared_outputs=(node.name,))
    widths = {INPUTS: data.x.shape[1], TARGETS: data.y.shape[1]}
    binding = Binding(ready, loss_id, first, feeds, parameters, widths, _is_loss(node))
    return _checked(binding, data)


def own_loss(graph: Graph) -> Node | None:
    """The one output of the graph that is a loss operation, or None."""
    outputs = (graph.nodes_by_id[id_] for id_ in graph.output_ids)
    losses = [node for node in outputs if _is_loss(node)]
    return losses[0] if len(losses) == 1 else None


def with_loss(graph: Graph, op: str) -> Graph:
    """Another loss: the graph's own loss node becomes one of this type, its edges stay.

    A graph without one stays as it is.

    Raises:
        GraphError: if it is no loss.
    """
    _check_loss(op)
    node = own_loss(graph)
    if node is None or node.op == op:
        return graph
    known = REGISTRY[op].settings
    kept = {key: value for key, value in node.settings.items() if key in known}
    nodes = {**graph.nodes_by_id, node.id: replace(node, op=op, settings=kept)}
    return graph.with_(nodes_by_id=nodes)


def _feeds(graph: Graph, data: Dataset) -> tuple[Feed, ...]:
    feeds = []
    variables = []
    for name in graph.inputs:
        node = graph[name]
        if node.op == DATA and node.settings.get("role") == STATISTICS:
            continue
        if node.op == DATA:
            part = TARGETS if node.settings.get("role") == TARGETS else INPUTS
            feeds.append(Feed(node.id, part, node.settings.get("column")))
        elif name in data.input_names:
            feeds.append(Feed(node.id, INPUTS, data.input_names.index(name)))
        elif name in data.target_names:
            feeds.append(Feed(node.id, TARGETS, data.target_names.index(name)))
        elif node.op == VARIABLE:
            variables.append(node)
    if not any(feed.part == INPUTS for feed in feeds):
        feeds += _in_order(variables, data, any(feed.part == TARGETS for feed in feeds))
    if not any(feed.part == INPUTS for feed in feeds):
        raise GraphError(
            f"It is not clear where the data go: their columns are {shorten(data.names)}, the "
            f"graph's inputs {shorten(graph.inputs)}. Name the inputs like the columns or use a "
            "data node with the role inputs."
        )
    _check_columns(graph, data, feeds)
    return tuple(feeds)


def _check_columns(graph: Graph, data: Dataset, feeds: list[Feed]) -> None:
    """Refuse data whose columns are not those that the data nodes are for, one by one.

    Raises:
        ShapeError: if there are more columns or fewer.
    """
    for part, count in ((INPUTS, data.x.shape[1]), (TARGETS, data.y.shape[1])):
        own = [f for f in feeds if f.part == part and graph.nodes_by_id[f.node].op == DATA]
        # A file may say anything.
        columns: set[Any] = {feed.column for feed in own if feed.column is not None}
        if any(not isinstance(column, int) or column < 0 for column in columns):
            raise GraphError("The column of a data node is a whole number from 0 on.")
        if columns and None not in {feed.column for feed in own}:
            width = max(columns) + 1
            if width != count:
                raise ShapeError(
                    f"The graph has data nodes for {width} column{'s' if width > 1 else ''} of "
                    f"{part}, but the data {_named(data)} have {count}; add or remove nodes, or "
                    "choose other data."
                )


def _named(data: Dataset) -> str:
    return f"'{data.name}'" if data.name else "given"


def _in_order(variables: list[Node], data: Dataset, has_targets: bool) -> list[Feed]:
    d, k = len(data.input_names), len(data.target_names)
    columns = [(INPUTS, i) for i in range(d)]
    if len(variables) == d + k and not has_targets:
        columns += [(TARGETS, i) for i in range(k)]
    if len(variables) != len(columns):
        return []
    return [Feed(n.id, part, i) for n, (part, i) in zip(variables, columns, strict=True)]


def _with_loss(
    graph: Graph, data: Dataset, feeds: tuple[Feed, ...], loss: str | None
) -> tuple[Graph, str]:
    """The graph with a scalar loss, and the id of that node."""
    if loss is not None and loss in graph:
        return _as_scalar(graph, graph.id_of(loss), data, feeds)
    if loss is not None:
        _check_loss(loss)
    outputs = [graph.nodes_by_id[id_] for id_ in graph.output_ids]
    node = own_loss(graph)
    if node is not None:
        if loss is None or loss == node.op:
            return graph, node.id
        source, targets = (graph.sources[node.id, port] for port in node.ports)
        return _add(graph, loss, (source, targets), node.name)
    if len(outputs) != 1:
        names = shorten(node.name for node in outputs)
        raise GraphError(
            f"It is not clear which node is the loss: the outputs are {names}. Name it: loss='L'."
        )
    output = outputs[0].id
    if any(feed.part == TARGETS for feed in feeds):
        targets = next(feed.node for feed in feeds if feed.part == TARGETS)
        if graph.edges_from(targets):
            return _as_scalar(graph, output, data, feeds)
        return _add(graph, loss or DEFAULT_LOSS, (output, targets), "L")
    graph, targets = _add_targets(graph)
    return _add(graph, loss or DEFAULT_LOSS, (output, targets), "L")


def _as_scalar(graph: Graph, id_: str, data: Dataset, feeds: tuple[Feed, ...]) -> tuple[Graph, str]:
    """The node itself if its value is a scalar for a batch, else its mean over the samples."""
    count = min(2, len(data))
    inputs = {
        graph.nodes_by_id[feed.node].name: feed.take(data.x[:count], data.y[:count])
        for feed in feeds
    }
    stored = {name: graph[name].value for name in graph.inputs if name not in inputs}
    name = graph.nodes_by_id[id_].name
    if np.ndim(evaluate(graph, {**stored, **inputs})[name]) == 0:
        return graph, id_
    return _add(graph, "mean", (id_,), "L")


def _add_targets(graph: Graph) -> tuple[Graph, str]:
    name = "Y" if "Y" not in graph else free_name("Y", 1, set(_names(graph)))[0]
    settings = {"role": TARGETS, "value": np.zeros((1, 1))}
    node = Node(name, DATA, name, settings=settings)
    return graph.with_(nodes_by_id={**graph.nodes_by_id, name: node}), name


def _add(graph: Graph, op: str, sources: tuple[str, ...], name: str) -> tuple[Graph, str]:
    if name in graph:
        name = free_name("L", 1, set(_names(graph)))[0]
    node = Node(name, op, name)
    wires = {(name, port): s for port, s in zip(node.ports, sources, strict=True)}
    nodes = {**graph.nodes_by_id, name: node}
    return graph.with_(nodes_by_id=nodes, sources={**graph.sources, **wires}), name


def _names(graph: Graph) -> Mapping[str, None]:
    """Every name, alias and id: what a new node may not be called."""
    found: dict[str, None] = {}
    for node in graph.nodes_by_id.values():
        found |= dict.fromkeys((node.id, node.name, *node.aliases))
    return found


def _is_loss(node: Node) -> bool:
    operation = node.operation
    return operation is not None and operation.category == LOSS_CATEGORY


def _check_loss(name: str) -> None:
    found = REGISTRY.get(name)
    if found is None or found.category != LOSS_CATEGORY:
        known = ", ".join(o.name for o in REGISTRY if o.category == LOSS_CATEGORY)
        raise GraphError(
            f"'{name}' is neither a node of this graph nor a loss; the losses are {known}."
        )


def _first_source(graph: Graph, node: Node) -> str:
    return graph.sources.get((node.id, node.ports[0]), "")


def _checked(binding: Binding, data: Dataset) -> Binding:
    """Try two samples, so that what does not fit is said in the words of the data.

    Raises:
        ShapeError: if the data do not fit the graph.
    """
    graph = binding.graph
    if any(o is not None and o.described for o in {node.operation for node in graph}):
        return binding  # what a plugin's node type takes is known to the kernel alone
    count = min(2, len(data))
    fed = binding.inputs(data.x[:count], data.y[:count])
    by_name = {graph.nodes_by_id[id_].name: value for id_, value in fed.items()}
    stored = {name: graph[name].value for name in graph.inputs if name not in by_name}
    try:
        value = evaluate(graph, {**stored, **by_name})[graph.nodes_by_id[binding.loss].name]
    except ShapeError as error:
        raise ShapeError(_misfit(binding, data, error), node=error.node) from None
    if np.ndim(value):
        raise ShapeError(
            f"The loss {graph.nodes_by_id[binding.loss].name} has shape {np.shape(value)} where a "
            "single number is expected; take its mean or sum."
        )
    return binding


def _misfit(binding: Binding, data: Dataset, error: ShapeError) -> str:
    """What the graph expects and what came, from the widths of the layers next to the data."""
    d, k = data.x.shape[1], data.y.shape[1]
    came = f"the data {_named(data)} have {d} input and {k} target column{'s' if k > 1 else ''}"
    expected = expected_columns(binding)
    for part, count in ((INPUTS, d), (TARGETS, k)):
        width = expected.get(part)
        if width is not None and width != count:
            columns = "column" if width == 1 else "columns"
            return (
                f"The graph expects {width} {part[:-1]} {columns}, but {came} "
                f"({shorten(data.names)}); change the first or last layer or the data."
            )
    return f"The data do not fit the graph: {came} ({shorten(data.names)}). {error.message}"


def expected_columns(binding: Binding) -> dict[str, int]:
    """Numbers of input and target columns that the graph's linear layers ask for, where known."""
    graph = binding.graph
    found: dict[str, int] = {}
    for feed in binding.feeds:
        for edge in graph.edges_from(feed.node):
            if feed.column is None and edge.port == "X":
                shape = _shape_of(graph, edge.target, "W")
                if feed.part == INPUTS and len(shape) == 2:
                    found[INPUTS] = shape[1]
    node = binding.output
    while node:
        shape = _shape_of(graph, node, "W")
        if len(shape) == 2:
            found[TARGETS] = shape[0]
            break
        ports = graph.nodes_by_id[node].ports
        node = graph.sources.get((node, ports[0]), "") if len(ports) == 1 else ""
    return found


def _shape_of(graph: Graph, target: str, port: str) -> tuple[int, ...]:
    source = graph.sources.get((target, port))
    return () if source is None else np.shape(graph.nodes_by_id[source].value)
