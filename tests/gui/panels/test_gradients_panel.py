"""The panel of gradient norms: curves, bars with the bound, idle units, beginning anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from visualad.graph.model import Graph
from visualad.gui.panels.gradients import GradientsPanel
from visualad.kernel.messages import Progress
from visualad.training.layers import find_layers
from visualad.training.observation import Units
from visualad.training.perceptron import mlp

from .test_inspector import pick
from .test_training_panels import progress, run_with

WIDE = (1000, 260)


@pytest.fixture
def desk(make_desk):
    return make_desk(mlp([2, 4, 4, 4, 1], "sigmoid", "tanh", data="circle"))


def seen(epoch: int, *norms: float, units: tuple[Units, ...] = ()) -> Progress:
    named = {f"W{number}": norm for number, norm in enumerate(norms, 1)}
    return progress((epoch,), place=float(epoch), gradient_norms=named, units=units)


@pytest.fixture
def gradients(desk, qtbot):
    panel = desk.panel(GradientsPanel, WIDE)
    assert panel.empty.isVisible()
    dead = (Units("a2", 4, (0, 2), (), 1.0), Units("a3", 4, (), (3,), 0.25))
    run_with(desk, seen(0, 1e-6, 1e-4, 1e-2, 1.0), seen(1, 2e-6, 2e-4, 2e-2, 2.0, units=dead))
    qtbot.waitUntil(lambda: not panel.empty.isVisible())
    return panel


def test_each_layer_has_a_curve_and_a_bar_and_its_number_in_the_legend(gradients):
    assert list(gradients.plot.curves) == ["W₁", "W₂", "W₃", "W₄"]
    _, drawn = gradients.plot.curves["W₃"].getOriginalDataset()
    np.testing.assert_array_equal(drawn, [1e-2, 2e-2])
    assert gradients.plot.plot.getPlotItem().getAxis("left").logMode
    assert [bar.value for bar in gradients.profile.bars] == [2e-6, 2e-4, 2e-2, 2.0]
    assert gradients.legend.entries[2].text == "W₃ 0.02"


def test_the_bound_is_a_quarter_for_each_sigmoid_and_is_explained(gradients):
    assert [bar.bound for bar in gradients.profile.bars] == pytest.approx(
        [2 / 64, 2 / 16, 2 / 4, 2.0], rel=1e-3
    )
    assert "0.25³ = 0.016" in gradients.bound.text()
    assert gradients.warning.text == "The gradient vanishes: W₁ gets 1e−06 of what W₄ gets."


def test_dead_and_saturated_units_are_counted_named_and_shown(gradients, desk, qtbot):
    rows = [b for b in gradients._unit_rows if b.isVisible()]
    assert [b.text() for b in rows] == [
        "a₂: 2 of 4 units dead: 1, 3",
        "a₃: 1 of 4 units saturated: 4",
    ]
    qtbot.mouseClick(rows[1], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert desk.session.selected_nodes == {"a3"}


def test_the_cursor_shows_the_layers_as_they_were(gradients):
    gradients.show_cursor(0.2)
    assert [bar.value for bar in gradients.profile.bars] == [1e-6, 1e-4, 1e-2, 1.0]
    gradients.show_cursor(float("nan"))
    assert gradients.profile.bars[-1].value == 2.0


def test_another_activation_begins_anew_and_is_one_undoable_step(gradients, desk, qtbot):
    before = desk.graph
    pick(gradients.activation, gradients.activation.findData("relu"))
    found = find_layers(desk.graph)
    assert found is not None
    assert found.activations == ("relu", "relu", "relu")
    assert desk.session.curves.epochs == []  # the old curve is of another network
    assert desk.session.is_training  # it was, so that the difference can be seen
    desk.document.undo()
    assert desk.graph == before
    pick(gradients.initializer, gradients.initializer.findData("zeros"))
    assert np.all(desk.graph["W2"].value == 0)
    assert desk.graph.training["initializer"] == "zeros"


def test_the_norms_are_exported_by_epoch(gradients, tmp_path):
    gradients.exporting.write_csv(tmp_path / "norms.csv")
    lines = (tmp_path / "norms.csv").read_text().split()
    assert lines[:2] == ["epoch,W₁,W₂,W₃,W₄", "0.0,1e-06,0.0001,0.01,1.0"]
    gradients.exporting.write_picture(tmp_path / "norms.svg")
    assert "W₂" in (tmp_path / "norms.svg").read_text()


def test_a_graph_that_is_no_chain_of_layers_has_no_bound(make_desk, qtbot):
    graph: Graph = mlp([2, 4, 4, 1], "relu", data="circle", normalization="layer")
    desk = make_desk(graph)
    panel = desk.panel(GradientsPanel, WIDE)
    run_with(desk, replace(seen(0, 0.1, 0.2, 0.3)))
    qtbot.waitUntil(lambda: not panel.empty.isVisible())
    assert [bar.bound for bar in panel.profile.bars] == [None, None, None]
    assert "No bound is drawn: normalisation divides" in panel.bound.text()
    pick(panel.activation, panel.activation.findData("tanh"))
    found = find_layers(desk.graph, plain=False)
    assert found is not None
    assert (found.activations, found.normalizations) == (("tanh", "tanh"), ("layer", "layer"))
