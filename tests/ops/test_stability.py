"""Values and derivatives where the textbook formula overflows or cancels."""

import math

import numpy as np
import pytest

from visualad.ops import operation
from visualad.ops.error_function import erf_of, erfc_of


def value_and_partial(name: str, x: float) -> tuple[float, float]:
    declared = operation(name)
    with np.errstate(all="ignore"):
        out = declared(np.float64(x))
        (partial,) = declared.local_partials([np.float64(x)], out, {})
    return float(out), float(partial)


@pytest.mark.parametrize(
    ("name", "x", "value", "partial"),
    [
        ("sigmoid", 800.0, 1.0, 0.0),
        ("sigmoid", -800.0, 0.0, 0.0),
        ("sigmoid", -40.0, math.exp(-40), math.exp(-40)),
        ("softplus", 800.0, 800.0, 1.0),
        ("softplus", -800.0, 0.0, 0.0),
        ("softplus", -40.0, math.exp(-40), math.exp(-40)),
        ("silu", 800.0, 800.0, 1.0),
        ("silu", -800.0, 0.0, 0.0),
        ("gelu", 100.0, 100.0, 1.0),
        ("gelu", -100.0, 0.0, 0.0),
        ("gelu", -8.0, -8.0 * 0.5 * math.erfc(8 / math.sqrt(2)), None),
        ("elu", 800.0, 800.0, 1.0),
        ("elu", -800.0, -1.0, 0.0),
        ("tanh", 800.0, 1.0, 0.0),
        ("log1p", 1e-20, 1e-20, 1.0),
        ("expm1", 1e-20, 1e-20, 1.0),
        ("exp", 1000.0, math.inf, math.inf),
        ("reciprocal", 0.0, math.inf, -math.inf),
        ("sqrt", -1.0, math.nan, math.nan),
    ],
)
def test_extreme_inputs_are_right(name: str, x: float, value: float, partial: float | None) -> None:
    found, slope = value_and_partial(name, x)
    assert found == pytest.approx(value, rel=1e-14, abs=0, nan_ok=True)
    if partial is not None:
        assert slope == pytest.approx(partial, rel=1e-14, abs=0, nan_ok=True)


def test_the_error_function_is_exact_to_the_last_digits() -> None:
    x = np.concatenate(
        [
            np.linspace(-6, 6, 2001),
            np.linspace(-30, 30, 1001),
            [0.46875, -0.46875, 4.0, -4.0, 1e-300],
        ]
    )
    erf = np.array([math.erf(value) for value in x])
    erfc = np.array([math.erfc(value) for value in x])
    np.testing.assert_allclose(erf_of(x), erf, rtol=1e-15, atol=0)
    np.testing.assert_allclose(erfc_of(x), erfc, rtol=2e-15, atol=1e-320)


def test_the_error_function_of_a_number_and_of_an_array_agree() -> None:
    for x in (-3.0, -0.2, 0.0, 0.4, 5.0, math.inf, -math.inf):
        assert erf_of(np.float64(x)) == pytest.approx(erf_of(np.array([x]))[0], rel=1e-15)
        assert erfc_of(np.float64(x)) == pytest.approx(erfc_of(np.array([x]))[0], rel=2e-15)
    assert np.isnan(erf_of(np.array([math.nan]))[0])
    assert erf_of(np.array([0.1], dtype=np.float32)).dtype == np.float32
    assert erf_of(np.float32(0.1)).dtype == np.float32


def test_softmax_of_large_logits_is_finite() -> None:
    logits = np.array([[1000.0, 1000.0, -1000.0]])
    np.testing.assert_allclose(operation("softmax")(logits), [[0.5, 0.5, 0.0]])
    found = operation("log_softmax")(logits)
    np.testing.assert_allclose(found, [[-math.log(2), -math.log(2), -2000 - math.log(2)]])


def test_cross_entropies_of_large_logits_are_finite() -> None:
    cross_entropy, binary = operation("cross_entropy"), operation("binary_cross_entropy")
    logits = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]])
    assert cross_entropy(logits, np.eye(2)) == 0.0
    assert cross_entropy(logits, np.eye(2)[::-1]) == 2000.0
    assert binary(np.array([800.0, -800.0]), np.array([1.0, 0.0])) == 0.0
    assert binary(np.array([40.0]), np.array([1.0])) == pytest.approx(math.exp(-40), rel=1e-12)


def test_a_negative_base_with_a_fractional_power_is_nan_and_never_complex() -> None:
    with np.errstate(all="ignore"):
        found = operation("pow")(-2.0, 0.5)
    assert np.isnan(found)
    assert not np.iscomplexobj(found)


def test_dividing_python_numbers_by_zero_is_infinite() -> None:
    with np.errstate(all="ignore"):
        assert operation("div")(1.0, 0.0) == math.inf
        assert operation("div")(-1.0, 0.0) == -math.inf
        assert np.isnan(operation("div")(0.0, 0.0))
