"""The layers of a perceptron found in a graph, and the same perceptron with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import GraphError
from visualad.graph.model import DATA, PARAMETER, Graph, Node
from visualad.training.binding import own_loss
from visualad.training.initializers import initial_layer
from visualad.training.modes import DROPOUT
from visualad.training.parameters import with_parameters
from visualad.training.perceptron import LINEAR, mlp

ACTIVATIONS = "Activations"  # the category of operations
NORMALIZATIONS = ("batch_normalization", "layer_normalization")


@dataclass(frozen=True)
class Layer:
    """h = a Wᵀ + b and what is applied to h.

    Attributes:
        linear, weights, bias: ids of the nodes h, W and b.
        activation: id of the node that applies a function to h; "" if none does.
        normalization: id of the node between h and its activation, or ""; leaves: of what feeds
            it beside h: scale, shift, for batches also mean and variance.
        dropout: id of the node behind the activation, or "".
    """

    linear: str
    weights: str
    bias: str
    activation: str = ""
    normalization: str = ""
    leaves: tuple[str, ...] = ()
    dropout: str = ""


@dataclass(frozen=True)
class Layers:
    """A graph that is a perceptron and nothing else.

    Attributes:
        graph: it.
        inputs: id of the data node X; targets: of Y, "" without a loss.
        layers: from the inputs to the output.
        loss: id of the loss node, or "".
    """

    graph: Graph
    inputs: str
    layers: tuple[Layer, ...]
    targets: str = ""
    loss: str = ""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of inputs, of neurons in each hidden layer, of outputs."""
        shapes = [np.shape(self.weights(layer)) for layer in self.layers]
        return (shapes[0][1], *(shape[0] for shape in shapes))

    @property
    def activations(self) -> tuple[str, ...]:
        """Operations of the hidden layers."""
        return tuple(self._operation(layer) for layer in self.layers[:-1])

    @property
    def output(self) -> str:
        """Operation of the last layer, "linear" if there is none."""
        return self._operation(self.layers[-1])

    @property
    def normalizations(self) -> tuple[str | None, ...]:
        """Of the hidden layers "batch", "layer" or None."""
        nodes = self.graph.nodes_by_id
        return tuple(
            nodes[layer.normalization].op.partition("_")[0] if layer.normalization else None
            for layer in self.layers[:-1]
        )

    @property
    def dropouts(self) -> tuple[float, ...]:
        """Rates of dropout behind the hidden layers; 0 for none."""
        return tuple(
            float(settings_of(self.graph, layer.dropout)["rate"]) if layer.dropout else 0.0
            for layer in self.layers[:-1]
        )

    def weights(self, layer: Layer) -> NDArray[Any]:
        """The matrix W of a layer, (out, in)."""
        return np.asarray(self.graph.nodes_by_id[layer.weights].value)

    def bias(self, layer: Layer) -> NDArray[Any]:
        """The bias b of a layer, (out,)."""
        return np.asarray(self.graph.nodes_by_id[layer.bias].value)

    def _operation(self, layer: Layer) -> str:
        return self.graph.nodes_by_id[layer.activation].op if layer.activation else LINEAR


def find_layers(graph: Graph, *, plain: bool = True) -> Layers | None:
    """The layers of a graph that is a perceptron through and through; None for any other graph.

    Such a graph has one output, a loss or the network's own, and every node lies on the chain of
    linear layers, with a function of one value behind each but the last, that leads there from one
    data node.

    Args:
        plain: whether normalisation and dropout in hidden layers make it another graph.
    """
    if len(graph.output_ids) != 1:
        return None
    loss = own_loss(graph)
    end = graph.output_ids[0]
    targets = ""
    used = {end}
    if loss is not None:
        ports = loss.ports
        sources = [graph.sources.get((loss.id, port), "") for port in ports]
        if len(sources) != 2 or not _is(graph, sources[1], DATA):
            return None
        end, targets = sources
        used |= {end, targets}
    found: list[Layer] = []
    activation = normalization = dropout = ""
    leaves: tuple[str, ...] = ()
    while True:
        node = graph.nodes_by_id.get(end)
        if node is None:
            return None
        used.add(end)
        if node.op == LINEAR:
            source, W, b = (graph.sources.get((end, port), "") for port in ("X", "W", "b"))
            if not _are_parameters(graph, W, b):
                return None
            used |= {W, b}
            found.insert(0, Layer(end, W, b, activation, normalization, leaves, dropout))
            end, activation, normalization, leaves, dropout = source, "", "", (), ""
        elif found and node.op == DATA and not activation and not dropout:
            break
        elif not plain and found and not (activation or dropout) and node.op == DROPOUT:
            dropout, end = end, graph.sources.get((end, node.ports[0]), "")
        elif not plain and activation and not normalization and node.op in NORMALIZATIONS:
            leaves = tuple(graph.sources.get((end, port), "") for port in node.ports[1:])
            if not _are_leaves(graph, *leaves):
                return None
            used |= set(leaves)
            normalization, end = end, graph.sources.get((end, node.ports[0]), "")
        elif not (activation or normalization) and _is_function(node):
            activation, end = end, graph.sources.get((end, node.ports[0]), "")
        else:
            return None
    is_deep = all(layer.activation for layer in found[:-1])
    if not is_deep or len(used) != len(graph.nodes_by_id) or not _fit(graph, found):
        return None
    return Layers(graph, end, tuple(found), targets, loss.id if loss is not None else "")


