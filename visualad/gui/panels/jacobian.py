"""The Jacobian of the graph: outputs by inputs, and the paths that make an entry."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.panels.matrix_panel import MatrixPanel
from visualad.gui.panels.matrix_table import Entries, jacobian_entries
from visualad.gui.panels.paths import PathsView
from visualad.gui.session import Session
from visualad.kernel.messages import Reply, Request, RunSweep, Swept


class JacobianPanel(MatrixPanel):
    """Shows ∂(outputs)/∂(inputs and parameters), accumulated by cross mode."""

    subject = "Jacobian"
    empty_words = "The Jacobian appears here:\na row for each output, a column for each input."
    instead = "Backward mode gives the gradient of one output."

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(document, session, parent)
        self.paths = PathsView(document, session)
        self.split.addWidget(self.paths)
        self.split.setSizes([450, 450])

    def request(self, graph: Graph) -> Request:
        return RunSweep(graph, mode="cross")

    def sides(self, graph: Graph) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return graph.outputs, graph.independents

    def entries(self, graph: Graph, reply: Reply) -> Entries | None:
        if not isinstance(reply, Swept):
            return None
        values = {
            graph.id_of(name): value for name, value in reply.sweep.values.items() if name in graph
        }
        return jacobian_entries(graph, reply.sweep.jacobian, values)

    def describe(self, entries: Entries, reply: Reply) -> tuple[str, str]:
        assert isinstance(reply, Swept)
        rows, columns = entries.matrix.shape
        cost = reply.sweep.cost
        note = (
            f"{rows} × {columns}, {cost.multiplications} multiplications and {cost.additions} "
            f"additions in cross mode, backward order; {entries.filled}"
        )
        return "Jacobian ∂(outputs)/∂(inputs)", note

    def show_entry(self, entries: Entries, row: int, column: int) -> None:
        self.paths.show_entry(entries.row_nodes[row], entries.column_nodes[column])

    def say(self, words: str) -> None:
        super().say(words)
        self.paths.forget()
