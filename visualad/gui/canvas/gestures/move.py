"""Moving nodes, frames and notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPoint, QPointF, Qt

from visualad.errors import VisualADError
from visualad.graph import edits
from visualad.graph.folding import EdgeKey
from visualad.graph.model import Edge, Graph
from visualad.gui.canvas import hits
from visualad.gui.canvas.editing import snapped
from visualad.gui.canvas.gestures.aligning import Aligning
from visualad.gui.canvas.gestures.base import Gesture, Press
from visualad.gui.elimination_game import elimination_game

if TYPE_CHECKING:
    from visualad.gui.canvas.node_item import NodeItem
    from visualad.gui.canvas.view import CanvasView


class Move(Gesture):
    """What is selected follows the mouse, on the grid and in line with others.

    A node without edges that is dropped on an edge is put into it; Ctrl keeps it out. In the game
    of cross mode a click eliminates. A group is taken by its card, or by the title of its box;
    a click on its triangle opens or closes it.
    """

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, view: CanvasView, press: Press) -> None:
        super().__init__(view, press)
        scene = view.scene_
        self._node = press.hit.node
        self._group = press.hit.group
        self._pressed = (
            frozenset(scene.groups.members(self._group)) if self._group else {self._node}
        )
        # What is put in line: a card; a box is only put on the grid.
        self._item: NodeItem | None = scene.groups.cards.get(self._group) or scene.nodes.get(
            self._node
        )
        self._before = (view.session.selected_nodes, view.session.selected_edges)
        self._was_selected = self._before[0] >= self._pressed
        if not self._was_selected:
            self._select_at_press()
        self._start: dict[str, QPointF] = {}
        self._cards: dict[str, QPointF] = {}
        self._edges: set[EdgeKey] = set()
        self._aligning = Aligning(view, set())
        self._onto: EdgeKey | None = None
        self._may_go_between = False
        self._offset = QPointF()
        self._game = elimination_game(view.session)

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        on_card = bool(press.hit.node or press.hit.group)
        return press.is_left and on_card and not (press.hit.node and view.is_map)

    def _select_at_press(self) -> None:
        nodes, edges = self._before
        if self.press.adds:
            self.view.session.select(nodes | self._pressed, edges)
        else:
            self.view.session.select(self._pressed)

    def click(self) -> None:
        if self.press.hit.part == "toggle":
            self.view.grouping.toggle([self._group])
            return
        if not self.press.adds and self._node and self._game.offers(self._node):
            self._game.eliminate(self.view.document.graph.nodes_by_id[self._node].name)
            return
        if not self._was_selected:
            return
        nodes, edges = self._before
        if self.press.adds:
            self.view.session.select(nodes - self._pressed, edges)
        else:
            self.view.session.select(self._pressed)

    def start(self) -> None:
        scene = self.view.scene_
        selected = self.view.session.selected_nodes
        graph = self.view.document.graph
        places = graph.nodes_by_id
        seen = [id_ for id_ in selected if id_ not in scene.folding.card_of]
        self._start = {id_: QPointF(*places[id_].position) for id_ in seen}
        cards = scene.groups.cards
        self._cards = {id_: cards[id_].pos() for id_ in scene.groups.whole(selected)}
        moving = self._moving()
        self._edges = {k for k in scene.edges if k[0] in moving or k[1] in moving}
        scene.hold(self._edges)
        alone = not self._cards and self._start.keys() == {self._node}
        self._may_go_between = alone and _is_unconnected(graph, self._node)
        self._aligning = Aligning(self.view, {item for item, _ in self._items()})

    def _moving(self) -> set[str]:
        """The nodes that move, seen or not."""
        members = self.view.scene_.groups.members
        return {*self._start, *(m for id_ in self._cards for m in members(id_))}

    def _items(self) -> Iterator[tuple[NodeItem, QPointF]]:
        """The cards that move, and where they were; of a large graph those that there are."""
        scene = self.view.scene_
        for id_, start in self._start.items():
            if id_ in scene.nodes:
                yield scene.nodes[id_], start
        for id_, start in self._cards.items():
            yield scene.groups.cards[id_], start

    def drag(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        scene = self.view.scene_
        offset, guides = self._aligned(at - self.press.at)
        for item, start in self._items():
            item.setPos(start + offset)
        scene.crowd.shift(self._start, offset)
        self._offset = offset
        scene.reroute(self._edges, quick=True)
        keep_out = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self._look_for_edge(keep_out=keep_out)
        self.view.overlay.show_shapes(guides=guides)
        name = self.view.document.graph.nodes_by_id[self._node].name if self._onto else ""
        words = f"insert {name} here" if self._onto else ""
        self.view.bubble.say(words, screen, token="accent")

    def _aligned(self, offset: QPointF) -> tuple[QPointF, list[QLineF]]:
        """The offset that puts the card under the mouse on the grid, or in line with another."""
        if self._item is None:
            return QPointF(*snapped(offset)), []
        start = self._cards[self._group] if self._group else self._start[self._node]
        place, guides = self._aligning.place(self._item, start + offset)
        return place - start, guides

    def _look_for_edge(self, *, keep_out: bool) -> None:
        """Whether the card lies on an edge that it could be put into."""
        found = None
        graph = self.view.document.graph
        if self._may_go_between and not keep_out:
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
        places = {id_: (at + self._offset).toTuple() for id_, at in self._start.items()}
        cards = {id_: scene.groups.cards[id_].pos().toTuple() for id_ in self._cards}
        if self._offset.isNull() or not self.view.editing.move(
            places, onto=self._onto, groups=cards
        ):
            self._put_back()

    def cancel(self) -> None:
        self._put_back()
        self.view.session.select(*self._before)
        self.end()

    def _put_back(self) -> None:
        for item, start in self._items_left():
            item.setPos(start)
        self.view.scene_.crowd.shift(self._start, QPointF())
        self.view.scene_.reroute(self._edges)

    def _items_left(self) -> Iterator[tuple[NodeItem, QPointF]]:
        """As `_items`, of those that are still there, and where the document has them."""
        graph, scene = self.view.document.graph, self.view.scene_
        for id_ in self._start:
            if id_ in graph.nodes_by_id and id_ in scene.nodes:
                yield scene.nodes[id_], QPointF(*graph.nodes_by_id[id_].position)
        for id_ in self._cards:
            if id_ in graph.groups and id_ in scene.groups.cards:
                yield scene.groups.cards[id_], QPointF(*graph.groups[id_].position)

    def end(self) -> None:
        self.view.scene_.release()
        self._mark(self._onto, on=False)
        self._onto = None
        super().end()


def _is_unconnected(graph: Graph, node: str) -> bool:
    """Whether a node has ports and none of them has an edge."""
    ports = graph.nodes_by_id[node].ports
    if not ports or any((node, port) in graph.sources for port in ports):
        return False
    return node not in graph.sources.values()
