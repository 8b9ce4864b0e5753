"""Elementary functions of one number, elementwise. Derivatives: any calculus textbook."""

from __future__ import annotations

import math

import numpy as np

from visualad.ops.declaration import Array, Precedence, node
from visualad.ops.error_function import erf_of, erfc_of
from visualad.ops.expression import guarded

CATEGORY = "Functions"
TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)


@node(
    symbol="exp",
    text="exp{x.arg}",
    latex="e^{{x.bare}}",
    precedence=Precedence.POWER,
    category=CATEGORY,
)
def exp(x: Array) -> Array:
    """Exponential function e^x of every element."""
    return np.exp(x)


@exp.partials
def _(x: Array, out: Array) -> Array:
    return out


@node(
    text="log{x.arg}",
    latex=r"\log{x.arg}",
    category=CATEGORY,
    domain=((0.2, 3.0),),
    kinks="At 0 the derivative is infinite; the value of negative numbers is nan.",
)
def log(x: Array) -> Array:
    """Natural logarithm of every element."""
    return np.log(x)


@log.partials
def _(x: Array, out: Array) -> Array:
    return 1 / x


@node(
    category=CATEGORY,
    domain=((-0.8, 2.0),),
    kinks="At −1 the derivative is infinite; the value of what is below is nan.",
)
def log1p(x: Array) -> Array:
    """Natural logarithm log(1 + x), accurate for small x."""
    return np.log1p(x)


@log1p.partials
def _(x: Array, out: Array) -> Array:
    return 1 / (1 + x)


@node(category=CATEGORY)
def expm1(x: Array) -> Array:
    """Exponential e^x − 1, accurate for small x."""
    return np.expm1(x)


@expm1.partials
def _(x: Array, out: Array) -> Array:
    return out + 1


@node(text="sin{x.arg}", latex=r"\sin{x.arg}", category=CATEGORY)
def sin(x: Array) -> Array:
    """Sine of every element, in radians."""
    return np.sin(x)


@sin.partials
def _(x: Array, out: Array) -> Array:
    return np.cos(x)


@node(text="cos{x.arg}", latex=r"\cos{x.arg}", category=CATEGORY)
def cos(x: Array) -> Array:
    """Cosine of every element, in radians."""
    return np.cos(x)


@cos.partials
def _(x: Array, out: Array) -> Array:
    return -np.sin(x)


@node(
    text="tan{x.arg}",
    latex=r"\tan{x.arg}",
    category=CATEGORY,
    domain=((-1.2, 1.2),),
    kinks="Not defined at odd multiples of π/2.",
)
def tan(x: Array) -> Array:
    """Tangent of every element, in radians."""
    return np.tan(x)


@tan.partials
def _(x: Array, out: Array) -> Array:
    return 1 + out**2


@node(
    symbol="arcsin",
    text="arcsin{x.arg}",
    latex=r"\arcsin{x.arg}",
    category=CATEGORY,
    domain=((-0.9, 0.9),),
    kinks="At ±1 the derivative is infinite; nan beyond.",
)
def asin(x: Array) -> Array:
    """Inverse sine in radians, from −π/2 to π/2, of every element."""
    return np.arcsin(x)


@asin.partials
def _(x: Array, out: Array) -> Array:
    return 1 / np.sqrt(1 - x**2)


@node(
    symbol="arccos",
    text="arccos{x.arg}",
    latex=r"\arccos{x.arg}",
    category=CATEGORY,
    domain=((-0.9, 0.9),),
    kinks="At ±1 the derivative is −∞; nan beyond.",
)
def acos(x: Array) -> Array:
    """Inverse cosine in radians, from 0 to π, of every element."""
    return np.arccos(x)


@acos.partials
def _(x: Array, out: Array) -> Array:
    return -1 / np.sqrt(1 - x**2)


@node(symbol="arctan", text="arctan{x.arg}", latex=r"\arctan{x.arg}", category=CATEGORY)
def atan(x: Array) -> Array:
    """Inverse tangent in radians, from −π/2 to π/2, of every element."""
    return np.arctan(x)


@atan.partials
def _(x: Array, out: Array) -> Array:
    return 1 / (1 + x**2)


@node(
    category=CATEGORY,
    domain=((0.3, 2.0), (-2.0, 2.0)),
    analytic=False,
    kinks="No derivative where both are 0; 0 is used there. Jumps where y = 0 and x < 0.",
)
def atan2(y: Array, x: Array) -> Array:
    """Angle of the point (x, y) in radians, from −π to π; mind the order: y first."""
    return np.arctan2(y, x)


@atan2.partials
def _(y: Array, x: Array, out: Array) -> Array:
    nowhere = (x == 0) * (y == 0)
    return guarded(x / (x**2 + y**2), nowhere, 0.0), guarded(-y / (x**2 + y**2), nowhere, 0.0)


@node(text="sinh{x.arg}", latex=r"\sinh{x.arg}", category=CATEGORY)
def sinh(x: Array) -> Array:
    """Hyperbolic sine of every element."""
    return np.sinh(x)


@sinh.partials
def _(x: Array, out: Array) -> Array:
    return np.cosh(x)


@node(text="cosh{x.arg}", latex=r"\cosh{x.arg}", category=CATEGORY)
def cosh(x: Array) -> Array:
    """Hyperbolic cosine of every element."""
    return np.cosh(x)


@cosh.partials
def _(x: Array, out: Array) -> Array:
    return np.sinh(x)


@node(category=CATEGORY, label="error function", analytic=False)
def erf(x: Array) -> Array:
    """Error function 2/√π ∫₀ˣ exp(−t²) dt of every element (Cody 1969)."""
    return erf_of(x)


@erf.partials
def _(x: Array, out: Array) -> Array:
    return TWO_OVER_ROOT_PI * np.exp(-(x**2))


@node(category=CATEGORY, label="complementary error function", analytic=False)
def erfc(x: Array) -> Array:
    """Complement 1 − erf(x) of the error function, accurate for large x (Cody 1969)."""
    return erfc_of(x)


@erfc.partials
def _(x: Array, out: Array) -> Array:
    return -(TWO_OVER_ROOT_PI * np.exp(-(x**2)))
