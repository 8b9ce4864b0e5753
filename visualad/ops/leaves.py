"""Nodes whose value comes from outside: variables, data, parameters and constants."""

from __future__ import annotations

from visualad.ops.declaration import Array, node

CATEGORY = "Inputs"


@node(leaf=True, symbol="x", category=CATEGORY)
def variable(
    *, value: Array = 0.0, minimum: float | None = None, maximum: float | None = None
) -> Array:
    """Input of the function: a number or an array that you choose.

    Derivatives are taken with respect to it. `minimum` and `maximum` are the ends of its slider.
    """
    return value


@node(leaf=True, symbol="▤", category=CATEGORY, label="data set")
def data(*, value: Array = 0.0, role: str = "inputs", column: int | None = None) -> Array:
    """Input that a data set fills batch by batch.

    `role` says which part of the data set: "inputs" (N, d) or "targets" (N, k), where N is the
    number of samples in the batch; `column` that it is one column of it, (N,), counted from 0.
    """
    return value


@node(leaf=True, symbol="θ", category=CATEGORY)
def parameter(*, value: Array = 0.0) -> Array:
    """Number or array that training changes: a weight matrix or a bias."""
    return value


@node(leaf=True, symbol="c", category=CATEGORY)
def constant(*, value: Array = 0.0) -> Array:
    """Number or array that stays as it is; nothing is differentiated with respect to it."""
    return value
