"""What a network with two inputs answers everywhere in the plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.training.datasets import Dataset
from visualad.training.trainer import Trainer

SIZE = 50  # grid points in each direction


def grid_axes(data: Dataset, size: int = SIZE) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates of the grid's columns (first input) and rows (second input), both ascending.

    They span `data.bounds()`; the first and the last lie on its ends.
    """
    (left, right), (low, high) = data.bounds()
    return np.linspace(left, right, size), np.linspace(low, high, size)


def decision_map(trainer: Trainer, data: Dataset, size: int = SIZE) -> NDArray[Any] | None:
    """The network's output on the grid: rows are the second input, columns the first.

    Returns:
        (size, size), or (size, size, k) for k > 1 outputs; None without exactly two inputs, or
        when the loss hides the output.
    """
    if data.x.shape[1] != 2:
        return None
    columns, rows = grid_axes(data, size)
    across, up = np.meshgrid(columns, rows)
    outputs = trainer.predict(np.column_stack([across.ravel(), up.ravel()]))
    if outputs is None or len(outputs) != size * size:
        return None
    shaped = outputs.reshape(size, size, -1)
    return shaped[:, :, 0] if shaped.shape[2] == 1 else shaped
