"""Hessians: exact, symmetric, and honest when they cannot be exact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.engine.networks import perceptron
from tests.strategies import Drawing, array_graphs, scalar_graphs
from visualad.autodiff.derivatives import gradient, hessian, second_derivatives
from visualad.errors import GraphError, ShapeError
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.ops.declaration import REGISTRY, Operation


def differences(graph: Graph) -> Any:
    """Central differences of the exact gradient."""
    names = graph.independents
    point = {name: np.asarray(graph[name].value, dtype=float) for name in names}
    columns = []
    for name in names:
        for place in range(point[name].size):
            sides = []
            for sign in (1, -1):
                moved = point[name].copy()
                moved.flat[place] += sign * 1e-5
                found = gradient(graph, {**point, name: moved})
                sides.append(np.concatenate([np.ravel(found[n]) for n in names]))
            columns.append((sides[0] - sides[1]) / 2e-5)
    return np.array(columns).reshape(len(columns), -1)


@given(scalar_graphs(single_output=True, largest=8))
@settings(max_examples=40)
def test_hessians_of_scalars_are_exact_and_symmetric(graph: Graph) -> None:
    found = second_derivatives(graph)
    assert found.exact
    assert np.allclose(found.array, differences(graph), rtol=1e-4, atol=1e-4)
    assert np.allclose(found.array, found.array.T, rtol=1e-12, atol=1e-12)


@given(array_graphs(largest=5, with_where=False))
@settings(max_examples=15)
def test_hessians_over_arrays_are_exact_and_symmetric(graph: Graph) -> None:
    found = second_derivatives(graph)
    assert found.exact
    assert np.allclose(found.array, differences(graph), rtol=1e-4, atol=1e-4)
    assert np.allclose(found.array, found.array.T, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("activation", ["sigmoid", "softmax", "gelu"])
def test_hessians_of_networks_go_through_matrix_rules(activation: str) -> None:
    graph = perceptron([2, 3, 2], 4, activation)
    found = second_derivatives(graph)
    assert found.exact
    assert found.array.shape == (33, 33)
    assert np.allclose(found.array, differences(graph), atol=1e-4)


def test_the_second_derivative_of_a_power_is_right_where_its_formula_has_a_hole() -> None:
    assert hessian(parse("x**2"), {"x": 0.0}) == pytest.approx(np.array([[2.0]]))
    assert hessian(parse("x**3"), {"x": 0.0}) == pytest.approx(np.array([[0.0]]))
    assert hessian(parse("x**3"), {"x": -2.0}) == pytest.approx(np.array([[-12.0]]))


def test_a_linear_function_has_no_curvature() -> None:
    assert np.array_equal(hessian(parse("2*x + y"), {"x": 1, "y": 2}), np.zeros((2, 2)))


def test_a_hessian_needs_one_scalar_output() -> None:
    with pytest.raises(ShapeError, match="scalar output"):
        hessian(parse("sin(x)"), {"x": [1.0, 2.0]})
    with pytest.raises(GraphError, match="2 outputs"):
        hessian(parse("f = x*x\ng = sin(x)"), {"x": 1})
    assert hessian(parse("f = x*x\ng = sin(x)"), {"x": 1}, output="f") == pytest.approx(2.0)


@pytest.fixture
def hidden_square() -> Iterator[None]:
    """An operation whose derivative rule cannot be recorded."""

    def hidden_square(x: Any) -> Any:
        return np.sum(np.sort(x) ** 2)

    found = Operation(hidden_square, plugin="test")
    found.vjp(lambda g, *, x, out: (2 * g * np.sort(x)[np.argsort(np.argsort(x))],))
    REGISTRY.add(found)
    yield
    REGISTRY.remove("hidden_square")


@pytest.mark.usefixtures("hidden_square")
def test_a_rule_that_hides_its_arithmetic_is_differenced_and_says_so() -> None:
    drawing = Drawing()
    drawing.node("variable", name="x", value=np.array([3.0, 1.0, 2.0]))
    drawing.node("hidden_square", "x", name="f")
    found = second_derivatives(drawing.graph())
    assert not found.exact
    assert np.allclose(found.array, 2 * np.eye(3), atol=1e-7)
