"""Curves cut into pieces, so that of a long edge only what is in sight is drawn.

Qt strokes a whole curve even where one pixel of it is asked for, which is nearly all of the time
that painting takes. The pieces are the same curve, and each is drawn alike whichever others are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from visualad.exchange.routes import Route

MOST = 64  # pieces of a segment
_EXTENTS = {1: 100.0, 8: 640.0, MOST: np.inf}  # up to which a segment has so many pieces


def _shares(count: int) -> Any:
    """Matrices (count, 4, 4) from the control points of a cubic curve to those of its parts.

    Blossoming (Farin, "Curves and Surfaces for CAGD"): the control points on [a, b] are the
    polar values at (a, a, a), (a, a, b), (a, b, b) and (b, b, b).
    """

    def polar(u: float, v: float, w: float) -> list[float]:
        return [
            (1 - u) * (1 - v) * (1 - w),
            u * (1 - v) * (1 - w) + (1 - u) * v * (1 - w) + (1 - u) * (1 - v) * w,
            u * v * (1 - w) + u * (1 - v) * w + (1 - u) * v * w,
            u * v * w,
        ]

    ends = np.linspace(0.0, 1.0, count + 1).tolist()
    return np.array(
        [
            [polar(a, a, a), polar(a, a, b), polar(a, b, b), polar(b, b, b)]
            for a, b in pairwise(ends)
        ]
    )


_MATRICES = {count: _shares(count) for count in _EXTENTS}


def segments(routes: Sequence[Route]) -> Any:
    """The cubic segments of routes one after another, (n, 4, 2)."""
    found = [route[i : i + 4] for route in routes for i in range(0, len(route) - 1, 3)]
    return np.array(found, dtype=float).reshape(-1, 4, 2)


def cut(curves: Any) -> tuple[Any, Any]:
    """Pieces (n, MOST, 4, 2) of segments (n, 4, 2), and their rectangles (n, MOST, 4).

    A short segment has fewer pieces; the rectangles of those it lacks contain nothing.
    """
    pieces = np.zeros((len(curves), MOST, 4, 2))
    boxes = np.empty((len(curves), MOST, 4))
    boxes[..., :2], boxes[..., 2:] = np.inf, -np.inf
    extents = np.ptp(curves, axis=1).max(axis=1)
    counts = np.array(list(_EXTENTS))[np.searchsorted(list(_EXTENTS.values()), extents)]
    for count, matrices in _MATRICES.items():
        chosen = counts == count
        if chosen.any():
            made = np.einsum("kij,sjd->skid", matrices, curves[chosen])
            pieces[chosen, :count] = made
            boxes[chosen, :count, :2] = made.min(axis=2)
            boxes[chosen, :count, 2:] = made.max(axis=2)
    return pieces, boxes
