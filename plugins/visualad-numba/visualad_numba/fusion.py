"""Instructions that belong together become one row: activations, their slopes, layers."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from visualad.plugin import Constant, Instruction, Operand, View
from visualad_numba import opcodes as o


@dataclass(frozen=True, eq=False)
class Fused:
    """Several instructions as one: an elementwise operation, or a product with a bias (LAYER)."""

    op: int
    inputs: tuple[Operand, ...]
    output: View
    second: View | None = None  # of SINCOS: the cosine


LAYER = -1
Step = Instruction | Fused


def fuse(rows: Sequence[Instruction], kept: Iterable[Operand]) -> list[tuple[int, Step]]:
    """What is to be done, each with its position among the rows.

    A result that somebody else reads, or that is to be kept, is always computed.
    """
    return _Fusion(rows, kept).steps()


class _Fusion:
    def __init__(self, rows: Sequence[Instruction], kept: Iterable[Operand]) -> None:
        self.rows = rows
        self.made = {row.output: position for position, row in enumerate(rows)}
        self.readers = _readers(rows)
        self.kept = {(x.region, x.offset) for x in kept if isinstance(x, View)}
        self.gone: set[int] = set()

    def steps(self) -> list[tuple[int, Step]]:
        found: dict[int, Step] = {}
        # From the end, so that the longest pattern gets what it needs first.
        for position in range(len(self.rows) - 1, -1, -1):
            if position not in self.gone:
                found[position] = self._fused(self.rows[position]) or self.rows[position]
        self._pair_sines(found)
        return [(p, found[p]) for p in sorted(found) if p not in self.gone]

    def _pair_sines(self, found: dict[int, Step]) -> None:
        """Sine and cosine of the same numbers become one step, where the first of them stands."""
        seen: dict[Operand, int] = {}
        waves = [
            position
            for position, step in found.items()
            if not isinstance(step, Fused) and (step.function is np.sin or step.function is np.cos)
        ]
        for position in sorted(waves):
            step = found[position]
            assert isinstance(step, Instruction)
            x = step.inputs[0]
            if not isinstance(x, View) or x.shape != step.output.shape or not _is_plain(x):
                continue
            other = found.get(seen.setdefault(x, position))
            if isinstance(other, Instruction) and other.function is not step.function:
                sine, cosine = (other, step) if step.function is np.cos else (step, other)
                found[seen[x]] = Fused(o.SINCOS, (x,), sine.output, cosine.output)
                self.gone.add(position)

    def _fused(self, row: Instruction) -> Fused | None:
        if row.kind != "ufunc" or len(row.inputs) != 2:
            return None
        first, second = row.inputs
        if row.function is np.multiply:
            return self._slope(row, first, second) or self._slope(row, second, first)
        if row.function is np.divide and _is(first, 1):
            return self._sigmoid(row)
        if row.function is np.add:
            return (
                self._layer(row, first, second)
                or self._layer(row, second, first)
                or self._multiply_add(row, first, second)
                or self._multiply_add(row, second, first)
            )
        return None

    def _sigmoid(self, row: Instruction) -> Fused | None:
        """1 / (1 + exp(−x))."""
        total = self._own(row.inputs[1], np.add)
        if total is None or not _is(total.inputs[0], 1):
            return None
        power = self._own(total.inputs[1], np.exp)
        minus = None if power is None else self._own(power.inputs[0], np.negative)
        if power is None or minus is None:
            return None
        return self._take(o.SIGMOID, minus.inputs, row, total, power, minus)

    def _slope(self, row: Instruction, adjoint: Operand, partial: Operand) -> Fused | None:
        """Adjoint times s·(1 − s), times 1 − t², or times (x > 0)."""
        product = self._own(partial, np.multiply)
        if product is not None:
            value = product.inputs[0]
            rest = self._own(product.inputs[1], np.subtract)
            if rest is not None and _is(rest.inputs[0], 1) and rest.inputs[1] == value:
                return self._take(o.SIGMOID_SLOPE, (adjoint, value), row, product, rest)
        rest = self._own(partial, np.subtract)
        if rest is not None and _is(rest.inputs[0], 1):
            square = self._own(rest.inputs[1], np.square)
            if square is not None:
                return self._take(o.TANH_SLOPE, (adjoint, square.inputs[0]), row, rest, square)
        copied = self._own(partial, None)
        if copied is not None and copied.kind == "copy":
            truth = self._own(copied.inputs[0], np.greater)
            if truth is not None and _is(truth.inputs[1], 0):
                return self._take(o.RELU_SLOPE, (adjoint, truth.inputs[0]), row, copied, truth)
        return None

    def _multiply_add(self, row: Instruction, product: Operand, more: Operand) -> Fused | None:
        """x·y + z."""
        inner = self._own(product, np.multiply)
        if inner is None:
            return None
        return self._take(o.MULTIPLY_ADD, (*inner.inputs, more), row, inner)

    def _layer(self, row: Instruction, product: Operand, bias: Operand) -> Fused | None:
        """A·B + b, b one number for each column."""
        dot = self._own(product, None)
        if dot is None or dot.kind != "dot" or not isinstance(bias, View):
            return None
        shapes = [_shape(x) for x in (*dot.inputs, row.output)]
        if any(len(shape) != 2 for shape in shapes):
            return None
        if bias.shape != row.output.shape[1:] or bias.strides != (1,):
            return None
        return self._take(LAYER, (*dot.inputs, bias), row, dot)

    def _own(self, operand: Operand, function: object) -> Instruction | None:
        """The instruction that makes this operand for nobody else."""
        if not isinstance(operand, View) or (operand.region, operand.offset) in self.kept:
            return None
        position = self.made.get(operand)
        if position is None or self.readers[operand.region, operand.offset] != 1:
            return None
        row = self.rows[position]
        if position in self.gone or (function is not None and row.function is not function):
            return None
        return row

    def _take(
        self, op: int, inputs: tuple[Operand, ...], row: Instruction, *inner: Instruction
    ) -> Fused | None:
        shape = row.output.shape
        # All in the same shape: nothing is spread or summed inside of the pattern.
        if op != LAYER and any(_shape(x) != shape for x in inputs):
            return None
        self.gone.update(self.made[each.output] for each in inner)
        return Fused(op, inputs, row.output)


def _readers(rows: Sequence[Instruction]) -> Mapping[tuple[str, int], int]:
    """How many operands look at each result, in whatever way."""
    count = {made[:2]: 0 for row in rows for made in (row.output, *row.more_outputs)}
    starts: dict[str, list[int]] = {}
    for region, offset in sorted(count):
        starts.setdefault(region, []).append(offset)
    for row in rows:
        for operand in row.inputs:
            if not isinstance(operand, View):
                continue
            place = operand[:2]
            if place not in count:
                places = starts.get(operand.region, [])
                found = bisect_right(places, operand.offset) - 1
                if found < 0:
                    continue
                place = operand.region, places[found]
            count[place] += 1
    return count


def _is(operand: Operand, value: float) -> bool:
    if not isinstance(operand, Constant):
        return False
    known = operand.value
    is_number = isinstance(known, int | float) or np.ndim(known) == 0
    return is_number and bool(known == value)


def _shape(operand: Operand) -> tuple[int, ...]:
    return operand.shape if isinstance(operand, View) else np.shape(operand.value)


def _is_plain(view: View) -> bool:
    """Whether its numbers are adjacent, in order."""
    return view.strides == tuple(math.prod(view.shape[i + 1 :]) for i in range(len(view.shape)))
