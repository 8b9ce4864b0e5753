"""Timing side by side: one process per contestant, short bursts in shuffled turns, medians.

A contestant runs alone in its process, so that no library's thread pool disturbs another. In each
round every contestant gets one burst, in random order; what is reported is the median over the
rounds of its time per call and of its ratio to the first contestant in the same round, which
cancels most of what other load does to the machine.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Timing:
    """Attributes: seconds per call (median), ratio to ours (median of the rounds' ratios)."""

    contestant: str
    seconds: float
    ratio: float


@dataclass(frozen=True)
class Absent:
    """A contestant that is not installed or failed, and why."""

    contestant: str
    reason: str


class Worker:
    """The process of one contestant."""

    def __init__(self, task: str, contestant: str, threads: int) -> None:
        self.contestant = contestant
        limits = dict.fromkeys(THREAD_VARIABLES, str(threads))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", task, contestant],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **limits},
        )

    def ask(self, command: str) -> dict[str, float | str]:
        """Send one command line and read the one line that answers it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return {"error": "its process ended"}
        line = self._process.stdout.readline()
        return json.loads(line) if line else {"error": "its process ended"}

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()


def compare(
    task: str, contestants: Sequence[str], *, rounds: int, burst: float, threads: int
) -> list[Timing | Absent]:
    """Time the contestants of a task; the first one is ours, to which the ratios refer."""
    workers, absent = [], []
    for contestant in contestants:
        worker = Worker(task, contestant, threads)
        ready = worker.ask("prepare")
        if "error" in ready:
            worker.close()
            absent.append(Absent(contestant, str(ready["error"])))
        else:
            workers.append(worker)
    times: dict[str, list[float]] = {worker.contestant: [] for worker in workers}
    turns = random.Random(0)
    try:
        for _ in range(rounds):
            for worker in turns.sample(workers, len(workers)):
                times[worker.contestant].append(float(worker.ask(f"run {burst}")["seconds"]))
    finally:
        for worker in workers:
            worker.close()
    ours = times.get(contestants[0], [])
    found: list[Timing | Absent] = [
        Timing(
            name,
            statistics.median(seconds),
            statistics.median(s / o for s, o in zip(seconds, ours, strict=True)) if ours else 1.0,
        )
        for name, seconds in times.items()
    ]
    return found + absent
