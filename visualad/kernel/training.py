"""A training run inside the kernel: works in slices and says now and then how it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from visualad.errors import VisualADError
from visualad.kernel.messages import Finished, Progress, Reply, Train
from visualad.training.decision_map import decision_map
from visualad.training.history import History
from visualad.training.loop import DIVERGED, DONE, STOPPED, lap_of, trainer_from
from visualad.training.observation import Observer, Units, Weights

Found = TypeVar("Found")

# Seconds. Requests are answered between two slices.
SLICE = 0.01
FINISH = 0.1  # that a pause may take to complete an epoch
PROGRESS_EVERY = 1 / 30
PARAMETERS_EVERY = 1 / 10
MAP_EVERY = 1 / 5
SHARE = 0.02  # of the time, at most, for each of gradients and units
RATE_OVER = 0.5  # the steps per second are an average over so long

MOST_POINTS = 2000  # of the loss curves in one message


class TrainingRun:
    """The run that a `Train` request started.

    Attributes:
        id: of the request; all replies carry it.
        graph: what is trained; trainer: at work on it; data: the whole data set.
        is_running: neither paused nor at its end.
        wait: seconds until `advance` has work.
        has_ended: `Finished` was given out.

    Raises:
        VisualADError: if graph, data and settings make no training.
    """

    def __init__(self, request: Train) -> None:
        self.id = request.id
        self.graph = request.graph
        self.has_ended = False
        settings = request.graph.training
        self.trainer, self.data = trainer_from(
            request.graph, str(settings.get("backend", "numpy")), wait=False, behind=request.epoch
        )
        epochs = settings.get("epochs")
        self._epochs: int | None = None if epochs is None else int(epochs)
        if self._epochs:  # what was done is done: as many once more
            self._epochs += lap_of(settings, request.epoch)
        self._paused = request.paused
        self._stepping = False
        self._pace = request.pace
        self._next_at = 0.0  # when the next epoch is due, at this pace
        self._told = 0  # points of the history that were sent
        self._progress_at = self._parameters_at = self._map_at = -1.0
        self._observer = Observer(self.trainer)
        self._norms: _Rarely[dict[str, float]] = _Rarely(PROGRESS_EVERY)
        self._units: _Rarely[tuple[tuple[Units, ...], dict[str, Weights]]] = _Rarely(MAP_EVERY)
        self._confusion: _Rarely[dict[str, NDArray[np.int64]]] = _Rarely(MAP_EVERY)
        self._rate = 0.0
        self._rate_from = (time.perf_counter(), 0)

    @property
    def is_running(self) -> bool:
        """Whether there is work for `advance`, now or later."""
        return not self.has_ended and (self._stepping or not self._paused)

    @property
    def wait(self) -> float:
        """Seconds until there is; 0 but for a run at a pace."""
        if not self._pace or self._stepping:
            return 0.0
        return max(0.0, self._next_at - time.perf_counter())

    def begin(self) -> Sequence[Reply]:
        """Measure the losses before training and report them."""
        self.trainer.finish_epoch()
        if self.trainer.divergence is not None:
            raise VisualADError(
                self.trainer.divergence.message,
                node=self._name(self.trainer.divergence.node) or None,
            )
        return (self._progress(complete=True),)

    def advance(self) -> Sequence[Reply]:
        """Train for one slice; gives progress when it is due."""
        trainer = self.trainer
        if self._is_done():
            return self._finish(DONE)
        if self.wait:
            return ()
        if self._stepping or self._pace or self._epochs is not None:
            # Not beyond the epoch that was asked for.
            deadline = time.perf_counter() + SLICE
            while (left := deadline - time.perf_counter()) > 0:
                if trainer.advance_within_epoch(left) and (
                    self._stepping or self._pace or self._is_done()
                ):
                    break
            if self._stepping and self._told < len(trainer.history):
                self._stepping = False
                self._paused = True
                if trainer.divergence is None:
                    return (self._progress(complete=True),)
        else:
            trainer.advance(SLICE)
        if trainer.divergence is not None:
            return self._finish(DIVERGED, trainer.divergence.message)
        if trainer.ending is not None:
            return self._finish(trainer.ending.reason, trainer.ending.message)
        if self._is_done():
            return self._finish(DONE)
        if self._pace and self._told < len(trainer.history):
            now = time.perf_counter()
            self._next_at = max((self._next_at or now) + 1 / self._pace, now)
            return (self._progress(complete=True),)
        if time.perf_counter() - self._progress_at >= PROGRESS_EVERY:
            return (self._progress(),)
        return ()

    def control(self, action: str, value: float = 0.0) -> Sequence[Reply]:
        """Carry out "pause", "resume", "step" (one epoch), "stop" or "pace" (to the value).

        Raises:
            VisualADError: for anything else.
        """
        if action == "pause":
            self._paused, self._stepping = True, False
            return self._at_rest()
        if action == "resume":
            self._paused, self._stepping = False, False
            self._rate_from = (time.perf_counter(), self.trainer.steps)
            return (self._progress(),)
        if action == "step":
            self._paused = self._stepping = True
            return ()
        if action == "stop":
            return self._finish(STOPPED)
        if action == "pace":
            self._pace, self._next_at = max(0.0, value), 0.0
            return ()
        raise VisualADError(
            f"Training knows no action '{action}'; it can pause, resume, step, stop and pace."
        )

    def _at_rest(self) -> Sequence[Reply]:
        """Finish the epoch if that is quick: its losses are then those of the parameters shown."""
        trainer = self.trainer
        if trainer.place > trainer.epoch:
            trainer.advance_within_epoch(FINISH)
        if trainer.divergence is not None:
            return self._finish(DIVERGED, trainer.divergence.message)
        if trainer.ending is not None:
            return self._finish(trainer.ending.reason, trainer.ending.message)
        return (self._progress(complete=True),)

    def _is_done(self) -> bool:
        return self._epochs is not None and self.trainer.epoch >= self._epochs

    def _finish(self, reason: str, message: str = "") -> Sequence[Reply]:
        """The last points of the curves, then the end."""
        self.has_ended = True
        last = self._progress(complete=True)
        divergence = self.trainer.divergence
        node = divergence.node if divergence is not None else ""
        return (last, Finished(self.id, self.trainer.parameters(), reason, message, node))

    def _progress(self, *, complete: bool = False) -> Progress:
        """What is new; with `complete` the parameters and the map come whether due or not."""
        trainer, now = self.trainer, time.perf_counter()
        history = trainer.history
        points = _thinned(self._told, len(history))
        self._told = len(history)
        self._progress_at = now
        parameters = predictions = None
        if complete or now - self._parameters_at >= PARAMETERS_EVERY:
            self._parameters_at = now
            parameters = trainer.parameters()
        if complete or now - self._map_at >= MAP_EVERY:
            self._map_at = now
            predictions = decision_map(trainer, self.data)
        norms = self._norms.look(self._observer.gradient_norms, complete)
        units = self._units.look(
            lambda: (self._observer.units(), self._observer.weights()), complete
        )
        return Progress(
            self.id,
            epochs=tuple(history.epochs[i] for i in points),
            train=tuple(history.train[i] for i in points),
            test=tuple(history.test[i] for i in points),
            epoch=trainer.epoch,
            steps=trainer.steps,
            steps_per_second=self._steps_per_second(now),
            state="running" if self.is_running else "paused",
            metrics=_latest(history),
            predictions=predictions,
            parameters=parameters,
            notes=trainer.notes,
            measured={
                name: tuple(values[i] for i in points)
                for name, values in history.metrics.items()
                if len(values) == len(history)
            },
            place=trainer.place,
            gradient_norms=norms,
            units=None if units is None else units[0],
            weights=None if units is None else units[1],
            confusion=self._confusion.look(trainer.confusion, complete),
            rate=trainer.updating.rate,
        )

    def _steps_per_second(self, now: float) -> float:
        since, steps = self._rate_from
        elapsed, done = now - since, self.trainer.steps - steps
        if elapsed >= RATE_OVER or (self._rate == 0 and done > 0):
            self._rate = done / max(elapsed, 1e-9)
            if elapsed >= RATE_OVER:
                self._rate_from = (now, self.trainer.steps)
        return self._rate

    def _name(self, id_: str) -> str:
        return self.graph.nodes_by_id[id_].name if id_ else ""


class _Rarely(Generic[Found]):
    """Something that is looked at now and then, the more rarely the longer it takes."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._next = -1.0

    def look(self, at: Callable[[], Found], wanted: bool) -> Found | None:
        """Look if it is wanted or due; else None."""
        began = time.perf_counter()
        if not wanted and began < self._next:
            return None
        found = at()
        taken = time.perf_counter() - began
        self._next = began + max(self._every, taken / SHARE)
        return found


def _latest(history: History) -> dict[str, float]:
    return {name: values[-1] for name, values in history.metrics.items()}


def _thinned(start: int, stop: int) -> Sequence[int]:
    """The points to send: all, or evenly chosen ones with the first and the last among them."""
    if stop - start <= MOST_POINTS:
        return range(start, stop)
    chosen: list[int] = np.linspace(start, stop - 1, MOST_POINTS).round().astype(int).tolist()
    return chosen
