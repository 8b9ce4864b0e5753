"""Changes of a perceptron that keep what it has learnt wherever that still has a place.

reshaped(graph, hidden=(4, 3, 2))           # what there was keeps its weights, the rest is drawn
reshaped(graph, columns=(0, 1, None))       # a third input column
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import GraphError
from visualad.graph.groups import still_there
from visualad.graph.model import Graph
from visualad.training.binding import with_loss
from visualad.training.layers import Layer, Layers, find_layers
from visualad.training.perceptron import LINEAR, mlp

NEW_NEURONS = 2  # of a layer that is added, as in TensorFlow Playground
NO_PERCEPTRON = (
    "Features and layers can be changed here where the graph is a perceptron and nothing else; "
    "this one is changed on the canvas."
)

Array = NDArray[Any]


def perceptron_in(graph: Graph) -> Layers:
    """The layers of a graph that can be reshaped.

    Raises:
        GraphError: if it is no perceptron; one sentence.
    """
    found = find_layers(graph, plain=False)
    if found is None:
        raise GraphError(NO_PERCEPTRON)
    return found


def reshaped(
    graph: Graph,
    *,
    hidden: Sequence[int] | None = None,
    activations: Sequence[str] | None = None,
    normalizations: Sequence[str | None] | None = None,
    dropouts: Sequence[float] | None = None,
    columns: Sequence[int | None] | None = None,
    outputs: int | None = None,
    output: str | None = None,
    loss: str | None = None,
) -> Graph:
    """The same perceptron in another shape.

    Layer i keeps the weights of layer i, neuron j those of neuron j; the output layer stays the
    output layer. What is new is drawn from the graph's seed by its initialiser.

    Args:
        hidden: numbers of neurons of the hidden layers.
        activations, normalizations, dropouts: one for each of them; what is not given stays, a
            layer that is added does as the last one.
        columns: for each input column the present one that it is, or None for a new one.
        outputs: number of outputs; output: their operation, or "linear".
        loss: operation of the loss.

    Raises:
        GraphError: if the graph is no perceptron, or this makes none.
    """
    found = perceptron_in(graph)
    old = found.sizes
    count = len(old) - 2 if hidden is None else len(hidden)
    columns = range(old[0]) if columns is None else columns
    sizes = (
        len(columns),
        *(old[1:-1] if hidden is None else hidden),
        old[-1] if outputs is None else outputs,
    )
    functions = _lasting(found.activations, count, "tanh") if activations is None else activations
    kinds = (
        _lasting(found.normalizations, count, None) if normalizations is None else normalizations
    )
    rates = _lasting(found.dropouts, count, 0.0) if dropouts is None else dropouts
    made = mlp(
        sizes,
        list(functions),
        output=output or found.output,
        loss=(loss or graph.nodes_by_id[found.loss].op) if found.loss else None,
        seed=graph.seed,
        initializer=str(graph.training.get("initializer") or "default"),
        dtype=graph.dtype,
        normalization=list(kinds),
        dropout=list(rates),
    )
    new = perceptron_in(made)
    values = _kept_values(found, new, columns)
    if _same_nodes(found, new):
        return _in_place(found, new, values)
    nodes = {
        id_: replace(node, settings={**node.settings, "value": values[id_]})
        if id_ in values
        else node
        for id_, node in made.nodes_by_id.items()
    }
    for name, id_ in (("X", found.inputs), ("Y", found.targets)):
        if id_:
            nodes[name] = replace(nodes[name], settings=graph.nodes_by_id[id_].settings)
    return graph.with_(
        nodes_by_id=nodes,
        sources=made.sources,
        declared_outputs=None,
        groups=still_there(graph.groups, nodes),
    )


def _lasting(kept: Sequence[Any], count: int, default: Any) -> list[Any]:
    """What there is for the first layers; a new one does as the last."""
    last = kept[-1] if kept else default
    return [*kept, *([last] * (count - len(kept)))][:count]


def _counterparts(found: Layers, new: Layers) -> list[tuple[Layer, Layer]]:
    """Layers of then and now that are the same one: from the first on, and the output layer."""
    shared = min(len(found.layers), len(new.layers)) - 1
    pairs = list(zip(found.layers[:shared], new.layers[:shared], strict=True))
    return [*pairs, (found.layers[-1], new.layers[-1])]


def _kept_values(found: Layers, new: Layers, columns: Sequence[int | None]) -> dict[str, Array]:
    """Parameters by their ids in `new`: those of then where they fit, drawn ones elsewhere."""
    values: dict[str, Array] = {}
    same_depth = len(found.layers) == len(new.layers)
    for before, after in _counterparts(found, new):
        W, b = np.array(new.weights(after)), np.array(new.bias(after))
        old = found.weights(before)
        rows = min(len(old), len(W))
        if before is found.layers[0] and after is new.layers[0]:
            for place, column in enumerate(columns):
                if column is not None:
                    W[:rows, place] = old[:rows, column]
        elif same_depth or after is not new.layers[-1]:
            width = min(old.shape[1], W.shape[1])
            W[:rows, :width] = old[:rows, :width]
        b[:rows] = found.bias(before)[:rows]
        values[after.weights], values[after.bias] = W, b
        same_kind = len(before.leaves) == len(after.leaves)
        for leaf, other in zip(before.leaves, after.leaves, strict=True) if same_kind else ():
            value = np.array(new.graph.nodes_by_id[other].value)
            value[:rows] = np.asarray(found.graph.nodes_by_id[leaf].value)[:rows]
            values[other] = value
    return values


def _same_nodes(found: Layers, new: Layers) -> bool:
    """Whether nothing changes but sizes and operations."""
    return (
        len(found.layers) == len(new.layers)
        and (found.output == LINEAR) == (new.output == LINEAR)
        and found.normalizations == new.normalizations
        and [bool(rate) for rate in found.dropouts] == [bool(rate) for rate in new.dropouts]
    )


def _in_place(found: Layers, new: Layers, values: dict[str, Array]) -> Graph:
    """The user's own nodes, with other numbers and operations: names and places stay."""
    graph = found.graph
    nodes = dict(graph.nodes_by_id)
    for before, after in zip(found.layers, new.layers, strict=True):
        ids = zip(
            (before.weights, before.bias, *before.leaves),
            (after.weights, after.bias, *after.leaves),
            strict=True,
        )
        for id_, other in ids:
            if other in values and not np.array_equal(nodes[id_].value, values[other]):
                nodes[id_] = replace(
                    nodes[id_], settings={**nodes[id_].settings, "value": values[other]}
                )
        for id_, other in (
            (before.activation, after.activation),
            (before.dropout, after.dropout),
        ):
            made = new.graph.nodes_by_id.get(other)
            if made is None or (nodes[id_].op == made.op and not made.settings):
                continue  # a slope that somebody set stays
            nodes[id_] = replace(nodes[id_], op=made.op, settings=made.settings)
    changed = graph.with_(nodes_by_id=nodes)
    return with_loss(changed, new.graph.nodes_by_id[new.loss].op) if found.loss else changed
