"""What the steps of forward and backward mode have in common: terms, sums, costs, remarks."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from visualad.autodiff.forward import Contribution
from visualad.autodiff.local import Locals
from visualad.autodiff.notation import Notation, kept, number, write, write_names
from visualad.autodiff.steps import Cost, Formula, Term
from visualad.autodiff.work import PER_EDGE, edge_work
from visualad.ops.expression import Expression, Name, product, total


def make_terms(
    local: Locals,
    notation: Notation,
    found: Sequence[Contribution],
    factors: Sequence[Name],
    notes: Sequence[str],
) -> tuple[Term, ...]:
    """One term for each contribution; `factors` are the derivatives that travel, by name."""
    terms = []
    for part, factor, note in zip(found, factors, notes, strict=True):
        source = local.structure.sources[part.target][part.port]
        name = notation.partial(part.target, source)
        partial = local.shown(part.target, part.port)
        terms.append(
            Term(
                edge=local.structure.edge(part.target, part.port),
                factor=part.factor,
                partial=partial,
                contribution=part.product,
                partial_sum=part.total,
                symbolic=write_names(factor.text, name.text),
                numeric=write(numeric_product(local, notation, part)),
                note=note,
            )
        )
    return tuple(terms)


def numeric_product(local: Locals, notation: Notation, part: Contribution) -> Expression:
    """A contribution with its numbers; a product with a block shows the block's name."""
    partial = local.shown(part.target, part.port)
    if partial is None:
        source = local.structure.sources[part.target][part.port]
        return product((number(part.factor), notation.partial(part.target, source)))
    return product((number(part.factor), number(partial)))


def spelled_product(notation: Notation, part: Contribution, factor: Expression) -> Expression:
    """A contribution with its local partial as a formula."""
    return product((factor, notation.spelled(part.target, part.port)))


def sum_of(parts: Sequence[Expression], first: Expression | None = None) -> Expression:
    """The sum of the terms, after what the node starts with."""
    return total(parts if first is None else (first, *parts))


def sweep_cost(local: Locals, found: Sequence[Contribution], *, seeded: bool = False) -> Cost:
    """What the contributions cost: one product per edge and element, and the sums of them."""
    multiplications = 0
    additions = 0
    for position, part in enumerate(found):
        products, sums = edge_work(local.structure, local.shapes, part.target, part.port)
        multiplications += products
        additions += sums
        if position or seeded:
            additions += int(np.size(part.product))
    return Cost(multiplications, additions, PER_EDGE)


def in_total(
    terms: Sequence[Term],
    parts: Callable[[], Sequence[Expression]],
    start: Expression | None,
    line: str,
    key: Hashable = None,
) -> Formula:
    """A line of the derivation: the sum of the terms, after what the node starts with.

    Args:
        terms: whose `line` ("symbolic" or "numeric") is the line when there is only one.
        parts: gives the terms as they are written in this line.
        key: what determines the line, see `kept`; without a start.
    """
    if len(terms) == 1 and start is None:
        found: Formula = getattr(terms[0], line)
        return found
    return kept(key if start is None else None, lambda: sum_of(parts(), start))


def remark(what: str, goals: Sequence[str]) -> str:
    """Why a derivative is 0: nothing leads from here to there."""
    return f"0 because {what} does not depend on {' or '.join(goals)}"


def kink_of(local: Locals, i: int) -> str:
    """The sentence on the kink of a node's operation if the point is on one, else "".

    A kink shows in slopes that differ to the left and to the right of the point, a jump in a
    difference that stays, however small the step. What is merely curved differs less and less.
    """
    operation = local.structure.operations[i]
    if operation is None or not operation.kinks:
        return ""
    inputs = [local.values[source] for source in local.structure.sources[i]]
    settings = local.structure.settings[i]
    out = local.values[i]
    with np.errstate(all="ignore"):
        for port, value in enumerate(inputs):
            if not local.structure.active[local.structure.sources[i][port]]:
                continue
            step = 1e-4 if local.structure.dtype == "float32" else 1e-7
            rounding = 4 * np.finfo(out.dtype).eps * np.abs(out)
            spreads, sizes = [], []
            first = np.maximum(1.0, np.abs(value)) * step
            for width in (first, first / 16):
                sides = []
                for sign in (1, -1):
                    moved = list(inputs)
                    moved[port] = (value + sign * width).astype(local.structure.dtype)
                    sides.append(sign * (operation.function(*moved, **settings) - out))
                spreads.append(np.abs(sides[0] - sides[1]))
                sizes.append(np.maximum(*np.abs(sides)))
            same = spreads[0] <= 1e-2 * np.max(first) + rounding
            curved = (spreads[1] * 16 <= 0.5 * spreads[0]) | (spreads[1] <= rounding)
            stays = (sizes[1] > 0.5 * sizes[0]) & (sizes[1] > rounding)
            if not np.all((same | curved) & ~stays):
                return operation.kinks
    return ""
