"""Reading a file of data inside the kernel: in slices, between which requests are answered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from visualad.kernel.data_messages import DataRead, DataReading, ReadData
from visualad.kernel.messages import Reply
from visualad.training.columns import reading
from visualad.training.description import describe
from visualad.training.shipped import SHIPPED, shipped_file
from visualad.training.source import FileSource, source_of

SLICE = 0.05  # seconds; requests are answered between two


class Reading:
    """The work that a `ReadData` request started.

    Attributes:
        id: of the request; all replies carry it. kind: its type's name.
        has_ended: `DataRead` was given out.
    """

    kind = ReadData.__name__
    graph = None

    def __init__(self, request: ReadData) -> None:
        self.id = request.id
        self.has_ended = False
        is_shipped = request.path in SHIPPED
        path = shipped_file(request.path) if is_shipped else Path(request.path)
        self._name = SHIPPED[request.path].title if is_shipped else path.name
        source = None if is_shipped else source_of(request.settings or {})
        self._slices = reading(source or FileSource(path))

    def advance(self) -> Sequence[Reply]:
        """Read for one slice.

        Raises:
            FileError: if the file cannot be read.
        """
        until = time.monotonic() + SLICE
        try:
            share = next(self._slices)
            while time.monotonic() < until:
                share = next(self._slices)
        except StopIteration as end:
            self.has_ended = True
            return (DataRead(self.id, describe(self._name, end.value)),)
        return (DataReading(self.id, share),)

    def close(self) -> None:
        """There is nothing to let go of."""
