"""Compile the machine for a dtype and keep it: `python -m visualad_numba.warming float64`.

Runs as a process of its own, so that whoever asked for it goes on meanwhile.
"""

from __future__ import annotations

import sys

import numpy as np

from visualad_numba import cache, opcodes
from visualad_numba.memory import aligned


def warm(dtype: str) -> None:
    """Call every entry of the machine once, on nothing."""
    machine = cache.machine()
    from visualad_numba.products import SCRATCH

    memory, scratch = aligned(8, dtype), aligned(SCRATCH, dtype)
    table = np.zeros((0, opcodes.WIDTH), dtype=np.int64)
    nothing = memory[:0]
    machine.run(memory, table, scratch, 0, 0)
    tape = np.zeros((0, 4), dtype=np.int32)
    machine.run_tape(memory, tape, 0, tape)
    machine.train(
        memory,
        table,
        scratch,
        np.zeros((0, 4), dtype=np.int64),
        np.zeros(0, dtype=np.int64),
        0,
        0,
        nothing,
        opcodes.SGD,
        np.zeros(4),
        nothing,
        nothing,
        0,
        np.zeros(1),
    )


def main() -> None:
    """Warm the dtypes that the command line names."""
    for dtype in sys.argv[1:]:
        warm(dtype)
        cache.mark_complete(dtype)


if __name__ == "__main__":
    main()
