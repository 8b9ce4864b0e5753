"""RMSprop (Hinton, lecture 6e, 2012): a step in units of the gradient's recent size."""

from dataclasses import dataclass

import numpy as np

from visualad import plugin

plugin.require(api=1)


@plugin.optimizer("rmsprop", title="RMSprop")
@dataclass(frozen=True)
class RMSprop:
    """s ← decay·s + (1 - decay)·g²; p ← p - learning_rate·g / (√s + 1e-8)."""

    learning_rate: float = 0.01
    decay: float = 0.99

    def start(self, parameters):
        """The state before the first step."""
        return State(self, np.zeros_like(parameters))


@dataclass
class State:
    """What RMSprop remembers: the running mean of the squared gradient."""

    settings: RMSprop
    square: np.ndarray

    def step(self, parameters, gradient):
        """Change the parameters in place."""
        self.square *= self.settings.decay
        self.square += (1 - self.settings.decay) * gradient * gradient
        parameters -= self.settings.learning_rate * gradient / (np.sqrt(self.square) + 1e-8)
