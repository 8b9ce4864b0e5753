"""Work in a thread beside the kernel's other work, which has news now and then."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence

from visualad.kernel.messages import Reply, Request
from visualad.kernel.protocol import ends, failure, kind_of


class BackgroundWork(ABC):
    """What a request has started; at most one for each type of request at a time.

    Attributes:
        id, kind: of the request; all replies carry its id.
        has_ended: the last reply was given out.
    """

    every: float  # seconds between two tellings of how it goes

    def __init__(self, request: Request, wake: Callable[[], None]) -> None:
        """Prepare; `start` starts the thread.

        Args:
            wake: called in the thread when there is something new.
        """
        self.id = request.id
        self.kind = kind_of(request)
        self.has_ended = False
        self._graph = getattr(request, "graph", None)
        self._wake = wake
        self._news: deque[Reply] = deque()
        self._told_at = -1.0
        self._thread = threading.Thread(target=self._run, name=self.kind, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def has_news(self) -> bool:
        """Whether `news` has something to give."""
        return bool(self._news)

    def news(self) -> Sequence[Reply]:
        """What has come since the last time."""
        found = [self._news.popleft() for _ in range(len(self._news))]
        self.has_ended = self.has_ended or any(ends(reply) for reply in found)
        return found

    def wait(self) -> None:
        """Wait for its end."""
        self._thread.join()

    @abstractmethod
    def control(self, action: str) -> None:
        """Carry out a wish about it; "stop" ends it soon."""

    # In the thread ----------------------------------------------------------------------------

    @abstractmethod
    def work(self) -> Reply:
        """Do it all; the last reply."""

    @property
    def is_due(self) -> bool:
        """Whether it is time to tell how it goes."""
        return time.monotonic() - self._told_at >= self.every

    def say(self, reply: Reply) -> None:
        """Give news out."""
        self._told_at = time.monotonic()
        self._news.append(reply)
        self._wake()

    def _run(self) -> None:
        try:
            self.say(self.work())
        except Exception as error:  # noqa: BLE001 - whatever it is, the window must hear of it
            self.say(failure(self.id, self.kind, error, self._graph, ""))
