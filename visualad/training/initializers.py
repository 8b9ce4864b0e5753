"""How the parameters of a layer begin."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from visualad.errors import VisualADError

Layer = tuple[NDArray[np.float64], NDArray[np.float64]]  # W: (out, in), b: (out,)

# Activations that are zero, or nearly, on half of the line.
RECTIFIERS = frozenset({"relu", "leaky_relu", "elu", "gelu", "silu"})


def glorot(random: np.random.Generator, inputs: int, outputs: int) -> Layer:
    """W uniform within ±√(6 / (in + out)), b = 0. Glorot and Bengio 2010, formula 16."""
    limit = math.sqrt(6 / (inputs + outputs))
    return random.uniform(-limit, limit, (outputs, inputs)), np.zeros(outputs)


def he(random: np.random.Generator, inputs: int, outputs: int) -> Layer:
    """W normal with variance 2 / in, b = 0. He et al. 2015, formula 10; for rectifiers."""
    return random.normal(0, math.sqrt(2 / inputs), (outputs, inputs)), np.zeros(outputs)


def lecture(random: np.random.Generator, inputs: int, outputs: int) -> Layer:
    """W and b normal, times 0.01: so small that neurons start nearly alike and learn slowly."""
    weights = 0.01 * random.standard_normal((outputs, inputs))
    return weights, 0.01 * random.standard_normal(outputs)


def zeros(random: np.random.Generator, inputs: int, outputs: int) -> Layer:
    """W = 0, b = 0: all neurons of a layer stay alike for ever."""
    return np.zeros((outputs, inputs)), np.zeros(outputs)


def playground(random: np.random.Generator, inputs: int, outputs: int) -> Layer:
    """W uniform within ±½ whatever the width, b = 0.1, as in TensorFlow Playground."""
    return random.uniform(-0.5, 0.5, (outputs, inputs)), np.full(outputs, 0.1)


INITIALIZERS: dict[str, Callable[[np.random.Generator, int, int], Layer]] = {
    "glorot": glorot,
    "he": he,
    "lecture": lecture,
    "zeros": zeros,
    "playground": playground,
}


def initial_layer(
    name: str, activation: str, random: np.random.Generator, inputs: int, outputs: int
) -> Layer:
    """W and b of a layer; "default" is He's for rectifiers and Glorot's for all else.

    Raises:
        VisualADError: for an unknown name.
    """
    if name == "default":
        name = "he" if activation in RECTIFIERS else "glorot"
    if name not in INITIALIZERS:
        known = ", ".join(["default", *INITIALIZERS])
        raise VisualADError(f"There is no initialiser '{name}'; take one of {known}.")
    return INITIALIZERS[name](random, inputs, outputs)
