"""Functions of one variable as sums of bumps, each the difference of two sigmoids.

h·(σ(k(x − a)) − σ(k(x − b))) is about h between a and b and 0 elsewhere; the steeper, the more like
a box. Any continuous function on an interval is approximated so (Cybenko 1989), and a sum of n
bumps is a perceptron with one hidden layer of 2n sigmoids: W1 = k, b1 = −k·a and −k·b, W2 = h and
−h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from visualad.autodiff.evaluate import evaluate
from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.training.datasets import load
from visualad.training.parameters import with_parameters
from visualad.training.perceptron import mlp
from visualad.training.source import kept_text

SAMPLES = 201  # of a formula or a drawing
MOST_SAMPLES = 2_000  # of a file; more are thinned out evenly
MOST_BUMPS = 64
SHARPNESS = 8.0  # steepness times width of bumps that are placed by themselves
_FLAT = 6.0  # σ(±6) is within 0.25 % of its limits

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Bump:
    """h·(σ(k(x − a)) − σ(k(x − b))).

    Attributes:
        left, right: a and b, where the flanks are at half height.
        height: h; steepness: k, above 0.
    """

    left: float
    right: float
    height: float
    steepness: float

    def at(self, x: Numbers) -> Numbers:
        """Its values; no overflow, whatever the steepness."""
        return self.height * self.shape(x)

    def shape(self, x: Numbers) -> Numbers:
        """Its values for the height 1."""
        return _sigmoid(self.steepness * (x - self.left)) - _sigmoid(
            self.steepness * (x - self.right)
        )


@dataclass(frozen=True, eq=False)
class Target:
    """What is to be approximated.

    Attributes:
        x: ascending, (N,); y: (N,); both finite.
        name: "sin(2*x)", "drawing", or a file's name.
        note: one sentence on what was left out or thinned, or "".
    """

    x: Numbers
    y: Numbers
    name: str
    note: str = ""

    @property
    def ends(self) -> tuple[float, float]:
        """The interval on which it is known."""
        return float(self.x[0]), float(self.x[-1])


@dataclass(frozen=True)
class Errors:
    """How far a sum is from its target. Attributes: rmse: root mean square; worst: largest."""

    rmse: float
    worst: float


# Targets -----------------------------------------------------------------------------------------


def target_of_formula(formula: str, low: float, high: float) -> Target:
    """The values of a formula of one variable between two ends, at `SAMPLES` places.

    Raises:
        VisualADError: if the ends are no interval, the formula has not one variable and one
            result, or no finite value there.
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise VisualADError(
            f"The interval from {low:g} to {high:g} is empty; the left end must be smaller."
        )
    graph = parse(formula)
    if len(graph.inputs) > 1 or len(graph.outputs) != 1:
        raise VisualADError(
            f"The target is a function of one variable, but '{formula}' has "
            f"{len(graph.inputs)} variables and {len(graph.outputs)} results; write for example "
            "sin(2*x)."
        )
    x = np.linspace(low, high, SAMPLES)
    with np.errstate(all="ignore"):
        found = evaluate(graph, dict.fromkeys(graph.inputs, x))[graph.outputs[0]]
    y = np.broadcast_to(np.asarray(found, dtype=float), x.shape)
    known = np.isfinite(y)
    if not known.any():
        raise VisualADError(f"'{formula}' has no finite value between {low:g} and {high:g}.")
    left_out = int((~known).sum())
    note = f"{left_out} of {SAMPLES} places without a finite value are left out." * bool(left_out)
    return target_of_points(x[known], y[known], formula, note)


def target_of_file(path: str) -> Target:
    """The first input column and the first target column of a table, by ascending x.

    Raises:
        VisualADError: if the file cannot be read as such a table.
    """
    data = load(path)
    x, y = data.x[:, 0], data.y[:, 0]
    notes = []
    if data.x.shape[1] > 1 or data.y.shape[1] > 1:
        names = f"x is the column {data.names[0]}, y the column {data.target_names[0]}"
        notes.append(f"The table has {len(data.names)} columns; {names}.")
    if len(x) > MOST_SAMPLES:
        kept = np.linspace(0, len(x) - 1, MOST_SAMPLES).round().astype(int)
        notes.append(f"{MOST_SAMPLES:,} of its {len(x):,} rows are taken, evenly.")
        order = np.argsort(x, kind="stable")[kept]
        x, y = x[order], y[order]
    return target_of_points(x, y, data.name, " ".join(notes))


