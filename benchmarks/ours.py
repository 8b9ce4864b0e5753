"""The backends of VisualAD as contestants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.task import Call
from visualad.engine import Executable, backend
from visualad.engine.backend import BACKENDS
from visualad.engine.plan import Plan

NUMPY = "VisualAD, NumPy"
NUMBA = "VisualAD, Numba"
VALUES = "VisualAD, Numba, values alone"
TANGENTS = "VisualAD, Numba, gradient and tangents"
NUMBA_LOOP = "VisualAD, Numba, many steps a call"
CUDA = "VisualAD, CUDA"
CUDA_LOOP = "VisualAD, CUDA, many steps a call"


def load(plan: Plan, name: str) -> Executable:
    """The plan on a backend, which may come from a plugin.

    Raises:
        BackendError: if the backend is not installed.
    """
    if name not in BACKENDS:
        from visualad.plugins.loading import load_plugins

        load_plugins()
    executable: Any = backend(name).load(plan)
    return executable  # type: ignore[no-any-return]


def train_many(executable: Any, batch: Mapping[str, Any], optimizer: Any, steps: int) -> Call:
    """A call that trains so many steps on one batch, where the backend can.

    Raises:
        ImportError: where it cannot.
    """
    update = optimizer.start(executable.parameters).update if trains_many(executable) else None
    if update is None or not executable.can_train(update):
        raise ImportError("this backend does one step a call")
    size = len(next(iter(batch.values())))
    order = np.tile(np.arange(size), steps)
    return lambda: executable.train_steps(batch, order, size, update)


def trains_many(executable: object) -> bool:
    """Whether it offers training steps that are done in one call."""
    return hasattr(executable, "train_steps")
