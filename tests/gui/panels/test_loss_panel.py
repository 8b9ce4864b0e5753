"""The loss panel: curves, averages, other measures, a cursor, exports, very long runs."""

from __future__ import annotations

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from visualad.gui import theme
from visualad.gui.panels.curve_plot import MOST_POINTS
from visualad.gui.panels.decision_map import DecisionMapPanel
from visualad.gui.panels.loss import LossPanel
from visualad.kernel.messages import Train
from visualad.training.perceptron import mlp

from .test_training_panels import progress, run_with


@pytest.fixture
def desk(make_desk):
    return make_desk(mlp([2, 4, 1], "tanh", "tanh", data="circle"))


@pytest.fixture
def loss(desk, qtbot):
    panel = desk.panel(LossPanel)
    assert panel.empty.isVisible()
    run_with(
        desk,
        progress(range(4), (1.0, 0.5, 0.25, 0.125), (1.1, 0.6, 0.4, 0.3)),
    )
    qtbot.waitUntil(lambda: not panel.empty.isVisible())
    return panel


def test_the_curves_have_axes_and_a_legend_with_the_latest_values(loss):
    plot = loss.plot.plot.getPlotItem()
    assert plot.getAxis("bottom").labelText == "epoch"
    assert plot.getAxis("left").labelText == "loss"
    assert loss.train_text.text() == "— train 0.125"
    assert loss.test_text.text() == "╌ test 0.3"
    epochs, losses = loss.plot.curves["train"].getOriginalDataset()
    np.testing.assert_array_equal(epochs, [0, 1, 2, 3])
    np.testing.assert_array_equal(losses, [1.0, 0.5, 0.25, 0.125])


def test_train_and_test_differ_by_more_than_colour(loss):
    styles = {name: curve.opts["pen"].style() for name, curve in loss.plot.curves.items()}
    assert styles["train"] != styles["test"]


def test_the_axis_is_logarithmic_or_not(loss, qtbot):
    assert loss.plot.plot.getPlotItem().getAxis("left").logMode
    loss.log.click()
    assert not loss.plot.plot.getPlotItem().getAxis("left").logMode


def test_losses_of_zero_do_not_break_the_logarithmic_axis(loss, desk, qtbot):
    desk.kernel.tell(Train, lambda ticket: replace(progress((4,), (0.0,), (math.nan,)), id=ticket))
    qtbot.waitUntil(lambda: loss.train_text.text() == "— train 0")
    assert loss.test_text.text() == ""


def test_the_cursor_reads_the_values_of_an_epoch(loss):
    loss.show_cursor(1.2)
    assert loss.cursor_text.text() == "epoch 1: train 0.5, test 0.6"


def test_many_messages_are_drawn_together(loss, desk, qtbot, monkeypatch):
    drawn: list[int] = []
    timer = loss.frames
    timer.timeout.connect(lambda: drawn.append(1))
    for epoch in range(4, 104):
        reply = progress((epoch,), (0.1,), (0.2,))
        desk.kernel.tell(Train, lambda ticket, reply=reply: replace(reply, id=ticket))
    qtbot.waitUntil(lambda: bool(drawn))
    assert len(drawn) == 1
    assert len(loss.plot.curves["train"].getOriginalDataset()[0]) == 104


