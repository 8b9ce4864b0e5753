"""Which nodes of a large graph have cards: those in sight, and those that are worked with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

from visualad.graph.folding import EdgeKey
from visualad.graph.model import Graph
from visualad.gui.canvas.crowd import MOST_CARDS

if TYPE_CHECKING:
    from visualad.gui.canvas.scene import CanvasScene

MOST_WORKED_WITH = (
    400  # selected nodes that keep their cards out of sight, to be moved for instance
)
_AHEAD = 400.0  # around what is seen, where cards are made
_BEHIND = 1500.0  # around what is seen, where cards that are there stay


class Sight:
    """Follows the view and the selection; of a small graph every node has a card."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._visible = QRectF()
        self._settled = QRectF()
        self._needed: frozenset[str] = frozenset()

    def move_to(self, visible: QRectF) -> bool:
        """The view shows this now (null: nothing that can be read); says whether cards are due."""
        near, self._visible = self._visible, visible
        if visible.isNull() or near.isNull():
            return visible.isNull() != near.isNull()
        return not self._settled.contains(visible)

    def need(self, id_: str) -> None:
        """This node gets a card, wherever it is."""
        self._needed = frozenset((id_,))

    def wanted(self, graph: Graph) -> Collection[str]:
        """Ids of the nodes that have cards of their own."""
        scene = self._scene
        hidden = scene.folding.card_of
        if not scene.crowd.is_used:
            if not hidden:
                return graph.nodes_by_id
            return [id_ for id_ in graph.nodes_by_id if id_ not in hidden]
        found: set[str] = set()
        if not self._visible.isNull():
            self._settled = self._visible.adjusted(-_AHEAD, -_AHEAD, _AHEAD, _AHEAD)
            found = scene.crowd.ids_in(self._settled, MOST_CARDS)
            stays = self._visible.adjusted(-_BEHIND, -_BEHIND, _BEHIND, _BEHIND)
            kept = scene.crowd.ids_in(stays).intersection(scene.nodes)
            if len(found) + len(kept) <= 2 * MOST_CARDS:
                found |= kept
        selected = scene.session.selected_nodes
        if len(selected) <= MOST_WORKED_WITH:
            found |= selected
        found |= self._needed
        return {id_ for id_ in found if id_ in graph.nodes_by_id and id_ not in hidden}

    def edges(self, graph: Graph) -> set[EdgeKey]:
        """The edges both ends of which are seen on cards, of nodes or groups."""
        scene = self._scene
        folding = scene.folding
        if not scene.crowd.is_used:
            wanted = {(edge.source, edge.target, edge.port) for edge in graph.edges}
        else:
            wanted = set(self._edges_among(graph, [*scene.nodes, *folding.card_of]))
        if folding.cards:
            wanted = {key for key in wanted if not folding.hides(key)}
        return wanted

    def _edges_among(self, graph: Graph, ids: Iterable[str]) -> Iterable[EdgeKey]:
        nodes, hidden = self._scene.nodes, self._scene.folding.card_of
        for id_ in ids:
            for port in graph.nodes_by_id[id_].ports:
                source = graph.sources.get((id_, port))
                if source is not None and (source in nodes or source in hidden):
                    yield source, id_, port
