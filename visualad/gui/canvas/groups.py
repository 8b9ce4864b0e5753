"""The groups of a scene: their cards and boxes, kept in step with the graph and its marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from visualad.graph.folding import UNFOLDED, EdgeKey, Folding
from visualad.graph.model import CONSTANT
from visualad.gui.canvas.derivation import Moment
from visualad.gui.canvas.group_faces import GroupFace, group_face, group_formula
from visualad.gui.canvas.group_items import BOX_MARGIN, BOX_TITLE, GroupBox, GroupCard

if TYPE_CHECKING:
    from visualad.gui.canvas.faces import Looks
    from visualad.gui.canvas.scene import CanvasScene


class Groups:
    """One item for each group that is seen.

    Attributes:
        folding: what is collapsed.
        cards, boxes: the items by group id.
    """

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self.folding: Folding = UNFOLDED
        self.cards: dict[str, GroupCard] = {}
        self.boxes: dict[str, GroupBox] = {}
        self._formulas: dict[str, str] = {}

    # Following --------------------------------------------------------------------------------

    def follow(self, folding: Folding, looks: Looks) -> set[str]:
        """Items for exactly these groups; returns the members of cards that are new or moved."""
        self.folding = folding
        for items, wanted in ((self.cards, folding.cards), (self.boxes, folding.boxes)):
            for id_ in [id_ for id_ in items if id_ not in wanted]:
                self._scene.removeItem(items.pop(id_))
        self._formulas = {id_: group_formula(folding, id_) for id_ in folding.cards}
        moved: set[str] = set()
        for id_, group in folding.cards.items():
            if id_ not in self.cards:
                self.cards[id_] = GroupCard(group, self._face(id_, looks))
                self._scene.addItem(self.cards[id_])
                self._scene.set_plain(self.cards[id_])
                moved.update(group.members)
            elif self.cards[id_].pos() != QPointF(*group.position):
                self.cards[id_].setPos(*group.position)
                moved.update(group.members)
        for id_, group in folding.boxes.items():
            if id_ not in self.boxes:
                self.boxes[id_] = GroupBox(group)
                self._scene.addItem(self.boxes[id_])
        self.boxes = {id_: self.boxes[id_] for id_ in folding.boxes}  # outermost first
        return moved | self.show(looks)

    def show(self, looks: Looks) -> set[str]:
        """New texts on the cards; returns the members of those whose ports have moved."""
        moved: set[str] = set()
        for id_, card in self.cards.items():
            if card.show_face(self._face(id_, looks)):
                moved.update(self.folding.cards[id_].members)
        return moved

    def _face(self, id_: str, looks: Looks) -> GroupFace:
        return group_face(self.folding, id_, looks, self._formulas[id_])

    def place_boxes(self) -> None:
        """Lay the boxes around their members as they lie now."""
        outer_first = list(self.folding.boxes.values())
        areas: dict[str, QRectF] = {}
        for place in range(len(outer_first) - 1, -1, -1):
            group = outer_first[place]
            members = set(group.members)
            rect = QRectF()
            for item in self._shown_in(members):
                rect = rect.united(item)
            for inner in outer_first[place + 1 :]:
                if members.issuperset(inner.members):
                    rect = rect.united(areas[inner.id])
            areas[group.id] = rect.adjusted(
                -BOX_MARGIN, -BOX_MARGIN - BOX_TITLE + 4, BOX_MARGIN, BOX_MARGIN
            )
        for group in outer_first:
            depth = sum(set(group.members) <= set(o.members) for o in outer_first) - 1
            self.boxes[group.id].show_group(group, areas[group.id], depth)

    def _shown_in(self, members: Set[str]) -> Iterator[QRectF]:
        for id_ in members:
            body = self._scene.body_of(id_) if id_ not in self.folding.card_of else QRectF()
            if not body.isNull():
                yield body
        for card in self.folding.cards.values():
            if card.members[0] in members:
                yield self.cards[card.id].body()

    # Asking -----------------------------------------------------------------------------------

    def card_with(self, node: str) -> GroupCard | None:
        """The card that stands for a node, if it is hidden."""
        card = self.folding.card_of.get(node)
        return self.cards.get(card) if card is not None else None

    def item(self, id_: str) -> GroupCard | GroupBox | None:
        """The card or box of a group, if it is seen."""
        return self.cards.get(id_) or self.boxes.get(id_)

    def members(self, id_: str) -> tuple[str, ...]:
        """The node ids of a group."""
        return self.folding.graph.groups[id_].members

    def whole(self, nodes: Set[str]) -> list[str]:
        """The cards all of whose members are among these nodes."""
        return [id_ for id_, card in self.folding.cards.items() if nodes >= set(card.members)]

    # Marks ------------------------------------------------------------------------------------

    def mark(self, what: str, nodes: Set[str], edges: Set[EdgeKey] = frozenset()) -> None:
        """Cards stand for the nodes and edges in them; boxes show that all of theirs are meant."""
        inner = {self.folding.card_of[key[0]] for key in edges if self.folding.hides(key)}
        for id_, card in self.cards.items():
            on = id_ in inner or not nodes.isdisjoint(self.folding.cards[id_].members)
            card.set_look(**{what: on})
        if what == "selected":
            for id_, box in self.boxes.items():
                box.set_look(selected=nodes >= set(self.folding.boxes[id_].members))

    def show_moment(self, now: Moment) -> None:
        """The step that is shown, and cards of which all is eliminated."""
        for id_, card in self.cards.items():
            members = self.folding.cards[id_].members
            # Inputs and outputs stay; constants are no vertices.
            nodes = self.folding.graph.nodes_by_id
            vertices = [m for m in members if nodes[m].op != CONSTANT]
            gone = bool(vertices) and now.away.issuperset(vertices)
            active = now.active_node in members and not gone
            card.set_look(mode=now.mode, active=active, ghost=gone)

    def items(self) -> Iterable[GroupCard | GroupBox]:
        """All items."""
        return (*self.cards.values(), *self.boxes.values())
