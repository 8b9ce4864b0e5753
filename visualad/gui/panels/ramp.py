"""Colours for things in an order, such as layers: from violet over blue to green."""

from __future__ import annotations

from PySide6.QtGui import QColor

from visualad.gui import theme

_HUES = (0.80, 0.40)  # of the first and of the last


def ramp(count: int) -> list[str]:
    """So many colours, told apart by hue and by lightness, readable on the theme's surface."""
    dark = theme.current().is_dark
    ends = (0.74, 0.62) if dark else (0.50, 0.30)
    saturation = 0.55 if dark else 0.62
    found = []
    for number in range(count):
        share = number / (count - 1) if count > 1 else 0.5
        hue = _HUES[0] + share * (_HUES[1] - _HUES[0])
        lightness = ends[0] + share * (ends[1] - ends[0])
        found.append(QColor.fromHslF(hue, saturation, lightness).name())
    return found
