"""What the canvas shows of a sweep at a moment: a plain value made from steps, without Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from visualad.autodiff.steps import BACKWARD, CROSS, FillIn, Formula, Step, Sweep
from visualad.graph.folding import UNFOLDED, EdgeKey, Folding
from visualad.graph.model import Graph
from visualad.gui.canvas.moves import adds_up, card_at, edges_entered, edges_used
from visualad.gui.canvas.script import MOST_MADE, Row, Script, ScriptRows

# The pulses of a step with up to so many edges set out one after the other, so that one sees the
# partial sums; with more they travel together.
_MOST_IN_TURN = 4
_TRAVEL = 0.92  # of the step; the rest of its time one looks at the result
_NEARLY = 0.97  # of the last way: where the film stops before the result of a sum


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
        passed: those of them that are outputs: only the edges out of them are gone.
        eliminated: ids of vertices that are gone; `going`: the one that is just being eliminated.
        fill_ins: edges that stand now where none of the graph did, by (source, target).
        changed: edges of the graph whose partial elimination has changed, by (source, target).
        removed: edges of the graph, (source, target), that were eliminated and have not come back.
    """

    mode: str = ""
    derivatives: Mapping[str, Row] = field(default_factory=dict)
    kinks: Mapping[str, str] = field(default_factory=dict)
    active_node: str = ""
    active_edges: frozenset[EdgeKey] = frozenset()
    pulses: tuple[Pulse, ...] = ()
    eliminated: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()
    going: str = ""
    fill_ins: Mapping[tuple[str, str], NewEdge] = field(default_factory=dict)
    changed: Mapping[tuple[str, str], NewEdge] = field(default_factory=dict)
    removed: frozenset[tuple[str, str]] = frozenset()

    @property
    def away(self) -> frozenset[str]:
        """The vertices that stand there no more."""
        return self.eliminated - self.passed


NOTHING = Moment()


@dataclass(frozen=True)
class _Standing:
    """The linearised graph after some eliminations: vertices gone, edges made, changed or gone."""

    eliminated: frozenset[str]
    made: Mapping[tuple[str, str], NewEdge]
    removed: frozenset[tuple[str, str]] = frozenset()


