from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTabBar,
    QTableView,
    QWidget,
)

from visualad.gui import theme
from visualad.gui.coach import CoachMark
from visualad.gui.docks import DOCKS
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow, open_first
from visualad.gui.status import ago
from visualad.training.perceptron import mlp

from .conftest import wait_until_idle


def test_the_first_start_shows_the_lecture_and_what_to_press(
    make_window: Callable[[], MainWindow], qtbot
) -> None:
    window = make_window()
    open_first(window, None)
    assert window.document.graph.inputs == ("x1", "x2", "x3")
    assert window.windowTitle() == "lecture.vad[*] — VisualAD"
    hint = window.findChild(CoachMark)
    assert hint is not None
    assert hint.isVisible()
    assert "Backward" in hint.label.text()
    button = hint.findChild(QPushButton, "coach_mark_dismiss")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.settings.hint_seen
    window.close()
    second = make_window()
    open_first(second, None)
    assert second.findChild(CoachMark) is None


def test_the_hint_goes_when_it_has_been_followed(
    make_window: Callable[[], MainWindow], kernel: KernelBridge, qtbot
) -> None:
    window = make_window()
    open_first(window, None)
    qtbot.mouseClick(window.toolbar.modes["backward"], Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, kernel)
    window.run("transport.play")
    assert window.settings.hint_seen


def test_a_file_on_the_command_line_is_opened(
    make_window: Callable[[], MainWindow], window: MainWindow, tmp_path
) -> None:
    path = tmp_path / "mine.vad"
    window.document.save(path)
    other = make_window()
    open_first(other, path)
    assert other.document.path == path


def test_dragging_a_slider_of_the_document_counts_nothing_twice(window: MainWindow) -> None:
    assert window.status.size_.text() == "9 nodes · 10 edges"


