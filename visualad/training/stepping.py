"""What an optimiser is: frozen settings, and the state of one run that changes the parameters."""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from visualad.engine.backend import Update
from visualad.errors import VisualADError

Buffer = NDArray[np.floating[Any]]
NUMBERS = (int, float, np.integer, np.floating)


class OptimizerState(Protocol):
    """What an optimiser remembers from step to step.

    A state may also have
    - `update`, an `Update` with all that it remembers: a backend that knows its rule then does
      many steps in one call;
    - `learning_rate`, which a schedule then changes;
    - `step_on(problem)`, which is called instead of `step`: it may ask the `Problem` as often as
      it likes;
    - `converged`, true when no step would lead any further.
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


class Problem(Protocol):
    """The loss of one batch as a function of the parameters."""

    @property
    def parameters(self) -> Buffer:
        """The flat array; change it in place."""

    def loss_and_gradient(self) -> tuple[float, Buffer]:
        """At the present parameters; the gradient is valid until the next call."""

    def residuals(self) -> Buffer:
        """The numbers whose squares the loss adds up, (m,)."""

    def jacobian(self) -> Buffer:
        """Their derivatives with respect to the parameters, (m, n)."""


class RatedState:
    """A state whose `update` begins with the learning rate, where a schedule can change it."""

    update: Update

    @property
    def learning_rate(self) -> float:
        """The step size of the next step."""
        return self.update.numbers[0]

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        self.update.numbers = (float(rate), *self.update.numbers[1:])


def is_count(value: object) -> bool:
    """Whether it is a whole number from 1 on."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def check_rate(rate: object) -> None:
    """Refuse a learning rate that is negative or no number."""
    if not (isinstance(rate, NUMBERS) and 0 <= rate < math.inf):
        raise VisualADError(f"The learning rate must be a number from 0 on, not {rate!r}.")


def check_share(name: str, value: object) -> None:
    """Refuse what is not in [0, 1)."""
    if not (isinstance(value, NUMBERS) and 0 <= value < 1):
        raise VisualADError(
            f"{name.capitalize()} must be at least 0 and less than 1, not {value!r}."
        )


def check_from_zero(name: str, value: object) -> None:
    """Refuse what is negative, infinite or no number."""
    if not (isinstance(value, NUMBERS) and 0 <= value < math.inf):
        raise VisualADError(f"The {name} must be a number from 0 on, not {value!r}.")


def check_positive(name: str, value: object) -> None:
    """Refuse what is not greater than 0 and finite."""
    if not (isinstance(value, NUMBERS) and 0 < value < math.inf):
        raise VisualADError(f"The {name} must be a number greater than 0, not {value!r}.")
