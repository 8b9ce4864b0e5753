"""The terms that make an entry of a matrix of derivatives; the one under the mouse is lit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.panels.parts import MARGIN, Prose, heading
from visualad.gui.questions import Kernel, Question, same_structure
from visualad.gui.session import Session
from visualad.kernel.messages import Failed, Reply, Request
from visualad.ops.writing import number_pretty

EdgeKey = tuple[str, str, str]
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Line:
    """One term. Attributes: text; tip; names of the nodes and keys of the edges that it lights."""

    text: str
    tip: str
    nodes: Sequence[str]
    edges: Sequence[EdgeKey]


@dataclass(frozen=True)
class Listing:
    """What is shown of an entry. Attributes: title; summary, in words; lines, one a term."""

    title: str
    summary: str
    lines: Sequence[Line]


class TermsView(QWidget):
    """The terms of one entry; the one under the mouse is lit on the canvas, else all of them.

    Attributes:
        subject: object names begin with it; spoken: the accessible name of the list.
        ask: what is said while no entry is shown.
    """

    subject = ""
    spoken = ""
    ask = ""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{self.subject}_view")
        self.setAccessibleName(self.spoken)
        self._document, self._session = document, session
        self._question = Question(cast(Kernel, session), self._take)
        self._entry: tuple[str, ...] | None = None
        self.found: Any = None
        self.title = heading("")
        self.title.setWordWrap(True)
        self.words = Prose(self.ask, "text_muted", 12.0)
        self.words.setObjectName(f"{self.subject}_words")
        self.model = LinesModel(self)
        self.list = QListView()
        self.list.setObjectName(f"{self.subject}_list")
        self.list.setAccessibleName(self.spoken)
        self.list.setModel(self.model)
        self.list.setMouseTracking(True)
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
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

    # What the kinds of terms differ in --------------------------------------------------------

    def request(self, graph: Graph, entry: tuple[str, ...]) -> Request:
        """What to ask for."""
        raise NotImplementedError

    def listing(self, found: Any) -> Listing:
        """What to show of an answer."""
        raise NotImplementedError

    # Asking and showing -----------------------------------------------------------------------

    def show_entry(self, *entry: str) -> None:
        """Find the terms of an entry by the names of its nodes."""
        self._entry = entry
        self._question.ask(self._document.graph, lambda graph: self.request(graph, entry))

    def forget(self, words: str = "") -> None:
        """Show no entry, but words."""
        self._darken()
        self._entry, self.found = None, None
        self._question.drop()
        self.model.show(())
        self.title.hide()
        self.list.hide()
        self.words.setText(words or self.ask)

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
            self.forget(reply.message)
            return
        self.found = reply.found  # type: ignore[attr-defined]
        listing = self.listing(self.found)
        self.title.setText(listing.title)
        self.title.show()
        self.words.setText(listing.summary)
        self.list.setVisible(bool(listing.lines))
        self.model.show(listing.lines)
        self._light_all()

    def _light(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        if index.isValid():
            line = self.model.lines[index.row()]
            graph = self._document.graph
            nodes = [graph.id_of(name) for name in line.nodes if name in graph]
            self._session.highlight(nodes, line.edges)

    def _light_all(self) -> None:
        if self.found is not None:
            self._session.highlight(edges={e for line in self.model.lines for e in line.edges})

    def _darken(self) -> None:
        """Leave nothing lit on the canvas that nobody can see the reason of."""
        if self.found is not None:
            self._session.highlight()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._darken()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._light_all()
        return super().eventFilter(watched, event)


class LinesModel(QAbstractListModel):
    """A row for each term."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: Sequence[Line] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Show other terms."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return line.tip
        return None


def factor_text(number: float) -> str:
    """A number as a factor of a product."""
    text = number_pretty(number)
    return f"({text})" if text.startswith("−") else text
