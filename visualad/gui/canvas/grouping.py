"""What the canvas does with groups: make, open, close and dissolve them, one step each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from visualad.graph import edits
from visualad.graph.folding import Folding
from visualad.graph.group_room import place_of_card, room_to_open
from visualad.graph.groups import groups_around, outermost_first
from visualad.graph.model import Graph, Group
from visualad.gui.canvas.geometry import ROW, geometry
from visualad.gui.canvas.group_faces import group_face, group_formula

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView


class Grouping:
    """Groups by what is selected: the groups that are selected whole, else the one around."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view

    # What is meant ----------------------------------------------------------------------------

    @property
    def _graph(self) -> Graph:
        return self._view.document.graph

    def selected(self) -> list[Group]:
        """The groups all of whose members are selected, without those that lie in another one."""
        chosen = self._view.session.selected_nodes
        found: list[Group] = []
        for group in outermost_first(self._graph.groups):
            inside = any(set(group.members) <= set(outer.members) for outer in found)
            if not inside and chosen.issuperset(group.members):
                found.append(group)
        return found

    def selected_group(self) -> str:
        """The id of the group that is all that is selected, or ""."""
        found = self.selected()
        chosen = self._view.session.selected_nodes
        alone = len(found) == 1 and chosen == set(found[0].members)
        # A lone node that is seen is meant itself.
        if not alone or (len(chosen) == 1 and not found[0].collapsed):
            return ""
        return found[0].id

    def meant(self) -> list[Group]:
        """What a command on groups is about: those that are selected, else those around."""
        found = self.selected()
        if found:
            return found
        around = [groups_around(self._graph, id_) for id_ in self._view.session.selected_nodes]
        return list({groups[-1].id: groups[-1] for groups in around if groups}.values())

    def can_group(self) -> bool:
        """Whether there are nodes to make a group of."""
        return bool(self._view.session.selected_nodes)

    def target(self) -> Group | None:
        """The one group that is selected whole beside other nodes: they can join it."""
        found = self.selected()
        more = self._view.session.selected_nodes - {m for g in found for m in g.members}
        return found[0] if len(found) == 1 and more else None

    # Edits ------------------------------------------------------------------------------------

    def group(self) -> str:
        """Make a group of the selected nodes and let its title be typed; returns its id or ""."""
        nodes = self._view.session.selected_nodes
        before = self._graph.groups.keys()
        if not nodes or not self._view.editing.apply(
            "Group", lambda graph: edits.add_group(graph, nodes)
        ):
            return ""
        new = [id_ for id_ in self._graph.groups if id_ not in before]
        if not new:
            return ""
        self._view.edit_text("group", new[0])
        return new[0]

    def ungroup(self) -> None:
        """Dissolve the groups that are meant; their nodes stay."""
        groups = self.meant()
        if not groups:
            return

        def edit(graph: Graph) -> Graph:
            for group in groups:
                if group.collapsed:
                    graph = self._opened(graph, group.id)
                graph = edits.remove_group(graph, group.id)
            return graph

        self._view.editing.apply(f"Ungroup {_names(groups)}", edit)

    def toggle_selected(self) -> None:
        """Open the groups that are meant when one of them is a card, else close them."""
        scene = self._view.scene_
        hidden = {
            scene.folding.card_of[id_]
            for id_ in self._view.session.selected_nodes
            if id_ in scene.folding.card_of
        }
        self.toggle(sorted(hidden) or [group.id for group in self.meant()])

    def toggle(self, ids: Iterable[str]) -> None:
        """Open these groups when one of them is collapsed, else collapse them."""
        groups = [self._graph.groups[id_] for id_ in ids]
        if not groups:
            return
        opens = any(group.collapsed for group in groups)

        def edit(graph: Graph) -> Graph:
            change = self._opened if opens else self._collapsed
            for group in groups:
                graph = change(graph, group.id)
            return graph

        self._view.editing.apply(f"{'Open' if opens else 'Collapse'} {_names(groups)}", edit)

    def open(self, id_: str) -> None:
        """Show the members of a group."""
        if self._graph.groups[id_].collapsed:
            self.toggle([id_])

    def uncover(self, node: str) -> None:
        """Open the groups in whose card a node is hidden."""
        while node in self._view.scene_.folding.card_of:
            self.open(self._view.scene_.folding.card_of[node])

    def _collapsed(self, graph: Graph, id_: str) -> Graph:
        """The group as a card that covers nothing."""
        graph = edits.set_group(graph, id_, collapsed=True)
        folding = Folding(graph)
        if id_ not in folding.cards:  # it lies in another card
            return graph
        looks = self._view.scene_.looks()
        shown = group_face(folding, id_, looks, group_formula(folding, id_))
        width, height = geometry(shown.face).size
        if not looks.derivatives:  # room for the rows that they add
            height += ROW * len(shown.results)
        place = place_of_card(graph, id_, (width, height), self._view.node_sizes())
        return edits.set_group(graph, id_, position=place)

    def _opened(self, graph: Graph, id_: str) -> Graph:
        if not graph.groups[id_].collapsed:
            return graph
        room = room_to_open(graph, id_, self._view.node_sizes())
        graph = edits.move_groups(edits.move(graph, room.nodes), room.groups)
        return edits.set_group(graph, id_, collapsed=False)

    def rename(self, id_: str, title: str) -> bool:
        """Another title."""
        old = self._graph.groups[id_].title
        return self._view.editing.apply(
            f"Rename {old}", lambda graph: edits.set_group(graph, id_, title=title)
        )

    def add_members(self) -> None:
        """Take the other selected nodes into the one group that is selected whole."""
        group, nodes = self.target(), self._view.session.selected_nodes
        if group is not None:
            self._view.editing.apply(
                f"Add to {group.title}", lambda graph: edits.add_members(graph, group.id, nodes)
            )

    def remove_members(self) -> None:
        """Take the selected nodes out of the innermost group that each is in."""
        nodes = self._view.session.selected_nodes

        def edit(graph: Graph) -> Graph:
            for id_ in nodes:
                around = groups_around(graph, id_)
                if around:
                    graph = edits.remove_members(graph, around[-1].id, [id_])
            return graph

        self._view.editing.apply("Remove from group", edit)


def _names(groups: Iterable[Group]) -> str:
    listed = list(groups)
    return listed[0].title if len(listed) == 1 else f"{len(listed)} groups"
