"""Questions to the kernel of which only the newest matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np

from visualad.graph.model import Graph, Node
from visualad.kernel.messages import Reply, Request


class Kernel(Protocol):
    """What the session needs of a kernel; `KernelBridge` is one."""

    def ask(self, request: Request, then: Callable[[Reply], None]) -> int:
        """Send a request; replies arrive later. Returns a ticket."""

    def forget(self, ticket: int) -> None:
        """Ignore the replies to come."""

    def is_open(self, ticket: int) -> bool:
        """Whether an answer is still to come."""

    def control(self, ticket: int, action: str, value: float = 0.0) -> None:
        """Steer a training run."""


class Question:
    """At most one request in flight; asking again meanwhile keeps only the newest.

    Args:
        kernel: where to ask, or None: then nothing is ever answered.
        answered: called with the graph that was asked about and the reply.
        changed: called when `is_open` may have changed.
    """

    def __init__(
        self,
        kernel: Kernel | None,
        answered: Callable[[Graph, Reply], None],
        changed: Callable[[], None] | None = None,
    ) -> None:
        self._kernel = kernel
        self._answered = answered
        self._changed = changed if changed is not None else _nothing
        self._in_flight: tuple[int, Graph] | None = None
        self._next: tuple[Graph, Callable[[Graph], Request]] | None = None

    @property
    def is_open(self) -> bool:
        """Whether an answer is awaited."""
        return self._in_flight is not None

    def ask(self, graph: Graph, request: Callable[[Graph], Request]) -> None:
        """Ask about this graph, now or as soon as the question in flight is answered."""
        if self._kernel is None:
            return
        if self._in_flight is not None:
            self._next = (graph, request)
            return
        self._next = None
        self._in_flight = (self._kernel.ask(request(graph), self._reply), graph)
        self._changed()

    def drop(self) -> None:
        """Forget what was asked: another document stands here."""
        if self._in_flight is not None and self._kernel is not None:
            self._kernel.forget(self._in_flight[0])
        self._in_flight = None
        self._next = None
        self._changed()

    def close(self) -> None:
        """Forget what was asked, and ask nothing any more."""
        self.drop()
        self._kernel = None

    def _reply(self, reply: Reply) -> None:
        if self._in_flight is None:
            return
        _, graph = self._in_flight
        self._in_flight = None
        waiting = self._next
        if waiting is not None:
            self.ask(*waiting)
        self._answered(graph, reply)
        self._changed()


def _nothing() -> None:
    """Nobody wants to know."""


def same_structure(a: Graph, b: Graph) -> bool:
    """Whether the graphs differ at most in settings, names and places: same nodes and edges."""
    return a is b or (
        a.nodes_by_id.keys() == b.nodes_by_id.keys()
        and a.sources == b.sources
        and all(n.op == b.nodes_by_id[i].op for i, n in _changed(a, b))
    )


def same_mathematics(a: Graph, b: Graph) -> bool:
    """Whether everything that is computed and how it is written is the same.

    Places, notes, frames and the settings of training are not part of that.
    """
    return a is b or (
        a.dtype == b.dtype
        and a.declared_outputs == b.declared_outputs
        and a.nodes_by_id.keys() == b.nodes_by_id.keys()
        and a.sources == b.sources
        and all(_same_node(n, b.nodes_by_id[i]) for i, n in _changed(a, b))
    )


def _changed(a: Graph, b: Graph) -> Iterable[tuple[str, Node]]:
    return ((id_, node) for id_, node in a.nodes_by_id.items() if node is not b.nodes_by_id[id_])


def _same_node(a: Node, b: Node) -> bool:
    return a.op == b.op and a == Node(
        b.id, b.op, b.name, b.aliases, b.settings, a.position, b.stored_ports, a.extra
    )


def same_counting(a: Graph, b: Graph) -> bool:
    """Whether the same is multiplied in both graphs: only the numbers in the leaves may differ."""
    if a is b:
        return True
    if not same_structure(a, b) or a.outputs != b.outputs:
        return False
    return all(_counts_alike(node, b.nodes_by_id[id_]) for id_, node in a.nodes_by_id.items())


def _counts_alike(a: Node, b: Node) -> bool:
    if a is b:
        return True
    if a.name != b.name:
        return False
    if a.is_leaf:
        return np.shape(a.value) == np.shape(b.value)
    return a.settings == b.settings
