"""The Hessian of an output: second derivatives over the inputs, by forward over backward mode."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.matrix_panel import MatrixPanel
from visualad.gui.panels.matrix_table import Entries, hessian_entries
from visualad.gui.panels.parts import MARGIN, Prose
from visualad.gui.panels.path_pairs import PathPairsView
from visualad.gui.session import Session
from visualad.kernel.messages import ComputeHessian, HessianFound, Reply, Request
from visualad.ops.writing import name_pretty, number_pretty

ROOMY = 190_000  # px × px of the panel
ROUNDING = 1e-9  # relative; differences above this are more than rounding


class HessianPanel(MatrixPanel):
    """Shows ∂²f/∂xᵢ∂xⱼ of one scalar output, whether it is symmetric, and its sparsity."""

    subject = "Hessian"
    empty_words = "The Hessian appears here:\nthe second derivatives of an output by two inputs."

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        self._entry: tuple[int, int] | None = None
        super().__init__(document, session, parent)
        self._output = ""
        self.choice = Choice("hessian_output", "Output", (), self._choose)
        self.top.insertWidget(1, self.choice)
        self.words = Prose("", "text_muted", 12.0)
        self.words.setObjectName("hessian_words")
        self.pairs = PathPairsView(document, session)
        beside = QWidget()
        column = QVBoxLayout(beside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pairs, 1)
        column.addWidget(self.words)
        self.words.setContentsMargins(MARGIN, 0, MARGIN, 8)
        self.words.hide()
        self.split.addWidget(beside)
        self.split.setSizes([450, 450])

    def refresh(self) -> None:
        if self.isVisible() and self._document.graph is not self._asked:
            outputs = self._document.graph.outputs
            if self._output not in outputs:
                self._output = outputs[0] if outputs else ""
            self.choice.setVisible(len(outputs) > 1)
            self.choice.set_items([(name_pretty(name), name) for name in outputs])
            self.choice.show_data(self._output)
        super().refresh()

    def request(self, graph: Graph) -> Request:
        return ComputeHessian(graph, output=self._output)

    def sides(self, graph: Graph) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return graph.independents, graph.independents

    def entries(self, graph: Graph, reply: Reply) -> Entries | None:
        if not isinstance(reply, HessianFound):
            return None
        found = hessian_entries(graph, reply, self._session.values)
        # Values of another shape may be on their way.
        return found if len(found.rows) == found.matrix.shape[0] else None

    def describe(self, entries: Entries, reply: Reply) -> tuple[str, str]:
        assert isinstance(reply, HessianFound)
        if self._entry is not None and max(self._entry) < len(entries.matrix):
            self.show_entry(entries, *self._entry)  # at the new point, of another output
        note = f"{method_words(reply)}; {symmetry_words(entries)}; {entries.filled}"
        return f"Hessian of {name_pretty(reply.output)}", note

    def show_entry(self, entries: Entries, row: int, column: int) -> None:
        self._entry = row, column
        self.words.setText(entry_words(entries, row, column))
        self._share_room()
        nodes = entries.row_nodes[row], entries.column_nodes[column]
        self.pairs.show_entry(entries.second, *nodes)

    def _share_room(self) -> None:
        """In a small panel the terms take the place of the words, which are told in a tip then."""
        small = self.height() * self.width() < ROOMY
        self.words.setVisible(self._entry is not None and not small)
        self.pairs.title.setToolTip(self.words.text() if small else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def say(self, words: str) -> None:
        super().say(words)
        self._entry = None
        self.words.hide()
        self.pairs.forget()

    def _choose(self, output: str) -> None:
        self._output = output
        self.ask_again()


def method_words(found: HessianFound) -> str:
    """How it was computed."""
    count = len(found.array)
    if found.exact:
        return f"forward over backward, {count} direction{'s' if count != 1 else ''}"
    return "differences of the gradient, since an operation has no second derivative"


def entry_words(entries: Entries, row: int, column: int) -> str:
    """How forward over backward mode comes to an entry, and to the one across the diagonal."""
    name, number = entries.name(row, column), number_pretty(entries.matrix[row, column])
    output, first, second = name_pretty(entries.second), entries.rows[row], entries.columns[column]
    if not entries.pattern[row, column]:
        return f"{name} is 0 whatever the point: ∂{output}/∂{first} does not depend on {second}."
    words = (
        f"Forward over backward mode: {name} = {number} is the tangent of the adjoint "
        f"∂{output}/∂{first} along {second}"
    )
    if row == column:
        return f"{words}."
    across = number_pretty(entries.matrix[column, row])
    return f"{words}; the other way round, ∂{output}/∂{second} along {first}, it is {across}."


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
