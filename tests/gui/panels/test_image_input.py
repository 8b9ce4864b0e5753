"""The panel for pictures: drawing with the mouse, samples, the next wrong one."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

from visualad.assets import asset
from visualad.graph import file
from visualad.gui.main_window import MainWindow
from visualad.gui.panels.image_input import ImageInputPanel

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def test_a_digit_drawn_with_the_mouse_is_judged_and_samples_are_gone_through(
    window: MainWindow, qtbot
) -> None:
    assert not window.docks.has("image_input")
    window.document.new(file.load(asset("graphs/digits-perceptron.vad")))
    panel = window.docks.panel("image_input")
    assert isinstance(panel, ImageInputPanel)
    qtbot.waitUntil(lambda: len(panel.bars.scores) == 10, timeout=20_000)
    assert panel.state.text().startswith("Sample 0 of 1,797")
    qtbot.mouseClick(panel.onward, LEFT)
    qtbot.waitUntil(lambda: panel.state.text().startswith("Sample 1 of"))
    qtbot.mouseClick(panel.wrong, LEFT)
    qtbot.waitUntil(lambda: "wrong: it is digit" in panel.state.text())
    qtbot.mouseClick(panel.clear, LEFT)
    assert panel.pad.drawing is None
    area = panel.pad.area()
    top = QPoint(round(area.center().x()), round(area.top() + 20))
    qtbot.mousePress(panel.pad, LEFT, pos=top)
    for step in range(1, 7):
        qtbot.mouseMove(panel.pad, top + QPoint(0, 15 * step))
    qtbot.mouseRelease(panel.pad, LEFT, pos=top + QPoint(0, 90))
    qtbot.waitUntil(lambda: panel.state.text().startswith("The network says digit"))
    assert sum(panel.bars.scores) > 0.99
    assert panel.pixels.cells.shape == (8, 8)
    before = panel.pad.drawing
    assert before is not None
    qtbot.mouseClick(panel.pad, RIGHT, pos=top)
    after = panel.pad.drawing
    assert after is not None
    assert after.sum() < before.sum()
    window.document.new()
    assert not window.docks.is_open("image_input")
