"""Requests and replies of the lesson on approximating functions by sums of bumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from visualad.kernel.messages import Reply, Request

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from visualad.training.approximation import Bump, Errors, Target


@dataclass(frozen=True)
class SampleTarget(Request):
    """The target that a formula or a table gives.

    Attributes:
        formula: of one variable; path: of a table, which then counts instead.
        low, high: ends of the formula's interval.
    """

    formula: str = ""
    path: str = ""
    low: float = -3.0
    high: float = 3.0


@dataclass(frozen=True)
class TargetSampled(Reply):
    """Attributes: target: its values."""

    target: Target


@dataclass(frozen=True)
class SumBumps(Request):
    """The sum of bumps and how far it is from the target.

    Attributes:
        places: where the curves are wanted, (M,).
    """

    bumps: tuple[Bump, ...]
    target: Target
    places: NDArray[np.float64]


@dataclass(frozen=True)
class BumpsSummed(Reply):
    """Attributes: curves: each bump, (n, M); total: their sum, (M,); errors: from the target."""

    bumps: tuple[Bump, ...]
    places: NDArray[np.float64]
    curves: NDArray[np.float64]
    total: NDArray[np.float64]
    errors: Errors


@dataclass(frozen=True)
class PlaceBumps(Request):
    """So many bumps side by side with the best heights; see `approximation.place`."""

    target: Target
    count: int
    sharpness: float


@dataclass(frozen=True)
class BumpsPlaced(Reply):
    """Attributes: bumps: where they are."""

    bumps: tuple[Bump, ...]


@dataclass(frozen=True)
class CompareCounts(Request):
    """The errors with 1 to 64 bumps."""

    target: Target
    sharpness: float


@dataclass(frozen=True)
class CountsCompared(Reply):
    """Attributes: errors: with 1, 2, … bumps."""

    errors: tuple[Errors, ...]


@dataclass(frozen=True)
class MakePerceptron(Request):
    """The sum as a perceptron with the target as its data; answered by `GraphFound`."""

    bumps: tuple[Bump, ...]
    target: Target
