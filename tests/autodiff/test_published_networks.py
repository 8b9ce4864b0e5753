"""Every gradient and adjoint of the published array cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.autodiff.cases import published
from tests.strategies import Drawing
from visualad.autodiff.derivatives import gradient, vjp
from visualad.autodiff.evaluate import evaluate
from visualad.autodiff.sweeps import sweep
from visualad.graph.model import Graph
from visualad.graph.parser import parse

MODES = ("forward", "backward", "cross")


def close(found: Any, expected: Any) -> bool:
    return bool(np.allclose(found, expected, rtol=1e-11, atol=1e-14))


def two_layers(case: str, first: str, targets: str) -> Drawing:
    """Leaves and layers h, a, o of a case; the loss is added by the test."""
    given = {name: np.array(value) for name, value in published()[case]["inputs"].items()}
    drawing = Drawing()
    for name in (first, targets, "W1", "b1", "W2", "b2"):
        shaped = given[name].ravel() if name.startswith("b") else given[name]
        drawing.node("parameter", name=name, value=shaped)
    drawing.node("linear", first, "W1", "b1", name="h")
    drawing.node("sigmoid", "h", name="a")
    drawing.node("linear", "a", "W2", "b2", name="o")
    return drawing


def lecture_network() -> Graph:
    drawing = two_layers("lecture_mlp_3x2_3_1", "X", "Y")
    drawing.node("mean_squared_error", "o", "Y", name="L")
    return drawing.graph()


def test_the_lectures_network_has_the_published_values_and_adjoints() -> None:
    case = published()["lecture_mlp_3x2_3_1"]
    values = evaluate(lecture_network())
    for name, expected in case["outputs"].items():
        assert close(values[name], expected), name
    adjoints = sweep(lecture_network()).adjoints
    for name, expected in case["gradients"].items():
        node = name.removeprefix("dL/d")
        assert close(adjoints[node], np.reshape(expected, np.shape(adjoints[node]))), name


@pytest.mark.parametrize("mode", MODES)
def test_the_lectures_network_has_the_published_gradient_in_every_mode(mode: str) -> None:
    case = published()["lecture_mlp_3x2_3_1"]
    for name, slope in gradient(lecture_network(), mode=mode).items():
        expected = case["gradients"].get(f"dL/d{name}")
        if expected is not None:
            assert close(slope, np.reshape(expected, np.shape(slope))), name


def mazurs_network() -> Graph:
    drawing = two_layers("mazur_2_2_2", "x", "t")
    drawing.node("sigmoid", "o", name="p")
    drawing.node("square", drawing.node("sub", "t", "p"), name="q")
    half = drawing.node("constant", name="half", value=0.5)
    drawing.node("mul", half, drawing.node("sum", "q", name="s"), name="E")
    return drawing.graph()


@pytest.mark.parametrize("mode", MODES)
def test_mazurs_network_has_the_published_gradient_in_every_mode(mode: str) -> None:
    case, graph = published()["mazur_2_2_2"], mazurs_network()
    values = evaluate(graph)
    found = gradient(graph, mode=mode)

    for name, node in {"net_h": "h", "out_h": "a", "net_o": "o", "out_o": "p"}.items():
        assert close(values[node], case["outputs"][name]), name
    assert close(values["E"], case["outputs"]["E_total"])
    for name, node in {
        "dE/dW1": "W1",
        "dE/dW2": "W2",
        "dE/db1 (per unit)": "b1",
        "dE/db2 (per unit)": "b2",
    }.items():
        assert close(found[node], case["gradients"][name]), name
    adjoints = sweep(graph).adjoints
    for name, node in {"delta_o": "o", "dE/dout_h": "a", "delta_h": "h"}.items():
        assert close(adjoints[node], case["intermediates"][name]), name


def test_calling_backward_twice_does_not_accumulate() -> None:
    case = published()["pytorch_basics_eye"]
    graph = parse("out = transpose((inp + 1)**2)")
    for _ in range(2):
        found = vjp(graph, case["inputs"], {"out": 1.0})
        assert close(found["out"], np.ones((5, 4)))
        assert close(found["inp"], case["gradients"]["first call"])
    assert close(evaluate(graph, case["inputs"])["out"], case["outputs"]["out"])


def test_the_sigmoid_and_its_derivative_are_stable() -> None:
    case = published()["sigmoid_stability"]
    x = np.array(case["inputs"]["x"])
    graph = parse("sigmoid(x)")
    assert np.allclose(evaluate(graph, {"x": x})["v1"], case["outputs"]["sigmoid"], rtol=1e-12)
    expected = np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2
    slope = vjp(graph, {"x": x}, {"v1": 1.0})["x"]
    # For large x the value is 1 to rounding, so its complement has an absolute error only.
    assert np.allclose(slope, expected, rtol=1e-9, atol=1e-16)


@pytest.mark.parametrize("mode", MODES)
def test_a_square_root_of_a_square_has_no_derivative_where_an_absolute_value_has_zero(
    mode: str,
) -> None:
    chain, direct = parse("sqrt((x - 1)**2)"), parse("abs(x - 1)")
    assert np.isnan(gradient(chain, {"x": 1.0}, mode)["x"])
    assert gradient(direct, {"x": 1.0}, mode)["x"] == 0.0
    assert gradient(chain, {"x": 3.0}, mode)["x"] == 1.0
    assert gradient(direct, {"x": 3.0}, mode)["x"] == 1.0
