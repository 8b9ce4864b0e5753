"""`make bench`: every task, ours beside the peers that are installed, as ratios.

    python -m benchmarks [TASK ...] [--rounds 9] [--burst 0.05] [--threads 1] [--save]

`--save` writes the figures to benchmarks/results/, with the date, the machine and the command.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import pkgutil
import platform
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import tasks
from benchmarks.rounds import Absent, Timing, compare

RESULTS = Path(__file__).parent / "results"


def machine() -> str:
    """The processor and the Python that the figures hold for."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{model}, {platform.system()}, Python {platform.python_version()}"


def table(title: str, found: list[Timing | Absent]) -> Table:
    """The figures of one task; the ratio says how many times as long a contestant takes."""
    drawn = Table(title=title, title_justify="left")
    drawn.add_column("contestant")
    drawn.add_column("µs per call", justify="right")
    drawn.add_column("times ours", justify="right")
    for row in found:
        if isinstance(row, Timing):
            drawn.add_row(row.contestant, f"{row.seconds * 1e6:.3g}", f"{row.ratio:.3g}")
        else:
            drawn.add_row(row.contestant, row.reason, "")
    return drawn


def main() -> int:
    """Run the tasks and print their tables."""
    names = [module.name for module in pkgutil.iter_modules(tasks.__path__)]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("task", nargs="*", choices=[*names, []], help=f"of {', '.join(names)}")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--burst", type=float, default=0.05, help="seconds per turn")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    console = Console()
    console.print(f"{machine()}; {options.rounds} rounds, {options.threads} thread(s)")
    saved = {}
    for name in options.task or names:
        task = importlib.import_module(f"benchmarks.tasks.{name}")
        found = compare(
            name,
            list(task.CONTESTANTS),
            rounds=options.rounds,
            burst=options.burst,
            threads=options.threads,
        )
        console.print(table(task.TITLE, found))
        saved[name] = {
            row.contestant: {"microseconds": row.seconds * 1e6, "times_ours": row.ratio}
            for row in found
            if isinstance(row, Timing)
        }
    if options.save:
        date = datetime.datetime.now(datetime.UTC).date().isoformat()
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{date}.json"
        command = "python -m benchmarks " + " ".join(sys.argv[1:])
        facts = {"date": date, "machine": machine(), "command": command.strip(), "tasks": saved}
        path.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n")
        console.print(f"written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
