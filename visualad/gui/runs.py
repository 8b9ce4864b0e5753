"""The training runs of a document, kept to be compared, restored and saved with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal

from visualad.errors import FileError
from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.run_curves import Curves
from visualad.gui.run_record import (
    COLOURS,
    RunRecord,
    read_run,
    settings_of_run,
    written_run,
)
from visualad.gui.session import Session
from visualad.gui.training_run import TrainingRun

KEY = "runs"  # at the top of a file


class Runs(QObject):
    """Every run since the document was opened, and those that its file holds.

    A run begins with the first epoch of new curves and ends when they are cleared; pauses and
    other settings on the way belong to it.

    Attributes:
        records: in the order in which they began.

    Signals:
        changed: runs came or went, or one has another name, colour, state or is shown or hidden.
        problem: one sentence on runs of a file that cannot be read, and what is behind it.
    """

    changed = Signal()
    problem = Signal(str, str)

    def __init__(self, document: Document, training: TrainingRun, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("runs")
        self.records: list[RunRecord] = []
        self._document = document
        self._training = training
        self._count = 0  # runs that have had a name
        self._present: RunRecord | None = None
        self._deleted: Curves | None = None  # of a run that was deleted while it went on
        document.replaced.connect(self._read)
        document.beside[KEY] = self.written
        training.progress.connect(self._follow)
        training.changed.connect(self._follow)
        training.finished.connect(self._finish)
        self._take_up()

    @property
    def present(self) -> RunRecord | None:
        """The run that goes on or may still go on."""
        return self._present

    def add(self, records: Iterable[RunRecord]) -> None:
        """Keep further runs, which are done; each gets a name, if it has none, and a colour."""
        for record in records:
            self._welcome(record)
        self.changed.emit()

    def next_colour(self) -> str:
        """The colour that is used least."""
        used = [record.colour for record in self.records]
        return min(COLOURS, key=used.count)

    # What the user does -----------------------------------------------------------------------

    def rename(self, record: RunRecord, name: str) -> None:
        """Give a run another name; an empty one is refused silently."""
        if name.strip():
            record.name = name.strip()
            self.changed.emit()

    def recolour(self, record: RunRecord, colour: str) -> None:
        """Draw a run in another colour, "#rrggbb"."""
        record.colour = colour
        self.changed.emit()

    def show(self, record: RunRecord, shown: bool) -> None:
        """Whether the curves of a run are drawn."""
        record.shown = shown
        self.changed.emit()

    def delete(self, records: Iterable[RunRecord]) -> list[tuple[int, RunRecord]]:
        """Take runs out of the list; gives what `put_back` needs."""
        gone = set(map(id, records))
        found = [(n, record) for n, record in enumerate(self.records) if id(record) in gone]
        self.records = [record for record in self.records if id(record) not in gone]
        if self._present is not None and id(self._present) in gone:
            self._deleted = self._present.curves
            self._present = None
        self.changed.emit()
        return found

    def put_back(self, deleted: Iterable[tuple[int, RunRecord]]) -> None:
        """Take back a deletion."""
        for number, record in deleted:
            self.records.insert(min(number, len(self.records)), record)
        self.changed.emit()

    def restore(self, record: RunRecord, *, end: bool) -> bool:
        """Bring the settings and the parameters of a run back, as one undoable step.

        Args:
            end: the parameters that it ended with, else those it began with.
        """
        where = "end" if end else "start"
        self._training.forget()
        return self._document.apply(
            f"Restore {record.name} ({where})", lambda graph: record.restored(graph, end=end)
        )

    # Following the training -------------------------------------------------------------------

    def _follow(self, *_: object) -> None:
        training, present = self._training, self._present
        curves = training.curves
        if present is not None and present.curves is not curves:
            present.state = present.state if present.state not in _GOING else "stopped"
            present.curves.forget_details()
            self._present = present = None
            self.changed.emit()
        graph = training.graph
        if present is None:
            # The curves of a run that was deleted are not taken up again.
            if training.state and _has_begun(curves) and curves is not self._deleted:
                self._start_record(curves)
            return
        if not training.state:
            return
        present.end = training.reached
        if graph is not None:
            self._note_change(present, graph)
        if training.state != present.state:
            present.state = training.state
            self.changed.emit()

    def _start_record(self, curves: Curves) -> None:
        training = self._training
        assert training.begun is not None
        record = RunRecord("", self.next_colour(), training.begun, curves)
        record.end, record.state = training.reached, training.state
        self._present = record
        self._welcome(record)
        self.changed.emit()

    def _welcome(self, record: RunRecord) -> None:
        self._count += 1
        record.name = record.name or f"Run {self._count}"
        self.records.append(record)

    def _note_change(self, record: RunRecord, graph: Graph) -> None:
        """Settings that are others than those it went on with so far."""
        last = record.changes[-1][1] if record.changes else record.start
        if last.training is graph.training and last.dtype == graph.dtype:
            return
        if settings_of_run(last) == settings_of_run(graph):
            return
        if record.changes and record.changes[-1][0] == record.epochs:  # a slider on its way
            record.changes.pop()
        record.changes.append((record.epochs, graph))

    def _finish(self, finished: Any) -> None:
        if self._present is not None:
            self._present.state = finished.reason
            self._present.end = finished.parameters
            self.changed.emit()

    # The file ---------------------------------------------------------------------------------

    def written(self) -> Any:
        """All runs as plain data for the file; None when there are none."""
        return [written_run(record) for record in self.records] or None

    def _read(self) -> None:
        self._present = None
        self.records = []
        self._take_up()

    def _take_up(self) -> None:
        """The runs of the file that was opened."""
        stored = self._document.graph.extra.get(KEY)
        for data in stored if isinstance(stored, list) else ():
            try:
                self.records.append(read_run(data))
            except FileError as error:
                self.problem.emit(error.message, "")
        self._count = len(self.records)
        self.changed.emit()


_GOING = ("running", "paused")


def runs_of(session: Session) -> Runs:
    """The runs of the document that a session looks at."""
    found = session.findChild(Runs, "runs")
    if found is None:
        found = Runs(session.document, session.training, session)
        found.problem.connect(session.problem)
    return found


def _has_begun(curves: Curves) -> bool:
    """Whether there is more than the losses before training."""
    return len(curves.epochs) > 1
