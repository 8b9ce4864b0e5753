"""Optimisers: how the gradient changes the parameters.

The settings are frozen values; `start` gives the state of one run, whose `step` changes the flat
parameter buffer in place and allocates nothing.

    state = Adam(0.01).start(parameters)
    state.step(parameters, gradient)
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from visualad.engine.backend import Update
from visualad.errors import PluginError, VisualADError
from visualad.register import Register

Buffer = NDArray[np.floating[Any]]
Kind = TypeVar("Kind")
NUMBERS = (int, float, np.integer, np.floating)


class OptimizerState(Protocol):
    """What an optimiser remembers from step to step.

    A state may also have `update`, an `Update` with all that it remembers: a backend that knows
    its rule then does many steps in one call.
    """

    def step(self, parameters: Buffer, gradient: Buffer) -> None:
        """Change the parameters in place; both are flat arrays of the same length."""


class Optimizer(Protocol):
    """The settings of an optimiser."""

    @property
    def learning_rate(self) -> float:
        """Its step size."""

    def start(self, parameters: Buffer) -> OptimizerState:
        """The state before the first step, for parameters of this length and dtype."""


@dataclass(frozen=True)
class SGD:
    """Gradient descent with momentum, as `torch.optim.SGD`.

    v ← momentum·v + g (at first v = g); p ← p - learning_rate·v, and with `nesterov`
    p ← p - learning_rate·(g + momentum·v). Sutskever et al. 2013 in PyTorch's variant, where the
    learning rate multiplies the whole velocity.

    Raises:
        VisualADError: for a learning rate or momentum that makes no sense.
    """

    learning_rate: float = 0.1
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        _check_rate(self.learning_rate)
        _check_share("momentum", self.momentum)
        if self.nesterov and self.momentum == 0:
            raise VisualADError(
                "Nesterov's method needs a momentum greater than 0, for example 0.9."
            )

    def start(self, parameters: Buffer) -> OptimizerState:
        """The state before the first step."""
        return _SGDState(self, parameters)


class _SGDState:
    def __init__(self, settings: SGD, parameters: Buffer) -> None:
        self._settings = settings
        self._change = np.empty_like(parameters)
        self._velocity = np.zeros_like(parameters)
        rate, momentum = float(settings.learning_rate), float(settings.momentum)
        if momentum == 0:
            self.update = Update("sgd", (rate,))
        else:
            rule = "nesterov" if settings.nesterov else "momentum"
            self.update = Update(rule, (rate, momentum), (self._velocity,))

    def step(self, parameters: Buffer, gradient: Buffer) -> None:
        settings, change, velocity = self._settings, self._change, self._velocity
        self.update.count += 1
        if settings.momentum == 0:
            np.multiply(gradient, settings.learning_rate, change)
        else:
            # Zero at first, so that the first velocity is the gradient itself.
            np.multiply(velocity, settings.momentum, velocity)
            np.add(velocity, gradient, velocity)
            if settings.nesterov:
                np.multiply(velocity, settings.momentum, change)
                np.add(change, gradient, change)
                np.multiply(change, settings.learning_rate, change)
            else:
                np.multiply(velocity, settings.learning_rate, change)
        # The only line that touches the parameters: an interrupt leaves them whole.
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
        _check_rate(self.learning_rate)
        _check_share("beta1", self.beta1)
        _check_share("beta2", self.beta2)
        if not 0 < self.epsilon < math.inf:
            raise VisualADError(f"Adam's epsilon must be greater than 0, not {self.epsilon:g}.")

    def start(self, parameters: Buffer) -> OptimizerState:
        """The state before the first step."""
        return _AdamState(self, parameters)


class _AdamState:
    def __init__(self, settings: Adam, parameters: Buffer) -> None:
        self._settings = settings
        self._mean = np.zeros_like(parameters)
        self._square = np.zeros_like(parameters)
        numbers = (settings.learning_rate, settings.beta1, settings.beta2, settings.epsilon)
        self.update = Update("adam", tuple(map(float, numbers)), (self._mean, self._square))
        self._scratch = np.empty_like(parameters)
        self._change = np.empty_like(parameters)

    def step(self, parameters: Buffer, gradient: Buffer) -> None:
        settings, mean, square = self._settings, self._mean, self._square
        scratch, change = self._scratch, self._change
        self.update.count += 1
        count = self.update.count
        np.multiply(mean, settings.beta1, mean)
        np.multiply(gradient, 1 - settings.beta1, scratch)
        np.add(mean, scratch, mean)
        np.multiply(square, settings.beta2, square)
        np.multiply(gradient, gradient, scratch)
        np.multiply(scratch, 1 - settings.beta2, scratch)
        np.add(square, scratch, square)
        np.sqrt(square, scratch)
        np.divide(scratch, math.sqrt(1 - settings.beta2**count), scratch)
        np.add(scratch, settings.epsilon, scratch)
        np.divide(mean, scratch, change)
        rate = settings.learning_rate / (1 - settings.beta1**count)
        np.multiply(change, rate, change)
        np.subtract(parameters, change, parameters)


def _sgd(settings: Mapping[str, Any]) -> Optimizer:
    return SGD(
        _number(settings, "learning_rate", 0.1),
        _number(settings, "momentum", 0.0),
        bool(settings.get("nesterov", False)),
    )


def _adam(settings: Mapping[str, Any]) -> Optimizer:
    return Adam(_number(settings, "learning_rate", 0.001))


@dataclass(frozen=True)
class OptimizerKind:
    """An optimiser that can be chosen.

    Attributes:
        make: from the settings of training to the optimiser.
        title: what it is called on screen.
    """

    make: Callable[[Mapping[str, Any]], Optimizer]
    title: str


# By the name in `graph.training["optimizer"]`.
OPTIMIZERS = Register(
    "optimiser", {"sgd": OptimizerKind(_sgd, "SGD"), "adam": OptimizerKind(_adam, "Adam")}
)


def optimizer(name: str, *, title: str = "") -> Callable[[type[Kind]], type[Kind]]:
    """Declare an optimiser: a decorator for a class of its settings.

    The class is called with those settings of training that its parameters name (`learning_rate`,
    `momentum`, ...); its `start(parameters)` gives an object whose `step(parameters, gradient)`
    changes the flat array of parameters in place.

    Args:
        name: in `graph.training["optimizer"]`.
        title: what it is called on screen; its name by default.
    """

    def declare(kind: type[Kind]) -> type[Kind]:
        known = inspect.signature(kind).parameters
        if not callable(getattr(kind, "start", None)):
            raise PluginError(
                f"The optimiser '{name}' has no method start(parameters), which gives its state."
            )

        def make(settings: Mapping[str, Any]) -> Optimizer:
            given = {key: value for key, value in settings.items() if key in known}
            made: Optimizer = kind(**given)  # type: ignore[assignment]
            return made

        OPTIMIZERS.add(name, OptimizerKind(make, title or name.replace("_", " ")))
        return kind

    return declare


def optimizer_from(settings: Mapping[str, Any]) -> Optimizer:
    """The optimiser that `graph.training` describes: optimizer, learning_rate, momentum, nesterov.

    Raises:
        VisualADError: for an unknown name or numbers that make no sense.
    """
    name = settings.get("optimizer", "sgd")
    if name not in OPTIMIZERS:
        raise VisualADError(f"There is no optimiser '{name}'; take one of {', '.join(OPTIMIZERS)}.")
    return OPTIMIZERS[name].make(settings)


def _number(settings: Mapping[str, Any], key: str, default: float) -> float:
    value = settings.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise VisualADError(f"The {key.replace('_', ' ')} must be a number, not {value!r}.")
    return float(value)


def _check_rate(rate: object) -> None:
    if not (isinstance(rate, NUMBERS) and 0 <= rate < math.inf):
        raise VisualADError(f"The learning rate must be a number from 0 on, not {rate!r}.")


def _check_share(name: str, value: object) -> None:
    if not (isinstance(value, NUMBERS) and 0 <= value < 1):
        raise VisualADError(
            f"{name.capitalize()} must be at least 0 and less than 1, not {value!r}."
        )
