"""Losses of a batch: the mean over the samples of the sum over the outputs, as in the lecture.

The first axis is that of the samples, so o: (N, k) and y: (N, k) -> (). Vectors (N,) are N samples
of one output each, and such a vector of targets also fits outputs (N, 1).
"""

from __future__ import annotations

import math

import numpy as np

from visualad.errors import GraphError, ShapeError
from visualad.ops.broadcasting import unbroadcast
from visualad.ops.declaration import Array, node
from visualad.ops.expression import Name, Symbol

CATEGORY = "Losses"


def _targets(o: Array, y: Array) -> Array:
    """The targets in a shape that goes with the outputs.

    Raises:
        ShapeError: instead of silently comparing every output with every target.
    """
    if not isinstance(o, np.ndarray | np.generic) or not isinstance(y, np.ndarray | np.generic):
        return y  # numbers and what stands for arrays in tracing
    if y.shape in {o.shape, ()}:
        return y
    if o.size == y.size and o.shape[:1] == y.shape[:1]:
        return y.reshape(o.shape)
    raise ShapeError(
        f"A loss compares outputs and targets of the same shape, but the outputs are {o.shape} "
        f"and the targets {y.shape}; reshape one of them."
    )


def _samples(o: Array) -> Array:
    """N, the number of samples in the batch."""
    if isinstance(o, Symbol):
        return Symbol(Name("N"))
    return np.shape(o)[0] if np.ndim(o) > 0 else 1


def _as(value: Array, adjoint: Array) -> Array:
    """An adjoint that was computed in the outputs' shape, in the shape of its own value."""
    if isinstance(adjoint, Symbol):
        return adjoint
    if np.size(adjoint) == np.size(value):
        return np.reshape(adjoint, np.shape(value))
    return unbroadcast(adjoint, np.shape(value))


@node(symbol="MSE", category=CATEGORY)
def mean_squared_error(o: Array, y: Array) -> Array:
    """Squared error (1/N) Σ (o − y)²: mean over the N samples of the sum over the outputs.

    o: outputs (N, k), y: targets (N, k) -> ().
    """
    return np.sum(np.square(o - _targets(o, y))) / _samples(o)


@mean_squared_error.jvp
def _(do: Array, dy: Array, *, o: Array, y: Array, out: Array) -> Array:
    return np.sum(2 * (o - _targets(o, y)) * (do - _targets(o, dy))) / _samples(o)


@mean_squared_error.vjp
def _(g: Array, *, o: Array, y: Array, out: Array) -> Array:
    slope = g * 2 * (o - _targets(o, y)) / _samples(o)
    return slope, _as(y, -slope)


@node(
    symbol="MAE",
    category=CATEGORY,
    analytic=False,
    kinks="Where an output equals its target the derivative is 0.",
)
def mean_absolute_error(o: Array, y: Array) -> Array:
    """Absolute error (1/N) Σ |o − y|: mean over the N samples of the sum over the outputs.

    o: outputs (N, k), y: targets (N, k) -> ().
    """
    return np.sum(np.abs(o - _targets(o, y))) / _samples(o)


@mean_absolute_error.jvp
def _(do: Array, dy: Array, *, o: Array, y: Array, out: Array) -> Array:
    return np.sum(np.sign(o - _targets(o, y)) * (do - _targets(o, dy))) / _samples(o)


@mean_absolute_error.vjp
def _(g: Array, *, o: Array, y: Array, out: Array) -> Array:
    slope = g * np.sign(o - _targets(o, y)) / _samples(o)
    return slope, _as(y, -slope)


@node(symbol="Huber", category=CATEGORY, analytic=False)
def huber(o: Array, y: Array, *, delta: float = 1.0) -> Array:
    """Huber loss: ½(o − y)² up to |o − y| = delta, then a straight line. Huber 1964.

    Mean over the N samples of the sum over the outputs. o: (N, k), y: (N, k) -> ().
    """
    error = o - _targets(o, y)
    slope = np.clip(error, -delta, delta)
    return np.sum(slope * (error - 0.5 * slope)) / _samples(o)


@huber.jvp
def _(do: Array, dy: Array, *, o: Array, y: Array, out: Array, delta: float) -> Array:
    slope = np.clip(o - _targets(o, y), -delta, delta)
    return np.sum(slope * (do - _targets(o, dy))) / _samples(o)


@huber.vjp
def _(g: Array, *, o: Array, y: Array, out: Array, delta: float) -> Array:
    slope = g * np.clip(o - _targets(o, y), -delta, delta) / _samples(o)
    return slope, _as(y, -slope)


def _logistic(o: Array) -> Array:
    return 1 / (1 + np.exp(-o))


@node(
    symbol="BCE",
    category=CATEGORY,
    domain=((-3.0, 3.0), (0.0, 1.0)),
    analytic=False,
)
def binary_cross_entropy(o: Array, y: Array) -> Array:
    """Cross entropy of logits o with targets y from 0 to 1: log(1 + e^o) − o·y, stable.

    Mean over the N samples of the sum over the outputs. o: (N, k), y: (N, k) -> ().
    """
    rest = np.log1p(np.exp(-np.abs(o)))
    return np.sum(np.maximum(o, 0.0) - o * _targets(o, y) + rest) / _samples(o)


