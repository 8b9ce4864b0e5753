"""The graph as LaTeX: a TikZ picture with values, and the formula under it."""

from __future__ import annotations

from visualad.exchange.drawing import BOX_HEIGHT, BOX_WIDTH, Box, Curve, draw
from visualad.graph import formula
from visualad.graph.checks import problems
from visualad.graph.model import Graph
from visualad.ops.writing import latex, name_latex, number_latex

# 1 px on the canvas in cm on paper.
SCALE = 0.02

HEAD = r"""\documentclass[border=4mm]{standalone}
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
    return HEAD + tikz(graph) + TAIL


def tikz(graph: Graph) -> str:
    """A tikzpicture: nodes with name, operation and value where the canvas has them."""
    drawing = draw(graph)
    lines = [
        r"\begin{tikzpicture}[",
        r"  box/.style={draw=black!25, rounded corners=2pt, align=center, inner sep=2pt,",
        f"    minimum width={BOX_WIDTH * SCALE:.2f}cm,",
        f"    minimum height={BOX_HEIGHT * SCALE:.2f}cm}},",
        r"  leaf/.style={box, draw=leaf}, output/.style={box, draw=output, thick},",
        r"  edge/.style={draw=edge, -{Stealth[length=2mm]}}]",
    ]
    names = {box.node.id: f"n{index}" for index, box in enumerate(drawing.boxes, start=1)}
    lines += [_node(box, names[box.node.id]) for box in drawing.boxes]
    lines += [_edge(curve) for curve in drawing.curves]
    if not problems(graph):
        below = _point((drawing.width / 2, drawing.height))
        lines.append(rf"  \node[anchor=north] at {below} {{$\displaystyle {formulas(graph)}$}};")
    return "\n".join([*lines, r"\end{tikzpicture}", ""])


def formulas(graph: Graph) -> str:
    """The formulas in LaTeX, without dollar signs: `x_{9} = ...`, several lines as `aligned`."""
    return formula.latex(graph)


def _node(box: Box, name: str) -> str:
    style = "leaf" if box.node.is_leaf else "output" if box.is_output else "box"
    middle = _point((box.x + BOX_WIDTH / 2, box.y + BOX_HEIGHT / 2))
    first = name_latex(box.node.name)
    if not box.node.is_leaf:
        first += f" = {latex(box.expression)}"
    second = "" if box.value is None else rf" \\ $\scriptstyle {number_latex(box.value)}$"
    return rf"  \node[{style}] ({name}) at {middle} {{${first}${second}}};"


def _edge(curve: Curve) -> str:
    way = _point(curve.points[0])
    for first, second, end in curve.pieces:
        way += f" .. controls {_point(first)} and {_point(second)} .. {_point(end)}"
    return rf"  \draw[edge] {way};"


def _point(point: tuple[float, float]) -> str:
    """In cm; TikZ's y points up."""
    return f"({point[0] * SCALE:.3f}, {-point[1] * SCALE:.3f})"
