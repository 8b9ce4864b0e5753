"""Moving through the steps of a sweep: play, pause, step, jump."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

SECONDS_PER_STEP = 0.8
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
FRAME_MS = 16


class Playback(QObject):
    """A position in a sweep and the one timer that moves it.

    `index` is the step that is shown, -1 before the first. `progress` says how far its pulses have
    travelled: 0 when they set out, 1 when they have arrived, which is where a step stands that was
    jumped to.

    Attributes:
        speed: 0.25 to 4.
        reduced_motion: steps come after each other at the same pace, but nothing travels.
    """

    step_changed = Signal(int)
    progress_changed = Signal(float)
    playing_changed = Signal(bool)
    speed_changed = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.length = 0
        self.index = -1
        self.progress = 1.0
        self.speed = 1.0
        self.reduced_motion = False
        self._last_frame = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._frame)
        self._elapsed = 0.0  # seconds within the step, at speed 1

    @property
    def is_playing(self) -> bool:
        """Whether the timer runs."""
        return self._timer.isActive()

    def set_length(self, length: int, *, rewind: bool) -> None:
        """Another sweep: start before its first step, or stay where we are."""
        self.length = length
        if rewind:
            self.pause()
            self.go_to(-1)
        elif self.index >= length:
            self.go_to(length - 1)

    def set_speed(self, speed: float) -> None:
        """Set the speed, kept between 0.25 and 4."""
        self.speed = min(max(float(speed), SPEEDS[0]), SPEEDS[-1])
        self.speed_changed.emit(self.speed)

    def go_to(self, index: int, progress: float = 1.0) -> None:
        """Show a step, clipped to the sweep; -1 is before the first."""
        index = max(-1, min(index, self.length - 1))
        changed = index != self.index
        self.index = index
        self.progress = progress
        self._elapsed = progress * SECONDS_PER_STEP
        if changed:
            self.step_changed.emit(index)
        self.progress_changed.emit(progress)

    def play(self) -> None:
        """Go on from here; from the start when the last step has been shown."""
        if self.length == 0 or self.is_playing:
            return
        if self.index >= self.length - 1 and self.progress >= 1.0:
            self.go_to(-1)
        self._last_frame = time.monotonic()
        self._timer.start()
        if self.progress >= 1.0:
            self._set_out()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stay where we are."""
        if self.is_playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def step(self, by: int = 1) -> None:
        """Pause and move by steps; back from within a step is to its beginning's step before."""
        self.pause()
        self.go_to(self.index + by)

    def _set_out(self) -> None:
        start = 1.0 if self.reduced_motion else 0.0
        self.go_to(self.index + 1, start)
        self._elapsed = 0.0

    def _frame(self) -> None:
        now = time.monotonic()
        # A window that was busy for a while must not leap through steps nobody has seen.
        passed = min(now - self._last_frame, 0.1)
        self._last_frame = now
        self._elapsed += passed * self.speed
        if self._elapsed < SECONDS_PER_STEP:
            if not self.reduced_motion:
                self.progress = self._elapsed / SECONDS_PER_STEP
                self.progress_changed.emit(self.progress)
        elif self.index < self.length - 1:
            self._set_out()
        else:
            self.pause()
            self.go_to(self.index)
