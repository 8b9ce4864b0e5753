"""Elementary functions over an array that fits the cache: what all else is made of.

Each is timed with all that the processor has, and once more with both sides kept to AVX2.
"""

from __future__ import annotations

import functools
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ours import NUMBA, load
from benchmarks.task import Repeated, Task

COUNT = 10_000
AVX2 = "AVX2 only"
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


def _only_avx2() -> dict[str, str]:
    """Variables that keep NumPy and Numba from everything newer than AVX2.

    NumPy must not be told to leave what a processor does not have.
    """
    import platformdirs
    from numpy._core._multiarray_umath import (  # type: ignore[import-not-found]
        __cpu_features__ as features,
    )

    newer = [
        name
        for name, is_there in features.items()
        if is_there and (name == "X86_V4" or name.startswith("AVX512"))
    ]
    folder = platformdirs.user_cache_dir("visualad", appauthor=False)
    return {
        "NPY_DISABLE_CPU_FEATURES": " ".join(newer),
        "NUMBA_CPU_NAME": "haswell",
        "NUMBA_CPU_FEATURES": "",  # those of that processor
        "VISUALAD_NUMBA_CACHE": str(Path(folder) / "numba-avx2"),
    }


def _task(name: str, text: str, title: str, environment: Mapping[str, str]) -> Task:
    return Task(
        f"{name} of {COUNT:,} numbers, float64{title}",
        "number",
        {
            NUMBA: functools.partial(ours, text, "numba"),
            "NumPy": functools.partial(by_hand, name),
        },
        environment,
    )


TASKS = {f"kernels {name}": _task(name, text, "", {}) for name, text in GRAPHS.items()}
if platform.machine().lower() in {"x86_64", "amd64"}:
    # The bars were set on a machine with AVX2. On a newer one this is the same comparison.
    TASKS |= {
        f"kernels {name}, {AVX2}": _task(name, text, f", {AVX2}", _only_avx2())
        for name, text in GRAPHS.items()
    }
