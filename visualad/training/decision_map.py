"""What a network answers everywhere: in the plane of two inputs, or along the line of one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.training.datasets import Dataset
from visualad.training.features import feature_columns
from visualad.training.trainer import Trainer

SIZE = 50  # grid points in each direction
LINE = 200  # points along the line of a single input


def grid_axes(data: Dataset, size: int = SIZE) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates of the grid's columns (first input) and rows (second input), both ascending.

    They span `data.bounds()`; the first and the last lie on its ends.
    """
    (left, right), (low, high) = data.bounds()
    return np.linspace(left, right, size), np.linspace(low, high, size)


def decision_map(trainer: Trainer, data: Dataset, size: int = SIZE) -> NDArray[Any] | None:
    """The network's output on a grid that spans `data.bounds()`.

    Returns:
        For two inputs (size, size): rows are the second input, columns the first, both ascending;
        (size, size, k) for k > 1 outputs. For one input (LINE,) or (LINE, k). None for more inputs,
        or when the loss hides the output.
    """
    inputs = 2 if data.features else data.x.shape[1]
    if inputs == 1:
        ((left, right),) = data.bounds()
        places = np.linspace(left, right, LINE)[:, None]
        shape: tuple[int, ...] = (LINE,)
    elif inputs == 2:
        columns, rows = grid_axes(data, size)
        across, up = np.meshgrid(columns, rows)
        places = np.column_stack([across.ravel(), up.ravel()])
        shape = (size, size)
    else:
        return None
    if data.features:
        places = feature_columns(places, data.features)
    outputs = trainer.predict(places)
    if outputs is None or np.ndim(outputs) == 0 or len(outputs) != len(places):
        return None
    shaped = outputs.reshape(*shape, -1)
    return shaped[..., 0] if shaped.shape[-1] == 1 else shaped
