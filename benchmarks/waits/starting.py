"""Starting: Python, the library, the command line, the window."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time

ROUNDS = 9
STARTS = {
    "python": "pass",
    "import numpy": "import numpy",
    "import visualad": "import numpy, visualad",
    "import visualad, evaluate": "import visualad as va; va.evaluate(va.parse('x*x'), {'x': 1})",
    "visualad --version": "from visualad.cli import main; main(['--version'])",
}

# `visualad FILE` up to the moment when its window has been painted and the event loop is free.
WINDOW = """
import os, sys, time
import visualad.cli.plugins as plugins

def painted(window):
    spent = time.process_time() if sys.argv[3] == "cpu" else time.time() - float(sys.argv[1])
    def end():
        try:
            with open("/proc/self/status") as status:
                kib = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        except OSError:
            kib = 0
        print(spent, kib / 1024, flush=True)
        window.kernel.close()
        os._exit(0)
    from PySide6.QtCore import QTimer
    if sys.argv[4] == "train":
        import visualad as va
        window.document.new(va.mlp([2, 8, 8, 1], activation="tanh", data="spiral"))
        window.run("train.start")
    QTimer.singleShot(int(sys.argv[2]), end)

# The command line asks this last before it opens the window, when it has imported it.
start_of = plugins.start_of
def started(options):
    import visualad.gui.app as app
    from PySide6.QtCore import QTimer
    open_first = app.open_first
    def opened(window, path):
        window.resize(1440, 900)  # not what fits a screen that is made up
        window.painted.connect(lambda: QTimer.singleShot(0, lambda: painted(window)))
        open_first(window, path)
    app.open_first = opened
    return start_of(options)
plugins.start_of = started
from visualad.cli import main
main([])
"""


def _first_window(wait_ms: int, clock: str, then: str = "rest") -> tuple[float, float]:
    """Seconds to the painted window, and MiB that it holds so many milliseconds later.

    Args:
        then: what it does in between, "rest" or "train" a perceptron, with its plots.
    """
    command = [sys.executable, "-c", WINDOW, str(time.time()), str(wait_ms), clock, then]
    said = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=120
    ).stdout.split()
    return float(said[-2]), float(said[-1])


def _time_of_children() -> float:
    """Processor seconds of all processes that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def measure(_seconds: float, clock: str) -> dict[str, float]:
    """Medians over fresh processes, in turns."""
    now = time.perf_counter if clock == "wall" else _time_of_children
    times: dict[str, list[float]] = {what: [] for what in (*STARTS, "first painted window")}
    _first_window(0, clock)  # once for the compiled modules
    for _ in range(ROUNDS):
        for what, code in STARTS.items():
            begin = now()
            subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False)
            times[what].append(now() - begin)
        times["first painted window"].append(_first_window(0, clock)[0])
    found = {f"start: {what}": statistics.median(t) * 1e3 for what, t in times.items()}
    beyond = [
        ours - numpy
        for ours, numpy in zip(times["import visualad"], times["import numpy"], strict=True)
    ]
    found["start: import visualad beyond NumPy"] = statistics.median(beyond) * 1e3
    found["memory: window"] = _first_window(3000, clock)[1]
    found["memory: window that trains"] = _first_window(6000, clock, "train")[1]
    return found
