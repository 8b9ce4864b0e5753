"""Forward, backward and cross mode give the same numbers on any graph."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.autodiff.cases import lecture
from tests.engine.networks import perceptron
from tests.strategies import array_graphs, scalar_graphs
from visualad.autodiff import columns
from visualad.autodiff.costs import cost
from visualad.autodiff.derivatives import gradient, jacobian, jvp, vjp
from visualad.autodiff.linearized import linearize
from visualad.autodiff.sweeps import sweep
from visualad.errors import GraphError, ShapeError
from visualad.graph.model import Graph
from visualad.graph.parser import parse

MODES = ("forward", "backward", "cross")


def alike(a: Any, b: Any) -> bool:
    return bool(np.allclose(a, b, rtol=1e-9, atol=1e-10))


def sum_over_paths(graph: Graph) -> Any:
    """The Jacobian as the sum over all paths of the products of partials."""
    linear = linearize(graph)
    rows = []
    for output in graph.outputs:
        known: dict[str, dict[str, float]] = {}
        for name in linear.vertices:
            known[name] = {x: float(x == name) for x in linear.inputs}
            for (source, target), partial in linear.edges.items():
                if target == name:
                    for x in linear.inputs:
                        known[name][x] += float(partial) * known[source][x]
        rows.append([known.get(output, {}).get(x, 0.0) for x in linear.inputs])
    return np.array(rows)


@given(scalar_graphs())
@settings(max_examples=60)
def test_all_modes_and_the_sum_over_paths_agree(graph: Graph) -> None:
    expected = jacobian(graph, mode="backward").array
    assert alike(jacobian(graph, mode="forward").array, expected)
    assert alike(jacobian(graph, mode="cross").array, expected)
    assert alike(sum_over_paths(graph), expected)


@given(scalar_graphs(), st.integers(0, 2**32))
@settings(max_examples=20)
def test_fifty_random_elimination_orders_agree(graph: Graph, seed: int) -> None:
    chance = random.Random(seed)
    expected = jacobian(graph, mode="backward").array
    vertices = list(linearize(graph).intermediates)
    for _ in range(50):
        chance.shuffle(vertices)
        assert alike(jacobian(graph, mode="cross", order=vertices).array, expected)


@given(array_graphs())
@settings(max_examples=60)
def test_all_modes_agree_on_arrays(graph: Graph) -> None:
    expected = jacobian(graph, mode="backward")
    assert alike(jacobian(graph, mode="forward").array, expected.array)
    assert alike(jacobian(graph, mode="cross").array, expected.array)
    for mode in MODES:
        for name, slope in gradient(graph, mode=mode).items():
            assert alike(slope, expected.block("L", name))
            assert np.shape(slope) == np.shape(graph[name].value)


@given(scalar_graphs(), st.integers(0, 2**32))
@settings(max_examples=40)
def test_sweeps_are_products_with_the_jacobian(graph: Graph, seed: int) -> None:
    matrix = jacobian(graph).array
    chance = np.random.default_rng(seed)
    v, w = chance.normal(size=matrix.shape[1]), chance.normal(size=matrix.shape[0])
    pushed = jvp(graph, None, dict(zip(graph.independents, v, strict=True)))
    pulled = vjp(graph, None, dict(zip(graph.outputs, w, strict=True)))
    assert alike([pushed[name] for name in graph.outputs], matrix @ v)
    assert alike([pulled[name] for name in graph.independents], w @ matrix)


def test_an_output_that_feeds_other_nodes_is_right_in_all_modes() -> None:
    graph = parse("a = x*y\nf = a + sin(x)\ng = a*f", outputs=["f", "g"])
    for mode in MODES:
        found = jacobian(graph, {"x": 0.5, "y": 2.0}, mode).array
        f, slope = 1 + np.sin(0.5), 2 + np.cos(0.5)
        assert alike(found, [[slope, 0.5], [2 * f + 1.0 * slope, 0.5 * f + 1.0 * 0.5]])


def test_an_output_that_is_an_input_has_the_derivative_one() -> None:
    graph = parse("f = x*y").with_(declared_outputs=("x", "f"))
    for mode in MODES:
        assert alike(jacobian(graph, {"x": 2, "y": 3}, mode).array, [[1, 0], [3, 2]])
    assert gradient(parse("x").with_(declared_outputs=("x",)), {"x": 2}) == {"x": 1.0}


def test_outputs_that_repeat_have_a_row_each() -> None:
    graph = parse("f = x*y").with_(declared_outputs=("f", "f"))
    for mode in MODES:
        assert alike(jacobian(graph, {"x": 2, "y": 3}, mode).array, [[3, 2], [3, 2]])


def test_a_disconnected_input_has_the_derivative_zero() -> None:
    graph = parse("f = x*x\ng = y*y", outputs=["f"])
    for mode in MODES:
        assert gradient(graph, {"x": 3, "y": 1}, mode) == {"x": 6.0, "y": 0.0}


def test_an_output_of_constants_has_the_derivative_zero() -> None:
    graph = parse("c = 2\nf = c*c\ng = x + c", outputs=["f", "g"])
    for mode in MODES:
        assert alike(jacobian(graph, {"x": 3}, mode).array, [[0], [1]])
        assert gradient(graph, {"x": 3}, mode, output="f") == {"x": 0.0}


def test_many_columns_by_a_plan_are_those_of_the_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = perceptron([2, 5, 3], 4, "gelu")
    at = {"X": np.full((4, 2), 0.3)}
    found = jacobian(graph, at, "forward").array
    assert found.shape[1] >= columns.MANY
    monkeypatch.setattr(columns, "MANY", found.shape[1] + 1)
    assert alike(found, jacobian(graph, at, "forward").array)
    assert alike(found, jacobian(graph, at, "backward").array)


def test_an_empty_graph_has_an_empty_jacobian() -> None:
    for mode in MODES:
        assert jacobian(Graph(), mode=mode).array.shape == (0, 0)
    with pytest.raises(GraphError, match="no output to differentiate"):
        gradient(Graph())


def test_a_single_node_is_its_own_sweep() -> None:
    graph = parse("x").with_(declared_outputs=("x",))
    assert [step.kind for step in sweep(graph, {"x": 2})] == ["seed"]
    assert [step.result for step in sweep(graph, {"x": 2}, "forward")] == [1.0]
    assert len(sweep(graph, {"x": 2}, "cross")) == 0


def test_several_outputs_need_a_choice() -> None:
    graph = parse("f = x*x\ng = sin(x)")
    with pytest.raises(GraphError, match="2 outputs"):
        gradient(graph, {"x": 1})
    assert gradient(graph, {"x": 1}, output="f") == {"x": 2.0}


def test_a_gradient_needs_a_scalar() -> None:
    with pytest.raises(ShapeError, match="has the shape"):
        gradient(parse("sin(x)"), {"x": [1, 2]})


def test_an_unknown_mode_is_refused() -> None:
    for call in (gradient, jacobian, sweep):
        with pytest.raises(GraphError, match="no mode 'sideways'"):
            call(lecture(), {"x1": 1, "x2": 2, "x3": 3}, "sideways")
    with pytest.raises(GraphError, match="no mode"):
        cost(lecture(), "sideways")


def test_float32_stays_float32() -> None:
    graph = lecture().with_(dtype="float32")
    for mode in MODES:
        found = gradient(graph, {"x1": 1.5, "x2": 0.8, "x3": 2}, mode)
        assert all(value.dtype == np.float32 for value in found.values())
        assert found["x1"] == pytest.approx(1.69177, abs=1e-4)


def test_a_product_with_a_zero_factor_keeps_a_finite_gradient() -> None:
    at = {"x1": 0.5, "x2": 0.0, "x3": 0.75}
    assert gradient(parse("x1*x2*x3"), at)["x2"] == pytest.approx(0.375)


def test_directions_and_weights_that_do_not_fit_are_refused() -> None:
    at = {"x1": 1, "x2": 2, "x3": 3}
    with pytest.raises(GraphError, match="'x4' is none"):
        jvp(lecture(), at, {"x4": 1})
    with pytest.raises(GraphError, match="no output 'y'"):
        vjp(lecture(), at, {"y": 1})
    with pytest.raises(ShapeError, match="tangent of x1"):
        jvp(lecture(), at, {"x1": [1, 2]})


@pytest.mark.parametrize(
    "ask",
    [
        lambda g, at: jvp(g, at, 3),
        lambda g, at: vjp(g, at, None),
        lambda g, at: jacobian(g, at, "cross", order=3),
    ],
)
def test_what_is_no_direction_and_no_order_is_refused_in_words(
    ask: Callable[[Graph, Mapping[str, float]], object],
) -> None:
    with pytest.raises(GraphError, match="of type"):
        ask(parse("x*y"), {"x": 1.0, "y": 2.0})


def test_a_graph_without_inputs_has_a_jacobian_without_columns() -> None:
    for mode in MODES:
        assert jacobian(parse("2*3"), mode=mode).array.shape == (1, 0)


def test_gradients_have_memory_of_their_own() -> None:
    found = gradient(parse("sum(x + y)"), {"x": np.ones(3), "y": np.ones(3)})
    found["x"] *= 2
    np.testing.assert_array_equal(found["y"], np.ones(3))
    products = vjp(parse("f = sum(x + y)"), {"x": np.ones(3), "y": np.ones(3)}, {"f": 1.0})
    products["x"] *= 2
    np.testing.assert_array_equal(products["y"], np.ones(3))


def test_numbers_that_overflow_warn_nobody() -> None:
    graph = parse("f = atan2(x, x)\ng = sum(binary_cross_entropy(y, y))")
    at = {"x": 1e-200, "y": np.array([1e308])}
    for mode in MODES:
        for step in sweep(graph, at, mode):
            assert step.rule.text


def test_the_jacobian_knows_its_cost() -> None:
    at = {"x1": 1, "x2": 2, "x3": 3}
    counts = [jacobian(lecture(), at, mode).cost.multiplications for mode in MODES]
    assert counts == [13, 8, 8]
    assert jacobian(lecture(), at, "cross", order="forward").cost.multiplications == 13
    with pytest.raises(GraphError, match="no output 'y'"):
        jacobian(lecture(), at).block("y", "x1")


def test_the_cost_of_a_jacobian_over_arrays_counts_its_blocks() -> None:
    graph = parse("y = softmax(x*w)")
    found = jacobian(graph, {"x": [1.0, 2.0, 3.0], "w": 2.0}, "cross")
    # The block of the softmax (3 x 3) times a diagonal and times a column.
    assert found.cost.multiplications == 3 * 3 + 3 * 3
    assert "blocks by their shapes" in found.cost.convention
