"""What an exercise asks for is not shown anywhere: a mask between the results and the views.

A number is hidden wherever it is told under the name that is asked for: as result, as factor or
summand of another, as a partial that equals it. Of modes that the exercise is not about the
derivatives are hidden altogether, since a tangent or a fill-in may be the adjoint that is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from visualad.autodiff.lazy import LazySequence
from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, FillIn, Formula, Step, Sweep, Term
from visualad.graph.model import Graph
from visualad.gui.hidden_numbers import UNKNOWN, equal, product, total, unknown, without_numbers
from visualad.gui.stamps import ASKED, OPEN, RIGHT, Stamp
from visualad.lessons.exercise import (
    ADJOINT,
    FACTOR,
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
_RESULT = {FORWARD: TANGENT, BACKWARD: ADJOINT}


@dataclass(frozen=True)
class Mask:
    """What is hidden.

    Attributes:
        nodes: ("value" | "tangent" | "adjoint", node id).
        edges: ("partial" | "factor" | "term" | "sum" | "fill_in", edge key as in a blank).
        hide: of "values", "derivatives", "partials" and "formulas", what is hidden altogether.
        mode: the mode that is asked about while questions are open: the derivatives of others are
            hidden; "" hides none.
        stamps: every question, open or not, by its place: (kind, node id or edge key).
    """

    nodes: frozenset[tuple[str, str]] = frozenset()
    edges: frozenset[tuple[str, EdgeKey]] = frozenset()
    hide: frozenset[str] = frozenset()
    mode: str = ""
    stamps: Mapping[tuple[str, str | EdgeKey], Stamp] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.nodes or self.edges or self.hide)

    def stamp(self, kind: str, place: str | EdgeKey) -> Stamp | None:
        """The question in a place, or None."""
        return self.stamps.get((kind, place))

    def asks(self, kind: str, node: str) -> bool:
        """Whether a number of a node is hidden."""
        if (kind, node) in self.nodes:
            return True
        return kind != VALUE and ("derivatives" in self.hide or self._is_foreign(kind))

    def _is_foreign(self, kind: str) -> bool:
        """Whether a tangent or adjoint belongs to a mode that the exercise is not about."""
        return bool(self.mode) and kind != _RESULT.get(self.mode)

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

    def is_asked(self, kind: str, node: str) -> bool:
        """Whether a hidden number of a node is a question, and not only kept back."""
        return (kind, node) in self.nodes

    def of_node(self, node: str) -> tuple[Stamp | None, Stamp | None, Stamp | None]:
        """The questions about value, tangent and adjoint of a node."""
        found = (self.stamps.get((kind, node)) for kind in ON_NODES)
        return tuple(found)  # type: ignore[return-value]

    def on_edge(self, edge: EdgeKey, gone: frozenset[str] = frozenset()) -> dict[str, Stamp]:
        """The questions about an edge by kind.

        Args:
            edge: with the port "" for an edge that elimination has made or changed.
            gone: the vertices that are eliminated, or just being; fill-ins of others wait.
        """
        if edge[2]:
            found = {kind: self.stamps.get((kind, edge)) for kind in (PARTIAL, FACTOR, TERM, SUM)}
            return {kind: stamp for kind, stamp in found.items() if stamp is not None}
        made = [
            stamp
            for (kind, key), stamp in self.stamps.items()
            if kind == FILL_IN and (key[0], key[2]) == edge[:2] and key[1] in gone
        ]
        return {FILL_IN: made[-1]} if made else {}

    # Results without what is hidden -----------------------------------------------------------

    def values(self, graph: Graph, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Values by node id."""
        if not self.nodes and "values" not in self.hide:
            return values
        return {id_: x for id_, x in values.items() if not self.asks_value(graph, id_)}

    def cautions(self, graph: Graph, sentences: Mapping[str, str]) -> Mapping[str, str]:
        """Sentences by node id, which tell the value of the node and of its sources."""
        if not self:
            return sentences
        return {
            id_: sentence
            for id_, sentence in sentences.items()
            if id_ in graph.nodes_by_id
            and not any(
                self.asks_value(graph, asked)
                for asked in (id_, *(edge.source for edge in graph.edges_into(id_)))
            )
        }

    def partials(
        self,
        graph: Graph,
        partials: Mapping[EdgeKey, Any],
        formulas: Mapping[EdgeKey, Formula],
        values: Mapping[str, Any],
    ) -> Mapping[EdgeKey, Any]:
        """Local partials by edge.

        Args:
            values: all of them by node id, also those that are hidden.
        """
        if not self:
            return partials
        telling = self._telling(graph, formulas, partials, values)
        return {
            key: x
            for key, x in partials.items()
            if key not in telling and not self._asks_partial(key)
        }

    def _telling(
        self,
        graph: Graph,
        formulas: Mapping[EdgeKey, Formula],
        partials: Mapping[EdgeKey, Any],
        values: Mapping[str, Any],
    ) -> frozenset[EdgeKey]:
        """Edges whose partial is, or holds, a value that is asked: e^x₄ on the edge into e^x₄."""
        hidden = {id_ for id_ in graph.nodes_by_id if self.asks_value(graph, id_)}
        if not hidden:
            return frozenset()
        names = [graph.nodes_by_id[id_].name for id_ in hidden]
        asked = re.compile(r"\b(" + "|".join(map(re.escape, names)) + r")\b")
        return frozenset(
            key for key, text in formulas.items() if asked.search(text.plain)
        ) | frozenset(
            key
            for key, partial in partials.items()
            if key[1] in hidden and equal(partial, values.get(key[1]))
        )

    def formulas(self, formulas: Mapping[EdgeKey, Formula]) -> Mapping[EdgeKey, Formula]:
        """Formulas of the local partials by edge: a question mark for those that are asked."""
        asked = {key for kind, key in self.edges if kind == PARTIAL and key in formulas}
        if "formulas" in self.hide:
            return dict.fromkeys(asked, UNKNOWN)
        return {**formulas, **dict.fromkeys(asked, UNKNOWN)} if asked else formulas

    def sweep(self, graph: Graph, sweep: Sweep) -> Sweep:
        """A sweep whose steps keep what is hidden to themselves."""
        if not self:
            return sweep
        values = {graph.id_of(n): x for n, x in sweep.values.items() if n in graph}
        telling = self._telling(graph, sweep.edge_formulas, sweep.edge_partials, values)
        closed = self._closed(sweep)

        def kept(numbers: Mapping[str, Any], kind: str) -> dict[str, Any]:
            ids = {name: graph.id_of(name) for name in numbers if name in graph}
            return {
                name: x
                for name, x in numbers.items()
                if not (
                    self.asks(kind, ids.get(name, name))
                    or (kind == _RESULT.get(sweep.mode) and ids.get(name, name) in closed)
                )
            }

        return replace(
            sweep,
            steps=LazySequence(len(sweep), lambda index: self.step(sweep[index], telling, closed)),
            values={
                n: x
                for n, x in sweep.values.items()
                if n not in graph or not self.asks_value(graph, graph.id_of(n))
            },
            tangents=kept(sweep.tangents, TANGENT),
            adjoints=kept(sweep.adjoints, ADJOINT),
            edge_partials=self.partials(graph, sweep.edge_partials, sweep.edge_formulas, values),
            edge_formulas=self.formulas(sweep.edge_formulas),
            jacobian={},
        )

    def _closed(self, sweep: Sweep) -> frozenset[str]:
        """Nodes whose tangent or adjoint is a term or partial sum that is asked."""
        kinds = {kind for kind, _ in self.edges}
        if sweep.mode == CROSS or not kinds & {TERM, SUM}:
            return frozenset()
        return frozenset(
            step.node
            for step in sweep
            if any(
                ((TERM, term.edge) in self.edges and equal(term.contribution, step.result))
                or ((SUM, term.edge) in self.edges and equal(term.partial_sum, step.result))
                for term in step.terms
            )
        )

    def step(
        self,
        step: Step,
        telling: frozenset[EdgeKey] = frozenset(),
        closed: frozenset[str] = frozenset(),
    ) -> Step:
        """A step without what is hidden of it.

        Args:
            telling: edges whose number would tell a value that is asked.
            closed: nodes whose result would tell a term or sum that is asked.
        """
        if self.mode and step.mode != self.mode:
            return self._veiled(step)
        if step.mode == CROSS:
            return self._elimination(step, telling)
        result = self.asks(_RESULT[step.mode], step.node)
        terms = tuple(self._term(step, term, telling, closed) for term in step.terms)
        shown = replace(step, terms=terms)
        if result:
            shown = replace(shown, numeric=UNKNOWN)
        elif any(a.numeric is not b.numeric for a, b in zip(terms, step.terms, strict=True)):
            shown = replace(shown, numeric=total(step, terms))
        if "formulas" in self.hide or any((PARTIAL, term.edge) in self.edges for term in terms):
            shown = replace(shown, partials=UNKNOWN)
        if result or step.node in closed:
            shown = replace(shown, result=None, result_text=ASKED, note="")
        if (VALUE, step.node) in self.nodes or "values" in self.hide:
            shown = replace(shown, value=None)
        return shown

    def _term(
        self, step: Step, term: Term, telling: frozenset[EdgeKey], closed: frozenset[str]
    ) -> Term:
        key, kind = term.edge, _RESULT[step.mode]
        result = self.asks(kind, step.node)
        far = key[1] if step.mode == BACKWARD else key[0]
        factor = (FACTOR, key) in self.edges or self.asks(kind, far) or far in closed
        partial = key in telling or self._asks_partial(key)
        summed = (SUM, key) in self.edges
        hides = factor or partial or result or (TERM, key) in self.edges
        hides = hides or (summed and equal(term.contribution, term.partial_sum))
        if not hides and not summed:
            return term
        shown = replace(term, partial_sum=None, note="")
        if hides:
            shown = replace(shown, contribution=None)
        if factor or partial:
            shown = replace(
                shown,
                factor=None if factor else term.factor,
                partial=None if partial else term.partial,
                numeric=product(None if factor else term.factor, None if partial else term.partial),
            )
        return replace(shown, numeric=UNKNOWN) if result else shown

    def _veiled(self, step: Step) -> Step:
        """A step of a mode that is not asked about: its rule, but no number of it."""
        words = f"Hidden while an exercise about {self.mode} mode is being answered."
        terms = tuple(without_numbers(term) for term in step.terms)
        fills = tuple(unknown(fill) for fill in step.fill_ins)
        return replace(
            step,
            numeric=UNKNOWN,
            partials=UNKNOWN if "formulas" in self.hide else step.partials,
            terms=terms,
            fill_ins=fills,
            value=None,
            result=None,
            result_text=ASKED,
            note=words,
        )

    # Cross mode -------------------------------------------------------------------------------

    def _elimination(self, step: Step, telling: frozenset[EdgeKey]) -> Step:
        pairs = self._hidden_pairs(telling)
        if not pairs and "derivatives" not in self.hide and "partials" not in self.hide:
            return step
        fills = tuple(self._fill_in(step, fill, pairs) for fill in step.fill_ins)
        if all(a is b for a, b in zip(fills, step.fill_ins, strict=True)):
            return step
        return replace(step, numeric=UNKNOWN, fill_ins=fills)

    def _hidden_pairs(self, telling: frozenset[EdgeKey]) -> frozenset[tuple[str, str]]:
        """(source, target) of edges of the linearised graph whose number is hidden.

        Whichever vertex goes: in another order the same number is made by another elimination.
        """
        asked = {(key[0], key[2]) for kind, key in self.edges if kind == FILL_IN}
        return frozenset(
            asked
            | {key[:2] for kind, key in self.edges if kind == PARTIAL}
            | {key[:2] for key in telling}
        )

    def _fill_in(self, step: Step, fill: FillIn, pairs: frozenset[tuple[str, str]]) -> FillIn:
        inward, outward = (fill.source, step.node), (step.node, fill.target)
        if "derivatives" in self.hide or (fill.source, fill.target) in pairs:
            return unknown(fill)
        hidden = (inward in pairs, outward in pairs)
        if not any(hidden):
            return fill
        term = fill.term
        other = term.partial if hidden[0] else term.factor
        if all(hidden) or equal(other, 1.0):  # the product would be the number itself
            return unknown(fill)
        factor, partial = (
            None if is_hidden else number
            for is_hidden, number in zip(hidden, (term.factor, term.partial), strict=True)
        )
        shown = replace(
            term,
            factor=factor,
            partial=partial,
            contribution=None,
            numeric=product(factor, partial),
        )
        return replace(fill, term=shown)

    def _asks_partial(self, key: EdgeKey) -> bool:
        return "partials" in self.hide or (PARTIAL, key) in self.edges


NOTHING_HIDDEN = Mask()


def mask_of(
    exercise: Exercise,
    known: frozenset[str] = frozenset(),
    states: Mapping[str, tuple[str, str]] | None = None,
) -> Mask:
    """What an exercise hides.

    Args:
        known: ids of the blanks that are answered rightly or were revealed.
        states: by blank id its state and what was typed; see `Stamp`.
    """
    blanks = [blank for blank in exercise.blanks if blank.id not in known]
    done = bool(exercise.blanks) and not blanks
    hide: frozenset[str] = frozenset() if done else frozenset(exercise.settings.hide)
    found = states or {}
    return Mask(
        nodes=frozenset((b.kind, b.node) for b in blanks if b.kind in ON_NODES),
        edges=frozenset((b.kind, b.edge) for b in blanks if b.kind not in ON_NODES),
        hide=hide,
        mode=exercise.mode if blanks or hide else "",
        stamps={
            (b.kind, b.node if b.kind in ON_NODES else b.edge): Stamp(
                b.id, *found.get(b.id, (RIGHT if b.id in known else OPEN, ""))
            )
            for b in exercise.blanks
        },
    )
