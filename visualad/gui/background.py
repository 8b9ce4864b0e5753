"""Long work in a thread beside the window, which goes on being painted meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QEventLoop, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

Result = TypeVar("Result")

LARGE_FILE = 1_000_000  # bytes; smaller ones are read in a moment
LARGE_GRAPH = 5_000  # nodes; smaller ones are written in a moment


class _Work(QObject, Generic[Result]):
    finished = Signal()

    def __init__(self, work: Callable[[], Result]) -> None:
        super().__init__()
        self._work = work
        self.result: list[Result] = []
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.result.append(self._work())
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            self.error = error
        self.finished.emit()


def done_beside(work: Callable[[], Result]) -> Result:
    """The result of something long that does not touch the window.

    Keys and clicks wait meanwhile; what is painted, played and answered goes on.

    Raises:
        Exception: what the work raised.
    """
    done = _Work(work)
    loop = QEventLoop()
    done.finished.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
    thread = threading.Thread(target=done.run, name="beside the window")
    QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    try:
        thread.start()
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        thread.join()
    finally:
        QGuiApplication.restoreOverrideCursor()
    if done.error is not None:
        raise done.error
    return done.result[0]
