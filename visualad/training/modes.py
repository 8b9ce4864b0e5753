"""What differs between training and evaluating: dropout, and normalisation by batches.

A graph evaluates a `dropout` node as the identity and a `batch_normalization` node with the stored
mean and variance. While training, the first becomes a product with a random mask and the second a
`standardize_batch`; this file makes that other graph, draws the masks and finds the statistics.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.autodiff.evaluate import evaluate
from visualad.errors import GraphError
from visualad.graph.model import DATA, Node
from visualad.training.binding import STATISTICS, Binding

Array = NDArray[Any]

DROPOUT, BATCH_NORMALIZATION, STANDARDIZE = "dropout", "batch_normalization", "standardize_batch"
MASKS = 2  # which of the streams of random numbers that spring from the seed


@dataclass(frozen=True)
class Mask:
    """The factors of one dropout node.

    Attributes:
        name: of the data node that holds them in the graph for training.
        shape: of one sample.
        rate: share of the factors that are 0.
    """

    name: str
    shape: tuple[int, ...]
    rate: float


@dataclass(frozen=True)
class Normalization:
    """A batch normalisation whose statistics follow the data.

    Attributes:
        source: name of the node that it normalises.
        mean, variance: ids of the data nodes for the statistics.
    """

    source: str
    mean: str
    variance: str


class Modes:
    """The graph for training and what it needs beside the data.

    Attributes:
        graph: for training; the binding's own where there is no difference.
        masks, normalizations: what has to be provided.

    Raises:
        GraphError: if a dropout node has no axis of samples.
    """

    def __init__(self, binding: Binding, x: Array, y: Array) -> None:
        self.graph = binding.graph
        self.masks: tuple[Mask, ...] = ()
        self.normalizations: tuple[Normalization, ...] = ()
        nodes = list(binding.graph.nodes_by_id.values())
        dropouts = [node for node in nodes if node.op == DROPOUT]
        if dropouts:
            self._add_masks(binding, dropouts, x, y)
        for node in nodes:
            if node.op == BATCH_NORMALIZATION:
                self._normalize_batches(node)

    def draw(self, count: int, seed: int, epoch: int) -> dict[str, Array]:
        """The masks of an epoch, one row for each sample: 0 or 1/(1 - rate)."""
        found = {}
        for number, mask in enumerate(self.masks):
            random = np.random.default_rng([seed, MASKS, number, epoch])
            kept = random.random((count, *mask.shape)) >= mask.rate
            found[mask.name] = (kept / (1 - mask.rate)).astype(self.graph.dtype)
        return found

    def shapes(self, count: int) -> dict[str, tuple[int, ...]]:
        """Of the masks for so many samples, by name."""
        return {mask.name: (count, *mask.shape) for mask in self.masks}

    def _add_masks(self, binding: Binding, dropouts: list[Node], x: Array, y: Array) -> None:
        nodes, sources = dict(self.graph.nodes_by_id), dict(self.graph.sources)
        shapes = [_shapes(binding, x[:count], y[:count]) for count in (1, min(2, len(x)))]
        for node in dropouts:
            shape = shapes[-1][node.name]
            if not shape or [s[node.name][0] for s in shapes] != [1, min(2, len(x))]:
                raise GraphError(
                    f"The dropout node {node.name} must stand where there is a row for each "
                    f"sample, but its value has shape {shape}; move it behind a layer.",
                    node=node.name,
                )
            name = _free(nodes, f"mask of {node.name}")
            value = np.ones(shape, dtype=self.graph.dtype)
            nodes[name] = Node(name, DATA, name, settings={"role": "mask", "value": value})
            nodes[node.id] = replace(node, op="mul", settings={})
            sources[node.id, "y"] = name
            self.masks += (Mask(name, shape[1:], _setting(node, "rate")),)
        self.graph = self.graph.with_(nodes_by_id=nodes, sources=sources)

    def _normalize_batches(self, node: Node) -> None:
        graph = self.graph
        wires = {port: graph.sources.get((node.id, port), "") for port in node.ports}
        leaves = [graph.nodes_by_id.get(wires[port]) for port in ("center", "variance")]
        if all(leaf is not None and _is_statistic(leaf) for leaf in leaves):
            found = Normalization(
                graph.nodes_by_id[wires["X"]].name, wires["center"], wires["variance"]
            )
            self.normalizations += (found,)
        settings = {"epsilon": _setting(node, "epsilon")}
        nodes = {**graph.nodes_by_id, node.id: replace(node, op=STANDARDIZE, settings=settings)}
        sources = dict(graph.sources)
        for port in ("center", "variance"):
            del sources[node.id, port]
        self.graph = graph.with_(nodes_by_id=nodes, sources=sources)


def _is_statistic(node: Node) -> bool:
    return node.op == DATA and node.settings.get("role") == STATISTICS


def _setting(node: Node, key: str) -> float:
    operation = node.operation
    assert operation is not None
    return float(operation.settings_for(node.settings)[key])


def _shapes(binding: Binding, x: Array, y: Array) -> Mapping[str, tuple[int, ...]]:
    graph = binding.graph
    point = {name: graph[name].value for name in graph.inputs}
    fed = binding.inputs(x, y)
    point |= {graph.nodes_by_id[id_].name: value for id_, value in fed.items()}
    return {name: np.shape(value) for name, value in evaluate(graph, point).items()}


def _free(nodes: Mapping[str, Node], name: str) -> str:
    taken = {part for node in nodes.values() for part in (node.id, node.name)}
    while name in taken:
        name += "'"
    return name
