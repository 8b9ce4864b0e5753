"""What can be seen of a network while it trains: gradients by layer, idle units, its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from visualad.graph.model import Graph, Node
from visualad.ops.declaration import Operation

if TYPE_CHECKING:
    from visualad.training.trainer import Trainer

ACTIVATIONS = "Activations"  # the category of operations
MOST_SAMPLES = 1024  # of the training part that are looked at, evenly chosen
MOST_LAYERS = 64
BINS = 40  # of a histogram of weights
FLAT = 0.01  # a unit is saturated where its slope is below this share of the steepest
_RANGE = np.linspace(-8.0, 8.0, 1601)  # where the steepest slope of an activation is looked for


@dataclass(frozen=True)
class Units:
    """The units of an activation, and those that pass hardly any gradient on.

    Attributes:
        node: id of the activation.
        total: how many units it has.
        dead: those (counted from 0) that are flat for every sample, as a ReLU that never opens.
        saturated: those whose slope is less than 1 % of the activation's steepest for every
            sample, as a sigmoid at 0 or 1.
        slope: the steepest slope that the activation has anywhere: 0.25 for a sigmoid.
    """

    node: str
    total: int
    dead: tuple[int, ...]
    saturated: tuple[int, ...]
    slope: float


@dataclass(frozen=True)
class Weights:
    """How the elements of a parameter are spread.

    Attributes:
        low, high: the smallest and the largest.
        counts: how many lie in each of the equal intervals between them.
        mean, deviation: of all elements.
    """

    low: float
    high: float
    counts: tuple[int, ...]
    mean: float
    deviation: float


class Observer:
    """Looks at a trainer between its steps and changes nothing of what it computes."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._layers = layers(trainer.binding.graph, trainer.binding.parameters)
        # The output is at its ends when it is right: that is no fault.
        self._activations = [
            pair
            for pair in _activations(trainer.binding.graph)
            if pair[0].id != trainer.binding.output
        ]
        self._sample: tuple[NDArray[Any], NDArray[Any]] | None = None

    def gradient_norms(self) -> dict[str, float]:
        """‖∂L/∂W‖ of each layer: Euclidean length, of the loss over the training samples.

        Penalties and limits of the gradient are left out: it is the derivative of the loss alone.
        """
        x, y = self._samples()
        with np.errstate(all="ignore"):
            found = self._trainer.objective.gradients(x, y)
        return {
            key: float(np.sqrt(sum(float(np.sum(np.square(found[id_]))) for id_ in ids)))
            for key, ids in self._layers.items()
        }

    def loss(self) -> float:
        """Over the samples, at the parameters as they are."""
        with np.errstate(all="ignore"):
            return self._trainer.objective.evaluate(*self._samples())[0]

    def units(self) -> tuple[Units, ...]:
        """The units of all activations but the output's, in topological order."""
        if not self._activations:
            return ()
        x, y = self._samples()
        wanted = [name for node, source in self._activations for name in (source.name, node.name)]
        with np.errstate(all="ignore"):
            values = self._trainer.objective.values(x, y, dict.fromkeys(wanted))
            found = [
                _units(node, values[source.name], values[node.name], len(x))
                for node, source in self._activations
            ]
        return tuple(units for units in found if units is not None)

    def weights(self) -> dict[str, Weights]:
        """How the weights of each layer are spread."""
        arrays = self._trainer.parameters()
        return {key: spread_of([arrays[id_] for id_ in ids]) for key, ids in self._layers.items()}

    def _samples(self) -> tuple[NDArray[Any], NDArray[Any]]:
        if self._sample is None:
            self._sample = self._trainer.samples(MOST_SAMPLES)
        return self._sample


