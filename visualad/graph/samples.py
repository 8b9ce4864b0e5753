"""One sample of the rows that data nodes show, or all of them: the same graph at another point.

A data node that shows one sample keeps the rows it was taken from in `Node.extra`, so that they are
saved with it and come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import GraphError
from visualad.graph.model import DATA, Graph, Node

ROWS, SAMPLE = "rows", "sample"  # keys of a data node's extra
_SAMPLED_ROLES = ("inputs", "targets")


def show_sample(graph: Graph, index: int | None) -> Graph:
    """The data nodes show the sample of this number, from 0, or all their rows again.

    A table (N, d) becomes its row (1, d), a column (N,) the number in it. The parameters and what
    training does stay as they are.

    Raises:
        GraphError: if there is no such sample, or no data node that holds any.
    """
    count = sample_count(graph)
    if not count:
        raise GraphError("No data node of this graph holds samples; add one with rows of data.")
    if index is not None and not 0 <= index < count:
        raise GraphError(
            f"There is no sample {index + 1}; the data nodes show samples 1 to {count}."
        )
    nodes = dict(graph.nodes_by_id)
    for node in graph.nodes_by_id.values():
        table = rows_of(node)
        if table is None:
            continue
        nodes[node.id] = with_rows(node, table, index)
    return graph.with_(nodes_by_id=nodes)


def sample_count(graph: Graph) -> int:
    """The number of samples that all data nodes have, 0 without any."""
    tables = [rows_of(node) for node in graph.nodes_by_id.values()]
    return min((len(table) for table in tables if table is not None), default=0)


def shown_sample(graph: Graph) -> int | None:
    """The number, from 0, of the one sample that is shown; None while all are."""
    for node in graph.nodes_by_id.values():
        if rows_of(node) is not None and (found := sample_of(node)) is not None:
            return found
    return None


def sample_of(node: Node) -> int | None:
    """The number of the one sample that a data node shows; None while it shows all."""
    found = node.extra.get(SAMPLE)
    rows = node.extra.get(ROWS)
    if not isinstance(found, int) or not isinstance(rows, tuple) or not 0 <= found < len(rows):
        return None
    # A value that was given since holds; it is no sample of these rows any more.
    taken = np.asarray(rows[found])
    return found if np.array_equal(np.ravel(node.value), np.ravel(taken)) else None


def rows_of(node: Node) -> NDArray[Any] | None:
    """All rows of a data node of inputs or targets: (N, d) or (N,); None where there are none."""
    if node.op != DATA or node.settings.get("role", "inputs") not in _SAMPLED_ROLES:
        return None
    if sample_of(node) is not None:
        return np.asarray(node.extra[ROWS], dtype=np.asarray(node.value).dtype)
    return np.asarray(node.value) if np.ndim(node.value) else None


def with_rows(node: Node, table: NDArray[Any], index: int | None) -> Node:
    """A data node with these rows, (N, d) or (N,), of which it shows one or, with None, all."""
    extra: Mapping[str, Any] = {k: v for k, v in node.extra.items() if k not in (ROWS, SAMPLE)}
    value: Any = table
    if index is not None:
        value = table[index : index + 1] if table.ndim > 1 else float(table[index])
        extra = {**extra, ROWS: table.tolist(), SAMPLE: index}
    return replace(node, settings={**node.settings, "value": value}, extra=extra)
