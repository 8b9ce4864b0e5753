"""Optimisers follow the published formulas, and PyTorch where it differs from them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualad.errors import VisualADError
from visualad.training.optimizers import SGD, Adam, Optimizer, optimizer_from

START = [1.0, -2.0, 0.5]


def slope(p: list[float]) -> list[float]:
    """Gradient of (p1 - 3)² + p1·p2 + 10·p3⁴: no symmetry that could hide a mistake."""
    return [2 * (p[0] - 3) + p[1], p[0], 40 * p[2] ** 3]


def ten_updates(optimizer: Optimizer) -> list[list[float]]:
    parameters = np.array(START)
    state = optimizer.start(parameters)
    path = []
    for _ in range(10):
        state.step(parameters, np.array(slope(parameters.tolist())))
        path.append(parameters.tolist())
    return path


def torch_sgd(rate: float, momentum: float, nesterov: bool) -> list[list[float]]:
    """The algorithm box of torch.optim.SGD, element by element."""
    p = list(START)
    buffer: list[float] | None = None
    path = []
    for _ in range(10):
        g = slope(p)
        if momentum != 0:
            buffer = (
                g if buffer is None else [momentum * b + x for b, x in zip(buffer, g, strict=True)]
            )
            g = [x + momentum * b for x, b in zip(g, buffer, strict=True)] if nesterov else buffer
        p = [x - rate * d for x, d in zip(p, g, strict=True)]
        path.append(p)
    return path


def adam(rate: float, beta1: float, beta2: float, epsilon: float) -> list[list[float]]:
    """Algorithm 1 of Kingma and Ba, element by element, with the bias removed from both means."""
    p, m, v = list(START), [0.0] * 3, [0.0] * 3
    path = []
    for t in range(1, 11):
        g = slope(p)
        for i in range(3):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
            mean, square = m[i] / (1 - beta1**t), v[i] / (1 - beta2**t)
            p[i] = p[i] - rate * mean / (math.sqrt(square) + epsilon)
        path.append(list(p))
    return path


@pytest.mark.parametrize(
    ("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True), (0.5, True)]
)
def test_ten_updates_of_sgd_are_pytorchs(momentum: float, nesterov: bool) -> None:
    found = ten_updates(SGD(0.01, momentum, nesterov))
    np.testing.assert_allclose(found, torch_sgd(0.01, momentum, nesterov), rtol=1e-13)


@pytest.mark.parametrize("rate", [0.001, 0.3])
@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.5, 0.9), (0.0, 0.5)])
def test_ten_updates_of_adam_are_those_of_the_paper(
    rate: float, beta1: float, beta2: float
) -> None:
    found = ten_updates(Adam(rate, beta1, beta2, 1e-8))
    np.testing.assert_allclose(found, adam(rate, beta1, beta2, 1e-8), rtol=1e-12)


def test_adams_first_step_is_the_learning_rate_against_the_sign() -> None:
    parameters = np.array([1.0, 1.0, 1.0])
    Adam(0.01).start(parameters).step(parameters, np.array([5.0, -0.001, 0.0]))
    np.testing.assert_allclose(parameters, [0.99, 1.01, 1.0], rtol=1e-6)


@pytest.mark.parametrize("optimizer", [SGD(0.1), SGD(0.1, 0.9), SGD(0.1, 0.9, True), Adam(0.1)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_keep_the_dtype_and_leave_the_gradient_alone(
    optimizer: Optimizer, dtype: str
) -> None:
    parameters = np.ones(3, dtype=dtype)
    gradient = np.array([1.0, 2.0, 3.0], dtype=dtype)
    state = optimizer.start(parameters)
    state.step(parameters, gradient)
    state.step(parameters, gradient)
    assert parameters.dtype == dtype
    assert gradient.tolist() == [1, 2, 3]
    assert (parameters < 1).all()


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5), st.floats(0, 1))
def test_plain_sgd_is_one_subtraction(values: list[float], rate: float) -> None:
    parameters = np.zeros(len(values))
    SGD(rate).start(parameters).step(parameters, np.array(values))
    np.testing.assert_array_equal(parameters, -(rate * np.array(values)))


def test_settings_that_make_no_sense_are_refused_in_words() -> None:
    with pytest.raises(VisualADError, match="learning rate"):
        SGD(-0.1)
    with pytest.raises(VisualADError, match="learning rate"):
        Adam(float("nan"))
    with pytest.raises(VisualADError, match="Momentum must be at least 0 and less than 1, not 1"):
        SGD(0.1, 1.0)
    with pytest.raises(VisualADError, match="Beta2"):
        Adam(0.1, beta2=1)
    with pytest.raises(VisualADError, match="Nesterov"):
        SGD(0.1, nesterov=True)


def test_stored_settings_become_an_optimiser() -> None:
    sgd = {"optimizer": "sgd", "learning_rate": 0.3, "momentum": 0.9, "batch_size": 10}
    assert optimizer_from(sgd) == SGD(0.3, 0.9)
    assert optimizer_from({**sgd, "nesterov": True}) == SGD(0.3, 0.9, True)
    assert optimizer_from({"optimizer": "adam", "learning_rate": 1, "momentum": 0.9}) == Adam(1.0)
    with pytest.raises(VisualADError, match="learning rate must be a number from 0 on, not 'a'"):
        SGD("a")
    with pytest.raises(VisualADError, match="no optimiser 'adamax'; take one of sgd, adagrad"):
        optimizer_from({"optimizer": "adamax"})
    with pytest.raises(VisualADError, match="learning rate must be a number"):
        optimizer_from({"learning_rate": "fast"})
