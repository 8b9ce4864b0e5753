"""What cards and edges show of values and of a sweep, step by step."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from tests.gui.canvas.conftest import settle
from visualad.graph import edits
from visualad.graph.model import Graph, Node
from visualad.gui import theme
from visualad.gui.canvas.hits import Port
from visualad.gui.canvas.view import CanvasView


def rows(view: CanvasView, name: str) -> list[tuple[str, str]]:
    face = view.node_item(view.document.graph.id_of(name)).face
    return [(row.label, row.text) for row in face.rows]


def texts(view: CanvasView) -> dict[tuple[str, str], str]:
    names = {id_: node.name for id_, node in view.document.graph.nodes_by_id.items()}
    return {
        (names[label.key[0]], names[label.key[1]]): " ".join(label.lines)
        for label in view.scene_.labels.items()
    }


def start(view: CanvasView, mode: str) -> None:
    view.session.set_mode(mode)
    settle()


def index_of(view: CanvasView, name: str) -> int:
    return next(step.index for step in view.session.sweep if step.name == name)


def test_values_and_local_partials_are_written(view: CanvasView) -> None:
    assert rows(view, "x4") == [("value", "2")]
    found = texts(view)
    assert found["x1", "x4"] == "x₂ = 2"
    assert found["x3", "x5"].startswith("cos x₃ = 0.877")
    assert found["x6", "x8"] == "1"
    assert "−" in found["x3", "x9"]


def test_titles_have_subscripts_and_operations(view: CanvasView) -> None:
    face = view.node_item(view.document.graph.id_of("x4")).face
    assert (face.title, face.writing) == ("x₄", "x₁·x₂")
    assert view.node_item(view.document.graph.id_of("x9")).face.title == "x₉ = f"
    assert view.node_item(view.document.graph.id_of("x9")).face.is_output
    assert view.node_item(view.document.graph.id_of("x1")).face.writing == "input"


def test_adjoints_appear_up_to_the_step_that_is_shown(view: CanvasView) -> None:
    start(view, "backward")
    assert rows(view, "x9")[1] == ("∂f/∂x₉", "—")
    view.session.go_to(index_of(view, "x8"))
    assert rows(view, "x9")[1] == ("∂f/∂x₉", "1")
    assert rows(view, "x8")[1] == ("∂f/∂x₈", "2")
    assert rows(view, "x1")[1] == ("∂f/∂x₁", "—")
    view.session.go_to(-1)
    assert rows(view, "x8")[1][1] == "—"
    view.session.go_to(99)
    assert rows(view, "x1")[1][1] != "—"


def test_tangents_are_written_in_forward_mode(view: CanvasView) -> None:
    start(view, "forward")
    view.session.go_to(99)
    assert rows(view, "x4")[1] == ("ẋ₄", "2")
    assert view.node_item(view.document.graph.id_of("x4")).face.rows[1].token == "forward"


def test_partial_sums_show_as_each_edge_contributes(view: CanvasView) -> None:
    start(view, "backward")
    step = index_of(view, "x4")
    whole = view.session.sweep[step].result
    terms = view.session.sweep[step].terms
    assert len(terms) == 2
    view.session.playback.go_to(step, 0.2)
    assert rows(view, "x4")[1][1] == "—"
    view.session.playback.go_to(step, 0.6)
    shown = float(rows(view, "x4")[1][1].replace("−", "-"))
    assert shown == pytest.approx(float(terms[0].contribution), rel=1e-3)
    view.session.playback.go_to(step, 1.0)
    assert float(rows(view, "x4")[1][1]) == pytest.approx(float(whole), rel=1e-3)


@pytest.mark.parametrize(("mode", "towards"), [("forward", "target"), ("backward", "source")])
def test_pulses_travel_in_the_direction_of_the_derivative(view, mode: str, towards: str) -> None:
    start(view, mode)
    step = index_of(view, "x5" if mode == "forward" else "x8")
    view.session.playback.go_to(step, 0.3)
    (pulse,) = (p for p in view.scene_.pulses.items() if p.isVisible())
    first = pulse.pos()
    view.session.playback.go_to(step, 0.6)
    second = pulse.pos()
    edge = view.scene_.edges[view.session.sweep[step].edges[0]]
    goal = QPointF(*(edge.route[-1] if towards == "target" else edge.route[0]))

    def distance(point: QPointF) -> float:
        return math.hypot(point.x() - goal.x(), point.y() - goal.y())

    assert distance(second) < distance(first)
    assert edge.look.active
    view.session.playback.go_to(step, 1.0)
    assert not any(p.isVisible() for p in view.scene_.pulses.items())


def test_the_step_marks_its_node_and_edges(view: CanvasView) -> None:
    start(view, "backward")
    step = index_of(view, "x4")
    view.session.go_to(step)
    assert view.node_item(view.document.graph.id_of("x4")).look.active
    active = {key for key, edge in view.scene_.edges.items() if edge.look.active}
    assert active == set(view.session.sweep[step].edges)


def test_cross_mode_shows_what_is_left_and_what_was_filled_in(view: CanvasView) -> None:
    start(view, "cross")
    ids = view.document.graph.id_of
    step = index_of(view, "x8")
    view.session.go_to(step)
    assert view.node_item(ids("x8")).look.ghost
    assert not view.node_item(ids("x6")).look.ghost
    assert (ids("x6"), ids("x9")) in view.scene_.fill_ins
    assert view.scene_.edges[ids("x6"), ids("x8"), "y"].look.ghost
    assert texts(view)["x6", "x9"] == "∂x₉/∂x₆ = 2"
    view.session.go_to(-1)
    assert not view.scene_.fill_ins
    assert not view.node_item(ids("x8")).look.ghost


def test_after_all_eliminations_the_jacobian_is_left(view: CanvasView) -> None:
    start(view, "cross")
    view.session.go_to(99)
    ids = view.document.graph.id_of
    left = set(view.scene_.fill_ins)
    assert left == {(ids("x1"), ids("x9")), (ids("x2"), ids("x9"))}
    jacobian = view.session.sweep.jacobian
    labels = texts(view)
    for name in ("x1", "x2", "x3"):
        number = float(labels[name, "x9"].split("= ")[1].replace("−", "-"))
        assert number == pytest.approx(float(jacobian["x9", name]), rel=1e-3)


def test_stepping_back_in_cross_mode_gives_the_same_as_going_there(view: CanvasView) -> None:
    start(view, "cross")
    view.session.go_to(2)
    there = dict(texts(view))
    view.session.go_to(99)
    view.session.go_to(2)
    assert texts(view) == there


def test_highlights_of_other_panels_light_cards_and_edges(view: CanvasView) -> None:
    ids = view.document.graph.id_of
    key = (ids("x4"), ids("x6"), "x")
    view.session.highlight([ids("x4")], [key])
    assert view.node_item(ids("x4")).look.lit
    assert view.scene_.edges[key].look.lit
    view.session.highlight()
    assert not view.node_item(ids("x4")).look.lit


def test_a_failing_node_says_so_on_its_card(view: CanvasView) -> None:
    ids = view.document.graph.id_of
    sentence = "x9 (div): shapes (2,) and (3,) do not fit; give both the same shape."
    view.session.failures = {ids("x9"): sentence}
    view.session.evaluated.emit()
    item = view.node_item(ids("x9"))
    assert item.face.error == sentence
    assert item.geometry.error is not None
    view.session.failures = {}
    view.session.evaluated.emit()
    assert item.geometry.error is None


def test_a_node_with_an_open_port_waits_without_alarm(view: CanvasView) -> None:
    new = view.editing.add("add", (520, 430))
    settle()
    face = view.node_item(new).face
    assert not face.error
    assert face.writing == "? + ?"
    assert face.rows[0].text == "connect x, y"
    view.editing.connect(Port("x5", "out"), Port(new, "x"))
    settle()
    assert view.node_item(new).face.rows[0].text == "connect y"


def test_a_node_behind_one_without_a_value_waits_for_it(view: CanvasView) -> None:
    view.editing.disconnect([("x3", "x5", "x")])
    settle()
    assert rows(view, "x7") == [("value", "waits for x₅")]
    assert not view.node_item("x7").face.error
    assert rows(view, "x6")[0][1] != "—"  # what does not depend on it goes on


def test_a_node_of_an_unknown_type_is_a_placeholder(view: CanvasView) -> None:
    def edit(graph: Graph) -> Graph:
        lost = Node(id="p", op="wavelet", name="p", stored_ports=("signal",), position=(0, 430))
        return graph.with_(nodes_by_id={**graph.nodes_by_id, "p": lost})

    view.document.apply("Add", edit)
    face = view.node_item("p").face
    assert face.kind == "placeholder"
    assert face.ports == ("signal",)
    assert "wavelet" in face.error
    view.grab()


def test_arrays_show_their_shape_their_range_and_a_picture(view: CanvasView) -> None:
    import numpy as np

    value = np.array([[1.0, -2.0], [0.5, np.nan]])
    view.document.apply(
        "Add", lambda g: edits.add_node(g, "parameter", id="W", name="W", settings={"value": value})
    )
    row = view.node_item("W").face.rows[0]
    assert (row.text, row.low, row.high) == ("2×2", "−2", "1")
    assert row.cells is not None
    view.grab()


def test_undo_and_new_documents_keep_items_in_step_with_the_graph(view: CanvasView) -> None:
    before = set(view.scene_.nodes)
    view.editing.add("sin", (0, 500))
    view.document.undo()
    assert set(view.scene_.nodes) == before
    view.document.new(Graph())
    assert not view.scene_.nodes
    assert not view.scene_.edges
    assert not list(view.scene_.labels.items())


def test_far_away_the_overview_takes_over(view: CanvasView) -> None:
    view.zoom_to(0.3)
    assert view.scene_.overview.isVisible()
    assert not any(label.isVisible() for label in view.scene_.labels.items())
    view.grab()
    view.zoom_to(0.6)
    assert not view.scene_.overview.isVisible()


def test_both_themes_paint_every_state(view: CanvasView) -> None:
    start(view, "cross")
    view.session.playback.go_to(2, 0.5)
    view.session.select([view.document.graph.id_of("x1")])
    light = view.grab().toImage().pixelColor(3, 3)
    theme.set_theme("dark")
    settle()
    dark = view.grab().toImage().pixelColor(3, 3)
    theme.set_theme("light")
    theme.apply(QApplication.instance())
    assert light.lightness() > 200
    assert dark.lightness() < 60


def test_tangents_for_all_inputs_stand_beside_each_other(view: CanvasView) -> None:
    start(view, "forward")
    view.session.set_seed("all")
    settle()
    view.session.go_to(index_of(view, "x4"))
    settle()
    assert rows(view, "x4")[1] == ("ẋ₄", "(2, 1, 0)")
    assert rows(view, "x1")[1] == ("ẋ₁", "(1, 0, 0)")
    assert rows(view, "x9")[1] == ("ẋ₉", "—")


def test_while_the_class_is_asked_the_sum_is_withheld(view: CanvasView) -> None:
    start(view, "backward")
    view.session.playback.set_holds(True)
    while not (view.session.playback.is_held and view.session.step_shown.name == "x4"):
        view.session.step(1)
    step = view.session.step_shown
    shown = rows(view, "x4")[1][1]
    assert shown != step.result_text
    assert float(shown) == pytest.approx(step.terms[-2].partial_sum, abs=1e-2)
    view.session.step(1)
    assert rows(view, "x4")[1][1] == step.result_text


def test_an_output_that_feeds_others_keeps_the_edges_into_it(view: CanvasView) -> None:
    from visualad.graph.parser import parse

    view.document.new(parse("y = sin(x)\nz = exp(y)", outputs=["y", "z"]))
    settle()
    start(view, "cross")
    view.session.go_to(0)
    settle()
    graph = view.document.graph
    x, y, z = (graph.id_of(name) for name in "xyz")
    look = {key[:2]: item.look.ghost for key, item in view.scene_.edges.items()}
    assert look == {(x, y): False, (y, z): True}
    assert not view.node_item(y).look.ghost
    assert set(view.scene_.fill_ins) == {(x, z)}
