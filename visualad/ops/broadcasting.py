"""The one place where broadcasting is undone: adjoints are summed over the axes of the spread."""

from __future__ import annotations

from typing import Any

import numpy as np


def unbroadcast(array: Any, shape: tuple[int, ...]) -> Any:
    """The adjoint of a value of `shape` that was broadcast to the shape of `array`.

    Args:
        array: what arrived, of the broadcast shape; a scalar stands for an array full of it.
        shape: the shape of the value before broadcasting.

    Returns:
        An array of exactly `shape` (a NumPy scalar for the shape `()`).
    """
    array = np.asarray(array) if not isinstance(array, np.ndarray | np.generic) else array
    given = array.shape
    if given == shape:
        return array
    extra = len(given) - len(shape)
    if extra > 0:
        array = array.sum(axis=tuple(range(extra)))
    elif extra < 0:
        array = array.reshape((1,) * -extra + given)
    spread = tuple(i for i, n in enumerate(shape) if n == 1 and array.shape[i] != 1)
    if spread:
        array = array.sum(axis=spread, keepdims=True)
    if array.shape != shape:  # a partial that is the same everywhere came as fewer numbers
        array = np.broadcast_to(array, shape)
    return array
