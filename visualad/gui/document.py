"""The graph that is being edited, with its history, its file and whether it is saved."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Container
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from visualad.errors import VisualADError
from visualad.graph import edits, file
from visualad.graph.history import History
from visualad.graph.layout import layered_layout
from visualad.graph.model import Graph
from visualad.gui.background import LARGE_GRAPH, done_beside


class Document(QObject):
    """One open document. Every change goes through `apply`, `undo`, `redo`, `new` or `open`.

    Attributes:
        id: of this document while it is open; names its recovery file. New with `new` and `open`.
        path: its file, or None.
        suggested: file name to propose while it has none ("lecture.vad" for an example).
        beside: what else is saved, by key at the top of the file: functions that give plain data
            or None. It is no part of the graph and of undo; `graph.extra` has it after opening.

    Signals:
        graph_changed: `graph` is another one (by an edit, undo, redo, new or open).
        replaced: another document stands here; emitted before its `graph_changed`.
        path_changed: by open, new or save as.
        saved: the graph lies in the file now.
        dirty_changed: whether there are changes that no file holds.
        operations_changed: node types have come, gone or changed; before `graph_changed`.
        refused: an edit was not possible; one sentence that says why.
    """

    graph_changed = Signal()
    replaced = Signal()
    path_changed = Signal()
    saved = Signal()
    dirty_changed = Signal(bool)
    operations_changed = Signal()
    refused = Signal(str)

    def __init__(self, graph: Graph | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = History(graph if graph is not None else Graph())
        self._history.mark_saved()
        self._recovered = False  # dirty although no step has been made
        self._was_dirty = False
        self.id = uuid.uuid4().hex
        self.path: Path | None = None
        self.suggested = ""
        self.beside: dict[str, Callable[[], Any]] = {}

    # What it is -------------------------------------------------------------------------------

    @property
    def graph(self) -> Graph:
        """The graph as it is now."""
        return self._history.graph

    @property
    def is_dirty(self) -> bool:
        """Whether there are changes that no file holds."""
        return self._recovered or self._history.is_dirty

    @property
    def title(self) -> str:
        """The file name, or one that tells what it is."""
        return self.path.name if self.path is not None else self.suggested or "Untitled"

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone step."""
        return self._history.can_redo

    @property
    def undo_name(self) -> str:
        """What `undo` would undo, for the menu: "Move x4"; "" when nothing."""
        return self._history.undo_name or ""

    @property
    def redo_name(self) -> str:
        """What `redo` would do again; "" when nothing."""
        return self._history.redo_name or ""

    def kept(self) -> Graph:
        """The graph as a file keeps it, with what is saved beside it."""
        extra = {key: value for key, value in self.graph.extra.items() if key not in self.beside}
        for key, give in self.beside.items():
            data = give()
            if data is not None:
                extra[key] = data
        return self.graph if extra == dict(self.graph.extra) else self.graph.with_(extra=extra)

    # Editing ----------------------------------------------------------------------------------

    def apply(self, name: str, edit: Callable[[Graph], Graph], merge: str | None = None) -> bool:
        """Change the graph by a function from graph to graph, as one undoable step.

        Args:
            name: what the step is called in the Edit menu: "Connect x4 to x7".
            edit: a function such as those of `visualad.graph.edits`.
            merge: successive steps with the same key become one: a drag, typing into a field.

        Returns:
            False when the edit was refused; `refused` has then said why.
        """
        try:
            changed = edit(self.graph)
        except VisualADError as error:
            self.refused.emit(error.message)
            return False
        if changed is not self.graph and changed != self.graph:
            self._history.commit(name, changed, merge=merge)
            self._changed()
        return True

    def renew_operations(self, names: Container[str]) -> None:
        """Node types of these names have come, gone or changed: no step, but everything anew."""
        graph = self.graph
        nodes = {
            id_: replace(node) if node.op in names else node
            for id_, node in graph.nodes_by_id.items()
        }
        self._history.renew(graph.with_(nodes_by_id=nodes))
        self.operations_changed.emit()
        self._changed()

    def end_merge(self) -> None:
        """The next step starts anew, even with the same merge key: the mouse was released."""
        self._history.end_merge()

    def undo(self) -> None:
        """Take the last step back; nothing happens when there is none."""
        if self.can_undo:
            self._history.undo()
            self._changed()

    def redo(self) -> None:
        """Do the last undone step again; nothing happens when there is none."""
        if self.can_redo:
            self._history.redo()
            self._changed()

    # Files ------------------------------------------------------------------------------------

    def new(self, graph: Graph | None = None, *, saved: bool = True, suggested: str = "") -> None:
        """Start another document; what was here is gone, so ask before.

        Args:
            saved: False for a graph that is worth a question before it is lost.
            suggested: file name to propose when it is saved.
        """
        self._replace(
            graph if graph is not None else Graph(), None, saved=saved, suggested=suggested
        )

    def open(self, path: Path | str) -> None:
        """Open a `.vad` file; what was here is gone, so ask before.

        Raises:
            FileError: when it cannot be read; the document stays as it was.
        """
        self.show(file.load(Path(path)), path)

    def show(self, graph: Graph, path: Path | str) -> None:
        """Show the graph that was read from a file; what was here is gone, so ask before."""
        self._replace(graph, Path(path).absolute(), saved=True)

    def recover(self, graph: Graph, path: Path | None) -> None:
        """Take up a graph from a recovery file; it counts as unsaved."""
        self._replace(graph, path, saved=False)

    def save(self, path: Path | str | None = None) -> None:
        """Write the graph to its file, or to `path`, which is then its file.

        Raises:
            FileError: when it cannot be written; the document stays as it was.
            ValueError: without a path when the document has no file yet.
        """
        target = Path(path).absolute() if path is not None else self.path
        if target is None:
            raise ValueError("A document without a file needs a path to be saved.")
        graph = self.kept()
        if len(graph) > LARGE_GRAPH:
            done_beside(lambda: file.save(graph, target))
        else:
            file.save(graph, target)
        moved = target != self.path
        self.path = target
        self._recovered = False
        self._history.mark_saved()
        if moved:
            self.path_changed.emit()
        self._tell_dirty()
        self.saved.emit()

    def _replace(
        self, graph: Graph, path: Path | None, *, saved: bool, suggested: str = ""
    ) -> None:
        history = History(placed(graph))
        history.mark_saved()
        self._history = history
        self._recovered = not saved
        self.id = uuid.uuid4().hex
        self.path = path
        self.suggested = suggested
        self.replaced.emit()
        self.path_changed.emit()
        self._changed()

    def _changed(self) -> None:
        self.graph_changed.emit()
        self._tell_dirty()

    def _tell_dirty(self) -> None:
        if self.is_dirty != self._was_dirty:
            self._was_dirty = self.is_dirty
            self.dirty_changed.emit(self.is_dirty)


def placed(graph: Graph) -> Graph:
    """The graph laid out, if nobody has placed its nodes: they all lie upon one another."""
    if len(graph) > 1 and len({node.position for node in graph.nodes_by_id.values()}) == 1:
        return edits.move(graph, layered_layout(graph))
    return graph
