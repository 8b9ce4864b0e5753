"""The last sweep of each mode for the graph as it is; the one that is not played comes too."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject, Signal

from visualad.autodiff.steps import BACKWARD, FORWARD, Step, Sweep
from visualad.graph.model import Graph
from visualad.gui.panels.trace_model import Rows
from visualad.gui.questions import Kernel, Question, same_structure
from visualad.gui.session import Session
from visualad.kernel.messages import Reply, RunSweep, Swept

MOST_BESIDE = 5_000  # nodes of graphs whose other mode is computed without being asked for
_OTHER = {FORWARD: BACKWARD, BACKWARD: FORWARD}


class KnownSweeps(QObject):
    """Forward, backward and cross of one graph, as far as known. One for each session.

    While forward or backward is played, the other of the two is computed in the background for the
    same values, so that tangents and adjoints can be compared side by side.

    Signals:
        changed: a sweep came or went.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("known_sweeps")
        self._session = session
        self._known: dict[str, tuple[Graph, Rows]] = {}
        # The session can ask and forget, which is all that a question needs.
        self._question = Question(cast(Kernel, session), self._take)
        self._asked: tuple[Graph, str] | None = None
        self._viewers: set[str] = set()
        session.sweep_changed.connect(self._follow)
        session.mode_changed.connect(self._follow)
        session.document.graph_changed.connect(self._follow)
        session.mask_changed.connect(self._restart)
        self._follow()

    def want(self, viewer: str, wanted: bool) -> None:
        """Compute in the background as long as somebody can see it."""
        (self._viewers.add if wanted else self._viewers.discard)(viewer)
        if wanted:
            self._ask()

    def rows(self, mode: str) -> Rows | None:
        """The sweep of a mode with its steps by node, or None."""
        found = self._known.get(mode)
        return found[1] if found is not None else None

    def all(self) -> dict[str, Sweep]:
        """What is known, by mode."""
        return {mode: rows.sweep for mode, (_, rows) in self._known.items()}

    def reached(self, node: str, mode: str) -> Step | None:
        """The step of a node as far as the film may show it; the other mode's is always shown."""
        rows = self.rows(mode)
        step = rows.step(node) if rows is not None and self._session.mode else None
        if step is None or mode != self._session.mode:
            return step
        session = self._session
        done = step.index < session.step_index or (
            step.index == session.step_index and session.progress >= 1.0
        )
        return step if done else None

    def _restart(self) -> None:
        """Something else is hidden: what is known here says too much or too little."""
        self._known = {}
        self._asked = None

    def _follow(self, *_: object) -> None:
        session, graph = self._session, self._session.document.graph
        self._known = {m: k for m, k in self._known.items() if same_structure(k[0], graph)}
        sweep = session.sweep
        if sweep is None:
            self._known.pop(session.mode, None)
        elif sweep.mode not in self._known or self._known[sweep.mode][1].sweep is not sweep:
            self._known[sweep.mode] = (graph, Rows(graph, sweep))
        self.changed.emit()
        self._ask()

    def _ask(self) -> None:
        other = _OTHER.get(self._session.mode)
        graph = self._session.document.graph
        # After the sweep itself: that is what somebody waits for.
        if not self._viewers or other is None or self._session.sweep is None:
            return
        if self._session.mask:
            return  # ∂f/∂x₁ by forward mode would tell what is asked of backward mode
        if not 0 < len(graph) <= MOST_BESIDE:
            return
        if self._asked is not None and self._asked[0] is graph and self._asked[1] == other:
            return
        self._asked = (graph, other)
        self._question.ask(graph, lambda asked: RunSweep(asked, mode=other))

    def _take(self, graph: Graph, reply: Reply) -> None:
        session = self._session
        if not isinstance(reply, Swept) or not same_structure(graph, session.document.graph):
            return
        if reply.sweep.mode != session.mode:
            shown = session.mask.sweep(graph, reply.sweep)
            self._known[shown.mode] = (graph, Rows(graph, shown))
            self.changed.emit()


def known_sweeps(session: Session) -> KnownSweeps:
    """The sweeps that are known of what a session looks at."""
    found = session.findChild(KnownSweeps, "known_sweeps")
    return found if found is not None else KnownSweeps(session)
