"""The derivation panel: the lines of a step, and the edges that its factors light up."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from visualad.assets import asset
from visualad.exchange.derivation_lines import split_sum
from visualad.graph import file
from visualad.graph.parser import parse
from visualad.gui.canvas.view import CanvasView
from visualad.gui.panels.derivation import NO_MODE, NO_STEP, DerivationPanel

from .conftest import POINT, at_point


def test_a_step_is_derived_from_the_rule_to_the_result(desk):
    panel = desk.panel(DerivationPanel)
    desk.play_to("backward", 5)
    assert panel.view.texts() == [
        "∂f/∂x₄ = Σ over the edges that leave x₄",
        "= ∂f/∂x₆ · ∂x₆/∂x₄ + ∂f/∂x₇ · ∂x₇/∂x₄",
        "= ∂f/∂x₆ · exp x₄ + ∂f/∂x₇ · x₅",
        "= 0.5 · 3.32 + 0.5 · 0.9093",
        "= 2.115",
    ]
    assert panel.title.text() == "Step 6 of 9: ∂f/∂x₄"


def test_ones_and_zeros_are_explained_in_words(desk):
    panel = desk.panel(DerivationPanel)
    desk.play_to("backward", 0)
    assert "1 because it is the seed" in panel.view.texts()
    desk.play_to("forward", 2)
    assert "0 because the seed is on x₁" in panel.view.texts()


def test_the_panel_says_how_to_begin(desk):
    panel = desk.panel(DerivationPanel)
    assert panel.empty.text() == NO_MODE
    desk.play_to("forward", -1)
    assert panel.empty.text() == NO_STEP


def test_hovering_a_factor_lights_its_edge_and_a_lit_edge_lights_its_factors(desk, qtbot):
    panel = desk.panel(DerivationPanel, (360, 400))
    desk.play_to("backward", 5)
    view = panel.view
    area = view.area_of("∂f/∂x₇ · x₅")
    qtbot.mouseMove(view, area.center().toPoint())
    (edge,) = desk.session.highlighted_edges
    assert edge[:2] == (desk.id("x4"), desk.id("x7"))
    assert desk.session.highlighted_nodes == {desk.id("x7")}
    qtbot.mouseMove(view, view.rect().bottomRight())
    assert desk.session.highlighted_edges == frozenset()
    desk.session.highlight(edges=[edge])
    assert "0.5 · 0.9093" in view.lit_texts
    assert "0.5 · 3.32" not in view.lit_texts


def test_clicking_a_factor_selects_its_edge(desk, qtbot):
    panel = desk.panel(DerivationPanel, (360, 400))
    desk.play_to("backward", 5)
    place = panel.view.area_of("0.5 · 3.32").center().toPoint()
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=place)
    assert {key[:2] for key in desk.session.selected_edges} == {(desk.id("x4"), desk.id("x6"))}


def test_a_selected_node_shows_its_own_step_until_the_film_moves_on(desk):
    panel = desk.panel(DerivationPanel)
    desk.play_to("backward", 5)
    desk.session.select([desk.id("x8")])
    assert panel.step.name == "x8"
    desk.session.step(1)
    assert panel.step.name == "x3"


def test_a_selected_node_that_was_not_reached_gives_nothing_away(desk):
    panel = desk.panel(DerivationPanel)
    desk.play_to("backward", 2)
    desk.session.select([desk.id("x1")])
    assert panel.step.name == "x7"


def test_an_elimination_shows_each_product_where_it_is_added_and_its_cost(desk):
    panel = desk.panel(DerivationPanel)
    desk.play_to("cross", 2)
    assert panel.view.texts() == [
        "Eliminate x₆: each edge into x₆ times each edge out of it",
        "∂x₉/∂x₄ += ∂x₆/∂x₄ · ∂x₉/∂x₆",
        "= 0.5 · 3.32 = 1.66",
        "0.4546 + 1.66 = 2.115",
        "This step costs 1 multiplication and 1 addition.",
    ]


def test_a_kink_is_explained(make_desk):
    desk = make_desk(at_point(parse("abs(x)"), {"x": 0.0}))
    panel = desk.panel(DerivationPanel)
    desk.play_to("backward", 1)
    kinks = [step.kink for step in desk.session.sweep if step.kink]
    desk.session.go_to(next(s.index for s in desk.session.sweep if s.kink))
    assert kinks
    assert kinks[0] in panel.view.texts()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a + b", ["a", "b"]),
        ("a - b", ["a", "- b"]),
        ("-a + b", ["-a", "b"]),
        (r"0.5 \cdot (-1.2) + 1 \cdot 3", [r"0.5 \cdot (-1.2)", r"1 \cdot 3"]),
        (r"e^{a + b} + c", [r"e^{a + b}", "c"]),
        ("0.6 · (−0.4161) + 1 · (−1.103)", ["0.6 · (−0.4161)", "1 · (−1.103)"]),
    ],
)
def test_a_sum_is_cut_at_the_signs_outside_of_brackets(text, parts):
    assert split_sum(text) == parts


def test_an_edge_under_the_mouse_on_the_canvas_lights_its_factor(make_desk, qtbot):
    desk = make_desk(at_point(file.load(asset("graphs/lecture.vad")), POINT))
    panel = desk.panel(DerivationPanel, (360, 400))
    view = desk.panel(CanvasView, (900, 500))
    desk.session.playback.reduced_motion = True  # nothing glides: a test need not wait
    view.zoom_to(1.0)
    desk.play_to("backward", 5)
    (key,) = [k for k in view.scene_.edges if k[:2] == (desk.id("x4"), desk.id("x6"))]
    middle = view.scene_.edges[key].path.pointAtPercent(0.3)
    view.centre_on(middle)
    place = view.mapFromScene(middle)
    qtbot.mouseMove(view.viewport(), place - QPoint(40, 40))
    qtbot.mouseMove(view.viewport(), place)
    assert desk.session.highlighted_edges == {key}
    assert "0.5 · 3.32" in panel.view.lit_texts


def test_the_result_is_a_question_while_the_class_is_asked(desk):
    panel = desk.panel(DerivationPanel, (300, 400))
    desk.session.set_mode("backward")
    desk.settle()
    desk.session.playback.set_holds(True)
    while not desk.session.playback.is_held:
        desk.session.step(1)
    result = desk.session.step_shown.result_text
    assert panel.view.texts()[-1] == "= ?"
    desk.session.step(1)
    assert panel.view.texts()[-1] == f"= {result}"
