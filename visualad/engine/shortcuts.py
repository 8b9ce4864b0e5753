"""Fewer instructions for the same numbers, where NumPy has one function for several."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from visualad.engine.plan import Instruction, Operand, Plan, View
from visualad.engine.recording import strides_of


def contract(plan: Plan, kept: Sequence[Operand]) -> tuple[list[Instruction], list[Instruction]]:
    """A plan's rows with sums of products, such as sums of squares, as products of two vectors.

    Args:
        kept: what is to be computed in any case.

    Returns:
        The rows of the forward and of the backward pass.
    """
    rows = [*plan.forward, *plan.backward]
    written: list[Instruction | None] = list(rows)
    for place, row in enumerate(rows):
        if row.kind != "reduce" or row.function is not np.add or row.options["axis"] is not None:
            continue
        terms = row.inputs[0]
        product = next((i for i in range(place) if rows[i].output == terms), None)
        if product is None or row.output.shape:
            continue
        factors = _factors(rows[product])
        if factors and not _is_read(rows[product].output, rows, place, kept):
            written[product] = None
            written[place] = Instruction("dot", None, factors, row.output)
    split = len(plan.forward)
    forward, backward = written[:split], written[split:]
    return [row for row in forward if row], [row for row in backward if row]


def _factors(row: Instruction) -> tuple[View, View] | None:
    """The two factors of an elementwise product as vectors, if they lie in order."""
    if row.kind != "ufunc" or row.function not in (np.square, np.multiply):
        return None
    vectors = [_flat(x, row.output.shape) for x in row.inputs]
    first, last = vectors[0], vectors[-1]
    return None if first is None or last is None else (first, last)


def _flat(operand: Operand, shape: tuple[int, ...]) -> View | None:
    if not isinstance(operand, View) or operand.shape != shape:
        return None
    in_order = operand.strides == strides_of(shape)
    return View(operand.region, operand.offset, (math.prod(shape),), (1,)) if in_order else None


def _is_read(
    result: View, rows: Sequence[Instruction], besides: int, kept: Iterable[Operand]
) -> bool:
    """Whether anything but one row needs a result."""
    end = result.offset + math.prod(result.shape)
    others = (x for place, row in enumerate(rows) if place != besides for x in row.inputs)
    return any(
        isinstance(x, View) and x.region == result.region and result.offset <= x.offset < end
        for x in (*others, *kept)
    )
