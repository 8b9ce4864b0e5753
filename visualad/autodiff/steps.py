"""What a derivative is made of: steps, with their rule, their numbers and their cost.

Everything that shows a derivative (canvas, trace, derivation, tables, films) shows these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from visualad.autodiff.moves import Move

FORWARD, BACKWARD, CROSS = "forward", "backward", "cross"
MODES = (FORWARD, BACKWARD, CROSS)


@dataclass(frozen=True, eq=False)
class Cost:
    """Scalar multiplications and additions, and which of them were counted.

    Two costs are equal when all of that is; they are ordered by multiplications, then additions.
    A plain number is compared with the multiplications alone, as the literature counts:
    `order.cost <= 221`. So `int(cost)` is their number, and equal things have equal hashes.

    Attributes:
        convention: in words, for the screen: "elimination, unit edges count", ...
    """

    multiplications: int
    additions: int
    convention: str = ""

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.multiplications + other.multiplications,
            self.additions + other.additions,
            self.convention or other.convention,
        )

    def __int__(self) -> int:
        return self.multiplications

    def __hash__(self) -> int:
        return hash(self.multiplications)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Cost):
            mine = self.multiplications, self.additions, self.convention
            return mine == (other.multiplications, other.additions, other.convention)
        return self.multiplications == other if isinstance(other, Real) else NotImplemented

    def __lt__(self, other: Cost | float) -> bool:
        pair = self._beside(other)
        return pair[0] < pair[1]

    def __le__(self, other: Cost | float) -> bool:
        pair = self._beside(other)
        return pair[0] <= pair[1]

    def __gt__(self, other: Cost | float) -> bool:
        pair = self._beside(other)
        return pair[0] > pair[1]

    def __ge__(self, other: Cost | float) -> bool:
        pair = self._beside(other)
        return pair[0] >= pair[1]

    def _beside(self, other: Cost | float) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Both as tuples that compare; a plain number has no additions."""
        if isinstance(other, Cost):
            return (
                (self.multiplications, self.additions),
                (other.multiplications, other.additions),
            )
        return (self.multiplications,), (other,)


@dataclass(frozen=True, eq=False)
class Formula:
    """One line of mathematics in three writings. Two are equal when all three are.

    Attributes:
        text: Unicode with real subscripts, for tables and the canvas: `∂f/∂x₆ · exp x₄`.
        latex: for typesetting.
        plain: ASCII, for the command line and tests: `df/dx6*exp(x4)`.
    """

    text: str
    latex: str
    plain: str

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Formula):
            return NotImplemented
        mine = self.text, self.latex, self.plain
        return mine == (other.text, other.latex, other.plain)

    def __hash__(self) -> int:
        return hash((self.text, self.latex, self.plain))


class LateFormula(Formula):
    """A formula of which each writing is made when it is first looked at, and then kept.

    Most readers want one of the three.
    """

    def __init__(self, writings: Mapping[str, Callable[[], str]]) -> None:
        self.__dict__["_writings"] = writings

    def __getattr__(self, name: str) -> str:
        writings = self.__dict__.get("_writings", {})
        if name not in writings:
            raise AttributeError(name)
        written: str = self.__dict__.setdefault(name, writings[name]())
        return written

    def __reduce__(self) -> tuple[object, ...]:
        return Formula, (self.text, self.latex, self.plain)


@dataclass(frozen=True)
class Term:
    """One summand of a step: what one edge contributes.

    Attributes:
        edge: (source id, target id, port); for a product in cross mode the port is "".
        factor: the number that travels (tangent of the source, adjoint of the target); in cross
            mode the partial of the edge into the vertex.
        partial: the local partial on the edge; in cross mode that of the edge out of the vertex.
        contribution: their product.
        partial_sum: the sum up to and including this contribution.
        symbolic, numeric: the product as a formula with names and with numbers.
        note: in words, why a term is special: "f does not depend on it", "branch not taken".
    """

    edge: tuple[str, str, str]
    factor: Any
    partial: Any
    contribution: Any
    partial_sum: Any
    symbolic: Formula
    numeric: Formula
    note: str = ""


@dataclass(frozen=True)
class FillIn:
    """What eliminating a vertex does to one edge (source id, target id) of the linearised graph.

    Attributes:
        created: True for a new edge, False when a parallel edge stood there already.
        before, after: the partial on it (None before a new one).
        terms: the product that is added.
    """

    source: str
    target: str
    created: bool
    before: Any
    after: Any
    term: Term


