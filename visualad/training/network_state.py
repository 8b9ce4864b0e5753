"""A network as it is seen neuron by neuron: plain data, which the window reads too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Window = tuple[int, int]  # the first neuron of a column that is wanted, and how many


@dataclass(frozen=True, eq=False)
class Column:
    """The inputs, or the neurons of one layer: those that were asked for.

    Attributes:
        first, total: number of the first of them (from 0), and how many there are in all.
        maps: what each answers over the plane of two inputs (k, SIZE, SIZE), rows the second
            input, or along the line of one (k, LINE); None for more inputs.
        answers: to the graph's own samples, (samples, k).
        sums: what the activation is applied to, (samples, k); for the inputs the same as answers.
        centres, scales: (k,), where the colours are neutral and how far from there they end.
    """

    first: int
    total: int
    maps: Array | None
    answers: Array
    sums: Array
    centres: Array
    scales: Array


@dataclass(frozen=True, eq=False)
class Links:
    """The weights between two columns, as far as both are shown, and the biases.

    Attributes:
        weights: (out, in); bias: (out,).
        norm: ‖∂L/∂W‖ over the training samples, or None.
        weight_gradient, bias_gradient: of the loss of the coming batch, or None.
        coming_weights, coming_bias: after the coming step, or None.
    """

    weights: Array
    bias: Array
    norm: float | None = None
    weight_gradient: Array | None = None
    bias_gradient: Array | None = None
    coming_weights: Array | None = None
    coming_bias: Array | None = None


@dataclass(frozen=True, eq=False)
class NetworkState:
    """A network as it stands.

    Attributes:
        columns: the inputs, then each layer; links: before each layer.
        names: of the inputs shown.
        bounds: of the plane or line, for each input axis; () without a map.
        batch: number of samples of the coming batch, 0 where there is no training.
        epoch: reached.
    """

    columns: tuple[Column, ...]
    links: tuple[Links, ...]
    names: tuple[str, ...]
    bounds: tuple[tuple[float, float], ...] = ()
    batch: int = 0
    epoch: int = 0
