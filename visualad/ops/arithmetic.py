"""Arithmetic: the operators of Python and their relatives, elementwise with broadcasting."""

from __future__ import annotations

import numpy as np

from visualad.ops.declaration import Array, Precedence, node
from visualad.ops.expression import guarded

CATEGORY = "Arithmetic"


@node(symbol="+", infix="+", precedence=Precedence.ADD, associative=True, category=CATEGORY)
def add(x: Array, y: Array) -> Array:
    """Sum x + y, elementwise with NumPy broadcasting."""
    return x + y


@add.partials
def _(x: Array, y: Array, out: Array) -> Array:
    return 1.0, 1.0


@node(
    symbol="−",
    infix="-",
    latex="{x} - {y}",
    precedence=Precedence.ADD,
    category=CATEGORY,
    label="subtract",
)
def sub(x: Array, y: Array) -> Array:
    """Difference x − y, elementwise with NumPy broadcasting."""
    return x - y


@sub.partials
def _(x: Array, y: Array, out: Array) -> Array:
    return 1.0, -1.0


@node(
    symbol="·",
    infix="*",
    latex=r"{x} \cdot {y}",
    precedence=Precedence.MULTIPLY,
    associative=True,
    category=CATEGORY,
    label="multiply",
)
def mul(x: Array, y: Array) -> Array:
    """Product x·y, elementwise with NumPy broadcasting."""
    return x * y


@mul.partials
def _(x: Array, y: Array, out: Array) -> Array:
    return y, x


@node(
    symbol="/",
    infix="/",
    latex=r"\frac{{x.bare}}{{y.bare}}",
    precedence=Precedence.MULTIPLY,
    category=CATEGORY,
    label="divide",
    domain=((-2.0, 2.0), (0.5, 2.0)),
    kinks="Not defined where the divisor is 0; the partials are infinite or nan there.",
)
def div(x: Array, y: Array) -> Array:
    """Quotient x / y, elementwise with NumPy broadcasting."""
    return np.divide(x, y)


@div.partials
def _(x: Array, y: Array, out: Array) -> Array:
    return 1 / y, -out / y


@node(
    symbol="−",
    infix="-",
    latex="-{x}",
    precedence=Precedence.NEGATE,
    category=CATEGORY,
    label="negate",
)
def neg(x: Array) -> Array:
    """Negative −x of every element."""
    return -x


@neg.partials
def _(x: Array, out: Array) -> Array:
    return -1.0


@node(
    symbol="xʸ",
    infix="**",
    text="{x.atom}{y.sup}",
    latex="{{x.atom}}^{{y.bare}}",
    precedence=Precedence.POWER,
    category=CATEGORY,
    label="power",
    domain=((0.3, 2.0), (-2.0, 2.0)),
    kinks=(
        "For x < 0 and a fractional y the value is nan. At y = 0 the partial to x is 0; "
        "at x = 0 and y ≥ 0 the partial to y is 0; for x < 0 it is nan."
    ),
)
def pow_(x: Array, y: Array) -> Array:
    """Power x^y, elementwise with NumPy broadcasting; nan for x < 0 and a fractional y."""
    return np.power(x, y)


@pow_.partials
def _(x: Array, y: Array, out: Array) -> Array:
    return (
        guarded(y * x ** (y - 1), y == 0, 0.0),
        guarded(out * np.log(x), (x == 0) * (y >= 0), 0.0),
    )


@node(
    symbol="1/x",
    text="1/{x.atom}",
    latex=r"\frac{1}{{x.bare}}",
    precedence=Precedence.MULTIPLY,
    category=CATEGORY,
    domain=((0.5, 2.0),),
    kinks="Not defined at 0; the partial is −∞ there.",
)
def reciprocal(x: Array) -> Array:
    """Reciprocal 1/x of every element."""
    return np.reciprocal(x)


@reciprocal.partials
def _(x: Array, out: Array) -> Array:
    return -1 / x**2


