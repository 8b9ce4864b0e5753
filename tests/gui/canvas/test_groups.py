from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tests.gui.canvas.conftest import PLACES, Hand, settle
from visualad.graph import edits
from visualad.graph.file import from_json, to_json
from visualad.gui.canvas.group_items import GroupBox, GroupCard
from visualad.gui.canvas.menus import build_menu
from visualad.gui.canvas.view import CanvasView

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def ids(view: CanvasView, *names: str) -> list[str]:
    return [view.document.graph.id_of(name) for name in names]


def field(view: CanvasView) -> QLineEdit:
    found = view.findChild(QLineEdit, "title_field")
    assert found.isVisible()
    return found


def group(view: CanvasView, hand: Hand, *names: str, title: str = "part") -> str:
    """Select, Ctrl+G, type a title."""
    view.session.select(ids(view, *names))
    hand.key(Qt.Key.Key_G, CONTROL)
    QTest.keyClicks(field(view), title)
    QTest.keyClick(field(view), Qt.Key.Key_Return)
    settle()
    return list(view.document.graph.groups)[-1]


def box(view: CanvasView, id_: str) -> GroupBox:
    return view.scene_.groups.boxes[id_]


def card(view: CanvasView, id_: str) -> GroupCard:
    return view.scene_.groups.cards[id_]


def test_the_card_of_an_inner_group_covers_no_other(view, hand: Hand) -> None:
    inner = group(view, hand, "x4", "x6", title="inner")
    group(view, hand, "x4", "x5", "x6", "x7", title="outer")
    view.grouping.toggle([inner])
    settle()
    body = card(view, inner).body()
    for name in ("x5", "x7", "x8"):
        assert not body.intersects(view.node_item(view.document.graph.id_of(name)).body())


def test_ctrl_g_groups_the_selection_and_asks_for_its_title(view, hand: Hand) -> None:
    id_ = group(view, hand, "x4", "x5", "x7", title="product")
    assert view.document.graph.groups[id_].title == "product"
    area = box(view, id_).area
    for name in ("x4", "x5", "x7"):
        assert area.contains(view.node_item(view.document.graph.id_of(name)).body())
    view.document.undo()
    view.document.undo()
    assert not view.document.graph.groups
    assert not view.scene_.groups.boxes


def test_escape_keeps_the_title_that_was_there(view, hand: Hand) -> None:
    view.session.select(ids(view, "x4"))
    hand.key(Qt.Key.Key_G, CONTROL)
    QTest.keyClicks(field(view), "never")
    QTest.keyClick(field(view), Qt.Key.Key_Escape)
    assert [g.title for g in view.document.graph.groups.values()] == ["Group 1"]


def test_a_double_click_on_the_title_makes_one_card_and_another_opens_it(view, hand: Hand) -> None:
    id_ = group(view, hand, "x4", "x5", "x7")
    title = box(view, id_).title_rect()
    hand.double_click(title.center())
    shown = card(view, id_)
    assert not view.scene_.groups.boxes
    assert view.scene_.nodes.keys() == set(ids(view, "x1", "x2", "x3", "x6", "x8", "x9"))
    hand.double_click(shown.body().center())
    assert not view.scene_.groups.cards
    assert len(view.scene_.nodes) == 9
    view.document.undo()
    assert id_ in view.scene_.groups.cards


def test_the_triangle_and_the_key_c_open_and_close(view, hand: Hand) -> None:
    id_ = group(view, hand, "x4", "x5", "x7")
    hand.click(box(view, id_).toggle_rect().center())
    assert id_ in view.scene_.groups.cards
    hand.click(card(view, id_).toggle_rect().center())
    assert id_ in view.scene_.groups.boxes
    hand.key(Qt.Key.Key_C)
    assert id_ in view.scene_.groups.cards
    hand.key(Qt.Key.Key_C)
    assert id_ in view.scene_.groups.boxes


