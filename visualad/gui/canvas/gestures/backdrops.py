"""Moving and resizing frames and notes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt

from visualad.graph.folding import EdgeKey
from visualad.gui.canvas.editing import snapped
from visualad.gui.canvas.gestures.base import Gesture, Press

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

_LEAST = (60.0, 40.0)  # width and height that a note or frame keeps


def select_backdrop(view: CanvasView, press: Press) -> None:
    """A click selects a note or frame; with Shift or Ctrl besides what is selected."""
    chosen = press.hit.backdrop
    session = view.session
    assert chosen is not None
    if press.adds:
        backdrops = session.selected_backdrops ^ {chosen}
        session.select(session.selected_nodes, session.selected_edges, backdrops)
    else:
        session.select((), (), [chosen])


class ResizeBackdrop(Gesture):
    """A side or corner of a note or frame follows the mouse, on the grid."""

    def __init__(self, view: CanvasView, press: Press) -> None:
        super().__init__(view, press)
        scene, hit = view.scene_, press.hit
        self._item = scene.notes[hit.note] if hit.note else scene.frames[hit.frame]
        self._content = self._item.content
        self.cursor = resize_cursor(hit.sides)

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        return press.is_left and bool(press.hit.sides)

    def click(self) -> None:
        select_backdrop(self.view, self.press)

    def drag(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        x, y = snapped(at)
        left, top, width, height = self._content.rectangle
        right, bottom = left + width, top + height
        sides = self.press.hit.sides
        if "left" in sides:
            left = min(x, right - _LEAST[0])
        if "right" in sides:
            right = max(x, left + _LEAST[0])
        if "top" in sides:
            top = min(y, bottom - _LEAST[1])
        if "bottom" in sides:
            bottom = max(y, top + _LEAST[1])
        rectangle = (left, top, right - left, bottom - top)
        self._item.show_content(replace(self._content, rectangle=rectangle))

    def finish(self, at: QPointF, screen: QPoint) -> None:
        select_backdrop(self.view, self.press)
        key = self.press.hit.backdrop
        assert key is not None
        self.view.editing.resize(key, self._item.content.rectangle)

    def cancel(self) -> None:
        self._item.show_content(self._content)
        self.end()

    def end(self) -> None:
        self.view.viewport().unsetCursor()
        super().end()


def resize_cursor(sides: frozenset[str]) -> Qt.CursorShape:
    """The shape of the mouse at these sides."""
    if sides in ({"left", "top"}, {"right", "bottom"}):
        return Qt.CursorShape.SizeFDiagCursor
    if len(sides) == 2:
        return Qt.CursorShape.SizeBDiagCursor
    across = "left" in sides or "right" in sides
    return Qt.CursorShape.SizeHorCursor if across else Qt.CursorShape.SizeVerCursor


class MoveBackdrop(Gesture):
    """A note, or a frame with the nodes, notes and frames that lie in it; Alt moves it alone."""

    def __init__(self, view: CanvasView, press: Press) -> None:
        super().__init__(view, press)
        scene = view.scene_
        self._offset = QPointF()
        self._nodes: dict[str, QPointF] = {}
        self._cards: dict[str, QPointF] = {}
        self._others: dict[str, QPointF] = {}
        self._edges: set[EdgeKey] = set()
        if press.hit.note:
            self._others[press.hit.note] = scene.notes[press.hit.note].pos()
            return
        area = scene.frames[press.hit.frame].area()
        places = view.document.graph.nodes_by_id
        for id_ in scene.nodes_in(area):
            body = scene.body_of(id_)
            if not body.isNull() and area.contains(body.center()):
                self._nodes[id_] = QPointF(*places[id_].position)
        for id_, card in scene.groups.cards.items():
            if area.contains(card.body().center()):
                self._cards[id_] = card.pos()
        for id_, backdrop in (*scene.frames.items(), *scene.notes.items()):
            if area.contains(backdrop.area()):
                self._others[id_] = backdrop.pos()
        members = scene.groups.members
        moving = {*self._nodes, *(m for id_ in self._cards for m in members(id_))}
        self._edges = {k for k in scene.edges if k[0] in moving or k[1] in moving}

    def start(self) -> None:
        self.view.scene_.hold(self._edges)

    def end(self) -> None:
        self.view.scene_.release()
        super().end()

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        return press.is_left and bool(press.hit.frame or press.hit.note)

    def click(self) -> None:
        select_backdrop(self.view, self.press)

    def drag(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        self._place(QPointF(*snapped(at - self.press.at)))

    def _place(self, offset: QPointF) -> None:
        scene = self.view.scene_
        self._offset = offset
        for id_, start in self._nodes.items():
            if id_ in scene.nodes:
                scene.nodes[id_].setPos(start + offset)
        scene.crowd.shift(self._nodes, offset)
        for id_, start in self._cards.items():
            scene.groups.cards[id_].setPos(start + offset)
        for id_, start in self._others.items():
            (scene.frames.get(id_) or scene.notes[id_]).setPos(start + offset)
        scene.reroute(self._edges, quick=True)

    def finish(self, at: QPointF, screen: QPoint) -> None:
        scene = self.view.scene_
        places = {id_: (at + self._offset).toTuple() for id_, at in self._nodes.items()}
        backdrops = {
            id_: (scene.frames.get(id_) or scene.notes[id_]).pos().toTuple() for id_ in self._others
        }
        cards = {id_: scene.groups.cards[id_].pos().toTuple() for id_ in self._cards}
        self.view.editing.move(places, groups=cards, backdrops=backdrops)

    def cancel(self) -> None:
        graph, scene = self.view.document.graph, self.view.scene_
        for id_ in self._nodes:
            if id_ in scene.nodes:
                scene.nodes[id_].setPos(*graph.nodes_by_id[id_].position)
        scene.crowd.shift(self._nodes, QPointF())
        for id_ in self._cards:
            if id_ in scene.groups.cards:
                scene.groups.cards[id_].setPos(*graph.groups[id_].position)
        for frame in scene.frames.values():
            frame.setPos(*frame.content.rectangle[:2])
        for note in scene.notes.values():
            note.setPos(*note.content.rectangle[:2])
        if self.dragged:
            scene.reroute()
        self.end()
