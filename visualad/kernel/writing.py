"""Writing the text of a file inside the kernel: in slices, between which requests are answered."""

from __future__ import annotations

import time
from collections.abc import Sequence

from visualad.errors import FileError
from visualad.exchange.formats import FORMATS
from visualad.exchange.formats import Request as Wish
from visualad.graph.model import Graph
from visualad.kernel.messages import Reply
from visualad.kernel.plugin_messages import GraphWritten, WriteGraph, WritingProgress

SLICE = 0.05  # seconds; requests are answered between two


class Writing:
    """The work that a `WriteGraph` request started.

    Attributes:
        id: of the request; all replies carry it.
        graph: what is written.
        kind: name of the request's type.
        has_ended: `GraphWritten` was given out.
    """

    kind = WriteGraph.__name__

    def __init__(self, request: WriteGraph) -> None:
        """Begin.

        Raises:
            FileError: if nothing writes such files.
        """
        found = FORMATS.get(request.suffix)
        if found is None:
            raise FileError(f"There is no exporter for {request.suffix} any more; load its plugin.")
        self.id = request.id
        self.graph: Graph = request.graph
        self.has_ended = False
        self._slices = found.slices(request.graph, request.wish or Wish())

    def advance(self) -> Sequence[Reply]:
        """Work for one slice.

        Raises:
            VisualADError: if the format cannot show what is wanted.
        """
        until = time.monotonic() + SLICE
        try:
            share = next(self._slices)
            while time.monotonic() < until:
                share = next(self._slices)
        except StopIteration as end:
            self.has_ended = True
            return (GraphWritten(self.id, str(end.value)),)
        return (WritingProgress(self.id, share),)

    def close(self) -> None:
        """There is nothing to let go of."""
