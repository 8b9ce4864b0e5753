"""What a sweep tries, how often, who does it and where the results go."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui.entry import read_number
from visualad.gui.panels.fields import Choice, Faulty, Field
from visualad.gui.panels.parts import heading, muted
from visualad.kernel.sweep_messages import TrainSweep

FIRST = (("hidden", "4, 8, 8x8"), ("learning_rate", "0.01, 0.03, 0.1"))
LOCAL, DASK = "processes on this computer", "Dask scheduler"


class Row(QWidget):
    """One setting with the values to try."""

    def __init__(self, kinds: list[tuple[str, str]], name: str, values: str) -> None:
        super().__init__()
        self.kind = Choice("sweep_setting", "Setting", kinds, _nothing)
        self.kind.show_data(name)
        self.field = Field("sweep_values", "Values to try", str.strip, _nothing)
        self.field.setPlaceholderText("values, with commas")
        self.field.show_text(values)
        self.field.setToolTip("Values with commas between; hidden layers as 8 or 8x8, 0 for none")
        self.gone = small_button("−", "sweep_less", "Leave this setting out")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.kind, 1)
        line.addWidget(self.field, 1)
        line.addWidget(self.gone)

    @property
    def name(self) -> str:
        """Of the setting, "" while none is chosen."""
        return str(self.kind.currentData() or "")

    @property
    def values(self) -> tuple[str, ...]:
        """The values to try."""
        return tuple(part.strip() for part in self.field.text().split(",") if part.strip())


class SweepForm(QScrollArea):
    """The settings of a sweep.

    Attributes:
        rows: what is tried.

    Signals:
        changed: it would be another sweep.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sweep_form")
        self.rows: list[Row] = []
        self._kinds = [(name.replace("_", " "), name) for name, _ in FIRST]
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        top = QHBoxLayout()
        top.addWidget(heading("Settings and the values to try"))
        top.addStretch(1)
        self.more = small_button("+", "sweep_more", "One more setting")
        self.more.clicked.connect(lambda _checked=False: self.add_row("", ""))
        top.addWidget(self.more)
        column.addLayout(top)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        column.addLayout(self._list)
        column.addLayout(self._build_further())
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        self.setMinimumWidth(270)
        for name, values in FIRST:
            self.add_row(name, values)
        self._show_where()

    def _build_further(self) -> QGridLayout:
        self.seeds = Field("sweep_seeds", "Seeds", whole, lambda _: self.changed.emit())
        self.seeds.show_text("3")
        self.seeds.setToolTip("How many runs with each combination, with the seeds 0, 1, 2, …")
        items = ((LOCAL, LOCAL), (DASK, DASK))
        self.where = Choice("sweep_where", "Who does the runs", items, lambda _: self._show_where())
        self.where.show_data(LOCAL)
        self.workers = Field("sweep_workers", "Workers", whole_or_none, _nothing)
        self.workers.setPlaceholderText("one for each processor")
        self.address = Field("sweep_address", "Address of the scheduler", str.strip, _nothing)
        self.address.setPlaceholderText("tcp://host:8786")
        self.path = Field("sweep_path", "File for the results", str.strip, _nothing)
        self.path.setPlaceholderText("kept in this panel only")
        self.path.setToolTip("A .csv file; a sweep that was interrupted goes on from it")
        browse = small_button("…", "sweep_browse", "Choose the file")
        browse.clicked.connect(lambda _checked=False: self._browse())
        self.retry = QCheckBox("do failed runs again")
        self.retry.setObjectName("sweep_retry")
        file = QHBoxLayout()
        file.setSpacing(4)
        file.addWidget(self.path, 1)
        file.addWidget(browse)
        self._worker_field = Faulty(self.workers)
        form = QGridLayout()
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(5)
        form.setColumnStretch(1, 1)
        for number, title in enumerate(("seeds", "by", "", "", "results")):
            if title:
                form.addWidget(muted(title), number, 0)
        parts = (Faulty(self.seeds), self.where, self._worker_field, self.address)
        for number, part in enumerate(parts):
            form.addWidget(part, number, 1)
        form.addLayout(file, 4, 1)
        form.addWidget(self.retry, 5, 1)
        return form

    # What is chosen ---------------------------------------------------------------------------

    def add_row(self, name: str, values: str) -> None:
        """One more setting with the values to try."""
        row = Row(self._kinds, name, values)
        row.gone.clicked.connect(lambda _checked=False: self._remove(row))
        row.kind.activated.connect(lambda _: self.changed.emit())
        row.field.textChanged.connect(lambda _: self.changed.emit())
        self._list.addWidget(row)
        self.rows.append(row)
        self.changed.emit()

    def _remove(self, row: Row) -> None:
        self.rows.remove(row)
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.changed.emit()

    def offer(self, names: tuple[str, ...]) -> None:
        """What can be swept."""
        self._kinds = [(name.replace("_", " "), name) for name in names]
        for row in self.rows:
            chosen = row.kind.currentData()
            row.kind.set_items(self._kinds)
            row.kind.show_data(chosen)

    @property
    def settings(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """By name the values to try."""
        return tuple((row.name, row.values) for row in self.rows if row.name and row.values)

    @property
    def count(self) -> int:
        """How many runs that is, 0 while the seeds are no number."""
        try:
            return math.prod(len(values) for _, values in self.settings) * whole(self.seeds.text())
        except VisualADError:
            return 0

    def request(self, graph: Graph) -> TrainSweep:
        """The sweep that is described.

        Raises:
            VisualADError: if something is missing.
        """
        path = self.path.text().strip()
        if path and not path.lower().endswith(".csv"):
            raise VisualADError("The results are a .csv file; give its name such an ending.")
        is_dask = self.where.currentData() == DASK
        address = self.address.text().strip()
        if is_dask and not address:
            raise VisualADError("Type the address of the scheduler, such as tcp://host:8786.")
        return TrainSweep(
            graph,
            self.settings,
            whole(self.seeds.text()),
            str(Path(path).absolute()) if path else "",
            None if is_dask else whole_or_none(self.workers.text()),
            address if is_dask else "",
            self.retry.isChecked(),
            keep_best=False,
        )

    def _show_where(self) -> None:
        is_local = self.where.currentData() != DASK
        self._worker_field.setVisible(is_local)
        self.address.setVisible(not is_local)

    def _browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self,
            "Results of the Sweep",
            self.path.text() or "sweep.csv",
            "Tables (*.csv)",
            options=QFileDialog.Option.DontConfirmOverwrite,  # it goes on from what is there
        )
        if name:
            self.path.show_text(name if name.endswith(".csv") else f"{name}.csv")


def small_button(text: str, name: str, tip: str) -> QPushButton:
    """A button for one sign."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(tip)
    button.setToolTip(tip)
    button.setFixedWidth(28)
    button.setStyleSheet("padding: 3px 0;")
    return button


def whole(text: str) -> int:
    """A whole number from 1 on.

    Raises:
        VisualADError: if it is none.
    """
    number = read_number(text)
    if not number.is_integer() or not 1 <= number <= 1_000_000:
        raise VisualADError("Type a whole number from 1 on.")
    return int(number)


def whole_or_none(text: str) -> int | None:
    """The same, or nothing."""
    return None if not text.strip() else whole(text)


def _nothing(_: Any) -> None:
    """It is read when it is needed."""
