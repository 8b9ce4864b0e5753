"""Sums, means and extremes over axes. `axis` is None (all), an axis or several; -1 is the last."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from visualad.ops.declaration import Array, node
from visualad.ops.expression import Name, Symbol

CATEGORY = "Reductions"
Axis = int | Sequence[int] | None


def _axes(axis: Axis) -> int | tuple[int, ...] | None:
    """As NumPy wants it: a file gives several axes as a list."""
    return axis if axis is None or isinstance(axis, int) else tuple(axis)


def _spread(reduced: Array, X: Array, axis: Axis, keepdims: bool) -> Array:
    """What belongs to the reduced array, one for each element of X again."""
    if isinstance(reduced, Symbol):
        return reduced
    axes = _axes(axis)
    if axes is not None and not keepdims and X.ndim > 0:
        reduced = np.expand_dims(reduced, axes)
    return np.broadcast_to(reduced, X.shape)


def _count(X: Array, axis: Axis) -> Array:
    """How many elements are taken together."""
    if isinstance(X, Symbol):
        return Symbol(Name("n"))
    if axis is None:
        return X.size
    axes = (axis,) if isinstance(axis, int) else axis
    return math.prod(X.shape[a] for a in axes)


def _reduced(function: Callable[..., Array], X: Array, axis: Axis, keepdims: bool) -> Array:
    """A reduction of NumPy's over an axis, several or all."""
    return function(X, axis=_axes(axis), keepdims=keepdims)


@node(symbol="Σ", latex=r"\sum{X.arg}", category=CATEGORY)
def sum_(X: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Sum over `axis`, or over everything."""
    return _reduced(np.sum, X, axis, keepdims)


@sum_.jvp
def _(dX: Array, *, X: Array, out: Array, axis: Axis, keepdims: bool) -> Array:
    return _reduced(np.sum, dX, axis, keepdims)


@sum_.vjp
def _(g: Array, *, X: Array, out: Array, axis: Axis, keepdims: bool) -> Array:
    return (_spread(g, X, axis, keepdims),)


@node(symbol="mean", category=CATEGORY)
def mean(X: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Arithmetic mean over `axis`, or over everything."""
    return _reduced(np.mean, X, axis, keepdims)


@mean.jvp
def _(dX: Array, *, X: Array, out: Array, axis: Axis, keepdims: bool) -> Array:
    return _reduced(np.mean, dX, axis, keepdims)


@mean.vjp
def _(g: Array, *, X: Array, out: Array, axis: Axis, keepdims: bool) -> Array:
    return (_spread(g / _count(X, axis), X, axis, keepdims),)


@node(
    symbol="max",
    category=CATEGORY,
    analytic=False,
    kinks="Elements that share the largest value share the derivative evenly.",
)
def max_(X: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Largest element over `axis`, or over everything."""
    return _reduced(np.max, X, axis, keepdims)


@node(
    symbol="min",
    category=CATEGORY,
    analytic=False,
    kinks="Elements that share the smallest value share the derivative evenly.",
)
def min_(X: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Smallest element over `axis`, or over everything."""
    return _reduced(np.min, X, axis, keepdims)


def _extreme_jvp(dX: Array, *, X: Array, out: Array, axis: Axis, keepdims: bool) -> Array:
    weights = _shares(X, out, axis, keepdims)
    return _reduced(np.sum, weights * dX, axis, keepdims)


def _extreme_vjp(g: Array, *, X: Array, out: Array, axis: Axis, keepdims: bool) -> tuple[Array]:
    return (_spread(g, X, axis, keepdims) * _shares(X, out, axis, keepdims),)


def _shares(X: Array, out: Array, axis: Axis, keepdims: bool) -> Array:
    """1 at the extreme element, 1/k at each of k that tie, 0 elsewhere."""
    extreme = _spread(out, X, axis, keepdims) == X
    if isinstance(extreme, Symbol):
        return extreme
    return extreme / np.sum(extreme, axis=_axes(axis), keepdims=True, dtype=X.dtype)


for _declared in (max_, min_):
    _declared.jvp(_extreme_jvp)
    _declared.vjp(_extreme_vjp)
