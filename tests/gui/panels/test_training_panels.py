"""The panels of training: settings, loss curves, decision map, and the dialog for networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.gui import theme
from visualad.gui.panels.decision_map import UNSUITED, DecisionMapPanel
from visualad.gui.panels.metrics import metric_rows
from visualad.gui.panels.perceptron_dialog import PerceptronDialog, read_layers
from visualad.gui.panels.training import TrainingPanel
from visualad.gui.panels.training_edits import loss_of, reason_against
from visualad.kernel.messages import Progress, Train
from visualad.training.perceptron import mlp

from .conftest import at_point
from .test_inspector import pick, type_into

TALL = (210, 760)


@pytest.fixture
def network() -> Graph:
    return mlp([2, 4, 1], "tanh", "tanh", data="circle")


@pytest.fixture
def desk(make_desk, network):
    return make_desk(network)


def progress(epochs=(0,), train=(1.0,), test=(1.1,), **more) -> Progress:
    made = Progress(
        1,
        epochs=tuple(epochs),
        train=tuple(train),
        test=tuple(test),
        epoch=epochs[-1],
        steps=25 * epochs[-1],
        steps_per_second=5160.0,
        state="running",
    )
    return replace(made, **more)


def run_with(desk, *replies: Progress) -> None:
    """A training run that has said this."""
    desk.session.train_start()
    for reply in replies:
        desk.kernel.tell(Train, lambda ticket, reply=reply: replace(reply, id=ticket))


# The training panel ---------------------------------------------------------------------------


def test_buttons_ask_for_commands_of_the_window(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    asked: list[str] = []
    panel.command_requested.connect(asked.append)
    for button in (panel.train, panel.step):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == ["train.start", "train.step"]
    run_with(desk, progress())
    assert panel.train.text() == "Pause"
    qtbot.mouseClick(panel.train, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.reset, Qt.MouseButton.LeftButton)
    assert asked[2:] == ["train.pause", "train.reset"]


def test_epochs_and_speed_are_shown_while_training(desk):
    panel = desk.panel(TrainingPanel, TALL)
    run_with(desk, progress((0, 412), (1.0, 0.5), (1.0, 0.6)))
    assert panel.epoch.text() == "epoch 412"
    assert panel.rate.text() == "5,160 steps/s"


def test_choosing_a_data_set_is_one_undoable_edit(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    assert panel.datasets["circle"].isChecked()
    before = np.array(desk.graph["X"].value)
    qtbot.mouseClick(panel.datasets["xor"], Qt.MouseButton.LeftButton)
    assert desk.graph.training["data"]["name"] == "xor"
    assert panel.datasets["xor"].isChecked()
    assert not np.array_equal(desk.graph["X"].value, before)
    desk.document.undo()
    assert desk.graph.training["data"]["name"] == "circle"
    assert panel.datasets["circle"].isChecked()
    assert not panel.datasets["xor"].isChecked()


def test_a_data_set_that_does_not_fit_is_disabled_with_the_reason(desk):
    panel = desk.panel(TrainingPanel, TALL)
    assert not panel.datasets["sine"].isEnabled()
    assert panel.datasets["sine"].toolTip() == "sine has 1 input, but the network takes 2."
    assert panel.datasets["plane"].isEnabled()


def test_dragging_the_noise_is_one_step_of_undo(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    slider = panel.noise[0]
    start = QPoint(7, slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    for by in (40, 60, 80):
        qtbot.mouseMove(slider, start + QPoint(by, 0))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=start + QPoint(80, 0))
    noise = desk.graph.training["data"]["noise"]
    assert noise > 0.1
    assert (noise * 20) % 1 == pytest.approx(0)
    assert panel.noise[1].text() == f"{noise:.0%}"
    desk.document.undo()
    assert desk.graph.training["data"]["noise"] == 0.0
    assert not desk.document.can_undo


def test_numbers_of_training_are_checked(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    type_into(qtbot, panel.rate_choice, "0.03")
    assert desk.graph.training["learning_rate"] == 0.03
    type_into(qtbot, panel.rate_choice, "-1")
    assert desk.graph.training["learning_rate"] == 0.03
    assert "greater than 0" in panel.rate_choice.parentWidget().sentence.text()
    type_into(qtbot, panel.batch, "2.5")
    assert "whole number" in panel.batch.parentWidget().sentence.text()
    type_into(qtbot, panel.batch, "all")
    assert desk.graph.training["batch_size"] is None


def test_arrow_keys_go_to_the_next_usual_learning_rate(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    qtbot.keyClick(panel.rate_choice, Qt.Key.Key_Up)
    assert desk.graph.training["learning_rate"] == 0.02
    assert panel.rate_choice.text() == "0.02"


def test_momentum_is_only_asked_for_where_it_means_something(desk):
    panel = desk.panel(TrainingPanel, TALL)
    assert not panel.momentum.isVisible()
    pick(panel.optimizer, 1)
    assert panel.momentum.isVisible()
    assert desk.graph.training["optimizer"] == "sgd"
    assert desk.graph.training["momentum"] == 0.9
    pick(panel.optimizer, 0)
    assert desk.graph.training["momentum"] == 0.0
    assert not panel.momentum.isVisible()


def test_another_loss_takes_the_place_of_the_loss_node(desk):
    panel = desk.panel(TrainingPanel, TALL)
    index = panel.loss.findData("huber")
    pick(panel.loss, index)
    assert desk.graph["L"].op == "huber"
    assert loss_of(desk.graph) == "huber"
    assert len(desk.graph.edges_into(desk.id("L"))) == 2
    desk.document.undo()
    assert desk.graph["L"].op == "mean_squared_error"


def test_another_optimiser_brings_its_usual_rate_and_a_schedule_is_kept(desk):
    panel = desk.panel(TrainingPanel, TALL)
    pick(panel.optimizer, panel.optimizer.findData("lbfgs"))
    assert desk.graph.training["optimizer"] == "lbfgs"
    assert desk.graph.training["learning_rate"] == 1.0
    assert desk.graph.training["batch_size"] is None
    pick(panel.schedule, panel.schedule.findData("cosine"))
    assert desk.graph.training["schedule"] == {"name": "cosine"}
    pick(panel.schedule, 0)
    assert desk.graph.training["schedule"] is None


def test_regenerating_draws_other_points(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    qtbot.mouseClick(panel.regenerate, Qt.MouseButton.LeftButton)
    assert desk.graph.training["data"]["seed"] == 1


def test_a_graph_with_nothing_to_train_says_so(make_desk):
    desk = make_desk(at_point(parse("x1*x2"), {"x1": 1.0, "x2": 2.0}))
    panel = desk.panel(TrainingPanel, TALL)
    assert not panel.train.isEnabled()
    assert "nothing to train" in panel.reason.text
    assert not panel.datasets["circle"].isEnabled()


def test_a_network_can_be_trained(network):
    assert reason_against(network) == ""


# The decision map -----------------------------------------------------------------------------


def test_the_map_shows_what_the_network_answers(desk, qtbot):
    panel = desk.panel(DecisionMapPanel, (300, 400))
    assert panel.map.columns == 2
    answers = np.linspace(-1, 1, 2500).reshape(50, 50)
    run_with(desk, progress(predictions=answers, metrics={"accuracy train": 0.992}))
    area = panel.map.area()
    assert panel.legend.low == "−1"
    assert panel.legend.high == "1"
    assert panel.map.reading_at(area.topRight() - QPoint(1, -1)).endswith("answers 1")
    qtbot.mouseMove(panel.map, area.center().toPoint())
    assert panel.reading.text().startswith("at (")


def test_the_points_of_the_map_follow_its_size_and_the_switch_for_test_points(desk, qtbot):
    panel = desk.panel(DecisionMapPanel, (300, 400))
    run_with(desk, progress(predictions=np.zeros((50, 50))))
    both = panel.map.grab().toImage()
    qtbot.mouseClick(panel.test, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.test.height() // 2))
    train_only = panel.map.grab().toImage()
    assert train_only != both
    panel.test.click()
    assert panel.map.grab().toImage() == both
    panel.resize(500, 600)
    area = panel.map.area()
    picture = panel.map.grab().toImage()
    assert picture.size() == panel.map.size()
    middle = picture.pixelColor(area.center().toPoint())
    half = {
        picture.pixelColor(x, y).name()
        for x in range(round(area.center().x()), round(area.right()) - 1)
        for y in range(round(area.top()) + 1, round(area.bottom()) - 1)
    }
    assert middle.name() in half
    assert {theme.LIGHT.positive, theme.LIGHT.negative} <= half


def test_the_scale_of_the_map_stays_the_same_over_a_run(desk):
    panel = desk.panel(DecisionMapPanel, (300, 400))
    run_with(desk, progress(predictions=np.full((50, 50), 0.1)))
    assert panel.map.scale == 1.0


def test_metrics_stand_beside_each_other():
    rows = metric_rows(progress(metrics={"accuracy train": 0.992, "accuracy test": 0.98}))
    assert rows == [("loss", "1", "1.1"), ("accuracy", "99.2%", "98.0%")]


def test_a_network_with_one_input_is_drawn_as_a_curve(make_desk):
    desk = make_desk(mlp([1, 4, 1], "tanh", "linear", data="sine"))
    panel = desk.panel(DecisionMapPanel, (300, 400))
    assert panel.map.columns == 1
    run_with(desk, progress(predictions=np.zeros(50)))
    assert panel.map.reading_at(panel.map.area().center()).endswith("answers 0")
    assert not panel.legend.isVisible()


def test_a_graph_that_cannot_be_trained_has_no_map(make_desk):
    desk = make_desk(at_point(parse("x1*x2"), {"x1": 1.0, "x2": 2.0}))
    panel = desk.panel(DecisionMapPanel, (300, 400))
    assert panel.empty.isVisible()
    assert panel.empty.text() != UNSUITED


# The dialog -----------------------------------------------------------------------------------


@pytest.fixture
def dialog(qtbot):
    made = PerceptronDialog()
    qtbot.addWidget(made)
    made.show()
    return made


def test_layers_are_described_as_they_are_typed(dialog, qtbot):
    dialog.layers.selectAll()
    qtbot.keyClicks(dialog.layers, "2-8-8-1")
    assert dialog.summary.text() == (
        "W₁ 8×2, b₁ 8; W₂ 8×8, b₂ 8; W₃ 1×8, b₃ 1.\n105 parameters in all."
    )
    assert dialog.create_button.isEnabled()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2-x-1", "'x' is no number of neurons"),
        ("2", "at least an input and an output layer"),
        ("", "at least an input and an output layer"),
        ("3-4-1", "circle has 2 inputs"),
        ("2-4-2", "circle has 1 target"),
        ("2-0-1", "'0' is no number of neurons"),
    ],
)
def test_layers_that_make_no_network_are_explained(dialog, typed, words):
    dialog.layers.setText(typed)
    assert words in dialog.fault.text
    assert not dialog.create_button.isEnabled()


def test_a_data_set_brings_the_network_that_suits_it(dialog, qtbot):
    qtbot.mouseClick(dialog.datasets["sine"], Qt.MouseButton.LeftButton)
    assert dialog.layers.text() == "1-16-1"
    assert dialog.output.currentData() == "linear"
    assert dialog.create_button.isEnabled()


def test_create_makes_the_network(dialog, qtbot):
    qtbot.mouseClick(dialog.datasets["spiral"], Qt.MouseButton.LeftButton)
    dialog.layers.setText("2 8 8 1")
    dialog.activation.show_data("sigmoid")
    qtbot.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
    assert dialog.result() == QDialog.DialogCode.Accepted
    graph = dialog.graph
    assert graph.training["data"]["name"] == "spiral"
    assert [n.op for n in graph if n.op == "sigmoid"] == ["sigmoid", "sigmoid"]
    assert np.shape(graph["W2"].value) == (8, 8)


def test_cancel_makes_nothing(dialog, qtbot):
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.graph is None


def test_layers_may_be_written_with_commas():
    assert read_layers("2, 8, 8, 1") == [2, 8, 8, 1]
    with pytest.raises(VisualADError, match="At most"):
        read_layers("-".join(["2"] * 40))
