"""The questions of an exercise on the canvas: where they stand, and how one is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from visualad.gui import fonts
from visualad.gui.answering import Answering
from visualad.gui.canvas import hits
from visualad.gui.canvas.geometry import LABEL_SIZE
from visualad.lessons.exercise import FILL_IN, ON_NODES, Blank

if TYPE_CHECKING:
    from visualad.graph.folding import EdgeKey
    from visualad.gui.canvas.view import CanvasView

_LEAST = 84.0  # px of the scene for an answer on a card


class Questions:
    """Finds the question at a point or of the selection; a place to answer for `Answering`."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._answering: Answering | None = None

    def answer_with(self, answering: Answering) -> None:
        """Begin answers with this."""
        self._answering = answering

    # What is begun ----------------------------------------------------------------------------

    def open_at(self, at: QPointF) -> bool:
        """Begin to answer the question at a point of the scene; False when there is none."""
        found = self._at(at)
        return bool(found) and self._answering is not None and self._answering.begin(found, self)

    def claims(self, event: QKeyEvent) -> bool:
        """Whether a key begins the answer to what is selected."""
        ids = self._selected()
        return (
            bool(ids) and self._answering is not None and bool(self._answering.begins(event, ids))
        )

    def press(self, event: QKeyEvent) -> bool:
        """Begin the answer to what is selected, if this key does."""
        ids = self._selected()
        return bool(ids) and self._answering is not None and self._answering.press(event, ids, self)

    def place(self) -> None:
        """The view has moved."""
        if self._answering is not None:
            self._answering.place()

    def _at(self, at: QPointF) -> str:
        scene, mask = self._view.scene_, self._view.session.mask
        if not mask.stamps:
            return ""
        item = hits.node_at(scene, at)
        if item is not None and not item.look.ghost:
            for row, rect in zip(item.face.rows, item.geometry.rows, strict=True):
                stamp = mask.stamp(row.kind, item.node_id)
                if stamp is not None and stamp.is_open and rect.contains(at - item.pos()):
                    return stamp.blank
            return ""
        for label in scene.labels.items():
            if label.isVisible() and label.sceneBoundingRect().contains(at):
                return self._on_edge(label.key)
        edge = hits.edge_at(scene, at, 7.0 / self._view.zoom)
        return self._on_edge(edge) if edge is not None else ""

    def _on_edge(self, key: EdgeKey) -> str:
        stamps = self._view.scene_.labels.questions(key).values()
        return next((stamp.blank for stamp in stamps if stamp.is_open), "")

    def _selected(self) -> list[str]:
        """Ids of the open questions about what is selected."""
        session = self._view.session
        if not session.mask.stamps:
            return []
        nodes, edges = session.selected_nodes, session.selected_edges
        if len(nodes) + len(edges) != 1:
            return []
        found = [stamp for node in nodes for stamp in session.mask.of_node(node) if stamp]
        found += [s for e in edges for s in self._view.scene_.labels.questions(e).values()]
        return [stamp.blank for stamp in found if stamp.is_open]

    # Where it stands --------------------------------------------------------------------------

    def question_area(self, blank: Blank) -> QRect | None:
        """Where an answer belongs, on the screen."""
        view = self._view
        if not view.isVisible() or view.scene_.is_far:
            return None
        area = self._area(blank)
        if area is None:
            return None
        shown = view.rect_on_screen(area)
        return QRect(view.mapToGlobal(shown.topLeft()), shown.size())

    def _area(self, blank: Blank) -> QRectF | None:
        scene = self._view.scene_
        if blank.kind in ON_NODES:
            item = scene.nodes.get(blank.node)
            rows = () if item is None else zip(item.face.rows, item.geometry.rows, strict=True)
            for row, rect in rows:
                if row.kind == blank.kind and item is not None:
                    name = fonts.width(row.label, LABEL_SIZE) + 8
                    left = min(rect.left() + name, rect.right() - _LEAST)
                    area = QRectF(QPointF(left, rect.top() + 1), rect.bottomRight())
                    return area.translated(item.pos())
            return None
        for label in scene.labels.items():
            stamps = scene.labels.questions(label.key).values()
            if any(stamp.blank == blank.id for stamp in stamps):
                return label.sceneBoundingRect()
        return None

    def show_question(self, blank: Blank) -> None:
        """Bring its place into sight."""
        view = self._view
        view.grouping.uncover(blank.node)
        if blank.kind == FILL_IN:
            self._go_to_elimination(blank)
        area = self._area(blank)
        if area is not None and not view.visible_rect().contains(area):
            view.ensureVisible(area, 60, 60)
            view.view_moved()

    def _go_to_elimination(self, blank: Blank) -> None:
        """A fill-in is there from the elimination on that makes it."""
        session = self._view.session
        if session.sweep is None or session.mode != "cross":
            return
        index = next((step.index for step in session.sweep if step.node == blank.node), -1)
        if session.step_index < index or (session.step_index == index and session.progress < 1):
            session.pause()
            session.go_to(index)

    def window(self) -> QWidget:
        """The window of the canvas."""
        return self._view.window()

    def setFocus(self) -> None:
        """Back to the canvas."""
        self._view.setFocus()
