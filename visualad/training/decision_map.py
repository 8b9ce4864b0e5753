"""What a network answers everywhere: in the plane of two inputs, or along the line of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.training.datasets import Dataset
from visualad.training.features import feature_columns
from visualad.training.trainer import Trainer

SIZE = 50  # grid points in each direction
LINE = 200  # points along the line of a single input


@dataclass(frozen=True, eq=False)
class Places:
    """Points spread over the range of one input or two.

    Attributes:
        inputs: what the network gets there, (n, d).
        shape: (rows, columns) of the plane, rows the second input; (LINE,) of the line.
    """

    inputs: NDArray[np.float64]
    shape: tuple[int, ...]


def map_places(
    data: Dataset, bounds: Sequence[tuple[float, float]] = (), size: int = SIZE
) -> Places | None:
    """Where a map asks the network: a grid that spans the bounds; None for more than two inputs.

    Args:
        bounds: for each input; the data's own for ().
    """
    inputs = 2 if data.features else data.x.shape[1]
    if inputs not in (1, 2):
        return None
    axes = [np.linspace(*ends, LINE if inputs == 1 else size) for ends in bounds or data.bounds()]
    if inputs == 1:
        return Places(axes[0][:, None], (LINE,))
    across, up = np.meshgrid(*axes)
    places = np.column_stack([across.ravel(), up.ravel()])
    if data.features:
        places = feature_columns(places, data.features)
    return Places(places, (size, size))


def decision_map(trainer: Trainer, data: Dataset, size: int = SIZE) -> NDArray[Any] | None:
    """The network's output on a grid that spans `data.bounds()`.

    Returns:
        For two inputs (size, size): rows are the second input, columns the first, both ascending;
        (size, size, k) for k > 1 outputs. For one input (LINE,) or (LINE, k). None for more inputs,
        or when the loss hides the output.
    """
    places = map_places(data, size=size)
    if places is None:
        return None
    outputs = trainer.predict(places.inputs)
    if outputs is None or np.ndim(outputs) == 0 or len(outputs) != len(places.inputs):
        return None
    shaped = outputs.reshape(*places.shape, -1)
    return shaped[..., 0] if shaped.shape[-1] == 1 else shaped
