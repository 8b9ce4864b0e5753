"""The CUDA backend without a GPU: NumPy in CuPy's place, and the kernel's table run by NumPy.

It covers everything but the kernels and CuPy themselves: which rows share a launch, the table and
its addresses, constants, what runs outside the kernel, and training on the device. The kernels have
their own tests, in Numba's simulator.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
from visualad_cuda import updates
from visualad_cuda.executable import CudaExecutable
from visualad_cuda.grouping import OPERAND, TRUTHS
from visualad_cuda.opcodes import COPY, FIRST_OF_TWO, OPCODES, WHERE
from visualad_cuda.state import ALIVE, COUNT, STEP

from visualad.plugin import Plan, register_backend

Call = Callable[[], object]
UFUNCS = {number: ufunc for ufunc, number in reversed(OPCODES.items())}


class StandIn:
    """Loads plans as the CUDA backend does, with NumPy's arrays as the device's."""

    name = "cuda-stand-in"
    description = "the CUDA backend's logic over NumPy"

    def is_available(self) -> bool:
        return True

    def load(self, plan: Plan, parameters: Any | None = None) -> CudaExecutable:
        return CudaExecutable(plan, parameters, NumpyDevice())


class NumpyDevice:
    """A `visualad_cuda.device.Device` of NumPy's arrays."""

    xp = np

    def rows(self, table: Any, shape: Any, numbers: Any, truths: Any) -> Call:
        return lambda: run_table(table, shape, numbers, truths)

    def fetch(self, samples: Any, width: int, order: Any, batch: int, state: Any, out: Any) -> Call:
        def call() -> None:
            rows = order[state[STEP] * batch : (state[STEP] + 1) * batch]
            out[...] = samples.reshape(-1, width)[rows].reshape(-1)

        return call

    def note(
        self, loss: Any, losses: Any, rule: int, numbers: Any, scales: Any, state: Any
    ) -> Call:
        def call() -> None:
            losses[state[STEP]] = loss[0]
            state[STEP] += 1
            state[ALIVE] &= math.isfinite(loss[0])
            if state[ALIVE]:
                state[COUNT] += 1
                updates.scale(rule, numbers, state[COUNT], scales)

        return call

    def update(
        self,
        rule: int,
        numbers: Any,
        scales: Any,
        parameters: Any,
        gradients: Any,
        memory: Sequence[Any],
        state: Any,
    ) -> Call:
        first, second, third = memory
        given = (numbers, scales, parameters, gradients)

        def change(i: int) -> None:
            if rule <= updates.NESTEROV:
                updates.descend(i, rule, *given, first)
            elif rule <= updates.ADAMW:
                updates.adapt(i, rule, *given, first, second)
            elif rule == updates.ADAGRAD:
                updates.gather(i, *given, first)
            else:
                updates.divide_by_root(i, rule, *given, first, second, third)

        return lambda: state[ALIVE] and [change(i) for i in range(parameters.size)]

    def recorded(self, calls: Sequence[Call]) -> Call:
        return lambda: [call() for call in calls]

    def at_work(self) -> Any:
        return nullcontext()

    def send(self, values: Any, array: Any) -> None:
        array[...] = values

    def receive(self, array: Any, values: Any) -> None:
        values[...] = array


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
