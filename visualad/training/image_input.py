"""A picture as the input of a network: from a drawing to pixels, and what the network makes of it.

Drawings are prepared as the samples of the data sets were: digits of 8 x 8 pixels are counts of
black points in blocks of a 32 x 32 bitmap that the digit fills (Alpaydin and Kaynak 1998), those
of MNIST fill 20 x 20 of 28 x 28 pixels with their centre of mass in the middle (LeCun 1998).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.autodiff.evaluate import evaluate
from visualad.errors import VisualADError
from visualad.graph.model import Graph, Node
from visualad.training.binding import LOSS_CATEGORY, Binding, bind, own_loss
from visualad.training.data_settings import from_settings
from visualad.training.datasets import Dataset
from visualad.training.encoding import standardized

Array = NDArray[np.float64]

INK = 0.1  # what is darker belongs to the drawing
CENTRED = 20  # pixels on a side from which on the drawing is centred with a margin, as in MNIST
SHARE = 20 / 28
MOST_SHOWN = 512  # activations of a layer
ACTIVATIONS = "Activations"


@dataclass(frozen=True, eq=False)
class Pictures:
    """The samples of a data set as pictures.

    Attributes:
        data: as training sees them; raw: before standardising; shape: rows, columns.
        tested: which are kept for testing; classes: names.
    """

    data: Dataset
    raw: Array
    reference: Array
    shape: tuple[int, int]
    top: float
    tested: NDArray[np.bool_]
    classes: tuple[str, ...]
    standardized: bool

    def inputs(self, pixels: Array) -> Array:
        """Pixels from 0 to 1 as the network takes them, (1, d)."""
        flat = pixels.reshape(1, -1) * self.top
        return standardized(flat, self.reference) if self.standardized else flat

    def pixels(self, index: int) -> Array:
        """A sample as pixels from 0 to 1."""
        found: Array = np.clip(self.raw[index].reshape(self.shape) / self.top, 0.0, 1.0)
        return found

    def label(self, index: int) -> int:
        """The number of a sample's class, or -1."""
        return int(_class_of(self.data.y[index : index + 1], len(self.classes))[0])


def pictures(settings: Mapping[str, Any]) -> Pictures:
    """The pictures of `graph.training["data"]`.

    Raises:
        VisualADError: if they are none.
    """
    data = from_settings(settings)
    if data.image is None:
        raise VisualADError("The inputs of this data set are no pictures.")
    is_standardized = bool(settings.get("standardize"))
    raw = from_settings({**settings, "standardize": False})
    fraction, seed = float(settings.get("test_fraction", 0.5)), int(settings.get("seed") or 0)
    part, _ = raw.split(fraction, seed)
    return Pictures(
        data,
        raw.x,
        part.x,
        data.image,
        raw.top,
        data.test_mask(fraction, seed),
        data.classes,
        is_standardized,
    )


def to_pixels(drawing: Array, shape: tuple[int, int], *, fitted: bool = True) -> Array:
    """A drawing, 0 to 1, (H, W), as pixels, (rows, columns), each the mean over its area.

    Args:
        fitted: move and scale what is drawn to where the data sets have it.
    """
    rows, columns = shape
    height, width = drawing.shape
    top, bottom, left, right = 0.0, float(height), 0.0, float(width)
    dark = drawing > INK
    if fitted and dark.any():
        across, down = np.flatnonzero(dark.any(axis=0)), np.flatnonzero(dark.any(axis=1))
        tall, wide = down[-1] + 1 - down[0], across[-1] + 1 - across[0]
        with_margin = max(shape) >= CENTRED
        side = max(tall, wide) / (SHARE if with_margin else 1.0)
        if with_margin:
            mass = drawing.sum()
            x = float((drawing.sum(axis=0) @ (np.arange(width) + 0.5)) / mass)
            y = float((drawing.sum(axis=1) @ (np.arange(height) + 0.5)) / mass)
        else:
            x, y = (across[0] + across[-1] + 1) / 2, (down[0] + down[-1] + 1) / 2
        top, bottom, left, right = y - side / 2, y + side / 2, x - side / 2, x + side / 2
    down_shares, across_shares = (
        _shares(rows, top, bottom, height),
        _shares(columns, left, right, width),
    )
    pixels: Array = np.clip(down_shares @ drawing @ across_shares.T, 0.0, 1.0)
    return pixels


def _shares(count: int, start: float, stop: float, size: int) -> Array:
    """How much of each of `count` equal pieces of an interval each of `size` points is."""
    edges = np.linspace(start, stop, count + 1)
    low, high = edges[:-1, None], edges[1:, None]
    places = np.arange(size)
    overlap = np.clip(np.minimum(high, places + 1) - np.maximum(low, places), 0.0, None)
    found: Array = overlap / (high - low)
    return found


