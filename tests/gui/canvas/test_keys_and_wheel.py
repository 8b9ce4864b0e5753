"""Keys, wheel, clipboard, typing on cards and the search box."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.gui.canvas.conftest import PLACES, Hand, settle
from visualad.graph import edits
from visualad.gui.canvas.view import CanvasView

CONTROL = Qt.KeyboardModifier.ControlModifier
STILL = QPoint(0, 0)
NONE = Qt.KeyboardModifier.NoModifier


def wheel(view: CanvasView, at: QPoint, *, angle=STILL, pixels=STILL,
          keys=NONE, phase=Qt.ScrollPhase.NoScrollPhase) -> None:  # fmt: skip
    event = QWheelEvent(
        QPointF(at),
        QPointF(view.viewport().mapToGlobal(at)),
        pixels,
        angle,
        Qt.MouseButton.NoButton,
        keys,
        phase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def names(view: CanvasView) -> list[str]:
    return [node.name for node in view.document.graph.nodes_by_id.values()]


def select(view: CanvasView, *chosen: str) -> None:
    view.session.select([view.document.graph.id_of(name) for name in chosen])


def field(view: CanvasView) -> QLineEdit:
    return view.findChild(QLineEdit, "card_field")


def test_the_wheel_zooms_at_the_mouse(view) -> None:
    at = QPoint(900, 200)
    before = view.scene_point(QPointF(at))
    wheel(view, at, angle=QPoint(0, 240))
    assert view.zoom > 1.2
    away = view.scene_point(QPointF(at)) - before
    assert math.hypot(away.x(), away.y()) < 2


def test_two_fingers_pan_and_with_ctrl_zoom(view) -> None:
    before = view.visible_rect().center()
    update = Qt.ScrollPhase.ScrollUpdate
    wheel(view, QPoint(300, 300), pixels=QPoint(0, -40), angle=QPoint(0, -80), phase=update)
    assert view.zoom == 1.0
    assert view.visible_rect().center().y() == pytest.approx(before.y() + 40, abs=1)
    wheel(view, QPoint(300, 300), pixels=QPoint(0, 40), angle=QPoint(0, 80), keys=CONTROL,
          phase=update)  # fmt: skip
    assert view.zoom > 1.0


def test_zoom_stays_within_its_limits(view) -> None:
    for _ in range(60):
        view.zoom_in()
    assert view.zoom == pytest.approx(4.0)
    for _ in range(60):
        view.zoom_out()
    assert view.zoom == pytest.approx(0.002)
    view.zoom_reset()
    assert view.zoom == pytest.approx(1.0)


def test_f_fits_the_selection_or_all(view, hand: Hand) -> None:
    select(view, "x1")
    hand.key(Qt.Key.Key_F)
    item = view.node_item(view.document.graph.id_of("x1"))
    assert view.visible_rect().contains(item.body())
    centre = view.visible_rect().center()
    assert abs(centre.x() - item.body().center().x()) < 3
    view.session.select()
    hand.key(Qt.Key.Key_F)
    assert view.visible_rect().contains(view.scene_.graph_rect())
    assert not view.minimap.isVisible()


def test_home_shows_all(view, hand: Hand) -> None:
    view.centre_on(QPointF(2000, 2000))
    assert view.minimap.isVisible()
    hand.key(Qt.Key.Key_Home)
    assert view.visible_rect().contains(view.scene_.graph_rect())


def test_a_click_on_the_minimap_goes_there(view, qtbot) -> None:
    view.zoom_to(2.0)
    view.centre_on(QPointF(0, 0))
    assert view.minimap.isVisible()
    scale, origin = view.minimap.scale()
    at = (QPointF(1000, 200) * scale + origin).toPoint()
    qtbot.mouseClick(view.minimap, Qt.MouseButton.LeftButton, pos=at)
    assert abs(view.visible_rect().center().x() - 1000) < 12
    assert abs(view.visible_rect().center().y() - 200) < 12


def test_delete_and_backspace_remove_the_selection(view, hand: Hand) -> None:
    select(view, "x9")
    hand.key(Qt.Key.Key_Delete)
    assert "x9" not in names(view)
    select(view, "x8")
    hand.key(Qt.Key.Key_Backspace)
    assert "x8" not in names(view)
    view.document.undo()
    view.document.undo()
    assert {"x8", "x9"} <= set(names(view))
    assert len(view.scene_.nodes) == 9
    assert len(view.scene_.edges) == 10


def test_copy_and_paste_bring_the_nodes_with_their_edges(view, hand: Hand) -> None:
    select(view, "x6", "x8")
    hand.key(Qt.Key.Key_C, CONTROL)
    hand.key(Qt.Key.Key_V, CONTROL)
    graph = view.document.graph
    assert len(graph) == 11
    new = view.session.selected_nodes
    assert len(new) == 2
    assert any(s in new and t in new for (t, _), s in graph.sources.items())
    assert view.document.undo_name == "Paste 2 nodes"
    view.document.undo()
    assert len(view.document.graph) == 9


def test_cut_takes_nodes_away_and_paste_brings_them_back(view, hand: Hand) -> None:
    select(view, "x5")
    hand.key(Qt.Key.Key_X, CONTROL)
    assert "x5" not in names(view)
    hand.key(Qt.Key.Key_V, CONTROL)
    assert "x5" in names(view)


def test_paste_of_something_else_does_nothing(view, hand: Hand) -> None:
    QApplication.clipboard().setText("hello")
    before = view.document.graph
    hand.key(Qt.Key.Key_V, CONTROL)
    assert view.document.graph is before


def test_duplicate_keeps_what_feeds_the_nodes(view, hand: Hand) -> None:
    select(view, "x6")
    hand.key(Qt.Key.Key_D, CONTROL)
    (new,) = view.session.selected_nodes
    assert view.document.graph.sources[new, "x"] == view.document.graph.id_of("x4")
    x, y = PLACES["x6"]
    assert view.document.graph.nodes_by_id[new].position == (x + 30, y + 30)


def test_f2_renames_on_the_card(view, hand: Hand, qtbot) -> None:
    select(view, "x4")
    hand.key(Qt.Key.Key_F2)
    assert field(view).isVisible()
    assert field(view).text() == "x4"
    qtbot.keyClicks(field(view), "product")
    qtbot.keyClick(field(view), Qt.Key.Key_Return)
    assert "product" in names(view)
    assert not field(view).isVisible()
    assert view.hasFocus()


def test_a_name_that_is_taken_keeps_the_field_open(view, hand: Hand, qtbot) -> None:
    refused = []
    view.document.refused.connect(refused.append)
    hand.double_click(view.node_item(view.document.graph.id_of("x4")).pos() + QPointF(16, 16))
    assert field(view).isVisible()
    field(view).setText("x5")
    qtbot.keyClick(field(view), Qt.Key.Key_Return)
    assert field(view).isVisible()
    assert "x5" in refused[0]
    qtbot.keyClick(field(view), Qt.Key.Key_Escape)
    assert not field(view).isVisible()
    assert "x4" in names(view)


def test_a_double_click_on_a_value_edits_it_and_reads_arithmetic(view, hand: Hand, qtbot) -> None:
    item = view.node_item(view.document.graph.id_of("x3"))
    value = QPointF(item.body().right() - 16, item.body().top() + 47)
    hand.double_click(value)
    assert field(view).isVisible()
    field(view).setText("pi/2")
    qtbot.keyClick(field(view), Qt.Key.Key_Return)
    assert view.document.graph["x3"].settings["value"] == pytest.approx(math.pi / 2)
    assert item.face.rows[0].text == "1.571"
    hand.double_click(value)
    field(view).setText("two")
    refused = []
    view.document.refused.connect(refused.append)
    qtbot.keyClick(field(view), Qt.Key.Key_Return)
    assert refused
    assert "two" in refused[0]
    qtbot.keyClick(field(view), Qt.Key.Key_Escape)


def test_tab_searches_and_enter_adds(view, hand: Hand, qtbot) -> None:
    hand.key(Qt.Key.Key_Tab)
    assert view.search.isVisible()
    qtbot.keyClicks(view.search.field, "exp")
    qtbot.keyClick(view.search.field, Qt.Key.Key_Return)
    new = list(view.document.graph.nodes_by_id.values())[-1]
    assert new.op == "exp"
    hand.key(Qt.Key.Key_Tab)
    assert view.search.list.item(0).text() == "exp"  # the last one first
    qtbot.keyClicks(view.search.field, "qqqq")
    assert view.search.nothing.isVisible()
    assert "qqqq" in view.search.nothing.text()
    qtbot.keyClick(view.search.field, Qt.Key.Key_Escape)


def test_the_search_box_is_moved_through_with_the_arrows(view, hand: Hand, qtbot) -> None:
    hand.double_click((650, 470))
    assert view.search.isVisible()
    assert view.search.list.currentRow() == 0
    qtbot.keyClick(view.search.field, Qt.Key.Key_Down)
    assert view.search.list.currentRow() == 1
    qtbot.keyClick(view.search.field, Qt.Key.Key_Up)
    qtbot.keyClick(view.search.field, Qt.Key.Key_Up)
    assert view.search.list.currentRow() == view.search.list.count() - 1
    hand.click((650, 470))
    assert not view.search.isVisible()


def test_space_adds_a_node_without_a_mode_and_plays_in_one(view, hand: Hand, qtbot) -> None:
    hand.key(Qt.Key.Key_Space)
    assert view.search.isVisible()
    qtbot.keyClick(view.search.field, Qt.Key.Key_Escape)
    view.session.set_mode("backward")
    settle()
    hand.key(Qt.Key.Key_Space)
    assert view.session.is_playing
    hand.key(Qt.Key.Key_Space)
    assert not view.session.is_playing
    assert not view.search.isVisible()


def test_ctrl_and_arrows_walk_through_the_graph_and_say_where(view, hand: Hand) -> None:
    said = []
    view.status_changed.connect(said.append)
    for name in ("x1", "x2", "x3", "x4"):
        hand.key(Qt.Key.Key_Right, CONTROL)
        assert view.session.selected_nodes == {view.document.graph.id_of(name)}
    assert said[-1].startswith("x₄: x₁·x₂, value 2")
    hand.key(Qt.Key.Key_Left, CONTROL)
    assert view.session.selected_nodes == {view.document.graph.id_of("x3")}


def test_alt_and_arrows_go_to_the_nearest_node_there(view, hand: Hand) -> None:
    select(view, "x1")
    hand.key(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert view.session.selected_nodes == {view.document.graph.id_of("x2")}
    hand.key(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert view.session.selected_nodes == {view.document.graph.id_of("x4")}


def test_arrows_with_ctrl_and_shift_move_the_selection_as_one_step(view, hand: Hand) -> None:
    select(view, "x4")
    both = CONTROL | Qt.KeyboardModifier.ShiftModifier
    hand.key(Qt.Key.Key_Right, both)
    assert view.document.graph["x4"].position == (270, 70)


def test_select_all_and_escape(view, hand: Hand) -> None:
    hand.key(Qt.Key.Key_A, CONTROL)
    assert len(view.session.selected_nodes) == 9
    hand.key(Qt.Key.Key_Escape)
    assert not view.session.selected_nodes


def test_l_lays_the_graph_out_in_one_step(view, hand: Hand) -> None:
    hand.key(Qt.Key.Key_L)
    assert view.document.undo_name == "Lay out graph"
    bodies = [item.body() for item in view.scene_.nodes.values()]
    assert not any(a.intersects(b) for i, a in enumerate(bodies) for b in bodies[:i])
    assert view.node_item("x1").pos().toTuple() == view.document.graph["x1"].position


def test_a_bias_of_one_number_stays_an_array_when_it_is_typed_anew(view, qtbot) -> None:
    x3 = view.document.graph.id_of("x3")
    view.document.apply("Set", lambda g: edits.set_setting(g, x3, "value", np.array([0.25])))
    settle()
    view.edit_value(x3)
    assert field(view).text() == "0.25"
    field(view).setText("3")
    qtbot.keyClick(field(view), Qt.Key.Key_Return)
    value = view.document.graph["x3"].value
    assert np.shape(value) == (1,)
    assert value[0] == 3.0
