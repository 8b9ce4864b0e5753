"""A small perceptron as a graph."""

from __future__ import annotations

import itertools

import numpy as np

from tests.strategies import Drawing
from visualad.graph.model import Graph


def perceptron(
    layers: list[int], samples: int, activation: str = "sigmoid", dtype: str = "float64"
) -> Graph:
    """Linear layers and activations with a loss `L` over data `X` and `Y`."""
    drawing = Drawing()
    chance = np.random.default_rng(0)
    hidden = drawing.node("data", name="X", value=chance.normal(size=(samples, layers[0])))
    drawing.node("data", name="Y", value=chance.normal(size=(samples, layers[-1])))
    for i, (width_in, width_out) in enumerate(itertools.pairwise(layers), 1):
        weights = chance.normal(size=(width_out, width_in))
        drawing.node("parameter", name=f"W{i}", value=weights)
        drawing.node("parameter", name=f"b{i}", value=chance.normal(size=width_out))
        hidden = drawing.node("linear", hidden, f"W{i}", f"b{i}", name=f"h{i}")
        if i < len(layers) - 1:
            hidden = drawing.node(activation, hidden, name=f"a{i}")
    drawing.node("mean_squared_error", hidden, "Y", name="L")
    return drawing.graph(dtype=dtype)
