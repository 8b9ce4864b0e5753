"""What keeps weights and steps small: penalties on the weights and limits on the gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.training.stepping import Buffer, check_from_zero, check_positive

L1, L2 = "l1", "l2"
KINDS = (L1, L2)

# Ports to which a parameter is only added or by which outputs are merely scaled.
UNPENALISED_PORTS = frozenset(
    {("linear", "b"), ("add", "x"), ("add", "y"), ("sub", "x"), ("sub", "y")}
    | {
        (operation, port)
        for operation in ("batch_normalization", "standardize_batch", "layer_normalization")
        for port in ("scale", "shift")
    }
)


@dataclass(frozen=True)
class Penalty:
    """rate·Σ|w| ("l1") or rate·Σ½w² ("l2") over the weights; biases are free.

    Its derivative is added to the gradient. With `apart` it is a step of its own instead, after
    the optimiser's and from the weight before it, as in TensorFlow Playground: learning rate·rate·
    sign(w) or learning rate·rate·w; a weight that changes its sign by the step of "l1" becomes 0
    and stays 0.

    Raises:
        VisualADError: for settings that make no sense.
    """

    kind: str
    rate: float
    apart: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise VisualADError(f"The regularisation is 'l1' or 'l2', not {self.kind!r}.")
        check_from_zero("rate of regularisation", self.rate)

    def slope(self, weights: Buffer) -> Buffer:
        """The derivative of the penalty."""
        found: Buffer = self.rate * (np.sign(weights) if self.kind == L1 else weights)
        return found


class Penalized:
    """A penalty on the weights of one flat buffer.

    Attributes:
        dead: weights that have become 0 for good.
    """

    def __init__(self, penalty: Penalty, is_weight: NDArray[np.bool_]) -> None:
        self.penalty = penalty
        self.dead = np.zeros(len(is_weight), dtype=bool)
        self._is_weight = is_weight

    def value(self, parameters: Buffer) -> float:
        """The penalty itself."""
        weights = parameters[self._is_weight]
        total = np.abs(weights).sum() if self.penalty.kind == L1 else 0.5 * weights @ weights
        return self.penalty.rate * float(total)

    def add_to(self, gradient: Buffer, parameters: Buffer) -> None:
        """Add the derivative of the penalty."""
        gradient += np.where(self._is_weight, self.penalty.slope(parameters), 0.0)

    def step(self, before: Buffer, parameters: Buffer, learning_rate: float) -> None:
        """The step of its own: `before` are the parameters before the optimiser's step."""
        shrunk = parameters - learning_rate * self.penalty.slope(before)
        if self.penalty.kind == L1:
            self.dead |= self._is_weight & (parameters * shrunk < 0)
        parameters[...] = np.where(self._is_weight, np.where(self.dead, 0.0, shrunk), parameters)


@dataclass(frozen=True)
class Clipping:
    """Limits of the gradient: each entry to ±`value`, then all together to the length `norm`.

    As `torch.nn.utils.clip_grad_value_` and `clip_grad_norm_`; None sets no limit.

    Raises:
        VisualADError: for limits that are not greater than 0.
    """

    norm: float | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        for name, limit in (("norm", self.norm), ("value", self.value)):
            if limit is not None:
                check_positive(f"greatest {name} of the gradient", limit)

    def __bool__(self) -> bool:
        return self.norm is not None or self.value is not None

    def limit(self, gradient: Buffer) -> None:
        """Clip the gradient in place."""
        if self.value is not None:
            np.clip(gradient, -self.value, self.value, gradient)
        if self.norm is not None:
            length = float(np.linalg.norm(gradient))
            # 1e-6 is PyTorch's, so that the result is its, digit by digit.
            if length > 0:
                np.multiply(gradient, min(1.0, self.norm / (length + 1e-6)), gradient)


def weights_of(graph: Graph, parameters: Sequence[str]) -> NDArray[np.bool_]:
    """Which elements of the flat buffer are weights and not biases.

    A bias is a parameter that is only added somewhere; scale and shift of a normalisation are not
    penalised either.
    """
    found = []
    for id_ in parameters:
        uses = {(graph.nodes_by_id[e.target].op, e.port) for e in graph.edges_from(id_)}
        is_weight = not uses or not uses <= UNPENALISED_PORTS
        found.append(np.full(np.size(graph.nodes_by_id[id_].value), is_weight))
    return np.concatenate(found)
