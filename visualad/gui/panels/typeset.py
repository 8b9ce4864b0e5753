"""LaTeX as a picture: typeset once, drawn sharply at any size and screen."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QByteArray, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtSvg import QSvgRenderer

from visualad.gui import fonts

SIZE = 15.0  # px of a formula beside running text
LONGEST = 6000  # characters of LaTeX; what is longer is written as text


@dataclass(frozen=True, eq=False)
class Typeset:
    """A formula that can be drawn.

    Attributes:
        width, height: in px; ascent: from the top to the baseline.
        text: what is read aloud, and drawn when the formula cannot be typeset.
        renderer: of the typeset formula, or None: then `text` is drawn.
        colour: "#rrggbb"; size: of the letters in px.
    """

    width: float
    height: float
    ascent: float
    text: str
    renderer: QSvgRenderer | None
    colour: str
    size: float

    @property
    def is_typeset(self) -> bool:
        """Whether it is mathematics and not the plain text in its place."""
        return self.renderer is not None

    def draw(self, painter: QPainter, left: float, baseline: float, scale: float = 1.0) -> None:
        """Draw with the baseline at this height. The painter's own scaling keeps it sharp."""
        if self.renderer is not None:
            where = QRectF(left, baseline - self.ascent * scale, self.width, self.height)
            where.setSize(where.size() * scale)
            self.renderer.render(painter, where)
            return
        painter.save()
        painter.translate(left, baseline)
        painter.scale(scale, scale)
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
    made = _svg(tex, colour, size, display) if 0 < len(tex) <= LONGEST else None
    if made is None:
        metrics = fonts.metrics(size)
        return Typeset(
            metrics.horizontalAdvance(plain),
            metrics.height(),
            metrics.ascent(),
            plain,
            None,
            colour,
            size,
        )
    source, width, height, ascent = made
    return Typeset(
        width, height, ascent, plain, QSvgRenderer(QByteArray(source.encode())), colour, size
    )


def _svg(
    tex: str, colour: str, size: float, display: bool
) -> tuple[str, float, float, float] | None:
    # Slow to import, and only wanted once a formula is on screen.
    from ziamath.config import config
    from ziamath.zmath import Latex

    config.svg2 = False  # Qt's SVG knows nothing newer
    try:
        made = Latex(tex, size=size, color=colour, inline=not display, margin=0.0)
        source = made.svgxml()
    except Exception:  # noqa: BLE001 - whatever a library finds wrong in a formula, text is shown
        return None
    box = [float(part) for part in source.get("viewBox", "").split()]
    if len(box) != 4 or min(box[2:]) <= 0:
        return None
    for glyph in source.iter("path"):
        # On paper Qt draws the outline of a shape that says nothing of a stroke, or "none".
        glyph.set("stroke", "black")
        glyph.set("stroke-opacity", "0")
    return ET.tostring(source, encoding="unicode"), box[2], box[3], -box[1]
