from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from tests.gui.canvas.conftest import PLACES, Hand, settle
from visualad.graph import edits
from visualad.gui.canvas.hits import Hit
from visualad.gui.canvas.menus import build_menu
from visualad.gui.canvas.view import CanvasView

CONTROL = Qt.KeyboardModifier.ControlModifier


def note_field(view: CanvasView) -> QPlainTextEdit:
    found = view.findChild(QPlainTextEdit, "note_field")
    assert found.isVisible()
    return found


def title_field(view: CanvasView) -> QLineEdit:
    found = view.findChild(QLineEdit, "title_field")
    assert found.isVisible()
    return found


@pytest.fixture
def note(view: CanvasView) -> str:
    view.document.apply(
        "Note", lambda g: edits.add_note(g, "first", (300.0, 400.0, 200.0, 80.0), id="n")
    )
    return "n"


@pytest.fixture
def frame(view: CanvasView) -> str:
    view.document.apply(
        "Frame", lambda g: edits.add_frame(g, "inputs", (-30, -50, 220, 300), id="f")
    )
    return "f"


def test_the_menu_of_the_canvas_adds_a_note_there_and_its_text_is_typed(view) -> None:
    menu = build_menu(view, Hit(), QPointF(303, 404))
    (entry,) = (a for a in menu.actions() if a.objectName() == "graph.add_note")
    entry.trigger()
    menu.deleteLater()
    QTest.keyClicks(note_field(view), "Chain rule")
    QTest.keyClick(note_field(view), Qt.Key.Key_Return)
    QTest.keyClicks(note_field(view), "twice")
    QTest.keyClick(note_field(view), Qt.Key.Key_Return, CONTROL)
    (made,) = view.document.graph.notes.values()
    assert made.text == "Chain rule\ntwice"
    assert made.rectangle[:2] == (300, 400)
    view.document.undo()
    view.document.undo()
    assert not view.document.graph.notes
    assert not view.scene_.notes


def test_a_double_click_on_a_note_edits_it_and_a_click_elsewhere_accepts(
    view, note: str, hand: Hand
) -> None:
    hand.double_click((380, 430))
    QTest.keyClicks(note_field(view), "second")
    hand.click((700, 480))
    settle()
    assert view.document.graph.notes[note].text == "second"
    hand.double_click((380, 430))
    QTest.keyClicks(note_field(view), "never")
    QTest.keyClick(note_field(view), Qt.Key.Key_Escape)
    assert view.document.graph.notes[note].text == "second"


def test_a_note_without_text_goes(view, note: str, hand: Hand) -> None:
    hand.double_click((380, 430))
    QTest.keyClick(note_field(view), Qt.Key.Key_Delete)
    QTest.keyClick(note_field(view), Qt.Key.Key_Return, CONTROL)
    assert not view.document.graph.notes
    view.document.undo()
    assert view.document.graph.notes[note].text == "first"


def test_a_corner_that_is_dragged_resizes_on_the_grid(view, note: str, hand: Hand) -> None:
    view.centre_on(QPointF(595, 300))  # all of it well in sight
    hand.drag((500, 480), (562, 519))
    assert view.document.graph.notes[note].rectangle == (300, 400, 260, 120)
    hand.drag((300, 440), (700, 440))  # beyond the other side
    assert view.document.graph.notes[note].rectangle == (500, 400, 60, 120)
    view.document.undo()
    view.document.undo()
    assert view.document.graph.notes[note].rectangle == (300, 400, 200, 80)
    hand.drag((500, 480), (560, 520), drop=False)
    hand.key(Qt.Key.Key_Escape)
    assert view.document.graph.notes[note].rectangle == (300, 400, 200, 80)
    assert view.scene_.notes[note].area().getRect() == (300, 400, 200, 80)


def test_the_mouse_shows_where_a_frame_can_be_resized(view, frame: str, hand: Hand) -> None:
    hand.move((190, 120))
    assert view.viewport().cursor().shape() == Qt.CursorShape.SizeHorCursor
    hand.move((190, 250))
    assert view.viewport().cursor().shape() == Qt.CursorShape.SizeFDiagCursor
    hand.move((100, 240))
    assert view.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor
    hand.drag((190, 200), (240, 200))
    assert view.document.graph.frames[frame].rectangle == (-30, -50, 270, 300)