@dataclass(frozen=True)
class Seen:
    """What the network makes of a picture.

    Attributes:
        scores: for each class; probabilities, from 0 to 1, if `are_probabilities`.
        layers: names of nodes and their values, (n,) each, from the input to the output.
    """

    scores: tuple[float, ...]
    are_probabilities: bool
    layers: tuple[tuple[str, Array], ...]


def look(graph: Graph, found: Pictures, pixels: Array) -> Seen:
    """What the network makes of a picture.

    Raises:
        VisualADError: if graph and data do not fit.
    """
    binding = _bound(graph, found)
    values = _evaluate(binding, found.inputs(pixels), found.data.y[:1])
    nodes = binding.graph.nodes_by_id
    output = nodes[binding.output].name if binding.output else ""
    path = [
        node
        for node in binding.graph.nodes
        if not node.is_leaf and _is_row(values.get(node.name)) and not _is_loss(node)
    ]
    shown = [node for node in path if _is_activation(node) or node.name == output] or path
    layers = tuple(
        (node.name, np.asarray(values[node.name], dtype=float).ravel()[:MOST_SHOWN])
        for node in shown
    )
    if not output:
        return Seen((), False, layers)
    scores, certain = _scores(np.asarray(values[output], dtype=float), binding.loss_operation)
    return Seen(tuple(scores[0].tolist()), certain, layers)


def next_wrong(graph: Graph, found: Pictures, after: int) -> int | None:
    """The next sample behind `after`, all round, of which the network says another class."""
    binding = _bound(graph, found)
    if not binding.output:
        return None
    values = _evaluate(binding, found.data.x, found.data.y)
    outputs = np.asarray(values[binding.graph.nodes_by_id[binding.output].name], dtype=float)
    scores, _ = _scores(outputs, binding.loss_operation)
    wrong = scores.argmax(axis=1) != _class_of(found.data.y, len(found.classes))
    places = np.flatnonzero(wrong)
    if not len(places):
        return None
    later = places[places > after]
    return int(later[0] if len(later) else places[0])


def _bound(graph: Graph, found: Pictures) -> Binding:
    loss = graph.training.get("loss") if own_loss(graph) is None else None
    return bind(graph, found.data, loss)


def _evaluate(binding: Binding, x: Array, y: Array) -> Mapping[str, Any]:
    graph = binding.graph
    dtype = graph.dtype
    fed = binding.inputs(x.astype(dtype), y.astype(dtype))
    point = {name: graph[name].value for name in graph.inputs}
    point |= {graph.nodes_by_id[id_].name: value for id_, value in fed.items()}
    with np.errstate(all="ignore"):
        return evaluate(graph, point)


def _scores(outputs: Array, loss: str) -> tuple[Array, bool]:
    """A score for each class, (N, k) with k >= 2, and whether they are probabilities."""
    table = outputs.reshape(len(outputs), -1)
    if loss == "cross_entropy":
        grown = np.exp(table - table.max(axis=1, keepdims=True))
        return grown / grown.sum(axis=1, keepdims=True), True
    if table.shape[1] == 1:
        if loss == "binary_cross_entropy":
            high = 1 / (1 + np.exp(-table))
            return np.hstack([1 - high, high]), True
        return np.hstack([-table, table]), False
    if loss == "binary_cross_entropy":
        return 1 / (1 + np.exp(-table)), True
    return table, False


def _class_of(targets: Array, count: int) -> NDArray[np.intp]:
    """The numbers of the classes, (N,)."""
    if targets.shape[1] > 1:
        largest: NDArray[np.intp] = targets.argmax(axis=1)
        return largest
    if count > 2:  # their numbers
        return targets[:, 0].astype(np.intp)
    return (targets[:, 0] > 0.5).astype(np.intp)


def _is_row(value: Any) -> bool:
    return value is not None and np.ndim(value) == 2 and np.shape(value)[0] == 1


def _is_loss(node: Node) -> bool:
    return node.operation is not None and node.operation.category == LOSS_CATEGORY


def _is_activation(node: Node) -> bool:
    return node.operation is not None and node.operation.category == ACTIVATIONS


def with_parameters(graph: Graph, parameters: Mapping[str, Any]) -> Graph:
    """The graph with parameters by node id, where they are of the same shape."""
    nodes = dict(graph.nodes_by_id)
    for id_, value in parameters.items():
        node = nodes.get(id_)
        if node is not None and np.shape(node.value) == np.shape(value):
            nodes[id_] = replace(node, settings={**node.settings, "value": value})
    return graph.with_(nodes_by_id=nodes)
