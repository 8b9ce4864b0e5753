"""The residuals of a loss that is a mean or sum of squares, and their Jacobian."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.autodiff.backward import adjoints_of
from visualad.autodiff.evaluate import partial_values_at
from visualad.autodiff.forward import tangents_of
from visualad.autodiff.local import Locals, local_derivatives
from visualad.engine.structure import structure_of
from visualad.errors import GraphError
from visualad.graph.model import CONSTANT, Graph
from visualad.training.binding import Binding

Array = NDArray[Any]

SQUARED_ERRORS = frozenset({"mean_squared_error", "half_squared_error"})
SUMS = frozenset({"mean", "sum"})


class Residuals:
    """r(p) and J(p) of a loss c·Σ r², whatever the constant c; least squares do not care.

    Raises:
        GraphError: if the loss is no mean or sum of squares.
    """

    def __init__(self, binding: Binding) -> None:
        self._binding = binding
        self._graph = binding.graph
        structure = structure_of(self._graph)
        self._goals = [structure.index[id_] for id_ in _goals(self._graph, binding.loss)]
        self._independents = [structure.index[id_] for id_ in binding.parameters]
        self._stored = {name: self._graph[name].value for name in self._graph.inputs}

    def at(self, inputs: Mapping[str, Array], parameters: Mapping[str, Array]) -> Array:
        """r, (m,), for fed values and parameters by node id; NaN where it cannot be computed."""
        return self._values(inputs, parameters)[1]

    def jacobian(self, inputs: Mapping[str, Array], parameters: Mapping[str, Array]) -> Array:
        """dr/dp, (m, n), the parameters one after the other as in `Binding.parameters`."""
        local, found = self._values(inputs, parameters)
        sizes = [np.size(parameters[id_]) for id_ in self._binding.parameters]
        if local is None or not np.isfinite(found).all():
            return np.full((len(found), sum(sizes)), np.nan)
        if len(found) < sum(sizes):
            return self._by_rows(local, len(found), sizes)
        return self._by_columns(local, len(found), sizes)

    def _values(
        self, inputs: Mapping[str, Array], parameters: Mapping[str, Array]
    ) -> tuple[Locals | None, Array]:
        names = self._graph.nodes_by_id
        point: dict[str, Any] = dict(self._stored)
        point |= {names[id_].name: value for id_, value in (*inputs.items(), *parameters.items())}
        with np.errstate(all="ignore"):
            structure, values, _, _ = partial_values_at(self._graph, point)
            if any(values[goal] is None for goal in self._goals):
                return None, np.full(1, np.nan)
            local = local_derivatives(structure, values, tuple(self._goals))
        return local, self._difference(values)

    def _difference(self, values: Sequence[Any]) -> Array:
        """The residuals from the values of the goals: outputs minus targets, or r itself."""
        found = np.array(values[self._goals[0]], dtype=np.float64).reshape(-1)
        for goal in self._goals[1:]:
            found = found - np.reshape(values[goal], -1)
        return found

    def _by_columns(self, local: Locals, count: int, sizes: list[int]) -> Array:
        """A tangent for each parameter."""
        matrix = np.empty((count, sum(sizes)))
        column = 0
        for i, size in zip(self._independents, sizes, strict=True):
            for element in range(size):
                seed = _unit(local.values[i], element)
                matrix[:, column] = self._difference(tangents_of(local, {i: seed}))
                column += 1
        return matrix

    def _by_rows(self, local: Locals, count: int, sizes: list[int]) -> Array:
        """The adjoints for each residual."""
        matrix = np.empty((count, sum(sizes)))
        for row in range(count):
            signs = zip(self._goals, (1.0, -1.0), strict=False)
            seeds = {goal: sign * _unit(local.values[goal], row) for goal, sign in signs}
            found = adjoints_of(local, seeds)
            parts = [
                np.zeros(size) if found[i] is None else np.reshape(found[i], -1)
                for i, size in zip(self._independents, sizes, strict=True)
            ]
            matrix[row] = np.concatenate(parts)
        return matrix


def _unit(value: Any, element: int) -> Any:
    seed = np.zeros_like(np.asarray(value))
    seed.reshape(-1)[element] = 1
    return seed[()]


def _goals(graph: Graph, loss: str) -> tuple[str, ...]:
    """The node of the residuals, or the outputs and the targets that a squared error compares.

    Raises:
        GraphError: if there are no such nodes.
    """
    node = graph.nodes_by_id[loss]
    while True:
        sources = tuple(graph.sources[node.id, port] for port in node.ports)
        if node.op in SQUARED_ERRORS:
            return sources
        is_square = node.op == "square" or (node.op == "mul" and sources[0] == sources[1])
        if is_square or (node.op == "pow" and _constant(graph, sources[1]) == 2):
            return sources[:1]
        is_total = node.op in SUMS and node.settings.get("axis") is None
        if is_total or (node.op in ("mul", "div") and _is_positive_constant(graph, sources[1])):
            node = graph.nodes_by_id[sources[0]]
        elif node.op == "mul" and _is_positive_constant(graph, sources[0]):
            node = graph.nodes_by_id[sources[1]]
        else:
            break
    name = graph.nodes_by_id[loss].name
    raise GraphError(
        f"Gauss-Newton and Levenberg-Marquardt need a loss that is a mean or sum of squares, but "
        f"{name} is not; take the mean squared error or another optimiser.",
        node=name,
    )


def _constant(graph: Graph, id_: str) -> float | None:
    node = graph.nodes_by_id[id_]
    value = node.value if node.op == CONSTANT else None
    return float(value) if value is not None and np.ndim(value) == 0 else None


def _is_positive_constant(graph: Graph, id_: str) -> bool:
    value = _constant(graph, id_)
    return value is not None and value > 0