@pytest.fixture
def folded(view, hand: Hand) -> str:
    """x4, x5 and x7 as one card."""
    id_ = group(view, hand, "x4", "x5", "x7", title="product")
    hand.key(Qt.Key.Key_C)
    return id_


def test_the_edges_across_the_border_lead_to_the_card(view, folded: str) -> None:
    graph, shown = view.document.graph, card(view, folded)
    x1, x3, x4, x5, x6, x7, x8 = ids(view, "x1", "x3", "x4", "x5", "x6", "x7", "x8")
    assert (x4, x7, "x") not in view.scene_.edges
    assert (x5, x7, "y") not in view.scene_.edges
    into = view.scene_.edges[x1, x4, "x"].route
    assert into[-1] == shown.source_port(x1).toTuple()
    assert into[-1][0] == shown.body().left()
    assert view.scene_.edges[x3, x5, "x"].route[-1] == shown.source_port(x3).toTuple()
    for source, target in ((x4, x6), (x7, x8)):
        port = next(p for (t, p), s in graph.sources.items() if (s, t) == (source, target))
        start = view.scene_.edges[source, target, port].route[0]
        assert start == shown.result_port(source).toTuple()
        assert start[0] == shown.body().right()


def test_the_card_says_what_the_group_gives_out(view, folded: str) -> None:
    face = card(view, folded).face
    assert face.title.strip() == "product"
    assert face.writing == "3 nodes"
    assert [(r.label, r.text) for r in face.rows] == [("x₄", "2"), ("x₇", "0.9589")]
    assert len(face.ports) == 3


def test_a_group_with_one_result_shows_its_formula(view, hand: Hand) -> None:
    id_ = group(view, hand, "x5", "x7")
    hand.key(Qt.Key.Key_C)
    assert card(view, id_).face.writing == "x₄·sin x₃"
    view.document.apply("Constant", lambda g: edits.set_setting(g, g.id_of("x3"), "value", 0.0))
    settle()
    assert card(view, id_).face.rows[0].text == "0"


def test_a_failure_inside_shows_on_the_card(view, hand: Hand) -> None:
    id_ = group(view, hand, "x4", "x6")
    hand.key(Qt.Key.Key_C)
    x1, x2, x4 = ids(view, "x1", "x2", "x4")
    shapes = {x1: {"value": np.ones(2)}, x2: {"value": np.ones(3)}}
    view.document.apply("Shapes", lambda g: edits.set_settings(g, shapes))
    settle()
    assert view.session.failures[x4]
    assert card(view, id_).face.error == view.session.failures[x4]


def test_dragging_the_card_takes_the_hidden_nodes_along(view, folded: str, hand: Hand) -> None:
    before = {n: view.document.graph[n].position for n in ("x4", "x5", "x7", "x8")}
    at = view.document.graph.groups[folded].position
    start = card(view, folded).body().center()
    hand.drag(start, start + QPointF(0, 100))
    moved = view.document.graph.groups[folded].position
    shift = (moved[0] - at[0], moved[1] - at[1])
    assert shift != (0, 0)
    for name in ("x4", "x5", "x7"):
        x, y = before[name]
        assert view.document.graph[name].position == (x + shift[0], y + shift[1])
    assert view.document.graph["x8"].position == before["x8"]
    view.document.undo()
    assert view.document.graph.groups[folded].position == at
    assert card(view, folded).pos() == QPointF(*at)


def test_dragging_the_title_moves_the_members_and_the_box(view, hand: Hand) -> None:
    id_ = group(view, hand, "x4", "x5")
    start = QPointF(box(view, id_).title_rect().center())
    area = box(view, id_).area
    hand.drag(start, start + QPointF(40, 60))
    assert view.document.graph["x4"].position == (PLACES["x4"][0] + 40, PLACES["x4"][1] + 60)
    assert view.document.graph["x5"].position == (PLACES["x5"][0] + 40, PLACES["x5"][1] + 60)
    assert box(view, id_).area == area.translated(40, 60)
    view.session.select(ids(view, "x4"))
    hand.drag(hand.node("x4"), hand.node("x4") - QPointF(40, 0), drop=False)
    assert box(view, id_).area.left() < area.left() + 40  # the box follows its node
    hand.key(Qt.Key.Key_Escape)
    assert box(view, id_).area == area.translated(40, 60)


