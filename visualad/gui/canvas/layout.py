"""Laying out the graph or a part of it, with a short glide to the new places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QPointF, QVariantAnimation

from visualad.graph import edits
from visualad.graph.layout import layered_layout

if TYPE_CHECKING:
    from visualad.gui.canvas.node_item import NodeItem
    from visualad.gui.canvas.view import CanvasView

GLIDE_MS = 260
# More cards than this jump to their places: moving them all takes longer than a frame.
_MOST_GLIDING = 150


class Layout:
    """One step of the history; the cards then glide from where they were."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._animation: QVariantAnimation | None = None

    def run(self) -> None:
        """Lay out the selected nodes, or all when fewer than two are selected."""
        view = self._view
        self.stop()
        graph = view.document.graph
        if not len(graph):
            return
        scene = view.scene_
        folding = scene.folding
        stands = {node: scene.groups.cards[card] for card, node in folding.card_nodes.items()}
        items = {**scene.nodes, **stands}
        chosen = {
            folding.card_nodes[folding.card_of[id_]] if id_ in folding.card_of else id_
            for id_ in view.session.selected_nodes
        }
        ids = chosen if len(chosen) > 1 else None
        places = layered_layout(folding.folded, sizes=view.node_sizes(), ids=ids)
        before = {id_: items[id_].pos() for id_ in places}
        name = "Lay out selection" if ids else "Lay out graph"
        nodes = {id_: place for id_, place in places.items() if id_ in scene.nodes}
        cards = {card: places[node] for card, node in folding.card_nodes.items() if node in places}
        if not view.document.apply(name, lambda g: edits.move_groups(edits.move(g, nodes), cards)):
            return
        moved = {
            items[id_]: start for id_, start in before.items() if start != QPointF(*places[id_])
        }
        gliding = not view.reduced_motion() and view.isVisible() and len(moved) <= _MOST_GLIDING
        if moved and gliding:
            after = {items[id_]: QPointF(*place) for id_, place in places.items()}
            self._glide(moved, after, whole=ids is None)
        elif moved and ids is None:
            view.fit_all()

    def _glide(
        self, before: dict[NodeItem, QPointF], after: dict[NodeItem, QPointF], *, whole: bool
    ) -> None:
        scene = self._view.scene_
        nodes = {id_ for item in before for id_ in scene.members(item)}
        edges = {k for k in scene.edges if k[0] in nodes or k[1] in nodes}
        graph = self._view.document.graph

        def go(share: float) -> None:
            if self._view.document.graph is not graph:
                self.stop()
                return
            for item, start in before.items():
                item.setPos(start + (after[item] - start) * share)
            scene.reroute(edges, quick=share < 1)

        animation = QVariantAnimation(self._view)
        animation.setDuration(GLIDE_MS)
        animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        animation.setStartValue(0.0)
        animation.setEndValue(1.0)
        animation.valueChanged.connect(go)
        if whole:
            animation.finished.connect(self._view.fit_all)
        self._animation = animation
        animation.start()

    def stop(self) -> None:
        """The cards go to their places at once."""
        animation, self._animation = self._animation, None
        if animation is None:
            return
        animation.stop()
        animation.deleteLater()
        scene = self._view.scene_
        for id_, item in scene.nodes.items():
            node = scene.graph.nodes_by_id.get(id_)
            if node is not None:
                item.setPos(*node.position)
        for id_, card in scene.groups.cards.items():
            group = scene.graph.groups.get(id_)
            if group is not None:
                card.setPos(*group.position)
        scene.reroute()
