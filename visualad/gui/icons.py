"""Our icons: line drawings in SVG whose "currentColor" becomes a colour of the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from visualad.assets import asset
from visualad.gui import theme


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return asset(f"icons/{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))


@lru_cache(maxsize=1024)
def _pixmap(name: str, colour: str, width: int, height: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _renderer(name, colour).render(painter, QRectF(0, 0, width, height))
    painter.end()
    return pixmap


def pixmap(name: str, size: int = 18, token: str = "text", ratio: float = 1.0) -> QPixmap:
    """An icon as a picture.

    Args:
        name: of the file in assets/icons, without ".svg".
        size: of its sides in px; `ratio`: device pixels per px.
        token: colour token of the theme.
    """
    return _pixmap(name, getattr(theme.current(), token), size, size, ratio)


def draw(painter: QPainter, name: str, where: QRectF, token: str = "text") -> None:
    """Paint an icon into a rectangle."""
    _renderer(name, getattr(theme.current(), token)).render(painter, where)


class _Engine(QIconEngine):
    """Draws an icon in the colours of the theme at the time of drawing."""

    def __init__(self, name: str, token: str, on_token: str) -> None:
        super().__init__()
        self._arguments = (name, token, on_token)

    def clone(self) -> QIconEngine:
        return _Engine(*self._arguments)

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        _, token, on_token = self._arguments
        shown = theme.current()
        if mode == QIcon.Mode.Disabled:
            return theme.mixed(shown.text_muted, shown.panel, 0.5)
        return str(getattr(shown, on_token if state == QIcon.State.On else token))

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        where = QRectF(0, 0, side, side)
        where.moveCenter(QRectF(rect).center())
        _renderer(self._arguments[0], self._colour(mode, state)).render(painter, where)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        # The size is in px of the layout, the scale says how many device pixels each has.
        side = min(size.width(), size.height())
        return QPixmap(_pixmap(self._arguments[0], self._colour(mode, state), side, side, scale))


def icon(name: str, token: str = "text", on_token: str | None = None) -> QIcon:
    """An icon for a button or menu; it follows the theme by itself.

    Args:
        token: colour token of the theme; `on_token`: that of a checked button (the same if None).
    """
    return QIcon(_Engine(name, token, on_token or token))
