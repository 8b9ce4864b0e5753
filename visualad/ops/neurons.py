"""One neuron, and columns: a matrix taken apart and put together."""

from __future__ import annotations

import functools
import operator

import numpy as np

from visualad.errors import ShapeError
from visualad.ops.declaration import Array, Precedence, node
from visualad.ops.expression import Symbol
from visualad.ops.linear_algebra import CATEGORY


@node(
    symbol="Σwx+b",
    precedence=Precedence.ADD,
    associative=True,
    category=CATEGORY,
    spelled_out=True,
)
def neuron(*x: Array) -> Array:
    """Weighted sum of a neuron, w₁·x₁ + w₂·x₂ + … + b, elementwise with NumPy broadcasting.

    The inputs are pairs of a weight and what it multiplies, and a bias behind them, which may be
    left out: neuron(w1, x1, w2, x2, b). One row of a linear layer.
    """
    terms = [x[i] * x[i + 1] for i in range(0, len(x) - 1, 2)]
    terms += x[2 * len(terms) :]
    return functools.reduce(operator.add, terms)


@neuron.partials
def _(*given: Array) -> tuple[Array, ...]:
    *x, _ = given
    paired = 2 * (len(x) // 2)
    swapped = [x[i + 1 - 2 * (i % 2)] for i in range(paired)]
    return tuple(swapped + [1.0] * (len(x) - paired))


@node(symbol="X·ⱼ", category=CATEGORY)
def column(X: Array, *, index: int = 0) -> Array:
    """One column: (N, d) -> (N,), and one entry of a vector: (d,) -> (). Counted from 0."""
    place = int(index)
    if not isinstance(X, Symbol) and not (np.ndim(X) and -X.shape[-1] <= place < X.shape[-1]):
        raise ShapeError(
            f"There is no column {place} in an array of shape {np.shape(X)}; columns count from 0."
        )
    return X[..., place]


@column.jvp
def _(dX: Array, *, X: Array, out: Array, index: int) -> Array:
    return dX if isinstance(dX, Symbol) else dX[..., int(index)]


@column.vjp
def _(g: Array, *, X: Array, out: Array, index: int) -> Array:
    if isinstance(g, Symbol):
        return g
    place = np.arange(X.shape[-1]) == int(index) % X.shape[-1]
    return (np.where(place, np.reshape(g, (*np.shape(g), 1)), 0.0),)


@node(symbol="[x₁ x₂]", category=CATEGORY, label="columns")
def column_stack(*x: Array) -> Array:
    """Vectors as the columns of a matrix: k of (N,) -> (N, k). Numbers make one row, (1, k)."""
    return np.column_stack(x)


@column_stack.jvp
def _(*dx: Array, x: Array, out: Array) -> Array:
    return np.column_stack(dx)


@column_stack.vjp
def _(g: Array, *, x: Array, out: Array) -> Array:
    if isinstance(g, Symbol):
        return tuple(g for _ in x)
    ends = np.cumsum([np.shape(part)[1] if np.ndim(part) > 1 else 1 for part in x])[:-1]
    parts = np.split(g, ends, axis=1)
    return tuple(np.reshape(part, np.shape(of)) for part, of in zip(parts, x, strict=True))
