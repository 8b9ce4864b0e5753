"""One row for each variable of the graph: name, slider, number; arrays open in a small grid."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from visualad.errors import VisualADError
from visualad.graph.edits import set_settings
from visualad.graph.model import VARIABLE, Graph, Node
from visualad.gui import fonts
from visualad.gui.document import Document
from visualad.gui.entry import read_number, written
from visualad.gui.panels.array_dialog import ArrayDialog, shape_text
from visualad.gui.panels.fields import Field, Slider, number_field
from visualad.gui.panels.parts import Elided, Prose, Text, muted
from visualad.ops.writing import name_pretty, number_pretty

MOST_ROWS = 24
LEAST_NAME, MOST_NAME = 28, 84  # px
WIDEST = 5.0  # a slider without ends goes from -5 to 5, further when its value is


def ends(node: Node) -> tuple[float, float]:
    """The ends of a variable's slider: its settings, else some that hold its value."""
    value = float(node.value or 0.0)
    if not math.isfinite(value):
        value = 0.0
    reach = WIDEST if abs(value) <= WIDEST else 2 * abs(value)
    low, high = node.settings.get("minimum"), node.settings.get("maximum")
    low = -reach if low is None else float(low)
    high = reach if high is None else float(high)
    return (low, high) if low < high else (low, low + 1.0)


def is_number(node: Node) -> bool:
    """Whether the node holds one number (and not an array)."""
    return np.ndim(0.0 if node.value is None else node.value) == 0


class InputsSection(QWidget):
    """The variables of the graph with their sliders and numbers."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inputs_section")
        self._document = document
        self._rows: dict[str, InputRow | ArrayRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._more = muted()
        self._column.addWidget(self._more)
        document.graph_changed.connect(self.refresh)
        self.refresh()

    def row(self, name: str) -> InputRow | ArrayRow:
        """The row of a variable."""
        return self._rows[self._document.graph.id_of(name)]

    def refresh(self) -> None:
        """Show the variables as they are."""
        graph = self._document.graph
        nodes = [graph[name] for name in graph.inputs if graph[name].op == VARIABLE]
        shown = nodes[:MOST_ROWS]
        wanted = {node.id: is_number(node) for node in shown}
        present = {id_: isinstance(row, InputRow) for id_, row in self._rows.items()}
        if list(wanted.items()) != list(present.items()):
            self._rebuild(shown)
        for node in shown:
            self._rows[node.id].show_node(node)
        names = [fonts.width(name_pretty(n.name), fonts.SIZE, fonts.Weight.DemiBold) for n in shown]
        width = min(max([LEAST_NAME, *(round(name) + 6 for name in names)]), MOST_NAME)
        for row in self._rows.values():
            row.label.setFixedWidth(width)
        left_out = len(nodes) - len(shown)
        self._more.setText(f"and {left_out} more; select one to edit it" if left_out else "")
        self._more.setVisible(left_out > 0)
        self.setVisible(bool(nodes))

    def _rebuild(self, nodes: list[Node]) -> None:
        for row in self._rows.values():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = {}
        for number, node in enumerate(nodes):
            kind = InputRow if is_number(node) else ArrayRow
            row = kind(self._document, node)
            self._rows[node.id] = row
            self._column.insertWidget(number, row)


class InputRow(QWidget):
    """Name, slider with its two ends, number."""

    def __init__(self, document: Document, node: Node, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._node = node
        name = node.name
        self.setObjectName(f"input_row_{name}")
        self.label = Elided("", "text", fonts.SIZE, fonts.Weight.DemiBold)
        self.label.setFixedWidth(LEAST_NAME)
        self.slider = Slider(f"input_slider_{name}", f"{name}, slider")
        self.low = EndLabel(f"input_minimum_{name}", f"Minimum of {name}")
        self.high = EndLabel(f"input_maximum_{name}", f"Maximum of {name}")
        self.high.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.low.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.number = number_field(f"input_number_{name}", f"Value of {name}", self._commit)
        self.number.setFixedWidth(74)
        self.fault = Prose(token="error", size=12.0)
        self.fault.setObjectName(f"input_fault_{name}")
        self.fault.hide()
        line = QHBoxLayout()
        line.setSpacing(5)
        line.addWidget(self.label)
        line.addWidget(self.low)
        line.addWidget(self.slider, 1)
        line.addWidget(self.high)
        line.addWidget(self.number)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self.fault)
        self.slider.moved.connect(self._slide)
        self.slider.released.connect(document.end_merge)
        self.number.fault.connect(self._say)
        self.number.stepped.connect(self._step)
        self.low.edited.connect(lambda text: self._set_end("minimum", text))
        self.high.edited.connect(lambda text: self._set_end("maximum", text))

    def show_node(self, node: Node) -> None:
        """Show the node's value, name and ends."""
        self._node = node
        value = float(node.value or 0.0)
        low, high = ends(node)
        self.label.setText(name_pretty(node.name))
        self.slider.show_number(value, low, high)
        self.low.setText(number_pretty(low, 3))
        self.high.setText(number_pretty(high, 3))
        self.number.show_text(written(value))

    def _apply(self, changes: dict[str, Any], merge: str | None = None) -> bool:
        id_, name = self._node.id, self._node.name
        return self._document.apply(
            f"Set {name}", lambda graph: set_settings(graph, {id_: changes}), merge=merge
        )

    def _slide(self, value: float) -> None:
        self._apply({"value": value}, merge=f"slide {self._node.id}")

    def _step(self, by: int) -> None:
        self.slider.triggerAction(
            self.slider.SliderAction.SliderSingleStepAdd
            if by > 0
            else self.slider.SliderAction.SliderSingleStepSub
        )

    def _commit(self, value: float) -> None:
        self._document.end_merge()
        self._apply({"value": value})

    def _set_end(self, key: str, text: str) -> None:
        try:
            value = read_number(text)
        except VisualADError as error:
            self._say(error.message)
            return
        if not math.isfinite(value):
            self._say("An end of the slider must be a finite number, for example -5.")
            return
        low, high = ends(self._node)
        low, high = (value, high) if key == "minimum" else (low, value)
        if not low < high:
            self._say("The slider's minimum must be less than its maximum.")
            return
        self._say("")
        self._apply({key: value})

    def _say(self, sentence: str) -> None:
        self.fault.setText(sentence)
        self.fault.setVisible(bool(sentence))


