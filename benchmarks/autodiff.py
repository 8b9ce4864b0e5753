"""Value and gradient of scalar graphs and of the lecture's function, beside other libraries.

    python -m benchmarks.autodiff [--sizes 100 1000 10000 100000] [--rounds 9] [--burst 0.05]

Each library runs in a process of its own, in bursts in shuffled turns. Printed are the median time
and the medians of the rounds' ratios; building, compiling and the first call are counted apart, in
a column of their own. micrograd, autograd and PyTorch build their graph anew in every call, because
that is how they work; ours and JAX keep theirs, and "a new graph" is ours without that.
"""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from benchmarks.machine import load, machine, versions
from benchmarks.rounds import Times, compare
from benchmarks.task import Task
from benchmarks.tasks import task

SIZES = (100, 1_000, 10_000, 100_000)
LECTURE = "lecture_gradient"


def main() -> int:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.autodiff",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sizes", type=int, nargs="*", choices=SIZES, default=SIZES)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--burst", type=float, default=0.05, help="seconds per turn")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    options = parser.parse_args()
    console = Console()
    known = ", ".join(f"{name} {version}" for name, version in versions().items())
    console.print(f"{machine()}; {known}")
    console.print(f"{options.rounds} rounds, 1 thread, {options.clock} clock, load {load()}")
    for name in (LECTURE, *(f"scalar {size}" for size in options.sizes)):
        work = task(name)
        times = compare(
            name,
            list(work.contestants),
            rounds=options.rounds,
            burst=options.burst,
            threads=1,
            clock=options.clock,
        )
        console.print(table(work, times))
        for line in times.absences(work.contestants):
            console.print(line, highlight=False)
    return 0


def table(work: Task, times: Times) -> Table:
    """One row for each library; the ratios say how many times as long it takes as ours."""
    drawn = Table(title=work.title, title_justify="left")
    drawn.add_column("library")
    for heading in (f"µs per {work.unit}", "ready after ms"):
        drawn.add_column(heading, justify="right")
    ours = [
        name for name in work.contestants if name.startswith("VisualAD") and name in times.seconds
    ]
    for name in ours:
        drawn.add_column(f"times {name.removeprefix('VisualAD, ')}", justify="right")
    for name in work.contestants:
        if name in times.seconds:
            ready = times.ready_after[name] * 1e3
            ratios = [f"{times.ratio(mine, name):.3g}" for mine in ours]
            drawn.add_row(name, f"{times.median(name) * 1e6:.3g}", f"{ready:.3g}", *ratios)
    return drawn


if __name__ == "__main__":
    raise SystemExit(main())
