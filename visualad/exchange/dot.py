"""The graph in Graphviz's DOT language, as text; Graphviz itself is not needed to write it."""

from __future__ import annotations

from visualad.exchange.drawing import Box, draw
from visualad.graph.model import Graph
from visualad.ops.writing import name_pretty, number_text, pretty


def dot(graph: Graph) -> str:
    """The graph as a DOT document: one box for each node with its formula and value.

    Edges into a node with several ports carry the name of the port.
    """
    drawing = draw(graph)
    names = {box.node.id: f"n{index}" for index, box in enumerate(drawing.boxes, start=1)}
    lines = [
        "digraph {",
        "  rankdir=LR",
        (
            '  node [shape=box, style="rounded,filled", fillcolor=white, color="#97a3b0", '
            'fontname="Inter,DejaVu Sans"]'
        ),
        '  edge [color="#97a3b0", fontcolor="#6b7785", fontsize=10]',
    ]
    for box in drawing.boxes:
        colour = _colour(box)
        lines.append(f"  {names[box.node.id]} [label={_quoted(_label(box))}{colour}]")
    for curve in drawing.curves:
        edge = curve.edge
        several = len(graph.edges_into(edge.target)) > 1
        label = f" [label={_quoted(edge.port)}]" if several else ""
        lines.append(f"  {names[edge.source]} -> {names[edge.target]}{label}")
    return "\n".join([*lines, "}", ""])


def _label(box: Box) -> str:
    name = name_pretty(box.node.name)
    first = f"{name}: {box.node.op}" if box.node.is_leaf else f"{name} = {pretty(box.expression)}"
    return first if box.value is None else f"{first}\n{number_text(box.value)}"


def _colour(box: Box) -> str:
    if box.is_output:
        return ', color="#1d5fa8", penwidth=1.5'
    return ', color="#8fbce6"' if box.node.is_leaf else ""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
