"""Training with many settings: which are tried, how it goes, what came out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.panels.data_columns import CELLS
from visualad.gui.panels.parts import Elided, Sentence, empty_state
from visualad.gui.panels.sweep_form import SweepForm
from visualad.gui.panels.sweep_model import SweepModel, SweepOrder
from visualad.gui.panels.sweep_picture import SweepPicture
from visualad.gui.session import Session
from visualad.kernel.messages import Failed, Reply
from visualad.kernel.sweep_messages import (
    SweepFinished,
    SweepProgress,
    TrainAgain,
    TrainedAgain,
)
from visualad.ops.writing import number_pretty
from visualad.training.grid.worker import DONE, Result

EMPTY = (
    "Choose settings and the values to try, such as hidden 4, 8, 8x8 and learning rate 0.01, 0.1, "
    "then press Run. Every combination is trained with every seed; the runs fill this table."
)
EPOCHS = 100  # of a run where nothing says how many


class ParameterSweepPanel(QWidget):
    """The settings at the left, the runs in the middle, their picture at the right."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("parameter_sweep_panel")
        self.setAccessibleName("Sweep over settings")
        self._document = document
        self._session = session
        self._ticket = 0
        self._state = ""
        self._has_begun = False
        self._graph: Graph | None = None  # what the sweep trains
        self._next: Graph | None = None  # what one trains that has not begun
        self.form = SweepForm()
        self.model = SweepModel(self)
        self.order = SweepOrder(self.model, self)
        self.picture = SweepPicture()
        self.table = self._make_table()
        self.empty = empty_state(EMPTY, "sweep_empty")
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setObjectName("sweep_split")
        split.addWidget(self.form)
        split.addWidget(self._build_results())
        split.addWidget(self.picture)
        split.setStretchFactor(1, 1)
        split.setStretchFactor(2, 1)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.setSizes([280, 300, 320])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(split)
        self.form.changed.connect(self._count_runs)
        self.picture.picked.connect(self._pick)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        document.graph_changed.connect(self.refresh)
        document.replaced.connect(self._forget)
        self.refresh()
        self._enable()

    # Building ---------------------------------------------------------------------------------

    def _build_results(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 8, 8, 6)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.run = _button("Run", "sweep_run", "Train every combination that has no result yet")
        self.run.setDefault(True)
        self.run.clicked.connect(lambda _checked=False: self.toggle())
        self.cancel = _button("Cancel", "sweep_cancel", "Give up; finished runs are kept")
        self.cancel.clicked.connect(lambda _checked=False: self._control("stop"))
        self.open_best = _button(
            "Open Best", "sweep_open_best", "Bring the network of the best run into the document"
        )
        self.open_best.clicked.connect(lambda _checked=False: self._open(self.model.best))
        self.open_run = _button(
            "Open Run", "sweep_open_run", "Bring the network of the selected run into the document"
        )
        self.open_run.clicked.connect(lambda _checked=False: self._open(self.selected()))
        self.words = Elided("", "text_muted", 12.0)
        self.words.setObjectName("sweep_words")
        for part in (self.run, self.cancel):
            row.addWidget(part)
        row.addStretch(1)
        for part in (self.open_best, self.open_run):
            row.addWidget(part)
        self.bar = QProgressBar()
        self.bar.setObjectName("sweep_progress")
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.fault = Sentence("sweep_fault")
        self.failures = Sentence("sweep_failures", "warning", "warning")
        column.addLayout(row)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addWidget(self.fault)
        column.addWidget(self.failures)
        below = QWidget()
        self._stack = QStackedLayout(below)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        column.addWidget(below, 1)
        return page

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setObjectName("sweep_table")
        table.setAccessibleName("The runs of the sweep")
        table.setModel(self.order)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setSortingEnabled(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(24)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setStyleSheet(CELLS)
        table.horizontalHeader().setStretchLastSection(True)
        table.doubleClicked.connect(lambda _: self._open(self.selected()))
        return table

    # Showing ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Offer the settings of the graph that is open."""
        if not self.isVisible():
            return
        from visualad.training.grid.plan import setting_names  # late: nobody may ever sweep

        self.form.offer(setting_names(self._document.graph))
        self._count_runs()
        self._enable()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        path = self._document.path
        if path is not None and not self.form.path.text():
            self.form.path.show_text(str(path.with_name(f"{path.stem}-sweep.csv")))
        self.refresh()

    def _count_runs(self) -> None:
        """How many runs it will be, while none is under way."""
        if self._ticket or self.model.results:
            return
        epochs = self._document.graph.training.get("epochs") or EPOCHS
        swept = any(name == "epochs" for name, _ in self.form.settings)
        each = "" if swept else f" of {epochs} epochs"
        self.words.setText(f"{self.form.count:,} runs{each}" if self.form.count else "")

    def _enable(self) -> None:
        graph = self._document.graph
        able = bool(graph.parameters and graph.training)
        going = bool(self._ticket)
        self.run.setText({"running": "Pause", "paused": "Resume"}.get(self._state, "Run"))
        self.run.setEnabled(able or going)
        self.cancel.setEnabled(going)
        self.open_best.setEnabled(self.model.best is not None)
        chosen = self.selected()
        self.open_run.setEnabled(chosen is not None and chosen.status == DONE)
        self.form.setEnabled(not going)

    def selected(self) -> Result | None:
        """The run of the selected row."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.results[self.order.mapToSource(rows[0]).row()] if rows else None

    def _selected(self) -> None:
        self.picture.choose(self.selected())
        self._enable()

    def _pick(self, result: Result | None) -> None:
        if result is None:
            self.table.clearSelection()
            return
        row = next(i for i, known in enumerate(self.model.results) if known is result)
        place: QModelIndex = self.order.mapFromSource(self.model.index(row, 0))
        self.table.selectRow(place.row())
        self.table.scrollTo(place)

    # The sweep --------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Run, pause or go on."""
        if self._state == "running":
            self._control("pause")
        elif self._state == "paused":
            self._control("resume")
        else:
            self.start()

    def start(self) -> None:
        """Do every run that the file of results lacks."""
        try:
            request = self.form.request(self._document.graph)
        except VisualADError as error:
            self.fault.say(error.message)
            return
        self.fault.say("")
        self.failures.say("")
        self._next = request.graph
        self.bar.setRange(0, 0)
        self.words.setText("starting processes …")
        self._state = "running"
        self._has_begun = False
        self._ticket = self._session.ask(request, self._take)
        self._enable()

    def _control(self, action: str) -> None:
        self._session.control(self._ticket, action)
        if action == "stop" and not self._has_begun:  # it waits in line behind another
            self._session.forget(self._ticket)
            self._end("Stopped. ")

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, SweepProgress):
            if not self._has_begun:  # until now those of the last sweep stay
                self._has_begun = True
                self._graph = self._next
                self.model.begin(reply.names)
                self.picture.show_results((), ())
            self._show_progress(reply)
        elif isinstance(reply, SweepFinished):
            self._end("" if reply.state == "complete" else "Stopped; Run goes on where it was. ")
        elif isinstance(reply, Failed):
            self.fault.say(reply.message)
            self._end("")

    def _show_progress(self, reply: SweepProgress) -> None:
        self._state = reply.state if reply.state in ("running", "paused") else self._state
        if reply.results:
            first = not self.model.results
            self.model.add(reply.results)
            self.picture.show_results(self.model.names, self.model.results)
            if first:
                self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
                self.table.resizeColumnsToContents()
            self._stack.setCurrentIndex(1)
            self._show_failures(self.model.results)
        done = len(self.model.results)
        self.bar.setRange(0, max(reply.total, 1))
        self.bar.setValue(done)
        self.words.setText(f"{done:,} of {reply.total:,} runs{self._best_words()}")
        self._enable()

    def _best_words(self) -> str:
        best = self.model.best
        if best is None:
            return ""
        number = best.train if best.test is None else best.test
        assert number is not None
        return f", best {number_pretty(number, 3)}: {best.case.title}"

    def _show_failures(self, results: Sequence[Result]) -> None:
        failed = [result for result in results if result.status != DONE]
        if not failed:
            self.failures.say("")
            return
        runs = "1 run" if len(failed) == 1 else f"{len(failed)} runs"
        first = failed[0]
        self.failures.say(
            f"{runs} did not come to the end; {first.case.title}: {first.message or first.status}"
        )

    def _end(self, words: str) -> None:
        self._ticket = 0
        self._state = ""
        done = len(self.model.results)
        self.bar.setRange(0, max(self.bar.maximum(), 1))
        runs = f"{done:,} runs{self._best_words()}" if done else ""
        self.words.setText(f"{words}{runs}")
        self._enable()

    def _forget(self) -> None:
        """Another document: the sweep belongs to the one that was there."""
        if self._ticket:
            self._control("stop")
            self._session.forget(self._ticket)
        self.model.begin(())
        self.picture.show_results((), ())
        self.form.path.show_text("")
        self.fault.say("")
        self.failures.say("")
        self._stack.setCurrentIndex(0)
        self._graph = None
        self._end("")

    # Opening a run ----------------------------------------------------------------------------

    def _open(self, result: Result | None) -> None:
        """Train a run once more, to the same numbers, and bring its network into the document."""
        graph = self._graph
        if result is None or graph is None or result.status != DONE:
            return
        self.words.setText(f"training {result.case.title} once more …")

        def take(reply: Reply) -> None:
            if isinstance(reply, TrainedAgain):
                if self._graph is graph:  # still the same document
                    name = f"Open run {reply.case.title}"
                    self._document.apply(name, lambda _: reply.graph)
                self.words.setText(f"{reply.case.title} is in the document; Undo takes it back")
            elif isinstance(reply, Failed):
                self.fault.say(reply.message)

        self._session.ask(TrainAgain(graph, result.case), take)


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(tip)
    button.setToolTip(tip)
    return button
