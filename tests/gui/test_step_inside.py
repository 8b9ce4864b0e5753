from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from visualad.graph import edits
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow

from .conftest import wait_until_idle


@pytest.fixture
def film(window: MainWindow, kernel: KernelBridge, qtbot) -> MainWindow:
    """The backward sweep of the lecture's graph with x4 to x7 as one card."""
    window.document.apply("Group", lambda g: edits.add_group(g, ("x4", "x5", "x6", "x7"), "middle"))
    window.canvas.grouping.toggle(["group1"])
    window.run("differentiate.backward")
    wait_until_idle(qtbot, kernel)
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.canvas)
    return window


def place(window: MainWindow) -> str:
    step = window.session.step_shown
    return step.name if step is not None else ""


def test_the_arrow_passes_the_group_and_i_steps_inside(film: MainWindow, qtbot) -> None:
    for name in ("x9", "x8"):
        qtbot.keyClick(film.canvas, Qt.Key.Key_Right)
        assert place(film) == name
    assert film.commands["transport.step_inside"].isEnabled()
    qtbot.keyClick(film.canvas, Qt.Key.Key_I)
    assert place(film) == "x7"
    assert not film.document.graph.groups["group1"].collapsed
    assert not film.commands["transport.step_inside"].isEnabled()
    for name in ("x6", "x5", "x4", "x3"):
        qtbot.keyClick(film.canvas, Qt.Key.Key_Right)
        assert place(film) == name
    qtbot.keyClick(film.canvas, Qt.Key.Key_Left)
    assert place(film) == "x4"
    film.document.undo()
    assert film.document.graph.groups["group1"].collapsed


def test_the_button_enters_a_group_that_was_just_passed(film: MainWindow, qtbot) -> None:
    for _ in range(3):
        film.run("transport.step")
    assert place(film) == "x4"
    button = film.transport.buttons["step_inside"]
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert place(film) == "x7"
    assert len(film.canvas.scene_.nodes) == 9


def test_step_inside_goes_one_group_deeper_each_time(film: MainWindow) -> None:
    film.canvas.grouping.toggle(["group1"])
    film.document.apply("Inner", lambda g: edits.add_group(g, ("x4", "x5"), "inner"))
    film.canvas.grouping.toggle(["group2"])
    film.canvas.grouping.toggle(["group1"])
    film.session.go_to(1)
    film.run("transport.step_inside")
    assert place(film) == "x7"
    film.run("transport.step")
    film.run("transport.step")
    assert place(film) == "x4"  # the inner group is passed as one
    film.run("transport.step_inside")
    assert place(film) == "x5"


def test_the_trace_shows_all_inner_steps(film: MainWindow) -> None:
    film.session.go_to(len(film.session.sweep) - 1)
    trace = film.docks.panel("trace")
    names = {trace.model.node_at(row) for row in range(trace.model.rowCount())}
    assert names == set(film.document.graph.nodes_by_id)


def test_commands_on_groups_say_when_they_make_sense(film: MainWindow) -> None:
    film.session.select()
    for name in ("graph.group", "graph.ungroup", "graph.collapse", "graph.add_to_group"):
        assert not film.commands[name].isEnabled()
    members = film.document.graph.groups["group1"].members
    film.session.select(members)
    assert film.commands["graph.collapse"].text() == "Open Group"
    assert film.commands["edit.rename"].isEnabled()
    film.run("graph.collapse")
    assert film.commands["graph.collapse"].text() == "Collapse Group"
    film.session.select({*members, film.document.graph.id_of("x8")})
    film.run("graph.add_to_group")
    assert len(film.document.graph.groups["group1"].members) == 5
    film.session.select([film.document.graph.id_of("x8")])
    film.run("graph.remove_from_group")
    assert film.document.graph.groups["group1"].members == members
    film.run("edit.undo")
    film.session.select(members)
    film.run("graph.ungroup")
    assert not film.document.graph.groups
