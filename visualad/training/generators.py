"""How the data sets that we offer by name are drawn.

The first six are those of TensorFlow Playground (its file `src/dataset.ts`): the same
distributions, labels and meaning of noise, drawn with NumPy's generator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from visualad.register import Register

Points = tuple[NDArray[np.float64], NDArray[np.float64]]  # x: (n, d), y: (n,)
if TYPE_CHECKING:
    Random = np.random.Generator  # whoever only shows data sets need not import it
Make = Callable[["Random", int, float], Points]


@dataclass(frozen=True)
class Generator:
    """A data set that is drawn.

    Attributes:
        make: (random, n, noise) -> x (n, d), y (n,).
        samples, noise: defaults.
        has_classes: targets are the classes -1 and +1.
        inputs: number d of input columns.
        title: what it is called on screen; its name by default.
        described: True where only the kernel process can draw it.
    """

    make: Make
    samples: int
    noise: float
    has_classes: bool
    inputs: int = 2
    title: str = ""
    described: bool = False


def circle(random: Random, n: int, noise: float) -> Points:
    """A disc of radius 2.5 (+1) in a ring from 3.5 to 5 (-1); the radius is uniform, not the area.

    Noise, uniform within ±5·noise, moves the point only while its label is decided.
    """
    inner = n // 2
    radius = np.concatenate([random.uniform(0, 2.5, inner), random.uniform(3.5, 5, n - inner)])
    angle = random.uniform(0, 2 * np.pi, n)
    x = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])
    seen = x + random.uniform(-5, 5, (n, 2)) * noise
    return x, np.where(np.hypot(seen[:, 0], seen[:, 1]) < 2.5, 1.0, -1.0)


def xor(random: Random, n: int, noise: float) -> Points:
    """+1 where both coordinates have the same sign; points keep 0.3 away from the axes.

    Noise, uniform within ±5·noise, moves the point only while its label is decided.
    """
    x = random.uniform(-5, 5, (n, 2))
    x += np.where(x > 0, 0.3, -0.3)
    seen = x + random.uniform(-5, 5, (n, 2)) * noise
    return x, np.where(seen[:, 0] * seen[:, 1] >= 0, 1.0, -1.0)


def gauss(random: Random, n: int, noise: float) -> Points:
    """Two normal clouds around (2, 2) (+1) and (-2, -2) (-1) with variance 0.5 + 7·noise."""
    y = np.where(np.arange(n) < n // 2, 1.0, -1.0)
    x = 2 * y[:, None] + np.sqrt(0.5 + 7 * noise) * random.standard_normal((n, 2))
    return x, y


def spiral(random: Random, n: int, noise: float) -> Points:
    """Two spirals of 1.75 turns up to radius 5; noise moves the points, uniform within ±noise."""
    first = n // 2
    parts = []
    for count, start in ((first, 0.0), (n - first, np.pi)):
        i = np.arange(count)
        radius = 5 * i / max(count, 1)
        angle = 1.75 * 2 * np.pi * i / max(count, 1) + start
        parts.append(np.column_stack([radius * np.sin(angle), radius * np.cos(angle)]))
    x = np.concatenate(parts) + random.uniform(-1, 1, (n, 2)) * noise
    return x, np.where(np.arange(n) < first, 1.0, -1.0)


def plane(random: Random, n: int, noise: float) -> Points:
    """The plane y = (x1 + x2) / 10 on the square ±6.

    Noise, within ±6·noise, moves the point only while its value is taken.
    """
    x = random.uniform(-6, 6, (n, 2))
    seen = x + random.uniform(-6, 6, (n, 2)) * noise
    return x, seen.sum(axis=1) / 10


# Centres and signs of the hills and hollows of "two_hills".
_HILLS = ((-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1))


def two_hills(random: Random, n: int, noise: float) -> Points:
    """Six cones of radius 2 and height ±1 on the square ±6; Playground calls it "multi gaussian".

    Where cones overlap the steeper value counts. Noise as in `plane`.
    """
    x = random.uniform(-6, 6, (n, 2))
    seen = x + random.uniform(-6, 6, (n, 2)) * noise
    y = np.zeros(n)
    for cx, cy, sign in _HILLS:
        height = np.clip(1 - np.hypot(seen[:, 0] - cx, seen[:, 1] - cy) / 2, 0, 1)
        y = np.where(height > np.abs(y), sign * height, y)
    return x, y


def sine(random: Random, n: int, noise: float) -> Points:
    """The curve y = sin x on ±π with normal noise of standard deviation `noise`."""
    x = random.uniform(-np.pi, np.pi, (n, 1))
    return x, np.sin(x[:, 0]) + noise * random.standard_normal(n)


GENERATORS = Register(
    "data set",
    {
        "circle": Generator(circle, 500, 0.0, True),
        "xor": Generator(xor, 500, 0.0, True),
        "gauss": Generator(gauss, 500, 0.0, True),
        "spiral": Generator(spiral, 500, 0.0, True),
        "plane": Generator(plane, 1200, 0.0, False),
        "two_hills": Generator(two_hills, 1200, 0.0, False, title="two hills"),
        "sine": Generator(sine, 200, 0.1, False, inputs=1),
    },
)


def dataset(
    *,
    title: str = "",
    samples: int = 500,
    noise: float = 0.0,
    classes: bool = True,
    inputs: int = 2,
) -> Callable[[Make], Make]:
    """Declare a data set that is drawn: a decorator for a function (random, n, noise) -> x, y.

    Args:
        title: what it is called on screen; the function's name by default.
        samples, noise: defaults of n and noise.
        classes: whether the targets are the classes -1 and +1.
        inputs: number d of input columns.

    The function gets a `numpy.random.Generator`, which is all the chance that it may use, and gives
    x, (n, d), and y, (n,).
    """

    def declare(make: Make) -> Make:
        name = make.__name__
        shown = title or name.replace("_", " ")
        GENERATORS.add(name, Generator(make, samples, noise, classes, inputs, shown))
        return make

    return declare
