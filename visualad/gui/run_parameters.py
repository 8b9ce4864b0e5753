"""What a run of training compares: parameters and settings; which graphs are quickly measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from visualad.graph.model import PARAMETER, Graph
from visualad.training.display import DISPLAY

FEW_CHARACTERS = 20_000  # of a file kept in the document


def is_renewed(known: Graph, graph: Graph) -> bool:
    """Whether node types of the graph were replaced since it was known."""
    before = known.nodes_by_id
    return any(n is not before.get(i) for i, n in graph.nodes_by_id.items() if not n.is_leaf)


def is_quick(graph: Graph) -> bool:
    """Whether the answer of the network is shown before it is trained: a few samples."""
    if not graph.parameters:
        return False
    from visualad.training.datasets import NAMES  # late: few windows train

    data = graph.training.get("data") or {}
    content = data.get("content")
    parts = content.values() if isinstance(content, Mapping) else ()
    characters = sum(len(part) for part in parts if isinstance(part, str))
    return data.get("name") in NAMES or 0 < characters <= FEW_CHARACTERS


def computed_with(graph: Graph) -> dict[str, Any]:
    """The settings of training without those that change only what is seen."""
    return {key: value for key, value in graph.training.items() if key not in DISPLAY}


def parameters_of(graph: Graph) -> dict[str, Any]:
    """The values of the parameters by node id."""
    return {id_: n.value for id_, n in graph.nodes_by_id.items() if n.op == PARAMETER}


def same_parameters(before: Graph, now: Graph) -> bool:
    """Whether the parameters that there are in both have the same values."""
    old, new = parameters_of(before), parameters_of(now)
    return all(np.array_equal(old[id_], new[id_]) for id_ in old.keys() & new.keys())


def with_edit(before: Any, now: Any, reached: Any) -> Any:
    """A parameter as it was reached, but for the elements that were changed by hand."""
    if now is before or np.array_equal(before, now):
        return reached
    merged = np.where(np.equal(before, now), reached, now)
    return merged if merged.ndim else float(merged)


def same_values(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Whether these are the same parameters with the same values."""
    return same_shapes(a, b) and all(np.array_equal(a[id_], b[id_]) for id_ in b)


def same_shapes(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Whether these are the same parameters, as far as their shapes tell."""
    return a.keys() == b.keys() and all(np.shape(a[id_]) == np.shape(b[id_]) for id_ in a)
