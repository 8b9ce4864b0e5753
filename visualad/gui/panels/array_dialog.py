"""A small grid in which the numbers of an array are edited."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.gui.entry import read_number, read_value, written
from visualad.gui.panels.fields import Field
from visualad.gui.panels.parts import Prose, Sentence
from visualad.ops.writing import name_pretty

MOST_CELLS = 4096


def shape_text(value: Any) -> str:
    """`3×2`; `number` for a scalar."""
    return "×".join(str(side) for side in np.shape(value)) or "number"


class ArrayDialog(QDialog):
    """Edits a vector or matrix cell by cell, or all of it as `[[1, 2], [3, 4]]`.

    Signals:
        accepted_array: the new array, when OK was pressed.
    """

    accepted_array = Signal(object)

    def __init__(self, name: str, array: np.ndarray, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("array_dialog")
        self.setWindowTitle(f"{name_pretty(name)}: {shape_text(array)} array")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._array = np.array(array, dtype=float)
        self.text = Field("array_text", "Array as nested lists", read_value, self._replace)
        self.text.setPlaceholderText("[[1, 2], [3, 4]]")
        self.text.setToolTip("Type or paste an array as nested lists and press Enter")
        self.grid = QTableWidget()
        self.grid.setObjectName("array_grid")
        self.grid.setAccessibleName(f"Numbers of {name}")
        self.grid.itemChanged.connect(self._cell_changed)
        self.note = Prose(token="text_muted", size=12.0)
        self.fault = Sentence("array_fault")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setObjectName("array_ok")
        ok.setAutoDefault(False)
        buttons.accepted.connect(self._finish)
        buttons.rejected.connect(self.reject)
        self.text.fault.connect(self.fault.say)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(8)
        for widget in (self.text, self.grid, self.note, self.fault, buttons):
            column.addWidget(widget)
        self._filling = False
        self._fill()
        self.resize(420, 340)

    def _fill(self) -> None:
        array = self._array
        self._filling = True
        small = array.ndim <= 2 and array.size <= MOST_CELLS
        self.grid.setVisible(small)
        self.note.setVisible(not small)
        if small:
            cells = array.reshape(1, -1) if array.ndim < 2 else array
            self.grid.setRowCount(cells.shape[0])
            self.grid.setColumnCount(cells.shape[1])
            for (row, column), number in np.ndenumerate(cells):
                item = QTableWidgetItem(written(number))
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.grid.setItem(row, column, item)
            self.text.show_text(written(array) if array.size <= 64 else "")
        else:
            self.note.setText(
                f"{array.size:,} numbers in {array.ndim} dimensions are too many for a grid; "
                "type or paste an array above to replace them."
            )
        self._filling = False

    def _replace(self, value: float | np.ndarray) -> None:
        array = np.asarray(value, dtype=float)
        if array.ndim == 0:
            array = np.full(self._array.shape, float(array))
        self._array = array
        self._fill()

    def _cell_changed(self, item: QTableWidgetItem) -> None:
        if self._filling:
            return
        index = (item.row(), item.column()) if self._array.ndim == 2 else (item.column(),)
        try:
            self._array[index] = read_number(item.text())
            self.fault.say("")
        except VisualADError as error:
            self.fault.say(error.message)
        self._filling = True
        item.setText(written(self._array[index]))
        self._filling = False

    def _finish(self) -> None:
        self.text.commit()
        if self.text.property("invalid") == "true":
            return
        self.accepted_array.emit(self._array)
        self.accept()
