"""What is seen of a network neuron by neuron: answers over the inputs, weights, the coming step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.autodiff.evaluate import partial_values_at
from visualad.graph.model import DATA, VARIABLE, Graph
from visualad.training.binding import INPUTS, TARGETS
from visualad.training.chain import Chain, Stage
from visualad.training.datasets import Dataset
from visualad.training.decision_map import map_places
from visualad.training.network_state import Column, Links, NetworkState, Window
from visualad.training.observation import Observer
from visualad.training.trainer import Trainer
from visualad.training.updating import Coming

Array = NDArray[Any]

MOST_SAMPLES = 64  # rows of the graph's own inputs that are answered
_FAR = np.linspace(-60.0, 60.0, 241)  # where an activation is asked for its bounds
_MARGIN = 0.05


def network_of(
    trainer: Trainer,
    data: Dataset,
    chain: Chain,
    windows: Sequence[Window],
    *,
    step: bool = True,
    norms: bool = True,
) -> NetworkState:
    """The network that a trainer trains, between two of its steps; nothing of them changes.

    Args:
        data: the whole data set, for the range of the inputs.
        windows: for each column which neurons are wanted.
        step: whether the gradient of the coming batch and what it does are wanted.
        norms: whether those of the gradients over the training samples are.
    """
    graph, binding = trainer.graph, trainer.binding
    own = _own_samples(graph, chain, binding.widths[INPUTS])
    places = map_places(data)
    x = own if places is None else np.concatenate([places.inputs, own])
    names = [graph.nodes_by_id[id_].name for id_ in _wanted(chain)]
    y = np.zeros((len(x), binding.widths[TARGETS]))
    with np.errstate(all="ignore"):
        x = np.asarray(x, dtype=graph.dtype)
        values = trainer.objective.values(x, y, dict.fromkeys(names))
    by_id = {graph.id_of(name): value for name, value in values.items()}
    shape = None if places is None else places.shape
    reach = float(np.abs(data.y).max()) if data.y.size else 1.0
    columns = _columns(graph, chain, windows, by_id, shape, reach or 1.0)
    coming = trainer.coming_step() if step else None
    lengths = Observer(trainer).gradient_norms() if norms else {}
    links = _links(chain, windows, trainer.parameters(), coming, lengths)
    given = data.input_names if len(data.input_names) == chain.sizes[0] else ()
    first, count = windows[0]
    bounds = () if places is None else data.bounds()
    batch = 0 if coming is None else coming.batch
    names_shown = tuple(given[first : first + count])
    return NetworkState(columns, links, names_shown, bounds, batch, trainer.epoch)


def network_at_rest(graph: Graph, chain: Chain, windows: Sequence[Window]) -> NetworkState:
    """The network of a graph that cannot be trained, with the parameters and inputs it holds."""
    source = graph.nodes_by_id[chain.source]
    own = _own_samples(graph, chain, chain.sizes[0])
    bounds: tuple[tuple[float, float], ...] = ()
    shape: tuple[int, ...] | None = None
    at: Mapping[str, Any] | None = None
    if source.op in (DATA, VARIABLE) and chain.sizes[0] in (1, 2):
        bounds = tuple(_range_of(column) for column in own.T)
        places = map_places(Dataset(own, np.zeros((len(own), 1)), ()), bounds)
        assert places is not None
        shape = places.shape
        at = {source.name: np.concatenate([places.inputs, own])}
    structure, found, _, _ = partial_values_at(graph, at)
    by_id = {node.id: value for node, value in zip(structure.nodes, found, strict=True)}
    columns = _columns(graph, chain, windows, by_id, shape, None)
    parameters = {n.id: np.asarray(n.value) for n in graph.nodes_by_id.values() if n.is_leaf}
    return NetworkState(columns, _links(chain, windows, parameters, None, {}), (), bounds)


def _wanted(chain: Chain) -> list[str]:
    """Ids of the nodes whose values are needed."""
    return [*chain.nodes, *(_before(stage) for stage in chain.stages)]


def _before(stage: Stage) -> str:
    """Id of the node that the activation is applied to."""
    if not stage.activation:
        return stage.neurons
    place = stage.after.index(stage.activation)
    return stage.after[place - 1] if place else stage.linear


def _own_samples(graph: Graph, chain: Chain, width: int) -> Array:
    """The rows that the graph's data node holds; one row of zeros where it holds none."""
    for node in graph.nodes_by_id.values():
        if node.op not in (DATA, VARIABLE) or (
            node.id != chain.source and node.settings.get("role", INPUTS) != INPUTS
        ):
            continue
        value: Array = np.zeros(0) if node.value is None else np.asarray(node.value, dtype=float)
        if value.ndim == 2 and value.shape[1] == width and len(value):
            return value[:MOST_SAMPLES]
    return np.zeros((1, width))


