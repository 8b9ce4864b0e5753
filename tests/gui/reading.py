"""Everything that can be read in a window: painted texts, models, tool tips, descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from visualad.gui.canvas import menus
from visualad.gui.canvas.hits import Hit, Port
from visualad.gui.canvas.view import CanvasView
from visualad.gui.panels.extended_jacobian import MatrixView
from visualad.gui.panels.math_view import MathView
from visualad.gui.panels.matrices_view import MatricesView

_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
)
_NUMBER = re.compile(r"\d+\.?\d*(?:e[-−]?\d+)?")


def texts(window: QWidget) -> Iterator[tuple[str, str]]:
    """(where, text) of all that a user could read or hear, also on tabs that are behind others."""
    yield "title", window.windowTitle()
    for widget in window.findChildren(QWidget):
        where = f"{type(widget).__name__} {widget.objectName()}"
        for text in (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()):
            yield where, text
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
            yield where, widget.text()
        elif isinstance(widget, QPlainTextEdit | QTextEdit):
            yield where, widget.toPlainText()
        elif isinstance(widget, CanvasView):
            for text in canvas_texts(widget):
                yield where, text
        elif isinstance(widget, MathView):
            for text in widget.texts():
                yield where, text
        elif isinstance(widget, MatricesView):
            for block in widget.blocks:
                yield where, f"{block.title} {block.cells.tolist()}"
        elif isinstance(widget, MatrixView):
            for pair in widget.matrix.entries:
                yield where, widget._words(pair)
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            for text in model_texts(widget.model()):
                yield where, text


def canvas_texts(view: CanvasView) -> Iterator[str]:
    """What cards, edges and their tool tips say."""
    scene = view.scene_
    for item in scene.nodes.values():
        yield item.face.title
        yield item.face.description
        for row in item.face.rows:
            yield f"{row.label} {row.text} {row.range}"
        for port in ("out", *item.face.ports):
            yield menus.tool_tip(view, Hit(node=item.node_id, port=Port(item.node_id, port)))
        yield menus.tool_tip(view, Hit(node=item.node_id))
    for card in scene.groups.cards.values():
        yield card.face.description
        for row in card.face.rows:
            yield f"{row.label} {row.text} {row.range}"
    for key in scene.edges:
        yield menus.tool_tip(view, Hit(edge=key))
    for label in scene.labels.items():
        yield " ".join(label.lines)


def model_texts(model: QAbstractItemModel, parent: QModelIndex | None = None) -> Iterator[str]:
    """All cells of a model in all roles that are words."""
    root = QModelIndex() if parent is None else parent
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(root)
    for column in range(columns):
        yield str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        for row in range(model.rowCount(root)):
            index = model.index(row, column, root)
            for role in _ROLES:
                yield str(model.data(index, role) or "")


def places_of(number: float, window: QWidget) -> list[tuple[str, str]]:
    """Where a number can be read, whatever its digits and sign."""
    return [
        (where, text)
        for where, text in texts(window)
        for found in _NUMBER.findall(text or "")
        if abs(float(found.replace("−", "-")) - abs(number)) <= 0.004 * abs(number)
    ]
