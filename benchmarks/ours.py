"""The backends of VisualAD as contestants."""

from __future__ import annotations

from typing import Any

from visualad.engine import Executable, backend
from visualad.engine.plan import Plan

NUMPY = "VisualAD, NumPy"
NUMBA = "VisualAD, Numba"
NUMBA_LOOP = "VisualAD, Numba, many steps a call"


def load(plan: Plan, name: str) -> Executable:
    """The plan on a backend, which may come from a plugin.

    Raises:
        BackendError: if the backend is not installed.
    """
    if name != "numpy":
        from visualad.plugins.loading import load_plugins

        load_plugins()
    executable: Any = backend(name).load(plan)
    return executable  # type: ignore[no-any-return]


def train_many(executable: Any, batch: Any, optimizer: Any, steps: int) -> Any:
    """A call that trains so many steps on one batch, where the backend can.

    Raises:
        ImportError: where it cannot.
    """
    train = getattr(executable, "train", None)
    if train is None:
        raise ImportError("this backend does one step a call")
    return lambda: train(batch, optimizer, steps)
