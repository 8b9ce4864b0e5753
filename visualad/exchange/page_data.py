"""What the web page of a graph shows, as plain data: cards, edges, the steps of every mode.

The page's own script only moves through this; every number, formula and place is made here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Unpack

from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, Step, Sweep
from visualad.errors import VisualADError
from visualad.exchange.derivation_lines import Line, Part, lines, with_subscripts
from visualad.exchange.drawing import BOX_WIDTH, Box, Drawing, draw
from visualad.exchange.page_edges import EdgeKey, Elimination, Labels, head
from visualad.exchange.page_views import Offer, count_left_out, offers, shown_first
from visualad.exchange.reach import require_values
from visualad.exchange.svg import path_data, readable, shortened
from visualad.exchange.trace_table import Further, OrderWish
from visualad.exchange.words import columns_text, minus, operation_writing, short_text, title
from visualad.graph.model import CONSTANT, DATA, PARAMETER, VARIABLE, Graph
from visualad.graph.slices import Slices, between, finished
from visualad.ops.writing import name_pretty, number_text

HEIGHT = 92.0  # of a card with value and derivative, as on the canvas
MOST_NODES = 600  # a page of 8 MB; larger ones no browser moves smoothly
_KINDS = {VARIABLE: "input", DATA: "data", PARAMETER: "parameter", CONSTANT: "constant"}
_STEPS = 20  # in one slice
_TITLE_CHARACTERS, _CARD_CHARACTERS, _VALUE_CHARACTERS = 12, 19, 14


def page_data(
    graph: Graph,
    mode: str | None = None,
    order: OrderWish = "backward",
    name: str = "",
    **wishes: Unpack[Further],
) -> dict[str, Any]:
    """Everything that the page shows, ready to be written as JSON.

    Args:
        graph: with the point stored in its inputs.
        mode: that is shown first; None for backward, or the first that is possible.
        order: of elimination that cross mode shows first.
        name: heading of the page.
        wishes: `seed` of the mode, and `complete` of the order, as of `sweep`; shown first.

    Raises:
        VisualADError: if the graph has no such derivative, or is too large for a page.
    """
    return finished(page_slices(graph, mode, order, name, **wishes))


def page_slices(
    graph: Graph,
    mode: str | None = None,
    order: OrderWish = "backward",
    name: str = "",
    **wishes: Unpack[Further],
) -> Slices[dict[str, Any]]:
    """`page_data` slice by slice."""
    if len(graph) > MOST_NODES:
        raise VisualADError(
            f"A web page shows up to {MOST_NODES} nodes and this graph has {len(graph)}; "
            "write its trace table as .csv instead."
        )
    require_values(graph)
    offered = offers(graph, mode, order, **wishes)
    yield 0.2
    drawing = draw(graph, HEIGHT)
    yield 0.3
    formulas: list[tuple[str, str]] = []  # LaTeX and text, each once
    first = next(iter(offered.by_mode.values()))[0].found
    base = Labels(graph, drawing, first).base
    modes: dict[str, list[dict[str, Any]]] = {shown: [] for shown in offered.by_mode}
    count = sum(len(o.found) for choices in offered.by_mode.values() for o in choices)
    done = 0
    for shown, choices in offered.by_mode.items():
        for offer in choices:
            before, done = done, done + len(offer.found)
            low, high = (0.3 + 0.7 * steps / max(count, 1) for steps in (before, done))
            view = yield from between(low, high, _view(graph, offer, drawing, formulas))
            modes[shown].append(view)
    return {
        "title": name,
        "width": round(drawing.width, 1),
        "height": round(drawing.height, 1),
        "card": [BOX_WIDTH, HEIGHT],
        "first": mode or shown_first(offered),
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
        "labels": base,
        "modes": modes,
        "missing": {m: count_left_out(offered, m) for m in modes},
        "refused": {m: error.message for m, error in offered.refused.items()},
        "formulas": formulas,
    }


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


def _view(
    graph: Graph, offer: Offer, drawing: Drawing, formulas: list[tuple[str, str]]
) -> Slices[dict[str, Any]]:
    """A derivative that can be chosen, with all its steps."""
    found = offer.found
    replay = Elimination(graph, found, drawing) if found.mode == CROSS else None
    texts = Labels(graph, drawing, found) if replay is not None else None
    rows = replay.rows() if replay is not None else {}
    before = rows
    numbers = {written: number for number, written in enumerate(formulas)}
    steps = []
    cost = [0, 0]
    for step in found:
        cost = [cost[0] + step.cost.multiplications, cost[1] + step.cost.additions]
        shown = _step(graph, step, numbers, formulas)
        shown["cost"] = cost
        if replay is not None and texts is not None:
            shown["fills"] = replay.advance(step)
            now = replay.rows()
            shown["rows"] = {id_: row for id_, row in now.items() if row != before[id_]}
            shown["labels"] = texts.after(replay, step)
            before = now
        steps.append(shown)
        if len(steps) % _STEPS == 0:
            yield len(steps) / len(found)
    return {
        "name": readable(offer.words),
        "seed": readable(found.seed),
        "steps": steps,
        "cost": [found.cost.multiplications, found.cost.additions, found.cost.convention],
        "ways": replay.ways if replay is not None else {},
        "rows": rows,
        "left": [readable(name_pretty(name)) for name in found.left],
        "result": _result(graph, found),
    }


def _result(graph: Graph, found: Sweep) -> list[list[str]]:
    """What the sweep was for: the Jacobian, J·v at the outputs or wᵀ·J at the inputs."""
    if found.mode == CROSS:
        return [
            [readable(f"∂{name_pretty(goal)}/∂{name_pretty(name)}"), minus(number_text(value))]
            for (goal, name), value in found.jacobian.items()
        ]
    names = graph.outputs if found.mode == FORWARD else graph.independents
    steps = {step.node: step for step in found}
    wanted = [steps[id_] for id_ in map(graph.id_of, names) if id_ in steps]
    return [[readable(step.quantity.text), short_text(step.result)] for step in wanted]


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
        "card": columns_text(step.result) if isinstance(step.result, Mapping) else "",
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
