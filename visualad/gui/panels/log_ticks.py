"""Marks on a logarithmic axis that never touch: decades, with as many between as there is room."""

from __future__ import annotations

import math
from itertools import pairwise

from visualad.ops.writing import number_text

APART = 22.0  # px between two marks, so that their labels have room
# Marks within a decade, from many to few; then every so many decades.
_WITHIN = (
    (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 5, 7),
    (1, 2, 5),
    (1, 3),
    (1,),
)
_DECADES = (2, 3, 5, 10, 20, 50, 100)
_STEPS = (0.1, 0.2, 0.5, 1.0)  # of a range too narrow for any of these
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def log_ticks(low: float, high: float, size: float, apart: float = APART) -> list[float]:
    """Exponents of ten at which an axis from 10^low to 10^high has marks, ascending.

    Args:
        size: length of the axis in px.
        apart: least distance between two marks in px.
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low or size <= 0:
        return []
    least = apart * (high - low) / size
    decades = range(math.floor(low), math.ceil(high) + 1)
    for within in _WITHIN:
        marks = [n + math.log10(m) for n in decades for m in within]
        shown = [mark for mark in marks if low <= mark <= high]
        if all(b - a >= least for a, b in pairwise(shown)):
            return shown if len(shown) > 1 else _evenly(low, high, least)
    for every in _DECADES:
        if every >= least:
            return [float(n) for n in decades if n % every == 0 and low <= n <= high]
    return []


def _evenly(low: float, high: float, least: float) -> list[float]:
    """Round numbers of a range within which there is no more than one mark."""
    bottom, top = 10.0**low, 10.0**high
    size = 10.0 ** math.ceil(math.log10(top - bottom))
    for share in _STEPS:
        step = share * size
        first, last = math.ceil(bottom / step), math.floor(top / step)
        marks = [math.log10(n * step) for n in range(first, last + 1) if n > 0]
        if all(b - a >= least for a, b in pairwise(marks)):
            return marks
    return []


def log_label(exponent: float) -> str:
    """What stands at a mark: `0.05`, `300`, `10⁻⁶`, `3·10⁻⁶`."""
    if -3.001 <= exponent < 4:
        return number_text(10.0**exponent, 4)
    power = math.floor(exponent + 1e-9)
    raised = f"10{str(power).translate(_SUPERSCRIPTS)}"
    figure = number_text(10.0 ** (exponent - power), 2)
    return raised if figure == "1" else f"{figure}·{raised}"
