"""Elementary functions of one number without branches, which LLVM turns into vector code.

exp, expm1, log, tanh, sin and cos by argument reduction and polynomials; the coefficients are
Chebyshev approximations of (e^r − 1 − r)/r², (sin r − r)/r³ and so on, computed with 60 digits.
Infinities, NaN, overflow and gradual underflow come out as IEEE 754 has them. Errors in float64:
exp at most 1 unit in the last place, the others at most 2.

No function here may be compiled with `reassoc`: rounding by a large number must stay as it is.
"""

from __future__ import annotations

import math

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload

# "contract" lets products and sums fuse; all else stays in IEEE order.
OPTIONS = {"error_model": "numpy", "fastmath": {"contract"}, "forceinline": True}
short = njit(**OPTIONS)


@intrinsic
def bits(typing, x):
    """The bits of a float64 or float32 as an integer of the same width."""
    made = types.int64 if x == types.float64 else types.int32
    width = 64 if x == types.float64 else 32

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(width))

    return made(x), generate


@intrinsic
def number(typing, i):
    """The float64 or float32 with these bits."""
    made = types.float64 if i.bitwidth == 64 else types.float32
    kind = ir.DoubleType() if i.bitwidth == 64 else ir.FloatType()

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], kind)

    return made(i), generate


# Adding and subtracting 1.5·2^52 rounds to a whole number, which then stands in the low bits.
ROUND = 6755399441055744.0
ROUND_BITS = 0x4338000000000000
LOG2_E = 1.4426950408889634
HALF_LOG2_E = LOG2_E / 2
LN2_HIGH, LN2_LOW = 0.6931471805582987, 1.6465949582897082e-12  # the high part has 36 bits


@short
def exp_rest_64(r):
    """e^r − 1 for |r| ≤ ln(2)/2."""
    q = 2.0914717341716378e-09
    q = q * r + 2.5105259538448494e-08
    q = q * r + 2.755727357010214e-07
    q = q * r + 2.7557255297969643e-06
    q = q * r + 2.4801587325605324e-05
    q = q * r + 0.0001984126987490126
    q = q * r + 0.001388888888888373
    q = q * r + 0.008333333333326112
    q = q * r + 0.04166666666666667
    q = q * r + 0.1666666666666667
    q = q * r + 0.5
    return r + r * r * q


@short
def exp_64(x):
    """e^x; scaled in two halves, so that the result may be subnormal or infinite."""
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    t = x * LOG2_E + ROUND
    k = t - ROUND
    first = bits(x * HALF_LOG2_E + ROUND) - ROUND_BITS
    second = bits(t) - ROUND_BITS - first
    r = x - k * LN2_HIGH
    r = r - k * LN2_LOW
    p = 1.0 + exp_rest_64(r)
    return p * number((first + 1023) << 52) * number((second + 1023) << 52)


@short
def sigmoid_64(x):
    """1 / (1 + e^−x); e^−x needs no gradual underflow, so one scaling does."""
    y = -x
    t = y * LOG2_E + ROUND
    k = t - ROUND
    r = y - k * LN2_HIGH
    r = r - k * LN2_LOW
    e = number(bits(1.0 + exp_rest_64(r)) + (bits(t) << 52))
    e = e if y < 709.782712893384 else math.inf
    e = e if y > -708.0 else 0.0
    e = e if y == y else y  # noqa: PLR0124
    return 1.0 / (1.0 + e)


@short
def expm1_near_64(x):
    """e^x − 1 for |x| ≤ 44."""
    t = x * LOG2_E + ROUND
    k = t - ROUND
    r = x - k * LN2_HIGH
    r = r - k * LN2_LOW
    scale = number((bits(t) - ROUND_BITS + 1023) << 52)
    return scale * exp_rest_64(r) + (scale - 1.0)


@short
def expm1_64(x):
    """e^x − 1, accurate for small x."""
    near = 40.0 if x > 40.0 else x
    near = -40.0 if near < -40.0 else near
    small = expm1_near_64(near)
    small = x if abs(x) < 1e-17 else small
    return exp_64(x) if x > 40.0 else small


