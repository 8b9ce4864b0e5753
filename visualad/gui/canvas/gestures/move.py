"""Moving nodes, frames and notes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, Qt

from visualad.errors import VisualADError
from visualad.graph import edits
from visualad.graph.model import Edge
from visualad.gui.canvas import hits
from visualad.gui.canvas.derivation import EdgeKey
from visualad.gui.canvas.editing import snapped
from visualad.gui.canvas.gestures.base import Gesture, Press
from visualad.gui.elimination_game import elimination_game

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

_ALIGN = 6.0  # px on the screen within which a card springs into line with another
_GUIDE_OVER = 14.0


class Move(Gesture):
    """The selected nodes follow the mouse, on the grid and in line with others.

    A node without edges that is dropped on an edge is put into it; Ctrl keeps it out. In the game
    of cross mode a click eliminates.
    """

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, view: CanvasView, press: Press) -> None:
        super().__init__(view, press)
        self._node = press.hit.node
        self._was_selected = self._node in view.session.selected_nodes
        self._before = (view.session.selected_nodes, view.session.selected_edges)
        if not self._was_selected:
            self._select_at_press()
        self._start: dict[str, QPointF] = {}
        self._edges: set[EdgeKey] = set()
        self._onto: EdgeKey | None = None
        self._game = elimination_game(view.session)

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        return press.is_left and bool(press.hit.node)

    def _select_at_press(self) -> None:
        nodes, edges = self._before
        if self.press.adds:
            self.view.session.select(nodes | {self._node}, edges)
        else:
            self.view.session.select({self._node})

    def click(self) -> None:
        if not self.press.adds and self._game.offers(self._node):
            self._game.eliminate(self.view.document.graph.nodes_by_id[self._node].name)
            return
        if not self._was_selected:
            return
        nodes, edges = self._before
        if self.press.adds:
            self.view.session.select(nodes - {self._node}, edges)
        else:
            self.view.session.select({self._node})

    def start(self) -> None:
        self._begin(self.view.session.selected_nodes)

    def _begin(self, ids: Iterable[str]) -> None:
        scene = self.view.scene_
        self._start = {id_: scene.nodes[id_].pos() for id_ in ids if id_ in scene.nodes}
        self._edges = {k for k in scene.edges if k[0] in self._start or k[1] in self._start}

    def drag(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        scene = self.view.scene_
        offset, guides = self._aligned(at - self.press.at)
        for id_, start in self._start.items():
            scene.nodes[id_].setPos(start + offset)
        scene.reroute(self._edges, quick=True)
        keep_out = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self._look_for_edge(keep_out=keep_out)
        self.view.overlay.show_shapes(guides=guides)
        name = self.view.document.graph.nodes_by_id[self._node].name if self._onto else ""
        words = f"insert {name} here" if self._onto else ""
        self.view.bubble.say(words, screen, token="accent")

    def _aligned(self, offset: QPointF) -> tuple[QPointF, list[QLineF]]:
        """The offset that puts the card under the mouse on the grid, or in line with another."""
        start = self._start[self._node]
        free = start + offset
        place = QPointF(*snapped(free))
        scene = self.view.scene_
        body = scene.nodes[self._node].geometry.body.translated(free)
        output = scene.nodes[self._node].geometry.output
        near = _ALIGN / self.view.zoom
        visible = self.view.visible_rect()
        guides: list[QLineF] = []
        best_x, best_y = near, near
        x_line: QRectF | None = None
        y_line: tuple[float, QRectF] | None = None
        for id_, item in scene.nodes.items():
            if id_ in self._start or not visible.intersects(item.body()):
                continue
            other = item.body()
            if abs(other.left() - body.left()) < best_x:
                best_x, x_line = abs(other.left() - body.left()), other
            line = item.port("out").y()
            if abs(line - (free.y() + output.y())) < best_y:
                best_y, y_line = abs(line - (free.y() + output.y())), (line, other)
        if x_line is not None:
            place.setX(x_line.left())
        if y_line is not None:
            place.setY(y_line[0] - output.y())
        here = scene.nodes[self._node].geometry.body.translated(place)
        if x_line is not None:
            span = x_line.united(here)
            top, bottom = span.top() - _GUIDE_OVER, span.bottom() + _GUIDE_OVER
            guides.append(QLineF(x_line.left(), top, x_line.left(), bottom))
        if y_line is not None:
            span = y_line[1].united(here)
            left, right = span.left() - _GUIDE_OVER, span.right() + _GUIDE_OVER
            guides.append(QLineF(left, y_line[0], right, y_line[0]))
        return place - start, guides

    def _look_for_edge(self, *, keep_out: bool) -> None:
        """Whether the card lies on an edge that it could be put into."""
        found = None
        graph = self.view.document.graph
        alone = len(self._start) == 1 and not self._edges
        if alone and not keep_out and graph.nodes_by_id[self._node].ports:
            middle = self.view.scene_.nodes[self._node].body().center()
            found = hits.edge_at(self.view.scene_, middle, 22.0)
        if found is not None:
            try:
                edits.insert_on_edge(graph, Edge(*found), self._node)
            except VisualADError:
                found = None
        if found != self._onto:
            self._mark(self._onto, on=False)
            self._mark(found, on=True)
            self._onto = found

    def _mark(self, edge: EdgeKey | None, *, on: bool) -> None:
        if edge is not None and edge in self.view.scene_.edges:
            self.view.scene_.edges[edge].set_look(insertion=on)

    def finish(self, at: QPointF, screen: QPoint) -> None:
        scene = self.view.scene_
        places = {id_: scene.nodes[id_].pos().toTuple() for id_ in self._start}
        onto = self._onto
        moved = any(QPointF(*place) != self._start[id_] for id_, place in places.items())
        if not moved or not self.view.editing.move(places, onto=onto):
            self._put_back()

    def cancel(self) -> None:
        self._put_back()
        self.view.session.select(*self._before)
        self.end()

    def _put_back(self) -> None:
        graph = self.view.document.graph
        for id_ in self._start:
            if id_ in graph.nodes_by_id:
                self.view.scene_.nodes[id_].setPos(*graph.nodes_by_id[id_].position)
        self.view.scene_.reroute(self._edges)

    def end(self) -> None:
        self._mark(self._onto, on=False)
        self._onto = None
        super().end()


class MoveBackdrop(Gesture):
    """A note, or a frame with the nodes, notes and frames that lie in it; Alt moves it alone."""

    def __init__(self, view: CanvasView, press: Press) -> None:
        super().__init__(view, press)
        scene = view.scene_
        self._nodes: dict[str, QPointF] = {}
        self._others: dict[str, QPointF] = {}
        if press.hit.note:
            self._others[press.hit.note] = scene.notes[press.hit.note].pos()
            return
        area = scene.frames[press.hit.frame].sceneBoundingRect()
        for id_, item in scene.nodes.items():
            if area.contains(item.body().center()):
                self._nodes[id_] = item.pos()
        for id_, backdrop in (*scene.frames.items(), *scene.notes.items()):
            if area.contains(backdrop.sceneBoundingRect()):
                self._others[id_] = backdrop.pos()

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        return press.is_left and bool(press.hit.frame or press.hit.note)

    def click(self) -> None:
        self.view.session.select(self._nodes)

    def drag(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        self._place(QPointF(*snapped(at - self.press.at)))

    def _place(self, offset: QPointF) -> None:
        scene = self.view.scene_
        for id_, start in self._nodes.items():
            scene.nodes[id_].setPos(start + offset)
        for id_, start in self._others.items():
            (scene.frames.get(id_) or scene.notes[id_]).setPos(start + offset)
        edges = {k for k in scene.edges if k[0] in self._nodes or k[1] in self._nodes}
        scene.reroute(edges, quick=True)

    def finish(self, at: QPointF, screen: QPoint) -> None:
        scene = self.view.scene_
        places = {id_: scene.nodes[id_].pos().toTuple() for id_ in self._nodes}
        backdrops = {
            id_: (scene.frames.get(id_) or scene.notes[id_]).pos().toTuple() for id_ in self._others
        }
        self.view.editing.move(places, backdrops=backdrops)

    def cancel(self) -> None:
        graph, scene = self.view.document.graph, self.view.scene_
        for id_ in self._nodes:
            if id_ in scene.nodes:
                scene.nodes[id_].setPos(*graph.nodes_by_id[id_].position)
        for frame in scene.frames.values():
            frame.setPos(*frame.content.rectangle[:2])
        for note in scene.notes.values():
            note.setPos(*note.content.rectangle[:2])
        if self.dragged:
            scene.reroute()
        self.end()
