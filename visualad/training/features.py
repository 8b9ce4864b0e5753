"""Input columns made of points in the plane: the seven features of TensorFlow Playground."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from visualad.errors import VisualADError

Array = NDArray[np.float64]

# By name; x and y are its X1 and X2 (`src/playground.ts`, INPUTS).
FEATURES: Mapping[str, Callable[[Array, Array], Array]] = MappingProxyType(
    {
        "x1": lambda x, y: x,
        "x2": lambda x, y: y,
        "x1^2": lambda x, y: x * x,
        "x2^2": lambda x, y: y * y,
        "x1*x2": lambda x, y: x * y,
        "sin x1": lambda x, y: np.sin(x),
        "sin x2": lambda x, y: np.sin(y),
    }
)


def feature_columns(points: Array, features: Sequence[str]) -> Array:
    """One column for each feature of points (N, 2).

    Raises:
        VisualADError: if they are no points in the plane, or for an unknown feature.
    """
    if points.shape[1] != 2:
        raise VisualADError(
            f"Features are made of points in the plane, but the data have {points.shape[1]} input "
            "columns."
        )
    unknown = [name for name in features if name not in FEATURES]
    if unknown or not features:
        wrong = f"There is no feature '{unknown[0]}'" if unknown else "There is no feature given"
        raise VisualADError(f"{wrong}; take some of {', '.join(FEATURES)}.")
    return np.column_stack([FEATURES[name](points[:, 0], points[:, 1]) for name in features])
