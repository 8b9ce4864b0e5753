"""Edge elimination: what it costs, that it gives the Jacobian, and how low it can go."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.autodiff.cases import elimination_tasks, linearized_task
from tests.autodiff.test_orders import linear_graphs
from visualad.autodiff.edge_elimination import (
    EdgeMove,
    after_moves,
    best_edge_moves,
    cost_of_moves,
)
from visualad.autodiff.linearized import LinearizedGraph
from visualad.autodiff.orders import elimination_order
from visualad.errors import GraphError


def over_paths(graph: LinearizedGraph) -> dict[tuple[str, str], float]:
    """Every entry of the Jacobian as the sum over paths of the products of their partials."""

    def total(source: str, target: str) -> float:
        if source == target:
            return 1.0
        return sum(v * total(t, target) for (s, t), v in graph.edges.items() if s == source)

    return {(i, o): total(i, o) for i in graph.inputs for o in graph.outputs}


def possible(graph: LinearizedGraph) -> list[EdgeMove]:
    """Every edge elimination of a graph."""
    fronts = [EdgeMove(*e, front=True) for e in graph.edges if e[1] not in graph.outputs]
    return fronts + [EdgeMove(*e, front=False) for e in graph.edges if e[0] not in graph.inputs]


@given(linear_graphs(largest=6), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_any_sequence_of_edge_eliminations_gives_the_sum_over_paths(
    graph: LinearizedGraph, chance: random.Random
) -> None:
    expected = over_paths(graph)
    while moves := possible(graph):
        move = chance.choice(moves)
        end = move.target if move.front else move.source
        pairs = sum((s if move.front else t) == end for s, t in graph.edges)
        assert graph.cost_of_edge(move.source, move.target, front=move.front) == pairs
        graph = after_moves(graph, [move])
    assert not graph.intermediates
    for pair, value in expected.items():
        assert graph.edges.get(pair, 0.0) == pytest.approx(value, abs=1e-9)


def test_the_lion_needs_12_by_vertices_and_11_by_edges() -> None:
    graph, task = linearized_task("lion"), elimination_tasks()["lion"]
    assert elimination_order(graph).cost == 12
    assert elimination_order(graph).proven_optimal
    known = task["best_edge_elimination"]
    program = [EdgeMove(f"v{a}", f"v{b}", front=how == "front") for how, a, b in known["program"]]
    spent = cost_of_moves(graph, program)
    assert (spent.multiplications, spent.additions) == (known["count"], known["additions"])
    assert not after_moves(graph, program).intermediates
    found = best_edge_moves(graph)
    assert found is not None
    moves, cost = found
    assert cost == 11
    assert cost_of_moves(graph, moves) == 11


@given(linear_graphs(largest=3))
@settings(max_examples=40)
def test_edges_are_never_dearer_than_vertices(graph: LinearizedGraph) -> None:
    found = best_edge_moves(graph)
    assert found is not None
    moves, cost = found
    assert cost_of_moves(graph, moves) == cost <= elimination_order(graph).cost
    left = after_moves(graph, moves)
    assert left.lower_bound() == 0  # no path leads through an inner vertex
    expected = over_paths(graph)
    for pair, value in expected.items():
        assert left.edges.get(pair, 0.0) == pytest.approx(value, abs=1e-9)


def test_eliminating_all_edges_into_a_vertex_is_eliminating_it() -> None:
    graph = LinearizedGraph(
        {("a", "v"): 2.0, ("b", "v"): 3.0, ("v", "y"): 5.0, ("v", "z"): 7.0, ("a", "y"): 1.0},
        ["a", "b"],
        ["y", "z"],
    )
    fronts = [EdgeMove("a", "v", front=True), EdgeMove("b", "v", front=True)]
    backs = [EdgeMove("v", "y", front=False), EdgeMove("v", "z", front=False)]
    for moves in (fronts, backs, ["v"]):
        assert after_moves(graph, moves).edges == graph.eliminate("v").edges
        spent = cost_of_moves(graph, moves)
        assert (spent.multiplications, spent.additions) == (4, 1)


def test_vertices_and_edges_may_be_mixed() -> None:
    graph = linearized_task("lion")
    back = EdgeMove("v3", "v4", front=False)
    assert cost_of_moves(graph, [back, "v2", "v3"]) == 1 + 4 + 6


@pytest.mark.parametrize(
    ("move", "sentence"),
    [
        (EdgeMove("a", "y", front=True), "no edge from a to y"),
        (EdgeMove("v", "y", front=True), "y is an output"),
        (EdgeMove("a", "v", front=False), "a is an input"),
        ("y", "y is an output"),
    ],
)
def test_edges_without_that_end_are_not_eliminated(move: EdgeMove | str, sentence: str) -> None:
    graph = LinearizedGraph({("a", "v"): 2.0, ("v", "y"): 5.0}, ["a"], ["y"])
    with pytest.raises(GraphError, match=sentence):
        cost_of_moves(graph, [move])


def test_the_optimum_is_not_looked_for_where_it_is_not_known_how() -> None:
    graph = LinearizedGraph({("a", "y"): 2.0, ("y", "z"): 5.0}, ["a"], ["y", "z"])
    with pytest.raises(GraphError, match="outputs feed nothing"):
        best_edge_moves(graph)


def test_an_output_that_is_used_further_is_passed_at_the_back() -> None:
    graph = LinearizedGraph({("a", "y"): 2.0, ("y", "z"): 5.0}, ["a"], ["y", "z"])
    after = graph.eliminate_edge("y", "z", front=False)
    assert after.edges == {("a", "y"): 2.0, ("a", "z"): 10.0}
