"""Very large graphs are laid out in bands, about as wide as a screen, with no card on another."""

from __future__ import annotations

from itertools import pairwise

import pytest

from visualad.graph.layout import CARD, MOST_LAYERED, layered_layout
from visualad.graph.model import Graph
from visualad.graph.parser import parse


def chain(count: int) -> Graph:
    lines = ["v0 = x1 * x2", *(f"v{k} = sin(v{k - 1})" for k in range(1, count))]
    return parse("\n".join(lines), merge_equal=False)


def wide(count: int) -> Graph:
    return parse("\n".join(f"y{k} = sin(x{k})" for k in range(count)), merge_equal=False)


@pytest.mark.parametrize("graph", [chain(6_000), wide(3_000)], ids=["chain", "wide"])
def test_a_very_large_graph_has_the_form_of_a_screen(graph: Graph) -> None:
    assert len(graph) > MOST_LAYERED
    places = layered_layout(graph)
    assert places.keys() == graph.nodes_by_id.keys()
    columns: dict[float, list[float]] = {}
    for x, y in places.values():
        columns.setdefault(x, []).append(y)
    across = sorted(columns)
    assert all(b - a >= CARD[0] for a, b in pairwise(across))
    for rows in columns.values():
        down = sorted(rows)
        assert all(b - a >= CARD[1] for a, b in pairwise(down))
    width = across[-1] + CARD[0]
    height = max(y for _, y in places.values()) + CARD[1]
    assert 0.8 < width / height < 4


def test_a_chain_is_read_like_text() -> None:
    graph = chain(6_000)
    places = layered_layout(graph)
    path = [places[graph.id_of(f"v{k}")] for k in range(6_000)]
    assert all(a[1] < b[1] or a[0] < b[0] for a, b in pairwise(path))
