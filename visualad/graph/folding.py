"""A graph as it is seen while groups are collapsed: which card stands for which nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from visualad.errors import GraphError
from visualad.graph.groups import Border, border, outermost_first
from visualad.graph.model import Graph, Group, Node

EdgeKey = tuple[str, str, str]  # source, target, port


class Folding:
    """What is seen of a graph.

    Attributes:
        graph: the whole graph.
        cards: the groups that are one card each, by id; groups in them are not seen.
        boxes: the groups that are seen with their members, those around others first.
        card_of: for each hidden node the id of the group whose card stands for it.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.cards: dict[str, Group] = {}
        self.boxes: dict[str, Group] = {}
        self.card_of: dict[str, str] = {}
        for group in outermost_first(graph.groups):
            if group.members[0] in self.card_of:
                continue
            if group.collapsed:
                self.cards[group.id] = group
                self.card_of.update(dict.fromkeys(group.members, group.id))
            else:
                self.boxes[group.id] = group

    def hides(self, key: EdgeKey) -> bool:
        """Whether an edge lies within a card."""
        card = self.card_of.get(key[0])
        return card is not None and card == self.card_of.get(key[1])

    @cached_property
    def borders(self) -> Mapping[str, Border]:
        """What crosses the border of each card."""
        return {id_: border(self.graph, card.members) for id_, card in self.cards.items()}

    @cached_property
    def card_nodes(self) -> Mapping[str, str]:
        """For each card the id of the node that stands for it in `folded`."""
        found = {}
        for id_ in self.cards:
            name = id_
            while name in self.graph.nodes_by_id:
                name += "'"
            found[id_] = name
        return found

    @cached_property
    def folded(self) -> Graph:
        """A graph with one node for each card, for layouts; it has no cycles.

        An edge that would close one, from a node between members of a group, is left out.
        """
        if not self.cards:
            return self.graph
        stands = {id_: self.card_nodes[card] for id_, card in self.card_of.items()}
        nodes: dict[str, Node] = {}
        for id_, node in self.graph.nodes_by_id.items():
            if id_ not in stands:
                nodes[id_] = node
            elif stands[id_] not in nodes:
                card = self.cards[self.card_of[id_]]
                sources = self.borders[card.id].sources
                nodes[stands[id_]] = Node(
                    stands[id_], "", card.title, position=card.position, stored_ports=sources
                )
        edges: dict[tuple[str, str], str] = {}
        for edge in self.graph.edges:
            source, target = stands.get(edge.source, edge.source), stands.get(edge.target)
            if source != target:
                edges[(edge.target, edge.port) if target is None else (target, edge.source)] = (
                    source
                )
        made = replace(
            self.graph, nodes_by_id=nodes, sources=edges, groups={}, declared_outputs=None
        )
        try:
            _ = made.order
        except GraphError:
            return made.with_(sources=_without_cycles(edges, set(stands.values())))
        return made


UNFOLDED = Folding(Graph())


def _without_cycles(
    edges: Mapping[tuple[str, str], str], cards: set[str]
) -> dict[tuple[str, str], str]:
    """Edges without those that close a cycle; every cycle goes through a card."""
    kept: dict[tuple[str, str], str] = {}
    out_of: dict[str, list[str]] = {}
    touching = {key for key, source in edges.items() if key[0] in cards or source in cards}
    for key in sorted(edges, key=touching.__contains__):
        source, target = edges[key], key[0]
        if key in touching and _reaches(out_of, target, source):
            continue
        kept[key] = source
        out_of.setdefault(source, []).append(target)
    return kept


def _reaches(out_of: Mapping[str, list[str]], start: str, goal: str) -> bool:
    waiting, seen = [start], {start}
    while waiting:
        here = waiting.pop()
        if here == goal:
            return True
        new = [target for target in out_of.get(here, ()) if target not in seen]
        seen.update(new)
        waiting += new
    return False
