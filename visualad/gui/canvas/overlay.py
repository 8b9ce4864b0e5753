"""What gestures draw over the graph: the edge being dragged, guides, the rubber band, the knife."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsLineItem,
    QLabel,
    QStyleOptionGraphicsItem,
    QWidget,
)

from visualad.gui import fonts, theme

OVERLAY_LAYER = 100.0


class OverlayItem(QGraphicsItem):
    """One item over all others; holds the shapes of the gesture that is going on."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[tuple[QPainterPath, str, bool]] = []
        self._guides: list[QLineF] = []
        self._guide_items: list[QGraphicsLineItem] = []
        self._band: QRectF | None = None
        self._dot: tuple[QPointF, str] | None = None
        self._bounds = QRectF()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(OVERLAY_LAYER)

    def clear(self) -> None:
        """Show nothing."""
        self.show_shapes()

    def show_shapes(
        self,
        *,
        line: QPainterPath | None = None,
        token: str = "accent",
        dashed: bool = False,
        guides: list[QLineF] | None = None,
        band: QRectF | None = None,
        dot: QPointF | None = None,
    ) -> None:
        """Show exactly these; colours are tokens of the theme."""
        self.prepareGeometryChange()
        self._lines = [(line, token, dashed)] if line is not None else []
        self._guides = guides or []
        self._band = band
        self._dot = (dot, token) if dot is not None else None
        bounds = line.controlPointRect() if line is not None else QRectF()
        if band is not None:
            bounds = bounds.united(band)
        if dot is not None:
            bounds = bounds.united(QRectF(dot.x() - 12, dot.y() - 12, 24, 24))
        self._bounds = bounds.adjusted(-6, -6, 6, 6) if not bounds.isNull() else QRectF()
        self.update()
        self._show_guides()

    def _show_guides(self) -> None:
        """As items of their own: a rectangle around two that cross is half of the view."""
        while len(self._guide_items) < len(self._guides):
            self._guide_items.append(QGraphicsLineItem(self))
        pen = QPen(theme.current().colour("forward"), 1.0, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        for number, item in enumerate(self._guide_items):
            item.setVisible(number < len(self._guides))
            if number < len(self._guides):
                item.setPen(pen)
                item.setLine(self._guides[number])

    @property
    def is_empty(self) -> bool:
        """Whether nothing is shown."""
        return not (self._lines or self._guides or self._dot) and self._band is None

    @property
    def guides(self) -> list[QLineF]:
        """The alignment guides that are shown."""
        return self._guides

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shown = theme.current()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for path, token, dashed in self._lines:
            style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(shown.colour(token), 2.2, style, Qt.PenCapStyle.RoundCap))
            painter.drawPath(path)
        if self._band is not None:
            fill = QColor(shown.accent)
            fill.setAlphaF(0.10)
            pen = QPen(shown.colour("accent"), 1.0)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(fill)
            painter.drawRect(self._band)
        if self._dot is not None:
            where, token = self._dot
            halo = shown.colour(token)
            painter.setPen(QPen(halo, 2.0))
            halo.setAlphaF(0.25)
            painter.setBrush(halo)
            painter.drawEllipse(where, 9, 9)


class Bubble(QLabel):
    """A sentence beside the mouse: why something is refused, what a drop would do."""

    _WIDEST = 320

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = parent
        self.setObjectName("canvas_bubble")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(fonts.text(12))
        self.hide()

    def say(self, sentence: str, at: QPoint, *, token: str = "error") -> None:
        """Show a sentence below and right of a point of the parent, or nothing for ""."""
        if not sentence:
            self.hide()
            return
        shown = theme.current()
        colour = getattr(shown, token)
        fill = shown.error_soft if token == "error" else shown.surface
        self.setStyleSheet(
            f"QLabel {{ background: {fill}; color: {shown.text}; border: 1px solid {colour};"
            " border-radius: 5px; padding: 5px 8px; }"
        )
        if sentence != self.text() or self.isHidden():
            self.setText(sentence)
            self.ensurePolished()
            width = min(self._WIDEST, int(fonts.width(sentence, 12)) + 24)
            self.setFixedWidth(width)
            self.setFixedHeight(self.heightForWidth(width))
        area = self._canvas.rect()
        x = min(at.x() + 16, area.right() - self.width() - 6)
        y = at.y() + 18
        if y + self.height() > area.bottom() - 6:
            y = at.y() - self.height() - 12
        self.move(max(x, 6), max(y, 6))
        self.show()
        self.raise_()
