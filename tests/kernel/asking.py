"""Waiting for the kernel's replies as the window does."""

from __future__ import annotations

import select
import time
from collections.abc import Callable

from visualad.kernel.client import KernelClient
from visualad.kernel.messages import Interim, Reply


class Asking:
    """A client and what it has said so far."""

    def __init__(self, client: KernelClient) -> None:
        self.client = client
        self.replies: list[Reply] = []
        self.news: list[Reply] = []  # what the kernel says without being asked

    def wait(self, condition: Callable[[list[Reply]], bool], timeout: float = 20) -> None:
        """Watch the socket, as the window does, until the condition holds for all replies."""
        deadline = time.monotonic() + timeout
        while not condition(self.replies):
            left = deadline - time.monotonic()
            assert left > 0, f"no answer in {timeout} s; so far {self.replies}"
            select.select([self.client.fileno()], [], [], left)
            said = self.client.poll()
            self.replies.extend(reply for reply in said if reply.id)
            self.news.extend(reply for reply in said if not reply.id)

    def answer(self, id_: int, timeout: float = 20) -> Reply:
        """The last reply to the request."""

        def last(replies: list[Reply]) -> list[Reply]:
            return [r for r in replies if r.id == id_ and not isinstance(r, Interim)]

        self.wait(lambda replies: bool(last(replies)), timeout)
        return last(self.replies)[0]

    def idle(self) -> None:
        """Wait until the process is there."""
        deadline = time.monotonic() + 20
        while not self.client.alive:
            assert time.monotonic() < deadline
            time.sleep(0.005)