def test_curves_are_exported_as_a_table_and_as_a_picture(loss, tmp_path):
    assert [a.text() for a in loss.exporting.menu().actions() if a.text()][-3:] == [
        "Export as CSV…",
        "Export as PNG…",
        "Export as SVG…",
    ]
    loss.exporting.write_csv(tmp_path / "loss.csv")
    with (tmp_path / "loss.csv").open() as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["epoch", "train", "test"]
    assert rows[2] == ["1", "0.5", "0.6"]
    loss.exporting.write_picture(tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
    loss.exporting.write_picture(tmp_path / "loss.svg")
    drawing = (tmp_path / "loss.svg").read_text()
    assert "<polyline" in drawing or "<path" in drawing  # lines, not a picture of them
    assert "epoch" in drawing
    assert "<image" not in drawing
    for name in ("loss.png", "loss.svg"):
        with pytest.raises(OSError, match=r"stored|No such file"):
            loss.exporting.write_picture(tmp_path / "missing" / name)


def test_the_plot_follows_the_theme(loss):
    theme.set_theme("dark")
    colour = loss.plot.curves["train"].opts["pen"].color().name()
    assert colour == theme.DARK.plot_train
    theme.set_theme("light")


def test_smoothing_draws_the_average_and_leaves_the_numbers_faint_behind_it(loss, qtbot):
    slider = loss.smoothing
    at = QPoint(slider.width() // 2, slider.height() // 2)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at)
    weight = loss.plot.weight
    assert 0.7 < weight < 0.95
    assert loss.smoothing_text.text() == f"{weight:.2f}".rstrip("0")
    loss.draw()
    _, drawn = loss.plot.curves["train"].getOriginalDataset()
    assert drawn[1] == pytest.approx(weight * 1.0 + (1 - weight) * 0.5)
    faint = loss.plot._faint["train"]
    np.testing.assert_array_equal(faint.getOriginalDataset()[1], [1.0, 0.5, 0.25, 0.125])
    assert faint.opts["pen"].color().alphaF() < 0.5
    loss.show_cursor(1.0)
    assert "train 0.5 (smoothed " in loss.cursor_text.text()
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(1, slider.height() // 2))
    loss.draw()
    assert loss.plot._faint == {}


def test_accuracy_is_drawn_over_the_epochs_on_an_even_axis(loss, desk, qtbot):
    reply = progress(
        (4, 5),
        (0.1, 0.1),
        (0.2, 0.2),
        measured={"accuracy train": (0.5, 0.75), "accuracy test": (0.25, 0.5)},
    )
    desk.kernel.tell(Train, lambda ticket: replace(reply, id=ticket))
    qtbot.waitUntil(loss.quantity.isVisible)
    loss.quantity.setCurrentIndex(1)
    loss.quantity.activated.emit(1)
    assert loss.train_text.text() == "— train 0.75"
    assert not loss.log.isEnabled()
    axis = loss.plot.plot.getPlotItem().getAxis("left")
    assert (axis.labelText, axis.logMode) == ("accuracy", False)
    _, drawn = loss.plot.curves["test"].getOriginalDataset()
    np.testing.assert_array_equal(drawn, [math.nan] * 4 + [0.25, 0.5])


def test_of_a_million_points_only_those_in_sight_are_drawn_and_every_extreme_among_them(loss, desk):
    count = 1_000_000
    curves = desk.session.curves
    losses = 1.0 + np.random.default_rng(0).random(count)
    losses[700_000] = 1e-4
    curves.epochs.extend(range(4, count + 4))
    curves.train.extend(losses)
    curves.test.extend(losses)
    loss.draw()
    epochs, drawn = loss.plot.curves["train"].getOriginalDataset()
    assert len(drawn) <= MOST_POINTS + 2
    assert drawn.min() == pytest.approx(1e-4)
    assert epochs[-1] == count + 3
    view = loss.plot.plot.getPlotItem().vb
    view.setXRange(700_000, 700_100, padding=0)
    view.sigRangeChangedManually.emit([True, True])
    loss.draw()
    epochs, drawn = loss.plot.curves["train"].getOriginalDataset()
    assert 100 <= len(drawn) <= 104  # one by one, and the next on either side
    assert 1e-4 in drawn


def test_a_pause_inside_an_epoch_says_to_which_epoch_the_losses_belong(desk, qtbot):
    panel, decision_map = desk.panel(LossPanel), desk.panel(DecisionMapPanel)
    losses = (1.0, 0.5, 0.25)
    inside = progress(range(3), losses, losses, place=2.5, state="paused")
    run_with(desk, inside)
    qtbot.waitUntil(lambda: panel.cursor_text.text() == "after epoch 2")
    assert decision_map.metrics.title.text() == "After epoch 2"
    desk.kernel.tell(Train, lambda t: replace(inside, id=t, state="running"))
    qtbot.waitUntil(lambda: panel.cursor_text.text() == "")
    assert decision_map.metrics.title.text() == "Metrics"
