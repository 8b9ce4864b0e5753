from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualad.errors import GraphError, ParseError
from visualad.graph.model import Graph
from visualad.graph.parser import parse

LECTURE = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"
PUBLISHED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "published_programs.json").read_text(encoding="utf-8")
)


def operations(graph: Graph) -> dict[str, tuple[str, ...]]:
    """For each operation node by name: the operation and the names of its sources."""
    return {
        node.name: (
            node.op,
            *(graph.nodes_by_id[edge.source].name for edge in graph.edges_into(node.id)),
        )
        for node in graph.nodes
        if not node.is_leaf
    }


def fault(text: str) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(text)
    return caught.value


# Names and structure -----------------------------------------------------------------------------


def test_the_lectures_function_is_numbered_as_in_the_lecture() -> None:
    graph = parse(LECTURE)
    assert graph.inputs == ("x1", "x2", "x3")
    assert operations(graph) == {
        "x4": ("mul", "x1", "x2"),
        "x5": ("sin", "x3"),
        "x6": ("exp", "x4"),
        "x7": ("mul", "x4", "x5"),
        "x8": ("add", "x7", "x6"),
        "x9": ("div", "x8", "x3"),
    }
    assert graph.outputs == ("x9",)
    assert graph.declared_outputs is None


def test_ids_are_the_first_names() -> None:
    assert all(id_ == node.name for id_, node in parse(LECTURE).nodes_by_id.items())


def test_without_merging_the_repeated_product_is_two_nodes() -> None:
    assert len(parse(LECTURE, merge_equal=False)) == len(parse(LECTURE)) + 1


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case["id"])
def test_published_programs_have_their_inputs_outputs_and_edges(case: dict[str, Any]) -> None:
    graph = parse("\n".join(case["program"]))
    assert set(graph.inputs) == set(case["inputs"])
    assert set(graph.outputs) == set(case["outputs"])
    named = {*case["inputs"], *(line.split(" = ")[0] for line in case["program"])}
    # The book draws what a line computes as one node; ours may have nodes without names within it.
    found = set()
    for edge in graph.edges:
        target = edge.target
        while graph.nodes_by_id[target].name not in named:
            (target,) = {onward.target for onward in graph.edges_from(target)} or {""}
        source = graph.nodes_by_id[edge.source].name
        if source in named:
            found.add(f"{source}->{graph.nodes_by_id[target].name}")
    assert found == set(case["edges"])


@pytest.mark.parametrize(
    "expression",
    [text for case in PUBLISHED for text in case["expression"].values() if "Piece" not in text],
)
def test_published_expressions_parse(expression: str) -> None:
    assert len(parse(expression).outputs) == 1


def test_inputs_are_naturally_sorted() -> None:
    assert parse("x10 + x9 + x2 + x1").inputs == ("x1", "x2", "x9", "x10")


def test_without_common_number_the_nodes_are_called_v() -> None:
    assert set(operations(parse("sin(x)*y"))) == {"v1", "v2"}


def test_automatic_names_step_around_names_that_are_given() -> None:
    graph = parse("x3 = sin(x1)\nx3*x2 + c1")
    assert set(operations(graph)) == {"x3", "v1", "v2"}
    graph = parse("x4 = sin(x1)\ncos(x4)*x3")
    assert set(operations(graph)) == {"x4", "x5", "x6"}


def test_assignments_name_nodes_and_unused_names_are_outputs() -> None:
    graph = parse("a = x*y\nf = a + sin(x)\ng = a*f")
    assert graph.outputs == ("g",)
    assert parse("g = cos(a)*sin(a); f = a + 1").outputs == ("g", "f")


def test_a_bare_name_gives_a_node_a_second_name() -> None:
    graph = parse("v5 = x*y\ny1 = v5")
    assert graph["y1"] is graph["v5"]
    assert graph["v5"].aliases == ("y1",)
    assert graph.outputs == ("y1",)


def test_an_input_can_be_an_output() -> None:
    graph = parse("f = x")
    assert graph.outputs == ("f",)
    assert graph["f"] is graph["x"]
    assert len(graph) == 1


def test_two_names_for_one_expression_are_one_node() -> None:
    graph = parse("a = x*y\nb = x*y")
    assert graph["a"] is graph["b"]
    assert graph.outputs == ("a", "b")
    assert len(parse("a = x*y\nb = x*y", merge_equal=False)) == 4


def test_a_statement_without_a_name_is_an_output() -> None:
    assert parse("a = x*y; a; sin(a)").outputs == ("a", "v1")


def test_outputs_can_be_asked_for() -> None:
    assert parse("a = x*y; f = sin(a)", outputs=["f", "a"]).outputs == ("f", "a")
    with pytest.raises(GraphError, match="no node 'q'"):
        parse("x*y", outputs=["q"])


