"""Right and wrong adjoints side by side, as a table."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from visualad.gui import fonts, theme
from visualad.kernel.lesson_messages import MistakeMade
from visualad.ops.writing import name_pretty, number_pretty

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_HEADS = ("node", "right", "wrong", "off by")


class ComparisonModel(QAbstractTableModel):
    """Right and wrong adjoints by node, in the order of the backward sweep."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, str, str, str, bool, bool]] = []
        self._names: list[str] = []

    @property
    def first_row(self) -> int:
        """The row of the first number that goes wrong, or -1."""
        return next((number for number, row in enumerate(self._rows) if row[5]), -1)

    def name_at(self, row: int) -> str:
        """The node of a row."""
        return self._names[row]

    def show(self, made: MistakeMade | None) -> None:
        """Show these numbers, or none."""
        self.beginResetModel()
        self._rows = []
        self._names = [] if made is None else list(made.sweep.right)
        if made is not None:
            sweep = made.sweep
            first = sweep.first.name if sweep.first is not None else ""
            for name, right in sweep.right.items():
                wrong = sweep.wrong[name]
                off = float(np.max(np.abs(np.asarray(wrong) - np.asarray(right)), initial=0.0))
                size = max(float(np.max(np.abs(right), initial=0.0)), 1e-300)
                is_wrong = off > 1e-10 * size
                self._rows.append(
                    (
                        name_pretty(name),
                        number_pretty(right),
                        number_pretty(wrong),
                        number_pretty(off, 3) if is_wrong else "",
                        is_wrong,
                        name == first,
                    )
                )
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return _HEADS[section]
        if role == Role.TextAlignmentRole and section == 0:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        shown = theme.current()
        if role == Role.ToolTipRole and row[5]:
            return "The first number that goes wrong"
        if role == Role.DisplayRole:
            mark = "  ◂ 1st" if row[5] and index.column() == 0 else ""
            return f"{row[index.column()]}{mark}"
        if role == Role.ForegroundRole and row[4] and index.column() >= 2:
            return QColor(shown.error)
        if role == Role.FontRole and (index.column() == 0 or row[4]):
            return fonts.text(fonts.SIZE, fonts.Weight.DemiBold)
        if role == Role.TextAlignmentRole and index.column() > 0:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def comparison_table(model: ComparisonModel) -> QTableView:
    """The view on a comparison."""
    table = QTableView()
    table.setObjectName("mistakes_table")
    table.setAccessibleName("Right and wrong adjoints")
    table.setModel(model)
    table.setShowGrid(False)
    table.setMinimumWidth(120)
    table.setMouseTracking(True)
    table.horizontalHeader().setMinimumSectionSize(30)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(24)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.horizontalHeader().setDefaultAlignment(
        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    )
    return table
