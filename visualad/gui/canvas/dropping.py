"""Dropping node types from the palette onto the canvas or into an edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainterPath

from visualad.graph.folding import EdgeKey
from visualad.gui.canvas import hits
from visualad.gui.canvas.editing import NODE_MIME, snapped
from visualad.gui.canvas.geometry import CORNER, HEIGHT, WIDTH
from visualad.ops.declaration import REGISTRY

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

_GRIP = QPointF(WIDTH / 2, 16)  # where the card hangs at the mouse


class Dropping:
    """Shows where the node would be and what would happen to an edge below it."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._edge: EdgeKey | None = None

    def enter(self, event: QDragEnterEvent) -> None:
        """A drag comes in; files are the window's."""
        if _operation(event):
            event.acceptProposedAction()
        else:
            event.ignore()

    def move(self, event: QDragMoveEvent) -> None:
        """The drag is here now."""
        op = _operation(event)
        if not op:
            event.ignore()
            return
        event.acceptProposedAction()
        at = self._view.scene_point(event.position())
        self._mark(self._edge_for(op, at))
        path = QPainterPath()
        x, y = snapped(at - _GRIP)
        path.addRoundedRect(x, y, WIDTH, HEIGHT, CORNER, CORNER)
        self._view.overlay.show_shapes(line=path, dashed=True)
        words = f"insert {REGISTRY[op].label} here" if self._edge else ""
        self._view.bubble.say(words, event.position().toPoint(), token="accent")

    def leave(self) -> None:
        """The drag has gone elsewhere."""
        self._mark(None)
        self._view.overlay.clear()
        self._view.bubble.hide()

    def drop(self, event: QDropEvent) -> None:
        """Make the node."""
        op = _operation(event)
        if not op:
            event.ignore()
            return
        at = self._view.scene_point(event.position())
        edge = self._edge_for(op, at)
        self.leave()
        place = snapped(at - _GRIP)
        if edge is not None:
            self._view.editing.insert(op, place, edge)
        else:
            self._view.editing.add(op, place)
        event.acceptProposedAction()
        self._view.setFocus()

    def _edge_for(self, op: str, at: QPointF) -> EdgeKey | None:
        middle = at - _GRIP + QPointF(WIDTH / 2, HEIGHT / 2)
        for point in (at, middle):
            edge = hits.edge_at(self._view.scene_, point, 20.0 / self._view.zoom)
            if edge is not None and self._view.editing.can_insert(op, edge):
                return edge
        return None

    def _mark(self, edge: EdgeKey | None) -> None:
        if edge == self._edge:
            return
        for key, on in ((self._edge, False), (edge, True)):
            if key is not None and key in self._view.scene_.edges:
                self._view.scene_.edges[key].set_look(insertion=on)
        self._edge = edge


def _operation(event: QDropEvent) -> str:
    """The node type that is dragged, or ""."""
    mime = event.mimeData()
    if not mime.hasFormat(NODE_MIME):
        return ""
    name = bytes(mime.data(NODE_MIME).data()).decode("utf-8", errors="replace")
    return name if name in REGISTRY else ""
