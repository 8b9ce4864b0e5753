"""Moving through the steps of a sweep: play, pause, step, jump."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

SECONDS_PER_STEP = 0.8
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
FRAME_MS = 16
_LOOK = 0.5  # of a step: how long the result is looked at that was withheld


class Playback(QObject):
    """A position in a sweep and the one timer that moves it.

    `index` is the step that is shown, -1 before the first. `progress` says how far its pulses have
    travelled: 0 when they set out, 1 when they have arrived, which is where a step stands that was
    jumped to.

    Where `holds` is on, a step that adds something up stops before its result: the numbers that
    are added have been seen, and a class can answer. The next press shows the result.

    Attributes:
        speed: 0.25 to 4.
        loops: the film begins again after its end.
        holds: stop before the results of sums; `hold_of` says at which progress, None for no sum.
        first: the step at which the move began that is shown: `index`, unless several steps are
            one move; `move_of` says which are, by the first and the last of them.
        is_held: whether the film stands before such a result.
        reduced_motion: steps come after each other at the same pace, but nothing travels.
    """

    step_changed = Signal(int)
    progress_changed = Signal(float)
    playing_changed = Signal(bool)
    speed_changed = Signal(float)
    held_changed = Signal(bool)
    manner_changed = Signal()  # loops or holds

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.length = 0
        self.index = -1
        self.progress = 1.0
        self.speed = 1.0
        self.reduced_motion = False
        self.loops = False
        self.holds = False
        self.is_held = False
        self.hold_of: Callable[[int], float | None] = _no_hold
        self.move_of: Callable[[int], tuple[int, int]] = _one_step
        self.first = -1
        self._released = False  # the result that was withheld is looked at
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

    def set_loops(self, loops: bool) -> None:
        """Begin again after the end, or stop there."""
        self.loops = loops
        self.manner_changed.emit()

    def set_holds(self, holds: bool) -> None:
        """Stop before the results of sums, or go on."""
        self.holds = holds
        if self.is_held and not holds:
            self.go_to(self.index)
        self.manner_changed.emit()

    def go_to(self, index: int, progress: float = 1.0, *, first: int | None = None) -> None:
        """Show a step, clipped to the sweep; -1 is before the first.

        Args:
            first: where the move began of which this step is the last.
        """
        self._set_held(False)
        self._released = False
        index = max(-1, min(index, self.length - 1))
        changed = index != self.index
        self.index = index
        self.first = index if first is None else min(first, index)
        self.progress = progress
        self._elapsed = progress * SECONDS_PER_STEP
        if changed:
            self.step_changed.emit(index)
        self.progress_changed.emit(progress)

    def play(self) -> None:
        """Go on from here; from the start when the last step has been shown."""
        if self.length == 0 or self.is_playing:
            return
        if self.is_held:
            self._release()
        elif self.index >= self.length - 1 and self.progress >= 1.0:
            self.go_to(-1)
        self._last_frame = time.monotonic()
        self._timer.start()
        if self.progress >= 1.0 and not self._released:
            self._set_out()
        if self.is_held:
            return  # nothing travels, so it has stopped already
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stay where we are."""
        if self.is_playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def step(self, by: int = 1) -> None:
        """Pause and go on by moves; back from within a move is to the end of the one before.

        Forward it stops before the result of a sum and then shows it, where `holds` is on.
        """
        self.pause()
        if by == 1 and self.is_held:
            self.go_to(self.index, first=self.first)
            return
        first, last = self._move(by)
        at = self._hold(last) if by == 1 else None
        if at is None:
            self.go_to(last, first=first)
        else:
            self.go_to(last, at, first=first)
            self._set_held(True)

    def _move(self, by: int) -> tuple[int, int]:
        """First and last step of the move that comes `by` moves after the present one."""
        first, last = self.first, self.index
        for _ in range(abs(by)):
            if by > 0:
                first, last = last + 1, self._whole(last + 1)[1]
            else:
                last = self._whole(last)[0] - 1
                first = self._whole(last)[0]
        return first, last

    def _whole(self, index: int) -> tuple[int, int]:
        return self.move_of(index) if 0 <= index < self.length else (index, index)

    def _hold(self, index: int) -> float | None:
        return self.hold_of(index) if self.holds and 0 <= index < self.length else None

    def _set_held(self, held: bool) -> None:
        if held != self.is_held:
            self.is_held = held
            self.held_changed.emit(held)

    def _release(self) -> None:
        """Show the result that was withheld, for a while."""
        self.go_to(self.index, first=self.first)
        self._released = True
        self._elapsed = SECONDS_PER_STEP * (1.0 - _LOOK)

    def _set_out(self) -> None:
        first, last = self._move(1)
        at = self._hold(last) if self.reduced_motion else None
        start = (1.0 if at is None else at) if self.reduced_motion else 0.0
        self.go_to(last, start, first=first)
        self._elapsed = 0.0
        if at is not None:
            self._stop_before_result(at)

    def _stop_before_result(self, at: float) -> None:
        self.pause()
        self.progress = at
        self._elapsed = at * SECONDS_PER_STEP
        self.progress_changed.emit(at)
        self._set_held(True)

    def _frame(self) -> None:
        now = time.monotonic()
        # A window that was busy for a while must not leap through steps nobody has seen.
        passed = min(now - self._last_frame, 0.1)
        self._last_frame = now
        self._elapsed += passed * self.speed
        at = None if self._released else self._hold(self.index)
        if at is not None and self._elapsed >= at * SECONDS_PER_STEP:
            self._stop_before_result(at)
        elif self._elapsed < SECONDS_PER_STEP:
            if not self.reduced_motion and not self._released and self.index >= 0:
                self.progress = self._elapsed / SECONDS_PER_STEP
                self.progress_changed.emit(self.progress)
        elif self.index < self.length - 1:
            self._set_out()
        elif self.loops:
            self.go_to(-1)
            self._elapsed = 0.0
        else:
            self.pause()
            self.go_to(self.index, first=self.first)


def _one_step(index: int) -> tuple[int, int]:
    """Every step is a move of its own."""
    return index, index


def _no_hold(index: int) -> float | None:
    """No step is a sum."""
    return None
