"""When a run ends by itself: early stopping, a loss that is low enough, the time that is up."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from visualad.ops.writing import number_text
from visualad.training.rules import Stopping

DONE, STOPPED, DIVERGED = "done", "stopped", "diverged"
CONVERGED, EARLY, REACHED, TIME = "converged", "early", "reached", "time"

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Ending:
    """Why a run ended by itself.

    Attributes:
        reason: "early", "reached", "time" or "converged".
        message: one sentence for the user.
        restores: the parameters of the best epoch are to be put back.
    """

    reason: str
    message: str
    restores: bool = False


@dataclass(frozen=True)
class Best:
    """The epoch with the lowest loss so far, and its parameters by node id."""

    loss: float = math.inf
    epoch: int = 0
    arrays: Arrays = field(default_factory=dict)


class Watch:
    """Watches one run.

    Attributes:
        best: the best epoch so far, where there is a patience.
    """

    def __init__(self, stopping: Stopping) -> None:
        self.best = Best()
        self._stopping = stopping
        self._worked = 0.0
        self._since: float | None = None

    @contextmanager
    def working(self) -> Iterator[None]:
        """Only the time within counts."""
        self._since = time.perf_counter()
        try:
            yield
        finally:
            self._worked += time.perf_counter() - self._since
            self._since = None

    def out_of_time(self, epoch: int) -> Ending | None:
        """The end when the seconds are over."""
        limit = self._stopping.seconds
        if limit is None:
            return None
        running = time.perf_counter() - self._since if self._since is not None else 0.0
        if self._worked + running < limit:
            return None
        return Ending(TIME, f"Stopped after {number_text(limit)} s, {epoch} epochs done.")

    def look(self, epoch: int, loss: float, arrays: Callable[[], Arrays]) -> Ending | None:
        """After an epoch with this loss, that of the test part where there is one."""
        stopping = self._stopping
        if stopping.loss_below is not None and loss < stopping.loss_below:
            text = f"{number_text(loss)} is below {number_text(stopping.loss_below)}"
            return Ending(REACHED, f"Stopped in epoch {epoch}: the loss {text}.")
        if stopping.patience is not None:
            if loss < self.best.loss:
                self.best = Best(loss, epoch, arrays())
            elif epoch - self.best.epoch >= stopping.patience:
                return Ending(
                    EARLY,
                    f"Stopped early in epoch {epoch}: no lower loss for {stopping.patience} "
                    f"epochs; the parameters of epoch {self.best.epoch} are restored.",
                    restores=bool(self.best.arrays),
                )
        return self.out_of_time(epoch)
