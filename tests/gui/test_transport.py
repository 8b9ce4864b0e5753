from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow

from .conftest import wait_until_idle


@pytest.fixture
def film(window: MainWindow, kernel: KernelBridge, qtbot) -> MainWindow:
    """A window with the backward sweep, ready to play, the canvas in focus."""
    window.run("differentiate.backward")
    wait_until_idle(qtbot, kernel)
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.canvas)
    return window


def test_in_a_narrow_window_the_count_gives_way(film: MainWindow) -> None:
    transport = film.transport
    assert transport.count.isVisible()
    film.resize(940, 600)
    QApplication.processEvents()
    assert not transport.count.isVisible()
    assert transport.position.toolTip() == "0 mul · 0 add"
    assert transport.speed.geometry().right() <= transport.width()
    assert transport.position.geometry().right() < transport.speed.geometry().left()


def test_space_plays_and_pauses(film: MainWindow, qtbot) -> None:
    qtbot.keyClick(film.canvas, Qt.Key.Key_Space)
    assert film.session.is_playing
    assert film.commands["transport.play"].text() == "Pause"
    qtbot.keyClick(film.canvas, Qt.Key.Key_Space)
    assert not film.session.is_playing


def test_arrows_home_and_end_move_through_the_steps(film: MainWindow, qtbot) -> None:
    assert film.session.sweep is not None
    steps = len(film.session.sweep)
    for key, index in (
        (Qt.Key.Key_Right, 0),
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_End, steps - 1),
        (Qt.Key.Key_Home, -1),
    ):
        qtbot.keyClick(film.canvas, key)
        assert film.session.step_index == index


def test_a_text_field_keeps_its_keys(film: MainWindow, qtbot) -> None:
    field = film.toolbar.formula.field
    film.run("edit.formula")
    assert QApplication.focusWidget() is field
    qtbot.keyClick(field, Qt.Key.Key_End)
    qtbot.keyClick(field, Qt.Key.Key_Left)
    qtbot.keyClick(field, Qt.Key.Key_Space)
    assert not film.session.is_playing
    assert film.session.step_index == -1
    assert field.text().endswith(" x3") or " " in field.text()
    assert field.cursorPosition() == len(field.text()) - 1


def test_a_button_with_the_focus_is_pressed_by_space(film: MainWindow, qtbot) -> None:
    button = film.toolbar.modes["forward"]
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert film.session.mode == "forward"
    assert not film.session.is_playing


def test_a_click_on_the_slider_jumps_there(film: MainWindow, qtbot) -> None:
    slider = film.transport.slider
    assert film.session.sweep is not None
    for step in (5, 0, len(film.session.sweep) - 1):
        at = QPoint(round(slider.x_of(step)), slider.height() // 2)
        qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at)
        assert film.session.step_index == step
        assert film.transport.position.text() == f"step {step + 1} of {len(film.session.sweep)}"


def test_the_count_is_that_of_the_steps_so_far(film: MainWindow) -> None:
    assert film.transport.count.text() == "0 mul · 0 add"
    film.run("transport.last")
    sweep = film.session.sweep
    assert sweep is not None
    total = sweep.cost
    assert film.transport.count.text() == (f"{total.multiplications} mul · {total.additions} add")


def test_the_speed_menu_sets_the_speed(film: MainWindow) -> None:
    film.run("transport.speed_0_25")
    assert film.session.speed == 0.25
    assert film.transport.speed.text() == "0.25×"
    assert film.commands["transport.speed_0_25"].isChecked()
    assert not film.commands["transport.speed_1"].isChecked()


def test_without_a_mode_there_is_nothing_to_play(window: MainWindow) -> None:
    assert not window.transport.slider.isEnabled()
    assert all(not button.isEnabled() for button in window.transport.buttons.values())
    assert window.transport.position.text() == ""


def test_the_mode_buttons_toggle(film: MainWindow, qtbot) -> None:
    buttons = film.toolbar.modes
    assert buttons["backward"].isChecked()
    qtbot.mouseClick(buttons["cross"], Qt.MouseButton.LeftButton)
    assert (film.session.mode, buttons["backward"].isChecked()) == ("cross", False)
    assert buttons["cross"].isChecked()
    qtbot.mouseClick(buttons["cross"], Qt.MouseButton.LeftButton)
    assert film.session.mode == ""
    assert not buttons["cross"].isChecked()


def test_repeating_and_asking_are_switched_on_and_off(window: MainWindow, qtbot) -> None:
    loop, ask = window.transport.manners["loop"], window.transport.manners["ask"]
    qtbot.mouseClick(loop, Qt.MouseButton.LeftButton)
    assert window.session.playback.loops
    assert loop.isChecked()
    qtbot.mouseClick(ask, Qt.MouseButton.LeftButton)
    assert window.session.playback.holds
    assert window.commands["transport.ask"].isChecked()
    qtbot.mouseClick(ask, Qt.MouseButton.LeftButton)
    assert not window.session.playback.holds
    assert not ask.isChecked()