@node(
    symbol="|x|",
    text="|{x.bare}|",
    latex=r"\left|{x.bare}\right|",
    category=CATEGORY,
    label="absolute value",
    analytic=False,
    kinks="No derivative at 0; 0 is used there.",
)
def abs_(x: Array) -> Array:
    """Absolute value |x| of every element."""
    return np.absolute(x)


@abs_.partials
def _(x: Array, out: Array) -> Array:
    return np.sign(x)


@node(category=CATEGORY, analytic=False, kinks="Jumps at 0; the derivative 0 is used there too.")
def sign(x: Array) -> Array:
    """Sign of every element: −1, 0 or 1."""
    return np.sign(x)


@sign.partials
def _(x: Array, out: Array) -> Array:
    return 0.0


@node(
    symbol="⌊x⌋",
    text="⌊{x.bare}⌋",
    latex=r"\left\lfloor {x.bare} \right\rfloor",
    category=CATEGORY,
    analytic=False,
    kinks="Jumps at whole numbers; the derivative 0 is used there too.",
)
def floor(x: Array) -> Array:
    """Largest whole number not above x, for every element."""
    return np.floor(x)


@floor.partials
def _(x: Array, out: Array) -> Array:
    return 0.0


@node(
    latex=r"\min\left({x.bare}, {y.bare}\right)",
    text="min({x.bare}, {y.bare})",
    category=CATEGORY,
    analytic=False,
    kinks="Where x = y each partial is ½.",
)
def minimum(x: Array, y: Array) -> Array:
    """Smaller of x and y, elementwise with NumPy broadcasting."""
    return np.minimum(x, y)


@minimum.partials
def _(x: Array, y: Array, out: Array) -> Array:
    return guarded(x < y, x == y, 0.5), guarded(x > y, x == y, 0.5)


@node(
    latex=r"\max\left({x.bare}, {y.bare}\right)",
    text="max({x.bare}, {y.bare})",
    category=CATEGORY,
    analytic=False,
    kinks="Where x = y each partial is ½.",
)
def maximum(x: Array, y: Array) -> Array:
    """Larger of x and y, elementwise with NumPy broadcasting."""
    return np.maximum(x, y)


@maximum.partials
def _(x: Array, y: Array, out: Array) -> Array:
    return guarded(x > y, x == y, 0.5), guarded(x < y, x == y, 0.5)


@node(
    symbol="x²",
    text="{x.atom}²",
    latex="{{x.atom}}^{2}",
    precedence=Precedence.POWER,
    category=CATEGORY,
)
def square(x: Array) -> Array:
    """Square x² of every element."""
    return np.square(x)


@square.partials
def _(x: Array, out: Array) -> Array:
    return 2 * x


@node(
    symbol="√",
    text="√{x.atom}",
    latex=r"\sqrt{{x.bare}}",
    precedence=Precedence.POWER,
    category=CATEGORY,
    label="square root",
    domain=((0.2, 3.0),),
    kinks="At 0 the derivative is infinite; nan for negative numbers.",
)
def sqrt(x: Array) -> Array:
    """Square root √x of every element."""
    return np.sqrt(x)


@sqrt.partials
def _(x: Array, out: Array) -> Array:
    return 1 / (2 * out)


@node(
    category=CATEGORY,
    analytic=False,
    kinks="At both ends the derivative is 1, outside 0.",
)
def clip(x: Array, *, minimum: float | None = 0.0, maximum: float | None = 1.0) -> Array:
    """Every element kept between `minimum` and `maximum`; None leaves that side open."""
    return np.clip(x, minimum, maximum)


@clip.partials
def _(x: Array, out: Array, *, minimum: float | None, maximum: float | None) -> Array:
    if minimum is None:
        return 1.0 if maximum is None else x <= maximum
    return x >= minimum if maximum is None else (x >= minimum) * (x <= maximum)


@node(
    category=CATEGORY,
    analytic=False,
    kinks="No derivative where both are 0; nan is used there.",
)
def hypot(x: Array, y: Array) -> Array:
    """Length √(x² + y²) of the vector (x, y), without overflow on the way."""
    return np.hypot(x, y)


@hypot.partials
def _(x: Array, y: Array, out: Array) -> Array:
    return x / out, y / out
