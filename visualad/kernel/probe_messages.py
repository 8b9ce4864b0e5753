"""What the window and the kernel say about looking around: learning rates, a slice of the loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from visualad.graph.model import Graph
from visualad.kernel.messages import Interim, Reply, Request

if TYPE_CHECKING:
    from visualad.training.landscape import Landscape
    from visualad.training.rate_finder import RateTest


@dataclass(frozen=True)
class FindRate(Request):
    """Try growing learning rates on a copy; `Control` with "stop" gives it up."""

    graph: Graph


@dataclass(frozen=True)
class RateTried(Interim):
    """The test goes on.

    Attributes:
        share: that is done, from 0 to 1.
        rates, losses: tried since the last message.
    """

    share: float
    rates: tuple[float, ...]
    losses: tuple[float, ...]


@dataclass(frozen=True)
class RateFound(Reply):
    """What the test found."""

    test: RateTest


@dataclass(frozen=True)
class MapLandscape(Request):
    """The loss on a grid around the parameters; `Control` with "stop" gives it up.

    Attributes:
        kind, path, order, seed: see `visualad.training.landscape.landscape`.
    """

    graph: Graph
    kind: str
    path: tuple[Any, ...] = ()
    order: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class LandscapeProgress(Interim):
    """How far the grid is computed. Attributes: share: from 0 to 1."""

    share: float


@dataclass(frozen=True)
class LandscapeMapped(Reply):
    """The grid."""

    landscape: Landscape
