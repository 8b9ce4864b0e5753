"""The search for the best elimination order, in a thread beside the kernel's other work."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from visualad.autodiff.linearized import linearized_structure
from visualad.autodiff.orders import elimination_order
from visualad.kernel.messages import OrderFound, OrderProgress, Reply, SearchOrder
from visualad.kernel.protocol import ends, failure

PROGRESS_EVERY = 1 / 20  # seconds


class OrderSearch:
    """The search that a `SearchOrder` request started.

    It needs no plugin (the linearised graph is made before the thread starts), so that nothing but
    its own end has to be waited for.

    Attributes:
        id: of the request; all replies carry it.
        has_ended: the last reply was given out.

    Raises:
        VisualADError: if the graph cannot be linearised.
    """

    def __init__(self, request: SearchOrder, wake: Callable[[], None]) -> None:
        """Start.

        Args:
            wake: called in the thread when there is something new.
        """
        self.id = request.id
        self.has_ended = False
        self._request = request
        self._wake = wake
        self._linear = linearized_structure(request.graph)
        self._stopped = threading.Event()
        self._news: deque[Reply] = deque()
        self._told_at = -1.0
        self._thread = threading.Thread(target=self._run, name="order-search", daemon=True)
        self._thread.start()

    @property
    def has_news(self) -> bool:
        """Whether `news` has something to give."""
        return bool(self._news)

    def news(self) -> Sequence[Reply]:
        """What has been found since the last time."""
        found = [self._news.popleft() for _ in range(len(self._news))]
        self.has_ended = self.has_ended or any(ends(reply) for reply in found)
        return found

    def stop(self) -> None:
        """End the search soon; its answer is the best order so far."""
        self._stopped.set()

    def wait(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def _run(self) -> None:
        request = self._request
        try:
            order = elimination_order(
                self._linear,
                "best",
                seconds=request.seconds,
                seed=request.seed,
                free_units=request.free_units,
                progress=self._progress,
                cancelled=self._stopped.is_set,
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the window must hear of it
            self._news.append(failure(self.id, SearchOrder.__name__, error, request.graph, ""))
        else:
            self._news.append(OrderFound(self.id, order, self._stopped.is_set()))
        self._wake()

    def _progress(self, done: float, best: int) -> None:
        now = time.monotonic()
        if now - self._told_at >= PROGRESS_EVERY:
            self._told_at = now
            self._news.append(OrderProgress(self.id, done, best))
            self._wake()