def layers(graph: Graph, parameters: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The parameters of each layer, from the inputs to the loss, by the id of the first of them.

    A layer is a weight matrix. Where there is none, a group of nodes that holds parameters is one,
    as a layer written out neuron by neuron; other parameters are layers by themselves, or, where
    these are many, all that are as far from the inputs.
    """
    place = {node.id: number for number, node in enumerate(graph.nodes)}
    uses = {id_: [place[edge.target] for edge in graph.edges_from(id_)] for id_ in parameters}
    ordered = sorted(parameters, key=lambda id_: min(uses[id_], default=0))
    matrices = [id_ for id_ in ordered if np.ndim(graph.nodes_by_id[id_].value) >= 2]
    if matrices and len(matrices) <= MOST_LAYERS:
        return {id_: (id_,) for id_ in matrices}
    group_of = {id_: key for key, group in graph.groups.items() for id_ in group.members}
    together: dict[str, list[str]] = {}
    for id_ in ordered:
        together.setdefault(group_of.get(id_, id_), []).append(id_)
    if len(together) <= MOST_LAYERS:
        return {ids[0]: tuple(ids) for ids in together.values()}
    alone = matrices or ordered
    depths = _depths(graph)
    grouped: dict[int, list[str]] = {}
    for id_ in alone:
        depth = min((depths[edge.target] for edge in graph.edges_from(id_)), default=0)
        grouped.setdefault(depth, []).append(id_)
    return {ids[0]: tuple(ids) for _, ids in sorted(grouped.items())[:MOST_LAYERS]}


def steepest_slope(operation: Operation, settings: Mapping[str, Any]) -> float:
    """The greatest |f'(x)| of an elementwise function of one value, within ±8."""
    return float(_slopes(operation, settings).max(initial=0.0))


def _slopes(operation: Operation, settings: Mapping[str, Any]) -> NDArray[Any]:
    """|f'(x)| over the range."""
    with np.errstate(all="ignore"):
        out = operation(_RANGE, **operation.settings_for(settings))
        (slope,) = operation.local_partials((_RANGE,), out, settings)
    found: NDArray[Any] = np.abs(np.broadcast_to(slope, _RANGE.shape))
    finite: NDArray[Any] = found[np.isfinite(found)]
    return finite


def spread_of(arrays: Sequence[NDArray[Any]]) -> Weights:
    """How the elements of some arrays are spread."""
    flat = np.concatenate([np.ravel(array) for array in arrays]).astype(float)
    flat = flat[np.isfinite(flat)]
    if not len(flat):
        return Weights(0.0, 0.0, (0,) * BINS, 0.0, 0.0)
    low, high = float(flat.min()), float(flat.max())
    counts, _ = np.histogram(flat, BINS, (low, high if high > low else low + 1.0))
    return Weights(low, high, tuple(counts.tolist()), float(flat.mean()), float(flat.std()))


def _depths(graph: Graph) -> dict[str, int]:
    """How many nodes lie between each node and the leaves, at most."""
    found: dict[str, int] = {}
    for node in graph.nodes:
        sources = (graph.sources.get((node.id, port)) for port in node.ports)
        found[node.id] = max((found[id_] + 1 for id_ in sources if id_ is not None), default=0)
    return found


def _activations(graph: Graph) -> list[tuple[Node, Node]]:
    """The activations and what each is applied to."""
    found = []
    for node in graph.nodes:
        operation = node.operation
        if operation is None or operation.category != ACTIVATIONS or len(node.ports) != 1:
            continue
        source = graph.sources.get((node.id, node.ports[0]))
        if operation.elementwise and not operation.described and source is not None:
            found.append((node, graph.nodes_by_id[source]))
    return found


def _units(node: Node, x: Any, out: Any, count: int) -> Units | None:
    """None where there is no row for each sample."""
    operation = node.operation
    assert operation is not None
    x, out = np.asarray(x), np.asarray(out)
    if out.ndim == 0 or len(out) != count:
        return None
    (slope,) = operation.local_partials((x,), out, node.settings)
    slopes = np.abs(np.broadcast_to(slope, out.shape)).reshape(count, -1).max(axis=0)
    usual = _slopes(operation, node.settings)
    steepest = float(usual.max(initial=0.0))
    flat = slopes < FLAT * steepest
    # A sigmoid's slope is 0 by rounding alone, where its argument is large.
    dead = (slopes == 0) & bool((usual == 0).any())
    saturated = flat & ~dead
    return Units(
        node.id,
        len(slopes),
        tuple(np.flatnonzero(dead).tolist()),
        tuple(np.flatnonzero(saturated).tolist()),
        steepest,
    )
