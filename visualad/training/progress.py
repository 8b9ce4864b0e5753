"""Where a run stands, as plain data that a .vad file keeps, so that training can go on later."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import VisualADError
from visualad.training.ending import Best
from visualad.training.history import History

if TYPE_CHECKING:
    from visualad.training.updating import Updating

KEY = "run"  # in `graph.training`


@dataclass(frozen=True, eq=False)
class RunState:
    """All that a run remembers beside its parameters.

    Attributes:
        epoch, steps: completed epochs and updates.
        used: samples of the present epoch that have been used.
        history: the losses so far.
        best: the best epoch so far, of a run with patience.
        rule, count, memory: of the optimiser, see `Update`.
        dead: the weights that a penalty has put to 0 for good.
        fingerprint: of the parameters, so that others are not taken for them.
    """

    epoch: int
    steps: int
    used: int
    history: History
    best: Best | None = None
    rule: str = ""
    count: int = 0
    memory: tuple[NDArray[Any], ...] = ()
    dead: NDArray[np.bool_] | None = field(default=None)
    fingerprint: str = ""


def written_state(state: RunState) -> dict[str, Any]:
    """As a value of `graph.training["run"]`."""
    history = state.history
    found: dict[str, Any] = {
        "epoch": state.epoch,
        "steps": state.steps,
        "used": state.used,
        "rule": state.rule,
        "count": state.count,
        "fingerprint": state.fingerprint,
        "memory": list(state.memory),
        "history": {
            "epoch": np.array(history.epochs, dtype=np.int64),
            "train": np.array(history.train),
            "test": np.array(history.test),
            "metrics": {name: np.array(values) for name, values in history.metrics.items()},
        },
    }
    if state.dead is not None:
        found["dead"] = np.array(state.dead, dtype=np.int64)
    if state.best is not None and math.isfinite(state.best.loss):
        arrays = dict(state.best.arrays)
        found["best"] = {"loss": state.best.loss, "epoch": state.best.epoch, "arrays": arrays}
    return found


def read_state(settings: Mapping[str, Any]) -> RunState:
    """From `graph.training`.

    Raises:
        VisualADError: if there is no run to go on with, or it cannot be read.
    """
    stored = settings.get(KEY)
    if not stored:
        raise VisualADError(
            "The file holds no run to go on with; train it with -o first, or leave --resume out."
        )
    try:
        history = stored["history"]
        metrics = {name: _numbers(values) for name, values in history["metrics"].items()}
        kept = stored.get("best")
        best = None
        if kept is not None:
            arrays = {id_: np.asarray(value) for id_, value in kept["arrays"].items()}
            best = Best(float(kept["loss"]), int(kept["epoch"]), arrays)
        dead = stored.get("dead")
        return RunState(
            epoch=int(stored["epoch"]),
            steps=int(stored["steps"]),
            used=int(stored["used"]),
            history=History(
                [int(number) for number in _numbers(history["epoch"])],
                _numbers(history["train"]),
                _numbers(history["test"]),
                metrics,
            ),
            best=best,
            rule=str(stored["rule"]),
            count=int(stored["count"]),
            memory=tuple(np.asarray(array) for array in stored["memory"]),
            dead=None if dead is None else np.asarray(dead).astype(bool),
            fingerprint=str(stored["fingerprint"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise VisualADError(
            "The run that the file holds is damaged; leave --resume out to train on from its "
            "parameters."
        ) from None


def fingerprint_of(parameters: NDArray[Any]) -> str:
    """A short text that other parameters do not have."""
    return hashlib.sha256(np.ascontiguousarray(parameters).tobytes()).hexdigest()[:16]


def restore_memory(updating: Updating, state: RunState) -> None:
    """Give the optimiser its memory back."""
    updating.remember(state.rule, state.count, state.memory, state.dead)


def _numbers(values: Any) -> list[float]:
    found: list[float] = np.asarray(values).reshape(-1).tolist()
    return found
