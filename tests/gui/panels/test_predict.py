"""Exercises in the window: what is asked is hidden, answers are marked, teachers make blanks."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from visualad.autodiff.steps import BACKWARD
from visualad.autodiff.sweeps import sweep
from visualad.graph.parser import parse
from visualad.gui.canvas.faces import Looks, face
from visualad.gui.exercise_run import exercise_run
from visualad.gui.masking import Mask, mask_of
from visualad.gui.panels.jacobian import JacobianPanel
from visualad.gui.panels.predict import PredictPanel
from visualad.gui.panels.trace import TracePanel
from visualad.gui.stamps import ASKED
from visualad.kernel import lesson_answers  # noqa: F401 - registers the answers
from visualad.lessons.exercise import Exercise, Settings, add_blank, exercise_of, with_exercise

from .conftest import at_point, lecture_at

LECTURE = {"x1": 1.0, "x2": 2.0, "x3": 1.5707963267948966}


@pytest.fixture
def asked():
    """The lecture's graph with three blanks: an adjoint, a value, a partial."""

    def make(**settings):
        graph = lecture_at(LECTURE)
        exercise = Exercise(title="Backward", settings=Settings(**settings))
        exercise = add_blank(graph, exercise, "adjoint", graph["x4"].id, accepts="either")
        exercise = add_blank(graph, exercise, "value", graph["x6"].id)
        edge = graph.edges_into(graph["x9"].id)[1]
        exercise = add_blank(
            graph, exercise, "partial", edge.target, source=edge.source, port=edge.port
        )
        return with_exercise(graph, exercise)

    return make


@pytest.fixture
def lesson(make_desk, asked, qtbot):
    def open_it(**settings):
        desk = make_desk(asked(**settings))
        panel = desk.panel(PredictPanel, (320, 500))
        QApplication.processEvents()
        desk.settle()
        desk.settle()
        return desk, panel

    return open_it


def type_answer(qtbot, panel, desk, id_, text):
    field = panel.rows[id_].field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    desk.settle()


def test_without_an_exercise_the_panel_offers_to_make_one(desk):
    panel = desk.panel(PredictPanel)
    assert panel.empty.isVisible()
    assert panel.begin.isVisible()
    assert not desk.session.mask


def test_what_is_asked_is_hidden_in_every_view(lesson):
    desk, panel = lesson()
    assert [row.label.text() for row in panel.rows.values()] == ["∂f/∂x₄", "x₆", "∂x₉/∂x₃"]
    session = desk.session
    assert session.mode == BACKWARD
    assert desk.id("x6") not in session.values
    edge = ("x3", "x9", "y")
    assert edge not in session.partials
    assert session.formulas[edge].text == ASKED
    step = next(step for step in session.sweep if step.name == "x4")
    assert (step.result, step.result_text, step.numeric.text) == (None, ASKED, ASKED)
    trace = desk.panel(TracePanel)
    session.go_to(len(session.sweep) - 1)
    row = trace.model.row_of(desk.id("x4"))
    assert trace.model.cell(row, 3).text == ASKED
    assert trace.model.cell(trace.model.row_of(desk.id("x6")), 1).text == ASKED
    looks = Looks(session.values, {}, {}, {}, session.mask)
    shown = face(desk.graph, desk.graph["x6"], looks)
    assert shown.rows[0].text == ASKED
    jacobian = desk.panel(JacobianPanel)
    assert "hidden" in jacobian.empty.text()


def test_the_edge_that_would_tell_a_value_hides_its_number(lesson):
    desk, _ = lesson()
    assert ("x4", "x6", "x") not in desk.session.partials  # its partial is the value of x6
    assert ("x4", "x7", "x") in desk.session.partials


def test_a_right_answer_is_shown_everywhere_and_kept_in_the_document(lesson, qtbot):
    desk, panel = lesson()
    type_answer(qtbot, panel, desk, "b2", "7.389")
    assert panel.run.marks["b2"].is_right
    assert panel.rows["b2"].words.text() == "Right."
    assert panel.rows["b2"].field.isReadOnly()
    assert desk.session.values[desk.id("x6")] == pytest.approx(7.389056)
    stored = exercise_of(desk.graph).answers["b2"]
    assert (stored.text, stored.attempts) == ("7.389", 1)
    assert panel.score.text() == "1 of 3 points"
    desk.document.undo()
    desk.settle()
    assert not exercise_of(desk.graph).answers
    assert desk.id("x6") not in desk.session.values


def test_a_wrong_answer_gets_feedback_and_counts_as_an_attempt(lesson, qtbot):
    desk, panel = lesson(attempts=2)
    type_answer(qtbot, panel, desk, "b1", "0.6366")
    words = panel.rows["b1"].words.text()
    assert "over x₇ alone" in words
    assert words.endswith("1 attempt left.")
    type_answer(qtbot, panel, desk, "b1", "1")
    assert panel.rows["b1"].words.text().endswith("No attempt is left.")
    assert panel.rows["b1"].field.isReadOnly()
    assert panel.rows["b1"].reveal.isVisible()


