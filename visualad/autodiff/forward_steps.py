"""The steps of a forward sweep: one for each node, from the inputs to the outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.derivation import (
    in_total,
    kink_of,
    make_terms,
    numeric_product,
    remark,
    spelled_product,
    sum_of,
    sweep_cost,
)
from visualad.autodiff.evaluate import Array
from visualad.autodiff.forward import Contribution, gather
from visualad.autodiff.local import Locals
from visualad.autodiff.notation import Notation, kept, number, result_text, write, write_names
from visualad.autodiff.scalars import packed, unpacked
from visualad.autodiff.steps import FORWARD, Cost, Formula, Step, Term
from visualad.ops.expression import Expression, Name, product


@dataclass(frozen=True, eq=False)
class ForwardSteps:
    """Makes the steps of a forward sweep.

    Attributes:
        local, notation: the local derivatives and how they are written.
        directions: for each direction its name, its tangents and which nodes it reaches. A
            sweep for all inputs at once has several, an ordinary one has one.
        seeds: the independents that are seeded (or were asked for, in a sweep for all).
        nodes: the nodes that have a step, in order.
    """

    local: Locals
    notation: Notation
    directions: Sequence[tuple[str, Sequence[Array], Sequence[bool]]]
    seeds: Sequence[int]
    nodes: Sequence[int]

    def __reduce__(self) -> tuple[Any, ...]:
        packs = [(name, packed(tangents), reached) for name, tangents, reached in self.directions]
        return _received, ({**self.__dict__, "directions": packs},)

    def named(self) -> dict[str, Any]:
        """The tangents by node name; for several directions one for each."""
        structure = self.local.structure
        if len(self.directions) == 1:
            return structure.named(self.directions[0][1])
        columns = [
            {name: row[i] for name, row, _ in self.directions} for i in range(len(structure))
        ]
        pairs = zip(columns, self.local.values, strict=True)
        return structure.named([None if value is None else column for column, value in pairs])

    def make(self, index: int) -> Step:
        """The step at this position."""
        i = self.nodes[index]
        return self._seed(index, i) if i in self.independents else self._node(index, i)

    @property
    def independents(self) -> Sequence[int]:
        """Inputs and parameters, whose tangents are given."""
        return self.local.structure.independents

    def _seed(self, index: int, i: int) -> Step:
        name = self.local.structure.name(i)
        given = self._result(i)
        zero = not any(np.any(tangents[i]) for _, tangents, _ in self.directions)
        note = (
            f"0 because the seed is on {', '.join(map(self.local.structure.name, self.seeds))}"
            if zero
            else f"{result_text(given)} because it is the seed"
        )
        line = write(number(given))
        return self._step(
            index, "seed", i, line, line, line, (), given, Cost(0, 0), note, name=name, kink=""
        )

    def _node(self, index: int, i: int) -> Step:
        structure = self.local.structure
        found = [
            gather(self.local, i, list(tangents), list(reached))
            for _, tangents, reached in self.directions
        ]
        parts = found[0] if len(found) == 1 else self._columns(found)
        factors = [self.notation.tangent(structure.sources[i][part.port]) for part in parts]
        seeded = [structure.name(seed) for seed in self.seeds]
        notes = [
            remark(structure.name(structure.sources[i][part.port]), seeded)
            if part.structural_zero
            else ""
            for part in parts
        ]
        terms = make_terms(self.local, self.notation, parts, factors, notes)
        key = self.notation.key(i)

        def symbolic() -> list[Expression]:
            return [
                product((factor, self.notation.partial(i, structure.sources[i][part.port])))
                for part, factor in zip(parts, factors, strict=True)
            ]

        def spelled() -> Expression:
            rule = None if structure.operations[i] is None else self._rule(i, parts, factors)
            return rule if rule is not None else sum_of(symbolic())

        def numeric() -> list[Expression]:
            return [numeric_product(self.local, self.notation, part) for part in parts]

        cost = Cost(0, 0)
        for each in found:
            cost += sweep_cost(self.local, each)
        reached = any(reaches[i] for _, _, reaches in self.directions)
        return self._step(
            index,
            "node",
            i,
            in_total(terms, symbolic, None, "symbolic", key and ("forward symbolic", key)),
            kept(key and ("forward partials", key), spelled),
            in_total(terms, numeric, None, "numeric"),
            terms,
            self._result(i),
            cost,
            "" if reached else remark(structure.name(i), seeded),
            name=structure.name(i),
            kink=kink_of(self.local, i),
        )

    def _rule(
        self, i: int, parts: Sequence[Contribution], factors: Sequence[Name]
    ) -> Expression | None:
        if self.local.partials[i] is None:
            return self.notation.pushed(i)
        pairs = zip(parts, factors, strict=True)
        return sum_of([spelled_product(self.notation, part, factor) for part, factor in pairs])

    def _columns(self, found: Sequence[Sequence[Contribution]]) -> list[Contribution]:
        """The contributions of several directions as one, with a number per direction."""
        names = [name for name, _, _ in self.directions]

        def column(values: Sequence[Any]) -> dict[str, Any]:
            return dict(zip(names, values, strict=True))

        return [
            Contribution(
                same[0].target,
                same[0].port,
                column([part.factor for part in same]),
                column([part.product for part in same]),
                column([part.total for part in same]),
                all(part.structural_zero for part in same),
            )
            for same in zip(*found, strict=True)
        ]

    def _result(self, i: int) -> Any:
        if len(self.directions) == 1:
            return self.directions[0][1][i]
        return {name: tangents[i] for name, tangents, _ in self.directions}

    def _step(
        self,
        index: int,
        kind: str,
        i: int,
        symbolic: Formula,
        partials: Formula,
        numeric: Formula,
        terms: tuple[Term, ...],
        result: Any,
        cost: Cost,
        note: str,
        *,
        name: str,
        kink: str,
    ) -> Step:
        return Step(
            index=index,
            mode=FORWARD,
            kind=kind,
            node=self.local.structure.nodes[i].id,
            name=name,
            quantity=write_names(self.notation.tangent(i).text),
            rule=forward_rule(name) if kind == "node" else seed_rule("direction"),
            symbolic=symbolic,
            partials=partials,
            numeric=numeric,
            terms=terms,
            fill_ins=(),
            value=self.local.values[i],
            result=result,
            result_text=result_text(result),
            cost=cost,
            note=note,
            kink=kink,
        )


def _received(sent: dict[str, Any]) -> ForwardSteps:
    packs = sent["directions"]
    directions = [(name, unpacked(tangents), reached) for name, tangents, reached in packs]
    return ForwardSteps(**{**sent, "directions": directions})


def forward_rule(name: str) -> Formula:
    """The rule of forward mode at a node."""
    written = write_names(name)
    return Formula(
        f"Σ over the edges into {written.text}",
        rf"\sum \text{{over the edges into }} {written.latex}",
        f"sum over the edges into {written.plain}",
    )


def seed_rule(what: str) -> Formula:
    """The rule at the start of a sweep."""
    return Formula(
        f"the {what} we start with", rf"\text{{the {what} we start with}}", f"the {what}"
    )
