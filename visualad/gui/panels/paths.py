"""The paths that make an entry of the Jacobian, each with the product of its partials."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from visualad.autodiff.paths import Path, PathSum
from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.panels.parts import MARGIN, Prose, heading
from visualad.gui.questions import Kernel, Question, same_structure
from visualad.gui.session import Session
from visualad.kernel.messages import Failed, FindPaths, PathsFound, Reply
from visualad.ops.writing import name_pretty, number_pretty

ASK = "Click an entry: its paths through the graph appear here, and their products add up to it."
Index = QModelIndex | QPersistentModelIndex


class PathsView(QWidget):
    """The paths of one entry; the one under the mouse is lit on the canvas, else all of them."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("paths_view")
        self.setAccessibleName("Paths of an entry of the Jacobian")
        self._document, self._session = document, session
        self._question = Question(cast(Kernel, session), self._take)
        self._entry: tuple[str, str] | None = None
        self.found: PathSum | None = None
        self.title = heading("")
        self.words = Prose(ASK, "text_muted", 12.0)
        self.model = PathsModel(self)
        self.list = QListView()
        self.list.setObjectName("paths_list")
        self.list.setAccessibleName("Paths")
        self.list.setModel(self.model)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.entered.connect(self._light)
        self.list.selectionModel().currentChanged.connect(self._light)
        self.list.viewport().installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 4, MARGIN, 8)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addWidget(self.list, 1)
        self.title.hide()
        self.list.hide()
        document.graph_changed.connect(self._follow)

    def show_entry(self, output: str, name: str) -> None:
        """Find the paths from an input to an output, by their names."""
        self._entry = (output, name)
        self._question.ask(
            self._document.graph, lambda graph: FindPaths(graph, output=output, input=name)
        )

    def forget(self) -> None:
        """Show no entry."""
        self._entry, self.found = None, None
        self.model.show(())
        self.title.hide()
        self.list.hide()
        self.words.setText(ASK)

    def _follow(self) -> None:
        graph = self._document.graph
        if self._entry is None or not self.isVisible():
            return
        if all(name in graph for name in self._entry):
            self.show_entry(*self._entry)
        else:
            self.forget()

    def _take(self, graph: Graph, reply: Reply) -> None:
        if not same_structure(graph, self._document.graph) or self._entry is None:
            return
        if isinstance(reply, Failed):
            self.forget()
            self.words.setText(reply.message)
        elif isinstance(reply, PathsFound):
            self.found = reply.found
            self._show(reply.found)

    def _show(self, found: PathSum) -> None:
        output, name = name_pretty(found.output), name_pretty(found.input)
        self.title.setText(f"∂{output}/∂{name} as a sum over paths")
        self.title.show()
        self.words.setText(summary(found))
        self.list.setVisible(bool(found.paths))
        self.model.show(found.paths)
        self._light_all()

    def _light(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        if index.isValid() and self.found is not None:
            path = self.found.paths[index.row()]
            graph = self._document.graph
            nodes = [graph.id_of(name) for name in path.nodes if name in graph]
            self._session.highlight(nodes, path.edges)

    def _light_all(self) -> None:
        if self.found is not None:
            self._session.highlight(edges={e for path in self.found.paths for e in path.edges})

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._light_all()
        return super().eventFilter(watched, event)


class PathsModel(QAbstractListModel):
    """A row for each path."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.paths: tuple[Path, ...] = ()

    def show(self, paths: tuple[Path, ...]) -> None:
        """Show other paths."""
        self.beginResetModel()
        self.paths = paths
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.paths)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        path = self.paths[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return written(path)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{written(path)}\nexactly {path.product!r}"
        return None


def written(path: Path) -> str:
    """`x₁ → x₄ → x₆:  2 · 7.389 = 14.78`."""
    route = " → ".join(name_pretty(name) for name in path.nodes)
    factors = " · ".join(_factor(partial) for partial in path.partials)
    if len(path.partials) < 2:
        return f"{route}:  {number_pretty(path.product)}"
    return f"{route}:  {factors} = {number_pretty(path.product)}"


def _factor(number: float) -> str:
    text = number_pretty(number)
    return f"({text})" if text.startswith("−") else text


def summary(found: PathSum) -> str:
    """How many paths there are and what they add up to."""
    output, name = name_pretty(found.output), name_pretty(found.input)
    if found.output == found.input:
        return "1, because it is the derivative of a node with respect to itself."
    if found.count == 0:
        return f"0 because no path leads from {name} to {output}."
    if not found.is_complete:
        return f"{found.count:,} paths; the first {len(found.paths)} of them are listed."
    plural = "s" if found.count > 1 else ""
    return f"{found.count} path{plural}, in all {number_pretty(found.total)}."
