"""Lion (Chen et al. 2023): a step of the same length for every parameter, by sign alone."""

from dataclasses import dataclass

import numpy as np

from visualad import plugin

plugin.require(api=1)


@plugin.optimizer("lion", title="Lion")
@dataclass(frozen=True)
class Lion:
    """p ← p - learning_rate·sign(beta1·m + (1 - beta1)·g), then m ← beta2·m + (1 - beta2)·g."""

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.99

    def start(self, parameters):
        """The state before the first step."""
        return State(self, np.zeros_like(parameters))


@dataclass
class State:
    """What Lion remembers: the running mean of the gradient."""

    settings: Lion
    mean: np.ndarray

    def step(self, parameters, gradient):
        """Change the parameters in place."""
        beta1, beta2 = self.settings.beta1, self.settings.beta2
        parameters -= self.settings.learning_rate * np.sign(
            beta1 * self.mean + (1 - beta1) * gradient
        )
        self.mean *= beta2
        self.mean += (1 - beta2) * gradient
