"""Checks, mistakes and growth: what they ask, what they show, what they light up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt

from visualad.assets import asset
from visualad.autodiff.cost_families import BACKWARD_SWEEPS
from visualad.graph import file
from visualad.graph.edits import set_setting
from visualad.graph.model import PARAMETER, Graph, Node
from visualad.graph.parser import parse
from visualad.gui import theme
from visualad.gui.masking import Mask
from visualad.gui.panels.checks import EXERCISE, ChecksPanel
from visualad.gui.panels.cost import CostPanel
from visualad.gui.panels.mistakes import MistakesPanel
from visualad.kernel import lesson_answers  # noqa: F401 - registers the answers

from .conftest import at_point, lecture_at

ONE = {"x1": 1.0, "x2": 1.0, "x3": 1.0}


def with_parameters(graph: Graph, **values: float) -> Graph:
    nodes = {
        id_: Node(id_, PARAMETER, node.name, settings={"value": values[node.name]})
        if node.name in values
        else node
        for id_, node in graph.nodes_by_id.items()
    }
    return graph.with_(nodes_by_id=nodes)


# Checks -------------------------------------------------------------------------------------------


def test_the_error_is_drawn_over_h_with_words(make_desk):
    panel = make_desk(lecture_at(ONE)).panel(ChecksPanel)
    assert panel.curve.analytic == pytest.approx(3.559752813)
    assert {method.name for method in panel.curve.methods} == {
        "forward difference",
        "central difference",
        "complex step",
    }
    assert panel.plot.isVisible()
    assert "truncation" in panel.words.text()


def test_a_plot_without_curves_says_why(make_desk):
    graph = at_point(parse("sqrt((x - 1)**2)*y"), {"x": 1.0, "y": 2.0})
    desk = make_desk(graph)
    panel = desk.panel(ChecksPanel)
    assert math.isnan(panel.curve.analytic)
    assert panel.plot.words.isVisible()
    assert "is nan here" in panel.plot.words.text()
    desk.document.apply("Move", lambda g: set_setting(g, g.id_of("x"), "value", 3.0))
    desk.settle()
    assert panel.curve.analytic == pytest.approx(2.0)
    assert not panel.plot.words.isVisible()


def test_dragging_the_line_changes_h_and_its_numbers(make_desk):
    panel = make_desk(lecture_at(ONE)).panel(ChecksPanel)
    panel.plot.dragged.emit(-8.0)
    assert panel.reading.text().startswith("h = 1e−08")
    _title, number, error = panel._cells["forward difference"]
    assert number.text().startswith("3.5597528")
    assert float(error.text().replace("−", "-")) == pytest.approx(3.5e-8, rel=0.1)
    panel.plot._line.setPos(-1.0)
    assert panel.h == pytest.approx(0.1)
    assert panel.reading.text().startswith("h = 0.1")


def test_outputs_inputs_and_elements_can_be_chosen(make_desk):
    graph = set_setting(parse("f = sum(W*W)\ng = sum(sin(W))"), "W", "value", [1.0, 2.0])
    desk = make_desk(graph)
    panel = desk.panel(ChecksPanel)
    assert [panel.input.itemText(i) for i in range(panel.input.count())] == ["W[0]", "W[1]"]
    panel.input.setCurrentIndex(1)
    panel.input.activated.emit(1)
    desk.settle()
    assert panel.curve.analytic == 4.0
    panel.output.setCurrentIndex(1)
    panel.output.activated.emit(1)
    desk.settle()
    assert panel.curve.analytic == pytest.approx(math.cos(2.0))


def test_kinks_are_explained_and_have_no_complex_step(make_desk):
    panel = make_desk(at_point(parse("abs(x)"), {"x": 0.0})).panel(ChecksPanel)
    assert "kink" in panel.words.text()
    assert not panel._cells["complex step"][0].isVisible()


def test_the_check_keeps_what_an_exercise_asks_for(make_desk):
    desk = make_desk(lecture_at(ONE))
    panel = desk.panel(ChecksPanel)
    desk.session.set_mask(Mask(nodes=frozenset({("adjoint", "x1")})))
    desk.settle()
    assert panel.empty.isVisible()
    assert panel.empty.text() == EXERCISE


def test_a_graph_without_outputs_says_what_would_be_here(make_desk):
    assert make_desk(Graph()).panel(ChecksPanel).empty.isVisible()


def test_the_plot_follows_the_theme(make_desk):
    panel = make_desk(lecture_at(ONE)).panel(ChecksPanel)
    try:
        theme.set_theme("dark")
        colour = panel.plot.plot.backgroundBrush().color().name()
        assert colour == theme.current().surface
    finally:
        theme.set_theme("light")


# Mistakes -----------------------------------------------------------------------------------------


def test_a_mistake_shows_wrong_numbers_and_lights_the_first(make_desk, qtbot):
    desk = make_desk(lecture_at({"x1": 1.0, "x2": 2.0, "x3": math.pi / 2}))
    panel = desk.panel(MistakesPanel, (900, 300))
    qtbot.mouseClick(panel.switches["assign"], Qt.MouseButton.LeftButton)
    desk.settle()
    rows = {
        panel.model.index(row, 0).data(): [panel.model.index(row, c).data() for c in (1, 2, 3)]
        for row in range(panel.model.rowCount())
    }
    assert rows["x₄  ◂ 1st"] == ["5.341", "4.704", "0.637"]
    assert rows["x₈"] == ["0.6366", "0.6366", ""]
    assert desk.session.highlighted_nodes == {"x4"}
    assert desk.session.highlighted_edges == {("x4", "x6", "x")}
    assert panel.first.text.startswith("First wrong: At x₄")
    panel.choose("")
    assert not desk.session.highlighted_nodes
    assert not panel.table.isVisible()


def test_without_parameters_the_early_update_says_why_not(make_desk):
    desk = make_desk(lecture_at(ONE))
    panel = desk.panel(MistakesPanel, (900, 300))
    panel.choose("early update")
    desk.settle()
    assert "no parameter" in panel.first.text
    assert not panel.table.isVisible()


def test_training_is_compared_where_there_are_parameters(make_desk):
    graph = with_parameters(parse("h = v*x; E = (w*h - 1)**2"), v=0.5, w=0.4)
    desk = make_desk(at_point(graph, {"x": 1.0}))
    panel = desk.panel(MistakesPanel, (900, 300))
    panel.learning_rate = 0.1
    panel.choose("early update")
    desk.settle()
    assert panel.made.training.right[1] != panel.made.training.wrong[1]
    assert "after 1,000 steps" in panel.training.text()


def test_the_table_follows_the_point(make_desk):
    desk = make_desk(lecture_at(ONE))
    panel = desk.panel(MistakesPanel, (900, 300))
    panel.choose("assign")
    desk.settle()
    before = panel.made
    desk.document.apply("Set", lambda g: at_point(g, {"x1": 2.0}))
    desk.settle()
    assert panel.made is not before


# Growth -------------------------------------------------------------------------------------------


def test_growth_is_counted_and_set_beside_the_lectures_laws(make_desk):
    desk = make_desk(lecture_at(ONE))
    panel = desk.panel(CostPanel, (900, 400))
    section = panel.growth
    section.choose("speelpenning")
    desk.settle()
    assert section.growth.sizes == (2, 4, 8, 16, 32, 64)
    assert section.plot is not None
    assert "backward ╌ 2·n" in section._legend_texts[BACKWARD_SWEEPS].text()
    assert "64 times as many" in section.words.text()
    section.choose("")
    assert section.growth is None


def test_curves_without_a_value_leave_a_gap(make_desk):
    panel = make_desk(at_point(parse("log(x)"), {"x": 0.01})).panel(ChecksPanel)
    central = panel.curve.methods[1]
    assert np.isnan(central.errors[0])
    assert panel.plot.isVisible()


def test_the_wrong_order_says_which_and_both_lines_of_code_are_there(make_desk):
    desk = make_desk(lecture_at({"x1": 1.0, "x2": 2.0, "x3": math.pi / 2}))
    panel = desk.panel(MistakesPanel, (900, 300))
    panel.choose("wrong order")
    desk.settle()
    assert "Visited in this order: x₉, x₈, " in panel.summary.text()
    assert panel.code.text().startswith("✗ ")
    assert panel.right_code.text().startswith("✓ for node in reversed")
    assert panel.code.isVisible()
    assert panel.right_code.isVisible()


def test_a_row_of_the_comparison_lights_and_selects_its_node(make_desk, qtbot):
    desk = make_desk(lecture_at(ONE))
    panel = desk.panel(MistakesPanel, (900, 400))
    panel.choose("assign")
    desk.settle()
    place = panel.table.visualRect(panel.model.index(0, 1)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.session.selected_nodes == {"x9"}


def test_mazurs_errors_are_told_for_the_steps_asked_for_and_adjoints_do_not_wait(make_desk, qtbot):
    desk = make_desk(file.load(asset("graphs/backpropagation-by-hand.vad")))
    panel = desk.panel(MistakesPanel, (900, 300))
    panel.count.setFocus()
    panel.steps = 3
    panel.choose("early update")
    ((first, _),) = desk.kernel.open.values()
    assert first.steps == 0
    desk.settle()
    assert "0.291027774 when done right and 0.291027924 with the mistake" in panel.training.text()
    assert "after 3 steps" in panel.training.text()
    assert panel.table.rowAt(4) >= panel.model.first_row - 2  # the first wrong one is in sight
    qtbot.keyClicks(panel.count, "x")
    qtbot.keyClick(panel.count, Qt.Key.Key_Return)
    assert panel.steps == 3
