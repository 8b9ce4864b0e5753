"""Where nan and ∞ begin is told at the node, and edges of constants carry no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import visualad as va
from visualad.autodiff.evaluate import partial_values_at
from visualad.autodiff.not_finite import where_not_finite
from visualad.graph.parser import parse


def told(formula: str, **at: Any) -> dict[str, str]:
    structure, values, _, _ = partial_values_at(parse(formula), at)
    return {structure.name(i): words for i, words in where_not_finite(structure, values).items()}


def test_the_node_where_nan_begins_says_why_and_those_behind_it_do_not() -> None:
    said = told("a = log(x)\nf = a*x + 1", x=-1.0)
    assert said == {
        "a": "a = log x is nan at x = −1. At 0 the derivative is infinite; "
        "the value of negative numbers is nan."
    }
    assert told("a = log(x)\nf = a*x + 1", x=2.0) == {}


@pytest.mark.parametrize(
    ("formula", "at", "words"),
    [
        ("f = 1/x", {"x": 0.0}, "f = 1/x is ∞ at x = 0. Not defined where the divisor is 0"),
        ("f = exp(x)", {"x": 1e3}, "is ∞ at x = 1000. That is more than float64 can hold."),
        ("f = x**0.5", {"x": -2.0}, "is nan at x = −2. For x < 0 and a fractional y"),
        ("f = sqrt(x)", {"x": np.array([1.0, -1.0, -4.0])}, "2 of 3 elements of f = √x are nan"),
        ("f = x / y", {"x": np.ones((2, 1)), "y": np.array([0.0, 1.0])}, "2 of 4 elements of"),
    ],
)
def test_what_is_not_finite_is_told_with_its_point(formula: str, at: Any, words: str) -> None:
    assert words in told(formula, **at)["f"]


def test_what_comes_in_as_nan_is_no_fault_of_the_node() -> None:
    assert told("f = log(x) + y", x=np.nan, y=1.0) == {}
    assert told("f = sqrt(x)", x=np.array([np.inf, 1.0])) == {}


def test_the_edge_of_a_constant_carries_no_derivative() -> None:
    graph = parse("f = x**2")
    found = va.sweep(graph, {"x": -3.0}, mode="backward")
    (edge,) = found.edge_partials
    assert graph.nodes_by_id[edge[0]].name == "x"
    assert found.edge_partials[edge] == -6.0
    assert set(found.edge_formulas) == {edge}
