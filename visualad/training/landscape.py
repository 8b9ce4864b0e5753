"""A slice of the loss as a function of the parameters, along two directions.

Li, Xu, Taylor, Studer, Goldstein, "Visualizing the Loss Landscape of Neural Nets", 2018: random
directions whose filters (here: rows of a weight matrix) are as long as those of the parameters, or
the principal components of the path that a run took.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.training.loop import trainer_from
from visualad.training.observation import Observer

RANDOM, PATH = "random", "path"
SIZE = 41  # points in each direction
SPAN = 1.0  # of random directions, to each side
MARGIN = 0.35  # around a path, of its extent
LEAST = 3  # points of a path that have components

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Landscape:
    """The loss on a grid.

    Attributes:
        x, y: places of columns and rows along the two directions; 0, 0 are the parameters.
        losses: (rows, columns), over up to 1,024 training samples; NaN or inf where there is none.
        path: points (n, 2) of the run, as it is seen from above.
        kind: "random" or "path".
        explained: the shares of the path's variance that lie along the directions; 0 for random.
    """

    x: Vector
    y: Vector
    losses: Vector
    path: Vector
    kind: str
    explained: tuple[float, float]


def landscape(
    graph: Graph,
    kind: str = RANDOM,
    path: Sequence[NDArray[Any]] = (),
    order: Sequence[str] = (),
    seed: int = 0,
    size: int = SIZE,
) -> Generator[float, None, Landscape]:
    """Evaluate the loss on a grid around the graph's parameters; the graph stays as it is.

    Args:
        kind: "random": two random directions, normalised filter by filter; "path": the two
            principal components of the run's way to these parameters.
        path: parameters on the way, one after the other in the order of `order`, ids of nodes.
        seed: of the random directions.

    Yields:
        The share that is done.

    Raises:
        VisualADError: if the graph cannot be trained, or its path is too short or of another graph.
    """
    trainer, _ = trainer_from(graph)
    objective, watching = trainer.objective, Observer(trainer)
    centre = objective.parameters.astype(np.float64)
    names = trainer.binding.parameters
    sizes = [np.size(graph.nodes_by_id[id_].value) for id_ in names]
    points = _points(path, order, names, sizes)
    explained = (0.0, 0.0)
    if kind == PATH:
        if len(points) < LEAST:
            raise VisualADError(
                "There is no path yet along which to look; train for some epochs first, or look "
                "along random directions."
            )
        directions, explained = principal_directions(points - centre)
    else:
        shapes = [np.shape(graph.nodes_by_id[id_].value) for id_ in names]
        directions = random_directions(centre, shapes, seed)
    seen = _projected(points - centre, directions)
    x = _axis(seen[:, 0], kind, size)
    y = _axis(seen[:, 1], kind, size)
    losses = np.full((size, size), np.nan)
    for row in range(size):
        for column in range(size):
            at = centre + x[column] * directions[0] + y[row] * directions[1]
            objective.parameters[...] = at
            losses[row, column] = watching.loss()
            yield (row * size + column + 1) / size**2
    return Landscape(x, y, losses, seen, kind, explained)


def random_directions(centre: Vector, shapes: Sequence[tuple[int, ...]], seed: int) -> Vector:
    """Two directions, (2, n): each row of a matrix as long as that row of the parameters.

    Biases and other vectors stay where they are, as in the paper.
    """
    random = np.random.default_rng(seed)
    found = np.zeros((2, len(centre)))
    for direction in found:
        start = 0
        for shape in shapes:
            stop = start + int(np.prod(shape, dtype=int))
            if len(shape) >= 2:
                rows = centre[start:stop].reshape(shape[0], -1)
                drawn = random.standard_normal(rows.shape)
                lengths = np.linalg.norm(drawn, axis=1, keepdims=True)
                drawn *= np.linalg.norm(rows, axis=1, keepdims=True) / np.maximum(lengths, 1e-30)
                direction[start:stop] = drawn.ravel()
            start = stop
    if not found.any(axis=1).all():  # no matrices, or all weights are 0
        found = random.standard_normal(found.shape)
        found *= max(float(np.linalg.norm(centre)), 1.0) / np.linalg.norm(found, axis=1)[:, None]
    return found


def principal_directions(steps: Vector) -> tuple[Vector, tuple[float, float]]:
    """The two directions of greatest extent of points (m, n), and their shares of the variance."""
    _, strengths, rows = np.linalg.svd(steps, full_matrices=False)
    power = strengths**2
    total = float(power.sum()) or 1.0
    found = np.zeros((2, steps.shape[1]))
    count = min(2, len(rows))
    found[:count] = rows[:count]
    if count < 2 or power[1] <= 1e-24 * total:
        # The path is a straight line: any direction across it will do.
        across = np.random.default_rng(0).standard_normal(steps.shape[1])
        across -= (across @ found[0]) * found[0]
        found[1] = across / max(float(np.linalg.norm(across)), 1e-30)
    second = float(power[1]) if len(power) > 1 else 0.0
    return found, (float(power[0]) / total, second / total)


def _points(
    path: Sequence[NDArray[Any]], order: Sequence[str], names: Sequence[str], sizes: Sequence[int]
) -> Vector:
    """The path in the order in which the trainer has the parameters, (m, n)."""
    count = sum(sizes)
    if not path:
        return np.zeros((0, count))
    size_of = dict(zip(names, sizes, strict=True))
    starts, start = {}, 0
    for id_ in order:
        starts[id_] = start
        start += size_of.get(id_, 0)
    if set(names) - set(order) or any(len(point) < count for point in path):
        raise VisualADError("The path belongs to another network; train this one first.")
    chosen = np.concatenate([np.arange(starts[id_], starts[id_] + size_of[id_]) for id_ in names])
    return np.stack([np.asarray(point, dtype=np.float64)[chosen] for point in path])


def _projected(steps: Vector, directions: Vector) -> Vector:
    """Coordinates (m, 2) of the points in the plane that lie nearest to `steps`."""
    if not len(steps):
        return np.zeros((0, 2))
    found, *_ = np.linalg.lstsq(directions.T, steps.T, rcond=None)
    return np.ascontiguousarray(found.T)


def _axis(seen: Vector, kind: str, size: int) -> Vector:
    if kind != PATH:
        return np.linspace(-SPAN, SPAN, size)
    low, high = min(float(seen.min()), 0.0), max(float(seen.max()), 0.0)
    margin = MARGIN * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, size)
