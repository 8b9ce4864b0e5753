"""What an exercise asks for is not shown anywhere: a mask between the results and the views."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from visualad.autodiff.lazy import LazySequence
from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, FillIn, Formula, Step, Sweep
from visualad.graph.model import Graph
from visualad.lessons.exercise import (
    ADJOINT,
    FILL_IN,
    ON_NODES,
    PARTIAL,
    SUM,
    TANGENT,
    TERM,
    VALUE,
    Exercise,
)

EdgeKey = tuple[str, str, str]
ASKED = "?"
_UNKNOWN = Formula(ASKED, ASKED, ASKED)
_RESULT = {FORWARD: TANGENT, BACKWARD: ADJOINT}


@dataclass(frozen=True)
class Mask:
    """What is hidden.

    Attributes:
        nodes: ("value" | "tangent" | "adjoint", node id).
        edges: ("partial" | "factor" | "term" | "sum" | "fill_in", edge key as in a blank).
        hide: of "values", "derivatives", "partials" and "formulas", what is hidden altogether.
    """

    nodes: frozenset[tuple[str, str]] = frozenset()
    edges: frozenset[tuple[str, EdgeKey]] = frozenset()
    hide: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.nodes or self.edges or self.hide)

    def asks(self, kind: str, node: str) -> bool:
        """Whether a number of a node is hidden."""
        if (kind, node) in self.nodes:
            return True
        return "derivatives" in self.hide if kind != VALUE else False

    def asks_value(self, graph: Graph, node: str) -> bool:
        """Whether the value of a node is hidden; what is given never is by the teacher's switch."""
        if (VALUE, node) in self.nodes:
            return True
        found = graph.nodes_by_id.get(node)
        return "values" in self.hide and found is not None and not found.is_leaf

    def kinds(self, graph: Graph, node: str) -> frozenset[str]:
        """Which of "value", "tangent", "adjoint" of a node are hidden."""
        if not self:
            return frozenset()
        found = {kind for kind in (TANGENT, ADJOINT) if self.asks(kind, node)}
        if self.asks_value(graph, node):
            found.add(VALUE)
        return frozenset(found)

    # Results without what is hidden -----------------------------------------------------------

    def values(self, graph: Graph, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Values by node id."""
        if not self.nodes and "values" not in self.hide:
            return values
        return {id_: x for id_, x in values.items() if not self.asks_value(graph, id_)}

    def partials(
        self,
        graph: Graph,
        partials: Mapping[EdgeKey, Any],
        formulas: Mapping[EdgeKey, Formula],
    ) -> Mapping[EdgeKey, Any]:
        """Local partials by edge."""
        if not self:
            return partials
        telling = self._telling(graph, formulas)
        return {
            key: x
            for key, x in partials.items()
            if key not in telling and not self._asks_partial(key)
        }

    def _telling(self, graph: Graph, formulas: Mapping[EdgeKey, Formula]) -> frozenset[EdgeKey]:
        """Edges whose partial is, or holds, a value that is asked: e^x₄ on the edge into e^x₄."""
        names = [
            graph.nodes_by_id[id_].name
            for kind, id_ in self.nodes
            if kind == VALUE and id_ in graph.nodes_by_id
        ]
        if not names:
            return frozenset()
        asked = re.compile(r"\b(" + "|".join(map(re.escape, names)) + r")\b")
        return frozenset(key for key, text in formulas.items() if asked.search(text.plain))

    def formulas(self, formulas: Mapping[EdgeKey, Formula]) -> Mapping[EdgeKey, Formula]:
        """Formulas of the local partials by edge: a question mark for those that are asked."""
        asked = {key for kind, key in self.edges if kind == PARTIAL and key in formulas}
        if "formulas" in self.hide:
            return dict.fromkeys(asked, _UNKNOWN)
        return {**formulas, **dict.fromkeys(asked, _UNKNOWN)} if asked else formulas

    def sweep(self, graph: Graph, sweep: Sweep) -> Sweep:
        """A sweep whose steps keep what is hidden to themselves."""
        if not self:
            return sweep
        names = {graph.nodes_by_id[id_].name for _, id_ in self.nodes if id_ in graph.nodes_by_id}
        telling = self._telling(graph, sweep.edge_formulas)
        steps = LazySequence(len(sweep), lambda index: self.step(sweep[index], telling))
        return replace(
            sweep,
            steps=steps,
            values={n: x for n, x in sweep.values.items() if n not in names},
            tangents={n: x for n, x in sweep.tangents.items() if n not in names},
            adjoints={n: x for n, x in sweep.adjoints.items() if n not in names},
            edge_partials=self.partials(graph, sweep.edge_partials, sweep.edge_formulas),
            edge_formulas=self.formulas(sweep.edge_formulas),
        )

    def step(self, step: Step, telling: frozenset[EdgeKey] = frozenset()) -> Step:
        """A step without what is hidden of it.

        Args:
            telling: edges whose number would tell a value that is asked.
        """
        if step.mode == CROSS:
            return self._elimination(step)
        kind = _RESULT[step.mode]
        keys = [term.edge for term in step.terms]
        result = self.asks(kind, step.node)
        numbers = result or any(key in telling or self._asks_number(step.mode, key) for key in keys)
        formulas = "formulas" in self.hide or any((PARTIAL, key) in self.edges for key in keys)
        shown = step
        if numbers:
            shown = replace(shown, numeric=_UNKNOWN)
        if formulas:
            shown = replace(shown, partials=_UNKNOWN)
        if result:
            shown = replace(shown, result=None, result_text=ASKED, note="")
        if (VALUE, step.node) in self.nodes:
            shown = replace(shown, value=None)
        return shown

    def _elimination(self, step: Step) -> Step:
        asked = [self._asks_fill_in(step, fill) for fill in step.fill_ins]
        if not any(asked):
            return step
        # Not even how often edges meet is said, which the summary would give away.
        return replace(step, numeric=_UNKNOWN, fill_ins=tuple(
            fill for fill, hidden in zip(step.fill_ins, asked, strict=True) if not hidden
        ))  # fmt: skip

    def _asks_fill_in(self, step: Step, fill: FillIn) -> bool:
        return (FILL_IN, (fill.source, step.node, fill.target)) in self.edges

    def _asks_partial(self, key: EdgeKey) -> bool:
        return "partials" in self.hide or (PARTIAL, key) in self.edges

    def _asks_number(self, mode: str, key: EdgeKey) -> bool:
        """Whether something of a term is hidden."""
        source, target, _ = key
        travels = self.asks(_RESULT[mode], target if mode == BACKWARD else source)
        kinds = (PARTIAL, "factor", TERM, SUM)
        return travels or self._asks_partial(key) or any((k, key) in self.edges for k in kinds)


NOTHING_HIDDEN = Mask()


def mask_of(exercise: Exercise, known: frozenset[str] = frozenset()) -> Mask:
    """What an exercise hides.

    Args:
        known: ids of the blanks that are answered rightly or were revealed.
    """
    blanks = [blank for blank in exercise.blanks if blank.id not in known]
    done = bool(exercise.blanks) and not blanks
    return Mask(
        nodes=frozenset((b.kind, b.node) for b in blanks if b.kind in ON_NODES),
        edges=frozenset((b.kind, b.edge) for b in blanks if b.kind not in ON_NODES),
        hide=frozenset() if done else frozenset(exercise.settings.hide),
    )
