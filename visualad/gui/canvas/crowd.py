"""A large graph as arrays: drawn and searched without an item for each node.

Far away nodes are blocks of pixels, nearer rectangles; cards are made only for what is in sight.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.graph.folding import Folding
from visualad.graph.model import Graph
from visualad.gui import theme
from visualad.gui.canvas.faces import KINDS
from visualad.gui.canvas.geometry import FIRST_ROW, HEIGHT, OUTPUT, WIDTH

if TYPE_CHECKING:
    from visualad.gui.canvas.scene import CanvasScene

MOST_ITEMS = 2_000  # nodes; larger graphs have items only for what is in sight
MOST_CARDS = 1_200  # of a large graph that are made at once
_MOST_RECTANGLES = 2_500  # more nodes in sight are blocks of pixels
_MOST_LINES = 4_000
_LONG = 8 * WIDTH  # of an edge, across
_LEAST_PX = 1.6  # of a block, so that a single node can be seen
_LOOKS = ("operation", "input", "data", "parameter", "constant", "output", "error")
_MARKS = ("lit", "active", "selected")  # drawn last


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
        self.update()

    def _forget(self) -> None:
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
        outputs, number = set(graph.output_ids), {kind: k for k, kind in enumerate(_LOOKS)}
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
        known = [(self._row[id_], start) for id_, start in starts.items() if id_ in self._row]
        rows = [row for row, _ in known]
        self.bodies[rows, :2] = np.array([(p + offset).toTuple() for _, p in known]).reshape(-1, 2)
        self.bodies[rows, 2:] = self.bodies[rows, :2] + np.array((WIDTH, HEIGHT))
        self.update()

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
        area = area.adjusted(-WIDTH, -HEIGHT, WIDTH, HEIGHT)
        shown = theme.current()
        rows = self._rows_in(area)
        self._paint_lines(painter, shown, area)
        if not self._scene.is_far:
            rows = np.array([r for r in rows.tolist() if self.ids[r] not in self._scene.nodes], int)
        looks = self._looks(rows)
        marked = looks >= len(_LOOKS)
        if len(rows) > _MOST_RECTANGLES:
            self._paint_blocks(painter, shown, (rows, looks), area)
            rows, looks = rows[marked], looks[marked]
        self._paint_rectangles(painter, shown, rows, looks)

    def _colours(self, shown: theme.Theme) -> list[QColor]:
        tokens = ("edge", "input", "data", "parameter", "constant", "output", "error")
        mode = QColor(shown.mode(self._scene.moment.mode))
        marks = [shown.colour("accent"), mode, shown.colour("node_selected")]
        return [*(shown.colour(token) for token in tokens), *marks]

    def _looks(self, rows: Any) -> Any:
        """For each of these nodes the number of its colour."""
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
            looks[places] = [*_LOOKS, *_MARKS].index(name)
        return looks[rows]

    def _paint_lines(self, painter: QPainter, shown: theme.Theme, area: QRectF) -> None:
        """The edges with an end in sight that no item draws; a sample when they are very many."""
        if not len(self._ends):
            return
        b, (start, to) = self.bodies, self._ends.T
        x0, y0 = b[start, 2], b[start, 1] + OUTPUT
        x1, y1 = b[to, 0], b[to, 1] + FIRST_ROW + 13
        left, top, right, bottom = area.left(), area.top(), area.right(), area.bottom()
        leaves = (x0 >= left) & (x0 <= right) & (y0 >= top) & (y0 <= bottom)
        enters = (x1 >= left) & (x1 <= right) & (y1 >= top) & (y1 <= bottom)
        found = np.flatnonzero(leaves | enters)
        many = len(found) > _MOST_LINES
        if many:
            found = found[:: -(-len(found) // _MOST_LINES)]
        if not self._scene.is_far:
            drawn, ids = self._scene.nodes, self.ids
            pairs = self._ends[found].tolist()
            found = found[[not (ids[s] in drawn and ids[t] in drawn) for s, t in pairs]]
        far_apart = np.abs(x1 - x0)[found] > _LONG
        lines = np.stack([x0, y0, x1, y1], axis=1)[found]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(lines) < 500)
        # Those from band to band would hide all others.
        for chosen, alpha in ((far_apart, 0.12), (~far_apart, 0.4 if many else 0.8)):
            colour = QColor(shown.colour("edge"))
            colour.setAlphaF(alpha)
            pen = QPen(colour, 1.0)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawLines([QLineF(*ends) for ends in lines[chosen].tolist()])

    def _paint_blocks(
        self, painter: QPainter, shown: theme.Theme, drawn: tuple[Any, Any], area: QRectF
    ) -> None:
        """Every node as a few pixels of one picture, which takes as long for any number."""
        rows, looks = drawn
        scale = painter.worldTransform().m11() * painter.device().devicePixelRatioF()
        # Whole pixels of the view, so that parts that are painted at different times fit.
        left, top = math.floor(area.left() * scale), math.floor(area.top() * scale)
        width = math.ceil(area.right() * scale) - left
        height = math.ceil(area.bottom() * scale) - top
        colours = self._colours(shown)
        pixels = blocks(self.bodies[rows], looks, colours, scale, (left, top, width, height))
        image = QImage(
            pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
        )
        target = QRectF(left / scale, top / scale, width / scale, height / scale)
        painter.drawImage(target, image)

    def _paint_rectangles(
        self, painter: QPainter, shown: theme.Theme, rows: Any, looks: Any
    ) -> None:
        painter.setBrush(shown.colour("surface"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(rows) < 500)
        least = 6.0 / max(painter.worldTransform().m11(), 1e-9)
        for look, colour in enumerate(self._colours(shown)):
            chosen = self.bodies[rows[looks == look]].tolist()
            if not chosen:
                continue
            is_marked = look >= len(_LOOKS)
            pen = QPen(colour, 2.5 if is_marked else 1.2)
            pen.setCosmetic(True)
            painter.setPen(pen)
            rectangles = [QRectF(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in chosen]
            if is_marked:  # one among a hundred thousand must be found
                rectangles = [_at_least(rectangle, least) for rectangle in rectangles]
            painter.drawRects(rectangles)


def _at_least(area: QRectF, size: float) -> QRectF:
    across, down = max(0.0, size - area.width()) / 2, max(0.0, size - area.height()) / 2
    return area.adjusted(-across, -down, across, down)


def blocks(
    bodies: Any, looks: Any, colours: list[QColor], scale: float, area: tuple[int, int, int, int]
) -> Any:
    """A picture of rectangles as pixels, (height, width) of premultiplied ARGB.

    Args:
        bodies: (n, 4) in scene units; looks: for each the number of its colour.
        scale: pixels for a scene unit.
        area: left, top, width and height of the picture in pixels.
    """
    x0, y0, width, height = area
    picture = np.zeros((height, width), np.uint32)
    across, down = max(WIDTH * scale, _LEAST_PX), max(HEIGHT * scale, _LEAST_PX)
    left = np.floor(bodies[:, 0] * scale).astype(np.int64) - x0
    top = np.floor(bodies[:, 1] * scale).astype(np.int64) - y0
    palette = np.array([colour.rgba() for colour in colours], np.uint32)[looks]
    flat = picture.reshape(-1)
    for dy in range(max(1, int(down))):
        y = top + dy
        for dx in range(max(1, int(across))):
            x = left + dx
            inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
            flat[y[inside] * width + x[inside]] = palette[inside]
    return picture
