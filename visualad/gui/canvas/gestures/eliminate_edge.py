"""Eliminating an edge in the game of cross mode: a click near its head or near its tail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt

from visualad.autodiff.moves import EdgeMove
from visualad.gui.canvas import hits
from visualad.gui.canvas.gestures.base import Gesture, Press
from visualad.gui.elimination_game import elimination_game
from visualad.gui.elimination_words import move_words

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

_REACH = 9.0  # px on the screen: how near the line counts as on it


class EliminateEdge(Gesture):
    """A click on an edge eliminates it: at its front near its head, at its back near its tail."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, view: CanvasView, press: Press) -> None:
        super().__init__(view, press)
        self._move = edge_move_at(view, press.at)

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        return press.is_left and not press.adds and edge_move_at(view, press.at) is not None

    def click(self) -> None:
        if self._move is not None:
            elimination_game(self.view.session).eliminate(self._move)


def edge_move_at(view: CanvasView, at: QPointF) -> EdgeMove | None:
    """The edge elimination that a click at this point of the scene makes, or None."""
    game = elimination_game(view.session)
    if not (game.is_on and game.edges):
        return None
    found = hits.linear_edge_at(view.scene_, at, _REACH / view.zoom)
    if found is None:
        return None
    return game.move_of(*found.pair, near_head=found.share >= 0.5)


class EdgeMoveHint:
    """Says beside the mouse what a click would multiply, and lights these edges up."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self.move: EdgeMove | None = None

    def follow(self, move: EdgeMove | None, screen: QPoint) -> None:
        """A click here would make this move."""
        before, self.move = self.move, move
        if self.move is None:
            if before is not None:
                self.clear()
            return
        view, game = self._view, elimination_game(self._view.session)
        joined = game.joined(self.move)
        costs = game.score.edges[self.move.source, self.move.target] if game.score else (0, 0)
        cost = costs[0 if self.move.front else 1] or 0
        view.bubble.say(move_words(self.move, joined, cost), screen, token="cross")
        view.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        if self.move != before:
            view.viewport().setToolTip("")
            id_of = view.document.graph.id_of
            pairs = [(self.move.source, self.move.target), *joined]
            view.session.highlight(edges=[(id_of(s), id_of(t), "") for s, t in pairs])

    def clear(self) -> None:
        """The mouse has left."""
        self.move = None
        self._view.bubble.hide()
        self._view.session.highlight()
        self._view.viewport().unsetCursor()
