"""Multilayer perceptrons as graphs, and the settings with which they learn our data sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from visualad.errors import GraphError, VisualADError
from visualad.graph.model import DATA, PARAMETER, Graph, Node, remembered
from visualad.ops.declaration import REGISTRY
from visualad.training.binding import STATISTICS
from visualad.training.data_settings import from_settings
from visualad.training.datasets import Dataset
from visualad.training.generators import GENERATORS
from visualad.training.initializers import initial_layer
from visualad.training.shipped import SHIPPED, shipped_loss, shipped_settings

LINEAR = "linear"
LOSS_CATEGORY = "Losses"
SHOWN_SAMPLES = 10  # rows of the data set that the data nodes show before training

# From column to column and from row to row on the canvas, as `layered_layout` spaces them.
COLUMN, ROW = 240.0, 126.0

# With these the data sets are learnt within a few hundred epochs (tests hold it).
_COMMON: Mapping[str, Any] = MappingProxyType(
    {
        "optimizer": "adam",
        "learning_rate": 0.01,
        "momentum": 0.0,
        "batch_size": 10,
        "loss": "mean_squared_error",
        "epochs": None,
    }
)
_OWN: Mapping[str, Mapping[str, Any]] = {
    "spiral": {"layers": (8, 8), "activation": "tanh"},
    "sine": {"layers": (16,), "activation": "tanh", "output": "linear"},
    "plane": {"layers": (4,), "activation": "tanh", "output": "linear"},
    "two_hills": {"layers": (8, 8), "activation": "tanh", "output": "linear", "batch_size": 30},
}


def default_training(name: str) -> dict[str, Any]:
    """The `graph.training` with which a new perceptron learns this data set well."""
    own = _OWN.get(name, {})
    data: dict[str, Any] = {"name": name, "test_fraction": 0.5, "seed": 0}
    if name in GENERATORS:
        data |= {"n": GENERATORS[name].samples, "noise": GENERATORS[name].noise}
    common = dict(_COMMON)
    if name in SHIPPED:
        data |= shipped_settings(name)
        common["loss"] = shipped_loss(name)
    changed = {key: value for key, value in own.items() if key in _COMMON}
    return {"data": data, **common, **changed}


def default_perceptron(name: str) -> dict[str, Any]:
    """What a new perceptron for this data set is offered: hidden layers, activation, output."""
    own = _OWN.get(name, {})
    if name in SHIPPED:
        return {"layers": (16,), "activation": "relu", "output": LINEAR}
    return {
        "layers": own.get("layers", (4, 2)),
        "activation": own.get("activation", "tanh"),
        "output": own.get("output", "tanh"),
    }


def mlp(
    layers: Sequence[int],
    activation: str | Sequence[str] = "sigmoid",
    output: str = LINEAR,
    loss: str | None = None,
    seed: int = 0,
    data: str | Mapping[str, Any] | None = None,
    initializer: str = "default",
    dtype: str = "float64",
    normalization: str | Sequence[str | None] | None = None,
    dropout: float | Sequence[float] = 0.0,
) -> Graph:
    """A multilayer perceptron in the lecture's names: X, W1, b1, h1, a1, W2, …, o, Y, L.

    h = a Wᵀ + b is a `linear` node with W (out, in) and b (out,); a = σ(h) its activation; o the
    network's output. X is a `data` node (N, d) and, with a loss, Y one (N, k).

    Args:
        layers: numbers of inputs, of neurons in each hidden layer, of outputs: [2, 8, 8, 1].
        activation: operation of the hidden layers, or one for each of them.
        output: "linear", or the operation applied to the last layer.
        loss: operation that compares o with Y ("mean_squared_error"); None leaves both out. With
            `data` it defaults to the data set's.
        seed: of the random numbers with which the parameters begin; kept as `graph.seed`.
        data: name of a data set, or its settings as in `graph.training["data"]`; what is stored
            for training is then `default_training` of it.
        initializer: "glorot", "he", "lecture" (0.01 · normal), "zeros", "playground" (uniform
            within ±½, bias 0.1), or "default": He for rectifiers (relu and its kin), Glorot for
            all else.
        dtype: "float64" or "float32".
        normalization: "batch" or "layer": a node between each hidden layer and its activation;
            or one, perhaps None, for each of them.
        dropout: rate of a dropout node behind each activation of a hidden layer; 0 for none; or
            one for each of them.

    Raises:
        GraphError: for layers or operations that make no network.
        VisualADError: for an unknown data set or initialiser.
    """
    sizes = _checked_sizes(layers)
    hidden = len(sizes) - 2
    activations = _checked_activations(activation, hidden)
    normalizations = _for_each(normalization, hidden, "normalisations")
    dropouts = _for_each(dropout, hidden, "rates of dropout")
    if output != LINEAR:
        _check_operation(output, "output")
    training: dict[str, Any] = {}
    shown: Dataset | None = None
    if data is not None:
        settings = {"name": data} if isinstance(data, str) else dict(data)
        training = default_training(str(settings.get("name", "circle")))
        training["data"] |= settings
        loss = training["loss"] = loss or training["loss"]
        shown, _ = from_settings(training["data"]).split(
            training["data"]["test_fraction"], training["data"]["seed"]
        )
        _check_columns(sizes, shown)
    elif loss is not None:
        training = {**_COMMON, "loss": loss}
    if loss is not None:
        _check_operation(loss, "loss")
    drawing = _Drawing(dtype)
    random = np.random.default_rng(seed)
    X = np.zeros((1, sizes[0])) if shown is None else shown.x[:SHOWN_SAMPLES]
    current = drawing.leaf("X", DATA, X, (0, 0), role="inputs")
    column = 0
    last = len(sizes) - 1
    for i in range(1, last + 1):
        operation = activations[i - 1] if i < last else output
        W, b = initial_layer(initializer, operation, random, sizes[i - 1], sizes[i])
        weights = drawing.leaf(f"W{i}", PARAMETER, W, (column, 1))
        bias = drawing.leaf(f"b{i}", PARAMETER, b, (column, 2))
        is_output = i == last and output == LINEAR
        column += 1
        name = "o" if is_output else f"h{i}"
        current = drawing.node(name, LINEAR, (current, weights, bias), (column, 0))
        if not is_output:
            kind = normalizations[i - 1] if i < last else None
            if kind is not None:
                column += 1
                current = drawing.normalization(kind, i, current, sizes[i], column)
            column += 1
            name = "o" if i == last else f"a{i}"
            current = drawing.node(name, operation, (current,), (column, 0))
            rate = dropouts[i - 1] if i < last else 0.0
            if rate:
                column += 1
                current = drawing.node(f"d{i}", "dropout", (current,), (column, 0), rate=rate)
    if loss is not None:
        Y = np.zeros((1, sizes[-1])) if shown is None else shown.y[:SHOWN_SAMPLES]
        targets = drawing.leaf("Y", DATA, Y, (column, 1), role="targets")
        drawing.node("L", loss, (current, targets), (column + 1, 0))
    return Graph(drawing.nodes, drawing.sources, dtype=dtype, seed=seed, training=training)


class _Drawing:
    """Collects the nodes; the main path lies on a straight line, what feeds it lies below."""

    def __init__(self, dtype: str) -> None:
        self.nodes: dict[str, Node] = {}
        self.sources: dict[tuple[str, str], str] = {}
        self._dtype = dtype

    def leaf(self, name: str, op: str, value: Any, place: tuple[int, int], **settings: Any) -> str:
        return self._add(name, op, place, {"value": value.astype(self._dtype), **settings})

    def normalization(self, kind: str, layer: int, source: str, size: int, column: int) -> str:
        """A normalisation with its scale and shift, and with the statistics of batches."""
        if kind not in ("batch", "layer"):
            raise GraphError(f"The normalisation is 'batch' or 'layer', not {kind!r}.")
        ones, zeros = np.ones(size), np.zeros(size)
        leaves = [
            self.leaf(f"g{layer}", PARAMETER, ones, (column - 1, 3)),
            self.leaf(f"s{layer}", PARAMETER, zeros, (column - 1, 4)),
        ]
        if kind == "batch":
            leaves += [
                self.leaf(f"m{layer}", DATA, zeros, (column - 1, 5), role=STATISTICS),
                self.leaf(f"v{layer}", DATA, ones, (column - 1, 6), role=STATISTICS),
            ]
        return self.node(f"n{layer}", f"{kind}_normalization", (source, *leaves), (column, 0))

    def node(
        self,
        name: str,
        op: str,
        inputs: tuple[str, ...],
        place: tuple[int, int],
        **settings: Any,
    ) -> str:
        id_ = self._add(name, op, place, settings)
        for port, source in zip(self.nodes[id_].ports, inputs, strict=True):
            self.sources[id_, port] = source
        return id_

    def _add(self, name: str, op: str, place: tuple[int, int], settings: Mapping[str, Any]) -> str:
        position = (place[0] * COLUMN, place[1] * ROW)
        kept = remembered(REGISTRY.get(op), settings)
        self.nodes[name] = Node(name, op, name, settings=settings, position=position, **kept)
        return name  # ids equal the first names, as the parser makes them


def _checked_sizes(layers: object) -> list[int]:
    sizes: Any = list(layers) if isinstance(layers, Iterable) else layers
    if (
        not isinstance(sizes, list)
        or len(sizes) < 2
        or not all(isinstance(n, int | np.integer) and n >= 1 for n in sizes)
    ):
        raise GraphError(
            "A perceptron needs at least two layer sizes, all whole numbers from 1 on, for example "
            f"[2, 8, 1] for 2 inputs, 8 hidden neurons and 1 output; not {sizes}."
        )
    return [int(n) for n in sizes]


def _checked_activations(activation: str | Sequence[str], hidden: int) -> list[str]:
    chosen = [activation] * hidden if isinstance(activation, str) else list(activation)
    if len(chosen) != hidden:
        raise GraphError(
            f"There are {hidden} hidden layers but {len(chosen)} activations; "
            "give one for all or one for each."
        )
    for name in chosen:
        _check_operation(name, "activation")
    return chosen


def _for_each(given: Any, hidden: int, what: str) -> list[Any]:
    if given is None or isinstance(given, str | float | int):
        return [given] * hidden
    if len(given) != hidden:
        raise GraphError(
            f"There are {hidden} hidden layers but {len(given)} {what}; "
            "give one for all or one for each."
        )
    return list(given)


def _check_operation(name: str, role: str) -> None:
    """Refuse what is unknown or has not the one port (a loss: two) that its role needs."""
    found = REGISTRY.get(name)
    count = 2 if role == "loss" else 1
    if found is None or len(found.ports) != count or found.leaf:
        category = LOSS_CATEGORY if role == "loss" else "Activations"
        known = ", ".join(o.name for o in REGISTRY if o.category == category)
        raise GraphError(f"'{name}' cannot be the {role} of a perceptron; take one of {known}.")


def _check_columns(sizes: Sequence[int], data: Dataset) -> None:
    inputs, outputs = data.x.shape[1], data.y.shape[1]
    if sizes[0] != inputs or sizes[-1] not in (outputs, max(outputs, int(data.y.max()) + 1)):
        raise VisualADError(
            f"The data set '{data.name}' has {inputs} inputs and {outputs} outputs, so the layers "
            f"must begin with {inputs} and end with {outputs}; not {list(sizes)}."
        )