@binary_cross_entropy.jvp
def _(do: Array, dy: Array, *, o: Array, y: Array, out: Array) -> Array:
    slope = _logistic(o) - _targets(o, y)
    return np.sum(slope * do - o * _targets(o, dy)) / _samples(o)


@binary_cross_entropy.vjp
def _(g: Array, *, o: Array, y: Array, out: Array) -> Array:
    slope = _logistic(o) - _targets(o, y)
    return g * slope / _samples(o), _as(y, -g * o / _samples(o))


@node(
    symbol="CE",
    category=CATEGORY,
    domain=((-3.0, 3.0), (0.0, 1.0)),
)
def cross_entropy(o: Array, y: Array) -> Array:
    """Cross entropy −Σ y·log softmax(o) of logits, mean over the samples, by log-sum-exp.

    o: logits (N, C) or (C,). y: one-hot or probabilities of the same shape, or class indices
    (N,), (N, 1) or (); indices have the adjoint 0. Result ().
    """
    classes = _one_hot(o, y)
    return -np.sum(classes * _log_softmax(o)) / _rows(o)


@cross_entropy.jvp
def _(do: Array, dy: Array, *, o: Array, y: Array, out: Array) -> Array:
    classes = _one_hot(o, y)
    change = np.sum(_slope(o, classes) * do)
    if not _are_indices(o, y):
        change = change - np.sum(dy * _log_softmax(o))
    return change / _rows(o)


@cross_entropy.vjp
def _(g: Array, *, o: Array, y: Array, out: Array) -> Array:
    slope = g * _slope(o, _one_hot(o, y)) / _rows(o)
    if _are_indices(o, y):
        return slope, np.zeros_like(y)
    return slope, -g * _log_softmax(o) / _rows(o)


def _rows(o: Array) -> Array:
    """Number of samples when the last axis is that of the classes."""
    return Symbol(Name("N")) if isinstance(o, Symbol) else math.prod(np.shape(o)[:-1])


def _log_softmax(o: Array) -> Array:
    shifted = o - np.max(o, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


def _slope(o: Array, classes: Array) -> Array:
    """d(−Σ y·log softmax(o))/do = softmax(o)·Σ y − y."""
    return np.exp(_log_softmax(o)) * np.sum(classes, axis=-1, keepdims=True) - classes


def _are_indices(o: Array, y: Array) -> bool:
    return not isinstance(o, Symbol) and np.shape(o) != np.shape(y)


def _one_hot(o: Array, y: Array) -> Array:
    """The targets as one row of probabilities per sample.

    Raises:
        ShapeError: if they fit neither as probabilities nor as class indices.
        GraphError: if an index is no whole number from 0 to C − 1.
    """
    if not _are_indices(o, y):
        return y
    shape = np.shape(o)
    if not shape or np.shape(y) not in (shape[:-1], (*shape[:-1], 1)):
        raise ShapeError(
            f"Cross entropy of logits {shape} expects targets of the same shape or one class "
            f"index per sample, but the targets are {np.shape(y)}."
        )
    indices = np.reshape(np.real(y), (*shape[:-1], 1))
    classes = np.arange(shape[-1])
    chosen = indices == classes
    if not np.all(np.any(chosen, axis=-1)):
        wrong = indices[~np.any(chosen, axis=-1)].flat[0]
        raise GraphError(
            f"Cross entropy expects class indices from 0 to {shape[-1] - 1}, but one target is "
            f"{wrong:g}; check the targets or the number of outputs."
        )
    return chosen.astype(o.dtype)


@node(symbol="½SE", category=CATEGORY)
def half_squared_error(o: Array, y: Array) -> Array:
    """Half squared error (1/N) Σ ½(o − y)²: the loss of TensorFlow Playground.

    Mean over the N samples of the sum over the outputs. o: (N, k), y: (N, k) -> ().
    """
    return 0.5 * np.sum(np.square(o - _targets(o, y))) / _samples(o)


@half_squared_error.jvp
def _(do: Array, dy: Array, *, o: Array, y: Array, out: Array) -> Array:
    return np.sum((o - _targets(o, y)) * (do - _targets(o, dy))) / _samples(o)


@half_squared_error.vjp
def _(g: Array, *, o: Array, y: Array, out: Array) -> Array:
    slope = g * (o - _targets(o, y)) / _samples(o)
    return slope, _as(y, -slope)


@node(
    symbol="Hinge",
    category=CATEGORY,
    analytic=False,
    kinks="On the margin o·y = 1 the derivative is 0.",
)
def hinge(o: Array, y: Array) -> Array:
    """Hinge loss max(0, 1 − o·y) for the classes y = −1 and +1. Cortes and Vapnik 1995.

    Mean over the N samples of the sum over the outputs. o: (N, k), y: (N, k) -> ().
    """
    return np.sum(np.maximum(1.0 - o * _targets(o, y), 0.0)) / _samples(o)


@hinge.jvp
def _(do: Array, dy: Array, *, o: Array, y: Array, out: Array) -> Array:
    y = _targets(o, y)
    change = np.where(o * y < 1, do * y + o * _targets(o, dy), 0.0)
    return -np.sum(change) / _samples(o)


@hinge.vjp
def _(g: Array, *, o: Array, y: Array, out: Array) -> Array:
    targets = _targets(o, y)
    inside = np.where(o * targets < 1, -g, 0.0) / _samples(o)
    return inside * targets, _as(y, inside * o)
