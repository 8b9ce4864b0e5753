"""The longest chain of linear layers in a graph, whatever else the graph holds.

`layers` knows graphs that are a perceptron through and through; this finds the perceptron within a
graph, to draw its neurons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visualad.graph.model import PARAMETER, Graph, Node
from visualad.ops.activations import CATEGORY as ACTIVATIONS
from visualad.ops.normalizations import CATEGORY as NORMALIZATIONS

LINEAR, DROPOUT = "linear", "dropout"


@dataclass(frozen=True)
class Stage:
    """A linear layer and what is applied to it.

    Attributes:
        linear, weights, bias: ids of the nodes h = a Wᵀ + b, W and b.
        after: ids of the nodes from h (without it) to the next linear layer or the end.
        activation: id of the activation among them, or "".
        neurons: id of the node whose columns are what the neurons answer.
        inputs, outputs: how many come in, how many neurons there are.
    """

    linear: str
    weights: str
    bias: str
    after: tuple[str, ...]
    activation: str
    neurons: str
    inputs: int
    outputs: int


@dataclass(frozen=True)
class Chain:
    """Linear layers of which each takes what the one before answers.

    Attributes:
        source: id of the node that the first takes.
        stages: from the inputs to the output.
    """

    source: str
    stages: tuple[Stage, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of inputs, of neurons in each layer."""
        return (self.stages[0].inputs, *(stage.outputs for stage in self.stages))

    @property
    def nodes(self) -> tuple[str, ...]:
        """Ids of what the columns of the drawing show: the inputs, then each layer's neurons."""
        return (self.source, *(stage.neurons for stage in self.stages))


def find_chain(graph: Graph) -> Chain | None:
    """The longest chain whose weights are parameters (out, in) and biases (out,), or None.

    Of several equally long ones the first in the order of computation.
    """
    linear = [node for node in graph.nodes if node.op == LINEAR and _sizes(graph, node)]
    known = {node.id for node in linear}
    before: dict[str, tuple[str, tuple[str, ...]]] = {}  # linear id: what it takes, nodes between
    for node in linear:
        before[node.id] = _climb(graph, graph.sources[node.id, "X"], known)
    best: list[str] = []
    for node in linear:
        found = [node.id]
        while (source := before[found[0]][0]) in known and _joins(graph, source, found[0]):
            found.insert(0, source)
        if len(found) > len(best):
            best = found
    if not best:
        return None
    between = [before[id_][1] for id_ in best[1:]] + [_descend(graph, best[-1])]
    stages = [_stage(graph, id_, after) for id_, after in zip(best, between, strict=True)]
    return Chain(graph.sources[best[0], "X"], tuple(stages))


def _stage(graph: Graph, id_: str, after: tuple[str, ...]) -> Stage:
    sizes = _sizes(graph, graph.nodes_by_id[id_])
    assert sizes is not None
    nodes = [graph.nodes_by_id[each] for each in after]
    activation = next((node.id for node in nodes if _is_activation(node)), "")
    visible = [node.id for node in nodes if node.op != DROPOUT]
    neurons = activation or (visible[-1] if visible else id_)
    W, b = graph.sources[id_, "W"], graph.sources[id_, "b"]
    return Stage(id_, W, b, after, activation, neurons, sizes[1], sizes[0])


def _sizes(graph: Graph, node: Node) -> tuple[int, int] | None:
    """(out, in) of a linear layer with weights and bias of its own, else None."""
    ids = [graph.sources.get((node.id, port)) for port in ("X", "W", "b")]
    if None in ids:
        return None
    W, b = (graph.nodes_by_id[id_] for id_ in ids[1:] if id_ is not None)
    if W.op != PARAMETER or b.op != PARAMETER:
        return None
    shape = np.shape(W.value)
    return shape if len(shape) == 2 and np.shape(b.value) == shape[:1] else None


def _joins(graph: Graph, source: str, target: str) -> bool:
    before, after = (_sizes(graph, graph.nodes_by_id[id_]) for id_ in (source, target))
    return before is not None and after is not None and before[0] == after[1]


def _climb(graph: Graph, id_: str, stop: set[str]) -> tuple[str, tuple[str, ...]]:
    """Through functions of each neuron alone to a linear layer; else nothing is passed."""
    passed: list[str] = []
    at = id_
    while at not in stop:
        node = graph.nodes_by_id[at]
        source = graph.sources.get((at, node.ports[0])) if _passes(node) else None
        if source is None:
            return id_, ()
        passed.insert(0, at)
        at = source
    return at, tuple(passed)


def _descend(graph: Graph, id_: str) -> tuple[str, ...]:
    """The functions applied to the last layer, as long as nothing else takes what they take."""
    found: list[str] = []
    while True:
        edges = graph.edges_from(found[-1] if found else id_)
        if len(edges) != 1:
            return tuple(found)
        node = graph.nodes_by_id[edges[0].target]
        if not _passes(node) or edges[0].port != node.ports[0]:
            return tuple(found)
        found.append(node.id)


def _is_activation(node: Node) -> bool:
    operation = node.operation
    if operation is None or len(node.ports) != 1:
        return False
    known = operation.category == ACTIVATIONS or operation.ufunc is not None
    return known and (operation.elementwise or operation.category == ACTIVATIONS)


def _passes(node: Node) -> bool:
    """Whether a node leaves the columns the neurons' own: an activation, normalisation, dropout."""
    operation = node.operation
    if operation is None or not node.ports:
        return False
    return operation.category == NORMALIZATIONS or _is_activation(node)
