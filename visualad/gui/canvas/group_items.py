"""Groups on the canvas: the one card of a collapsed group, and the box around an open one."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.graph.model import Group
from visualad.gui import fonts, theme
from visualad.gui.canvas.geometry import CORNER, PADDING, PORT_RADIUS, TITLE
from visualad.gui.canvas.group_faces import GroupFace
from visualad.gui.canvas.node_item import NodeItem

BOX_LAYER = -8.0
BOX_TITLE = 30.0
BOX_MARGIN = 16.0
_BEHIND = 4.0  # how far the second card of the stack looks out
_TOGGLE = 26.0  # width of the triangle with room to be hit


def draw_toggle(painter: QPainter, centre: QPointF, *, is_open: bool, colour: QColor) -> None:
    """The triangle that opens and closes: to the right when closed, downwards when open."""
    x, y = centre.x(), centre.y()
    points = (
        ((-4.5, -2.5), (4.5, -2.5), (0, 3.5)) if is_open else ((-2.5, -4.5), (-2.5, 4.5), (3.5, 0))
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in points]))


class GroupCard(NodeItem):
    """One card for all members of a group; its ports are those of the edges across its border."""

    def __init__(self, group: Group, shown: GroupFace) -> None:
        self.group_id = group.id
        self.shown = shown
        super().__init__("", shown.face)
        self.setPos(*group.position)

    def show_face(self, shown: GroupFace) -> bool:
        """Show other texts; says whether a port may be elsewhere."""
        before = (self.shown.results, self.shown.lines)
        self.shown = shown
        resized = self.set_face(shown.face)
        return resized or before != (shown.results, shown.lines)

    def source_port(self, source: str) -> QPointF:
        """Where the edges from a node outside end, in scene coordinates."""
        return self.port(source)

    def result_port(self, node: str) -> QPointF:
        """Where the edges from a member to nodes outside begin, in scene coordinates."""
        if node not in self.shown.results:
            return self.pos() + QPointF(self.geometry.size[0], self.geometry.size[1] / 2)
        line = self.shown.lines[self.shown.results.index(node)]
        y = self.geometry.rows[min(line, len(self.geometry.rows) - 1)].center().y()
        return self.pos() + QPointF(self.geometry.size[0], y)

    def toggle_rect(self) -> QRectF:
        """Where a click opens the group, in scene coordinates."""
        return QRectF(0, 0, _TOGGLE, TITLE).translated(self.pos())

    def _paint_card(self, painter: QPainter, shown: theme.Theme) -> None:
        behind = self.geometry.body.translated(_BEHIND, _BEHIND)
        painter.setBrush(shown.colour("panel"))
        painter.setPen(QPen(shown.colour("edge"), 1.0))
        painter.drawRoundedRect(behind, CORNER, CORNER)
        super()._paint_card(painter, shown)

    def _paint_title(self, painter: QPainter, shown: theme.Theme) -> None:
        super()._paint_title(painter, shown)
        if self.look.edited != "name":
            draw_toggle(
                painter,
                QPointF(PADDING + 4, TITLE / 2 + 0.5),
                is_open=False,
                colour=shown.colour("text_muted"),
            )

    def _paint_ports(self, painter: QPainter, shown: theme.Theme) -> None:
        colour = shown.colour("port")
        radius = PORT_RADIUS + (1.5 if self.look.hovered else 0.0)
        painter.setBrush(shown.colour("surface"))
        painter.setPen(QPen(colour, 1.5))
        for centre in self.geometry.inputs:
            painter.drawEllipse(centre, radius, radius)
        painter.setPen(QPen(shown.colour("surface"), 1.0))
        painter.setBrush(colour)
        for node in self.shown.results:
            painter.drawEllipse(self.result_port(node) - self.pos(), radius, radius)


class GroupBox(QGraphicsItem):
    """The titled box around the members of a group that is open; it moves them all."""

    def __init__(self, group: Group) -> None:
        super().__init__()
        self.content = group
        self.area = QRectF()  # in scene coordinates; the item itself stays at the origin
        self.selected = self.hovered = self.lit = False
        self.edited = False
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(BOX_LAYER)

    def show_group(self, group: Group, area: QRectF, depth: int) -> None:
        """Another title or place; `depth`: in how many boxes it lies."""
        if (group, area) != (self.content, self.area):
            self.prepareGeometryChange()
            self.content, self.area = group, area
            self.update()
        self.setZValue(BOX_LAYER + min(depth, 20) * 0.1)

    def set_look(self, **changes: bool) -> None:
        """selected, hovered, lit or edited."""
        for name, value in changes.items():
            if getattr(self, name) != value:
                setattr(self, name, value)
                self.update()

    def title_rect(self) -> QRectF:
        """The title bar, in scene coordinates."""
        return QRectF(self.area.left(), self.area.top(), self.area.width(), BOX_TITLE)

    def toggle_rect(self) -> QRectF:
        """Where a click collapses the group, in scene coordinates."""
        return QRectF(self.area.left(), self.area.top(), _TOGGLE, BOX_TITLE)

    def boundingRect(self) -> QRectF:
        return self.area.adjusted(-4, -4, 4, 4)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shown = theme.current()
        strong = self.selected or self.lit
        edge = QColor(shown.accent if strong else theme.mixed(shown.edge, shown.background, 0.7))
        fill = QColor(shown.surface)
        fill.setAlphaF(0.45)
        painter.setPen(QPen(edge, 1.8 if strong else 1.3))
        painter.setBrush(fill)
        painter.drawRoundedRect(self.area, CORNER + 4, CORNER + 4)
        bar = QColor(shown.accent if strong or self.hovered else shown.edge)
        bar.setAlphaF(0.14)
        painter.save()
        painter.setClipRect(self.title_rect())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(bar)
        painter.drawRoundedRect(self.area, CORNER + 4, CORNER + 4)
        painter.restore()
        if self.edited:
            return
        title = self.title_rect()
        draw_toggle(
            painter,
            QPointF(title.left() + 15, title.center().y()),
            is_open=True,
            colour=shown.colour("text_muted"),
        )
        painter.setPen(shown.colour("text"))
        painter.setFont(fonts.text(13, fonts.Weight.DemiBold))
        room = title.adjusted(_TOGGLE + 2, 0, -10, 0)
        words = fonts.metrics(13, fonts.Weight.DemiBold).elidedText(
            self.content.title, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
