"""What is right in each blank, and what the usual mistakes would give: both from the sweep itself.

Nothing is differentiated here: the numbers are those of the sweep's steps and their terms.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from visualad.autodiff.evaluate import Point
from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, Step, Sweep, Term
from visualad.autodiff.sweeps import sweep
from visualad.errors import GraphError
from visualad.graph.formula import expression
from visualad.graph.model import Graph
from visualad.lessons.exercise import (
    ADJOINT,
    FACTOR,
    FILL_IN,
    PARTIAL,
    SUM,
    TANGENT,
    TERM,
    VALUE,
    Blank,
    Exercise,
)
from visualad.ops.writing import name_pretty, plain

# A sum of more contributions than this has too many parts to look for those left out.
_MOST_TERMS = 6
_ANGLES = frozenset({"sin", "cos", "tan"})


@dataclass(frozen=True, eq=False)
class Suspect:
    """A number that a usual mistake gives.

    Attributes:
        key: which mistake: "sign", "missing factor", "one contribution", ...
        value: what it gives.
        sentence: what to tell who made it; does not give the right answer away.
    """

    key: str
    value: Any
    sentence: str


@dataclass(frozen=True, eq=False)
class Reference:
    """One point's sweep as the source of right answers.

    Attributes:
        graph, exercise: what is asked.
        sweep: at the point.
    """

    graph: Graph
    exercise: Exercise
    sweep: Sweep

    @cached_property
    def _steps(self) -> Mapping[str, int]:
        """Position of each node's step by node id; every step is made once."""
        return {step.node: step.index for step in self.sweep}

    def step(self, node: str) -> Step | None:
        """The step of a node, or None when the sweep has none."""
        index = self._steps.get(node)
        return None if index is None else self.sweep[index]

    def name(self, node: str) -> str:
        """A node's name as people read it."""
        return name_pretty(self.graph.nodes_by_id[node].name)

    # Right answers ------------------------------------------------------------------------------

    def right(self, blank: Blank) -> float:
        """What belongs into a blank.

        Raises:
            GraphError: when it cannot be computed, with the reason.
        """
        found = self._quantity(blank)
        if found is None:
            name = self.graph.nodes_by_id[blank.node].name
            reason = self.sweep.failures.get(name, "the sweep does not get there")
            raise GraphError(f"Blank {blank.id} has no right answer: {reason.rstrip('.')}.")
        array = np.asarray(found)
        if blank.element:
            try:
                array = np.asarray(array[blank.element])
            except IndexError:
                raise GraphError(
                    f"Blank {blank.id} asks for element {list(blank.element)} of an array of "
                    f"shape {array.shape}."
                ) from None
        if array.size != 1:
            raise GraphError(
                f"Blank {blank.id} asks for an array of shape {array.shape}; choose an element."
            )
        return float(array.reshape(())[()])

    def _quantity(self, blank: Blank) -> Any:
        name = self.graph.nodes_by_id[blank.node].name
        if blank.kind == VALUE:
            return self.sweep.values.get(name)
        if blank.kind == TANGENT:
            return self.sweep.tangents.get(name)
        if blank.kind == ADJOINT:
            return self.sweep.adjoints.get(name)
        if blank.kind == PARTIAL:
            return self.sweep.edge_partials.get(blank.edge)
        if blank.kind == FILL_IN:
            return self._fill_in(blank)
        term = self.term(blank)
        if term is None:
            return None
        return {FACTOR: term.factor, TERM: term.contribution, SUM: term.partial_sum}[blank.kind]

    def term(self, blank: Blank) -> Term | None:
        """The term of the sweep that a blank on an edge belongs to."""
        collects = blank.source if self.exercise.mode == BACKWARD else blank.node
        step = self.step(collects)
        found = () if step is None else step.terms
        return next((term for term in found if term.edge == blank.edge), None)

    def _fill_in(self, blank: Blank) -> Any:
        step = self.step(blank.node)
        made = () if step is None else step.fill_ins
        pair = (blank.source, blank.port)
        return next((f.after for f in reversed(made) if (f.source, f.target) == pair), None)

    def formula(self, blank: Blank) -> str:
        """The right answer as plain text over node names, where there is one formula; else ""."""
        if blank.element:
            return ""
        if blank.kind == VALUE:
            node = self.graph.nodes_by_id[blank.node]
            return "" if node.is_leaf else plain(expression(self.graph, blank.node))
        if blank.kind == PARTIAL:
            found = self.sweep.edge_formulas.get(blank.edge)
            return "" if found is None else found.plain
        return ""

    def names(self, blank: Blank) -> dict[str, float]:
        """Values of the names that a formula in this blank may use.

        Nodes by name; `df_dx6` for adjoints, `dot_x4` for tangents, `dx6_dx4` for local partials.
        The quantity that is asked for is none of them, nor is what follows from it: an adjoint
        that is computed later would only say the same in other words.
        """
        if blank.kind == VALUE:
            return _scalars(self._values_before(blank.node))
        found: dict[str, Any] = {}
        late = () if blank.kind == PARTIAL else self._names_after(blank)
        for kind, numbers in (("dot_{}", self.sweep.tangents), ("df_d{}", self.sweep.adjoints)):
            if blank.kind != PARTIAL:  # which depends on values alone
                found |= {kind.format(n): value for n, value in numbers.items() if n not in late}
        for (source, target, _), partial in self.sweep.edge_partials.items():
            ends = [self.graph.nodes_by_id[id_].name for id_ in (target, source)]
            name = f"d{ends[0]}_d{ends[1]}"
            found[name] = found.get(name, 0.0) + partial
        found |= self.sweep.values
        asked = self.graph.nodes_by_id[blank.node].name
        source = self.graph.nodes_by_id[blank.source].name if blank.source else ""
        for own in {
            TANGENT: (f"dot_{asked}",),
            ADJOINT: (f"df_d{asked}",),
            PARTIAL: (f"d{asked}_d{source}",),
            FACTOR: (f"df_d{asked}", f"dot_{source}"),
        }.get(blank.kind, ()):
            found.pop(own, None)
        return _scalars(found)

    def _values_before(self, node: str) -> dict[str, Any]:
        """Values of all nodes, by name, that do not depend on one."""
        after = {node}
        for id_ in self.graph.order:
            if any(edge.source in after for edge in self.graph.edges_into(id_)):
                after.add(id_)
        late = {n for id_ in after for n in self._names_of(id_)}
        return {name: x for name, x in self.sweep.values.items() if name not in late}

    def _names_after(self, blank: Blank) -> frozenset[str]:
        """Names of the nodes whose tangent or adjoint the sweep finds only after what is asked."""
        if self.exercise.mode == CROSS:
            return frozenset()
        collects = blank.node
        if blank.source and self.exercise.mode == BACKWARD:
            collects = blank.source
        start = self._steps.get(collects, len(self._steps))
        late = [node for node, index in self._steps.items() if index >= start]
        return frozenset(name for node in late for name in self._names_of(node))

    def _names_of(self, node: str) -> tuple[str, ...]:
        found = self.graph.nodes_by_id[node]
        return (found.name, *found.aliases)

    # Mistakes -----------------------------------------------------------------------------------

    def suspects(self, blank: Blank) -> list[Suspect]:
        """What the usual mistakes give in this blank, the likeliest first."""
        right = self.right(blank)
        found = [Suspect("sign", -right, "Only the sign is wrong.")]
        if not blank.element:
            found += {
                VALUE: self._value_mistakes,
                PARTIAL: self._partial_mistakes,
                TERM: self._term_mistakes,
                SUM: self._sum_mistakes,
                FILL_IN: self._fill_in_mistakes,
                TANGENT: self._total_mistakes,
                ADJOINT: self._total_mistakes,
            }.get(blank.kind, _none)(blank)
        if right:
            found.append(Suspect("reciprocal", 1 / right, "This is one over the right number."))
        return [suspect for suspect in found if np.ndim(suspect.value) == 0]

    def _value_mistakes(self, blank: Blank) -> Iterator[Suspect]:
        node = self.graph.nodes_by_id[blank.node]
        edges = self.graph.edges_into(node.id)
        inputs = [self._value(edge.source) for edge in edges]
        operation = node.operation
        if operation is None or any(x is None or np.ndim(x) for x in inputs):
            return
        if node.op in _ANGLES:
            degrees = operation.function(math.radians(inputs[0]))
            yield Suspect(
                "degrees", degrees, f"The angle is in radians; this is {node.op} of degrees."
            )
        if len(inputs) == 2:
            with np.errstate(all="ignore"):
                swapped = operation.function(
                    *reversed(inputs), **operation.settings_for(node.settings)
                )
            yield Suspect(
                "swapped", swapped, f"The two inputs of {self.name(node.id)} are swapped."
            )
        for edge, value in zip(edges, inputs, strict=True):
            yield Suspect("input", value, f"This is the value of {self.name(edge.source)}.")

    def _partial_mistakes(self, blank: Blank) -> Iterator[Suspect]:
        target = self.name(blank.node)
        for edge in self.graph.edges_into(blank.node):
            if edge.port != blank.port:
                other = self.sweep.edge_partials.get((edge.source, edge.target, edge.port))
                yield Suspect(
                    "swapped",
                    other,
                    f"This is the partial of {target} by {self.name(edge.source)}, its other "
                    f"input (port {edge.port}); asked is port {blank.port}.",
                )
        yield Suspect("value", self._value(blank.node), f"This is the value of {target}.")
        yield Suspect(
            "value", self._value(blank.source), f"This is the value of {self.name(blank.source)}."
        )

    def _term_mistakes(self, blank: Blank) -> Iterator[Suspect]:
        term = self.term(blank)
        if term is not None:
            yield from self._missing_factor([term])

    def _sum_mistakes(self, blank: Blank) -> Iterator[Suspect]:
        term = self.term(blank)
        if term is not None:
            yield Suspect(
                "one contribution",
                term.contribution,
                "This is the last contribution alone; add what has arrived before it.",
            )

    def _fill_in_mistakes(self, blank: Blank) -> Iterator[Suspect]:
        step = self.step(blank.node)
        pair = (blank.source, blank.port)
        made = [] if step is None else [f for f in step.fill_ins if (f.source, f.target) == pair]
        for fill in made:
            if fill.before is not None:
                yield Suspect(
                    "one contribution",
                    fill.term.contribution,
                    "This is the new product alone; an edge was there already, so the two add.",
                )
                yield Suspect("unchanged", fill.before, "This is the edge before the elimination.")
            yield from self._missing_factor([fill.term])

    def _total_mistakes(self, blank: Blank) -> Iterator[Suspect]:
        """Mistakes in a tangent or adjoint, which is a sum of terms."""
        step = self.step(blank.node)
        terms = [] if step is None else [t for t in step.terms if np.ndim(t.contribution) == 0]
        if step is None or any(isinstance(term.factor, Mapping) for term in terms):
            return
        name = self.name(blank.node)
        start = self._start(step, terms)
        live = [term for term in terms if np.any(term.contribution)]
        if len(live) > 1:
            yield from self._parts_of_the_sum(name, live, start)
        yield from self._missing_factor(terms, start)
        yield from self._swapped_partials(terms, start)
        if len(live) > 1:
            product = math.prod(float(term.contribution) for term in live)
            yield Suspect("product", product, "Contributions are added, not multiplied.")
        yield Suspect("value", step.value, f"This is the value of {name}, not its derivative.")

    def _start(self, step: Step, terms: list[Term]) -> float:
        """What a node starts with before its terms: its seed."""
        if not terms:
            return 0.0
        return float(step.result) - math.fsum(float(term.contribution) for term in terms)

    def _parts_of_the_sum(self, name: str, live: list[Term], start: float) -> Iterator[Suspect]:
        if len(live) > _MOST_TERMS:
            return
        for count in range(1, len(live)):
            for some in itertools.combinations(live, count):
                rest = [term for term in live if term not in some]
                over = " and ".join(self._way(term) for term in some)
                lacking = " and ".join(self._way(term) for term in rest)
                yield Suspect(
                    "one contribution",
                    start + math.fsum(float(term.contribution) for term in some),
                    f"This is what comes over {over} alone. Over {lacking} a contribution comes "
                    f"too: at {name} they are added (+=), the later does not replace the earlier.",
                )

    def _missing_factor(self, terms: list[Term], start: float = 0.0) -> Iterator[Suspect]:
        whole = start + math.fsum(float(np.sum(term.contribution)) for term in terms)
        for term in terms:
            if np.ndim(term.contribution) or np.ndim(term.partial) or term.partial is None:
                continue
            partial, travels = self._factor_names(term)
            others = whole - term.contribution
            yield Suspect(
                "missing factor",
                others + term.factor,
                f"The factor {partial} is missing: the inner derivative of {self._way(term)}.",
            )
            yield Suspect(
                "missing factor",
                others + term.partial,
                f"The factor {travels} is missing: the local partial alone is not enough.",
            )
        if len(terms) > 1:
            yield Suspect(
                "missing factor",
                start + math.fsum(float(np.sum(term.partial)) for term in terms),
                "Each local partial still has to be multiplied by the derivative that arrives.",
            )

    def _swapped_partials(self, terms: list[Term], start: float) -> Iterator[Suspect]:
        """As if the partials of a node's two ports had changed places."""
        if any(np.ndim(term.contribution) for term in terms):
            return
        for term in terms:
            others = [e for e in self.graph.edges_into(term.edge[1]) if e.port != term.edge[2]]
            if len(others) != 1:
                continue
            edge = others[0]
            other = self.sweep.edge_partials.get((edge.source, edge.target, edge.port))
            if other is None or np.ndim(other):
                continue
            rest = math.fsum(float(t.contribution) for t in terms if t is not term)
            yield Suspect(
                "swapped",
                start + rest + term.factor * other,
                f"At {self.name(edge.target)} the partials of its two inputs are swapped.",
            )

    def _way(self, term: Term) -> str:
        """How people call the edge of a term: by its other end."""
        other = term.edge[1] if self.exercise.mode != FORWARD else term.edge[0]
        return self.name(other)

    def _factor_names(self, term: Term) -> tuple[str, str]:
        source, target, _ = term.edge
        if self.exercise.mode == CROSS:
            return "of the edge out of the vertex", "of the edge into it"
        partial = f"∂{self.name(target)}/∂{self.name(source)}"
        if self.exercise.mode == FORWARD:
            return partial, f"the tangent of {self.name(source)}"
        return partial, f"the adjoint of {self.name(target)}"

    def _value(self, node: str) -> Any:
        return self.sweep.values.get(self.graph.nodes_by_id[node].name)


def reference(graph: Graph, exercise: Exercise, at: Point = None) -> Reference:
    """The exercise's sweep at a point.

    Args:
        at: values of the inputs by name; None for those stored in the graph.

    Raises:
        VisualADError: when there is no such sweep.
    """
    options = {"order": exercise.order} if exercise.mode == CROSS else {"seed": exercise.seed}
    return Reference(graph, exercise, sweep(graph, at, mode=exercise.mode, **options))


def _scalars(numbers: Mapping[str, Any]) -> dict[str, float]:
    return {name: x for name, x in numbers.items() if np.ndim(x) == 0 and x is not None}


def _none(blank: Blank) -> Iterator[Suspect]:
    return iter(())
