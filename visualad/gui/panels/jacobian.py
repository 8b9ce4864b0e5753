"""The Jacobian of the graph: outputs by inputs, and the paths that make an entry."""

from __future__ import annotations

from typing import cast

import numpy as np
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.panels.matrix_table import (
    MOST_ENTRIES,
    MOST_NODES,
    Legend,
    MatrixTable,
    jacobian_entries,
)
from visualad.gui.panels.parts import Elided, empty_state, heading
from visualad.gui.panels.paths import PathsView
from visualad.gui.questions import Kernel, Question, same_structure
from visualad.gui.session import Session
from visualad.kernel.messages import Failed, Reply, RunSweep, Swept

EMPTY = "The Jacobian appears here:\na row for each output, a column for each input."
EXERCISE = "The Jacobian is hidden\nwhile an exercise is being answered."


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
        self.table = MatrixTable("jacobian_table", "Jacobian")
        self.model = self.table.matrix
        self.table.clicked.connect(self._light)
        self.paths = PathsView(document, session)
        self.title = heading("")
        self.note = Elided("", "text_muted", 12.0)
        self.note.setObjectName("jacobian_note")
        self.legend = Legend()
        self.dots = QCheckBox("pattern")
        self.dots.setObjectName("jacobian_pattern")
        self.dots.setToolTip("Show only where entries can be other than 0")
        self.dots.toggled.connect(self.table.show_dots)
        top = QHBoxLayout()
        top.setContentsMargins(12, 8, 12, 4)
        top.setSpacing(14)
        top.addWidget(self.title)
        top.addWidget(self.note, 1)
        top.addWidget(self.dots)
        top.addWidget(self.legend)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.paths)
        split.setSizes([450, 450])
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(split, 1)
        self.empty = empty_state(EMPTY, "jacobian_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(shown)
        self._stack.addWidget(self.empty)
        self._stack.setCurrentIndex(1)
        document.graph_changed.connect(self.refresh)
        session.mask_changed.connect(self._mask_changed)

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
        if not same_structure(graph, self._document.graph) or self._session.mask:
            return
        if isinstance(reply, Failed):
            self._say(reply.message)
        elif isinstance(reply, Swept):
            values = {
                graph.id_of(name): value
                for name, value in reply.sweep.values.items()
                if name in graph
            }
            entries = jacobian_entries(graph, reply.sweep.jacobian, values)
            if entries.matrix.size == 0:
                self._say(EMPTY)
                return
            self.model.show(graph, entries)
            rows, columns = entries.matrix.shape
            self.title.setText("Jacobian ∂(outputs)/∂(inputs)")
            cost = reply.sweep.cost
            self.note.setText(
                f"{rows} × {columns}, {cost.multiplications} multiplications and "
                f"{cost.additions} additions in cross mode, backward order; {entries.filled}"
            )
            self.legend.show_scale(entries.scale)
            self._stack.setCurrentIndex(0)

    def _say(self, words: str) -> None:
        self.empty.setText(words)
        self._stack.setCurrentIndex(1)
        self.paths.forget()

    def _light(self, index: QModelIndex) -> None:
        entries, graph = self.model.entries, self._document.graph
        if entries is None:
            return
        output, name = entries.row_nodes[index.row()], entries.column_nodes[index.column()]
        self._session.select(graph.id_of(n) for n in (output, name) if n in graph)
        self.paths.show_entry(output, name)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._question.drop()
        self._asked = None
