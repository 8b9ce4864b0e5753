"""`make bench`: every task, ours beside the peers that are installed, as ratios.

    python -m benchmarks [TASK ...] [--rounds 9] [--burst 0.05] [--threads 1 2] [--save]

A TASK is a module of benchmarks/tasks ("perceptron"), one task of it ("perceptron a10 float64") or
"waiting". "gpu" and its tasks run on a GPU, and by themselves. `--save` writes the figures to
benchmarks/results/, with the date, the machine and the command. At the end stand the goals, and
what became worse since the newest file there.
"""

from __future__ import annotations

import argparse
import datetime
import shlex
import sys

from rich.console import Console
from rich.table import Table

from benchmarks import figures, goals
from benchmarks.figures import Figures
from benchmarks.machine import gpu, load, machine, versions
from benchmarks.rounds import Times, compare
from benchmarks.task import Task
from benchmarks.tasks import modules, task, tasks

WAITING = "waiting"


def main() -> int:
    """Run the tasks and print their tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = (*modules(), WAITING)
    parser.add_argument("task", nargs="*", help=f"of {', '.join(known)}")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--burst", type=float, default=0.05, help="seconds per turn")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        default="wall",
        help="cpu: processor time of one thread, for a machine that others use as well",
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="of training in the window")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    for name in options.task:
        if name not in known and not (name.split()[0] in known and name in tasks(name.split()[0])):
            parser.error(f"there is no task '{name}'")
    on_a_gpu = [name.split()[0] == figures.GPU for name in options.task]
    if any(on_a_gpu) and not all(on_a_gpu):
        parser.error("run the tasks of a GPU by themselves")
    if any(on_a_gpu) and not gpu():
        parser.error("there is no NVIDIA GPU here (nvidia-smi finds none)")
    console = Console()
    before = figures.latest(any(on_a_gpu))
    found = Figures(_facts(options.clock, any(on_a_gpu)))
    console.print(
        f"{found.facts['machine']}; {options.rounds} rounds, {options.clock} clock, load {load()}"
    )
    wanted = options.task or [name for name in known if name != figures.GPU]
    for name in (one for part in wanted if part != WAITING for one in _expanded(part)):
        for threads in options.threads:
            work = task(name)
            times = compare(
                name,
                list(work.contestants),
                rounds=options.rounds,
                burst=options.burst,
                threads=threads,
                clock=options.clock if threads == 1 else "wall",
                environment=work.environment,
            )
            found.add(name, threads, times)
            console.print(_table(work, threads, times))
            for line in times.absences(work.contestants):
                console.print(line, highlight=False)
    if WAITING in wanted:
        from benchmarks.waiting import measure

        found.waiting = measure(options.seconds, options.clock)
        console.print(_waiting_table(found))
    console.print(_goals_table(found))
    if before is not None:
        console.print(_comparison(before, found))
    if options.save:
        console.print(f"written to {found.save()}")
    return 0


def _expanded(name: str) -> list[str]:
    """The tasks that a name on the command line means."""
    return list(tasks(name)) if name in modules() else [name]


def _facts(clock: str, on_a_gpu: bool) -> dict[str, object]:
    command = f"python -m benchmarks {shlex.join(sys.argv[1:])}".strip()
    return {
        **({"device": gpu()} if on_a_gpu else {}),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "runs": [{"command": command, "clock": clock, "load": load()}],
    }


def _table(work: Task, threads: int, times: Times) -> Table:
    """The figures of one task; the ratio says how many times as long a contestant takes."""
    title = f"{work.title}; {threads} thread{'s' if threads > 1 else ''}"
    drawn = Table(title=title, title_justify="left")
    drawn.add_column("contestant")
    drawn.add_column(f"time per {work.unit}", justify="right")
    ours = [name for name in work.contestants if name in times.seconds and _is_ours(name)]
    for name in ours:
        drawn.add_column(f"times {name.removeprefix('VisualAD, ')}", justify="right")
    for name in work.contestants:
        if name in times.seconds:
            ratios = [f"{times.ratio(mine, name):.3g}" for mine in ours]
            drawn.add_row(name, _time(times.median(name)), *ratios)
    return drawn


def _is_ours(name: str) -> bool:
    return name.startswith("VisualAD")


def _time(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _waiting_table(found: Figures) -> Table:
    drawn = Table("what", "ms, memory in MiB", title="Waiting", title_justify="left")
    drawn.columns[1].justify = "right"
    for what, value in found.waiting.items():
        drawn.add_row(what, f"{value:.3g}")
    return drawn


def _goals_table(found: Figures) -> Table:
    drawn = Table(title="Goals", title_justify="left")
    for heading in ("row", "what", "must", "goal", "measured", ""):
        drawn.add_column(heading, justify="left" if heading in {"what", ""} else "right")
    for goal in goals.GOALS:
        value = goal.measured(found)
        if value is None:
            continue
        says = "[green]holds[/]" if goal.holds(value) else "[red]missed[/]"
        bound = "≥" if goal.unit in {"x", "%"} else "≤"
        drawn.add_row(
            str(goal.row or "–"),
            goal.what,
            f"{bound} {goal.must:g} {goal.unit}",
            f"{goal.goal:g}",
            f"{value:.3g}",
            says,
        )
    return drawn


def _comparison(before: Figures, now: Figures) -> Table | str:
    since = before.facts.get("date", "before")
    found = figures.worse(before, now)
    if not found:
        return f"Nothing became worse by more than 15 % since {since}."
    drawn = Table("what", "before", "now", title=f"Worse by more than 15 % since {since}")
    for what, was, is_now in found:
        drawn.add_row(what, f"{was:.3g}", f"{is_now:.3g}")
    return drawn


if __name__ == "__main__":
    sys.exit(main())
