"""The trace table of a derivative, in the form of Baydin et al. (JMLR 18, 2018, tables 2 and 3).

One row for each node: the primal value, the tangent and the adjoint, each with its formula and with
the partial sums as the edges contribute. In cross mode one row for each eliminated vertex.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypedDict

from visualad.autodiff.moves import Move
from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, Cost, FillIn, Formula, Step, Sweep
from visualad.autodiff.sweeps import Seed, sweep
from visualad.errors import VisualADError
from visualad.exchange.drawing import node_expression
from visualad.exchange.reach import require_values
from visualad.exchange.words import title
from visualad.graph.model import Graph
from visualad.ops.writing import formula, name_latex, name_plain, name_pretty

# An elimination order: "forward", "backward", "markowitz", "best", or the names of the vertices.
OrderWish = str | tuple[Move, ...]


class Further(TypedDict, total=False):
    """What else may be wished of a sweep; see `visualad.autodiff.sweeps.sweep`."""

    seed: Seed
    complete: bool


class TraceWishes(Further, total=False):
    """And of its table: whether the other mode stands beside, with its first seed."""

    beside: bool


@dataclass(frozen=True)
class Derivative:
    """The tangent or adjoint of a node.

    Attributes:
        step: in which step of its sweep it results, from 1.
        quantity: its name, `ẋ₄` or `∂f/∂x₄`.
        written: the right side with the local partials put in; the same as `result` for a seed.
        numeric: the right side with the numbers.
        result: number or array; by input name when several directions are swept at once.
        sums: the partial sums as the contributions arrive, one for each; the last is the result.
        note: in words, "" for most: "1 because it is the seed".
    """

    step: int
    quantity: Formula
    written: Formula
    numeric: Formula
    result: Any
    sums: tuple[Any, ...]
    note: str


@dataclass(frozen=True)
class Row:
    """One node.

    Attributes:
        step: position in the evaluation, from 1.
        name: with its aliases, `x₉ = f`.
        primal: what it computes from the nodes before it; the value itself for a leaf.
        value: None when it could not be computed.
        tangent, adjoint: None when not asked for, or for what is not differentiated (constants).
    """

    step: int
    name: Formula
    primal: Formula | None
    value: Any
    tangent: Derivative | None
    adjoint: Derivative | None


@dataclass(frozen=True)
class Elimination:
    """One eliminated vertex of cross mode; `spent` is the cost up to and including this step."""

    step: int
    vertex: Formula
    fill_ins: tuple[tuple[Formula, FillIn], ...]
    cost: Cost
    spent: Cost


@dataclass(frozen=True)
class TraceTable:
    """The trace table of one graph at the point stored in it.

    Attributes:
        rows: in the order of evaluation; empty in cross mode.
        eliminations: of cross mode.
        seeds: in words, by mode: `ẋ₁ = 1`.
    """

    rows: tuple[Row, ...]
    eliminations: tuple[Elimination, ...]
    seeds: dict[str, str]

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes that it shows."""
        return tuple(self.seeds)


def trace_table(
    graph: Graph,
    mode: str | None = None,
    order: OrderWish = "backward",
    *,
    seed: Seed = None,
    complete: bool = True,
    beside: bool = False,
) -> TraceTable:
    """The trace table at the point stored in the graph.

    Args:
        graph: every input needs a value.
        mode: "forward", "backward" or "cross"; None for tangents and adjoints side by side, with
            respect to the first input and of the first output.
        order: of elimination, in cross mode.
        seed, complete: as of `sweep`; a seed belongs to a mode.
        beside: tangents and adjoints side by side also when a mode is given, the other mode
            with its first seed, if it has one.

    Raises:
        VisualADError: if the graph cannot be differentiated at this point.
    """
    require_values(graph)
    if mode == CROSS:
        found = sweep(graph, mode=CROSS, order=order, complete=complete)
        return TraceTable((), eliminations(graph, found), {CROSS: ""})
    swept: dict[str, Sweep] = {}
    for one in (FORWARD, BACKWARD):
        if mode in (None, one):
            swept[one] = sweep(graph, mode=one, seed=seed)
        elif beside:
            with suppress(VisualADError):
                swept[one] = sweep(graph, mode=one)
    return TraceTable(rows(graph, swept), (), {m: found.seed for m, found in swept.items()})


def rows(graph: Graph, sweeps: dict[str, Sweep]) -> tuple[Row, ...]:
    """One row for each node, with what these sweeps give for it."""
    steps = {mode: {step.node: step for step in found} for mode, found in sweeps.items()}
    values = next(iter(sweeps.values())).values
    made = []
    for number, id_ in enumerate(graph.order, start=1):
        node = graph.nodes_by_id[id_]
        name = title(graph, node, is_output=id_ in graph.output_ids)
        primal = None if node.is_leaf else Formula(*formula(node_expression(graph, node)))
        made.append(
            Row(
                step=number,
                name=Formula(name, _latex_title(name, node.name), node.name),
                primal=primal,
                value=values.get(node.name),
                tangent=_derivative(steps.get(FORWARD, {}).get(id_)),
                adjoint=_derivative(steps.get(BACKWARD, {}).get(id_)),
            )
        )
    return tuple(made)


def eliminations(graph: Graph, swept: Sweep) -> tuple[Elimination, ...]:
    """One row for each vertex that cross mode eliminates."""
    made = []
    spent = Cost(0, 0)
    for step in swept:
        spent += step.cost
        fill_ins = tuple((_partial_name(graph, fill), fill) for fill in step.fill_ins)
        made.append(Elimination(step.index + 1, step.quantity, fill_ins, step.cost, spent))
    return tuple(made)


def _derivative(step: Step | None) -> Derivative | None:
    if step is None:
        return None
    return Derivative(
        step=step.index + 1,
        quantity=step.quantity,
        written=step.partials if step.terms else step.numeric,
        numeric=step.numeric,
        result=step.result,
        sums=tuple(term.partial_sum for term in step.terms),
        note=step.note,
    )


def _latex_title(written: str, name: str) -> str:
    """`x₉ = f` in LaTeX: the part after the name is an alias or the lecture's f."""
    further = written.split(" = ")[1:]
    return " = ".join([name_latex(name), *(name_latex(alias) for alias in further)])


def _partial_name(graph: Graph, fill: FillIn) -> Formula:
    """`∂x₉/∂x₄` for the edge from x₄ to x₉."""
    below, above = (graph.nodes_by_id[id_].name for id_ in (fill.source, fill.target))
    return Formula(
        f"∂{name_pretty(above)}/∂{name_pretty(below)}",
        rf"\frac{{\partial {name_latex(above)}}}{{\partial {name_latex(below)}}}",
        f"d{name_plain(above)}/d{name_plain(below)}",
    )


def has_sums(derivatives: Sequence[Derivative | None]) -> bool:
    """Whether a column of partial sums says anything: some node has several contributions."""
    return any(d is not None and len(d.sums) > 1 for d in derivatives)
