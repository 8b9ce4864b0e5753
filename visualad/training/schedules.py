"""How the learning rate changes from epoch to epoch.

A schedule gives the factor by which the optimiser's own learning rate is multiplied. The formulas
are those of `torch.optim.lr_scheduler`, stepped once in each epoch.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from visualad.errors import VisualADError
from visualad.training.stepping import check_from_zero, check_positive, check_share, is_count


class Schedule(Protocol):
    """What multiplies the learning rate."""

    def factor(self, epoch: int) -> float:
        """For the updates after so many complete epochs."""


@dataclass(frozen=True)
class Constant:
    """Always the same learning rate."""

    def factor(self, epoch: int) -> float:
        """1."""
        return 1.0


@dataclass(frozen=True)
class StepDecay:
    """Every so many epochs times `decay`, as `StepLR`."""

    every: int = 30
    decay: float = 0.1

    def __post_init__(self) -> None:
        _check_epochs("every", self.every)
        check_from_zero("decay of the schedule", self.decay)

    def factor(self, epoch: int) -> float:
        """decay^⌊epoch / every⌋."""
        return float(self.decay ** (epoch // self.every))


@dataclass(frozen=True)
class ExponentialDecay:
    """Times `decay` in each epoch, as `ExponentialLR`."""

    decay: float = 0.99

    def __post_init__(self) -> None:
        check_from_zero("decay of the schedule", self.decay)

    def factor(self, epoch: int) -> float:
        """decay^epoch."""
        return float(self.decay**epoch)


@dataclass(frozen=True)
class Cosine:
    """Half a cosine from 1 to `floor` within `epochs`, as `CosineAnnealingLR`; then it stays."""

    epochs: int = 100
    floor: float = 0.0

    def __post_init__(self) -> None:
        _check_epochs("epochs", self.epochs)
        check_from_zero("floor of the schedule", self.floor)

    def factor(self, epoch: int) -> float:
        """Floor + (1 - floor)·(1 + cos(π·epoch/epochs))/2: Loshchilov and Hutter 2017."""
        share = min(epoch / self.epochs, 1.0)
        return self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * share))


@dataclass(frozen=True)
class WarmUp:
    """In a straight line from `start` to 1 within `epochs`, as `LinearLR`; then it stays."""

    epochs: int = 5
    start: float = 1 / 3

    def __post_init__(self) -> None:
        _check_epochs("epochs", self.epochs)
        check_positive("start of the schedule", self.start)

    def factor(self, epoch: int) -> float:
        """The line: start + (1 - start)·epoch/epochs."""
        return self.start + (1 - self.start) * min(epoch / self.epochs, 1.0)


@dataclass(frozen=True)
class OneCycle:
    """Up to 1 and down again along cosines, as `OneCycleLR`. Smith and Topin 2018.

    Begins at 1/`rise`, reaches 1 after the share `up` of the epochs and ends at 1/(rise·fall).
    """

    epochs: int = 100
    up: float = 0.3
    rise: float = 25.0
    fall: float = 1e4

    def __post_init__(self) -> None:
        _check_epochs("epochs", self.epochs)
        check_share("up", self.up)
        check_positive("rise of the schedule", self.rise)
        check_positive("fall of the schedule", self.fall)

    def factor(self, epoch: int) -> float:
        """The factor of the epoch; the last one's ever after."""
        last = self.epochs - 1
        top = self.up * self.epochs - 1
        low, bottom = 1 / self.rise, 1 / (self.rise * self.fall)
        epoch = min(epoch, last)
        if epoch <= top:
            return _between(low, 1.0, epoch / top if top > 0 else 1.0)
        top = max(top, 0.0)
        return _between(1.0, bottom, (epoch - top) / (last - top) if last > top else 1.0)


@dataclass(frozen=True)
class Later:
    """Another schedule, which begins when so many epochs are complete."""

    schedule: Schedule
    begin: int

    def factor(self, epoch: int) -> float:
        """That of the schedule, counted from its beginning."""
        return self.schedule.factor(epoch - self.begin)


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


# By the name in `graph.training["schedule"]["name"]`.
SCHEDULES: Mapping[str, type[Any]] = {
    "constant": Constant,
    "step": StepDecay,
    "exponential": ExponentialDecay,
    "cosine": Cosine,
    "warm_up": WarmUp,
    "one_cycle": OneCycle,
}
WITH_END = ("cosine", "one_cycle")  # those that are made for a number of epochs


def schedule_from(given: object, epochs: int | None = None) -> Schedule:
    """The schedule that is described by a name or by {"name": ..., "epochs": ..., ...}.

    Args:
        epochs: of the run, for a schedule that is made for a number of epochs and says none.

    Raises:
        VisualADError: for an unknown name or numbers that make no sense.
    """
    if given is None:
        return Constant()
    if hasattr(given, "factor"):
        return given
    settings = {"name": given} if isinstance(given, str) else given
    if not isinstance(settings, Mapping) or settings.get("name") not in SCHEDULES:
        name = settings.get("name") if isinstance(settings, Mapping) else given
        raise VisualADError(
            f"There is no schedule of the learning rate {name!r}; take one of "
            f"{', '.join(SCHEDULES)}."
        )
    kind = SCHEDULES[settings["name"]]
    known = inspect.signature(kind).parameters
    numbers = {key: value for key, value in settings.items() if key != "name"}
    for key in numbers:
        if key not in known:
            has = f"its settings are {', '.join(known)}" if known else "it has no settings"
            raise VisualADError(f"The schedule {settings['name']} has no '{key}'; {has}.")
    if settings["name"] in WITH_END and epochs:
        numbers.setdefault("epochs", epochs)
    made: Schedule = kind(**numbers)
    return made


def _check_epochs(name: str, value: object) -> None:
    if not is_count(value):
        raise VisualADError(
            f"'{name}' of the schedule must be a whole number of epochs from 1 on, not {value!r}."
        )
