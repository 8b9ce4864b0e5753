"""Normalisation and dropout: nodes that keep the numbers inside a network within bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from visualad.errors import GraphError
from visualad.ops.broadcasting import unbroadcast
from visualad.ops.declaration import Array, node
from visualad.ops.expression import Symbol

CATEGORY = "Normalisation"


@node(category=CATEGORY)
def dropout(x: Array, *, rate: float = 0.5) -> Array:
    """Dropout: while training a share of the values is 0 and the others grow by 1/(1 − rate).

    When a graph is evaluated nothing is left out: x itself. Training draws a mask for every
    sample and epoch from the graph's seed. x: (N, …) -> (N, …). Srivastava et al. 2014.
    """
    if not 0 <= rate < 1:
        raise GraphError(f"The rate of dropout is at least 0 and less than 1, not {rate:g}.")
    return x * 1.0


@dropout.partials
def _(x: Array, out: Array, *, rate: float) -> Array:
    return 1.0


@node(
    category=CATEGORY,
    ports=("X", "scale", "shift", "center", "variance"),
    domain=((-2.0, 2.0), (-2.0, 2.0), (-2.0, 2.0), (-2.0, 2.0), (0.2, 2.0)),
)
def batch_normalization(
    X: Array, scale: Array, shift: Array, center: Array, variance: Array, *, epsilon: float = 1e-5
) -> Array:
    """Batch normalisation (X − center)/√(variance + ε)·scale + shift with stored statistics.

    While training it is `standardize_batch`; after each epoch mean and variance of the training
    part are put into the data nodes with the role "statistics" at `center` and `variance`.
    X: (N, d), all others (d,) -> (N, d). Ioffe and Szegedy 2015.
    """
    return (X - center) / np.sqrt(variance + epsilon) * scale + shift


@batch_normalization.partials
def _(
    X: Array,
    scale: Array,
    shift: Array,
    center: Array,
    variance: Array,
    out: Array,
    *,
    epsilon: float,
) -> Any:
    root = np.sqrt(variance + epsilon)
    slope = scale / root
    centered = X - center
    return slope, centered / root, 1.0, -slope, -0.5 * centered * scale / root**3


def _statistics(X: Array, axis: int, epsilon: float) -> tuple[Array, Array]:
    """X with mean 0 and variance 1 along an axis, and the root of the variance (plus ε)."""
    centered = X - np.mean(X, axis=axis, keepdims=True)
    root = np.sqrt(np.mean(centered * centered, axis=axis, keepdims=True) + epsilon)
    return centered / root, root


def _push(dX: Array, X: Array, axis: int, epsilon: float) -> Array:
    """The tangent of the standardised values."""
    standard, root = _statistics(X, axis, epsilon)
    centered = dX - np.mean(dX, axis=axis, keepdims=True)
    return (centered - standard * np.mean(standard * dX, axis=axis, keepdims=True)) / root


def _sum_to(value: Array, adjoint: Array) -> Array:
    return adjoint if isinstance(adjoint, Symbol) else unbroadcast(adjoint, np.shape(value))


@node(category=CATEGORY, ports=("X", "scale", "shift"))
def standardize_batch(X: Array, scale: Array, shift: Array, *, epsilon: float = 1e-5) -> Array:
    """What batch normalisation does while training: mean 0, variance 1 over the samples, scaled.

    (X − μ)/√(σ² + ε)·scale + shift with μ, σ² of each column of the batch, through which the
    derivative goes too. X: (N, d), scale and shift (d,) -> (N, d). Ioffe and Szegedy 2015.
    """
    return _statistics(X, 0, epsilon)[0] * scale + shift


@standardize_batch.jvp
def _(
    dX: Array,
    dscale: Array,
    dshift: Array,
    *,
    X: Array,
    scale: Array,
    shift: Array,
    out: Array,
    epsilon: float,
) -> Array:
    return _push(dX, X, 0, epsilon) * scale + _statistics(X, 0, epsilon)[0] * dscale + dshift


@standardize_batch.vjp
def _(
    g: Array, *, X: Array, scale: Array, shift: Array, out: Array, epsilon: float
) -> tuple[Array, ...]:
    # The derivative of standardising is symmetric: pulling back is pushing forward.
    standard = _statistics(X, 0, epsilon)[0]
    return (
        _push(_sum_to(X, g * scale), X, 0, epsilon),
        _sum_to(scale, g * standard),
        _sum_to(shift, g),
    )


@node(category=CATEGORY, ports=("X", "scale", "shift"))
def layer_normalization(X: Array, scale: Array, shift: Array, *, epsilon: float = 1e-5) -> Array:
    """Layer normalisation: each sample gets mean 0 and variance 1 over its last axis, scaled.

    (X − μ)/√(σ² + ε)·scale + shift, the same while training and evaluating. X: (…, d), scale and
    shift (d,) -> (…, d). Ba, Kiros and Hinton 2016.
    """
    return _statistics(X, -1, epsilon)[0] * scale + shift


@layer_normalization.jvp
def _(
    dX: Array,
    dscale: Array,
    dshift: Array,
    *,
    X: Array,
    scale: Array,
    shift: Array,
    out: Array,
    epsilon: float,
) -> Array:
    return _push(dX, X, -1, epsilon) * scale + _statistics(X, -1, epsilon)[0] * dscale + dshift


@layer_normalization.vjp
def _(
    g: Array, *, X: Array, scale: Array, shift: Array, out: Array, epsilon: float
) -> tuple[Array, ...]:
    standard = _statistics(X, -1, epsilon)[0]
    return (
        _push(_sum_to(X, g * scale), X, -1, epsilon),
        _sum_to(scale, g * standard),
        _sum_to(shift, g),
    )
