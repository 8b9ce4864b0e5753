"""Selecting and moving with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from tests.gui.canvas.conftest import PLACES, Hand
from visualad.graph import edits, notes
from visualad.gui.canvas.view import CanvasView

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def place(view: CanvasView, name: str) -> tuple[float, float]:
    return view.document.graph[name].position


def selected(view: CanvasView) -> set[str]:
    return {view.document.graph.nodes_by_id[id_].name for id_ in view.session.selected_nodes}


def test_a_drag_moves_a_node_on_the_grid_as_one_step(view, hand: Hand) -> None:
    start = hand.node("x6")
    hand.drag(start, start + QPointF(43, -87))
    assert place(view, "x6") == (560, -90)
    assert view.document.undo_name == "Move x6"
    view.document.undo()
    assert place(view, "x6") == PLACES["x6"]
    assert view.node_item(view.document.graph.id_of("x6")).pos() == QPointF(*PLACES["x6"])
    assert not view.document.can_undo


def test_edges_follow_a_moving_node(view, hand: Hand) -> None:
    graph = view.document.graph
    edge = view.scene_.edges[graph.id_of("x4"), graph.id_of("x6"), "x"]
    hand.drag(hand.node("x6"), hand.node("x6") + QPointF(40, -100), drop=False)
    assert edge.route[-1] == hand.port("x6", "x").toTuple()
    view.cancel_gesture()
    assert edge.route[-1] == hand.port("x6", "x").toTuple()
    assert view.document.graph is graph


def test_all_selected_nodes_move_together(view, hand: Hand) -> None:
    view.session.select({view.document.graph.id_of(n) for n in ("x1", "x2")})
    hand.drag(hand.node("x1"), hand.node("x1") + QPointF(-70, 40))
    assert place(view, "x1") == (-70, 40)
    assert place(view, "x2") == (-70, 180)


def test_a_card_springs_into_line_with_another_and_shows_a_guide(view, hand: Hand) -> None:
    view.document.apply("Move x8", lambda g: edits.move(g, {g.id_of("x8"): (783, 93)}))
    hand.drag(hand.node("x9"), hand.node("x9") + QPointF(-260, 118), drop=False)
    assert len(view.overlay.guides) >= 1
    hand.release(hand.node("x9"))
    assert place(view, "x9")[0] == 783


def test_escape_puts_a_dragged_node_back(view, hand: Hand) -> None:
    hand.drag(hand.node("x6"), hand.node("x6") + QPointF(60, 60), drop=False)
    hand.key(Qt.Key.Key_Escape)
    assert view.node_item(view.document.graph.id_of("x6")).pos() == QPointF(*PLACES["x6"])
    assert not view.document.can_undo


def test_a_change_of_the_graph_ends_a_drag_without_harm(view, hand: Hand) -> None:
    graph = view.document.graph
    hand.drag(hand.node("x6"), hand.node("x6") + QPointF(60, 60), drop=False)
    view.document.apply("Delete x6", lambda g: edits.remove(g, [g.id_of("x6")]))
    assert view.gesture is None
    hand.release(QPointF(600, 100))
    assert "x6" not in view.document.graph
    view.document.undo()
    hand.drag(hand.port("x5"), QPointF(600, 430), drop=False)
    view.document.new(graph)
    assert view.gesture is None
    assert view.overlay.is_empty


def test_a_click_selects_and_shift_click_adds_and_removes(view, hand: Hand) -> None:
    hand.click(hand.node("x4"))
    assert selected(view) == {"x4"}
    hand.click(hand.node("x7"), keys=SHIFT)
    assert selected(view) == {"x4", "x7"}
    hand.click(hand.node("x4"), keys=SHIFT)
    assert selected(view) == {"x7"}
    hand.click((650, 480))
    assert selected(view) == set()


def test_a_rubber_band_selects_what_it_touches(view, hand: Hand) -> None:
    hand.drag((-40, -40), (170, 200))
    assert selected(view) == {"x1", "x2"}
    hand.drag((480, -40), (700, 100), keys=CONTROL)
    assert selected(view) == {"x1", "x2", "x6"}
    assert view.overlay.is_empty


def test_the_selection_of_the_session_shows_on_the_cards(view) -> None:
    view.session.select([view.document.graph.id_of("x5")])
    assert view.node_item(view.document.graph.id_of("x5")).look.selected
    view.session.select()
    assert not view.node_item(view.document.graph.id_of("x5")).look.selected


def test_a_lone_node_dropped_on_an_edge_is_put_into_it(view, hand: Hand) -> None:
    new = view.editing.add("tanh", (520, 430))
    name = view.document.graph.nodes_by_id[new].name
    graph = view.document.graph
    key = (graph.id_of("x3"), graph.id_of("x9"), "y")
    edge = view.scene_.edges[key]
    goal = edge.path.pointAtPercent(0.55)
    centre = view.node_item(new).body().center()
    start = hand.node(name)
    hand.drag(start, start + (goal - centre), drop=False)
    assert edge.look.insertion
    assert "insert" in view.bubble.text()
    hand.release(start + (goal - centre))
    graph = view.document.graph
    assert graph.sources[new, "x"] == graph.id_of("x3")
    assert graph.sources[graph.id_of("x9"), "y"] == new
    view.document.undo()  # moving and inserting are one step
    assert view.document.graph.sources[key[1], "y"] == key[0]
    assert view.document.graph.nodes_by_id[new].position == (520, 430)


def test_a_frame_takes_the_nodes_in_it_along(view, hand: Hand) -> None:
    view.document.apply(
        "Add frame", lambda g: notes.add_frame(g, "inputs", (-30, -50, 220, 300), id="f")
    )
    hand.drag((20, -35), (20, 65))
    graph = view.document.graph
    assert graph.frames["f"].rectangle == (-30, 50, 220, 300)
    assert place(view, "x1") == (0, 100)
    assert place(view, "x3") == PLACES["x3"]
    view.document.undo()
    assert place(view, "x1") == PLACES["x1"]
    assert view.document.graph.frames["f"].rectangle == (-30, -50, 220, 300)


def test_dragging_the_value_of_a_variable_changes_it_as_one_step(view, hand: Hand) -> None:
    graph = view.document.graph
    view.document.apply(
        "Range", lambda g: edits.set_settings(g, {g.id_of("x2"): {"minimum": 0, "maximum": 4}})
    )
    item = view.node_item(graph.id_of("x2"))
    value = item.pos() + item.geometry.rows[0].center()
    value.setX(item.body().right() - 16)
    values = []
    view.session.evaluated.connect(lambda: values.append(view.session.values[graph.id_of("x4")]))
    hand.drag(value, value + QPointF(50, 0))
    assert view.document.graph["x2"].settings["value"] == 3.0  # 50 px of 200 are a quarter of 4
    assert len(values) >= 3  # it was evaluated on the way
    assert values[-1] == 3.0
    view.document.undo()
    assert view.document.graph["x2"].settings["value"] == 2.0
    hand.drag(value, value + QPointF(500, 0))
    assert view.document.graph["x2"].settings["value"] == 4.0  # not beyond its range
    hand.drag(value, value + QPointF(-40, 0), drop=False)
    hand.key(Qt.Key.Key_Escape)
    assert view.document.graph["x2"].settings["value"] == 4.0


def pan(view: CanvasView, button: Qt.MouseButton) -> QPointF:
    """Drag the canvas by (-100, -60) px; returns how far the view has gone."""
    before = view.visible_rect().center()
    QTest.mousePress(view.viewport(), button, pos=QPoint(640, 300))
    for share in (0.3, 0.6, 1.0):
        QTest.mouseMove(view.viewport(), QPoint(640 - int(100 * share), 300 - int(60 * share)))
    QTest.mouseRelease(view.viewport(), button, pos=QPoint(540, 240))
    return view.visible_rect().center() - before


def test_the_middle_button_pans(view) -> None:
    assert pan(view, Qt.MouseButton.MiddleButton) == QPointF(100, 60)
    assert not view.document.can_undo
    assert not view.session.selected_nodes


def test_space_and_the_left_button_pan_and_do_not_search(view) -> None:
    QTest.keyPress(view, Qt.Key.Key_Space)
    assert pan(view, Qt.MouseButton.LeftButton) == QPointF(100, 60)
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert not view.search.isVisible()


def test_a_number_that_is_dragged_lays_no_edge_anew(view: CanvasView, monkeypatch) -> None:
    laid: list[object] = []
    monkeypatch.setattr(view.scene_, "reroute", lambda *keys, **_: laid.append(keys))
    x1 = view.document.graph.id_of("x1")
    view.document.apply("Set x1", lambda g: edits.set_setting(g, x1, "value", 3.0))
    assert laid == []
    view.document.apply("Move x1", lambda g: edits.move(g, {x1: (-40.0, 0.0)}))
    assert len(laid) == 1
