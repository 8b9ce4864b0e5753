from __future__ import annotations

import pytest
from hypothesis import given

from tests.graph.strategies import built, mathematics
from visualad.errors import GraphError
from visualad.graph import edits
from visualad.graph.formula import expression, formula, has_repeats, latex
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.ops import writing

LECTURE = "(x1*x2*sin(x3) + exp(x1*x2))/x3"


def test_the_lectures_function_is_one_expression() -> None:
    assert formula(parse(LECTURE)) == LECTURE


@pytest.mark.parametrize(
    "text",
    [
        "f = x",
        "a = x*y\nf = a + sin(x)",
        "dot = x*y\nf = dot*dot",
        "p = 3\nf = p*x + p",
        "2**(-x**2)",
        "sum(x, axis=(0,))",
        "concatenate(a, b, c, axis=1)",
        "cos(x)\n2*x",
        "where(x > 0, x, 0.1*x)",
        "-(inf)",
        "-(nan)*x",
    ],
)
def test_formulas_come_back_as_they_were(text: str) -> None:
    assert formula(parse(text)) == text


@given(built())
def test_the_formula_of_any_graph_parses_to_the_same_graph(graph: Graph) -> None:
    assert mathematics(parse(formula(graph))) == mathematics(graph)


@given(built(merge_equal=False))
def test_repeated_parts_stay_apart_when_parsed_without_merging(graph: Graph) -> None:
    again = parse(formula(graph), merge_equal=not has_repeats(graph))
    assert mathematics(again) == mathematics(graph)


def test_a_part_used_many_times_gets_a_line_of_its_own() -> None:
    graph = parse("\n".join(f"x{i + 1} = x{i}*x{i}" for i in range(1, 61)))
    assert len(formula(graph).splitlines()) == 60
    assert parse(formula(graph)) == graph


def test_ten_thousand_terms_are_written_without_recursion() -> None:
    graph = parse(" + ".join(f"x{i}" for i in range(5000)))
    assert parse(formula(graph)) == graph


def test_names_out_of_order_are_kept_or_given_up() -> None:
    graph = parse("x5 = sin(x1)\nx4 = cos(x5)*x2")
    assert formula(graph) == "x5 = sin(x1)\ncos(x5)*x2"
    assert mathematics(parse(formula(graph))) == mathematics(graph)
    assert formula(graph, names=False) == "cos(sin(x1))*x2"


def test_one_output_alone() -> None:
    assert formula(parse("f = sin(x)\ng = cos(y)"), "g") == "g = cos(y)"


def test_declared_outputs_are_said_again() -> None:
    graph = parse("a = x*y\nb = sin(a)\na\nb")
    assert graph.outputs == ("a", "b")
    assert mathematics(parse(formula(graph))) == mathematics(graph)


def test_parameters_are_names_in_the_formula() -> None:
    graph = edits.add_node(parse("f = x*2"), "parameter", name="W")
    graph = edits.connect(graph, "W", "f", "y", replace=True)
    assert formula(graph) == "f = x*W"


def test_a_port_without_an_edge_is_named() -> None:
    graph = edits.disconnect(parse("f = x*y"), "f", "y")
    with pytest.raises(GraphError, match="Port 'y' of f"):
        formula(graph)


def test_latex_of_one_and_of_several_statements() -> None:
    assert latex(parse("x1/x2")) == r"x_{3} = \frac{x_{1}}{x_{2}}"
    assert latex(parse("a = x*y\nf = sin(a)")).startswith(r"\begin{aligned}")


def test_the_expression_of_one_node() -> None:
    graph = parse(LECTURE)
    assert writing.plain(expression(graph, "x7")) == "x4*x5"
    assert writing.plain(expression(graph, "x7", inline=["x4"])) == "x1*x2*x5"
    assert writing.plain(expression(parse("2*x"), "v1")) == "2*x"