def test_what_cannot_be_read_is_no_attempt(lesson, qtbot):
    desk, panel = lesson(attempts=2)
    type_answer(qtbot, panel, desk, "b1", "5 +")
    assert "cannot be read" in panel.rows["b1"].words.text()
    assert panel.rows["b1"].field.text() == "5 +"
    assert not exercise_of(desk.graph).answers
    type_answer(qtbot, panel, desk, "b1", "x5/x3 + x6/x3")
    assert panel.run.marks["b1"].is_right


def test_hints_and_revealing_are_noted(lesson, qtbot):
    desk, panel = lesson(reveal="always", hint_cost=0.5)
    row = panel.rows["b1"]
    qtbot.mouseClick(row.hint, Qt.MouseButton.LeftButton)
    desk.settle()
    assert row.hint_words.text().startswith("Hint: ∂f/∂x₄ = ")
    assert exercise_of(desk.graph).answers["b1"].hints == 1
    type_answer(qtbot, panel, desk, "b1", "5.34")
    assert panel.score.text() == "0.5 of 3 points"
    qtbot.mouseClick(panel.rows["b2"].reveal, Qt.MouseButton.LeftButton)
    desk.settle()
    assert panel.rows["b2"].words.text() == "It is 7.38906."
    assert desk.id("x6") in desk.session.values
    assert panel.run.points == 0.5


def test_pointing_at_a_question_lights_its_place(lesson):
    desk, panel = lesson()
    panel.rows["b3"].pointed.emit(True)
    assert desk.session.highlighted_edges == {("x3", "x9", "y")}
    panel.rows["b1"].pointed.emit(True)
    assert desk.session.highlighted_nodes == {"x4"}


def test_a_teacher_makes_blanks_by_clicking(desk, qtbot):
    panel = desk.panel(PredictPanel, (320, 600))
    qtbot.mouseClick(panel.begin, Qt.MouseButton.LeftButton)
    desk.settle()
    assert panel.editor.isVisible()
    assert desk.session.mode == BACKWARD
    desk.session.select([desk.id("x4")])
    desk.settle()
    desk.session.select((), [("x3", "x9", "y")])
    desk.settle()
    panel.editor.node_kind.show_data("value")
    desk.session.select([desk.id("x6")])
    desk.settle()
    kinds = [(blank.kind, blank.node) for blank in exercise_of(desk.graph).blanks]
    assert kinds == [("adjoint", "x4"), ("partial", "x9"), ("value", "x6")]
    assert not desk.session.mask  # the teacher sees everything
    run = exercise_run(desk.document, desk.session)
    run.change_blank("b1", points=2.0, accepts="either")
    run.change_settings(attempts=3, hide=("formulas",))
    run.drop("b3")
    desk.settle()
    qtbot.mouseClick(panel.edit, Qt.MouseButton.LeftButton)
    desk.settle()
    assert not panel.editor.isVisible()
    assert desk.session.mask
    assert panel.score.text() == "0 of 3 points"
    assert desk.session.formulas == {("x3", "x9", "y"): desk.session.formulas["x3", "x9", "y"]}


def test_an_array_is_asked_for_by_element(make_desk, qtbot):
    graph = at_point(parse("L = sum(W*W)"), {"W": np.array([[1.0, 2.0], [3.0, 4.0]])})
    desk = make_desk(graph)
    panel = desk.panel(PredictPanel, (340, 600))
    panel.run.begin()
    desk.settle()
    desk.session.select([desk.id("W")])
    desk.settle()
    row = panel.editor.findChild(QWidget, "edited_b1")
    assert row.label.text() == "∂L/∂W[0, 0]"
    row.element.setFocus()
    row.element.selectAll()
    qtbot.keyClicks(row.element, "1, 0")
    qtbot.keyClick(row.element, Qt.Key.Key_Return)
    desk.settle()
    panel.run.set_editing(False)
    type_answer(qtbot, panel, desk, "b1", "6")
    assert panel.run.marks["b1"].is_right


def test_fill_ins_of_an_elimination_are_asked_in_cross_mode(make_desk, qtbot):
    desk = make_desk(lecture_at(LECTURE))
    panel = desk.panel(PredictPanel, (340, 600))
    desk.session.set_mode("cross")
    desk.settle()
    panel.run.begin()
    desk.settle()
    assert panel.editor.sweep.text() == "About the cross sweep, order backward."
    desk.session.select([desk.id("x8")])
    desk.settle()
    labels = [row.label.text() for row in panel.editor._rows.values()]
    assert labels == ["∂x₉/∂x₆ without x₈", "∂x₉/∂x₇ without x₈"]
    panel.run.set_editing(False)
    step = desk.session.sweep[0]
    assert (step.name, step.numeric.text) == ("x8", ASKED)
    assert [fill.after for fill in step.fill_ins] == [None, None]
    type_answer(qtbot, panel, desk, "b1", "2/pi")
    shown = [fill.after is not None for fill in desk.session.sweep[0].fill_ins]
    assert sorted(shown) == [False, True]


