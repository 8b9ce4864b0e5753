"""What the canvas shows of a sweep at a moment: a plain value made from steps, without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from visualad.autodiff.steps import BACKWARD, CROSS, FillIn, Formula, Step, Sweep
from visualad.graph.model import Graph

EdgeKey = tuple[str, str, str]

# The pulses of a step with up to so many edges set out one after the other, so that one sees the
# partial sums; with more they travel together.
_MOST_IN_TURN = 4


@dataclass(frozen=True)
class Pulse:
    """A dot on its way along an edge.

    Attributes:
        edge: its key; (source, target, "") for an edge of the linearised graph.
        share: how far it has come in the direction of the derivative, 0 to 1.
        backwards: from target to source.
    """

    edge: EdgeKey
    share: float
    backwards: bool


@dataclass(frozen=True)
class NewEdge:
    """An edge that elimination has made or changed.

    Attributes:
        partial: its number; `formula`: how it came about.
        fresh: made or changed by the step that is shown.
    """

    source: str
    target: str
    partial: Any
    formula: Formula
    fresh: bool


@dataclass(frozen=True)
class Moment:
    """A sweep at one of its steps.

    Attributes:
        mode: "", "forward", "backward" or "cross".
        derivatives: rows of the nodes: label, value or None, colour token; by node id.
        kinks: sentences by node id.
        active_node: the node of the step, or "".
        active_edges: keys of the edges that the step uses.
        pulses: the dots on their way.
        eliminated: ids of vertices that are gone; `going`: the one that is just being eliminated.
        fill_ins: edges that stand now where none of the graph did, by (source, target).
        changed: edges of the graph whose partial elimination has changed, by (source, target).
        result_edges: (source, target) pairs that are entries of the finished Jacobian.
    """

    mode: str = ""
    derivatives: Mapping[str, tuple[str, Any, str]] = field(default_factory=dict)
    kinks: Mapping[str, str] = field(default_factory=dict)
    active_node: str = ""
    active_edges: frozenset[EdgeKey] = frozenset()
    pulses: tuple[Pulse, ...] = ()
    eliminated: frozenset[str] = frozenset()
    going: str = ""
    fill_ins: Mapping[tuple[str, str], NewEdge] = field(default_factory=dict)
    changed: Mapping[tuple[str, str], NewEdge] = field(default_factory=dict)

    @property
    def has_result(self) -> bool:
        """Whether a step is shown at all."""
        return bool(self.active_node)


NOTHING = Moment()


def moment(graph: Graph, sweep: Sweep | None, index: int, progress: float, mode: str) -> Moment:
    """What is to be seen at step `index`, whose pulses have come `progress` of their way."""
    if sweep is None or sweep.mode != mode:
        return Moment(mode=mode)
    index = min(index, len(sweep) - 1)
    step = sweep[index] if index >= 0 else None
    if mode == CROSS:
        return _cross(graph, sweep, index, step, progress)
    return Moment(
        mode=mode,
        derivatives=_derivatives(graph, sweep, index, progress),
        kinks=_kinks(sweep, index),
        active_node=step.node if step else "",
        active_edges=frozenset(step.edges) if step else frozenset(),
        pulses=_pulses(step.edges, progress, backwards=mode == BACKWARD) if step else (),
    )


def _kinks(sweep: Sweep, index: int) -> dict[str, str]:
    return {step.node: step.kink for step in sweep.steps[: index + 1] if step.kink}


def _derivatives(
    graph: Graph, sweep: Sweep, index: int, progress: float
) -> dict[str, tuple[str, Any, str]]:
    rows: dict[str, tuple[str, Any, str]] = {}
    for step in sweep:
        if step.node not in graph.nodes_by_id:
            continue
        shown = rows.get(step.node, ("", None, ""))[1]
        if step.index < index:
            shown = step.result
        elif step.index == index:
            shown = partial_result(step, progress)
        rows[step.node] = (step.quantity.text, shown, sweep.mode)
    return rows


def partial_result(step: Step, progress: float) -> Any:
    """The sum of the contributions that have arrived; None before the first."""
    if progress >= 1.0 or not step.terms:
        return step.result if progress >= 1.0 or step.kind == "seed" else None
    arrived = arrived_terms(step, progress)
    return step.terms[arrived - 1].partial_sum if arrived else None


def arrived_terms(step: Step, progress: float) -> int:
    """How many of the step's contributions have arrived."""
    count = len(step.terms)
    return sum(_share(number, count, progress) >= 1.0 for number in range(count))


