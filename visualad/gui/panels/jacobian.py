"""The Jacobian of the graph: outputs by inputs, each entry a number on a heat colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

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
from PySide6.QtGui import (
    QBrush,
    QColor,
    QHideEvent,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from visualad.graph.model import Graph
from visualad.gui import fonts, theme
from visualad.gui.document import Document
from visualad.gui.panels.parts import Elided, empty_state, heading
from visualad.gui.questions import Kernel, Question, same_structure
from visualad.gui.session import Session
from visualad.kernel.messages import Failed, Reply, RunSweep, Swept
from visualad.ops.writing import name_pretty, number_text

EMPTY = "The Jacobian appears here:\na row for each output, a column for each input."
EXERCISE = "The Jacobian is hidden\nwhile an exercise is being answered."
MOST_ENTRIES = 10_000
MOST_NODES = 2_000
Role = Qt.ItemDataRole
HEAT = Role.UserRole
Index = QModelIndex | QPersistentModelIndex


class Entries:
    """The Jacobian as one matrix with names for its rows and columns.

    Attributes:
        matrix: (rows, columns); rows, columns: names such as `f`, `x₁`, `W₁[0, 2]`.
        row_nodes, column_nodes: node names.
        scale: the largest magnitude, where the colours end.
    """

    def __init__(self, graph: Graph, blocks: Mapping[tuple[str, str], Any], values: Any) -> None:
        outputs = list(dict.fromkeys(output for output, _ in blocks))
        inputs = [name for name in graph.independents if any((o, name) in blocks for o in outputs)]
        shape_of = {n: np.shape(values.get(graph.id_of(n), 0.0)) for n in (*outputs, *inputs)}
        self.row_nodes, self.rows = _spread(outputs, shape_of)
        self.column_nodes, self.columns = _spread(inputs, shape_of)
        self.matrix = np.zeros((len(self.rows), len(self.columns)))
        top = 0
        for output in outputs:
            height = int(np.prod(shape_of[output], dtype=int))
            left = 0
            for name in inputs:
                width = int(np.prod(shape_of[name], dtype=int))
                block = np.asarray(blocks.get((output, name), 0.0), dtype=float)
                place = self.matrix[top : top + height, left : left + width]
                place[...] = block if block.ndim == 0 else block.reshape(height, width)
                left += width
            top += height
        finite = np.abs(self.matrix[np.isfinite(self.matrix)])
        self.scale = float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def _spread(names: list[str], shapes: Mapping[str, tuple[int, ...]]) -> tuple[list[str], list[str]]:
    nodes, labels = [], []
    for name in names:
        for index in np.ndindex(shapes[name]):
            nodes.append(name)
            place = f"[{', '.join(str(i) for i in index)}]" if index else ""
            labels.append(name_pretty(name) + place)
    return nodes, labels


class JacobianPanel(QWidget):
    """Shows ∂(outputs)/∂(inputs and parameters), accumulated by cross mode."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jacobian_panel")
        self.setAccessibleName("Jacobian")
        self._document = document
        self._session = session
        # The session can ask and forget, which is all that a question needs.
        self._question = Question(cast(Kernel, session), self._take)
        self._asked: Graph | None = None
        self.model = JacobianModel(self)
        self.table = QTableView()
        self.table.setObjectName("jacobian_table")
        self.table.setAccessibleName("Jacobian")
        self.table.setModel(self.model)
        self.table.setItemDelegate(_Delegate(self.table))
        self.table.setShowGrid(False)
        self.table.setCornerButtonEnabled(False)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setDefaultSectionSize(92)
        self.table.verticalHeader().setDefaultSectionSize(30)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table.clicked.connect(self._light)
        self.title = heading("")
        self.note = Elided("", "text_muted", 12.0)
        self.note.setObjectName("jacobian_note")
        self.legend = Legend()
        top = QHBoxLayout()
        top.setContentsMargins(12, 8, 12, 4)
        top.setSpacing(14)
        top.addWidget(self.title)
        top.addWidget(self.note, 1)
        top.addWidget(self.legend)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        self.empty = empty_state(EMPTY, "jacobian_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(shown)
        self._stack.addWidget(self.empty)
        self._stack.setCurrentIndex(1)
        document.graph_changed.connect(self.refresh)
        session.mask_changed.connect(self._mask_changed)
        theme.theme_changed.connect(self.table.viewport().update)

    def refresh(self) -> None:
        """Ask for the Jacobian of the graph as it is, when somebody can see it."""
        graph = self._document.graph
        if not self.isVisible() or graph is self._asked:
            return
        self._asked = graph
        shown = self.model.graph
        if shown is not None and not same_structure(shown, graph):
            self._say(EMPTY)
        if self._session.mask:
            self._say(EXERCISE)
        elif not graph.outputs or not graph.independents:
            self._say(EMPTY)
        elif len(graph) > MOST_NODES or self._entries(graph) > MOST_ENTRIES:
            self._say(
                "The Jacobian of this graph is too large to be shown as a matrix.\n"
                "Backward mode gives the gradient of one output."
            )
        else:
            self._question.ask(graph, lambda asked: RunSweep(asked, mode="cross"))

    def _mask_changed(self) -> None:
        self._asked = None
        self.refresh()

    def _entries(self, graph: Graph) -> int:
        def count(names: tuple[str, ...]) -> int:
            values = self._session.values
            return sum(int(np.size(values.get(graph.id_of(name), 0.0))) for name in names)

        return count(graph.outputs) * count(graph.independents)

    def _take(self, graph: Graph, reply: Reply) -> None:
        if not same_structure(graph, self._document.graph):
            return
        if isinstance(reply, Failed):
            self._say(reply.message)
        elif isinstance(reply, Swept):
            values = {
                graph.id_of(name): value
                for name, value in reply.sweep.values.items()
                if name in graph
            }
            entries = Entries(graph, reply.sweep.jacobian, values)
            if entries.matrix.size == 0:
                self._say(EMPTY)
                return
            self.model.show(graph, entries)
            rows, columns = entries.matrix.shape
            self.title.setText("Jacobian ∂(outputs)/∂(inputs)")
            cost = reply.sweep.cost
            self.note.setText(
                f"{rows} × {columns}, {cost.multiplications} multiplications and "
                f"{cost.additions} additions in cross mode, backward order"
            )
            self.legend.show_scale(entries.scale)
            self._stack.setCurrentIndex(0)

    def _say(self, words: str) -> None:
        self.empty.setText(words)
        self._stack.setCurrentIndex(1)

    def _light(self, index: QModelIndex) -> None:
        entries, graph = self.model.entries, self._document.graph
        if entries is None:
            return
        names = (entries.row_nodes[index.row()], entries.column_nodes[index.column()])
        self._session.select(graph.id_of(name) for name in names if name in graph)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._question.drop()
        self._asked = None


class JacobianModel(QAbstractTableModel):
    """The matrix as Qt asks for it."""

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
        across = orientation == Qt.Orientation.Horizontal
        names = self.entries.columns if across else self.entries.rows
        return f"∂/∂{names[section]}" if across else f" {names[section]} "

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if self.entries is None or not index.isValid():
            return None
        number = float(self.entries.matrix[index.row(), index.column()])
        if role == Role.DisplayRole:
            return number_text(number)
        if role == Role.ToolTipRole:
            row, column = self.entries.rows[index.row()], self.entries.columns[index.column()]
            return f"∂{row}/∂{column} = {number!r}"
        if role == HEAT:
            return number / self.entries.scale
        return None


class _Delegate(QStyledItemDelegate):
    """A cell: its heat colour behind its number."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        shown = theme.current()
        share = index.data(HEAT)
        area = rect.adjusted(1, 1, -1, -1)
        if np.isfinite(share):
            colour = heat_colour(share)
            painter.fillRect(area, colour)
        else:
            colour = QColor(shown.surface)
            painter.fillRect(area, QBrush(QColor(shown.error), Qt.BrushStyle.BDiagPattern))
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QColor(shown.text))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.setPen(ink_on(colour))
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
        self.low, self.high = number_text(-scale, 3).replace("-", "−"), number_text(scale, 3)
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