# Expressions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("x - y - z", "(x - y) - z"),
        ("x / y * z", "(x / y) * z"),
        ("x ** y ** z", "x ** (y ** z)"),
        ("-x ** y", "-(x ** y)"),
        ("x ** -y ** z", "x ** (-(y ** z))"),
        ("x * -y", "x * (-y)"),
        ("-x * y", "(-x) * y"),
        ("+x", "x"),
        ("x + y > z * x", "(x + y) > (z * x)"),
        ("x @ y * z", "(x @ y) * z"),
        ("2 * x.T", "2 * transpose(x)"),
        ("x ** y.T", "x ** transpose(y)"),
        ("max(x, y)", "maximum(x, y)"),
        ("min(x, y)", "minimum(x, y)"),
        ("sum(x, axis=None)", "sum(x)"),
        ("sum(x, axis=[0, 1])", "sum(x, axis=(0, 1))"),
        ("sum(x, axis=(0))", "sum(x, axis=0)"),
        ("x₁ + α", "x1 + α"),
        ("(x +\n y)", "x + y"),
        ("x \\\n + y  # sum", "x + y"),
        ("\n;; x*y ;\n\n", "x*y"),
        ("x\u00a0*\ty", "x*y"),
    ],
)
def test_texts_that_mean_the_same(text: str, same: str) -> None:
    assert parse(text) == parse(same)


def test_sides_are_not_confused() -> None:
    assert operations(parse("y - x")) == {"v1": ("sub", "y", "x")}
    assert operations(parse("x - x")) == {"v1": ("sub", "x", "x")}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-2", -2.0),
        ("1_000.5e-3", 1.0005),
        (".5", 0.5),
        ("- - 3", 3.0),
        ("pi", math.pi),
        ("007", 7.0),
    ],
)
def test_numbers_become_constants(text: str, value: float) -> None:
    assert parse(f"x + {text}")["c1"].value == value


def test_a_minus_belongs_to_the_number_except_before_a_power_or_a_parenthesis() -> None:
    assert operations(parse("-2**x")) == {"v1": ("pow", "c1", "x"), "v2": ("neg", "v1")}
    assert operations(parse("(-2)**x")) == {"v1": ("pow", "c1", "x")}
    assert operations(parse("-(2)")) == {"v1": ("neg", "c1")}


def test_equal_constants_are_one_node_even_without_merging() -> None:
    assert len(parse("2*x + 2*y + sin(2)", merge_equal=False)) == 8
    assert len(parse("0*x + -0*x")) == 6  # 0.0 and -0.0 are two numbers


def test_settings_go_to_the_node() -> None:
    graph = parse("leaky_relu(x, slope=0.1)")
    assert dict(graph["v1"].settings) == {"slope": 0.1}
    assert dict(parse("concatenate(a, b, c, axis=1)")["v1"].settings) == {"axis": 1, "inputs": 3}


def test_a_name_may_be_that_of_a_function_once_it_has_a_value() -> None:
    graph = parse("dot = x*y\ndot + sum(dot)")
    assert "dot" in graph
    assert graph["v1"].op == "sum"


# Size --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        (" + ".join(f"x{i}" for i in range(10_000)), 19_999),
        ("(" * 1000 + "x" + ")" * 1000, 1),
        ("sin(" * 1000 + "x" + ")" * 1000, 1001),
        ("-" * 1001 + "x", 1002),
        ("**".join(["x"] * 2000), 2000),
        ("\n".join(f"a{i + 1} = a{i}*a{i}" for i in range(2000)), 2001),
    ],
    ids=["terms", "parentheses", "calls", "signs", "powers", "statements"],
)
def test_large_formulas_parse(text: str, nodes: int) -> None:
    assert len(parse(text)) == nodes


def test_the_work_grows_with_the_length_only() -> None:
    def calls(count: int) -> int:
        text = "(" * count + "x" + "\n)" * count + "+ max(\n\nx, 1)" * count
        made = 0

        def tally(*_: object) -> None:
            nonlocal made
            made += 1

        sys.setprofile(tally)
        try:
            parse(text)
        finally:
            sys.setprofile(None)
        return made

    calls(100)  # the first use of anything fills caches
    assert calls(4_000) < 11 * calls(400)


