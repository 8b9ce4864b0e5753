"""What the panels for teaching ask of the kernel."""

from __future__ import annotations

import pickle

import pytest

from visualad.assets import asset
from visualad.errors import VisualADError
from visualad.graph.file import load
from visualad.graph.model import Graph
from visualad.kernel import lesson_answers  # noqa: F401 - registers the answers
from visualad.kernel.answers import answer
from visualad.kernel.lesson_messages import (
    CountGrowth,
    MakeMistake,
    MarkExercise,
    StudyErrors,
)
from visualad.lessons.exercise import Answer, Exercise, add_blank, with_answer, with_exercise


@pytest.fixture
def graph() -> Graph:
    made = load(asset("graphs/lecture.vad"))
    exercise = add_blank(made, Exercise(), "adjoint", "x4")
    exercise = add_blank(made, exercise, "value", "x6")
    return with_exercise(made, with_answer(exercise, "b1", Answer("5.34", attempts=1)))


def test_stored_and_trial_answers_are_marked(graph: Graph) -> None:
    reply = answer(MarkExercise(graph, {"b2": "2"}, reveal=("b2",), id=7))
    assert reply.id == 7
    assert reply.marks["b1"].is_right
    assert reply.marks["b2"].mistake == "input"
    assert reply.labels == {"b1": "∂f/∂x₄", "b2": "x₆"}
    assert reply.shown == {"b2": "7.38906"}
    assert "exp x₄" in reply.hints["b2"]
    assert pickle.loads(pickle.dumps(reply)) == reply


def test_a_blank_whose_node_is_gone_has_a_sentence(graph: Graph) -> None:
    from visualad.graph.edits import remove

    reply = answer(MarkExercise(remove(graph, ["x6"])))
    assert "not in the graph any more" in reply.faults["b2"]


def test_a_graph_without_exercise_has_no_marks() -> None:
    assert answer(MarkExercise(Graph())).marks == {}


def test_errors_mistakes_and_growth_come_as_plain_data(graph: Graph) -> None:
    curve = answer(StudyErrors(graph, input="x2")).curve
    assert (curve.output, curve.input) == ("x9", "x2")
    made = answer(MakeMistake(graph, "assign"))
    assert made.sweep.first.name == "x4"
    assert made.training is None
    counted = answer(CountGrowth("chain"))
    assert counted.growth.family == "chain"
    for reply in (curve, made, counted):
        pickle.loads(pickle.dumps(reply))
    with pytest.raises(VisualADError, match="no parameter"):
        answer(MakeMistake(graph, "early update"))
