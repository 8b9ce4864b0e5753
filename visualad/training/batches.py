"""Which samples make up which batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visualad.training.rules import CARRIED

Rows = NDArray[np.intp]
BATCH_ORDER = 1  # which of the streams of random numbers that spring from the seed


@dataclass(frozen=True)
class BatchOrder:
    """The order of the samples, a function of the seed and the epoch alone.

    Attributes:
        count: N, number of samples.
        size: of a batch, at most N.
        seed: of the shuffling.
        order: see `Rules.order`.
    """

    count: int
    size: int
    seed: int
    order: str

    def epoch(self, epoch: int, done: int = 0) -> tuple[Rows, Rows, Rows]:
        """The batches of the epoch after so many complete ones.

        Args:
            done: number of samples of this epoch that have been used already.

        Returns:
            Samples for a first batch larger than the others, for full batches, and for a last
            smaller batch; each may be empty.
        """
        rest = self.count % self.size
        if self.order == CARRIED:
            rows = np.arange(self.count)
            carried = rows[self.count - rest :] if epoch else rows[:0]
            first = np.concatenate([carried, rows[: self.size]]) if len(carried) else carried
            start = self.size if len(carried) else 0
            return self._left(first, rows[start : self.count - rest], rows[:0], done)
        rows = np.random.default_rng([self.seed, BATCH_ORDER, epoch]).permutation(self.count)
        full, last = rows[: self.count - rest], rows[self.count - rest :]
        return self._left(rows[:0], full, last, done)

    def _left(self, first: Rows, full: Rows, last: Rows, done: int) -> tuple[Rows, Rows, Rows]:
        parts = []
        for part in (first, full, last):
            parts.append(part[done:])
            done = max(0, done - len(part))
        return parts[0], parts[1], parts[2]

    def batches(self, rows: Rows) -> Iterator[Rows]:
        """Full batches one by one."""
        for start in range(0, len(rows), self.size):
            yield rows[start : start + self.size]
