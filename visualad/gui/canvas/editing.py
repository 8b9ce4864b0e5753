"""What the canvas does to the document: each method is one step in its history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from PySide6.QtCore import QByteArray, QMimeData, QPointF
from PySide6.QtGui import QGuiApplication

from visualad.errors import VisualADError
from visualad.graph import edits, file, fragments
from visualad.graph.checks import Validity, can_connect
from visualad.graph.folding import EdgeKey
from visualad.graph.fragments import Fragment
from visualad.graph.model import Edge, Frame, Graph, Note
from visualad.gui.canvas.geometry import GRID
from visualad.gui.canvas.hits import Port
from visualad.gui.document import Document
from visualad.gui.session import Session
from visualad.ops.declaration import REGISTRY, Operation

NODE_MIME = "application/x-visualad-node"
FRAGMENT_MIME = "application/x-visualad-fragment+json"

Edit = Callable[[Graph], Graph]
Rectangle = tuple[float, float, float, float]  # x, y, width, height


def snapped(at: QPointF) -> tuple[float, float]:
    """The nearest point of the grid."""
    return round(at.x() / GRID) * GRID, round(at.y() / GRID) * GRID


def edge_of(source: Port, target: Port) -> tuple[str, str, str]:
    """The key of the edge between an output and an input, in whichever order they are given."""
    if source.is_output:
        return source.node, target.node, target.name
    return target.node, source.node, source.name


class Editing:
    """The edits of the canvas on a document; selects what results."""

    def __init__(self, document: Document, session: Session) -> None:
        self._document = document
        self._session = session
        self._pastes = 0

    @property
    def graph(self) -> Graph:
        """The graph as it is now."""
        return self._document.graph

    def apply(self, name: str, edit: Edit, merge: str | None = None) -> bool:
        """One step of the history; False when it was refused (the document has said why)."""
        return self._document.apply(name, edit, merge)

    def _apply_and_select_new(self, name: str, edit: Edit) -> tuple[str, ...]:
        before = self.graph.nodes_by_id.keys()
        if not self.apply(name, edit):
            return ()
        new = tuple(id_ for id_ in self.graph.nodes_by_id if id_ not in before)
        self._session.select(new)
        return new

    # Nodes ------------------------------------------------------------------------------------

    def add(self, op: str, at: tuple[float, float]) -> str:
        """A new node at a place; returns its id, or "" when it was refused."""
        new = self._apply_and_select_new(
            f"Add {_label(op)}", lambda graph: edits.add_node(graph, op, position=at)
        )
        return new[0] if new else ""

    def add_connected(
        self, op: str, at: tuple[float, float], port: Port, unplug: EdgeKey | None = None
    ) -> str:
        """A new node, joined to a port by the first of its ports that fits."""

        def edit(graph: Graph) -> Graph:
            if unplug is not None:
                graph = edits.disconnect(graph, unplug[1], unplug[2])
            return joined(graph, op, port, at)

        name = self.graph.nodes_by_id[port.node].name
        new = self._apply_and_select_new(f"Add {_label(op)} to {name}", edit)
        return new[0] if new else ""

    def fitting(self, port: Port, unplug: EdgeKey | None = None) -> list[Operation]:
        """The node types that could be joined to a port."""
        base = self.graph
        if unplug is not None:
            base = edits.disconnect(base, unplug[1], unplug[2])
        found = []
        for declared in REGISTRY:
            if port.is_output and declared.leaf:
                continue
            try:
                joined(base, declared.name, port, (0.0, 0.0))
            except VisualADError:
                continue
            found.append(declared)
        return found

    def insert(self, op: str, at: tuple[float, float], edge: EdgeKey) -> str:
        """A new node in the middle of an edge."""

        def edit(graph: Graph) -> Graph:
            grown = edits.add_node(graph, op, position=at)
            return edits.insert_on_edge(grown, Edge(*edge), list(grown.nodes_by_id)[-1])

        new = self._apply_and_select_new(f"Insert {_label(op)}", edit)
        return new[0] if new else ""

    def can_insert(self, op: str, edge: EdgeKey) -> bool:
        """Whether a new node of this type fits on an edge."""
        try:
            grown = edits.add_node(self.graph, op)
            edits.insert_on_edge(grown, Edge(*edge), list(grown.nodes_by_id)[-1])
        except VisualADError:
            return False
        return True

    def move(
        self,
        positions: Mapping[str, tuple[float, float]],
        *,
        onto: EdgeKey | None = None,
        groups: Mapping[str, tuple[float, float]] | None = None,
        backdrops: Mapping[str, tuple[float, float]] | None = None,
        merge: str | None = None,
    ) -> bool:
        """Put nodes (and cards of groups, frames, notes) elsewhere.

        Args:
            onto: put the one node on that edge.
        """

        def edit(graph: Graph) -> Graph:
            graph = edits.move_groups(edits.move(graph, positions), groups or {})
            graph = _with_backdrops(graph, backdrops or {})
            if onto is not None:
                graph = edits.insert_on_edge(graph, Edge(*onto), next(iter(positions)))
            return graph

        name = self._what_moves(positions, groups or {}, backdrops or {})
        return self.apply(f"Insert {name}" if onto else f"Move {name}", edit, merge)

    def _what_moves(
        self, nodes: Iterable[str], groups: Iterable[str], backdrops: Iterable[str]
    ) -> str:
        names = [self.graph.nodes_by_id[id_].name for id_ in nodes]
        names += [self.graph.groups[id_].title for id_ in groups]
        if len(names) == 1:
            return names[0]
        if names:
            return f"{len(names)} nodes"
        return "note" if any(id_ in self.graph.notes for id_ in backdrops) else "frame"

    def rename(self, id_: str, name: str) -> bool:
        """Another name."""
        old = self.graph.nodes_by_id[id_].name
        return self.apply(f"Rename {old}", lambda graph: edits.rename(graph, id_, name))

    def set_value(self, id_: str, value: object, merge: str | None = None) -> bool:
        """Another value of a leaf."""
        name = self.graph.nodes_by_id[id_].name
        return self.apply(
            f"Set {name}", lambda graph: edits.set_setting(graph, id_, "value", value), merge
        )

    # Edges ------------------------------------------------------------------------------------

    def may_connect(self, one: Port, other: Port, unplug: EdgeKey | None = None) -> Validity:
        """Whether these two ports may be joined, once the edge `unplug` is gone."""
        if one.is_output == other.is_output:
            return Validity(False, "An edge goes from an output to an input.")
        source, target, port = edge_of(one, other)
        graph = self.graph
        if unplug is not None and unplug != (source, target, port):
            graph = edits.disconnect(graph, unplug[1], unplug[2])
        return can_connect(graph, source, target, port, replace=True)

    def connect(self, one: Port, other: Port, unplug: EdgeKey | None = None) -> bool:
        """Join two ports; `unplug`: the edge that is moved there."""
        source, target, port = edge_of(one, other)
        if unplug == (source, target, port):
            return True

        def edit(graph: Graph) -> Graph:
            if unplug is not None:
                graph = edits.disconnect(graph, unplug[1], unplug[2])
            return edits.connect(graph, source, target, port, replace=True)

        nodes = self.graph.nodes_by_id
        names = f"{nodes[source].name} to {nodes[target].name}"
        return self.apply(f"Connect {names}", edit)

    def disconnect(self, edges: Iterable[EdgeKey]) -> bool:
        """Remove edges."""
        gone = list(edges)
        nodes = self.graph.nodes_by_id
        if len(gone) == 1:
            name = f"Disconnect {nodes[gone[0][0]].name} from {nodes[gone[0][1]].name}"
        else:
            name = f"Disconnect {len(gone)} edges"
        return self.apply(name, lambda graph: _without_edges(graph, gone))

    # Many at once -----------------------------------------------------------------------------

    def delete(self) -> None:
        """Remove what is selected."""
        nodes, edges_gone = self._session.selected_nodes, self._session.selected_edges
        backdrops = self._session.selected_backdrops
        if not nodes and not edges_gone and not backdrops:
            return

        def edit(graph: Graph) -> Graph:
            graph = edits.remove(_without_edges(graph, edges_gone), nodes)
            for kind, id_ in backdrops:
                remove = edits.remove_note if kind == "note" else edits.remove_frame
                graph = remove(graph, id_)
            return graph

        if nodes:
            what = self._what(nodes)
        elif edges_gone:
            what = _count(len(edges_gone), "edge")
        else:
            kinds = {kind for kind, _ in backdrops}
            what = kinds.pop() if len(backdrops) == 1 else "notes and frames"
        self.apply(f"Delete {what}", edit)

    # Notes and frames -------------------------------------------------------------------------

    def add_note(self, rectangle: Rectangle) -> str:
        """A new note; returns its id."""
        before = self.graph.notes.keys()
        self.apply("Add note", lambda graph: edits.add_note(graph, "Note", rectangle))
        return self._select_backdrop("note", self.graph.notes.keys() - before)

    def add_frame(self, rectangle: Rectangle) -> str:
        """A new frame; returns its id."""
        before = self.graph.frames.keys()
        self.apply("Frame selection", lambda graph: edits.add_frame(graph, "Frame", rectangle))
        return self._select_backdrop("frame", self.graph.frames.keys() - before)

    def _select_backdrop(self, kind: str, new: Iterable[str]) -> str:
        id_ = next(iter(new), "")
        if id_:
            self._session.select((), (), [(kind, id_)])
        return id_

    def set_note(self, id_: str, text: str) -> bool:
        """Another text; without any the note goes."""
        if not text:
            return self.apply("Delete note", lambda graph: edits.remove_note(graph, id_))
        return self.apply("Edit note", lambda graph: edits.set_note(graph, id_, text=text))

    def rename_frame(self, id_: str, title: str) -> bool:
        """Another title; it may be empty."""
        return self.apply("Rename frame", lambda graph: edits.set_frame(graph, id_, title=title))

    def resize(self, key: tuple[str, str], rectangle: Rectangle) -> bool:
        """Another place and size of a note or frame."""
        kind, id_ = key
        change = edits.set_note if kind == "note" else edits.set_frame
        return self.apply(f"Resize {kind}", lambda graph: change(graph, id_, rectangle=rectangle))

    def copy(self) -> bool:
        """Put the selected nodes on the clipboard; False when there is none."""
        if not self._session.selected_nodes:
            return False
        fragment = fragments.copy_fragment(self.graph, self._session.selected_nodes)
        mime = QMimeData()
        mime.setData(FRAGMENT_MIME, QByteArray(file.to_json(fragment.graph).encode()))
        names = [node.name for node in fragment.graph]
        mime.setText(", ".join(names))
        QGuiApplication.clipboard().setMimeData(mime)
        self._pastes = 0
        return True

    def cut(self) -> None:
        """Copy and remove the selected nodes."""
        if self.copy():
            nodes = self._session.selected_nodes
            self.apply(f"Cut {self._what(nodes)}", lambda graph: edits.remove(graph, nodes))

    def paste(self, at: QPointF | None = None) -> tuple[str, ...]:
        """Nodes from the clipboard, with their middle at a point, or beside the copied ones."""
        mime = QGuiApplication.clipboard().mimeData()
        if not mime.hasFormat(FRAGMENT_MIME):
            return ()
        text = bytes(mime.data(FRAGMENT_MIME).data()).decode("utf-8", errors="replace")
        try:
            fragment = Fragment(file.from_json(text))
        except VisualADError as error:
            self._document.refused.emit(error.message)
            return ()
        self._pastes += 1
        offset = (3 * GRID * self._pastes, 3 * GRID * self._pastes)
        if at is not None:
            places = [node.position for node in fragment.graph]
            middle = [(min(p[i] for p in places) + max(p[i] for p in places)) / 2 for i in (0, 1)]
            offset = snapped(QPointF(at.x() - middle[0], at.y() - middle[1]))
        return self._apply_and_select_new(
            f"Paste {_count(len(fragment.graph), 'node')}",
            lambda graph: fragments.paste(graph, fragment, offset),
        )

    def duplicate(self) -> tuple[str, ...]:
        """The selected nodes once more, fed by the same nodes."""
        nodes = self._session.selected_nodes
        if not nodes:
            return ()
        fragment = fragments.copy_fragment(self.graph, nodes)
        return self._apply_and_select_new(
            f"Duplicate {self._what(nodes)}",
            lambda graph: fragments.paste(
                graph, fragment, (3 * GRID, 3 * GRID), keep_incoming=True
            ),
        )

    def _what(self, nodes: Iterable[str]) -> str:
        ids = list(nodes)
        return self.graph.nodes_by_id[ids[0]].name if len(ids) == 1 else _count(len(ids), "node")


def joined(graph: Graph, op: str, port: Port, at: tuple[float, float]) -> Graph:
    """The graph with a new node that is connected to a port.

    Raises:
        GraphError: if none of its ports fits.
    """
    grown = edits.add_node(graph, op, position=at)
    new = list(grown.nodes_by_id)[-1]
    if not port.is_output:
        return edits.connect(grown, new, port.node, port.name, replace=True)
    refusal: VisualADError | None = None
    for name in grown.nodes_by_id[new].ports:
        try:
            return edits.connect(grown, port.node, new, name)
        except VisualADError as error:
            refusal = refusal or error
    raise refusal or VisualADError(f"{_label(op)} takes no input.")


def _without_edges(graph: Graph, gone: Iterable[EdgeKey]) -> Graph:
    for _, target, port in gone:
        graph = edits.disconnect(graph, target, port)
    return graph


def _with_backdrops(graph: Graph, places: Mapping[str, tuple[float, float]]) -> Graph:
    if not places:
        return graph

    def moved(item: Frame | Note) -> Frame | Note:
        if item.id not in places:
            return item
        return replace(item, rectangle=(*places[item.id], *item.rectangle[2:]))

    return graph.with_(
        frames={id_: moved(item) for id_, item in graph.frames.items()},
        notes={id_: moved(item) for id_, item in graph.notes.items()},
    )


def _label(op: str) -> str:
    declared = REGISTRY.get(op)
    return declared.label if declared is not None else op


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
