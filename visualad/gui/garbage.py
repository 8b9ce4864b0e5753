"""Cyclic garbage is collected in the thread of the window alone.

Python runs its collector in whatever thread allocates. The threads that talk to the kernel would so
delete Qt objects, whose timers cannot be stopped from another thread: the next one to fire then
ends the program. With the collector switched off there, a timer of the window takes its place.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 400


class GarbageCollection(QObject):
    """Takes the collector over from `start` to `stop`; the last of several gives it back."""

    _running = 0

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(collect_if_due)

    def start(self) -> None:
        """Switch the automatic collector off and collect by timer."""
        if not self._timer.isActive():
            GarbageCollection._running += 1
            gc.disable()
            self._timer.start()

    def stop(self) -> None:
        """Give the collector back to Python."""
        if self._timer.isActive():
            self._timer.stop()
            GarbageCollection._running -= 1
            if GarbageCollection._running == 0:
                # What `keep_from_collector` has set aside too: Qt objects in it would otherwise
                # live until after Qt has ended, and deleting them then crashes.
                gc.unfreeze()
                gc.enable()


def keep_from_collector() -> None:
    """Look through what there is now never again: a large graph takes long and has no cycles."""
    if GarbageCollection._running:  # else nobody would take it back
        gc.unfreeze()
        gc.freeze()


def collect_if_due() -> None:
    """Collect the oldest generation that Python itself would collect now."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return
