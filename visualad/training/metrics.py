"""Numbers beside the loss that say how good predictions are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.training.datasets import CLASSIFICATION

# Losses whose outputs are logits: an output above 0 means a probability above one half.
LOGIT_LOSSES = frozenset({"binary_cross_entropy", "cross_entropy"})

Table = NDArray[np.floating[Any]]


def accuracy(outputs: Table, targets: Table, loss: str = "") -> float:
    """Share of the samples whose class is predicted, from 0 to 1.

    With one output the class is the side of the threshold on which it lies: 0 between the classes
    -1 and 1 and for logits, ½ between 0 and 1. With several outputs it is the largest one; targets
    are then one-hot rows or class indices.

    Args:
        outputs: (N, k); targets: (N, k), or (N, 1) for class indices.
        loss: operation of the loss, to know logits.
    """
    if not len(targets):
        return float("nan")
    outputs = outputs.reshape(len(targets), -1)
    targets = targets.reshape(len(targets), -1)
    if outputs.shape[1] > 1:
        chosen = outputs.argmax(axis=1)
        wanted = targets.argmax(axis=1) if targets.shape[1] > 1 else targets[:, 0]
        return float(np.mean(chosen == wanted))
    threshold, middle = _thresholds(targets, loss)
    return float(np.mean((outputs > threshold) == (targets > middle)))


def confusion_matrix(outputs: Table, targets: Table, loss: str = "") -> NDArray[np.int64]:
    """How many samples of each class (row) were predicted to be of which class (column).

    Classes are as for `accuracy`; with one output the lower class comes first.

    Args:
        outputs: (N, k); targets: (N, k), or (N, 1) for class indices.
        loss: operation of the loss, to know logits.
    """
    outputs = outputs.reshape(len(targets), -1)
    targets = targets.reshape(len(targets), -1)
    if outputs.shape[1] > 1:
        chosen = outputs.argmax(axis=1)
        wanted = targets.argmax(axis=1) if targets.shape[1] > 1 else targets[:, 0].astype(int)
        count = outputs.shape[1]
    else:
        threshold, middle = _thresholds(targets, loss)
        chosen = (outputs[:, 0] > threshold).astype(int)
        wanted = (targets[:, 0] > middle).astype(int)
        count = 2
    return np.bincount(wanted * count + chosen, minlength=count * count).reshape(count, count)


def class_threshold(targets: Table, loss: str = "") -> float:
    """The output of a single one above which it means the upper class; see `accuracy`."""
    return _thresholds(targets, loss)[0]


def _thresholds(targets: Table, loss: str) -> tuple[float, float]:
    """Where the upper class begins, for outputs and for targets."""
    are_signs = bool(np.any(targets < 0))
    return (
        0.0 if are_signs or loss in LOGIT_LOSSES else 0.5,
        0.0 if are_signs else 0.5,
    )


def has_classes(task: str, loss: str) -> bool:
    """Whether the targets are classes."""
    return task == CLASSIFICATION or loss == "cross_entropy"


def measures(outputs: Table, targets: Table, task: str, loss: str = "") -> dict[str, float]:
    """All metrics that fit the task, by name: accuracy for classes, R² for regression."""
    if has_classes(task, loss):
        return {"accuracy": accuracy(outputs, targets, loss)}
    return {"R²": determination(outputs, targets)}


def determination(outputs: Table, targets: Table) -> float:
    """The coefficient of determination R² = 1 - Σ (o - y)² / Σ (y - ȳ)²; 1 is perfect, 0 no use."""
    outputs = outputs.reshape(targets.shape)
    spread = float(np.sum((targets - targets.mean(axis=0)) ** 2)) if len(targets) else 0.0
    if spread == 0:
        return float("nan")
    return 1 - float(np.sum((outputs - targets) ** 2)) / spread
