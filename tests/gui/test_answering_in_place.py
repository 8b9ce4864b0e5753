"""Answers are typed where the question marks stand: card, edge, trace cell, derivation."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.gui.test_hidden_answers import edge, lecture
from visualad.gui.answer_field import AnswerField
from visualad.lessons.exercise import (
    Exercise,
    Settings,
    add_blank,
    exercise_of,
    with_exercise,
)
from visualad.lessons.reference import reference

from .conftest import wait_until_idle

LEFT = Qt.MouseButton.LeftButton
KINDS = ("adjoint", "value", "partial", "term")


@pytest.fixture
def lesson(window, qtbot, kernel):
    """A window on an exercise: an adjoint, a value, a partial and a term of the lecture's graph."""
    graph = lecture()
    exercise = Exercise(settings=Settings(attempts=3, reveal="after attempts"))
    exercise = add_blank(graph, exercise, "adjoint", "x4", accepts="either")
    exercise = add_blank(graph, exercise, "value", "x6")
    exercise = add_blank(graph, exercise, "partial", **edge(graph, "x3", "x9"))
    exercise = add_blank(graph, exercise, "term", place="derivation", **edge(graph, "x3", "x5"))
    window.document.new(with_exercise(graph, exercise))
    wait_until_idle(qtbot, kernel)
    window.session.go_to(len(window.session.sweep) - 1)
    window.docks.raise_("trace")
    window.docks.raise_("derivation")
    wait_until_idle(qtbot, kernel)
    window.activateWindow()
    QApplication.processEvents()
    return window


def right(window, id_):
    graph = window.document.graph
    exercise = exercise_of(graph)
    return str(reference(graph, exercise).right(exercise.blank(id_)))


def field_of(window) -> AnswerField:
    fields = [field for field in window.findChildren(AnswerField) if field.isVisible()]
    assert len(fields) == 1
    return fields[0]


def is_open(window) -> bool:
    return any(field.isVisible() for field in window.findChildren(AnswerField))


def type_into(qtbot, window, kernel, text):
    line = field_of(window).line
    assert line.hasFocus()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    wait_until_idle(qtbot, kernel)


def at(view, point: QPointF) -> QPoint:
    return view.mapFromScene(point)


def double_click(widget, place: QPoint) -> None:
    QTest.mouseClick(widget, LEFT, pos=place)
    QTest.mouseDClick(widget, LEFT, pos=place)
    QTest.mouseRelease(widget, LEFT, pos=place)


def row_centre(view, node: str, row: int) -> QPoint:
    item = view.node_item(node)
    return at(view, item.pos() + item.geometry.rows[row].center())


def label_centre(view, key) -> QPoint:
    found = next(label for label in view.scene_.labels.items() if label.key == key)
    return at(view, found.sceneBoundingRect().center())


def test_an_adjoint_is_typed_on_the_card_and_marked_there(lesson, qtbot, kernel):
    view = lesson.canvas
    double_click(view.viewport(), row_centre(view, "x4", 1))
    field = field_of(lesson)
    row = view.node_item("x4").geometry.rows[1]
    on_card = view.rect_on_screen(row.translated(view.node_item("x4").pos()))
    line = (
        field.line.geometry().translated(field.pos()).translated(-view.mapTo(lesson, QPoint(0, 0)))
    )
    assert line.intersects(on_card)
    type_into(qtbot, lesson, kernel, "0.5")
    assert field.state == "wrong"
    assert field.sign.accessibleName() == "wrong"
    assert "2 attempts left" in field.words.text()
    assert view.node_item("x4").face.rows[1].text == "✗ 0.5"
    assert view.node_item("x4").face.rows[1].token == "error"
    type_into(qtbot, lesson, kernel, right(lesson, "b1"))
    assert field.state == "right"
    assert view.node_item("x4").face.rows[1].text.startswith("✓ ")
    qtbot.keyClick(field.line, Qt.Key.Key_Escape)
    assert not is_open(lesson)
    assert view.hasFocus()


def test_typing_begins_the_answer_to_what_is_selected(lesson, qtbot, kernel):
    view = lesson.canvas
    QTest.mouseClick(view.viewport(), LEFT, pos=row_centre(view, "x6", 0))
    assert not is_open(lesson)
    qtbot.keyClick(view, Qt.Key.Key_3)
    assert field_of(lesson).line.text() == "3"
    type_into(qtbot, lesson, kernel, right(lesson, "b2")[1:])
    assert exercise_of(lesson.document.graph).answers["b2"].text == right(lesson, "b2")
    assert view.node_item("x6").face.rows[0].text.startswith("✓ ")


def test_letters_are_commands_where_a_number_is_asked(lesson, qtbot):
    view = lesson.canvas
    lesson.session.select(["x6"])
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_F)
    assert not is_open(lesson)
    lesson.session.select(["x4"])  # a formula is taken here
    qtbot.keyClick(view, Qt.Key.Key_F)
    assert field_of(lesson).line.text() == "f"


