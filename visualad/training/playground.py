"""The preset with which a graph learns exactly as in TensorFlow Playground."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from visualad.errors import VisualADError
from visualad.training.display import DISPLAY

# Its update rule (`src/nn.ts`, updateWeights): the gradient of ½(o - y)², averaged over the batch;
# the penalty a step of its own from the weight before; batches in a fixed order, carried over.
PRESET: Mapping[str, Any] = MappingProxyType(
    {
        "optimizer": "sgd",
        "learning_rate": 0.03,
        "momentum": 0.0,
        "nesterov": False,
        "batch_size": 10,
        "loss": "half_squared_error",
        "order": "carried",
        "schedule": None,
        "regularization": "none",
        "regularization_rate": 0.0,
        "regularization_apart": True,
        "clip_norm": None,
        "clip_value": None,
    }
)
# What is kept of the settings that one has.
KNOBS = ("learning_rate", "batch_size", "regularization", "regularization_rate")


def playground_settings(training: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """`graph.training` with which the same graph and data learn as in TensorFlow Playground.

    Args:
        training: as it is; data and number of epochs are kept.
        changes: of Playground's knobs: learning_rate, batch_size, regularization,
            regularization_rate; its defaults otherwise.

    Raises:
        VisualADError: for anything that is no knob of Playground.
    """
    for key in changes:
        if key not in KNOBS:
            raise VisualADError(f"TensorFlow Playground has no '{key}'; it has {', '.join(KNOBS)}.")
    own = ("data", "epochs", "backend", *DISPLAY)
    kept = {key: training[key] for key in own if key in training}
    return {**kept, **PRESET, **changes}