def test_the_sweep_that_is_asked_about_can_be_changed(desk):
    panel = desk.panel(PredictPanel, (340, 600))
    panel.run.begin()
    desk.settle()
    assert not panel.editor.use_sweep.isVisible()
    desk.session.set_mode("forward")
    desk.session.set_seed("x2")
    desk.settle()
    assert panel.editor.use_sweep.isVisible()
    panel.editor.use_sweep.click()
    desk.settle()
    assert panel.editor.sweep.text() == "About the forward sweep, seed x₂."
    exercise = exercise_of(desk.graph)
    assert (exercise.mode, exercise.seed) == ("forward", "x2")


def test_a_blank_whose_node_is_removed_says_so(lesson):
    desk, panel = lesson()
    from visualad.graph.edits import remove

    desk.document.apply("Remove", lambda graph: remove(graph, [graph.id_of("x6")]))
    desk.settle()
    assert "not in the graph any more" in panel.rows["b2"].words.text()


def test_an_exercise_that_cannot_be_read_is_explained(make_desk):
    graph = lecture_at(LECTURE).with_(exercise={"blanks": 3})
    panel = make_desk(graph).panel(PredictPanel)
    assert "cannot be read" in panel.empty.text()
    assert not panel.begin.isVisible()


def test_hiding_all_of_a_kind_hides_it():
    graph = lecture_at(LECTURE)
    whole = sweep(graph)
    hidden = Mask(hide=frozenset({"derivatives"})).sweep(graph, whole)
    assert {step.result_text for step in hidden} == {ASKED}
    assert Mask(hide=frozenset({"values"})).values(graph, {"x1": 1, "x4": 2}) == {"x1": 1}
    done = mask_of(Exercise(), frozenset())
    assert not done


def test_a_step_with_a_hidden_factor_keeps_its_result():
    graph = lecture_at(LECTURE)
    exercise = add_blank(graph, Exercise(), "adjoint", "x7")
    steps = {step.name: step for step in mask_of(exercise).sweep(graph, sweep(graph))}
    assert steps["x7"].result_text == ASKED
    assert steps["x5"].result_text != ASKED
    assert steps["x5"].numeric.text == "? · 2"  # the adjoint of x7 stands in it


def test_undo_gives_no_attempt_back_and_forgets_no_answer_that_was_shown(lesson, qtbot):
    desk, panel = lesson(attempts=2, reveal="always")
    type_answer(qtbot, panel, desk, "b1", "1")
    desk.document.undo()
    desk.settle()
    assert panel.run.attempts_left("b1") == 1
    panel.run.reveal("b2")
    desk.settle()
    desk.document.undo()
    desk.settle()
    assert panel.run.is_closed("b2")
    assert panel.rows["b2"].words.text() == "It is 7.38906."
    assert panel.run.points == 0


def test_opening_another_document_begins_with_all_attempts(lesson, asked, qtbot):
    desk, panel = lesson(attempts=2)
    type_answer(qtbot, panel, desk, "b1", "1")
    desk.document.new(asked(attempts=2))
    desk.settle()
    assert panel.run.attempts_left("b1") == 2


def test_a_teacher_writes_a_hint_chooses_the_place_and_clears_the_answers(lesson, qtbot):
    desk, panel = lesson()
    type_answer(qtbot, panel, desk, "b2", "7.389")
    panel.run.set_student("Zoë")
    qtbot.mouseClick(panel.edit, Qt.MouseButton.LeftButton)
    desk.settle()
    row = panel.editor.findChild(QWidget, "edited_b1")
    row.hint.setFocus()
    qtbot.keyClicks(row.hint, "Two ways lead here.")
    qtbot.keyClick(row.hint, Qt.Key.Key_Return)
    row.place.setCurrentIndex(1)
    row.place.activated.emit(1)
    desk.settle()
    qtbot.mouseClick(panel.editor.clear, Qt.MouseButton.LeftButton)
    desk.settle()
    assert not panel.editor.clear.isEnabled()
    exercise = exercise_of(desk.graph)
    assert (exercise.blank("b1").hint, exercise.blank("b1").place) == (
        "Two ways lead here.",
        "trace",
    )
    assert (exercise.answers, exercise.student) == ({}, "")
    qtbot.mouseClick(panel.edit, Qt.MouseButton.LeftButton)
    desk.settle()
    assert desk.id("x6") not in desk.session.values  # asked anew
    qtbot.mouseClick(panel.rows["b1"].hint, Qt.MouseButton.LeftButton)
    desk.settle()
    assert panel.rows["b1"].hint_words.text() == "Hint: Two ways lead here."
