"""The third step of the layout: heights, so that edges run as level as the order allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from visualad.graph.layout_ranks import Layered, Link

_PORT_PITCH = 26.0  # distance of neighbouring input ports
ROW_GAP = 34.0  # free height between nodes, and between a node and a lane
_LANE_GAP = 20.0  # between lanes
_ROUNDS = 12

# How much an edge pulls: the pieces of a long edge stay level, parameters follow their node.
_BETWEEN_LANES, _AT_LANE, _ORDINARY, _ASIDE = 8.0, 2.0, 1.0, 1e-3


def heights(structure: Layered, size: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """The middle of each vertex, from above to below."""
    half = {v: size[v][1] / 2 if v in size else 0.0 for v in structure.into}
    middle: dict[str, float] = {}
    for layer in structure.layers:
        at = 0.0
        for index, vertex in enumerate(layer):
            if index:
                at += _apart(structure, half, layer[index - 1], vertex)
            middle[vertex] = at
    for round_ in range(_ROUNDS):
        left, right = round_ % 2 == 0, round_ % 2 == 1
        if round_ >= _ROUNDS - 4:
            left = right = True
        columns = structure.layers if round_ % 2 == 0 else list(reversed(structure.layers))
        for layer in columns:
            _place(structure, layer, half, middle, left=left, right=right)
    return middle


def _apart(structure: Layered, half: Mapping[str, float], upper: str, lower: str) -> float:
    both_lanes = upper in structure.lanes and lower in structure.lanes
    return half[upper] + half[lower] + (_LANE_GAP if both_lanes else ROW_GAP)


def _place(
    structure: Layered,
    layer: Sequence[str],
    half: Mapping[str, float],
    middle: dict[str, float],
    *,
    left: bool,
    right: bool,
) -> None:
    """Put a column as near as possible to where its edges pull it, in order and apart."""
    wishes, weights, offsets = [], [], []
    offset = 0.0
    for index, vertex in enumerate(layer):
        if index:
            offset += _apart(structure, half, layer[index - 1], vertex)
        wish, weight = _pull(structure, vertex, middle, left=left, right=right)
        wishes.append(wish - offset)
        weights.append(weight)
        offsets.append(offset)
    for vertex, height, offset in zip(layer, isotonic(wishes, weights), offsets, strict=True):
        middle[vertex] = height + offset


def _pull(
    structure: Layered, vertex: str, middle: Mapping[str, float], *, left: bool, right: bool
) -> tuple[float, float]:
    """Where the edges of a vertex pull it, and how strongly."""
    total = weight = 0.0
    if left:
        for link in structure.into[vertex]:
            strength = _strength(structure, link)
            total += strength * (middle[link.source] - _port(structure, link))
            weight += strength
    if right or not weight:
        for link in structure.out_of[vertex]:
            strength = _strength(structure, link)
            total += strength * (middle[link.target] + _port(structure, link))
            weight += strength
    if not weight:
        return middle[vertex], _ASIDE
    return total / weight, weight


def _strength(structure: Layered, link: Link) -> float:
    if link.aside:
        return _ASIDE
    lanes = (link.source in structure.lanes) + (link.target in structure.lanes)
    return (_ORDINARY, _AT_LANE, _BETWEEN_LANES)[lanes]


def _port(structure: Layered, link: Link) -> float:
    """How far below the middle of the target the port is.

    A node with one input beside its parameters stands level with that, which keeps the path
    through a network straight.
    """
    if not link.aside and sum(not other.aside for other in structure.into[link.target]) == 1:
        return 0.0
    return (link.port - (link.ports - 1) / 2) * _PORT_PITCH


def isotonic(wishes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The rising numbers nearest to the wishes in weighted least squares.

    Pool adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman 1955), in linear time.
    """
    blocks: list[tuple[float, float, int]] = []  # mean, weight, length
    for wish, own in zip(wishes, weights, strict=True):
        mean, weight, length = wish, own, 1
        while blocks and blocks[-1][0] > mean:
            above, heavier, longer = blocks.pop()
            mean = (mean * weight + above * heavier) / (weight + heavier)
            weight += heavier
            length += longer
        blocks.append((mean, weight, length))
    return [mean for mean, _, length in blocks for _ in range(length)]
