"""Panels are made when they are seen, and know when they are not."""

from __future__ import annotations

from collections.abc import Callable

from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow
from visualad.gui.settings import Settings
from visualad.training.perceptron import mlp


def test_a_panel_behind_a_tab_is_made_when_its_tab_is_chosen(window: MainWindow, qtbot) -> None:
    contents = window.docks.contents
    assert contents.made("trace") is not None
    assert contents.made("jacobian") is None
    window.run("view.panel_jacobian")
    panel = contents.made("jacobian")
    assert panel is not None
    qtbot.waitUntil(panel.isVisible)


def test_a_panel_behind_a_tab_is_hidden_and_comes_back_with_its_tab(
    window: MainWindow, qtbot
) -> None:
    trace = window.docks.panel("trace")
    assert trace is not None
    assert trace.isVisible()
    window.docks.raise_("cost")
    qtbot.waitUntil(lambda: not trace.isVisible())
    height = window.docks.panel("cost").height()  # type: ignore[union-attr]
    window.docks.raise_("trace")
    qtbot.waitUntil(trace.isVisible)
    assert trace.height() == height


def test_a_floating_panel_is_seen(window: MainWindow, qtbot) -> None:
    panel = window.docks.panel("hessian")
    assert panel is not None
    assert not panel.isVisible()
    window.docks._docks["hessian"].setFloating(True)
    qtbot.waitUntil(panel.isVisible)


def test_panels_of_training_are_made_with_the_first_graph_that_can_be_trained(
    window: MainWindow, qtbot
) -> None:
    contents = window.docks.contents
    assert contents.made("training") is contents.made("loss") is None
    window.document.new(mlp([2, 2, 1], data="xor"))
    for name in ("training", "decision_map", "loss"):
        panel = contents.made(name)
        assert panel is not None
        qtbot.waitUntil(panel.isVisible)
    assert contents.made("weights") is None


def test_every_panel_can_be_asked_for_before_it_is_seen(window: MainWindow) -> None:
    weights = window.docks.panel("weights")
    assert weights is window.docks.contents.made("weights") is not None
    assert not weights.isVisible()
    assert window.docks.panel("no such") is None


def test_answers_wait_until_there_is_a_picture(kernel: KernelBridge, make_window, qtbot) -> None:
    shared: Callable[[], MainWindow] = make_window
    shared().close()  # the kernel is there
    window = MainWindow(Settings(), kernel)
    qtbot.addWidget(window)
    painted: list[bool] = []
    window.painted.connect(lambda: painted.append(bool(window.session.values)))
    window.show_soon()
    window.files.open_lecture()
    qtbot.waitUntil(lambda: bool(window.session.values))
    assert painted == [False]
    window.document.new()
    window.status.stop()
