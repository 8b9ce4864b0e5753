"""Simulated annealing over elimination orders (as Naumann and Gottschling 2003).

A move takes one vertex a few places forward or back. What is left of the graph after a set of
eliminations depends on the set only, so a move changes costs only between the two places; a
snapshot of the graph is kept for every place.

Vertices that are no neighbours when their turn comes may change places for nothing. So the order is
written anew now and then, at the same cost, such that those that do matter to each other stand
close together; else most moves of a large graph would change nothing.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence

from visualad.autodiff.order_problem import Problem, State, bits

# Effort is counted in rows of bit sets that are changed, not in seconds, so that the result depends
# on the arguments only and not on the machine. An ordinary laptop does so much in a second.
EFFORT_PER_SECOND = 2_200_000
# Processor time stops the search only after this many times the seconds asked for, so that a slow
# machine, but not a busy one, gets another result.
PATIENCE = 3.0
MOVES_BETWEEN_LOOKS = 50  # at the temperature, the clock and whoever wants to cancel
HOT, COLD = 2.0, 0.15
MEAN_DISTANCE = 5.0
SHARE_OF_STARTS = 0.5  # of the effort, before the best of them goes on alone
REWRITE_AFTER = 5  # moves per vertex

Progress = Callable[[float, int], None]  # fraction done, best cost so far


def anneal(
    problem: Problem,
    starts: Sequence[Sequence[int]],
    *,
    seconds: float,
    seed: int,
    bound: int = 0,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[int]:
    """A good order, at least as good as each of `starts`; deterministic for a seed.

    Args:
        starts: orders to improve. All of them are tried for a while, then the best one.
        seconds: sets the effort (see `EFFORT_PER_SECOND`). The search ends early only when it has
            taken `PATIENCE` times as much processor time.
        bound: the search ends when it is reached.
        progress: called at least 50 times.
        cancelled: asked now and then; the best order so far is returned when it says True.
    """
    budget = max(1.0, seconds * EFFORT_PER_SECOND)
    run = _Run(problem, starts, budget, seed, seconds, bound, progress, cancelled)
    if len(run.best) > 1:
        share = budget * SHARE_OF_STARTS / len(starts)
        if len(starts) > 1:
            ends = [run.anneal(start, share, HOT, COLD) for start in starts]
            best = min(ends, key=problem.walk)
            run.anneal(best, budget - run.effort, HOT / 2, COLD)
        else:
            run.anneal(starts[0], budget, HOT, COLD)
    if progress is not None:
        progress(1.0, run.best_cost)
    return run.best


class _Run:
    """The search with its best order so far and the effort spent."""

    def __init__(
        self,
        problem: Problem,
        starts: Sequence[Sequence[int]],
        budget: float,
        seed: int,
        seconds: float,
        bound: int,
        progress: Progress | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.problem, self.budget, self.bound = problem, budget, bound
        best: Sequence[int] = min(starts, key=problem.walk)
        self.best = list(best)
        self.best_cost = problem.walk(self.best)
        self.effort = 0.0
        self.over = False
        self._chance = random.Random(seed)
        self._deadline = time.thread_time() + PATIENCE * max(seconds, 0.1)
        self._progress, self._cancelled = progress, cancelled

    def anneal(self, start: Sequence[int], effort: float, hot: float, cold: float) -> list[int]:
        """Improve an order with so much effort; returns where that ends."""
        chance = self._chance
        search = _Search(self.problem, start)
        search.rewrite(chance)
        begin, count = self.effort, len(start)
        # Blocks cost thousands of products; temperatures are in units of a typical vertex.
        unit = max(1.0, search.total / (4 * count)) if self.problem.blocks else 1.0
        moves = 0
        while search.effort < effort and not self._ends(search):
            temperature = unit * hot * (cold / hot) ** (search.effort / effort)
            for _ in range(MOVES_BETWEEN_LOOKS):
                place = chance.randrange(count)
                distance = 1 + int(chance.expovariate(1 / MEAN_DISTANCE))
                other = place + (distance if chance.random() < 0.5 else -distance)
                other = min(max(other, 0), count - 1)
                # exp(-change / T) > u, solved for the change: a hopeless move is given up early.
                allowance = -temperature * math.log(1.0 - chance.random())
                if search.move(place, other, allowance) and search.total < self.best_cost:
                    self.best, self.best_cost = list(search.order), search.total
            moves += MOVES_BETWEEN_LOOKS
            if moves > REWRITE_AFTER * count:
                moves = 0
                search.rewrite(chance)
            self.effort = begin + search.effort
        return search.order

    def _ends(self, search: _Search) -> bool:
        if self._progress is not None:
            self._progress(min(self.effort / self.budget, 1.0), self.best_cost)
        late = time.thread_time() > self._deadline
        stopped = self._cancelled is not None and self._cancelled()
        self.over = self.over or late or stopped or self.best_cost <= self.bound
        return self.over


class _Search:
    """An order with its costs and the snapshot of the graph before each of its places."""

    def __init__(self, problem: Problem, order: Sequence[int]) -> None:
        self.problem = problem
        self.effort = 0.0
        self._rows = len(problem.start)
        self._copy = 1 + self._rows * len(problem.names) / 100
        self._lay(order)

    def _lay(self, order: Sequence[int]) -> None:
        self.order = list(order)
        self.states: list[State] = [self.problem.start] * len(order)
        self.costs = [0] * len(order)
        self._walk(0, self.order)
        self.total = sum(self.costs)

    def _walk(self, low: int, part: Sequence[int]) -> None:
        """Costs and snapshots of a part of the order that begins at this place."""
        problem, states, state = self.problem, self.states, self.states[low]
        for place, vertex in enumerate(part, low):
            if place > low:
                states[place] = state
            self.costs[place] = problem.cost(state, vertex)
            if place - low < len(part) - 1:
                state = problem.copy(state)
                problem.remove(state, vertex)
        self.effort += len(part) * (self._copy + 8)

    def move(self, place: int, other: int, allowance: float) -> bool:
        """Take the vertex at `place` to `other` if that costs at most `allowance` more."""
        order, problem = self.order, self.problem
        low, high = min(place, other), max(place, other)
        moved, state = order[place], self.states[low]
        neighbours = state[0][moved] | state[1][moved]
        if place < other:
            passed = order[low + 1 : high + 1]
            part = [*passed, moved]
        else:
            passed = order[low:high]
            part = [moved, *passed]
        for vertex in passed:
            if neighbours >> vertex & 1:
                break
        else:
            self.effort += 1
            return False  # nothing would change
        before = sum(self.costs[low : high + 1])
        limit = before + allowance
        state = problem.copy(state)
        after, effort = 0, self._copy
        for vertex in part:
            after += problem.cost(state, vertex)
            if after > limit:
                self.effort += effort
                return False
            effort += 4 + state[0][vertex].bit_count() + state[1][vertex].bit_count()
            problem.remove(state, vertex)
        self.effort += effort
        order[low : high + 1] = part
        self._walk(low, part)
        self.total += after - before
        return True

    def rewrite(self, chance: random.Random) -> None:
        """Another order of the same cost, in which what depends on each other stands together.

        Each vertex comes right after those that have to come before it, because they were its
        neighbours when they were eliminated: depth first, from the last vertex back.
        """
        place_of = {vertex: place for place, vertex in enumerate(self.order)}
        needed: dict[int, list[int]] = {vertex: [] for vertex in self.order}
        for vertex, state in zip(self.order, self.states, strict=True):
            for other in bits(state[0][vertex] | state[1][vertex]):
                if other in place_of:
                    needed[other].append(vertex)
        written: dict[int, None] = {}
        for last in reversed(self.order):
            waiting = [last]
            while waiting:
                vertex = waiting[-1]
                open_ones = [v for v in needed.pop(vertex, ()) if v not in written]
                if open_ones:
                    chance.shuffle(open_ones)
                    waiting += open_ones
                else:
                    written[waiting.pop()] = None
        self._lay(list(written))
