"""How long a person waits: starting, the kernel's answers, the window's turns while it trains.

    python -m benchmarks waiting
    python -m benchmarks.waiting PART [SECONDS] [wall|cpu]     one part of it

Wall-clock times of this machine, so they are printed and judged by a reader, not by a test; or the
processor time of the window alone, which is what it would take if nothing else ran. Every part runs
in a process of its own.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile

PARTS = ("starting", "kernel", "lateness", "canvas", "curve")


def measure(seconds: float, clock: str = "wall") -> dict[str, float]:
    """Everything, in milliseconds (memory in MiB); the window trains for so many seconds."""
    found: dict[str, float] = {}
    for part in PARTS:
        with tempfile.TemporaryDirectory() as folder:
            # Nobody's settings, and nothing to recover.
            homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), folder)
            given = {"QT_QPA_PLATFORM": "offscreen", **os.environ, **homes}
            # Compiled modules are kept, as they are for everybody who starts a program twice.
            given |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
            command = [sys.executable, "-m", "benchmarks.waiting", part, str(seconds), clock]
            ended = subprocess.run(command, stdout=subprocess.PIPE, env=given, check=False)
        if ended.returncode == 0:
            found |= json.loads(ended.stdout.splitlines()[-1])
    return found


def main() -> int:
    """Measure one part and print it as JSON."""
    part = sys.argv[1]
    seconds, clock = float((*sys.argv[2:3], "5")[0]), (*sys.argv[3:4], "wall")[0]
    found = importlib.import_module(f"benchmarks.waits.{part}").measure(seconds, clock)
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    os._exit(0)  # whatever Qt still has to say at the end is not of interest


if __name__ == "__main__":
    main()