class Film:
    """A sweep over a graph as a film; `moment` gives one frame.

    What stands still between two frames is made once: a frame in which only the pulses move costs
    nothing else, however long the sweep is.
    """

    def __init__(
        self, graph: Graph, sweep: Sweep | None, mode: str, folding: Folding = UNFOLDED
    ) -> None:
        self.graph, self.sweep, self.mode, self.folding = graph, sweep, mode, folding
        self._standing: dict[int, _Standing] = {-1: _Standing(frozenset(), {})}
        self._outputs = frozenset(graph.output_ids)
        self._linear: set[tuple[str, str]] | None = None
        self._rows: tuple[int, dict[str, Row]] | None = None
        self._frame: tuple[tuple[int, int, int, bool], Moment] | None = None
        self._script: Script | None = None

    def moment(self, index: int, progress: float, first: int | None = None) -> Moment:
        """What is to be seen at step `index`, whose pulses have come `progress` of their way.

        Args:
            first: where the move began of which this step is the last; see `moves`.
        """
        sweep, mode = self.sweep, self.mode
        if sweep is None or sweep.mode != mode:
            return Moment(mode=mode)
        index = min(index, len(sweep) - 1)
        step = sweep[index] if index >= 0 else None
        first = index if first is None else min(first, index)
        card = bool(card_at(sweep, self.folding, index))
        count = 0
        if step is not None and not card:
            count = (
                len(_arrived(step, progress)) if mode == CROSS else arrived_terms(step, progress)
            )
        key = (first, index, count, progress >= 1.0)
        make = self._cross if mode == CROSS else self._along
        if self._frame is None or self._frame[0] != key:
            if step is None or not card:
                made = make(sweep, index, step, progress)
            else:  # nothing changes on the card before all that comes in has arrived
                done = index if progress >= 1.0 else first - 1
                made = replace(
                    make(sweep, done, sweep[done] if done >= 0 else None, 1.0),
                    active_node=step.node,
                    active_edges=edges_used(sweep, first, index),
                )
            self._frame = (key, made)
        if step is None or progress >= 1.0:
            return self._frame[1]
        if card:
            return replace(self._frame[1], pulses=self._pulses_into_card(first, index, progress))
        if mode == CROSS:
            return replace(self._frame[1], pulses=_cross_pulses(step, progress))
        return replace(
            self._frame[1], pulses=_pulses(step.edges, progress, backwards=mode == BACKWARD)
        )

    def _pulses_into_card(self, first: int, last: int, progress: float) -> tuple[Pulse, ...]:
        """Towards the card from all sides, whichever way the edges point."""
        assert self.sweep is not None
        card_of = self.folding.card_of
        card = card_of.get(self.sweep[last].node)
        entered = edges_entered(self.sweep, self.folding, first, last)
        pulses = _pulses(entered, progress, backwards=False)
        return tuple(replace(p, backwards=card_of.get(p.edge[0]) == card) for p in pulses)

    @cached_property
    def _pairs(self) -> set[tuple[str, str]]:
        return {(source, target) for (target, _), source in self.graph.sources.items()}

    def _along(self, sweep: Sweep, index: int, step: Step | None, progress: float) -> Moment:
        """Forward and backward mode."""
        script = self._script
        if script is None:
            script = self._script = Script(self.graph, sweep)
        now = None
        if step is not None:
            now = (step.node, (step.quantity.text, partial_result(step, progress), sweep.mode))
        rows: Mapping[str, Row]
        if len(sweep) > MOST_MADE:
            rows = ScriptRows(script, index, sweep.mode, now)
        else:
            rows = self._rows_before(script, sweep, index)
            rows = {**rows, now[0]: now[1]} if now is not None else rows
        return Moment(
            mode=sweep.mode,
            derivatives=rows,
            kinks=_kinks(sweep, index),
            active_node=step.node if step else "",
            active_edges=frozenset(step.edges) if step else frozenset(),
        )

    def _rows_before(self, script: Script, sweep: Sweep, index: int) -> dict[str, Row]:
        """The rows of all nodes when the steps before `index` are done."""
        if self._rows is None or self._rows[0] > index:
            self._rows = (0, {n: (script.label(i), None, sweep.mode) for i, n in script})
        done, rows = self._rows
        if done < index:
            rows = dict(rows)
            for i in range(done, index):
                rows[script.nodes[i]] = (script.label(i), script.result(i), sweep.mode)
            self._rows = (index, rows)
        return rows

    # Cross mode -------------------------------------------------------------------------------

    def _cross(self, sweep: Sweep, index: int, step: Step | None, progress: float) -> Moment:
        eliminates = step is not None and step.kind in ("eliminate", "eliminate edge")
        under_way = eliminates and progress < 1.0
        standing = self._after(sweep, index - 1 if under_way else index)
        made = dict(standing.made)
        if step is not None and eliminates:
            arrived = _arrived(step, progress) if under_way else step.fill_ins
            made |= {(f.source, f.target): _new_edge(f, fresh=True) for f in arrived}
        gone = standing.eliminated
        active = frozenset(step.edges) if step and step.node not in gone else frozenset()
        return Moment(
            mode=CROSS,
            derivatives=self._degrees(sweep, gone, made, standing.removed),
            kinks=_kinks(sweep, index),
            active_node=step.node if step else "",
            active_edges=active,
            eliminated=gone,
            passed=gone & self._outputs,
            going=step.node if step and under_way and step.kind == "eliminate" else "",
            removed=standing.removed - made.keys(),
            fill_ins={pair: edge for pair, edge in made.items() if pair not in self._pairs},
            changed={pair: edge for pair, edge in made.items() if pair in self._pairs},
        )

    def _after(self, sweep: Sweep, index: int) -> _Standing:
        """The linearised graph after the step `index`."""
        known = index
        while known not in self._standing:
            known -= 1
        standing = self._standing[known]
        if known < index:
            standing = _replayed(standing, sweep.steps[known + 1 : index + 1], self._outputs)
            # The frames to come begin here; all others are replayed when they are asked for.
            self._standing = {-1: self._standing[-1], index: standing}
        return standing

    def _degrees(
        self,
        sweep: Sweep,
        gone: frozenset[str],
        made: Mapping[tuple[str, str], NewEdge],
        removed: frozenset[tuple[str, str]],
    ) -> dict[str, Row]:
        """For each vertex still to be eliminated how many products that would cost now.

        For one that is gone how many it took.
        """
        if self._linear is None:
            # Constants are no part of the linearised graph; its edges are those with a partial.
            # One that an exercise asks for is hidden, but its edge is there all the same.
            known = sweep.edge_partials.keys() | sweep.edge_formulas.keys()
            self._linear = {(source, target) for source, target, _ in known}
        away = gone - self._outputs
        pairs = {(s, t) for s, t in self._linear if s not in gone and t not in away}
        pairs = (pairs - removed) | made.keys()
        inward = Counter(target for _, target in pairs)
        outward = Counter(source for source, _ in pairs)
        rows: dict[str, Row] = {}
        for step in sweep:
            if step.kind == "eliminate" and step.node in gone:
                rows[step.node] = ("eliminated", f"{step.cost.multiplications} mul", CROSS)
            elif step.kind == "eliminate":
                degree = f"{inward[step.node]} × {outward[step.node]}"
                rows[step.node] = ("in × out", degree, CROSS)
        for node in self._left(sweep, gone):
            rows[node] = ("in × out", f"{inward[node]} × {outward[node]}", CROSS)
        return rows

    def _left(self, sweep: Sweep, gone: frozenset[str]) -> list[str]:
        """Ids of the vertices that no step eliminates and that are still there."""
        left = [self.graph.id_of(name) for name in sweep.left]
        by_edges = (id_ for step in sweep if step.kind != "eliminate" for id_ in step.vanished)
        return [*left, *(id_ for id_ in dict.fromkeys(by_edges) if id_ not in gone)]


