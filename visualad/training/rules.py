"""Everything about a run beside graph, data and optimiser: schedule, penalty, limits, its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from visualad.errors import VisualADError
from visualad.training.regularization import Clipping, Penalty
from visualad.training.schedules import Constant, Schedule, schedule_from
from visualad.training.stepping import NUMBERS, check_positive, is_count

SHUFFLED, CARRIED = "shuffled", "carried"
ORDERS = (SHUFFLED, CARRIED)


@dataclass(frozen=True)
class Stopping:
    """When a run ends by itself.

    Attributes:
        patience: after so many epochs in which the loss found no new minimum; it is the test loss
            where there is a test part. The parameters of the best epoch are then restored.
        loss_below: as soon as that loss is below.
        seconds: after so long.

    Raises:
        VisualADError: for conditions that make no sense.
    """

    patience: int | None = None
    loss_below: float | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        patience = self.patience
        if patience is not None and not is_count(patience):
            raise VisualADError(
                f"The patience must be a whole number of epochs from 1 on, not {patience!r}."
            )
        if self.loss_below is not None and not isinstance(self.loss_below, NUMBERS):
            raise VisualADError(f"'Loss below' must be a number, not {self.loss_below!r}.")
        if self.seconds is not None:
            check_positive("number of seconds", self.seconds)


@dataclass(frozen=True)
class Rules:
    """How a run goes.

    Attributes:
        schedule: of the learning rate.
        penalty: on the weights; None for none.
        clipping: of the gradient.
        stopping: when it ends by itself.
        order: "shuffled" anew in each epoch, the last batch smaller where the samples do not fill
            it; or "carried": never shuffled, and what does not fill a batch is added to the first
            one of the next epoch, as in TensorFlow Playground.
    """

    schedule: Schedule = field(default_factory=Constant)
    penalty: Penalty | None = None
    clipping: Clipping = field(default_factory=Clipping)
    stopping: Stopping = field(default_factory=Stopping)
    order: str = SHUFFLED

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise VisualADError(
                f"The order of the samples is {' or '.join(ORDERS)}, not {self.order!r}."
            )


def rules_from(settings: Mapping[str, Any], epochs: int | None = None) -> Rules:
    """The rules that `graph.training` describes.

    Its keys: schedule, regularization ("none", "l1", "l2"), regularization_rate,
    regularization_apart, clip_norm, clip_value, patience, loss_below, seconds, order.

    Raises:
        VisualADError: for what makes no sense.
    """
    kind = settings.get("regularization") or "none"
    penalty = None
    if kind != "none":
        rate = settings.get("regularization_rate") or 0.0
        penalty = Penalty(kind, rate, bool(settings.get("regularization_apart", False)))
    return Rules(
        schedule_from(settings.get("schedule"), epochs or settings.get("epochs")),
        penalty if penalty is not None and penalty.rate else None,
        Clipping(settings.get("clip_norm"), settings.get("clip_value")),
        Stopping(*(settings.get(key) for key in ("patience", "loss_below", "seconds"))),
        settings.get("order") or SHUFFLED,
    )
