"""From the instructions of a plan to rows of integers that the machine runs.

Everything lies in one arena: gradients, values, truth values (as 0 and 1), constants, room for
copies. An offset counts numbers from the arena's start; that of the parameters, which other plans
share, may lead outside of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from visualad.plugin import (
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
from visualad_numba import opcodes as o
from visualad_numba.calls import called_row, kernel_of, settings_of
from visualad_numba.fusion import LAYER, Fused, Step, fuse
from visualad_numba.grouping import elide, group
from visualad_numba.memory import aligned, distance
from visualad_numba.opcodes import NotLowered
from visualad_numba.strides import (
    alike,
    collapsed,
    in_order,
    is_turned,
    size,
    spread,
    step_through,
    turned,
)

Array = Any
Row = list[int]

LARGE = 1 << 15  # numbers: an array that is not kept unless somebody asks for it
SMALL = 20_000  # products of m·n·k up to this are done by own loops
MOST_PRODUCTS = 256  # of one stack of matrices
ALIGNMENT = 16  # numbers


@dataclass
class Segment:
    """Rows of the table from start to stop, or an instruction for NumPy and why."""

    start: int
    stop: int
    instruction: Instruction | None = None
    reason: str = ""


@dataclass
class Table:
    """What the machine runs.

    Attributes:
        rows: (R, WIDTH) integers.
        forward: for the values alone.
        all: for the values and the gradients.
        memory: the arena; parameters lie outside of it.
        room: offset of what the machine works with.
        place: where a view begins in memory.
        is_lean: large arrays that nobody asked for are not in memory.
    """

    rows: Array
    forward: list[Segment]
    all: list[Segment]
    memory: Array
    room: int
    place: Callable[[View], int]
    is_lean: bool


def lower(plan: Plan, parameters: Array, *, keep_all: bool = False) -> Table:
    """The table of a plan whose parameters lie there.

    Args:
        keep_all: the values of all nodes are in memory, however large they are.
    """
    return _Lowering(plan, parameters, keep_all).table()


def opcode(step: Instruction) -> int:
    """The number of a ufunc.

    Raises:
        NotLowered: if the machine lacks it.
    """
    if isinstance(step.function, np.ufunc) and len(step.inputs) <= 2:
        if step.output.region == MASK and all(map(_is_truth, step.inputs)):
            found = o.ON_TRUTHS.get(step.function)
            if found is not None:
                return found
        table = o.UNARY if len(step.inputs) == 1 else o.BINARY
        if step.function in table:
            return table[step.function]
    raise NotLowered(step.function)


class _Lowering:
    def __init__(self, plan: Plan, parameters: Array, keep_all: bool) -> None:
        self.plan = plan
        rows = (*plan.forward, *plan.backward)
        room = sum(plan.sizes[region] for region in (GRADIENTS, ARENA, MASK))
        self.is_lean = (
            not keep_all and room >= LARGE and any(size(row.output) >= LARGE for row in rows)
        )
        asked = [*plan.outputs.values(), *plan.wrt.values()]
        self.kept = asked if self.is_lean else [*asked, *plan.values.values()]
        if plan.loss is not None:
            self.kept.append(plan.values[plan.loss])
        self.parameters = parameters
        self.starts: dict[str, int] = {}
        self.size = 0
        for region in (GRADIENTS, ARENA, MASK):
            self.starts[region] = self._reserve(plan.sizes[region])
        self.rows: list[Row] = []
        self.constants: list[tuple[int, Array]] = []
        self.known: dict[Any, View] = {}

    def table(self) -> Table:
        plan = self.plan
        split = len(plan.forward)
        steps = fuse((*plan.forward, *plan.backward), self.kept)
        if self.is_lean:
            # Apart, so that the gradients need not store what the values have in the cache.
            together = self._segments(_sums_last([step for _, step in steps]))
            alone = self._segments([step for _, step in fuse(plan.forward, self.kept)])
        else:
            alone = self._segments([step for position, step in steps if position < split])
            together = alone + self._segments(
                [step for position, step in steps if position >= split]
            )
        forward, everything = _joined(alone), _joined(together)
        for segment in [*forward, *everything] if self.is_lean else [*everything]:
            if segment.instruction is None:
                group(self.rows, segment.start, segment.stop)
        is_whole = len(forward) <= 1 and len(everything) <= 1
        if self.is_lean and is_whole:
            kept = [(self._place(x), size(x)) for x in self.kept if isinstance(x, View)]
            for segment in [*forward, *everything]:
                self.size = elide(self.rows, segment.start, segment.stop, kept, self.size)
        room = self._reserve(o.ROOM)
        memory = aligned(self.size, plan.dtype)
        shift = distance(self.parameters, memory)
        count = len(self.rows) * o.WIDTH
        # A third of what `np.array` takes for lists in a list.
        numbers = np.fromiter(chain.from_iterable(self.rows), np.int64, count)
        numbers[numbers < _PARAMETER // 2] += shift - _PARAMETER
        rows = numbers.reshape(-1, o.WIDTH)
        for start, value in self.constants:
            memory[start : start + value.size] = value.reshape(-1)
        starts = {**self.starts, PARAMETERS: shift}
        return Table(
            rows=rows,
            forward=forward,
            all=everything,
            memory=memory,
            room=room,
            place=lambda view: starts[view.region] + view.offset,
            is_lean=self.is_lean and is_whole,
        )

    def _segments(self, steps: Sequence[Step]) -> list[Segment]:
        found: list[Segment] = []
        for step in steps:
            start = len(self.rows)
            try:
                self._lower(step)
            except NotLowered as refused:
                del self.rows[start:]
                assert isinstance(step, Instruction)
                reason = str(refused) if step.kind == "call" else ""
                found.append(Segment(start, start, step, reason))
                continue
            if found and found[-1].instruction is None:
                found[-1].stop = len(self.rows)
            else:
                found.append(Segment(start, len(self.rows)))
        return found

    def _lower(self, step: Step) -> None:
        if isinstance(step, Fused):
            if step.op == LAYER:
                a, b, bias = step.inputs
                self._product(a, b, step.output, bias)
            elif step.second is not None:
                view = self._view(step.inputs[0])
                places = [self._place(x) for x in (step.output, view, step.second)]
                row = self._row(o.FLAT, o.SINCOS, places, size(view), [1, 1, 1])
                row[o.FORM] = o.TWO_RESULTS
            else:
                self._elementwise(step.op, step.inputs, step.output)
            return
        inputs, out = step.inputs, step.output
        match step.kind:
            case "ufunc":
                self._ufunc(step)
            case "where":
                self._elementwise(o.WHERE, inputs, out)
            case "copy":
                to_truth = out.region == MASK and not _is_truth(inputs[0])
                self._elementwise(o.TRUTH if to_truth else o.COPY, inputs, out)
            case "dot":
                self._product(inputs[0], inputs[1], out)
            case "matmul":
                self._stack(inputs[0], inputs[1], out)
            case "reduce":
                self._reduce(step)
            case "concatenate":
                self._concatenate(inputs, step.options["axis"], out)
            case "call":
                self._call(step)
            case _:
                raise NotLowered(step.kind)

    # Elementwise ------------------------------------------------------------------------------

    def _ufunc(self, step: Instruction) -> None:
        inputs, out = step.inputs, step.output
        if len(inputs) == 3 and getattr(step.function, "__name__", "") == "clip":
            self._elementwise(o.MAXIMUM, inputs[:2], out)
            self._elementwise(o.MINIMUM, (out, inputs[2]), out)
            return
        self._elementwise(opcode(step), inputs, out)

    def _elementwise(self, op: int, inputs: Sequence[Operand], out: View) -> None:
        operands = [out, *map(self._view, inputs)]
        inner = alike(operands)
        shape, strides = [size(out)], [[step] for step in inner]
        if not inner:
            shape, strides = collapsed(out.shape, [spread(view, out.shape) for view in operands])
            inner = [stride[-1] for stride in strides] if shape else [1] * len(operands)
        if len(shape) > o.AXES + 1:
            raise NotLowered("too many axes")
        places = [self._place(view) for view in operands]
        row = self._row(o.FLAT, op, places, shape[-1] if shape else 1, inner)
        row[o.FORM] = len(inputs) - 1
        is_flat = len(shape) <= 1 and inner[0] == 1
        if is_flat and inner.count(1) == len(inner):
            return
        if is_flat and inner == [1, 1, 0] and op in o.SECOND_IS_NUMBER:
            row[o.OP], row[o.FORM] = o.SECOND_IS_NUMBER[op], o.WITH_NUMBER
            return
        if is_flat and inner == [1, 0, 1] and op in o.FIRST_IS_NUMBER:
            row[o.OP], row[o.FORM] = o.FIRST_IS_NUMBER[op], o.WITH_NUMBER
            row[o.X], row[o.Y] = row[o.Y], row[o.X]
            row[o.STRIDE_X], row[o.STRIDE_Y] = 1, 0
            return
        row[o.KIND] = o.SPREAD
        for axis in range(o.AXES):
            at = o.OUTER + axis * o.AXIS
            if axis < len(shape) - 1:
                row[at] = shape[-2 - axis]
                for number, stride in enumerate(strides):
                    row[at + 1 + number] = stride[-2 - axis]
            else:
                row[at] = 1

    def _concatenate(self, inputs: Sequence[Operand], axis: int, out: View) -> None:
        start = 0
        axis %= len(out.shape)
        for operand in inputs:
            view = self._view(operand)
            width = view.shape[axis]
            shape = (*out.shape[:axis], width, *out.shape[axis + 1 :])
            offset = out.offset + start * out.strides[axis]
            self._elementwise(o.COPY, (view,), View(out.region, offset, shape, out.strides))
            start += width

    # Code of plugins --------------------------------------------------------------------------

    def _call(self, step: Instruction) -> None:
        """Compiled code, element by element in C order; what lies otherwise is copied."""
        kernel = kernel_of(step, self.plan.dtype)
        views = [self._view(x) for x in (*step.inputs, *settings_of(step, kernel))]
        outputs = [step.output, *step.more_outputs]
        shape = np.broadcast_shapes(*[view.shape for view in (*views, *outputs)])
        count = math.prod(shape)
        operands = []
        for view in views:
            stride = step_through(view, shape)
            if stride is None:
                copy = self._room_like(shape)
                self._elementwise(o.COPY, (view,), copy)
                view, stride = copy, 1  # noqa: PLW2901 - the copy in its place
            operands.append((view, stride))
        later = []
        for out in outputs:
            target = out
            if step_through(out, shape) != 1 and count != 1:
                # Not in order, or the same number for many elements.
                target = self._room_like(shape)
                kept = shape[len(shape) - len(out.shape) :]
                ends = target.strides[len(shape) - len(out.shape) :]
                strides = [0 if n == 1 else s for n, s in zip(out.shape, ends, strict=True)]
                assert all(n in {1, wide} for n, wide in zip(out.shape, kept, strict=True))
                later.append((View(_OWN, target.offset, out.shape, tuple(strides)), out))
            operands.append((target, 1))
        places = [self._place(view) for view, _ in operands]
        self.rows.append(
            called_row(kernel, places, [stride for _, stride in operands], count, len(outputs))
        )
        for view, out in later:
            self._elementwise(o.COPY, (view,), out)

    def _room_like(self, shape: tuple[int, ...]) -> View:
        start = self._reserve(math.prod(shape))
        return View(_OWN, start, shape, in_order(shape))

    # Products and sums ------------------------------------------------------------------------

    def _product(self, a: Operand, b: Operand, out: View, bias: Operand | None = None) -> None:
        left, right = self._view(a), self._view(b)
        if len(left.shape) == 1:
            left = View(left.region, left.offset, (1, *left.shape), (0, *left.strides))
        if len(right.shape) == 1:
            right = View(right.region, right.offset, (*right.shape, 1), (*right.strides, 1))
        (m, k), n = left.shape, right.shape[1]
        if m * n == 0 or k == 0:
            raise NotLowered("an empty product")
        is_small = m * n * k <= SMALL and k <= o.LONGEST
        if not is_small:
            left, right = self._contiguous(left), self._contiguous(right)
        if is_small and n == 1 and bias is None and left.strides[0] == 1 and left.strides[1] != 1:
            # The same product turned round reads the matrix as it lies in memory.
            left, right = turned(right), turned(left)
            m, n = n, m
        places = [self._place(view) for view in (out, left, right)]
        places.append(o.NO_BIAS if bias is None else self._place(self._view(bias)))
        row = self._row(o.PRODUCT if is_small else o.LARGE_PRODUCT, 0, places, 0, [])
        row[o.M : o.M + 3] = [m, n, k]
        row[o.A_ROW : o.A_ROW + 4] = [*left.strides, *right.strides]
        if not is_small:
            row[o.A_ROW] = int(is_turned(left))
            row[o.B_ROW] = int(is_turned(right))

    def _stack(self, a: Operand, b: Operand, out: View) -> None:
        """np.matmul over leading axes: one product for each."""
        left, right = self._view(a), self._view(b)
        lead = out.shape[:-2]
        wrong = min(len(left.shape), len(right.shape), len(out.shape)) < 2
        if wrong or math.prod(lead) > MOST_PRODUCTS:
            raise NotLowered("a large stack of matrices")
        spread = [spread(View("", 0, x.shape[:-2], x.strides[:-2]), lead) for x in (left, right)]
        for index in np.ndindex(*lead):
            one = [
                View(
                    x.region,
                    x.offset + sum(i * s for i, s in zip(index, steps, strict=True)),
                    x.shape[-2:],
                    x.strides[-2:],
                )
                for x, steps in ((left, spread[0]), (right, spread[1]), (out, out.strides[:-2]))
            ]
            self._product(*one)

    def _contiguous(self, view: View) -> View:
        """The same matrix, in C order or transposed; copied if it is neither."""
        rows, columns = view.shape
        if (view.strides[1] == 1 or columns == 1) and (view.strides[0] == columns or rows == 1):
            return View(view.region, view.offset, view.shape, (columns, 1))
        if is_turned(view):
            return view
        copy = View(_OWN, self._reserve(rows * columns), view.shape, (columns, 1))
        self._elementwise(o.COPY, (view,), copy)
        return copy

    def _reduce(self, step: Instruction) -> None:
        op = o.REDUCTIONS.get(step.function) if isinstance(step.function, np.ufunc) else None
        x, out = self._view(step.inputs[0]), step.output
        if op is None or math.prod(x.shape) == 0:
            raise NotLowered(step.function)
        kept_shape, to, from_, shape, steps = _summed(step, x, out)
        places = [self._place(out), self._place(x)]
        if op == o.ADD and not kept_shape and len(shape) <= 1 and (not shape or steps[0] == 1):
            self._row(o.SUM_ALL, op, places, shape[0] if shape else 1, [])
            return
        if op == o.ADD and len(kept_shape) == len(shape) == 1 and to[0] == from_[0] == 1:
            if shape[0] <= o.LONGEST and kept_shape[0] * shape[0] <= SMALL:
                # Ones times the matrix keeps the sums in registers.
                ones = self._place(self._view(Constant(1.0)))
                row = self._row(o.PRODUCT, 0, [places[0], ones, places[1], o.NO_BIAS], 0, [])
                row[o.M : o.M + 3] = [1, kept_shape[0], shape[0]]
                row[o.A_ROW : o.A_ROW + 4] = [0, 0, steps[0], 1]
                return
            row = self._row(o.SUM_ROWS, op, places, kept_shape[0], [])
            row[o.OUTER], row[o.STRIDE_X] = shape[0], steps[0]
            return
        if len(kept_shape) > 2 or len(shape) > 2:
            raise NotLowered("too many axes")
        row = self._row(o.REDUCE, op, places, shape[-1] if shape else 1, [])
        row[o.STRIDE_X] = steps[-1] if shape else 1
        outer = [(shape[0], 0, steps[0]) if len(shape) == 2 else (1, 0, 0)]
        outer += [(n, s, t) for n, s, t in zip(kept_shape, to, from_, strict=True)]
        for number in range(o.AXES):
            at = o.OUTER + number * o.AXIS
            row[at : at + 3] = outer[number] if number < len(outer) else (1, 0, 0)

    # Places -----------------------------------------------------------------------------------

    def _row(
        self, kind: int, op: int, places: Sequence[int], count: int, strides: Sequence[int]
    ) -> Row:
        row = [0] * o.WIDTH
        row[o.KIND], row[o.OP], row[o.COUNT] = kind, op, count
        row[o.OUT : o.OUT + len(places)] = places
        row[o.STRIDE_OUT : o.STRIDE_OUT + len(strides)] = strides
        self.rows.append(row)
        return row

    def _place(self, view: View) -> int:
        if view.region == PARAMETERS:
            return _PARAMETER + view.offset
        if view.region == _OWN:
            return view.offset
        return self.starts[view.region] + view.offset

    def _view(self, operand: Operand) -> View:
        """A view; a constant gets its place."""
        if isinstance(operand, View):
            return operand
        found = self.known.get(operand)
        if found is not None:
            return found
        value = np.asarray(operand.value, dtype=self.plan.dtype)
        key = (value.shape, value.tobytes()) if value.size <= 64 else operand
        found = self.known.get(key)
        if found is None:
            start = self._reserve(value.size)
            self.constants.append((start, np.ascontiguousarray(value)))
            found = self.known[key] = View(_OWN, start, value.shape, in_order(value.shape))
        self.known[operand] = found
        return found

    def _reserve(self, count: int) -> int:
        start = self.size
        self.size += count + -count % ALIGNMENT
        return start


_OWN = "own"  # region of constants and copies
# Offsets of parameters until the arena's address is known.
_PARAMETER = -(1 << 60)


def _summed(
    step: Instruction, x: View, out: View
) -> tuple[list[int], list[int], list[int], list[int], list[int]]:
    """The axes that a reduction keeps and those that it sums over, as few as may be.

    Returns:
        Lengths of the axes that are kept, strides of the result and of x along them; lengths of
        those that are summed over, strides of x along them.
    """
    axis = step.options["axis"]
    count = len(x.shape)
    if axis is None and x.strides == in_order(x.shape):
        return [], [], [], [size(x)], [1]
    axes = range(count) if axis is None else (axis if isinstance(axis, tuple | list) else (axis,))
    summed = {each % count for each in axes} if count else set()
    made = list(out.strides)
    if step.options["keepdims"]:
        made = [made[i] for i in range(count) if i not in summed]
    kept = [i for i in range(count) if i not in summed]
    kept_shape, (to, from_) = collapsed(
        tuple([x.shape[i] for i in kept]), [made, [x.strides[i] for i in kept]]
    )
    over = sorted(summed)
    shape, (steps,) = collapsed(tuple([x.shape[i] for i in over]), [[x.strides[i] for i in over]])
    return kept_shape, to, from_, shape, steps


def _joined(segments: Sequence[Segment]) -> list[Segment]:
    """Adjacent rows in one piece."""
    found: list[Segment] = []
    for segment in segments:
        last = found[-1] if found else None
        if last is not None and last.instruction is None and segment.instruction is None:
            found[-1] = Segment(last.start, segment.stop)
        else:
            found.append(segment)
    return found


def _sums_last(steps: Sequence[Step]) -> list[Step]:
    """Reductions wait until somebody needs them, so that elementwise rows stay together."""
    found: list[Step] = []
    waiting: list[Instruction] = []
    for step in steps:
        if isinstance(step, Instruction) and step.kind == "reduce":
            waiting.append(step)
            continue
        made = {(x.output.region, x.output.offset) for x in waiting}
        if any(isinstance(x, View) and (x.region, x.offset) in made for x in step.inputs):
            found += waiting
            waiting = []
        found.append(step)
    return found + waiting


def _is_truth(operand: Operand) -> bool:
    if isinstance(operand, Constant):
        return bool(np.asarray(operand.value).dtype == bool)
    return operand.region == MASK
