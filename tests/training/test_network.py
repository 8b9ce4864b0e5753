"""A network seen neuron by neuron: maps, gradients of the coming batch, the coming step."""

from __future__ import annotations

import numpy as np
import pytest

import visualad as va
from visualad.graph.model import Graph
from visualad.training.chain import find_chain
from visualad.training.loop import trainer_from
from visualad.training.network import network_at_rest, network_of
from visualad.training.network_state import NetworkState


def seen(graph: Graph, windows: list[tuple[int, int]] | None = None, epochs: int = 0):
    chain = find_chain(graph)
    assert chain is not None
    trainer, data = trainer_from(graph)
    for _ in range(epochs):
        trainer.finish_epoch()
    whole = [(0, size) for size in chain.sizes]
    return trainer, network_of(trainer, data, chain, windows or whole)


def test_each_neuron_is_mapped_as_the_network_would_answer_there() -> None:
    graph = va.mlp([2, 3, 2, 1], activation="sigmoid", output="tanh", data="circle", seed=2)
    _, state = seen(graph)
    axis = np.linspace(-6, 6, 50)
    place = (axis[31], axis[7])  # first input from the column, second from the row
    values = va.evaluate(graph, {"X": np.array([place]), "Y": np.zeros((1, 1))})
    for column, name in zip(state.columns, ("X", "a1", "a2", "o"), strict=True):
        assert column.maps is not None
        np.testing.assert_allclose(column.maps[:, 7, 31], values[name][0], rtol=1e-5)
    assert state.names == ("x1", "x2")
    np.testing.assert_allclose(state.columns[1].centres, 0.5)  # of a sigmoid
    np.testing.assert_allclose(state.columns[3].scales, 1.0)  # of the targets


def test_samples_are_answered_with_what_the_activation_is_applied_to() -> None:
    graph = va.mlp([2, 3, 1], activation="relu", data="xor", seed=1)
    _, state = seen(graph)
    values = va.evaluate(graph, {})
    np.testing.assert_allclose(state.columns[1].sums, values["h1"])
    np.testing.assert_allclose(state.columns[1].answers, values["a1"])
    np.testing.assert_allclose(state.columns[2].answers, values["o"])


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
@pytest.mark.parametrize("regularization", ["none", "l1"])
def test_the_coming_step_is_what_training_then_does(optimizer: str, regularization: str) -> None:
    graph = va.mlp([2, 3, 1], activation="tanh", data="circle")
    rules = {"regularization": regularization, "regularization_rate": 0.01}
    settings = {**graph.training, "optimizer": optimizer, "batch_size": None, **rules}
    trainer, state = seen(graph.with_(training=settings), epochs=3)
    links = state.links[0]
    trainer.finish_epoch()  # one batch with all samples
    after = trainer.parameters()
    np.testing.assert_array_equal(links.coming_weights, after["W1"])
    np.testing.assert_array_equal(links.coming_bias, after["b1"])
    assert state.batch == 250


def test_with_plain_gradient_descent_the_coming_weight_follows_from_its_gradient() -> None:
    graph = va.mlp([2, 3, 1], activation="tanh", data="circle")
    settings = {**graph.training, "optimizer": "sgd", "learning_rate": 0.03}
    _, state = seen(graph.with_(training=settings), epochs=1)
    links = state.links[1]
    assert state.batch == 10
    np.testing.assert_allclose(
        links.coming_weights, links.weights - 0.03 * links.weight_gradient, rtol=1e-12
    )


def test_looking_changes_nothing_of_what_is_trained() -> None:
    graph = va.mlp([2, 4, 1], activation="relu", data="xor", dropout=0.3)
    one, _ = trainer_from(graph)
    other, data = trainer_from(graph)
    chain = find_chain(graph)
    assert chain is not None
    for _ in range(4):
        one.advance_within_epoch(1)
        other.advance_within_epoch(1)
        network_of(other, data, chain, [(0, 2), (0, 4), (0, 1)])
    assert one.history.train == other.history.train
    for id_, value in one.parameters().items():
        np.testing.assert_array_equal(value, other.parameters()[id_])


def test_of_a_wide_layer_only_the_neurons_asked_for_come() -> None:
    graph = va.mlp([2, 64, 1], activation="tanh", data="circle")
    _, state = seen(graph, [(0, 2), (16, 8), (0, 1)])
    assert (state.columns[1].first, state.columns[1].total) == (16, 64)
    assert state.columns[1].maps is not None
    assert len(state.columns[1].maps) == 8
    np.testing.assert_array_equal(state.links[0].weights, graph["W1"].value[16:24])
    np.testing.assert_array_equal(state.links[1].weights, graph["W2"].value[:, 16:24])


def test_more_than_two_inputs_have_answers_but_no_maps() -> None:
    _, state = seen(va.mlp([4, 5, 3], activation="relu", data="iris"))
    assert all(column.maps is None for column in state.columns)
    assert state.columns[1].answers.shape == (10, 5)
    assert state.bounds == ()


def test_features_are_mapped_over_the_plane_they_are_made_of() -> None:
    data = {"name": "circle", "features": ["x1^2", "x1*x2", "sin x2"]}
    _, state = seen(va.mlp([3, 2, 1], activation="tanh", data=data))
    assert state.names == ("x1^2", "x1*x2", "sin x2")
    maps = state.columns[0].maps
    assert maps is not None
    np.testing.assert_allclose(maps[0][0, 0], 36)
    np.testing.assert_allclose(maps[1][0, -1], -36)


def test_a_network_that_cannot_be_trained_is_seen_as_it_is() -> None:
    graph = va.mlp([2, 3, 1], activation="tanh")
    chain = find_chain(graph)
    assert chain is not None
    state: NetworkState = network_at_rest(graph, chain, [(0, 2), (0, 3), (0, 1)])
    assert state.columns[1].maps is not None
    assert (state.batch, state.links[0].weight_gradient) == (0, None)
    assert len(state.columns[0].answers) == 1
    assert state.bounds == ((-6.0, 6.0), (-6.0, 6.0))
