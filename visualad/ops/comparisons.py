"""Comparisons, which give 1 or 0, and the choice between two values."""

from __future__ import annotations

from functools import partial

import numpy as np

from visualad.ops.declaration import Array, Precedence, node

CATEGORY = "Comparisons"

# What the six comparisons have in common.
_comparison = partial(
    node,
    precedence=Precedence.COMPARE,
    category=CATEGORY,
    analytic=False,
    kinks="Jumps where both sides are equal; the derivative 0 is used there too.",
)


def _numbers(truth: Array, x: Array, y: Array) -> Array:
    """1 and 0 in the dtype of x and y; what stands for an array in tracing passes through."""
    if isinstance(truth, np.ndarray | np.bool_):
        return truth.astype(np.result_type(x, y))
    return truth


def _no_partials(x: Array, y: Array, out: Array) -> tuple[float, float]:
    return 0.0, 0.0


@_comparison(symbol=">", infix=">")
def greater(x: Array, y: Array) -> Array:
    """Whether x > y: 1 where it is so, else 0."""
    return _numbers(np.greater(x, y), x, y)


@_comparison(symbol="<", infix="<")
def less(x: Array, y: Array) -> Array:
    """Whether x < y: 1 where it is so, else 0."""
    return _numbers(np.less(x, y), x, y)


@_comparison(symbol="≥", infix=">=", latex=r"{x} \geq {y}")
def greater_equal(x: Array, y: Array) -> Array:
    """Whether x ≥ y: 1 where it is so, else 0."""
    return _numbers(np.greater_equal(x, y), x, y)


@_comparison(symbol="≤", infix="<=", latex=r"{x} \leq {y}")
def less_equal(x: Array, y: Array) -> Array:
    """Whether x ≤ y: 1 where it is so, else 0."""
    return _numbers(np.less_equal(x, y), x, y)


@_comparison(symbol="=", infix="==", latex="{x} = {y}")
def equal(x: Array, y: Array) -> Array:
    """Whether x equals y exactly: 1 where it is so, else 0."""
    return _numbers(np.equal(x, y), x, y)


@_comparison(symbol="≠", infix="!=", latex=r"{x} \neq {y}")
def not_equal(x: Array, y: Array) -> Array:
    """Whether x differs from y: 1 where it is so, else 0."""
    return _numbers(np.not_equal(x, y), x, y)


for _declared in (greater, less, greater_equal, less_equal, equal, not_equal):
    _declared.partials(_no_partials)


@node(
    category=CATEGORY,
    selects="condition",
    domain=((-2.0, 2.0),) * 3,
    analytic=False,
    kinks="Jumps where the condition changes; the derivative is that of the branch taken.",
)
def where(condition: Array, x: Array, y: Array) -> Array:
    """Choice: x where the condition holds (is not 0), else y, elementwise with NumPy broadcasting.

    The branch not taken gets the adjoint 0, whatever happened in it.
    """
    return np.where(condition, x, y)


@where.partials
def _(condition: Array, x: Array, y: Array, out: Array) -> Array:
    return 0.0, condition != 0, condition == 0
