"""The switch between a layer's matrix and its neurons, and the sample that is shown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

import visualad as va
from visualad.gui.canvas.menus import build_menu
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow

from .conftest import wait_until_idle


@pytest.fixture
def network(window: MainWindow, kernel: KernelBridge, qtbot) -> MainWindow:
    window.document.new(va.mlp([2, 2, 1], data="circle"))
    wait_until_idle(qtbot, kernel)
    return window


def choose_from_menu(window: MainWindow, node: str, command: str, qtbot) -> None:
    """Select a node with a click and choose from the menu that its right click opens."""
    canvas = window.canvas
    canvas.fit()
    place = canvas.mapFromScene(canvas.scene_.card(node).sceneBoundingRect().center())
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    menu = build_menu(canvas, canvas.hit_at(place))
    next(a for a in menu.actions() if a.objectName() == command).trigger()
    menu.deleteLater()


def test_a_right_click_writes_one_layer_out_and_undo_gathers_it(
    network: MainWindow, kernel: KernelBridge, qtbot
) -> None:
    before = network.document.graph
    loss = network.session.values[before.id_of("L")]

    choose_from_menu(network, "h1", "graph.write_out", qtbot)

    graph = network.document.graph
    assert {"w1_11", "w1_22", "h2", "a1_2"} <= {node.name for node in graph}
    assert [node.name for node in graph if node.op == "linear"] == ["o"]
    wait_until_idle(qtbot, kernel)
    assert network.session.values[graph.id_of("L")] == pytest.approx(loss, rel=1e-12)
    assert network.document.undo_name == "Write out as neurons"
    network.run("edit.undo")
    assert network.document.graph == before


def test_the_whole_network_steps_through_its_neurons_one_sample_at_a_time(
    network: MainWindow, kernel: KernelBridge, qtbot
) -> None:
    first, second = network.document.graph["X"].value[:2, 0]
    network.run("graph.write_out")
    network.canvas.setFocus()
    for value in (first, second):
        qtbot.keyClick(network.canvas, Qt.Key.Key_BracketRight, Qt.KeyboardModifier.ControlModifier)
        assert network.document.graph["x1"].value == value
    network.run("differentiate.backward")
    wait_until_idle(qtbot, kernel)
    stepped = {step.name for step in network.session.sweep}
    assert {"o1", "h1", "h2", "w2_11", "x1"} <= stepped
    network.run("graph.whole_batch")
    network.run("graph.gather")
    assert {node.op for node in network.document.graph} >= {"linear"}
    assert "x1" not in network.document.graph
    network.dialogs.chosen_sample = 4  # type: ignore[attr-defined]
    fifth = network.document.graph["X"].value[4]
    network.run("graph.sample")
    assert network.document.graph["X"].value.tolist() == [fifth.tolist()]
