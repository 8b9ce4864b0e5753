"""Memory for the machine."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any


def aligned(size: int, dtype: str) -> Array:
    """Zeros that begin at a multiple of 64 bytes."""
    itemsize = np.dtype(dtype).itemsize
    room = np.zeros(size + 64 // itemsize, dtype=dtype)
    start = (-_address(room) % 64) // itemsize
    return room[start : start + size]


def distance(array: Array, memory: Array) -> int:
    """From the start of `memory` to that of another array, in numbers.

    Raises:
        ValueError: if it is no whole count.
    """
    found, rest = divmod(_address(array) - _address(memory), memory.itemsize)
    if rest:
        raise ValueError("the array does not lie at a multiple of its numbers' size")
    return int(found)


def _address(array: Array) -> int:
    # A tenth of what `array.ctypes.data` takes.
    place: int = array.__array_interface__["data"][0]
    return place
