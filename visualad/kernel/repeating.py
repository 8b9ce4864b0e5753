"""One run of a sweep done once more, by a process beside the kernel's other work."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Future, wait

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
        self._future: Future[Graph] | None = None

    def advance(self) -> Sequence[Reply]:
        """Look whether it is done.

        Raises:
            VisualADError: if the run fails.
        """
        if self._future is None:
            assert self.graph is not None
            run = self._workers.executor()
            self._future = run.submit(trained_graph, self.graph, self._case)
        if not wait([self._future], GLANCE).done:
            return ()
        try:
            found = self._future.result()
        except BrokenExecutor as error:
            raise VisualADError(
                "The process that did this run died; it may have run out of memory."
            ) from error
        finally:
            self.close()
        self.has_ended = True
        return (TrainedAgain(self.id, found, self._case),)

    def close(self) -> None:
        """Give it up."""
        self._workers.abandon()
        self._workers.close()
