"""The best elimination by edges and vertices: exactly for small graphs, else by annealing."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from visualad.autodiff.edge_elimination import best_edge_moves, cost_of_moves
from visualad.autodiff.elimination import Elimination
from visualad.autodiff.linearized import LinearizedGraph
from visualad.autodiff.moves import EdgeMove, Move
from visualad.autodiff.steps import Cost

STATES_PER_SECOND = 60_000  # of the exact search
# Effort of annealing is counted in edges and products walked over, as far as an ordinary laptop
# comes in a second; processor time ends it only after so many times the seconds asked for.
EFFORT_PER_SECOND, PATIENCE = 400_000, 3.0
HOT, COLD = 1.5, 0.15


@dataclass(frozen=True)
class Program:
    """Eliminations of vertices and edges, one after the other.

    Attributes:
        moves: in their order; cost: of all of them.
        proven: whether no elimination of edges and vertices needs fewer multiplications.
    """

    moves: tuple[Move, ...]
    cost: Cost
    proven: bool


def best_program(
    graph: LinearizedGraph,
    vertices: Sequence[str],
    *,
    seconds: float = 1.0,
    seed: int = 0,
    free_units: bool = False,
) -> Program:
    """The cheapest elimination found in which single edges may be eliminated too.

    Args:
        vertices: an elimination order, which the program is never dearer than.
        seconds: effort, as in `elimination_order`; deterministic for a seed.
    """
    feeds = any(source in graph.outputs for source, _ in graph.edges)
    if graph.is_scalar and not feeds and not (free_units and graph.units):
        known = cost_of_moves(graph, vertices, free_units=free_units)
        exact = best_edge_moves(graph, int(seconds * STATES_PER_SECOND), below=int(known))
        if exact is not None:
            moves: tuple[Move, ...] = exact[0] or tuple(vertices)
            return Program(moves, cost_of_moves(graph, moves, free_units=free_units), True)
    found = _Annealing(graph, vertices, seed, free_units).run(seconds)
    return Program(found, cost_of_moves(graph, found, free_units=free_units), False)


_Item = tuple[int, int, bool] | int  # an edge and whether at its front, or a vertex


class _Annealing:
    """Programs are changed by putting in, leaving out and moving single eliminations.

    What is not possible when its turn comes is passed over, so that every change gives a program.
    """

    def __init__(
        self, graph: LinearizedGraph, vertices: Sequence[str], seed: int, free_units: bool
    ) -> None:
        self._graph, self._free = graph, free_units
        self._items: list[_Item] = [graph.position[name] for name in vertices]
        self._inner = frozenset(self._items)
        self._inputs = frozenset(graph.position[name] for name in graph.inputs)
        self._outputs = frozenset(graph.position[name] for name in graph.outputs)
        self._chance = random.Random(seed)
        self._effort = 0

    def run(self, seconds: float) -> tuple[Move, ...]:
        """The best program that so much effort finds."""
        items = self._items
        cost = best_cost = self._walk(items, [])
        best: list[_Item] = []
        self._walk(items, best)
        budget = seconds * EFFORT_PER_SECOND
        deadline = time.thread_time() + PATIENCE * max(seconds, 0.1)
        while len(items) > 1 and self._effort < budget and time.thread_time() < deadline:
            temperature = HOT * (COLD / HOT) ** (self._effort / budget)
            changed = self._changed(items)
            done: list[_Item] = []
            after = self._walk(changed, done)
            if after - cost <= -temperature * math.log(1.0 - self._chance.random()):
                items, cost = done, after
                if cost < best_cost:
                    best, best_cost = done, cost
        return tuple(self._move(item) for item in best)

    def _changed(self, items: Sequence[_Item]) -> list[_Item]:
        chance, changed = self._chance, list(items)
        kind = chance.random()
        place = chance.randrange(len(changed))
        if kind < 0.4:
            changed.insert(place, self._any_edge(changed[:place]))
        elif kind < 0.6 and not isinstance(changed[place], int):
            del changed[place]
        else:
            item = changed.pop(place)
            away = 1 + int(chance.expovariate(0.3))
            other = place + (away if chance.random() < 0.5 else -away)
            changed.insert(min(max(other, 0), len(changed)), item)
        return changed

    def _any_edge(self, before: Sequence[_Item]) -> _Item:
        """An edge elimination that is possible after these, chosen at random."""
        work = self._after(before)
        edges = [(s, t) for t, into in enumerate(work.into) for s in into]
        edges = [(s, t) for s, t in edges if s in self._inner or t in self._inner]
        if not edges:
            return self._items[0]
        source, target = self._chance.choice(edges)
        front = target in self._inner and target not in self._outputs
        back = source in self._inner
        return source, target, front and (not back or self._chance.random() < 0.5)

    def _after(self, items: Sequence[_Item]) -> Elimination:
        work = self._graph.elimination(free_units=self._free)
        for item in items:
            self._do(work, item)
        return work

    def _walk(self, items: Sequence[_Item], done: list[_Item]) -> int:
        """What a program costs; `done` takes up what of it was possible, and what was missing."""
        work = self._graph.elimination(free_units=self._free)
        self._effort += 2 * len(self._graph.edges)
        for item in (*items, *self._items):
            if self._do(work, item):
                done.append(item)
        self._effort += 2 * work.multiplications
        return work.multiplications

    def _do(self, work: Elimination, item: _Item) -> bool:
        if isinstance(item, int):
            if not work.out[item] and (item in self._outputs or not work.into[item]):
                return False
            work.eliminate(item)
            return True
        source, target, front = item
        if source not in work.into[target]:
            return False
        if (target if front else source) not in self._inner or (front and target in self._outputs):
            return False
        work.eliminate_edge(source, target, front=front)
        return True

    def _move(self, item: _Item) -> Move:
        names = self._graph.vertices
        if isinstance(item, int):
            return names[item]
        source, target, front = item
        return EdgeMove(names[source], names[target], front)