def test_the_arrow_keys_go_to_the_card_and_move_it(view, folded: str, hand: Hand) -> None:
    view.session.select(ids(view, "x3"))
    hand.key(Qt.Key.Key_Right, CONTROL)
    assert view.session.selected_nodes == set(ids(view, "x4", "x5", "x7"))
    assert card(view, folded).look.selected
    at = view.document.graph.groups[folded].position
    hand.key(Qt.Key.Key_Down, CONTROL | SHIFT)
    assert view.document.graph.groups[folded].position == (at[0], at[1] + 10)
    hand.key(Qt.Key.Key_Right, CONTROL)
    assert view.session.selected_nodes == set(ids(view, "x6"))


def test_what_points_at_a_hidden_node_lights_its_card(view, folded: str) -> None:
    (x5,) = ids(view, "x5")
    view.session.highlight([x5])
    assert card(view, folded).look.lit
    view.session.highlight()
    assert not card(view, folded).look.lit
    view.session.highlight(edges=[(x5, view.document.graph.id_of("x7"), "y")])
    assert card(view, folded).look.lit
    view.session.select([x5])
    assert card(view, folded).look.selected


def test_a_rubber_band_takes_the_whole_group(view, folded: str, hand: Hand) -> None:
    body = card(view, folded).body()
    hand.drag(body.topLeft() - QPointF(12, 12), body.center())
    assert view.session.selected_nodes == set(ids(view, "x4", "x5", "x7"))


def test_deleting_the_card_deletes_its_nodes(view, folded: str, hand: Hand) -> None:
    hand.click(card(view, folded).body().center())
    hand.key(Qt.Key.Key_Delete)
    assert len(view.document.graph) == 6
    assert not view.document.graph.groups
    view.document.undo()
    assert folded in view.scene_.groups.cards


def test_a_duplicate_of_the_card_is_a_card(view, folded: str, hand: Hand) -> None:
    hand.click(card(view, folded).body().center())
    hand.key(Qt.Key.Key_D, CONTROL)
    assert len(view.scene_.groups.cards) == 2
    assert len(view.document.graph) == 12
    assert view.session.selected_nodes.isdisjoint(view.document.graph.groups[folded].members)


def test_copies_go_through_the_clipboard_with_their_group(view, folded: str, hand: Hand) -> None:
    hand.click(card(view, folded).body().center())
    hand.key(Qt.Key.Key_C, CONTROL)
    hand.key(Qt.Key.Key_V, CONTROL)
    assert [g.title for g in view.document.graph.groups.values()] == ["product", "product"]


def test_ctrl_shift_g_dissolves_the_group(view, folded: str, hand: Hand) -> None:
    hand.click(card(view, folded).body().center())
    hand.key(Qt.Key.Key_G, CONTROL | SHIFT)
    assert not view.document.graph.groups
    assert len(view.scene_.nodes) == 9
    view.document.undo()
    assert folded in view.scene_.groups.cards


def test_f2_edits_the_title_on_the_card(view, folded: str, hand: Hand) -> None:
    hand.click(card(view, folded).body().center())
    hand.key(Qt.Key.Key_F2)
    QTest.keyClicks(field(view), "x4 times sin")
    QTest.keyClick(field(view), Qt.Key.Key_Return)
    assert card(view, folded).face.title.strip() == "x4 times sin"


def test_nodes_join_and_leave_a_group(view, hand: Hand) -> None:
    id_ = group(view, hand, "x4", "x5")
    view.session.select(ids(view, "x4", "x5", "x7"))
    view.grouping.add_members()
    assert set(view.document.graph.groups[id_].members) == set(ids(view, "x4", "x5", "x7"))
    view.session.select(ids(view, "x4"))
    view.grouping.remove_members()
    assert set(view.document.graph.groups[id_].members) == set(ids(view, "x5", "x7"))


