"""Elimination orders for cross mode: forward, backward, Markowitz' rule, and the best found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from visualad.autodiff.elimination import markowitz
from visualad.autodiff.linearized import LinearizedGraph, linearized_structure
from visualad.autodiff.order_annealing import Progress, anneal
from visualad.autodiff.order_bound import lower_bound
from visualad.autodiff.order_exact import best_order
from visualad.autodiff.order_problem import problem_of
from visualad.autodiff.order_reductions import reduced
from visualad.autodiff.steps import Cost
from visualad.errors import GraphError
from visualad.graph.model import Graph

METHODS = ("forward", "backward", "markowitz", "best")
SEARCHED = 3_000  # vertices; larger graphs get the best of the three simple orders


@dataclass(frozen=True)
class Order:
    """An elimination order.

    Attributes:
        vertices: names in the order of elimination.
        cost: what it costs; compares with plain numbers by its multiplications (see `Cost`).
        lower_bound: no vertex elimination order needs fewer (0: no bound is known).
        proven_optimal: whether no vertex elimination order is cheaper.
        method: how it was found.
    """

    vertices: tuple[str, ...]
    cost: Cost
    lower_bound: int
    proven_optimal: bool
    method: str

    def __iter__(self) -> Iterator[str]:
        return iter(self.vertices)

    def __len__(self) -> int:
        return len(self.vertices)


def elimination_order(
    graph: Graph | LinearizedGraph,
    method: str = "best",
    *,
    seconds: float = 1.0,
    seed: int = 0,
    free_units: bool = False,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Order:
    """An order in which to eliminate the inner vertices.

    "forward" and "backward" are the topological order and its reverse; "markowitz" takes the vertex
    of least cost at each moment and among equals the last one; "best" improves on these: exactly
    for small graphs (dynamic programming over vertex sets), by simulated annealing for others.

    Args:
        seconds: effort of "best". It sets a number of moves, so the result is the same on every
            machine (see `order_annealing`).
        seed: of the random moves.
        free_units: whether products with a constant 1 or -1 are free.
        progress: called now and then with the fraction done and the best cost so far.
        cancelled: asked now and then; on True the best order so far is returned.

    Raises:
        GraphError: for an unknown method.
    """
    linear = graph if isinstance(graph, LinearizedGraph) else linearized_structure(graph)
    if method not in METHODS:
        raise GraphError(
            f"There is no elimination method '{method}'; use {', '.join(METHODS[:-1])} or best."
        )
    if method != "best":
        names = vertices_in_order(linear, method, free_units=free_units)
        cost = linear.cost(names, free_units=free_units)
        bound = 0 if free_units or len(names) > SEARCHED else linear.lower_bound()
        return Order(names, cost, bound, cost == bound, method)
    return _best(linear, seconds, seed, free_units, progress, cancelled)


def as_order(order: str | Iterable[str]) -> str | tuple[str, ...]:
    """An elimination order as it can be kept: the name of a method, or names of vertices.

    Raises:
        GraphError: if it is neither.
    """
    if isinstance(order, str):
        return order
    if not isinstance(order, Iterable):
        raise GraphError(
            f"An elimination order is {', '.join(METHODS)} or the names of the vertices, not of "
            f"type {type(order).__name__}."
        )
    return tuple(order)


def vertices_in_order(
    linear: LinearizedGraph, order: str | Iterable[str], *, free_units: bool = False
) -> tuple[str, ...]:
    """The vertices of an order given by method or by names (which are returned as they are)."""
    order = as_order(order)
    if not isinstance(order, str):
        return order
    inner = linear.intermediates
    if order == "forward":
        return inner
    if order == "backward":
        return inner[::-1]
    if order == "markowitz":
        work = linear.elimination(free_units=free_units)
        return tuple(linear.vertices[v] for v in markowitz(work, linear.numbers(inner)))
    return elimination_order(linear, order, free_units=free_units).vertices


def _best(
    linear: LinearizedGraph,
    seconds: float,
    seed: int,
    free_units: bool,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> Order:
    simple = {
        method: vertices_in_order(linear, method, free_units=free_units)
        for method in ("markowitz", "backward", "forward")
    }
    costs = {method: linear.cost(names, free_units=free_units) for method, names in simple.items()}
    method = min(costs, key=lambda name: costs[name])
    names, cost = simple[method], costs[method]
    if len(names) > SEARCHED:
        return Order(names, cost, 0, cost == 0, method)
    # Without a constant 1 or -1 nothing is free, and the bounds of the plain count hold.
    problem = problem_of(linear, free_units=free_units and bool(linear.units))
    bound = lower_bound(problem)
    if cost <= bound:
        return Order(names, cost, bound, True, method)
    # What may go first without harm goes first; the search is for the order of the rest.
    first, rest = reduced(problem)
    start = [vertex for vertex in linear.numbers(names) if vertex in set(rest.inner)]
    exact = best_order(rest, start, cancelled)
    spent = problem.walk(first)
    rest_found = exact
    if rest_found is None:
        rest_found = anneal(
            rest,
            start,
            seconds=seconds,
            seed=seed,
            bound=bound - spent,
            progress=_shifted(progress, spent),
            cancelled=cancelled,
        )
    found = tuple(linear.vertices[vertex] for vertex in (*first, *rest_found))
    found_cost = linear.cost(found, free_units=free_units)
    if exact is not None:
        return Order(found, found_cost, int(found_cost), True, "dynamic programming")
    if found_cost < int(cost):
        names, cost, method = found, found_cost, "simulated annealing"
    return Order(names, cost, bound, cost <= bound, method)


def _shifted(progress: Progress | None, spent: int) -> Progress | None:
    """Progress of the whole order from that of the part that is searched."""
    if progress is None:
        return None
    return lambda done, best: progress(done, spent + best)
