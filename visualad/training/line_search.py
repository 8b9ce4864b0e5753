"""How far to go along a direction: a length that fulfils the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable

DECREASE, CURVATURE = 1e-4, 0.9
MOST_TRIALS = 40
GROWTH = 2.0

Along = Callable[[float], tuple[float, float]]


def strong_wolfe(along: Along, value: float, slope: float, first: float) -> float:
    """A length a > 0 with f(a) ≤ f(0) + c1·a·f'(0) and |f'(a)| ≤ c2·|f'(0)|.

    Nocedal and Wright, "Numerical Optimization", algorithms 3.5 and 3.6.

    Args:
        along: length -> value and slope there; an infinite value counts as too far.
        value, slope: at length 0; the slope is negative.
        first: the length to try first.

    Returns:
        The length; where rounding leaves none, the best one found; 0 if none is better.
    """
    low = (0.0, value, slope)
    best = low
    length = first
    for trial in range(MOST_TRIALS):
        found = (length, *along(length))
        if found[1] < best[1]:
            best = found
        too_high = found[1] > value + DECREASE * length * slope
        if too_high or (trial and found[1] >= low[1]) or not math.isfinite(found[2]):
            return _zoom(along, value, slope, low, found, best, MOST_TRIALS - trial)
        if abs(found[2]) <= -CURVATURE * slope:
            return length
        if found[2] >= 0:
            return _zoom(along, value, slope, found, low, best, MOST_TRIALS - trial)
        low = found
        length *= GROWTH
    return best[0]


Point = tuple[float, float, float]  # length, value, slope


def _zoom(
    along: Along, value: float, slope: float, low: Point, high: Point, best: Point, trials: int
) -> float:
    """Narrow an interval in which acceptable lengths lie; `low` is its better end."""
    for _ in range(trials):
        length = _between(low, high)
        if length in (low[0], high[0]):
            break
        found = (length, *along(length))
        if found[1] < best[1]:
            best = found
        if found[1] > value + DECREASE * length * slope or not found[1] < low[1]:
            high = found
            continue
        if abs(found[2]) <= -CURVATURE * slope:
            return length
        if found[2] * (high[0] - low[0]) >= 0:
            high = low
        low = found
    return best[0]


def _between(low: Point, high: Point) -> float:
    """The minimum of the cubic through both ends, kept away from them; else the middle."""
    (a, fa, ga), (b, fb, gb) = low, high
    middle = 0.5 * (a + b)
    if not all(map(math.isfinite, (fb, gb))):
        return a + 0.1 * (b - a)
    d1 = ga + gb - 3 * (fa - fb) / (a - b)
    square = d1 * d1 - ga * gb
    if not square >= 0:
        return middle
    d2 = math.copysign(math.sqrt(square), b - a)
    bottom = gb - ga + 2 * d2
    if bottom == 0:
        return middle
    length = b - (b - a) * (gb + d2 - d1) / bottom
    margin = 0.1 * abs(b - a)
    return length if min(a, b) + margin <= length <= max(a, b) - margin else middle
