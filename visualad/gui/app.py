"""Starting the program with its window."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QApplication

from visualad.compatibility import check_qt_version
from visualad.errors import VisualADError
from visualad.gui import icons, theme
from visualad.gui.crash import CrashReport
from visualad.gui.garbage import keep_from_collector
from visualad.gui.main_window import MainWindow, open_first
from visualad.gui.settings import Settings
from visualad.kernel.plugin_messages import Start

SETTLED_MS = 2000  # after the first painting
TITLE_BAR = 40  # px, with the frame; a system tells it only of a window that is there
WAKE_MS = 300  # how often Python looks for Ctrl-C in the terminal


def run(path: str | os.PathLike[str] | None = None, plugins: Start | None = None) -> int:
    """Open the window, on a file if one is given, and stay until it is closed.

    Args:
        plugins: further plugins, or none at all.

    Returns the exit status of the program.

    Raises:
        VisualADError: if this Python and this Qt are known to crash together.
    """
    fault = check_qt_version()
    if fault is not None:
        raise VisualADError(fault)
    app = application()
    settings = Settings()
    theme.set_theme(settings.theme)
    theme.apply(app)
    report = CrashReport()
    report.install()
    window = MainWindow(settings, plugins=plugins)
    if settings.geometry.isEmpty():
        fit_the_screen(window)
    report.happened.connect(
        lambda sentence, detail: window.notifications.show(sentence, "error", detail)
    )
    window.show_soon()
    open_first(window, Path(path) if path is not None else None)
    window.painted.connect(lambda: QTimer.singleShot(100, window, window.files.offer_recovery))
    # What a start makes stays: to look through it again and again would be the longest turn.
    window.painted.connect(lambda: QTimer.singleShot(SETTLED_MS, window, keep_from_collector))
    wake = QTimer()
    wake.timeout.connect(lambda: None)
    wake.start(WAKE_MS)
    before = signal.signal(signal.SIGINT, lambda *_: window.close())
    try:
        return app.exec()
    finally:
        signal.signal(signal.SIGINT, before)
        wake.stop()
        window.kernel.close()
        report.uninstall()
        _leave_clipboard(app)


def fit_the_screen(window: MainWindow) -> None:
    """Let a window of no known size be no larger than what the screen has room for."""
    room = window.screen().availableGeometry().size() - QSize(0, TITLE_BAR)
    window.resize(window.size().boundedTo(room))


def _leave_clipboard(app: QApplication) -> None:
    """Empty a clipboard that no other program sees.

    Without a windowing system Qt keeps it until after Python's end, and then crashes on what was
    made in Python.
    """
    if app.platformName() in ("offscreen", "minimal"):
        app.clipboard().clear()


def application() -> QApplication:
    """The one QApplication, made when there is none."""
    # Qt hands every few hundred pixels of many thin lines to other threads and waits for them: the
    # 3,400 lines of a large graph took 80 ms so, and 4 ms without. It asks once, at the first line.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("VisualAD")
    app.setApplicationDisplayName("VisualAD")
    app.setDesktopFileName("visualad")
    app.setWindowIcon(icons.icon("app"))
    return app
