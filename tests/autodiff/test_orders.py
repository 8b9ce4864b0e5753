"""Elimination: what it costs, how low it can go, and how good orders are found."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.autodiff.cases import elimination_tasks, lecture, linearized_task
from tests.strategies import array_graphs, scalar_graphs
from visualad.autodiff.blocks import Diagonal
from visualad.autodiff.costs import compare_costs, cost
from visualad.autodiff.linearized import LinearizedGraph, linearize, linearized_structure
from visualad.autodiff.order_annealing import anneal
from visualad.autodiff.order_bound import lower_bound
from visualad.autodiff.order_exact import best_order
from visualad.autodiff.order_problem import problem_of
from visualad.autodiff.order_reductions import reduced
from visualad.autodiff.orders import elimination_order
from visualad.autodiff.steps import Cost
from visualad.errors import GraphError
from visualad.graph.model import Graph
from visualad.graph.parser import parse


@st.composite
def linear_graphs(draw: st.DrawFn, largest: int = 6) -> LinearizedGraph:
    """Acyclic graphs whose outputs feed nothing, some edges with the constant partial 1."""
    inputs = [f"x{i}" for i in range(draw(st.integers(1, 3)))]
    inner = [f"v{i}" for i in range(draw(st.integers(1, largest)))]
    outputs = [f"y{i}" for i in range(draw(st.integers(1, 3)))]
    names = inputs + inner + outputs
    edges: dict[tuple[str, str], float] = {}
    for position in range(len(inputs), len(names)):
        before = names[: min(position, len(inputs) + len(inner))]
        for source in draw(st.lists(st.sampled_from(before), min_size=1, max_size=3, unique=True)):
            edges[source, names[position]] = draw(st.sampled_from([1.0, 0.5, -1.5]))
    return LinearizedGraph(edges, inputs, outputs)


def counted(graph: LinearizedGraph, order: tuple[str, ...], free: bool = False) -> tuple[int, int]:
    """An independent count: edges in a dictionary of (value, unit)."""
    edges = {pair: pair in graph.units for pair in graph.edges}
    products = sums = 0
    for vertex in order:
        into = [(s, unit) for (s, t), unit in edges.items() if t == vertex]
        out = [(t, unit) for (s, t), unit in edges.items() if s == vertex]
        for (source, one), (target, other) in itertools.product(into, out):
            products += not (free and (one or other))
            if (source, target) in edges:
                sums += 1
                edges[source, target] = False
            else:
                edges[source, target] = one and other
        edges = {pair: unit for pair, unit in edges.items() if vertex not in pair}
    return products, sums


@given(linear_graphs(), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=100)
def test_costs_are_those_of_an_independent_count(
    graph: LinearizedGraph, chance: random.Random, free: bool
) -> None:
    order = list(graph.intermediates)
    chance.shuffle(order)
    found = graph.cost(order, free_units=free)
    assert (found.multiplications, found.additions) == counted(graph, tuple(order), free)
    problem = problem_of(graph, free_units=free)
    assert problem.walk(graph.numbers(order)) == found.multiplications


@given(linear_graphs(largest=5), st.booleans())
@settings(max_examples=60)
def test_the_best_order_of_a_small_graph_is_the_best_of_all(
    graph: LinearizedGraph, free: bool
) -> None:
    least = min(counted(graph, o, free)[0] for o in itertools.permutations(graph.intermediates))
    found = elimination_order(graph, free_units=free)
    assert found.cost == least
    assert found.proven_optimal
    assert graph.cost(found.vertices, free_units=free).multiplications == least
    assert graph.lower_bound() <= least or free


@given(linear_graphs(largest=8))
@settings(max_examples=100)
def test_reductions_keep_the_best_order(graph: LinearizedGraph) -> None:
    problem = problem_of(graph)
    best = best_order(problem, problem.inner)
    first, rest = reduced(problem)
    after = best_order(rest, rest.inner)
    assert best is not None
    assert after is not None
    assert problem.walk([*first, *after]) == problem.walk(best)


@given(linear_graphs(largest=8), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_lower_bound_holds_for_every_order(
    graph: LinearizedGraph, chance: random.Random
) -> None:
    bound = graph.lower_bound()
    order = list(graph.intermediates)
    for _ in range(10):
        chance.shuffle(order)
        assert bound <= graph.cost(order).multiplications


@given(linear_graphs(largest=8), st.integers(0, 60))
@settings(max_examples=60)
def test_a_bound_found_with_less_effort_is_lower_and_holds(
    graph: LinearizedGraph, looks: int
) -> None:
    problem = problem_of(graph)
    assert 0 <= lower_bound(problem, looks=looks) <= lower_bound(problem)
    assert lower_bound(problem, looks=10_000) == lower_bound(problem)


@given(linear_graphs(largest=9), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=60)
def test_annealing_never_ends_above_the_best_start(
    graph: LinearizedGraph, chance: random.Random, free: bool
) -> None:
    problem = problem_of(graph, free_units=free)
    starts = [chance.sample(list(problem.inner), len(problem.inner)) for _ in range(3)]
    found = anneal(problem, starts, seconds=0.002, seed=chance.randrange(9))
    assert sorted(found) == sorted(problem.inner)
    assert problem.walk(found) <= min(problem.walk(start) for start in starts)


def test_several_seeds_reach_the_same_count_on_a_random_graph() -> None:
    chance = random.Random(5)
    names = [f"x{i}" for i in range(15)]
    edges: dict[tuple[str, str], float] = {}
    for i in range(85):
        for source in chance.sample(names, 1 + (chance.random() < 0.65)):
            edges[source, f"v{i}"] = 2.0
        names.append(f"v{i}")
    outputs = [f"y{i}" for i in range(20)]
    used = {source for source, _ in edges}
    for i, name in enumerate(v for v in names if v not in used):
        edges[name, outputs[i % 20]] = 2.0
    graph = LinearizedGraph(edges, [n for n in names if n[0] == "x"], outputs)
    counts = {int(elimination_order(graph, seconds=0.2, seed=seed).cost) for seed in range(3)}
    assert max(counts) - min(counts) <= 2
    assert max(counts) < elimination_order(graph, "markowitz").cost


@pytest.mark.parametrize("name", elimination_tasks())
def test_published_counts_come_out(name: str) -> None:
    graph, task = linearized_task(name), elimination_tasks()[name]
    expected = task["reproduced"]
    assert graph.cost("forward").multiplications == expected["forward"]
    assert graph.cost("backward").multiplications == expected["reverse"]
    assert graph.cost("markowitz").multiplications == expected["markowitz_ties_last"]
    assert graph.lower_bound() == expected["min_cut_lower_bound"]
    free = [graph.cost(m, free_units=True).multiplications for m in ("forward", "backward")]
    assert free == [expected["unit_free"]["forward"], expected["unit_free"]["reverse"]]
    given_order = graph.cost([f"v{i}" for i in task["best"]["order"]])
    assert given_order.multiplications == task["best"]["count"]
    assert given_order.additions == task["best"]["additions"]


@pytest.mark.parametrize("name", elimination_tasks())
def test_the_best_known_order_is_reached_and_proven(name: str) -> None:
    graph, task = linearized_task(name), elimination_tasks()[name]
    found = elimination_order(graph)
    assert found.cost == task["best"]["count"]
    assert found.proven_optimal
    assert found.lower_bound == found.cost
    assert graph.cost(found.vertices).multiplications == found.cost


@pytest.mark.parametrize("name", [n for n, t in elimination_tasks().items() if "all_orders" in t])
def test_all_orders_of_the_lesson_graphs_cost_what_is_published(name: str) -> None:
    graph, task = linearized_task(name), elimination_tasks()[name]
    for free, key in ((False, "histogram"), (True, "histogram_unit_free")):
        counts = Counter(
            str(graph.cost(order, free_units=free).multiplications)
            for order in itertools.permutations(graph.intermediates)
        )
        assert dict(counts) == task["all_orders"][key]


def test_unit_edges_that_are_free_are_searched_for_too() -> None:
    graph = linearized_task("RobotArm_6DOF")
    found = elimination_order(graph, free_units=True, seconds=0.3)
    assert found.cost <= 165  # forward 227, backward 221, the best known is 152
    assert not found.proven_optimal


def test_the_search_is_the_same_for_the_same_seed() -> None:
    graph = linearized_task("RobotArm_6DOF")
    orders = [
        elimination_order(graph, free_units=True, seconds=0.05, seed=seed).vertices
        for seed in (1, 1, 2)
    ]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]


def test_annealing_improves_a_bad_start_and_can_be_watched_and_stopped() -> None:
    graph = linearized_task("RobotArm_6DOF")
    problem = problem_of(graph)
    seen: list[tuple[float, int]] = []
    found = anneal(
        problem,
        [problem.inner],
        seconds=0.3,
        seed=0,
        progress=lambda done, best: seen.append((done, best)),
    )
    assert problem.walk(found) < 270 < problem.walk(problem.inner)
    assert seen[0] == (0.0, 397)
    assert seen[-1] == (1.0, problem.walk(found))
    stopped = anneal(problem, [problem.inner], seconds=5.0, seed=0, cancelled=lambda: True)
    assert stopped == list(problem.inner)


def test_a_cancelled_search_gives_the_best_simple_order() -> None:
    found = elimination_order(
        linearized_task("RobotArm_6DOF"), free_units=True, cancelled=lambda: True
    )
    assert found.cost <= 221


def test_the_lectures_counts() -> None:
    graph = lecture()
    assert [cost(graph, m).multiplications for m in ("forward", "backward", "cross")] == [13, 8, 8]
    free = [cost(graph, m, free_units=True).multiplications for m in ("forward", "backward")]
    assert free == [8, 6]
    assert cost(graph, "cross", "best", free_units=True).multiplications == 5
    rows = {label: found.multiplications for label, _, found in compare_costs(graph)}
    assert rows["3 forward sweeps, one per input"] == 30
    assert rows["1 backward sweep, one per output"] == 10
    assert "unit edges count" in cost(graph).convention


def test_an_output_that_is_used_further_is_an_inner_vertex_and_an_output() -> None:
    """Lighthouse: the edge of constant 1 between both counts like any other unit edge."""
    text = "v1 = omega*t; v2 = tan(v1); v3 = gamma - v2; v4 = nu*v2"
    for rest in ("v5 = v4/v3; y1 = v5; y2 = gamma*v5", "y1 = v4/v3; y2 = gamma*y1"):
        graph = parse(f"{text}; {rest}", outputs=["y1", "y2"])
        assert cost(graph, "forward").multiplications == 20
        assert cost(graph, "backward").multiplications == 18
        linear = linearized_structure(graph)
        orders = itertools.permutations(linear.intermediates)
        counts = {linear.cost(order).multiplications for order in orders}
        assert (min(counts), max(counts)) == (15, 23)
        best = elimination_order(graph)
        assert (best.cost, best.lower_bound, best.proven_optimal) == (15, 15, True)
    apart = parse(
        "y1 = nu*tan(omega*t) / (gamma - tan(omega*t)); y2 = gamma*y1",
        outputs=["y1", "y2"],
        merge_equal=False,
    )
    # 18 and 22 with that edge free, as other programs count; 4 and 2 edges lead into y1 then.
    assert cost(apart, "forward").multiplications == 18 + 4
    assert cost(apart, "backward").multiplications == 22 + 2


def test_orders_are_known_by_name() -> None:
    graph = lecture()
    assert elimination_order(graph, "forward").vertices == ("x4", "x5", "x6", "x7", "x8")
    assert elimination_order(graph, "backward").vertices == ("x8", "x7", "x6", "x5", "x4")
    found = elimination_order(graph, "markowitz")
    assert (found.cost, found.lower_bound, found.proven_optimal) == (8, 8, True)
    assert list(found) == list(found.vertices)
    assert len(found) == 5
    with pytest.raises(GraphError, match="no elimination method 'luck'"):
        elimination_order(graph, "luck")


def test_a_graph_with_nothing_to_eliminate_costs_nothing() -> None:
    graph = parse("x*y")
    assert elimination_order(graph).vertices == ()
    assert elimination_order(graph).proven_optimal
    assert cost(graph).multiplications == 0
    assert cost(Graph()).multiplications == 0


# The linearised graph -----------------------------------------------------------------------------


def test_elimination_gives_a_new_graph_and_leaves_the_old() -> None:
    graph = linearize(lecture(), {"x1": 1.5, "x2": 0.8, "x3": 2.0})
    smaller = graph.eliminate("x4")
    assert "x4" in graph.vertices
    assert "x4" not in smaller.vertices
    assert smaller.edges["x1", "x6"] == graph.edges["x1", "x4"] * graph.edges["x4", "x6"]
    for vertex in ("x5", "x6", "x7", "x8"):
        smaller = smaller.eliminate(vertex)
    assert set(smaller.edges) == {("x1", "x9"), ("x2", "x9"), ("x3", "x9")}
    assert smaller.edges["x1", "x9"] == pytest.approx(1.6917657398)


def test_any_acyclic_graph_of_partials_will_do() -> None:
    graph = LinearizedGraph(
        {("a", "v"): 2.0, ("b", "v"): 3.0, ("v", "y"): 5.0, ("a", "y"): 1.0},
        inputs=["a", "b"],
        outputs=["y"],
    )
    assert graph.intermediates == ("v",)
    assert graph.cost(["v"]).multiplications == 2
    assert graph.cost(["v"]).additions == 1
    assert graph.eliminate("v").edges == {("a", "y"): 11.0, ("b", "y"): 15.0}


@pytest.mark.parametrize(
    ("vertex", "sentence"),
    [("a", "a is an input"), ("y", "y is an output"), ("z", "no vertex 'z'")],
)
def test_inputs_outputs_and_strangers_are_not_eliminated(vertex: str, sentence: str) -> None:
    graph = LinearizedGraph({("a", "v"): 2.0, ("v", "y"): 5.0}, ["a"], ["y"])
    with pytest.raises(GraphError, match=sentence):
        graph.eliminate(vertex)


def test_edges_that_make_no_linearised_graph_are_refused() -> None:
    with pytest.raises(GraphError, match="cycle"):
        LinearizedGraph({("a", "b"): 1.0, ("b", "a"): 1.0}, [], ["b"])
    with pytest.raises(GraphError, match="pair of names"):
        LinearizedGraph({("a", "b", "c"): 1.0}, ["a"], ["b"])
    with pytest.raises(GraphError, match="leads into a"):
        LinearizedGraph({("b", "a"): 1.0}, ["a"], ["b"])


def test_constants_and_dead_ends_are_no_vertices() -> None:
    graph = parse("c = 2\nf = c*x + c*c\ng = sin(x)", outputs=["f"])
    linear = linearize(graph, {"x": 1.0})
    assert "c" not in linear.vertices
    assert "g" not in linear.vertices


def test_two_ports_of_one_source_are_one_edge() -> None:
    linear = linearize(parse("x*x"), {"x": 3.0})
    assert linear.edges == {("x", "v1"): 6.0}


@given(scalar_graphs())
@settings(max_examples=40)
def test_costs_need_no_numbers(graph: Graph) -> None:
    structural, numeric = linearized_structure(graph), linearize(graph)
    assert structural.vertices == numeric.vertices
    assert set(structural.edges) == set(numeric.edges)
    assert structural.units == numeric.units
    for method in ("forward", "backward", "markowitz"):
        found = structural.cost(method)
        assert found == numeric.cost(method)
        assert structural.lower_bound() <= found.multiplications
    order = structural.intermediates
    walked = problem_of(structural).walk(structural.numbers(order))
    assert walked == structural.cost(order).multiplications


@given(array_graphs(), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=40)
def test_costs_of_blocks_agree_with_and_without_numbers(
    graph: Graph, chance: random.Random, free: bool
) -> None:
    structural, numeric = linearized_structure(graph), linearize(graph)
    order = list(structural.intermediates)
    chance.shuffle(order)
    assert structural.cost(order, free_units=free) == numeric.cost(order, free_units=free)
    problem = problem_of(structural, free_units=free)
    expected = structural.cost(order, free_units=free).multiplications
    assert problem.walk(structural.numbers(order)) == expected
    best = elimination_order(structural, seconds=0.01, free_units=free)
    for method in ("forward", "backward", "markowitz"):
        assert best.cost <= structural.cost(method, free_units=free).multiplications


@st.composite
def block_graphs(draw: st.DrawFn) -> LinearizedGraph:
    """Linearised graphs of arrays: dense blocks, diagonals and numbers."""
    inner = [f"v{i}" for i in range(draw(st.integers(1, 4)))]
    names = ["x0", "x1", *inner, "y0", "y1"]
    sizes = {name: draw(st.integers(1, 3)) for name in names}
    edges: dict[tuple[str, str], object] = {}
    for position in range(2, len(names)):
        target = names[position]
        before = names[: min(position, 2 + len(inner))]
        for source in draw(st.lists(st.sampled_from(before), min_size=1, max_size=3, unique=True)):
            rows, columns = sizes[target], sizes[source]
            diagonal = rows == columns > 1 and draw(st.booleans())
            number = rows == columns == 1
            block = Diagonal(np.ones(rows)) if diagonal else np.ones((rows, columns))
            edges[source, target] = 2.0 if number else block
    return LinearizedGraph(edges, ["x0", "x1"], ["y0", "y1"], sizes=sizes)


def counted_by_entries(graph: LinearizedGraph, order: tuple[str, ...]) -> int:
    """An independent count: products of single entries that are not zero by structure."""
    edges = {pair: np.atleast_2d(np.asarray(block)) != 0 for pair, block in graph.edges.items()}
    products = 0
    for vertex in order:
        into = {s: mask for (s, t), mask in edges.items() if t == vertex}
        out = {t: mask for (s, t), mask in edges.items() if s == vertex}
        for (source, right), (target, left) in itertools.product(into.items(), out.items()):
            made = left.astype(int) @ right.astype(int)
            products += int(made.sum())
            edges[source, target] = (made > 0) | edges.get((source, target), made > 0)
        edges = {pair: mask for pair, mask in edges.items() if vertex not in pair}
    return products


@given(block_graphs())
@settings(max_examples=80)
def test_blocks_cost_what_their_entries_do_and_the_best_order_is_the_best_of_all(
    graph: LinearizedGraph,
) -> None:
    counts = {}
    for order in itertools.permutations(graph.intermediates):
        counts[order] = counted_by_entries(graph, order)
        assert graph.cost(order) == counts[order]
    best = elimination_order(graph)
    assert best.cost == min(counts.values())
    assert best.proven_optimal


@given(st.lists(st.integers(2, 9), min_size=3, max_size=8))
@settings(max_examples=40)
def test_the_best_order_of_a_chain_is_the_optimal_matrix_chain(sides: list[int]) -> None:
    """The Jacobians of a multilayer perceptron: where to begin to multiply (Godbole 1973)."""
    names = ["x", *(f"h{i}" for i in range(1, len(sides) - 1)), "y"]
    edges = {
        (names[i], names[i + 1]): np.ones((sides[i + 1], sides[i])) for i in range(len(sides) - 1)
    }
    last = len(sides) - 1
    least = {(i, i + 1): 0 for i in range(last)}
    for length in range(2, last + 1):
        for i in range(last - length + 1):
            k_range = range(i + 1, i + length)
            least[i, i + length] = min(
                least[i, k] + least[k, i + length] + sides[i] * sides[k] * sides[i + length]
                for k in k_range
            )
    assert elimination_order(LinearizedGraph(edges, ["x"], ["y"])).cost == least[0, last]


def test_blocks_are_multiplied_by_their_shapes() -> None:
    graph = LinearizedGraph(
        {
            ("x", "a"): np.ones((3, 2)),
            ("a", "b"): Diagonal(np.ones(3)),
            ("b", "y"): np.ones((1, 3)),
        },
        ["x"],
        ["y"],
    )
    assert graph.cost(["a", "b"]).multiplications == 3 * 2 + 1 * 3 * 2
    assert graph.cost(["b", "a"]).multiplications == 3 * 1 + 1 * 3 * 2
    assert "blocks by their shapes" in graph.cost(["a", "b"]).convention
    assert np.array_equal(graph.eliminate("a").eliminate("b").edges["x", "y"], [[3.0, 3.0]])


# Costs as numbers ---------------------------------------------------------------------------------


def test_a_cost_compares_with_plain_numbers_by_its_multiplications() -> None:
    found = elimination_order(linearized_task("HumanHeartDipole")).cost
    assert found == 148
    assert found <= 148 < found + Cost(1, 0)
    assert 148 >= found > 147.5
    assert found != 149
    assert int(found) == found.multiplications
    assert hash(found) == hash(148)
    assert {found: "known"}[148] == "known"


def test_costs_are_ordered_by_multiplications_and_then_additions() -> None:
    cheap, dear = Cost(8, 2, "one"), Cost(8, 3, "one")
    assert cheap < dear <= Cost(9, 0)
    assert dear > cheap >= Cost(8, 2, "another")
    assert cheap == Cost(8, 2, "one") != Cost(8, 2, "another")
    assert min([dear, cheap]) is cheap
    assert cheap != "8"


def test_where_nothing_is_constant_counting_products_with_it_as_free_changes_nothing() -> None:
    edges = dict.fromkeys([("x", "a"), ("y", "a"), ("a", "b"), ("b", "c"), ("b", "d")], 2.0)
    graph = LinearizedGraph(edges, ["x", "y"], ["c", "d"])
    plain, free = (elimination_order(graph, free_units=units) for units in (False, True))
    assert (free.vertices, free.method) == (plain.vertices, plain.method)
    assert (free.lower_bound, free.proven_optimal) == (plain.lower_bound, plain.proven_optimal)
