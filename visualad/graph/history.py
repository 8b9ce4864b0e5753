"""Undo and redo: the list of earlier graphs, each step with its name."""

from __future__ import annotations

from dataclasses import dataclass

from visualad.errors import GraphError
from visualad.graph.model import Graph


@dataclass(frozen=True)
class _Step:
    """A graph and what was done to get to it."""

    name: str
    graph: Graph


class History:
    """The graphs that a document went through, and where it is now.

    Args:
        graph: the first graph, which counts as saved.
        limit: how many steps can be undone; older ones are forgotten.
    """

    def __init__(self, graph: Graph, limit: int = 1000) -> None:
        self._steps = [_Step("", graph)]
        self._index = 0
        self._limit = limit
        self._merging: str | None = None
        self._saved = graph

    @property
    def graph(self) -> Graph:
        """The current graph."""
        return self._steps[self._index].graph

    def commit(self, name: str, graph: Graph, merge: str | None = None) -> None:
        """Make `graph` the current one, as a step called `name`; steps undone before are gone.

        Args:
            merge: a key that says what is going on ("move x4", "type f"): commits in a row with
                the same key become one step, until another key or `end_merge`.
        """
        if graph is self.graph:
            return
        del self._steps[self._index + 1 :]
        if merge is not None and merge == self._merging:
            self._steps[-1] = _Step(self._steps[-1].name, graph)
        else:
            self._steps.append(_Step(name, graph))
            del self._steps[: -self._limit - 1]
        self._index = len(self._steps) - 1
        self._merging = merge

    def renew(self, graph: Graph) -> None:
        """Put an equal graph in the place of the present one, without a step.

        Node types have come, gone or changed, so nothing that was worked out from them holds.
        """
        if self._saved is self.graph:
            self._saved = graph
        for step in self._steps:
            step.graph.forget_derived()
        self._steps[self._index] = _Step(self._steps[self._index].name, graph)

    def undo(self) -> Graph:
        """Go back one step and give the graph there.

        Raises:
            GraphError: if there is nothing to undo.
        """
        if not self.can_undo:
            raise GraphError("There is nothing to undo.")
        return self._go(-1)

    def redo(self) -> Graph:
        """Go forward one step and give the graph there.

        Raises:
            GraphError: if there is nothing to redo.
        """
        if not self.can_redo:
            raise GraphError("There is nothing to redo.")
        return self._go(+1)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return self._index > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to redo."""
        return self._index + 1 < len(self._steps)

    @property
    def undo_name(self) -> str:
        """Name of the step that `undo` takes back, or ""."""
        return self._steps[self._index].name if self.can_undo else ""

    @property
    def redo_name(self) -> str:
        """Name of the step that `redo` repeats, or ""."""
        return self._steps[self._index + 1].name if self.can_redo else ""

    def end_merge(self) -> None:
        """Let the next commit be a step of its own: a drag or typing has ended."""
        self._merging = None

    def mark_saved(self) -> None:
        """Remember that the current graph is the one in the file."""
        self._saved = self.graph
        self.end_merge()

    @property
    def is_dirty(self) -> bool:
        """Whether the current graph is another than the saved one."""
        return self.graph is not self._saved

    def _go(self, steps: int) -> Graph:
        self._index += steps
        self.end_merge()
        return self.graph
