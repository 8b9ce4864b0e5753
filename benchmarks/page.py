"""Writes the figures of the newest results file into docs/benchmarks.md.

python -m benchmarks.page
"""

from __future__ import annotations

from pathlib import Path

from benchmarks import figures, goals
from benchmarks.figures import Figures

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"
ROWS = {
    0: "The window's steps",
    1: "Tiny perceptron, many steps in a call",
    2: "Tiny perceptron, a step in a call",
    3: "2-8-8-1, batch 250",
    4: "1-64-1, batch 100",
    5: "64-128-128-10, batch 64",
    6: "784-512-512-10, batch 128",
    7: "The NumPy engine",
    8: "Graphs of thousands of scalars",
    9: "The sweeps alone",
    10: "A million points",
    11: "From an edit to the first gradient",
    12: "The window while it trains",
    13: "Starting, memory",
    14: "The canvas of a large graph",
    15: "The loss curve",
    16: "Elementary functions",
}


def written(found: Figures) -> str:
    """The figures as the page shows them."""
    facts = found.facts
    known = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    lines = [f"Measured {facts['date']} on {facts['machine']}; {known}.", ""]
    for clock, name in (("wall", "Wall-clock time"), ("cpu", "Processor time")):
        runs = [run for run in facts["runs"] if run["clock"] == clock]
        if runs:
            loads = [run["load"] for run in runs]
            commands = ", ".join(f"`{run['command']}`" for run in runs)
            lines.append(f"{name}, load of the machine {min(loads)} to {max(loads)}: {commands}.")
    lines += ["", "| what | must | goal | measured | |", "| --- | ---: | ---: | ---: | --- |"]
    row = -1
    for goal in sorted(goals.GOALS, key=lambda goal: goal.row or 99):
        value = goal.measured(found)
        if value is None:
            continue
        if goal.row != row:
            lines.append(f"| **{ROWS[goal.row]}** | | | | |")
            row = goal.row
        bound = "≥" if goal.unit in {"x", "%"} else "≤"
        unit = "×" if goal.unit == "x" else f" {goal.unit}"
        says = "holds" if goal.holds(value) else "**missed**"
        lines.append(
            f"| {goal.what} | {bound} {short(goal.must)}{unit} | {short(goal.goal)} | "
            f"{short(value)}{unit} | {says} |"
        )
    lines += ["", "Beside PyTorch's other way, `torch.compile` of the whole step (1 thread):", ""]
    lines += ["| task | PyTorch eager | PyTorch compile |", "| --- | ---: | ---: |"]
    for name, task in found.tasks.items():
        for ours, ratios in task["ratios"].items():
            if "PyTorch compile" in ratios and "PyTorch eager" in ratios:
                eager, compiled = ratios["PyTorch eager"], ratios["PyTorch compile"]
                what = f"{name.removesuffix(', 1 thread')}: {ours.removeprefix('VisualAD, ')}"
                lines.append(f"| {what} | {short(eager)}× | {short(compiled)}× |")
    lines += _with_two_threads(found)
    lines += _on_a_gpu(figures.latest(on_a_gpu=True))
    return "\n".join(lines) + "\n"


def _on_a_gpu(found: Figures | None) -> list[str]:
    """The tasks of a GPU, ours beside everybody else's."""
    if found is None:
        return ["", "On a GPU nothing has been measured yet."]
    facts, peers = found.facts, ("PyTorch eager", "PyTorch compile", "JAX scan")
    commands = ", ".join(f"`{run['command']}`" for run in facts["runs"])
    lines = ["", f"On a GPU ({facts['device']}, {facts['date']}, {commands}):", ""]
    lines += [
        f"| task | time a step | {' | '.join(peers)} |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, task in found.tasks.items():
        for ours, ratios in task["ratios"].items():
            shown = [f"{short(ratios[peer])}×" if peer in ratios else "" for peer in peers]
            what = f"{name.removesuffix(', 1 thread')}: {ours.removeprefix('VisualAD, ')}"
            spent = f"{short(task['seconds'][ours] * 1e6)} µs"
            lines.append(f"| {what} | {spent} | {' | '.join(shown)} |")
    return lines


def _with_two_threads(found: Figures) -> list[str]:
    """What of the tasks was done with two threads, beside PyTorch and JAX."""
    peers = ("PyTorch eager", "JAX scan", "JAX jit")
    lines = []
    for name, task in found.tasks.items():
        if not name.endswith(", 2 threads"):
            continue
        for ours, ratios in task["ratios"].items():
            shown = [f"{short(ratios[peer])}×" if peer in ratios else "" for peer in peers]
            if any(shown):
                what = f"{name.removesuffix(', 2 threads')}: {ours.removeprefix('VisualAD, ')}"
                lines.append(f"| {what} | {' | '.join(shown)} |")
    if not lines:
        return []
    head = f"| task | {' | '.join(peers)} |"
    rule = f"| --- | {' | '.join('---:' for _ in peers)} |"
    return ["", "With two threads:", "", head, rule, *lines]


def short(value: float) -> str:
    """Three digits, and no powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def renewed(page: str, found: Figures) -> str:
    """The page with these figures in the place of those that it shows."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + written(found) + END + after


def main() -> None:
    """Renew the page."""
    found = figures.latest()
    if found is None:
        raise SystemExit("There is no results file yet: python -m benchmarks --save writes one.")
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    main()
