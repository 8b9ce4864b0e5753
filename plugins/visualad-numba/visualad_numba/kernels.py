"""Operations on single numbers and on rows of adjacent ones."""

from __future__ import annotations

import math

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from visualad_numba import opcodes as o
from visualad_numba.elementary import (
    REDUCIBLE,
    exp,
    expm1,
    log,
    short,
    sigmoid,
    sincos_64,
    tanh,
)

compiled = njit(error_model="numpy", fastmath={"contract"}, boundscheck=False)
# Sums in whatever order is fastest, but always in the same.
reordered = njit(error_model="numpy", fastmath={"contract", "reassoc"}, boundscheck=False)


@intrinsic
def part(typing, memory, start, count):
    """`count` adjacent numbers from offset `start` on, as an array.

    Costs nothing; the offset may lie outside of `memory`, in another array that is still alive.
    """
    made = types.Array(memory.dtype, 1, "C")

    def generate(context, builder, signature, arguments):
        base, start, count = arguments
        source = make_array(signature.args[0])(context, builder, base)
        array = make_array(made)(context, builder)
        size = context.get_constant(types.intp, memory.dtype.bitwidth // 8)
        populate_array(
            array,
            data=builder.gep(source.data, [start]),
            shape=cgutils.pack_array(builder, [count]),
            strides=cgutils.pack_array(builder, [size]),
            itemsize=size,
            meminfo=None,
        )
        return array._getvalue()

    return made(memory, types.intp, types.intp), generate


@intrinsic
def call(typing, memory, row, start, count):
    """Run compiled code of a node type for `count` elements; see `small_functions.Kernel`."""
    signature = types.void(memory, row, types.intp, types.intp)

    def generate(context, builder, signature, arguments):
        array, row, start, count = arguments
        base = make_array(signature.args[0])(context, builder, array).data
        line = make_array(signature.args[1])(context, builder, row).data
        whole = ir.IntType(64)
        address = builder.load(builder.gep(line, [whole(o.OP)]))
        given = [base, *(builder.gep(line, [whole(at)]) for at in (o.PLACES, o.STRIDES, o.MOVES))]
        given += [start, count]
        kind = ir.FunctionType(ir.VoidType(), [x.type for x in given])
        builder.call(builder.inttoptr(address, kind.as_pointer()), given)
        return context.get_dummy_value()

    return signature, generate


# One number --------------------------------------------------------------------------------------


@compiled
def scalar(op, x, y):
    """The result for one number; y is ignored by operations with one operand."""
    if op == o.MULTIPLY:
        return x * y
    elif op == o.ADD:
        return x + y
    elif op == o.SUBTRACT:
        return x - y
    elif op == o.DIVIDE:
        return x / y
    elif op == o.COPY:
        return x
    elif op == o.NEGATIVE:
        return -x
    elif op == o.SIN:
        if abs(x) <= REDUCIBLE:
            return type_of(x, sincos_64(np.float64(x))[0])
        return math.sin(x)
    elif op == o.COS:
        if abs(x) <= REDUCIBLE:
            return type_of(x, sincos_64(np.float64(x))[1])
        return math.cos(x)
    elif op == o.EXP:
        return exp(x)
    elif op == o.SQUARE:
        return x * x
    elif op == o.TANH:
        return tanh(x)
    elif op == o.SIGMOID:
        return sigmoid(x)
    elif op == o.LOG:
        return log(x)
    elif op == o.ABSOLUTE:
        return abs(x)
    elif op == o.SQRT:
        return math.sqrt(x) if x >= 0 else type_of(x, math.nan)
    elif op == o.RECIPROCAL:
        return type_of(x, 1) / x
    elif op == o.EXPM1:
        return expm1(x)
    elif op == o.MAXIMUM:
        return x if x > y or x != x else y
    elif op == o.MINIMUM:
        return x if x < y or x != x else y
    elif op >= o.GREATER and op <= o.XOR:
        return type_of(x, comparison(op, x, y))
    return type_of(x, rare(op, x, y))


scalar_inside = short(scalar.py_func)  # for the tape's loop, which is all that it does


@intrinsic
def type_of(typing, x, value):
    """The value in the type of x."""

    def generate(context, builder, signature, arguments):
        return context.cast(builder, arguments[1], value, x)

    return x(x, types.unliteral(value)), generate


@compiled
def comparison(op, x, y):
    """A truth value."""
    if op == o.GREATER:
        return x > y
    elif op == o.LESS:
        return x < y
    elif op == o.GREATER_EQUAL:
        return x >= y
    elif op == o.LESS_EQUAL:
        return x <= y
    elif op == o.EQUAL:
        return x == y
    elif op == o.NOT_EQUAL:
        return x != y
    elif op == o.AND:
        return x != 0 and y != 0
    elif op == o.OR:
        return x != 0 or y != 0
    return (x != 0) != (y != 0)


@compiled
def rare(op, a, b):
    """What needs no speed, in float64."""
    x, y = np.float64(a), np.float64(b)
    if op == o.LOG1P:
        return math.log1p(x) if x > -1 else (-math.inf if x == -1 else math.nan)
    elif op == o.TAN:
        return math.tan(x)
    elif op == o.SINH:
        return math.sinh(x)
    elif op == o.COSH:
        return math.cosh(x)
    elif op == o.ARCSIN:
        return math.asin(x) if abs(x) <= 1 else math.nan
    elif op == o.ARCCOS:
        return math.acos(x) if abs(x) <= 1 else math.nan
    elif op == o.ARCTAN:
        return math.atan(x)
    elif op == o.ARCSINH:
        return math.asinh(x)
    elif op == o.ARCCOSH:
        return math.acosh(x) if x >= 1 else math.nan
    elif op == o.ARCTANH:
        return np.arctanh(x)
    elif op == o.SIGN:
        return math.nan if x != x else np.float64(x > 0) - np.float64(x < 0)
    elif op == o.FLOOR:
        return np.floor(x)
    elif op == o.CEIL:
        return np.ceil(x)
    elif op == o.TRUNC:
        return np.trunc(x)
    elif op == o.RINT:
        return np.rint(x)
    elif op == o.LOG2:
        return np.log2(x)
    elif op == o.LOG10:
        return np.log10(x)
    elif op == o.EXP2:
        return np.exp2(x)
    elif op == o.CBRT:
        return np.cbrt(x)
    elif op == o.NOT:
        return np.float64(x == 0)
    elif op == o.TRUTH:
        return np.float64(x != 0)
    elif op == o.ISNAN:
        return np.float64(x != x)
    elif op == o.ISFINITE:
        return np.float64(math.isfinite(x))
    elif op == o.ISINF:
        return np.float64(math.isinf(x))
    elif op == o.SIGNBIT:
        return np.float64(math.copysign(1.0, x) < 0)
    elif op == o.POWER:
        return np.power(x, y)
    elif op == o.ARCTAN2:
        return math.atan2(x, y)
    elif op == o.HYPOT:
        return math.hypot(x, y)
    elif op == o.LOGADDEXP:
        high, low = (x, y) if x > y else (y, x)
        if x == y:
            return x + 0.6931471805599453
        if x != x or y != y:
            return math.nan
        return high + math.log1p(exp(low - high))
    elif op == o.COPYSIGN:
        return math.copysign(x, y)
    elif op == o.FMOD:
        return np.fmod(x, y)
    elif op == o.REMAINDER:
        return np.remainder(x, y)
    elif op == o.FMAX:
        return np.fmax(x, y)
    elif op == o.FMIN:
        return np.fmin(x, y)
    elif op == o.FLOOR_DIVIDE:
        return np.floor_divide(x, y)
    return math.nan


# Rows --------------------------------------------------------------------------------------------


@compiled
def unary_row(op, x, out):
    """out[i] = op(x[i])."""
    n = out.size
    zero = out.dtype.type(0)
    if op == o.COPY:
        for i in range(n):
            out[i] = x[i]
    elif op == o.NEGATIVE:
        for i in range(n):
            out[i] = -x[i]
    elif op == o.SIGMOID:
        for i in range(n):
            out[i] = sigmoid(x[i])
    elif op == o.TANH:
        for i in range(n):
            out[i] = tanh(x[i])
    elif op == o.EXP:
        for i in range(n):
            out[i] = exp(x[i])
    elif op == o.SQUARE:
        for i in range(n):
            out[i] = x[i] * x[i]
    elif op == o.SIN or op == o.COS:
        sincos_row(op, x, out, out)
    elif op == o.LOG:
        for i in range(n):
            out[i] = log(x[i])
    elif op == o.ABSOLUTE:
        for i in range(n):
            out[i] = abs(x[i])
    elif op == o.SQRT:
        for i in range(n):
            out[i] = np.sqrt(x[i])
    elif op == o.EXPM1:
        for i in range(n):
            out[i] = expm1(x[i])
    elif op == o.RECIPROCAL:
        one = out.dtype.type(1)
        for i in range(n):
            out[i] = one / x[i]
    else:
        for i in range(n):
            out[i] = scalar(op, x[i], zero)


@compiled
def sincos_row(op, x, first, second):
    """Sine and cosine, or one of them into both."""
    n = first.size
    far = 0
    for i in range(n):
        far |= 0 if abs(x[i]) <= REDUCIBLE else 1
    if far:
        for i in range(n):
            value = x[i]
            if op != o.COS:
                first[i] = math.sin(value)
            if op != o.SIN:
                second[i] = math.cos(value)
    elif op == o.SIN:
        for i in range(n):
            first[i] = sincos_64(np.float64(x[i]))[0]
    elif op == o.COS:
        for i in range(n):
            second[i] = sincos_64(np.float64(x[i]))[1]
    else:
        for i in range(n):
            first[i], second[i] = sincos_64(np.float64(x[i]))


@compiled
def binary_row(op, x, y, out):
    """out[i] = op(x[i], y[i])."""
    n = out.size
    zero, one = out.dtype.type(0), out.dtype.type(1)
    if op == o.MULTIPLY:
        for i in range(n):
            out[i] = x[i] * y[i]
    elif op == o.ADD:
        for i in range(n):
            out[i] = x[i] + y[i]
    elif op == o.SUBTRACT:
        for i in range(n):
            out[i] = x[i] - y[i]
    elif op == o.DIVIDE:
        for i in range(n):
            out[i] = x[i] / y[i]
    elif op == o.SIGMOID_SLOPE:
        for i in range(n):
            out[i] = x[i] * (y[i] * (one - y[i]))
    elif op == o.TANH_SLOPE:
        for i in range(n):
            out[i] = x[i] * (one - y[i] * y[i])
    elif op == o.RELU_SLOPE:
        for i in range(n):
            out[i] = x[i] * (one if y[i] > zero else zero)
    elif op == o.MAXIMUM:
        for i in range(n):
            high = x[i] if x[i] > y[i] else y[i]
            out[i] = x[i] if x[i] != x[i] else high
    elif op == o.MINIMUM:
        for i in range(n):
            low = x[i] if x[i] < y[i] else y[i]
            out[i] = x[i] if x[i] != x[i] else low
    elif op == o.GREATER:
        for i in range(n):
            out[i] = one if x[i] > y[i] else zero
    elif op == o.LESS:
        for i in range(n):
            out[i] = one if x[i] < y[i] else zero
    else:
        for i in range(n):
            out[i] = scalar(op, x[i], y[i])


@compiled
def number_row(op, x, y, out):
    """out[i] = op(x[i], y) for one number y."""
    n = out.size
    zero, one = out.dtype.type(0), out.dtype.type(1)
    if op == o.TIMES_NUMBER:
        for i in range(n):
            out[i] = x[i] * y
    elif op == o.ADD_NUMBER:
        for i in range(n):
            out[i] = x[i] + y
    elif op == o.MINUS_NUMBER:
        for i in range(n):
            out[i] = x[i] - y
    elif op == o.FROM_NUMBER:
        for i in range(n):
            out[i] = y - x[i]
    elif op == o.OVER_NUMBER:
        for i in range(n):
            out[i] = x[i] / y
    elif op == o.NUMBER_OVER:
        for i in range(n):
            out[i] = y / x[i]
    elif op == o.MAXIMUM_NUMBER:
        for i in range(n):
            high = x[i] if x[i] > y else y
            out[i] = x[i] if x[i] != x[i] else high
    elif op == o.GREATER_NUMBER:
        for i in range(n):
            out[i] = one if x[i] > y else zero
    else:
        for i in range(n):
            out[i] = scalar(o.POWER, x[i], y)


@compiled
def ternary_row(op, x, y, z, out):
    """WHERE: y where x, else z. MULTIPLY_ADD: x·y + z."""
    n = out.size
    if op == o.WHERE:
        for i in range(n):
            first, second = y[i], z[i]
            out[i] = first if x[i] != 0 else second
    else:
        for i in range(n):
            out[i] = x[i] * y[i] + z[i]


@compiled
def elementwise(op, form, x, y, z, out):
    """An operation on rows of adjacent numbers; operands that it does not have are ignored."""
    if form == o.ONE_OPERAND:
        unary_row(op, x, out)
    elif form == o.TWO_OPERANDS:
        binary_row(op, x, y, out)
    elif form == o.WITH_NUMBER:
        number_row(op, x, y[0], out)
    elif form == o.THREE_OPERANDS:
        ternary_row(op, x, y, z, out)
    else:
        sincos_row(op, x, out, y)


# Sums --------------------------------------------------------------------------------------------


@reordered
def total(x):
    """The sum, in blocks whose sums are added in float64: as exact as pairwise summation."""
    n = x.size
    whole = 0.0
    for start in range(0, n, 4096):
        block = part(x, start, min(4096, n - start))
        found = x.dtype.type(0)
        for i in range(block.size):
            found += block[i]
        whole += found
    return whole