def with_layers(
    graph: Graph,
    *,
    hidden: Sequence[int] | None = None,
    activation: str | None = None,
    initializer: str | None = None,
) -> Graph:
    """The same perceptron with other hidden layers, begun anew from the graph's seed.

    Args:
        hidden: their numbers of neurons; () for none.
        activation: of all hidden layers; None keeps those there are (the first for new layers).
        initializer: as of `mlp`; None for the one stored for training, else "default".

    Raises:
        GraphError: if the graph is no perceptron, or the layers make none.
    """
    found = find_layers(graph)
    if found is None:
        raise GraphError(
            "Hidden layers, activation and initialiser can be set where the graph is a perceptron "
            "and nothing else: linear layers and activations in a row, as mlp makes them."
        )
    wanted = initializer or str(graph.training.get("initializer") or "default")
    kept = found.activations
    sizes = found.sizes if hidden is None else (found.sizes[0], *hidden, found.sizes[-1])
    count = len(sizes) - 2
    if activation is None and len(kept) != count and len(set(kept)) > 1:
        raise GraphError(
            f"The hidden layers have different activations ({', '.join(kept)}), so it is not clear "
            f"which ones {count} layers have; set the activation too."
        )
    if activation is None and hidden is None:
        return begun_anew(found, wanted)
    if activation is not None:
        functions: Sequence[str] = [activation] * count
    else:
        functions = kept if len(kept) == count else [*kept, "tanh"][:1] * count
    made = mlp(
        sizes,
        functions,
        output=found.output,
        loss=graph.nodes_by_id[found.loss].op if found.loss else None,
        seed=graph.seed,
        initializer=wanted,
        dtype=graph.dtype,
    )
    nodes = dict(made.nodes_by_id)
    for name, id_ in (("X", found.inputs), ("Y", found.targets), ("L", found.loss)):
        if id_:
            nodes[name] = replace(nodes[name], settings=graph.nodes_by_id[id_].settings)
    return made.with_(nodes_by_id=nodes, training=graph.training)


def begun_anew(found: Layers, initializer: str = "default") -> Graph:
    """The graph with the parameters that its seed and the initialiser begin with."""
    graph, sizes = found.graph, found.sizes
    random = np.random.default_rng(graph.seed)
    functions = [*found.activations, found.output]
    values: dict[str, NDArray[Any]] = {}
    for i, layer in enumerate(found.layers):
        W, b = initial_layer(initializer, functions[i], random, sizes[i], sizes[i + 1])
        values[layer.weights] = W.astype(graph.dtype)
        values[layer.bias] = b.astype(graph.dtype)
        for id_, value in zip(layer.leaves, (1.0, 0.0, 0.0, 1.0), strict=False):
            values[id_] = np.full(sizes[i + 1], value, dtype=graph.dtype)
    return with_parameters(graph, values)


def settings_of(graph: Graph, id_: str) -> Mapping[str, Any]:
    """The settings that change what a node computes."""
    node = graph.nodes_by_id[id_]
    return node.operation.settings_for(node.settings) if node.operation is not None else {}


def _is(graph: Graph, id_: str, op: str) -> bool:
    return id_ in graph.nodes_by_id and graph.nodes_by_id[id_].op == op


def _is_function(node: Node) -> bool:
    """Whether a node applies a fixed function to every element of one value."""
    operation = node.operation
    if operation is None or not operation.elementwise or len(node.ports) != 1:
        return False
    return operation.category == ACTIVATIONS or operation.ufunc is not None


def _are_parameters(graph: Graph, *ids: str) -> bool:
    return all(_is(graph, id_, PARAMETER) and len(graph.edges_from(id_)) == 1 for id_ in ids)


def _are_leaves(graph: Graph, *ids: str) -> bool:
    """Whether these are parameters or statistics that nothing else uses."""
    return all(
        (_is(graph, id_, PARAMETER) or _is(graph, id_, DATA)) and len(graph.edges_from(id_)) == 1
        for id_ in ids
    )


def _fit(graph: Graph, layers: list[Layer]) -> bool:
    """Whether the shapes of the parameters make a chain."""
    width = None
    for layer in layers:
        W = np.shape(graph.nodes_by_id[layer.weights].value)
        b = np.shape(graph.nodes_by_id[layer.bias].value)
        if len(W) != 2 or b != W[:1] or width not in (None, W[1]):
            return False
        width = W[0]
    return True
