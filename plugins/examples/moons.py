"""Two moons: a data set of two half circles that reach into each other."""

import numpy as np

from visualad import plugin

plugin.require(api=1)


@plugin.dataset(title="two moons", samples=400, noise=0.1)
def moons(random, n, noise):
    """Half circles of radius 3; the noise is normal, with a standard deviation of 3·noise."""
    y = np.where(np.arange(n) < n // 2, 1.0, -1.0)
    angle = random.uniform(0, np.pi, n)
    x1 = 3 * y * np.cos(angle) - 1.5 * y
    x2 = 3 * y * np.sin(angle) - 0.75 * y
    x = np.column_stack([x1, x2])
    return x + 3 * noise * random.standard_normal((n, 2)), y
