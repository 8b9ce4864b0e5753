"""Activation functions of networks. All are stable for inputs of any size."""

from __future__ import annotations

import math

import numpy as np

from visualad.ops.declaration import Array, node
from visualad.ops.functions import erfc

CATEGORY = "Activations"
ROOT_TWO = math.sqrt(2)
ONE_OVER_ROOT_TWO_PI = 1 / math.sqrt(2 * math.pi)


@node(symbol="σ", latex=r"\sigma\left({x.bare}\right)", category=CATEGORY)
def sigmoid(x: Array) -> Array:
    """Logistic function σ(x) = 1 / (1 + e^(−x)), between 0 and 1.

    For x below −709 the exponential overflows to infinity and the quotient is 0, as it should be.
    """
    return 1 / (1 + np.exp(-x))


@sigmoid.partials
def _(x: Array, out: Array) -> Array:
    return out * (1 - out)


@node(text="tanh{x.arg}", latex=r"\tanh{x.arg}", category=CATEGORY)
def tanh(x: Array) -> Array:
    """Hyperbolic tangent of every element, between −1 and 1."""
    return np.tanh(x)


@tanh.partials
def _(x: Array, out: Array) -> Array:
    return 1 - out**2


@node(category=CATEGORY, label="ReLU", analytic=False, kinks="At 0 the derivative is 0.")
def relu(x: Array) -> Array:
    """Rectified linear unit max(x, 0) of every element."""
    return np.maximum(x, 0.0)


@relu.partials
def _(x: Array, out: Array) -> Array:
    return x > 0


@node(
    category=CATEGORY,
    label="leaky ReLU",
    analytic=False,
    kinks="At 0 the derivative is the slope of the left side.",
)
def leaky_relu(x: Array, *, slope: float = 0.01) -> Array:
    """Rectified linear unit with a slope on the left: x for x > 0, else slope·x."""
    return np.where(x > 0, x, slope * x)


@leaky_relu.partials
def _(x: Array, out: Array, *, slope: float) -> Array:
    return np.where(x > 0, 1.0, slope)


@node(
    category=CATEGORY,
    label="ELU",
    analytic=False,
    kinks="At 0 the derivative is alpha, that of the left side.",
)
def elu(x: Array, *, alpha: float = 1.0) -> Array:
    """Exponential linear unit: x for x > 0, else alpha·(e^x − 1). Clevert et al. 2016."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


@elu.partials
def _(x: Array, out: Array, *, alpha: float) -> Array:
    return np.where(x > 0, 1.0, out + alpha)


@node(category=CATEGORY, label="GELU", analytic=False)
def gelu(x: Array) -> Array:
    """Gaussian error linear unit x·Φ(x), exact, Φ the normal distribution. Hendrycks 2016."""
    return x * (0.5 * erfc(-x / ROOT_TWO))


@gelu.partials
def _(x: Array, out: Array) -> Array:
    return 0.5 * erfc(-x / ROOT_TWO) + ONE_OVER_ROOT_TWO_PI * x * np.exp(-(x**2) / 2)


@node(category=CATEGORY, analytic=False)
def softplus(x: Array) -> Array:
    """Smooth rectifier log(1 + e^x), computed without overflow."""
    return np.logaddexp(0.0, x)


@softplus.partials
def _(x: Array, out: Array) -> Array:
    return sigmoid(x)


@node(category=CATEGORY, label="SiLU (swish)")
def silu(x: Array) -> Array:
    """Sigmoid linear unit x·σ(x). Elfwing et al. 2018."""
    return x * sigmoid(x)


@silu.partials
def _(x: Array, out: Array) -> Array:
    return sigmoid(x) * (1 + x * (1 - sigmoid(x)))


@node(category=CATEGORY)
def softmax(X: Array, *, axis: int = -1) -> Array:
    """Probabilities e^X / Σ e^X along `axis`, stable for large X. (N, C) -> (N, C)."""
    powers = np.exp(X - np.max(X, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


@softmax.jvp
def _(dX: Array, *, X: Array, out: Array, axis: int) -> Array:
    return out * (dX - np.sum(out * dX, axis=axis, keepdims=True))


@softmax.vjp
def _(g: Array, *, X: Array, out: Array, axis: int) -> Array:
    return (out * (g - np.sum(g * out, axis=axis, keepdims=True)),)


@node(category=CATEGORY)
def log_softmax(X: Array, *, axis: int = -1) -> Array:
    """Logarithm of softmax along `axis`, by log-sum-exp. (N, C) -> (N, C)."""
    shifted = X - np.max(X, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@log_softmax.jvp
def _(dX: Array, *, X: Array, out: Array, axis: int) -> Array:
    return dX - np.sum(np.exp(out) * dX, axis=axis, keepdims=True)


@log_softmax.vjp
def _(g: Array, *, X: Array, out: Array, axis: int) -> Array:
    return (g - np.exp(out) * np.sum(g, axis=axis, keepdims=True),)
