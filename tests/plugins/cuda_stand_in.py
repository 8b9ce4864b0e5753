"""The CUDA backend without a GPU: NumPy in CuPy's place, and the kernel's table run by NumPy.

It covers everything but the kernel and CuPy themselves: which rows share a launch, the table and
its addresses, constants, what runs outside the kernel, and training on the device. The kernel has
its own tests, in Numba's simulator.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from visualad_cuda.executable import CudaExecutable
from visualad_cuda.grouping import OPERAND, TRUTHS
from visualad_cuda.opcodes import COPY, FIRST_OF_TWO, OPCODES, WHERE

from visualad.plugin import Plan, register_backend

UFUNCS = {number: ufunc for ufunc, number in reversed(OPCODES.items())}


class StandIn:
    """Loads plans as the CUDA backend does, with NumPy's arrays as the device's."""

    name = "cuda-stand-in"
    description = "the CUDA backend's logic over NumPy"

    def is_available(self) -> bool:
        return True

    def load(self, plan: Plan, parameters: Any | None = None) -> CudaExecutable:
        return CudaExecutable(plan, parameters, np, run_table)


def run_table(rows: Any, shape: tuple[int, ...], numbers: Any, truths: Any) -> None:
    """Row by row over all elements, as the kernel does element by element over all rows."""

    def operand(row: Any, place: int) -> Any:
        memory, offset, *strides = row[1 + place * OPERAND : 1 + (place + 1) * OPERAND]
        held = truths if memory == TRUTHS else numbers
        steps = tuple(int(stride) * held.itemsize for stride in strides)
        return np.lib.stride_tricks.as_strided(held[offset:], shape, steps)

    with np.errstate(all="ignore"):
        for row in rows:
            op, out, first = int(row[0]), operand(row, 0), operand(row, 1)
            if op == COPY:
                found = first
            elif op == WHERE:
                found = np.where(first, operand(row, 2), operand(row, 3))
            elif UFUNCS[op].nin == 1:
                found = UFUNCS[op](first)
            else:
                assert op >= FIRST_OF_TWO
                found = UFUNCS[op](first, operand(row, 2))
            out[...] = found


register_backend(StandIn())
