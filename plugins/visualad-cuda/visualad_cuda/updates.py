"""The optimisers' rules for one parameter; `visualad.training` has them with their sources.

Plain functions of numbers and arrays: the kernel of `kernels.py` compiles them for the device, one
thread for each parameter. Every one takes the number of its parameter first, changes what the
optimiser remembers there, and changes the parameter.
"""

from __future__ import annotations

import math
from typing import Any

Array = Any

SGD, MOMENTUM, NESTEROV, ADAM, ADAMW, ADAGRAD, RMSPROP, CENTERED_RMSPROP = range(8)
RULES = {
    "sgd": SGD,
    "momentum": MOMENTUM,
    "nesterov": NESTEROV,
    "adam": ADAM,
    "adamw": ADAMW,
    "adagrad": ADAGRAD,
    "rmsprop": RMSPROP,
    "centered rmsprop": CENTERED_RMSPROP,
}
MOST_NUMBERS = 5  # of AdamW
MOST_MEMORY = 3  # of the centred RMSprop with momentum
RATE, ROOT = 0, 1  # what `scales` holds


def scale(rule: int, numbers: Array, count: int, scales: Array) -> None:
    """What is the same for all parameters in a step: the rate, and Adam's second correction.

    Args:
        numbers: those of the `Update`.
        count: of the steps with this one.
    """
    scales[RATE] = numbers[0]
    scales[ROOT] = 1.0
    if rule in (ADAM, ADAMW):
        scales[RATE] = numbers[0] / (1.0 - math.pow(numbers[1], count))
        scales[ROOT] = math.sqrt(1.0 - math.pow(numbers[2], count))
    elif rule == ADAGRAD:
        scales[RATE] = numbers[0] / (1.0 + (count - 1) * numbers[1])


def descend(
    i: int,
    rule: int,
    numbers: Array,
    scales: Array,
    parameters: Array,
    gradients: Array,
    velocity: Array,
) -> None:
    """Gradient descent, with momentum."""
    kind = parameters.dtype.type
    change = gradients[i]
    if rule != SGD:
        momentum = kind(numbers[1])
        velocity[i] = velocity[i] * momentum + gradients[i]
        change = velocity[i]
        if rule == NESTEROV:
            change = velocity[i] * momentum + gradients[i]
    parameters[i] -= change * kind(scales[RATE])


def adapt(
    i: int,
    rule: int,
    numbers: Array,
    scales: Array,
    parameters: Array,
    gradients: Array,
    means: Array,
    squares: Array,
) -> None:
    """Adam and AdamW."""
    kind = parameters.dtype.type
    g = gradients[i]
    mean = means[i] * kind(numbers[1]) + g * kind(1.0 - numbers[1])
    square = squares[i] * kind(numbers[2]) + (g * g) * kind(1.0 - numbers[2])
    means[i], squares[i] = mean, square
    spread = kind(math.sqrt(square)) / kind(scales[ROOT]) + kind(numbers[3])
    change = mean / spread * kind(scales[RATE])
    if rule == ADAMW:
        change += parameters[i] * kind(numbers[0] * numbers[4])
    parameters[i] -= change


def gather(
    i: int, numbers: Array, scales: Array, parameters: Array, gradients: Array, squares: Array
) -> None:
    """Adagrad."""
    kind = parameters.dtype.type
    g = gradients[i]
    squares[i] += g * g
    spread = kind(math.sqrt(squares[i])) + kind(numbers[2])
    parameters[i] -= g / spread * kind(scales[RATE])


def divide_by_root(
    i: int,
    rule: int,
    numbers: Array,
    scales: Array,
    parameters: Array,
    gradients: Array,
    squares: Array,
    means: Array,
    velocity: Array,
) -> None:
    """RMSprop, plain and centred, with momentum where it is not 0."""
    kind = parameters.dtype.type
    g = gradients[i]
    rest = kind(1.0 - numbers[1])
    square = squares[i] * kind(numbers[1]) + (g * g) * rest
    squares[i] = square
    if rule == CENTERED_RMSPROP:
        means[i] += (g - means[i]) * rest
        square -= means[i] * means[i]
        square = max(square, kind(0.0))  # rounding may leave less than nothing
    change = g / (kind(math.sqrt(square)) + kind(numbers[2]))
    if numbers[3] != 0.0:
        velocity[i] = velocity[i] * kind(numbers[3]) + change
        change = velocity[i]
    parameters[i] -= change * kind(scales[RATE])
