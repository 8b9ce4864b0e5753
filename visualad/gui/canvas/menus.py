"""Context menus and tool tips of what lies on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from visualad.exchange.words import operation_writing
from visualad.graph.neurons import LINEAR, NEURON
from visualad.gui import icons
from visualad.gui.canvas.hits import Hit
from visualad.gui.commands import COMMANDS
from visualad.gui.elimination_game import elimination_game
from visualad.gui.questions import derivatives_reach
from visualad.ops.writing import name_pretty, number_text

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

_NODE = (
    "edit.rename",
    "cross.eliminate",
    "",
    "edit.cut",
    "edit.copy",
    "edit.duplicate",
    "edit.delete",
    "",
    "graph.group",
    "graph.frame",
    "graph.add_to_group",
    "graph.remove_from_group",
    "",
    "graph.layout",
    "view.fit",
)
_GROUP = (
    "graph.collapse",
    "edit.rename",
    "graph.ungroup",
    "",
    "edit.cut",
    "edit.copy",
    "edit.duplicate",
    "edit.delete",
    "",
    "graph.layout",
    "view.fit",
)
_EDGE = ("cross.front", "cross.back", "", "edit.delete")
_BACKDROP = ("edit.rename", "edit.delete")
_CANVAS = (
    "graph.add_node",
    "graph.add_note",
    "edit.paste",
    "edit.select_all",
    "",
    "graph.layout",
    "view.fit",
    "view.zoom_reset",
)


def build_menu(view: CanvasView, found: Hit, at: QPointF | None = None) -> QMenu:
    """The menu for what is there; its entries ask the window to run its commands.

    Args:
        at: where it is opened, in the scene.
    """
    menu = QMenu(view)
    menu.setObjectName("canvas_menu")
    if found.node and view.node_item(found.node).face.editable:
        edit = menu.addAction("Edit Value")
        edit.triggered.connect(lambda: view.edit_value(found.node))
    entries: tuple[str, ...]
    if found.group:
        entries = _GROUP
    elif found.backdrop is not None:
        entries = _BACKDROP
    else:
        entries = _NODE if found.node else _EDGE if found.edge else _CANVAS
    if found.node:
        entries = (*_of_type(view, found.node), *entries)
    elif found.group and _has_neurons(view, found.group):
        entries = ("graph.gather", "", *entries)
    for identity in entries:
        if not identity:
            menu.addSeparator()
            continue
        command = COMMANDS.get(identity)
        if command is None or (identity.startswith("cross.") and view.session.mode != "cross"):
            continue
        action = menu.addAction(command.title)
        action.setObjectName(identity)
        if command.icon:
            action.setIcon(icons.icon(command.icon))
        if command.shortcuts:
            action.setShortcut(QKeySequence(command.shortcuts[0]))
            action.setShortcutVisibleInContextMenu(True)
        if identity == "graph.add_note" and at is not None:  # there, and not where the mouse is
            action.triggered.connect(lambda checked=False: view.add_note(at))
            continue
        if identity == "edit.rename" and found.backdrop is not None:
            action.setText("Edit Text" if found.note else "Edit Title")
        action.triggered.connect(
            lambda checked=False, identity=identity: view.command_requested.emit(identity)
        )
    return menu


def _of_type(view: CanvasView, id_: str) -> tuple[str, ...]:
    """What can be done with a node of this type alone."""
    op = view.document.graph.nodes_by_id[id_].op
    if op == LINEAR:
        return ("graph.write_out", "")
    return ("graph.gather", "") if op == NEURON else ()


def _has_neurons(view: CanvasView, group: str) -> bool:
    nodes = view.document.graph.nodes_by_id
    return any(nodes[member].op == NEURON for member in view.scene_.groups.members(group))


def open_menu(view: CanvasView, found: Hit, at: QPoint) -> None:
    """Select what is there, if it is not selected yet, and show its menu."""
    session = view.session
    if found.group:
        members = view.scene_.groups.members(found.group)
        if not session.selected_nodes.issuperset(members):
            session.select(members)
    elif found.node and found.node not in session.selected_nodes:
        session.select([found.node])
    elif found.backdrop is not None and found.backdrop not in session.selected_backdrops:
        session.select((), (), [found.backdrop])
    elif found.edge and found.edge not in session.selected_edges:
        session.select((), [found.edge])
    menu = build_menu(view, found, view.mapToScene(view.viewport().mapFromGlobal(at)))
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at)


def tool_tip(view: CanvasView, found: Hit) -> str:
    """What is said about the thing under the mouse; rich text, "" for nothing."""
    if found.port is not None:
        return _port_tip(view, found)
    if found.node and elimination_game(view.session).offers(found.node):
        name = view.document.graph.nodes_by_id[found.node].name
        degree = view.scene_.moment.derivatives.get(found.node, ("", "", ""))[1]
        return f"Click or E: eliminate {escape(name_pretty(name))}, {degree} products"
    if found.group:
        return _group_tip(view, found)
    if found.node and view.is_map:
        graph = view.document.graph
        node = graph.nodes_by_id[found.node]
        words = f" = {operation_writing(graph, node)}" if not node.is_leaf else ""
        return f"<b>{escape(name_pretty(node.name))}</b>{escape(words)}"
    if found.node:
        face = view.node_item(found.node).face
        parts = [f"<b>{escape(face.title)}</b> = {escape(face.writing)}"]
        parts += [escape(sentence) for sentence in (face.error, face.kink) if sentence]
        return "<br>".join(parts) if face.error or face.kink else ""
    if found.edge is not None:
        return _edge_tip(view, found.edge)
    return ""


def _group_tip(view: CanvasView, found: Hit) -> str:
    groups = view.scene_.groups
    card = groups.cards.get(found.group)
    if found.part == "toggle":
        return "Collapse the group (C)" if card is None else "Open the group (C)"
    if card is None:
        return ""
    graph = view.document.graph
    face = card.face
    names = ", ".join(name_pretty(graph.nodes_by_id[m].name) for m in groups.members(found.group))
    parts = [f"<b>{escape(face.title.strip())}</b>: {escape(names)}"]
    parts += [escape(sentence) for sentence in (face.error, face.kink) if sentence]
    return "<br>".join(parts)


def _port_tip(view: CanvasView, found: Hit) -> str:
    assert found.port is not None
    graph, port = view.document.graph, found.port
    node = graph.nodes_by_id[port.node]
    source = port.node if port.is_output else graph.sources.get((port.node, port.name))
    words = "output" if port.is_output else f"port {port.name}"
    tip = f"{escape(node.name)}, {escape(words)}"
    if source is None:
        return f"{tip}: drag here from another node"
    value = view.session.values.get(source)
    if value is not None:
        tip += f": {escape(graph.nodes_by_id[source].name)} = {escape(number_text(value))}"
    return tip


def _edge_tip(view: CanvasView, key: tuple[str, str, str]) -> str:
    graph, session = view.document.graph, view.session
    source, target = graph.nodes_by_id[key[0]].name, graph.nodes_by_id[key[1]].name
    tip = f"{escape(source)} → {escape(target)}, port {escape(key[2])}"
    formula, partial = session.formulas.get(key), session.partials.get(key)
    if formula is not None and partial is not None:
        left = f"∂{name_pretty(target)}/∂{name_pretty(source)}"
        tip += f"<br>{escape(left)} = {escape(formula.text)} = {escape(number_text(partial))}"
    elif not derivatives_reach(graph, key[0]):
        tip += f"<br>no derivative is needed: {escape(name_pretty(source))} is constant"
    return tip


def escape(text: str) -> str:
    """As plain text in a tip that is marked up."""
    import html  # late: it brings a long table

    return html.escape(text)
