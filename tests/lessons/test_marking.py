"""Answers are marked against the sweep, and the usual mistakes are named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import scalar_graphs
from visualad.autodiff.sweeps import sweep
from visualad.errors import GraphError
from visualad.graph.edits import set_setting
from visualad.graph.file import load
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.lessons.exercise import Answer, Exercise, add_blank, exercise_of
from visualad.lessons.labels import label
from visualad.lessons.marking import Marker

from .conftest import GRAPHS


@pytest.mark.parametrize(
    ("blank", "text"),
    [
        ("b1", "5.34"),
        ("b1", "5,34"),
        ("b1", "1.5707963**-1*(1+exp(2))"),
        ("b1", "(1 + e^2)·2/π"),
        ("b1", "x5/x3 + exp(x4)/x3"),
        ("b1", "df_dx7*x5 + df_dx6*x6"),
        ("b2", "7.39"),
        ("b2", "e^2"),
        ("b3", "exp(x₄)"),
        ("b3", "x6"),
        ("b3", "e**(x1*x2)"),
        ("b4", "-x8/x3²"),
        ("b4", "−3.805"),
        ("b5", "2/pi"),
    ],
)
def test_right_answers_are_right_however_they_are_written(
    lecture: Graph, exercise: Exercise, blank: str, text: str
) -> None:
    if text.startswith(("(1", "1.57")):
        text = text.replace("·2/π", "/(π/2)")
    mark = Marker(lecture, exercise).mark(exercise.blank(blank), text)
    assert (mark.verdict, mark.points) == ("right", 1.0), mark.feedback


@pytest.mark.parametrize(
    ("blank", "text", "mistake", "said"),
    [
        ("b1", "-5.34", "sign", "sign"),
        ("b1", "0.6366", "one contribution", "over x₇ alone. Over x₆"),
        ("b1", "4.704", "one contribution", "over x₆ alone. Over x₇"),
        ("b1", "exp(x4)/x3", "one contribution", "+="),
        ("b1", "x5/x3 + 1/x3", "missing factor", "∂x₆/∂x₄ is missing: the inner derivative"),
        ("b1", "2", "value", "value of x₄"),
        ("b1", "53.4", "decimal point", "decimal point"),
        ("b1", "5.31", "rounding", "digits"),
        ("b1", "9", "", "factors"),
        ("b2", "2", "input", "value of x₄"),
        ("b4", "1/x3", "swapped", "other input (port x)"),
        ("b4", "x8/x3**2", "sign", "sign"),
    ],
)
def test_the_usual_mistakes_are_named(
    lecture: Graph, exercise: Exercise, blank: str, text: str, mistake: str, said: str
) -> None:
    mark = Marker(lecture, exercise).mark(exercise.blank(blank), text)
    assert (mark.verdict, mark.points, mark.mistake) == ("wrong", 0.0, mistake)
    assert said in mark.feedback


@pytest.mark.parametrize(
    ("blank", "text", "said"),
    [
        ("b2", "x4", "number is asked for"),
        ("b3", "7.389", "number at this point"),
        ("b1", "2 +", "cannot be read"),
        ("b1", "x12", "does not know x12"),
        ("b1", "df_dx4", "does not know df_dx4"),
        ("b1", "1; 2", "one number or one formula"),
        ("b1", "9" * 501, "longer than"),
        ("b1", "__import__('os')", "cannot be read"),
        ("b3", "sum(3, axis=5)", "cannot be computed"),
    ],
)
def test_what_cannot_be_read_is_no_attempt(
    lecture: Graph, exercise: Exercise, blank: str, text: str, said: str
) -> None:
    mark = Marker(lecture, exercise).mark(exercise.blank(blank), text)
    assert mark.verdict == "unreadable"
    assert said in mark.feedback


def test_a_formula_that_is_right_here_only_is_wrong(lecture: Graph, exercise: Exercise) -> None:
    # x3 is pi/2 here, where sin x3 is 1.
    mark = Marker(lecture, exercise).mark(exercise.blank("b1"), "1/x3 + exp(x4)/x3")
    assert (mark.verdict, mark.mistake) == ("wrong", "only here")


def test_degrees_are_recognised() -> None:
    graph = set_setting(parse("sin(x)"), "x", "value", 0.5)
    exercise = add_blank(graph, Exercise(), "value", graph[graph.outputs[0]].id)
    mark = Marker(graph, exercise).mark(exercise.blanks[0], "0.0087265")
    assert mark.mistake == "degrees"


def test_hints_cost_and_what_was_shown_earns_nothing(lecture: Graph, exercise: Exercise) -> None:
    marker = Marker(lecture, exercise)
    blank = exercise.blank("b1")
    assert marker.mark(blank, Answer("5.34", hints=1)).points == 0.5
    assert marker.mark(blank, Answer("5.34", hints=3)).points == 0.0
    assert marker.mark(blank, Answer("5.34", revealed=True)).points == 0.0
    assert marker.hint(blank) == "∂f/∂x₄ = ∂f/∂x₆ · ∂x₆/∂x₄ + ∂f/∂x₇ · ∂x₇/∂x₄"


def test_labels_read_like_the_trace(lecture: Graph, exercise: Exercise) -> None:
    said = [label(lecture, exercise, blank) for blank in exercise.blanks]
    assert said == ["∂f/∂x₄", "x₆", "∂x₆/∂x₄", "∂x₉/∂x₃", "∂f/∂x₄ after x₇"]


def test_forward_and_cross_mode_have_their_own_blanks(lecture: Graph) -> None:
    forward = add_blank(lecture, Exercise(mode="forward", seed="x1"), "tangent", "x8")
    forward = add_blank(lecture, forward, "term", "x8", source="x6", port="y")
    marker = Marker(lecture, forward)
    assert marker.mark(forward.blanks[0], "16.778").is_right
    assert marker.mark(forward.blanks[0], "2").mistake == "one contribution"
    assert marker.mark(forward.blanks[1], "14.778").is_right
    cross = Exercise(mode="cross", order="backward")
    cross = add_blank(lecture, cross, "fill_in", "x8", source="x7", port="x9")
    assert Marker(lecture, cross).mark(cross.blanks[0], "2/pi").is_right


def test_elements_of_arrays_can_be_asked() -> None:
    graph = set_setting(parse("L = sum(W*W)"), "W", "value", [[1.0, 2.0], [3.0, 4.0]])
    exercise = add_blank(graph, Exercise(), "adjoint", "W", element=(1, 0))
    assert Marker(graph, exercise).mark(exercise.blanks[0], "6").is_right
    whole = add_blank(graph, Exercise(), "adjoint", "W")
    with pytest.raises(GraphError, match="choose an element"):
        Marker(graph, whole).mark(whole.blanks[0], "6")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*"+-*/(),.=<@²'#\\", "**", "x4", "x5", "1", "2.5", "pi", "e", "inf", ".T", "axis=0",
             *(f"{name}(" for name in ("sin", "sum", "max", "softmax", "reshape", "where"))]
        ),
        max_size=8,
    ).map(" ".join)
    | st.text(max_size=30)
)  # fmt: skip
def test_no_answer_breaks_the_marker(text: str) -> None:
    graph = load(GRAPHS / "predict-the-adjoints.vad")
    exercise = exercise_of(graph)
    assert exercise is not None
    marker = Marker(graph, exercise)
    for blank in exercise.blanks:
        mark = marker.mark(blank, text)
        assert mark.verdict in ("right", "wrong", "unreadable", "unanswered")


@settings(max_examples=40, deadline=None)
@given(scalar_graphs(largest=8, single_output=True), st.integers(0, 100))
def test_the_sweeps_own_numbers_are_always_right(graph: Graph, choice: int) -> None:
    found = sweep(graph)
    names = [name for name in found.adjoints if name in graph]
    node = graph[names[choice % len(names)]]
    exercise = add_blank(graph, Exercise(), "adjoint", node.id)
    exercise = add_blank(graph, exercise, "value", node.id)
    marker = Marker(graph, exercise)
    for blank, numbers in zip(exercise.blanks, (found.adjoints, found.values), strict=True):
        number = float(numbers[node.name])
        assert marker.mark(blank, repr(number)).is_right
        if abs(number) > 1e-3:
            assert marker.mark(blank, repr(-number)).mistake == "sign"
