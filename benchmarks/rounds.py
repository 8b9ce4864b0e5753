"""Timing side by side: one process per contestant, short bursts in shuffled turns, medians.

A contestant runs alone in its process, so that no library's thread pool disturbs another. In each
round every contestant gets one burst, in random order; what is reported is the median over the
rounds of its time and of its ratio to another contestant in the same round, which cancels most of
what other load does to the machine.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

THREAD_VARIABLES = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"),
    *("NUMBA_NUM_THREADS", "NPROC", "VECLIB_MAXIMUM_THREADS"),
)
ONE_THREAD_OF_JAX = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


@dataclass(frozen=True)
class Times:
    """What one task took.

    Attributes:
        seconds: by contestant, one number per round.
        absent: contestants that are not installed or failed, and why.
        ready_after: by contestant, seconds of building, compiling and the first call together.
    """

    seconds: Mapping[str, Sequence[float]]
    absent: Mapping[str, str]
    ready_after: Mapping[str, float] = field(default_factory=dict)

    def median(self, contestant: str) -> float:
        """Seconds per unit of the work."""
        return statistics.median(self.seconds[contestant])

    def absences(self, contestants: Iterable[str]) -> list[str]:
        """A line for each contestant that did not take part, with the reason."""
        missing = [name for name in contestants if name not in self.seconds]
        return [f"{name}: {self.absent.get(name, 'failed')}" for name in missing]

    def ratio(self, contestant: str, other: str) -> float:
        """How many times as long the other one takes: median over the rounds."""
        pairs = zip(self.seconds[other], self.seconds[contestant], strict=True)
        return statistics.median(theirs / ours for theirs, ours in pairs)


class Worker:
    """The process of one contestant."""

    def __init__(
        self, task: str, contestant: str, threads: int, clock: str, more: Mapping[str, str]
    ) -> None:
        self.contestant = contestant
        environment = {**os.environ, **more, **dict.fromkeys(THREAD_VARIABLES, str(threads))}
        environment["BENCHMARK_THREADS"] = str(threads)
        if threads == 1:
            environment["XLA_FLAGS"] = ONE_THREAD_OF_JAX
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", task, contestant, clock],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
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
    task: str,
    contestants: Sequence[str],
    *,
    rounds: int,
    burst: float,
    threads: int,
    clock: str = "wall",
    environment: Mapping[str, str] | None = None,
) -> Times:
    """Time the contestants of a task.

    Args:
        environment: variables for the processes of all contestants.
    """
    workers: list[Worker] = []
    absent: dict[str, str] = {}
    ready_after: dict[str, float] = {}
    for contestant in contestants:
        worker = Worker(task, contestant, threads, clock, environment or {})
        ready = worker.ask("prepare")
        if "error" in ready:
            worker.close()
            absent[contestant] = str(ready["error"])
        else:
            workers.append(worker)
            ready_after[contestant] = float(ready["ready_after"])
    times: dict[str, list[float]] = {worker.contestant: [] for worker in workers}
    turns = random.Random(0)
    try:
        for _ in range(rounds):
            for worker in turns.sample(workers, len(workers)):
                answer = worker.ask(f"run {burst}")
                if "error" in answer:
                    absent[worker.contestant] = str(answer["error"])
                    times.pop(worker.contestant, None)
                elif worker.contestant in times:
                    times[worker.contestant].append(float(answer["seconds"]))
    finally:
        for worker in workers:
            worker.close()
    return Times(times, absent, ready_after)
