from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from visualad.gui.command_palette import CommandPalette, find
from visualad.gui.main_window import MainWindow


@pytest.fixture
def palette(window: MainWindow, qtbot) -> CommandPalette:
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.canvas)
    qtbot.keyClick(window.canvas, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    found = window.findChild(CommandPalette)
    assert found is not None
    assert found.isVisible()
    assert QApplication.focusWidget() is found.field
    return found


def test_typing_and_enter_run_a_command(window: MainWindow, palette, qtbot) -> None:
    qtbot.keyClicks(palette.field, "backw")
    assert palette.list.currentItem().text() == "Differentiate: Backward"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert window.session.mode == "backward"


def test_the_focus_goes_back_to_where_it_was(window: MainWindow, palette, qtbot) -> None:
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert QApplication.focusWidget() is window.canvas


def test_arrows_skip_what_is_not_possible(palette, qtbot) -> None:
    qtbot.keyClicks(palette.field, "e")
    for _ in range(200):
        qtbot.keyClick(palette.field, Qt.Key.Key_Down)
        assert palette.list.currentItem().flags() & Qt.ItemFlag.ItemIsEnabled


def test_every_word_must_occur_and_possible_commands_come_first(window: MainWindow) -> None:
    titles = [match.title for match in find(window, "speed 2")]
    assert titles[0] == "Differentiate: Speed: 2×"
    everything = [match.command.enabled(window) for match in find(window, "")]
    assert everything == sorted(everything, reverse=True)
    assert find(window, "no such command") == []


def test_nothing_found_runs_nothing(palette, qtbot) -> None:
    qtbot.keyClicks(palette.field, "qqqq")
    assert palette.list.count() == 0
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
