"""A sweep over settings, done by processes of its own beside the kernel's other work."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.kernel.background import BackgroundWork
from visualad.kernel.sweep_messages import SweepFinished, SweepProgress, TrainSweep
from visualad.plugins import load_plugins
from visualad.training.grid.journal import Journal
from visualad.training.grid.plan import make_plan
from visualad.training.grid.runner import (
    CANCELLED,
    COMPLETE,
    PAUSED,
    GridRun,
    best_of,
    in_order,
    trained_graph,
)
from visualad.training.grid.worker import Result
from visualad.training.grid.workers import ProcessPool, Workers

GLANCE = 0.1  # seconds until a wish of the window is looked at


class TrainingSweep(BackgroundWork):
    """The sweep that a `TrainSweep` request started, driven by a thread that mostly waits.

    Raises:
        VisualADError: if the settings make no sweep.
    """

    every = 1 / 10

    def __init__(self, request: TrainSweep, wake: Callable[[], None]) -> None:
        super().__init__(request, wake)
        self._request = request
        settings = {name: list(values) for name, values in request.settings}
        self._plan = make_plan(request.graph, settings, request.seeds)
        self._wishes: deque[str] = deque()

    def control(self, action: str) -> None:
        """Take note of a wish: "pause", "resume" or "stop".

        Raises:
            VisualADError: for anything else.
        """
        if action not in ("pause", "resume", "stop"):
            raise VisualADError(
                f"A sweep knows no action '{action}'; it can pause, resume and stop."
            )
        self._wishes.append(action)

    def work(self) -> SweepFinished:
        """Do all runs that are not in the journal yet."""
        request = self._request
        with Journal(request.path or None, self._plan, retry=request.retry) as journal:
            return self._work(journal)

    def _work(self, journal: Journal) -> SweepFinished:
        workers = self._workers()
        run = GridRun(self._plan, journal, workers, whole=self._request.whole)
        try:
            unsaid = list(in_order(self._plan, journal))
            self._tell(run, unsaid)
            while run.state not in (CANCELLED, COMPLETE):
                before = run.state
                self._heed(run)
                if run.state == PAUSED and not run.running:
                    time.sleep(GLANCE)
                else:
                    unsaid += run.advance(GLANCE)
                if (unsaid and self.is_due) or run.state != before:
                    self._tell(run, unsaid)
            best = best_of(in_order(self._plan, journal))
            graph = None
            if best is not None and self._request.keep_best and run.state == COMPLETE:
                graph = self._trained(run, workers, best)
            return SweepFinished(self.id, run.state, best, graph)
        finally:
            run.cancel()
            workers.abandon()
            workers.close()

    def _workers(self) -> Workers:
        request = self._request
        if not request.scheduler:
            return ProcessPool(request.workers, load_plugins)
        from visualad.training.grid.cluster import Cluster

        return Cluster(request.scheduler, load_plugins)

    def _heed(self, run: GridRun) -> None:
        """Carry out what the window wished."""
        while self._wishes:
            wish = self._wishes.popleft()
            {"pause": run.pause, "resume": run.resume, "stop": run.cancel}[wish]()

    def _trained(self, run: GridRun, workers: Workers, best: Result) -> Graph | None:
        """The graph of the best run; None if the sweep is stopped meanwhile."""
        future: Future[Graph] = workers.executor().submit(trained_graph, run.plan.graph, best.case)
        while not wait([future], GLANCE).done:
            if "stop" in self._wishes:
                return None
        return future.result()

    def _tell(self, run: GridRun, unsaid: list[Result]) -> None:
        running = tuple(case.title for case in run.running)
        total = len(self._plan.cases)
        results = tuple(unsaid)
        unsaid.clear()
        self.say(SweepProgress(self.id, self._plan.names, total, results, running, run.state))
