"""A panel that shows one matrix of derivatives: heading, note, legend, table, or why there is none.

The Jacobian and the Hessian differ in what they ask for, in what the note says and in what a click
on an entry leads to.
"""

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
    Entries,
    Legend,
    MatrixTable,
)
from visualad.gui.panels.parts import Prose, empty_state, heading
from visualad.gui.questions import Kernel, Question, same_structure
from visualad.gui.session import Session
from visualad.kernel.messages import Failed, Reply, Request


class MatrixPanel(QWidget):
    """The matrix of the graph as it is, as long as somebody can see it.

    Attributes:
        subject: "Jacobian" or "Hessian"; object names begin with it.
        empty_words: what is shown for a graph without one; instead: what shows large graphs.
    """

    subject = ""
    empty_words = ""
    instead = ""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = self.subject.lower()
        self.setObjectName(f"{name}_panel")
        self.setAccessibleName(self.subject)
        self._document, self._session = document, session
        # The session can ask and forget, which is all that a question needs.
        self._question = Question(cast(Kernel, session), self._take)
        self._asked: Graph | None = None
        self.table = MatrixTable(f"{name}_table", self.subject)
        self.model = self.table.matrix
        self.table.clicked.connect(self._click)
        self.title = heading(self.subject)
        self.note = Prose("", "text_muted", 12.0)
        self.note.setObjectName(f"{name}_note")
        self.legend = Legend()
        self.dots = QCheckBox("pattern")
        self.dots.setObjectName(f"{name}_pattern")
        self.dots.setToolTip("Show only where entries can be other than 0")
        self.dots.toggled.connect(self.table.show_dots)
        self.top = QHBoxLayout()
        self.top.setContentsMargins(12, 8, 12, 0)
        self.top.setSpacing(14)
        self.top.addWidget(self.title)
        self.top.addStretch(1)
        self.top.addWidget(self.dots)
        self.top.addWidget(self.legend)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.table)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self.top)
        below = QHBoxLayout()
        below.setContentsMargins(12, 0, 12, 4)
        below.addWidget(self.note)
        column.addLayout(below)
        column.addWidget(self.split, 1)
        self.empty = empty_state(self.empty_words, f"{name}_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(shown)
        self._stack.addWidget(self.empty)
        self._stack.setCurrentIndex(1)
        document.graph_changed.connect(self.refresh)
        session.mask_changed.connect(self.ask_again)

    # What the two differ in -------------------------------------------------------------------

    def request(self, graph: Graph) -> Request:
        """What to ask for."""
        raise NotImplementedError

    def sides(self, graph: Graph) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the nodes of the rows and of the columns."""
        raise NotImplementedError

    def entries(self, graph: Graph, reply: Reply) -> Entries | None:
        """The matrix in an answer; None for an answer that does not fit the graph any more."""
        raise NotImplementedError

    def describe(self, entries: Entries, reply: Reply) -> tuple[str, str]:
        """Heading and note."""
        raise NotImplementedError

    def show_entry(self, entries: Entries, row: int, column: int) -> None:
        """An entry was clicked."""

    # Asking and showing -----------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask for the matrix of the graph as it is, when somebody can see it."""
        graph = self._document.graph
        if not self.isVisible() or graph is self._asked:
            return
        self._asked = graph
        shown = self.model.graph
        if shown is not None and not same_structure(shown, graph):
            self.say(self.empty_words)
        if self._session.mask:
            self.say(f"The {self.subject} is hidden\nwhile an exercise is being answered.")
        elif not graph.outputs or not graph.independents:
            self.say(self.empty_words)
        elif len(graph) > MOST_NODES or self._size(graph) > MOST_ENTRIES:
            words = f"The {self.subject} of this graph is too large to be shown as a matrix."
            self.say(f"{words}\n{self.instead}".strip())
        else:
            self._question.ask(graph, self.request)

    def ask_again(self) -> None:
        """Ask although the graph is the same."""
        self._asked = None
        self.refresh()

    def say(self, words: str) -> None:
        """Show words in the place of the matrix."""
        self.empty.setText(words)
        self._stack.setCurrentIndex(1)

    def _size(self, graph: Graph) -> int:
        """How many entries there will be."""
        values = self._session.values
        rows, columns = (
            sum(int(np.size(values.get(graph.id_of(name), 0.0))) for name in names)
            for names in self.sides(graph)
        )
        return rows * columns

    def _take(self, graph: Graph, reply: Reply) -> None:
        if not same_structure(graph, self._document.graph) or self._session.mask:
            return
        if isinstance(reply, Failed):
            self.say(reply.message)
            return
        entries = self.entries(graph, reply)
        if entries is None:
            return
        if entries.matrix.size == 0:
            self.say(self.empty_words)
            return
        self.model.show(graph, entries)
        title, note = self.describe(entries, reply)
        self.title.setText(title)
        self.note.setText(note)
        self.legend.show_scale(entries.scale)
        self._stack.setCurrentIndex(0)

    def _click(self, index: QModelIndex) -> None:
        entries, graph = self.model.entries, self._document.graph
        if entries is None:
            return
        names = entries.row_nodes[index.row()], entries.column_nodes[index.column()]
        self._session.select(graph.id_of(name) for name in names if name in graph)
        self.show_entry(entries, index.row(), index.column())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._question.drop()
        self._asked = None
