"""The lines of the canvas: edges, fill-in edges, their texts and the pulses that travel on them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.autodiff.steps import MODES
from visualad.exchange.routes import Route, samples
from visualad.graph.folding import EdgeKey
from visualad.gui import fonts, theme
from visualad.gui.canvas.geometry import PORT_RADIUS

EDGE_LAYER, FILL_IN_LAYER, LABEL_LAYER, PULSE_LAYER = 1.0, 2.0, 3.0, 4.0
TEXT_SIZE = 12
_ARROW = 7.0


@dataclass(frozen=True)
class EdgeLook:
    """The state of an edge: see `Look` of nodes."""

    selected: bool = False
    lit: bool = False
    hovered: bool = False
    active: bool = False
    ghost: bool = False
    changed: bool = False  # elimination has changed its partial
    cut: bool = False  # the slicing line crosses it
    hidden: bool = False  # its end is being dragged elsewhere
    insertion: bool = False  # a node would be put onto it
    mode: str = ""


def painter_path(route: Route) -> QPainterPath:
    """A route as Qt draws it."""
    path = QPainterPath(QPointF(*route[0]))
    for i in range(1, len(route) - 2, 3):
        path.cubicTo(QPointF(*route[i]), QPointF(*route[i + 1]), QPointF(*route[i + 2]))
    return path


def arrow(route: Route) -> QPolygonF:
    """The head at the end of a route, its tip at the rim of the port."""
    (bx, by), (ex, ey) = route[-2], route[-1]
    length = max(np.hypot(ex - bx, ey - by), 1e-6)
    ux, uy = (ex - bx) / length, (ey - by) / length
    tip = (ex - ux * (PORT_RADIUS + 1), ey - uy * (PORT_RADIUS + 1))
    base = (tip[0] - ux * _ARROW, tip[1] - uy * _ARROW)
    side = (-uy * _ARROW * 0.5, ux * _ARROW * 0.5)
    return QPolygonF(
        [
            QPointF(*tip),
            QPointF(base[0] + side[0], base[1] + side[1]),
            QPointF(base[0] - side[0], base[1] - side[1]),
        ]
    )


class EdgeItem(QGraphicsItem):
    """One edge; holds its key and its route."""

    def __init__(self, key: EdgeKey, *, fill_in: bool = False) -> None:
        super().__init__()
        self.key = key
        self.fill_in = fill_in
        self.look = EdgeLook()
        self.route: Route = [(0.0, 0.0)] * 4
        self.path = QPainterPath()
        self._bounds = QRectF()
        self._head = QPolygonF()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(FILL_IN_LAYER if fill_in else EDGE_LAYER)

    def set_route(self, route: Route) -> None:
        """Take another way."""
        if route == self.route:
            return
        self.prepareGeometryChange()
        self.route = route
        self.path = painter_path(route)
        self._head = arrow(route)
        self._bounds = self.path.controlPointRect().adjusted(-9, -9, 9, 9)
        self.update()

    def set_look(self, **changes: object) -> None:
        """Change the state."""
        before = self.look
        if any(getattr(before, name) != value for name, value in changes.items()):
            self.look = replace(before, **changes)  # type: ignore[arg-type]
            self.update()

    def points(self) -> np.ndarray:
        """Points along the edge, (n, 2)."""
        return samples(self.route)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        stroker = QPainterPathStroker()
        stroker.setWidth(12)
        return stroker.createStroke(self.path)

    def colour(self, shown: theme.Theme) -> QColor:
        """The colour of the line in its state."""
        look = self.look
        if look.cut:
            return shown.colour("error")
        if look.active or self.fill_in or look.lit or look.changed:
            return QColor(shown.mode(look.mode))
        if look.selected or look.insertion:
            return shown.colour("accent")
        return shown.colour("text_muted" if look.hovered else "edge")

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        look = self.look
        if look.hidden:
            return
        shown = theme.current()
        colour = self.colour(shown)
        if look.ghost:
            painter.setOpacity(0.30)
        strong = look.active or look.selected or look.insertion
        width = 2.6 if strong else 2.0 if look.lit or look.hovered or look.changed else 1.5
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if look.lit or look.insertion:
            halo = QColor(colour)
            halo.setAlphaF(0.22)
            painter.setPen(QPen(halo, 9.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPath(self.path)
        if self.fill_in:
            painter.setPen(QPen(colour, 4.6))
            painter.drawPath(self.path)
            painter.setPen(QPen(shown.colour("background"), 1.8))
            painter.drawPath(self.path)
        else:
            dashed = look.ghost or look.cut
            style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(colour, width, style))
            painter.drawPath(self.path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(self._head)


class LabelItem(QGraphicsItem):
    """The text of an edge, on a patch of background that parts the line below it."""

    def __init__(self, key: EdgeKey) -> None:
        super().__init__()
        self.key = key
        self.lines: tuple[str, ...] = ()
        self._size = (0.0, 0.0)
        self._token = ""
        self._strong = False
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(LABEL_LAYER)

    def show_lines(self, lines: tuple[str, ...], *, token: str = "", strong: bool = False) -> None:
        """Other words, or the same in another colour; `token` "" is the quiet one."""
        if (lines, token, strong) == (self.lines, self._token, self._strong):
            return
        self.prepareGeometryChange()
        self.lines, self._token, self._strong = lines, token, strong
        self._size = text_size(lines, strong=strong)
        self.update()

    def boundingRect(self) -> QRectF:
        width, height = self._size
        return QRectF(-width / 2, -height / 2, width, height)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shown = theme.current()
        area = self.boundingRect()
        halo = shown.colour("background")
        halo.setAlphaF(0.9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(halo)
        painter.drawRoundedRect(area, 4, 4)
        token = self._token or "text_muted"
        painter.setPen(QColor(shown.mode(token)) if token in MODES else shown.colour(token))
        weight = fonts.Weight.DemiBold if self._strong else fonts.Weight.Normal
        painter.setFont(fonts.text(TEXT_SIZE, weight))
        height = (area.height() - 2) / max(len(self.lines), 1)
        for number, line in enumerate(self.lines):
            part = QRectF(area.left(), area.top() + 1 + number * height, area.width(), height)
            painter.drawText(part, Qt.AlignmentFlag.AlignCenter, line)


def text_size(lines: tuple[str, ...], *, strong: bool = False) -> tuple[float, float]:
    """Width and height of an edge's text, with its margin."""
    weight = fonts.Weight.DemiBold if strong else fonts.Weight.Normal
    width = max((fonts.width(line, TEXT_SIZE, weight) for line in lines), default=0.0)
    return width + 8, 15.0 * len(lines) + 2


class PulseItem(QGraphicsItem):
    """A dot with a pale halo, on its way along an edge."""

    _RADIUS = 13.0

    def __init__(self, mode: str) -> None:
        super().__init__()
        self.mode = mode
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(PULSE_LAYER)

    def boundingRect(self) -> QRectF:
        radius = self._RADIUS + 1
        return QRectF(-radius, -radius, 2 * radius, 2 * radius)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        colour = QColor(theme.current().mode(self.mode))
        painter.setPen(Qt.PenStyle.NoPen)
        halo = QColor(colour)
        halo.setAlphaF(0.24)
        painter.setBrush(halo)
        painter.drawEllipse(QPointF(0, 0), self._RADIUS, self._RADIUS)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(0, 0), 7, 7)
