"""How late the turns of the window's event loop are while it trains at full speed and draws."""

from __future__ import annotations

import os
import sys
import threading
import time

from benchmarks.waits import CLOCKS

BEAT = 0.016  # seconds between two pictures of a screen


def measure(seconds: float, clock: str) -> dict[str, float]:
    """Shares of the turns, in milliseconds late; and how late those of a bare thread are.

    With processor time: how long the window's thread works between two beats, which is how late the
    second one comes at most when the thread has a core whenever it wants one.
    """
    late = window_lateness(seconds, clock)
    bare = bare_lateness(min(seconds, 2.0))
    found = {
        f"window: lateness while training, {part * 100:g} %": share(late, part) * 1e3
        for part in (0.5, 0.9, 0.99)
    }
    found["window: latest turn"] = late[-1] * 1e3
    found["machine: lateness of a sleeping process, 99 %"] = share(bare, 0.99) * 1e3
    return found


def share(late: list[float], part: float) -> float:
    """The number that this part of sorted numbers does not exceed."""
    return late[min(len(late) - 1, int(len(late) * part))] if late else 0.0


def bare_lateness(seconds: float) -> list[float]:
    """What the machine does to a process that only sleeps, in seconds: nobody is better."""
    late: list[float] = []

    def sleep() -> None:
        end = time.perf_counter() + seconds
        while (begin := time.perf_counter()) < end:
            time.sleep(BEAT)
            late.append(max(0.0, time.perf_counter() - begin - BEAT))

    thread = threading.Thread(target=sleep)
    thread.start()
    thread.join()
    return sorted(late)


def window_lateness(seconds: float, clock: str) -> list[float]:
    """In seconds, sorted."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    import visualad as va
    from visualad.gui.app import application
    from visualad.gui.main_window import MainWindow
    from visualad.gui.settings import Settings

    app = application()
    window = MainWindow(Settings())
    window.kernel.start()
    window.resize(1440, 900)
    window.show()
    window.docks.fill()
    window.document.new(
        va.mlp([2, 8, 8, 1], activation="tanh", loss="mean_squared_error", data="spiral")
    )
    window.run("train.start")
    late: list[float] = []
    since = [0.0]
    now, expected = CLOCKS[clock], BEAT if clock == "wall" else 0.0
    beat = QTimer()
    beat.setTimerType(Qt.TimerType.PreciseTimer)
    beat.setInterval(round(BEAT * 1000))

    def note() -> None:
        present = now()
        late.append(max(0.0, present - since[0] - expected))
        since[0] = present

    beat.timeout.connect(note)
    loop = QEventLoop()
    # Let the first pictures of everything be made; the first curves import the plots.
    for _ in range(60):
        QTimer.singleShot(1000, loop.quit)
        loop.exec()
        if window.session.curves.epochs and "pyqtgraph" in sys.modules:
            break
    QTimer.singleShot(2000, loop.quit)
    loop.exec()
    since[0] = now()
    beat.start()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    beat.stop()
    window.document.new()
    window.close()
    window.kernel.close()
    app.processEvents()
    return sorted(late)
