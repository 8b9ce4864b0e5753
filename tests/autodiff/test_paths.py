"""The Jacobian as a sum over paths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from tests.autodiff.cases import lecture
from tests.strategies import scalar_graphs
from visualad.autodiff.derivatives import gradient, jacobian
from visualad.autodiff.paths import paths
from visualad.errors import GraphError
from visualad.graph.model import Graph
from visualad.graph.parser import parse

AT = {"x1": 1.5, "x2": 0.8, "x3": 2.0}


def test_each_path_of_the_lecture_is_a_product_of_its_partials() -> None:
    found = paths(lecture(), "x9", "x1", AT)
    assert [path.nodes for path in found.paths] == [
        ("x1", "x4", "x7", "x8", "x9"),
        ("x1", "x4", "x6", "x8", "x9"),
    ]
    assert found.is_complete
    for path in found.paths:
        assert path.product == pytest.approx(np.prod(path.partials))
        assert len(path.edges) == len(path.partials) == 4
    assert found.total == pytest.approx(gradient(lecture(), AT)["x1"])


def test_two_ports_of_one_source_are_two_paths() -> None:
    found = paths(parse("f = x*x"), "f", "x", {"x": 3.0})
    assert [path.product for path in found.paths] == [3.0, 3.0]
    assert [path.edges[0][2] for path in found.paths] == ["x", "y"]


def test_where_nothing_leads_there_is_no_path() -> None:
    found = paths(parse("f = x*x\ng = y + x"), "f", "y", {"x": 3.0, "y": 1.0})
    assert (found.paths, found.count, found.total) == ((), 0, 0.0)


def test_paths_are_counted_beyond_those_that_are_listed() -> None:
    lines = ["v0 = x + x"] + [f"v{i} = v{i - 1} + v{i - 1}" for i in range(1, 40)]
    found = paths(parse("\n".join(lines)), "v39", "x", {"x": 1.0}, most=7)
    assert len(found.paths) == 7
    assert found.count == 2**40
    assert not found.is_complete


def test_arrays_have_matrices_along_their_paths() -> None:
    with pytest.raises(GraphError, match="x is an array"):
        paths(parse("f = sum(sin(x))"), "f", "x", {"x": np.ones(3)})


@given(scalar_graphs(largest=10))
@settings(max_examples=60, deadline=None)
def test_the_sum_over_paths_is_the_jacobian(graph: Graph) -> None:
    expected = jacobian(graph)
    for row, output in enumerate(expected.outputs):
        for column, name in enumerate(expected.inputs):
            found = paths(graph, output, name, most=5_000)
            if found.is_complete:
                entry = expected.array[row, column]
                assert found.total == pytest.approx(entry, rel=1e-9, abs=1e-9)
