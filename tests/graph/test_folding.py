from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import scalar_graphs
from visualad.errors import GraphError
from visualad.graph import edits
from visualad.graph.folding import Folding
from visualad.graph.group_room import place_of_card, room_to_open
from visualad.graph.layout import layered_layout
from visualad.graph.model import Graph
from visualad.graph.parser import parse

LECTURE = parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")


def collapsed(graph: Graph, *names: str) -> Graph:
    made = edits.add_group(graph, names)
    return edits.set_group(made, list(made.groups)[-1], collapsed=True)


def test_one_card_stands_for_the_members_and_for_the_groups_in_it() -> None:
    graph = collapsed(collapsed(LECTURE, "x4", "x7"), "x4", "x5", "x7")
    folding = Folding(graph)
    assert list(folding.cards) == ["group2"]
    assert folding.card_of == {graph.id_of(n): "group2" for n in ("x4", "x5", "x7")}
    assert folding.hides((graph.id_of("x4"), graph.id_of("x7"), "x"))
    assert not folding.hides((graph.id_of("x4"), graph.id_of("x6"), "x"))
    opened = Folding(edits.set_group(graph, "group2", collapsed=False))
    assert list(opened.cards) == ["group1"]
    assert list(opened.boxes) == ["group2"]


def test_a_layout_sees_a_card_as_one_node() -> None:
    folding = Folding(collapsed(LECTURE, "x4", "x5", "x7"))
    card = folding.card_nodes["group1"]
    assert len(folding.folded) == 7
    assert [e.source for e in folding.folded.edges_into(card)] == ["x1", "x2", "x3"]
    places = layered_layout(folding.folded)
    assert places["x1"][0] < places[card][0] < places["x8"][0]


def test_a_card_around_a_node_between_its_members_can_be_laid_out_too() -> None:
    folding = Folding(collapsed(parse("a = sin(x); b = exp(a); c = cos(b)"), "a", "c"))
    assert len(layered_layout(folding.folded)) == 3


def test_a_card_takes_the_nearest_place_where_it_covers_nothing() -> None:
    graph = edits.move(
        parse("a = sin(x); b = exp(a); c = cos(b); d = tanh(c)"),
        {"x": (0, 0), "a": (200, 0), "b": (400, 0), "c": (300, 130), "d": (800, 0)},
    )
    folded = collapsed(graph, "a", "b")
    assert folded.groups["group1"].position == (300, 0)
    assert place_of_card(folded, "group1", (150, 90)) == (300, 0)
    x, y = place_of_card(folded, "group1", (150, 160))  # c is in its way
    assert y + 160 < 130
    assert abs(x - 300) < 40
    there = edits.set_group(folded, "group1", position=(x, y))
    assert there.groups["group1"].position == (x, y)
    assert there["a"].position == (200, 0)


def test_an_opened_group_pushes_aside_only_what_is_in_the_way() -> None:
    graph = edits.move(
        parse("a = sin(x); b = exp(a); c = cos(b); d = tanh(c)"),
        {"x": (0, 0), "a": (200, 0), "b": (400, 0), "c": (600, 0), "d": (800, 0)},
    )
    folded = collapsed(graph, "a", "b", "c")
    assert room_to_open(folded, "group1").nodes == {}
    near = edits.move(folded, {"x": (210, 10), "d": (600, 0)})
    room = room_to_open(near, "group1")
    assert room.nodes["x"][0] + 150 < 200
    assert room.nodes["d"][0] > 750
    assert room.nodes["x"][1] == 10


@given(scalar_graphs(), st.data())
def test_folding_any_nodes_leaves_a_graph_without_cycles(graph: Graph, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        names = data.draw(st.sets(st.sampled_from(sorted(graph.nodes_by_id)), min_size=1))
        try:
            graph = collapsed(graph, *names)
        except GraphError:
            continue
    folding = Folding(graph)
    hidden = len(folding.card_of) - len(folding.cards)
    assert len(folding.folded.order) == len(graph) - hidden
    for id_, border in folding.borders.items():
        members = set(folding.cards[id_].members)
        for edge in graph.edges:
            if edge.source in members and edge.target not in members:
                assert edge.source in border.results
            if edge.target in members and edge.source not in members:
                assert edge.source in border.sources
