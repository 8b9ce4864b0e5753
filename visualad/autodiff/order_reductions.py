"""Vertices that may be eliminated first without losing the best order.

A vertex v whose predecessors are all inputs may go at once if it has exactly as many successors as
there are vertex-disjoint paths from it to the outputs, and each successor w has at most one
predecessor of v not yet among its own: then v is as cheap now as it can ever be, and the fill-in
does no harm that v itself would not do. The mirror image holds for vertices whose successors are
all outputs, and a vertex without predecessors or without successors costs nothing.
"""

from __future__ import annotations

from dataclasses import replace

from visualad.autodiff.order_bound import disjoint_paths
from visualad.autodiff.order_problem import Problem, State, bits


def reduced(problem: Problem) -> tuple[list[int], Problem]:
    """The vertices to eliminate first, and the problem that is left.

    Only for scalar graphs in which unit edges count; others come back as they are, as do graphs
    with an output that feeds other vertices.
    """
    if not problem.plain or any(problem.outputs >> vertex & 1 for vertex in problem.inner):
        return [], problem
    state = problem.copy(problem.start)
    first: list[int] = []
    left = list(problem.inner)
    progress = True
    while progress:
        progress = False
        for vertex in list(left):
            if _may_go(problem, state, vertex):
                problem.eliminate(state, vertex)
                left.remove(vertex)
                first.append(vertex)
                progress = True
    return first, replace(problem, inner=left, start=state)


def _may_go(problem: Problem, state: State, vertex: int) -> bool:
    into, out = state
    if not into[vertex] or not out[vertex]:
        return True
    return _is_ripe(vertex, into, out, problem.inputs, problem.outputs) or _is_ripe(
        vertex, out, into, problem.outputs, problem.inputs
    )


def _is_ripe(vertex: int, into: list[int], out: list[int], starts: int, ends: int) -> bool:
    """The rule for a vertex whose predecessors are inputs; mirrored by swapping both sides."""
    return (
        not into[vertex] & ~starts
        and all((into[vertex] & ~into[w]).bit_count() <= 1 for w in bits(out[vertex]))
        and out[vertex].bit_count() == disjoint_paths(vertex, out, ends)
    )
