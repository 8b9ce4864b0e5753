"""What the web page of a graph shows, as plain data: cards, edges, the steps of every mode.

The page's own script only moves through this; every number, formula and place is made here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, MODES, Step, Sweep
from visualad.autodiff.sweeps import sweep
from visualad.errors import VisualADError
from visualad.exchange.derivation_lines import Line, Part, lines, with_subscripts
from visualad.exchange.drawing import BOX_WIDTH, Box, Drawing, draw
from visualad.exchange.page_edges import EdgeKey, Elimination, Labels, head
from visualad.exchange.reach import require_values
from visualad.exchange.svg import path_data, readable, shortened
from visualad.exchange.trace_table import OrderWish
from visualad.exchange.words import minus, operation_writing, short_text, title
from visualad.graph.model import CONSTANT, DATA, PARAMETER, VARIABLE, Graph
from visualad.ops.writing import name_pretty, number_text

HEIGHT = 92.0  # of a card with value and derivative, as on the canvas
MOST_NODES = 600  # a page of 8 MB; larger ones no browser moves smoothly
_KINDS = {VARIABLE: "input", DATA: "data", PARAMETER: "parameter", CONSTANT: "constant"}
_TITLE_CHARACTERS, _CARD_CHARACTERS, _VALUE_CHARACTERS = 12, 19, 14


def page_data(
    graph: Graph, mode: str | None = None, order: OrderWish = "backward", name: str = ""
) -> dict[str, Any]:
    """Everything that the page shows, ready to be written as JSON.

    Args:
        graph: with the point stored in its inputs.
        mode: that is shown first; None for backward, or the first that is possible.
        order: of elimination in cross mode.
        name: heading of the page.

    Raises:
        VisualADError: if the graph has no derivative in this mode, or is too large for a page.
    """
    if len(graph) > MOST_NODES:
        raise VisualADError(
            f"A web page shows up to {MOST_NODES} nodes and this graph has {len(graph)}; "
            "write its trace table as .csv instead."
        )
    require_values(graph)
    sweeps, refused = _sweeps(graph, order)
    if mode is not None and mode in refused:
        raise refused[mode]
    if not sweeps:
        raise next(iter(refused.values()))
    drawing = draw(graph, HEIGHT)
    first = next(iter(sweeps.values()))
    formulas: list[tuple[str, str]] = []  # LaTeX and text, each once
    texts = Labels(graph, drawing, first)
    shown = {m: _mode(graph, found, drawing, texts, formulas) for m, found in sweeps.items()}
    return {
        "title": name,
        "width": round(drawing.width, 1),
        "height": round(drawing.height, 1),
        "card": [BOX_WIDTH, HEIGHT],
        "first": mode or (BACKWARD if BACKWARD in sweeps else next(iter(sweeps))),
        "order": list(graph.order),
        "nodes": [_card(graph, box) for box in drawing.boxes],
        "edges": [
            {
                "key": _key((curve.edge.source, curve.edge.target, curve.edge.port)),
                "path": path_data(curve.points),
                "head": head(curve.points),
            }
            for curve in drawing.curves
        ],
        "labels": texts.base,
        "modes": shown,
        "refused": {m: error.message for m, error in refused.items()},
        "formulas": formulas,
    }


def _sweeps(graph: Graph, order: OrderWish) -> tuple[dict[str, Sweep], dict[str, VisualADError]]:
    found: dict[str, Sweep] = {}
    refused: dict[str, VisualADError] = {}
    for mode in MODES:
        try:
            found[mode] = sweep(graph, mode=mode, order=order)
        except VisualADError as error:
            refused[mode] = error
    return found, refused


def _card(graph: Graph, box: Box) -> dict[str, Any]:
    node = box.node
    kind = _KINDS.get(node.op, "placeholder" if node.operation is None else "operation")
    is_output = box.is_output
    written = kind if node.is_leaf else operation_writing(graph, node)
    name = title(graph, node, is_output=is_output)
    room = _CARD_CHARACTERS - min(len(name), _TITLE_CHARACTERS)
    if len(written) > room and node.operation is not None and not node.is_leaf:
        short = node.operation.symbol
    else:
        short = written
    value = "—" if box.value is None else minus(number_text(box.value))
    return {
        "id": node.id,
        "x": round(box.x, 1),
        "y": round(box.y, 1),
        "kind": kind,
        "output": is_output,
        "title": readable(shortened(name, _TITLE_CHARACTERS)),
        "operation": readable(shortened(short, max(room, 4))),
        "value": shortened(value, _VALUE_CHARACTERS),
        "name": readable(name),
        "primal": "" if node.is_leaf else readable(written),
        "number": value,
    }


# The steps of a mode --------------------------------------------------------------------------


def _mode(
    graph: Graph, found: Sweep, drawing: Drawing, texts: Labels, formulas: list[tuple[str, str]]
) -> dict[str, Any]:
    replay = Elimination(graph, found, drawing) if found.mode == CROSS else None
    rows = replay.rows() if replay is not None else {}
    before = rows
    numbers = {written: number for number, written in enumerate(formulas)}
    steps = []
    cost = [0, 0]
    for step in found:
        cost = [cost[0] + step.cost.multiplications, cost[1] + step.cost.additions]
        shown = _step(graph, step, numbers, formulas)
        shown["cost"] = cost
        if replay is not None:
            shown["fills"] = replay.advance(step)
            now = replay.rows()
            shown["rows"] = {id_: row for id_, row in now.items() if row != before[id_]}
            shown["labels"] = texts.after(replay, step)
            before = now
        steps.append(shown)
    return {
        "seed": found.seed,
        "steps": steps,
        "cost": [found.cost.multiplications, found.cost.additions, found.cost.convention],
        "ways": replay.ways if replay is not None else {},
        "rows": rows,
        "result": [
            [f"∂{name_pretty(goal)}/∂{name_pretty(name)}", minus(number_text(value))]
            for (goal, name), value in found.jacobian.items()
        ],
    }


def _step(
    graph: Graph, step: Step, numbers: dict[tuple[str, str], int], formulas: list[tuple[str, str]]
) -> dict[str, Any]:
    quantity = step.quantity.text
    return {
        "node": step.node,
        "quantity": readable(quantity),
        "heading": readable(f"eliminate {quantity}" if step.mode == CROSS else quantity),
        "edges": [_key(edge) for edge in _edges_of(graph, step)],
        "sums": [short_text(term.partial_sum) for term in step.terms],
        "result": short_text(step.result) if step.result is not None else step.result_text,
        "written": readable(_written(step)),
        "note": readable(with_subscripts(graph, step.note)),
        "lines": [_line(line, numbers, formulas) for line in lines(graph, step)],
    }


def _edges_of(graph: Graph, step: Step) -> Iterator[EdgeKey]:
    """In forward and backward mode the edges of the terms, in the order in which they arrive."""
    if step.mode in (FORWARD, BACKWARD):
        yield from step.edges
        return
    for source, target, _ in step.edges:
        yield source, target, ""


def _written(step: Step) -> str:
    """The right side in the trace table."""
    if step.mode == CROSS or not step.terms:
        return ""
    return (step.numeric if step.mode == FORWARD else step.partials).text


def _line(
    line: Line, numbers: dict[tuple[str, str], int], formulas: list[tuple[str, str]]
) -> dict[str, Any]:
    if not line.parts:
        return {"kind": line.kind, "words": readable(line.words)}
    parts = [_part(part, numbers, formulas) for part in line.parts]
    return {"kind": line.kind, "parts": parts}


def _part(
    part: Part, numbers: dict[tuple[str, str], int], formulas: list[tuple[str, str]]
) -> list[Any]:
    """The number of its formula, the edges and the nodes that it lights up."""
    written = (part.latex, part.text)
    if written not in numbers:
        numbers[written] = len(formulas)
        formulas.append(written)
    return [numbers[written], sorted(_key(edge) for edge in part.edges), sorted(part.nodes)]


def _key(edge: EdgeKey) -> str:
    """An edge's key in the page; ids and ports may hold any sign, so they are told apart by NUL."""
    return "\x00".join(edge)
