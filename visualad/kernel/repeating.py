"""One run of a sweep done once more, by a process beside the kernel's other work."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.kernel.messages import Reply
from visualad.kernel.sweep_messages import TrainAgain, TrainedAgain
from visualad.plugins import load_plugins
from visualad.training.grid.runner import trained_graph
from visualad.training.grid.workers import ProcessPool

GLANCE = 0.01  # seconds until other requests are looked at


class Repeating:
    """The work that a `TrainAgain` request started: in a process as the sweep's, with one thread.

    Attributes:
        id: of the request; kind: its type's name. has_ended: the reply was given out.
    """

    kind = TrainAgain.__name__

    def __init__(self, request: TrainAgain) -> None:
        self.id = request.id
        self.graph: Graph | None = request.graph
        self.has_ended = False
        self._case = request.case
        self._workers = ProcessPool(1, load_plugins)
        self._found: Graph | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="train-again", daemon=True)
        self._thread.start()

    def advance(self) -> Sequence[Reply]:
        """Look whether it is done.

        Raises:
            VisualADError: if the run fails.
        """
        self._thread.join(GLANCE)
        if self._thread.is_alive():
            return ()
        self._workers.close()
        if isinstance(self._error, BrokenExecutor):
            raise VisualADError(
                "The process that did this run died; it may have run out of memory."
            ) from self._error
        if self._error is not None:
            raise self._error
        assert self._found is not None
        self.has_ended = True
        return (TrainedAgain(self.id, self._found, self._case),)

    def _work(self) -> None:
        assert self.graph is not None
        try:
            run = self._workers.executor()  # takes a moment to start
            self._found = run.submit(trained_graph, self.graph, self._case).result()
        except BaseException as error:  # noqa: BLE001 - said by `advance`
            self._error = error

    def close(self) -> None:
        """Give it up."""
        self._workers.abandon()
