"""Values of all nodes, and what happens beside nodes that fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.autodiff.cases import lecture
from tests.strategies import Drawing
from visualad.autodiff.evaluate import evaluate, evaluate_partly
from visualad.errors import GraphError, PluginError, ShapeError
from visualad.graph.model import Graph, Node
from visualad.graph.parser import parse
from visualad.ops.declaration import REGISTRY, Operation

AT = {"x1": 1.5, "x2": 0.8, "x3": 2.0}


@pytest.fixture
def declare() -> Iterator[Any]:
    """Register operations for the length of a test."""
    added = []

    def add(function: Any, **options: Any) -> Operation:
        found = Operation(function, plugin="test", **options)
        REGISTRY.add(found)
        added.append(found.name)
        return found

    yield add
    for name in added:
        REGISTRY.remove(name)


def test_the_lectures_function_has_the_value_of_the_lecture() -> None:
    values = evaluate(lecture(), AT)
    assert round(float(values["x9"]), 6) == 2.205637
    assert all(type(value) is np.float64 for value in values.values())


def test_aliases_are_known_to_evaluate() -> None:
    values = evaluate(parse("v5 = x + 1\ny1 = v5"), {"x": 2})
    assert values["y1"] == values["v5"] == 3


def test_stored_values_are_used_without_a_point() -> None:
    graph = Graph({"x": Node("x", "variable", "x", settings={"value": 4.0})}, {})
    assert evaluate(graph) == {"x": 4.0}


def test_a_point_may_give_parameters_too() -> None:
    drawing = Drawing()
    drawing.node("mul", drawing.node("variable", name="x"), drawing.node("parameter", name="w"))
    assert evaluate(drawing.graph(), {"x": 3, "w": 2})["n2"] == 6


def test_integers_become_numbers_of_the_graphs_dtype() -> None:
    graph = parse("x / 2").with_(dtype="float32")
    assert evaluate(graph, {"x": 1})["v1"].dtype == np.float32
    assert evaluate(graph, {"x": np.array([1, 2])})["v1"].dtype == np.float32


@pytest.mark.parametrize("x", [0, 0.0, np.float64(0), np.array(0), np.int64(0)])
def test_division_by_zero_is_infinite_and_never_an_exception(x: Any) -> None:
    assert evaluate(parse("1 / x"), {"x": x})["v1"] == np.inf


def test_a_negative_base_with_a_fractional_power_is_nan_and_not_complex() -> None:
    assert np.isnan(evaluate(parse("x ** 0.5"), {"x": -2})["v1"])


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ({"x1": 1, "x2": 2}, "A value for x3 is missing; the inputs are x1, x2, x3."),
        ({**AT, "y": 1}, "There is no input 'y'; the inputs are x1, x2, x3."),
        (
            {**AT, "x4": 1},
            "Node x4 is computed, so it cannot be given a value; the inputs are x1, x2, x3.",
        ),
        (
            {**AT, "x2": "two"},
            "Input x2 must be a number or a regular array of numbers, not 'two'.",
        ),
        (
            {**AT, "x2": [[1], [1, 2]]},
            "Input x2 must be a number or a regular array of numbers, not [[1], [1, 2]].",
        ),
        ({**AT, "x2": None}, "Input x2 must be a number or a regular array of numbers, not None."),
        ({**AT, "x2": 1j}, "Input x2 must be a number or a regular array of numbers, not 1j."),
    ],
)
def test_a_point_that_does_not_fit_is_refused_in_one_sentence(at: Any, sentence: str) -> None:
    with pytest.raises(GraphError) as caught:
        evaluate(lecture(), at)
    assert caught.value.message == sentence


def test_a_point_must_be_a_mapping() -> None:
    with pytest.raises(GraphError, match="must map input names to numbers"):
        evaluate(lecture(), 3.0)  # type: ignore[arg-type]


def test_shapes_that_do_not_fit_are_named_with_the_node() -> None:
    with pytest.raises(ShapeError, match=r"Node x4 \(mul\) .* x: \(3,\), y: \(2,\)") as caught:
        evaluate(lecture(), {"x1": [1, 2, 3], "x2": [1, 2], "x3": 1})
    assert caught.value.node == "x4"


def test_a_failing_node_stops_only_what_is_downstream_of_it() -> None:
    found = evaluate_partly(lecture(), {"x1": [1, 2, 3], "x2": [1, 2], "x3": 1})
    assert set(found.values) == {"x1", "x2", "x3", "x5"}
    assert found.failures["x4"].startswith("Node x4 (mul) cannot work with the shapes")
    assert found.failures["x7"] == "waits for x4"
    assert found.failures["x9"] == "waits for x8"
    assert set(found.errors) == {"x4"}


def test_an_unconnected_port_is_said_on_its_node() -> None:
    drawing = Drawing()
    drawing.node("variable", name="x")
    drawing.nodes["p"] = Node("p", "mul", "p")
    drawing.sources["p", "x"] = "x"
    drawing.node("sin", "p", name="q")
    drawing.node("cos", "x", name="r")
    found = evaluate_partly(drawing.graph())
    assert found.failures == {
        "p": "Port y of node p (mul) is not connected.",
        "q": "waits for p",
    }
    assert found.by_name()["r"] == 1.0


def test_a_node_of_unknown_type_is_said_and_the_rest_goes_on() -> None:
    drawing = Drawing()
    drawing.node("variable", name="x")
    drawing.nodes["p"] = Node("p", "warp", "p", stored_ports=("x",))
    drawing.sources["p", "x"] = "x"
    found = evaluate_partly(drawing.graph())
    assert "No plugin provides the node type 'warp' of p" in found.failures["p"]
    assert found.values["x"] == 0.0


def test_an_exception_in_a_plugin_becomes_a_sentence(declare: Any) -> None:
    def broken(x: float) -> float:
        raise RuntimeError("out of fuel")

    declare(broken)
    drawing = Drawing()
    drawing.node("broken", drawing.node("variable", name="x"), name="p")
    with pytest.raises(
        PluginError, match=r"Node p \(broken\) failed with RuntimeError: out of fuel"
    ):
        evaluate(drawing.graph())


@pytest.mark.parametrize("result", ["text", None, 1j, object()])
def test_a_result_that_is_no_number_is_refused(declare: Any, result: object) -> None:
    def odd(x: float) -> Any:
        return result

    declare(odd)
    drawing = Drawing()
    drawing.node("odd", drawing.node("variable", name="x"), name="p")
    with pytest.raises(PluginError, match="must return a real number"):
        evaluate(drawing.graph())


def test_truth_values_and_integers_of_a_plugin_become_numbers(declare: Any) -> None:
    def positive(x: float) -> Any:
        return np.greater(x, 0)

    declare(positive)
    drawing = Drawing()
    drawing.node("positive", drawing.node("variable", name="x", value=2.0), name="p")
    value = evaluate(drawing.graph())["p"]
    assert value == 1.0
    assert type(value) is np.float64


def test_a_type_that_a_plugin_brings_later_is_found(declare: Any) -> None:
    drawing = Drawing()
    drawing.node("variable", name="x", value=2.0)
    drawing.nodes["p"] = Node("p", "thrice", "p", stored_ports=("x",))
    drawing.sources["p", "x"] = "x"
    graph = drawing.graph()
    assert "p" in evaluate_partly(graph).failures

    def thrice(x: float) -> float:
        return 3 * x

    declare(thrice)
    assert evaluate(graph)["p"] == 6.0


def test_an_empty_graph_has_no_values() -> None:
    assert evaluate(Graph()) == {}
