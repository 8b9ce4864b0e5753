"""How the gradient of a weight matrix adds up over the samples of a batch.

For h = X Wᵀ + b the gradient dL/dW = (dL/dh)ᵀ X is the sum over the samples i of the outer products
of the adjoint (dL/dh)ᵢ and the input xᵢ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.autodiff.backward import adjoints_of
from visualad.autodiff.derivatives import the_output
from visualad.autodiff.evaluate import Point, values_at
from visualad.autodiff.local import local_derivatives
from visualad.errors import GraphError, ShapeError
from visualad.graph.model import Graph

LINEAR = "linear"
MOST_NUMBERS = 1_000_000  # of all outer products together: 8 MB

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class OuterProducts:
    """The outer products of one layer at one point.

    Attributes:
        layer, weights, output: names of the linear node, of its W and of the scalar output L.
        inputs: X, (N, in); adjoints: dL/dh, (N, out).
        terms: outer product of each sample, (N, out, in); sums: of the samples so far.
        gradient: dL/dW by backward mode, (out, in).
        difference: between it and the last sum, as a share of the largest entry.
    """

    layer: str
    weights: str
    output: str
    inputs: Array
    adjoints: Array
    terms: Array
    sums: Array
    gradient: Array
    difference: float

    def __len__(self) -> int:
        return len(self.inputs)


def linear_layers(graph: Graph) -> tuple[str, ...]:
    """Names of the linear nodes that have all their inputs, in topological order."""
    return tuple(
        node.name
        for node in graph.nodes
        if node.op == LINEAR and all((node.id, port) in graph.sources for port in node.ports)
    )


def outer_products(
    graph: Graph, layer: str, at: Point = None, output: str | None = None
) -> OuterProducts:
    """The outer products of a linear layer's adjoints and inputs, and their running sums.

    Args:
        layer: name of the linear node.
        at: values of the inputs by name; None for those stored in the graph.
        output: name of the scalar output L, when there are several.

    Raises:
        GraphError: if there is no such layer, or a node cannot be computed.
        ShapeError: if there is no scalar output, or the samples are too many.
    """
    node = graph[layer]
    if node.op != LINEAR:
        raise GraphError(f"{node.name} is no linear layer (X Wᵀ + b); choose one.", node=node.name)
    structure, values = values_at(graph, at)
    goal = the_output(graph, structure, output)
    if np.size(values[goal]) != 1:
        raise ShapeError(
            f"Outer products add up to the gradient of a scalar, but {structure.name(goal)} has "
            f"the shape {np.shape(values[goal])}; put a loss behind it."
        )
    place = structure.index[node.id]
    X, W = (np.asarray(values[structure.index[graph.sources[node.id, p]]]) for p in ("X", "W"))
    rows = X.reshape(-1, W.shape[1])
    if len(rows) * W.size > MOST_NUMBERS:
        raise ShapeError(
            f"{len(rows):,} samples with {W.size:,} weights make too many numbers to be shown; "
            f"at most {MOST_NUMBERS:,} together are. Let the data nodes hold fewer samples."
        )
    local = local_derivatives(structure, values, (goal,))
    adjoints = adjoints_of(local, {goal: np.ones_like(values[goal])[()]})
    found = adjoints[place]
    arriving = np.zeros((len(rows), W.shape[0])) if found is None else np.asarray(found)
    arriving = arriving.reshape(len(rows), W.shape[0])
    terms = arriving[:, :, None] * rows[:, None, :]
    gradient = _gradient(graph, node.id, structure.index, adjoints, arriving, rows)
    sums = np.cumsum(terms, axis=0)
    scale = float(np.abs(gradient).max()) or 1.0
    return OuterProducts(
        layer=node.name,
        weights=graph.nodes_by_id[graph.sources[node.id, "W"]].name,
        output=structure.name(goal),
        inputs=rows,
        adjoints=arriving,
        terms=terms,
        sums=sums,
        gradient=gradient,
        difference=float(np.abs(sums[-1] - gradient).max()) / scale if len(sums) else 0.0,
    )


def _gradient(
    graph: Graph, layer: str, index: Any, adjoints: Any, arriving: Array, rows: Array
) -> Array:
    """dL/dW as backward mode has it; the layer's own share where W feeds other nodes too."""
    W = graph.sources[layer, "W"]
    found = adjoints[index[W]]
    if found is None or len(graph.edges_from(W)) != 1:
        return arriving.T @ rows
    return np.asarray(found)
