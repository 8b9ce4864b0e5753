"""Derivatives where there is none follow PyTorch's, as the published table lists them."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from visualad.autodiff.derivatives import gradient
from visualad.graph.parser import parse
from visualad.ops import operation

TABLE = json.loads(
    (Path(__file__).parent.parent / "data" / "kinks.json").read_text(encoding="utf-8")
)
FORMULAS = {
    "abs(0)": "abs(x)",
    "relu(0)": "relu(x)",
    "max(1,1)": "maximum(x, y)",
    "min(1,1)": "minimum(x, y)",
    "clip(0,0,1)": "clip(x, minimum=0, maximum=1)",
    "clip(1,0,1)": "clip(x, minimum=0, maximum=1)",
    "sqrt(0)": "sqrt(x)",
    "sqrt(x*x) at 0": "sqrt(x*x)",
    "sqrt(x*x+y*y) at 0,0": "sqrt(x*x + y*y)",
    "x**y at 0,0": "x**y",
    "x**y at 0,2": "x**y",
    "x**y at -2,3": "x**y",
    "x**0 at 0": "x**0",
    "x**2 at 0": "x**2",
    "x**1 at 0": "x**1",
    "x**0.5 at 0": "x**0.5",
    "log(0)": "log(x)",
    "log(-1)": "log(x)",
    "1/x at 0": "1/x",
    "x*log(x) at 0": "x*log(x)",
    "sign(0.)": "sign(x)",
    "where(x>0, sqrt(x), 0) at -1": "where(x > 0, sqrt(x), 0)",
    "where(x>0, log(x), 0) at 0": "where(x > 0, log(x), 0)",
    "asin(1)": "asin(x)",
    "arctan2(0,0)": "atan2(x, y)",
    "floor(1.5)*x": "floor(x)*x",
    "tan(pi/2 float)": "tan(x)",
    "sinc-like sin(x)/x at 0": "sin(x)/x",
    "exp(1000)": "exp(x)",
    "sigmoid(-800) library": "sigmoid(x)",
    "softplus(800) library": "softplus(x)",
    "hypot(0,0)": "hypot(x, y)",
}
# Ours on purpose: the branch that `where` does not take has no say, whatever happens in it.
MASKED = {"where(x>0, sqrt(x), 0) at -1": [0.0], "where(x>0, log(x), 0) at 0": [0.0]}


@pytest.mark.parametrize("mode", ["forward", "backward", "cross"])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["case"])
def test_kinks_have_the_derivative_of_the_table(row: dict[str, list[str]], mode: str) -> None:
    case = str(row["case"])
    graph = parse(FORMULAS[case])
    at = dict(zip(("x", "y"), map(float, row["point"]), strict=False))

    found = gradient(graph, at, mode=mode)

    expected = MASKED.get(case, [float(text) for text in row["torch"]])
    np.testing.assert_allclose([found[name] for name in graph.inputs], expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "at", "settings", "expected"),
    [
        ("leaky_relu", 0.0, {"slope": 0.25}, 0.25),
        ("elu", 0.0, {"alpha": 2.0}, 2.0),
        ("clip", -0.1, {}, 0.0),
        ("clip", -5.0, {"minimum": None}, 1.0),
        ("clip", 5.0, {"maximum": None}, 1.0),
        ("clip", 5.0, {"minimum": None, "maximum": None}, 1.0),
        ("floor", 2.0, {}, 0.0),
    ],
)
def test_settings_change_the_derivative_at_a_kink(
    name: str, at: float, settings: dict[str, float | None], expected: float
) -> None:
    declared = operation(name)
    x = np.float64(at)
    (partial,) = declared.local_partials([x], declared(x, **settings), settings)
    assert partial == expected


def test_elements_that_tie_for_the_largest_share_its_derivative() -> None:
    graph = parse("max(x, axis=0)")
    x = np.array([[3.0, 1.0], [3.0, 2.0], [0.0, 2.0], [3.0, 2.0]])

    found = gradient(parse("sum(max(x, axis=0))"), {"x": x})["x"]

    third = 1 / 3
    expected = [[third, 0.0], [third, third], [0.0, third], [third, third]]
    np.testing.assert_allclose(found, expected)
    assert graph.inputs == ("x",)


def test_every_operation_with_a_kink_says_what_it_does_there() -> None:
    for name in ("abs", "sign", "relu", "leaky_relu", "elu", "maximum", "minimum", "max", "clip"):
        assert operation(name).kinks, name


def test_a_table_row_is_never_forgotten() -> None:
    assert {row["case"] for row in TABLE} == set(FORMULAS)
    assert math.isnan(float(next(r for r in TABLE if r["case"] == "hypot(0,0)")["torch"][0]))
