"""Whether the window stays fluid while it trains at full speed with every panel of training open.

    python -m benchmarks.responsiveness [SECONDS] [--tabs]

A timer beats every millisecond. What passes between two beats beyond that is a turn of the event
loop; turns in which the thread worked for less than half a millisecond are left out, since nobody
could notice them and there are many. A screen shows 60 pictures in a second, so that a turn under
16 ms is not noticed: 99 % of those with work are meant to be shorter. The panels stand side by
side, so that all of them are painted; with `--tabs` as they are in a fresh window, one in front of
the others. How late a process is that does nothing but sleep tells what the machine itself adds.
Exit status 1 when fewer than 99 % are under 16 ms of the thread's own processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from benchmarks.waits.lateness import bare_lateness, share

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

LIMIT = 0.016  # seconds
PANELS = ("loss", "gradients", "weights", "compare", "landscape", "trace")
BEAT = 0.001  # seconds between two looks at the clock
WORK = 0.0005  # seconds of work that make a turn count
WARM_UP = 4.0  # seconds in which everything is drawn for the first time
SHARES = (0.5, 0.9, 0.99, 0.999)


class Turns:
    """The turns of an event loop, in seconds of the wall clock and of the thread's own work."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.wall: list[float] = []
        self.own: list[float] = []
        self._beat = QTimer()
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.setInterval(round(BEAT * 1000))
        self._beat.timeout.connect(self._note)
        self._last = (time.perf_counter(), time.thread_time())
        self._beat.start()

    def _note(self) -> None:
        wall, own = self._last
        now = (time.perf_counter(), time.thread_time())
        if now[1] - own >= WORK:
            self.wall.append(max(0.0, now[0] - wall - BEAT))
            self.own.append(now[1] - own)
        self._last = now

    def stop(self) -> None:
        """Note no more."""
        self._beat.stop()


def measure(seconds: float, *, tabs: bool = False) -> dict[str, float]:
    """Turns while training, in milliseconds, and the share under 16 ms."""
    import visualad as va
    from visualad.gui.app import application
    from visualad.gui.main_window import MainWindow
    from visualad.gui.settings import Settings

    application()
    window = MainWindow(Settings())
    window.kernel.start()
    network = va.mlp([2, 8, 8, 1], activation="tanh", loss="mean_squared_error", data="spiral")
    window.document.new(network)
    window.resize(1920, 1080)
    window.show()
    window.docks.fill()
    _wait(500)
    # A run that is over, so that there is something to compare with.
    window.run("train.start")
    _wait(1500)
    window.run("train.reset")
    if not tabs:
        _side_by_side(window)
    window.run("train.start")
    _wait(round(1000 * WARM_UP))
    turns = Turns()
    before = window.session.curves.epochs[-1]
    _wait(round(1000 * seconds))
    turns.stop()
    epochs = window.session.curves.epochs[-1] - before
    wall, own = sorted(turns.wall), sorted(turns.own)
    seen = [name for name in PANELS if _is_seen(window, name)]
    window.document.new()
    window.close()
    window.kernel.close()
    late = bare_lateness(2.0)
    found = {
        "turns with work in a second": len(wall) / seconds,
        "epochs in a second": epochs / seconds,
    }
    for part in SHARES:
        found[f"turn, {part * 100:g} % (wall)"] = share(wall, part) * 1e3
        found[f"turn, {part * 100:g} % (own work)"] = share(own, part) * 1e3
    found["under 16 ms (wall), %"] = 100 * sum(t < LIMIT for t in wall) / max(len(wall), 1)
    found["under 16 ms (own work), %"] = 100 * sum(t < LIMIT for t in own) / max(len(own), 1)
    found["share of the time at work, %"] = 100 * sum(own) / seconds
    found["machine: lateness of a sleeping process, 99 %"] = share(late, 0.99) * 1e3
    found["panels in sight"] = len(seen)
    return found


def _side_by_side(window: MainWindow) -> None:
    """Put the panels of training next to one another, in two rows below the canvas."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QDockWidget

    docks = [window.findChild(QDockWidget, f"dock_{name}") for name in PANELS]
    present = [dock for dock in docks if dock is not None]
    for dock in window.findChildren(QDockWidget):
        if window.dockWidgetArea(dock) == Qt.DockWidgetArea.BottomDockWidgetArea:
            dock.hide()
    area = Qt.DockWidgetArea.BottomDockWidgetArea
    for dock in present:
        window.removeDockWidget(dock)
    for dock in present:
        window.addDockWidget(area, dock, Qt.Orientation.Horizontal)
        dock.show()
    half = len(present) // 2
    for above, below in zip(present[:half], present[half:], strict=True):
        window.splitDockWidget(above, below, Qt.Orientation.Vertical)


def _is_seen(window: MainWindow, name: str) -> bool:
    panel = window.docks.panel(name)
    return panel is not None and not panel.visibleRegion().isEmpty()


def _wait(milliseconds: int) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("seconds", nargs="?", type=float, default=10.0)
    parser.add_argument("--tabs", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            os.environ[name] = folder  # nobody's settings, and nothing to recover
        found = measure(options.seconds, tabs=options.tabs)
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        for what, number in found.items():
            sys.stdout.write(f"{what:<48}{number:>10.2f}\n")
    sys.stdout.flush()
    os._exit(0 if found["under 16 ms (own work), %"] >= 99 else 1)


if __name__ == "__main__":
    main()