# Faults ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "empty"),
        ("  # nothing", 1, 12, "empty"),
        ("x^2", 1, 2, "x**2"),
        ("2x", 1, 2, "2*x"),
        ("2(x)", 1, 2, "2*(...)"),
        ("x y", 1, 3, "x*y"),
        ("(x)(y)", 1, 4, "(...)*(...)"),
        ("x(2)", 1, 1, "x*(...)"),
        ("sin x", 1, 1, "sin(...)"),
        ("sinn(x)", 1, 1, "did you mean 'sin'"),
        ("ln(x)", 1, 1, "did you mean 'log'"),
        ("f = x\ng = arcsin(f)", 2, 5, "did you mean 'asin'"),
        ("np.sin(x)", 1, 4, "sin(...)"),
        ("sin(x, y)", 1, 1, "sin takes 1 input (x), but got 2"),
        ("where(x)", 1, 1, "where takes 3 inputs (condition, x, y), but got 1"),
        ("sum(x, 0)", 1, 1, "axis=..."),
        ("concatenate()", 1, 1, "at least 1 input"),
        ("leaky_relu(x, slop=1)", 1, 15, "its settings are slope"),
        ("leaky_relu(x, slope='a')", 1, 15, "must be a number"),
        ("sin(x, a=1)", 1, 8, "it has no settings"),
        ("leaky_relu(x, slope=0.1, y)", 1, 26, "before the settings"),
        ("sum(x, axis=1, axis=2)", 1, 16, "twice"),
        ("sum(x, axis=(1 2))", 1, 16, "','"),
        ("a = 1; a = 2", 1, 8, "already has a value"),
        ("x = x + 1", 1, 1, "used before"),
        ("y = x\nx = 3", 2, 1, "used before"),
        ("a += 1", 1, 3, "cannot change"),
        ("f(x) = x", 1, 2, "without the inputs"),
        ("a, b = x", 1, 2, "statement of its own"),
        ("a = b = c", 1, 7, "only follow the name"),
        ("(x", 1, 1, "never closed"),
        ("(x\n\n + y\n", 1, 1, "never closed"),
        ("x)", 1, 2, "closes nothing"),
        ("()", 1, 2, "nothing between"),
        ("x *", 1, 4, "After '*'"),
        ("* x", 1, 1, "cannot begin"),
        ("f = ", 1, 5, "a formula is missing"),
        ("x[0]", 1, 2, "cannot be picked"),
        ("x²", 1, 2, "**2"),
        ("x·y", 1, 2, "x*y"),
        ("0x10 + x", 1, 2, "in decimal"),
        ("x − y", 1, 3, "keyboard"),
        ("3,5", 1, 2, "point"),
        ("1e999", 1, 1, "too large"),
        ("a < b < c", 1, 7, "chained"),
        ("x if y else z", 1, 3, "where"),
        ("lambda", 1, 1, "word of Python"),
        ("pi = 3", 1, 1, "constant"),
        ("x ? y", 1, 3, "'?' has no meaning"),
        ("variable(3)", 1, 1, "just the name"),
        ("x" * 101, 1, 1, "too long"),
    ],
)
def test_faults_say_where_and_what_to_do(text: str, line: int, column: int, words: str) -> None:
    error = fault(text)
    assert (error.line, error.column) == (line, column)
    assert words in error.message
    assert error.message.endswith((".", "?"))


def test_the_caret_stands_under_the_fault() -> None:
    assert fault("a = x\nb = a ^ 2").caret == "b = a ^ 2\n      ^"
    assert fault("(" * 500 + "x ^ 2").caret.splitlines()[1].endswith("^")


@given(st.text())
def test_any_text_parses_or_is_refused_in_words(text: str) -> None:
    _parse_or_refuse(text)


PIECES = [
    *"+-*/@()[]=<>,.;^&|!'\"#\\ \n\r\t{}~",
    "**",
    "==",
    "x1",
    "x",
    "sin",
    "max",
    "sum(",
    "axis=",
    "2",
    "1.5e3",
    "pi",
    "nan",
    "where(",
    "if",
    "None",
    "T",
    ".T",
    "²",
    "·",
    "₁",
    "e",
    "\u2028",
    "\x00",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_scrambled_formulas_parse_or_are_refused_in_words(text: str) -> None:
    _parse_or_refuse(text)


@given(st.integers(0, len(LECTURE)), st.integers(0, 5), st.sampled_from(PIECES))
def test_typing_errors_are_refused_in_words(at: int, lost: int, new: str) -> None:
    _parse_or_refuse(LECTURE[:at] + new + LECTURE[at + lost :])


def _parse_or_refuse(text: str) -> None:
    refusal = None
    try:
        parse(text)
    except ParseError as error:
        refusal = error
    if refusal is not None:
        assert 1 <= refusal.line <= len(text.splitlines() or [""]) + 1
        assert refusal.column >= 1
        assert refusal.message.endswith((".", "?"))
        assert refusal.message in str(refusal)
