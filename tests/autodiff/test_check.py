"""The numerical check finds wrong rules and accepts right ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.autodiff.cases import lecture
from tests.engine.networks import perceptron
from tests.strategies import Drawing, array_graphs, scalar_graphs
from visualad.autodiff.check import CENTRAL, COMPLEX_STEP, MOST_ELEMENTS, check
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.ops.declaration import REGISTRY, Operation


def test_the_lectures_derivatives_are_exact_to_rounding() -> None:
    found = check(lecture(), {"x1": 1.5, "x2": 0.8, "x3": 2.0})
    assert found.ok
    assert found.method == COMPLEX_STEP
    assert [row.name for row in found.rows] == ["x1", "x2", "x3"]
    assert max(row.error for row in (*found.rows, *found.nodes)) < 1e-14
    assert {row.node for row in found.nodes} == {"x4", "x5", "x6", "x7", "x8"}


@given(scalar_graphs())
@settings(max_examples=30)
def test_any_smooth_graph_passes(graph: Graph) -> None:
    assert check(graph).ok


@given(array_graphs(with_where=False, largest=5))
@settings(max_examples=20)
def test_any_graph_of_arrays_passes(graph: Graph) -> None:
    assert check(graph).ok


def test_functions_without_a_complex_step_are_differenced() -> None:
    found = check(parse("abs(x)*y"), {"x": -2.0, "y": 3.0})
    assert found.ok
    assert found.method == CENTRAL


def test_a_large_input_is_checked_at_some_places() -> None:
    found = check(perceptron([30, 4, 1], 10))
    assert found.ok
    row = next(row for row in found.rows if row.name == "X")
    assert len(row.analytic) == MOST_ELEMENTS
    assert row.note == f"Checked at {MOST_ELEMENTS} of 300 elements."


def test_a_kink_explains_the_disagreement() -> None:
    found = check(parse("relu(x)"), {"x": 0.0})
    (row,) = found.rows
    assert not row.ok
    assert "kink of v1" in row.note
    assert row.excuse == "kink"
    assert found.ok


def test_where_a_value_is_not_finite_there_is_nothing_to_compare() -> None:
    found = check(parse("1/x"), {"x": 0.0})
    assert {row.excuse for row in found.rows} == {"not finite"}
    assert found.ok
    (row,) = check(parse("sin(x)"), {"x": float("nan")}).rows
    assert (row.ok, row.excuse) == (False, "not finite")


def test_float32_is_checked_with_a_wider_tolerance() -> None:
    assert check(lecture().with_(dtype="float32"), {"x1": 1.5, "x2": 0.8, "x3": 2.0}).ok


@pytest.fixture
def wrong_sine() -> Iterator[None]:
    def wrong_sine(x: Any) -> Any:
        return np.sin(x)

    found = Operation(wrong_sine, plugin="test")
    found.partials(lambda x, out: np.sin(x))
    REGISTRY.add(found)
    yield
    REGISTRY.remove("wrong_sine")


@pytest.mark.usefixtures("wrong_sine")
def test_a_wrong_rule_is_found_at_its_node() -> None:
    drawing = Drawing()
    drawing.node("variable", name="x", value=1.0)
    drawing.node("exp", drawing.node("wrong_sine", "x", name="p"), name="f")
    found = check(drawing.graph())
    assert not found.ok
    assert [row.node for row in found.nodes if not row.ok] == ["p"]
    assert [row.ok for row in found.rows] == [False]