def test_a_backend_that_cannot_run_says_why_in_a_line_that_fits(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "install the driver of your graphics card, then " + "pip install a-package " * 20
    there = sys.modules["visualad.engine.backend"]  # the package has a function of that name
    monkeypatch.setattr(there, "absent_backends", lambda: {"cuda": long})
    menu = window.toolbar.backend.menu()
    menu.fill()
    (action,) = [a for a in menu.actions() if a.data() == "cuda" and a.toolTip() == long]
    assert action.text().startswith("CUDA: install the driver")
    assert menu.sizeHint().width() < 600


def test_undo_in_a_field_where_nothing_was_typed_takes_back_the_last_edit(
    window: MainWindow, qtbot
) -> None:
    before = window.document.graph
    window.docks.panel("palette").chosen.emit("tanh")
    field = window.toolbar.formula.field
    field.setFocus()
    qtbot.keyClicks(field, "7")
    typed = field.text()
    window.run("edit.undo")  # what was typed
    assert field.text() != typed
    assert window.document.graph is not before
    window.run("edit.undo")
    assert window.document.graph is before


def test_the_theme_toggles_and_is_remembered(
    window: MainWindow, make_window: Callable[[], MainWindow]
) -> None:
    window.run("view.theme")
    assert theme.current().is_dark
    assert window.settings.theme == "dark"
    assert window.commands["view.theme"].isChecked()
    window.run("view.theme")
    assert not theme.current().is_dark


def test_every_panel_that_is_there_is_docked_and_filled(window: MainWindow) -> None:
    for dock in DOCKS:
        if dock.made_for:  # it comes when there is what it is for
            assert not window.docks.has(dock.name)
            continue
        assert window.docks.has(dock.name)
        assert window.docks.panel(dock.name) is not None
        assert window.findChild(QDockWidget, f"dock_{dock.name}") is not None


def test_a_graph_that_can_be_trained_brings_its_panels_to_the_front(window: MainWindow) -> None:
    assert not window.docks.is_open("loss")
    window.document.new(mlp([2, 3, 1], data="circle"))
    for name in ("training", "loss", "decision_map"):
        assert window.docks.is_open(name)
    window.files.open_lecture()
    assert not window.docks.is_open("training")


def test_a_network_has_the_room_of_the_film_until_a_mode_is_chosen(window: MainWindow) -> None:
    assert window.transport.isVisible()
    window.document.new(mlp([2, 3, 1], data="circle"))
    assert not window.transport.isVisible()
    window.run("differentiate.backward")
    assert window.transport.isVisible()
    window.run("differentiate.backward")
    assert not window.transport.isVisible()


def test_everything_that_can_be_pressed_has_a_name_for_assistive_tools(
    window: MainWindow,
) -> None:
    window.docks.fill()
    nameless = [
        (type(widget).__name__, widget.objectName(), type(widget.parent()).__name__)
        for widget in window.findChildren(QWidget)
        if isinstance(widget, QAbstractButton | QLineEdit)
        and not widget.objectName().startswith("qt_")
        and not (widget.accessibleName() or getattr(widget, "text", str)())
        and not isinstance(widget.parent(), QDockWidget | QAbstractSpinBox | QComboBox | QLineEdit)
        and widget.isVisibleTo(window)
    ]
    assert nameless == []


def test_what_takes_long_to_import_waits_until_the_window_is_painted_and_quiet() -> None:
    program = """
import linecache, sys, time
import visualad
from visualad.gui.app import application
from visualad.gui import theme
from visualad.gui.main_window import MainWindow
late = {
    "pyqtgraph", "ziamath", "visualad.autodiff.sweeps", "visualad.exchange.html",
    "visualad.exchange.svg", "visualad.exchange.tex", "visualad.exchange.class_source",
    "visualad.gui.export", "visualad.gui.panels.cost", "visualad.gui.panels.mistakes",
}
app = application()
theme.apply(app)
window = MainWindow()
seen = []
window.painted.connect(lambda: seen.append(sorted(late & set(sys.modules))))
window.show()
until = time.monotonic() + 1.0
while not seen or time.monotonic() < until:
    app.processEvents()
seen.append("pyqtgraph" in sys.modules)
window.document.new(visualad.mlp([2, 2, 1], data="xor"))
while "pyqtgraph" not in sys.modules:  # nobody has pressed Train
    app.processEvents()
window.close()
seen += [name for name in linecache.cache if "visualad" in name]  # nobody reads our source again
print(seen)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.strip() == "[[], False]", done.stderr


def test_resetting_the_layout_brings_every_panel_home(window: MainWindow) -> None:
    dock = window.findChild(QDockWidget, "dock_trace")
    assert dock is not None
    dock.setFloating(True)
    window.run("view.panel_inspector")
    assert not window.docks.is_open("inspector")
    window.run("view.reset_layout")
    assert not dock.isFloating()
    assert window.docks.is_open("inspector")


def test_undo_keeps_loss_curves(window: MainWindow) -> None:
    window.session.curves.epochs.append(1)
    window.run("graph.float32")
    window.run("edit.undo")
    assert window.session.curves.epochs == [1]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "just now"), (2.4, "2 s ago"), (130, "2 min ago"), (7300, "2 h ago")],
)
def test_how_long_ago_is_said_in_words(seconds: float, words: str) -> None:
    assert ago(seconds) == words


def test_stopping_a_computation_that_hangs(window: MainWindow, kernel: KernelBridge, qtbot) -> None:
    window.status.set_busy(True)
    qtbot.waitUntil(window.status.computing.isVisible)
    qtbot.mouseClick(window.status.computing, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    window.status.set_busy(False)
    assert not window.status.computing.isVisible()


def test_the_hint_goes_with_the_graph_that_it_is_about(
    make_window: Callable[[], MainWindow],
) -> None:
    window = make_window()
    open_first(window, None)
    hint = window.findChild(CoachMark)
    assert hint is not None
    window.run("file.new")
    assert not hint.isVisible()


def test_an_emptied_graph_interrupts_nobody_while_a_mode_is_on(
    make_window: Callable[[], MainWindow], kernel: KernelBridge, qtbot
) -> None:
    window = make_window()
    window.canvas.add_node_at_centre("variable")
    window.canvas.add_node_at_centre("sin")
    window.run("differentiate.backward")
    wait_until_idle(qtbot, kernel)
    window.document.undo()
    window.document.undo()
    wait_until_idle(qtbot, kernel)
    assert len(window.document.graph) == 0
    assert window.notifications.notes == []


def test_nothing_of_the_training_panel_is_cut_off_in_a_small_window(
    make_window: Callable[[], MainWindow], qtbot
) -> None:
    window = make_window()
    window.resize(1024, 640)
    window.document.new(mlp([2, 4, 1], "tanh", "tanh", data="circle"))
    panel = window.docks.panel("training")
    assert panel is not None
    qtbot.waitUntil(panel.isVisible)
    area = window.findChild(QScrollArea, "training_scroll")
    assert area is not None
    qtbot.waitUntil(lambda: panel.width() <= area.viewport().width())


def test_tabs_of_a_narrow_window_keep_their_words(window: MainWindow) -> None:
    window.resize(1024, 640)
    bars = [bar for bar in window.findChildren(QTabBar) if bar.count() > 1]
    assert bars
    assert {bar.elideMode() for bar in bars} == {Qt.TextElideMode.ElideNone}


def test_the_hint_stays_in_front_when_another_tab_is_chosen(window: MainWindow, qtbot) -> None:
    window.docks.fill()
    window.run("help.hint")
    hint = window.findChild(QWidget, "coach_mark")
    window.docks.raise_("hessian")
    qtbot.waitUntil(lambda: not window.docks.panel("hessian").visibleRegion().isEmpty())
    qtbot.wait(50)
    shown = window.childAt(hint.geometry().center())
    assert shown is hint or hint.isAncestorOf(shown)
    hint.dismiss()


def test_arrow_keys_step_also_after_a_click_into_the_trace(window: MainWindow, qtbot) -> None:
    window.session.playback.reduced_motion = True
    window.session.set_mode("backward")
    qtbot.waitUntil(window.commands["transport.step"].isEnabled)
    table = window.findChild(QTableView, "trace_table")
    row = table.visualRect(table.model().index(3, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=row)
    assert table.hasFocus()
    QTest.keyClick(table, Qt.Key.Key_Right)
    QTest.keyClick(table, Qt.Key.Key_Right)
    assert window.session.step_index == 1
    QTest.keyClick(table, Qt.Key.Key_Left)
    assert window.session.step_index == 0
    QTest.keyClick(table, Qt.Key.Key_Down)  # the rows are still walked through with the others
    assert table.currentIndex().row() == 4


def test_the_hint_covers_no_tab_of_a_panel(window: MainWindow) -> None:
    window.resize(1280, 760)
    window.run("help.hint")
    hint = window.findChild(QWidget, "coach_mark")
    inspector = window.findChild(QDockWidget, "dock_inspector")
    assert hint.geometry().right() < inspector.geometry().left()
    hint.dismiss()
