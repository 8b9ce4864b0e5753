"""Runs side by side: a table of what differs, and their curves over one another."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from visualad.gui import theme
from visualad.gui.document import Document
from visualad.gui.panels.curve_plot import CurvePlot, Line, nearest
from visualad.gui.panels.exporting import Exporting, Picture, Rows
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.frames import Frames
from visualad.gui.panels.frozen_table import FrozenTable
from visualad.gui.panels.legend import Entry, Legend
from visualad.gui.panels.parts import Text, empty_state, muted
from visualad.gui.panels.run_more import EPOCHS, RunMoreDialog
from visualad.gui.panels.runs_model import RunsModel
from visualad.gui.questions import Kernel
from visualad.gui.run_queue import RunQueue
from visualad.gui.run_record import RunRecord, on_theme
from visualad.gui.runs import runs_of
from visualad.gui.session import Session
from visualad.ops.writing import number_pretty

EMPTY = (
    "Every training run is kept here with its settings. Train, change something, press Reset and "
    "train again: the curves are drawn over one another."
)
FRAME_MS = 250
MOST_EPOCHS = 1000  # that are proposed for further runs
LOSSES = (("test loss", "test"), ("training loss", "train"))


class ComparePanel(QWidget):
    """The table of runs beside their curves."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare_panel")
        self.setAccessibleName("Compare runs")
        self._session = session
        self._document = document
        self.runs = runs_of(session)
        self.queue = RunQueue(document, cast(Kernel, session), self.runs, self)
        self._plot: CurvePlot | None = None
        self._pointed = math.nan
        self.frames = Frames(self, self.draw, FRAME_MS)
        self.model = RunsModel(self.runs, self)
        self.table = self._make_table()
        self.quantity = Choice("compare_quantity", "What is drawn", LOSSES, lambda _: self.draw())
        self.quantity.setCurrentIndex(0)
        self.log = QCheckBox("logarithmic")
        self.log.setObjectName("compare_log")
        self.log.setAccessibleName("Logarithmic axis")
        self.log.setChecked(True)
        self.log.clicked.connect(lambda _: self.draw())
        self.legend = Legend("compare_legend")
        self.cursor_text = Text("", "text_muted", 12.0)
        self.cursor_text.setObjectName("compare_cursor")
        self.restore_start = self._button(
            "restore_start", "Restore start", "Settings and parameters from before the run"
        )
        self.restore_start.clicked.connect(lambda: self._restore(end=False))
        self.restore_end = self._button(
            "restore_end", "Restore end", "Settings and the parameters that the run reached"
        )
        self.restore_end.clicked.connect(lambda: self._restore(end=True))
        self.delete = self._button("delete_runs", "Delete", "Take the runs out of the list")
        self.delete.clicked.connect(lambda _checked: self.delete_selected())
        self.more = self._button("run_more", "Run more…", "Queue runs with other seeds or settings")
        self.more.clicked.connect(lambda _checked: self._run_more())
        self.undo = self._button("undo_delete", "Undo delete", "Put the deleted runs back")
        self.undo.clicked.connect(lambda _checked: self._put_back())
        self.undo.hide()
        self._deleted: list[tuple[int, RunRecord]] = []
        self.queue_text = muted()
        self.queue_text.setObjectName("queue_text")
        self.exporting = Exporting(
            self,
            session,
            "runs",
            self.exported_rows,
            self.exported_picture,
            lambda menu: menu.addAction("Show All").triggered.connect(
                lambda _checked=False: self.plot.show_all()
            ),
        )
        self._build()
        self.runs.changed.connect(self._refresh)
        self.queue.changed.connect(self._show_queue)
        self.queue.problem.connect(session.problem)
        document.graph_changed.connect(self._enable)
        document.replaced.connect(self._forget_deleted)
        session.training_progress.connect(self.frames.later)
        theme.theme_changed.connect(self.frames.later)
        self._enable()

    def _build(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 0, 12, 0)
        buttons.setSpacing(6)
        for button in (
            self.restore_start,
            self.restore_end,
            self.delete,
            self.undo,
            self.more,
        ):
            buttons.addWidget(button)
        buttons.addWidget(self.queue_text)
        buttons.addStretch(1)
        right = QWidget()
        self._right = QVBoxLayout(right)
        self._right.setContentsMargins(0, 0, 0, 0)
        self._right.setSpacing(2)
        top = QHBoxLayout()
        top.setContentsMargins(14, 6, 14, 0)
        top.setSpacing(12)
        top.addWidget(self.quantity)
        top.addWidget(self.cursor_text)
        top.addWidget(self.legend, 1)
        top.addWidget(self.log)
        self._right.addLayout(top)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setObjectName("compare_split")
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(right)
        split.setSizes([500, 500])
        self.empty = empty_state(EMPTY, "compare_empty")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 6)
        whole.setSpacing(6)
        self._stack = QStackedLayout()
        whole.addLayout(self._stack, 1)  # first of all: without a parent its pages are windows
        self._stack.addWidget(split)
        self._stack.addWidget(self.empty)
        self._stack.setCurrentIndex(1)
        whole.addLayout(buttons)

    def _make_table(self) -> FrozenTable:
        table = FrozenTable()
        table.setObjectName("runs_table")
        table.setAccessibleName("Runs")
        table.setModel(self.model)
        table.set_row_height(26)
        table.customContextMenuRequested.connect(self._open_menu)
        table.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        table.installEventFilter(self)
        return table

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setToolTip(tip)
        return button

    # Drawing ----------------------------------------------------------------------------------

    @property
    def plot(self) -> CurvePlot:
        """The curves, made when they are first wanted."""
        if self._plot is None:
            self._plot = plot = CurvePlot("compare_plot", "Runs by epoch", ("epoch", "loss"))
            plot.pointed.connect(self.show_cursor)
            plot.ranged.connect(self.frames.later)
            self.exporting.on(plot.plot.viewport())
            self._right.addWidget(plot, 1)
        return self._plot

    def _refresh(self) -> None:
        selected = self.selected()
        self.model.refresh()
        self._select(selected)
        self._enable()
        self.frames.later()

    def draw(self) -> None:
        """Bring table and curves up to date."""
        records = self.runs.records
        self._stack.setCurrentIndex(0 if records else 1)
        if not records:
            return
        self.model.refresh_numbers()
        metrics = dict.fromkeys(name for r in records for name in r.curves.metrics)
        self.quantity.set_items([*LOSSES, *((name, name) for name in metrics)])
        if self.quantity.currentIndex() < 0:
            self.quantity.setCurrentIndex(0)
        chosen = str(self.quantity.currentData())
        is_loss = chosen in ("train", "test")
        self.log.setEnabled(is_loss)
        self.plot.set_title(self.quantity.currentText())
        self.plot.set_log(is_loss and self.log.isChecked())
        picked = self.selected()
        lines = []
        for record in records:
            values = record.column(chosen)
            if not record.shown or values is None or not len(values):
                continue
            strong = any(record is other for other in picked)
            colour, width = on_theme(record.colour), 2.0 if strong else 1.0
            lines.append(Line(record.id, record.curves.epochs, values, colour, width=width))
        self.plot.show_lines(lines)
        self._show_legend()

    def _show_legend(self) -> None:
        """The runs that are drawn, with their numbers at the place under the mouse."""
        entries, place = [], self._pointed
        for line in self.plot.lines:
            record = next((r for r in self.runs.records if r.id == line.name), None)
            if record is None:
                continue
            text = record.name
            if not math.isnan(place):
                index = nearest(line.x, place)
                reached = abs(line.x[index] - place) <= 1 and index < len(line.y)
                text += f" {number_pretty(line.y[index]) if reached else '–'}"
            entries.append(Entry(text, on_theme(record.colour)))
        self.legend.show_entries(entries)
        self.cursor_text.setText("" if math.isnan(place) else f"epoch {round(place):,}")

    # Selecting --------------------------------------------------------------------------------

    def selected(self) -> list[RunRecord]:
        """The runs that are selected, from above."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return [self.model.record(row) for row in rows]

    def _select(self, records: Sequence[RunRecord]) -> None:
        selection = self.table.selectionModel()
        mode = selection.SelectionFlag.Select | selection.SelectionFlag.Rows
        for record in records:
            row = self.model.row_of(record)
            if row >= 0:
                selection.select(self.model.index(row, 0), mode)

    def _selected(self) -> None:
        self._enable()
        self.frames.later()

    def _enable(self) -> None:
        count = len(self.selected())
        self.restore_start.setEnabled(count == 1)
        self.restore_end.setEnabled(count == 1)
        self.delete.setEnabled(count > 0)
        graph = self._document.graph
        self.more.setEnabled(self.queue.is_busy or bool(graph.parameters and graph.training))

    # What can be done with them ---------------------------------------------------------------

    def menu(self) -> QMenu:
        """The menu on the runs that are selected."""
        records, menu = self.selected(), QMenu(self)
        one = len(records) == 1

        def add(text: str, act: Callable[[], object], *, enabled: bool = True) -> None:
            action = menu.addAction(text)
            action.setEnabled(enabled)
            action.triggered.connect(lambda _checked=False: act())

        add("Rename", self._edit_name, enabled=one)
        colours = menu.addMenu("Colour")
        colours.setEnabled(bool(records))
        colours.addAction("Choose…").triggered.connect(lambda _checked=False: self._ask_colour())
        shown = all(record.shown for record in records)
        add("Hide" if shown else "Show", partial(self._show, not shown), enabled=bool(records))
        add("Show Only These", self._show_only, enabled=bool(records))
        menu.addSeparator()
        add("Restore Start", partial(self._restore, end=False), enabled=one)
        add("Restore End", partial(self._restore, end=True), enabled=one)
        menu.addSeparator()
        add("Delete", self.delete_selected, enabled=bool(records))
        return menu

    def _open_menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.table.viewport().mapToGlobal(at))

    def _edit_name(self) -> None:
        row = self.model.row_of(self.selected()[0])
        self.table.edit_first(row)

    def _ask_colour(self) -> None:
        records = self.selected()
        colour = QColorDialog.getColor(QColor(records[0].colour), self, "Colour of the Run")
        if colour.isValid():
            for record in records:
                self.runs.recolour(record, colour.name())

    def _show(self, shown: bool) -> None:
        for record in self.selected():
            self.runs.show(record, shown)

    def _show_only(self) -> None:
        picked = self.selected()
        for record in list(self.runs.records):
            self.runs.show(record, any(record is other for other in picked))

    def _restore(self, *, end: bool) -> None:
        (record,) = self.selected()
        self.runs.restore(record, end=end)

    def delete_selected(self) -> None:
        """Take the selected runs out of the list."""
        records = self.selected()
        if records:
            self._deleted = self.runs.delete(records)
            self.undo.show()

    def _put_back(self) -> None:
        deleted, self._deleted = self._deleted, []
        self.undo.hide()
        self.runs.put_back(deleted)

    def _forget_deleted(self) -> None:
        self._deleted = []
        self.undo.hide()

    # Further runs -----------------------------------------------------------------------------

    def _run_more(self) -> None:
        if self.queue.is_busy:
            self.queue.stop()
            return
        longest = max((record.epochs for record in self.runs.records), default=0)
        dialog = RunMoreDialog(self._document.graph, min(longest, MOST_EPOCHS) or EPOCHS, self)
        dialog.exec()
        wanted = dialog.wanted
        dialog.deleteLater()
        if wanted is not None:
            self.queue.start(*wanted)

    def _show_queue(self) -> None:
        queue = self.queue
        self.more.setText("Stop" if queue.is_busy else "Run more…")
        words = ""
        if queue.is_busy:
            words = f"{queue.done} of {queue.total} runs done" if queue.total else "starting …"
        self.queue_text.setText(words)
        self._enable()

    # The cursor -------------------------------------------------------------------------------

    def show_cursor(self, epoch: float) -> None:
        """Read all curves at an epoch; none for NaN."""
        self._pointed = epoch if math.isnan(epoch) else float(max(round(epoch), 0))
        self.plot.show_cursor(self._pointed)
        self._show_legend()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.table
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        ):
            self.delete_selected()
            return True
        return super().eventFilter(watched, event)

    # Exporting --------------------------------------------------------------------------------

    def exported_rows(self) -> Rows:
        """The curves that are shown, one point in a row."""
        self.draw()
        return self.plot.rows({r.id: r.name for r in self.runs.records})

    def exported_picture(self) -> Picture:
        """The curves and their legend."""
        return self.plot.plot, self.legend.words()