def test_a_partial_is_typed_on_the_label_of_its_edge(lesson, qtbot, kernel):
    view = lesson.canvas
    key = ("x3", "x9", "y")
    double_click(view.viewport(), label_centre(view, key))
    type_into(qtbot, lesson, kernel, right(lesson, "b3"))
    label = next(label for label in view.scene_.labels.items() if label.key == key)
    assert any("✓" in line for line in label.lines)


def test_an_adjoint_is_typed_into_its_cell_of_the_trace(lesson, qtbot, kernel):
    panel = lesson.docks.panel("trace")
    index = panel.model.index(panel.model.row_of("x4"), 3)
    panel.table.scrollTo(index)
    double_click(panel.table.viewport(), panel.table.visualRect(index).center())
    assert field_of(lesson).line.hasFocus()
    type_into(qtbot, lesson, kernel, right(lesson, "b1"))
    assert field_of(lesson).state == "right"
    assert panel.model.cell(index.row(), 3).text.endswith("= 2.126 ✓")
    qtbot.keyClick(field_of(lesson).line, Qt.Key.Key_Escape)
    assert panel.table.hasFocus()


def test_typing_begins_the_answer_to_the_cell_that_was_clicked(lesson, qtbot):
    panel = lesson.docks.panel("trace")
    index = panel.model.index(panel.model.row_of("x6"), 1)
    panel.table.scrollTo(index)
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=panel.table.visualRect(index).center())
    qtbot.keyClick(panel.table, Qt.Key.Key_7)
    assert field_of(lesson).line.text() == "7"
    assert field_of(lesson).blank.id == "b2"


def test_a_term_is_typed_among_the_numbers_of_the_derivation(lesson, qtbot, kernel):
    session = lesson.session
    session.go_to(next(step.index for step in session.sweep if step.node == "x3"))
    panel = lesson.docks.panel("derivation")
    view = panel.view
    area = view.area_where(lambda kind, part: ("x3", "x5", "x") in part.edges and kind == "numbers")
    double_click(view, area.center().toPoint())
    assert field_of(lesson).blank.id == "b4"
    type_into(qtbot, lesson, kernel, right(lesson, "b4"))
    assert field_of(lesson).state == "right"


def test_tab_goes_from_question_to_question_and_enter_goes_on_after_a_right_one(
    lesson, qtbot, kernel
):
    view = lesson.canvas
    double_click(view.viewport(), row_centre(view, "x4", 1))
    line = field_of(lesson).line
    seen = []
    for _ in range(5):
        seen.append(field_of(lesson).blank.id)
        qtbot.keyClick(line, Qt.Key.Key_Tab)
    assert seen == ["b1", "b2", "b3", "b4", "b1"]
    qtbot.keyClick(line, Qt.Key.Key_Backtab)
    assert field_of(lesson).blank.id == "b1"
    type_into(qtbot, lesson, kernel, right(lesson, "b1"))
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert field_of(lesson).blank.id == "b2"


def test_hints_and_answers_are_within_reach_of_the_field(lesson, qtbot, kernel):
    view = lesson.canvas
    double_click(view.viewport(), row_centre(view, "x4", 1))
    field = field_of(lesson)
    qtbot.mouseClick(field.hint, LEFT)
    wait_until_idle(qtbot, kernel)
    assert field.hint_words.text().startswith("Hint: ∂f/∂x₄ = ")
    assert field.line.hasFocus()
    assert not field.reveal.isVisible()
    for wrong in ("1", "2", "3.5"):
        field.line.clear()
        type_into(qtbot, lesson, kernel, wrong)
    qtbot.mouseClick(field.reveal, LEFT)
    wait_until_idle(qtbot, kernel)
    assert field.state == "revealed"
    assert exercise_of(lesson.document.graph).answers["b1"].revealed


def test_what_was_typed_and_not_marked_is_there_again(lesson, qtbot):
    view = lesson.canvas
    double_click(view.viewport(), row_centre(view, "x4", 1))
    qtbot.keyClicks(field_of(lesson).line, "2.1")
    view.setFocus()
    assert not is_open(lesson)
    double_click(view.viewport(), row_centre(view, "x4", 1))
    assert field_of(lesson).line.text() == "2.1"
    assert not exercise_of(lesson.document.graph).answers


def test_the_field_goes_along_with_the_canvas_and_away_with_the_exercise(lesson, qtbot, kernel):
    view = lesson.canvas
    double_click(view.viewport(), row_centre(view, "x4", 1))
    field = field_of(lesson)
    before = field.pos()
    view.scroll_by(QPoint(40, 0))
    assert field.pos() == before - QPoint(40, 0)
    lesson.files.open_lecture()
    wait_until_idle(qtbot, kernel)
    assert not field.isVisible()


def test_a_fill_in_is_typed_on_the_edge_that_elimination_makes(window, qtbot, kernel):
    graph = lecture()
    exercise = add_blank(graph, Exercise(mode="cross"), "fill_in", "x8", source="x6", port="x9")
    window.document.new(with_exercise(graph, exercise))
    wait_until_idle(qtbot, kernel)
    window.session.go_to(0)
    double_click(window.canvas.viewport(), label_centre(window.canvas, ("x6", "x9", "")))
    type_into(qtbot, window, kernel, right(window, "b1"))
    assert field_of(window).state == "right"
