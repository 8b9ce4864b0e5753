"""The Hessian as a sum over the nodes where two paths meet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from tests.autodiff.cases import lecture
from tests.strategies import scalar_graphs
from visualad.autodiff.derivatives import hessian
from visualad.autodiff.path_pairs import path_pairs
from visualad.errors import GraphError
from visualad.graph.model import Graph
from visualad.graph.parser import parse

AT = {"x1": 1.5, "x2": 0.8, "x3": 2.0}


@given(scalar_graphs(largest=10))
@settings(max_examples=60, deadline=None)
def test_the_terms_add_up_to_the_hessian(graph: Graph) -> None:
    output, names = graph.outputs[0], graph.independents
    expected = hessian(graph, output=output)
    for row, first in enumerate(names):
        for column, second in enumerate(names):
            found = path_pairs(graph, output, first, second)
            assert found.is_complete
            assert found.total == pytest.approx(expected[row, column], rel=1e-9, abs=1e-9)
            for term in found.terms:
                assert term.product == pytest.approx(
                    term.second * term.adjoint * np.prod(term.tangents), rel=1e-12, abs=1e-300
                )


def test_a_product_is_where_the_paths_of_its_factors_meet() -> None:
    (term,) = path_pairs(parse("f = exp(x*y)"), "f", "x", "y", {"x": 0.0, "y": 3.0}).terms[:1]
    assert (term.node, term.sources, term.partial_name) == ("v1", ("x", "y"), "∂²v₁/∂x∂y")
    assert (term.computes, term.formula) == ("x·y", "1")
    assert (term.second, term.adjoint, term.tangents, term.product) == (1.0, 1.0, (1.0, 1.0), 1.0)


def test_terms_of_the_lecture_have_their_second_partials_as_formulas() -> None:
    found = path_pairs(lecture(), "x9", "x1", "x3", AT)
    assert [(t.node, t.partial_name, t.formula) for t in found.terms] == [
        ("x7", "∂²x₇/∂x₄∂x₅", "1"),
        ("x9", "∂²x₉/∂x₈∂x₃", "−1/x₃²"),
    ]
    assert found.total == pytest.approx(hessian(lecture(), AT)[0, 2])


def test_a_node_fed_twice_by_one_source_has_one_second_partial() -> None:
    found = path_pairs(parse("f = x*x"), "f", "x", "x", {"x": 3.0})
    assert [(t.partial_name, t.formula, t.product) for t in found.terms] == [("∂²f/∂x²", "2", 2.0)]
    power = path_pairs(parse("f = x**3"), "f", "x", "x", {"x": 0.0})
    assert [(t.formula, t.product) for t in power.terms] == [("6·x", 0.0)]


def test_what_is_linear_has_no_term_and_a_kink_neither() -> None:
    assert (
        path_pairs(parse("f = 2*x + relu(y) - abs(x)"), "f", "x", "x", {"x": 1, "y": 1}).count == 0
    )
    assert path_pairs(parse("f = x*y"), "f", "x", "x", {"x": 1, "y": 1}).count == 0


def test_only_the_edges_of_the_paths_that_meet_are_told() -> None:
    graph = parse("a = x*y\nf = a*sin(x)\ng = a + y")
    (term,) = path_pairs(graph, "f", "x", "y", {"x": 1.0, "y": 2.0}).terms[:1]
    ends = {tuple(graph.nodes_by_id[id_].name for id_ in key[:2]) for key in term.edges}
    assert ends == {("x", "a"), ("y", "a"), ("a", "f")}
    assert term.nodes == ("x", "y", "a", "f")


def test_terms_are_counted_beyond_those_that_are_listed() -> None:
    lines = ["v0 = x*x"] + [f"v{i} = v{i - 1}*v{i - 1}" for i in range(1, 9)]
    found = path_pairs(parse("\n".join(lines)), "v8", "x", "x", {"x": 1.0}, most=4)
    assert (len(found.terms), found.count, found.is_complete) == (4, 9, False)


def test_a_branch_that_is_not_taken_contributes_nothing() -> None:
    graph = parse("f = where(x > 0, x*x, sqrt(x))")
    assert path_pairs(graph, "f", "x", "x", {"x": 3.0}).total == 2.0
    assert path_pairs(graph, "f", "x", "x", {"x": -3.0}).count > 0


def test_arrays_are_refused_with_the_node() -> None:
    with pytest.raises(GraphError, match="x is an array"):
        path_pairs(parse("f = sum(x*x)"), "f", "x", "x", {"x": np.ones(3)})
