"""The panel of weights: histograms over the epochs and now."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from visualad.gui.panels.weights import WeightsPanel, over_epochs
from visualad.gui.run_curves import MOST_KEPT, Curves
from visualad.training.observation import spread_of
from visualad.training.perceptron import mlp

from .test_training_panels import progress, run_with

WIDE = (900, 260)


def seen(epoch: int, **weights: np.ndarray):
    spreads = {name: spread_of([values]) for name, values in weights.items()}
    return progress((epoch,), place=float(epoch), weights=spreads)


@pytest.fixture
def weights(make_desk, qtbot):
    desk = make_desk(mlp([2, 4, 1], "tanh", "tanh", data="circle"))
    panel = desk.panel(WeightsPanel, WIDE)
    assert panel.empty.isVisible()
    first, last = np.linspace(-1, 1, 8), np.linspace(-3, 5, 8)
    run_with(desk, seen(0, W1=first, W2=first), seen(4, W1=last, W2=first))
    qtbot.waitUntil(lambda: not panel.empty.isVisible())
    return panel


def test_the_bars_are_the_latest_histogram_or_that_under_the_mouse(weights):
    assert weights.words.text().startswith("epoch 4: 8 numbers from −3 to 5, mean 1,")
    assert sum(weights.bars.counts) == 8
    assert (weights.bars.low, weights.bars.high) == (-3, 5)
    weights.show_cursor(0.4)
    assert weights.words.text().startswith("epoch 0: 8 numbers from −1 to 1")
    weights.show_cursor(math.nan)
    assert weights.words.text().startswith("epoch 4")


def test_every_layer_can_be_chosen(weights):
    assert [weights.layer.itemText(i) for i in range(weights.layer.count())] == ["W₁", "W₂"]
    weights.layer.setCurrentIndex(1)
    weights.layer.activated.emit(1)
    assert weights.words.text().startswith("epoch 4: 8 numbers from −1 to 1")


def test_the_picture_over_the_epochs_has_each_histogram_on_one_scale():
    spreads = [spread_of([np.full(5, -1.0)]), spread_of([np.array([2.0, 2.0, 3.0])])]
    density, (low, high) = over_epochs([0.0, 1.0], spreads)
    assert low < -1 < 3 < high
    rows = np.linspace(low, high, density.shape[1] + 1)
    densest = (rows[:-1] + rows[1:])[density.argmax(axis=1)] / 2
    np.testing.assert_allclose(densest, [-1.0, 2.0], atol=0.1)
    assert density.max(axis=1).tolist() == [1.0, 1.0]


def test_histograms_are_exported(weights, tmp_path):
    weights.exporting.write_csv(tmp_path / "weights.csv")
    with (tmp_path / "weights.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert sum(int(row["count"]) for row in rows if row["epoch"] == "0.0") == 8
    assert float(rows[-1]["to"]) == 5.0


def test_of_a_long_run_as_many_histograms_are_kept_as_a_picture_needs(qapp):
    curves, weights = Curves(), {"W": spread_of([np.ones(3)])}
    for epoch in range(5000):
        curves.take(progress((epoch,), place=float(epoch), weights=weights,
                             parameters={"W": np.full(3, float(epoch))}))  # fmt: skip
    places = [place for place, _ in curves.spreads]
    assert MOST_KEPT / 3 < len(places) <= MOST_KEPT
    assert places[0] == 0
    assert places[-1] > 4900
    assert np.diff(places).max() < 200
    assert [place for place, _ in curves.path] == places
