"""The loss of a graph as a function of its parameters, for whatever batch is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.autodiff.backward import adjoints_of
from visualad.autodiff.evaluate import values_at
from visualad.autodiff.local import local_derivatives
from visualad.errors import BackendError
from visualad.training.binding import Binding

Array = NDArray[Any]


class Objective:
    """Losses, gradients and outputs for the parameters in one flat buffer.

    Attributes:
        parameters: all parameters one after the other, in the graph's dtype; change them in place.
        gradient: of the last batch with respect to them, in the same order.
    """

    def __init__(self, binding: Binding, backend: str = "numpy") -> None:
        if backend != "numpy":
            raise BackendError(f"There is no backend '{backend}'; the backends are numpy.")
        graph = binding.graph
        self._binding = binding
        shapes = [np.shape(graph.nodes_by_id[id_].value) for id_ in binding.parameters]
        sizes = [int(np.prod(shape)) for shape in shapes]
        ends = np.cumsum(sizes)
        self.parameters: Array = np.zeros(sum(sizes), graph.dtype)
        self.gradient: Array = np.zeros(sum(sizes), graph.dtype)
        self._views = {}
        self._slopes = {}
        for id_, shape, size, end in zip(binding.parameters, shapes, sizes, ends, strict=True):
            self._views[id_] = self.parameters[end - size : end].reshape(shape)
            self._slopes[id_] = self.gradient[end - size : end].reshape(shape)
            self._views[id_][...] = graph.nodes_by_id[id_].value

    def loss_and_gradient(self, x: Array, y: Array) -> float:
        """The loss of a batch; its gradient goes into `gradient`."""
        structure, values = self._values(x, y)
        goal = structure.index[self._binding.loss]
        local = local_derivatives(structure, values, (goal,))
        adjoints = adjoints_of(local, {goal: np.ones_like(values[goal])[()]})
        for id_, slope in self._slopes.items():
            slope[...] = adjoints[structure.index[id_]]
        return float(values[goal])

    def evaluate(self, x: Array, y: Array) -> tuple[float, Array | None]:
        """The loss of some samples and the network's outputs; None if the loss hides them."""
        structure, values = self._values(x, y)
        output = self._binding.output
        found = values[structure.index[output]] if output else None
        return float(values[structure.index[self._binding.loss]]), found

    def predict(self, x: Array) -> Array | None:
        """The network's outputs for inputs x, (N, d)."""
        y = np.zeros((len(x), 1), x.dtype)
        return self.evaluate(x, y)[1]

    def arrays(self) -> dict[str, Array]:
        """Copies of the parameters by node id, in their own shapes."""
        return {id_: view.copy() for id_, view in self._views.items()}

    def _values(self, x: Array, y: Array) -> Any:
        graph = self._binding.graph
        point = {name: graph[name].value for name in graph.inputs}
        fed = {**self._binding.inputs(x, y), **self._views}
        point |= {graph.nodes_by_id[id_].name: value for id_, value in fed.items()}
        return values_at(graph, point)