def test_groups_in_a_group_open_one_after_the_other(view, hand: Hand) -> None:
    inner = group(view, hand, "x5", "x7", title="inner")
    outer = group(view, hand, "x4", "x5", "x7", title="outer")
    assert box(view, outer).area.contains(box(view, inner).area)
    hand.click(box(view, inner).toggle_rect().center())
    assert inner in view.scene_.groups.cards
    assert box(view, outer).area.contains(card(view, inner).body())
    hand.click(box(view, outer).toggle_rect().center())
    assert list(view.scene_.groups.cards) == [outer]
    hand.click(card(view, outer).toggle_rect().center())
    assert list(view.scene_.groups.cards) == [inner]


def test_the_layout_takes_the_card_as_one_node(view, folded: str, hand: Hand) -> None:
    view.session.select()
    hand.key(Qt.Key.Key_L)
    bodies = [item.body() for item in view.scene_.shown()]
    assert not any(a.intersects(b) for i, a in enumerate(bodies) for b in bodies[:i])
    (x1, x8) = ids(view, "x1", "x8")
    here = card(view, folded).pos().x()
    assert view.scene_.nodes[x1].pos().x() < here < view.scene_.nodes[x8].pos().x()
    view.document.undo()
    assert card(view, folded).pos() == QPointF(*view.document.graph.groups[folded].position)


def test_opening_a_group_after_a_layout_pushes_the_others_aside(
    view, folded: str, hand: Hand
) -> None:
    view.session.select()
    hand.key(Qt.Key.Key_L)
    hand.click(card(view, folded).toggle_rect().center())
    bodies = [item.body() for item in view.scene_.shown()]
    assert not any(a.intersects(b) for i, a in enumerate(bodies) for b in bodies[:i])
    area = box(view, folded).area
    others = [view.node_item(i).body() for i in ids(view, "x1", "x2", "x3", "x6", "x8", "x9")]
    assert not any(area.intersects(body) for body in others)


def test_an_edge_can_be_drawn_from_the_card(view, folded: str, hand: Hand) -> None:
    (x7,) = ids(view, "x7")
    new = view.editing.add("tanh", (780, 420))
    hand.drag(card(view, folded).result_port(x7), hand.port(view.document.graph[new].name, "x"))
    assert view.document.graph.sources[new, "x"] == x7


def test_a_line_into_the_card_is_selected_with_all_its_edges(view, hand: Hand) -> None:
    group(view, hand, "x6", "x7")
    hand.key(Qt.Key.Key_C)
    x4, x6, x7 = ids(view, "x4", "x6", "x7")
    hand.click(view.scene_.edges[x4, x6, "x"].path.pointAtPercent(0.5))
    assert view.session.selected_edges == {(x4, x6, "x"), (x4, x7, "x")}


def test_the_menu_of_a_group_has_what_can_be_done_with_it(view, folded: str) -> None:
    found = view.hit_at(view.mapFromScene(card(view, folded).body().center()))
    assert found.group == folded
    names = [action.objectName() for action in build_menu(view, found).actions()]
    assert "graph.ungroup" in names
    assert "graph.collapse" in names


def test_a_saved_document_opens_with_its_cards(view, folded: str) -> None:
    text = to_json(view.document.graph)
    assert json.loads(text)["groups"][0]["collapsed"] is True
    view.document.new(from_json(text))
    settle()
    assert folded in view.scene_.groups.cards
    assert len(view.scene_.nodes) == 6


def test_a_hidden_node_that_is_renamed_comes_to_light(view, folded: str, hand: Hand) -> None:
    view.session.select(ids(view, "x5"))
    hand.key(Qt.Key.Key_F2)
    assert folded in view.scene_.groups.boxes
    name = view.findChild(QLineEdit, "card_field")
    assert name.isVisible()
    QTest.keyClicks(name, "sine")
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert "sine" in view.document.graph
