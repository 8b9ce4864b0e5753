"""Everything one run has measured, as it is written to a file and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.rounds import Times

RESULTS = Path(__file__).parent / "results"
GPU = "gpu"  # the folder in there, and the module of the tasks
WORSE = 1.15  # a ratio that fell by more than this factor is shown


@dataclass
class Figures:
    """What was measured.

    Attributes:
        facts: date, machine, versions, and the runs: command, clock and load of each; the GPU
            under "device" where the tasks ran on one.
        tasks: by task and number of threads ("scalar 10000, 1 thread") the median seconds per unit
            by contestant and, by pairs of them, the median ratio of the rounds.
        waiting: what a person waits for, in milliseconds (memory in MiB).
    """

    facts: dict[str, Any] = field(default_factory=dict)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: dict[str, float] = field(default_factory=dict)

    def add(self, task: str, threads: int, times: Times) -> None:
        """Take up what one task took."""
        names = list(times.seconds)
        ours = [name for name in names if name.startswith("VisualAD")]
        self.tasks[key(task, threads)] = {
            "seconds": {name: _rounded(times.median(name)) for name in names},
            "ratios": {
                mine: {name: _rounded(times.ratio(mine, name)) for name in names if name != mine}
                for mine in ours
            },
        }

    def seconds(self, task: str, contestant: str, threads: int = 1) -> float | None:
        """Median seconds per unit, or None if that was not measured."""
        found: float | None = (
            self.tasks.get(key(task, threads), {}).get("seconds", {}).get(contestant)
        )
        return found

    def ratio(self, task: str, ours: str, peer: str, threads: int = 1) -> float | None:
        """How many times as long the peer takes, or None if that was not measured."""
        found: float | None = (
            self.tasks.get(key(task, threads), {}).get("ratios", {}).get(ours, {}).get(peer)
        )
        return found

    def save(self) -> Path:
        """Write a file named by the date; one of the same day is completed."""
        folder = RESULTS / GPU if self.facts.get("device") else RESULTS
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.facts['date']}.json"
        if path.exists():
            before = load(path)
            runs = [*before.facts["runs"], *self.facts["runs"]]
            self.facts = {**self.facts, "runs": runs}
            self.tasks = {**before.tasks, **self.tasks}
            self.waiting = {**before.waiting, **self.waiting}
        whole = {"facts": self.facts, "tasks": self.tasks, "waiting": self.waiting}
        path.write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return path


def key(task: str, threads: int) -> str:
    """Under which a task is stored."""
    return f"{task}, {threads} thread{'s' if threads > 1 else ''}"


def load(path: Path) -> Figures:
    """Read a file that `save` wrote."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return Figures(found["facts"], found["tasks"], found["waiting"])


def latest(on_a_gpu: bool = False) -> Figures | None:
    """The figures of the newest file, or None."""
    paths = sorted((RESULTS / GPU if on_a_gpu else RESULTS).glob("*.json"))
    return load(paths[-1]) if paths else None


def worse(before: Figures, now: Figures) -> list[tuple[str, float, float]]:
    """What became worse by more than 15 %: (what, before, now).

    Ratios to peers are compared wherever they were measured; milliseconds of waiting only on the
    same machine.
    """
    found = []
    for name, ours, peer, ratio in _ratios(before):
        present = now.tasks.get(name, {}).get("ratios", {}).get(ours, {}).get(peer)
        if present is not None and present * WORSE < ratio:
            found.append((f"{name}: {ours} against {peer}", ratio, present))
    if before.facts.get("machine") == now.facts.get("machine"):
        for what, spent in before.waiting.items():
            if what in now.waiting and now.waiting[what] > spent * WORSE:
                found.append((what, spent, now.waiting[what]))
    return found


def _ratios(figures: Figures) -> list[tuple[str, str, str, float]]:
    """Those to peers; how our own backends compare is no regression of any."""
    return [
        (name, ours, peer, ratio)
        for name, task in figures.tasks.items()
        for ours, row in _rows(task).items()
        for peer, ratio in row.items()
        if not peer.startswith("VisualAD")
    ]


def _rows(task: Mapping[str, Any]) -> Mapping[str, Mapping[str, float]]:
    rows: Mapping[str, Mapping[str, float]] = task["ratios"]
    return rows


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
