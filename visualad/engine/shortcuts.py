"""Fewer instructions for the same numbers, where NumPy has one function for several."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from visualad.engine.operands import strides_of
from visualad.engine.plan import ARENA, PARAMETERS, Instruction, Operand, Plan, View


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


def spread_together(
    rows: Sequence[Instruction], start: int, end: int
) -> tuple[list[Instruction], NDArray[np.intp]]:
    """The rows with biases, spread over all samples, that lie in the arena already.

    Args:
        start, end: where in the arena there is room for them.

    Returns:
        The rows, and the numbers of the parameters that are to be written there, in order.
    """
    written = list(rows)
    numbers: list[NDArray[np.intp]] = []
    for place, row in enumerate(rows):
        shape = row.output.shape
        for port, x in enumerate(row.inputs if row.kind == "ufunc" else ()):
            if not isinstance(x, View) or x.region != PARAMETERS or x.shape == shape:
                continue
            if math.prod(x.shape) > 1 and start + math.prod(shape) <= end:
                own = np.ogrid[tuple(slice(length) for length in x.shape)]
                at = sum((i * s for i, s in zip(own, x.strides, strict=True)), x.offset)
                numbers.append(np.broadcast_to(at, shape).reshape(-1))
                inputs = list(written[place].inputs)
                inputs[port] = View(ARENA, start, shape, strides_of(shape))
                written[place] = written[place]._replace(inputs=tuple(inputs))
                start += math.prod(shape)
    return written, np.concatenate(numbers) if numbers else np.empty(0, dtype=np.intp)


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
