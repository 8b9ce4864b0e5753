"""The fonts of the window: Inter for text, DejaVu Sans where Inter lacks a sign of mathematics."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QGuiApplication

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


@lru_cache(maxsize=256)
def text(size: float = SIZE, weight: Weight = Weight.Normal, *, italic: bool = False) -> QFont:
    """The font for text and formulas; figures all have the same width.

    Args:
        size: in px.
    """
    font = QFont(FAMILIES)
    _set_size(font, size)
    font.setWeight(weight)
    font.setItalic(italic)
    # Columns of numbers and numbers that change in place must not dance.
    font.setFeature(QFont.Tag("tnum"), 1)
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


def _set_size(font: QFont, size: float) -> None:
    if size == int(size):
        font.setPixelSize(int(size))
    else:  # Qt's pixel size is a whole number; points may have a fraction
        screen = QGuiApplication.primaryScreen()
        font.setPointSizeF(size * 72 / screen.logicalDotsPerInch())
