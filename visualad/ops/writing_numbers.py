"""How numbers and arrays are read: the one place that rounds for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.ops.declaration import Precedence
from visualad.ops.expression import Expression, Name, Number

# Beyond these a number is written with an exponent, as 1.2e-09.
_SMALLEST, _LARGEST = 1e-3, 1e6
# Arrays up to this many numbers are listed, larger ones are named by their shape.
_LISTED = 4


@dataclass(frozen=True)
class NamedConstant:
    """A number that formulas show by its name: π, √2."""

    text: str
    latex: str
    precedence: Precedence


_ATOM, _POWER, _MULTIPLY = Precedence.ATOM, Precedence.POWER, Precedence.MULTIPLY
CONSTANTS = {
    math.pi: NamedConstant("π", r"\pi", _ATOM),
    math.e: NamedConstant("e", "e", _ATOM),
    math.sqrt(2): NamedConstant("√2", r"\sqrt{2}", _POWER),
    2 / math.sqrt(math.pi): NamedConstant("2/√π", r"\frac{2}{\sqrt{\pi}}", _MULTIPLY),
    1 / math.sqrt(2 * math.pi): NamedConstant("1/√(2π)", r"\frac{1}{\sqrt{2\pi}}", _MULTIPLY),
}


def number_text(value: Any, digits: int = 4) -> str:
    """A value as a person reads it: `5.977`, `-3.805`, `1.2e-09`, `nan`, `∞`, `3×2 array`.

    Args:
        value: a number, a truth value, an array of these, or a mapping of values, one for each
            name, of which only the values are written: `(14.78, 7.389, 0)`.
        digits: significant digits; digits before the point are never dropped below a million.
    """
    if isinstance(value, Mapping):
        return f"({', '.join(number_text(x, digits) for x in value.values())})"
    array = np.asarray(value)
    if array.ndim == 0:
        return _scalar_text(float(array), digits)
    if array.size == 0:
        return f"empty {_shape_text(array.shape)} array"
    if array.size > _LISTED:
        return f"{_shape_text(array.shape)} array"
    return _listed(array, digits)


def number_pretty(value: Any, digits: int = 4) -> str:
    """The same with the minus of typesetting, as wide as a plus: `−3.805`, `1.2e−09`."""
    return number_text(value, digits).replace("-", "−")


def number_latex(value: Any, digits: int = 4) -> str:
    r"""The same for LaTeX: `1.2 \cdot 10^{-9}`, small matrices in parentheses."""
    if isinstance(value, Mapping):
        written = r",\ ".join(number_latex(x, digits) for x in value.values())
        return f"({written})"
    array = np.asarray(value)
    if array.ndim == 0:
        return _scalar_latex(float(array), digits)
    if array.size == 0 or array.size > _LISTED or array.ndim > 2:
        return rf"\text{{{number_text(value, digits)}}}"
    rows = np.atleast_2d(array)
    body = r" \\ ".join(" & ".join(_scalar_latex(float(x), digits) for x in row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def number_plain(value: float) -> str:
    """A number as Python reads it back exactly: `2`, `0.1`, `1e+16`, `inf`."""
    if value == math.pi:
        return "pi"
    text = repr(float(value))
    return text.removesuffix(".0") if text != "-0.0" else text


def value_expression(value: Any) -> Expression:
    """A value to stand in a formula: a number, or an array by what `number_text` says of it."""
    array = np.asarray(value)
    if array.ndim == 0:
        return Number(float(array))
    return Name(number_text(array), number_latex(array))


def has_exponent(value: float) -> bool:
    """Whether the number is written with a power of ten."""
    return math.isfinite(value) and value != 0 and not _SMALLEST <= abs(value) < _LARGEST


def _scalar_text(value: float, digits: int) -> str:
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    if has_exponent(value):
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{_without_zeros(mantissa)}e{exponent}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return _without_zeros(f"{value:.{decimals}f}")


def _scalar_latex(value: float, digits: int) -> str:
    text = _scalar_text(value, digits).replace("∞", r"\infty").replace("nan", r"\mathrm{nan}")
    if "e" not in text or not math.isfinite(value):
        return text
    mantissa, exponent = text.split("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _shape_text(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _listed(array: Any, digits: int) -> str:
    """Nested lists with rounded numbers; arrays have few axes, but any number is fine."""
    parts = [_scalar_text(float(x), digits) for x in array.ravel()]
    for length in reversed(array.shape):
        parts = [f"[{', '.join(parts[i : i + length])}]" for i in range(0, len(parts), length)]
    return parts[0]
