"""Who does the runs of a sweep: processes beside this one, or whatever executor is given."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from typing import Protocol

from visualad.errors import VisualADError
from visualad.training.grid.worker import ready, start_worker

START = 120.0  # seconds that a process may take to begin, on a machine with much to do


class Workers(Protocol):
    """An executor and what a sweep has to know about it."""

    @property
    def width(self) -> int:
        """How many runs to give out at once, so that nobody waits and few are lost."""

    def executor(self) -> Executor:
        """The executor; a fresh one after `renew`."""

    def renew(self) -> None:
        """Replace an executor that broke because a process of it died."""

    def abandon(self) -> None:
        """Say that what was given out is no longer wanted."""

    def close(self) -> None:
        """Let go of everything; waits for the processes to end."""


class ProcessPool:
    """Processes on this machine, started afresh (spawn), each with one thread.

    Args:
        count: how many; None for one for each processor.
        prepare: called in each process first, such as the loading of plugins; must be picklable.

    Raises:
        VisualADError: for a count that is none.
    """

    def __init__(self, count: int | None = None, prepare: Callable[[], object] | None = None):
        if count is not None and count < 1:
            raise VisualADError(f"A sweep needs at least one worker, not {count}.")
        self._count = count or processors()
        self._prepare = None if prepare is None else pickle.dumps(prepare)
        self._context = multiprocessing.get_context("spawn")
        self._cancelled = self._context.Event()
        self._pool: ProcessPoolExecutor | None = None

    @property
    def width(self) -> int:
        """One run more than there are processes, so that none waits for the next."""
        return self._count + 1

    def executor(self) -> Executor:
        """The pool, asked once whether it answers.

        Raises:
            VisualADError: if no process begins.
        """
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._count,
                mp_context=self._context,
                initializer=start_worker,
                initargs=(self._cancelled, self._prepare),
            )
            try:
                self._pool.submit(ready).result(START)
            except (BrokenExecutor, TimeoutError) as error:
                self.close()
                raise VisualADError(
                    "The processes of the sweep did not start. In a script of your own the call "
                    "must stand below the line: if __name__ == '__main__':"
                ) from error
        return self._pool

    def renew(self) -> None:
        """Forget the broken pool."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def abandon(self) -> None:
        """Let the processes end within a moment; see `start_worker`."""
        self._cancelled.set()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


class Given:
    """Any executor that somebody else opened and closes.

    Args:
        width: how many runs to give it at once.
    """

    def __init__(self, executor: Executor, width: int | None = None) -> None:
        self._executor = executor
        self.width = width or 2 * processors()

    def executor(self) -> Executor:
        """The executor."""
        return self._executor

    def renew(self) -> None:
        """Nothing can be done about a broken one.

        Raises:
            VisualADError: always.
        """
        raise VisualADError(
            "A worker of the given executor died and broke it; give a fresh one. Finished runs "
            "are kept."
        )

    def abandon(self) -> None:
        """Runs that have begun go on to their end."""

    def close(self) -> None:
        """It belongs to somebody else."""


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
