"""The second step of the layout: the order within columns, with few crossings."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping

from visualad.graph.layout_heights import isotonic
from visualad.graph.layout_ranks import Layered

_ROUNDS = 8
# Swapping neighbours is tried for graphs up to so many vertices; it takes quadratic time.
_MOST_TO_SWAP = 300


def order_layers(structure: Layered, previous: Mapping[str, float]) -> None:
    """Sort the columns so that few edges cross.

    Args:
        previous: present heights by node id; their order is the first one tried and changes only
            for one with fewer crossings.
    """
    layers = structure.layers
    place = _first_order(structure, previous)
    best, fewest = [list(layer) for layer in layers], crossings(structure, place)
    if previous and fewest:
        for round_ in range(_ROUNDS):
            _thread_lanes(structure, place, forward=round_ % 2 == 0)
            count = crossings(structure, place)
            if count < fewest:
                best, fewest = [list(layer) for layer in layers], count
        layers[:] = [list(layer) for layer in best]
        place |= {v: float(i) for layer in layers for i, v in enumerate(layer)}
    for round_ in range(_ROUNDS):
        if fewest == 0:
            break
        forward = round_ % 2 == 0
        columns = layers[1:] if forward else reversed(layers[:-1])
        for layer in columns:
            _sort(structure, layer, place, forward=forward)
        count = crossings(structure, place)
        if count < fewest:
            best, fewest = [list(layer) for layer in layers], count
    layers[:] = best
    if fewest and len(structure.into) <= _MOST_TO_SWAP:
        _swap_neighbours(structure)


def crossings(structure: Layered, place: Mapping[str, float]) -> int:
    """How many pairs of edges between neighbouring columns cross."""
    count = 0
    for layer in structure.layers[:-1]:
        ends: list[float] = []
        links = [link for vertex in layer for link in structure.out_of[vertex]]
        links.sort(
            key=lambda link: (place[link.source], place[link.target] + link.port / link.ports)
        )
        at = 0
        while at < len(links):  # edges from one source do not cross each other
            same = at
            while same < len(links) and links[same].source == links[at].source:
                same += 1
            new = [place[link.target] + link.port / link.ports for link in links[at:same]]
            count += sum(len(ends) - bisect_right(ends, end) for end in new)
            for end in new:
                insort(ends, end)
            at = same
    return count


def _first_order(structure: Layered, previous: Mapping[str, float]) -> dict[str, float]:
    """Order the columns one after the other; gives the place of each vertex in its column."""
    place: dict[str, float] = {}
    for layer in structure.layers:
        here = {vertex: i for i, vertex in enumerate(layer)}
        wish = {v: _mean_from_left(structure, v, place) for v in layer}
        if previous:
            # Vertices without a place go behind the placed one that is nearest in the wishes.
            known = sorted((wish[v], previous[v]) for v in layer if v in previous)
            height = {v: previous.get(v, _near(known, wish[v])) for v in layer}
            layer.sort(key=lambda v: (height[v], wish[v], here[v]))
        else:
            layer.sort(key=lambda v: (wish[v], here[v]))
        place |= {vertex: float(i) for i, vertex in enumerate(layer)}
    if not previous:
        # Parameters and constants take the order of the ports that they feed.
        for layer in reversed(structure.layers[:-1]):
            _sort(structure, layer, place, forward=False, only_unfed=True)
    return place


def _near(known: list[tuple[float, float]], wish: float) -> float:
    before = [height for at, height in known if at <= wish]
    return before[-1] if before else float("-inf")


def _mean_from_left(structure: Layered, vertex: str, place: Mapping[str, float]) -> float:
    fed = [place[link.source] for link in structure.into[vertex] if not link.aside]
    return sum(fed) / len(fed) if fed else float("inf")


def _mean_from_right(structure: Layered, vertex: str, place: Mapping[str, float]) -> float | None:
    ends = [
        place[link.target] + (link.port + 0.5) / link.ports - 0.5
        for link in structure.out_of[vertex]
    ]
    return sum(ends) / len(ends) if ends else None


def _sort(
    structure: Layered,
    layer: list[str],
    place: dict[str, float],
    *,
    forward: bool,
    only_unfed: bool = False,
) -> None:
    """Sort one column by barycentres; vertices without neighbours there stay where they are."""
    wish: dict[str, float] = {}
    for vertex in layer:
        if only_unfed and structure.into[vertex]:
            continue
        if structure.into[vertex] if forward else structure.out_of[vertex]:
            wish[vertex] = _mean(structure, vertex, place, forward=forward)
    moving = sorted(wish, key=lambda v: (wish[v], place[v]))
    following = iter(moving)
    layer[:] = [next(following) if vertex in wish else vertex for vertex in layer]
    for index, vertex in enumerate(layer):
        place[vertex] = float(index)


def _thread_lanes(structure: Layered, place: dict[str, float], *, forward: bool) -> None:
    """Move only the lanes, between nodes that keep their order."""
    for layer in structure.layers if forward else reversed(structure.layers):
        nodes = [vertex for vertex in layer if vertex not in structure.lanes]
        if len(nodes) == len(layer):
            continue
        wish = {vertex: _mean(structure, vertex, place, forward=forward) for vertex in layer}
        level = isotonic([wish[vertex] for vertex in nodes], [1.0] * len(nodes))
        wish |= dict(zip(nodes, level, strict=True))
        layer.sort(key=lambda v: (wish[v], place[v]))
        place |= {vertex: float(i) for i, vertex in enumerate(layer)}


def _mean(structure: Layered, vertex: str, place: Mapping[str, float], *, forward: bool) -> float:
    """The barycentre on one side, or the present place where there are no neighbours."""
    if not forward:
        mean = _mean_from_right(structure, vertex, place)
        return place[vertex] if mean is None else mean
    links = structure.into[vertex]
    return sum(place[link.source] for link in links) / len(links) if links else place[vertex]


def _swap_neighbours(structure: Layered) -> None:
    """Swap neighbours in a column as long as that takes crossings away."""
    place = {v: float(i) for layer in structure.layers for i, v in enumerate(layer)}
    for _ in range(_ROUNDS):
        better = False
        for layer in structure.layers:
            for index in range(len(layer) - 1):
                first, second = layer[index], layer[index + 1]
                if _crossed(structure, place, second, first) < _crossed(
                    structure, place, first, second
                ):
                    layer[index], layer[index + 1] = second, first
                    place[first], place[second] = index + 1.0, float(index)
                    better = True
        if not better:
            return


def _crossed(structure: Layered, place: Mapping[str, float], upper: str, lower: str) -> int:
    """Crossings between the edges of two neighbours when `upper` stands above `lower`."""
    count = 0
    for one in structure.out_of[upper]:
        for other in structure.out_of[lower]:
            end = place[one.target] + one.port / one.ports
            count += end > place[other.target] + other.port / other.ports
    for one in structure.into[upper]:
        for other in structure.into[lower]:
            count += place[one.source] > place[other.source]
    return count
