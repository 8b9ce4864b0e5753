"""Which rows of a plan run as one kernel launch, and the table that the kernel reads.

Neighbouring elementwise rows of one shape are a group: thread i computes element i of every row,
in order. That is right as long as no row reads or writes, at another element, what a row of the
same group writes; `groups` ends a group where that could happen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.plugin import MASK, Constant, Instruction, Operand, View
from visualad_cuda.opcodes import COPY, OF_TRUTH_VALUES_ONLY, OPCODES, WHERE

MOST_AXES = 4  # the kernel takes an element's number apart into so many
MOST_INPUTS = 3  # of `where`
NUMBERS, TRUTHS = 0, 1  # the two memories of the kernel
OPERAND = 2 + MOST_AXES  # memory, offset, strides
ROW = 1 + OPERAND * (1 + MOST_INPUTS)  # opcode, output, inputs

Table = NDArray[np.int64]


@dataclass(frozen=True)
class Group:
    """Rows that run as one launch, over arrays of one shape."""

    rows: tuple[Instruction, ...]
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of elements, one thread each."""
        return int(np.prod(self.shape, dtype=np.int64))


def groups(rows: Sequence[Instruction]) -> list[Group | Instruction]:
    """The rows in order, those that can run together as groups."""
    found: list[Group | Instruction] = []
    building: list[Instruction] = []
    for row in rows:
        if building and not (_is_elementwise(row) and _fits(row, building)):
            found.append(Group(tuple(building), building[0].output.shape))
            building = []
        if _is_elementwise(row):
            building.append(row)
        else:
            found.append(row)
    if building:
        found.append(Group(tuple(building), building[0].output.shape))
    return found


def _is_elementwise(row: Instruction) -> bool:
    """Whether the kernel knows the row."""
    if len(row.output.shape) > MOST_AXES or row.more_outputs or len(row.inputs) > MOST_INPUTS:
        return False
    if row.kind in {"copy", "where"}:
        return True
    if row.kind != "ufunc" or row.function not in OPCODES:
        return False
    if row.function in OF_TRUTH_VALUES_ONLY:
        return all(_memory(operand) == TRUTHS for operand in row.inputs)
    return True


def _fits(row: Instruction, building: Sequence[Instruction]) -> bool:
    """Whether every thread can go on to this row without waiting for the others."""
    if row.output.shape != building[0].output.shape:
        return False
    written = [earlier.output for earlier in building]
    read = [view for earlier in building for view in earlier.inputs if isinstance(view, View)]
    own = [view for view in row.inputs if isinstance(view, View)]
    return not any(_clash(view, w) for view in own for w in written) and not any(
        _clash(row.output, view) for view in (*written, *read)
    )


def _clash(a: View, b: View) -> bool:
    """Whether two views share memory otherwise than element by element."""
    if a == b or a.region != b.region:
        return False
    first, second = _extent(a), _extent(b)
    return first[0] < second[1] and second[0] < first[1]


def _extent(view: View) -> tuple[int, int]:
    """Where the memory of a view begins, and the end after its last element."""
    steps = [(size - 1) * stride for size, stride in zip(view.shape, view.strides, strict=True)]
    below = sum(step for step in steps if step < 0)
    above = sum(step for step in steps if step > 0)
    return view.offset + below, view.offset + above + 1


# The table ------------------------------------------------------------------------------------


class Constants:
    """Constants of a plan that the kernel reads, laid out behind the plan's own memory.

    Attributes:
        numbers, truths: what has been laid out, in order.
    """

    def __init__(self) -> None:
        self.numbers: list[NDArray[Any]] = []
        self.truths: list[NDArray[np.bool_]] = []
        self._sizes = [0, 0]

    def place(self, value: Any) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
        """Lay a constant out: its memory, offset in the constants, shape and strides."""
        array = np.ascontiguousarray(value)
        memory = TRUTHS if array.dtype == bool else NUMBERS
        offset = self._sizes[memory]
        (self.truths if memory == TRUTHS else self.numbers).append(array.ravel())
        self._sizes[memory] += array.size
        shape = np.shape(value)
        strides = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
        return memory, offset, shape, strides


def table(
    group: Group, starts: Mapping[str, int], constants: Constants, constant_starts: Sequence[int]
) -> Table:
    """The rows of a group as the kernel reads them, (rows, ROW).

    Args:
        starts: where each region of the plan begins in its memory.
        constants: takes in the constants; constant_starts: where they begin in the two memories.
    """
    made = np.zeros((len(group.rows), ROW), dtype=np.int64)
    for line, row in zip(made, group.rows, strict=True):
        line[0] = opcode(row)
        for place, operand in enumerate((row.output, *row.inputs)):
            begin = 1 + place * OPERAND
            memory, offset, shape, strides = _located(operand, starts, constants, constant_starts)
            line[begin] = memory
            line[begin + 1] = offset
            spread = _spread(shape, strides, group.shape)
            line[begin + 2 : begin + OPERAND] = (0,) * (MOST_AXES - len(spread)) + spread
    return made


def opcode(row: Instruction) -> int:
    """The number by which the kernel knows a row."""
    if row.kind == "copy":
        return COPY
    if row.kind == "where":
        return WHERE
    assert isinstance(row.function, np.ufunc)
    return OPCODES[row.function]


def axes(shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """A shape with four axes, ones first."""
    first, second, third, fourth = (1,) * (MOST_AXES - len(shape)) + shape
    return first, second, third, fourth


def _located(
    operand: Operand,
    starts: Mapping[str, int],
    constants: Constants,
    constant_starts: Sequence[int],
) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
    if isinstance(operand, View):
        start = starts[operand.region] + operand.offset
        return _memory(operand), start, operand.shape, operand.strides
    memory, offset, shape, strides = constants.place(operand.value)
    return memory, constant_starts[memory] + offset, shape, strides


def _memory(operand: Operand) -> int:
    if isinstance(operand, Constant):
        return TRUTHS if np.asarray(operand.value).dtype == bool else NUMBERS
    return TRUTHS if operand.region == MASK else NUMBERS


def _spread(
    shape: tuple[int, ...], strides: tuple[int, ...], wide: tuple[int, ...]
) -> tuple[int, ...]:
    """Strides of a view that is broadcast to a shape: 0 along the axes it does not have."""
    missing = len(wide) - len(shape)
    kept = tuple(
        0 if size == 1 and whole != 1 else stride
        for size, stride, whole in zip(shape, strides, wide[missing:], strict=True)
    )
    return (0,) * missing + kept
