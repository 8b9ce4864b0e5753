"""Requests that are carried out in slices, between which others are answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from visualad.graph.model import Graph
from visualad.kernel.data_messages import ReadData
from visualad.kernel.messages import Reply, Request
from visualad.kernel.plugin_messages import WriteGraph
from visualad.kernel.probe_messages import FindRate, MapLandscape
from visualad.kernel.sweep_messages import TrainAgain


class Job(Protocol):
    """Work on a request.

    Attributes:
        id: of the request; kind: name of its type; graph: that it is about, or None.
        has_ended: the last reply was given out.
    """

    @property
    def id(self) -> int:
        """Of the request."""

    @property
    def kind(self) -> str:
        """Name of the request's type."""

    @property
    def graph(self) -> Graph | None:
        """What it is about."""

    @property
    def has_ended(self) -> bool:
        """Whether the last reply was given out."""

    def advance(self) -> Sequence[Reply]:
        """Work for one slice."""

    def close(self) -> None:
        """Give it up."""


def begin(request: Request) -> Job | None:
    """The work that a request asks for; None if it is answered in one go.

    Raises:
        VisualADError: if it cannot be begun.
    """
    if isinstance(request, WriteGraph):
        from visualad.kernel.writing import Writing

        return Writing(request)
    if isinstance(request, ReadData):
        from visualad.kernel.reading import Reading

        return Reading(request)
    if isinstance(request, FindRate):
        from visualad.kernel.probing import RateSearch

        return RateSearch(request)
    if isinstance(request, MapLandscape):
        from visualad.kernel.probing import LandscapeScan

        return LandscapeScan(request)
    if isinstance(request, TrainAgain):
        from visualad.kernel.repeating import Repeating

        return Repeating(request)
    return None
