"""Whole plans through the kernel in the simulator: here every thread runs ahead of the others.

A group of rows in which one thread would have to wait for another gives other numbers then.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from visualad_cuda.executable import CudaExecutable
from visualad_cuda.launching import Launches

import visualad as va
from visualad.plugin import NumpyBackend, Update, compile_plan
from visualad.training.adaptive import Adagrad, AdamW, RMSprop

FORMULAS = [
    "L = sum(sigmoid(x)*y + where(x > y, sin(x), abs(y)))",
    "L = mean(softmax(x)*log_softmax(y))",
    "L = sum(maximum(x, y)/(1 + x**2)) + sum(tanh(y))",
    "L = sum(transpose(x)*exp(-y)) + sum(mean(x, axis=0))",
]


def loaded(plan: Any) -> tuple[CudaExecutable, Any]:
    return CudaExecutable(plan, None, Launches()), NumpyBackend().load(plan)


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


OPTIMIZERS = [
    *(va.SGD(0.1), va.SGD(0.1, 0.9), va.SGD(0.1, 0.9, nesterov=True), va.Adam(0.05)),
    *(AdamW(0.05, weight_decay=0.1), Adagrad(0.1, decay=0.1), RMSprop(0.01)),
    RMSprop(0.01, momentum=0.5, centered=True),
]


def small_perceptron() -> tuple[Any, dict[str, Any]]:
    """Its plan for batches of four, and data for three of them."""
    graph = va.mlp([2, 3, 1], activation="tanh", data="circle")
    inputs = {"X": (4, 2), "Y": (4, 1)}
    chance = np.random.default_rng(0)
    data = {name: chance.normal(size=(12, *shape[1:])) for name, shape in inputs.items()}
    return compile_plan(graph, inputs, loss=graph.outputs[-1]), data


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_training_steps_on_the_device_are_numpys(optimizer: Any) -> None:
    plan, data = small_perceptron()
    found, expected = loaded(plan)
    order = np.random.default_rng(1).permutation(12)
    state, ours = optimizer.start(expected.parameters), optimizer.start(found.parameters)
    losses = [*found.train_steps(data, order[:8], 4, ours.update)]
    losses += [*found.train_steps(data, order[8:], 4, ours.update)]
    for step, loss in enumerate(losses):
        rows = order[4 * step : 4 * step + 4]
        batch = {name: table[rows] for name, table in data.items()}
        assert expected.loss_and_gradient(batch) == pytest.approx(loss, rel=1e-12)
        state.step(expected.parameters, expected.gradients)
    assert len(losses) == 3
    np.testing.assert_allclose(found.parameters, expected.parameters, rtol=1e-12)
    for kept, memory in zip(ours.update.memory, state.update.memory, strict=True):
        np.testing.assert_allclose(kept, memory, rtol=1e-12, atol=1e-15)


def test_a_loss_that_is_not_finite_changes_nothing_from_there_on() -> None:
    plan, data = small_perceptron()
    found, _ = loaded(plan)
    data["Y"][5] = np.nan
    update = Update("momentum", (0.1, 0.9), (np.zeros_like(found.parameters),))
    losses = found.train_steps(data, np.arange(12), 4, update)
    assert np.isfinite(losses[0])
    assert np.isnan(losses[1])
    assert len(losses) == 2
    assert update.count == 1
    assert np.all(np.isfinite(found.parameters))
    assert np.all(np.isfinite(update.memory[0]))


def test_data_of_the_same_shape_takes_the_place_of_what_was_sent_before() -> None:
    plan, data = small_perceptron()
    found, expected = loaded(plan)
    order = np.arange(4)
    found.train_steps(data, order, 4, Update("sgd", (0.0,)))
    others = {name: values + 1 for name, values in data.items()}
    (loss,) = found.train_steps(others, order, 4, Update("sgd", (0.0,)))
    assert loss == pytest.approx(
        expected.loss_and_gradient({name: values[:4] for name, values in others.items()})
    )
