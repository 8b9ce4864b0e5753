"""The layers found in a graph that may hold anything else."""

from __future__ import annotations

import visualad as va
from visualad.graph import edits
from visualad.training.chain import find_chain


def test_a_perceptron_is_a_chain_from_its_inputs_to_its_output() -> None:
    found = find_chain(va.mlp([2, 4, 3, 1], activation="tanh", output="sigmoid", data="circle"))
    assert found is not None
    assert found.source == "X"
    assert found.sizes == (2, 4, 3, 1)
    assert [s.linear for s in found.stages] == ["h1", "h2", "h3"]
    assert found.nodes == ("X", "a1", "a2", "o")
    assert [s.activation for s in found.stages] == ["a1", "a2", "o"]


def test_an_output_without_activation_answers_with_the_linear_layer_itself() -> None:
    found = find_chain(va.mlp([2, 3, 1]))
    assert found is not None
    assert found.nodes[-1] == "o"
    assert found.stages[-1].activation == ""


def test_normalisation_and_dropout_belong_to_their_layer() -> None:
    graph = va.mlp([3, 5, 2], activation="relu", normalization="batch", dropout=0.5)
    found = find_chain(graph)
    assert found is not None
    assert found.stages[0].after == ("n1", "a1", "d1")
    assert found.nodes == ("X", "a1", "o")


def test_a_chain_is_found_within_a_larger_graph() -> None:
    graph = va.mlp([2, 4, 1], activation="tanh", output="linear")
    graph = edits.add_node(graph, "exp", id="e")
    graph = edits.connect(graph, "X", "e", "x")
    found = find_chain(graph)
    assert found is not None
    assert found.sizes == (2, 4, 1)


def test_a_graph_without_layers_has_no_chain() -> None:
    assert find_chain(va.parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")) is None
