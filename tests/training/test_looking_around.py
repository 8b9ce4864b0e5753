"""The learning rate range test and slices of the loss."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest

import visualad as va
from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.training.landscape import (
    Landscape,
    landscape,
    principal_directions,
    random_directions,
)
from visualad.training.loop import trainer_from
from visualad.training.observation import Observer
from visualad.training.rate_finder import RateTest, rate_test, suggested


def network(**changes: Any) -> Graph:
    graph = va.mlp([2, 6, 1], activation="tanh", output="tanh", data="circle", seed=1)
    return graph.with_(training={**graph.training, **changes})


def outcome(work: Generator[Any, None, Any]) -> tuple[list[Any], Any]:
    told = []
    while True:
        try:
            told.append(next(work))
        except StopIteration as end:
            return told, end.value


def loss_after(graph: Graph, rate: float, epochs: int = 5) -> float:
    changed = graph.with_(training={**graph.training, "learning_rate": rate})
    trainer, _ = trainer_from(changed)
    for _ in range(epochs + 1):
        trainer.finish_epoch()
    return trainer.history.train[-1]


def test_the_suggested_rate_learns_faster_than_a_hundredth_and_a_hundredfold_of_it() -> None:
    graph = network(optimizer="sgd", learning_rate=0.5, batch_size=10)
    told, found = outcome(rate_test(graph))
    assert isinstance(found, RateTest)
    assert found.suggestion is not None
    assert found.suggestion in found.rates
    assert list(found.rates) == sorted(found.rates)
    assert told[0][1] == pytest.approx(1e-6)
    assert [share for share, _, _ in told] == sorted(share for share, _, _ in told)
    loss = loss_after(graph, found.suggestion)
    assert loss < loss_after(graph, found.suggestion / 100)
    assert loss < loss_after(graph, found.suggestion * 100)


def test_the_test_ends_where_the_loss_diverges() -> None:
    graph = va.mlp([1, 16, 1], activation="relu", output="linear", data="sine", seed=1)
    graph = graph.with_(training={**graph.training, "optimizer": "sgd", "learning_rate": 0.1})
    _, found = outcome(rate_test(graph))
    assert found.diverged is not None
    assert found.suggestion is not None
    assert found.suggestion < found.diverged
    assert max(found.rates) <= found.diverged


def test_looking_for_a_rate_twice_finds_the_same_and_changes_no_parameter() -> None:
    graph = network()
    before = {name: graph[name].value.copy() for name in ("W1", "W2")}
    assert outcome(rate_test(graph))[1] == outcome(rate_test(graph))[1]
    for name, value in before.items():
        np.testing.assert_array_equal(graph[name].value, value)


def test_an_optimiser_without_a_rate_says_so() -> None:
    with pytest.raises(VisualADError, match="no learning rate to look for"):
        outcome(rate_test(network(optimizer="levenberg_marquardt", batch_size=None)))


def test_no_rate_is_suggested_where_the_loss_never_falls() -> None:
    assert suggested(list(np.geomspace(1e-6, 10, 50)), list(np.linspace(1, 2, 50))) is None


def test_the_middle_of_a_slice_is_the_loss_of_the_parameters_and_the_rest_of_others() -> None:
    graph = network()
    trainer, _ = trainer_from(graph)
    centre = trainer.objective.parameters.copy()
    told, found = outcome(landscape(graph, seed=3, size=5))
    assert isinstance(found, Landscape)
    assert told[-1] == 1.0
    assert found.losses.shape == (5, 5)
    assert found.losses[2, 2] == Observer(trainer).loss()
    shapes = [np.shape(graph[name].value) for name in trainer.binding.parameters]
    first, second = random_directions(centre, shapes, seed=3)
    trainer.objective.parameters[...] = centre + found.x[4] * first + found.y[1] * second
    assert found.losses[1, 4] == Observer(trainer).loss()


def test_random_directions_are_as_long_as_the_weights_row_by_row_and_leave_the_biases() -> None:
    random = np.random.default_rng(0)
    W, b = random.normal(size=(3, 4)), random.normal(size=3)
    first, second = random_directions(np.concatenate([W.ravel(), b]), [(3, 4), (3,)], seed=0)
    for direction in (first, second):
        rows = direction[:12].reshape(3, 4)
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), np.linalg.norm(W, axis=1))
        assert not direction[12:].any()
    assert not np.allclose(first, second)


def test_along_the_path_a_run_is_seen_whole_and_ends_in_the_middle() -> None:
    graph = network(optimizer="sgd", learning_rate=0.05)
    trainer, _ = trainer_from(graph)
    path = [trainer.objective.parameters.copy()]
    for _ in range(8):
        trainer.finish_epoch()
        path.append(trainer.objective.parameters.copy())
    trained = trainer.trained_graph()
    order = trainer.binding.parameters
    _, found = outcome(landscape(trained, "path", path, order, size=7))
    np.testing.assert_allclose(found.path[-1], 0, atol=1e-9)
    assert found.x[0] < found.path[:, 0].min() <= found.path[:, 0].max() < found.x[-1]
    assert found.y[0] < found.path[:, 1].min() <= found.path[:, 1].max() < found.y[-1]
    assert 0.9 < sum(found.explained) <= 1 + 1e-9
    # The order of the parameters on the path is not that of the trainer.
    sizes = [np.size(graph[name].value) for name in order]
    parts = [np.split(point, np.cumsum(sizes)[:-1]) for point in path]
    turned = [np.concatenate(part[::-1]) for part in parts]
    _, same = outcome(landscape(trained, "path", turned, order[::-1], size=7))
    np.testing.assert_allclose(same.path, found.path)


def test_the_directions_of_a_straight_path_are_that_line_and_one_across() -> None:
    steps = np.outer(np.arange(5.0), [3.0, 4.0, 0.0])
    (first, second), (share, rest) = principal_directions(steps)
    np.testing.assert_allclose(np.abs(first), [0.6, 0.8, 0])
    assert first @ second == pytest.approx(0, abs=1e-12)
    assert share == pytest.approx(1)
    assert rest == pytest.approx(0)


def test_a_path_of_another_network_or_none_is_refused_in_words() -> None:
    with pytest.raises(VisualADError, match="train for some epochs first"):
        outcome(landscape(network(), "path"))
    with pytest.raises(VisualADError, match="another network"):
        outcome(landscape(network(), "path", [np.zeros(3)] * 4, ("W1",)))