def _share(number: int, count: int, progress: float) -> float:
    if not 1 < count <= _MOST_IN_TURN:
        return min(progress / 0.92, 1.0)
    length = 0.92 / count
    return min(max((progress - number * length) / length, 0.0), 1.0)


def _pulses(edges: tuple[EdgeKey, ...], progress: float, *, backwards: bool) -> tuple[Pulse, ...]:
    if progress >= 1.0:
        return ()
    shares = [_share(number, len(edges), progress) for number in range(len(edges))]
    return tuple(
        Pulse(edge, share, backwards)
        for edge, share in zip(edges, shares, strict=True)
        if 0.0 < share < 1.0
    )


def _cross(graph: Graph, sweep: Sweep, index: int, step: Step | None, progress: float) -> Moment:
    eliminated: set[str] = set()
    going = ""
    made: dict[tuple[str, str], NewEdge] = {}
    existing = {(e.source, e.target) for e in graph.edges}
    for past in sweep.steps[: index + 1]:
        if past.kind != "eliminate":
            continue
        done = past.index < index or progress >= 1.0
        arrived = past.fill_ins if done else _arrived(past, progress)
        for fill in arrived:
            made[fill.source, fill.target] = NewEdge(
                fill.source, fill.target, fill.after, fill.term.symbolic, past.index == index
            )
        if done:
            eliminated.add(past.node)
            made = {pair: edge for pair, edge in made.items() if past.node not in pair}
        else:
            going = past.node
    active = frozenset(step.edges) if step and step.node not in eliminated else frozenset()
    return Moment(
        mode=CROSS,
        derivatives=_degrees(graph, sweep, eliminated, made),
        kinks=_kinks(sweep, index),
        active_node=step.node if step else "",
        active_edges=active,
        pulses=_cross_pulses(step, progress) if step else (),
        eliminated=frozenset(eliminated),
        going=going,
        fill_ins={pair: edge for pair, edge in made.items() if pair not in existing},
        changed={pair: edge for pair, edge in made.items() if pair in existing},
    )


def _arrived(step: Step, progress: float) -> tuple[FillIn, ...]:
    count = len(step.fill_ins)
    return tuple(
        fill for number, fill in enumerate(step.fill_ins) if _share(number, count, progress) >= 1.0
    )


def _cross_pulses(step: Step, progress: float) -> tuple[Pulse, ...]:
    """The two factors of each product run towards each other into the vertex."""
    if progress >= 1.0:
        return ()
    pulses = []
    count = len(step.fill_ins)
    for number, fill in enumerate(step.fill_ins):
        share = _share(number, count, progress)
        if 0.0 < share < 1.0:
            pulses.append(Pulse((fill.source, step.node, ""), share, backwards=False))
            pulses.append(Pulse((step.node, fill.target, ""), share, backwards=True))
    return tuple(pulses)


def _degrees(
    graph: Graph, sweep: Sweep, eliminated: set[str], made: Mapping[tuple[str, str], NewEdge]
) -> dict[str, tuple[str, Any, str]]:
    """For each vertex still to be eliminated how many products that would cost now."""
    # Constants are no part of the linearised graph; its edges are those with a partial.
    pairs = {(s, t) for s, t, _ in sweep.edge_partials if not {s, t} & eliminated}
    pairs |= set(made)
    inward: dict[str, int] = {}
    outward: dict[str, int] = {}
    for source, target in pairs:
        outward[source] = outward.get(source, 0) + 1
        inward[target] = inward.get(target, 0) + 1
    rows: dict[str, tuple[str, Any, str]] = {}
    for step in sweep:
        if step.kind == "eliminate" and step.node not in eliminated:
            products = f"{inward.get(step.node, 0)} × {outward.get(step.node, 0)}"
            rows[step.node] = ("in × out", products, CROSS)
    return rows
