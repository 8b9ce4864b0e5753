"""How names and numbers are read."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualad.ops.writing import (
    name_latex,
    name_plain,
    name_pretty,
    number_latex,
    number_plain,
    number_text,
    plain,
    pretty,
    tangent_name,
    value_expression,
)


@pytest.mark.parametrize(
    ("name", "text", "latex"),
    [
        ("x", "x", "x"),
        ("x12", "x₁₂", "x_{12}"),
        ("x_1", "x₁", "x_{1}"),
        ("W1", "W₁", "W_{1}"),
        ("b_out", "bₒᵤₜ", r"b_{\mathrm{out}}"),
        ("b_in2", "bᵢₙ₂", r"b_{\mathrm{in2}}"),
        ("alpha", "α", r"\alpha"),
        ("lambda2", "λ₂", r"\lambda_{2}"),
        ("Delta3", "Δ₃", r"\Delta_{3}"),
        ("α1", "α₁", r"\alpha_{1}"),
        ("loss", "loss", r"\mathrm{loss}"),
        ("learning_rate", "learning_rate", r"\mathrm{learning}_{\mathrm{rate}}"),
        ("∂f/∂x4", "∂f/∂x₄", r"\frac{\partial f}{\partial x_{4}}"),
        ("ẋ4", "ẋ₄", r"\dot{x}_{4}"),
        ("3×2 array", "3×2 array", r"\text{3×2 array}"),
        ("?", "?", r"\text{?}"),
    ],
)
def test_names_have_real_subscripts(name: str, text: str, latex: str) -> None:
    assert name_pretty(name) == text
    assert name_latex(name) == latex


def test_derivatives_have_an_ascii_writing() -> None:
    assert name_plain("∂f/∂x4") == "df/dx4"
    assert plain(tangent_name("x4")) == "dx4"
    assert pretty(tangent_name("alpha")) == "α̇"
    assert pretty(tangent_name("x4")) == "ẋ₄"


@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True))
def test_any_identifier_is_written_without_losing_braces(name: str) -> None:
    assert name_plain(name) == name
    assert name_pretty(name)
    assert name_latex(name).count("{") == name_latex(name).count("}")


@pytest.mark.parametrize(
    ("value", "text", "latex"),
    [
        (5.977258756, "5.977", "5.977"),
        (10.6812779, "10.68", "10.68"),
        (-3.80524, "-3.805", "-3.805"),
        (2.0, "2", "2"),
        (0.5, "0.5", "0.5"),
        (123456.789, "123457", "123457"),
        (1234567.0, "1.235e+06", r"1.235 \cdot 10^{6}"),
        (1.2e-9, "1.2e-09", r"1.2 \cdot 10^{-9}"),
        (0.00123456, "0.001235", "0.001235"),
        (9.99996, "10", "10"),
        (math.inf, "∞", r"\infty"),
        (-math.inf, "-∞", r"-\infty"),
        (math.nan, "nan", r"\mathrm{nan}"),
        (-0.0, "0", "0"),
        (True, "1", "1"),
        (7, "7", "7"),
        (np.float32(0.1), "0.1", "0.1"),
        (np.array(2.5), "2.5", "2.5"),
        (np.arange(3.0), "[0, 1, 2]", r"\begin{pmatrix} 0 & 1 & 2 \end{pmatrix}"),
        (np.eye(2), "[[1, 0], [0, 1]]", r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}"),
        (np.ones((3, 2)), "3×2 array", r"\text{3×2 array}"),
        (np.zeros(0), "empty 0 array", r"\text{empty 0 array}"),
    ],
)
def test_numbers_and_arrays_are_read_in_one_way(value: object, text: str, latex: str) -> None:
    assert number_text(value) == text
    assert number_latex(value) == latex


def test_more_digits_are_given_where_asked() -> None:
    assert number_text(10.681277968160, digits=7) == "10.68128"
    assert number_text(1 / 3, digits=10) == "0.3333333333"


@given(st.floats(allow_nan=False))
def test_python_reads_plain_numbers_back_exactly(value: float) -> None:
    space = {"pi": math.pi, "inf": math.inf}
    assert eval(number_plain(value), space) == value


@given(st.floats(min_value=1e-300, max_value=1e300), st.integers(1, 12))
def test_rounding_is_never_off_by_more_than_half_a_digit(value: float, digits: int) -> None:
    assert float(number_text(value, digits)) == pytest.approx(
        value, rel=0.5001 * 10 ** (1 - digits)
    )


def test_values_stand_in_formulas_as_numbers_or_by_their_shape() -> None:
    assert pretty(value_expression(0.63662)) == "0.6366"
    assert pretty(value_expression(np.ones((3, 2)))) == "3×2 array"
    assert pretty(value_expression(np.arange(2.0))) == "[0, 1]"