class EndLabel(Text):
    """An end of a slider; a double click turns it into a field.

    Signals:
        edited: the text that was typed.
    """

    edited = Signal(str)

    def __init__(self, name: str, label: str, parent: QWidget | None = None) -> None:
        super().__init__("", "text_muted", 10.5, parent=parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setToolTip(f"{label}: double-click to change it")
        self.setFixedWidth(26)
        self.field: Field | None = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.edit()

    def edit(self) -> None:
        """Open the field over the label."""
        if self.field is not None:
            return
        parent = self.parentWidget()
        assert parent is not None
        field = Field(f"{self.objectName()}_field", self.accessibleName(), str, self.edited.emit)
        field.setParent(parent)
        field.setFont(fonts.text(11.0))
        field.setText(self.text())
        field.selectAll()
        left = min(max(self.x() - 18, 0), parent.width() - 62)
        field.setGeometry(left, self.y() + self.height() // 2 - 13, 62, 26)
        field.editingFinished.connect(self._close)
        field.show()
        field.setFocus()
        self.field = field

    def _close(self) -> None:
        field, self.field = self.field, None
        if field is not None:
            field.commit()
            field.hide()
            field.deleteLater()


class ArrayRow(QWidget):
    """Name and shape of a variable that holds an array, and a button that opens it."""

    def __init__(self, document: Document, node: Node, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._node = node
        self.setObjectName(f"input_row_{node.name}")
        self.label = Elided("", "text", fonts.SIZE, fonts.Weight.DemiBold)
        self.label.setFixedWidth(LEAST_NAME)
        self.button = QPushButton()
        self.button.setObjectName(f"input_array_{node.name}")
        self.button.setAccessibleName(f"Edit the array {node.name}")
        self.button.clicked.connect(self.open)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.label)
        line.addWidget(self.button, 1)

    def show_node(self, node: Node) -> None:
        """Show the node's name and shape."""
        self._node = node
        self.label.setText(name_pretty(node.name))
        self.button.setText(f"{shape_text(node.value)} array…")

    def open(self) -> None:
        """Edit the numbers in a dialog; one undoable step."""
        edit_array(self._document, self._node, self)


def edit_array(document: Document, node: Node, parent: QWidget) -> None:
    """Edit the array of a leaf in a dialog; one undoable step."""
    dialog = ArrayDialog(node.name, np.asarray(node.value), parent)
    dialog.accepted_array.connect(
        lambda array: document.apply(f"Set {node.name}", _setting(node.id, array))
    )
    dialog.open()


def _setting(id_: str, array: np.ndarray) -> Any:
    def edit(graph: Graph) -> Graph:
        return set_settings(graph, {id_: {"value": array}})

    return edit