@short
def tanh_64(x):
    """Hyperbolic tangent by e^2|x| − 1."""
    y = abs(x)
    y = 20.0 if y > 20.0 else y
    e = expm1_near_64(2.0 * y)
    return math.copysign(e / (e + 2.0), x)


@short
def log_64(x):
    """Natural logarithm: exponent and mantissa apart."""
    tiny = x < 2.2250738585072014e-308
    y = x * 18014398509481984.0 if tiny else x  # 2^54
    raw = bits(y)
    # The exponent's bits as the low bits of 2^52 make a float without a conversion.
    exponent = number(np.int64(np.uint64(raw) >> np.uint64(52)) | 0x4330000000000000)
    e = exponent - 4503599627371519.0  # 2^52 + 1023
    e = e - 54.0 if tiny else e
    m = number((raw & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000)
    large = m > 1.4142135623730951
    m = 0.5 * m if large else m
    e = e + 1.0 if large else e
    f = m - 1.0
    s = f / (2.0 + f)
    u = s * s
    p = 0.1308944514524636
    p = p * u + 0.13268503312794755
    p = p * u + 0.15386249788196105
    p = p * u + 0.181817954545265
    p = p * u + 0.2222222239345263
    p = p * u + 0.28571428570795937
    p = p * u + 0.4000000000000089
    p = p * u + 0.6666666666666666
    found = e * LN2_HIGH + (f - (s * (f - u * p) - e * LN2_LOW))
    found = x if x == math.inf else found
    found = -math.inf if x == 0.0 else found
    return found if x >= 0.0 else math.nan


# π/2 in three parts of 33 bits: products with whole numbers up to 2^20 are exact.
TWO_OVER_PI = 0.6366197723675814
QUARTER_A, QUARTER_B, QUARTER_C = 1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21
REDUCIBLE = 1e5  # beyond, the C library's functions


@short
def sine_rest(r, u):
    """Sine for |r| ≤ π/4; u = r²."""
    p = -7.586576588171073e-13
    p = p * u + 1.6058529572267877e-10
    p = p * u - 2.5052106219521895e-08
    p = p * u + 2.755731921930192e-06
    p = p * u - 0.00019841269841265017
    p = p * u + 0.008333333333333331
    p = p * u - 0.16666666666666666
    return r + r * (u * p)


@short
def cosine_rest(u):
    """Cosine for |r| ≤ π/4; u = r²."""
    p = 4.745804889760674e-14
    p = p * u - 1.1470459749675607e-11
    p = p * u + 2.087675578389404e-09
    p = p * u - 2.7557319221382114e-07
    p = p * u + 2.4801587301584618e-05
    p = p * u - 0.0013888888888888887
    p = p * u + 0.041666666666666664
    half = 0.5 * u
    w = 1.0 - half
    return w + (((1.0 - w) - half) + u * u * p)


@short
def turned(sine, cosine, quarter):
    """sin(r + quarter·π/2)."""
    value = cosine if (quarter & 1) != 0 else sine
    return number(bits(value) ^ ((quarter & 2) << 62))


@short
def sincos_64(x):
    """Sine and cosine for |x| ≤ REDUCIBLE."""
    t = x * TWO_OVER_PI + ROUND
    k = t - ROUND
    r = x - k * QUARTER_A
    r = r - k * QUARTER_B
    r = r - k * QUARTER_C
    u = r * r
    quarter = bits(t)
    sine, cosine = sine_rest(r, u), cosine_rest(u)
    found = turned(sine, cosine, quarter)
    found = x if abs(x) < 1e-9 else found  # keeps the sign of zero
    return found, turned(sine, cosine, quarter + 1)


# float32 ---------------------------------------------------------------------------------------

ROUND_32 = np.float32(12582912.0)  # 1.5·2^23
ROUND_BITS_32 = np.int32(0x4B400000)
LOG2_E_32, HALF_LOG2_E_32 = np.float32(LOG2_E), np.float32(LOG2_E / 2)
LN2_HIGH_32, LN2_LOW_32 = np.float32(0.693145751953125), np.float32(1.4286068203094173e-06)
E0, E1, E2, E3, E4 = (
    np.float32(0.0013926213466332444),
    np.float32(0.008363202971575855),
    np.float32(0.04166655443768594),
    np.float32(0.16666576845993977),
    np.float32(0.5),
)
ONE_32, TWO_32, BIAS_32, SHIFT_32 = np.float32(1), np.float32(2), np.int32(127), np.int32(23)
LARGEST_EXPONENT_32, SMALLEST_EXPONENT_32 = np.float32(88.72284), np.float32(-87.0)
INFINITE_32, ZERO_32 = np.float32(np.inf), np.float32(0)
HIGHEST_32, LOWEST_32, FLAT_32 = np.float32(89), np.float32(-104), np.float32(10)


@short
def exp_rest_32(r):
    """e^r − 1 for |r| ≤ ln(2)/2."""
    q = E0
    q = q * r + E1
    q = q * r + E2
    q = q * r + E3
    q = q * r + E4
    return r + r * r * q


@short
def exp_32(x):
    """e^x in float32."""
    x = HIGHEST_32 if x > HIGHEST_32 else x
    x = LOWEST_32 if x < LOWEST_32 else x
    t = x * LOG2_E_32 + ROUND_32
    k = t - ROUND_32
    first = np.int32(bits(x * HALF_LOG2_E_32 + ROUND_32) - ROUND_BITS_32)
    second = np.int32(np.int32(bits(t) - ROUND_BITS_32) - first)
    r = x - k * LN2_HIGH_32
    r = r - k * LN2_LOW_32
    p = ONE_32 + exp_rest_32(r)
    one = number(np.int32(np.int32(first + BIAS_32) << SHIFT_32))
    return p * one * number(np.int32(np.int32(second + BIAS_32) << SHIFT_32))


@short
def sigmoid_32(x):
    """1 / (1 + e^−x) in float32."""
    y = -x
    t = y * LOG2_E_32 + ROUND_32
    k = t - ROUND_32
    r = y - k * LN2_HIGH_32
    r = r - k * LN2_LOW_32
    e = number(np.int32(bits(ONE_32 + exp_rest_32(r)) + np.int32(bits(t) << SHIFT_32)))
    e = e if y < LARGEST_EXPONENT_32 else INFINITE_32
    e = e if y > SMALLEST_EXPONENT_32 else ZERO_32
    e = e if y == y else y  # noqa: PLR0124
    return ONE_32 / (ONE_32 + e)


@short
def tanh_32(x):
    """Hyperbolic tangent in float32."""
    y = abs(x)
    y = FLAT_32 if y > FLAT_32 else y
    y = y + y
    t = y * LOG2_E_32 + ROUND_32
    k = t - ROUND_32
    r = y - k * LN2_HIGH_32
    r = r - k * LN2_LOW_32
    scale = number(np.int32(np.int32(bits(t) - ROUND_BITS_32 + BIAS_32) << SHIFT_32))
    e = scale * exp_rest_32(r) + (scale - ONE_32)
    return math.copysign(e / (e + TWO_32), x)


# For either type -------------------------------------------------------------------------------


def exp(x):
    """e^x."""


def tanh(x):
    """Hyperbolic tangent."""


def expm1(x):
    """e^x − 1."""


def log(x):
    """Natural logarithm."""


@overload(exp, jit_options=OPTIONS)
def _exp(x):
    return (lambda x: exp_32(x)) if x == types.float32 else (lambda x: exp_64(x))


@overload(tanh, jit_options=OPTIONS)
def _tanh(x):
    return (lambda x: tanh_32(x)) if x == types.float32 else (lambda x: tanh_64(x))


@overload(expm1, jit_options=OPTIONS)
def _expm1(x):
    if x == types.float32:
        return lambda x: np.float32(expm1_64(np.float64(x)))
    return lambda x: expm1_64(x)


@overload(log, jit_options=OPTIONS)
def _log(x):
    if x == types.float32:
        return lambda x: np.float32(log_64(np.float64(x)))
    return lambda x: log_64(x)


def sigmoid(x):
    """1 / (1 + e^−x), as the operation of this name computes it."""


@overload(sigmoid, jit_options=OPTIONS)
def _sigmoid(x):
    return (lambda x: sigmoid_32(x)) if x == types.float32 else (lambda x: sigmoid_64(x))