@dataclass(frozen=True)
class Step:
    """One step of a sweep.

    Attributes:
        index: position in the sweep, from 0.
        mode: "forward", "backward" or "cross".
        kind: "seed" (an input's tangent, the output's adjoint), "node", "eliminate" (a vertex) or
            "eliminate edge".
        node: id of the node whose tangent or adjoint results, or of the vertex eliminated; of an
            edge that is eliminated the vertex past which its paths are led.
        name: its name; of an edge `x4 → x6 at its front`.
        quantity: what results: `ẋ₄`, `∂f/∂x₄`, or the vertex in cross mode.
        rule: the general rule in words and symbols: "Σ over the edges that leave x₄".
        symbolic: the right side with names.
        partials: the right side with the local partials put in as formulas.
        numeric: the right side with the numbers.
        terms: one for each edge, with the partial sums (forward, backward).
        fill_ins: the edges made or changed (cross).
        value: the primal value of the node.
        result: the tangent or adjoint; None in cross mode.
        result_text: `result` as the user reads it.
        cost: what this step multiplied and added.
        note: in words: "1 because it is the seed", "0 because f does not depend on x3", "".
        kink: the sentence on a kink at this point, or "".
        removed: (source id, target id) of the edges that are gone after an edge is eliminated.
        vanished: ids of the vertices that lie on no path any more because of that.
    """

    index: int
    mode: str
    kind: str
    node: str
    name: str
    quantity: Formula
    rule: Formula
    symbolic: Formula
    partials: Formula
    numeric: Formula
    terms: tuple[Term, ...]
    fill_ins: tuple[FillIn, ...]
    value: Any
    result: Any
    result_text: str
    cost: Cost
    note: str = ""
    kink: str = ""
    removed: tuple[tuple[str, str], ...] = ()
    vanished: tuple[str, ...] = ()

    @property
    def edges(self) -> tuple[tuple[str, str, str], ...]:
        """The edges that the step uses, for lighting up."""
        if self.fill_ins:
            seen = dict.fromkeys((f.source, self.node, "") for f in self.fill_ins)
            seen |= dict.fromkeys((self.node, f.target, "") for f in self.fill_ins)
            return tuple(seen)
        if self.removed:
            return tuple((source, target, "") for source, target in self.removed)
        return tuple(term.edge for term in self.terms)


@dataclass(frozen=True)
class Sweep:
    """A whole derivative: the ordered steps and what they gave.

    Attributes:
        mode: "forward", "backward" or "cross".
        seed: in words: "ẋ₁ = 1", "∂f/∂f = 1".
        values, tangents, adjoints: by node name; the last two only in their mode.
        edge_partials: local partial by (source id, target id, port).
        edge_formulas: that partial as a formula, for the edge labels.
        jacobian: cross mode's result, by (output name, input name).
        order: elimination order, cross mode: vertices by name, and edges; left: the inner vertices
            (names) that are still there when only some were eliminated. Then there is no Jacobian
            yet.
        cost: of the whole sweep; spent: multiplications and additions up to the end of each step,
            (steps, 2), known without making the steps.
        failures: by node name, one sentence for each node that could not be computed.
    """

    mode: str
    seed: str
    steps: Sequence[Step]
    values: Mapping[str, Any]
    tangents: Mapping[str, Any]
    adjoints: Mapping[str, Any]
    edge_partials: Mapping[tuple[str, str, str], Any]
    edge_formulas: Mapping[tuple[str, str, str], Formula]
    cost: Cost
    jacobian: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    order: tuple[Move, ...] = ()
    left: tuple[str, ...] = ()
    spent: Any = ()
    failures: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: int) -> Step:
        return self.steps[index]


def spent_until(sweep: Sweep, index: int) -> tuple[int, int]:
    """Multiplications and additions up to the end of a step; none before the first (-1)."""
    if index < 0:
        return 0, 0
    if len(sweep.spent) == len(sweep):
        products, sums = sweep.spent[index]
        return int(products), int(sums)
    costs = [step.cost for step in sweep.steps[: index + 1]]  # a sweep put together by hand
    return sum(c.multiplications for c in costs), sum(c.additions for c in costs)
