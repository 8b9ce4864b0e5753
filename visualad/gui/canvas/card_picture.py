"""A card as a picture: painting its texts and lines takes thirty times as long as copying it."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QPixmapCache

from visualad.gui import fonts, theme
from visualad.gui.canvas.exposure import pixel_ratio

_ROOM = 64 * 1024  # KiB, of a screen full of cards twice; those not used for longest go


class CardPicture:
    """Shows the very pixels that painting would; made when it would show them a second time."""

    def __init__(self) -> None:
        self._made_for: tuple[object, ...] = ()
        self._key: QPixmapCache.Key | None = None

    def forget(self) -> None:
        """The card looks different now."""
        self._made_for = ()

    def draw(self, painter: QPainter, bounds: QRectF, paint: Callable[[QPainter], None]) -> None:
        """Draw the card.

        Args:
            bounds: all that is painted of it, in its coordinates.
        """
        ratio = pixel_ratio(painter)
        if not ratio.is_integer() or fonts.have_coloured_rims():
            paint(painter)
            return
        device = painter.deviceTransform()
        scale, corner = device.m11(), device.map(bounds.topLeft())
        # Scrolling moves by whole pixels, so that the part of a pixel stays.
        left, top = math.floor(corner.x() + 1e-4), math.floor(corner.y() + 1e-4)
        part = (round(corner.x() - left, 3), round(corner.y() - top, 3))
        size = bounds.size()
        made_for = (scale, ratio, part, size, theme.current().name)
        if made_for != self._made_for:  # while the canvas glides no two pictures are alike
            self._made_for, self._key = made_for, None
            paint(painter)
            return
        picture = QPixmap()
        if self._key is None or not QPixmapCache.find(self._key, picture):
            picture = QPixmap(
                math.ceil(size.width() * scale) + 1, math.ceil(size.height() * scale) + 1
            )
            picture.fill(Qt.GlobalColor.transparent)
            brush = QPainter(picture)
            brush.setRenderHints(painter.renderHints())
            brush.translate(*part)
            brush.scale(scale, scale)
            brush.translate(-bounds.topLeft())
            paint(brush)
            brush.end()
            picture.setDevicePixelRatio(ratio)
            if QPixmapCache.cacheLimit() < _ROOM:
                QPixmapCache.setCacheLimit(_ROOM)
            self._key = QPixmapCache.insert(picture)
        world = painter.worldTransform()
        painter.resetTransform()
        view, _ = painter.deviceTransform().inverted()
        painter.drawPixmap(view.map(QPointF(left, top)), picture)
        painter.setWorldTransform(world)
