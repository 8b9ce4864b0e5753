"""The palette, dropping from it, context menus and the empty canvas."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragLeaveEvent
from PySide6.QtWidgets import QApplication, QMenu

from tests.gui.canvas.conftest import Hand, settle
from tests.gui.dragging import drag_enter, drag_move
from tests.gui.dragging import drop as drop_event
from visualad.graph.model import Graph
from visualad.gui.canvas import menus
from visualad.gui.canvas.hits import Hit, Port
from visualad.gui.canvas.palette import Palette, has_symbols, node_mime, symbol_of
from visualad.gui.canvas.view import CanvasView
from visualad.ops.declaration import REGISTRY, operation

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction


@pytest.fixture
def palette(qapp, qtbot) -> Palette:
    made = Palette()
    qtbot.addWidget(made)
    made.resize(200, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


def drag_over(view: CanvasView, mime: QMimeData, at: QPointF) -> bool:
    """A drag comes in and moves there; says whether the canvas would take it."""
    target = view.viewport()
    screen = QPointF(view.mapFromScene(at))
    QApplication.sendEvent(target, drag_enter(screen, mime))
    move = drag_move(screen, mime)
    QApplication.sendEvent(target, move)
    return move.isAccepted()


def drop(view: CanvasView, mime: QMimeData, at: QPointF) -> None:
    screen = QPointF(view.mapFromScene(at))
    QApplication.sendEvent(view.viewport(), drop_event(screen, mime))


def test_every_node_type_is_in_the_palette_under_its_heading(palette: Palette) -> None:
    assert set(palette.names()) == {declared.name for declared in REGISTRY}
    headings = [palette.tree.topLevelItem(i).text(0) for i in range(4)]
    assert headings[:3] == ["Inputs", "Arithmetic", "Functions"]


def test_typing_filters_the_palette_and_enter_chooses_the_best(palette: Palette, qtbot) -> None:
    chosen = []
    palette.chosen.connect(chosen.append)
    qtbot.keyClicks(palette.field, "sigm")
    assert palette.names()[0] == "sigmoid"
    assert len(palette.names()) < 6
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert chosen == ["sigmoid"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert len(palette.names()) == len(REGISTRY)


def test_the_palette_says_when_nothing_fits(palette: Palette, qtbot) -> None:
    qtbot.keyClicks(palette.field, "zzzz")
    assert palette.nothing.isVisible()
    assert "zzzz" in palette.nothing.text()


def test_a_double_click_in_the_palette_chooses(palette: Palette, qtbot) -> None:
    chosen = []
    palette.chosen.connect(chosen.append)
    item = palette.tree.topLevelItem(0).child(0)
    where = palette.tree.visualItemRect(item).center()
    qtbot.mouseClick(palette.tree.viewport(), LEFT, pos=where)
    qtbot.mouseDClick(palette.tree.viewport(), LEFT, pos=where)
    assert chosen == ["variable"]


def test_entries_of_the_palette_explain_themselves(palette: Palette) -> None:
    entries = {
        item.text(0).split()[-1]: item
        for item in palette.tree.findItems("", Qt.MatchFlag.MatchContains, 0)
        for item in [item.child(i) for i in range(item.childCount())]
    }
    assert "sin" in entries
    assert "sin x" in entries["sin"].toolTip(0)


def test_a_node_dropped_on_the_canvas_is_there(view: CanvasView) -> None:
    at = QPointF(700, 460)
    assert drag_over(view, node_mime("tanh"), at)
    assert not view.overlay.is_empty  # shows where it will be
    drop(view, node_mime("tanh"), at)
    assert view.overlay.is_empty
    new = list(view.document.graph.nodes_by_id.values())[-1]
    assert new.op == "tanh"
    assert view.node_item(new.id).body().contains(at)
    assert view.session.selected_nodes == {new.id}
    assert view.document.undo_name == "Add tanh"


def test_a_node_dropped_on_an_edge_is_put_into_it(view: CanvasView) -> None:
    graph = view.document.graph
    key = (graph.id_of("x5"), graph.id_of("x7"), "y")
    at = view.scene_.edges[key].path.pointAtPercent(0.5)
    drag_over(view, node_mime("tanh"), at)
    assert view.scene_.edges[key].look.insertion
    assert "insert" in view.bubble.text()
    drop(view, node_mime("tanh"), at)
    graph = view.document.graph
    new = list(graph.nodes_by_id)[-1]
    assert graph.sources[new, "x"] == key[0]
    assert graph.sources[key[1], "y"] == new
    view.document.undo()
    assert len(view.document.graph) == 9


def test_a_drag_that_leaves_takes_its_preview_along(view: CanvasView) -> None:
    drag_over(view, node_mime("tanh"), QPointF(700, 460))
    QApplication.sendEvent(view.viewport(), QDragLeaveEvent())
    assert view.overlay.is_empty
    assert len(view.document.graph) == 9


def test_other_things_are_not_taken(view: CanvasView) -> None:
    mime = QMimeData()
    mime.setText("tanh")
    assert not drag_over(view, mime, QPointF(700, 460))
    assert not drag_over(view, node_mime("no_such_node"), QPointF(700, 460))


def test_nodes_added_at_the_centre_do_not_lie_on_each_other(view: CanvasView) -> None:
    view.document.new(Graph())
    first, second = view.add_node_at_centre("sin"), view.add_node_at_centre("cos")
    a, b = view.node_item(first), view.node_item(second)
    assert a.pos() != b.pos()


def test_an_empty_canvas_says_what_to_do(view: CanvasView, hand: Hand) -> None:
    hint = view.findChild(object, "canvas_hint")
    assert not hint.isVisible()
    view.document.new(Graph())
    assert hint.isVisible()
    assert "Tab" in hint.accessibleName()
    view.add_node_at("sin", QPointF(0, 0))
    assert not hint.isVisible()


def test_menus_ask_the_window_for_its_commands(view: CanvasView) -> None:
    asked = []
    view.command_requested.connect(asked.append)
    node = view.document.graph.id_of("x4")
    for found, wanted in (
        (Hit(node=node), {"edit.rename", "edit.delete", "edit.duplicate"}),
        (Hit(edge=next(iter(view.scene_.edges))), {"edit.delete"}),
        (Hit(), {"edit.paste", "graph.add_node", "view.fit"}),
    ):
        menu = menus.build_menu(view, found)
        actions = {action.objectName(): action for action in menu.actions()}
        assert wanted <= actions.keys()
        for identity in wanted:
            actions[identity].trigger()
        assert wanted <= set(asked)
        menu.deleteLater()


def test_a_right_click_selects_what_its_menu_is_for(view, hand: Hand, monkeypatch) -> None:
    opened = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, at: opened.append(menu))
    at = hand.screen(hand.node("x7"))
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, at, view.viewport().mapToGlobal(at), NONE
    )
    QApplication.sendEvent(view.viewport(), event)
    assert view.session.selected_nodes == {view.document.graph.id_of("x7")}
    assert "edit.rename" in [action.objectName() for action in opened[0].actions()]
    opened[0].deleteLater()


def test_tool_tips_tell_values_at_ports_and_partials_at_edges(view: CanvasView, hand: Hand) -> None:
    settle()
    graph = view.document.graph
    port = Hit(node="x4", port=Port(graph.id_of("x7"), "x"))
    assert "x4 = 2" in menus.tool_tip(view, port)
    edge = Hit(edge=(graph.id_of("x1"), graph.id_of("x4"), "x"))
    assert "∂x₄/∂x₁ = x₂ = 2" in menus.tool_tip(view, edge)


def test_names_of_a_category_stand_in_one_column_with_or_without_symbols() -> None:
    assert has_symbols("Arithmetic")
    assert not has_symbols("Functions")
    assert symbol_of(operation("mul")) == "×"
    assert symbol_of(operation("maximum")) == ""
