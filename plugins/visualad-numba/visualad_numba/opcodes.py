"""What the machine can do, by number. Nothing here imports Numba."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np


class NotLowered(Exception):  # noqa: N818 - it is caught, not shown
    """The machine has no rows for an instruction, which NumPy then runs."""


# Operations on numbers ---------------------------------------------------------------------------

_next = count()
# One operand.
COPY, NEGATIVE, ABSOLUTE, SQUARE, SQRT, RECIPROCAL = (next(_next) for _ in range(6))
EXP, EXPM1, LOG, SIN, COS, TANH, SIGMOID = (next(_next) for _ in range(7))
LOG1P, TAN, SINH, COSH = (next(_next) for _ in range(4))
ARCSIN, ARCCOS, ARCTAN, ARCSINH, ARCCOSH, ARCTANH = (next(_next) for _ in range(6))
SIGN, FLOOR, CEIL, TRUNC, RINT, LOG2, LOG10, EXP2, CBRT = (next(_next) for _ in range(9))
NOT, ISNAN, ISFINITE, ISINF, TRUTH, SIGNBIT = (next(_next) for _ in range(6))
# Two.
ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM = (next(_next) for _ in range(6))
GREATER, LESS, GREATER_EQUAL, LESS_EQUAL, EQUAL, NOT_EQUAL = (next(_next) for _ in range(6))
AND, OR, XOR = (next(_next) for _ in range(3))
POWER, ARCTAN2, HYPOT, LOGADDEXP, COPYSIGN, FMOD, REMAINDER, FMAX, FMIN, FLOOR_DIVIDE = (
    next(_next) for _ in range(10)
)
# Fused: adjoint times the partial of an activation, from the activation's value (or, for ReLU, its
# argument).
SIGMOID_SLOPE, TANH_SLOPE, RELU_SLOPE = (next(_next) for _ in range(3))
# The second operand is one number.
ADD_NUMBER, TIMES_NUMBER, FROM_NUMBER, OVER_NUMBER, NUMBER_OVER = (next(_next) for _ in range(5))
MINUS_NUMBER, MAXIMUM_NUMBER, GREATER_NUMBER, POWER_NUMBER = (next(_next) for _ in range(4))
# Three.
WHERE, MULTIPLY_ADD = (next(_next) for _ in range(2))
SINCOS = next(_next)  # two results
CALL = next(_next)  # on the tape: code of a plugin's node type

UNARY: dict[Any, int] = {
    np.positive: COPY,
    np.negative: NEGATIVE,
    np.absolute: ABSOLUTE,
    np.fabs: ABSOLUTE,
    np.square: SQUARE,
    np.sqrt: SQRT,
    np.reciprocal: RECIPROCAL,
    np.exp: EXP,
    np.expm1: EXPM1,
    np.log: LOG,
    np.sin: SIN,
    np.cos: COS,
    np.tanh: TANH,
    np.log1p: LOG1P,
    np.tan: TAN,
    np.sinh: SINH,
    np.cosh: COSH,
    np.arcsin: ARCSIN,
    np.arccos: ARCCOS,
    np.arctan: ARCTAN,
    np.arcsinh: ARCSINH,
    np.arccosh: ARCCOSH,
    np.arctanh: ARCTANH,
    np.sign: SIGN,
    np.floor: FLOOR,
    np.ceil: CEIL,
    np.trunc: TRUNC,
    np.rint: RINT,
    np.log2: LOG2,
    np.log10: LOG10,
    np.exp2: EXP2,
    np.cbrt: CBRT,
    np.logical_not: NOT,
    np.isnan: ISNAN,
    np.isfinite: ISFINITE,
    np.isinf: ISINF,
    np.signbit: SIGNBIT,
}
BINARY: dict[Any, int] = {
    np.add: ADD,
    np.subtract: SUBTRACT,
    np.multiply: MULTIPLY,
    np.divide: DIVIDE,
    np.maximum: MAXIMUM,
    np.minimum: MINIMUM,
    np.greater: GREATER,
    np.less: LESS,
    np.greater_equal: GREATER_EQUAL,
    np.less_equal: LESS_EQUAL,
    np.equal: EQUAL,
    np.not_equal: NOT_EQUAL,
    np.logical_and: AND,
    np.logical_or: OR,
    np.logical_xor: XOR,
    np.power: POWER,
    np.float_power: POWER,
    np.arctan2: ARCTAN2,
    np.hypot: HYPOT,
    np.logaddexp: LOGADDEXP,
    np.copysign: COPYSIGN,
    np.fmod: FMOD,
    np.remainder: REMAINDER,
    np.fmax: FMAX,
    np.fmin: FMIN,
    np.floor_divide: FLOOR_DIVIDE,
}
# Between truth values, where NumPy means something else by these.
ON_TRUTHS: dict[Any, int] = {
    np.add: OR,
    np.bitwise_and: AND,
    np.bitwise_or: OR,
    np.bitwise_xor: XOR,
    np.invert: NOT,
}
REDUCTIONS: dict[Any, int] = {
    np.add: ADD,
    np.multiply: MULTIPLY,
    np.maximum: MAXIMUM,
    np.minimum: MINIMUM,
    np.logical_or: OR,
    np.logical_and: AND,
}

# Where the second operand, or the first, is one number for the whole row.
SECOND_IS_NUMBER = {
    ADD: ADD_NUMBER,
    SUBTRACT: MINUS_NUMBER,
    MULTIPLY: TIMES_NUMBER,
    DIVIDE: OVER_NUMBER,
    MAXIMUM: MAXIMUM_NUMBER,
    GREATER: GREATER_NUMBER,
    POWER: POWER_NUMBER,
}
FIRST_IS_NUMBER = {
    ADD: ADD_NUMBER,
    SUBTRACT: FROM_NUMBER,
    MULTIPLY: TIMES_NUMBER,
    DIVIDE: NUMBER_OVER,
    MAXIMUM: MAXIMUM_NUMBER,
    LESS: GREATER_NUMBER,
}

# Rows of the machine -----------------------------------------------------------------------------

FLAT, SPREAD, REDUCE, SUM_ROWS, SUM_ALL, PRODUCT, LARGE_PRODUCT, CALLED = range(8)

WIDTH = 40  # integers in a row of the table
# Where in a row: what kind, operation, offsets of result and operands, count and strides of the
# innermost axis, how the operands come; then for each outer axis a count and the four strides.
KIND, OP, OUT, X, Y, Z, COUNT, STRIDE_OUT, STRIDE_X, STRIDE_Y, STRIDE_Z, FORM, OUTER = range(13)
AXIS = 5  # integers for an outer axis
AXES = 3
ONE_OPERAND, TWO_OPERANDS, THREE_OPERANDS, WITH_NUMBER, TWO_RESULTS = range(5)  # FORM
# Flat rows of one length that follow each other may be a group, which is run block by block, so
# that what lies between them stays in the fastest cache: at GROUP of the first one is their number.
# An operand whose stride is 0 does not move on with the block: a number, or room for one block.
GROUP = OUTER
# A row that is CALLED may be in a group too: at OP is the address of compiled code, at FORM the
# number of its operands, the last RESULTS of which it writes; then for each its place, its stride,
# and how far it moves on for each number of a block: as far, or not at all.
RESULTS = STRIDE_OUT
MOST_OPERANDS = 9
PLACES = GROUP + 1
STRIDES = PLACES + MOST_OPERANDS
MOVES = STRIDES + MOST_OPERANDS
# In a product: C (m, n) at OUT, A at X, B at Y, the bias at Z.
NO_BIAS = 1 << 62
M, N, K, A_ROW, A_STEP, B_ROW, B_STEP = range(6, 13)
BLOCK = 2048  # numbers that are worked on at a time where they must be gathered first

# The program ------------------------------------------------------------------------------------

# Integers that say what the machine is to do; offsets count from the start of memory, that of the
# table of rows from the start of the program. First which rows, where there is ROOM, and the
# address of the BLAS function. Then for training: offset of the loss, number of inputs, of samples
# and of those in a batch, the optimiser with the steps that it has done, offset and number of the
# parameters, offsets of what the optimiser remembers, its numbers by their bits.
FIRST_ROW, STOP_ROW, TABLE, SCRATCH, GEMM = range(5)
LOSS, FEEDS, SAMPLES, BATCH, RULE, STEPS, PARAMETERS, SIZE = range(5, 13)
MEMORY, NUMBERS, HEADER = 13, 16, 21
MOST_MEMORY, MOST_NUMBERS = NUMBERS - MEMORY, HEADER - NUMBERS
# Then for each input: offset of the data, distance of their rows, offset of the input that takes
# them, numbers in a row of it.
FEED = 4

# Small products ----------------------------------------------------------------------------------

LONGEST = 1024  # rows of B that the packing buffer takes
REGISTER_BYTES = 32  # of one vector
PANEL = 2 * REGISTER_BYTES // 4  # numbers in the widest row of a packed panel
WIDE = 8  # vectors in a row of the widest tile
ROOM = LONGEST * PANEL + 16 * PANEL  # numbers that are worked with beside the operands

# Optimisers --------------------------------------------------------------------------------------

SGD, MOMENTUM, NESTEROV, ADAM, ADAMW, ADAGRAD, RMSPROP, CENTERED_RMSPROP = range(8)
RULES = {
    "sgd": SGD,
    "momentum": MOMENTUM,
    "nesterov": NESTEROV,
    "adam": ADAM,
    "adamw": ADAMW,
    "adagrad": ADAGRAD,
    "rmsprop": RMSPROP,
    "centered rmsprop": CENTERED_RMSPROP,
}
