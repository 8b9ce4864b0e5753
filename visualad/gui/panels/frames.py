"""When a panel is drawn: not for every message, only while it can be seen, one at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

APART_MS = 16  # between two panels that are drawn, so that events come in between


class Drawn(Protocol):
    """A QObject whose drawing takes a while."""

    def draw_now(self) -> None:
        """Draw what is in sight."""


class Frames(QTimer):
    """Draws a panel some time after something changed, at once when it comes into sight.

    Of all panels in the program one is drawn in a turn of the event loop: what is drawn together is
    also painted together, and the window would stand still for the sum of it.

    Args:
        panel: whose sight it is; also the parent.
        draw: brings the panel up to date.
        every: at most so often, in milliseconds.
    """

    def __init__(self, panel: QWidget, draw: Callable[[], object], every: int) -> None:
        super().__init__(panel)
        self._panel = panel
        self._draw = draw
        self.setSingleShot(True)
        self.setInterval(every)
        self.timeout.connect(self._wait_for_turn)
        panel.installEventFilter(self)

    def later(self, *_: object) -> None:
        """Something changed."""
        if self._panel.isVisible() and not self.isActive():
            self.start()

    def draw_now(self) -> None:
        """Draw, if it is still in sight."""
        if self._panel.isVisible():
            self._draw()

    def _wait_for_turn(self) -> None:
        turns().enter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._draw()
        elif event.type() == QEvent.Type.Hide:
            self.stop()
            turns().leave(self)
        return False


class Turns(QObject):
    """The panels that wait to be drawn; one for the whole program."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("panel_turns")
        self._waiting: list[Drawn] = []
        self._drawn_at = 0.0
        self._is_drawing = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)

    def enter(self, frames: Drawn) -> None:
        """Draw now, or after those that wait already; what is being drawn, again later."""
        if frames not in self._waiting:
            self._waiting.append(frames)
        if not self._timer.isActive() and not self._is_drawing:
            passed = 1000 * (time.monotonic() - self._drawn_at)
            if passed >= APART_MS:
                self._next()
            else:
                self._timer.start(round(APART_MS - passed))

    def leave(self, frames: Drawn) -> None:
        """It is not in sight any more."""
        if frames in self._waiting:
            self._waiting.remove(frames)

    def _next(self) -> None:
        if not self._waiting:
            return
        frames = self._waiting.pop(0)
        self._is_drawing = True
        try:
            if isValid(frames):  # its window may have been closed meanwhile
                frames.draw_now()
        finally:
            self._is_drawing = False
            self._drawn_at = time.monotonic()
            if self._waiting:
                self._timer.start(APART_MS)


def turns() -> Turns:
    """The turns of this program."""
    app = QCoreApplication.instance()
    assert app is not None
    found = app.findChild(Turns, "panel_turns")
    return found if found is not None else Turns(app)
