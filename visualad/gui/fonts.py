"""The fonts of the window: Inter for text, DejaVu Sans where Inter lacks a sign of mathematics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPainter,
)

from visualad.assets import asset

FAMILIES = ["Inter", "DejaVu Sans"]
MONOSPACED = ["DejaVu Sans Mono"]
SIZE = 12.5  # px of running text

Weight = QFont.Weight


@lru_cache(maxsize=1)
def load() -> None:
    """Make our font files known to Qt; once, and only with an application."""
    for path in sorted(asset("fonts").glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(path))


def text(size: float = SIZE, weight: Weight = Weight.Normal, *, italic: bool = False) -> QFont:
    """The font for text and formulas; figures all have the same width.

    Args:
        size: in px.
    """
    return _text(size, weight, italic, _figures[-1])


@contextmanager
def plain_figures() -> Iterator[None]:
    """Figures as wide as each is. In a PDF only these can be searched for and copied."""
    _figures.append("plain")
    try:
        yield
    finally:
        _figures.pop()


_figures = ["tabular"]


@lru_cache(maxsize=512)
def _text(size: float, weight: Weight, italic: bool, figures: str) -> QFont:
    font = QFont(FAMILIES)
    _set_size(font, size)
    font.setWeight(weight)
    font.setItalic(italic)
    if figures == "tabular":
        # Columns of numbers and numbers that change in place must not dance.
        font.setFeature(QFont.Tag("tnum"), 1)
    else:  # alternates of a figure have no character of their own
        font.setFeature(QFont.Tag("calt"), 0)
    return font


@lru_cache(maxsize=16)
def monospaced(size: float = SIZE) -> QFont:
    """The font for code."""
    font = QFont(MONOSPACED)
    _set_size(font, size)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


@lru_cache(maxsize=256)
def metrics(size: float = SIZE, weight: Weight = Weight.Normal) -> QFontMetricsF:
    """Measures of `text(size, weight)`."""
    return QFontMetricsF(text(size, weight))


@lru_cache(maxsize=8192)
def width(words: str, size: float = SIZE, weight: Weight = Weight.Normal) -> float:
    """How wide a text is, in px."""
    return float(metrics(size, weight).horizontalAdvance(words))


@lru_cache(maxsize=1)
def have_coloured_rims() -> bool:
    """Whether letters are smoothed by parts of a pixel; only possible on an opaque ground."""
    image = QImage(40, 20, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setFont(text(13))
    painter.drawText(2, 15, "lW/")
    painter.end()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return any(not pixel.red() == pixel.green() == pixel.blue() for pixel in pixels)


def _set_size(font: QFont, size: float) -> None:
    if size == int(size):
        font.setPixelSize(int(size))
    else:  # Qt's pixel size is a whole number; points may have a fraction
        screen = QGuiApplication.primaryScreen()
        font.setPointSizeF(size * 72 / screen.logicalDotsPerInch())
