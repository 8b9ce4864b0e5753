"""The graph as LaTeX: a TikZ picture with values, and the formula under it."""

from __future__ import annotations

from collections.abc import Sequence

from visualad.exchange.drawing import BOX_HEIGHT, BOX_WIDTH, Box, Point, draw
from visualad.graph import formula
from visualad.graph.checks import problems
from visualad.graph.model import Graph
from visualad.ops.writing import latex, name_latex, name_pretty, number_latex, pretty

BOX_CHARACTERS = 16  # that stand in a box at full size
LAST_EUROPEAN = 0x17F  # of the letters that LaTeX's T1 fonts have

# 1 px on the canvas in cm on paper.
SCALE = 0.02

HEAD = r"""\documentclass[border=4mm]{standalone}
\usepackage[T1]{fontenc}
\usepackage{amsmath}
\usepackage{tikz}
\usetikzlibrary{arrows.meta}
\definecolor{leaf}{HTML}{8FBCE6}
\definecolor{output}{HTML}{1D5FA8}
\definecolor{edge}{HTML}{97A3B0}
\begin{document}
"""
TAIL = r"""\end{document}
"""


def tex(graph: Graph) -> str:
    """A LaTeX document of its own: `pdflatex` makes a page as large as the picture of it."""
    return document(HEAD, tikz(graph), TAIL)


def document(head: str, body: str, tail: str) -> str:
    """A LaTeX document that compiles whatever letters its names have.

    pdflatex has no fonts beyond European letters and stops at others; it shows their numbers in
    small boxes instead. lualatex and xelatex show what their font has.
    """
    strange = sorted({sign for sign in body if ord(sign) > LAST_EUROPEAN})
    if strange:
        lines = [
            rf"  \DeclareUnicodeCharacter{{{ord(s):04X}}}{{\fbox{{\tiny {ord(s):04X}}}}}"
            for s in strange
        ]
        declared = "\n".join(
            [
                "% pdflatex has no font for these letters; lualatex may have one.",
                r"\ifdefined\DeclareUnicodeCharacter",
                *lines,
                r"\fi",
                "",
            ]
        )
        head = head.replace(r"\begin{document}", declared + r"\begin{document}")
    return head + body + tail


def tikz(graph: Graph) -> str:
    """A tikzpicture: nodes with name, operation and value where the canvas has them."""
    drawing = draw(graph)
    body = [_node(box, f"n{index}") for index, box in enumerate(drawing.boxes, start=1)]
    body += [rf"  \draw[edge] {way(curve.points)};" for curve in drawing.curves]
    if not problems(graph):
        below = point((drawing.width / 2, drawing.height))
        body.append(rf"  \node[anchor=north] at {below} {{$\displaystyle {formulas(graph)}$}};")
    return picture(body)


def picture(body: Sequence[str], height: float = BOX_HEIGHT, styles: Sequence[str] = ()) -> str:
    """The tikzpicture around these lines, for boxes of this height, with styles beside its own."""
    lines = [
        r"\begin{tikzpicture}[",
        r"  box/.style={draw=black!25, rounded corners=2pt, align=center, inner sep=2pt,",
        f"    minimum width={BOX_WIDTH * SCALE:.2f}cm,",
        f"    minimum height={height * SCALE:.2f}cm}},",
        r"  leaf/.style={box, draw=leaf}, output/.style={box, draw=output, thick},",
        r"  edge/.style={draw=edge, -{Stealth[length=2mm]}},",
        *(f"  {style}" for style in styles),
        "]",
    ]
    return "\n".join([*lines, *body, r"\end{tikzpicture}", ""])


def formulas(graph: Graph) -> str:
    """The formulas in LaTeX, without dollar signs: `x_{9} = ...`, several lines as `aligned`."""
    return formula.latex(graph)


def _node(box: Box, name: str) -> str:
    text = r" \\ ".join(box_lines(box))
    return rf"  \node[{style_of(box)}] ({name}) at {middle(box)} {{{text}}};"


def style_of(box: Box) -> str:
    """The name of its style in the picture."""
    return "leaf" if box.node.is_leaf else "output" if box.is_output else "box"


def box_lines(box: Box) -> list[str]:
    """Name and operation, and the value where there is one."""
    first, text = name_latex(box.node.name), name_pretty(box.node.name)
    if not box.node.is_leaf:
        first += f" = {latex(box.expression)}"
        text += f" = {pretty(box.expression)}"
    second = [] if box.value is None else [rf"$\scriptstyle {number_latex(box.value)}$"]
    return [fitted(first, text), *second]


def fitted(written: str, text: str) -> str:
    """A formula that is made smaller where it is too long for a box.

    Args:
        text: the same in Unicode, by which its length is judged.
    """
    if len(text) <= BOX_CHARACTERS:
        return f"${written}$"
    return rf"\resizebox{{{BOX_WIDTH * SCALE - 0.2:.2f}cm}}{{!}}{{${written}$}}"


def middle(box: Box, height: float = BOX_HEIGHT) -> str:
    """Where its centre is, as TikZ has points."""
    return point((box.x + BOX_WIDTH / 2, box.y + height / 2))


def way(points: Sequence[Point]) -> str:
    """Cubic Bézier curves p₀, c, c, p₁, c, c, p₂, ... as a path of TikZ."""
    written = [point(p) for p in points]
    pieces = zip(written[1::3], written[2::3], written[3::3], strict=True)
    return written[0] + "".join(f" .. controls {a} and {b} .. {end}" for a, b, end in pieces)


def point(place: Point) -> str:
    """In cm; TikZ's y points up."""
    return f"({place[0] * SCALE:.3f}, {-place[1] * SCALE:.3f})"
