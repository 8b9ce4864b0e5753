"""Whether compiled code gives what its Python code gives, at a few points."""

from __future__ import annotations

import ctypes
import math
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import numpy as np

from visualad.plugin import VALUE, OpaqueCall
from visualad_numba.small_functions import given_settings

POINTS = 24
MOST_LINES = 50_000  # that the Python code may take for these points
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}

Array = Any
KERNEL = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4, ctypes.c_int64, ctypes.c_int64)


def disagreement(call: OpaqueCall, address: int, dtype: str, moving: Sequence[str]) -> str:
    """What is wrong with a kernel, as the end of a sentence; "" if nothing is.

    It must give the same numbers within the declared domain, and NaN for NaN. Where Python raises
    an error for a number, infinity or NaN is fine.
    """
    kind = np.dtype(dtype).type
    points = _points(call, dtype)
    for inputs in (points, np.full((len(points), 1), math.nan, dtype=dtype)):
        try:
            if call.kind != VALUE:
                value = OpaqueCall(call.operation, VALUE, call.settings)
                outs, _ = _in_python(value, inputs)
                inputs = np.vstack([inputs, outs.astype(dtype)])  # noqa: PLW2901 - with the result
            wanted, raised = _in_python(call, inputs)
        except _TooLong:
            return "Python takes too long to compare it with"
        settings = [kind(given_settings(call)[name]) for name in moving]
        found = _by_kernel(address, inputs, settings, len(wanted), dtype)
        for line, (right, made) in enumerate(zip(wanted, found, strict=True)):
            wrong = np.where(raised, np.isfinite(made), ~_alike(right, made, TOLERANCE[dtype]))
            if np.any(wrong):
                at = int(np.argmax(wrong))
                x = ", ".join(f"{v:g}" for v in inputs[:, at])
                return f"it gives {made[at]:g} where Python gives {right[at]:g}, at {x}" + (
                    f" (partial {line + 1})" if len(wanted) > 1 else ""
                )
    return ""


def _points(call: OpaqueCall, dtype: str) -> Array:
    """Points of the declared domain, (inputs, POINTS): its ends, zero, others by chance."""
    chance = np.random.default_rng(0)
    lines = []
    for low, high in call.operation.domain[: len(call.operation.ports)]:
        line = chance.uniform(low, high, POINTS)
        line[0] = line[0] if math.isinf(low) else low
        line[1] = line[1] if math.isinf(high) else high
        if low <= 0 <= high:
            line[2] = 0.0
        lines.append(line)
    return np.array(lines, dtype=dtype)


def _in_python(call: OpaqueCall, inputs: Array) -> tuple[Array, Array]:
    """What the Python code gives, and where it raises an error instead.

    It gets the whole array if it takes it, else one number after the other.

    Raises:
        _TooLong: if it takes too many lines.
    """
    size = inputs.shape[1]
    limit = _Limit()

    def results(given: Sequence[Any], shape: tuple[int, ...]) -> list[Array]:
        with np.errstate(all="ignore"):
            found = limit.run(lambda: call(*given))
        return [np.broadcast_to(np.asarray(x, dtype=np.float64), shape) for x in found]

    try:
        return np.array(results(list(inputs), (size,))), np.zeros(size, dtype=bool)
    except _TooLong:
        raise
    except Exception:  # noqa: BLE001 - it may be written for numbers
        pass
    found = np.full((max(1, len(call.wanted)), size), math.nan)
    raised = np.zeros(size, dtype=bool)
    for at in range(size):
        try:
            found[:, at] = results([line[at] for line in inputs], ())
        except (ArithmeticError, ValueError):
            raised[at] = True
    return found, raised


def _by_kernel(
    address: int, inputs: Array, settings: Sequence[Any], results: int, dtype: str
) -> Array:
    count, size = inputs.shape
    made = np.zeros((results, size), dtype=dtype)
    memory = np.concatenate([inputs.reshape(-1), np.array(settings, dtype=dtype), made.reshape(-1)])
    known = count * size
    first = known + len(settings)
    places = np.array(
        [
            *range(0, known, size),
            *range(known, first),
            *(first + k * size for k in range(results)),
        ],
        dtype=np.int64,
    )
    strides = np.array([1] * count + [0] * len(settings) + [1] * results, dtype=np.int64)
    kernel = KERNEL(address)
    steps = strides.ctypes.data
    kernel(memory.ctypes.data, places.ctypes.data, steps, steps, 0, size)
    return memory[first:].reshape(results, size).astype(np.float64)


def _alike(right: Array, made: Array, tolerance: float) -> Array:
    with np.errstate(all="ignore"):
        close = np.abs(right - made) <= tolerance * np.maximum(1.0, np.abs(right))
    return close | (right == made) | (np.isnan(right) & np.isnan(made))


class _TooLong(Exception):  # noqa: N818 - it is caught, not shown
    pass


class _Limit:
    """Ends code that goes through too many lines: it may loop for ever for NaN."""

    def __init__(self) -> None:
        self.lines = 0

    def run(self, work: Callable[[], Any]) -> Any:
        before = sys.gettrace()
        sys.settrace(self._trace)
        try:
            return work()
        finally:
            sys.settrace(before)

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        self.lines += 1
        if self.lines > MOST_LINES:
            raise _TooLong
        return self._trace
