"""Steps that are one move: those that follow each other within the card of a collapsed group."""

from __future__ import annotations

from visualad.autodiff.steps import Sweep
from visualad.graph.folding import EdgeKey, Folding


def move_around(sweep: Sweep, folding: Folding, index: int) -> tuple[int, int]:
    """First and last step of the move that a step belongs to; seeds are moves apart."""
    card = card_at(sweep, folding, index)
    if not card:
        return index, index
    kind = sweep[index].kind == "seed"

    def belongs(number: int) -> bool:
        step = sweep[number]
        return folding.card_of.get(step.node) == card and (step.kind == "seed") == kind

    first = last = index
    while first > 0 and belongs(first - 1):
        first -= 1
    while last < len(sweep) - 1 and belongs(last + 1):
        last += 1
    return first, last


def card_at(sweep: Sweep, folding: Folding, index: int) -> str:
    """The id of the group in whose card a step takes place, or ""."""
    if not folding.cards or not 0 <= index < len(sweep):
        return ""
    return folding.card_of.get(sweep[index].node, "")


def edges_used(sweep: Sweep, first: int, last: int) -> frozenset[EdgeKey]:
    """The edges that the steps from first to last use."""
    return frozenset(edge for index in range(first, last + 1) for edge in sweep[index].edges)


def edges_entered(sweep: Sweep, folding: Folding, first: int, last: int) -> tuple[EdgeKey, ...]:
    """The edges by which derivatives come into the card, one for each line that is seen."""
    card = folding.card_of.get(sweep[last].node)
    found: dict[tuple[str, str], EdgeKey] = {}
    for index in range(first, last + 1):
        for edge in sweep[index].edges:
            if folding.hides(edge):
                continue
            source, target, _ = edge
            inside = target if folding.card_of.get(target) == card else source
            outside = source if inside == target else target
            # What comes from one node outside ends at one port of the card; against the edges,
            # what goes out of one node inside begins at one port.
            line = (outside, "") if inside == target else (inside, outside)
            found.setdefault(line, edge)
    return tuple(found.values())


def adds_up(sweep: Sweep, folding: Folding, first: int, last: int) -> bool:
    """Whether a result that the card shows is a sum."""
    results = folding.borders[folding.card_of[sweep[last].node]].results
    return any(
        len(sweep[index].terms) > 1 and sweep[index].node in results
        for index in range(first, last + 1)
    )
