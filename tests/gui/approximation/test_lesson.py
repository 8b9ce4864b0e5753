"""The lesson on universal approximation, with the mouse: bumps, target, perceptron."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

import visualad as va
from tests.gui.conftest import wait_until_idle
from visualad.gui.approximation.window import ApproximationWindow
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow
from visualad.training.approximation import total

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def lesson(window: MainWindow, kernel: KernelBridge, qtbot) -> ApproximationWindow:
    window.run("help.approximation")
    made = window.findChild(ApproximationWindow)
    assert made is not None
    qtbot.waitExposed(made)
    qtbot.waitUntil(lambda: made.summed is not None and bool(made.plot.errors))
    wait_until_idle(qtbot, kernel)
    return made


@pytest.fixture
def idle(kernel: KernelBridge, qtbot) -> Callable[[], None]:
    return lambda: wait_until_idle(qtbot, kernel)


def drag(view, start: QPointF, *ends: QPointF) -> None:
    QTest.mousePress(view, LEFT, pos=start.toPoint())
    for end in ends:
        QTest.mouseMove(view, end.toPoint())
    QTest.mouseRelease(view, LEFT, pos=ends[-1].toPoint())


def type_into(qtbot, field, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_dragging_the_handles_changes_the_bump_and_the_sum(
    lesson: ApproximationWindow, idle: Callable[[], None]
) -> None:
    view = lesson.view
    QTest.mouseClick(view, LEFT, pos=view.dot_place(3).toPoint())
    assert view.chosen == 3
    frame, rmse = view.frame, lesson.summed.errors.rmse
    before = lesson.bumps[3]
    for handle, by in (
        ("top", QPointF(0, 60)),
        ("left", QPointF(-30, 0)),
        ("right", QPointF(25, 0)),
    ):
        start = view.handle_places()[handle]
        drag(view, start, start + by / 2, start + by)
    across = 6 * 1.08 / frame.area.width()
    after = lesson.bumps[3]
    assert after.left == pytest.approx(before.left - 30 * across, abs=3 * across)
    assert after.right == pytest.approx(before.right + 25 * across, abs=3 * across)
    assert after.height < before.height
    start = view.handle_places()["steepness"]
    drag(view, start, start + QPointF(12, 0))
    assert lesson.bumps[3].steepness < after.steepness
    idle()
    assert lesson.summed.errors.rmse != rmse
    x = lesson.summed.places
    np.testing.assert_allclose(lesson.summed.total, total(lesson.bumps, x), rtol=1e-12)
    assert lesson.fields["left"].text().startswith("−") or lesson.bumps[3].left >= 0


def test_a_drawn_target_is_approximated(
    lesson: ApproximationWindow, qtbot, idle: Callable[[], None]
) -> None:
    qtbot.mouseClick(lesson.draw, LEFT)
    frame = lesson.view.frame
    drag(lesson.view, frame.place(-3, 0), frame.place(0, 1), frame.place(3, -1))
    assert lesson.target.name == "drawing"
    assert np.interp([-1.5, 0.0, 1.5], lesson.target.x, lesson.target.y) == pytest.approx(
        [0.5, 1.0, 0.0], abs=0.05
    )
    idle()
    assert lesson.summed.errors.rmse < 0.2


def test_a_formula_and_a_table_are_targets_and_faults_are_said(
    lesson: ApproximationWindow, window: MainWindow, qtbot, idle: Callable[[], None], tmp_path: Path
) -> None:
    type_into(qtbot, lesson.formula, "x*y")
    idle()
    assert "one variable" in lesson.fault.text
    assert lesson.target.name == "sin(2*x) + x/3"
    type_into(qtbot, lesson.formula, "exp(-x*x)")
    type_into(qtbot, lesson.high, "2")
    idle()
    assert lesson.fault.text == ""
    assert lesson.target.ends == (-3.0, 2.0)
    table = tmp_path / "t.csv"
    table.write_text("a,b\n0,1\n1,2\n2,0\n")
    window.dialogs.path = table  # type: ignore[attr-defined]
    qtbot.mouseClick(lesson.table, LEFT)
    idle()
    assert lesson.target.y.tolist() == [1, 2, 0]


def test_more_bumps_come_closer_and_the_plot_chooses_how_many(
    lesson: ApproximationWindow, qtbot, idle: Callable[[], None]
) -> None:
    rmse = lesson.summed.errors.rmse
    for _ in range(4):
        qtbot.mouseClick(lesson.more, LEFT)
    idle()
    assert len(lesson.bumps) == 10
    assert lesson.summed.errors.rmse < rmse
    assert lesson.summed.errors.rmse == pytest.approx(lesson.plot.errors[9].rmse)
    lesson.plot.plot.dragged.emit(np.log10(32.2))
    idle()
    assert len(lesson.bumps) == 32
    type_into(qtbot, lesson.number, "65")
    assert lesson.count == 32
    # A double click adds one, Delete takes it away.
    view, count = lesson.view, len(lesson.bumps)
    QTest.mouseDClick(view, LEFT, pos=view.frame.place(-2.9, 1.0).toPoint())
    assert len(lesson.bumps) == count + 1
    assert lesson.bumps[-1].height == pytest.approx(1.0, abs=0.05)
    QTest.mouseRelease(view, LEFT)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert len(lesson.bumps) == count
    idle()
    assert len(lesson.summed.bumps) == count


def test_the_perceptron_replaces_the_document_only_when_it_may_and_trains_from_there(
    lesson: ApproximationWindow, window: MainWindow, qtbot, idle: Callable[[], None]
) -> None:
    before = window.document.graph
    window.document.apply("Change", lambda graph: graph.with_(seed=5))
    window.dialogs.save = "cancel"  # type: ignore[attr-defined]
    qtbot.mouseClick(lesson.make, LEFT)
    qtbot.waitUntil(lambda: bool(window.dialogs.asked))  # type: ignore[attr-defined]
    assert window.document.graph.nodes_by_id == before.nodes_by_id
    window.dialogs.save = "discard"  # type: ignore[attr-defined]
    qtbot.mouseClick(lesson.make, LEFT)
    qtbot.waitUntil(lambda: "W1" in window.document.graph)
    idle()
    graph = window.document.graph
    assert window.document.is_dirty
    assert not lesson.isVisible()
    x = graph["X"].value
    found = va.evaluate(graph, {})["o"]
    np.testing.assert_allclose(found[:, 0], total(lesson.bumps, x[:, 0]), atol=1e-12)
    qtbot.waitUntil(lambda: window.session.training.last is not None)  # the sum is drawn
    assert window.session.training.last.predictions is not None
    window.run("train.step")
    qtbot.waitUntil(lambda: len(window.session.curves.epochs) > 1)
    window.run("train.stop")
    idle()
