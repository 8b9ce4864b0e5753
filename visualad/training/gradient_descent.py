"""Gradient descent, plain and with momentum."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import call
from typing import Any

import numpy as np

from visualad.engine.backend import Update
from visualad.errors import VisualADError
from visualad.training.stepping import Buffer, OptimizerState, RatedState, check_rate, check_share

Call = Callable[[], Any]

BLOCK = 1 << 16  # numbers; a few blocks of them fit into the second cache
_drain = deque[Any](maxlen=0).extend


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
        self._scratch = np.empty_like(parameters[:BLOCK])
        self._velocity = np.zeros_like(parameters)
        rate, momentum = float(settings.learning_rate), float(settings.momentum)
        self._numbers: tuple[float, ...] = ()
        # NumPy takes arrays faster than numbers.
        self._rate = np.array(rate, dtype=parameters.dtype)
        self._momentum = np.array(momentum, dtype=parameters.dtype)
        self._arrays: tuple[Buffer, Buffer] | None = None
        self._calls: list[Call] = []
        if momentum == 0:
            self.update = Update("sgd", (rate,))
        else:
            rule = "nesterov" if settings.nesterov else "momentum"
            self.update = Update(rule, (rate, momentum), (self._velocity,))

    def step(self, parameters: Buffer, gradient: Buffer) -> None:
        update, known = self.update, self._arrays
        update.count += 1
        if self._numbers is not update.numbers:
            self._numbers = update.numbers
            self._rate[...] = update.numbers[0]
        if known is None or known[0] is not parameters or known[1] is not gradient:
            self._arrays = parameters, gradient
            self._calls = self._prepared(parameters, gradient)
        calls = self._calls
        if len(calls) == 2:  # only the second one touches the parameters
            calls[0]()
            calls[1]()
        else:
            # No line of Python in between: an interrupt leaves the parameters whole.
            _drain(map(call, calls))

    def _prepared(self, parameters: Buffer, gradient: Buffer) -> list[Call]:
        """The step as calls, block by block: each number is fetched from memory once."""
        rate, momentum = self._rate, self._momentum
        calls: list[Call] = []
        for start in range(0, len(parameters), BLOCK):
            p, g, v = (x[start : start + BLOCK] for x in (parameters, gradient, self._velocity))
            change = self._scratch[: len(p)]
            direction = g
            if momentum != 0:
                # The velocity is zero at first, so that the first one is the gradient itself.
                calls += [partial(np.multiply, v, momentum, v), partial(np.add, v, g, v)]
                direction = v
            if self._settings.nesterov:
                calls += [partial(np.multiply, v, momentum, change)]
                calls += [partial(np.add, change, g, change)]
                direction = change
            calls += [partial(np.multiply, direction, rate, change)]
            calls += [partial(np.subtract, p, change, p)]
        return calls
