from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given

from scripts.example_graphs import EXAMPLES, build
from tests.graph.strategies import built
from visualad.graph import edits
from visualad.graph.layout import CARD, COLUMN_GAP, layered_layout
from visualad.graph.layout_heights import isotonic
from visualad.graph.model import Graph
from visualad.graph.parser import parse

LECTURE = parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")


def columns(places: dict[str, tuple[float, float]]) -> list[list[str]]:
    """Ids by column, each from above to below."""
    return [
        sorted((i for i in places if places[i][0] == x), key=lambda i: places[i][1])
        for x in sorted({x for x, _ in places.values()})
    ]


def perceptron(depth: int) -> Graph:
    graph = edits.add_node(Graph(), "data", name="X")
    below = "X"
    for k in range(1, depth + 1):
        for name in (f"W{k}", f"b{k}"):
            graph = edits.add_node(graph, "parameter", name=name)
        graph = edits.add_node(graph, "linear", name=f"h{k}")
        for source, port in ((below, "X"), (f"W{k}", "W"), (f"b{k}", "b")):
            graph = edits.connect(graph, source, f"h{k}", port)
        graph = edits.add_node(graph, "tanh", name=f"a{k}")
        graph = edits.connect(graph, f"h{k}", f"a{k}", "x")
        below = f"a{k}"
    return graph


def test_the_lectures_graph_stands_as_in_the_lecture() -> None:
    assert columns(layered_layout(LECTURE)) == [
        ["x1", "x2", "x3"],
        ["x4", "x5"],
        ["x6", "x7"],
        ["x8"],
        ["x9"],
    ]


def test_the_long_edge_of_the_lecture_has_a_free_lane() -> None:
    places = layered_layout(LECTURE)
    start = places["x3"][1] + CARD[1] / 2
    below = max(places[i][1] + CARD[1] for i in ("x4", "x5", "x6", "x7", "x8"))
    assert below < start


def test_the_path_through_a_perceptron_is_straight() -> None:
    places = layered_layout(perceptron(3))
    path = ["X", *(f"{letter}{k}" for k in (1, 2, 3) for letter in "ha")]
    heights = [places[name][1] for name in path]
    assert max(heights) - min(heights) <= 2
    for k in (1, 2, 3):
        x, y = places[f"h{k}"]
        for name in (f"W{k}", f"b{k}"):
            assert places[name][0] == x - CARD[0] - COLUMN_GAP
            assert places[name][1] > y


@given(built())
def test_edges_go_right_and_no_node_lies_on_another(graph: Graph) -> None:
    places = layered_layout(graph)
    assert places.keys() == graph.nodes_by_id.keys()
    for edge in graph.edges:
        assert places[edge.source][0] + CARD[0] < places[edge.target][0]
    for column in columns(places):
        tops = [places[id_][1] for id_ in column]
        assert all(b - a >= CARD[1] + 10 for a, b in pairwise(tops))


@pytest.mark.parametrize(
    "graph", [LECTURE, perceptron(2), *(build(example) for example in EXAMPLES)]
)
def test_a_layout_that_is_laid_out_again_stays(graph: Graph) -> None:
    once = edits.move(graph, layered_layout(graph))
    assert columns(layered_layout(once)) == columns({n.id: n.position for n in once.nodes})


def test_an_order_that_crosses_no_more_edges_is_kept() -> None:
    graph = parse("f = sin(x1)\ng = cos(x2)")
    upside_down = edits.move(graph, {"x1": (0, 200), "f": (200, 200), "g": (200, 0)})
    longer = edits.connect(edits.add_node(upside_down, "exp", name="h"), "g", "h", "x")
    assert columns(layered_layout(longer)) == [["x2", "x1"], ["g", "f"], ["h"]]
    assert columns(layered_layout(longer, previous=False)) == [["x1", "x2"], ["f", "g"], ["h"]]


def test_only_the_selection_moves_and_stays_about_where_it_is() -> None:
    graph = edits.move(LECTURE, layered_layout(LECTURE))
    graph = edits.move(graph, {"x6": (900.0, 700.0), "x8": (500.0, 650.0)})
    places = layered_layout(graph, ids=["x6", "x8"])
    assert places.keys() == {"x6", "x8"}
    assert min(x for x, _ in places.values()) == 500.0
    assert min(y for _, y in places.values()) == 650.0


def test_a_new_node_goes_beside_its_neighbours_and_on_none() -> None:
    graph = edits.move(LECTURE, layered_layout(LECTURE))
    graph = edits.connect(edits.add_node(graph, "cos", name="f"), "x4", "f", "x")
    x, y = layered_layout(graph, ids=["f"])["f"]
    assert x == graph["x4"].position[0] + CARD[0] + COLUMN_GAP
    for node in LECTURE.nodes:
        left, top = graph[node.id].position
        assert abs(left - x) >= CARD[0] or abs(top - y) >= CARD[1]


def test_sizes_are_respected() -> None:
    sizes = {"x1": (150.0, 300.0), "x4": (260.0, 92.0)}
    places = layered_layout(LECTURE, sizes)
    assert places["x2"][1] >= places["x1"][1] + 300
    assert places["x6"][0] >= places["x4"][0] + 260


def test_long_names_get_the_room_that_their_cards_take() -> None:
    graph = parse("product_of_the_two = a_long_name_of_an_input*b\nf = sin(product_of_the_two)")
    places = layered_layout(graph)
    names = ("a_long_name_of_an_input", "product_of_the_two", "f")
    first, second, third = (places[graph.id_of(name)][0] for name in names)
    assert second - first >= 36 + 8 * len("a_long_name_of_an_input")
    assert third - second >= 36 + 8 * len("product_of_the_two")


def test_nothing_and_one_node() -> None:
    assert layered_layout(Graph()) == {}
    assert layered_layout(parse("x")) == {"x": (0.0, 0.0)}


@pytest.mark.parametrize("shape", ["sum", "chain", "wide"])
def test_a_thousand_nodes_take_less_than_a_second(shape: str) -> None:
    text = {
        "sum": " + ".join(f"sin(x{i})" for i in range(330)),
        "chain": "\n".join(f"a{i + 1} = a{i}*a{i // 2}" for i in range(1000)),
        "wide": "\n".join(f"sin(x{i % 50} + x{i % 7})*x{i % 3}" for i in range(400)),
    }[shape]
    graph = parse(text)
    start = time.process_time()
    layered_layout(graph)
    assert time.process_time() - start < 1.0


def test_isotonic_regression_averages_what_falls() -> None:
    assert isotonic([1, 3, 2, 5], [1, 1, 1, 1]) == [1, 2.5, 2.5, 5]
    assert isotonic([4, 0], [3, 1]) == [3, 3]
