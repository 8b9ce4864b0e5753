"""Looking around inside the kernel, in slices: learning rates, a slice of the loss."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import Any

from visualad.kernel.messages import Reply
from visualad.kernel.probe_messages import (
    FindRate,
    LandscapeMapped,
    LandscapeProgress,
    MapLandscape,
    RateFound,
    RateTried,
)
from visualad.training.landscape import landscape
from visualad.training.rate_finder import rate_test

SLICE = 0.03  # seconds; requests are answered between two


class _Probing:
    """Work that gives its share now and then and its result at the end.

    Attributes:
        id: of the request; kind: its type's name; graph: that it is about.
        has_ended: the result was given out.
    """

    kind = ""

    def __init__(self, request: FindRate | MapLandscape, work: Generator[Any, None, Any]) -> None:
        self.id = request.id
        self.graph = request.graph
        self.has_ended = False
        self._work = work

    def advance(self) -> Sequence[Reply]:
        """Work for one slice.

        Raises:
            VisualADError: if the graph cannot be trained.
        """
        until = time.monotonic() + SLICE
        news: list[Any] = []
        try:
            while not news or time.monotonic() < until:
                news.append(next(self._work))
        except StopIteration as end:
            self.has_ended = True
            return (*self._tell(news), self._result(end.value))
        return self._tell(news)

    def close(self) -> None:
        """Give it up."""
        self._work.close()

    def _tell(self, news: list[Any]) -> Sequence[Reply]:
        raise NotImplementedError

    def _result(self, value: Any) -> Reply:
        raise NotImplementedError


class RateSearch(_Probing):
    """The work that a `FindRate` request started."""

    kind = FindRate.__name__

    def __init__(self, request: FindRate) -> None:
        super().__init__(request, rate_test(request.graph))

    def _tell(self, news: list[tuple[float, float, float]]) -> Sequence[Reply]:
        if not news:
            return ()
        _, rates, losses = zip(*news, strict=True)
        return (RateTried(self.id, news[-1][0], rates, losses),)

    def _result(self, value: Any) -> Reply:
        return RateFound(self.id, value)


class LandscapeScan(_Probing):
    """The work that a `MapLandscape` request started."""

    kind = MapLandscape.__name__

    def __init__(self, request: MapLandscape) -> None:
        work = landscape(request.graph, request.kind, request.path, request.order, request.seed)
        super().__init__(request, work)

    def _tell(self, news: list[float]) -> Sequence[Reply]:
        return (LandscapeProgress(self.id, news[-1]),) if news else ()

    def _result(self, value: Any) -> Reply:
        return LandscapeMapped(self.id, value)
