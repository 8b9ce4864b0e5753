"""Carrying out a sweep over settings: runs are given out, results come back in any order.

results = train_sweep(graph, {"hidden": [4, 8], "lr": [0.01, 0.1]}, seeds=5, path="results.csv")
best_of(results).case.title
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from typing import Any

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.training.grid.journal import Journal
from visualad.training.grid.plan import Case, Plan, make_plan
from visualad.training.grid.worker import DONE, FAILED, Cancelled, Result, run_case, trained
from visualad.training.grid.workers import Given, ProcessPool, Workers

RUNNING, PAUSED, CANCELLED, COMPLETE = "running", "paused", "cancelled", "complete"
GLANCE = 0.2  # seconds
PATIENCE = 10.0  # seconds for a broken pool to say so of all its runs


class GridRun:
    """A sweep on its way. It has no thread of its own: `advance` does what there is to do.

    Attributes:
        plan, journal: what is done and where results go.
        state: "running", "paused", "cancelled" or "complete".
    """

    def __init__(
        self,
        plan: Plan,
        journal: Journal,
        workers: Workers,
        backend: str = "numpy",
        *,
        whole: bool = False,
    ) -> None:
        self.plan = plan
        self.journal = journal
        self._workers = workers
        self._backend = backend
        self._whole = whole  # results have their curves and all
        self._waiting = deque(c for c in plan.cases if c.key not in journal.results)
        # Runs that were under way when a process died; alone, so that it is clear whose it was.
        self._suspects: deque[Case] = deque()
        self._running: dict[Future[Result], Case] = {}
        self.state = RUNNING if self._waiting else COMPLETE

    @property
    def done(self) -> int:
        """How many runs have a result, those of earlier times included."""
        return len(self.journal.results)

    @property
    def running(self) -> tuple[Case, ...]:
        """The runs that are given out now."""
        return tuple(self._running.values())

    def advance(self, seconds: float = GLANCE) -> list[Result]:
        """Give out runs and wait for so long for results; gives those that are new.

        Raises:
            VisualADError: if the workers are lost, or the journal cannot be written.
        """
        self._give_out()
        found: list[Result] = []
        if self._running:
            finished, _ = wait(self._running, seconds, FIRST_COMPLETED)
            found = self._collect(finished)
        if self.state == RUNNING and not (self._waiting or self._suspects or self._running):
            self.state = COMPLETE
        return found

    def pause(self) -> None:
        """Give out no more runs; those under way go on to their end."""
        if self.state == RUNNING:
            self.state = PAUSED

    def resume(self) -> None:
        """Go on after a pause."""
        if self.state == PAUSED:
            self.state = RUNNING

    def cancel(self) -> None:
        """Give up what has no result yet. Results that are there already are kept."""
        if self.state not in (RUNNING, PAUSED):
            return
        self.state = CANCELLED
        self._collect([future for future in self._running if future.done()])
        for future in self._running:
            future.cancel()
        self._running.clear()
        self._workers.abandon()

    # Inside -----------------------------------------------------------------------------------

    def _give_out(self) -> None:
        if self.state != RUNNING:
            return
        if self._suspects:
            if not self._running:
                self._submit(self._suspects.popleft())
            return
        if self._waiting:
            room = self._workers.width - len(self._running)
            for _ in range(min(room, len(self._waiting))):
                if not self._submit(self._waiting.popleft()):
                    return

    def _submit(self, case: Case) -> bool:
        """Give out a run; tells whether the executor took it."""
        try:
            future = self._workers.executor().submit(
                run_case, self.plan.graph, case, self._backend, whole=self._whole
            )
        except BrokenExecutor:
            self._waiting.appendleft(case)
            if not self._running:
                self._workers.renew()
            return False
        self._running[future] = case
        return True

    def _collect(self, finished: Iterable[Future[Result]]) -> list[Result]:
        found = []
        victims: list[Case] = []
        alone = len(self._running) == 1
        finished = list(finished)
        if any(isinstance(_failure(future), BrokenExecutor) for future in finished):
            # All that was given out ends with the pool, some of it with a result.
            finished = list(wait(self._running, PATIENCE).done)
        for future in finished:
            case = self._running.pop(future, None)
            if case is None:
                continue
            try:
                result = future.result()
            except BrokenExecutor:
                victims.append(case)
                continue
            except Cancelled:
                continue
            except CancelledError as error:
                raise VisualADError(
                    "The workers of the sweep are gone; its finished runs are kept. Start it "
                    "again to go on."
                ) from error
            except Exception as error:  # noqa: BLE001 - Dask's KilledWorker, or no way to pickle
                reason = " ".join(str(error).split())[:300]
                result = Result(case, FAILED, f"The run was lost: {type(error).__name__}: {reason}")
            if self.journal.append(result):
                found.append(result)
        if victims:
            found += self._bury(victims, alone)
        return found

    def _bury(self, victims: list[Case], alone: bool) -> list[Result]:
        """A process died and its pool with it: the one run there was is at fault, or all wait."""
        victims += self._running.values()
        self._running.clear()
        if self.state == CANCELLED:
            return []
        self._workers.renew()
        if alone and len(victims) == 1:
            message = "The process that did this run died; it may have run out of memory."
            result = Result(victims[0], FAILED, message)
            return [result] if self.journal.append(result) else []
        self._suspects.extend(victims)
        return []


def _failure(future: Future[Result]) -> BaseException | None:
    return None if future.cancelled() or not future.done() else future.exception()


def train_sweep(
    graph: Graph,
    settings: Mapping[str, Iterable[Any]],
    seeds: int | None = None,
    path: str | os.PathLike[str] | None = None,
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    backend: str = "numpy",
    callback: Callable[[Result, int, int], object] | None = None,
) -> tuple[Result, ...]:
    """Train a graph with every combination of settings.

    Args:
        graph: with its training settings, among them the data set.
        settings: by name the values to try: {"hidden": [4, "8x8"], "lr": [0.01, 0.1]}; see
            `visualad.training.grid.plan.make_plan` for the names.
        seeds: how many runs with each, with the seeds 0, 1, ...
        path: of a .csv file for the results. Runs that it holds already are not done again, so an
            interrupted sweep goes on where it was.
        executor: any `concurrent.futures.Executor`, Dask's among them; processes on this machine
            otherwise (then a script must make this call below `if __name__ == "__main__":`).
        workers: how many processes; one for each processor by default.
        backend: name of the compute backend.
        callback: called as callback(result, done, total) after each run; False ends the sweep.

    Returns:
        The results in the order of the plan, failed runs among them with their sentence.

    Raises:
        VisualADError: if a setting means nothing for this graph, or the workers are lost.
        FileError: if the file cannot be written or holds something else.
    """
    plan = make_plan(graph, settings, seeds)
    team: Workers = ProcessPool(workers) if executor is None else Given(executor, workers)
    with Journal(path, plan) as journal:
        run = GridRun(plan, journal, team, backend)
        try:
            while run.state == RUNNING:
                for result in run.advance():
                    if callback and callback(result, run.done, len(plan.cases)) is False:
                        run.cancel()
        finally:
            run.cancel()
            team.close()
        return in_order(plan, journal)


def in_order(plan: Plan, journal: Journal) -> tuple[Result, ...]:
    """The results that there are, in the order of the plan."""
    found = journal.results
    return tuple(found[case.key] for case in plan.cases if case.key in found)


def best_of(results: Sequence[Result]) -> Result | None:
    """The run with the lowest test loss (training loss where nothing was kept for testing).

    The first of several that are equal; None if no run came to its end.
    """
    finished = [r for r in results if r.status == DONE and r.train is not None]
    return min(finished, key=loss_of, default=None)


def loss_of(result: Result) -> float:
    """What a run is judged by."""
    loss = result.train if result.test is None else result.test
    return float("inf") if loss is None else loss


def trained_graph(graph: Graph, case: Case, backend: str = "numpy") -> Graph:
    """The graph that a run ends with: it is done once more, with the same numbers.

    Raises:
        VisualADError: if the run fails.
    """
    return trained(graph, case, backend).trained_graph()
