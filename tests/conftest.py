"""What every test relies on: no display, no settings of the user, nothing left running.

Qt is imported here only for tests that use it.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# What Numba compiles once serves all test runs of this checkout.
os.environ.setdefault(
    "VISUALAD_NUMBA_CACHE", str(Path(__file__).parent.parent / ".pytest_cache" / "numba")
)

# On a shared machine a slow example says nothing. Continuous integration repeats what it did.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# Seconds that threads and animations get to come to their end after a test.
PATIENCE = 2.0

FOLDER_VARIABLES = {
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_CACHE_HOME": "cache",
    "XDG_STATE_HOME": "state",
    "APPDATA": "config",
    "LOCALAPPDATA": "data",
    # On Windows platformdirs asks the system unless these two are set.
    "WIN_PD_OVERRIDE_APPDATA": "config",
    "WIN_PD_OVERRIDE_LOCAL_APPDATA": "data",
}


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test away from the settings, autosaves and plugins of whoever runs it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        _redirect_folders(monkeypatch, tmp_path_factory.mktemp("settings"))
        yield


@pytest.fixture
def isolated_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, data and cache folders of this test alone; returns the folder that holds them."""
    folder = tmp_path / "settings"
    _redirect_folders(monkeypatch, folder)
    if "PySide6.QtCore" in sys.modules:
        _redirect_qsettings(folder / "config")
    return folder


def _redirect_folders(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    for name in set(FOLDER_VARIABLES.values()):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for variable, name in FOLDER_VARIABLES.items():
        monkeypatch.setenv(variable, str(folder / name))
    if sys.platform == "darwin":
        monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("VISUALAD_PLUGIN_PATH", raising=False)


def _redirect_qsettings(folder: Path) -> None:
    from PySide6.QtCore import QSettings

    # Qt reads the variables once, so each test names its folder to Qt itself.
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
        for form in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
            QSettings.setPath(form, scope, str(folder))


@pytest.fixture(autouse=True)
def _nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that uses Qt and leaves a thread, a timer, an animation or a window behind."""
    if "qapp" not in request.fixturenames:
        yield
        return
    # First of all: what comes with the application belongs to no test.
    request.getfixturevalue("qapp")
    if "isolated_settings" not in request.fixturenames:
        _redirect_qsettings(Path(os.environ["XDG_CONFIG_HOME"]))
    before = _running()
    yield
    left = _left_behind(before)
    if left:
        names = "; ".join(_describe(item) for item in left.values())
        _stop(left)
        pytest.fail(
            f"The test left behind: {names}. "
            "Close windows (qtbot.addWidget), stop timers and animations, join threads.",
            pytrace=False,
        )


def _left_behind(before: dict[int, Any]) -> dict[int, Any]:
    """Return what runs now and did not before, once it has had the time to come to its end."""
    deadline = time.monotonic() + PATIENCE
    collected = False
    while True:
        _delete_what_is_due()
        left = {key: item for key, item in _running().items() if key not in before}
        if not left or time.monotonic() > deadline:
            return left
        if not collected:
            del left
            gc.collect()
            collected = True
        else:
            time.sleep(0.02)


def _delete_what_is_due() -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QCoreApplication.processEvents()


def _running() -> dict[int, Any]:
    import shiboken6
    from PySide6.QtCore import QAbstractAnimation, QThread, QTimer
    from PySide6.QtWidgets import QApplication

    found: dict[int, Any] = {
        id(thread): thread
        for thread in threading.enumerate()
        # Python's name for a thread that Qt started: seen below as a QThread.
        if not isinstance(thread, threading._DummyThread)
    }
    for item in shiboken6.getAllValidWrappers():
        if (
            (isinstance(item, QTimer) and item.isActive())
            or (
                isinstance(item, QAbstractAnimation)
                and item.state() == QAbstractAnimation.State.Running
            )
            or (
                isinstance(item, QThread)
                and item.isRunning()
                and item is not QThread.currentThread()
            )
        ):
            found[_address(item)] = item
    for window in QApplication.topLevelWidgets():
        # One tool tip serves the whole application and outlives its window.
        if window.parent() is None and window.metaObject().className() != "QTipLabel":
            found[_address(window)] = window
    return found


def _address(item: Any) -> int:
    import shiboken6

    return int(shiboken6.getCppPointer(item)[0])


def _describe(item: Any) -> str:
    if isinstance(item, threading.Thread):
        return f"the thread {item.name!r}"
    kind = type(item).__name__
    name = item.objectName()
    parent = item.parent()
    words = f"a running {kind}" if not item.isWidgetType() else f"the window {kind}"
    if name:
        words += f" {name!r}"
    if parent is not None:
        words += f" of a {type(parent).__name__}"
    return words


def _stop(left: dict[int, Any]) -> None:
    """Spare the next tests what this one left."""
    for item in left.values():
        if isinstance(item, threading.Thread):
            continue
        if item.isWidgetType():
            item.hide()
            item.deleteLater()
        elif hasattr(item, "quit"):
            item.quit()
            item.wait(1000)
        else:
            item.stop()
    _delete_what_is_due()


def pytest_sessionfinish() -> None:
    """Empty the clipboard while Python lives.

    Without a windowing system Qt keeps it to the very end of the process, and then cannot delete
    what was made in Python.
    """
    if "PySide6.QtWidgets" in sys.modules:
        from PySide6.QtWidgets import QApplication

        if QApplication.instance() is not None:
            QApplication.clipboard().clear()


@pytest.fixture
def plugins_unmirrored() -> Iterator[None]:
    """For a command line in this process: what a window's kernel told it of plugins is put aside.

    Else the command line could not load the plugins themselves.
    """
    from visualad.engine.backend import BACKENDS
    from visualad.plugins.mirror import MirroredBackend

    mirrored = {n: b for n, b in BACKENDS.items() if isinstance(b, MirroredBackend)}
    for name in mirrored:
        del BACKENDS[name]
    yield
    for name, backend in mirrored.items():
        BACKENDS[name] = backend
