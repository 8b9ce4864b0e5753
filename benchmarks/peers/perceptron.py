"""The training step that everybody does: the same layers, data and first weights."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any  # of NumPy

RATE = 0.01


@dataclass(frozen=True)
class Case:
    """A sigmoid perceptron with a linear last layer and its batch.

    Attributes:
        layers: widths, the input's first.
        batch: number of samples.
        dtype: "float32" or "float64".
        loop: steps per call, where many are done in one.
    """

    layers: tuple[int, ...]
    batch: int
    dtype: str
    loop: int

    def data(self) -> tuple[Array, Array]:
        """X of shape (batch, inputs) and Y of shape (batch, outputs)."""
        random = np.random.default_rng(0)
        x = random.normal(size=(self.batch, self.layers[0]))
        y = random.normal(size=(self.batch, self.layers[-1]))
        return x.astype(self.dtype), y.astype(self.dtype)

    def weights(self) -> list[tuple[Array, Array]]:
        """(W, b) of each layer, W of shape (out, in)."""
        random = np.random.default_rng(1)
        return [
            ((random.normal(size=(n, m)) / np.sqrt(m)).astype(self.dtype), np.zeros(n, self.dtype))
            for m, n in itertools.pairwise(self.layers)
        ]

    def multiplications(self) -> float:
        """In the matrix products of one step; the data's adjoint is not wanted."""
        sizes = [m * n for m, n in itertools.pairwise(self.layers)]
        return self.batch * (3.0 * sum(sizes) - sizes[0])

    def numbers(self) -> int:
        """How many parameters there are."""
        return sum(W.size + b.size for W, b in self.weights())
