"""A step of a sweep as LaTeX: the TikZ picture of the graph as the canvas shows it there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Unpack

from visualad.autodiff.steps import CROSS, FillIn, Step, Sweep
from visualad.autodiff.sweeps import sweep
from visualad.exchange.derivation_lines import lines
from visualad.exchange.drawing import Box, Curve, Drawing, Point, draw
from visualad.exchange.edge_texts import typeset
from visualad.exchange.page_data import HEIGHT
from visualad.exchange.page_edges import EdgeKey, Elimination, Labels
from visualad.exchange.reach import require_values
from visualad.exchange.tex import (
    HEAD,
    TAIL,
    box_lines,
    document,
    fitted,
    middle,
    picture,
    point,
    style_of,
    way,
)
from visualad.exchange.trace_table import Further, OrderWish
from visualad.exchange.words import columns_text
from visualad.graph.model import Graph
from visualad.ops.writing import name_latex, name_pretty

Pair = tuple[str, str]
Placed = tuple[list[str], Point]  # lines of a text, centre

# The colours of the modes are those of the light theme.
_COLOURS = r"""\definecolor{forward}{HTML}{B9500A}
\definecolor{backward}{HTML}{1D5FA8}
\definecolor{cross}{HTML}{0A7553}
"""
_STYLES = (
    r"now/.style={draw=mode, line width=1.4pt},",
    r"gone/.style={draw=black!35, text=black!40, dashed},",
    r"lit/.style={edge, draw=mode, line width=1.4pt},",
    r"cut/.style={edge, draw=black!25, dashed},",
    r"fill in/.style={edge, draw=cross, double},",
    r"partial/.style={font=\scriptsize, text=black!60, fill=white, inner sep=1pt, align=center},",
)


@dataclass(frozen=True)
class _State:
    """A sweep at one of its steps.

    Attributes:
        step: that is shown; None before the first.
        rows: what stands under the value of a node, in LaTeX, by node id.
        lit: edges that the step uses; in cross mode the port is "".
        gone: ids of eliminated vertices; passed: those that are outputs, which stay.
        made: the edges that elimination has made or changed, with those of this step's vertex.
        ways: where those of them run that are not in the graph.
        labels: the texts of the edges, by key.
    """

    found: Sweep
    step: Step | None
    rows: Mapping[str, str]
    lit: frozenset[EdgeKey]
    gone: frozenset[str]
    passed: frozenset[str]
    made: Mapping[Pair, FillIn]
    ways: Mapping[Pair, tuple[Point, ...]]
    labels: Mapping[EdgeKey, Placed]


def tex_state(
    graph: Graph,
    mode: str,
    step: int | None = None,
    order: OrderWish = "backward",
    **wishes: Unpack[Further],
) -> str:
    """A LaTeX document of its own: the graph at a step of its derivative.

    Args:
        graph: with the point stored in its inputs.
        mode: "forward", "backward" or "cross".
        step: counted from 1 as on screen; 0 is before the first, None or too many the last.
        order: of elimination, in cross mode.
        wishes: `seed` and `complete` as of `sweep`.

    Raises:
        VisualADError: if the graph has no derivative in this mode, or no point.
    """
    head = HEAD.replace(r"\begin{document}", _COLOURS + r"\begin{document}")
    return document(head, tikz_state(graph, mode, step, order, **wishes), TAIL)


def tikz_state(
    graph: Graph,
    mode: str,
    step: int | None = None,
    order: OrderWish = "backward",
    **wishes: Unpack[Further],
) -> str:
    """The tikzpicture of that; its colours `forward`, `backward`, `cross` are defined outside."""
    require_values(graph)
    found = sweep(graph, mode=mode, order=order, **wishes)
    drawing = draw(graph, HEIGHT)
    done = len(found) if step is None else min(step, len(found))
    make = _eliminated if mode == CROSS else _travelled
    state = make(graph, found, drawing, found.steps[:done])
    body = [_edge(curve, state) for curve in drawing.curves]
    body += [_fill_in(pair, state) for pair in state.made if pair in state.ways]
    body += [
        _node(box, f"n{number}", graph, state) for number, box in enumerate(drawing.boxes, start=1)
    ]
    body += [_label(key, graph, state) for key in state.labels]
    if state.step is not None:
        below = point((drawing.width / 2, drawing.height))
        written = _derivation(graph, state.step)
        body.append(rf"  \node[anchor=north] at {below} {{${written}$}};")
    return rf"\colorlet{{mode}}{{{mode}}}" + "\n" + picture(body, HEIGHT, _STYLES)


# What is to be seen ---------------------------------------------------------------------------


def _travelled(graph: Graph, found: Sweep, drawing: Drawing, steps: Sequence[Step]) -> _State:
    """Forward and backward mode: the derivatives that have been reached."""
    last = steps[-1] if steps else None
    rows = {step.node: _result(graph, step) for step in steps}
    labels = _entries(Labels(graph, drawing, found).base)
    lit = frozenset(last.edges if last else ())
    return _State(found, last, rows, lit, frozenset(), frozenset(), {}, {}, labels)


def _result(graph: Graph, step: Step) -> str:
    if isinstance(step.result, Mapping):
        text = columns_text(step.result)
        tex = re.sub(r"e([−+]?\d+)", r"\\cdot 10^{\1}", text).replace("−", "-")
        tex = rf"\text{{{text}}}" if "tangents" in text else tex
        return fitted(f"{step.quantity.latex} = {tex}", f"{step.quantity.text} = {text}")
    number = next(line for line in lines(graph, step) if line.kind == "result")
    written = f"{step.quantity.latex} {' '.join(part.latex for part in number.parts)}"
    return fitted(written, f"{step.quantity.text} {number.text}")


def _eliminated(graph: Graph, found: Sweep, drawing: Drawing, steps: Sequence[Step]) -> _State:
    """Cross mode: what elimination has made of the linearised graph."""
    replay = Elimination(graph, found, drawing)
    texts = Labels(graph, drawing, found)
    labels = _entries(texts.base)
    outputs = set(graph.output_ids)
    made: dict[Pair, FillIn] = {}
    gone: set[str] = set()
    last = steps[-1] if steps else None
    for step in steps:
        # Of an output only the edges out of it go, but those of the last step are still shown.
        made = {p: f for p, f in made.items() if not _is_cut(p, gone, outputs)}
        made |= {(fill.source, fill.target): fill for fill in step.fill_ins}
        replay.advance(step)
        new = texts.after(replay, step, keep=step.node if step is last else "")
        changed = {(fill.source, fill.target) for fill in step.fill_ins}
        labels = {key: text for key, text in labels.items() if key[:2] not in changed}
        labels |= _entries(new)
        if step is not last:
            gone.add(step.node)
    labels = {k: text for k, text in labels.items() if not _is_cut(k[:2], gone, outputs)}
    if last is not None:
        gone.add(last.node)
    rows = {
        id_: rf"\scriptsize {': '.join(row)}".replace("×", r"$\times$")
        for id_, row in replay.rows().items()
    }
    lit = frozenset(last.edges if last else ())
    away, passed = frozenset(gone - outputs), frozenset(gone & outputs)
    return _State(found, last, rows, lit, away, passed, made, replay.points, labels)


def _is_cut(pair: Pair, gone: Set[str], outputs: Set[str]) -> bool:
    return pair[0] in gone or (pair[1] in gone and pair[1] not in outputs)


def _entries(entries: list[list[Any]]) -> dict[EdgeKey, Placed]:
    """The entries of `Labels` by the key of their edge."""
    found: dict[EdgeKey, Placed] = {}
    for key, written, x, y in entries:
        source, target, port = key.split("\x00")
        found[source, target, port] = (written, (x, y))
    return found


# How it is drawn ------------------------------------------------------------------------------


def _node(box: Box, name: str, graph: Graph, state: _State) -> str:
    id_ = box.node.id
    styles = [style_of(box)]
    is_now = state.step is not None and state.step.node == id_
    written = box_lines(box)
    row = state.rows.get(id_)
    if id_ in state.gone:
        styles.append("gone")
    elif row is not None:
        row = rf"\textcolor{{mode}}{{{row}}}"
    if is_now:
        styles.append("now")
    text = r" \\ ".join([*written, *([row] if row is not None else [])])
    return rf"  \node[{', '.join(styles)}] ({name}) at {middle(box, HEIGHT)} {{{text}}};"


def _edge(curve: Curve, state: _State) -> str:
    edge = curve.edge
    pair = (edge.source, edge.target)
    return _drawn(pair, (*pair, edge.port), curve.points, state)


def _fill_in(pair: Pair, state: _State) -> str:
    return _drawn(pair, (*pair, ""), state.ways[pair], state)


def _drawn(pair: Pair, key: EdgeKey, points: Sequence[Point], state: _State) -> str:
    is_lit = key in state.lit or (*pair, "") in state.lit
    is_cut = _is_cut(pair, state.gone | state.passed, state.passed)
    styles = ["fill in"] if pair in state.made and (is_lit or not is_cut) else []
    if is_lit or (pair in state.made and _is_fresh(pair, state)):
        styles.append("lit")
    if is_cut:
        styles.append("dashed" if is_lit else "cut")
    return rf"  \draw[{', '.join(styles or ['edge'])}] {way(points)};"


def _is_fresh(pair: Pair, state: _State) -> bool:
    """Whether the step that is shown has made or changed this edge."""
    fills = state.step.fill_ins if state.step is not None else ()
    return any((fill.source, fill.target) == pair for fill in fills)


def _label(key: EdgeKey, graph: Graph, state: _State) -> str:
    written, centre = state.labels[key]
    pair = key[:2]
    made = state.made.get(pair)
    if made is not None:
        source, target = (graph.nodes_by_id[id_].name for id_ in pair)
        words = f"∂{name_pretty(target)}/∂{name_pretty(source)}"
        tex = rf"\partial {name_latex(target)}/\partial {name_latex(source)}"
        maths = typeset(written, words, tex, made.after)
    else:
        formula = state.found.edge_formulas.get(key)
        names = (formula.text, formula.latex) if formula is not None else ("", "")
        maths = typeset(written, *names, state.found.edge_partials.get(key))
    is_lit = made is not None or key in state.lit or (*pair, "") in state.lit
    style = "partial, text=mode" if is_lit else "partial"
    text = r" \\ ".join(f"${line}$" for line in maths)
    return rf"  \node[{style}] at {point(centre)} {{{text}}};"


def _derivation(graph: Graph, step: Step) -> str:
    """The formulas of the step, one below the other."""
    rows: list[str] = []
    for line in lines(graph, step):
        written = " ".join(part.latex for part in line.parts)
        if not written:
            continue
        left, equals, right = written.partition("=")
        if line.kind == "rule":
            rows.append(left)
        elif line.kind == "names" and rows and "&" not in rows[-1]:
            rows[-1] += f"&{written}"  # behind the quantity
        elif left.endswith("{+}{"):
            total = left.removesuffix("{+}{")
            rows.append(rf"{total} &\mathrel{{{{+}}{{=}}}}{right.removeprefix('}')}")
        elif line.kind == "numbers" and left:
            rows.append(rf"&\phantom{{{{}}={{}}}} {written}")  # what the product is added to
        else:
            rows.append(f"{left} &{equals}{right}")
    body = r" \\ ".join(rows)
    return rf"\begin{{aligned}} {body} \end{{aligned}}"
