"""How much of a gradient the slopes of the activations let through, at most."""

from __future__ import annotations

from dataclasses import dataclass

from visualad.graph.model import Graph
from visualad.training.layers import find_layers
from visualad.training.observation import steepest_slope

NO_CHAIN = (
    "The dashed bound is drawn for perceptrons of two layers or more: linear layers, activations "
    "and dropout in a row."
)
NORMALIZED = (
    "No bound is drawn: normalisation divides by the standard deviation σ of what comes in, so "
    "that its slope γ/√(σ² + ε) can be any number. That is how it keeps gradients from vanishing."
)
NOT_ELEMENTWISE = "No bound is drawn: {} is no function of each value alone, which has a slope."


@dataclass(frozen=True)
class Chain:
    """The activations between the layers of a perceptron.

    The adjoint δ of the sums h of layer l is δₗ = σ'(hₗ) · Wₗ₊₁ᵀ δₗ₊₁, so that on the way from the
    last layer to layer l it is multiplied by d slopes and by d weight matrices. A sigmoid's slope
    is at most 0.25: without the weights at most 0.25^d is left. Nielsen 2015, chapter 5.
    Dropout changes nothing of it: gradients are looked at with nothing left out.

    Attributes:
        weights: ids of the weight matrices, from the inputs to the loss.
        activations: the operation behind each but the last; slopes: how steep each is at most.
    """

    weights: tuple[str, ...]
    activations: tuple[str, ...]
    slopes: tuple[float, ...]

    def shares(self) -> dict[str, float]:
        """What the slopes alone leave of the last layer's gradient at each layer, at most."""
        found, share = {self.weights[-1]: 1.0}, 1.0
        for weights, slope in zip(self.weights[-2::-1], self.slopes[::-1], strict=True):
            share *= slope
            found[weights] = share
        return found


def chain_of(graph: Graph) -> Chain | str:
    """The layers of a perceptron with at least two of them; for any other why there is no bound.

    Normalisation multiplies an adjoint by up to γ/√(σ² + ε), with the scale γ and the deviation σ
    of what comes in (Ioffe and Szegedy 2015, section 3): no number bounds that for all values.
    """
    found = find_layers(graph, plain=False)
    if found is None or len(found.layers) < 2:
        return NO_CHAIN
    if any(layer.normalization for layer in found.layers):
        return NORMALIZED
    operations, slopes = [], []
    for layer in found.layers[:-1]:
        node = graph.nodes_by_id[layer.activation]
        operation = node.operation
        if operation is None or not operation.elementwise or operation.described:
            return NOT_ELEMENTWISE.format(node.op)
        operations.append(node.op)
        slopes.append(steepest_slope(operation, node.settings))
    weights = tuple(layer.weights for layer in found.layers)
    return Chain(weights, tuple(operations), tuple(slopes))
