"""The table of runs: name, how far it came, what came out, and the settings that differ."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from visualad.gui import fonts
from visualad.gui.run_record import RunRecord, differing, on_theme
from visualad.gui.runs import Runs
from visualad.ops.writing import number_pretty

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NAME, EPOCHS, TRAIN, TEST = "run", "epochs", "train", "test"
GOING = ("running", "paused")
WORDS = {"running": "running", "paused": "paused", "diverged": "diverged", "failed": "failed"}


class RunsModel(QAbstractTableModel):
    """One row for each run; the first column has its colour, its name and whether it is shown."""

    def __init__(self, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._columns: list[str] = [NAME, EPOCHS, TRAIN, TEST]
        self._rows: list[RunRecord] = []
        self._settings: list[dict[str, str]] = []
        self._numbers = range(1, len(self._columns))  # columns of results
        self.refresh()

    def refresh(self) -> None:
        """Take up runs that came, went or changed."""
        records = list(self._runs.records)
        settings = [record.settings() for record in records]
        metrics = dict.fromkeys(
            name for record in records for name in record.curves.metrics if name.endswith(" test")
        )
        results = [NAME, EPOCHS, TRAIN, TEST, *metrics]
        columns = [*results, *differing(settings)]
        self._settings = settings
        if records != self._rows or columns != self._columns:
            self.beginResetModel()
            self._rows, self._columns = records, columns
            self._numbers = range(1, len(results))
            self.endResetModel()
        else:
            self.refresh_numbers()

    def refresh_numbers(self) -> None:
        """The numbers of runs that go on are others."""
        for row, record in enumerate(self._rows):
            if record.state in GOING:
                self.dataChanged.emit(self.index(row, 0), self.index(row, self._numbers[-1]))

    def record(self, row: int) -> RunRecord:
        """The run of a row."""
        return self._rows[row]

    def row_of(self, record: RunRecord) -> int:
        """The row of a run, -1 when there is none."""
        return next((n for n, other in enumerate(self._rows) if other is record), -1)

    # What Qt asks -----------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return self._columns[section].replace("_", " ")
        if role == Role.TextAlignmentRole and section in self._numbers:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == 0:
            found |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsUserCheckable
        return found

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        record, column = self._rows[index.row()], self._columns[index.column()]
        if role == Role.TextAlignmentRole and index.column() in self._numbers:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role in (Role.DisplayRole, Role.ToolTipRole, Role.EditRole):
            return self._text(record, index.row(), column, role)
        if index.column() == 0 and role == Role.CheckStateRole:
            return Qt.CheckState.Checked if record.shown else Qt.CheckState.Unchecked
        if index.column() == 0 and role == Role.DecorationRole:
            return swatch(on_theme(record.colour))
        if index.column() == 0 and role == Role.FontRole and record.state in GOING:
            return fonts.text(fonts.SIZE, fonts.Weight.DemiBold)
        return None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        record = self._rows[index.row()]
        if role == Role.CheckStateRole:
            self._runs.show(record, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == Role.EditRole and str(value).strip():
            self._runs.rename(record, str(value))
            return True
        return False

    def _text(self, record: RunRecord, row: int, column: str, role: int) -> str:
        if column == NAME:
            words = WORDS.get(record.state, "")
            return f"{record.name} ({words})" if words and role != Role.EditRole else record.name
        if column == EPOCHS:
            return f"{record.epochs:,}"
        if column in (TRAIN, TEST) or column in record.curves.metrics:
            number = record.latest(column)
            if math.isnan(number):
                return "–"
            return f"{number:.1%}" if "accuracy" in column else number_pretty(number)
        return self._settings[row].get(column, "–")


def swatch(colour: str) -> QIcon:
    """A small square in a colour."""
    pixmap = QPixmap(24, 24)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(4, 4, 16, 16, 4, 4)
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # not tinted
    return icon
