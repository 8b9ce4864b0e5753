"""The search for the best elimination order, in a thread beside the kernel's other work."""

from __future__ import annotations

import threading
from collections.abc import Callable

from visualad.autodiff.linearized import linearized_structure
from visualad.autodiff.orders import elimination_order
from visualad.kernel.background import BackgroundWork
from visualad.kernel.messages import OrderFound, OrderProgress, SearchOrder


class OrderSearch(BackgroundWork):
    """The search that a `SearchOrder` request started.

    It needs no plugin (the linearised graph is made before the thread starts), so that nothing but
    its own end has to be waited for.

    Raises:
        VisualADError: if the graph cannot be linearised.
    """

    every = 1 / 20

    def __init__(self, request: SearchOrder, wake: Callable[[], None]) -> None:
        super().__init__(request, wake)
        self._request = request
        self._linear = linearized_structure(request.graph)
        self._stopped = threading.Event()

    def control(self, action: str) -> None:
        """End the search soon, whatever the wish; its answer is the best order so far."""
        self._stopped.set()

    def work(self) -> OrderFound:
        """Search."""
        request = self._request
        order = elimination_order(
            self._linear,
            "best",
            seconds=request.seconds,
            seed=request.seed,
            free_units=request.free_units,
            progress=self._progress,
            cancelled=self._stopped.is_set,
        )
        return OrderFound(self.id, order, self._stopped.is_set())

    def _progress(self, done: float, best: int) -> None:
        if self.is_due:
            self.say(OrderProgress(self.id, done, best))
