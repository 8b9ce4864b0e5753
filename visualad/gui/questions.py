"""Questions to the kernel of which only the newest matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import Protocol

import numpy as np

from visualad.graph.model import Graph, Node
from visualad.kernel.messages import Failed, Reply, Request

AGAIN = "It is asked again when the graph changes, or with Graph > Ask Again (F5)."


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


@dataclass(frozen=True)
class _Stopped:
    """A request that was stopped, or with which the kernel died; and what was said then."""

    request: Request
    reply: Failed
    forgiven: int

    def is_still(self, wanted: Request, forgiven: int) -> bool:
        """Whether the same is wanted, and was not forgiven meanwhile."""
        return forgiven == self.forgiven and _same_request(self.request, wanted)


class Question:
    """At most one request in flight; asking again meanwhile keeps only the newest.

    What was being carried out when it was stopped, or when the process died, is not asked again by
    itself: it would go the same way. Such a question is answered by what was said then, until it is
    another one or `forgive` is called.

    Args:
        kernel: where to ask, or None: then nothing is ever answered.
        answered: called with the graph that was asked about and the reply.
        changed: called when `is_open` may have changed.
    """

    _forgiven = 0  # how often everything was

    def __init__(
        self,
        kernel: Kernel | None,
        answered: Callable[[Graph, Reply], None],
        changed: Callable[[], None] | None = None,
    ) -> None:
        self._kernel = kernel
        self._answered = answered
        self._changed = changed if changed is not None else _nothing
        self._in_flight: tuple[int, Graph, Request] | None = None
        self._next: tuple[Graph, Callable[[Graph], Request]] | None = None
        self._stopped: _Stopped | None = None

    @classmethod
    def forgive(cls) -> None:
        """Let every question be asked again: the user wants it, or plugins have changed."""
        cls._forgiven += 1

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
        wanted = request(graph)
        stopped = self._stopped
        if stopped is not None and stopped.is_still(wanted, self._forgiven):
            self._answered(graph, stopped.reply)
            return
        self._stopped = None
        self._in_flight = (self._kernel.ask(wanted, self._reply), graph, wanted)
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
        _, graph, asked = self._in_flight
        self._in_flight = None
        waiting, self._next = self._next, None
        if isinstance(reply, Failed) and reply.underway:
            reply = replace(reply, message=f"{reply.message} {AGAIN}")
            if waiting is not None:  # asked before the stop, so it was stopped too
                graph, asked = waiting[0], waiting[1](waiting[0])
            self._stopped = _Stopped(asked, reply, self._forgiven)
        elif waiting is not None:
            self.ask(*waiting)
        self._answered(graph, reply)
        self._changed()


def _same_request(a: Request, b: Request) -> bool:
    """Whether the same is asked about the same graph."""
    if type(a) is not type(b):
        return False
    pairs = [(getattr(a, f.name), getattr(b, f.name)) for f in fields(a) if f.name != "id"]
    return all(
        same_mathematics(x, y) and x.training == y.training
        if isinstance(x, Graph) and isinstance(y, Graph)
        else x is y or _equal(x, y)
        for x, y in pairs
    )


def _equal(x: object, y: object) -> bool:
    try:
        return bool(x == y)
    except ValueError:  # arrays within
        return False


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


def derivatives_reach(graph: Graph, id_: str) -> bool:
    """Whether a node is an input or parameter or depends on one."""
    from visualad.engine.structure import is_active  # late: the engine comes along

    return is_active(graph, id_)
