"""The graph from far away: plain rectangles and lines, drawn in a few calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.gui import theme

if TYPE_CHECKING:
    from visualad.gui.canvas.scene import CanvasScene

BELOW = 0.4  # the zoom from which on cards are mere rectangles


class OverviewItem(QGraphicsItem):
    """One item that paints all nodes and edges; visible only below a zoom of 40 %.

    Painting a thousand items costs a call to Python for each; this is one.
    """

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__()
        self._scene = scene
        self._bounds = QRectF()
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

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shown = theme.current()
        scene = self._scene
        mode = QColor(shown.mode(scene.moment.mode))
        plain: list[QLineF] = []
        strong: list[QLineF] = []
        ghost: list[QLineF] = []
        for edge in (*scene.edges.values(), *scene.fill_ins.values()):
            look = edge.look
            (x0, y0), (x1, y1) = edge.route[0], edge.route[-1]
            line = QLineF(x0, y0, x1, y1)
            chosen = look.active or look.lit or look.selected or edge.fill_in
            (ghost if look.ghost else strong if chosen else plain).append(line)
        for lines, colour, width in (
            (ghost, shown.colour("border"), 1.0),
            (plain, shown.colour("edge"), 1.0),
            (strong, mode, 2.0),
        ):
            pen = QPen(colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawLines(lines)
        self._paint_nodes(painter, shown, mode)

    def _paint_nodes(self, painter: QPainter, shown: theme.Theme, mode: QColor) -> None:
        groups: dict[str, list[QRectF]] = {}
        for item in self._scene.shown():
            look, face = item.look, item.face
            if look.selected or look.lit:
                group = "selected"
            elif look.active:
                group = "active"
            elif look.ghost:
                group = "ghost"
            elif face.error:
                group = "error"
            elif face.is_output:
                group = "output"
            else:
                group = face.kind
            groups.setdefault(group, []).append(item.body())
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
        for group, rectangles in groups.items():
            pen = QPen(borders.get(group, shown.colour("edge")), 1.5)
            if group in {"selected", "active", "error"}:
                pen.setWidthF(2.5)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(shown.colour("surface"))
            painter.drawRects(rectangles)
