"""Edge elimination: what it costs, that it gives the Jacobian, and how low it can go."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.autodiff.cases import elimination_tasks, linearized_task
from tests.autodiff.test_orders import linear_graphs
from tests.strategies import scalar_graphs
from visualad.autodiff.derivatives import jacobian
from visualad.autodiff.edge_elimination import after_moves, best_edge_moves, cost_of_moves
from visualad.autodiff.edge_search import best_program
from visualad.autodiff.linearized import LinearizedGraph, linearized_structure
from visualad.autodiff.moves import EdgeMove, Move
from visualad.autodiff.orders import elimination_order
from visualad.autodiff.sweeps import sweep
from visualad.errors import GraphError
from visualad.graph.model import Graph
from visualad.graph.parser import parse


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


def counted(graph: LinearizedGraph, program: Sequence[Move]) -> tuple[int, int]:
    """An independent count: multisets of edges as a set of pairs, without numbers.

    An output that feeds others is two vertices here: its name and its name with a prime.
    """
    used = {s for s, _ in graph.edges if s in graph.outputs}
    edges = {(s, t) for s, t in graph.edges} | {(y, y + "'") for y in used}
    ends = {y + "'" if y in used else y for y in graph.outputs}
    products = sums = 0

    def join(into: set[tuple[str, str]], out: set[tuple[str, str]]) -> None:
        nonlocal products, sums, edges
        for (source, _), (_, target) in itertools.product(sorted(into), sorted(out)):
            products += 1
            # What an output's own edges are led on to is that output: no sum happens there.
            sums += (source, target) in edges
            edges |= {(source, target)}

    def sweep_away() -> None:
        nonlocal edges
        while True:
            sources, targets = {s for s, _ in edges}, {t for _, t in edges}
            left = {
                (s, t)
                for s, t in edges
                if (t in sources or t in ends) and (s in targets or s in graph.inputs)
            }
            if left == edges:
                return
            edges = left

    for move in program:
        if isinstance(move, str):
            into, out = {e for e in edges if e[1] == move}, {e for e in edges if e[0] == move}
            join(into, out)
            edges -= into | out
            continue
        edge = (move.source, move.target)
        if edge not in edges:  # its target has been led on to the output that it is
            edge = (move.source, move.target + "'")
        if move.front:
            join({edge}, {e for e in edges if e[0] == move.target})
        else:
            join({e for e in edges if e[1] == move.source}, {edge})
        edges -= {edge}
        if {e for e in edges if e[0] == move.source} == {(move.source, move.source + "'")}:
            into, out = (
                {e for e in edges if e[1] == move.source},
                {(move.source, move.source + "'")},
            )
            join(into, out)
            edges -= into | out
        sweep_away()
    return products, sums


@given(scalar_graphs(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_any_mixed_program_gives_the_jacobian_at_the_counted_cost(
    graph: Graph, chance: random.Random
) -> None:
    left = linear = linearized_structure(graph)
    program: list[Move] = []
    while left.intermediates:
        edges = possible(left)
        vertex = chance.choice(left.intermediates)
        program.append(chance.choice(edges) if edges and chance.random() < 0.6 else vertex)
        left = after_moves(left, program[-1:])
    swept = sweep(graph, mode="cross", order=program)
    assert swept.order == tuple(program)
    backward = jacobian(graph, mode="backward")
    for i, output in enumerate(graph.outputs):
        for k, name in enumerate(backward.inputs):
            found = swept.jacobian[output, name]
            assert found == pytest.approx(backward.array[i, k], rel=1e-9, abs=1e-9, nan_ok=True)
    spent = cost_of_moves(linear, program)
    assert (spent.multiplications, spent.additions) == counted(linear, program)
    assert (swept.cost.multiplications, swept.cost.additions) == counted(linear, program)


@given(linear_graphs(largest=5), st.integers(0, 3))
@settings(max_examples=30)
def test_the_best_program_found_is_possible_and_never_dearer_than_the_order(
    graph: LinearizedGraph, seed: int
) -> None:
    order = elimination_order(graph)
    for seconds in (0.0005, 0.02):
        found = best_program(graph, order.vertices, seconds=seconds, seed=seed)
        assert cost_of_moves(graph, found.moves) == found.cost <= order.cost
        # No path leads through an inner vertex.
        assert after_moves(graph, found.moves).lower_bound() == 0


def test_annealing_finds_the_lions_eleven_and_keeps_it_for_a_seed() -> None:
    graph = linearized_task("lion")
    order = elimination_order(graph).vertices
    units = LinearizedGraph(
        graph.edges, graph.inputs, graph.outputs, units=[("v0", "v2")], order=graph.vertices
    )
    found = [best_program(units, order, seconds=0.1, free_units=True) for _ in range(2)]
    assert found[0] == found[1]
    assert not found[0].proven  # with free unit edges nothing is ruled out
    assert found[0].cost <= 10
    plain = best_program(graph, order, seconds=0.1)
    assert (plain.cost, plain.proven) == (11, True)


def test_a_sweep_with_an_impossible_edge_says_which() -> None:
    graph = parse("a = x*y; b = sin(a); c = a*b; d = cos(b)")
    move = EdgeMove("a", "b", front=True)
    with pytest.raises(GraphError, match="no edge from a to b"):
        sweep(graph, {"x": 1.0, "y": 2.0}, "cross", order=(move, move, "b"))
    with pytest.raises(GraphError, match="leaves out"):
        sweep(graph, {"x": 1.0, "y": 2.0}, "cross", order=(move,))


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
