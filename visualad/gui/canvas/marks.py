"""Selection, highlight and the step that is shown, as states of cards and edges."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any

from visualad.gui.canvas.derivation import Moment

if TYPE_CHECKING:
    from visualad.gui.canvas.scene import CanvasScene


class Marks:
    """Changes the state of the items that have gained or lost a mark, and of no others."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._shown: dict[tuple[str, str], Set[Any]] = {}
        self._mode = ""

    def restart(self) -> None:
        """There are new items: mark everything anew."""
        self._shown.clear()

    def adopt(self, nodes: Set[str], edges: Set[Any]) -> None:
        """Mark items that have been made for what is there already."""
        scene = self._scene
        made: tuple[tuple[str, Set[Any], Mapping[Any, Any]], ...] = (
            ("node", nodes, scene.nodes),
            ("edge", edges, scene.edges),
        )
        for kind, keys, items in made:
            for key in keys:
                marks = {w: key in on for (w, k), on in self._shown.items() if k == kind}
                items[key].set_look(mode=self._mode, **marks)

    def show_selection(self) -> None:
        """Mark what is selected."""
        session = self._scene.session
        self._mark("selected", session.selected_nodes, session.selected_edges)
        self._scene.groups.mark("selected", session.selected_nodes, session.selected_edges)
        for kind, items in (("note", self._scene.notes), ("frame", self._scene.frames)):
            for id_, item in items.items():
                item.set_selected((kind, id_) in session.selected_backdrops)

    def show_highlight(self) -> None:
        """Light up what is highlighted; edges of the linearised graph stand for their pair."""
        scene = self._scene
        edges = scene.session.highlighted_edges
        pairs = {key[:2] for key in edges if not key[2]}
        lit = edges | {key for key in scene.edges if key[:2] in pairs} if pairs else edges
        self._mark("lit", scene.session.highlighted_nodes, lit)
        scene.groups.mark("lit", scene.session.highlighted_nodes, edges)
        for pair, edge in scene.fill_ins.items():
            edge.set_look(lit=pair in pairs)

    def show_moment(self, now: Moment) -> None:
        """Mark the node and the edges of the step, and what is eliminated."""
        scene = self._scene
        if now.mode != self._mode:
            self._mode = now.mode
            self.restart_mode(now.mode)
        pairs = {key[:2] for key in now.active_edges if not key[2]}
        gone = now.eliminated
        active = now.active_edges
        if pairs:
            active = active | {key for key in scene.edges if key[:2] in pairs}
        ghosts: Set[Any] = frozenset()
        if gone or now.removed:
            ghosts = {
                key
                for key in scene.edges
                if key[0] in gone or key[1] in now.away or key[:2] in now.removed
            }
        node = {now.active_node} - gone
        self._mark("active", node, active - ghosts)
        scene.groups.show_moment(now)
        self._mark("ghost", now.away, ghosts)
        changed = {key for key in scene.edges if key[:2] in now.changed} if now.changed else set()
        self._mark("changed", frozenset(), changed)

    def restart_mode(self, mode: str) -> None:
        """Another mode: other colours."""
        for item in self._scene.nodes.values():
            item.set_look(mode=mode)
        for edge in self._scene.edges.values():
            edge.set_look(mode=mode)

    def _mark(self, what: str, nodes: Set[Any], edges: Set[Any]) -> None:
        if what != "changed":
            self._change(what, "node", nodes, self._scene.nodes)
        self._change(what, "edge", edges, self._scene.edges)

    def _change(self, what: str, kind: str, now: Set[Any], items: Mapping[Any, Any]) -> None:
        before = self._shown.get((what, kind))
        for key in items if before is None else before ^ now:
            if key in items:
                items[key].set_look(**{what: key in now})
        self._shown[what, kind] = now
