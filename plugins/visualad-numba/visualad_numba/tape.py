"""From a plan of scalars to a tape: rows of opcodes, then a uniform list of edges.

All numbers lie side by side, each in a slot of its own. Whatever the plan does with adjoints is
written as edges, memory[out] = memory[more] + memory[first]·memory[second]: `first` is an adjoint,
`second` the local partial on the edge, `more` what has arrived at the node before. The partials are
computed by the rows, which come first. Tangents are edges in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.plugin import (
    MASK,
    PARAMETERS,
    Constant,
    Instruction,
    Operand,
    Plan,
    View,
)
from visualad_numba import opcodes as o
from visualad_numba.calls import called_row, kernel_of, settings_of
from visualad_numba.lowering import opcode
from visualad_numba.memory import aligned

Array = Any
Row = tuple[int, int, int, int]
Slots = dict[tuple[str, int], int]

# What edges can say.
_LINEAR = (np.add, np.multiply, np.negative, np.positive)


@dataclass
class Tape:
    """What the machine runs for a plan of scalars.

    Attributes:
        forward: (F, 4) for the values: operation, slots of its one or two operands and of the
            result; those of tangents' partials are among them.
        all: (R, 4) for the gradient: the same and the partials that it needs.
        edges: (E, 4) out, more, first, second.
        forward_edges: how many of them carry tangents; the others carry adjoints.
        calls: (C, WIDTH) what rows with CALL run, as rows of a program.
        memory: one number for each slot; the parameters are the first.
        slots: where the plan's numbers lie, by region and offset.
    """

    forward: Array
    all: Array
    edges: Array
    forward_edges: int
    calls: Array
    memory: Array
    slots: Slots


def is_scalar(plan: Plan) -> bool:
    """Whether a plan is about numbers alone, those of plugins' calls too."""
    if plan.is_scalar:
        return True
    rows = (*plan.forward, *plan.backward)
    return all(
        (row.kind in {"where", "copy", "call"} or (row.kind == "ufunc" and len(row.inputs) <= 2))
        and not any(
            np.shape(x.value) if isinstance(x, Constant) else x.shape for x in operands(row)
        )
        for row in rows
    )


def operands(row: Instruction) -> tuple[Operand, ...]:
    """All that a row reads and writes."""
    return (*row.inputs, row.output, *row.more_outputs)


def lower_scalars(plan: Plan) -> Tape:
    """The tape of a plan.

    Raises:
        NotLowered: if the machine lacks one of its functions.
    """
    return _Taping(plan).tape()


