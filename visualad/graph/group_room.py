"""Making room for a group that opens: what would lie under its nodes gives way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from visualad.graph.folding import Folding
from visualad.graph.layout import CARD
from visualad.graph.model import Graph

Point = tuple[float, float]

_MARGIN, _TITLE, _GAP = 16.0, 30.0, 34.0  # of the box around the members
_BETWEEN, _STEP = 14.0, 18.0  # px round a card, and of the places that are tried
_REACH = range(-24, 25)


@dataclass(frozen=True)
class Room:
    """New top left corners, of nodes and of the cards of groups, by id."""

    nodes: Mapping[str, Point]
    groups: Mapping[str, Point]


def place_of_card(
    graph: Graph, id_: str, size: Point, sizes: Mapping[str, Point] | None = None
) -> Point:
    """Where the card of the group `id_` covers nothing: its own place, or the nearest to it.

    Args:
        graph: in which the group is a card already.
        size: of this card; sizes: as of `room_to_open`.
    """
    folding = Folding(graph)
    group = graph.groups[id_]
    places = {n.id: n.position for n in graph.nodes if n.id not in folding.card_of}
    places |= {folding.card_nodes[c]: g.position for c, g in folding.cards.items() if c != id_}
    others = [(place, (sizes or {}).get(key, CARD)) for key, place in places.items()]
    (x0, y0), (width, height) = group.position, size
    ways = [(i * _STEP, j * _STEP) for i in _REACH for j in _REACH]
    for dx, dy in sorted(ways, key=lambda way: math.hypot(*way)):
        left, top = x0 + dx - _BETWEEN, y0 + dy - _BETWEEN
        right, bottom = x0 + dx + width + _BETWEEN, y0 + dy + height + _BETWEEN
        if not any(
            x < right and x + w > left and y < bottom and y + h > top for (x, y), (w, h) in others
        ):
            return x0 + dx, y0 + dy
    return group.position


def room_to_open(graph: Graph, id_: str, sizes: Mapping[str, Point] | None = None) -> Room:
    """Where the others go before the group `id_`, which is a card, shows its nodes.

    Nothing moves when nothing is in the way. Else what lies right of the card goes right by one
    distance, and so on to all four sides, so that the arrangement stays.

    Args:
        sizes: width and height by node id; 150 x 92 where there is none.
    """
    folding = Folding(graph)
    group = graph.groups[id_]
    members = set(group.members)

    def size(node: str) -> Point:
        return (sizes or {}).get(node, CARD)

    corners = [(graph.nodes_by_id[m].position, size(m)) for m in members]
    left = min(x for (x, _), _ in corners) - _MARGIN
    top = min(y for (_, y), _ in corners) - _MARGIN - _TITLE
    right = max(x + w for (x, _), (w, _) in corners) + _MARGIN
    bottom = max(y + h for (_, y), (_, h) in corners) + _MARGIN
    others: dict[tuple[str, str], tuple[Point, Point]] = {
        ("node", node.id): (node.position, size(node.id))
        for node in graph.nodes
        if node.id not in folding.card_of and node.id not in members
    }
    for card in folding.cards.values():
        if card.id != id_:
            others["group", card.id] = (card.position, size(folding.card_nodes[card.id]))
    in_the_way = any(
        x < right and x + w > left and y < bottom and y + h > top
        for (x, y), (w, h) in others.values()
    )
    if not in_the_way:
        return Room({}, {})
    width, height = size(folding.card_nodes.get(id_, ""))
    x0, y0 = group.position
    sides: dict[str, list[tuple[str, str]]] = {"right": [], "left": [], "down": [], "up": []}
    for key, ((x, y), (w, h)) in others.items():
        if x >= x0 + width:
            sides["right"].append(key)
        elif x + w <= x0:
            sides["left"].append(key)
        else:
            sides["down" if y + h / 2 > y0 + height / 2 else "up"].append(key)
    shifts = {
        "right": (max([right + _GAP - others[k][0][0] for k in sides["right"]] + [0.0]), 0.0),
        "left": (
            min([left - _GAP - others[k][0][0] - others[k][1][0] for k in sides["left"]] + [0.0]),
            0.0,
        ),
        "down": (0.0, max([bottom + _GAP - others[k][0][1] for k in sides["down"]] + [0.0])),
        "up": (
            0.0,
            min([top - _GAP - others[k][0][1] - others[k][1][1] for k in sides["up"]] + [0.0]),
        ),
    }
    nodes: dict[str, Point] = {}
    groups: dict[str, Point] = {}
    for side, keys in sides.items():
        for kind, name in keys:
            x, y = others[kind, name][0]
            place = (x + shifts[side][0], y + shifts[side][1])
            if place != (x, y):
                (nodes if kind == "node" else groups)[name] = place
    return Room(nodes, groups)
