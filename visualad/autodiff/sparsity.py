"""Which entries of a Hessian can be other than 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from visualad.autodiff.derivatives import second_derivatives
from visualad.errors import VisualADError
from visualad.graph.model import Graph

NEARBY = 2  # further points that are looked at
_AWAY = 0.01


def sparsity(graph: Graph, hessian: Any, output: str) -> Any:
    """The sparsity pattern of a Hessian, (n, n): False where it is 0 here and nearby.

    An entry that is 0 at one point by chance is rarely so at two others. Points at which the graph
    cannot be computed tell nothing.

    Args:
        hessian: at the stored point, (n, n).
        output: name of the output.
    """
    pattern = np.asarray(hessian) != 0  # nan counts as other than 0
    chance = np.random.default_rng(0)
    for _ in range(NEARBY):
        at = {}
        for name in graph.independents:
            value = np.asarray(graph[name].value, dtype=float)
            away = _AWAY * chance.uniform(0.5, 1.0, value.shape)
            at[name] = (value + away * np.maximum(np.abs(value), 1.0))[()]
        try:
            pattern = pattern | (second_derivatives(graph, at, output=output).array != 0)
        except VisualADError:
            continue
    return pattern
