"""Frames and notes: what lies behind the graph and is no part of its mathematics."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from visualad.graph.model import Frame, Note
from visualad.gui import fonts, theme

FRAME_LAYER, NOTE_LAYER = -10.0, -5.0
FRAME_TITLE = 28.0
NOTE_INSET, NOTE_SIZE = 10.0, 12
_HANDLE = 7.0


class _Backdrop(QGraphicsItem):
    """What lies behind the nodes at a rectangle of the document; the mouse passes through it."""

    def __init__(self, content: Frame | Note, layer: float) -> None:
        super().__init__()
        self.content = content
        self.setPos(*content.rectangle[:2])
        self.selected = False
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(layer)

    def area(self) -> QRectF:
        """Where it lies in the scene."""
        return QRectF(self.pos(), QSizeF(*self.content.rectangle[2:]))

    def set_selected(self, selected: bool) -> None:
        """Show the handles by which it is resized, or not."""
        if selected != self.selected:
            self.selected = selected
            self.update()

    def show_content(self, content: Frame | Note) -> None:
        """Other words, colour or place."""
        if content is not self.content or self.pos().toTuple() != content.rectangle[:2]:
            self.prepareGeometryChange()
            self.content = content
            self.setPos(*content.rectangle[:2])
            self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, *self.content.rectangle[2:]).adjusted(-6, -6, 6, 6)

    def _paint_handles(self, painter: QPainter, shown: theme.Theme) -> None:
        if not self.selected:
            return
        area = QRectF(0, 0, *self.content.rectangle[2:])
        painter.setPen(QPen(shown.colour("accent"), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, 6, 6)
        painter.setBrush(shown.colour("surface"))
        for corner in (area.topLeft(), area.topRight(), area.bottomLeft(), area.bottomRight()):
            handle = QRectF(0, 0, _HANDLE, _HANDLE)
            handle.moveCenter(corner)
            painter.drawRect(handle)


class FrameItem(_Backdrop):
    """A titled box; the nodes in it move with it."""

    content: Frame

    def __init__(self, content: Frame) -> None:
        super().__init__(content, FRAME_LAYER)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shown = theme.current()
        area = QRectF(0, 0, *self.content.rectangle[2:])
        colour = QColor(self.content.colour)
        if not colour.isValid():
            colour = shown.colour("accent")
        fill = QColor(colour)
        fill.setAlphaF(0.07)
        painter.setPen(QPen(QColor(theme.mixed(colour.name(), shown.background, 0.55)), 1.2))
        painter.setBrush(fill)
        painter.drawRoundedRect(area, 8, 8)
        painter.setPen(shown.colour("text_muted"))
        painter.setFont(fonts.text(13, fonts.Weight.DemiBold))
        title = QRectF(12, 0, area.width() - 24, FRAME_TITLE)
        words = fonts.metrics(13, fonts.Weight.DemiBold).elidedText(
            self.content.title, Qt.TextElideMode.ElideRight, title.width()
        )
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        self._paint_handles(painter, shown)


class NoteItem(_Backdrop):
    """Free text on the canvas."""

    content: Note

    def __init__(self, content: Note) -> None:
        super().__init__(content, NOTE_LAYER)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shown = theme.current()
        area = QRectF(0, 0, *self.content.rectangle[2:])
        fill = shown.colour("warning")
        fill.setAlphaF(0.10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(area, 5, 5)
        painter.setPen(shown.colour("text"))
        painter.setFont(fonts.text(NOTE_SIZE))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        inner = area.adjusted(NOTE_INSET, 8, -NOTE_INSET, -8)
        painter.drawText(inner, flags, self.content.text)
        self._paint_handles(painter, shown)
