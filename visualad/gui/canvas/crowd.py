"""A large graph as arrays: drawn and searched without an item for each node.

Far away nodes are blocks of pixels, nearer rectangles; cards are made only for what is in sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.graph.folding import Folding
from visualad.graph.model import Graph
from visualad.gui import theme
from visualad.gui.canvas.crowd_drawing import (
    LOOKS,
    MARKS,
    colours,
    draw_blocks,
    draw_lines,
    draw_rectangles,
    least_mark,
)
from visualad.gui.canvas.exposure import corners, exposed, passing, pixel_ratio, reaching, repaint
from visualad.gui.canvas.faces import KINDS
from visualad.gui.canvas.geometry import FIRST_ROW, HEIGHT, OUTPUT, WIDTH
from visualad.gui.canvas.still import Still

if TYPE_CHECKING:
    from visualad.gui.canvas.scene import CanvasScene

MOST_ITEMS = 2_000  # nodes; larger graphs have items only for what is in sight
MOST_CARDS = 1_200  # of a large graph that are made at once
_MOST_RECTANGLES = 2_500  # more nodes in sight are blocks of pixels
_MOST_LINES = 4_000
_AROUND = 400.0  # what is seen, where nodes and edges are looked for
_MOST_SMOOTH = 500  # lines or rectangles; with more nobody sees whether they are smooth
_SHARES = np.linspace(0.0, 1.0, 9)[:, None, None]  # of a line, repainted part by part


@dataclass(frozen=True)
class Plan:
    """What is drawn while the view stays about where it is, however little of it is repainted.

    Attributes:
        area: within which nothing is missing.
        edges, rows: places of the edges and nodes that no item draws.
        is_sample: whether there are too many edges to draw them all.
    """

    area: QRectF
    edges: Any
    rows: Any
    is_sample: bool = False


@dataclass(frozen=True)
class Moved:
    """What is dragged, of a plan.

    Attributes:
        rows, corners: the places of the nodes, and where they were.
        edges, bare: the places of their edges, and of those without a card, that the plan has;
        resting: of its other edges and nodes.
    """

    starts: Mapping[str, QPointF]
    plan: Plan | None
    rows: Any
    corners: Any
    edges: Any
    bare: Any
    resting: tuple[Any, Any]


class CrowdItem(QGraphicsItem):
    """All nodes and edges of a large graph; of a small one it is empty and not seen.

    Attributes:
        is_used: whether the graph is so large that only some of its nodes have cards.
        ids: of the nodes that no group hides; `bodies`: their rectangles (x0, y0, x1, y1).
    """

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__()
        self._scene = scene
        self._bounds = QRectF()
        self.is_used = False
        self.ids: list[str] = []
        self.bodies = np.zeros((0, 4))
        self._row: dict[str, int] = {}
        self._kinds = np.zeros(0, np.uint8)
        self._ends = np.zeros((0, 2), np.int64)
        self._graph = Graph()
        self._folding: Folding | None = None
        self._visible = QRectF()
        self._plan: Plan | None = None
        self._moved: Moved | None = None
        self._still: Still | None = None
        self._known_looks: Any = None
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setZValue(0.2)
        self.setVisible(False)

    # Following --------------------------------------------------------------------------------

    def show_graph(self, graph: Graph, folding: Folding) -> None:
        """Take over places, kinds and edges; cheap where only a few nodes have changed."""
        self.is_used = len(graph) > MOST_ITEMS
        self.setVisible(self.is_used)
        before, self._graph = self._graph, graph
        same = self._folding is not None and before.nodes_by_id.keys() == graph.nodes_by_id.keys()
        refolded = not same or self._folding.cards.keys() != folding.cards.keys()  # type: ignore[union-attr]
        self._folding = folding
        if not self.is_used:
            self._forget()
            return
        if refolded or not self.ids:
            hidden = folding.card_of
            self.ids = [id_ for id_ in graph.nodes_by_id if id_ not in hidden]
            self._row = {id_: row for row, id_ in enumerate(self.ids)}
            changed: Iterable[str] = self.ids
            self.bodies = np.zeros((len(self.ids), 4))
        else:
            old = before.nodes_by_id
            pairs = graph.nodes_by_id.items()
            changed = [i for i, node in pairs if node is not old[i] and i in self._row]
        self._place(graph, list(changed))
        if refolded or before.sources is not graph.sources:
            self._ends = self._found_ends(graph)
        if refolded or before.output_ids != graph.output_ids:
            self._kinds = self._found_kinds(graph)
        self._moved = None
        self.changed()

    def changed(self) -> None:
        """Nodes look different, or others than before have cards."""
        self._plan = self._known_looks = None
        if self._still is not None:
            self._still.forget()
        self.update()

    def hold(self) -> None:
        """Until `release` only nodes that are shifted move: of the others a picture is kept."""
        self._still = Still()

    def release(self) -> None:
        """Any node may move."""
        self._still = None

    def show_visible(self, visible: QRectF) -> None:
        """The view shows this part now."""
        self._visible = visible
        plan = self._plan
        if plan is None:
            return
        # From far away every move decides anew which edges have an end in sight.
        if visible != plan.area if self._scene.is_far else not plan.area.contains(visible):
            self._plan = None
            self.update()

    def _forget(self) -> None:
        self._plan = self._known_looks = None
        self.ids, self._row = [], {}
        self.bodies, self._ends = np.zeros((0, 4)), np.zeros((0, 2), np.int64)
        self._folding = None

    def _place(self, graph: Graph, changed: list[str]) -> None:
        if not changed:
            return
        rows = [self._row[id_] for id_ in changed]
        corners = np.array([graph.nodes_by_id[id_].position for id_ in changed], dtype=float)
        self.bodies[rows, :2] = corners
        self.bodies[rows, 2:] = corners + np.array((WIDTH, HEIGHT))

    def _found_kinds(self, graph: Graph) -> Any:
        outputs, number = set(graph.output_ids), {kind: k for k, kind in enumerate(LOOKS)}
        by_op = {op: number[kind] for op, kind in KINDS.items()}
        nodes = graph.nodes_by_id
        return np.array(
            [
                number["output"] if id_ in outputs else by_op.get(nodes[id_].op, 0)
                for id_ in self.ids
            ],
            np.uint8,
        )

    def _found_ends(self, graph: Graph) -> Any:
        """Source and target rows of the edges between nodes that no group hides."""
        start, to = graph.edge_places
        if len(self.ids) == len(graph):
            return np.stack([start, to], axis=1)
        rows = np.array([self._row.get(id_, -1) for id_ in graph.nodes_by_id], np.int64)
        ends = np.stack([rows[start], rows[to]], axis=1)
        return ends[np.all(ends >= 0, axis=1)]

    def shift(self, starts: Mapping[str, QPointF], offset: QPointF) -> None:
        """Nodes are dragged: they are so far from where they were; nothing is kept of it."""
        if not self.is_used:
            return
        moved = self._moved
        if moved is None or moved.starts is not starts or moved.plan is not self._plan:
            moved = self._moved = self._found_moved(starts)
        if not len(moved.rows):
            return
        self._repaint_about(moved)
        self.bodies[moved.rows, :2] = moved.corners + np.array(offset.toTuple())
        self.bodies[moved.rows, 2:] = self.bodies[moved.rows, :2] + np.array((WIDTH, HEIGHT))
        self._repaint_about(moved)

    def _found_moved(self, starts: Mapping[str, QPointF]) -> Moved:
        known = [id_ for id_ in starts if id_ in self._row]
        rows = np.array([self._row[id_] for id_ in known], np.int64)
        corners_ = np.array([starts[id_].toTuple() for id_ in known]).reshape(-1, 2)
        plan = self._plan
        if plan is None:
            return Moved(starts, plan, rows, corners_, rows[:0], rows[:0], (rows[:0], rows[:0]))
        along = np.isin(self._ends[plan.edges], rows).any(axis=1)
        bare = np.isin(plan.rows, rows)
        resting = (plan.edges[~along], plan.rows[~bare])
        return Moved(starts, plan, rows, corners_, plan.edges[along], plan.rows[bare], resting)

    def _repaint_about(self, moved: Moved) -> None:
        """Repaint the nodes, and the lines from and to them."""
        if moved.plan is None:
            self.update()
            return
        lines = self._lines(moved.edges)
        points = lines[:, :2] * (1 - _SHARES) + lines[:, 2:] * _SHARES
        chords = _boxes(points[:-1], points[1:]).reshape(-1, 4)
        boxes = np.concatenate([chords, self.bodies[moved.bare]])
        repaint(self.scene(), boxes, self._visible, rim=4.0)

    # Asking -----------------------------------------------------------------------------------

    def rect(self) -> QRectF:
        """Around all nodes."""
        if not self.ids:
            return QRectF()
        low, high = self.bodies[:, :2].min(axis=0), self.bodies[:, 2:].max(axis=0)
        return QRectF(QPointF(*low.tolist()), QPointF(*high.tolist()))

    def body(self, id_: str) -> QRectF:
        """Where the card of a node is, or would be; null for one that is not there."""
        row = self._row.get(id_)
        if row is None:
            return QRectF()
        x0, y0, x1, y1 = self.bodies[row].tolist()
        return QRectF(x0, y0, x1 - x0, y1 - y0)

    def ids_in(self, area: QRectF, most: int | None = None) -> set[str]:
        """Ids of the nodes that reach into a rectangle; of too many those nearest its middle."""
        rows = self._rows_in(area)
        if most is not None and len(rows) > most:
            middle = np.array(area.center().toTuple())
            away = np.abs(self.bodies[rows, :2] + (WIDTH / 2, HEIGHT / 2) - middle).max(axis=1)
            rows = rows[np.argpartition(away, most)[:most]]
        return {self.ids[row] for row in rows.tolist()}

    def _rows_in(self, area: QRectF) -> Any:
        b = self.bodies
        left, top, right, bottom = area.left(), area.top(), area.right(), area.bottom()
        inside = (b[:, 0] <= right) & (b[:, 2] >= left) & (b[:, 1] <= bottom) & (b[:, 3] >= top)
        return np.flatnonzero(inside)

    def nearest(self, at: QPointF, reach: float) -> str:
        """The node whose rectangle is nearest to a point, within a reach; "" for none."""
        rows = self._rows_in(QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach))
        if not len(rows):
            return ""
        x, y = at.x(), at.y()
        b = self.bodies[rows]
        aside = np.maximum(np.maximum(b[:, 0] - x, x - b[:, 2]), 0.0)
        above = np.maximum(np.maximum(b[:, 1] - y, y - b[:, 3]), 0.0)
        middle = np.abs(b[:, 0] + WIDTH / 2 - x) + np.abs(b[:, 1] + HEIGHT / 2 - y)
        best = np.lexsort((middle, np.hypot(aside, above)))[0]
        return self.ids[int(rows[best])]

    # Painting ---------------------------------------------------------------------------------

    def set_bounds(self, bounds: QRectF) -> None:
        """The part of the scene in which there are nodes and edges."""
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if not self.is_used:
            return
        area: QRectF = option.exposedRect  # type: ignore[attr-defined]
        if widget is None:  # a picture of anything
            plan, parts = self._planned(area), [area]
        else:
            if self._plan is None:
                self._plan = self._planned(self._visible)
            plan, parts = self._plan, exposed(painter, area)
        moved = self._moved
        if (
            widget is None
            or self._still is None
            or moved is None
            or moved.plan is not plan
            or not pixel_ratio(painter).is_integer()
        ):
            self._draw(painter, plan, parts, (plan.edges, plan.rows))
            return
        resting = moved.resting
        self._still.draw(
            painter, widget, parts, lambda brush, whole: self._draw(brush, plan, [whole], resting)
        )
        self._draw(painter, plan, parts, (moved.edges, moved.bare))

    def _draw(
        self, painter: QPainter, plan: Plan, parts: list[QRectF], drawn: tuple[Any, Any]
    ) -> None:
        """Draw these edges and nodes of a plan where they reach into the parts."""
        shown, limits = theme.current(), corners(parts)
        edges, rows = drawn
        lines = self._lines(edges)
        rim = 2.0 / max(painter.worldTransform().m11(), 1e-9)
        seen = lines[passing(lines, limits, rim)]
        smooth = len(plan.edges) < _MOST_SMOOTH
        draw_lines(painter, shown, seen, smooth=smooth, is_sample=plan.is_sample)
        if not len(rows):
            return
        rim = max(WIDTH, least_mark(painter))
        rows = rows[reaching(self.bodies[rows], limits, rim)]
        bodies, looks = self.bodies[rows], self._looks()[rows]
        shades = colours(shown, self._scene.moment.mode)
        if len(plan.rows) > _MOST_RECTANGLES:
            for part in parts:
                draw_blocks(painter, shades, (bodies, looks), part)
            marked = looks >= len(LOOKS)
            bodies, looks = bodies[marked], looks[marked]
        smooth = len(plan.rows) < _MOST_SMOOTH
        draw_rectangles(painter, shown, shades, (bodies, looks), smooth=smooth)

    def _planned(self, seen: QRectF) -> Plan:
        """What is to be drawn where this is seen."""
        far = self._scene.is_far
        across, down = (WIDTH, HEIGHT) if far else (_AROUND, _AROUND)
        area = seen.adjusted(-across, -down, across, down)
        rows, edges = self._rows_in(area), self._edges_in(area)
        sampled = len(edges) > _MOST_LINES
        if sampled:
            edges = edges[:: -(-len(edges) // _MOST_LINES)]
        if not far:
            cards = [self._row[id_] for id_ in self._scene.nodes if id_ in self._row]
            has_card = np.zeros(len(self.ids), bool)
            has_card[cards] = True
            rows = rows[~has_card[rows]]
            edges = edges[~has_card[self._ends[edges]].all(axis=1)]
        return Plan(seen if far else area, edges, rows, sampled)

    def _edges_in(self, area: QRectF) -> Any:
        """Places of the edges with an end in a rectangle."""
        if not len(self._ends):
            return np.zeros(0, np.int64)
        x0, y0, x1, y1 = self._lines(slice(None)).T
        left, top, right, bottom = area.left(), area.top(), area.right(), area.bottom()
        leaves = (x0 >= left) & (x0 <= right) & (y0 >= top) & (y0 <= bottom)
        enters = (x1 >= left) & (x1 <= right) & (y1 >= top) & (y1 <= bottom)
        return np.flatnonzero(leaves | enters)

    def _lines(self, edges: Any) -> Any:
        """Where edges begin and end, (n, 4)."""
        b, (start, to) = self.bodies, self._ends[edges].T
        return np.stack(
            [b[start, 2], b[start, 1] + OUTPUT, b[to, 0], b[to, 1] + FIRST_ROW + 13], axis=1
        )

    def _looks(self) -> Any:
        """For each node the number of its colour; kept until something changes."""
        if self._known_looks is None:
            scene, session = self._scene, self._scene.session
            looks = self._kinds.copy()
            groups = (
                ("error", session.failures),
                ("lit", session.highlighted_nodes),
                ("active", (scene.moment.active_node,)),
                ("selected", session.selected_nodes),
            )
            for name, ids in groups:
                places = [row for id_ in ids if (row := self._row.get(id_)) is not None]
                looks[places] = [*LOOKS, *MARKS].index(name)
            self._known_looks = looks
        return self._known_looks


def _boxes(a: Any, b: Any) -> Any:
    """The rectangles (..., 4) whose corners are points (..., 2)."""
    return np.concatenate([np.minimum(a, b), np.maximum(a, b)], axis=-1)
