"""The score of an elimination that somebody plays: against other orders, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from visualad.autodiff.edge_elimination import after_moves, cost_of_moves
from visualad.autodiff.edge_search import Program, best_program
from visualad.autodiff.linearized import LinearizedGraph, linearized_structure
from visualad.autodiff.moves import EdgeMove, Move
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
        edge: the edge that is eliminated instead of the vertex, if that leads to less.
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
    edge: EdgeMove | None = None


@dataclass(frozen=True)
class Score:
    """How an elimination stands.

    Attributes:
        moves: the eliminations so far; played: what they have cost.
        left: names of the vertices that are still there.
        orders: forward, backward, Markowitz' and the best found of the whole graph, by name.
        continuation: the best order found of what is left; its bound is that of what is left.
        hint: its first elimination, or None when nothing is left.
        costs: multiplications of each elimination of `orders`, and of "played".
        edges: multiplications of eliminating each edge now, (source name, target name), at its
            front and at its back; None where it has no such end to eliminate.
        program: the best elimination of vertices and edges found of the whole graph; None where
            it was not asked for.
        merged: the same orders as `orders` when equal subexpressions are one vertex; empty when
            there are none.
    """

    moves: tuple[Move, ...]
    played: Cost
    left: tuple[str, ...]
    orders: dict[str, Order]
    continuation: Order
    hint: Hint | None
    costs: dict[str, tuple[int, ...]]
    merged: dict[str, Order]
    edges: Mapping[tuple[str, str], tuple[int | None, int | None]]
    program: Program | None = None


def score(
    graph: Graph,
    played: Iterable[Move] = (),
    *,
    free_units: bool = False,
    seconds: float = 0.1,
    edges: bool = False,
) -> Score:
    """Score an elimination of the vertices and edges `played`, in this order.

    Args:
        free_units: whether products with a constant partial 1 or -1 are free.
        seconds: effort of each search for the best order.
        edges: whether to look for the best elimination of edges too.

    Raises:
        VisualADError: when the graph has a cycle or shapes do not fit, or a vertex or edge cannot
            be eliminated.
    """
    linear = linearized_structure(graph)
    moves = tuple(played)
    left = after_moves(linear, moves)
    spent = cost_of_moves(linear, moves, free_units=free_units)
    rest = elimination_order(left, seconds=seconds, free_units=free_units)
    orders, merged = _whole(graph, free_units, seconds)
    lanes = {"played": moves, **{name: order.vertices for name, order in orders.items()}}
    program = _program(graph, free_units, seconds) if edges else None
    hint = _hint(left, int(spent), rest, free_units, seconds) if rest.vertices else None
    if program is not None:
        lanes["program"] = program.moves
        if hint is not None:
            hint = _edge_hint(left, int(spent), rest, hint, free_units, seconds)
    return Score(
        moves=moves,
        played=spent,
        left=left.intermediates,
        orders=orders,
        continuation=rest,
        hint=hint,
        costs={name: _each(linear, names, free_units) for name, names in lanes.items()},
        merged=merged,
        edges=_edge_costs(left, free_units),
        program=program,
    )


@lru_cache(maxsize=4)
def _program(graph: Graph, free_units: bool, seconds: float) -> Program:
    best = _whole(graph, free_units, seconds)[0]["best"].vertices
    linear = linearized_structure(graph)
    return best_program(linear, best, seconds=seconds, free_units=free_units)


def _edge_costs(
    left: LinearizedGraph, free_units: bool
) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    work = left.elimination(free_units=free_units)
    inner, outputs, position = set(left.intermediates), set(left.outputs), left.position

    def cost(source: str, target: str, *, front: bool) -> int:
        return work.cost_of_edge(position[source], position[target], front=front)

    return {
        (source, target): (
            cost(source, target, front=True) if target in inner - outputs else None,
            cost(source, target, front=False) if source in inner else None,
        )
        for source, target in left.edges
    }


def _edge_hint(
    left: LinearizedGraph, spent: int, rest: Order, hint: Hint, free_units: bool, seconds: float
) -> Hint:
    """The first edge of a program that leads to less than the vertex of the hint, else the hint."""
    program = best_program(left, rest.vertices, seconds=seconds, free_units=free_units)
    total = spent + int(program.cost)
    if total >= hint.total:
        return replace(hint, proven=program.proven)
    first = program.moves[0]
    cost = int(cost_of_moves(left, (first,), free_units=free_units))
    edge = first if isinstance(first, EdgeMove) else None
    vertex = first.vertex if isinstance(first, EdgeMove) else first
    into, out = (sum(pair[end] == vertex for pair in left.edges) for end in (1, 0))
    return Hint(vertex, into, out, cost, total, program.proven, edge=edge)


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


def _each(linear: LinearizedGraph, moves: Iterable[Move], free_units: bool) -> tuple[int, ...]:
    work = linear.elimination(free_units=free_units)
    found = []
    for move in moves:
        before = work.multiplications
        if isinstance(move, EdgeMove):
            work.eliminate_edge(*linear.check_edge(move, work), front=move.front)
        else:
            work.eliminate(linear.position[move])
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