def _replayed(standing: _Standing, steps: Iterable[Step], outputs: frozenset[str]) -> _Standing:
    gone, made, removed = set(standing.eliminated), dict(standing.made), set(standing.removed)
    at: dict[str, set[tuple[str, str]]] = {}
    for pair in made:
        for end in pair:
            at.setdefault(end, set()).add(pair)
    for step in steps:
        if not step.kind.startswith("eliminate"):
            continue
        for fill in step.fill_ins:
            pair = (fill.source, fill.target)
            made[pair] = _new_edge(fill, fresh=False)
            for end in pair:
                at.setdefault(end, set()).add(pair)
            removed.discard(pair)
        for pair in step.removed:
            made.pop(pair, None)
            removed.add(pair)
        gone.update(step.vanished)
        if step.kind != "eliminate":
            continue
        gone.add(step.node)
        for pair in at.get(step.node, ()):
            if pair[0] == step.node or step.node not in outputs:
                made.pop(pair, None)
    return _Standing(frozenset(gone), made, frozenset(removed))


def _new_edge(fill: FillIn, *, fresh: bool) -> NewEdge:
    return NewEdge(fill.source, fill.target, fill.after, fill.term.symbolic, fresh)


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


def hold_progress(step: Step) -> float | None:
    """The progress just before the last summand arrives; None for a step that adds nothing up."""
    if step.mode == CROSS:
        count = len(step.fill_ins)
        if all(fill.created for fill in step.fill_ins):
            return None
    else:
        count = len(step.terms)
    if count < 1 or (count < 2 and step.mode != CROSS):
        return None
    in_turn = 1 < count <= _MOST_IN_TURN
    length = _TRAVEL / count if in_turn else _TRAVEL
    return (count - 1 + _NEARLY) * length if in_turn else _NEARLY * length


def hold_before_card(sweep: Sweep, folding: Folding, first: int, last: int) -> float | None:
    """As `hold_progress` for the steps within a card that are one move."""
    return _NEARLY * _TRAVEL if adds_up(sweep, folding, first, last) else None


def _kinks(sweep: Sweep, index: int) -> dict[str, str]:
    if len(sweep) > MOST_MADE:
        step = sweep[index] if index >= 0 else None
        return {step.node: step.kink} if step is not None and step.kink else {}
    return {step.node: step.kink for step in sweep.steps[: index + 1] if step.kink}


def _share(number: int, count: int, progress: float) -> float:
    """How far pulse `number` of `count` has come."""
    if not 1 < count <= _MOST_IN_TURN:
        return min(progress / _TRAVEL, 1.0)
    length = _TRAVEL / count
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
    for number, fill in enumerate(step.fill_ins):
        share = _share(number, len(step.fill_ins), progress)
        if 0.0 < share < 1.0:
            pulses.append(Pulse((fill.source, step.node, ""), share, backwards=False))
            pulses.append(Pulse((step.node, fill.target, ""), share, backwards=True))
    return tuple(pulses)
