"""The map of the loss around the parameters."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from visualad.graph import edits
from visualad.gui.panels.landscape import STALE, LandscapePanel, heights_of
from visualad.kernel.messages import Failed
from visualad.kernel.probe_messages import LandscapeMapped, LandscapeProgress, MapLandscape
from visualad.training.landscape import Landscape
from visualad.training.perceptron import mlp

from .test_inspector import pick
from .test_training_panels import progress, run_with

WIDE = (900, 260)


@pytest.fixture
def desk(make_desk):
    return make_desk(mlp([2, 4, 1], "tanh", "tanh", data="circle"))


@pytest.fixture
def panel(desk):
    made = desk.panel(LandscapePanel, WIDE)
    assert made.empty.isVisible()
    return made


def mapped(kind: str = "path") -> Landscape:
    axis = np.linspace(-1.0, 1.0, 5)
    losses = axis[None, :] ** 2 + 2 * axis[:, None] ** 2
    path = np.array([[0.5, -0.5], [0.25, 0.0], [0.0, 0.0]])
    return Landscape(axis, axis, losses, path, kind, (0.75, 0.2))


def test_a_map_is_asked_for_with_the_path_of_the_run(panel, desk, qtbot):
    weights = {"W1": np.zeros((4, 2)), "b1": np.zeros(4)}
    run_with(desk, progress((0,), place=0.0, parameters=weights))
    run_with(desk, progress((1,), place=1.0, parameters={**weights, "b1": np.ones(4)}))
    qtbot.mouseClick(panel.map_button, Qt.MouseButton.LeftButton)
    desk.kernel.tell(MapLandscape, lambda ticket: LandscapeProgress(ticket, 0.4))
    assert panel.progress.isVisible()
    request = desk.kernel.answer(MapLandscape, lambda t: LandscapeMapped(t, mapped()))
    assert request.kind == "path"
    assert request.order == ("W1", "b1")
    assert [point.tolist() for point in request.path] == [[0.0] * 12, [0.0] * 8 + [1.0] * 4]
    # Around where the run is now, which the document's graph has not got yet.
    assert np.all(request.graph["b1"].value == 1.0)
    assert not panel.progress.isVisible()
    assert "95% of the way" in panel.words.text()
    x, y = panel._items["path"].getData()
    assert (x.tolist(), y.tolist()) == ([0.5, 0.25, 0.0], [-0.5, 0.0, 0.0])
    assert len(panel._contours) > 4


def test_the_loss_under_the_mouse_is_read(panel, desk):
    panel.map()
    desk.kernel.answer(MapLandscape, lambda t: LandscapeMapped(t, mapped()))
    assert panel.reading.text() == "loss: light 0, dark 3"
    panel.read(0.45, -0.95)
    assert panel.reading.text() == "loss 2.25 at (0.5, −1)"


def test_random_directions_are_others_each_time(panel, desk):
    pick(panel.kind, panel.kind.findData("random"))
    seeds = []
    for _ in range(2):
        panel.map()
        request = desk.kernel.answer(MapLandscape, lambda t: LandscapeMapped(t, mapped("random")))
        seeds.append(request.seed)
    assert seeds[0] != seeds[1]
    assert "right angles" in panel.words.text()


def test_parameters_that_changed_since_are_told_and_another_document_forgets_the_map(panel, desk):
    panel.map()
    desk.kernel.answer(MapLandscape, lambda t: LandscapeMapped(t, mapped()))
    desk.document.apply("Set", lambda g: edits.set_setting(g, "b1", "value", np.ones(4)))
    assert panel.fault.text == STALE
    desk.document.undo()
    assert panel.fault.text == ""
    desk.document.new()
    assert panel.empty.isVisible()


def test_mapping_can_be_stopped_and_failures_are_told(panel, desk, qtbot):
    panel.map()
    (ticket,) = desk.kernel.tickets(MapLandscape)
    qtbot.mouseClick(panel.map_button, Qt.MouseButton.LeftButton)
    assert (ticket, "stop") in desk.kernel.controls
    panel.map()
    desk.kernel.answer(MapLandscape, lambda t: Failed(t, "There is no path yet."))
    assert panel.fault.text == "There is no path yet."
    assert panel.map_button.text() == "Map"


def test_heights_are_ordered_as_the_losses_and_no_number_is_the_highest():
    heights = heights_of(np.array([[0.1, 0.2], [50.0, np.inf]]))
    assert heights[0, 0] == 0
    assert heights[0, 0] < heights[0, 1] < heights[1, 0] <= heights[1, 1] == 1


def test_the_map_is_exported(panel, desk, tmp_path):
    panel.map()
    desk.kernel.answer(MapLandscape, lambda t: LandscapeMapped(t, mapped()))
    panel.exporting.write_csv(tmp_path / "map.csv")
    lines = (tmp_path / "map.csv").read_text().split()
    assert len(lines) > 25
    assert lines[-1] == "1.0,1.0,3.0"
    panel.exporting.write_picture(tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