def test_a_frame_that_is_clicked_and_deleted_leaves_its_nodes(view, frame: str, hand: Hand) -> None:
    hand.click((60, -38))
    assert view.session.selected_backdrops == {("frame", frame)}
    assert view.scene_.frames[frame].selected
    hand.key(Qt.Key.Key_Delete)
    assert not view.document.graph.frames
    assert len(view.document.graph) == 9
    assert not view.session.selected_backdrops
    view.document.undo()
    assert frame in view.scene_.frames


def test_f2_edits_the_title_of_the_frame(view, frame: str, hand: Hand) -> None:
    hand.click((60, -38))
    hand.key(Qt.Key.Key_F2)
    QTest.keyClicks(title_field(view), "Layer 1")
    QTest.keyClick(title_field(view), Qt.Key.Key_Return)
    assert view.document.graph.frames[frame].title == "Layer 1"
    hand.double_click((60, -38))
    assert title_field(view).text() == "Layer 1"
    QTest.keyClick(title_field(view), Qt.Key.Key_Escape)


def test_a_frame_is_drawn_around_the_selected_nodes(view, hand: Hand) -> None:
    view.session.select([view.document.graph.id_of(n) for n in ("x1", "x2")])
    view.frame_selection()
    QTest.keyClicks(title_field(view), "inputs")
    QTest.keyClick(title_field(view), Qt.Key.Key_Return)
    (made,) = view.document.graph.frames.values()
    assert made.title == "inputs"
    area = view.scene_.frames[made.id].area()
    for name in ("x1", "x2"):
        assert area.contains(view.node_item(view.document.graph.id_of(name)).body())
    assert not area.contains(view.node_item(view.document.graph.id_of("x3")).body())
    start = QPointF(area.left() + 90, area.top() + 14)
    hand.drag(start, start + QPointF(0, 40))
    assert view.document.graph["x1"].position == (PLACES["x1"][0], PLACES["x1"][1] + 40)
    assert view.document.graph["x3"].position == PLACES["x3"]


def test_their_menu_edits_and_deletes_them(view, note: str, frame: str) -> None:
    for at, words in (((380, 430), "Edit Text"), ((60, -38), "Edit Title")):
        found = view.hit_at(view.mapFromScene(QPointF(*at)))
        menu = build_menu(view, found)
        assert [a.text() for a in menu.actions()] == [words, "Delete"]
        menu.deleteLater()


def test_a_frame_takes_the_card_of_a_group_along(view, hand: Hand) -> None:
    members = [view.document.graph.id_of(n) for n in ("x1", "x2")]
    view.document.apply("Group", lambda g: edits.add_group(g, members))
    view.grouping.toggle(["group1"])
    view.session.select(members)
    view.frame_selection()
    QTest.keyClick(title_field(view), Qt.Key.Key_Escape)
    before = view.document.graph.groups["group1"].position
    area = next(iter(view.scene_.frames.values())).area()
    start = QPointF(area.left() + 90, area.top() + 14)
    hand.drag(start, start + QPointF(40, 0))
    assert view.document.graph.groups["group1"].position == (before[0] + 40, before[1])
    assert view.document.graph["x1"].position == (PLACES["x1"][0] + 40, PLACES["x1"][1])


def test_the_field_of_a_note_follows_the_view(view, note: str, hand: Hand) -> None:
    hand.double_click((380, 430))
    before = note_field(view).pos()
    view.scroll_by(QPoint(30, 0))
    assert note_field(view).pos() == before - QPoint(30, 0)
    QTest.keyClick(note_field(view), Qt.Key.Key_Escape)


@pytest.mark.parametrize("shows_all", [True, False])
def test_a_note_out_of_sight_comes_into_sight_to_be_written(view, shows_all: bool) -> None:
    if shows_all:
        view.fit_all()
    view.add_note(QPointF(300, 900))
    settle()
    assert view.rect().contains(note_field(view).geometry())
    QTest.keyClick(note_field(view), Qt.Key.Key_Escape)
