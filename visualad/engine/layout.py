"""Laying a recording out in memory: what is not needed goes, the rest gets its place."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from visualad.engine.operands import BufferView, Literal, Row, Source, strides_of
from visualad.engine.plan import (
    ALIGNMENT,
    ARENA,
    GRADIENTS,
    MASK,
    PARAMETERS,
    Constant,
    Instruction,
    Operand,
    Plan,
    View,
)
from visualad.engine.recording import Recorder


def lay_out(
    recorder: Recorder,
    values_end: int,
    split: int,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    values: Mapping[str, Any],
    gradients: Mapping[str, Any],
    loss: tuple[str, Any] | None,
    initial: Mapping[str, Any],
    dtype: str,
) -> Plan:
    """The plan of a recording.

    Args:
        values_end: number of rows that compute values.
        split: number of rows that belong to the forward pass, with those of tangents.
        parameters, inputs, outputs, values, gradients: recorded arrays (or constants) by name.
        loss: name and recorded value of what is differentiated.
        initial: stored values of the leaves by name.
        dtype: "float64" or "float32".
    """
    layout = _Layout(recorder)
    for value in parameters.values():
        layout.place(_buffer(recorder, value), PARAMETERS)
    for value in inputs.values():
        layout.place(_buffer(recorder, value), ARENA)
    rows = list(recorder.rows)
    targets: dict[str, View] = {}
    copies: list[Instruction] = []
    pending = []
    later = {number for row in rows[split:] for number in row.outputs}
    for name, value in gradients.items():
        source = recorder.source(value)
        number = layout.placeable(source, later)
        if number is not None:
            targets[name] = layout.place(number, GRADIENTS)
        else:
            targets[name] = layout.reserve(GRADIENTS, np.shape(value))
            pending.append((name, source))
    # A node that is not needed for what was asked keeps its value out of the plan.
    asked = [recorder.source(value) for value in (*outputs.values(), *gradients.values())]
    if loss is not None:
        asked.append(recorder.source(loss[1]))
    needed = _needed_rows(rows, asked)
    layout.place_alike(values, rows, needed)
    for row, is_needed in zip(rows, needed, strict=True):
        if is_needed:
            for number in row.outputs:
                if number not in layout.views:
                    is_truth = recorder.buffers[number].dtype.kind == "b"
                    layout.place(number, MASK if is_truth else ARENA)
    for name, source in pending:
        copies.append(Instruction("copy", None, (layout.operand(source),), targets[name]))
    written = [layout.instruction(row) if n else None for row, n in zip(rows, needed, strict=True)]
    return Plan(
        dtype=dtype,
        sizes=dict(layout.sizes),
        parameters={name: layout.view(recorder, value) for name, value in parameters.items()},
        wrt=targets,
        inputs={name: layout.view(recorder, value) for name, value in inputs.items()},
        outputs={name: layout.operand(recorder.source(x)) for name, x in outputs.items()},
        values={
            name: layout.operand(source)
            for name, source in ((name, recorder.source(x)) for name, x in values.items())
            if isinstance(source, Literal) or source.buffer in layout.views
        },
        loss=None if loss is None else loss[0],
        forward=tuple(row for row in written[:split] if row is not None),
        backward=(*(row for row in written[split:] if row is not None), *copies),
        values_end=sum(row is not None for row in written[:values_end]),
        initial=initial,
    )


class _Layout:
    """Where each buffer lies."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.sizes = {ARENA: 0, MASK: 0, PARAMETERS: 0, GRADIENTS: 0}
        self.views: dict[int, View] = {}

    def reserve(self, region: str, shape: tuple[int, ...]) -> View:
        """Room for an array in C order."""
        offset = self.sizes[region]
        if not shape and region == ARENA:  # numbers need no alignment; graphs may have many
            self.sizes[region] = offset + 1
            return View(region, offset, (), ())
        if region in {ARENA, MASK}:
            offset += -offset % ALIGNMENT
        self.sizes[region] = offset + math.prod(shape)
        return View(region, offset, shape, strides_of(shape))

    def place(self, buffer: int, region: str) -> View:
        """Give a buffer its room."""
        found = self.views[buffer] = self.reserve(region, self.recorder.buffers[buffer].shape)
        return found

    def place_alike(
        self, values: Mapping[str, Any], rows: Sequence[Row], needed: Sequence[bool]
    ) -> None:
        """Values of nodes that come from the same function lie side by side."""
        asked = {
            whole.buffer
            for whole in (getattr(value, "whole", None) for value in values.values())
            if whole is not None and whole.shape and whole.buffer not in self.views
        }
        alike: dict[object, list[int]] = {}
        for row, is_needed in zip(rows, needed, strict=True) if asked else ():
            number = row.outputs[0]
            if is_needed and number in asked and row.kind == "ufunc":
                alike.setdefault(row.function, []).append(number)
        for numbers in alike.values():
            for number in numbers:
                is_truth = self.recorder.buffers[number].dtype.kind == "b"
                self.place(number, MASK if is_truth else ARENA)

    def placeable(self, source: Source, written: Collection[int]) -> int | None:
        """The buffer of a gradient if an instruction can write it to its final place.

        Args:
            written: the buffers that the backward pass writes.
        """
        if not isinstance(source, BufferView) or source.buffer in self.views:
            return None
        is_whole = source == self.recorder.wholes[source.buffer]
        return source.buffer if is_whole and source.buffer in written else None

    def operand(self, source: Source) -> Operand:
        """An operand at its place."""
        if isinstance(source, Literal):
            return Constant(source.value)
        base = self.views[source.buffer]
        if source is self.recorder.wholes[source.buffer]:
            return base
        if not source.offset and source.shape == base.shape and source.strides == base.strides:
            return base
        return View(base.region, base.offset + source.offset, source.shape, source.strides)

    def view(self, recorder: Recorder, value: Any) -> View:
        """The place of a recorded array."""
        found = self.operand(recorder.source(value))
        assert isinstance(found, View)
        return found

    def instruction(self, row: Row) -> Instruction:
        """A row at its place."""
        kind, function, sources, outputs, options = row
        first, *more = [self.views[number] for number in outputs]
        inputs = tuple([self.operand(source) for source in sources])
        return Instruction(kind, function, inputs, first, options, tuple(more))


def _buffer(recorder: Recorder, value: Any) -> int:
    source = recorder.source(value)
    assert isinstance(source, BufferView)
    return source.buffer


def _needed_rows(rows: Sequence[Row], asked: Sequence[Source]) -> list[bool]:
    """Which rows lead to what is asked for."""
    wanted = {source.buffer for source in asked if isinstance(source, BufferView)}
    needed = [False] * len(rows)
    for index in range(len(rows) - 1, -1, -1):
        row = rows[index]
        if not wanted.isdisjoint(row.outputs):
            needed[index] = True
            for x in row.inputs:
                if type(x) is BufferView:
                    wanted.add(x.buffer)
    return needed
