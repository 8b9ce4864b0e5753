"""A picture of what stands still while something moves before it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform
from PySide6.QtWidgets import QWidget

from visualad.gui import theme


class Still:
    """Painted part by part when it is asked for, and kept until the view moves."""

    def __init__(self) -> None:
        self._made_for: tuple[QTransform, QSize, float, str] | None = None
        self._picture = QPixmap()
        self._known = QRegion()

    def forget(self) -> None:
        """It looks different now."""
        self._made_for = None

    def draw(
        self,
        painter: QPainter,
        widget: QWidget,
        parts: list[QRectF],
        paint: Callable[[QPainter, list[QRectF]], None],
    ) -> None:
        """Draw these parts of it.

        Args:
            parts: rectangles in the coordinates of the painter.
            paint: paints parts for the first time, on nothing.
        """
        transform, scale = painter.worldTransform(), widget.devicePixelRatioF()
        made_for = (transform, widget.size(), scale, theme.current().name)
        if made_for != self._made_for:
            self._made_for, self._known = made_for, QRegion()
            self._picture = QPixmap(widget.size() * scale)
            self._picture.setDevicePixelRatio(scale)
            self._picture.fill(Qt.GlobalColor.transparent)
        wanted = QRegion()
        for part in parts:
            wanted += transform.mapRect(part).toAlignedRect()
        wanted &= widget.rect()
        new = wanted - self._known
        if not new.isEmpty():
            inverse, _ = transform.inverted()
            brush = QPainter(self._picture)
            brush.setRenderHints(painter.renderHints())
            brush.setClipRegion(new)
            brush.setWorldTransform(transform)
            paint(brush, [inverse.mapRect(QRectF(part)) for part in new])  # type: ignore[attr-defined]
            brush.end()
            self._known += new
        painter.save()
        painter.resetTransform()
        for part in wanted:  # type: ignore[attr-defined]
            source = QRectF(part)
            pixels = QRectF(source.topLeft() * scale, source.size() * scale)
            painter.drawPixmap(source, self._picture, pixels)
        painter.restore()
