"""Elementary functions over an array that fits the cache: what all else is made of."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from benchmarks.ours import NUMBA, load
from benchmarks.task import Repeated, Task

COUNT = 10_000
GRAPHS = {
    "exp": "y = exp(x)",
    "sigmoid": "y = sigmoid(x)",
    "sincos": "s = sin(x)\nc = cos(x)",
}

Array = Any  # of NumPy


def _numbers() -> Array:
    return np.random.default_rng(0).uniform(-10.0, 10.0, COUNT)


def ours(text: str, backend: str) -> Repeated:
    """A graph of that function alone."""
    import visualad as va
    from visualad.engine import compile_plan

    executable = load(compile_plan(va.parse(text), {"x": (COUNT,)}), backend)
    executable.run({"x": _numbers()})
    return Repeated(executable.run, COUNT)


def by_hand(name: str) -> Repeated:
    """NumPy's own functions, into arrays that are there already."""
    x = _numbers()
    first, second = np.empty_like(x), np.empty_like(x)

    def exp() -> None:
        np.exp(x, first)

    def sigmoid() -> None:
        np.negative(x, first)
        np.exp(first, first)
        np.add(first, 1.0, first)
        np.reciprocal(first, first)

    def sincos() -> None:
        np.sin(x, first)
        np.cos(x, second)

    return Repeated({"exp": exp, "sigmoid": sigmoid, "sincos": sincos}[name], COUNT)


TASKS = {
    f"kernels {name}": Task(
        f"{name} of {COUNT:,} numbers, float64",
        "number",
        {
            NUMBA: functools.partial(ours, text, "numba"),
            "NumPy": functools.partial(by_hand, name),
        },
    )
    for name, text in GRAPHS.items()
}
