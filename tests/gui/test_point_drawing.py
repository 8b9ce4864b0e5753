"""Points drawn into the decision map with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton

import visualad as va
from visualad.gui.main_window import MainWindow
from visualad.gui.panels.decision_map import DecisionMapPanel
from visualad.gui.panels.training import TrainingPanel

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def test_strokes_become_a_data_set_that_is_trained_and_undone_stroke_by_stroke(
    window: MainWindow, qtbot
) -> None:
    g = va.mlp([2, 3, 1], activation="tanh", output="tanh", data={"name": "circle", "n": 40})
    window.document.new(g)
    panel = window.docks.panel("decision_map")
    assert isinstance(panel, DecisionMapPanel)
    qtbot.waitUntil(lambda: panel.map.columns == 2)
    assert window.run("data.draw_points")
    clear = panel.findChild(QPushButton, "draw_clear")
    qtbot.mouseClick(clear, LEFT)

    def points() -> list[list[float]]:
        found: list[list[float]] = window.document.graph.training["data"]["points"]
        return found

    assert points() == []
    panel_of_training = window.docks.panel("training")
    assert isinstance(panel_of_training, TrainingPanel)
    assert "No points are drawn yet" in panel_of_training.reason.text
    centre = panel.map.area().center().toPoint()
    quarter = round(panel.map.area().width() / 4)
    qtbot.mouseClick(panel.map, LEFT, pos=centre)
    assert (round(points()[0][0]), round(points()[0][1]), points()[0][2]) == (0, 0, 1.0)
    qtbot.mouseClick(panel.map, RIGHT, pos=centre + QPoint(quarter, -quarter))
    (x, y, target) = points()[1]
    assert (round(x), round(y), target) == (3, 3, -1.0)
    # A drag sprays, as one step.
    begin = centre - QPoint(quarter, 0)
    qtbot.keyClick(panel.map, Qt.Key.Key_2)
    qtbot.mousePress(panel.map, LEFT, pos=begin)
    for step in range(1, 9):
        qtbot.mouseMove(panel.map, begin + QPoint(10 * step, 0))
    qtbot.mouseRelease(panel.map, LEFT, pos=begin + QPoint(80, 0))
    assert len(points()) >= 6
    assert {p[2] for p in points()[2:]} == {-1.0}
    # Training goes on with the points as they are.
    window.run("train.start")
    qtbot.waitUntil(lambda: len(window.session.curves.epochs) > 3, timeout=20_000)
    qtbot.mouseClick(panel.map, LEFT, pos=centre + QPoint(quarter, quarter))
    assert window.session.is_training
    count = len(points())
    epochs = len(window.session.curves.epochs)
    qtbot.waitUntil(lambda: len(window.session.curves.epochs) > epochs + 2, timeout=20_000)
    window.run("train.stop")
    qtbot.waitUntil(lambda: not window.session.is_training)
    # The eraser takes what is near.
    qtbot.keyClick(panel.map, Qt.Key.Key_E)
    centre = panel.map.area().center().toPoint()  # the metrics have taken room
    qtbot.mouseClick(panel.map, LEFT, pos=centre)
    assert 0 < len(points()) < count
    window.run("edit.undo")
    assert len(points()) == count
    qtbot.keyClick(panel.map, Qt.Key.Key_Escape)
    assert not window.data.is_drawing