def target_of_points(x: Numbers, y: Numbers, name: str, note: str = "") -> Target:
    """A target that is known at these places.

    Raises:
        VisualADError: for fewer than two different places, or numbers that are not finite.
    """
    order = np.argsort(x, kind="stable")
    x, y = np.asarray(x, dtype=float)[order], np.asarray(y, dtype=float)[order]
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise VisualADError(f"The target {name} has values that are no finite numbers.")
    if len(x) < 2 or x[0] == x[-1]:
        raise VisualADError(f"The target {name} needs values at two different places at least.")
    return Target(x, y, name, note)


# Sums --------------------------------------------------------------------------------------------


def total(bumps: Sequence[Bump], x: Numbers) -> Numbers:
    """The sum of bumps at these places; 0 without any."""
    found: Numbers = np.zeros_like(x)
    for bump in bumps:
        found = found + bump.at(x)
    return found


def errors(bumps: Sequence[Bump], target: Target) -> Errors:
    """How far the sum is from the target, over the target's places."""
    away = total(bumps, target.x) - target.y
    return Errors(float(np.sqrt(np.mean(away**2))), float(np.abs(away).max()))


def place(target: Target, count: int, sharpness: float = SHARPNESS) -> tuple[Bump, ...]:
    """Bumps side by side over the target's interval, with the heights of least squares.

    The outermost flanks lie so far outside that the sum does not fall at the ends.

    Args:
        count: from 1 to `MOST_BUMPS`.
        sharpness: steepness times width of a bump.

    Raises:
        VisualADError: if there are not so many bumps, or the sharpness is not positive.
    """
    if not 1 <= count <= MOST_BUMPS:
        raise VisualADError(f"From 1 to {MOST_BUMPS} bumps can be placed, not {count}.")
    if not (np.isfinite(sharpness) and sharpness > 0):
        raise VisualADError(f"The sharpness must be above 0, not {sharpness:g}.")
    low, high = target.ends
    width = (high - low) / count
    steepness = sharpness / width
    edges = np.linspace(low, high, count + 1)
    edges[0] -= _FLAT / steepness
    edges[-1] += _FLAT / steepness
    bumps = [Bump(float(a), float(b), 1.0, steepness) for a, b in pairwise(edges)]
    shapes = np.column_stack([bump.shape(target.x) for bump in bumps])
    heights = np.linalg.lstsq(shapes, target.y, rcond=1e-10)[0]
    return tuple(
        Bump(bump.left, bump.right, float(height), bump.steepness)
        for bump, height in zip(bumps, heights, strict=True)
    )


def errors_by_count(target: Target, sharpness: float = SHARPNESS) -> tuple[Errors, ...]:
    """The errors with 1, 2, …, `MOST_BUMPS` bumps that are placed by themselves."""
    counts = range(1, MOST_BUMPS + 1)
    return tuple(errors(place(target, count, sharpness), target) for count in counts)


# As a network ------------------------------------------------------------------------------------


def as_perceptron(bumps: Sequence[Bump], target: Target) -> Graph:
    """The sum as a perceptron with one hidden layer of 2n sigmoids and the target as its data.

    Hidden neurons 2i and 2i + 1 are the left and the right flank of bump i.

    Raises:
        VisualADError: without any bump.
    """
    if not bumps:
        raise VisualADError("There is no bump to make a perceptron of; add one.")
    pairs = zip(target.x.tolist(), target.y.tolist(), strict=True)
    rows = "".join(f"{x!r},{y!r}\n" for x, y in pairs)
    data = {
        **kept_text("target.csv", f"x,y\n{rows}"),
        "targets": ["y"],
        "classes": False,
        "test_fraction": 0.2,
        "seed": 0,
    }
    graph = mlp([1, 2 * len(bumps), 1], activation="sigmoid", loss="mean_squared_error", data=data)
    steepness = np.repeat([bump.steepness for bump in bumps], 2)
    edges = np.array([[bump.left, bump.right] for bump in bumps]).ravel()
    heights = np.array([[bump.height, -bump.height] for bump in bumps]).ravel()
    return with_parameters(
        graph,
        {
            graph.id_of("W1"): steepness[:, None],
            graph.id_of("b1"): -steepness * edges,
            graph.id_of("W2"): heights[None, :],
            graph.id_of("b2"): np.zeros(1),
        },
    )


def _sigmoid(x: Numbers) -> Numbers:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-x)))
