from __future__ import annotations

import sys
import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QToolButton, QWidget

from visualad.errors import GraphError
from visualad.gui.crash import CrashReport, log_path
from visualad.gui.notifications import MOST, SECONDS, Notifications


@pytest.fixture
def over(qtbot) -> QWidget:
    widget = QWidget()
    widget.resize(700, 400)
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.fixture
def notifications(over: QWidget):
    made = Notifications(over)
    yield made
    made.clear()


def test_a_note_shows_its_sentence_inside_the_window(
    notifications: Notifications, over: QWidget
) -> None:
    note = notifications.show("Port x of node x6 is not connected. " * 6)
    assert note.isVisible()
    assert over.rect().contains(note.geometry())
    over.resize(420, 300)
    assert over.rect().contains(note.geometry())


def test_the_same_sentence_is_shown_once(notifications: Notifications) -> None:
    assert notifications.show("Again.") is notifications.show("Again.")
    assert len(notifications.notes) == 1


def test_old_notes_make_room(notifications: Notifications) -> None:
    for number in range(MOST + 3):
        notifications.show(f"Number {number}.")
    assert len(notifications.notes) == MOST
    assert notifications.notes[-1].sentence == f"Number {MOST + 2}."


def test_details_are_shown_on_demand(notifications: Notifications, over: QWidget, qtbot) -> None:
    note = notifications.show("It failed.", detail="Traceback: line 3")
    button = note.findChild(QPushButton, "note_details")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    text = over.findChild(QPlainTextEdit, "details_text")
    assert text is not None
    assert text.toPlainText() == "Traceback: line 3"
    text.window().close()


def test_a_note_can_be_closed_and_can_act(notifications: Notifications, qtbot) -> None:
    done: list[str] = []
    note = notifications.show("Restart?", "info", action=("Restart", lambda: done.append("now")))
    button = note.findChild(QPushButton, "note_action")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert done == ["now"]
    note = notifications.show("Close me.")
    close = note.findChild(QToolButton, "note_close")
    assert close is not None
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert notifications.notes == []


def test_a_note_goes_by_itself(
    notifications: Notifications, over: QWidget, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    QCursor.setPos(over.mapToGlobal(QPoint(5, 5)))  # under the mouse it would stay
    monkeypatch.setitem(SECONDS, "info", 0.02)
    notifications.show("Soon gone.", "info")
    qtbot.waitUntil(lambda: not notifications.notes)


@pytest.fixture
def report(qapp, isolated_settings):
    made = CrashReport()
    made.install()
    yield made
    made.uninstall()


def raised(error: Exception):
    try:
        raise error
    except type(error):
        return sys.exc_info()


def test_an_unexpected_error_is_logged_and_told_in_one_sentence(report: CrashReport, qtbot) -> None:
    with qtbot.waitSignal(report.happened) as told:
        sys.excepthook(*raised(ZeroDivisionError("oops")))
    sentence, detail = told.args
    assert "ZeroDivisionError" in sentence
    assert sentence.endswith(".")
    assert "oops" in detail
    assert "oops" in log_path().read_text(encoding="utf-8")


def test_our_own_errors_speak_for_themselves(report: CrashReport, qtbot) -> None:
    with qtbot.waitSignal(report.happened) as told:
        sys.excepthook(*raised(GraphError("The graph has a cycle.")))
    assert told.args[0] == "The graph has a cycle."


def test_errors_of_threads_are_told_too(report: CrashReport, qtbot) -> None:
    def fails() -> None:
        raise KeyError("lost")

    with qtbot.waitSignal(report.happened) as told:
        thread = threading.Thread(target=fails)
        thread.start()
        thread.join()
    assert "KeyError" in told.args[0]


def test_everything_is_put_back(qapp, isolated_settings) -> None:
    before = (sys.excepthook, threading.excepthook)
    report = CrashReport()
    report.install()
    report.uninstall()
    assert (sys.excepthook, threading.excepthook) == before


def test_no_line_of_a_long_note_is_cut_off(notifications: Notifications) -> None:
    note = notifications.show("'a b!' cannot be a name: use letters, digits and underscores. " * 2)
    text = note.findChild(QLabel, "note_text")
    assert text is not None
    assert text.height() >= text.heightForWidth(text.width())
