"""Gradient descent, plain and with momentum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visualad.engine.backend import Update
from visualad.errors import VisualADError
from visualad.training.stepping import Buffer, OptimizerState, RatedState, check_rate, check_share


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
        check_rate(self.learning_rate)
        check_share("momentum", self.momentum)
        if self.nesterov and self.momentum == 0:
            raise VisualADError(
                "Nesterov's method needs a momentum greater than 0, for example 0.9."
            )

    def start(self, parameters: Buffer) -> OptimizerState:
        """The state before the first step."""
        return _SGDState(self, parameters)


class _SGDState(RatedState):
    def __init__(self, settings: SGD, parameters: Buffer) -> None:
        self._settings = settings
        self._change = np.empty_like(parameters)
        self._velocity = np.zeros_like(parameters)
        rate, momentum = float(settings.learning_rate), float(settings.momentum)
        self._numbers: tuple[float, ...] = ()
        self._rate = np.array(rate, dtype=parameters.dtype)
        if momentum == 0:
            self.update = Update("sgd", (rate,))
        else:
            rule = "nesterov" if settings.nesterov else "momentum"
            self.update = Update(rule, (rate, momentum), (self._velocity,))

    def step(self, parameters: Buffer, gradient: Buffer) -> None:
        settings, change, rate = self._settings, self._change, self._rate
        velocity, update = self._velocity, self.update
        update.count += 1
        if self._numbers is not update.numbers:
            self._numbers = update.numbers
            rate[...] = update.numbers[0]  # NumPy takes an array faster than a number
        if settings.momentum == 0:
            np.multiply(gradient, rate, change)
        else:
            # Zero at first, so that the first velocity is the gradient itself.
            np.multiply(velocity, settings.momentum, velocity)
            np.add(velocity, gradient, velocity)
            if settings.nesterov:
                np.multiply(velocity, settings.momentum, change)
                np.add(change, gradient, change)
                np.multiply(change, rate, change)
            else:
                np.multiply(velocity, rate, change)
        # The only line that touches the parameters: an interrupt leaves them whole.
        np.subtract(parameters, change, parameters)
