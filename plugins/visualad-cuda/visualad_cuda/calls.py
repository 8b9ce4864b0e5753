"""Rows that no group takes in, as calls of the array library or of the processor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from visualad.plugin import Instruction
from visualad_cuda.device import Call, Device
from visualad_cuda.memory import Memory

Array = Any

# How the reductions that both libraries have are called.
REDUCTIONS: dict[object, str] = {
    np.add: "sum",
    np.multiply: "prod",
    np.maximum: "max",
    np.minimum: "min",
    np.logical_and: "all",
    np.logical_or: "any",
}


class Caller:
    """Makes the calls.

    Attributes:
        notes: one sentence for each operation that runs on the processor.
        touch_only_the_device: whether all calls so far do, so that they can be recorded.
    """

    def __init__(self, device: Device, memory: Memory) -> None:
        self._device = device
        self._memory = memory
        self.notes: tuple[str, ...] = ()
        self.touch_only_the_device = True

    def call(self, row: Instruction) -> Call:
        """What does the row's work."""
        xp = self._device.xp
        inputs = [self._memory.bind(operand) for operand in row.inputs]
        out = self._memory.bind(row.output)
        match row.kind:
            case "dot" if out.ndim and out.flags.c_contiguous:
                return lambda: xp.dot(*inputs, out=out)
            case "dot":
                return lambda: _put(out, xp.dot(*inputs))
            case "matmul":
                if len({array.shape[:-2] for array in inputs}) > 1:
                    # CuPy then sends addresses from the host, which a recording would not renew.
                    self.touch_only_the_device = False
                return lambda: _put(out, xp.matmul(*inputs))
            case "concatenate":
                return _joined(inputs, out, row.options["axis"])
            case "copy":
                return lambda: _put(out, inputs[0])
            case "where":
                return lambda: _put(out, xp.where(*inputs))
            case "reduce" if row.function in REDUCTIONS:
                return self._reduction(row, inputs[0], out)
            case "ufunc" if getattr(xp, _name(row), None) is not None:
                function = getattr(xp, _name(row))
                return lambda: _put(out, function(*inputs))
        outputs = [out, *(self._memory.bind(view) for view in row.more_outputs)]
        return self._on_the_processor(row, inputs, outputs)

    def _reduction(self, row: Instruction, values: Array, out: Array) -> Call:
        axis, keepdims = row.options["axis"], row.options["keepdims"]
        function = getattr(self._device.xp, REDUCTIONS[row.function])
        axes = tuple(axis) if isinstance(axis, list) else axis
        return lambda: function(values, axis=axes, keepdims=keepdims, out=out)

    def _on_the_processor(
        self, row: Instruction, inputs: Sequence[Array], outputs: Sequence[Array]
    ) -> Call:
        """A row that no kernel knows: its inputs come to the host, its results go back."""
        name = getattr(getattr(row.function, "operation", None), "name", "") or _name(row)
        sentence = f"{name} runs on the processor: it is ordinary Python code"
        self.notes = tuple(dict.fromkeys((*self.notes, sentence)))
        self.touch_only_the_device = False
        device, function, options = self._device, row.function, row.options

        def call() -> None:
            values = [np.empty(array.shape, dtype=array.dtype) for array in inputs]
            for array, value in zip(inputs, values, strict=True):
                device.receive(array, value)
            if row.kind == "reduce":
                found = (function.reduce(values[0], **options),)  # type: ignore[union-attr]
            else:
                assert function is not None
                made = function(*values)
                found = made if row.kind == "call" else (made,)
            for out, result in zip(outputs, found, strict=True):
                device.send(np.broadcast_to(result, out.shape), out)

        return call


def _joined(inputs: Sequence[Array], out: Array, axis: int) -> Call:
    """Copies one behind the other; a library's own joining may send addresses from the host."""
    places, start = [], 0
    for array in inputs:
        end = start + array.shape[axis]
        places.append(out[(slice(None),) * (axis % out.ndim) + (slice(start, end),)])
        start = end
    parts = list(zip(places, inputs, strict=True))

    def call() -> None:
        for place, array in parts:
            _put(place, array)

    return call


def _put(out: Array, result: Array) -> None:
    out[...] = result


def _name(row: Instruction) -> str:
    return getattr(row.function, "__name__", row.kind)
