"""One run of a sweep, wherever it happens: in this process, a worker beside it, another machine.

This module is the first that a worker imports, so that it settles the number of threads before
NumPy is there: every run gets one, and its numbers do not depend on where it runs.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from visualad.graph.model import Graph
    from visualad.training.grid.plan import Case
    from visualad.training.trainer import Trainer

DONE, DIVERGED, FAILED = "done", "diverged", "failed"
LOOK = 0.5  # seconds between two looks at the parent
PATIENCE = 5.0  # seconds that a run has for its end after it was given up
MOST_POINTS = 2000  # of the curves of a whole run
SLICE = 0.1  # seconds between two looks at whether the run is still wanted

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Flag(Protocol):
    """What says that runs are no longer wanted."""

    def is_set(self) -> bool:
        """Whether it says so."""


_cancelled: Flag | None = None


class Cancelled(Exception):  # noqa: N818 - nothing went wrong
    """The run was given up before its end."""


@dataclass(frozen=True, eq=False)
class Whole:
    """All of a run.

    Attributes:
        graph: it began with.
        epochs: of the points of its curves; long ones are thinned.
        curves: "train", "test" and metrics by name, as long as `epochs`.
        parameters: it ended with, by node id.
    """

    graph: Graph
    epochs: Any
    curves: dict[str, Any]
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Result:
    """What came of one run.

    Attributes:
        case: which run.
        status: "done", "diverged" or "failed".
        message: one sentence when it is not "done".
        train, test: losses at the end; None where there are none.
        metrics: by name, such as "accuracy test".
        epochs, steps: how many were done.
        seconds: that it took.
        whole: all of it, where that was wanted.
    """

    case: Case
    status: str
    message: str = ""
    train: float | None = None
    test: float | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    epochs: int = 0
    steps: int = 0
    seconds: float = 0.0
    whole: Whole | None = field(default=None, compare=False)


def start_worker(cancelled: Flag, prepare: bytes | None) -> None:
    """Make a fresh process a worker: one thread, deaf to Ctrl-C, gone when its parent is.

    Args:
        prepare: what is called first, pickled so that it is not imported before this line.
    """
    global _cancelled  # noqa: PLW0603 - a worker belongs to one sweep
    for variable in _THREADS:
        os.environ[variable] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _cancelled = cancelled
    threading.Thread(target=_follow_parent, args=(cancelled,), daemon=True).start()
    if prepare is not None:
        pickle.loads(prepare)()


def ready() -> bool:
    """What a worker is asked first: whether it can be talked to at all."""
    return True


def run_case(graph: Graph, case: Case, backend: str = "numpy", *, whole: bool = False) -> Result:
    """Train one run from beginning to end. A run that fails is a result with its sentence.

    Args:
        whole: whether the result has the curves and all.

    Raises:
        Cancelled: if the sweep was given up meanwhile.
    """
    import time

    from visualad.errors import VisualADError

    began = time.perf_counter()
    try:
        trainer = trained(graph, case, backend)
    except VisualADError as error:
        message = " ".join(error.message.split())
    except MemoryError:
        message = "There is not enough memory for this run."
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001 - a plugin's operation may raise anything
        message = f"The run failed with {type(error).__name__}: {' '.join(str(error).split())}."
    else:
        result = _result(case, trainer, time.perf_counter() - began)
        return replace(result, whole=_whole(trainer)) if whole else result
    return Result(case, FAILED, message, seconds=time.perf_counter() - began)


def trained(graph: Graph, case: Case, backend: str = "numpy") -> Trainer:
    """The trainer of a run at its end; the same numbers each time.

    Raises:
        VisualADError: if the settings make no training.
        Cancelled: if the sweep was given up meanwhile.
    """
    from visualad.training.grid.plan import epochs_of, prepared
    from visualad.training.loop import trainer_from

    ready_to_train = prepared(graph, case)
    epochs = epochs_of(ready_to_train)
    trainer, _ = trainer_from(ready_to_train, backend, epochs=epochs)
    trainer.finish_epoch()
    while not trainer.has_ended and trainer.epoch < epochs:
        if _cancelled is not None and _cancelled.is_set():
            raise Cancelled
        trainer.advance_within_epoch(SLICE)
    return trainer


def _result(case: Case, trainer: Trainer, seconds: float) -> Result:
    history, divergence = trainer.history, trainer.divergence
    has_points = len(history) > 0
    return Result(
        case,
        DONE if divergence is None else DIVERGED,
        "" if divergence is None else " ".join(divergence.message.split()),
        train=_number(history.train[-1]) if has_points else None,
        test=_number(history.test[-1]) if has_points else None,
        metrics={name: values[-1] for name, values in history.metrics.items() if values},
        epochs=trainer.epoch,
        steps=trainer.steps,
        seconds=seconds,
    )


def _whole(trainer: Trainer) -> Whole:
    import numpy as np

    history = trainer.history
    count = len(history)
    points = np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(int)
    columns = {"train": history.train, "test": history.test, **history.metrics}
    curves = {
        name: np.asarray(values, dtype=float)[points]
        for name, values in columns.items()
        if len(values) == count
    }
    return Whole(trainer.graph, np.asarray(history.epochs)[points], curves, trainer.parameters())


def _number(value: Any) -> float | None:
    number = float(value)
    return None if number != number else number  # noqa: PLR0124 - nan means there is none


def _follow_parent(cancelled: Flag) -> None:
    """End this process with its parent, or when a run goes on long after it was given up."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    if parent is None:
        return
    patience = PATIENCE
    while not wait([parent.sentinel], LOOK):
        if cancelled.is_set():
            patience -= LOOK
            if patience <= 0:
                break
    os._exit(1)
