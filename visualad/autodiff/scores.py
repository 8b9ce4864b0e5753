"""The score of an elimination that somebody plays: against other orders, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from visualad.autodiff.edge_elimination import after_moves, cost_of_moves
from visualad.autodiff.linearized import LinearizedGraph, linearized_structure
from visualad.autodiff.orders import Order, elimination_order
from visualad.autodiff.steps import Cost
from visualad.graph.merging import merge_equal
from visualad.graph.model import Graph

SIMPLE = ("forward", "backward", "markowitz")


@dataclass(frozen=True)
class Hint:
    """What the best continuation does next.

    Attributes:
        vertex: its name; into, out: numbers of its edges now; cost: of eliminating it now.
        total: multiplications of the whole elimination, from its beginning, if one goes on so.
        proven: whether no continuation needs fewer.
        cheapest: the vertex of least cost now, if that is another one; cheapest_cost: its cost;
            cheapest_total: the whole elimination when it goes first.
    """

    vertex: str
    into: int
    out: int
    cost: int
    total: int
    proven: bool
    cheapest: str = ""
    cheapest_cost: int = 0
    cheapest_total: int = 0


@dataclass(frozen=True)
class Score:
    """How an elimination stands.

    Attributes:
        played: what the eliminations so far have cost.
        left: names of the vertices that are still there.
        orders: forward, backward, Markowitz' and the best found of the whole graph, by name.
        continuation: the best order found of what is left; its bound is that of what is left.
        hint: its first elimination, or None when nothing is left.
        costs: multiplications of each elimination of `orders`, and of "played".
        merged: the same orders as `orders` when equal subexpressions are one vertex; empty when
            there are none.
    """

    played: Cost
    left: tuple[str, ...]
    orders: dict[str, Order]
    continuation: Order
    hint: Hint | None
    costs: dict[str, tuple[int, ...]]
    merged: dict[str, Order]


def score(
    graph: Graph, played: Iterable[str] = (), *, free_units: bool = False, seconds: float = 0.1
) -> Score:
    """Score an elimination of the vertices `played`, in this order.

    Args:
        free_units: whether products with a constant partial 1 or -1 are free.
        seconds: effort of each search for the best order.

    Raises:
        VisualADError: when the graph has a cycle or shapes do not fit, or a vertex cannot be
            eliminated.
    """
    linear = linearized_structure(graph)
    moves = tuple(played)
    left = after_moves(linear, moves)
    spent = cost_of_moves(linear, moves, free_units=free_units)
    rest = elimination_order(left, seconds=seconds, free_units=free_units)
    orders, merged = _whole(graph, free_units, seconds)
    lanes = {"played": moves, **{name: order.vertices for name, order in orders.items()}}
    return Score(
        played=spent,
        left=left.intermediates,
        orders=orders,
        continuation=rest,
        hint=_hint(left, int(spent), rest, free_units, seconds) if rest.vertices else None,
        costs={name: _each(linear, names, free_units) for name, names in lanes.items()},
        merged=merged,
    )


@lru_cache(maxsize=4)
def _whole(
    graph: Graph, free_units: bool, seconds: float
) -> tuple[dict[str, Order], dict[str, Order]]:
    """The orders of a whole graph, which stay the same move after move; then those with equal
    subexpressions merged, if there are any.
    """
    merged = merge_equal(graph)
    orders = _orders(linearized_structure(graph), free_units, seconds)
    if merged is graph:
        return orders, {}
    return orders, _orders(linearized_structure(merged), free_units, seconds)


def _each(linear: LinearizedGraph, names: Iterable[str], free_units: bool) -> tuple[int, ...]:
    work = linear.elimination(free_units=free_units)
    found = []
    for name in names:
        before = work.multiplications
        work.eliminate(linear.position[name])
        found.append(work.multiplications - before)
    return tuple(found)


def _orders(linear: LinearizedGraph, free_units: bool, seconds: float) -> dict[str, Order]:
    return {
        method: elimination_order(linear, method, seconds=seconds, free_units=free_units)
        for method in (*SIMPLE, "best")
    }


def _hint(left: LinearizedGraph, spent: int, rest: Order, free_units: bool, seconds: float) -> Hint:
    work = left.elimination(free_units=free_units)
    costs = {name: work.cost_of(left.position[name]) for name in left.intermediates}
    least = min(costs.values())
    # Among orders of the same cost the one that begins with the cheapest vertex is easiest to see.
    first = rest.vertices[0]
    total = spent + int(rest.cost)
    cheapest = first if costs[first] == least else min(costs, key=lambda name: costs[name])
    after = total
    if cheapest != first:
        then = elimination_order(left.eliminate(cheapest), seconds=seconds, free_units=free_units)
        after = spent + least + int(then.cost)
        if after <= total:
            first, cheapest, total = cheapest, "", after
    return Hint(
        vertex=first,
        into=sum(target == first for _, target in left.edges),
        out=sum(source == first for source, _ in left.edges),
        cost=costs[first],
        total=total,
        proven=rest.proven_optimal,
        cheapest=cheapest if cheapest != first else "",
        cheapest_cost=least,
        cheapest_total=after,
    )
