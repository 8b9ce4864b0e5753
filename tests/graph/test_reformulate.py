from __future__ import annotations

import math

import pytest

from visualad.errors import ParseError
from visualad.graph import edits
from visualad.graph.formula import formula
from visualad.graph.layout import layered_layout
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.graph.reformulate import CARD, reformulate

LECTURE = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"


@pytest.fixture
def lecture() -> Graph:
    graph = parse(LECTURE)
    graph = edits.set_settings(graph, {"x1": {"value": 1.5}, "x3": {"value": math.pi / 2}})
    return edits.move(graph, layered_layout(graph))


def test_the_same_formula_gives_the_same_graph(lecture: Graph) -> None:
    assert reformulate(lecture, LECTURE) == lecture


def test_a_part_that_is_added_keeps_everything_else(lecture: Graph) -> None:
    longer = reformulate(lecture, LECTURE + " + x1")
    for node in lecture.nodes:
        assert longer.nodes_by_id[node.id] == node
    assert len(longer) == len(lecture) + 1
    assert longer["x10"].op == "add"


def test_a_new_node_lies_upon_no_other(lecture: Graph) -> None:
    longer = reformulate(lecture, LECTURE + " + cos(x1*x2)*x3")
    places = [node.position for node in longer.nodes]
    for i, a in enumerate(places):
        for b in places[:i]:
            assert abs(a[0] - b[0]) >= CARD[0] or abs(a[1] - b[1]) >= CARD[1]


def test_another_function_in_the_middle_keeps_the_names_around_it(lecture: Graph) -> None:
    changed = reformulate(lecture, LECTURE.replace("sin", "cos"))
    assert changed["x5"].op == "cos"
    assert changed["x9"].id == lecture["x9"].id
    assert changed["x9"].position == lecture["x9"].position
    assert changed["x1"].value == 1.5


def test_a_leaf_stays_what_it_is(lecture: Graph) -> None:
    graph = edits.add_node(parse("w*x"), "parameter", name="b", id="b", settings={"value": 4.0})
    changed = reformulate(graph, "w*x + b")
    assert changed["b"].op == "parameter"
    assert changed["b"].value == 4.0


def test_names_that_the_formula_gives_are_taken(lecture: Graph) -> None:
    named = reformulate(lecture, "a = x1*x2\nf = (a*sin(x3) + exp(a)) / x3")
    assert named["a"].id == lecture["x4"].id
    assert named.outputs == ("f",)
    assert parse(formula(named)).outputs == ("f",)


def test_settings_of_the_document_stay(lecture: Graph) -> None:
    graph = lecture.with_(dtype="float32", training={"epochs": 3}, seed=7)
    changed = reformulate(graph, "x1 + 2")
    assert (changed.dtype, changed.training, changed.seed) == ("float32", {"epochs": 3}, 7)


def test_a_wholly_different_formula_is_laid_out_from_left_to_right(lecture: Graph) -> None:
    changed = reformulate(lecture, "exp(sin(cos(y)))")
    xs = [node.position[0] for node in changed.nodes]
    assert xs == sorted(xs)
    assert len(set(xs)) == 4


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("abs(x)*sqrt(y) + relu(x)", "sqrt((x - 1)**2)*y"),
        ("a = sin(x); f = exp(a)", "f = sin(x); a = exp(f)"),  # no new node, the other way round
    ],
)
def test_no_new_edge_runs_backwards(first: str, second: str) -> None:
    graph = parse(first)
    placed = edits.move(graph, layered_layout(graph))
    changed = reformulate(placed, second)
    for edge in changed.edges:
        source, target = (changed.nodes_by_id[id_] for id_ in (edge.source, edge.target))
        assert source.position[0] < target.position[0], (source.name, target.name)


def test_repeated_parts_that_were_apart_stay_apart() -> None:
    graph = parse("sin(x) + sin(x)", merge_equal=False)
    changed = reformulate(graph, "sin(x) + sin(x) + x")
    assert sum(node.op == "sin" for node in changed.nodes) == 2


def test_what_is_no_formula_is_refused(lecture: Graph) -> None:
    with pytest.raises(ParseError):
        reformulate(lecture, "x1 +")
