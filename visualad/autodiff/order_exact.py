"""The best elimination order of a small graph, exactly: dynamic programming over vertex sets.

What is left of the graph depends only on the set that was eliminated, so it is enough to know the
cheapest way to each set, from small sets to large. Sets that cannot lead to anything better than a
known order, by the lower bound of what is left, are dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from visualad.autodiff.order_bound import vertex_bounds
from visualad.autodiff.order_problem import Problem, State, bits

# Up to so many vertices all sets are looked at if need be. For larger graphs, where the bound may
# drop nearly all of them, a part of the time is spent on it: effort is counted in eliminations
# tried, and what a set costs to keep as so many more.
SMALL, SMALL_WITHOUT_BOUND = 14, 13
EFFORT_PER_SECOND = 100_000


def best_order(
    problem: Problem,
    known: Sequence[int],
    cancelled: Callable[[], bool] | None = None,
    *,
    seconds: float = 1.0,
) -> list[int] | None:
    """The cheapest order of all, or None when the graph is too large for this.

    Args:
        known: some order; what is returned is cheaper, or this one when none is.
        cancelled: asked now and then; None is returned when it says True.
        seconds: effort for graphs that are not small (see `EFFORT_PER_SECOND`).
    """
    limit = problem.walk(known)
    count = len(problem.inner)
    if not problem.plain and count > SMALL_WITHOUT_BOUND:
        return None  # without a bound nothing would be dropped
    least = dict(zip(problem.inner, vertex_bounds(problem), strict=True)) if problem.plain else {}
    bound_of_all = sum(least.values())
    # For each eliminated set: cost so far, bound of the rest, order so far, the graph left.
    level: dict[int, tuple[int, int, tuple[int, ...], State]] = {
        0: (0, bound_of_all, (), problem.copy(problem.start))
    }
    everything = sum(1 << vertex for vertex in problem.inner)
    effort, most = 0, seconds * EFFORT_PER_SECOND
    keeping = 15 + len(problem.names) // 6
    for _ in problem.inner:
        following: dict[int, tuple[int, int, tuple[int, ...], State]] = {}
        for done, (spent, rest, order, state) in level.items():
            effort += count - done.bit_count()
            if effort > most and count > SMALL:
                return None
            for vertex in bits(everything & ~done):
                cost = spent + problem.cost(state, vertex)
                remaining = rest - least.get(vertex, 0)
                if cost + remaining >= limit:
                    continue
                wider = done | 1 << vertex
                if wider not in following:
                    effort += keeping
                    left = problem.copy(state)
                    problem.eliminate(left, vertex)
                    following[wider] = cost, remaining, (*order, vertex), left
                elif cost < following[wider][0]:
                    following[wider] = cost, remaining, (*order, vertex), following[wider][3]
            if cancelled is not None and cancelled():
                return None
        level = following
        if not level:
            return list(known)  # nothing is cheaper
    (_, _, order, _) = level[everything]
    return list(order)
