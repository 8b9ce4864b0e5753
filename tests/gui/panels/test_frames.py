"""Panels are drawn one at a time, only in sight, and not for every message."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from visualad.gui.panels.frames import Frames


def test_panels_that_change_together_are_drawn_in_different_turns(qtbot) -> None:
    drawn: list[str] = []
    turns: list[list[str]] = []
    window = QWidget()
    frames = {}
    for name in ("a", "b", "c"):
        panel = QWidget(window)
        frames[name] = Frames(panel, lambda name=name: drawn.append(name), 1)
    qtbot.addWidget(window)
    window.show()
    drawn.clear()
    for each in frames.values():
        each.timeout.connect(lambda: turns.append(list(drawn)))
        for _ in range(100):
            each.later()
    qtbot.waitUntil(lambda: sorted(drawn) == ["a", "b", "c"])
    assert turns[-1] != ["a", "b", "c"]  # not all at the moment when all were due
    qtbot.wait(40)
    assert len(drawn) == 3


def test_a_panel_out_of_sight_is_drawn_when_it_comes_back(qtbot) -> None:
    drawn: list[int] = []
    panel = QWidget()
    frames = Frames(panel, lambda: drawn.append(1), 1)
    qtbot.addWidget(panel)
    frames.later()
    qtbot.wait(20)
    assert drawn == []
    panel.show()
    assert drawn == [1]
    frames.later()
    panel.hide()
    qtbot.wait(40)
    assert drawn == [1]
