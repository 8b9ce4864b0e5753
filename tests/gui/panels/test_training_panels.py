"""The panels of training: settings, loss curves, decision map, and the dialog for networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QMenu

from visualad.errors import VisualADError
from visualad.graph import edits
from visualad.graph.file import load, save
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.gui import theme
from visualad.gui.lesson_controls import LessonControlsDialog
from visualad.gui.panels.decision_map import UNSUITED, DecisionMapPanel
from visualad.gui.panels.metrics import metric_rows
from visualad.gui.panels.perceptron_dialog import PerceptronDialog, read_layers
from visualad.gui.panels.training import TrainingPanel
from visualad.gui.panels.training_edits import loss_of, reason_against, with_features
from visualad.gui.training_editor import training_editor
from visualad.kernel.messages import Progress, Train
from visualad.training.perceptron import mlp

from .conftest import at_point
from .test_inspector import pick, type_into

TALL = (210, 900)


def _colours(picture: QImage) -> set[str]:
    return {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(0, picture.height(), 2)
    }


def _choose(menu: QMenu, title: str) -> None:
    """Choose what a menu offers under this title."""
    next(action for action in menu.actions() if action.text() == title).trigger()


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


def test_choosing_a_data_set_is_one_undoable_edit(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    assert panel.data.datasets["circle"].isChecked()
    before = np.array(desk.graph["X"].value)
    qtbot.mouseClick(panel.data.datasets["xor"], Qt.MouseButton.LeftButton)
    assert desk.graph.training["data"]["name"] == "xor"
    assert panel.data.datasets["xor"].isChecked()
    assert not np.array_equal(desk.graph["X"].value, before)
    desk.document.undo()
    assert desk.graph.training["data"]["name"] == "circle"
    assert panel.data.datasets["circle"].isChecked()
    assert not panel.data.datasets["xor"].isChecked()


def test_a_data_set_that_a_graph_of_ones_own_does_not_fit_is_disabled_with_the_reason(make_desk):
    own = edits.rename(mlp([1, 4, 1], "tanh", "linear", data="sine"), "h1", "hidden")
    own = edits.add_node(own, "sin", name="s")  # now it is no perceptron
    panel = make_desk(own).panel(TrainingPanel, TALL)
    assert not panel.data.datasets["circle"].isEnabled()
    assert panel.data.datasets["circle"].toolTip() == (
        "circle has 2 inputs, but the network takes 1."
    )
    assert "on the canvas" in panel.network.reason.text
    assert not panel.network.more.isVisible()
    assert not panel.features.isVisible()


def test_dragging_the_noise_is_one_step_of_undo(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    slider = panel.data.noise.slider
    start = QPoint(7, slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    for by in (40, 60, 80):
        qtbot.mouseMove(slider, start + QPoint(by, 0))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=start + QPoint(80, 0))
    noise = desk.graph.training["data"]["noise"]
    assert noise > 0.1
    assert (noise * 20) % 1 == pytest.approx(0)
    assert panel.data.noise.number.text() == f"{100 * noise:g}"
    qtbot.mouseClick(panel.data.datasets["circle"], Qt.MouseButton.LeftButton)
    assert desk.graph.training["data"]["noise"] == noise  # it is chosen already
    desk.document.undo()
    assert desk.graph.training["data"]["noise"] == 0.0
    assert not desk.document.can_undo


def test_another_loss_takes_the_place_of_the_loss_node(desk):
    panel = desk.panel(TrainingPanel, TALL)
    index = panel.learning.loss.findData("huber")
    pick(panel.learning.loss, index)
    assert desk.graph["L"].op == "huber"
    assert loss_of(desk.graph) == "huber"
    assert len(desk.graph.edges_into(desk.id("L"))) == 2
    desk.document.undo()
    assert desk.graph["L"].op == "mean_squared_error"


def test_a_graph_with_nothing_to_train_says_so(make_desk):
    desk = make_desk(at_point(parse("x1*x2"), {"x1": 1.0, "x2": 2.0}))
    panel = desk.panel(TrainingPanel, TALL)
    assert "nothing to train" in panel.reason.text
    assert not panel.data.datasets["circle"].isEnabled()


def test_a_feature_more_keeps_the_weights_of_the_others(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    before = desk.graph["W1"].value
    qtbot.mouseClick(panel.features.chips["x1*x2"], Qt.MouseButton.LeftButton)
    assert desk.graph.training["data"]["features"] == ["x1", "x2", "x1*x2"]
    assert np.shape(desk.graph["X"].value) == (10, 3)
    np.testing.assert_array_equal(desk.graph["W1"].value[:, :2], before)
    assert desk.graph["W1"].value[:, 2].any()
    qtbot.mouseClick(panel.features.chips["x1"], Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(desk.graph["W1"].value[:, 0], before[:, 1])
    assert reason_against(desk.graph) == ""
    desk.document.undo()
    desk.document.undo()
    assert not desk.document.can_undo
    assert [name for name, chip in panel.features.chips.items() if chip.isChecked()] == ["x1", "x2"]


def test_the_last_feature_stays(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    for name in ("x1", "x2"):
        qtbot.mouseClick(panel.features.chips[name], Qt.MouseButton.LeftButton)
    assert desk.graph.training["data"]["features"] == ["x2"]
    assert panel.features.chips["x2"].isChecked()


def test_layers_and_neurons_come_and_go_and_learnt_weights_stay(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    before = desk.graph["W1"].value
    assert panel.network.title.text() == "Network 2 – 4 – 1"
    qtbot.mouseClick(panel.network.more, Qt.MouseButton.LeftButton)
    assert panel.network.title.text() == "Network 2 – 4 – 2 – 1"
    qtbot.mouseClick(panel.network.rows[0].more, Qt.MouseButton.LeftButton)
    type_into(qtbot, panel.network.rows[1].count, "3")
    assert panel.network.title.text() == "Network 2 – 5 – 3 – 1"
    np.testing.assert_array_equal(desk.graph["W1"].value[:4], before)
    qtbot.mouseClick(panel.network.fewer, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.network.rows[0].fewer, Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(desk.graph["W1"].value, before)
    for _ in range(5):
        desk.document.undo()
    assert not desk.document.can_undo


def test_a_number_of_neurons_that_is_none_is_refused_in_words(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    for typed in ("abc", "-1", "1e999", ""):
        type_into(qtbot, panel.network.rows[0].count, typed)
        assert panel.network.fault.isVisible()
        assert panel.network.fault.text.endswith(".")
    type_into(qtbot, panel.network.rows[0].count, "3")
    assert not panel.network.fault.isVisible()


def test_a_layer_has_its_own_activation_normalisation_and_dropout(desk):
    panel = desk.panel(TrainingPanel, TALL)
    menu = panel.network.rows[0].function.menu()
    menu.aboutToShow.emit()
    _choose(menu, "relu")
    menu.aboutToShow.emit()
    _choose(menu, "Batch normalisation")
    menu.aboutToShow.emit()
    dropout = next(a.menu() for a in menu.actions() if a.text() == "Dropout")
    _choose(dropout, "0.5")
    assert [n.op for n in desk.graph.nodes_by_id.values() if n.id in ("n1", "a1", "d1")] == [
        "batch_normalization", "relu", "dropout",
    ]  # fmt: skip
    assert panel.network.rows[0].function.text() == "relu + ▾"
    assert "batch normalisation, dropout 0.5" in panel.network.rows[0].function.toolTip()
    assert reason_against(desk.graph) == ""


def test_another_initialiser_or_seed_begins_anew_and_has_a_picture(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    learning = panel.learning
    learning.folds["start"].button.click()
    first = desk.graph["W1"].value
    before = learning.picture.grab().toImage()
    pick(learning.initializer, learning.initializer.findData("lecture"))
    assert np.abs(desk.graph["W1"].value).max() < 0.1
    assert "0.01" in learning.words.text()
    assert learning.picture.grab().toImage() != before
    pick(learning.initializer, learning.initializer.findData("default"))
    np.testing.assert_array_equal(desk.graph["W1"].value, first)
    type_into(qtbot, learning.seed, "7")
    assert desk.graph.seed == 7
    assert not np.array_equal(desk.graph["W1"].value, first)


def test_a_schedule_shows_its_numbers(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    learning = panel.learning
    learning.folds["schedule"].button.click()
    pick(learning.schedule, learning.schedule.findData("step"))
    assert desk.graph.training["schedule"] == {"name": "step"}
    type_into(qtbot, learning.schedule_fields["every"], "10")
    assert desk.graph.training["schedule"] == {"name": "step", "every": 10}
    type_into(qtbot, learning.schedule_fields["every"], "0")
    assert (
        "whole number of epochs" in learning.schedule_fields["every"].parentWidget().sentence.text()
    )
    pick(learning.schedule, 0)
    assert desk.graph.training["schedule"] is None


def test_a_schedule_spans_the_run_and_the_rate_of_the_moment_is_told(desk):
    panel = desk.panel(TrainingPanel, TALL)
    learning = panel.learning
    learning.folds["schedule"].button.click()
    desk.document.apply("Set", lambda g: g.with_(training={**g.training, "epochs": 50}))
    pick(learning.schedule, learning.schedule.findData("cosine"))
    assert learning.schedule_fields["epochs"].text() == "50"
    run_with(desk, progress(range(26), range(26), range(26), rate=0.005))
    assert learning.rate_now.text() == "rate now 0.005"
    pick(learning.schedule, 0)
    assert learning.rate_now.isHidden()


def test_stop_conditions_and_limits_of_the_gradient_may_be_empty(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    learning = panel.learning
    for name in ("stopping", "clipping"):
        learning.folds[name].button.click()
    type_into(qtbot, learning.stopping["patience"], "20")
    type_into(qtbot, learning.clipping["clip_norm"], "1e999")
    assert desk.graph.training.get("clip_norm") is None
    type_into(qtbot, learning.clipping["clip_norm"], "1.5")
    assert (desk.graph.training["patience"], desk.graph.training["clip_norm"]) == (20, 1.5)
    type_into(qtbot, learning.stopping["patience"], "none")
    assert desk.graph.training["patience"] is None


def test_a_loss_that_does_not_fit_the_targets_is_refused_in_words(desk):
    panel = desk.panel(TrainingPanel, TALL)
    said: list[str] = []
    desk.document.refused.connect(said.append)
    pick(panel.learning.loss, panel.learning.loss.findData("cross_entropy"))
    assert "one output" in said[0]
    assert panel.learning.loss.currentData() == "mean_squared_error"


def test_binary_cross_entropy_takes_classes_0_and_1_and_logits(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    before = desk.graph
    pick(panel.learning.loss, panel.learning.loss.findData("binary_cross_entropy"))
    assert set(np.unique(desk.graph["Y"].value)) <= {0.0, 1.0}
    assert panel.network.rows[1].function.text() == "linear ▾"
    assert reason_against(desk.graph) == ""
    qtbot.mouseClick(panel.data.datasets["xor"], Qt.MouseButton.LeftButton)
    assert loss_of(desk.graph) == "binary_cross_entropy"
    assert set(np.unique(desk.graph["Y"].value)) <= {0.0, 1.0}
    pick(panel.learning.loss, panel.learning.loss.findData("mean_squared_error"))
    assert set(np.unique(desk.graph["Y"].value)) <= {-1.0, 1.0}
    assert panel.network.rows[1].function.text() == "tanh ▾"
    for _ in range(3):
        desk.document.undo()
    assert desk.graph == before


def test_another_kind_of_data_fits_the_perceptron_to_it(desk, qtbot):
    panel = desk.panel(TrainingPanel, TALL)
    qtbot.mouseClick(panel.data.datasets["iris"], Qt.MouseButton.LeftButton)
    assert panel.network.title.text() == "Network 4 – 4 – 3"
    assert loss_of(desk.graph) == "cross_entropy"
    assert reason_against(desk.graph) == ""
    assert not panel.features.isVisible()
    assert not panel.data.noise.isEnabled()
    qtbot.mouseClick(panel.data.datasets["spiral"], Qt.MouseButton.LeftButton)
    assert panel.network.title.text() == "Network 2 – 4 – 1"
    assert loss_of(desk.graph) == "mean_squared_error"


def test_a_lesson_hides_controls_and_the_teacher_has_them_back(desk, qtbot, tmp_path):
    panel = desk.panel(TrainingPanel, TALL)
    editor = training_editor(desk.document, desk.session)
    dialog = LessonControlsDialog(editor)
    qtbot.addWidget(dialog)
    dialog.show()
    for name in ("noise", "features", "loss"):
        qtbot.mouseClick(dialog.ticks[name], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()
    assert desk.graph.training["hidden_controls"] == ["features", "loss", "noise"]
    hidden = (panel.data.noise, panel.features, panel.learning.folds["loss"])
    assert not any(widget.isVisible() for widget in hidden)
    assert panel.data.ratio.isVisible()
    save(desk.graph, tmp_path / "lesson.vad")
    assert load(tmp_path / "lesson.vad").training["hidden_controls"] == [
        "features",
        "loss",
        "noise",
    ]
    editor.show_hidden(True)
    assert all(widget.isVisible() for widget in hidden)
    editor.show_hidden(False)
    desk.document.undo()
    assert all(widget.isVisible() for widget in hidden)


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


def test_the_map_of_features_lies_over_the_plane_with_all_points(make_desk):
    network = with_features(
        mlp([2, 4, 1], "tanh", "tanh", data="circle"), ("x1^2", "x2^2", "x1*x2")
    )
    desk = make_desk(network)
    panel = desk.panel(DecisionMapPanel, (300, 500))
    assert panel.map.columns == 2
    assert panel.map.bounds == ((-6.0, 6.0), (-6.0, 6.0))
    run_with(desk, progress(predictions=np.zeros((50, 50))))
    colours = _colours(panel.map.grab().toImage())
    assert {theme.LIGHT.positive, theme.LIGHT.negative} <= colours


def test_discretised_the_map_has_two_colours_and_the_run_goes_on(desk, qtbot):
    panel = desk.panel(DecisionMapPanel, (300, 500))
    answers = np.linspace(-1, 1, 2500).reshape(50, 50)
    run_with(desk, progress(predictions=answers))
    asked = len(desk.kernel.controls)
    qtbot.mouseClick(panel.discrete, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    qtbot.mouseClick(panel.test, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert desk.graph.training["discretize"] is True
    assert desk.graph.training["show_test_data"] is False
    shown = panel.map._image
    assert {shown.pixelColor(x, y).name() for x in range(50) for y in range(50)} == {
        theme.LIGHT.positive,
        theme.LIGHT.negative,
    }
    assert desk.session.is_training
    assert len(desk.kernel.controls) == asked  # the run was neither stopped nor begun anew
    assert desk.session.curves.epochs == [0]
    desk.document.undo()
    assert panel.test.isChecked()


def test_the_confusion_matrix_counts_what_is_taken_for_what(desk, qtbot):
    panel = desk.panel(DecisionMapPanel, (300, 600))
    matrices = {"train": np.array([[120, 3], [0, 127]]), "test": np.array([[110, 5], [2, 133]])}
    run_with(desk, progress(confusion=matrices))
    table = panel.confusion.table
    assert not table.isVisible()  # the room is the map's
    qtbot.mouseClick(panel.confusion.button, Qt.MouseButton.LeftButton)
    assert table.isVisible()
    assert table.accessibleDescription() == "243 of 250 right"
    assert "5 samples of class −1 are taken for +1" in table.words_at(table._cell(0, 1).center())
    pick(panel.confusion.part, 1)
    assert table.matrix[0, 0] == 120


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
