"""The one kernel: every thread runs a table of elementwise rows for its own element.

It is compiled once for each precision, never for a graph. `NUMBA_ENABLE_CUDASIM=1` runs it
without a GPU, thread by thread, in Numba's simulator.
"""

# A device cannot call through a table, so the kernel branches on the opcode.
# ruff: noqa: PLR0911, PLR0912

from __future__ import annotations

import math

from numba import cuda

from visualad_cuda import opcodes as code
from visualad_cuda.grouping import MOST_AXES, OPERAND, TRUTHS


@cuda.jit(device=True)
def place(row, operand, i0, i1, i2, i3):
    """Where an operand's element lies in its memory."""
    begin = 1 + operand * OPERAND
    return (
        row[begin + 1]
        + i0 * row[begin + 2]
        + i1 * row[begin + 3]
        + i2 * row[begin + 4]
        + i3 * row[begin + MOST_AXES + 1]
    )


@cuda.jit(device=True)
def read(row, operand, i0, i1, i2, i3, numbers, truths, zero, one):
    """An operand's element as a number; truth values as 0 and 1."""
    at = place(row, operand, i0, i1, i2, i3)
    if row[1 + operand * OPERAND] == TRUTHS:
        return one if truths[at] else zero
    return numbers[at]


@cuda.jit(device=True)
def function_of_one(op, x, zero, one):
    """An elementwise function of one number."""
    if op == code.NEGATIVE:
        return -x
    if op == code.ABSOLUTE:
        return abs(x)
    if op == code.SIGN:
        return one if x > zero else -one if x < zero else x  # zeros and NaN stay
    if op == code.SQUARE:
        return x * x
    if op == code.RECIPROCAL:
        return one / x
    if op == code.SQRT:
        return math.sqrt(x)
    if op == code.FLOOR:
        return math.floor(x) + zero
    if op == code.EXP:
        return math.exp(x)
    if op == code.EXPM1:
        return math.expm1(x)
    if op == code.LOG:
        return math.log(x)
    if op == code.LOG1P:
        return math.log1p(x)
    if op == code.SIN:
        return math.sin(x)
    if op == code.COS:
        return math.cos(x)
    if op == code.TAN:
        return math.tan(x)
    if op == code.ARCSIN:
        return math.asin(x)
    if op == code.ARCCOS:
        return math.acos(x)
    if op == code.ARCTAN:
        return math.atan(x)
    if op == code.SINH:
        return math.sinh(x)
    if op == code.COSH:
        return math.cosh(x)
    if op == code.TANH:
        return math.tanh(x)
    return x  # COPY


@cuda.jit(device=True)
def function_of_two(op, x, y, one):
    """An elementwise function of two numbers."""
    if op == code.ADD:
        return x + y
    if op == code.SUBTRACT:
        return x - y
    if op == code.MULTIPLY:
        return x * y
    if op == code.DIVIDE:
        return x / y
    if op == code.POWER:
        return math.pow(x, y)
    if op == code.MAXIMUM:
        return x if x >= y or x != x else y  # noqa: PLR0124 - NaN goes on, as in NumPy
    if op == code.MINIMUM:
        return x if x <= y or x != x else y  # noqa: PLR0124
    if op == code.COPYSIGN:
        return math.copysign(x, y)
    if op == code.ARCTAN2:
        return math.atan2(x, y)
    if op == code.HYPOT:
        return math.hypot(x, y)
    # LOGADDEXP; equal ones first, which settles two infinities of one sign
    if x == y:
        return x + math.log(one + one) if math.isfinite(x) else x
    greater = x if x > y or x != x else y  # noqa: PLR0124
    return greater + math.log1p(math.exp(-abs(x - y)))


@cuda.jit(device=True)
def truth_of_two(op, x, y):
    """A comparison or a junction; truth values come as 0 and 1."""
    if op == code.GREATER:
        return x > y
    if op == code.GREATER_EQUAL:
        return x >= y
    if op == code.LESS:
        return x < y
    if op == code.LESS_EQUAL:
        return x <= y
    if op == code.EQUAL:
        return x == y
    if op == code.NOT_EQUAL:
        return x != y
    if op == code.LOGICAL_AND:
        return x != 0 and y != 0
    return x != 0 or y != 0


@cuda.jit
def run_rows(rows, a0, a1, a2, a3, numbers, truths):
    """Run all rows for every element of a shape (a0, a1, a2, a3), one thread for each."""
    i = cuda.grid(1)
    if i >= a0 * a1 * a2 * a3:
        return
    i3 = i % a3
    i2 = i // a3 % a2
    i1 = i // (a3 * a2) % a1
    i0 = i // (a3 * a2 * a1)
    zero = numbers.dtype.type(0.0)
    one = numbers.dtype.type(1.0)
    for number in range(rows.shape[0]):
        row = rows[number]
        op = row[0]
        out = place(row, 0, i0, i1, i2, i3)
        x = read(row, 1, i0, i1, i2, i3, numbers, truths, zero, one)
        if op >= code.FIRST_TRUTH:
            if op >= code.FIRST_TRUTH_OF_ONE:
                if op == code.LOGICAL_NOT:
                    truths[out] = x == zero
                elif op == code.IS_NAN:
                    truths[out] = math.isnan(x)
                else:
                    truths[out] = math.isfinite(x)
            else:
                y = read(row, 2, i0, i1, i2, i3, numbers, truths, zero, one)
                truths[out] = truth_of_two(op, x, y)
        elif op >= code.FIRST_OF_TWO:
            y = read(row, 2, i0, i1, i2, i3, numbers, truths, zero, one)
            numbers[out] = function_of_two(op, x, y, one)
        elif op == code.WHERE:
            chosen = 2 if x != zero else 3
            numbers[out] = read(row, chosen, i0, i1, i2, i3, numbers, truths, zero, one)
        elif row[1] == TRUTHS:
            truths[out] = x != zero  # COPY into truth values
        else:
            numbers[out] = function_of_one(op, x, zero, one)