def _range_of(column: Array) -> tuple[float, float]:
    low, high = float(column.min()), float(column.max())
    if low == high:
        return low - 6.0, high + 6.0
    margin = _MARGIN * (high - low)
    return low - margin, high + margin


def _columns(
    graph: Graph,
    chain: Chain,
    windows: Sequence[Window],
    values: Mapping[str, Any],
    shape: tuple[int, ...] | None,
    reach: float | None,
) -> tuple[Column, ...]:
    """Args:
    shape: of the maps, whose places are the first rows of the values; None without.
    reach: where the colours of the output end; None: where its activation does.
    """
    found = []
    befores = [chain.source, *(_before(stage) for stage in chain.stages)]
    last = len(befores) - 1
    for i, (id_, before) in enumerate(zip(chain.nodes, befores, strict=True)):
        first, count = windows[i]
        shown = slice(first, first + count)
        answers = _table(values.get(id_), chain.sizes[i])[:, shown]
        sums = _table(values.get(before), chain.sizes[i])[:, shown]
        maps = None
        if shape is not None:
            places = int(np.prod(shape))
            maps = np.ascontiguousarray(answers[:places].T, dtype=np.float32)
            maps = maps.reshape(len(maps), *shape)
            answers, sums = answers[places:], sums[places:]
        spread = answers.T if maps is None else maps.reshape(len(maps), -1)
        if i == last and reach is not None:
            colours = (np.zeros(len(spread)), np.full(len(spread), reach))
        else:
            activation = chain.stages[i - 1].activation if i else ""
            colours = _colours(graph, activation, spread)
        found.append(
            Column(first, chain.sizes[i], maps, answers.astype(float), sums.astype(float), *colours)
        )
    return tuple(found)


def _table(value: Any, width: int) -> Array:
    """A value with a row for each sample; NaN where there is none."""
    array: Array = np.zeros(0) if value is None else np.asarray(value, dtype=float)
    if array.ndim == 2 and array.shape[1] == width:
        return array
    return np.full((1, width), np.nan)


def _colours(graph: Graph, activation: str, spread: Array) -> tuple[Array, Array]:
    """Where the colours of some neurons are neutral and how far from there they end.

    An activation with bounds on both sides has the same for all neurons: a sigmoid's neutral
    colour is ½, where its argument is 0. Else they end at the largest magnitude there is.
    """
    operation = graph.nodes_by_id[activation].operation if activation else None
    if operation is not None and operation.elementwise:
        settings = graph.nodes_by_id[activation].settings
        with np.errstate(all="ignore"):
            far = np.asarray(operation(_FAR, **operation.settings_for(settings)), dtype=float)
        near, half = far[len(far) // 4 : -(len(far) // 4)], float(np.ptp(far)) / 2
        if np.isfinite(far).all() and float(np.ptp(near)) > 1.98 * half > 0:
            centre = float(far.max() + far.min()) / 2
            return np.full(len(spread), centre), np.full(len(spread), half)
    finite = np.where(np.isfinite(spread), np.abs(spread), 0.0)
    largest = finite.max(axis=1, initial=0.0).astype(float)
    return np.zeros(len(spread)), np.where(largest > 0, largest, 1.0)


def _links(
    chain: Chain,
    windows: Sequence[Window],
    parameters: Mapping[str, Array],
    coming: Coming | None,
    norms: Mapping[str, float],
) -> tuple[Links, ...]:
    found = []
    for i, stage in enumerate(chain.stages):
        (left, width), (top, height) = windows[i], windows[i + 1]
        rows, columns = slice(top, top + height), slice(left, left + width)
        W, b = parameters[stage.weights], parameters[stage.bias]
        links = {"weights": np.array(W[rows, columns]), "bias": np.array(b[rows])}
        if coming is not None:
            links["weight_gradient"] = np.array(coming.gradient[stage.weights][rows, columns])
            links["bias_gradient"] = np.array(coming.gradient[stage.bias][rows])
        if coming is not None and coming.parameters is not None:
            links["coming_weights"] = np.array(coming.parameters[stage.weights][rows, columns])
            links["coming_bias"] = np.array(coming.parameters[stage.bias][rows])
        found.append(Links(norm=norms.get(stage.weights), **links))
    return tuple(found)
