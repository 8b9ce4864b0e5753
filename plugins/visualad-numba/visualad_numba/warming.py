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
    memory = aligned(8, dtype)
    program = np.zeros(opcodes.HEADER, dtype=np.int64)
    machine.run_for(dtype)(memory, program, np.zeros(0, dtype=np.int64), np.zeros(0))
    tape = np.zeros((0, 4), dtype=np.int32)
    calls = np.zeros((0, opcodes.WIDTH), dtype=np.int64)
    machine.run_tape(memory, tape, tape, calls)


def main() -> None:
    """Warm the dtypes that the command line names."""
    for dtype in sys.argv[1:]:
        warm(dtype)
        cache.mark_complete(dtype)


if __name__ == "__main__":
    main()
