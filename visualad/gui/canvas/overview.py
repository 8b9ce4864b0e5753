"""The graph from far away: plain rectangles and lines, drawn in a few calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.gui import fonts, theme

if TYPE_CHECKING:
    from visualad.gui.canvas.edge_line import EdgeLine
    from visualad.gui.canvas.node_item import NodeItem
    from visualad.gui.canvas.scene import CanvasScene

Lines = dict[str, list[QLineF]]
Rectangles = dict[str, list[QRectF]]
Writing = list[tuple[str, str]]  # texts with their colour tokens

BELOW = 0.5  # the zoom from which on cards are mere rectangles; their text would be 6 px high
# Up to so many nodes have their name and number written in them, as large as on any screen.
MOST_WRITTEN, LETTERS, LINE = 200, 11.0, 13.0
MOST_SMOOTH = 2_000  # lines beyond which nobody sees smooth ones, which take three times as long


class OverviewItem(QGraphicsItem):
    """One item that paints all nodes and edges; visible only below a zoom of 50 %.

    Painting a thousand items costs a call to Python for each; this is one.
    """

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__()
        self._scene = scene
        self._bounds = QRectF()
        self._places: tuple[list[QLineF], list[QRectF]] | None = None  # in the scene's order
        self._looks: tuple[Lines, Rectangles] | None = None
        self._writings: tuple[float, list[tuple[QRectF, Writing]]] | None = None  # of a zoom
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(5.0)
        self.setVisible(False)

    def set_bounds(self, bounds: QRectF) -> None:
        """The part of the scene in which there are nodes and edges."""
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds

    def boundingRect(self) -> QRectF:
        return self._bounds

    def changed(self) -> None:
        """Nodes or edges look different, but are where they were."""
        self._looks = self._writings = None
        self.update()

    def moved(self) -> None:
        """Nodes or edges have come, gone or moved."""
        self._places = None
        self.changed()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shown = theme.current()
        mode = QColor(shown.mode(self._scene.moment.mode))
        lines, rectangles = self._grouped()
        many = sum(map(len, lines.values())) > MOST_SMOOTH
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not many)
        for group, colour, width in (
            ("ghost", shown.colour("border"), 1.0),
            ("plain", shown.colour("edge"), 1.0),
            ("strong", mode, 2.0),
        ):
            pen = QPen(colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawLines(lines[group])
        self._paint_nodes(painter, shown, mode, rectangles)
        if len(self._scene.nodes) <= MOST_WRITTEN:
            zoom = option.levelOfDetailFromTransform(painter.worldTransform())
            if self._writings is None or self._writings[0] != zoom:
                cards = [(item.body(), writing_of(item, zoom)) for item in self._scene.shown()]
                self._writings = zoom, cards
            for body, written in self._writings[1]:
                _write(painter, shown, body, written, zoom)

    def _grouped(self) -> tuple[Lines, Rectangles]:
        """The lines and rectangles by how they are drawn; kept until something changes."""
        if self._looks is None:
            scene = self._scene
            if self._places is None:
                self._places = (
                    [_chord(edge) for edge in scene.edges.values()],
                    [item.body() for item in scene.shown()],
                )
            chords, bodies = self._places
            lines: Lines = {"plain": [], "strong": [], "ghost": []}
            for edge, chord in zip(scene.edges.values(), chords, strict=True):
                look = edge.look
                chosen = look.active or look.lit or look.selected or look.changed
                lines["ghost" if look.ghost else "strong" if chosen else "plain"].append(chord)
            for edge in scene.fill_ins.values():
                lines["ghost" if edge.look.ghost else "strong"].append(_chord(edge))
            rectangles: Rectangles = {}
            for item, body in zip(scene.shown(), bodies, strict=True):
                rectangles.setdefault(_group(item), []).append(body)
            self._looks = lines, rectangles
        return self._looks

    def _paint_nodes(
        self, painter: QPainter, shown: theme.Theme, mode: QColor, rectangles: Rectangles
    ) -> None:
        borders = {
            "selected": shown.colour("node_selected"),
            "active": mode,
            "ghost": shown.colour("border"),
            "error": shown.colour("error"),
            "output": shown.colour("output"),
            "input": shown.colour("input"),
            "parameter": shown.colour("parameter"),
            "constant": shown.colour("constant"),
            "data": shown.colour("data"),
        }
        for group, bodies in rectangles.items():
            pen = QPen(borders.get(group, shown.colour("edge")), 1.5)
            if group in {"selected", "active", "error"}:
                pen.setWidthF(2.5)
            pen.setCosmetic(True)
            painter.setPen(pen)
            # What is eliminated hides none of the edges that have taken its place.
            ghost = group == "ghost"
            painter.setBrush(Qt.BrushStyle.NoBrush if ghost else shown.colour("surface"))
            painter.drawRects(bodies)


def writing_of(item: NodeItem, zoom: float) -> Writing:
    """The lines that are written in a card at this zoom, with the colour tokens: name and number.

    The number is that of the mode, the value without one. What does not fit is left out: half a
    number would be another number. Only the title of a group is cut.
    """
    face, body = item.face, item.body()
    width, weight = body.width() * zoom - 4, fonts.Weight.DemiBold
    name = face.title.strip()
    if face.kind == "group":
        metrics = QFontMetricsF(fonts.text(LETTERS, weight))
        name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, width)
    lines = [(name, "text_muted" if item.look.ghost else "text")]
    if face.rows and not item.look.ghost:
        last = face.rows[-1]
        lines.append((last.text, last.token))
    room = int((body.height() * zoom + LINE - LETTERS + 2) / LINE)  # the border takes no room
    return [(t, token) for t, token in lines[:room] if fonts.width(t, LETTERS, weight) <= width]


def _write(
    painter: QPainter, shown: theme.Theme, body: QRectF, lines: Writing, zoom: float
) -> None:
    painter.save()
    painter.translate(body.center())
    painter.scale(1 / zoom, 1 / zoom)
    painter.setFont(fonts.text(LETTERS, fonts.Weight.DemiBold))
    top, half = -LINE * len(lines) / 2, body.width() * zoom / 2
    for number, (text, token) in enumerate(lines):
        modes = {"forward", "backward", "cross"}
        colour = shown.mode(token) if token in modes else getattr(shown, token)
        painter.setPen(QColor(colour))
        line = QRectF(-half, top + LINE * number, 2 * half, LINE)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def _chord(edge: EdgeLine) -> QLineF:
    (x0, y0), (x1, y1) = edge.route[0], edge.route[-1]
    return QLineF(x0, y0, x1, y1)


def _group(item: NodeItem) -> str:
    look, face = item.look, item.face
    if look.selected or look.lit:
        return "selected"
    if look.active:
        return "active"
    if look.ghost:
        return "ghost"
    if face.error:
        return "error"
    return "output" if face.is_output else face.kind
