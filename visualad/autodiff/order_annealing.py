"""Simulated annealing over elimination orders (as Naumann and Gottschling 2003).

A move takes one vertex a few places forward or back. What is left of the graph after a set of
eliminations depends on the set only, so a move changes costs only between the two places; a
snapshot of the graph is kept for every place.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence

from visualad.autodiff.order_problem import Problem

# The number of moves follows from the seconds asked for at this rate (about what an ordinary laptop
# does), so that the result depends on the arguments only and not on the machine. Unit edges and
# blocks take longer to keep track of.
MOVES_PER_SECOND, SLOW_MOVES_PER_SECOND = 30_000, 15_000
PATIENCE = 20.0  # the clock stops the search only after this many times the seconds asked for
MOST_MOVES_IN_SILENCE = 2_000
HOT, COLD = 2.0, 0.15
MEAN_DISTANCE = 5.0

Progress = Callable[[float, int], None]  # fraction done, best cost so far


def anneal(
    problem: Problem,
    start: Sequence[int],
    *,
    seconds: float,
    seed: int,
    bound: int = 0,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[int]:
    """A good order, at least as good as `start`; deterministic for a seed.

    Args:
        seconds: sets the number of moves; see `MOVES_PER_SECOND`.
        bound: the search ends when it is reached.
        progress: called at least 50 times.
        cancelled: asked now and then; the best order so far is returned when it says True.
    """
    order = list(start)
    if len(order) < 2:
        return order
    search = _Search(problem, order)
    best, best_cost = list(order), search.total
    chance = random.Random(seed)
    rate = MOVES_PER_SECOND if problem.plain else SLOW_MOVES_PER_SECOND
    moves = max(1, int(seconds * rate))
    deadline = time.monotonic() + PATIENCE * max(seconds, 0.1)
    cooling = (COLD / HOT) ** (1 / moves)
    # Blocks cost thousands of products; temperatures are in units of a typical vertex.
    temperature = HOT * (max(1.0, best_cost / (4 * len(order))) if problem.blocks else 1.0)
    report_every = max(1, min(moves // 50, MOST_MOVES_IN_SILENCE))
    for move in range(moves):
        if best_cost <= bound:
            break
        if move % report_every == 0:
            if progress is not None:
                progress(move / moves, best_cost)
            if (cancelled is not None and cancelled()) or time.monotonic() > deadline:
                break
        temperature *= cooling
        place = chance.randrange(len(order))
        distance = 1 + int(chance.expovariate(1 / MEAN_DISTANCE))
        other = place + (distance if chance.random() < 0.5 else -distance)
        other = min(max(other, 0), len(order) - 1)
        # exp(-change / T) > u, solved for the change: a hopeless move is given up early.
        allowance = -temperature * math.log(1.0 - chance.random())
        if other != place and search.move(place, other, allowance) and search.total < best_cost:
            best, best_cost = list(search.order), search.total
    if progress is not None:
        progress(1.0, best_cost)
    return best


class _Search:
    """An order with its costs and the snapshot of the graph before each of its places."""

    def __init__(self, problem: Problem, order: list[int]) -> None:
        self.problem = problem
        self.order = order
        self.costs: list[int] = []
        self.states = []
        state = problem.copy(problem.start)
        for vertex in order:
            self.states.append(problem.copy(state))
            self.costs.append(problem.eliminate(state, vertex))
        self.total = sum(self.costs)

    def move(self, place: int, other: int, allowance: float) -> bool:
        """Take the vertex at `place` to `other` if that costs at most `allowance` more."""
        low, high = min(place, other), max(place, other)
        part = self.order[low : high + 1]
        if place < other:
            part.append(part.pop(0))
        else:
            part.insert(0, part.pop())
        problem = self.problem
        before = sum(self.costs[low : high + 1])
        limit = before + allowance
        state = problem.copy(self.states[low])
        states, costs, after = [], [], 0
        for vertex in part:
            states.append(problem.copy(state))
            cost = problem.eliminate(state, vertex)
            after += cost
            if after > limit:
                return False
            costs.append(cost)
        self.order[low : high + 1] = part
        self.states[low : high + 1] = states
        self.costs[low : high + 1] = costs
        self.total += after - before
        return True
