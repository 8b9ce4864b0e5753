"""TensorFlow Playground's update rule, features and beginnings, exactly."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visualad as va
from visualad import datasets
from visualad.errors import VisualADError
from visualad.graph.edits import set_settings
from visualad.training.batches import BatchOrder
from visualad.training.features import FEATURES
from visualad.training.loop import trainer_from
from visualad.training.optimizers import SGD
from visualad.training.playground import playground_settings
from visualad.training.regularization import Penalty
from visualad.training.rules import CARRIED, Rules, rules_from
from visualad.training.trainer import Trainer

CASES = json.loads((Path(__file__).parents[1] / "data" / "published.json").read_text())
CASE = next(
    case
    for case in (CASES if isinstance(CASES, list) else CASES["cases"])
    if case["id"] == "tf_playground_one_step"
)


@pytest.mark.parametrize("kind", ["none", "L1", "L2"])
def test_one_step_of_the_preset_is_playgrounds(kind: str) -> None:
    given = CASE["inputs"]
    graph = va.mlp([2, 2, 1], activation="tanh", output="tanh", loss="half_squared_error")
    values: dict[str, Any] = {
        "W1": np.array(given["W1"]),
        "b1": np.array(given["b1"]),
        "W2": np.array([given["W2"]]),
        "b2": np.array([given["b2"]]),
    }
    graph = set_settings(graph, {name: {"value": value} for name, value in values.items()})
    settings = playground_settings(
        {},
        learning_rate=given["lr"],
        batch_size=2,
        regularization=kind.lower(),
        regularization_rate=given["regularization_rate"],
    )
    points = np.array(given["points"])
    trainer = Trainer(
        graph,
        datasets.from_arrays(points[:, :2], points[:, 2]),
        optimizer=SGD(settings["learning_rate"]),
        batch_size=settings["batch_size"],
        rules=rules_from(settings),
    )
    trainer.finish_epoch()
    assert trainer.history.train[0] == pytest.approx(CASE["outputs"]["loss_before"], abs=1e-15)
    trainer.finish_epoch()
    after = CASE["after_1"][kind]
    for name in values:
        found = trainer.parameters()[name].reshape(-1)
        np.testing.assert_allclose(found, np.ravel(after[name]), rtol=0, atol=1e-15)
    assert trainer.history.train[1] == pytest.approx(after["loss_after"], abs=1e-15)


def playground_epochs(
    w: float, b: float, xs: list[float], ys: list[float], batch: int, rate: float, epochs: int
) -> tuple[float, float]:
    """One linear neuron with L1, sample by sample, as oneStep and updateWeights do it."""
    learning, dead = 0.1, False
    sum_w = sum_b = 0.0
    count = 0
    for _ in range(epochs):
        for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
            error = w * x + b - y
            sum_w, sum_b, count = sum_w + error * x * (not dead), sum_b + error, count + 1
            if (i + 1) % batch == 0:
                slope = math.copysign(1, w) if w else 0.0
                b -= learning * sum_b / count
                if not dead:
                    w -= learning * sum_w / count
                    shrunk = w - learning * rate * slope
                    dead = w * shrunk < 0
                    w = 0.0 if dead else shrunk
                sum_w = sum_b = 0.0
                count = 0
    return w, b


@pytest.mark.parametrize("rate", [0.0, 0.05, 3.0])
@pytest.mark.parametrize("batch", [2, 3, 5])
def test_what_fills_no_batch_is_carried_into_the_next_epoch(batch: int, rate: float) -> None:
    xs, ys = [0.5, -1.0, 2.0, 1.5, -0.3, 0.9, 1.1], [1.0, -1.0, 1.5, 1.0, -0.5, 0.4, 0.9]
    graph = set_settings(va.mlp([1, 1]), {"W1": {"value": [[0.2]]}, "b1": {"value": [0.1]}})
    trainer = Trainer(
        graph,
        datasets.from_arrays(xs, ys),
        loss="half_squared_error",
        optimizer=SGD(0.1),
        batch_size=batch,
        rules=Rules(penalty=Penalty("l1", rate, apart=True) if rate else None, order=CARRIED),
    )
    for _ in range(6):
        trainer.finish_epoch()
    w, b = playground_epochs(0.2, 0.1, xs, ys, batch, rate, 5)
    found = trainer.parameters()
    assert found["W1"][0, 0] == pytest.approx(w, abs=1e-14)
    assert found["b1"][0] == pytest.approx(b, abs=1e-14)
    if rate == 3.0:
        assert found["W1"][0, 0] == 0.0


def test_each_sample_is_used_once_in_every_order() -> None:
    for order in ("shuffled", "carried"):
        batches = BatchOrder(7, 3, 1, order)
        first = np.concatenate(batches.epoch(0))
        assert sorted(first) == (list(range(7)) if order == "shuffled" else list(range(6)))
        second = np.concatenate(batches.epoch(1))
        expected = list(range(7)) if order == "shuffled" else [6, 0, 1, 2, 3, 4, 5]
        assert (sorted(second) if order == "shuffled" else list(second)) == expected
        rest = np.concatenate(batches.epoch(1, done=len(second) - 2))
        assert list(rest) == list(second[-2:])


def test_the_seven_features_are_functions_of_the_point() -> None:
    data = datasets.load("circle", n=20)
    x, y = data.x.T
    made = data.with_features(tuple(FEATURES))
    expected = np.column_stack([x, y, x * x, y * y, x * y, np.sin(x), np.sin(y)])
    np.testing.assert_array_equal(made.x, expected)
    assert made.names == (*FEATURES, "y")
    with pytest.raises(VisualADError, match="no feature 'x3'; take some of x1, x2"):
        data.with_features(["x3"])


def test_features_are_stored_with_the_graph_and_make_the_circle_easy() -> None:
    features = ["x1^2", "x2^2"]
    graph = va.mlp([2, 1], output="tanh", data={"name": "circle", "features": features})
    trainer, data = trainer_from(graph)
    assert data.names == ("x1^2", "x2^2", "y")
    for _ in range(31):
        trainer.finish_epoch()
    assert trainer.history.metrics["accuracy test"][-1] > 0.98


def test_the_preset_keeps_the_data_and_refuses_what_is_no_knob() -> None:
    training = va.mlp([2, 4, 1], data="circle").training
    settings = playground_settings(training, learning_rate=0.1)
    assert settings["data"] == training["data"]
    assert (settings["learning_rate"], settings["order"]) == (0.1, "carried")
    with pytest.raises(VisualADError, match="Playground has no 'momentum'"):
        playground_settings(training, momentum=0.9)


def test_weights_begin_within_a_half_and_biases_at_a_tenth() -> None:
    graph = va.mlp([2, 100, 1], initializer="playground")
    assert 0.45 < np.abs(graph["W1"].value).max() <= 0.5
    assert (graph["b1"].value == 0.1).all()
