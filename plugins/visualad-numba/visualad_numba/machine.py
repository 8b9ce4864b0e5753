"""The machine: runs the rows of any program, many training steps in one call without the GIL.

Compiled once for each dtype and kept on disk; see `cache`. Called from Python are `run` and
`run_tape`. Numba optimises a function once more in every function that calls it, so calls are
nested as little as possible, and each function is called with arguments of the same types (a
literal number is a type of its own).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types

from visualad_numba import opcodes as o
from visualad_numba.elementary import REDUCIBLE, number, sincos_64
from visualad_numba.kernels import (
    call,
    compiled,
    elementwise,
    part,
    scalar,
    scalar_inside,
    total,
)
from visualad_numba.products import gemm_address, large_product, small_product
from visualad_numba.updates import update

__all__ = ["gemm_address", "run", "run_for", "run_tape"]

entry = njit(error_model="numpy", fastmath={"contract"}, boundscheck=False, nogil=True, cache=True)


@compiled
def gathered(memory, room, start, stride, n):
    """Numbers with a stride as adjacent ones: themselves, or copies in the room at this offset."""
    if stride == 1:
        return part(memory, start, n)
    copies = part(memory, room, n)
    if stride == 0:
        value = part(memory, start, 1)[0]
        for i in range(n):
            copies[i] = value
    else:
        for i in range(n):
            copies[i] = part(memory, start + i * stride, 1)[0]
    return copies


@compiled
def spread(memory, room, row):
    """An elementwise operation with any strides over up to four axes."""
    op, form, count = row[o.OP], row[o.FORM], row[o.COUNT]
    so, sx, sy, sz = row[o.STRIDE_OUT], row[o.STRIDE_X], row[o.STRIDE_Y], row[o.STRIDE_Z]
    a, b, c = o.OUTER, o.OUTER + o.AXIS, o.OUTER + 2 * o.AXIS
    for i in range(row[c]):
        for j in range(row[b]):
            for k in range(row[a]):
                out = row[o.OUT] + i * row[c + 1] + j * row[b + 1] + k * row[a + 1]
                x = row[o.X] + i * row[c + 2] + j * row[b + 2] + k * row[a + 2]
                y = row[o.Y] + i * row[c + 3] + j * row[b + 3] + k * row[a + 3]
                z = row[o.Z] + i * row[c + 4] + j * row[b + 4] + k * row[a + 4]
                for start in range(0, count, o.BLOCK):
                    n = min(o.BLOCK, count - start)
                    first = gathered(memory, room, x + start * sx, sx, n)
                    second, third = first, first
                    if form != o.ONE_OPERAND:
                        second = gathered(memory, room + o.BLOCK, y + start * sy, sy, n)
                    if form == o.THREE_OPERANDS:
                        third = gathered(memory, room + 2 * o.BLOCK, z + start * sz, sz, n)
                    made = part(memory, out + start if so == 1 else room + 3 * o.BLOCK, n)
                    elementwise(op, form, first, second, third, made)
                    if so != 1:
                        for at in range(n):
                            part(memory, out + (start + at) * so, 1)[0] = made[at]


@compiled
def reduced(memory, row):
    """A sum, product, maximum ... over up to two axes for each element of up to two others."""
    op, n, step = row[o.OP], row[o.COUNT], row[o.STRIDE_X]
    a, b, c = o.OUTER, o.OUTER + o.AXIS, o.OUTER + 2 * o.AXIS
    for i in range(row[b]):
        for j in range(row[c]):
            start = row[o.X] + i * row[b + 2] + j * row[c + 2]
            found = part(memory, start, 1)[0]
            if op == o.OR or op == o.AND:
                found = memory.dtype.type(found != 0)
            for k in range(row[a]):
                for l in range(n):  # noqa: E741
                    if k == 0 and l == 0:
                        continue
                    value = part(memory, start + k * row[a + 2] + l * step, 1)[0]
                    if op == o.ADD:
                        found += value
                    else:
                        found = scalar(op, found, value)
            part(memory, row[o.OUT] + i * row[b + 1] + j * row[c + 1], 1)[0] = found


@compiled
def sum_rows(memory, row):
    """The sum of the rows of a matrix."""
    n, step = row[o.COUNT], row[o.STRIDE_X]
    out = part(memory, row[o.OUT], n)
    first = part(memory, row[o.X], n)
    for j in range(n):
        out[j] = first[j]
    for i in range(1, row[o.OUTER]):
        line = part(memory, row[o.X] + i * step, n)
        for j in range(n):
            out[j] += line[j]


@compiled
def fetch(memory, program, order):
    """Copy the samples of a batch, by their numbers, to where the inputs lie."""
    for feed in range(program[o.FEEDS]):
        at = o.HEADER + feed * o.FEED
        source, distance, target, width = part(program, at, o.FEED)
        for i in range(program[o.BATCH]):
            to = part(memory, target + i * width, width)
            from_ = part(memory, source + order[i] * distance, width)
            for j in range(width):
                to[j] = from_[j]


# Called from Python ------------------------------------------------------------------------------


@entry
def run(memory, program, order, losses):
    """Run the rows of a program once; or, where there is room for losses, train that many steps.

    A training step fetches a batch, runs the rows and updates the parameters.

    Args:
        memory: all numbers; the gradients begin at offset 0.
        program: see `opcodes`.
        order: numbers of the samples, a batch of them for each step.
        losses: receives the loss of every step.

    Returns:
        The number of steps that were done; less than wanted if a loss was no finite number, which
        then is in `losses` and did not change the parameters; -1 if a sample does not exist.
    """
    training = losses.size > 0
    if training and program[o.FEEDS] > 0:
        wrong = 0
        for i in range(order.size):
            wrong |= 1 if order[i] < 0 or order[i] >= program[o.SAMPLES] else 0
        if wrong:
            return -1
    room = program[o.SCRATCH]
    for step in range(max(1, losses.size)):
        if training:
            batch = program[o.BATCH]
            fetch(memory, program, part(order, step * batch, batch))
        at = program[o.FIRST_ROW]
        while at < program[o.STOP_ROW]:
            row = part(program, program[o.TABLE] + at * o.WIDTH, o.WIDTH)
            kind = row[o.KIND]
            if kind == o.FLAT or kind == o.CALLED:
                count, rows = row[o.COUNT], max(1, row[o.GROUP])
                block = o.BLOCK if rows > 1 else max(1, count)
                for start in range(0, count, block):
                    n = min(block, count - start)
                    for number_in_group in range(rows):
                        line = part(
                            program,
                            program[o.TABLE] + (at + number_in_group) * o.WIDTH,
                            o.WIDTH,
                        )
                        if line[o.KIND] == o.CALLED:
                            call(memory, line, start, n)
                            continue
                        elementwise(
                            line[o.OP],
                            line[o.FORM],
                            part(memory, line[o.X] + start * line[o.STRIDE_X], n),
                            part(memory, line[o.Y] + start * line[o.STRIDE_Y], n),
                            part(memory, line[o.Z] + start * line[o.STRIDE_Z], n),
                            part(memory, line[o.OUT] + start * line[o.STRIDE_OUT], n),
                        )
                at += rows - 1
            elif kind == o.PRODUCT:
                small_product(memory, room, row)
            elif kind == o.SUM_ROWS:
                sum_rows(memory, row)
            elif kind == o.SPREAD:
                spread(memory, room, row)
            elif kind == o.SUM_ALL:
                found = total(part(memory, row[o.X], row[o.COUNT]))
                part(memory, row[o.OUT], 1)[0] = memory.dtype.type(found)
            elif kind == o.LARGE_PRODUCT:
                large_product(memory, program[o.GEMM], row)
            else:
                reduced(memory, row)
            at += 1
        if training:
            value = part(memory, program[o.LOSS], 1)[0]
            losses[step] = value
            if not math.isfinite(value):
                return step
            size = program[o.SIZE]
            program[o.STEPS] += 1
            update(
                program[o.RULE],
                numbers_of(program),
                part(memory, program[o.PARAMETERS], size),
                part(memory, np.int64(0), size),
                part(memory, program[o.MEMORY], size),
                part(memory, program[o.MEMORY + 1], size),
                part(memory, program[o.MEMORY + 2], size),
                program[o.STEPS],
            )
    return losses.size


def run_for(dtype):
    """`run` as compiled for memory of this dtype.

    Past Numba's dispatcher, which takes longer than many a program and would compile everything
    anew for an `order` that is read-only.
    """
    whole = types.int64[::1]
    memory = types.float64[::1] if dtype == "float64" else types.float32[::1]
    signature = (memory, whole, whole, types.float64[::1])
    run.compile(signature)  # if it is not there yet
    return run.overloads[signature].entry_point


@compiled
def numbers_of(program):
    """The optimiser's numbers."""
    at = o.NUMBERS
    return (
        number(program[at]),
        number(program[at + 1]),
        number(program[at + 2]),
        number(program[at + 3]),
        number(program[at + 4]),
    )