class _Taping:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.slots: Slots = {(PARAMETERS, i): i for i in range(plan.sizes[PARAMETERS])}
        self.size = len(self.slots)
        self.constants: dict[bytes, tuple[int, float]] = {}  # by bits: 0 and -0 differ
        self.calls: list[list[int]] = []

    def tape(self) -> Tape:
        plan = self.plan
        for view in (*plan.inputs.values(), *plan.wrt.values()):
            self.slot(view)
        rows = [row for step in plan.forward[: plan.values_end] for row in self._rows(step)]
        tangents = plan.forward[plan.values_end :]
        partials, linear = _parted((*tangents, *plan.backward))
        theirs = set(map(id, tangents))
        first = [step for step in partials if id(step) in theirs]
        rows += [row for step in first for row in self._rows(step)]
        forward = len(rows)
        rows += [row for step in partials[len(first) :] for row in self._rows(step)]
        sums = [step for step in linear if id(step) in theirs]
        readers = Counter(
            (x.region, x.offset) for step in linear for x in step.inputs if isinstance(x, View)
        )
        edges = self._edges(sums, readers)
        forward_edges = len(edges)
        edges += self._edges(linear[len(sums) :], readers)
        for operand in (*plan.values.values(), *plan.outputs.values()):
            self.slot(operand)
        memory = aligned(self.size, plan.dtype)
        for slot, value in self.constants.values():
            memory[slot] = value
        made = np.array(rows, dtype=np.int32).reshape(-1, 4)
        return Tape(
            made[:forward],
            _paired(made),
            np.array(edges, dtype=np.int32).reshape(-1, 4),
            forward_edges,
            np.array(self.calls, dtype=np.int64).reshape(-1, o.WIDTH),
            memory,
            self.slots,
        )

    def slot(self, operand: Operand) -> int:
        """Where a number lies."""
        if isinstance(operand, Constant):
            return self._constant(float(operand.value))
        key = operand.region, operand.offset
        found = self.slots.get(key)
        if found is None:
            found = self.slots[key] = self.size
            self.size += 1
        return found

    def _constant(self, value: float) -> int:
        slot, _ = self.constants.setdefault(np.float64(value).tobytes(), (self.size, value))
        self.size += slot == self.size
        return slot

    def _rows(self, step: Instruction) -> list[Row]:
        inputs = [self.slot(operand) for operand in step.inputs]
        out = self.slot(step.output)
        if step.kind == "where":
            condition, x, y = inputs
            return [(o.COPY, y, y, out), (o.WHERE, condition, x, out)]
        if step.kind == "copy":
            return [(o.TRUTH if step.output.region == MASK else o.COPY, inputs[0], inputs[0], out)]
        if step.kind == "call":
            kernel = kernel_of(step, self.plan.dtype)
            places = [*inputs, *map(self.slot, settings_of(step, kernel))]
            results = [self.slot(x) for x in (step.output, *step.more_outputs)]
            places += results
            self.calls.append(called_row(kernel, places, [0] * len(places), 1, len(results)))
            number = len(self.calls) - 1
            return [(o.CALL, number, number, out)]
        return [(opcode(step), inputs[0], inputs[-1], out)]

    def _edges(
        self, linear: Sequence[Instruction], readers: Mapping[tuple[str, int], int]
    ) -> list[Row]:
        """Sums and products; a product that one sum alone reads is part of its edge."""
        made = {(x.output.region, x.output.offset): x for x in linear}
        asked = {
            (x.region, x.offset)
            for x in (*self.plan.wrt.values(), *self.plan.values.values())
            if isinstance(x, View)
        }
        inside: set[tuple[str, int]] = set()

        def product(operand: Operand) -> Instruction | None:
            if not isinstance(operand, View):
                return None
            key = operand.region, operand.offset
            step = made.get(key)
            is_own = step is not None and readers[key] == 1 and key not in asked
            return step if is_own and step is not None and step.function is np.multiply else None

        found: list[Row] = []
        for step in reversed(linear):
            out = step.output.region, step.output.offset
            if out in inside:
                continue
            place = self.slot(step.output)
            inputs = step.inputs
            if step.function is np.add:
                more, last = inputs
                inner = product(last)
                if inner is None and product(more) is not None:
                    more, last, inner = last, more, product(more)
                if inner is not None:
                    inside.add((inner.output.region, inner.output.offset))
                    pair = inner.inputs
                else:
                    pair = (last, Constant(1.0))
            else:
                more = Constant(0.0)
                if step.function is np.multiply:
                    pair = inputs
                else:
                    pair = (inputs[0], Constant(-1.0 if step.function is np.negative else 1.0))
            found.append((place, self.slot(more), self.slot(pair[0]), self.slot(pair[1])))
        return found[::-1]


def _paired(rows: Array) -> Array:
    """The rows with sine and cosine of the same number in one, where the first of them stands.

    So it is with most sines: one is the value, the other the partial.
    """
    sines, cosines = (np.flatnonzero(rows[:, 0] == op) for op in (o.SIN, o.COS))
    _, first, second = np.intersect1d(rows[sines, 1], rows[cosines, 1], return_indices=True)
    sines, cosines = sines[first], cosines[second]
    if not len(sines):
        return rows
    stays = np.ones(len(rows), dtype=bool)
    stays[np.maximum(sines, cosines)] = False
    paired = rows.copy()
    paired[np.minimum(sines, cosines)] = np.column_stack(
        [np.full_like(sines, o.SINCOS), rows[sines, 1], rows[cosines, 3], rows[sines, 3]]
    )
    return paired[stays]


def _parted(steps: Sequence[Instruction]) -> tuple[list[Instruction], list[Instruction]]:
    """What edges cannot say, with all that it is made of; and the rest."""
    wanted: set[tuple[str, int]] = set()
    first: list[Instruction] = []
    rest: list[Instruction] = []
    for step in reversed(steps):
        out = step.output.region, step.output.offset
        is_linear = step.kind == "copy" or (step.kind == "ufunc" and step.function in _LINEAR)
        if is_linear and out not in wanted and step.output.region != MASK:
            rest.append(step)
        else:
            first.append(step)
            wanted.update((x.region, x.offset) for x in step.inputs if isinstance(x, View))
    return first[::-1], rest[::-1]
