"""What is to be reached: each goal with its bar ("must"), its aim and what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from benchmarks.figures import Figures
from benchmarks.ours import NUMBA, NUMBA_LOOP, NUMPY, TANGENTS, VALUES

EAGER, JIT, SCAN, LECTURE = "PyTorch eager", "JAX jit", "JAX scan", "the lecture's classes"


@dataclass(frozen=True)
class Goal:
    """One figure that is to be reached.

    Attributes:
        row: number of the group it belongs to.
        what: the work and the peer, for people.
        must, goal: the bar and the aim; the same unit as what is measured.
        unit: "x" for a ratio, which is to be at least that large; else what is measured is to be
            at most that large ("ns", "ms", "MiB"), except for "%".
        measured: finds the figure; None where it was not measured.
    """

    row: int
    what: str
    must: float
    goal: float
    unit: str
    measured: Callable[[Figures], float | None]

    def holds(self, value: float) -> bool:
        """Whether a figure reaches the bar."""
        return value >= self.must if self.unit in {"x", "%"} else value <= self.must


def ratio(row: int, task: str, ours: str, peer: str, must: float, goal: float) -> Goal:
    """A task on which the peer is to take so many times as long."""
    what = f"{task}: {ours.removeprefix('VisualAD, ')} against {peer}"
    return Goal(row, what, must, goal, "x", lambda found: found.ratio(task, ours, peer))


def nanoseconds(row: int, task: str, ours: str, must: float, goal: float) -> Goal:
    """A task that is to take at most so long per unit."""

    def measured(found: Figures) -> float | None:
        seconds = found.seconds(task, ours)
        return None if seconds is None else seconds * 1e9

    return Goal(row, f"{task}: {ours.removeprefix('VisualAD, ')}", must, goal, "ns", measured)


def milliseconds(row: int, task: str, ours: str, must: float, goal: float) -> Goal:
    """The same for slower ones."""

    def measured(found: Figures) -> float | None:
        seconds = found.seconds(task, ours)
        return None if seconds is None else seconds * 1e3

    return Goal(row, f"{task}: {ours.removeprefix('VisualAD, ')}", must, goal, "ms", measured)


def waiting(row: int, what: str, must: float, goal: float, unit: str = "ms") -> Goal:
    """A person waits for this, or the machine's memory holds it."""
    return Goal(row, what, must, goal, unit, lambda found: found.waiting.get(what))


def _share(row: int, dtype: str) -> Goal:
    task = f"perceptron d {dtype}"

    def measured(found: Figures) -> float | None:
        share = found.ratio(task, NUMBA_LOOP, "the machine's limit")
        return None if share is None else share * 100

    return Goal(row, f"{task}: share of the machine's limit", 75, 84, "%", measured)


def _backward(row: int, task: str) -> Goal:
    """The backward sweep alone: what value and gradient take more than the value."""

    def measured(found: Figures) -> float | None:
        both, values = found.seconds(task, NUMBA), found.seconds(task, VALUES)
        return None if both is None or values is None else (both - values) * 1e9

    return Goal(row, f"{task}: the backward sweep alone", 4, 3, "ns", measured)


def _forward(row: int, task: str) -> Goal:
    """The forward sweep alone: what tangents take beside the gradient, by the same partials."""

    def measured(found: Figures) -> float | None:
        both, gradient = found.seconds(task, TANGENTS), found.seconds(task, NUMBA)
        return None if both is None or gradient is None else (both - gradient) * 1e9

    return Goal(row, f"{task}: the forward sweep alone", 3, 2.2, "ns", measured)


Bounds = tuple[float, float]  # must, goal


def _goals() -> Iterator[Goal]:
    yield from _tiny()
    yield from _larger()
    yield from _numpy()
    yield from _scalars_and_points()
    yield from _waits()


def _tiny() -> Iterator[Goal]:
    loops: dict[str, tuple[Bounds, Bounds, Bounds]] = {
        "float64": ((150, 278), (2, 3.3), (20, 34)),
        "float32": ((150, 266), (2, 3.0), (20, 31)),
    }
    for dtype, bounds in loops.items():
        for peer, pair in zip((EAGER, SCAN, JIT), bounds, strict=True):
            yield ratio(1, f"perceptron a10 {dtype}", NUMBA_LOOP, peer, *pair)
    steps: dict[str, tuple[Bounds, Bounds]] = {
        "float64": ((100, 173), (12, 20)),
        "float32": ((100, 175), (12, 19)),
    }
    for dtype, pairs in steps.items():
        for peer, pair in zip((EAGER, JIT), pairs, strict=True):
            yield ratio(2, f"perceptron a10 {dtype}", NUMBA, peer, *pair)


