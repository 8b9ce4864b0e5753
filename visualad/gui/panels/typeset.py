"""LaTeX as a picture: typeset once, drawn sharply at any size and screen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from visualad.gui import fonts

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

SIZE = 15.0  # px of a formula beside running text
_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
# A minus sign that begins a number or a term: at the start, or after a bracket or another sign.
_LEADING_MINUS = re.compile(r"(^|[(\[{=,+]|\\(?:cdot|times|left\())(\s*)-")
LONGEST = 6000  # characters of LaTeX; what is longer is written as text


@dataclass(frozen=True, eq=False)
class Typeset:
    """A formula that can be drawn.

    Attributes:
        width, height: in px; ascent: from the top to the baseline.
        text: what is read aloud, and drawn when the formula cannot be typeset.
        shapes: of its letters and lines, origin at the baseline's left end; none: `text` is drawn.
        colour: "#rrggbb"; size: of the letters in px.
    """

    width: float
    height: float
    ascent: float
    text: str
    shapes: tuple[QPainterPath, ...]
    colour: str
    size: float

    @property
    def is_typeset(self) -> bool:
        """Whether it is mathematics and not the plain text in its place."""
        return bool(self.shapes)

    def draw(self, painter: QPainter, left: float, baseline: float, scale: float = 1.0) -> None:
        """Draw with the baseline at this height. The painter's own scaling keeps it sharp."""
        painter.save()
        painter.translate(left, baseline)
        painter.scale(scale, scale)
        for shape in self.shapes:
            painter.fillPath(shape, QColor(self.colour))
        if self.shapes:
            painter.restore()
            return
        painter.setPen(QColor(self.colour))
        painter.setFont(fonts.text(self.size))
        painter.drawText(QPointF(0, 0), self.text)
        painter.restore()


@lru_cache(maxsize=2048)
def typeset(
    tex: str, colour: str, size: float = SIZE, text: str = "", *, display: bool = True
) -> Typeset:
    """Typeset a formula.

    Args:
        tex: LaTeX without dollar signs.
        colour: "#rrggbb".
        size: of the letters in px.
        text: the same in plain Unicode, drawn instead when the formula cannot be typeset.
        display: large fractions and sums with their limits below.
    """
    plain = text or tex
    made = _shaped(tex, colour, size, display) if 0 < len(tex) <= LONGEST else None
    if made is None:
        metrics = fonts.metrics(size)
        return Typeset(
            metrics.horizontalAdvance(plain),
            metrics.height(),
            metrics.ascent(),
            plain,
            (),
            colour,
            size,
        )
    shapes, width, height, ascent = made
    return Typeset(width, height, ascent, plain, shapes, colour, size)


def _shaped(
    tex: str, colour: str, size: float, display: bool
) -> tuple[tuple[QPainterPath, ...], float, float, float] | None:
    """Shapes, width, height and ascent of a formula; None when it cannot be typeset."""
    # Slow to import, and only wanted once a formula is on screen.
    from ziamath.config import config
    from ziamath.zmath import Latex

    config.svg2 = False  # letters as paths in their places, nothing to look up elsewhere
    try:
        # In braces it keeps close to what follows; else it would stand apart like a difference.
        tight = _LEADING_MINUS.sub(r"\1\2{-}", tex)
        made = Latex(tight, size=size, color=colour, inline=not display, margin=0.0)
        source = made.svgxml()
    except Exception:  # noqa: BLE001 - whatever a library finds wrong in a formula, text is shown
        return None
    box = [float(part) for part in source.get("viewBox", "").split()]
    if len(box) != 4 or min(box[2:]) <= 0:
        return None
    shapes = [_shape(element, box[0]) for element in source]
    if not shapes or any(shape is None for shape in shapes):
        return None
    return tuple(shape for shape in shapes if shape is not None), box[2], box[3], -box[1]


def _shape(element: ET.Element, left: float) -> QPainterPath | None:
    """A path or rectangle of SVG, moved so that `left` is 0; None for anything else.

    Filled by Qt directly it takes a quarter of the room in a PDF that Qt's SVG takes, which writes
    the outline of every letter as well.
    """
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    if element.tag == "rect":
        x, y, width, height = (float(element.get(k, "0")) for k in ("x", "y", "width", "height"))
        path.addRect(x - left, y, width, height)
        return path
    if element.tag != "path":
        return None
    for command, written in _COMMAND.findall(element.get("d", "")):
        numbers = [float(number) for number in _NUMBER.findall(written)]
        points = [QPointF(x - left, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        if command == "M":
            path.moveTo(*points)
        elif command == "L":
            path.lineTo(*points)
        elif command == "Q":
            path.quadTo(*points)
        elif command == "C":
            path.cubicTo(*points)
        elif command == "Z":
            path.closeSubpath()
        else:
            return None
    return path
