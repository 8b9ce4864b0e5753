"""The Hessian of an output: second derivatives over the inputs, by forward over backward mode."""

from __future__ import annotations

from typing import cast

import numpy as np
from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.matrix_table import (
    MOST_ENTRIES,
    MOST_NODES,
    Entries,
    Legend,
    MatrixTable,
    hessian_entries,
)
from visualad.gui.panels.parts import Elided, empty_state, heading
from visualad.gui.questions import Kernel, Question, same_structure
from visualad.gui.session import Session
from visualad.kernel.messages import ComputeHessian, Failed, HessianFound, Reply
from visualad.ops.writing import name_pretty, number_pretty

EMPTY = "The Hessian appears here:\nthe second derivatives of an output by two inputs."
EXERCISE = "The Hessian is hidden\nwhile an exercise is being answered."
ROUNDING = 1e-9  # relative; differences above this are more than rounding


class HessianPanel(QWidget):
    """Shows ∂²f/∂xᵢ∂xⱼ of one scalar output, whether it is symmetric, and its sparsity."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hessian_panel")
        self.setAccessibleName("Hessian")
        self._document, self._session = document, session
        self._question = Question(cast(Kernel, session), self._take)
        self._asked: Graph | None = None
        self._output = ""
        self.table = MatrixTable("hessian_table", "Hessian")
        self.table.clicked.connect(self._light)
        self.title = heading("Hessian")
        self.choice = Choice("hessian_output", "Output", (), self._choose)
        self.note = Elided("", "text_muted", 12.0)
        self.note.setObjectName("hessian_note")
        self.legend = Legend()
        self.dots = QCheckBox("pattern")
        self.dots.setObjectName("hessian_pattern")
        self.dots.setToolTip("Show only where entries can be other than 0")
        self.dots.toggled.connect(self.table.show_dots)
        top = QHBoxLayout()
        top.setContentsMargins(12, 8, 12, 4)
        top.setSpacing(14)
        top.addWidget(self.title)
        top.addWidget(self.choice)
        top.addWidget(self.note, 1)
        top.addWidget(self.dots)
        top.addWidget(self.legend)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        self.empty = empty_state(EMPTY, "hessian_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(shown)
        self._stack.addWidget(self.empty)
        self._stack.setCurrentIndex(1)
        document.graph_changed.connect(self.refresh)
        session.mask_changed.connect(self._ask_again)

    def refresh(self) -> None:
        """Ask for the Hessian of the graph as it is, when somebody can see it."""
        graph = self._document.graph
        if not self.isVisible() or graph is self._asked:
            return
        self._asked = graph
        outputs = graph.outputs
        if self._output not in outputs:
            self._output = outputs[0] if outputs else ""
        self.choice.setVisible(len(outputs) > 1)
        self.choice.set_items([(name_pretty(name), name) for name in outputs])
        self.choice.show_data(self._output)
        shown = self.table.matrix.graph
        if shown is not None and not same_structure(shown, graph):
            self._say(EMPTY)
        if self._session.mask:
            self._say(EXERCISE)
        elif not outputs or not graph.independents:
            self._say(EMPTY)
        elif len(graph) > MOST_NODES or self._entries(graph) > MOST_ENTRIES:
            self._say("The Hessian of this graph is too large to be shown as a matrix.")
        else:
            output = self._output
            self._question.ask(graph, lambda asked: ComputeHessian(asked, output=output))

    def _entries(self, graph: Graph) -> int:
        values = self._session.values
        sizes = [int(np.size(values.get(graph.id_of(name), 0.0))) for name in graph.independents]
        return sum(sizes) ** 2

    def _choose(self, output: str) -> None:
        self._output = output
        self._ask_again()

    def _ask_again(self) -> None:
        self._asked = None
        self.refresh()

    def _take(self, graph: Graph, reply: Reply) -> None:
        if not same_structure(graph, self._document.graph) or self._session.mask:
            return
        if isinstance(reply, Failed):
            self._say(reply.message)
        elif isinstance(reply, HessianFound):
            entries = hessian_entries(graph, reply, self._session.values)
            if len(entries.rows) != entries.matrix.shape[0]:
                return  # values of another shape are on their way
            self.table.matrix.show(graph, entries)
            self.title.setText(f"Hessian of {name_pretty(reply.output)}")
            self.note.setText(f"{method_words(reply)}; {symmetry_words(entries)}; {entries.filled}")
            self.legend.show_scale(entries.scale)
            self._stack.setCurrentIndex(0)

    def _say(self, words: str) -> None:
        self.empty.setText(words)
        self._stack.setCurrentIndex(1)

    def _light(self, index: QModelIndex) -> None:
        entries, graph = self.table.matrix.entries, self._document.graph
        if entries is not None:
            names = {entries.row_nodes[index.row()], entries.column_nodes[index.column()]}
            self._session.select(graph.id_of(name) for name in names if name in graph)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._question.drop()
        self._asked = None


def method_words(found: HessianFound) -> str:
    """How it was computed."""
    count = len(found.array)
    if found.exact:
        return f"forward over backward, {count} direction{'s' if count != 1 else ''}"
    return "differences of the gradient, since an operation has no second derivative"


def symmetry_words(entries: Entries) -> str:
    """Whether the matrix equals its transpose, to rounding."""
    matrix = entries.matrix
    if not np.all(np.isfinite(matrix)):
        return "not finite everywhere"
    off = float(np.abs(matrix - matrix.T).max()) / entries.scale if matrix.size else 0.0
    if off == 0.0:
        return "symmetric, to the last digit"
    if off <= ROUNDING:
        return f"symmetric to rounding ({number_pretty(off, 1)} relative)"
    return f"not symmetric: {number_pretty(off, 2)} relative"