def _larger() -> Iterator[Goal]:
    cases: list[tuple[int, str, Bounds, Bounds]] = [
        (3, "a250 float32", (40, 70), (1.8, 2.7)),
        (3, "a250 float64", (22, 33), (1.2, 1.5)),
        (4, "b float32", (35, 58), (0.85, 0.95)),
        (4, "b float64", (18, 24), (0.85, 0.89)),
        (5, "c float32", (3.5, 4.8), (1.0, 1.07)),
        (5, "c float64", (2.5, 3.2), (1.0, 1.13)),
        (6, "d float32", (1.1, 1.24), (1.0, 1.1)),
        (6, "d float64", (1.1, 1.26), (1.0, 1.2)),
    ]
    for row, case, eager, scan in cases:
        yield ratio(row, f"perceptron {case}", NUMBA_LOOP, EAGER, *eager)
        yield ratio(row, f"perceptron {case}", NUMBA_LOOP, SCAN, *scan)
    yield _share(6, "float32")
    yield _share(6, "float64")


def _numpy() -> Iterator[Goal]:
    cases: list[tuple[str, Bounds, Bounds]] = [
        ("a10", (15, 23), (3.0, 4.5)),
        ("a250", (6, 9), (1.3, 3.4)),
        ("b", (4, 5.5), (1.3, 2.8)),
        ("c", (2, 2.5), (1.3, 2.1)),
        ("d", (1.0, 1.1), (1.3, 1.4)),
    ]
    for case, eager, classes in cases:
        for dtype in ("float32", "float64"):
            yield ratio(7, f"perceptron {case} {dtype}", NUMPY, EAGER, *eager)
            yield ratio(7, f"perceptron {case} {dtype}", NUMPY, LECTURE, *classes)


def _scalars_and_points() -> Iterator[Goal]:
    for size in ("10000", "100000"):
        task = f"scalar {size}"
        yield nanoseconds(8, task, NUMBA, 15, 11)
        yield ratio(8, task, NUMBA, EAGER, 1000, 1500)
        yield ratio(8, task, NUMBA, "micrograd", 250, 320)
        yield _backward(9, task)
        yield _forward(9, task)
    yield nanoseconds(10, "points", NUMBA, 16, 12.7)
    yield ratio(10, "points", NUMBA, EAGER, 2.5, 3.2)
    yield ratio(10, "points", NUMBA, "JAX jit(vmap)", 6, 9)
    yield ratio(10, "points", NUMBA, "NumPy by hand", 4, 6.5)
    for ours in (NUMPY, NUMBA):
        yield milliseconds(11, "edit", ours, 2, 0.6)
        yield ratio(11, "edit", ours, JIT, 200, 900)
    kernels = {"exp": (3, 4.4), "sigmoid": (2, 2), "sincos": (8, 17)}
    for name, bounds in kernels.items():
        yield ratio(16, f"kernels {name}", NUMBA, "NumPy", *bounds)
    for name, bounds in kernels.items():
        goal = ratio(16, f"kernels {name}, AVX2 only", NUMBA, "NumPy", *bounds)
        as_then = goal.what.replace("AVX2 only", "AVX2 only, as on the machine of the bars")
        yield replace(goal, what=as_then)


def _waits() -> Iterator[Goal]:
    yield waiting(12, "window: lateness while training, 99 %", 5, 0.5)
    yield waiting(13, "start: first painted window", 700, 450)
    yield waiting(13, "start: import visualad beyond NumPy", 150, 150)
    yield waiting(13, "start: visualad --version", 150, 150)
    yield waiting(13, "memory: window", 110, 106, "MiB")
    for size in ("1,000", "10,000"):
        yield waiting(14, f"canvas of {size} nodes: repaint", 16, 13)
        yield waiting(14, f"canvas of {size} nodes: pan", 3, 2)
        yield waiting(14, f"canvas of {size} nodes: drag a node", 2, 1.4)
    yield waiting(14, "canvas of 10,000 nodes: repaint, all in sight", 60, 17)
    yield waiting(15, "loss curve of a million points: update and paint", 16, 13)
    # The steps that the window shows, with all their texts, well within one picture of a screen.
    yield milliseconds(0, "lecture_gradient", "VisualAD, all steps with text", 2, 0.5)


GOALS = tuple(_goals())
