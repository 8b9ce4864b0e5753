"""Matrices of derivatives: entries with names, and a table of them on heat colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    Qt,
)
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from visualad.graph.model import Graph
from visualad.gui import fonts, theme
from visualad.kernel.messages import HessianFound
from visualad.ops.writing import name_pretty, number_pretty

MOST_ENTRIES = 10_000
MOST_NODES = 2_000
ALWAYS_ZERO = "·"  # written for entries that are 0 whatever the point
Role = Qt.ItemDataRole
HEAT = Role.UserRole
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, eq=False)
class Entries:
    """A matrix with names for its rows and columns.

    Attributes:
        matrix: (rows, columns); rows, columns: names such as `f`, `x₁`, `W₁[0, 2]`.
        row_nodes, column_nodes: node names.
        pattern: (rows, columns), False for entries that are 0 whatever the point.
        second: the output whose second derivatives these are, or "" for a Jacobian.
    """

    matrix: np.ndarray
    rows: Sequence[str]
    columns: Sequence[str]
    row_nodes: Sequence[str]
    column_nodes: Sequence[str]
    pattern: np.ndarray
    second: str = ""

    @property
    def scale(self) -> float:
        """The largest magnitude, where the colours end."""
        finite = np.abs(self.matrix[np.isfinite(self.matrix)])
        return float(finite.max()) if finite.size and finite.max() > 0 else 1.0

    def name(self, row: int, column: int) -> str:
        """What an entry is: `∂f/∂x₁`, `∂²f/∂x₁∂x₂`."""
        if self.second:
            below = f"∂{self.rows[row]}∂{self.columns[column]}"
            return f"∂²{name_pretty(self.second)}/{below}"
        return f"∂{self.rows[row]}/∂{self.columns[column]}"

    @property
    def filled(self) -> str:
        """How many entries the pattern has, in words."""
        return f"{int(self.pattern.sum())} of {self.pattern.size} entries can be other than 0"


def jacobian_entries(
    graph: Graph, blocks: Mapping[tuple[str, str], Any], values: Mapping[str, Any]
) -> Entries:
    """The Jacobian as one matrix.

    Args:
        blocks: by (output name, input name); values: by node id, for their shapes.
    """
    outputs = list(dict.fromkeys(output for output, _ in blocks))
    inputs = [name for name in graph.independents if any((o, name) in blocks for o in outputs)]
    shape_of = {n: np.shape(values.get(graph.id_of(n), 0.0)) for n in (*outputs, *inputs)}
    row_nodes, rows = _spread(outputs, shape_of)
    column_nodes, columns = _spread(inputs, shape_of)
    matrix = np.zeros((len(rows), len(columns)))
    pattern = np.zeros(matrix.shape, dtype=bool)
    top = 0
    for output in outputs:
        height = int(np.prod(shape_of[output], dtype=int))
        known = _upstream(graph, graph.id_of(output))
        left = 0
        for name in inputs:
            width = int(np.prod(shape_of[name], dtype=int))
            block = np.asarray(blocks.get((output, name), 0.0), dtype=float)
            place = (slice(top, top + height), slice(left, left + width))
            matrix[place] = block if block.ndim == 0 else block.reshape(height, width)
            pattern[place] = graph.id_of(name) in known
            left += width
        top += height
    return Entries(matrix, rows, columns, row_nodes, column_nodes, pattern)


def hessian_entries(graph: Graph, found: HessianFound, values: Mapping[str, Any]) -> Entries:
    """The Hessian of one output as one matrix."""
    shape_of = {n: np.shape(values.get(graph.id_of(n), 0.0)) for n in found.names}
    nodes, labels = _spread(list(found.names), shape_of)
    matrix = np.asarray(found.array, dtype=float)
    return Entries(matrix, labels, labels, nodes, nodes, np.asarray(found.pattern), found.output)


def _upstream(graph: Graph, node: str) -> set[str]:
    """Ids of everything that a node depends on, and its own."""
    seen = {node}
    waiting = [node]
    while waiting:
        for edge in graph.edges_into(waiting.pop()):
            if edge.source not in seen:
                seen.add(edge.source)
                waiting.append(edge.source)
    return seen


def _spread(names: list[str], shapes: Mapping[str, tuple[int, ...]]) -> tuple[list[str], list[str]]:
    nodes, labels = [], []
    for name in names:
        for index in np.ndindex(shapes[name]):
            nodes.append(name)
            place = f"[{', '.join(str(i) for i in index)}]" if index else ""
            labels.append(name_pretty(name) + place)
    return nodes, labels


class MatrixModel(QAbstractTableModel):
    """A matrix as Qt asks for it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: Entries | None = None
        self.graph: Graph | None = None

    def show(self, graph: Graph, entries: Entries) -> None:
        """Show another matrix; one of the same size keeps selection and scroll position."""
        same = self.entries is not None and self.entries.matrix.shape == entries.matrix.shape
        if not same:
            self.beginResetModel()
        self.graph, self.entries = graph, entries
        if same:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, self.rowCount() - 1)
        else:
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() or self.entries is None else len(self.entries.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() or self.entries is None else len(self.entries.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if self.entries is None or role != Role.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return f"∂/∂{self.entries.columns[section]}"
        row = self.entries.rows[section]
        return f"∂/∂{row}" if self.entries.second else f" {row} "

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if self.entries is None or not index.isValid():
            return None
        entries, row, column = self.entries, index.row(), index.column()
        number = float(entries.matrix[row, column])
        never = not bool(entries.pattern[row, column])
        if role == Role.DisplayRole:
            return ALWAYS_ZERO if never else number_pretty(number)
        if role == Role.ToolTipRole:
            words = f"{entries.name(row, column)} = {number!r}"
            return words + (", because nothing depends on it here" if never else "")
        if role == HEAT:
            return None if never else number / entries.scale
        return None


class MatrixTable(QTableView):
    """A table of heat-coloured numbers, or of dots that show where they are."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.matrix = MatrixModel(self)
        self.setModel(self.matrix)
        self._delegate = _Delegate(self)
        self.setItemDelegate(self._delegate)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setMinimumSectionSize(6)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.show_dots(False)
        theme.theme_changed.connect(self.viewport().update)

    def show_dots(self, dots: bool) -> None:
        """Show the sparsity pattern alone, small, or the numbers."""
        self._delegate.dots = dots
        across, down = self.horizontalHeader(), self.verticalHeader()
        across.setVisible(not dots)
        down.setVisible(not dots)
        across.setDefaultSectionSize(12 if dots else 92)
        down.setDefaultSectionSize(12 if dots else 30)
        self.viewport().update()


class _Delegate(QStyledItemDelegate):
    """A cell: its heat colour behind its number, or a dot."""

    dots = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        shown = theme.current()
        share = index.data(HEAT)
        area = rect.adjusted(1, 1, -1, -1)
        if self.dots:
            painter.fillRect(area, shown.colour("surface" if share is None else "accent"))
            return
        if share is None:
            colour = shown.colour("surface")
            painter.fillRect(area, colour)
        elif np.isfinite(share):
            colour = heat_colour(share)
            painter.fillRect(area, colour)
        else:
            colour = shown.colour("surface")
            painter.fillRect(area, QBrush(shown.colour("error"), Qt.BrushStyle.BDiagPattern))
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QColor(shown.text))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.setPen(QColor(shown.text_muted) if share is None else ink_on(colour))
        painter.setFont(fonts.text())
        where = rect.adjusted(8, 0, -10, 0)
        text = painter.fontMetrics().elidedText(
            index.data(), Qt.TextElideMode.ElideRight, where.width()
        )
        painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


def heat_colour(share: float) -> QColor:
    """The colour for a number from -1 to 1 on the diverging map of the theme."""
    levels = theme.diverging(theme.current())
    place = round((min(max(share, -1.0), 1.0) + 1.0) / 2.0 * (len(levels) - 1))
    return QColor(*(int(part) for part in levels[place]))


def ink_on(colour: QColor) -> QColor:
    """Black or white, whichever is read more easily on a colour."""
    channels = [(colour.redF(), 0.2126), (colour.greenF(), 0.7152), (colour.blueF(), 0.0722)]
    light = sum(weight * channel**2.2 for channel, weight in channels)
    return QColor("#000000") if light > 0.18 else QColor("#ffffff")


class Legend(QWidget):
    """The scale of the heat colours with the numbers at its ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("heat_legend")
        self.setFixedHeight(18)
        self.setMinimumWidth(170)
        self.low, self.high = "−1", "1"
        theme.theme_changed.connect(self.update)

    def show_scale(self, scale: float) -> None:
        """The colours end at -scale and scale."""
        self.show_range(-scale, scale)

    def show_range(self, low: float, high: float) -> None:
        """The colours end at these; they are neutral in the middle."""
        self.low, self.high = number_pretty(low, 3), number_pretty(high, 3)
        self.setAccessibleDescription(f"Colours from {self.low} to {self.high}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(fonts.text(11.0))
        metrics = painter.fontMetrics()
        left = metrics.horizontalAdvance(self.low) + 6
        right = metrics.horizontalAdvance(self.high) + 6
        bar = QRectF(left, 4, max(self.width() - left - right, 10), self.height() - 8)
        colours = QLinearGradient(bar.topLeft(), bar.topRight())
        for place in (0.0, 0.5, 1.0):
            colours.setColorAt(place, heat_colour(2 * place - 1))
        painter.setPen(QColor(shown.border))
        painter.setBrush(colours)
        painter.drawRoundedRect(bar, 2, 2)
        painter.setPen(QColor(shown.text_muted))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignLeft, self.low)
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignRight, self.high)
        painter.end()
