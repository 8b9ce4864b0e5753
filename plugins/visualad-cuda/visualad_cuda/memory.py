"""A plan's memory on the device: one flat array of numbers, one of truth values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from visualad.plugin import ARENA, GRADIENTS, MASK, PARAMETERS, Constant, Operand, Plan
from visualad_cuda.device import Device
from visualad_cuda.grouping import NUMBERS, TRUTHS, Constants, Group, Table, table

Array = Any


class Memory:
    """Where everything lies; the constants that the kernel reads stand behind the plan's regions.

    Args:
        groups: all that will be launched.

    Attributes:
        numbers, truths: flat, on the device.
        tables: of each group, by its identity.
    """

    def __init__(self, plan: Plan, groups: list[Group], device: Device) -> None:
        self._dtype = plan.dtype
        self._xp = device.xp
        self._sizes = plan.sizes
        self._starts = {
            ARENA: 0,
            PARAMETERS: plan.sizes[ARENA],
            GRADIENTS: plan.sizes[ARENA] + plan.sizes[PARAMETERS],
            MASK: 0,
        }
        ends = {NUMBERS: self._starts[GRADIENTS] + plan.sizes[GRADIENTS], TRUTHS: plan.sizes[MASK]}
        constants = Constants()
        places = (ends[NUMBERS], ends[TRUTHS])
        self.tables: dict[int, Table] = {
            id(group): table(group, self._starts, constants, places) for group in groups
        }
        self.numbers = self._laid_out(ends[NUMBERS], constants.numbers, plan.dtype)
        self.truths = self._laid_out(ends[TRUTHS], constants.truths, np.bool_)

    def _laid_out(self, size: int, constants: Sequence[Array], dtype: Any) -> Array:
        """Zeros and behind them the constants; at least one number, so that there is an array."""
        behind = [part for part in constants if part.size]
        found = self._xp.zeros(size + sum(part.size for part in behind) + 1, dtype=dtype)
        for part in behind:
            found[size : size + part.size] = self._xp.asarray(part, dtype=dtype)
            size += part.size
        return found

    def region(self, region: str) -> Array:
        """All numbers of a region, flat."""
        start = self._starts[region]
        return self.numbers[start : start + self._sizes[region]]

    def bind(self, operand: Operand) -> Array:
        """What an operand looks at."""
        xp = self._xp
        if isinstance(operand, Constant):
            kind = np.asarray(operand.value).dtype.kind
            return xp.asarray(operand.value, dtype=bool if kind == "b" else self._dtype)
        memory = self.truths if operand.region == MASK else self.numbers
        start = self._starts[operand.region] + operand.offset
        steps = tuple(stride * memory.itemsize for stride in operand.strides)
        return xp.lib.stride_tricks.as_strided(memory[start:], operand.shape, steps)
