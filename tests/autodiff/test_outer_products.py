"""The gradient of a weight matrix is the sum of one outer product for each sample."""

import numpy as np
import pytest

import visualad as va
from visualad.autodiff.outer_products import linear_layers, outer_products
from visualad.errors import GraphError, ShapeError


def test_the_outer_products_add_up_to_the_gradient_of_every_layer() -> None:
    graph = va.mlp([2, 3, 1], data="circle")
    gradient = va.gradient(graph, {})

    assert linear_layers(graph) == ("h1", "o")
    for layer, weights in (("h1", "W1"), ("o", "W2")):
        found = outer_products(graph, layer)
        assert found.weights == weights
        assert len(found) == len(graph["X"].value)
        np.testing.assert_allclose(found.sums[-1], gradient[weights], rtol=1e-12, atol=1e-15)
        np.testing.assert_array_equal(found.gradient, gradient[weights])
        assert found.difference < 1e-14
        np.testing.assert_array_equal(found.terms[4], np.outer(found.adjoints[4], found.inputs[4]))


def test_a_shared_matrix_has_the_share_of_its_layer() -> None:
    graph = va.parse("L = sum(linear(linear(X, W, b), W, b))")
    random = np.random.default_rng(0)
    at = {"X": random.normal(size=(4, 2)), "W": random.normal(size=(2, 2)), "b": np.ones(2)}

    parts = [outer_products(graph, name, at).sums[-1] for name in linear_layers(graph)]

    np.testing.assert_allclose(sum(parts), va.gradient(graph, at)["W"], rtol=1e-12)


def test_a_single_vector_is_one_sample() -> None:
    graph = va.parse("L = sum(linear(x, W, b))")
    at = {"x": np.array([1.0, 2.0]), "W": np.ones((1, 2)), "b": np.zeros(1)}
    assert outer_products(graph, linear_layers(graph)[0], at).sums.tolist() == [[[1.0, 2.0]]]


def test_what_has_no_outer_products_is_refused_in_words() -> None:
    graph = va.mlp([2, 1], data="circle")
    with pytest.raises(GraphError, match="L is no linear layer"):
        outer_products(graph, "L")
    with pytest.raises(ShapeError, match=r"o has the shape .* put a loss behind it"):
        outer_products(graph.with_(declared_outputs=("o",)), "o")
