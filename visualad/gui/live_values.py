"""Values on the cards while training: the run's parameters, and all that follows from them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PySide6.QtCore import QObject

from visualad.gui.panels.frames import turns
from visualad.gui.session import Session
from visualad.kernel.messages import Progress, Reply

EVERY = 1 / 4  # seconds; numbers that change faster cannot be read
SHARE = 0.1  # of the kernel's time, at most
MOST_NODES = 2000
AT_ONCE = 3  # cards whose values are shown and painted in a turn, so that no turn is long
TURNS = 8  # for all of them, at most


class LiveValues(QObject):
    """Asks for the values of the graph in training, as long as somebody looks at them.

    In a mode the cards show derivatives too, which belong to the values from before training; there
    and in exercises all numbers stay until the run pauses.

    Args:
        seen: whether values are looked at.
    """

    def __init__(self, session: Session, seen: Callable[[], bool]) -> None:
        super().__init__(session)
        self._session = session
        self._seen = seen
        self._waits = False  # for an answer
        self._next = 0.0
        self._values: Mapping[str, Any] = {}
        self._cards: list[str] = []  # whose values are shown next
        self._shows = False  # whether what is shown is the run's
        session.training_progress.connect(self._ask)
        session.training_changed.connect(self._follow_state)

    def _ask(self, progress: Progress) -> None:
        session, now = self._session, time.perf_counter()
        if progress.state != "running" or self._waits or now < self._next:
            return
        if session.mode or session.mask or len(session.document.graph) > MOST_NODES:
            return
        if self._seen():
            from visualad.kernel.network_messages import EvaluateRun  # late: few windows train

            self._waits = True
            session.ask(EvaluateRun(), self._take)

    def _take(self, reply: Reply) -> None:
        from visualad.kernel.network_messages import RunEvaluated

        self._waits = False
        if isinstance(reply, RunEvaluated):
            self._next = time.perf_counter() + max(EVERY, reply.seconds / SHARE)
            self._values, self._cards = reply.values, self._in_columns(reply.values)
            turns().enter(self)  # the canvas takes as long to paint as a panel

    def _in_columns(self, ids: Iterable[str]) -> list[str]:
        """Cards beside one another follow one another: less has to be painted."""
        nodes = self._session.document.graph.nodes_by_id
        return sorted((id_ for id_ in ids if id_ in nodes), key=lambda id_: nodes[id_].position)

    def draw_now(self) -> None:
        """Show the values that came last: a few cards in each turn, then in the panels."""
        values, session = self._values, self._session
        if not session.is_training or session.mode or session.mask:
            return
        if not values.keys() <= session.document.graph.nodes_by_id.keys():
            return
        self._shows = True
        at_once = max(AT_ONCE, len(values) // TURNS)
        part, self._cards = self._cards[:at_once], self._cards[at_once:]
        if part:
            session.show_values(values, only=part)
            turns().enter(self)
        else:
            session.show_values(values)

    def _follow_state(self) -> None:
        """Not running any more: the values of the graph itself, asked again."""
        if self._shows and not self._session.is_training:
            self._shows = False
            self._session.evaluate_again()
