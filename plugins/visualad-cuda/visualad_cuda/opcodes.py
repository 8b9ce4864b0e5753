"""The elementwise instructions that the fused kernel knows, by number. Knows NumPy only."""

from __future__ import annotations

import numpy as np

# The kernel branches on the range a number lies in: one input, two, then those that give truths.
COPY, WHERE = 0, 1
NEGATIVE, ABSOLUTE, SIGN, SQUARE, RECIPROCAL, SQRT, FLOOR = 2, 3, 4, 5, 6, 7, 8
EXP, EXPM1, LOG, LOG1P = 10, 11, 12, 13
SIN, COS, TAN, ARCSIN, ARCCOS, ARCTAN = 20, 21, 22, 23, 24, 25
SINH, COSH, TANH = 30, 31, 32

FIRST_OF_TWO = 40
ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER = 40, 41, 42, 43, 44
MAXIMUM, MINIMUM, COPYSIGN, ARCTAN2, HYPOT, LOGADDEXP = 50, 51, 52, 53, 54, 55

FIRST_TRUTH = 60
GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, EQUAL, NOT_EQUAL = 60, 61, 62, 63, 64, 65
LOGICAL_AND, LOGICAL_OR = 70, 71

FIRST_TRUTH_OF_ONE = 80
LOGICAL_NOT, IS_NAN, IS_FINITE = 80, 81, 82

OPCODES: dict[np.ufunc, int] = {
    np.negative: NEGATIVE,
    np.absolute: ABSOLUTE,
    np.sign: SIGN,
    np.square: SQUARE,
    np.reciprocal: RECIPROCAL,
    np.sqrt: SQRT,
    np.floor: FLOOR,
    np.exp: EXP,
    np.expm1: EXPM1,
    np.log: LOG,
    np.log1p: LOG1P,
    np.sin: SIN,
    np.cos: COS,
    np.tan: TAN,
    np.arcsin: ARCSIN,
    np.arccos: ARCCOS,
    np.arctan: ARCTAN,
    np.sinh: SINH,
    np.cosh: COSH,
    np.tanh: TANH,
    np.add: ADD,
    np.subtract: SUBTRACT,
    np.multiply: MULTIPLY,
    np.divide: DIVIDE,
    np.power: POWER,
    np.maximum: MAXIMUM,
    np.minimum: MINIMUM,
    np.copysign: COPYSIGN,
    np.arctan2: ARCTAN2,
    np.hypot: HYPOT,
    np.logaddexp: LOGADDEXP,
    np.greater: GREATER,
    np.greater_equal: GREATER_EQUAL,
    np.less: LESS,
    np.less_equal: LESS_EQUAL,
    np.equal: EQUAL,
    np.not_equal: NOT_EQUAL,
    np.logical_and: LOGICAL_AND,
    np.logical_or: LOGICAL_OR,
    np.logical_not: LOGICAL_NOT,
    np.bitwise_and: LOGICAL_AND,  # of truth values, `&`, `|` and `~` are these
    np.bitwise_or: LOGICAL_OR,
    np.invert: LOGICAL_NOT,
    np.isnan: IS_NAN,
    np.isfinite: IS_FINITE,
}

# Of numbers they would be something else; the plan has only floats and truth values.
OF_TRUTH_VALUES_ONLY = frozenset({np.bitwise_and, np.bitwise_or, np.invert})
