"""Where `print` goes in the kernel: what it wrote last helps a diagnosis."""

from __future__ import annotations

import io
import os
from collections import deque

LONGEST = 1 << 18  # bytes; older output is dropped beyond that


class Journal(io.TextIOBase):
    """A file of bounded size.

    The window's side reads the file when the process has died.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._written = 0
        self._tail: deque[str] = deque(maxlen=40)

    def write(self, text: str) -> int:
        """Append text; when the file has become too long it starts anew."""
        data = text.encode("utf-8", errors="replace")[-LONGEST:]
        if self._written + len(data) > LONGEST:
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.ftruncate(self._descriptor, 0)
            self._written = 0
        os.write(self._descriptor, data)
        self._written += len(data)
        self._tail.append(text[-1000:])
        return len(text)

    def writable(self) -> bool:
        """It is."""
        return True

    def tail(self) -> str:
        """The last pieces written."""
        return "".join(self._tail).strip()
