"""Text of an SVG picture as outlines: it looks the same where the fonts of the window are missing.

Qt writes the text of a picture with the names of our fonts, which hardly any other computer has; a
wider font in their place would run over the cards.
"""

from __future__ import annotations

import html
import re

from PySide6.QtGui import QFont, QPainterPath

from visualad.gui import fonts

_TEXT = re.compile(r"<text\b([^>]*)>(.*?)</text>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')
_KEPT = ("fill", "fill-opacity", "transform")


def with_outlines(svg: str) -> str:
    """The picture with a path, named after its text, in place of each text."""
    return _TEXT.sub(_outlined, svg)


def _outlined(found: re.Match[str]) -> str:
    attributes = dict(_ATTRIBUTE.findall(found[1]))
    words = html.unescape(found[2])
    path = QPainterPath()
    path.addText(float(attributes["x"]), float(attributes["y"]), _font(attributes), words)
    kept = "".join(f' {name}="{attributes[name]}"' for name in _KEPT if name in attributes)
    label = html.escape(words.strip(), quote=True)
    return f'<path role="img" aria-label="{label}"{kept} stroke="none" d="{_data(path)}"/>'


def _font(attributes: dict[str, str]) -> QFont:
    size, weight = float(attributes["font-size"]), int(attributes["font-weight"])
    italic = attributes["font-style"] != "normal"
    if attributes["font-family"].startswith(fonts.MONOSPACED[0]):
        return fonts.monospaced(size)
    return fonts.text(size, fonts.Weight(weight), italic=italic)


def _data(path: QPainterPath) -> str:
    """The `d` of an SVG path."""
    written: list[str] = []
    count, place = path.elementCount(), 0
    while place < count:
        element = path.elementAt(place)
        if element.isCurveTo():  # followed by its second control point and its end
            points = [path.elementAt(place + i) for i in range(3)]
            written.append("C" + " ".join(f"{p.x:.2f} {p.y:.2f}" for p in points))
            place += 3
            continue
        written.append(f"{'M' if element.isMoveTo() else 'L'}{element.x:.2f} {element.y:.2f}")
        place += 1
    return "".join(written)
