"""Typing on the cards: names, and the values of leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt

from visualad.errors import VisualADError
from visualad.gui.canvas import hits
from visualad.gui.canvas.field import CardField
from visualad.gui.canvas.geometry import PADDING, TITLE, TITLE_SIZE, VALUE_SIZE
from visualad.gui.entry import read_number, read_value, written

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView


class CardEditing:
    """One field that goes from card to card."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._field = CardField(view)
        self._node = ""
        self._part = ""

    def edit_name(self, node_id: str) -> None:
        """Open the field over the name of a node."""
        node = self._view.document.graph.nodes_by_id[node_id]
        self._open(node_id, "name", node.name, f"Name of {node.name}")

    def edit_value(self, node_id: str) -> None:
        """Open the field over the value of a leaf; arrays are edited in the inspector."""
        node = self._view.document.graph.nodes_by_id[node_id]
        item = self._view.node_item(node_id)
        if not item.face.editable:
            return
        value = node.settings.get("value", 0.0)
        if np.size(value) > 1:
            self._view.session.select([node_id])
            self._view.status_changed.emit("The inspector edits arrays.")
            return
        number = np.ravel(value)[0] if np.size(value) == 1 else value
        self._open(node_id, "value", written(number), f"Value of {node.name}")

    def _open(self, node_id: str, part: str, text: str, name: str) -> None:
        self._view.session.select([node_id])
        self._node, self._part = node_id, part
        # The text on the card gives way to the field.
        self._view.node_item(node_id).set_look(edited=part)
        zoom = self._view.zoom
        size = (TITLE_SIZE if part == "name" else VALUE_SIZE) * min(max(zoom, 0.85), 1.6)
        accept = self._accept_name if part == "name" else self._accept_value
        self._field.setAlignment(
            Qt.AlignmentFlag.AlignLeft if part == "name" else Qt.AlignmentFlag.AlignRight
        )
        area = self._view.rect_on_screen(self._area())
        self._field.open(text, area, accept, self._closed, name=name, size=round(size))

    def _area(self) -> QRectF:
        item = self._view.scene_.nodes[self._node]
        if self._part == "name":
            area = QRectF(PADDING - 6, 4, item.geometry.size[0] - 2 * PADDING + 12, TITLE - 8)
        else:
            area = hits.value_rect(item).adjusted(0, 1, 5, -1)
            area.setLeft(min(area.left(), area.right() - 84))
        return area.translated(item.pos())

    def place(self) -> None:
        """The view has moved: the field goes along."""
        if not self._field.isHidden() and self._node in self._view.scene_.nodes:
            self._field.setGeometry(self._view.rect_on_screen(self._area()))

    def follow(self) -> None:
        """The graph has changed: the node may be gone."""
        if self._node and self._node not in self._view.scene_.nodes:
            self._field.hide()
            self._node = ""
        else:
            self.place()

    def _closed(self) -> None:
        if self._node in self._view.scene_.nodes:
            self._view.scene_.nodes[self._node].set_look(edited="")
        self._node = ""

    def _accept_name(self, text: str) -> bool:
        return self._view.editing.rename(self._node, text)

    def _accept_value(self, text: str) -> bool:
        before = self._view.document.graph.nodes_by_id[self._node].settings.get("value", 0.0)
        try:
            value = read_value(text) if np.ndim(before) else read_number(text)
        except VisualADError as error:
            self._view.document.refused.emit(error.message)
            return False
        if np.ndim(before) and np.ndim(value) == 0:
            value = np.full(np.shape(before), value)  # a bias of one number stays an array
        return self._view.editing.set_value(self._node, value)
