"""Points in the plane that somebody drew with the mouse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import VisualADError

DRAWN = "drawn points"  # the name of such a data set
MOST_POINTS = 5000

Array = NDArray[np.float64]


def drawn_points(
    settings: Mapping[str, Any], seed: int, fraction: float
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Points (N, 2), their targets (N, 1), and which of them are kept for testing (N,).

    A point keeps its part when more are drawn: the n-th is for testing when the n-th random
    number of the seed is below the fraction. The first is for training.

    Args:
        settings: `graph.training["data"]`; its "points" are [x1, x2, target] each.

    Raises:
        VisualADError: if there is no point, or they are no such points.
    """
    try:
        table = np.array(settings.get("points") or np.zeros((0, 3)), dtype=np.float64)
    except (TypeError, ValueError):
        table = np.zeros(0)
    if table.ndim != 2 or table.shape[1] != 3 or not np.isfinite(table).all():
        raise VisualADError("The drawn points are damaged; draw them again in the decision map.")
    if not len(table):
        raise VisualADError("No points are drawn yet; draw some in the decision map.")
    if not 0 <= fraction < 1:
        raise VisualADError(
            f"The test fraction must be at least 0 and less than 1, not {fraction:g}."
        )
    tested = np.random.default_rng(seed).random(len(table)) < fraction
    tested[0] = False
    return table[:, :2], table[:, 2:], tested
