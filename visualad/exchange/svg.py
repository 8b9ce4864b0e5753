"""The graph as an SVG picture that looks like the canvas; drawn without Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from visualad.exchange.drawing import BOX_HEIGHT, BOX_WIDTH, Box, Curve, Drawing, Point, draw
from visualad.graph.model import CONSTANT, DATA, PARAMETER, VARIABLE, Graph
from visualad.ops.writing import name_pretty, number_text, pretty

STYLE = """\
text { font-family: Inter, "DejaVu Sans", sans-serif; fill: #1f2933 }
.name { font-size: 15px; font-weight: 600 }
.operation { font-size: 12px; fill: #6b7785; text-anchor: end }
.label { font-size: 11px; fill: #6b7785 }
.value { font-size: 14px; font-weight: 600; text-anchor: end }
.long { font-size: 11px }
.box { fill: #ffffff; stroke: #d7dde4 }
.input .box { stroke: #8fbce6 }
.output .box { stroke: #1d5fa8; stroke-width: 1.5 }
.rule { stroke: #e4e9ee }
.edge { fill: none; stroke: #97a3b0; stroke-width: 1.5; marker-end: url(#arrow) }
.arrow { fill: #97a3b0 }"""

# Nothing in a picture may be wider than its box. Text is measured by its number of characters in
# DejaVu Sans, which is wider than Inter and stands in where Inter is missing.
OPERATION_CHARACTERS, NAME_CHARACTERS, VALUE_CHARACTERS = 13, 8, 11
_LONG_VALUE = 9  # characters; more are written smaller, for a number is not cut
_NAME_WIDTH, _OPERATION_WIDTH = 10.4, 7.4  # px of a character
_KINDS = {VARIABLE: "input", DATA: "data", PARAMETER: "parameter", CONSTANT: "constant"}
# XML 1.0 has no way to write these.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def svg(graph: Graph) -> str:
    """The graph as an SVG document: rounded boxes with name, operation and value, curved edges."""
    drawing = draw(graph)
    parts = [*_head(drawing)]
    parts += [_curve(curve) for curve in drawing.curves]
    parts += [_box(box) for box in drawing.boxes]
    return "\n".join([*parts, "</svg>", ""])


def _head(drawing: Drawing) -> list[str]:
    width, height = round(drawing.width), round(drawing.height)
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">'
        ),
        f"<style>\n{STYLE}\n</style>",
        (
            '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" '
            'markerHeight="6" orient="auto"><path class="arrow" d="M 0 0 L 8 4 L 0 8 z"/>'
            "</marker></defs>"
        ),
        f'<rect width="{width}" height="{height}" fill="#fbfcfd"/>',
    ]


def _curve(curve: Curve) -> str:
    return f'<path class="edge" d="{path_data(curve.points)}"/>'


def path_data(points: Sequence[Point]) -> str:
    """Cubic Bézier curves p₀, c, c, p₁, c, c, p₂, ... as the `d` of an SVG path."""
    written = [f"{x:.1f} {y:.1f}" for x, y in points]
    pieces = (", ".join(written[i : i + 3]) for i in range(1, len(written), 3))
    return f"M {written[0]} C {' '.join(pieces)}"


def _box(box: Box) -> str:
    kind = "input" if box.node.is_leaf else "output" if box.is_output else "node"
    right = BOX_WIDTH - 12
    operation = _KINDS.get(box.node.op, box.node.op) if box.node.is_leaf else pretty(box.expression)
    name = shortened(name_pretty(box.node.name), NAME_CHARACTERS)
    room = int((BOX_WIDTH - 32 - _NAME_WIDTH * len(name)) / _OPERATION_WIDTH)
    value = "—" if box.value is None else number_text(box.value)
    full = f"{box.node.name} = {operation} = {value}"
    if box.node.is_leaf and len(operation) > room:
        operation = ""  # "inp…" tells nothing that the colour of the box does not
    size = "value long" if len(value) > _LONG_VALUE else "value"
    return "\n".join(
        [
            f'<g class="{kind}" transform="translate({box.x:.1f} {box.y:.1f})">',
            f"<title>{_text(full)}</title>",
            f'<rect class="box" width="{BOX_WIDTH:.0f}" height="{BOX_HEIGHT:.0f}" rx="7"/>',
            f'<line class="rule" x1="0" y1="28" x2="{BOX_WIDTH:.0f}" y2="28"/>',
            (f'<text class="name" x="12" y="20">{_text(name)}</text>'),
            (
                f'<text class="operation" x="{right:.0f}" y="19">'
                f"{_text(operation, max(min(room, OPERATION_CHARACTERS), 2))}</text>"
            ),
            '<text class="label" x="12" y="48">value</text>',
            (
                f'<text class="{size}" x="{right:.0f}" y="48">'
                f"{_text(value, VALUE_CHARACTERS)}</text>"
            ),
            "</g>",
        ]
    )


def readable(text: str) -> str:
    """The text with a sign of replacement for every character that XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)


def shortened(text: str, most: int) -> str:
    """The text, cut to so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _text(text: str, most: int = 0) -> str:
    return escape(readable(shortened(text, most) if most else text))
