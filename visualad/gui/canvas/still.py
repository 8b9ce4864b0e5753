"""A picture of what stands still while something moves before it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from visualad.gui import theme
from visualad.gui.canvas.exposure import pixel_ratio


class Still:
    """All of it that the view shows, painted once and kept until the view moves."""

    def __init__(self) -> None:
        self._made_for: tuple[QTransform, QSize, float, str] | None = None
        self._picture = QPixmap()

    def forget(self) -> None:
        """It looks different now."""
        self._made_for = None

    def draw(
        self,
        painter: QPainter,
        widget: QWidget,
        parts: list[QRectF],
        paint: Callable[[QPainter, QRectF], None],
    ) -> None:
        """Draw these parts of it.

        Args:
            parts: rectangles in the coordinates of the painter.
            paint: paints what is in a rectangle, on nothing.
        """
        transform, scale = painter.worldTransform(), pixel_ratio(painter)
        made_for = (transform, widget.size(), scale, theme.current().name)
        if made_for != self._made_for:
            self._made_for = made_for
            self._picture = QPixmap(widget.size() * scale)
            self._picture.setDevicePixelRatio(scale)
            self._picture.fill(Qt.GlobalColor.transparent)
            inverse, _ = transform.inverted()
            brush = QPainter(self._picture)
            brush.setRenderHints(painter.renderHints())
            brush.setWorldTransform(transform)
            paint(brush, inverse.mapRect(QRectF(widget.rect())))
            brush.end()
        painter.save()
        painter.resetTransform()
        for part in parts:
            area = QRectF(transform.mapRect(part).toAlignedRect() & widget.rect())
            pixels = QRectF(area.topLeft() * scale, area.size() * scale)
            painter.drawPixmap(area, self._picture, pixels)
        painter.restore()
