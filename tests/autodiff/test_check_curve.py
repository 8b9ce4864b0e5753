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
