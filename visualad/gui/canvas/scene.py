"""The scene: keeps one item for each node and edge and changes only what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from visualad.graph.folding import UNFOLDED, EdgeKey
from visualad.graph.model import Graph, Node
from visualad.gui import theme
from visualad.gui.canvas.backdrops import FrameItem, NoteItem
from visualad.gui.canvas.cards import Cards
from visualad.gui.canvas.crowd import CrowdItem
from visualad.gui.canvas.derivation import NOTHING, Film, Moment
from visualad.gui.canvas.edge_labels import EdgeLabels
from visualad.gui.canvas.faces import Looks, face
from visualad.gui.canvas.group_items import GroupCard
from visualad.gui.canvas.groups import Groups
from visualad.gui.canvas.marks import Marks
from visualad.gui.canvas.node_item import NodeItem
from visualad.gui.canvas.overview import OverviewItem
from visualad.gui.canvas.pulses import Pulses
from visualad.gui.canvas.sight import Sight
from visualad.gui.canvas.wiring import MOST_ROUTED, Wiring
from visualad.gui.session import Session

MARGIN = 2000.0  # of free canvas around the graph


class CanvasScene(QGraphicsScene):
    """The items of a graph, kept in step with a session.

    Attributes:
        nodes: the cards there are: of a large graph those that are in sight, see `Sight`.
        wiring: the edges; `edges`, `fill_ins`, `lines`, `fill_in_lines` are its own.
        pulses: the dots that travel along them.
        crowd: draws and finds the nodes of a large graph that have no item.
        is_far: whether the view is so far away that nothing can be read.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.BspTreeIndex)
        self.setBspTreeDepth(10)  # Qt stays with what fits the few items it sees at first
        self.session = session
        self.graph = Graph()
        self.folding = UNFOLDED
        self.nodes: dict[str, NodeItem] = {}
        self.wiring = Wiring(self)
        self.edges, self.fill_ins = self.wiring.edges, self.wiring.fill_ins
        self.lines, self.fill_in_lines = self.wiring.lines, self.wiring.fill_in_lines
        self.frames: dict[str, FrameItem] = {}
        self.notes: dict[str, NoteItem] = {}
        self.moment: Moment = NOTHING
        self._film = Film(self.graph, None, "")
        self.labels = EdgeLabels(self)
        self._nodes_rect: QRectF | None = None
        self._whole_rect: QRectF | None = None
        self._cards = Cards(self)
        self.groups = Groups(self)
        self._marks = Marks(self)
        self.is_far = False
        self.overview = OverviewItem(self)
        self.addItem(self.overview)
        self.crowd = CrowdItem(self)
        self.addItem(self.crowd)
        self._sight = Sight(self)
        self.pulses = Pulses(self)
        self._shown_nodes: dict[str, Node] = {}
        theme.theme_changed.connect(self._follow_theme)
        session.document.graph_changed.connect(self.show_graph)
        session.evaluated.connect(self.show_values)
        session.cards_evaluated.connect(self._show_faces)
        session.sweep_changed.connect(self.show_step)
        session.step_changed.connect(self.show_step)
        session.progress_changed.connect(self.show_progress)
        session.selection_changed.connect(self.show_selection)
        session.highlight_changed.connect(self.show_highlight)
        self.show_graph()

    # Following --------------------------------------------------------------------------------

    def show_graph(self) -> None:
        """Make, remove and change items so that they fit the document's graph."""
        old, new = self.graph, self.session.document.graph
        if old is new:
            return
        self.graph = new
        folded = self.groups.folding
        self.folding = self.session.folding
        self.crowd.show_graph(new, self.folding)
        changed = self._sync_nodes(new)
        touched = self._sync_edges(new)
        self._sync_backdrops(new)
        self._update_moment()
        on_cards = self.groups.follow(self.folding, self._cards.looks())
        refolded = folded.cards.keys() != self.folding.cards.keys()
        outputs_changed = old.output_ids != new.output_ids
        structure = refolded or bool(touched)
        structure = structure or any(id_ not in old.nodes_by_id for id_ in changed)
        everything = outputs_changed or old.sources != new.sources
        everything = everything or self.crowd.is_used  # asking for neighbours takes longer
        faces_of = set(self.nodes) if everything else self._named_by(changed)
        moved = self._cards.show(faces_of) | {i for i in changed if _has_moved(old, new, i)}
        moved |= on_cards
        touched |= {key for key in self.edges if key[0] in moved or key[1] in moved}
        # While a number is dragged nothing moves, and routes are dear.
        if moved or old.sources != new.sources or old.nodes_by_id.keys() != new.nodes_by_id.keys():
            whole = refolded or len(moved) >= len(self.nodes)
            self.reroute(None if whole else touched)
        else:
            self.groups.place_boxes()
        if structure or self.crowd.is_used:
            self._nodes_rect = self._whole_rect = None
            self.overview.moved()
            self._marks.restart()
        self._show_moment()
        self.show_selection()
        self.show_highlight()
        self.fit_scene_rect()

    def show_values(self) -> None:
        """Values, partials or failures are new."""
        self._show_faces(self.nodes)
        self.labels.refresh()
        self._look_changed()

    def show_step(self) -> None:
        """Another sweep or step."""
        self._update_moment()
        self._show_faces(self.nodes)
        self._show_moment()

    def show_progress(self) -> None:
        """The pulses have moved; at the end of their way the result appears."""
        before = self.moment
        self._update_moment()
        now = self.moment
        if now.derivatives is not before.derivatives and self.crowd.is_used:
            self.show_step()
        elif now.derivatives is not before.derivatives:
            rows, old = now.derivatives, before.derivatives
            self._show_faces(
                {id_ for id_ in rows.keys() | old.keys() if rows.get(id_) is not old.get(id_)}
            )
            self._show_moment()
        else:
            self.pulses.show(now)

    def show_selection(self) -> None:
        """Mark what is selected."""
        self._settle()
        self._marks.show_selection()
        self.labels.restyle()
        self._look_changed()

    def show_highlight(self) -> None:
        """Light up what is highlighted."""
        self._marks.show_highlight()
        self.labels.restyle()
        self._look_changed()

    def show_visible(self, visible: QRectF, *, plain: bool) -> None:
        """The view shows this part now; `plain`: so far away that the overview is enough."""
        due = self._sight.move_to(QRectF() if plain else visible)
        for layer in (self.lines, self.fill_in_lines, self.crowd):
            layer.show_visible(visible)
        if plain != self.is_far:
            self.is_far = plain
            self.overview.setVisible(plain and not self.crowd.is_used)
            for item in (*self.shown(), self.lines, self.fill_in_lines):
                self.set_plain(item)
            self.labels.set_hidden(plain)
            self.crowd.changed()
        resized = self._cards.show_visible(QRectF() if plain else visible)
        if due:
            self._settle()
        self._reroute_resized(resized)

    def _settle(self) -> None:
        """Make the cards of a large graph that have come into sight, remove those far away."""
        if not self.crowd.is_used:
            return
        changed = self._sync_nodes(self.graph)
        touched = self._sync_edges(self.graph)
        if not changed and not touched:
            return
        self.crowd.changed()
        self._cards.show(changed)
        self._marks.adopt(changed, touched)
        self.reroute(touched, quick=True)
        self.labels.restyle()

    def card(self, node: str) -> NodeItem:
        """The card of a node that is not hidden in a group; made when there is none yet."""
        if node not in self.nodes:
            self._sight.need(node)
            self._settle()
        return self.nodes[node]

    def _look_changed(self) -> None:
        self.overview.changed()
        if self.crowd.is_used:
            self.crowd.changed()

    def _follow_theme(self) -> None:
        self.update()

    def looks(self) -> Looks:
        """What the faces of cards are made from at this moment."""
        return self._cards.looks()

    # Geometry ---------------------------------------------------------------------------------

    def graph_rect(self, ids: Iterable[str] | None = None) -> QRectF:
        """The rectangle around these nodes, or around everything."""
        if ids is None:
            return self._everything()
        rect = QRectF()
        for id_ in ids:
            card = self.groups.card_with(id_)
            rect = rect.united(self.body_of(id_) if card is None else card.body())
        return rect

    def body_of(self, id_: str) -> QRectF:
        """The rectangle of a node that no group hides; null for one that is not there."""
        item = self.nodes.get(id_)
        return item.body() if item is not None else self.crowd.body(id_)

    def _everything(self) -> QRectF:
        """The rectangle around nodes, edges, groups, frames and notes."""
        if self._whole_rect is None:
            self._whole_rect = self.lines.rect_around(self.nodes_rect())
        rect = self._whole_rect
        for group in self.groups.items():
            rect = rect.united(group.sceneBoundingRect())
        for backdrop in (*self.frames.values(), *self.notes.values()):
            rect = rect.united(backdrop.sceneBoundingRect())
        return self.fill_in_lines.rect_around(rect)

    def nodes_rect(self) -> QRectF:
        """The rectangle around all nodes; remembered until one of them moves."""
        if self._nodes_rect is None:
            self._nodes_rect = self.crowd.rect().united(
                self.graph_rect([*self.nodes, *self.folding.card_of])
            )
        return self._nodes_rect

    def fit_scene_rect(self) -> None:
        """Let the view scroll well beyond the graph, but not without end."""
        rect = self.graph_rect().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        self.setSceneRect(rect)
        for item in (self.overview, self.crowd, self.lines, self.fill_in_lines):
            item.set_bounds(rect)

    def nodes_in(self, rect: QRectF) -> set[str]:
        """Ids of the nodes whose cards, or their groups', reach into a rectangle."""
        crowd = self.crowd.ids_in(rect)
        near = self.items(rect, Qt.ItemSelectionMode.IntersectsItemBoundingRect)
        cards = (item for item in near if isinstance(item, NodeItem))
        reached = [item for item in cards if rect.intersects(item.body())]
        return crowd.union(id_ for item in reached for id_ in self.members(item))

    def bodies(self, without: Iterable[str] = ()) -> np.ndarray:
        """Rectangles (x0, y0, x1, y1) of the cards, (n, 4)."""
        left_out = set(without)
        rects = [item.body() for id_, item in self.nodes.items() if id_ not in left_out]
        for id_, card in self.groups.cards.items():
            if not left_out.issuperset(self.folding.cards[id_].members):
                rects.append(card.body())
        return np.array(
            [(r.left(), r.top(), r.right(), r.bottom()) for r in rects], dtype=float
        ).reshape(-1, 4)

    def reroute(self, keys: Iterable[EdgeKey] | None = None, *, quick: bool = False) -> None:
        """Lay edges anew; all of them for None. `quick`: without looking for obstacles."""
        if not (self.crowd.is_used or quick):  # what is being dragged is still where it was
            self._nodes_rect = self._whole_rect = None
        self.groups.place_boxes()
        quick = quick or len(self.edges) > MOST_ROUTED
        laid = self.wiring.route(keys, quick=quick)
        if not quick:
            made = [line.key for line in self.fill_ins.values()]
            self.labels.place(None if keys is None else [*laid, *made])
        elif keys is not None:
            self.labels.follow(laid)
        self.overview.moved()

    def hold(self, moving: Iterable[EdgeKey]) -> None:
        """Until `release` only these edges, and the nodes at them, move."""
        self.lines.hold(moving)
        self.crowd.hold()

    def release(self) -> None:
        """Anything may move."""
        self.lines.release()
        self.crowd.release()

    def port(self, node: str, port: str) -> QPointF:
        """The centre of a port, "out" being the output; of a hidden node on its group's card."""
        card = self.groups.card_with(node)
        if card is None:
            return self.nodes[node].port(port)
        if port == "out":
            return card.result_port(node)
        return card.source_port(self.graph.sources.get((node, port), ""))

    def item_of(self, node: str) -> NodeItem | None:
        """The card of a node, or of the group in which it is hidden."""
        return self.groups.card_with(node) or self.nodes.get(node)

    def shown(self) -> list[NodeItem]:
        """All cards: of nodes, and of groups that are collapsed."""
        return [*self.nodes.values(), *self.groups.cards.values()]

    def members(self, item: NodeItem) -> tuple[str, ...]:
        """The ids of the nodes for which a card stands."""
        if isinstance(item, GroupCard):
            return self.folding.cards[item.group_id].members
        return (item.node_id,)

    # Nodes and edges --------------------------------------------------------------------------

    def _sync_nodes(self, graph: Graph) -> set[str]:
        """Items for exactly these nodes; returns ids of those that are new or changed."""
        changed = set()
        wanted = self._sight.wanted(graph)
        for id_ in [id_ for id_ in self.nodes if id_ not in wanted]:
            self.removeItem(self.nodes.pop(id_))
            del self._shown_nodes[id_]
            self._cards.forget(id_)
        for id_ in wanted:
            node = graph.nodes_by_id[id_]
            known = self._shown_nodes.get(id_)
            if known is node:
                continue
            if known is None:
                item = NodeItem(id_, face(graph, node, self._cards.looks()))
                self.nodes[id_] = item
                item.setPos(QPointF(*node.position))
                self.addItem(item)
                self.set_plain(item)
            else:
                self.nodes[id_].setPos(QPointF(*node.position))
            self._shown_nodes[id_] = node
            changed.add(id_)
        return changed

    def _named_by(self, changed: set[str]) -> set[str]:
        """The changed nodes and those that write their names."""
        users = {e.target for id_ in changed for e in self.graph.edges_from(id_)}
        return changed | users

    def _sync_edges(self, graph: Graph) -> set[EdgeKey]:
        new, gone = self.wiring.sync(self._sight.edges(graph))
        for key in gone:
            self.labels.remove(key)
        return new

    def _sync_backdrops(self, graph: Graph) -> None:
        self._sync(self.frames, graph.frames, FrameItem)
        self._sync(self.notes, graph.notes, NoteItem)

    def _sync(self, items: dict, wanted: Mapping, kind: type) -> None:
        for id_ in [id_ for id_ in items if id_ not in wanted]:
            self.removeItem(items.pop(id_))
        for id_, content in wanted.items():
            if id_ not in items:
                items[id_] = kind(content)
                self.addItem(items[id_])
            else:
                items[id_].show_content(content)

    def _show_faces(self, ids: Iterable[str]) -> None:
        resized = self._cards.show(ids)
        if self.groups.cards:
            resized |= self.groups.show(self._cards.looks())
        self._reroute_resized(resized)

    def _reroute_resized(self, resized: set[str]) -> None:
        if resized:
            self.reroute({k for k in self.edges if k[0] in resized or k[1] in resized})

    def set_plain(self, item: QGraphicsItem) -> None:
        """Let an item be drawn, or leave that to the overview."""
        item.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents, self.is_far)

    # The moment of the sweep ------------------------------------------------------------------

    def _update_moment(self) -> None:
        session = self.session
        film = self._film
        wanted = (self.graph, session.sweep, session.mode, self.folding)
        if any(
            a is not b
            for a, b in zip((film.graph, film.sweep, film.mode, film.folding), wanted, strict=True)
        ):
            film = self._film = Film(*wanted)
        self.moment = film.moment(session.step_index, session.progress, session.playback.first)

    def _show_moment(self) -> None:
        """Everything of the moment but the texts of the nodes."""
        now = self.moment
        self._marks.show_moment(now)
        self.wiring.sync_fill_ins(now)
        self.labels.refresh(place=now.mode == "cross")
        self.pulses.show(now)
        self._look_changed()


def _has_moved(old: Graph, new: Graph, id_: str) -> bool:
    """Whether a node is new or its ports may be elsewhere; a number alone moves nothing."""
    before, now = old.nodes_by_id.get(id_), new.nodes_by_id[id_]
    return before is None or (before.position, before.op, before.ports) != (
        now.position,
        now.op,
        now.ports,
    )
