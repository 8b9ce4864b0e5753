"""A document with an exercise in the whole window, with the kernel process."""

from __future__ import annotations

from PySide6.QtCore import Qt

from visualad.assets import asset
from visualad.graph import file
from visualad.gui.panels.predict import PredictPanel
from visualad.lessons.exercise import exercise_of

from .conftest import wait_until_idle


def test_opening_an_exercise_shows_its_questions_and_hides_the_answers(window, qtbot, kernel):
    window.document.open(asset("graphs/predict-the-adjoints.vad"))
    panel = window.docks.panel("predict")
    assert isinstance(panel, PredictPanel)
    qtbot.waitUntil(lambda: panel.isVisible() and bool(panel.run.labels))
    wait_until_idle(qtbot, kernel)
    assert window.session.mode == "backward"
    window.session.go_to(len(window.session.sweep) - 1)
    rows = window.canvas.node_item("x4").face.rows
    assert [row.text for row in rows] == ["2", "?"]
    field = panel.rows["b5"].field
    field.setFocus()
    qtbot.keyClicks(field, "(x5 + x6)/x3")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: exercise_of(window.document.graph).answers.get("b5") is not None)
    wait_until_idle(qtbot, kernel)
    assert window.canvas.node_item("x4").face.rows[1].text == "✓ 5.341"
    assert panel.score.text() == "1 of 6 points"


def test_answers_are_saved_with_the_document(window, qtbot, kernel, tmp_path):
    window.document.open(asset("graphs/predict-the-adjoints.vad"))
    panel = window.docks.panel("predict")
    qtbot.waitUntil(lambda: bool(panel.run.labels))
    panel.run.set_student("Zoë")
    panel.run.answer("b2", "1")
    qtbot.waitUntil(lambda: exercise_of(window.document.graph).answers.get("b2") is not None)
    wait_until_idle(qtbot, kernel)
    window.document.save(tmp_path / "answers.vad")
    stored = exercise_of(file.load(tmp_path / "answers.vad"))
    assert stored.student == "Zoë"
    assert (stored.answers["b2"].text, stored.answers["b2"].attempts) == ("1", 1)


def test_a_graph_without_an_exercise_hides_nothing(window, qtbot, kernel):
    window.document.open(asset("graphs/predict-the-adjoints.vad"))
    qtbot.waitUntil(lambda: bool(window.session.mask))
    window.files.open_lecture()
    wait_until_idle(qtbot, kernel)
    assert not window.session.mask
    assert not window.session.mode
