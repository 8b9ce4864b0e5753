"""Training in the window with the real kernel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QCheckBox

from visualad.graph.edits import set_setting
from visualad.graph.file import load
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow
from visualad.gui.runs import runs_of
from visualad.training.perceptron import mlp

from .conftest import wait_until_idle


@pytest.fixture
def network(window: MainWindow, kernel: KernelBridge, qtbot) -> MainWindow:
    window.document.new(mlp([2, 4, 1], activation="tanh", data="circle"))
    wait_until_idle(qtbot, kernel)
    return window


def test_the_loss_falls_and_pausing_makes_one_undoable_step(network: MainWindow, qtbot) -> None:
    before = network.document.graph
    network.run("train.start")
    qtbot.waitUntil(lambda: len(network.session.curves.epochs) > 20, timeout=20_000)
    network.run("train.pause")
    qtbot.waitUntil(lambda: network.session.training.state == "paused")
    curves = network.session.curves
    assert curves.train[-1] < curves.train[0]
    after = network.document.graph
    assert not np.array_equal(after["W1"].value, before["W1"].value)
    assert network.commands["edit.undo"].text() == "Undo Train"
    network.run("edit.undo")
    assert network.document.graph is before


def test_one_epoch_then_reset(network: MainWindow, kernel: KernelBridge, qtbot) -> None:
    before = network.document.graph["W1"].value
    network.run("train.step")
    qtbot.waitUntil(lambda: 1 in network.session.curves.epochs, timeout=20_000)
    assert network.session.training.state == "paused"
    assert not np.array_equal(network.document.graph["W1"].value, before)
    network.run("train.reset")
    assert np.array_equal(network.document.graph["W1"].value, before)
    assert network.session.curves.epochs == []
    # The map and the metrics are those of the start, as before any training.
    qtbot.waitUntil(lambda: network.session.training.last is not None, timeout=20_000)
    assert network.session.training.last.epoch == 0
    assert network.session.training.last.predictions is not None
    wait_until_idle(qtbot, kernel)


def test_saving_while_training_keeps_what_was_learnt_and_the_run_goes_on(
    network: MainWindow, kernel: KernelBridge, qtbot, tmp_path: Path
) -> None:
    before = network.document.graph["W1"].value
    network.run("train.start")
    training = network.session.training
    qtbot.waitUntil(lambda: not np.array_equal(training.reached["W1"], before), timeout=20_000)
    network.document.path = tmp_path / "live.vad"
    assert network.run("file.save")
    assert not np.array_equal(load(tmp_path / "live.vad")["W1"].value, before)
    kept = network.document.graph["W1"].value
    qtbot.waitUntil(lambda: not np.array_equal(training.reached["W1"], kept), timeout=20_000)
    assert network.session.is_training
    network.dialogs.save = "cancel"  # type: ignore[attr-defined]
    assert not network.files.may_lose()  # it has learnt more since
    network.run("train.pause")
    qtbot.waitUntil(lambda: network.session.training.state == "paused")
    assert network.document.is_dirty
    network.run("train.reset")
    assert np.array_equal(network.document.graph["W1"].value, before)
    wait_until_idle(qtbot, kernel)


def test_what_a_run_has_learnt_is_kept_safe_while_it_goes_on(
    network: MainWindow, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualad.gui.training_run.KEEP_S", 0.2)
    before = network.document.graph["W1"].value
    network.run("train.start")
    qtbot.waitUntil(
        lambda: not np.array_equal(network.document.graph["W1"].value, before), timeout=20_000
    )
    assert network.session.is_training
    network.recovery.write(at_once=True)
    assert network.recovery.file is not None
    kept = load(network.recovery.file)["W1"].value
    assert not np.array_equal(kept, before)


def test_stopping_ends_the_run(network: MainWindow, kernel: KernelBridge, qtbot) -> None:
    network.run("train.start")
    qtbot.waitUntil(lambda: network.session.curves.epochs != [], timeout=20_000)
    with qtbot.waitSignal(network.session.training_finished):
        network.run("train.stop")
    assert network.session.training.state == ""
    wait_until_idle(qtbot, kernel)


def test_values_follow_while_training_goes_on(
    network: MainWindow, kernel: KernelBridge, qtbot
) -> None:
    network.run("train.start")
    with qtbot.waitSignal(network.session.evaluated):
        network.run("graph.float32")  # restarts the run in the other precision
    qtbot.waitUntil(lambda: len(network.session.curves.epochs) > 5, timeout=20_000)
    assert network.session.is_training


def test_divergence_names_and_marks_the_culprit_and_keeps_the_last_good_parameters(
    network: MainWindow, kernel: KernelBridge, qtbot
) -> None:
    graph = mlp([1, 8, 1], activation="relu", data="sine", seed=1)
    settings = {**graph.training, "optimizer": "sgd", "learning_rate": 1e6}
    network.document.new(graph.with_(training=settings))
    wait_until_idle(qtbot, kernel)
    with qtbot.waitSignal(network.session.training_finished, timeout=20_000) as ended:
        network.run("train.start")
    finished = ended.args[0]
    assert finished.reason == "diverged"
    name = network.document.graph.nodes_by_id[finished.node].name
    assert f"{name} became" in finished.message
    assert finished.message in [note.sentence for note in network.notifications.notes]
    wait_until_idle(qtbot, kernel)
    assert network.session.cautions[finished.node] == finished.message
    item = network.canvas.scene_.nodes[finished.node]
    assert finished.message in item.face.description
    for node in network.document.graph.parameters:
        assert np.isfinite(network.document.graph[node].value).all()
    network.run("train.reset")
    assert finished.node not in network.session.cautions


def test_switches_of_display_and_edited_weights_add_no_point_to_the_curves(
    network: MainWindow, kernel: KernelBridge, qtbot
) -> None:
    network.run("train.start")
    qtbot.waitUntil(lambda: len(network.session.curves.epochs) > 3, timeout=20_000)
    network.run("train.pause")
    qtbot.waitUntil(lambda: network.session.training.state == "paused")
    curves = network.session.curves
    before = (list(curves.epochs), list(curves.train), len(curves.places))
    loss = network.docks.panel("loss")
    network.docks.raise_("loss")
    for switch in (loss.log, *network.docks.panel("decision_map").findChildren(QCheckBox)):
        switch.click()
    loss.smoothing.moved.emit(0.5)
    weights = network.document.graph["W1"].value + 1.0
    network.document.apply("Edit", lambda graph: set_setting(graph, "W1", "value", weights))
    with qtbot.waitSignal(network.session.training_changed, timeout=20_000):
        pass  # the loss of the edited weights is measured
    wait_until_idle(qtbot, kernel)
    assert network.session.curves is curves
    assert (list(curves.epochs), list(curves.train), len(curves.places)) == before


def test_a_run_with_all_panels_keeps_its_norms_weights_and_path(network: MainWindow, qtbot) -> None:
    network.run("train.start")
    qtbot.waitUntil(lambda: len(network.session.curves.places) > 3, timeout=20_000)
    network.run("train.pause")
    qtbot.waitUntil(lambda: network.session.training.state == "paused")
    for name in ("loss", "gradients", "weights", "compare", "landscape"):
        network.docks.raise_(name)
        assert network.docks.panel(name).isVisible()
    curves = network.session.curves
    assert list(curves.norms) == ["W1", "W2"]
    assert curves.spreads[-1][1].keys() == {"W1", "W2"}
    assert [u.node for u in curves.units] == ["a1"]
    reached = np.concatenate([np.ravel(network.document.graph[n].value) for n in curves.order])
    assert curves.path[-1][1].shape == reached.shape
    assert len(runs_of(network.session).records) == 1
