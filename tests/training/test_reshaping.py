"""Perceptrons in another shape keep what they have learnt where it still has a place."""

from __future__ import annotations

import numpy as np
import pytest

import visualad as va
from visualad.errors import GraphError
from visualad.graph import edits
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.training.datasets import load
from visualad.training.layers import find_layers
from visualad.training.loss_choice import loss_misfit
from visualad.training.reshaping import perceptron_in, reshaped


@pytest.fixture
def trained() -> Graph:
    return va.train(va.mlp([2, 4, 3, 1], "tanh", data="circle"), epochs=2).graph


def output(graph: Graph) -> np.ndarray:
    return np.asarray(va.evaluate(graph, {name: graph[name].value for name in graph.inputs})["o"])


def test_a_neuron_more_and_the_same_neuron_fewer_change_nothing(trained: Graph) -> None:
    back = reshaped(reshaped(trained, hidden=(5, 3)), hidden=(4, 3))
    assert back == trained


def test_names_and_places_stay_while_only_sizes_change(trained: Graph) -> None:
    own = edits.move(edits.rename(trained, "h1", "hidden"), {"W1": (-99.0, 7.0)})
    grown = reshaped(own, hidden=(4, 6))
    assert "hidden" in grown
    assert grown["W1"].position == (-99.0, 7.0)
    np.testing.assert_array_equal(grown["W2"].value[:3], trained["W2"].value)
    np.testing.assert_array_equal(grown["W3"].value[:, :3], trained["W3"].value)


def test_dropout_that_leaves_nothing_out_gives_the_same_answers(trained: Graph) -> None:
    with_dropout = reshaped(trained, dropouts=(0.5, 0.0))
    np.testing.assert_array_equal(output(with_dropout), output(trained))
    assert find_layers(with_dropout) is None  # no longer plain
    found = perceptron_in(with_dropout)
    assert (found.sizes, found.dropouts) == ((2, 4, 3, 1), (0.5, 0.0))
    assert reshaped(with_dropout, dropouts=(0.0, 0.0)) == trained


def test_scale_and_statistics_follow_the_number_of_neurons(trained: Graph) -> None:
    normal = reshaped(trained, normalizations=("batch", "layer"))
    assert perceptron_in(normal).normalizations == ("batch", "layer")
    learnt = va.train(normal, epochs=1).graph
    grown = reshaped(learnt, hidden=(6, 3))
    for name in ("g1", "s1", "m1", "v1"):
        np.testing.assert_array_equal(grown[name].value[:4], learnt[name].value)
    va.train(grown, epochs=1)


@pytest.mark.parametrize("hidden", [(), (4,), (4, 3, 2)])
def test_any_number_of_layers_trains(trained: Graph, hidden: tuple[int, ...]) -> None:
    graph = reshaped(trained, hidden=hidden)
    assert perceptron_in(graph).sizes == (2, *hidden, 1)
    assert np.isfinite(va.train(graph, epochs=1).history.train).all()


def test_a_drawn_graph_is_refused_in_one_sentence() -> None:
    with pytest.raises(GraphError, match="changed on the canvas"):
        reshaped(parse("sin(x)*y"), hidden=(2,))


def test_losses_that_cannot_fit_the_targets_are_known() -> None:
    circle, cancer = load("circle", n=20), load("breast_cancer", n=60)
    assert "between 0 and 1" in loss_misfit("binary_cross_entropy", circle, 1)
    assert "−1 and 1" in loss_misfit("hinge", cancer, 1)
    assert "one output" in loss_misfit("cross_entropy", circle, 1)
    assert loss_misfit("binary_cross_entropy", cancer, 1) == ""
    assert loss_misfit("hinge", circle, 1) == ""
