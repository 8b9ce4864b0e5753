"""Optimisers with a step size for each parameter: Adagrad, RMSprop, Adam and AdamW."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from visualad.engine.backend import Update
from visualad.training.stepping import (
    Buffer,
    OptimizerState,
    RatedState,
    check_from_zero,
    check_positive,
    check_rate,
    check_share,
)


@dataclass(frozen=True)
class Adagrad:
    """Adagrad, as `torch.optim.Adagrad`. Duchi, Hazan and Singer 2011.

    s ← s + g², p ← p - rate·g / (√s + epsilon) with rate = learning_rate / (1 + (t - 1)·decay).

    Raises:
        VisualADError: for settings that make no sense.
    """

    learning_rate: float = 0.01
    decay: float = 0.0
    epsilon: float = 1e-10

    def __post_init__(self) -> None:
        check_rate(self.learning_rate)
        check_from_zero("decay of the learning rate", self.decay)
        check_positive("epsilon of Adagrad", self.epsilon)

    def start(self, parameters: Buffer) -> OptimizerState:
        """The state before the first step."""
        return _AdagradState(self, parameters)


class _AdagradState(RatedState):
    def __init__(self, settings: Adagrad, parameters: Buffer) -> None:
        self._square = np.zeros_like(parameters)
        self._scratch = np.empty_like(parameters)
        self._change = np.empty_like(parameters)
        numbers = (settings.learning_rate, settings.decay, settings.epsilon)
        self.update = Update("adagrad", tuple(map(float, numbers)), (self._square,))

    def step(self, parameters: Buffer, gradient: Buffer) -> None:
        rate, decay, epsilon = self.update.numbers
        square, scratch, change = self._square, self._scratch, self._change
        np.multiply(gradient, gradient, scratch)
        np.add(square, scratch, square)
        np.sqrt(square, scratch)
        np.add(scratch, epsilon, scratch)
        np.divide(gradient, scratch, change)
        np.multiply(change, rate / (1 + self.update.count * decay), change)
        self.update.count += 1
        np.subtract(parameters, change, parameters)


@dataclass(frozen=True)
class RMSprop:
    """RMSprop, as `torch.optim.RMSprop`. Tieleman and Hinton 2012, lecture 6.5.

    s ← alpha·s + (1 - alpha)·g², p ← p - learning_rate·g / (√s + epsilon); with `centered` s is
    reduced by the square of the gradient's own running mean (Graves 2013), with `momentum` the
    scaled gradients are gathered in a velocity first.

    Raises:
        VisualADError: for settings that make no sense.
    """

    learning_rate: float = 0.01
    alpha: float = 0.99
    epsilon: float = 1e-8
    momentum: float = 0.0
    centered: bool = False

    def __post_init__(self) -> None:
        check_rate(self.learning_rate)
        check_share("alpha", self.alpha)
        check_share("momentum", self.momentum)
        check_positive("epsilon of RMSprop", self.epsilon)

    def start(self, parameters: Buffer) -> OptimizerState:
        """The state before the first step."""
        return _RMSpropState(self, parameters)


class _RMSpropState(RatedState):
    def __init__(self, settings: RMSprop, parameters: Buffer) -> None:
        self._centered = settings.centered
        self._square, self._mean, self._velocity = (np.zeros_like(parameters) for _ in range(3))
        self._scratch = np.empty_like(parameters)
        self._change = np.empty_like(parameters)
        numbers = (settings.learning_rate, settings.alpha, settings.epsilon, settings.momentum)
        rule = "centered rmsprop" if settings.centered else "rmsprop"
        memory = (self._square, self._mean, self._velocity)
        self.update = Update(rule, tuple(map(float, numbers)), memory)

    def step(self, parameters: Buffer, gradient: Buffer) -> None:
        rate, alpha, epsilon, momentum = self.update.numbers
        square, mean, scratch, change = self._square, self._mean, self._scratch, self._change
        self.update.count += 1
        np.multiply(square, alpha, square)
        np.multiply(gradient, gradient, scratch)
        np.multiply(scratch, 1 - alpha, scratch)
        np.add(square, scratch, square)
        if self._centered:
            # As a step towards the gradient, which is what PyTorch does, to the last bit.
            np.subtract(gradient, mean, scratch)
            np.multiply(scratch, 1 - alpha, scratch)
            np.add(mean, scratch, mean)
            np.multiply(mean, mean, scratch)
            np.subtract(square, scratch, scratch)
            np.maximum(scratch, 0, out=scratch)  # rounding may leave less than nothing
            np.sqrt(scratch, scratch)
        else:
            np.sqrt(square, scratch)
        np.add(scratch, epsilon, scratch)
        np.divide(gradient, scratch, change)
        if momentum:
            np.multiply(self._velocity, momentum, self._velocity)
            np.add(self._velocity, change, self._velocity)
            np.multiply(self._velocity, rate, change)
        else:
            np.multiply(change, rate, change)
        np.subtract(parameters, change, parameters)


@dataclass(frozen=True)
class Adam:
    """Adam, as `torch.optim.Adam`. Kingma and Ba 2015, algorithm 1.

    m ← beta1·m + (1 - beta1)·g, v ← beta2·v + (1 - beta2)·g², and with the bias removed
    p ← p - learning_rate·m̂ / (√v̂ + epsilon), m̂ = m/(1 - beta1ᵗ), v̂ = v/(1 - beta2ᵗ).

    Raises:
        VisualADError: for settings that make no sense.
    """

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _check_adam(self)

    def start(self, parameters: Buffer) -> OptimizerState:
        """The state before the first step."""
        return _AdamState(self, parameters)


@dataclass(frozen=True)
class AdamW:
    """Adam with decoupled weight decay, as `torch.optim.AdamW`. Loshchilov and Hutter 2019.

    p ← p·(1 - learning_rate·weight_decay), then a step of Adam. All parameters decay, as PyTorch's.

    Raises:
        VisualADError: for settings that make no sense.
    """

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        _check_adam(self)
        check_from_zero("weight decay", self.weight_decay)

    def start(self, parameters: Buffer) -> OptimizerState:
        """The state before the first step."""
        return _AdamState(self, parameters, self.weight_decay)


def _check_adam(settings: Adam | AdamW) -> None:
    check_rate(settings.learning_rate)
    check_share("beta1", settings.beta1)
    check_share("beta2", settings.beta2)
    check_positive("epsilon of Adam", settings.epsilon)


class _AdamState(RatedState):
    def __init__(
        self, settings: Adam | AdamW, parameters: Buffer, decay: float | None = None
    ) -> None:
        self._mean = np.zeros_like(parameters)
        self._square = np.zeros_like(parameters)
        self._scratch = np.empty_like(parameters)
        self._change = np.empty_like(parameters)
        self._decay = decay
        numbers = [settings.learning_rate, settings.beta1, settings.beta2, settings.epsilon]
        if decay is not None:
            numbers.append(decay)
        rule = "adam" if decay is None else "adamw"
        self.update = Update(rule, tuple(map(float, numbers)), (self._mean, self._square))

    def step(self, parameters: Buffer, gradient: Buffer) -> None:
        learning_rate, beta1, beta2, epsilon = self.update.numbers[:4]
        mean, square = self._mean, self._square
        scratch, change = self._scratch, self._change
        self.update.count += 1
        count = self.update.count
        np.multiply(mean, beta1, mean)
        np.multiply(gradient, 1 - beta1, scratch)
        np.add(mean, scratch, mean)
        np.multiply(square, beta2, square)
        np.multiply(gradient, gradient, scratch)
        np.multiply(scratch, 1 - beta2, scratch)
        np.add(square, scratch, square)
        np.sqrt(square, scratch)
        np.divide(scratch, math.sqrt(1 - beta2**count), scratch)
        np.add(scratch, epsilon, scratch)
        np.divide(mean, scratch, change)
        np.multiply(change, learning_rate / (1 - beta1**count), change)
        if self._decay is not None:
            np.multiply(parameters, learning_rate * self._decay, scratch)
            np.add(change, scratch, change)
        np.subtract(parameters, change, parameters)
