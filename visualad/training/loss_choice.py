"""Whether a loss fits the targets, before its numbers mislead."""

from __future__ import annotations

from visualad.training.datasets import Dataset

SIGNS = ("hinge",)  # margins: classes are -1 and 1
SHARES = ("binary_cross_entropy",)  # targets are probabilities
CLASSES = ("cross_entropy",)


def loss_misfit(loss: str, data: Dataset, outputs: int | None) -> str:
    """One sentence on why a loss makes no sense with these targets; "" when it does.

    Args:
        outputs: of the network, None if not known.
    """
    called = loss.replace("_", " ").capitalize()
    whose = data.name or "the data"
    low, high = float(data.y.min()), float(data.y.max())
    if loss in SHARES and (low < 0 or high > 1):
        return (
            f"{called} needs targets between 0 and 1, but those of {whose} go "
            f"from {low:g} to {high:g}."
        )
    if loss in SIGNS and low == 0 and high == 1:
        return f"{called} needs the classes −1 and 1, but those of {whose} are 0 and 1."
    if loss in CLASSES and outputs == 1:
        return f"{called} compares several classes; a network with one output has none to compare."
    return ""
