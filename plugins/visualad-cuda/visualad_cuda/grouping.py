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
    touched = Touched(rows)

    def close() -> None:
        if building:
            found.append(Group(tuple(building), building[0].output.shape))
            building.clear()
            touched.clear()

    for row in rows:
        if not _is_elementwise(row):
            close()
            found.append(row)
            continue
        if building and (row.output.shape != building[0].output.shape or touched.keeps_out(row)):
            close()
        building.append(row)
        touched.add(row)
    close()
    return found


class Touched:
    """The elements that a growing group reads and writes, and through which views.

    A thread goes on to the next row without waiting for the others. So what one row writes another
    may touch through the very same view only, where every thread meets its own element again.
    """

    def __init__(self, rows: Sequence[Instruction]) -> None:
        ends: dict[str, int] = {}
        for view in (view for row in rows for view in (row.output, *_views(row))):
            ends[view.region] = max(ends.get(view.region, 0), _extent(view)[1])
        # By region the number of the view that touches each element, or one of an earlier group.
        self._written = {region: np.zeros(end, dtype=np.int64) for region, end in ends.items()}
        self._read = {region: np.zeros(end, dtype=np.int64) for region, end in ends.items()}
        self._numbers: dict[View, int] = {}
        self._several = self._next = 1

    def clear(self) -> None:
        """Begin another group."""
        self._numbers = {}
        self._several = self._next + 1  # belongs to no view: an element that several ones read
        self._next = self._several

    def keeps_out(self, row: Instruction) -> bool:
        """Whether a thread would have to wait for others before this row."""
        return any(self._clash(view, self._written) for view in (row.output, *_views(row))) or (
            self._clash(row.output, self._read)
        )

    def add(self, row: Instruction) -> None:
        """Take the row into the group."""
        for view in _views(row):
            part, number = self._part(view, self._read), self._number(view)
            np.copyto(
                part, np.where((part < self._several) | (part == number), number, self._several)
            )
        self._part(row.output, self._written)[...] = self._number(row.output)

    def _clash(self, view: View, touched: Mapping[str, Table]) -> bool:
        part = self._part(view, touched)
        return bool(np.any((part >= self._several) & (part != self._number(view))))

    def _part(self, view: View, touched: Mapping[str, Table]) -> Table:
        start, end = _extent(view)
        return touched[view.region][start:end]

    def _number(self, view: View) -> int:
        number = self._numbers.get(view)
        if number is None:
            self._next += 1
            number = self._numbers[view] = self._next
        return number


def _views(row: Instruction) -> list[View]:
    return [operand for operand in row.inputs if isinstance(operand, View)]


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
