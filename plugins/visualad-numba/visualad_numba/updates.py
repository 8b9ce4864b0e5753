"""The updates of the optimisers; formulas and order are those of `visualad.SGD` and the others."""

from __future__ import annotations

import math

import numpy as np

from visualad_numba import opcodes as o
from visualad_numba.kernels import compiled


@compiled
def update(rule, numbers, parameters, gradient, first, second, third, count):
    """One step.

    Args:
        numbers: the rate first; see `visualad.plugin.Update`.
        first, second, third: what the optimiser remembers, as far as it does.
        count: of the steps with this one.
    """
    if rule <= o.NESTEROV:
        descend(rule, numbers, parameters, gradient, first)
    elif rule <= o.ADAMW:
        adapt(rule, numbers, parameters, gradient, first, second, count)
    elif rule == o.ADAGRAD:
        gather(numbers, parameters, gradient, first, count)
    else:
        scale(rule, numbers, parameters, gradient, first, second, third)


@compiled
def descend(rule, numbers, parameters, gradient, velocity):
    """Gradient descent, with momentum."""
    n = parameters.size
    kind = parameters.dtype.type
    rate = kind(numbers[0])
    if rule == o.SGD:
        for i in range(n):
            parameters[i] -= gradient[i] * rate
        return
    momentum = kind(numbers[1])
    for i in range(n):
        velocity[i] = velocity[i] * momentum + gradient[i]
    if rule == o.NESTEROV:
        for i in range(n):
            parameters[i] -= (velocity[i] * momentum + gradient[i]) * rate
    else:
        for i in range(n):
            parameters[i] -= velocity[i] * rate


@compiled
def adapt(rule, numbers, parameters, gradient, means, squares, count):
    """Adam and AdamW."""
    kind = parameters.dtype.type
    beta1, beta2, epsilon = kind(numbers[1]), kind(numbers[2]), kind(numbers[3])
    rest1, rest2 = kind(1 - numbers[1]), kind(1 - numbers[2])
    root = kind(math.sqrt(1 - numbers[2] ** count))
    rate = kind(numbers[0] / (1 - numbers[1] ** count))
    decay = kind(numbers[0] * numbers[4] if rule == o.ADAMW else 0.0)
    for i in range(parameters.size):
        g = gradient[i]
        mean = means[i] * beta1 + g * rest1
        square = squares[i] * beta2 + (g * g) * rest2
        means[i], squares[i] = mean, square
        change = mean / (np.sqrt(square) / root + epsilon) * rate
        parameters[i] -= change + parameters[i] * decay


@compiled
def gather(numbers, parameters, gradient, squares, count):
    """Adagrad."""
    kind = parameters.dtype.type
    rate = kind(numbers[0] / (1 + (count - 1) * numbers[1]))
    epsilon = kind(numbers[2])
    for i in range(parameters.size):
        g = gradient[i]
        squares[i] += g * g
        parameters[i] -= g / (np.sqrt(squares[i]) + epsilon) * rate


@compiled
def scale(rule, numbers, parameters, gradient, squares, means, velocity):
    """RMSprop, plain and centred, with momentum where it is not 0."""
    kind = parameters.dtype.type
    rate, alpha, epsilon = kind(numbers[0]), kind(numbers[1]), kind(numbers[2])
    momentum, rest, zero = kind(numbers[3]), kind(1 - numbers[1]), kind(0)
    is_centered = rule == o.CENTERED_RMSPROP
    for i in range(parameters.size):
        g = gradient[i]
        square = squares[i] * alpha + (g * g) * rest
        squares[i] = square
        if is_centered:
            means[i] += (g - means[i]) * rest
            square -= means[i] * means[i]
            square = square if square > zero else zero  # rounding may leave less than nothing
        change = g / (np.sqrt(square) + epsilon)
        if momentum != zero:
            velocity[i] = velocity[i] * momentum + change
            change = velocity[i]
        parameters[i] -= change * rate
