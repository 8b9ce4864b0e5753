"""The settings of the selected nodes as a form; what they have in common is edited for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QPushButton, QWidget

from visualad.errors import VisualADError
from visualad.graph.edits import set_settings
from visualad.graph.model import LEAVES, Graph, Node, same_value
from visualad.gui.document import Document
from visualad.gui.entry import read_number, read_setting, read_value, written
from visualad.gui.panels.array_dialog import shape_text
from visualad.gui.panels.fields import Choice, Faulty, Field
from visualad.gui.panels.inputs import edit_array
from visualad.gui.panels.parts import muted
from visualad.ops.declaration import Operation

DIFFERS = "differ"
_TITLES = {"inputs": "inputs", "keepdims": "keep dimensions"}
_CHOICES = {("data", "role"): ("inputs", "targets")}


def common_settings(nodes: Sequence[Node]) -> list[str]:
    """Names of the settings that all these nodes have, in the order of the first."""
    if not nodes or any(node.operation is None for node in nodes):
        return []
    each = [_settings_of(node) for node in nodes]
    return [key for key in each[0] if all(key in other for other in each[1:])]


def _settings_of(node: Node) -> dict[str, Any]:
    declared = node.operation
    assert declared is not None
    settings = dict(declared.settings)
    if declared.variadic:
        settings.setdefault("inputs", 2)
    return {key: node.settings.get(key, default) for key, default in settings.items()}


def choices(declared: Operation, key: str) -> tuple[Any, ...]:
    """The values among which a setting is chosen; () when it is free."""
    if (declared.name, key) in _CHOICES:
        return _CHOICES[declared.name, key]
    return declared.choices.get(key, ())


class SettingsForm(QWidget):
    """A row for each setting; Enter or leaving a field commits one undoable step."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings_form")
        self._document = document
        self._nodes: list[Node] = []
        self._key: tuple[object, ...] = ()
        self._widgets: dict[str, QWidget] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    def show_nodes(self, nodes: Sequence[Node]) -> None:
        """Show the settings that these nodes have in common."""
        self._nodes = list(nodes)
        keys = common_settings(nodes)
        arrays = tuple(np.ndim(_value(self._nodes, key)) > 0 for key in keys)
        key = (tuple((n.id, n.op) for n in nodes), tuple(keys), arrays)
        if key != self._key:
            self._key = key
            self._rebuild(keys)
        for name in keys:
            self._show(name)
        self.setVisible(bool(keys))

    def widget(self, key: str) -> QWidget:
        """The field, check box or choice of a setting."""
        return self._widgets[key]

    def _rebuild(self, keys: list[str]) -> None:
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._widgets = {}
        for row, key in enumerate(keys):
            label = muted(_TITLES.get(key, key.replace("_", " ")))
            widget = self._make(key)
            self._widgets[key] = widget
            label.setBuddy(widget)
            shown = Faulty(widget) if isinstance(widget, Field) else widget
            self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            label.setMinimumHeight(26)
            self._grid.addWidget(shown, row, 1)

    def _make(self, key: str) -> QWidget:
        first = self._nodes[0]
        declared = first.operation
        assert declared is not None
        name, label = f"setting_{key}", f"Setting {key}"
        offered = choices(declared, key)
        default = declared.settings.get(key)
        if offered:
            items = [(str(value), value) for value in offered]
            return Choice(name, label, items, lambda value: self._commit(key, value))
        if isinstance(default, bool):
            box = QCheckBox()
            box.setObjectName(name)
            box.setAccessibleName(label)
            box.clicked.connect(lambda checked: self._commit(key, checked))
            return box
        if len(self._nodes) == 1 and np.ndim(_value(self._nodes, key)) > 0 and key == "value":
            button = QPushButton()
            button.setObjectName(name)
            button.setAccessibleName(f"Edit the array {first.name}")
            button.clicked.connect(lambda: edit_array(self._document, self._nodes[0], self))
            return button
        read = read_value if key == "value" and first.op in LEAVES else _reader(default)
        field = Field(name, label, read, lambda value: self._commit(key, value))
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        return field

    def _show(self, key: str) -> None:
        widget = self._widgets[key]
        value = _value(self._nodes, key)
        differs = any(not same_value(_value([node], key), value) for node in self._nodes[1:])
        if isinstance(widget, Choice):
            widget.show_data(None if differs else value)
        elif isinstance(widget, QCheckBox):
            widget.setTristate(differs)
            state = Qt.CheckState.Checked if value else Qt.CheckState.Unchecked
            widget.setCheckState(Qt.CheckState.PartiallyChecked if differs else state)
        elif isinstance(widget, QPushButton):
            widget.setText(f"{shape_text(value)} array…")
        elif isinstance(widget, Field):
            widget.setPlaceholderText(DIFFERS if differs else "automatic" if value is None else "")
            empty = differs or value is None
            widget.show_text("" if empty else written(value))

    def _commit(self, key: str, value: Any) -> None:
        changes = {node.id: {key: value} for node in self._nodes}
        refused: list[str] = []
        self._document.refused.connect(refused.append)
        try:
            names = self._nodes[0].name if len(self._nodes) == 1 else f"{len(self._nodes)} nodes"

            def edit(graph: Graph) -> Graph:
                return set_settings(graph, changes)

            self._document.apply(f"Set {key} of {names}", edit)
        finally:
            self._document.refused.disconnect(refused.append)
        if refused:
            # The field says it beneath and keeps what was typed.
            raise VisualADError(refused[0])


def _value(nodes: Sequence[Node], key: str) -> Any:
    return _settings_of(nodes[0]).get(key)


def _reader(default: Any) -> Any:
    if isinstance(default, float):
        return read_number
    if isinstance(default, str):
        return str.strip
    return read_setting
