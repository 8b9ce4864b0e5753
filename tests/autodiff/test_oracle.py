"""Another library's derivatives of the same array programs."""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from tests.strategies import Drawing
from visualad.autodiff.derivatives import gradient, jacobian
from visualad.graph.model import Graph

RNG = np.random.default_rng(5)
X, W, V = RNG.normal(size=(4, 3)), RNG.normal(size=(2, 3)), RNG.normal(size=(2, 2))
B, C = RNG.normal(size=2), RNG.normal(size=(4, 1))
Y = RNG.normal(size=(4, 2))


def network() -> Graph:
    drawing = Drawing()
    for name, value in {"X": X, "W": W, "V": V, "b": B, "c": C, "y": Y}.items():
        drawing.node("parameter", name=name, value=value)
    drawing.node("linear", "X", "W", "b", name="h")
    drawing.node("tanh", "h", name="a")
    drawing.node("matmul", "a", "V", name="m")
    drawing.node("mul", "m", "c", name="s")
    drawing.node("softmax", "s", name="p")
    drawing.node("add", "p", "a", name="o")
    drawing.node("mean_squared_error", "o", "y", name="L")
    return drawing.graph()


def by_hand(X: Any, W: Any, V: Any, b: Any, c: Any, y: Any) -> Any:
    a = anp.tanh(X @ W.T + b)
    s = (a @ V) * c
    e = anp.exp(s - anp.max(s, axis=-1, keepdims=True))
    p = e / anp.sum(e, axis=-1, keepdims=True)
    return anp.sum((p + a - y) ** 2) / len(X)


@pytest.mark.parametrize("mode", ["forward", "backward", "cross"])
def test_a_network_with_broadcasts_and_a_fan_out_agrees(mode: str) -> None:
    found = gradient(network(), mode=mode)
    for place, name in enumerate(("X", "W", "V", "b", "c", "y")):
        expected = autograd.grad(by_hand, place)(X, W, V, B, C, Y)
        np.testing.assert_allclose(found[name], expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("mode", ["forward", "backward", "cross"])
def test_a_jacobian_of_arrays_agrees(mode: str) -> None:
    drawing = Drawing()
    drawing.node("parameter", name="A", value=X)
    drawing.node("parameter", name="v", value=X[0])
    drawing.node("matmul", "A", "v", name="m")
    drawing.node("exp", "m", name="e")
    drawing.node("log_softmax", "e", name="o")
    matrix = jacobian(drawing.graph(), mode=mode)

    def by_hand(A: Any, v: Any) -> Any:
        e = anp.exp(A @ v)
        return e - anp.log(anp.sum(anp.exp(e)))

    for place, name in enumerate(("A", "v")):
        expected = autograd.jacobian(by_hand, place)(X, X[0])
        np.testing.assert_allclose(matrix.block("o", name), expected, rtol=1e-10, atol=1e-12)
