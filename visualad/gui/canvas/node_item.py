"""A node card on the canvas. It paints a `Face`; the view handles the mouse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.gui import fonts, icons, theme
from visualad.gui.canvas import heat
from visualad.gui.canvas.card_picture import CardPicture
from visualad.gui.canvas.faces import WAITING, Face, Row
from visualad.gui.canvas.geometry import (
    CORNER,
    HEAT,
    HEAT_LINE,
    LABEL,
    LABEL_SIZE,
    PADDING,
    PORT_RADIUS,
    SMALL_SIZE,
    TITLE,
    TITLE_SIZE,
    VALUE_SIZE,
    WRITING_SIZE,
    Geometry,
    geometry,
)

NODE_LAYER = 10.0
GHOST_LAYER = 0.5  # below the edges that have taken its place
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ACCENTED = {"parameter": "parameter", "constant": "constant", "data": "data"}


@lru_cache(maxsize=256)
def _shadow(width: float, height: float, depth: float) -> QPainterPath:
    """What is seen of the shadow of a card: painting all of it takes longer than the card."""
    body = QRectF(0, 0, width, height)
    cast, hidden, below = QPainterPath(), QPainterPath(), QPainterPath()
    cast.addRoundedRect(body.translated(0, depth), CORNER + 1, CORNER + 1)
    hidden.addRoundedRect(body.adjusted(1, 1, -1, -1), CORNER, CORNER)
    below.addRect(QRectF(0, height - CORNER, width, CORNER + depth))
    return cast.intersected(below).subtracted(hidden)


@dataclass(frozen=True)
class Look:
    """The state of a card.

    Attributes:
        mode: whose colour is active; active: the step is at this node.
        ghost: eliminated; dimmed: cannot be connected with what is being dragged.
        open_ports: names of the ports (or "out") that can take what is being dragged.
    """

    selected: bool = False
    lit: bool = False
    hovered: bool = False
    focused: bool = False
    active: bool = False
    ghost: bool = False
    dimmed: bool = False
    mode: str = ""
    open_ports: frozenset[str] = frozenset()
    edited: str = ""  # "name" or "value" while a field stands in its place


class NodeItem(QGraphicsItem):
    """The card of one node; holds its id and texts, nothing of the document."""

    def __init__(self, node_id: str, face: Face) -> None:
        super().__init__()
        self.node_id = node_id
        self.face = face
        self.geometry: Geometry = geometry(face)
        self.look = Look()
        self._images: dict[tuple[int, str], QImage] = {}
        self._picture = CardPicture()
        self._measure()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(NODE_LAYER)

    # Content ----------------------------------------------------------------------------------

    def set_face(self, face: Face, *, may_shrink: bool = True) -> bool:
        """Show other texts; says whether the size or the ports have changed."""
        before = self.geometry
        self.face = face
        made = geometry(face, 0.0 if may_shrink else before.size[0])
        changed = (made.size, made.inputs, made.output, made.left) != (
            before.size,
            before.inputs,
            before.output,
            before.left,
        )
        if changed:
            self.prepareGeometryChange()
        self.geometry = made
        self._images.clear()
        self._measure()
        self._picture.forget()
        self.update()
        return changed

    def set_look(self, **changes: object) -> None:
        """Change the state."""
        before = self.look
        if any(getattr(before, name) != value for name, value in changes.items()):
            self.look = look = replace(before, **changes)  # type: ignore[arg-type]
            layer = NODE_LAYER + (1 if look.selected else 0)
            self.setZValue(GHOST_LAYER if look.ghost else layer)
            self._picture.forget()
            self.update()

    def body(self) -> QRectF:
        """The card in scene coordinates."""
        return self.geometry.body.translated(self.pos())

    def port(self, name: str) -> QPointF:
        """The centre of an input port, or of the output for "out", in scene coordinates."""
        if name == "out":
            return self.pos() + self.geometry.output
        if name in self.face.ports:
            return self.pos() + self.geometry.inputs[self.face.ports.index(name)]
        return self.pos() + QPointF(0, self.geometry.size[1] / 2)

    def _measure(self) -> None:
        """Texts that must be cut to fit are cut here and not at each painting."""
        self._bounds = self.geometry.body.adjusted(-12, -12, 12, 14)
        face, width = self.face, self.geometry.size[0]
        marks = 18 if face.kink or face.error else 0
        room = width - 2 * PADDING - marks
        title = fonts.metrics(TITLE_SIZE, fonts.Weight.Bold)
        self._title = face.title
        if fonts.width(face.title, TITLE_SIZE, fonts.Weight.Bold) > room:
            self._title = title.elidedText(face.title, Qt.TextElideMode.ElideRight, room)
        room -= fonts.width(self._title, TITLE_SIZE, fonts.Weight.Bold) + 10
        writing = face.writing
        if fonts.width(writing, WRITING_SIZE) > room + 1:
            writing = fonts.metrics(WRITING_SIZE).elidedText(
                face.short_writing, Qt.TextElideMode.ElideRight, max(room + 1, 0)
            )
        self._writing = writing
        self._values, self._labels = [], []
        for row, rect in zip(face.rows, self.geometry.rows, strict=True):
            number = fonts.width(row.text, VALUE_SIZE, fonts.Weight.DemiBold)
            if row.cells is not None:
                number += fonts.width(row.range, SMALL_SIZE) + 8
            most = max(LABEL, rect.width() - number - 8)
            label, text = row.label, row.text
            if fonts.width(label, LABEL_SIZE) > most:  # its end says which node it is
                names = fonts.metrics(LABEL_SIZE)
                label = names.elidedText(label, Qt.TextElideMode.ElideMiddle, most)
            self._labels.append(label)
            space = rect.width() - fonts.width(label, LABEL_SIZE) - 8
            if fonts.width(text, VALUE_SIZE, fonts.Weight.DemiBold) > space:
                numbers = fonts.metrics(VALUE_SIZE, fonts.Weight.DemiBold)
                text = numbers.elidedText(text, Qt.TextElideMode.ElideRight, max(space, 0))
            self._values.append(text)
        self._error = ""
        if face.error and self.geometry.error is not None:
            self._error = fonts.metrics(LABEL_SIZE).elidedText(
                face.error, Qt.TextElideMode.ElideRight, self.geometry.error.width() - 2
            )

    # Qt ---------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(self.geometry.body)
        return path

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if widget is None:  # a picture in a file
            self._paint(painter)
        else:
            self._picture.draw(painter, self._bounds, self._paint)

    def _paint(self, painter: QPainter) -> None:
        shown = theme.current()
        if self.look.ghost:
            painter.setOpacity(0.34)
        elif self.look.dimmed:
            painter.setOpacity(0.42)
        self._paint_card(painter, shown)
        self._paint_title(painter, shown)
        if self.face.kind == "placeholder":
            self._paint_placeholder(painter, shown)
        else:
            rows = zip(self.face.rows, self.geometry.rows, self._values, strict=True)
            for number, (row, rect, text) in enumerate(rows):
                self._paint_row(painter, shown, number, row, rect, text)
        if self._error and self.geometry.error is not None:
            painter.setPen(shown.colour("error"))
            painter.setFont(fonts.text(LABEL_SIZE))
            painter.drawText(self.geometry.error, _LEFT, self._error)
        self._paint_ports(painter, shown)

    # Parts ------------------------------------------------------------------------------------

    def _border(self, shown: theme.Theme) -> QPen:
        face, look = self.face, self.look
        if look.active:
            return QPen(QColor(shown.mode(look.mode)), 2.4)
        if face.error and face.kind != "placeholder":
            return QPen(shown.colour("error"), 1.8)
        if look.selected:
            return QPen(shown.colour("node_selected"), 2.0)
        if face.kind == "placeholder" or look.ghost:
            return QPen(shown.colour("text_muted"), 1.3, Qt.PenStyle.DashLine)
        if face.is_output:
            return QPen(shown.colour("output"), 1.4)
        token = {"input": "input", **_ACCENTED}.get(face.kind, "node_border")
        return QPen(shown.colour(token), 1.3)

    def _paint_card(self, painter: QPainter, shown: theme.Theme) -> None:
        body, look = self.geometry.body, self.look
        painter.setPen(Qt.PenStyle.NoPen)
        if not look.ghost:
            shadow = shown.colour("node_shadow")
            for depth, strength in ((3.0, 0.035), (1.5, 0.05)):
                shadow.setAlphaF(strength * (4 if shown.is_dark else 1))
                painter.setBrush(shadow)
                painter.drawPath(_shadow(body.width(), body.height(), depth))
        if look.selected or look.lit or look.focused:
            halo = QColor(shown.mode(look.mode) if look.lit else shown.node_selected)
            halo.setAlphaF(0.30 if look.lit else 0.20)
            painter.setBrush(halo)
            painter.drawRoundedRect(body.adjusted(-4, -4, 4, 4), CORNER + 4, CORNER + 4)
        fill = shown.colour("surface")
        if self.face.kind == "placeholder":
            fill = shown.colour("panel")
        painter.setBrush(fill)
        painter.setPen(self._border(shown))
        painter.drawRoundedRect(body, CORNER, CORNER)
        if self.face.is_output and not look.active:  # a second line inside marks the output
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inner = QPen(shown.colour("error" if self.face.error else "output"), 1.0)
            painter.setPen(inner)
            painter.drawRoundedRect(body.adjusted(3, 3, -3, -3), CORNER - 2, CORNER - 2)
        if self.face.kind in _ACCENTED:
            self._paint_bar(painter, shown.colour(_ACCENTED[self.face.kind]))
        if look.focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(shown.colour("text"), 1.0, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(body.adjusted(-5, -5, 5, 5), CORNER + 4, CORNER + 4)

    def _paint_bar(self, painter: QPainter, colour: QColor) -> None:
        body = self.geometry.body
        painter.save()
        painter.setClipRect(QRectF(0, 0, 4.0, body.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(body, CORNER, CORNER)
        painter.restore()

    def _paint_title(self, painter: QPainter, shown: theme.Theme) -> None:
        width = self.geometry.size[0]
        area = QRectF(PADDING, 1, width - 2 * PADDING, TITLE - 1)
        if self.look.edited != "name":
            painter.setPen(shown.colour("text"))
            painter.setFont(fonts.text(TITLE_SIZE, fonts.Weight.Bold))
            painter.drawText(area, _LEFT, self._title)
        mark = ("error", "error") if self.face.error else ("warning", "warning")
        if self.face.error or self.face.kink:
            icons.draw(painter, mark[0], QRectF(width - PADDING - 14, 9, 15, 15), mark[1])
            area.setRight(area.right() - 19)
        painter.setPen(shown.colour("text_muted"))
        painter.setFont(fonts.text(WRITING_SIZE))
        painter.drawText(area, _RIGHT, self._writing)
        painter.setPen(QPen(shown.colour("border"), 1.0))
        inset = 3.5 if self.face.is_output else 1.0
        painter.drawLine(QPointF(inset, TITLE), QPointF(width - inset, TITLE))

    def _paint_row(
        self, painter: QPainter, shown: theme.Theme, number: int, row: Row, rect: QRectF, text: str
    ) -> None:
        colour = QColor(
            shown.text_muted
            if row.token == "text"
            else shown.mode(row.token)
            if row.token in {"forward", "backward", "cross"}
            else getattr(shown, row.token)
        )
        painter.setPen(colour)
        painter.setFont(fonts.text(LABEL_SIZE))
        line = QRectF(rect)
        if row.cells is not None:
            line.setHeight(HEAT_LINE)
        painter.drawText(line, _LEFT, self._labels[number])
        if number == 0 and self.look.edited == "value":
            return
        if text == WAITING:
            painter.setPen(shown.colour("text_muted"))
        elif row.token == "text":
            painter.setPen(shown.colour("text"))
        quiet = row.quiet or row.cells is not None
        weight = fonts.Weight.Normal if quiet else fonts.Weight.DemiBold
        painter.setFont(fonts.text(WRITING_SIZE if quiet else VALUE_SIZE, weight))
        painter.drawText(line, _RIGHT, text)
        if row.cells is not None:
            line.setRight(line.right() - fonts.width(text, WRITING_SIZE) - 8)
            painter.setPen(shown.colour("text_muted"))
            painter.setFont(fonts.text(SMALL_SIZE))
            painter.drawText(line.translated(0, 1), _RIGHT, row.range)
            self._paint_cells(painter, shown, number, row, rect)

    def _paint_cells(
        self, painter: QPainter, shown: theme.Theme, number: int, row: Row, rect: QRectF
    ) -> None:
        where = QRectF(rect.left(), rect.top() + HEAT_LINE, rect.width(), HEAT)
        key = (number, shown.name)
        if key not in self._images and row.cells is not None:
            self._images[key] = heat.picture(row.cells, row.scale, shown)
        if row.cells is not None and not np.isfinite(row.cells).all():
            # What is no number lets the hatch through.
            painter.fillRect(where, QBrush(shown.colour("error"), Qt.BrushStyle.BDiagPattern))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(where, self._images[key])
        painter.setPen(QPen(shown.colour("border"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(where)

    def _paint_placeholder(self, painter: QPainter, shown: theme.Theme) -> None:
        rect = self.geometry.rows[0]
        painter.setPen(shown.colour("text_muted"))
        painter.setFont(fonts.text(LABEL_SIZE, italic=True))
        name = fonts.metrics(LABEL_SIZE).elidedText(
            self.face.writing, Qt.TextElideMode.ElideRight, rect.width()
        )
        painter.drawText(rect, _LEFT, name)

    def _paint_ports(self, painter: QPainter, shown: theme.Theme) -> None:
        colour = shown.colour("port")
        grown = 1.5 if self.look.hovered else 0.0
        painter.setFont(fonts.text(10))
        for name, label, centre in zip(
            self.face.ports, self.face.port_labels, self.geometry.inputs, strict=True
        ):
            ready = name in self.look.open_ports
            painter.setBrush(shown.colour("surface"))
            painter.setPen(QPen(shown.colour("accent") if ready else colour, 2.0 if ready else 1.5))
            radius = PORT_RADIUS + (2.0 if ready else grown)
            painter.drawEllipse(centre, radius, radius)
            if label:
                painter.setPen(shown.colour("text_muted"))
                area = QRectF(centre.x() + 9, centre.y() - 9, self.geometry.left, 18)
                painter.drawText(area, _LEFT, label)
        ready = "out" in self.look.open_ports
        painter.setPen(QPen(shown.colour("surface"), 1.0))
        painter.setBrush(shown.colour("accent") if ready else colour)
        radius = PORT_RADIUS + (2.0 if ready else grown)
        painter.drawEllipse(self.geometry.output, radius, radius)
