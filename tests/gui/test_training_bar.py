"""The training bar: it is there for what can be trained, and each menu is one undoable step."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QMenu, QPushButton, QWidget, QWidgetAction

from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow
from visualad.gui.panels.fields import Field
from visualad.gui.panels.parts import Text
from visualad.training.perceptron import mlp

from .conftest import wait_until_idle

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def network(window: MainWindow, kernel: KernelBridge, qtbot) -> MainWindow:
    window.document.new(mlp([2, 4, 1], "tanh", "tanh", data="circle"))
    wait_until_idle(qtbot, kernel)
    return window


def menu_of(window: MainWindow, control: str) -> QMenu:
    menu = window.toolbar.training.menus[control].menu()
    assert menu is not None
    menu.aboutToShow.emit()
    return menu


def choose(window: MainWindow, control: str, title: str) -> None:
    menu = menu_of(window, control)
    next(action for action in menu.actions() if action.text() == title).trigger()


def test_the_bar_is_shown_while_there_is_something_to_train(window: MainWindow) -> None:
    assert not window.toolbar.shows_training
    assert not window.commands["view.training_bar"].isEnabled()
    window.document.new(mlp([2, 2, 1], data="xor"))
    assert window.toolbar.shows_training
    assert not window.toolbar.formula.isVisible()
    window.files.open_lecture()
    assert not window.toolbar.shows_training


def test_no_part_flashes_as_a_window_of_its_own(make_window, qapp, qtbot) -> None:
    shown: list[str] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            is_shown = event.type() == QEvent.Type.Show
            if is_shown and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(watched.objectName())
            return False

    watch = Watch()
    qapp.installEventFilter(watch)
    window = make_window()
    window.settings.hint_seen = True
    window.document.new(mlp([2, 2, 1], data="xor"))
    window.docks.fill()
    qtbot.wait(50)
    qapp.removeEventFilter(watch)
    assert shown == ["main_window"]


def test_formula_and_modes_are_one_click_away_and_back(network: MainWindow, qtbot) -> None:
    bar = network.toolbar
    qtbot.mouseClick(bar.training.modes, LEFT)
    assert bar.modes["backward"].isVisible()
    assert not bar.shows_training
    network.run("view.training_bar")
    assert bar.shows_training
    network.run("differentiate.backward")
    assert bar.modes["backward"].isVisible()
    network.run("view.training_bar")
    network.run("edit.formula")
    assert bar.formula.isVisible()


def test_train_pause_and_reset_to_the_same_start(network: MainWindow, qtbot) -> None:
    bar = network.toolbar.training
    start = network.document.graph["W1"].value
    assert bar.epoch.text().startswith("epoch 0")
    qtbot.mouseClick(bar.train, LEFT)
    qtbot.waitUntil(lambda: len(network.session.curves.epochs) > 5, timeout=20_000)
    assert bar.train.text() == "Pause"
    assert not bar.step.isEnabled()
    qtbot.mouseClick(bar.train, LEFT)
    qtbot.waitUntil(lambda: network.session.training.state == "paused")
    assert bar.train.text() == "Resume"
    assert not np.array_equal(network.document.graph["W1"].value, start)
    qtbot.mouseClick(bar.reset, LEFT)
    np.testing.assert_array_equal(network.document.graph["W1"].value, start)
    assert bar.train.text() == "Train"


def test_a_network_grows_while_it_learns_and_goes_on(network: MainWindow, qtbot) -> None:
    untrained = network.document.graph["W1"].value
    told: list[int] = []  # epochs whose parameters have come
    network.session.training_progress.connect(
        lambda p: told.append(p.epoch) if p.parameters is not None else None
    )
    network.run("train.start")
    qtbot.waitUntil(lambda: bool(told) and told[-1] > 5, timeout=20_000)
    qtbot.mouseClick(network.docks.panel("training").network.rows[0].more, LEFT)
    assert network.session.is_training
    grown = network.document.graph["W1"].value
    assert grown.shape == (5, 2)
    assert not np.array_equal(grown[:4], untrained)  # what it had learnt is in it
    told.clear()
    qtbot.waitUntil(lambda: bool(told) and told[-1] > 5, timeout=20_000)
    assert network.session.curves.epochs[0] == 0
    network.run("train.pause")
    qtbot.waitUntil(lambda: network.session.training.state == "paused")
    for name in ("Train", "Set neurons", "Train"):
        assert network.document.undo_name == name
        network.document.undo()
    np.testing.assert_array_equal(network.document.graph["W1"].value, untrained)


def test_the_answer_is_shown_before_any_training(network: MainWindow, qtbot) -> None:
    panel = network.docks.panel("decision_map")
    qtbot.waitUntil(lambda: panel.map.shown is not None, timeout=20_000)
    assert network.session.curves.epochs == []
    first = panel.map.shown
    network.run("train.playground")
    qtbot.waitUntil(lambda: panel.map.shown is not None and panel.map.shown is not first)
    assert network.session.curves.epochs == []


def test_the_menus_change_one_setting_each(network: MainWindow) -> None:
    bar = network.toolbar.training
    choose(network, "optimizer", "SGD with momentum 0.9")
    assert bar.menus["optimizer"].text() == "SGD momentum 0.9 ▾"
    choose(network, "rate", "0.03")
    choose(network, "batch", "30")
    choose(network, "regularization", "L2")
    training = network.document.graph.training
    assert (training["optimizer"], training["momentum"]) == ("sgd", 0.9)
    assert (training["learning_rate"], training["batch_size"]) == (0.03, 30)
    assert (training["regularization"], training["regularization_rate"]) == ("l2", 0.001)
    assert bar.menus["regularization"].text() == "L2 0.001 ▾"
    for _ in range(4):
        network.run("edit.undo")
    assert network.document.graph.training["optimizer"] == "adam"
    assert bar.menus["rate"].text() == "rate 0.01 ▾"


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_any_other_number_can_be_typed_into_a_menu(network: MainWindow, qtbot) -> None:
    menu = menu_of(network, "rate")
    menu.popup(network.mapToGlobal(network.rect().center()))
    entry = next(action for action in menu.actions() if isinstance(action, QWidgetAction))
    field = entry.defaultWidget().findChild(Field)
    qtbot.mouseClick(field, LEFT)
    qtbot.keyClicks(field, "-1")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert menu.isVisible()
    line = [a.defaultWidget() for a in menu.actions() if isinstance(a, QWidgetAction)][-1]
    said = line.findChild(Text)
    assert said.isVisible()  # what is wrong, whole
    assert said.height() >= said.heightForWidth(said.width())
    assert menu.activeAction() in (None, entry)  # no value that the next Enter would choose
    field.selectAll()
    qtbot.keyClicks(field, "0.07")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not menu.isVisible()
    assert network.document.graph.training["learning_rate"] == 0.07


def test_slow_training_can_be_followed_epoch_by_epoch(network: MainWindow, qtbot) -> None:
    network.run("train.speed_10")
    assert network.toolbar.training.speed.text() == "10 epochs/s ▾"
    network.run("train.start")
    seen: list[int] = []
    network.session.training_progress.connect(lambda p: seen.append(p.epoch))
    qtbot.waitUntil(lambda: len(seen) >= 4, timeout=20_000)
    assert [b - a for a, b in itertools.pairwise(seen[1:])] == [1] * (len(seen) - 2)
    network.run("train.speed_0")
    qtbot.waitUntil(lambda: seen[-1] > 40, timeout=20_000)


def test_regenerating_draws_other_points(network: MainWindow, qtbot) -> None:
    before = network.document.graph["X"].value
    qtbot.mouseClick(network.toolbar.training.regenerate, LEFT)
    assert not np.array_equal(network.document.graph["X"].value, before)
    assert network.commands["edit.undo"].text() == "Undo Regenerate data"


def test_a_narrow_bar_fits(network: MainWindow, qtbot) -> None:
    network.resize(1024, 700)
    qtbot.waitUntil(lambda: network.width() == 1024)
    bar = network.toolbar.training
    assert bar.step.text() == ""
    assert bar.step.accessibleName() == "Step"
    assert bar.modes.mapTo(network, bar.modes.rect().bottomRight()).x() <= 1024


def test_the_playground_preset_sets_its_rules_and_its_start(network: MainWindow) -> None:
    network.run("train.playground")
    graph = network.document.graph
    assert graph["L"].op == "half_squared_error"
    assert graph.training["order"] == "carried"
    assert graph.training["learning_rate"] == 0.03
    assert (graph["b1"].value == 0.1).all()
    assert np.abs(graph["W1"].value).max() <= 0.5
    network.run("edit.undo")
    assert network.document.graph["L"].op == "mean_squared_error"


def test_an_empty_canvas_offers_a_network_that_can_be_trained_at_once(
    window: MainWindow, qtbot
) -> None:
    window.run("file.new")
    start = window.canvas.findChild(QPushButton, "empty_start")
    assert start.isVisible()
    qtbot.mouseClick(start, LEFT)
    assert not start.isVisible()
    assert window.toolbar.shows_training
    assert window.toolbar.training.menus["batch"].text() == "batch 10 ▾"
    assert window.commands["train.start"].isEnabled()


def test_what_a_lesson_hides_is_gone_from_the_bar(network: MainWindow) -> None:
    bar = network.toolbar.training
    network.training_editor.set_hidden(["backend", "speed", "regenerate"])
    assert not bar.menus["backend"].isVisible()
    assert not bar.speed.isVisible()
    assert bar.menus["rate"].isVisible()
    network.run("train.show_hidden")
    assert bar.menus["backend"].isVisible()
    assert network.commands["train.show_hidden"].isChecked()
