"""The machine: runs the rows of any table, many training steps in one call without the GIL.

Compiled once for each dtype and kept on disk; see `cache`. All functions called from Python are at
the end of this module.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from visualad_numba import opcodes as o
from visualad_numba.kernels import (
    binary_row,
    compiled,
    number_row,
    part,
    scalar,
    scalar_inside,
    sincos_row,
    ternary_row,
    total,
    unary_row,
)
from visualad_numba.products import large_product, small_product

entry = njit(error_model="numpy", fastmath={"contract"}, boundscheck=False, nogil=True, cache=True)


@compiled
def gathered(memory, scratch, slot, start, stride, n):
    """Numbers with a stride as adjacent ones: themselves, or copies in the scratch memory."""
    if stride == 1:
        return part(memory, start, n)
    copies = part(scratch, slot * o.BLOCK, n)
    if stride == 0:
        value = part(memory, start, 1)[0]
        for i in range(n):
            copies[i] = value
    else:
        for i in range(n):
            copies[i] = part(memory, start + i * stride, 1)[0]
    return copies


@compiled
def spread_row(memory, scratch, row, out, x, y, z):
    """One innermost axis of an elementwise operation with any strides."""
    op, form, count = row[o.OP], row[o.FORM], row[o.COUNT]
    so, sx, sy, sz = row[o.STRIDE_OUT], row[o.STRIDE_X], row[o.STRIDE_Y], row[o.STRIDE_Z]
    for start in range(0, count, o.BLOCK):
        n = min(o.BLOCK, count - start)
        first = gathered(memory, scratch, 0, x + start * sx, sx, n)
        made = part(memory, out + start, n) if so == 1 else part(scratch, 3 * o.BLOCK, n)
        if form == o.ONE_OPERAND:
            unary_row(op, first, made)
        else:
            second = gathered(memory, scratch, 1, y + start * sy, sy, n)
            if form == o.TWO_OPERANDS:
                binary_row(op, first, second, made)
            else:
                third = gathered(memory, scratch, 2, z + start * sz, sz, n)
                ternary_row(op, first, second, third, made)
        if so != 1:
            for i in range(n):
                part(memory, out + (start + i) * so, 1)[0] = made[i]


@compiled
def spread(memory, scratch, row):
    """An elementwise operation over up to four axes."""
    a, b, c = o.OUTER, o.OUTER + o.AXIS, o.OUTER + 2 * o.AXIS
    for i in range(row[c]):
        for j in range(row[b]):
            for k in range(row[a]):
                spread_row(
                    memory,
                    scratch,
                    row,
                    row[o.OUT] + i * row[c + 1] + j * row[b + 1] + k * row[a + 1],
                    row[o.X] + i * row[c + 2] + j * row[b + 2] + k * row[a + 2],
                    row[o.Y] + i * row[c + 3] + j * row[b + 3] + k * row[a + 3],
                    row[o.Z] + i * row[c + 4] + j * row[b + 4] + k * row[a + 4],
                )


@compiled
def flat(memory, row, start, n):
    """An elementwise operation on adjacent numbers, from `start` on."""
    op, form = row[o.OP], row[o.FORM]
    out = part(memory, row[o.OUT] + start * row[o.STRIDE_OUT], n)
    x = part(memory, row[o.X] + start * row[o.STRIDE_X], n)
    if form == o.ONE_OPERAND:
        unary_row(op, x, out)
    elif form == o.WITH_NUMBER:
        number_row(op, x, part(memory, row[o.Y], 1)[0], out)
    else:
        y = part(memory, row[o.Y] + start * row[o.STRIDE_Y], n)
        if form == o.TWO_OPERANDS:
            binary_row(op, x, y, out)
        elif form == o.THREE_OPERANDS:
            ternary_row(op, x, y, part(memory, row[o.Z] + start * row[o.STRIDE_Z], n), out)
        else:
            sincos_row(op, x, out, y)


@compiled
def grouped(memory, table, first):
    """Flat rows of one length, block by block."""
    count, stop = table[first, o.COUNT], first + table[first, o.GROUP]
    for start in range(0, count, o.BLOCK):
        n = min(o.BLOCK, count - start)
        for number in range(first, stop):
            flat(memory, table[number], start, n)


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
                found = scalar(o.NOT_EQUAL, found, found * 0)
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
def run_rows(memory, table, scratch, start, stop):
    """Run some rows of the table."""
    number = start
    while number < stop:
        row = table[number]
        number += 1
        kind = row[o.KIND]
        if kind == o.FLAT:
            if row[o.GROUP] > 1:
                grouped(memory, table, number - 1)
                number += row[o.GROUP] - 1
            else:
                flat(memory, row, 0, row[o.COUNT])
        elif kind == o.PRODUCT:
            small_product(
                memory,
                scratch,
                row[o.M],
                row[o.N],
                row[o.K],
                row[o.X],
                row[o.A_ROW],
                row[o.A_STEP],
                row[o.Y],
                row[o.B_ROW],
                row[o.B_STEP],
                row[o.Z],
                row[o.OUT],
            )
        elif kind == o.SUM_ROWS:
            sum_rows(memory, row)
        elif kind == o.SPREAD:
            spread(memory, scratch, row)
        elif kind == o.SUM_ALL:
            found = total(part(memory, row[o.X], row[o.COUNT]))
            part(memory, row[o.OUT], 1)[0] = memory.dtype.type(found)
        elif kind == o.LARGE_PRODUCT:
            large_product(
                memory,
                row[o.M],
                row[o.N],
                row[o.K],
                row[o.X],
                row[o.A_ROW] != 0,
                row[o.Y],
                row[o.B_ROW] != 0,
                row[o.Z],
                row[o.OUT],
            )
        else:
            reduced(memory, row)


@compiled
def update(rule, numbers, parameters, gradient, first, second, count):
    """One step of an optimiser; formulas and order are those of `visualad.SGD` and `Adam`."""
    n = parameters.size
    kind = parameters.dtype.type
    rate = kind(numbers[0])
    if rule == o.SGD:
        for i in range(n):
            parameters[i] -= gradient[i] * rate
    elif rule == o.MOMENTUM or rule == o.NESTEROV:
        momentum = kind(numbers[1])
        for i in range(n):
            first[i] = first[i] * momentum + gradient[i]
            if rule == o.NESTEROV:
                parameters[i] -= (first[i] * momentum + gradient[i]) * rate
            else:
                parameters[i] -= first[i] * rate
    else:
        beta1, beta2, epsilon = kind(numbers[1]), kind(numbers[2]), kind(numbers[3])
        rest1, rest2 = kind(1 - numbers[1]), kind(1 - numbers[2])
        root = kind(math.sqrt(1 - numbers[2] ** count))
        rate = kind(numbers[0] / (1 - numbers[1] ** count))
        for i in range(n):
            g = gradient[i]
            mean = first[i] * beta1 + g * rest1
            square = second[i] * beta2 + (g * g) * rest2
            first[i], second[i] = mean, square
            parameters[i] -= mean / (np.sqrt(square) / root + epsilon) * rate


# Called from Python ------------------------------------------------------------------------------


@entry
def run(memory, table, scratch, start, stop):
    """Run some rows of the table."""
    run_rows(memory, table, scratch, start, stop)


@entry
def run_tape(memory, rows, stop, edges):
    """Run a tape of scalars: its rows up to `stop`, then its edges."""
    for number in range(stop):
        op, a, b, out = rows[number]
        if op == o.WHERE:
            if memory[np.uint32(a)] != 0:
                memory[np.uint32(out)] = memory[np.uint32(b)]
        else:
            x, y = memory[np.uint32(a)], memory[np.uint32(b)]
            memory[np.uint32(out)] = scalar_inside(op, x, y)
    for number in range(edges.shape[0]):
        out, more, first, second = edges[number]
        product = memory[np.uint32(first)] * memory[np.uint32(second)]
        memory[np.uint32(out)] = memory[np.uint32(more)] + product


@entry
def train(
    memory,
    table,
    scratch,
    feeds,
    order,
    batch,
    loss,
    parameters,
    rule,
    numbers,
    first,
    second,
    count,
    losses,
):
    """Many training steps: fetch a batch, run the table, update the parameters.

    Args:
        feeds: (F, 4) rows: offset of the data, distance of their rows, offset of the input that
            takes them, numbers in a row of it.
        order: numbers of the samples, `batch` for each step.
        loss: its offset; the gradients begin at offset 0.
        parameters, first, second: the parameters and the optimiser's memory.
        rule, numbers, count: the optimiser; steps that it did before.
        losses: receives the loss of every step.

    Returns:
        The number of steps that were done; less than wanted if a loss was no finite number, which
        then is in `losses` and did not change the parameters.
    """
    gradient = part(memory, 0, parameters.size)
    for step in range(losses.size):
        for f in range(feeds.shape[0]):
            source, distance, target, width = feeds[f]
            for i in range(batch):
                at = source + order[step * batch + i] * distance
                to = part(memory, target + i * width, width)
                from_ = part(memory, at, width)
                for j in range(width):
                    to[j] = from_[j]
        run_rows(memory, table, scratch, 0, table.shape[0])
        value = part(memory, loss, 1)[0]
        losses[step] = value
        if not math.isfinite(value):
            return step
        update(rule, numbers, parameters, gradient, first, second, count + step + 1)
    return losses.size
