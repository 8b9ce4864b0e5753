"""Further runs with other seeds and settings, on processes of their own, for the list of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from visualad.gui.curves import Column
from visualad.gui.document import Document
from visualad.gui.questions import Kernel
from visualad.gui.run_curves import Curves
from visualad.gui.run_record import RunRecord
from visualad.gui.runs import Runs
from visualad.kernel.messages import Failed, Reply
from visualad.kernel.sweep_messages import SweepFinished, SweepProgress, TrainSweep
from visualad.training.grid.worker import FAILED, Result, Whole


class RunQueue(QObject):
    """One batch of runs at a time; the document's own run goes on beside it.

    Attributes:
        total, done: numbers of runs; 0 when nothing is queued.
        running: titles of the runs under way.

    Signals:
        changed: something of that changed.
        problem: one sentence and the detail behind it.
    """

    changed = Signal()
    problem = Signal(str, str)

    def __init__(
        self, document: Document, kernel: Kernel, runs: Runs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.total = self.done = 0
        self.running: tuple[str, ...] = ()
        self._document = document
        self._kernel = kernel
        self._runs = runs
        self._ticket = 0
        self._failed: list[Result] = []
        document.replaced.connect(self.stop)

    @property
    def is_busy(self) -> bool:
        """Whether there are runs to come."""
        return bool(self._ticket)

    def start(self, settings: Mapping[str, Sequence[str]], seeds: int | None, epochs: int) -> None:
        """Queue a run for each combination of values and each seed, from the graph as it is.

        Args:
            settings, seeds: as of `make_plan`.
            epochs: of each run.
        """
        self.stop()
        graph = self._document.graph
        graph = graph.with_(training={**graph.training, "epochs": epochs})
        asked = tuple((name, tuple(values)) for name, values in settings.items())
        self._failed = []
        request = TrainSweep(graph, asked, seeds, keep_best=False, whole=True)
        self._ticket = self._kernel.ask(request, self._take)
        self.changed.emit()

    def stop(self) -> None:
        """Give up what is not done; finished runs stay in the list."""
        if self._ticket:
            ticket, self._ticket = self._ticket, 0
            self._kernel.control(ticket, "stop")
            self._kernel.forget(ticket)
            self._end()

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, SweepProgress):
            self.total, self.running = reply.total, reply.running
            self.done += len(reply.results)
            self._failed += [result for result in reply.results if result.status == FAILED]
            self._runs.add(
                recorded(result, result.whole, self._runs.next_colour())
                for result in reply.results
                if result.whole is not None
            )
        else:
            self._ticket = 0
            if isinstance(reply, Failed):
                self.problem.emit(reply.message, reply.detail)
            elif isinstance(reply, SweepFinished) and self._failed:
                first = self._failed[0]
                self.problem.emit(
                    f"{len(self._failed)} of {self.total} runs failed; "
                    f"{first.case.title}: {first.message}",
                    "",
                )
            self._end()
        self.changed.emit()

    def _end(self) -> None:
        self.total = self.done = 0
        self.running = ()
        self.changed.emit()


def recorded(result: Result, whole: Whole, colour: str) -> RunRecord:
    """A run of the queue as one of the list."""
    curves = Curves()
    curves.epochs.extend(whole.epochs)
    curves.train.extend(whole.curves["train"])
    curves.test.extend(whole.curves["test"])
    for name, values in whole.curves.items():
        if name not in ("train", "test"):
            column = curves.metrics[name] = Column()
            column.extend(values)
    return RunRecord("", colour, whole.graph, curves, whole.parameters, state=result.status)
