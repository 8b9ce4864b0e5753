"""Dropout and normalisation behave differently while training and while evaluating."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import visualad as va
from visualad import datasets
from visualad.errors import GraphError
from visualad.ops import operation
from visualad.training.binding import bind
from visualad.training.modes import Modes
from visualad.training.trainer import Trainer

DATA = datasets.load("circle", n=64, seed=2)


def modes(graph: va.Graph) -> Modes:
    return Modes(bind(graph, DATA, "mean_squared_error"), DATA.x[:2], DATA.y[:2])


def test_evaluating_leaves_nothing_out() -> None:
    graph = va.mlp([2, 5, 1], activation="tanh", dropout=0.5, seed=1)
    plain = va.mlp([2, 5, 1], activation="tanh", seed=1)
    at = {"X": DATA.x}
    np.testing.assert_array_equal(va.evaluate(graph, at)["o"], va.evaluate(plain, at)["o"])


def test_masks_leave_out_the_share_and_keep_the_mean() -> None:
    found = modes(va.mlp([2, 400, 1], dropout=0.25))
    (mask,) = found.draw(64, 0, 1).values()
    assert mask.shape == (64, 400)
    assert set(np.unique(mask)) == {0.0, 1 / 0.75}
    assert np.mean(mask == 0) == pytest.approx(0.25, abs=0.01)
    (again,) = found.draw(64, 0, 1).values()
    np.testing.assert_array_equal(mask, again)
    (other,) = found.draw(64, 0, 2).values()
    assert not np.array_equal(mask, other)


def test_while_training_the_gradient_goes_through_the_mask() -> None:
    graph = va.mlp([2, 5, 1], activation="tanh", dropout=0.5, seed=1)
    found = modes(graph)
    masks = found.draw(3, 0, 0)
    at = {"X": DATA.x[:3], "Y": DATA.y[:3], **masks}
    (mask,) = masks.values()
    values = va.evaluate(found.graph, at)
    np.testing.assert_array_equal(values["d1"], values["a1"] * mask)
    gradient = va.gradient(found.graph, at)["W1"]
    node = found.graph["W1"]

    def loss(step: float) -> float:
        moved = np.array(node.value)
        moved[0, 0] += step
        return float(va.evaluate(found.graph, {**at, "W1": moved})["L"])

    assert gradient[0, 0] == pytest.approx((loss(1e-6) - loss(-1e-6)) / 2e-6, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("kind", [None, "batch", "layer"])
def test_networks_with_dropout_and_normalisation_learn_the_same_each_time(
    kind: str | None,
) -> None:
    graph = va.mlp([2, 12, 1], activation="tanh", normalization=kind, dropout=0.1, seed=3)
    losses = [
        va.train(graph, DATA, optimizer=va.Adam(0.02), epochs=60, batch_size=16).history.train
        for _ in range(2)
    ]
    assert losses[0] == losses[1]
    assert losses[0][-1] < 0.3 * losses[0][0]


def test_statistics_are_those_of_the_training_part() -> None:
    graph = va.mlp([2, 4, 1], activation="tanh", normalization="batch", seed=1)
    trainer = Trainer(graph, DATA, batch_size=16, loss="mean_squared_error")
    for _ in range(4):
        trainer.finish_epoch()
    after = trainer.trained_graph()
    before = va.evaluate(after, {"X": DATA.x})["h1"]
    np.testing.assert_allclose(after["m1"].value, before.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(after["v1"].value, before.var(axis=0), atol=1e-12)
    normalised = va.evaluate(after, {"X": DATA.x})["n1"]
    scale, shift = after["g1"].value, after["s1"].value
    np.testing.assert_allclose(normalised.mean(axis=0), shift, atol=1e-9)
    np.testing.assert_allclose(normalised.std(axis=0), np.abs(scale), rtol=1e-3)
    assert trainer.history.train[-1] < trainer.history.train[0]


def test_training_normalises_by_the_batch_and_evaluating_by_what_is_stored() -> None:
    graph = va.mlp([2, 4, 1], activation="tanh", normalization="batch", seed=1)
    found = modes(graph)
    at = {"X": DATA.x[:8], "Y": DATA.y[:8]}
    values = va.evaluate(found.graph, at)
    np.testing.assert_allclose(values["n1"].mean(axis=0), 0, atol=1e-12)
    stored = va.evaluate(graph, {"X": DATA.x[:8]})
    np.testing.assert_allclose(stored["n1"], stored["h1"] / np.sqrt(1 + 1e-5), rtol=1e-12)


def test_layer_normalisation_treats_each_sample_by_itself() -> None:
    X = np.random.default_rng(1).normal(size=(3, 6))
    ones, zeros = np.ones(6), np.zeros(6)
    normalised: Any = operation("layer_normalization")(X, ones, zeros)
    np.testing.assert_allclose(normalised.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(normalised.std(axis=1), 1, rtol=1e-3)
    np.testing.assert_array_equal(
        operation("layer_normalization")(X[:1], ones, zeros), normalised[:1]
    )


def test_dropout_needs_an_axis_of_samples() -> None:
    graph = va.parse("dropout(w)*x")
    node = graph["w"]
    made = va.Node(node.id, "parameter", "w", settings={"value": 1.0})
    nodes = {**graph.nodes_by_id, node.id: made}
    with pytest.raises(GraphError, match="must stand where there is a row for each sample"):
        va.train(graph.with_(nodes_by_id=nodes), ([1.0, 2.0], [1.0, 2.0]), epochs=1)
    with pytest.raises(GraphError, match="rate of dropout is at least 0 and less than 1, not 1"):
        operation("dropout")(1.0, rate=1.0)


def test_hinge_is_zero_beyond_the_margin() -> None:
    o, y = np.array([[2.0], [0.5], [-1.0]]), np.array([[1.0], [1.0], [1.0]])
    assert operation("hinge")(o, y) == (0 + 0.5 + 2) / 3
    assert operation("half_squared_error")(o, y) == (0.5 + 0.125 + 2) / 3


def test_the_confusion_matrix_has_a_row_for_each_true_class() -> None:
    from visualad.training.metrics import confusion_matrix

    outputs = np.array([[0.1, 0.9, 0.0], [0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.0, 0.1, 0.9]])
    found = confusion_matrix(outputs, np.array([[1.0], [0.0], [2.0], [2.0]]))
    assert found.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    signs = confusion_matrix(np.array([0.2, -0.3, 0.4]), np.array([1.0, -1.0, -1.0]))
    assert signs.tolist() == [[1, 1], [0, 1]]
