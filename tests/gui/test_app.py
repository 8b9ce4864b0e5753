from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from visualad.assets import asset
from visualad.errors import VisualADError
from visualad.graph import file
from visualad.gui import app
from visualad.gui.main_window import MainWindow

PROGRAM = """
import sys, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from visualad.gui import app
from visualad.gui.commands import COMMANDS
from visualad.gui.main_window import MainWindow

made = app.application()

def look():
    (window,) = [w for w in made.topLevelWidgets() if isinstance(w, MainWindow)]
    if window.kernel.is_busy or not window.session.values:
        return
    print(window.windowTitle().replace("[*]", ""), len(window.session.values))
    if "fail" in sys.argv:
        timer.stop()
        sys.argv.remove("fail")
        timer.start(50)
        raise RuntimeError("nobody expected this")
    print(len(window.notifications.notes))
    timer.stop()
    for name in ("edit.select_all", "edit.copy"):  # the clipboard outlives the window
        COMMANDS[name].run(window)
    assert "x1" in made.clipboard().text()
    window.close()

timer = QTimer()
timer.timeout.connect(look)
timer.start(50)
status = app.run(sys.argv[1] if sys.argv[1] != "none" else None)
print("threads", threading.active_count())
sys.exit(status)
"""


def run(*arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_program_opens_a_file_and_ends_when_its_window_is_closed(
    tmp_path: Path, isolated_settings: Path
) -> None:
    path = tmp_path / "mine.vad"
    file.save(file.load(asset("graphs/lecture.vad")), path)
    assert run(str(path)) == ["mine.vad — VisualAD 9", "0", "threads 1"]
    assert not list((isolated_settings / "data").rglob("*.vad"))


def test_the_first_window_is_no_larger_than_the_screen(
    make_window: Callable[[], MainWindow],
) -> None:
    window = make_window()
    room = window.screen().availableGeometry()
    assert window.height() > room.height()  # a small screen: here it is 800 pixels high
    app.fit_the_screen(window)
    assert window.height() == room.height() - app.TITLE_BAR
    assert window.width() == max(room.width(), window.minimumWidth())


def test_the_program_goes_on_after_an_error_that_nobody_expected(
    isolated_settings: Path,
) -> None:
    said = run("none", "fail")
    assert said == ["lecture.vad — VisualAD 9"] * 2 + ["1", "threads 1"]
    (log,) = (isolated_settings / "data").rglob("visualad.log")
    assert "nobody expected this" in log.read_text(encoding="utf-8")


def test_a_combination_that_crashes_is_refused_before_the_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "check_qt_version", lambda: "PySide6 6.12 crashes here.")
    with pytest.raises(VisualADError, match="crashes here"):
        app.run()
