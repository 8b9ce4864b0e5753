"""Commands on groups, frames and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualad.gui.commands.declaration import Command, has_selected_nodes

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow


def _has_meant(window: MainWindow) -> bool:
    """A group is selected, or a node in one."""
    return bool(window.canvas.grouping.meant())


def _is_collapsed(window: MainWindow) -> bool:
    hidden = window.session.folding.card_of
    return any(id_ in hidden for id_ in window.session.selected_nodes)


def _grouped_nodes(window: MainWindow) -> bool:
    """A selected node is in a group."""
    grouped = {m for g in window.document.graph.groups.values() for m in g.members}
    return not grouped.isdisjoint(window.session.selected_nodes)


GROUPS = (
    Command(
        "graph.group",
        "Group",
        lambda w: w.canvas.grouping.group(),
        "Graph",
        ("Ctrl+G",),
        "group",
        has_selected_nodes,
        tip="Put the selected nodes in a box with a title; it can be collapsed to one card.",
        section=1,
    ),
    Command(
        "graph.ungroup",
        "Ungroup",
        lambda w: w.canvas.grouping.ungroup(),
        "Graph",
        ("Ctrl+Shift+G",),
        "",
        _has_meant,
        tip="Dissolve the group; its nodes stay.",
        section=1,
    ),
    Command(
        "graph.collapse",
        "Collapse Group",
        lambda w: w.canvas.grouping.toggle_selected(),
        "Graph",
        ("C",),
        "",
        _has_meant,
        named=lambda w: "Open Group" if _is_collapsed(w) else "Collapse Group",
        tip="Show the group as one card, or its nodes.",
        section=1,
    ),
    Command(
        "graph.add_to_group",
        "Add to Group",
        lambda w: w.canvas.grouping.add_members(),
        "Graph",
        (),
        "",
        lambda w: w.canvas.grouping.target() is not None,
        tip="Take the selected nodes into the group that is selected with them.",
        section=1,
    ),
    Command(
        "graph.remove_from_group",
        "Remove from Group",
        lambda w: w.canvas.grouping.remove_members(),
        "Graph",
        (),
        "",
        _grouped_nodes,
        tip="Take the selected nodes out of their group.",
        section=1,
    ),
    Command(
        "graph.add_note",
        "Add Note",
        lambda w: w.canvas.add_note(),
        "Graph",
        ("N",),
        "note",
        tip="Write on the canvas; a note is no part of the mathematics.",
        section=1,
    ),
    Command(
        "graph.frame",
        "Frame Selection",
        lambda w: w.canvas.frame_selection(),
        "Graph",
        ("Shift+F",),
        "",
        has_selected_nodes,
        tip="Draw a titled frame behind the selected nodes; they move with it.",
        section=1,
    ),
)
