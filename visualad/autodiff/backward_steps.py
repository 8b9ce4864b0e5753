"""The steps of a backward sweep: one for each node, from the outputs to the inputs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.backward import collect
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
from visualad.autodiff.forward import Contribution
from visualad.autodiff.forward_steps import seed_rule
from visualad.autodiff.local import Locals
from visualad.autodiff.notation import Notation, kept, number, result_text, write_names
from visualad.autodiff.scalars import packed, unpacked
from visualad.autodiff.steps import BACKWARD, Cost, Formula, Step
from visualad.ops.expression import Expression, product


@dataclass(frozen=True, eq=False)
class BackwardSteps:
    """Makes the steps of a backward sweep.

    Attributes:
        local, notation: the local derivatives and how they are written.
        adjoints: of each node.
        seeds: adjoints that nodes start with, by node number.
        reaching: whether each node reaches a seeded one.
        nodes: the nodes that have a step, in order.
        goal: what is differentiated, in words: "f".
    """

    local: Locals
    notation: Notation
    adjoints: Sequence[Array]
    seeds: Mapping[int, Array]
    reaching: Sequence[bool]
    nodes: Sequence[int]
    goal: str

    def __reduce__(self) -> tuple[Any, ...]:
        sent = {**self.__dict__, "adjoints": packed(self.adjoints)}
        return _received, (sent,)

    def named(self) -> dict[str, Array]:
        """The adjoints by node name."""
        return self.local.structure.named(self.adjoints)

    def make(self, index: int) -> Step:
        """The step at this position."""
        i = self.nodes[index]
        structure = self.local.structure
        seed = self.seeds.get(i)
        arriving = collect(self.local, i, self.adjoints, seed, self.reaching)
        kind = "seed" if seed is not None and not any(self._counts(p) for p in arriving) else "node"
        found = [] if kind == "seed" else arriving
        notes = [
            f"0 because {self.goal} does not depend on {structure.name(part.target)}"
            if part.structural_zero
            else ""
            for part in found
        ]
        factors = [self.notation.adjoint(part.target) for part in found]
        terms = make_terms(self.local, self.notation, found, factors, notes)
        # On paper the terms stand in the order of the nodes; they arrive the other way round.
        written = [(part, self.notation.adjoint(part.target)) for part in self._on_paper(found)]
        start = None if seed is None else number(seed)
        key = self._key([part for part, _ in written])
        return Step(
            index=index,
            mode=BACKWARD,
            kind=kind,
            node=structure.nodes[i].id,
            name=structure.name(i),
            quantity=write_names(self.notation.adjoint(i).text),
            rule=seed_rule("weight") if kind == "seed" else backward_rule(structure.name(i)),
            symbolic=in_total(
                terms,
                lambda: [self._symbolic(part, factor) for part, factor in written],
                start,
                "symbolic",
                key and ("symbolic", *key),
            ),
            partials=kept(
                key and ("partials", *key) if start is None else None,
                lambda: sum_of([self._spelled(part, factor) for part, factor in written], start),
            ),
            numeric=in_total(
                terms, lambda: [self._numeric(part) for part, _ in written], start, "numeric"
            ),
            terms=terms,
            fill_ins=(),
            value=self.local.values[i],
            result=self.adjoints[i],
            result_text=result_text(self.adjoints[i]),
            cost=sweep_cost(self.local, found, seeded=seed is not None) if found else Cost(0, 0),
            note=self._note(i, kind, terms != ()),
            kink=kink_of(self.local, i),
        )

    def _key(self, written: Sequence[Contribution]) -> tuple[Hashable, ...] | None:
        """What the lines without numbers depend on; None when that is no key."""
        keys = [self.notation.key(part.target) for part in written]
        if None in keys or not keys:
            return None
        return self.goal, *keys, *(part.port for part in written)

    def _counts(self, part: Contribution) -> bool:
        return not part.structural_zero

    def _on_paper(self, found: Sequence[Contribution]) -> list[Contribution]:
        return sorted(found, key=lambda part: (part.target, part.port))

    def _symbolic(self, part: Contribution, factor: Expression) -> Expression:
        source = self.local.structure.sources[part.target][part.port]
        return product((factor, self.notation.partial(part.target, source)))

    def _spelled(self, part: Contribution, factor: Expression) -> Expression:
        if self.local.partials[part.target] is not None:
            return spelled_product(self.notation, part, factor)
        pulled = self.notation.pulled(part.target, part.port)
        return self._symbolic(part, factor) if pulled is None else pulled

    def _numeric(self, part: Contribution) -> Expression:
        return numeric_product(self.local, self.notation, part)

    def _note(self, i: int, kind: str, has_terms: bool) -> str:
        if kind == "seed":
            return f"{result_text(self.seeds[i])} because it is the seed"
        if not self.reaching[i]:
            return remark(self.goal, [self.local.structure.name(i)])
        if has_terms and not np.any(self.adjoints[i]) and self.local.live is not None:
            live = self.local.live[i]
            if not np.any(live):
                return "0 because only a branch that is not taken depends on it"
        return ""


def _received(sent: dict[str, Any]) -> BackwardSteps:
    return BackwardSteps(**{**sent, "adjoints": unpacked(sent["adjoints"])})


def backward_rule(name: str) -> Formula:
    """The rule of backward mode at a node."""
    written = write_names(name)
    return Formula(
        f"Σ over the edges that leave {written.text}",
        rf"\sum \text{{over the edges that leave }} {written.latex}",
        f"sum over the edges that leave {written.plain}",
    )
