"""Layout of very large graphs: levels as columns that run from left to right in bands, like text.

The layered layout takes time that grows faster than the graph, and a chain of a hundred thousand
nodes would be a line nobody can follow. Here the whole takes about the form of a screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from visualad.graph.model import Graph

_ASPECT = 1.7  # width to height of the whole
_BAND_GAP = 1.5  # rows between two bands


def banded_layout(
    graph: Graph, ids: Sequence[str], pitch: tuple[float, float]
) -> dict[str, tuple[float, float]]:
    """Top left corners by node id, sources before their targets in reading order.

    Args:
        ids: the nodes to place, in topological order.
        pitch: from column to column and from row to row, in scene units.
    """
    levels = _levels(graph)
    places = {id_: place for place, id_ in enumerate(graph.nodes_by_id)}
    chosen = np.array([places[id_] for id_ in ids], dtype=np.int64)
    level = np.array(levels, dtype=np.int64)[chosen]
    order = np.argsort(level, kind="stable")
    level = level[order]
    highest = _column_height(level, pitch)
    first = np.concatenate([[0], np.flatnonzero(np.diff(level)) + 1])
    within = np.arange(len(level)) - np.repeat(first, np.diff([*first, len(level)]))
    # A level that is too high for one column takes several.
    starts = (within % highest) == 0
    column = np.cumsum(starts) - 1
    row = within % highest
    heights = np.bincount(column)
    per_band = _columns_per_band(heights, pitch)
    band = np.arange(len(heights)) // per_band
    tallest = np.zeros(band[-1] + 1)
    np.maximum.at(tallest, band, heights)
    top = np.concatenate([[0.0], np.cumsum(tallest + _BAND_GAP)[:-1]])
    middle = (tallest[band] - heights) / 2
    x = np.round((column % per_band) * pitch[0])
    y = np.round((top[band[column]] + middle[column] + row) * pitch[1])
    corners = zip(x.tolist(), y.tolist(), strict=True)
    return {ids[k]: corner for k, corner in zip(order.tolist(), corners, strict=True)}


def _levels(graph: Graph) -> list[int]:
    """The longest path to each node from a leaf, by place; leaves stand just before their use."""
    start, to = graph.edge_places
    count = len(graph)
    by_source = np.argsort(start, kind="stable")
    fed = to[by_source].tolist()
    begin = [0, *np.cumsum(np.bincount(start, minlength=count)).tolist()]
    is_leaf = np.bincount(to, minlength=count) == 0
    level = [0] * count
    ordered = graph.ordered_places
    for i in ordered:
        further = level[i] + 1
        for target in fed[begin[i] : begin[i + 1]]:
            level[target] = max(level[target], further)
    for i in np.flatnonzero(is_leaf).tolist():
        targets = fed[begin[i] : begin[i + 1]]
        if targets:
            level[i] = min(level[target] for target in targets) - 1
    return level


def _column_height(level: np.ndarray, pitch: tuple[float, float]) -> int:
    """The most rows of a column: so that a graph of one level would have the form of a screen."""
    return max(1, math.ceil(math.sqrt(len(level) * pitch[0] / pitch[1] / _ASPECT)))


def _columns_per_band(heights: np.ndarray, pitch: tuple[float, float]) -> int:
    """As many as give the whole the form of a screen, found by trying."""
    best, least = len(heights), math.inf
    for bands in range(1, len(heights) + 1):
        per_band = -(-len(heights) // bands)
        starts = np.arange(0, len(heights), per_band)
        down = (np.maximum.reduceat(heights, starts) + _BAND_GAP).sum() * pitch[1]
        off = abs(math.log(per_band * pitch[0] / down / _ASPECT))
        if off < least:
            best, least = per_band, off
        if per_band * pitch[0] < down * _ASPECT:
            break
    return best
