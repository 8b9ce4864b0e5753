"""The error of numerical derivatives over h, and what is said about it."""

from __future__ import annotations

import numpy as np
import pytest

from visualad.autodiff.check_curve import Curve, check_curve
from visualad.errors import GraphError, ShapeError
from visualad.graph.edits import set_setting
from visualad.graph.parser import parse

from .cases import lecture


def curve(formula: str, **at: float) -> Curve:
    return check_curve(parse(formula), at)


def test_the_lectures_function_has_its_known_best_steps() -> None:
    found = check_curve(lecture(), {"x1": 1, "x2": 1, "x3": 1}, input="x1")
    forward, central, complex_step = found.methods
    assert found.analytic == pytest.approx(3.559752813266941)
    assert forward.best_h == pytest.approx(1e-8)
    assert forward.best_error == pytest.approx(3.5e-8, rel=0.1)
    # Published: about 7.5e-11 at h = 1e-5; a finer grid finds a little better.
    assert 1e-6 < central.best_h < 3e-5
    assert central.errors[found.at(1e-5)] < 1e-10
    assert complex_step.errors[found.at(1e-20)] < 1e-15
    text = " ".join(found.words)
    assert all(word in text for word in ("truncation", "cancels", "complex step"))


def test_truncation_falls_with_the_order_of_the_method() -> None:
    found = curve("exp(x)", x=0.5)
    for method, order in zip(found.methods, (1, 2, 2), strict=True):
        large, small = found.at(1e-1), found.at(1e-2)
        slope = np.log10(method.errors[large] / method.errors[small])
        assert slope == pytest.approx(order, abs=0.1), method.name


def test_cancellation_grows_as_h_shrinks_but_not_for_the_complex_step() -> None:
    forward, central, complex_step = curve("exp(x)", x=0.5).methods
    found = curve("exp(x)", x=0.5)
    tiny, small = found.at(1e-14), found.at(1e-9)
    assert forward.errors[tiny] > 100 * forward.errors[small]
    assert central.errors[tiny] > 100 * central.errors[small]
    assert complex_step.errors[tiny] <= 1e-15


def test_straight_lines_have_no_truncation_error() -> None:
    assert sum("no truncation" in word for word in curve("3*x + 1", x=2).words) == 2


def test_at_a_kink_both_slopes_are_named() -> None:
    found = curve("2*relu(x)", x=0)
    assert "kink of v₁" in found.words[0]
    assert "From the left the slope is 0, from the right 2" in found.words[0]
    assert len(found.methods) == 2  # no complex step through a kink


def test_a_kink_nearby_is_named_with_its_distance() -> None:
    text = " ".join(curve("relu(x) + sin(x)", x=0.003).words)
    assert "A kink of v" in text
    assert "h ≈ 0.0032" in text
    assert "kink" not in " ".join(curve("relu(x) + sin(x)", x=1).words)


def test_edges_of_the_domain_are_named() -> None:
    found = curve("log(x)", x=0.01)
    assert found.words[0].startswith("From h ≈ 0.01 on x − h lies outside of the domain of v₁")
    assert np.isnan(found.methods[1].errors[0])
    assert "For every h" in " ".join(curve("sqrt(x)", x=0).words)


def test_one_element_of_an_array_is_studied() -> None:
    graph = set_setting(parse("L = sum(W*W)"), "W", "value", [[1.0, 2.0], [3.0, 4.0]])
    found = check_curve(graph, input="W", element=2)
    assert found.analytic == 6.0
    with pytest.raises(ShapeError, match="4 elements"):
        check_curve(graph, input="W", element=4)


def test_what_cannot_be_studied_is_refused_in_words() -> None:
    with pytest.raises(GraphError, match="no input"):
        check_curve(parse("sin(x)"), {"x": 1}, input="v1")
    with pytest.raises(GraphError, match="2 outputs"):
        check_curve(parse("sin(x); cos(x)"), {"x": 1})


def text_of(formula: str, **at: float) -> str:
    return " ".join(curve(formula, **at).words)


@pytest.mark.parametrize(
    ("formula", "at", "left", "right"),
    [
        ("relu(x)", {"x": 0}, "0", "1"),
        ("abs(x)", {"x": 0}, "−1", "1"),
        ("maximum(x, y)", {"x": 1, "y": 1}, "0", "1"),
        ("sqrt((x - 1)**2)", {"x": 1}, "−1", "1"),  # |x − 1| in disguise
        ("where(x > 0, x, 2*x)", {"x": 0}, "2", "1"),
        ("3*abs(x) + 1", {"x": 0}, "−3", "3"),
    ],
)
def test_both_slopes_are_told_wherever_they_differ(
    formula: str, at: dict[str, float], left: str, right: str
) -> None:
    assert f"From the left the slope is {left}, from the right {right}:" in text_of(formula, **at)


def test_elements_of_an_array_that_share_the_maximum_are_a_kink() -> None:
    graph = set_setting(parse("max(x)"), "x", "value", [1.0, 1.0])
    assert "lies on a kink of v₁" in check_curve(graph).words[0]
    apart = set_setting(graph, "x", "value", [1.0, 2.0])
    assert "kink" not in " ".join(check_curve(apart).words)


def test_a_jump_is_no_kink() -> None:
    for formula, x in (("floor(x)", 1), ("sign(x)", 0)):
        words = text_of(formula, x=x)
        assert "jumps at this point" in words
        assert "slope" not in words


def test_an_infinite_slope_is_told_with_the_derivative() -> None:
    for formula, x in (("sqrt(x)", 0), ("acos(x)", 1)):
        words = text_of(formula, x=x)
        assert "infinite at this point" in words
        assert "∞ here" in words
    assert "The value of v₁ is −∞" in text_of("log(x)", x=0)


def test_a_derivative_that_is_nan_is_explained() -> None:
    assert "multiplies an infinite partial by 0" in text_of("sqrt((x-1)**2)", x=1)
    assert text_of("x*y", x=1, y=float("nan")).startswith("The value of y is nan")


def test_a_kink_that_does_not_reach_the_result_is_told_as_such() -> None:
    assert "v₂ itself is smooth here all the same" in text_of("abs(x)**2", x=0)


@pytest.mark.parametrize(
    ("formula", "x"),
    [("x**2", 1e8), ("log(x)", 1e-3), ("1/x", 1e-6), ("sin(1000*x)", 3), ("tan(x)", 1.5)],
)
def test_what_is_merely_curved_has_no_kink(formula: str, x: float) -> None:
    words = text_of(formula, x=x)
    assert "kink" not in words
    assert "jump" not in words
    graph = parse(formula)
    from visualad.autodiff.sweeps import sweep

    assert not any(step.kink for step in sweep(graph, {"x": x}))


def test_a_pole_that_one_step_hits_is_no_edge() -> None:
    assert "At h ≈ 1e−06 x − h hits a pole of v₁ (div)" in text_of("1/x", x=1e-6)


def test_why_there_is_no_complex_step_is_said() -> None:
    assert "v₁ (abs) is not analytic" in text_of("abs(x)", x=2)
    assert "v₁ (erf) is computed for real numbers only" in text_of("erf(x)", x=1)
    assert "no complex step" not in text_of("exp(x)", x=1)
    # Only what lies between the input and the output counts.
    assert len(curve("sin(x) + abs(y)", x=1, y=2).methods) == 3
