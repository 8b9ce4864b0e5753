"""Perceptrons are graphs in the lecture's names, begun from the seed."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import visualad as va
from visualad.errors import GraphError, VisualADError
from visualad.training.datasets import NAMES
from visualad.training.perceptron import default_perceptron, default_training, mlp


def test_names_and_wires_are_the_lectures() -> None:
    g = mlp([2, 8, 3, 1], activation="tanh", loss="mean_squared_error")
    wires = {(e.source, e.target, e.port) for e in g.edges}
    assert wires == {
        ("X", "h1", "X"),
        ("W1", "h1", "W"),
        ("b1", "h1", "b"),
        ("h1", "a1", "x"),
        ("a1", "h2", "X"),
        ("W2", "h2", "W"),
        ("b2", "h2", "b"),
        ("h2", "a2", "x"),
        ("a2", "o", "X"),
        ("W3", "o", "W"),
        ("b3", "o", "b"),
        ("o", "L", "o"),
        ("Y", "L", "y"),
    }
    assert g.outputs == ("L",)
    assert g.parameters == ("W1", "b1", "W2", "b2", "W3", "b3")
    assert g.inputs == ("X", "Y")
    assert (g["X"].settings["role"], g["Y"].settings["role"]) == ("inputs", "targets")


def test_without_a_loss_there_are_no_targets() -> None:
    g = mlp([2, 3, 1])
    assert g.outputs == ("o",)
    assert "Y" not in g
    assert g["a1"].op == "sigmoid"
    assert g["o"].op == "linear"


def test_an_output_activation_follows_its_own_linear_node() -> None:
    g = mlp([2, 3, 1], output="tanh")
    assert g["h2"].op == "linear"
    assert g["o"].op == "tanh"


def test_each_hidden_layer_may_have_its_own_activation() -> None:
    g = mlp([1, 2, 2, 1], activation=["relu", "sigmoid"])
    assert (g["a1"].op, g["a2"].op) == ("relu", "sigmoid")
    assert mlp([3, 1]).outputs == ("o",)


def test_parameters_have_the_lectures_shapes() -> None:
    g = mlp([2, 8, 1])
    assert [np.shape(g[name].value) for name in g.parameters] == [(8, 2), (8,), (1, 8), (1,)]
    assert g["W1"].value.dtype == np.float64
    assert mlp([2, 8, 1], dtype="float32")["W1"].value.dtype == np.float32


def test_the_value_is_that_of_the_formula() -> None:
    g = mlp([2, 3, 1], activation="tanh", seed=3)
    X = np.array([[0.5, -1.0], [1.5, 2.0]])
    W1, b1, W2, b2 = (g[name].value for name in g.parameters)
    expected = np.tanh(X @ W1.T + b1) @ W2.T + b2
    np.testing.assert_allclose(va.evaluate(g, {"X": X})["o"], expected)


def test_the_seed_decides_how_parameters_begin() -> None:
    assert mlp([2, 4, 1], seed=5) == mlp([2, 4, 1], seed=5)
    assert mlp([2, 4, 1], seed=5) != mlp([2, 4, 1], seed=6)
    assert mlp([2, 4, 1], seed=5).seed == 5


def test_initialisers_have_the_published_spread() -> None:
    def first(name: str, activation: str = "tanh") -> np.ndarray:
        g = mlp([400, 600, 1], activation=activation, initializer=name)
        assert (g["b1"].value == 0).all() == (name != "lecture")
        return g["W1"].value

    glorot = first("glorot")
    assert np.abs(glorot).max() <= np.sqrt(6 / 1000)
    assert glorot.var() == pytest.approx(2 / 1000, rel=0.02)
    assert first("he").var() == pytest.approx(2 / 400, rel=0.02)
    assert first("lecture").std() == pytest.approx(0.01, rel=0.02)
    assert not first("zeros").any()
    np.testing.assert_array_equal(first("default"), glorot)
    np.testing.assert_array_equal(first("default", "relu"), first("he", "relu"))


def test_the_main_path_is_straight_and_nodes_do_not_overlap() -> None:
    g = mlp([2, 8, 8, 1], activation="tanh", output="tanh", loss="mean_squared_error")
    main = ["X", "h1", "a1", "h2", "a2", "h3", "o", "L"]
    places = [g[name].position for name in main]
    assert len({y for _, y in places}) == 1
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    taken = [node.position for node in g.nodes]
    for i, (x1, y1) in enumerate(taken):
        for x2, y2 in taken[i + 1 :]:
            assert abs(x1 - x2) >= 240 or abs(y1 - y2) >= 120


def test_with_data_the_settings_are_stored_and_a_few_samples_shown() -> None:
    g = mlp([2, 8, 8, 1], activation="tanh", output="tanh", data="spiral")
    assert g.training == default_training("spiral")
    assert g.training["data"]["name"] == "spiral"
    assert g["L"].op == "mean_squared_error"
    assert g["X"].value.shape == (10, 2)
    assert g["Y"].value.shape == (10, 1)
    assert np.ndim(va.evaluate(g)["L"]) == 0
    own = mlp([2, 4, 1], data={"name": "circle", "n": 50, "noise": 0.1}, loss="huber")
    assert own.training["data"]["n"] == 50
    assert own.training["data"]["test_fraction"] == 0.5
    assert own.training["loss"] == "huber"
    assert own["L"].op == "huber"


def test_a_perceptron_travels_and_is_saved_unchanged(tmp_path: object) -> None:
    g = mlp([2, 3, 1], data="circle")
    assert pickle.loads(pickle.dumps(g)) == g


@pytest.mark.parametrize("name", NAMES)
def test_every_data_set_has_settings_that_make_a_perceptron(name: str) -> None:
    offered = default_perceptron(name)
    inputs = 1 if name == "sine" else 2
    g = mlp(
        [inputs, *offered["layers"], 1],
        activation=offered["activation"],
        output=offered["output"],
        data=name,
    )
    keys = {"data", "optimizer", "learning_rate", "momentum", "batch_size", "loss", "epochs"}
    assert set(g.training) == keys
    assert set(g.training["data"]) == {"name", "n", "noise", "test_fraction", "seed"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"layers": [2]}, "at least two layer sizes"),
        ({"layers": 3}, "at least two layer sizes"),
        ({"layers": [2, 0, 1]}, "whole numbers from 1 on"),
        ({"layers": [2, 1.5, 1]}, "whole numbers from 1 on"),
        ({"layers": [2, 3, 1], "activation": "tahn"}, "'tahn' cannot be the activation"),
        ({"layers": [2, 3, 1], "activation": "add"}, "'add' cannot be the activation"),
        ({"layers": [2, 3, 1], "activation": ["tanh"] * 2}, "1 hidden layers but 2 activations"),
        ({"layers": [2, 3, 1], "output": "data"}, "'data' cannot be the output"),
        ({"layers": [2, 3, 1], "loss": "sin"}, "'sin' cannot be the loss"),
    ],
)
def test_what_makes_no_network_is_refused_in_words(
    arguments: dict[str, object], sentence: str
) -> None:
    with pytest.raises(GraphError, match=sentence):
        mlp(**arguments)  # type: ignore[arg-type]


def test_data_that_do_not_fit_the_layers_are_refused_in_words() -> None:
    with pytest.raises(VisualADError, match="must begin with 2 and end with 1"):
        mlp([3, 4, 1], data="spiral")
    with pytest.raises(VisualADError, match="no data set 'spirall'"):
        mlp([2, 4, 1], data="spirall")
    with pytest.raises(VisualADError, match="no initialiser 'random'"):
        mlp([2, 4, 1], initializer="random")
