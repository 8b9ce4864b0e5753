"""Rows that call compiled code of node types."""

from __future__ import annotations

from collections.abc import Sequence

from visualad.plugin import Constant, Instruction, OpaqueCall
from visualad_numba import opcodes as o
from visualad_numba.small_functions import (
    KERNELS,
    Kernel,
    Refusal,
    given_settings,
    is_elementwise,
)


def kernel_of(step: Instruction, dtype: str) -> Kernel:
    """The compiled code that a row calls.

    Raises:
        NotLowered: if there is none; the message says why.
    """
    call = step.function
    if not isinstance(call, OpaqueCall) or not is_elementwise(call):
        raise o.NotLowered
    found = KERNELS.get(call, dtype)
    if isinstance(found, Refusal):
        raise o.NotLowered(found.reason)
    return found


def settings_of(step: Instruction, kernel: Kernel) -> list[Constant]:
    """The settings that compiled code reads, after its inputs."""
    assert isinstance(step.function, OpaqueCall)
    given = given_settings(step.function)
    return [Constant(given[name]) for name in kernel.settings]


def called_row(
    kernel: Kernel, places: Sequence[int], strides: Sequence[int], count: int, results: int
) -> list[int]:
    """A row that calls compiled code."""
    row = [0] * o.WIDTH
    row[o.KIND], row[o.OP], row[o.COUNT] = o.CALLED, kernel.address, count
    row[o.FORM], row[o.RESULTS] = len(places), results
    row[o.PLACES : o.PLACES + len(places)] = places
    row[o.STRIDES : o.STRIDES + len(strides)] = strides
    row[o.MOVES : o.MOVES + len(strides)] = strides
    return row
