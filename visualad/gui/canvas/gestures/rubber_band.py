"""Selecting by drawing a rectangle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt

from visualad.gui.canvas.gestures.base import Gesture, Press

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView


class RubberBand(Gesture):
    """Selects the nodes that the rectangle touches; Shift or Ctrl keeps the others.

    On the map of a large graph a click selects the node that is nearest.
    """

    def __init__(self, view: CanvasView, press: Press) -> None:
        super().__init__(view, press)
        self._before = (view.session.selected_nodes, view.session.selected_edges)

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        return press.is_left and (not press.hit.node or view.is_map)

    def drag(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        band = QRectF(self.press.at, at).normalized()
        self.view.overlay.show_shapes(band=band)
        nodes = self.view.scene_.nodes_in(band)
        kept = self._before if self.press.adds else (frozenset(), frozenset())
        self.view.session.select(kept[0] | nodes, kept[1])

    def click(self) -> None:
        edge = self.press.hit.edge
        nodes, edges = self._before
        if self.press.hit.node:
            chosen = frozenset((self.press.hit.node,))
            self.view.session.select(nodes ^ chosen if self.press.adds else chosen)
        elif edge is not None:
            line = self.view.scene_.wiring.bundle(edge)
            self.view.session.select(
                nodes if self.press.adds else (), edges ^ line if self.press.adds else line
            )
        elif not self.press.adds:
            self.view.session.select()

    def cancel(self) -> None:
        self.view.session.select(*self._before)
        self.end()
