"""Which edges the canvas has, where they end and which ways they go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from visualad.exchange import routes
from visualad.graph.folding import EdgeKey
from visualad.gui.canvas.derivation import Moment
from visualad.gui.canvas.edge_layer import EDGE_LAYER, FILL_IN_LAYER, EdgeLayer
from visualad.gui.canvas.edge_line import EdgeLine

if TYPE_CHECKING:
    from visualad.gui.canvas.scene import CanvasScene

# With more edges than this their ways around nodes are not looked for, nor places for their texts.
MOST_ROUTED = 600


class Wiring:
    """The edges and fill-ins of a scene.

    Attributes:
        edges, fill_ins: the lines there are, the latter by their ends.
        lines, fill_in_lines: the items that draw them.
    """

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self.edges: dict[EdgeKey, EdgeLine] = {}
        self.fill_ins: dict[tuple[str, str], EdgeLine] = {}
        self.lines, self.fill_in_lines = EdgeLayer(EDGE_LAYER), EdgeLayer(FILL_IN_LAYER)
        scene.addItem(self.lines)
        scene.addItem(self.fill_in_lines)

    def sync(self, wanted: Collection[EdgeKey]) -> tuple[set[EdgeKey], set[EdgeKey]]:
        """Lines for exactly these edges; returns which are new, and which are gone."""
        gone = self.edges.keys() - wanted
        for key in gone:
            del self.edges[key]
            self.lines.remove(key)
        new = set(wanted) - self.edges.keys()
        for key in new:
            self.edges[key] = self.lines.add(key)
        return new, gone

    def sync_fill_ins(self, now: Moment) -> None:
        """Lines for the fill-ins of this moment, and how they look."""
        folding = self._scene.folding
        wanted = {pair for pair in now.fill_ins if not folding.hides((*pair, ""))}
        for pair in [pair for pair in self.fill_ins if pair not in wanted]:
            self.fill_in_lines.remove(self.fill_ins.pop(pair).key)
        new = [pair for pair in now.fill_ins if pair in wanted and pair not in self.fill_ins]
        for pair in new:
            self.fill_ins[pair] = self.fill_in_lines.add((*pair, ""), fill_in=True)
        for line in self.fill_ins.values():
            line.set_look(mode="cross", active=line.key in now.active_edges)
        if new:
            self._route_fill_ins(quick=False)

    def line_of(self, key: EdgeKey) -> EdgeLine | None:
        """The line of an edge; for one of the linearised graph whichever stands for it."""
        found = self.edges.get(key) or self.fill_ins.get(key[:2])
        if found is None:
            found = next((e for k, e in self.edges.items() if k[:2] == key[:2]), None)
        return found

    # Ways -------------------------------------------------------------------------------------

    def route(self, keys: Iterable[EdgeKey] | None, *, quick: bool) -> Mapping[EdgeKey, EdgeLine]:
        """Lay these edges anew, all for None, and all fill-ins; returns the edges.

        Args:
            quick: without looking for obstacles.
        """
        edges = self.edges
        chosen = edges if keys is None else {k: edges[k] for k in keys if k in edges}
        ends = {key: self._ends(key) for key in chosen}
        if quick:
            self.lines.lay({key: routes.direct(*pair) for key, pair in ends.items()})
        else:
            bodies = self._scene.bodies()
            chords = np.array([(*a, *b) for a, b in map(self._ends, edges)]).reshape(-1, 4)
            self.lines.lay({key: routes.route(*pair, bodies, chords) for key, pair in ends.items()})
        self._route_fill_ins(quick=quick)
        return chosen

    def bundle(self, key: EdgeKey) -> set[EdgeKey]:
        """The edges that are seen as one line with this one, as they end at one port of a card."""
        if key[1] not in self._scene.folding.card_of:
            return {key}
        ends = self._ends(key)
        return {other for other in self.edges if other[0] == key[0] and self._ends(other) == ends}

    def _ends(self, key: EdgeKey) -> tuple[routes.Point, routes.Point]:
        source, target, port = key
        start, end = self._scene.port(source, "out"), self._scene.port(target, port)
        return (start.x(), start.y()), (end.x(), end.y())

    def _route_fill_ins(self, *, quick: bool) -> None:
        if not self.fill_ins:
            return
        scene = self._scene
        bodies = scene.bodies(scene.moment.away)
        found = {}
        for (source, target), line in self.fill_ins.items():
            if source not in scene.graph.nodes_by_id or target not in scene.graph.nodes_by_id:
                continue  # about to go, as the node has gone
            start = scene.port(source, "out")
            there = scene.groups.card_with(target) or scene.nodes[target]
            body = there.body()
            # Between the ports, so that it ends at the node and not at one of its inputs.
            end = (body.left(), body.top() + 22)
            here = (start.x(), start.y())
            found[line.key] = routes.direct(here, end) if quick else routes.route(here, end, bodies)
        self.fill_in_lines.lay(found)
