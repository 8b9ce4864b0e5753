"""Sparsity patterns of Hessians."""

from __future__ import annotations

import numpy as np

from visualad.autodiff.derivatives import hessian
from visualad.autodiff.sparsity import sparsity
from visualad.graph.edits import set_settings
from visualad.graph.model import Graph
from visualad.graph.parser import parse


def at_point(graph: Graph, point: dict[str, float]) -> Graph:
    return set_settings(graph, {graph.id_of(n): {"value": v} for n, v in point.items()})


def test_what_is_zero_by_chance_belongs_to_the_pattern() -> None:
    graph = at_point(parse("f = x*y*y + z"), {"x": 1.0, "y": 0.0, "z": 2.0})
    found = hessian(graph)
    assert found[0, 1] == 0
    assert np.array_equal(
        sparsity(graph, found, "f"), [[False, True, False], [True, True, False], [False] * 3]
    )


def test_points_that_cannot_be_computed_tell_nothing() -> None:
    graph = at_point(parse("f = x*x + sqrt(y)"), {"x": 1.0, "y": 4.0})
    assert np.array_equal(sparsity(graph, hessian(graph), "f"), [[True, False], [False, True]])
