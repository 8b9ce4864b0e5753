"""Three canvases of one graph, one for each mode."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.gui.conftest import wait_until_idle
from visualad.graph import edits
from visualad.gui.main_window import MainWindow


@pytest.fixture
def three(window: MainWindow, qtbot) -> MainWindow:
    """A window with three canvases, in backward mode."""
    window.session.playback.reduced_motion = True
    assert window.run("differentiate.side_by_side")
    wait_until_idle(qtbot, window.kernel)
    return window


def places(window: MainWindow) -> dict[str, int]:
    return {m: c.session.step_index for m, c in window.side_by_side.canvases.items()}


def test_each_mode_has_its_canvas_with_the_same_graph(three: MainWindow) -> None:
    canvases = three.side_by_side.canvases
    assert set(canvases) == {"forward", "backward", "cross"}
    assert canvases["backward"] is three.canvas
    for mode, canvas in canvases.items():
        assert canvas.isVisible()
        assert canvas.session.mode == mode
        assert set(canvas.scene_.nodes) == set(three.document.graph.nodes_by_id)
    order = [three.side_by_side.stage.widget(i).title.text() for i in range(3)]
    assert order == ["Forward", "Backward", "Cross"]


def test_locked_canvases_go_to_the_same_step(three: MainWindow, qtbot) -> None:
    for _ in range(3):
        three.run("transport.step")
    assert places(three) == {"forward": 2, "backward": 2, "cross": 2}
    three.run("transport.last")
    assert places(three) == {"forward": 8, "backward": 8, "cross": 4}
    forward = three.side_by_side.canvases["forward"]
    x9 = three.document.graph.id_of("x9")
    assert forward.node_item(x9).face.rows[1].text == "10.68"


def test_free_canvases_keep_their_places(three: MainWindow, qtbot) -> None:
    three.session.go_to(1)
    three.run("differentiate.lock_steps")
    three.session.go_to(5)
    assert places(three) == {"forward": 1, "backward": 5, "cross": 1}
    three.run("differentiate.cross")
    wait_until_idle(qtbot, three.kernel)
    assert three.side_by_side.canvases["cross"] is three.canvas
    assert places(three) == {"forward": 1, "backward": 5, "cross": 1}
    three.run("transport.step")
    assert places(three) == {"forward": 1, "backward": 5, "cross": 2}


def test_a_click_on_the_line_above_a_canvas_chooses_its_mode(three: MainWindow, qtbot) -> None:
    pane = three.side_by_side.stage.widget(0)
    QTest.mouseClick(pane, Qt.MouseButton.LeftButton, pos=QPoint(400, 8))
    wait_until_idle(qtbot, three.kernel)
    assert three.session.mode == "forward"
    assert three.side_by_side.stage.widget(0).isAncestorOf(three.canvas)


def test_edits_and_selection_are_seen_on_all_canvases(three: MainWindow, qtbot) -> None:
    graph = three.document.graph
    three.document.apply("Set", lambda g: edits.set_setting(g, graph.id_of("x1"), "value", 3.0))
    three.session.select([graph.id_of("x4")])
    wait_until_idle(qtbot, three.kernel)
    for canvas in three.side_by_side.canvases.values():
        item = canvas.node_item(graph.id_of("x4"))
        assert item.face.rows[0].text == "6"
        assert item.look.selected
    three.side_by_side.canvases["forward"].session.select([graph.id_of("x5")])
    assert three.session.selected_nodes == {graph.id_of("x5")}


def test_values_only_closes_the_other_canvases(three: MainWindow, qtbot) -> None:
    assert not three.docks.is_open("trace")
    three.run("differentiate.off")
    assert not three.side_by_side.is_open
    assert three.docks.is_open("trace")
    assert three.canvas.isVisible()


def test_no_card_is_cut_off_in_a_low_window_when_the_derivatives_come(
    window: MainWindow, qtbot
) -> None:
    window.resize(1100, 640)
    assert window.run("differentiate.side_by_side")
    wait_until_idle(qtbot, window.kernel)
    for canvas in window.side_by_side.canvases.values():
        assert canvas.visible_rect().contains(canvas.scene_.nodes_rect())