@entry
def run_tape(memory, rows, edges, calls):
    """Run a tape of scalars: its rows, then its edges.

    Which row comes next no processor can foresee. What costs little is done for several
    operations at once and then chosen from, which is quicker than a wrong guess.

    A row with CALL names one of `calls`, which are as those of a program. A row with SINCOS gives
    the sine of its first operand in its result and the cosine in its second operand's place.
    """
    for place in range(rows.shape[0]):
        op, a, b, out = rows[place]
        if op >= o.ADD and op <= o.MULTIPLY:
            x, y = memory[np.uint32(a)], memory[np.uint32(b)]
            found = x - y if op == o.SUBTRACT else x + y
            memory[np.uint32(out)] = x * y if op == o.MULTIPLY else found
        elif op == o.SINCOS:
            x = memory[np.uint32(a)]
            if abs(x) <= REDUCIBLE:
                sine, cosine = sincos_64(np.float64(x))
            else:
                sine, cosine = math.sin(np.float64(x)), math.cos(np.float64(x))
            memory[np.uint32(out)], memory[np.uint32(b)] = sine, cosine
        elif op == o.CALL:
            call(memory, calls[a], np.int64(0), np.int64(1))
        elif op == o.WHERE:
            if memory[np.uint32(a)] != 0:
                memory[np.uint32(out)] = memory[np.uint32(b)]
        else:
            x, y = memory[np.uint32(a)], memory[np.uint32(b)]
            memory[np.uint32(out)] = scalar_inside(np.int64(op), x, y)
    for place in range(edges.shape[0]):
        out, more, first, second = edges[place]
        product = memory[np.uint32(first)] * memory[np.uint32(second)]
        memory[np.uint32(out)] = memory[np.uint32(more)] + product
