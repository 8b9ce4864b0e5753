"""Programs: the integers that tell the machine what to do, see `opcodes`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from operator import is_
from typing import Any

import numpy as np

from visualad.plugin import Plan, ShapeError, Update
from visualad_numba import opcodes as o
from visualad_numba.lowering import Segment, Table
from visualad_numba.memory import distance

Array = Any


def program(table: Table, segment: Segment, gemm: int, feeds: int = 0) -> Array:
    """To run some rows of a table; it must stay alive as long as the program.

    Args:
        gemm: address of the BLAS function.
        feeds: number of inputs that there shall be room for.
    """
    made = np.zeros(o.HEADER + feeds * o.FEED, dtype=np.int64)
    made[o.FIRST_ROW], made[o.STOP_ROW] = segment.start, segment.stop
    made[o.TABLE] = distance(table.rows, made)
    made[o.SCRATCH], made[o.GEMM] = table.room, gemm
    return made


class Training:
    """A program that trains, for the same data, batch and optimiser in every call.

    Attributes:
        program: for the machine.
        count, numbers: of the optimiser, as the program has them.

    Raises:
        ShapeError: if the data do not fit the plan.
    """

    def __init__(
        self,
        plan: Plan,
        made: Array,
        memory: Array,
        parameters: Array,
        places: Mapping[str, tuple[tuple[int, ...], int]],
        data: Mapping[str, Array],
        batch: int,
        update: Update,
    ) -> None:
        self.program = made
        self._tables = tuple(data.values())
        self._batch, self._update, self._memory = batch, update, update.memory
        self.count, self.numbers = -1, update.numbers
        self._room = made[o.NUMBERS : o.HEADER].view(np.float64)
        # The machine reads addresses: the numbers of a row must be adjacent.
        self._rows = {
            name: table if table[:1].flags.c_contiguous else np.ascontiguousarray(table)
            for name, table in data.items()
        }
        for i, (name, table) in enumerate(self._rows.items()):
            shape, place = places[name]
            width = math.prod(shape[1:])
            if shape != (batch, *table.shape[1:]) or table.dtype != plan.dtype:
                raise ShapeError(
                    f"Input {name} must have the shape {shape} and the dtype {plan.dtype} that "
                    f"the plan was made for, not {(batch, *table.shape[1:])} and {table.dtype}."
                )
            step = table.strides[0] // table.itemsize if len(table) > 1 else width
            at = o.HEADER + i * o.FEED
            made[at : at + o.FEED] = distance(table, memory), step, place, width
        made[o.FEEDS], made[o.BATCH] = len(self._rows), batch
        made[o.SAMPLES] = min(map(len, self._rows.values()), default=0)
        made[o.RULE] = o.RULES[update.rule]
        made[o.PARAMETERS], made[o.SIZE] = distance(parameters, memory), parameters.size
        for i, remembered in enumerate(update.memory):
            made[o.MEMORY + i] = distance(remembered, memory)

    def fits(self, data: Mapping[str, Array], batch: int, update: Update) -> bool:
        """Whether it was made for these very arrays and this optimiser."""
        tables = self._tables
        if update is not self._update or update.memory is not self._memory:
            return False
        if batch != self._batch or len(data) != len(tables):
            return False
        return all(map(is_, data.values(), tables))

    def take_over(self) -> None:
        """Go on where the optimiser stands now."""
        update = self._update
        self.program[o.STEPS] = self.count = update.count
        self.numbers = update.numbers
        self._room[: len(self.numbers)] = self.numbers
