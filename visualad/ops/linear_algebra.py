"""Matrices: products, affine layers and changes of shape.

Derivatives of matrix products: Giles, "Collected matrix derivative results for forward and
reverse mode algorithmic differentiation" (2008). Rules are traced for formulas too; what they do
about vectors and stacks of matrices stays in small functions that pass a `Symbol` through.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from visualad.errors import ShapeError
from visualad.ops.broadcasting import unbroadcast
from visualad.ops.declaration import Array, Precedence, node
from visualad.ops.expression import Symbol

CATEGORY = "Linear algebra"


@node(
    symbol="XWᵀ+b",
    text="{X.atom} {W.atom}ᵀ + {b}",
    latex=r"{X.atom} {{W.atom}}^{\top} + {b}",
    precedence=Precedence.ADD,
    category=CATEGORY,
    label="linear layer",
)
def linear(X: Array, W: Array, b: Array) -> Array:
    """Affine layer X Wᵀ + b.

    X: (N, d_in) or one vector (d_in,), W: (d_out, d_in), b: (d_out,) -> (N, d_out) or (d_out,).
    """
    product = X @ W.T
    result = product + b
    if isinstance(W, np.ndarray) and (W.ndim != 2 or np.shape(result) != np.shape(product)):
        raise ShapeError(
            f"A linear layer needs W of shape (d_out, d_in) and b of shape (d_out,), but W has "
            f"shape {W.shape} and b {np.shape(b)}."
        )
    return result


@linear.jvp
def _(dX: Array, dW: Array, db: Array, *, X: Array, W: Array, b: Array, out: Array) -> Array:
    return dX @ W.T + X @ dW.T + db


@linear.vjp
def _(g: Array, *, X: Array, W: Array, b: Array, out: Array) -> Array:
    return g @ W, _rows(g).T @ _rows(X), _sum_over_samples(g, b)


def _rows(X: Array) -> Array:
    """A vector as one row, a batch of batches as one batch."""
    return X if isinstance(X, Symbol) else X.reshape(-1, X.shape[-1])


def _sum_over_samples(g: Array, b: Array) -> Array:
    return g.sum(axis=0) if isinstance(g, Symbol) else unbroadcast(g, np.shape(b))


@node(
    symbol="A·B",
    infix="@",
    text="{A} {B}",
    latex="{A} {B}",
    precedence=Precedence.MULTIPLY,
    associative=True,
    category=CATEGORY,
    label="matrix product",
)
def matmul(A: Array, B: Array) -> Array:
    """Matrix product A B as NumPy's @: (n, k), (k, m) -> (n, m); vectors and stacks too."""
    return np.matmul(A, B)


@matmul.jvp
def _(dA: Array, dB: Array, *, A: Array, B: Array, out: Array) -> Array:
    return dA @ B + A @ dB


@matmul.vjp
def _(g: Array, *, A: Array, B: Array, out: Array) -> Array:
    if isinstance(g, Symbol):
        return g @ B.T, A.T @ g
    row = A[None, :] if A.ndim == 1 else A
    column = B[:, None] if B.ndim == 1 else B
    if B.ndim == 1:
        g = g[..., None]
    if A.ndim == 1:
        g = g[..., None, :]
    dA = unbroadcast(g @ np.swapaxes(column, -1, -2), row.shape)
    dB = unbroadcast(np.swapaxes(row, -1, -2) @ g, column.shape)
    return dA.reshape(A.shape), dB.reshape(B.shape)


@node(
    symbol="x·y",
    text="{x} · {y}",
    latex=r"{x} \cdot {y}",
    precedence=Precedence.MULTIPLY,
    category=CATEGORY,
    label="dot product",
)
def dot(x: Array, y: Array) -> Array:
    """Dot product of two vectors (n,), (n,) -> (); for other shapes as NumPy's dot."""
    return np.dot(x, y)


@dot.jvp
def _(dx: Array, dy: Array, *, x: Array, y: Array, out: Array) -> Array:
    return np.dot(dx, y) + np.dot(x, dy)


@dot.vjp
def _(g: Array, *, x: Array, y: Array, out: Array) -> Array:
    if isinstance(g, Symbol):
        return g * y, g * x
    if x.ndim == 0 or y.ndim == 0:
        return unbroadcast(g * y, x.shape), unbroadcast(g * x, y.shape)
    # The sum runs over the last axis of x and the last but one of y; the other axes follow.
    summed = max(y.ndim - 2, 0)
    rest_of_x = list(range(x.ndim - 1))
    rest_of_y = [axis for axis in range(y.ndim) if axis != summed]
    of_y_in_g = list(range(x.ndim - 1, g.ndim))
    dx = np.tensordot(g, y, axes=(of_y_in_g, rest_of_y))
    dy = np.moveaxis(np.tensordot(x, g, axes=(rest_of_x, rest_of_x)), 0, summed)
    return dx, dy


@node(
    symbol="Xᵀ",
    text="{X.atom}ᵀ",
    latex=r"{{X.atom}}^{\top}",
    precedence=Precedence.POWER,
    category=CATEGORY,
)
def transpose(X: Array, *, axes: Sequence[int] | None = None) -> Array:
    """Axes in reverse order, or in the order `axes`: (n, m) -> (m, n)."""
    return np.transpose(X, axes)


@transpose.jvp
def _(dX: Array, *, X: Array, out: Array, axes: Sequence[int] | None) -> Array:
    return np.transpose(dX, axes)


@transpose.vjp
def _(g: Array, *, X: Array, out: Array, axes: Sequence[int] | None) -> Array:
    back = (
        None if axes is None else tuple(sorted(range(len(axes)), key=lambda i: axes[i] % len(axes)))
    )
    return (np.transpose(g, back),)


@node(category=CATEGORY)
def reshape(X: Array, *, shape: Sequence[int] | int = -1) -> Array:
    """The same numbers in another shape, row by row; one length may be −1: "what is left"."""
    return np.reshape(X, shape)


@reshape.jvp
def _(dX: Array, *, X: Array, out: Array, shape: Sequence[int] | int) -> Array:
    return np.reshape(dX, shape)


@reshape.vjp
def _(g: Array, *, X: Array, out: Array, shape: Sequence[int] | int) -> Array:
    return (g if isinstance(g, Symbol) else np.reshape(g, X.shape),)


def _with_axis(part: Array) -> Array:
    return np.atleast_1d(part) if isinstance(part, np.ndarray | np.generic | float) else part


@node(category=CATEGORY)
def concatenate(*x: Array, axis: int = 0) -> Array:
    """Arrays joined along `axis`; numbers without axes become a vector."""
    return np.concatenate([_with_axis(part) for part in x], axis=axis)


@concatenate.jvp
def _(*dx: Array, x: Array, out: Array, axis: int) -> Array:
    return np.concatenate([_with_axis(part) for part in dx], axis=axis)


@concatenate.vjp
def _(g: Array, *, x: Array, out: Array, axis: int) -> Array:
    ends = np.cumsum([np.shape(_with_axis(part))[axis] for part in x])[:-1]
    parts = np.split(g, ends, axis=axis)
    return tuple(np.reshape(part, np.shape(of)) for part, of in zip(parts, x, strict=True))
