"""The network neuron by neuron, with real mouse and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import visualad as va
from visualad.graph.model import Graph
from visualad.gui.canvas.network_parts import Bias, Neuron, Part, Weight
from visualad.gui.canvas.network_view import NetworkView
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow
from visualad.gui.masking import NOTHING_HIDDEN, Mask
from visualad.gui.network_watch import NetworkWatch, network_watch
from visualad.gui.panels.neuron_section import NeuronSection
from visualad.gui.panels.weight_box import WeightBox
from visualad.ops.writing import number_pretty

from .canvas.test_keys_and_wheel import wheel
from .conftest import wait_until_idle

LEFT = Qt.MouseButton.LeftButton


def circle(**changes: object) -> Graph:
    graph = va.mlp([2, 3, 2, 1], activation="sigmoid", output="tanh", data="circle", seed=3)
    return graph.with_(training={**graph.training, **changes})


@pytest.fixture
def show(
    make_window: Callable[[], MainWindow], qtbot, kernel: KernelBridge
) -> Callable[[Graph], tuple[MainWindow, NetworkView, NetworkWatch]]:
    """A window whose canvas shows the neurons of a graph."""

    def shown(graph: Graph) -> tuple[MainWindow, NetworkView, NetworkWatch]:
        window = make_window()
        window.settings.hint_seen = True
        window.document.new(graph)
        wait_until_idle(qtbot, kernel)
        QTest.keyClick(window.canvas, Qt.Key.Key_M)
        view = window.stage.network
        assert view is not None
        watch = network_watch(window.document, window.session)
        qtbot.waitUntil(lambda: watch.state is not None)
        return window, view, watch

    return shown


def hover(view: NetworkView, part: Part) -> None:
    QTest.mouseMove(view.viewport(), QPoint(3, 3))
    QTest.mouseMove(view.viewport(), view.where(part))


def click(view: NetworkView, part: Part) -> None:
    QTest.mouseClick(view.viewport(), LEFT, pos=view.where(part))


def type_into(view: NetworkView, text: str) -> None:
    view.field.selectAll()
    QTest.keyClicks(view.field, text)


def test_the_switch_shows_the_neurons_of_the_same_graph_and_goes_back(show) -> None:
    window, view, watch = show(circle())
    before = window.document.graph
    assert window.stage.is_open
    assert view.item.layout is not None
    assert len(view.item.layout.neurons) == 2 + 3 + 2 + 1
    assert len(view.item.layout.paths) == 2 * 3 + 3 * 2 + 2 * 1
    assert watch.names is not None
    assert [watch.names.column(i) for i in range(4)] == [
        "X  N×2",
        "sigmoid(X W₁ᵀ + b₁)",
        "sigmoid(A₁ W₂ᵀ + b₂)",
        "tanh(A₂ W₃ᵀ + b₃)",
    ]
    QTest.keyClick(view, Qt.Key.Key_M)
    assert not window.stage.is_open
    assert window.canvas.isVisible()
    assert window.document.graph is before


def test_panels_that_are_filled_beside_neurons_open_no_window(make_window) -> None:
    window = make_window()
    window.document.new(circle())
    window.stage.open_network()
    window.docks.fill()
    QApplication.processEvents()
    assert QApplication.activeWindow() is window  # another one would have taken its place


def test_pointing_at_a_weight_tells_its_gradient_and_what_it_will_be(show, qtbot) -> None:
    _, view, watch = show(circle(optimizer="sgd", learning_rate=0.03))
    part = Weight(0, 1, 0)
    hover(view, part)
    assert watch.hovered == part
    assert watch.names is not None
    assert watch.names.parameter(part) == "W₁[2,1]"
    value, gradient, coming = watch.value(part), watch.gradient(part), watch.coming(part)
    assert None not in (value, gradient, coming)
    assert coming == pytest.approx(value - 0.03 * gradient, rel=1e-12)


def test_the_box_and_the_inspector_write_out_what_is_pointed_at_and_selected(show, qtbot) -> None:
    window, view, watch = show(circle(optimizer="sgd", learning_rate=0.03))
    box = window.findChild(WeightBox)
    hover(view, Weight(0, 1, 0))
    value, coming = watch.value(Weight(0, 1, 0)), watch.coming(Weight(0, 1, 0))
    assert box.isVisible()
    assert box.value.text() == f"W₁[2,1] = {number_pretty(value)}"
    assert box.gradient.text().startswith("∂L/∂W₁[2,1] = ")
    shown = float(box.gradient.text().rpartition("next: ")[2].replace("−", "-"))
    assert shown == pytest.approx(coming, abs=abs(coming - value) / 2)
    assert box.note.text() == "for the coming batch of 10 samples"
    click(view, Neuron(1, 1))
    assert window.session.selected_nodes == {"h1"}
    section = window.findChild(NeuronSection)
    assert section.isVisible()
    assert section.letters.text() == "a₂⁽¹⁾ = σ(w₂₁⁽¹⁾ x₁ + w₂₂⁽¹⁾ x₂ + b₂⁽¹⁾)"
    QTest.mouseClick(section.after, LEFT)
    answer = va.evaluate(window.document.graph, {})["a1"][1, 1]
    assert section.sample.text() == "sample 2 of 10"
    assert section.result.text().endswith(f") = {number_pretty(answer, 3)}")
    window.session.select(["W1"])
    assert not section.isVisible()


def test_the_decision_map_shows_the_neuron_under_the_mouse(show) -> None:
    window, view, watch = show(circle())
    panel = window.docks.panel("decision_map")
    hover(view, Neuron(1, 2))
    assert panel.map.neuron.name == "a₃⁽¹⁾"
    np.testing.assert_array_equal(panel.map.shown, watch.state.columns[1].maps[2])
    assert (panel.legend.low, panel.legend.high) == ("0", "1")
    QTest.mouseMove(view.viewport(), QPoint(3, 3))
    assert panel.map.neuron is None
    assert panel.legend.low == "−1"


def test_cards_show_the_values_of_the_run_while_it_trains(
    make_window: Callable[[], MainWindow], qtbot, kernel: KernelBridge
) -> None:
    window = make_window()
    window.settings.hint_seen = True
    window.document.new(circle())
    wait_until_idle(qtbot, kernel)
    card = window.canvas.node_item("a1")
    before, weights = card.face, window.canvas.node_item("W1").face
    window.run("train.start")
    qtbot.waitUntil(lambda: card.face is not before)
    assert window.session.is_training
    qtbot.waitUntil(lambda: window.canvas.node_item("W1").face is not weights)
    window.run("train.stop")
    qtbot.waitUntil(lambda: not window.session.training.state)
    wait_until_idle(qtbot, kernel)
    expected = va.evaluate(window.document.graph, {})
    np.testing.assert_allclose(window.session.values["a1"], expected["a1"])


def test_typing_another_weight_is_one_step_and_the_maps_follow(show, qtbot) -> None:
    window, view, watch = show(circle())
    old = window.document.graph["W1"].value
    first = watch.state
    click(view, Weight(0, 2, 1))
    assert view.field.isVisible()
    type_into(view, "2.5")
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    assert window.document.undo_name == "Set W₁[3,2]"
    assert window.document.graph["W1"].value[2, 1] == 2.5
    qtbot.waitUntil(lambda: watch.value(Weight(0, 2, 1)) == 2.5)
    assert not np.array_equal(watch.state.columns[1].maps[2], first.columns[1].maps[2])
    window.document.undo()
    np.testing.assert_array_equal(window.document.graph["W1"].value, old)


def test_what_is_no_number_is_refused_in_words_and_the_field_stays(show) -> None:
    window, view, _ = show(circle())
    click(view, Bias(0, 0))
    type_into(view, "two")
    refused: list[str] = []
    window.document.refused.connect(refused.append)
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    assert view.field.isVisible()
    assert refused == ["'two' is not a number; type one, for example 1.5, 2e-3 or pi/2."]
    type_into(view, "1e999")
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    assert view.field.isVisible()
    assert "not finite" in refused[-1]
    QTest.keyClick(view.field, Qt.Key.Key_Escape)
    assert not view.field.isVisible()


def test_keys_go_from_neuron_to_neuron_and_from_weight_to_weight(show) -> None:
    window, view, watch = show(circle())
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert watch.chosen == Neuron(0, 0)
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert watch.chosen == Neuron(1, 1)
    assert window.session.selected_nodes == {"h1"}
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert view.field.accessibleName() == "W₁[2,1]"
    QTest.keyClicks(view.field, "1")
    QTest.keyClick(view.field, Qt.Key.Key_Tab)
    QTest.keyClick(view.field, Qt.Key.Key_Tab)
    assert view.field.accessibleName() == "b₁[2]"
    assert window.document.graph["W1"].value[1, 0] == 1.0
    QTest.keyClick(view.field, Qt.Key.Key_Escape)
    assert not view.field.isVisible()


def test_the_drawing_is_live_while_training_and_a_typed_weight_joins_the_run(show, qtbot) -> None:
    window, _, watch = show(circle(optimizer="sgd", learning_rate=1e-9))
    window.run("train.start")
    qtbot.waitUntil(lambda: watch.state is not None and watch.state.epoch > 2)
    points = len(window.session.curves.epochs)
    learnt = watch.value(Weight(1, 0, 0))
    watch.edit(Weight(0, 0, 0), "3")
    qtbot.waitUntil(lambda: watch.value(Weight(0, 0, 0)) == pytest.approx(3, abs=1e-3))
    assert watch.value(Weight(1, 0, 0)) == pytest.approx(learnt, abs=1e-3)
    qtbot.waitUntil(lambda: len(window.session.curves.epochs) > points)
    epochs = window.session.curves.epochs
    assert epochs == sorted(set(epochs))
    window.run("train.stop")
    qtbot.waitUntil(lambda: not window.session.training.state)
    assert window.document.graph["W1"].value[0, 0] == pytest.approx(3, abs=1e-3)


def test_a_wide_layer_shows_some_neurons_and_turns_pages(show, qtbot) -> None:
    _, view, watch = show(va.mlp([2, 64, 1], activation="tanh", data="xor"))
    layout = view.item.layout
    assert layout is not None
    assert watch.windows == [(0, 2), (0, 8), (0, 1)]
    (pager,) = layout.pagers
    QTest.mouseClick(view.viewport(), LEFT, pos=view.mapFromScene(pager.down.center()))
    assert watch.windows[1] == (8, 8)
    qtbot.waitUntil(lambda: watch.state is not None)
    assert watch.state.columns[1].first == 8
    watch.choose(None)
    view._focus(Neuron(1, 15))
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert watch.chosen == Neuron(1, 16)
    assert watch.windows[1] == (16, 8)


def test_dragging_moves_the_drawing_and_the_wheel_zooms(show) -> None:
    _, view, _ = show(circle())
    before = view.where(Neuron(1, 0))
    QTest.mousePress(view.viewport(), LEFT, pos=QPoint(20, 20))
    for x in (30, 60, 100):
        QTest.mouseMove(view.viewport(), QPoint(x, 40))
    QTest.mouseRelease(view.viewport(), LEFT, pos=QPoint(100, 40))
    assert (view.where(Neuron(1, 0)) - before - QPoint(80, 20)).manhattanLength() <= 2
    zoom, at = view.zoom, view.where(Neuron(1, 0))
    wheel(view, at, angle=QPoint(0, 120))
    assert view.zoom > zoom
    assert (view.where(Neuron(1, 0)) - at).manhattanLength() <= 2


def test_a_mode_or_a_graph_without_layers_brings_the_cards_back(show) -> None:
    window, _, _ = show(circle())
    window.run("differentiate.backward")
    assert not window.stage.is_open
    window.run("view.neurons")
    assert window.stage.is_open
    assert window.session.mode == ""
    window.document.new(va.parse("x*sin(x)"))
    assert not window.stage.is_open
    assert not window.run("view.neurons")


def test_while_an_exercise_hides_numbers_there_are_no_neurons_to_read_them_from(show) -> None:
    window, _, watch = show(circle())
    window.session.set_mask(Mask(nodes=frozenset({("value", "a1")})))
    assert not window.stage.is_open
    assert watch.state is None
    assert not window.run("view.neurons")
    window.session.set_mask(NOTHING_HIDDEN)
    assert window.run("view.neurons")


def test_a_document_opens_with_cards_or_neurons_as_it_was_saved(show, tmp_path: Path) -> None:
    window, _, _ = show(va.mlp([2, 3, 1], data="circle"))
    neurons, cards = tmp_path / "neurons.vad", tmp_path / "cards.vad"
    window.document.save(neurons)
    window.stage.toggle()
    window.document.save(cards)
    assert not window.document.is_dirty
    window.document.open(neurons)
    assert window.stage.is_open
    window.document.open(cards)
    assert not window.stage.is_open
    assert "view" not in window.document.graph.extra


def test_a_new_network_for_the_playground_opens_with_its_neurons(
    make_window: Callable[[], MainWindow], qtbot
) -> None:
    window = make_window()
    window.settings.hint_seen = True
    window.run("file.new_playground")
    assert window.stage.is_open
    view = window.stage.network
    assert view is not None
    assert view.item.layout.sizes == (2, 4, 2, 1)
    assert view.visible_rect().contains(view.item.layout.rect)
