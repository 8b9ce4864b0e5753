"""A kernel whose answers the test gives."""

from __future__ import annotations

from collections.abc import Callable

from visualad.kernel.messages import Evaluate, Evaluated, Reply, Request


class HandKernel:
    """Notes what is asked; `answer` replies to the oldest open request of a type."""

    def __init__(self) -> None:
        self.open: dict[int, tuple[Request, Callable[[Reply], None]]] = {}
        self.asked: list[Request] = []
        self.controls: list[tuple[int, str]] = []

    def ask(self, request: Request, then: Callable[[Reply], None]) -> int:
        ticket = len(self.asked) + 1
        self.asked.append(request)
        self.open[ticket] = (request, then)
        return ticket

    def forget(self, ticket: int) -> None:
        self.open.pop(ticket, None)

    def is_open(self, ticket: int) -> bool:
        return ticket in self.open

    def control(self, ticket: int, action: str, value: float = 0.0) -> None:
        self.controls.append((ticket, action))

    def tickets(self, kind: type[Request]) -> list[int]:
        return [ticket for ticket, (request, _) in self.open.items() if isinstance(request, kind)]

    def answer(self, kind: type[Request], reply: Callable[[int], Reply]) -> Request:
        """The last answer to a request."""
        ticket = self.tickets(kind)[0]
        request, then = self.open.pop(ticket)
        then(reply(ticket))
        return request

    def tell(self, kind: type[Request], reply: Callable[[int], Reply]) -> None:
        """An answer to which more will follow."""
        ticket = self.tickets(kind)[0]
        self.open[ticket][1](reply(ticket))

    def answer_values(self, **values: float) -> None:
        self.answer(Evaluate, lambda ticket: Evaluated(ticket, values, {}, {}, {}))
