"""Whole plans through the kernel in the simulator: here every thread runs ahead of the others.

A group of rows in which one thread would have to wait for another gives other numbers then.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from visualad_cuda.executable import CudaExecutable
from visualad_cuda.kernel import launch

import visualad as va
from visualad.plugin import NumpyBackend, Update, compile_plan

FORMULAS = [
    "L = sum(sigmoid(x)*y + where(x > y, sin(x), abs(y)))",
    "L = mean(softmax(x)*log_softmax(y))",
    "L = sum(maximum(x, y)/(1 + x**2)) + sum(tanh(y))",
    "L = sum(transpose(x)*exp(-y)) + sum(mean(x, axis=0))",
]


def loaded(plan: Any) -> tuple[CudaExecutable, Any]:
    return CudaExecutable(plan, None, np, launch), NumpyBackend().load(plan)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_values_and_gradients_are_numpys(formula: str, dtype: str) -> None:
    chance = np.random.default_rng(3)
    at = {"x": chance.normal(size=(3, 3)), "y": chance.normal(size=(3, 3))}
    graph = va.parse(formula).with_(dtype=dtype)
    shapes = dict.fromkeys(at, (3, 3))
    found, expected = loaded(compile_plan(graph, shapes, loss="L", wrt=graph.inputs))
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    assert found.loss_and_gradient(at) == pytest.approx(expected.loss_and_gradient(at), tolerance)
    np.testing.assert_allclose(found.gradients, expected.gradients, tolerance, tolerance)
    for name in found.plan.values:
        np.testing.assert_allclose(found.value(name), expected.value(name), tolerance, tolerance)


def test_training_steps_on_the_device_are_numpys() -> None:
    graph = va.mlp([2, 3, 1], activation="tanh", data="circle")
    inputs = {"X": (4, 2), "Y": (4, 1)}
    bound = compile_plan(graph, inputs, loss=graph.outputs[-1])
    found, expected = loaded(bound)
    chance = np.random.default_rng(0)
    data = {name: chance.normal(size=(12, *shape[1:])) for name, shape in inputs.items()}
    order = np.arange(12)
    losses = found.train_steps(data, order, 4, Update("sgd", (0.1,)))
    for step, loss in enumerate(losses):
        rows = order[4 * step : 4 * step + 4]
        batch = {name: table[rows] for name, table in data.items()}
        assert expected.loss_and_gradient(batch) == pytest.approx(loss, rel=1e-12)
        expected.parameters -= 0.1 * expected.gradients
    np.testing.assert_allclose(found.parameters, expected.parameters, rtol=1e-12)
