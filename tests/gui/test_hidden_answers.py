"""What an exercise asks for can be read nowhere in the window until it is answered."""

from __future__ import annotations

import pytest

from tests.gui.reading import places_of
from visualad.graph.edits import set_settings
from visualad.graph.parser import parse
from visualad.gui.docks import DOCKS
from visualad.gui.export import copy_trace, export_film, export_graph, export_trace
from visualad.lessons.exercise import Exercise, add_blank, exercise_of, with_exercise
from visualad.lessons.reference import reference

from .conftest import wait_until_idle

POINT = {"x1": 1.37, "x2": 0.83, "x3": 1.91}
MODES = ("forward", "backward", "cross")


def lecture():
    graph = parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")
    return set_settings(graph, {graph.id_of(n): {"value": v} for n, v in POINT.items()})


def edge(graph, source, target):
    found = next(
        e for e in graph.edges_into(graph.id_of(target)) if e.source == graph.id_of(source)
    )
    return {"node": found.target, "source": found.source, "port": found.port}


QUESTIONS = {
    "adjoint": ("backward", lambda g: {"node": g.id_of("x4")}),
    "adjoint of an input": ("backward", lambda g: {"node": g.id_of("x3")}),
    "value": ("backward", lambda g: {"node": g.id_of("x6")}),
    "value of the output": ("forward", lambda g: {"node": g.id_of("x9")}),
    "partial": ("backward", lambda g: edge(g, "x3", "x9")),
    "partial in cross mode": ("cross", lambda g: edge(g, "x3", "x9")),
    "term": ("backward", lambda g: edge(g, "x5", "x7")),
    "sum": ("backward", lambda g: edge(g, "x3", "x5")),
    "tangent": ("forward", lambda g: {"node": g.id_of("x9")}),
    "fill_in": (
        "cross",
        lambda g: {"node": g.id_of("x6"), "source": g.id_of("x4"), "port": g.id_of("x9")},
    ),
}


def asked(name):
    """A graph with one question, and the number that it asks for."""
    graph = lecture()
    mode, place = QUESTIONS[name]
    exercise = Exercise(mode=mode)  # type: ignore[arg-type]
    exercise = add_blank(graph, exercise, name.split(" ")[0], **place(graph))
    return with_exercise(graph, exercise), reference(graph, exercise).right(exercise.blanks[0])


def look_everywhere(window, qtbot, kernel, blank):
    """Every mode in the middle with the others beside it; every step, also half way; all panels."""
    session, graph = window.session, window.document.graph
    for mode in MODES:
        session.set_mode(mode)
        wait_until_idle(qtbot, kernel)
        if not window.side_by_side.is_open:
            window.side_by_side.open()
        window.docks.raise_("trace")
        for step in range(len(session.sweep)):
            for progress in (0.6, 1.0):
                session.playback.go_to(step, progress)
            yield
        for dock in DOCKS:
            window.docks.raise_(dock.name)
            wait_until_idle(qtbot, kernel)
        window.docks.raise_("inspector")
        for id_ in {blank.node, blank.source, graph.output_ids[0]} & graph.nodes_by_id.keys():
            session.select([id_])
            yield
        for key in window.canvas.scene_.edges:
            if blank.node in key:
                session.select((), [key])
                yield


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_text_of_the_window_tells_what_is_asked(name, window, qtbot, kernel):
    graph, number = asked(name)
    window.document.new(graph)
    wait_until_idle(qtbot, kernel)
    assert window.session.mask
    (blank,) = exercise_of(graph).blanks
    for _ in look_everywhere(window, qtbot, kernel, blank):
        assert places_of(number, window) == []


def test_what_was_asked_is_told_again_once_it_is_answered(window, qtbot, kernel):
    graph, number = asked("adjoint")
    window.document.new(graph)
    wait_until_idle(qtbot, kernel)
    window.session.go_to(len(window.session.sweep) - 1)
    assert places_of(number, window) == []
    window.docks.panel("predict").run.answer("b1", str(number))
    wait_until_idle(qtbot, kernel)
    assert any("CanvasView" in where for where, _ in places_of(number, window))


def test_files_that_would_tell_are_not_written_while_an_exercise_is_open(
    window, qtbot, kernel, tmp_path
):
    graph, _ = asked("adjoint")
    window.document.new(graph)
    wait_until_idle(qtbot, kernel)
    window.session.go_to(len(window.session.sweep) - 1)
    for name in ("trace.csv", "graph.tikz", "graph.tex"):
        assert not export_graph(window, tmp_path / name)
    assert not export_film(window, tmp_path / "sweep.html")
    assert not export_trace(window, tmp_path / "trace.md")
    assert not copy_trace(window, ".md")
    assert export_graph(window, tmp_path / "canvas.svg")  # it shows what the canvas shows
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["canvas.svg"]


def test_the_card_of_a_collapsed_group_tells_nothing_either(window, qtbot, kernel):
    graph, number = asked("adjoint")
    window.document.new(graph)
    wait_until_idle(qtbot, kernel)
    window.session.select(["x4", "x6"])
    assert window.run("graph.group")
    if not any(group.collapsed for group in window.document.graph.groups.values()):
        assert window.run("graph.collapse")
    wait_until_idle(qtbot, kernel)
    assert window.canvas.scene_.groups.cards
    for step in range(len(window.session.sweep)):
        window.session.go_to(step)
        assert places_of(number, window) == []


def test_a_partial_that_is_asked_still_counts_as_an_edge(window, kernel, qtbot) -> None:
    graph = lecture()
    asked = add_blank(graph, Exercise(mode="cross"), "partial", **edge(graph, "x4", "x6"))
    window.document.new(with_exercise(graph, asked))
    window.session.set_mode("cross")
    wait_until_idle(qtbot, kernel)
    card = window.canvas.node_item(graph.id_of("x6")).face
    assert card.rows[-1].text == "1 × 1"
