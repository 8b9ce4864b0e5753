"""A lower bound on the multiplications of every elimination order, from minimum vertex cuts.

Whatever was eliminated before it, the predecessors of a vertex v separate it from all inputs when
it is eliminated itself, and its successors separate it from all outputs. So there are at least as
many of them as there are vertex-disjoint paths (Menger 1927), and the products of both counts,
summed over the inner vertices, bound every order from below. Holds for scalar graphs in which unit
edges count; it does not bound edge elimination.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from visualad.autodiff.order_problem import Problem, bits


def lower_bound(problem: Problem, *, looks: int | None = None) -> int:
    """The bound for all inner vertices; 0 where no bound is known (blocks, free units).

    Args:
        looks: how often a vertex may be looked at on the way; with less than it takes, the bound
            holds all the same and is lower. None: as often as it takes.
    """
    return sum(vertex_bounds(problem, looks=looks)) if problem.plain else 0


def vertex_bounds(problem: Problem, *, looks: int | None = None) -> list[int]:
    """The least cost of each inner vertex, in the order of `problem.inner`."""
    into, out = problem.start[0], problem.start[1]
    left = None if looks is None else Looks(looks)
    found = []
    for number, vertex in enumerate(problem.inner):
        share = None if left is None else left.share(2 * (len(problem.inner) - number))
        before = disjoint_paths(vertex, into, problem.inputs, share)
        # From an output that feeds others one more path leads to the output that it also is.
        after = disjoint_paths(vertex, out, problem.outputs & ~(1 << vertex), share)
        after += problem.outputs >> vertex & 1
        found.append(before * after)
        if left is not None and share is not None:
            left.take_back(share)
    return found


class Looks:
    """How often a vertex may still be looked at."""

    def __init__(self, left: int) -> None:
        self.left = left

    def share(self, parts: int) -> Looks:
        """One of so many equal parts, twice (for both sides); what it leaves can be taken back."""
        part = 2 * (self.left // max(parts, 1))
        self.left -= part
        return Looks(part)

    def take_back(self, share: Looks) -> None:
        """What a share has left over."""
        self.left += max(share.left, 0)


def disjoint_paths(
    start: int, neighbours: Sequence[int], goals: int, looks: Looks | None = None
) -> int:
    """How many paths lead from `start` to goals that share no vertex but `start`.

    Augmenting paths on the graph whose vertices may be used once (Ford and Fulkerson 1956).

    Args:
        neighbours: for each vertex the bit set of the next ones.
        goals: bit set.
        looks: when they are used up, the paths found so far are counted.
    """
    preceding: dict[int, int] = {}  # on the paths found so far
    count = 0
    limit = min(neighbours[start].bit_count(), goals.bit_count())
    while count < limit and _augment(start, neighbours, goals, preceding, looks):
        count += 1
    return count


# A vertex has a front, where paths enter it, and a back, where they leave it.
_Place = tuple[int, bool]  # vertex, whether at its back


def _augment(
    start: int,
    neighbours: Sequence[int],
    goals: int,
    preceding: dict[int, int],
    looks: Looks | None,
) -> bool:
    """Find room for one more path, breadth first; it may undo parts of the others."""
    seen_front = 1 << start
    came: dict[_Place, _Place] = {}
    queue: deque[_Place] = deque([(start, True)])
    while queue:
        place = queue.popleft()
        vertex, at_back = place
        if looks is not None:
            looks.left -= 1
            if looks.left < 0:
                return False
        if at_back:
            fresh = neighbours[vertex] & ~seen_front
            seen_front |= fresh
            for other in bits(fresh):
                came[other, False] = place
                if goals >> other & 1 and other not in preceding:
                    _adopt((other, False), came, preceding)
                    return True
                queue.append((other, False))
            # The way through a used vertex may be undone.
            beyond = (vertex, False) if vertex in preceding else None
            if beyond and not seen_front >> vertex & 1:
                seen_front |= 1 << vertex
            else:
                beyond = None
        elif vertex in preceding:
            before = preceding[vertex]
            beyond = None if before == start else (before, True)
        else:
            beyond = (vertex, True)
        if beyond and beyond not in came:
            came[beyond] = place
            queue.append(beyond)
    return False


def _adopt(end: _Place, came: dict[_Place, _Place], preceding: dict[int, int]) -> None:
    """Make the way that was found one of the paths, undoing the parts it took back."""
    made: dict[int, int] = {}
    place = end
    while place in came:
        before = came[place]
        if before[0] != place[0]:
            if place[1]:
                del preceding[before[0]]
            else:
                made[place[0]] = before[0]
        place = before
    preceding.update(made)
