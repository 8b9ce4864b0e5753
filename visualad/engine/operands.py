"""What recorded instructions are made of: buffers, views of them, constants and rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

NO_OPTIONS: Mapping[str, Any] = {}
SMALL = 64  # constants up to this many numbers are recognised as equal


class NotRecordable(Exception):  # noqa: N818 - it is caught, not shown
    """The code does something that instructions cannot say."""


class BufferView(NamedTuple):
    """Part of a recorded buffer; counts are in elements."""

    buffer: int
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A constant operand."""

    value: Any


Source = BufferView | Literal


class Row(NamedTuple):
    """An instruction over buffers; see `visualad.engine.plan.Instruction`."""

    kind: str
    function: Callable[..., Any] | None
    inputs: tuple[Source, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Any] = NO_OPTIONS


@lru_cache(maxsize=1000)
def strides_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Of an array in C order, in elements."""
    return tuple([math.prod(shape[axis + 1 :]) for axis in range(len(shape))])


def key_of_source(source: Source) -> object:
    """What stands for an operand where instructions are compared."""
    if isinstance(source, BufferView):
        return source
    value = source.value
    if isinstance(value, np.ndarray):
        small = value.size <= SMALL
        return ("array", value.shape, value.dtype.str, value.tobytes()) if small else source
    return "number", type(value).__name__, repr(value)


def key_of_options(options: Mapping[str, Any]) -> tuple[str, ...]:
    """What stands for the options of an instruction where instructions are compared."""
    return tuple(sorted(map(repr, options.items()))) if options else ()
