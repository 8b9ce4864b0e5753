"""What derivatives cost, and the matrix they make."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from visualad.autodiff.steps import Cost
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.gui.masking import Mask
from visualad.gui.panels.cost import CostPanel
from visualad.gui.panels.hessian import HessianPanel
from visualad.gui.panels.jacobian import JacobianPanel
from visualad.gui.panels.matrix_table import heat_colour, ink_on

from .conftest import at_point

COUNTED = "elimination, unit edges count"


def test_each_mode_has_a_bar_with_its_numbers_and_the_convention_in_words(desk):
    desk.costs = (
        ("forward", "forward", Cost(13, 2, COUNTED)),
        ("backward", "backward", Cost(8, 2, COUNTED)),
        ("cross, best order", "cross", Cost(8, 2, COUNTED)),
    )
    panel = desk.panel(CostPanel)
    assert panel.bars.texts() == [
        "forward: 13 mul · 2 add",
        "backward: 8 mul · 2 add",
        "cross, best order: 8 mul · 2 add",
    ]
    assert [words for words, _ in panel.bars.groups()] == [f"Counted: {COUNTED}"]


def test_costs_that_count_differently_stand_apart(desk):
    desk.costs = (
        ("forward", "forward", Cost(13, 2, COUNTED)),
        ("3 forward sweeps, one per input", "forward", Cost(30, 12, "one product per edge")),
    )
    panel = desk.panel(CostPanel)
    assert [words for words, _ in panel.bars.groups()] == [
        f"Counted: {COUNTED}",
        "Counted: one product per edge",
    ]


def test_the_running_cost_counts_the_steps_that_are_done(desk):
    desk.costs = (("forward", "forward", Cost(13, 2, COUNTED)),)
    panel = desk.panel(CostPanel)
    desk.play_to("backward", 5)
    assert panel.running.text() == "6 mul · 1 add   of   10 mul · 2 add"
    desk.session.go_to(-1)
    assert panel.running.text().startswith("0 mul · 0 add")
    desk.session.go_to(8)
    assert panel.running.text() == "10 mul · 2 add   of   10 mul · 2 add"


def test_without_costs_the_panel_says_so(make_desk):
    panel = make_desk(Graph()).panel(CostPanel)
    assert panel.empty.isVisible()


def test_a_graph_without_outputs_costs_nothing_and_the_panel_says_so(make_desk):
    desk = make_desk(Graph())
    desk.costs = (("forward", "forward", Cost(0, 0, COUNTED)),)
    assert desk.panel(CostPanel).empty.isVisible()


def test_costs_are_only_asked_for_while_the_panel_is_seen(desk):
    panel = desk.panel(CostPanel)
    panel.hide()
    before = len(desk.kernel.asked)
    desk.document.apply("Set", lambda g: at_point(g, {"x1": 2.0}))
    kinds = {type(r).__name__ for r in desk.kernel.asked[before:]}
    assert "CompareCosts" not in kinds


def test_the_jacobian_has_a_row_for_each_output_and_a_column_for_each_input(make_desk):
    desk = make_desk(at_point(parse("f = x*y\ng = x + sin(y)"), {"x": 2.0, "y": 0.0}))
    panel = desk.panel(JacobianPanel)
    model = panel.model
    assert (model.rowCount(), model.columnCount()) == (2, 2)
    np.testing.assert_allclose(model.entries.matrix, [[0.0, 2.0], [1.0, 1.0]])
    assert model.headerData(1, Qt.Orientation.Horizontal) == "∂/∂y"
    assert panel.legend.high == "2"
    assert "in cross mode" in panel.note.text()


def test_the_jacobian_follows_the_point(desk):
    panel = desk.panel(JacobianPanel)
    np.testing.assert_allclose(panel.model.entries.matrix, [[1.691766, 3.172061, -1.352507]], 1e-6)
    desk.document.apply("Set", lambda g: at_point(g, {"x1": 1.0, "x2": 2.0, "x3": np.pi / 2}))
    desk.settle()
    np.testing.assert_allclose(
        panel.model.entries.matrix, [[10.6812779682, 5.3406389841, -3.8052411089]]
    )


def test_blocks_of_arrays_are_laid_out_element_by_element(make_desk):
    desk = make_desk(at_point(parse("sum(x * x)"), {"x": np.array([1.0, 2.0, 3.0])}))
    panel = desk.panel(JacobianPanel)
    np.testing.assert_allclose(panel.model.entries.matrix, [[2.0, 4.0, 6.0]])
    assert panel.model.headerData(2, Qt.Orientation.Horizontal) == "∂/∂x[2]"


def test_clicking_an_entry_selects_its_output_and_input(desk, qtbot):
    panel = desk.panel(JacobianPanel)
    place = panel.table.visualRect(panel.model.index(0, 2)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.session.selected_nodes == {desk.id("x9"), desk.id("x3")}


def test_a_graph_without_outputs_has_no_jacobian(make_desk):
    panel = make_desk(Graph()).panel(JacobianPanel)
    assert panel.empty.isVisible()


def test_ink_can_be_read_on_every_heat_colour(desk):
    for share in np.linspace(-1, 1, 21):
        paper = heat_colour(float(share))
        assert contrast(paper, ink_on(paper)) >= 4.5


def contrast(a, b) -> float:
    def light(colour) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in (colour.redF(), colour.greenF(), colour.blueF())
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((light(a), light(b)))
    return (high + 0.05) / (low + 0.05)


# Paths -------------------------------------------------------------------------------------------


def click_entry(panel, qtbot, row: int, column: int) -> None:
    place = panel.table.visualRect(panel.table.matrix.index(row, column)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_an_entry_is_the_sum_over_its_paths(desk, qtbot):
    panel = desk.panel(JacobianPanel, (1000, 300))
    click_entry(panel, qtbot, 0, 0)
    desk.settle()
    assert panel.paths.words.text() == "2 paths, in all 1.692."
    rows = [panel.paths.model.data(panel.paths.model.index(i)) for i in range(2)]
    assert rows == [
        "x₁ → x₄ → x₇ → x₈ → x₉:  0.8 · 0.9093 · 1 · 0.5 = 0.3637",
        "x₁ → x₄ → x₆ → x₈ → x₉:  0.8 · 3.32 · 1 · 0.5 = 1.328",
    ]
    lit = {key[:2] for key in desk.session.highlighted_edges}
    assert (desk.id("x4"), desk.id("x6")) in lit
    assert (desk.id("x4"), desk.id("x7")) in lit


def test_the_path_under_the_mouse_is_lit(desk, qtbot):
    panel = desk.panel(JacobianPanel, (1000, 300))
    click_entry(panel, qtbot, 0, 0)
    desk.settle()
    panel.paths.list.setCurrentIndex(panel.paths.model.index(1))
    lit = {key[:2] for key in desk.session.highlighted_edges}
    assert (desk.id("x4"), desk.id("x6")) in lit
    assert (desk.id("x4"), desk.id("x7")) not in lit


def test_paths_are_dark_again_when_their_panel_is_hidden(desk, qtbot):
    panel = desk.panel(JacobianPanel, (1000, 300))
    click_entry(panel, qtbot, 0, 0)
    desk.settle()
    assert desk.session.highlighted_edges
    panel.hide()
    assert not desk.session.highlighted_edges


def test_paths_follow_the_point_and_go_with_their_nodes(desk, qtbot):
    panel = desk.panel(JacobianPanel, (1000, 300))
    click_entry(panel, qtbot, 0, 0)
    desk.settle()
    desk.document.apply("Set", lambda g: at_point(g, {"x1": 1.0, "x2": 2.0, "x3": np.pi / 2}))
    desk.settle()
    assert panel.paths.words.text() == "2 paths, in all 10.68."
    desk.document.new(parse("f = x + y"))
    desk.settle()
    assert panel.paths.found is None


def test_a_zero_without_a_path_is_told_from_a_zero_at_this_point(make_desk, qtbot):
    desk = make_desk(at_point(parse("f = x*x\ng = y"), {"x": 0.0, "y": 1.0}))
    panel = desk.panel(JacobianPanel, (1000, 300))
    model = panel.model
    texts = [[model.data(model.index(r, c)) for c in range(2)] for r in range(2)]
    assert texts == [["0", "·"], ["·", "1"]]
    assert "2 of 4 entries can be other than 0" in panel.note.text()
    click_entry(panel, qtbot, 0, 1)
    desk.settle()
    assert panel.paths.words.text() == "0 because no path leads from y to f."


# Hessian -----------------------------------------------------------------------------------------


def test_the_hessian_is_symmetric_and_says_how_it_was_found(desk):
    desk.document.apply("Set", lambda g: at_point(g, {"x1": 1.0, "x2": 2.0, "x3": np.pi / 2}))
    panel = desk.panel(HessianPanel, (1000, 300))
    np.testing.assert_allclose(
        panel.table.matrix.entries.matrix,
        [[18.8161, 14.7487, -6.7999], [14.7487, 4.7040, -3.3999], [-6.7999, -3.3999, 3.57174]],
        rtol=1e-4,
    )
    note = panel.note.text()
    assert "forward over backward, 3 directions" in note
    assert "symmetric" in note
    assert panel.table.matrix.headerData(0, Qt.Orientation.Vertical) == "∂/∂x₁"
    tip = panel.table.matrix.data(panel.table.matrix.index(0, 1), Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("∂²x₉/∂x₁∂x₂ = 14.7")


def test_the_sparsity_of_a_hessian_is_shown(make_desk, qtbot):
    desk = make_desk(at_point(parse("f = x*y + z*z"), {"x": 1.0, "y": 2.0, "z": 3.0}))
    panel = desk.panel(HessianPanel, (1000, 300))
    assert "3 of 9 entries" in panel.note.text()
    model = panel.table.matrix
    assert [model.data(model.index(0, c)) for c in range(3)] == ["·", "1", "·"]
    panel.dots.click()
    assert panel.table.columnWidth(0) == 12
    assert panel.table.horizontalHeader().isHidden()


def test_an_entry_of_the_hessian_is_explained_with_the_one_across_the_diagonal(make_desk, qtbot):
    desk = make_desk(at_point(parse("f = x*x*y + z"), {"x": 3.0, "y": 2.0, "z": 1.0}))
    panel = desk.panel(HessianPanel, (1000, 300))
    assert "Click an entry" in panel.pairs.words.text()
    click_entry(panel, qtbot, 0, 1)
    words = panel.words.text()
    assert "∂²f/∂x∂y = 6 is the tangent of the adjoint ∂f/∂x along y" in words
    assert words.endswith("∂f/∂y along x, it is 6.")
    panel.resize(600, 250)
    assert panel.words.isHidden()
    assert panel.pairs.title.toolTip() == words
    panel.resize(1000, 300)
    assert panel.words.isVisible()
    assert desk.session.selected_nodes == {desk.id("x"), desk.id("y")}
    desk.document.apply("Set", lambda g: at_point(g, {"x": 5.0, "y": 2.0, "z": 1.0}))
    desk.settle()
    assert "∂²f/∂x∂y = 10 is" in panel.words.text()
    assert panel.pairs.found.total == 10.0
    click_entry(panel, qtbot, 2, 0)
    desk.settle()
    assert panel.words.text().startswith("∂²f/∂z∂x is 0 whatever the point")
    assert panel.pairs.words.text() == "0: no node on the way to f bends with z and x."
    desk.document.new(parse("g = u"))
    desk.settle()
    assert "Click an entry" in panel.pairs.words.text()
    assert panel.words.isHidden()


def test_an_entry_of_the_hessian_is_the_sum_over_the_nodes_where_paths_meet(desk, qtbot):
    panel = desk.panel(HessianPanel, (1000, 300))
    click_entry(panel, qtbot, 0, 2)
    desk.settle()
    pairs = panel.pairs
    assert pairs.title.text() == "∂²x₉/∂x₁∂x₃ as a sum over the nodes where paths meet"
    assert pairs.words.text().startswith("2 terms, in all −1.012. Second local partial · adjoint")
    rows = [pairs.model.data(pairs.model.index(i)) for i in range(2)]
    assert rows == [
        "x₇ = x₄·x₅:  ∂²x₇/∂x₄∂x₅ = 1\n1 · 0.5 · 0.8 · (−0.4161) = −0.1665",
        "x₉ = x₈/x₃:  ∂²x₉/∂x₈∂x₃ = −1/x₃² = −0.25\n(−0.25) · 1 · 3.384 · 1 = −0.8459",
    ]
    tip = pairs.model.data(pairs.model.index(1), Qt.ItemDataRole.ToolTipRole)
    assert "tangent ∂x₈/∂x₁ = 3.38" in tip
    fed = {key[:2] for key in desk.session.highlighted_edges}
    assert {(desk.id("x3"), desk.id("x9")), (desk.id("x3"), desk.id("x5"))} <= fed
    place = pairs.list.visualRect(pairs.model.index(1)).center()
    qtbot.mouseMove(pairs.list.viewport(), place)
    qtbot.mouseClick(pairs.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    lit = {key[:2] for key in desk.session.highlighted_edges}
    assert (desk.id("x3"), desk.id("x9")) in lit
    assert (desk.id("x3"), desk.id("x5")) not in lit


def test_terms_of_arrays_are_told_to_be_matrices_and_the_entry_is_explained_still(make_desk, qtbot):
    desk = make_desk(at_point(parse("f = sum(x*x)"), {"x": np.array([1.0, 2.0])}))
    panel = desk.panel(HessianPanel, (1000, 300))
    click_entry(panel, qtbot, 0, 0)
    desk.settle()
    assert "x is an array" in panel.pairs.words.text()
    assert "∂²f/∂x[0]∂x[0] = 2" in panel.words.text()


def test_terms_of_an_entry_go_while_an_exercise_is_answered(desk, qtbot):
    panel = desk.panel(HessianPanel, (1000, 300))
    click_entry(panel, qtbot, 0, 2)
    desk.settle()
    desk.session.set_mask(Mask(hide=frozenset({"derivatives"})))
    desk.settle()
    assert panel.pairs.model.rowCount() == 0
    assert panel.empty.isVisible()


def test_of_several_outputs_one_is_chosen(make_desk):
    desk = make_desk(at_point(parse("f = x*x\ng = x*x*x"), {"x": 2.0}))
    panel = desk.panel(HessianPanel, (1000, 300))
    assert panel.table.matrix.entries.matrix[0, 0] == 2.0
    panel.choice.setCurrentIndex(1)
    panel.choice.activated.emit(1)
    desk.settle()
    assert panel.table.matrix.entries.matrix[0, 0] == 12.0


def test_an_output_that_is_an_array_has_no_hessian_and_says_so(make_desk):
    desk = make_desk(at_point(parse("f = sin(x)"), {"x": np.array([1.0, 2.0])}))
    panel = desk.panel(HessianPanel, (1000, 300))
    assert panel.empty.isVisible()
    assert "scalar" in panel.empty.text()


# Shapes and numbers at the edge ------------------------------------------------------------------


@pytest.mark.parametrize("kind", [JacobianPanel, HessianPanel])
def test_a_matrix_without_entries_is_told_in_words(make_desk, kind):
    panel = make_desk(parse("f = 1 + 2")).panel(kind, (1000, 300))
    assert panel.empty.isVisible()
    assert "appears here" in panel.empty.text()
    desk = make_desk(at_point(parse("f = sum(x)"), {"x": np.zeros(0)}))
    assert desk.panel(kind, (1000, 300)).empty.isVisible()


@pytest.mark.parametrize("kind", [JacobianPanel, HessianPanel])
def test_a_hundred_by_a_hundred_entries_are_shown_and_one_more_is_too_many(make_desk, kind):
    formula = "f = x*x" if kind is JacobianPanel else "f = sum(x*x)"
    panel = make_desk(at_point(parse(formula), {"x": np.arange(100.0)})).panel(kind, (1000, 300))
    assert panel.table.isVisible()
    assert panel.model.entries.matrix.shape == (100, 100)
    np.testing.assert_array_equal(
        np.diag(panel.model.entries.matrix),
        2 * np.arange(100.0) if kind is JacobianPanel else np.full(100, 2.0),
    )
    larger = make_desk(at_point(parse(formula), {"x": np.arange(101.0)})).panel(kind, (1000, 300))
    assert larger.empty.isVisible()
    assert "too large" in larger.empty.text()


@pytest.mark.parametrize("kind", [JacobianPanel, HessianPanel])
def test_what_is_not_finite_is_shown_without_spoiling_the_colours(make_desk, kind):
    desk = make_desk(at_point(parse("f = sqrt((x - 1)**2) + 3*y*y"), {"x": 1.0, "y": 2.0}))
    panel = desk.panel(kind, (1000, 300))
    model = panel.model
    assert model.data(model.index(0, 0)) in ("nan", "∞")
    assert np.isfinite(model.entries.scale)
    last = model.index(model.rowCount() - 1, 1)
    assert model.data(last) == ("12" if kind is JacobianPanel else "6")
    panel.grab()  # hatched, and no warning
    assert panel.legend.high == model.data(last)


def test_several_outputs_and_arrays_stand_in_one_jacobian(make_desk, qtbot):
    desk = make_desk(at_point(parse("u = x*s\nv = sum(x)"), {"x": np.array([1.0, 2.0]), "s": 3.0}))
    panel = desk.panel(JacobianPanel, (1000, 300))
    entries = panel.model.entries
    assert list(entries.rows) == ["u[0]", "u[1]", "v"]
    by_name = dict(zip(entries.columns, entries.matrix.T.tolist(), strict=True))
    assert by_name == {"x[0]": [3.0, 0.0, 1.0], "x[1]": [0.0, 3.0, 1.0], "s": [1.0, 2.0, 0.0]}
    click_entry(panel, qtbot, 0, 0)
    desk.settle()
    assert "array" in panel.paths.words.text()
