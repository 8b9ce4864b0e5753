"""Elimination orders for cross mode: forward, backward, Markowitz' rule, and the best found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from visualad.autodiff.elimination import Eliminable, markowitz
from visualad.autodiff.linearized import LinearizedGraph, linearized_structure
from visualad.autodiff.order_annealing import Progress, anneal
from visualad.autodiff.order_bound import lower_bound
from visualad.autodiff.order_exact import best_order
from visualad.autodiff.order_problem import Walk, problem_of
from visualad.autodiff.order_reductions import reduced
from visualad.autodiff.steps import Cost
from visualad.errors import GraphError
from visualad.graph.model import Graph

T = TypeVar("T")
METHODS = ("forward", "backward", "markowitz", "best")
SEARCHED = 3_000  # vertices; larger graphs get the best of the three simple orders
SIMPLE = ("markowitz", "backward", "forward")
# How often a vertex may be looked at for the lower bound, by seconds of effort: more than enough
# for graphs of a few hundred vertices, a weaker bound for larger ones.
LOOKS_PER_SECOND = 300_000
PREPARATION = 3e-4  # seconds per vertex, for what is done beside the search


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

    @property
    def standing(self) -> str:
        """How good it is, in a few words: "proven optimal", or what no order needs less than."""
        if self.proven_optimal:
            return "proven optimal"
        return f"optimum ≥ {self.lower_bound}" if self.lower_bound else "no bound known"

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
        seconds: effort of "best": about as long as it takes on an ordinary laptop, at 3,000
            vertices too. It is counted in operations, so that the result is the same on every
            machine; only where it takes three times as much processor time it is cut off.
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
        bound = _bound(linear, seconds) if not free_units else 0
        return Order(names, cost, bound, cost == bound, method)
    return _best(linear, seconds, seed, free_units, progress, cancelled)


def as_order(order: str | Iterable[T]) -> str | tuple[T, ...]:
    """An elimination order as it can be kept: the name of a method, or names of vertices (and
    edges as `EdgeMove`s).

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
    linear: LinearizedGraph, order: str | Iterable[T], *, free_units: bool = False
) -> tuple[str | T, ...]:
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
        if len(inner) > SEARCHED:  # bit sets would be too long
            work: Eliminable = linear.elimination(free_units=free_units)
        else:
            work = Walk(problem_of(linear, free_units=free_units))
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
    simple = {method: vertices_in_order(linear, method, free_units=free_units) for method in SIMPLE}
    if len(linear.intermediates) > SEARCHED:
        costs = {name: linear.cost(order, free_units=free_units) for name, order in simple.items()}
        method = min(costs, key=lambda name: costs[name])
        return Order(simple[method], costs[method], 0, costs[method] == 0, method)
    # Without a constant 1 or -1 nothing is free, and the bounds of the plain count hold.
    problem = problem_of(linear, free_units=free_units and bool(linear.units))
    numbers = {method: linear.numbers(names) for method, names in simple.items()}
    products = {method: problem.walk(order) for method, order in numbers.items()}
    least = min(products.values())
    costs = {
        method: linear.cost(simple[method], free_units=free_units)
        for method in SIMPLE
        if products[method] == least
    }
    method = min(costs, key=lambda name: costs[name])
    names, cost = simple[method], costs[method]
    bound = lower_bound(problem, looks=_looks(seconds))
    if cost <= bound:
        return Order(names, cost, bound, True, method)
    # What may go first without harm goes first; the search is for the order of the rest.
    first, rest = reduced(problem)
    left = set(rest.inner)
    orders = sorted(numbers, key=lambda name: products[name])
    starts = [[vertex for vertex in numbers[name] if vertex in left] for name in orders]
    spent = problem.walk(first)
    exact = best_order(rest, starts[0], cancelled, seconds=seconds)
    rest_found = exact
    if rest_found is None:
        rest_found = anneal(
            rest,
            starts,
            seconds=max(seconds - PREPARATION * len(names), seconds / 4),
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


def _bound(linear: LinearizedGraph, seconds: float) -> int:
    if len(linear.intermediates) > SEARCHED:
        return 0
    return lower_bound(problem_of(linear), looks=_looks(seconds))


def _looks(seconds: float) -> int:
    return int(max(seconds, 1.0) * LOOKS_PER_SECOND)


def _shifted(progress: Progress | None, spent: int) -> Progress | None:
    """Progress of the whole order from that of the part that is searched."""
    if progress is None:
        return None
    return lambda done, best: progress(done, spent + best)
