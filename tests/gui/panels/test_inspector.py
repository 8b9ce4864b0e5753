"""The inspector: facts, names, settings, inputs and seeds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox

from visualad.graph.groups import add_group
from visualad.graph.parser import parse
from visualad.gui.masking import Mask
from visualad.gui.panels.array_dialog import ArrayDialog
from visualad.gui.panels.inspector import InspectorPanel
from visualad.gui.panels.node_facts import power_of_ten

from .conftest import at_point

SIZE = (300, 700)


def facts(panel: InspectorPanel) -> dict[str, str]:
    return dict(panel.facts.texts())


def type_into(qtbot, field, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_a_selected_node_shows_its_numbers_in_both_modes(desk):
    panel = desk.panel(InspectorPanel, SIZE)
    desk.play_to("backward", 5)
    desk.session.select([desk.id("x4")])
    assert panel.name.text() == "x₄"
    assert panel.subtitle.text() == "multiply:  x₁·x₂"
    assert facts(panel) == {
        "Value": "1.2",
        "Adjoint ∂f/∂x₄": "2.115",
        "Tangent ẋ₄ (seed ẋ₁ = 1)": "0.8",
    }


def test_where_nan_begins_is_said_as_soon_as_it_is_computed(make_desk):
    desk = make_desk(at_point(parse("a = log(x)\nf = a + x**2"), {"x": -1.0}))
    panel = desk.panel(InspectorPanel, SIZE)
    desk.session.select([desk.id("a")])
    assert panel.kink.text.startswith("a = log x is nan at x = −1. At 0 the derivative")
    desk.session.select([desk.id("f")])
    assert panel.kink.text == ""
    desk.session.set_mask(Mask(nodes=frozenset({("value", desk.id("a"))})))
    desk.session.select([desk.id("a")])
    assert panel.kink.text == ""


def test_an_edge_of_a_constant_says_that_its_partial_is_not_needed(make_desk):
    desk = make_desk(at_point(parse("f = x**2"), {"x": -1.0}))
    panel = desk.panel(InspectorPanel, SIZE)
    (edge,) = [e for e in desk.graph.edges if desk.graph.nodes_by_id[e.source].op == "constant"]
    desk.session.select(edges=[(edge.source, edge.target, edge.port)])
    assert facts(panel)["Local partial"].startswith("not needed")


def test_a_derivative_that_was_not_reached_waits(desk):
    panel = desk.panel(InspectorPanel, SIZE)
    desk.play_to("backward", 2)
    desk.session.select([desk.id("x4")])
    assert facts(panel)["Adjoint ∂f/∂x₄"] == "waits"
    desk.session.go_to(8)
    assert facts(panel)["Adjoint ∂f/∂x₄"] == "2.115"


def test_the_check_stands_beside_the_derivative(desk):
    panel = desk.panel(InspectorPanel, SIZE)
    desk.play_to("backward", 8)
    desk.session.select([desk.id("x1")])
    assert panel.check.texts() == [("Check", "central difference 1.692 ✓ 3·10⁻¹¹")]
    desk.session.select([desk.id("x4")])
    assert panel.check.texts() == [("Check", "central difference, inputs ✓ 1·10⁻¹⁰")]


def test_nothing_selected_gives_a_summary(desk):
    panel = desk.panel(InspectorPanel, SIZE)
    assert facts(panel)["Nodes"] == "9"
    assert facts(panel)["Edges"] == "10"
    assert facts(panel)["Inputs"] == "x₁, x₂, x₃"


def test_a_selected_edge_shows_its_partial(desk):
    panel = desk.panel(InspectorPanel, SIZE)
    desk.session.select(edges=[(desk.id("x4"), desk.id("x6"), "x")])
    assert panel.name.text() == "x₄ → x₆"
    assert facts(panel)["Number"] == "3.32"


def test_a_node_is_renamed_in_the_panel(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    desk.session.select([desk.id("x4")])
    type_into(qtbot, panel.rename, "product")
    assert "product" in desk.graph
    assert desk.document.undo_name == "Rename x4"


def test_a_name_that_cannot_be_is_refused_beneath_the_field(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    desk.session.select([desk.id("x4")])
    type_into(qtbot, panel.rename, "x1")
    assert "x4" in desk.graph
    sentence = panel.findChild(type(panel.doc), "inspector_rename_fault")
    assert sentence.isVisible()
    assert "x1" in sentence.text()
    qtbot.keyClick(panel.rename, Qt.Key.Key_Escape)
    assert panel.rename.text() == "x4"
    assert not sentence.isVisible()


def test_dragging_a_slider_is_one_step_of_undo(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    slider = panel.inputs.row("x1").slider
    middle = slider.rect().center()
    start = QPoint(round(7 + (slider.width() - 14) * slider.value() / 1000), middle.y())
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    for by in (4, 8, 12):
        qtbot.mouseMove(slider, start + QPoint(by, 0))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=start + QPoint(12, 0))
    assert desk.graph["x1"].value > 1.5
    assert panel.inputs.row("x1").number.text() == str(desk.graph["x1"].value)
    desk.document.undo()
    assert desk.graph["x1"].value == 1.5
    assert not desk.document.can_undo


def test_arrow_keys_move_the_slider_that_has_the_focus(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    slider = panel.inputs.row("x1").slider
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert desk.graph["x1"].value == pytest.approx(1.6)


def test_a_number_may_be_typed_as_arithmetic(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    type_into(qtbot, panel.inputs.row("x3").number, "pi/2")
    assert desk.graph["x3"].value == pytest.approx(math.pi / 2)
    assert desk.document.undo_name == "Set x3"


def test_leaving_the_field_commits_and_escape_takes_back(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    field = panel.inputs.row("x1").number
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "7")
    panel.inputs.row("x2").number.setFocus()
    assert desk.graph["x1"].value == 7.0
    field.setFocus()
    qtbot.keyClicks(field, "5")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "7"
    assert desk.graph["x1"].value == 7.0


def test_bad_input_is_explained_and_the_old_value_stays(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    row = panel.inputs.row("x1")
    type_into(qtbot, row.number, "two")
    assert desk.graph["x1"].value == 1.5
    assert row.fault.isVisible()
    assert "'two' is not a number" in row.fault.text()
    type_into(qtbot, row.number, "2")
    assert not row.fault.isVisible()
    assert desk.graph["x1"].value == 2.0


def test_double_click_on_an_end_of_the_slider_changes_it(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    row = panel.inputs.row("x1")
    qtbot.mouseDClick(row.high, Qt.MouseButton.LeftButton)
    assert row.high.field is not None
    type_into(qtbot, row.high.field, "20")
    assert desk.graph["x1"].settings["maximum"] == 20.0
    assert row.high.text() == "20"
    qtbot.mouseDClick(row.low, Qt.MouseButton.LeftButton)
    type_into(qtbot, row.low.field, "30")
    assert "minimum" in row.fault.text()


def test_settings_are_edited_and_checked(make_desk, qtbot):
    desk = make_desk(at_point(parse("leaky_relu(x)"), {"x": -2.0}))
    panel = desk.panel(InspectorPanel, SIZE)
    node = next(n for n in desk.graph if n.op == "leaky_relu")
    desk.session.select([node.id])
    (key,) = node.operation.settings
    field = panel.settings.widget(key)
    type_into(qtbot, field, "0.5")
    assert desk.graph[node.id].settings[key] == 0.5
    type_into(qtbot, field, "steep")
    assert desk.graph[node.id].settings[key] == 0.5
    assert "is not a number" in field.parentWidget().sentence.text()


def test_common_settings_of_several_nodes_are_edited_at_once(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    desk.session.select([desk.id("x1"), desk.id("x2")])
    assert panel.name.text() == "2 nodes"
    field = panel.settings.widget("value")
    assert field.placeholderText() == "differ"
    type_into(qtbot, field, "4")
    assert desk.graph["x1"].value == desk.graph["x2"].value == 4.0
    desk.document.undo()
    assert (desk.graph["x1"].value, desk.graph["x2"].value) == (1.5, 0.8)


def test_a_failing_node_says_why(make_desk):
    desk = make_desk(at_point(parse("x @ y"), {"x": np.ones((2, 3)), "y": np.ones((2, 3))}))
    panel = desk.panel(InspectorPanel, SIZE)
    node = next(n for n in desk.graph if not n.is_leaf)
    desk.session.select([node.id])
    assert panel.fault.isVisible()
    assert "shapes" in panel.fault.text


def test_an_array_shows_its_shape_and_is_edited_in_a_grid(make_desk, qtbot):
    desk = make_desk(at_point(parse("sum(x)"), {"x": np.arange(6.0).reshape(2, 3)}))
    panel = desk.panel(InspectorPanel, SIZE)
    row = panel.inputs.row("x")
    assert row.button.text() == "2×3 array…"
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    dialog = row.findChild(ArrayDialog)
    assert (dialog.grid.rowCount(), dialog.grid.columnCount()) == (2, 3)
    dialog.grid.item(1, 2).setText("pi")
    dialog.grid.item(0, 0).setText("abc")
    assert "is not a number" in dialog.fault.text
    assert dialog.grid.item(0, 0).text() == "0"
    qtbot.mouseClick(dialog.findChild(type(row.button), "array_ok"), Qt.MouseButton.LeftButton)
    assert desk.graph["x"].value[1, 2] == pytest.approx(math.pi)


def test_the_seed_of_forward_mode_is_chosen(desk):
    panel = desk.panel(InspectorPanel, SIZE)
    desk.play_to("forward", 0)
    choice = panel.seed.choice
    texts = [choice.itemText(i) for i in range(choice.count())]
    assert texts == ["ẋ₁ = 1", "ẋ₂ = 1", "ẋ₃ = 1", "all inputs at once", "direction…"]
    pick(choice, 1)
    desk.settle()
    assert desk.session.seed == "x2"
    assert desk.session.sweep.tangents["x2"] == 1.0
    assert "Jacobian-vector product" in panel.seed.note.text()


def test_a_direction_is_typed_number_by_number(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    desk.play_to("forward", 0)
    pick(panel.seed.choice, 4)
    type_into(qtbot, panel.seed.field("x3"), "-2")
    desk.settle()
    assert desk.session.seed == {"x1": 1.0, "x2": 0.0, "x3": -2.0}
    assert desk.session.sweep.tangents["x3"] == -2.0


def test_weights_of_several_outputs_are_a_seed_of_backward_mode(make_desk, qtbot):
    desk = make_desk(at_point(parse("f = x*y\ng = x + y"), {"x": 2.0, "y": 3.0}))
    panel = desk.panel(InspectorPanel, SIZE)
    desk.play_to("backward", 0)
    choice = panel.seed.choice
    assert [choice.itemText(i) for i in range(choice.count())] == [
        "∂f/∂f = 1",
        "∂g/∂g = 1",
        "weights…",
    ]
    pick(choice, 2)
    type_into(qtbot, panel.seed.field("g"), "10")
    desk.settle()
    assert desk.session.sweep.adjoints["x"] == pytest.approx(13.0)
    assert "vector-Jacobian product" in panel.seed.note.text()


def test_the_seed_is_called_as_in_the_trace_when_the_only_output_has_a_name(make_desk):
    desk = make_desk(at_point(parse("y = log(x)"), {"x": 2.0}))
    panel = desk.panel(InspectorPanel, SIZE)
    desk.play_to("backward", 0)
    assert panel.seed.choice.currentText() == desk.session.sweep.seed == "∂y/∂y = 1"


def test_cross_mode_offers_orders_of_elimination(desk):
    panel = desk.panel(InspectorPanel, SIZE)
    desk.play_to("cross", -1)
    assert panel.seed.title.text() == "Order"
    pick(panel.seed.choice, 1)
    desk.settle()
    assert desk.session.order == "forward"
    assert desk.session.sweep[0].name == "x4"


def test_the_wheel_scrolls_the_panel_and_changes_no_number(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    slider = panel.inputs.row("x1").slider
    before = desk.graph
    slider.wheelEvent(_Wheel())
    assert desk.graph is before


class _Wheel:
    def ignore(self) -> None:
        self.ignored = True


def pick(choice: QComboBox, index: int) -> None:
    choice.setCurrentIndex(index)
    choice.activated.emit(index)


@pytest.mark.parametrize(
    ("number", "text"), [(3.1e-11, "3·10⁻¹¹"), (1e-9, "1·10⁻⁹"), (0.0, "0"), (250.0, "2·10²")]
)
def test_errors_are_read_as_powers_of_ten(number, text):
    assert power_of_ten(number) == text


@pytest.mark.parametrize(("typed", "shown"), [("nan", "nan"), ("1e999", "inf"), ("-1e999", "-inf")])
def test_numbers_that_no_slider_can_hold_are_values_all_the_same(desk, qtbot, typed, shown):
    panel = desk.panel(InspectorPanel, SIZE)
    row = panel.inputs.row("x1")
    type_into(qtbot, row.number, typed)
    assert str(desk.document.graph["x1"].value) == shown
    type_into(qtbot, row.number, "2")
    assert desk.document.graph["x1"].value == 2.0


def test_a_slider_has_finite_ends(desk, qtbot):
    panel = desk.panel(InspectorPanel, SIZE)
    row = panel.inputs.row("x1")
    row.low.edit()
    type_into(qtbot, row.low.field, "-1e999")
    assert "finite" in row.fault.text()
    assert desk.document.graph["x1"].settings.get("minimum") != -math.inf


def test_the_seed_may_be_on_all_inputs_at_once(desk):
    panel = desk.panel(InspectorPanel, (300, 700))
    desk.session.set_mode("forward")
    desk.settle()
    choice = panel.seed.choice
    pick(choice, choice.findText("all inputs at once"))
    desk.settle()
    assert desk.session.seed == "all"
    assert "column by column" in panel.seed.note.text()
    desk.session.go_to(len(desk.session.sweep) - 1)
    desk.session.select([desk.id("x4")])
    desk.settle()
    facts = dict(panel.facts.texts())
    assert facts["Tangent ∂x₄/∂x₁"] == "0.8"
    assert facts["Tangent ∂x₄/∂x₃"] == "0"


def test_the_order_of_cross_mode_may_be_chosen_by_hand(desk):
    panel = desk.panel(InspectorPanel, (300, 700))
    desk.session.set_mode("cross")
    desk.settle()
    choice = panel.seed.choice
    pick(choice, choice.findText("by hand"))
    desk.settle()
    assert not desk.session.complete
    assert "Click the inner nodes" in panel.seed.note.text()
    pick(choice, choice.findText("best order known"))
    desk.settle()
    assert desk.session.complete
    assert desk.session.sweep.cost == 8


def test_a_direction_over_an_array_is_typed_entry_by_entry(make_desk, qtbot):
    graph = at_point(parse("f = sum(W*W)*x"), {"W": [[1.0, 2.0], [3.0, 4.0]], "x": 2.0})
    desk = make_desk(graph)
    panel = desk.panel(InspectorPanel, (300, 700))
    desk.session.set_mode("forward")
    desk.settle()
    choice = panel.seed.choice
    assert choice.itemText(choice.findData("W")) == "Ẇ = 1 in every entry"
    assert "along this direction" in panel.seed.note.text()
    pick(choice, choice.findData("own"))
    field = panel.seed.field("W")
    type_into(qtbot, field, "[[1, 0], [0, -1]]")
    desk.settle()
    assert desk.session.seed["W"] == [[1.0, 0.0], [0.0, -1.0]]
    assert desk.session.sweep.tangents["f"] == pytest.approx(2.0 * (2 * 1.0 - 2 * 4.0))
    type_into(qtbot, field, "[1, 2, 3]")
    assert desk.session.seed["W"] == [[1.0, 0.0], [0.0, -1.0]]
    assert field.property("invalid")


def test_the_seed_of_an_output_that_is_an_array_is_the_sum_of_its_entries(make_desk):
    desk = make_desk(at_point(parse("y = x*x\nz = sum(x)"), {"x": [1.0, 2.0]}))
    panel = desk.panel(InspectorPanel, (300, 700))
    desk.session.set_mode("backward")
    desk.session.set_seed("y")
    desk.settle()
    choice = panel.seed.choice
    assert choice.itemText(choice.findData("y")) == desk.session.sweep.seed == "F = Σ y"
    assert "the sum of its entries" in panel.seed.note.text()


def test_a_selected_group_is_called_by_its_title(desk):
    panel = desk.panel(InspectorPanel, SIZE)
    members = [desk.id("x4"), desk.id("x5")]
    desk.document.apply("Group", lambda g: add_group(g, members, "parts"))
    desk.session.select(members)
    assert panel.name.text() == "parts"
    assert panel.subtitle.text() == "group of 2 nodes: x₄, x₅"
    desk.session.select([*members, desk.id("x6")])
    assert panel.name.text() == "3 nodes"


def test_a_direction_that_is_begun_from_all_inputs_is_not_zero(desk):
    panel = desk.panel(InspectorPanel, SIZE)
    desk.play_to("forward", 0)
    pick(panel.seed.choice, 3)
    assert desk.session.seed == "all"
    pick(panel.seed.choice, 4)
    desk.settle()
    assert desk.session.seed == {"x1": 1.0, "x2": 0.0, "x3": 0.0}
