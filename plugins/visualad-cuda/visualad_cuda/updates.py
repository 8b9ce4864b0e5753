"""The optimisers' rules on the device; `visualad.training.optimizers` has them with their sources.

Every function returns what is subtracted from the parameters and leaves the memory updated. Arrays
are the device's; numbers are those of the `Update`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

Array = Any
Rule = Callable[[ModuleType, Array, Sequence[float], Sequence[Array], int], Array]


def _sgd(
    xp: ModuleType, gradient: Array, numbers: Sequence[float], memory: Sequence[Array], count: int
) -> Array:
    (rate,) = numbers
    return gradient * rate


def _momentum(
    xp: ModuleType, gradient: Array, numbers: Sequence[float], memory: Sequence[Array], count: int
) -> Array:
    rate, momentum = numbers
    (velocity,) = memory
    velocity *= momentum
    velocity += gradient
    return velocity * rate


def _nesterov(
    xp: ModuleType, gradient: Array, numbers: Sequence[float], memory: Sequence[Array], count: int
) -> Array:
    rate, momentum = numbers
    (velocity,) = memory
    velocity *= momentum
    velocity += gradient
    return (velocity * momentum + gradient) * rate


def _adam(
    xp: ModuleType, gradient: Array, numbers: Sequence[float], memory: Sequence[Array], count: int
) -> Array:
    rate, beta1, beta2, epsilon = numbers
    mean, square = memory
    mean *= beta1
    mean += gradient * (1 - beta1)
    square *= beta2
    square += gradient * gradient * (1 - beta2)
    spread = xp.sqrt(square) / math.sqrt(1 - beta2**count) + epsilon
    return mean / spread * (rate / (1 - beta1**count))


RULES: dict[str, Rule] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adam": _adam,
}
