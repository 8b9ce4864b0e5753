"""The mouse on the canvas: which gesture it makes, and what it points at between gestures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent

from visualad.gui.canvas import gestures, menus
from visualad.gui.canvas.gestures import Gesture, Press
from visualad.gui.canvas.gestures.backdrops import resize_cursor
from visualad.gui.canvas.gestures.eliminate_edge import EdgeMoveHint, edge_move_at
from visualad.gui.canvas.hits import Hit
from visualad.gui.elimination_game import elimination_game

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

_RIM = 28  # px from the border within which a drag pulls the canvas along
_RIM_STEP = 14
_RIM_MS = 30


class Pointer:
    """Hands mouse events to the gesture that is going on.

    Attributes:
        gesture: it, or None.
        at: where the mouse was seen last, in the scene.
    """

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self.gesture: Gesture | None = None
        self.at: QPointF | None = None
        self._hovered = Hit()
        self._edge_move = EdgeMoveHint(view)
        self._rim = QTimer(view)
        self._rim.setInterval(_RIM_MS)
        self._rim.timeout.connect(self._pull_at_rim)

    # Gestures ---------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> None:
        """A button is down: a gesture begins."""
        view = self._view
        view.stop_gliding()
        view.search.close_box()
        event.accept()
        if self.gesture is not None:  # a second button: the first gesture is off
            self.cancel()
            return
        screen = event.position().toPoint()
        press = Press(
            at=view.scene_point(event.position()),
            screen=screen,
            button=event.button(),
            modifiers=event.modifiers(),
            hit=view.hit_at(screen),
            space=view.keyboard.space_held,
        )
        self.gesture = gestures.begin(view, press)
        if self.gesture is not None:
            view.keyboard.space_used()
            if self.gesture.cursor != Qt.CursorShape.ArrowCursor:
                view.viewport().setCursor(self.gesture.cursor)

    def move(self, event: QMouseEvent) -> None:
        """The mouse is here now."""
        screen = event.position().toPoint()
        self.at = self._view.scene_point(event.position())
        if self.gesture is None:
            self.point(self.at, screen)
            return
        self.gesture.mouse_moved(self.at, screen, event.modifiers())
        pulls = self.gesture.dragged and self.gesture.scrolls
        if pulls and self._direction(screen) != QPoint(0, 0):
            self._rim.start()
        else:
            self._rim.stop()

    def release(self, event: QMouseEvent) -> None:
        """A button is up: the gesture ends."""
        gesture, view = self.gesture, self._view
        if gesture is None or event.button() != gesture.press.button:
            return
        self.gesture = None
        self._rim.stop()
        screen = event.position().toPoint()
        gesture.mouse_released(view.scene_point(event.position()), screen)
        self.hover(view.hit_at(screen), force=True)
        self.point(view.scene_point(event.position()), screen)

    def double_click(self, event: QMouseEvent) -> None:
        """On a question: answer it; on nothing: find a node to add; on a name or value: edit it."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        view, screen = self._view, event.position().toPoint()
        if view.questions.open_at(view.scene_point(event.position())):
            return
        found = view.hit_at(screen)
        if found.is_empty:
            view.open_palette_at(view.viewport().mapTo(view, screen))
        elif found.group:
            if found.part != "toggle":
                view.grouping.toggle([found.group])
        elif found.backdrop is not None:
            view.edit_text(*found.backdrop)
        elif found.part == "name":
            view.rename(found.node)
        elif found.part == "value":
            view.edit_value(found.node)

    def cancel(self) -> None:
        """Leave everything as it was before the gesture that is going on."""
        gesture, self.gesture = self.gesture, None
        self._rim.stop()
        if gesture is not None:
            gesture.cancel()
            self._view.viewport().unsetCursor()

    def follow_graph(self) -> None:
        """The graph is another one: what a gesture holds may be gone."""
        if self.gesture is not None and not self.gesture.changes_graph:
            self.cancel()
        found, scene = self._hovered, self._view.scene_
        if (
            (found.node and scene.item_of(found.node) is None)
            or (found.edge is not None and found.edge not in scene.edges)
            or (found.group and scene.groups.item(found.group) is None)
        ):
            self._hovered = Hit()

    def _direction(self, screen: QPoint) -> QPoint:
        """Where to pull the canvas when the mouse is at its border."""
        area = self._view.viewport().rect().adjusted(_RIM, _RIM, -_RIM, -_RIM)
        across = (screen.x() > area.right()) - (screen.x() < area.left())
        down = (screen.y() > area.bottom()) - (screen.y() < area.top())
        return QPoint(across, down)

    def _pull_at_rim(self) -> None:
        """While a drag is at the border, the canvas comes along."""
        view = self._view
        screen = view.viewport().mapFromGlobal(view.cursor().pos())
        direction = self._direction(screen)
        if self.gesture is None or direction == QPoint(0, 0):
            self._rim.stop()
            return
        view.scroll_by(direction * _RIM_STEP)
        at = view.mapToScene(screen)
        self.gesture.mouse_moved(at, screen, Qt.KeyboardModifier.NoModifier)

    # Pointing ---------------------------------------------------------------------------------

    def point(self, at: QPointF, screen: QPoint) -> None:
        """The mouse is here, between gestures."""
        move = edge_move_at(self._view, at)
        if move is None:
            self._edge_move.follow(None, screen)
        self.hover(self._view.hit_at(screen) if move is None else Hit())
        if move is not None:
            self._edge_move.follow(move, screen)

    def leave(self) -> None:
        """The mouse has left the canvas."""
        if self._edge_move.move is not None:
            self._edge_move.clear()
        self.hover(Hit())

    def hover(self, found: Hit, *, force: bool = False) -> None:
        """The mouse is over this."""
        if found == self._hovered and not force:
            return
        view, scene = self._view, self._view.scene_
        before, self._hovered = self._hovered, found
        for hit, hovered in ((before, False), (found, True)):
            item = scene.groups.item(hit.group) if hit.group else scene.item_of(hit.node)
            if item is not None:
                item.set_look(hovered=hovered)
        if before.edge != found.edge:
            if before.edge in scene.edges:
                scene.edges[before.edge].set_look(hovered=False)
            # The factors and rows that come from this edge light up with it.
            view.session.highlight(edges=[found.edge] if found.edge is not None else [])
        if found.edge is not None:
            scene.edges[found.edge].set_look(hovered=True)
        viewport = view.viewport()
        viewport.setToolTip(menus.tool_tip(view, found))
        if found.port is not None or found.end:
            viewport.setCursor(Qt.CursorShape.CrossCursor)
        elif found.sides:
            viewport.setCursor(resize_cursor(found.sides))
        elif found.part == "toggle":
            viewport.setCursor(Qt.CursorShape.PointingHandCursor)
        elif found.part == "value":
            viewport.setCursor(Qt.CursorShape.SizeHorCursor)
        elif view.keyboard.space_held:
            viewport.setCursor(Qt.CursorShape.OpenHandCursor)
        elif found.node and elimination_game(view.session).offers(found.node):
            viewport.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            viewport.unsetCursor()
