"""The trace table: what stands in it, how it fills, and how it is linked."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt

from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.gui import fonts
from visualad.gui.panels.derivation import DerivationPanel
from visualad.gui.panels.trace import NO_VERTICES, TracePanel, fitting_text
from visualad.gui.panels.trace_model import ADJOINT, CELL, PRIMAL, STEP, TANGENT, TraceModel

from .conftest import at_point


def column(panel: TracePanel, number: int) -> list[str]:
    model = panel.model
    return [model.index(row, number).data() for row in range(model.rowCount())]


def text_of(panel: TracePanel, desk, name: str, number: int) -> str:
    return panel.model.index(panel.model.row_of(desk.id(name)), number).data()


def test_without_a_mode_every_node_has_its_value_in_topological_order(desk):
    panel = desk.panel(TracePanel)
    assert column(panel, STEP) == ["x₁", "x₂", "x₃", "x₄", "x₅", "x₆", "x₇", "x₈", "x₉ = f"]
    assert text_of(panel, desk, "x9", PRIMAL) == "x₈/x₃ = 2.206"
    assert set(column(panel, ADJOINT)) == {""}


def test_backward_mode_lists_nodes_from_the_output_and_fills_as_steps_are_reached(desk):
    panel = desk.panel(TracePanel)
    desk.play_to("backward", 5)
    assert column(panel, STEP)[0] == "x₉ = f"
    assert column(panel, STEP)[-1] == "x₁"
    assert text_of(panel, desk, "x4", ADJOINT) == "∂f/∂x₆ · exp x₄ + ∂f/∂x₇ · x₅ = 2.115"
    assert text_of(panel, desk, "x9", ADJOINT) == "1 because it is the seed"
    assert text_of(panel, desk, "x1", ADJOINT) == "waits"
    desk.session.go_to(8)
    assert text_of(panel, desk, "x1", ADJOINT).endswith("= 1.692")


def test_the_other_mode_s_column_is_complete_from_the_start(desk):
    panel = desk.panel(TracePanel)
    desk.play_to("backward", -1)
    assert text_of(panel, desk, "x9", ADJOINT) == "waits"
    assert text_of(panel, desk, "x7", TANGENT) == "0.8 · 0.9093 + 0 · 1.2 = 0.7274"
    headings = [panel.model.headerData(i, Qt.Orientation.Horizontal) for i in range(4)]
    assert headings[2:] == ["forward tangent, seed ẋ₁ = 1", "backward adjoint, seed ∂f/∂f = 1"]


def test_partial_sums_appear_while_the_pulses_of_a_step_travel(desk):
    panel = desk.panel(TracePanel)
    desk.play_to("backward", 4)
    playback = desk.session.playback
    playback.go_to(5, 0.0)
    assert text_of(panel, desk, "x4", ADJOINT) == "…"
    playback.go_to(5, 0.5)
    so_far = text_of(panel, desk, "x4", ADJOINT)
    assert so_far == "0.5 · 0.9093 + … = 0.4546 so far"
    playback.go_to(5, 1.0)
    assert text_of(panel, desk, "x4", ADJOINT).endswith("= 2.115")
    tip = panel.model.index(panel.model.row_of(desk.id("x4")), ADJOINT).data(
        Qt.ItemDataRole.ToolTipRole
    )
    assert "sum 2.115" in tip


def test_clicking_a_row_selects_the_node_and_a_selected_node_lights_its_row(desk, qtbot):
    panel = desk.panel(TracePanel)
    desk.play_to("backward", 5)
    row = panel.model.row_of(desk.id("x7"))
    place = panel.table.visualRect(panel.model.index(row, 1)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.session.selected_nodes == {desk.id("x7")}
    desk.session.select([desk.id("x2")])
    chosen = [index.row() for index in panel.table.selectionModel().selectedRows()]
    assert chosen == [panel.model.row_of(desk.id("x2"))]


def test_enter_and_double_click_go_to_the_step_of_the_row(desk, qtbot):
    panel = desk.panel(TracePanel)
    desk.play_to("backward", -1)
    table = panel.table
    row = panel.model.row_of(desk.id("x6"))
    table.setCurrentIndex(panel.model.index(row, 0))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert desk.session.step_shown.name == "x6"
    place = table.visualRect(panel.model.index(panel.model.row_of(desk.id("x4")), 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.session.step_shown.name == "x4"


def test_hovering_a_row_lights_the_edges_of_its_step(desk, qtbot):
    panel = desk.panel(TracePanel)
    desk.play_to("backward", 8)
    place = panel.table.visualRect(panel.model.index(panel.model.row_of(desk.id("x4")), 1)).center()
    qtbot.mouseMove(panel.table.viewport(), place + QPoint(1, 0))
    qtbot.mouseMove(panel.table.viewport(), place)
    assert {key[:2] for key in desk.session.highlighted_edges} == {
        (desk.id("x4"), desk.id("x6")),
        (desk.id("x4"), desk.id("x7")),
    }


def test_cross_mode_shows_eliminations_with_products_fill_ins_and_the_cost_so_far(desk):
    panel = desk.panel(TracePanel)
    desk.play_to("cross", 2)
    assert column(panel, 1) == ["x₈", "x₇", "x₆", "x₅", "x₄"]
    assert column(panel, 2)[2] == "x₄→x₉: 0.5 · 3.32 = 1.66"
    assert column(panel, 3)[2] == "x₄→x₉: 0.4546 + 1.66 = 2.115"
    assert column(panel, 4)[:3] == ["2 mul · 0 add", "4 mul · 0 add", "5 mul · 1 add"]
    assert column(panel, 2)[3] == "waits"


def test_a_graph_without_inner_vertices_says_so_in_cross_mode(make_desk):
    desk = make_desk(at_point(parse("x*y"), {"x": 2.0, "y": 3.0}))
    panel = desk.panel(TracePanel)
    desk.play_to("cross", -1)
    assert panel.empty.isVisible()
    assert panel.empty.text() == NO_VERTICES


def test_a_graph_that_cannot_be_derived_says_why(make_desk):
    graph = at_point(parse("y = log(x1) + w1"), {"x1": 2.0, "w1": 1.0})
    unknown = replace(next(n for n in graph if n.op == "log"), op="student.mystery")
    desk = make_desk(graph.with_(nodes_by_id={**graph.nodes_by_id, unknown.id: unknown}))
    panel, derivation = desk.panel(TracePanel), desk.panel(DerivationPanel)
    waits = panel.model.index(panel.model.row_of(desk.id("y")), PRIMAL).data(CELL)
    assert (waits.text, waits.token) == ("waits for v₁", "text_muted")
    desk.play_to("cross", -1)
    desk.settle()
    assert panel.empty.isVisible()
    assert "No plugin provides the node type 'student.mystery'" in panel.empty.text()
    assert derivation.empty.text() == panel.empty.text()
    desk.document.new(graph)
    desk.play_to("cross", -1)
    assert panel.table.isVisible()
    assert derivation.empty.text().startswith("Press Space")


def test_an_empty_graph_says_what_to_do(make_desk):
    panel = make_desk(Graph()).panel(TracePanel)
    assert panel.empty.isVisible()
    assert "Type a formula" in panel.empty.text()


def test_results_of_a_graph_that_was_changed_do_not_stay(desk):
    panel = desk.panel(TracePanel)
    desk.play_to("backward", 8)
    desk.document.new(at_point(parse("sin(x1)"), {"x1": 1.0}))
    desk.settle()
    assert column(panel, STEP) == ["x₁", "x₂ = f"]
    assert set(column(panel, ADJOINT)) == {""}


@pytest.mark.parametrize("mode", ["forward", "backward"])
def test_one_source_on_both_ports_has_two_terms(make_desk, mode):
    desk = make_desk(at_point(parse("x - x"), {"x": 5.0}))
    panel = desk.panel(TracePanel)
    desk.play_to(mode, 1)
    number = TANGENT if mode == "forward" else ADJOINT
    name = desk.graph.outputs[0] if mode == "forward" else "x"
    assert text_of(panel, desk, name, number).endswith("= 0")


def test_the_model_of_a_hundred_thousand_rows_is_shown_at_once():
    graph = SimpleNamespace(order=tuple(f"n{i}" for i in range(100_000)))
    model = TraceModel()
    model.show(graph, "", {}, {}, {}, (-1, 1.0))
    assert model.rowCount() == 100_000


def test_an_edge_or_a_node_that_is_lit_elsewhere_lights_its_row(desk):
    panel = desk.panel(TracePanel)
    desk.play_to("backward", 8)
    key = next(k for k in desk.session.partials if k[:2] == (desk.id("x4"), desk.id("x6")))
    desk.session.highlight(edges=[key])
    assert panel.model.lit == {desk.id("x4")}  # where its term arrives
    desk.session.highlight()
    desk.session.select((), [key])
    assert panel.model.lit == {desk.id("x4")}
    desk.play_to("forward", 8)
    desk.session.highlight(nodes=[desk.id("x8")])
    assert panel.model.lit == {desk.id("x8"), desk.id("x6")}


def test_a_sum_that_does_not_fit_keeps_its_result(qapp):
    metrics = fonts.metrics(13.0)
    text = "∂f/∂a · x + ∂f/∂b · 1 + ∂f/∂c · 1/x = 10.77"
    assert fitting_text(text, metrics, 1000) == text
    short = fitting_text(text, metrics, 200)
    assert short.startswith("∂f/∂a · x")
    assert short.endswith("… = 10.77")
    assert metrics.horizontalAdvance(short) <= 200
    both = "x₆→x₉: 0.64 · 1 = 0.64   x₇→x₉: 0.64 · 2 = 1.28"
    assert not fitting_text(both, metrics, 200).endswith("= 1.28")
    assert fitting_text("a very long sentence without numbers", metrics, 80).endswith("…")
