"""Where the text of an edge goes: beside its middle, clear of nodes, texts and other edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# Places along the edge, best first, and how far beside the line: 0 is on it.
_PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)
_BESIDE = (0.0, -0.75, 0.75)
_REACH = 130.0
_NODE, _LABEL, _EDGE = 150.0, 60.0, 14.0


@dataclass(frozen=True)
class Wish:
    """A text to be placed.

    Attributes:
        path: points along its edge, (n, 2), evenly spread.
        sizes: (width, height) of its writings, best first: one line, two lines, ...
    """

    path: np.ndarray
    sizes: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Place:
    """Centre of a text, which of its writings fits there, and how much is in its way."""

    centre: tuple[float, float]
    writing: int
    trouble: float


def place(
    wishes: Sequence[Wish],
    nodes: np.ndarray,
    *,
    standing: np.ndarray | None = None,
    others: Sequence[np.ndarray] = (),
) -> list[Place]:
    """Places for all texts.

    Args:
        nodes: rectangles (x0, y0, x1, y1) of the nodes, (n, 4).
        standing: rectangles of texts that stay where they are, (m, 4).
        others: points along further edges.
    """
    paths = [*(wish.path for wish in wishes), *others]
    boxes = np.array([(*path.min(axis=0), *path.max(axis=0)) for path in paths]).reshape(-1, 4)
    placed = np.empty((0, 4)) if standing is None else standing
    found: dict[int, Place] = {}
    # Texts with little room choose first.
    for index in sorted(range(len(wishes)), key=lambda i: _length(paths[i])):
        reach = boxes[index] + (-_REACH, -_REACH, _REACH, _REACH)
        beside = _touch(boxes, reach)
        beside[index] = False
        crowd = [paths[other] for other in np.flatnonzero(beside)]
        best = _best(
            wishes[index],
            nodes[_touch(nodes, reach)],
            placed[_touch(placed, reach)],
            np.concatenate(crowd) if crowd else np.empty((0, 2)),
        )
        width, height = wishes[index].sizes[best.writing]
        x, y = best.centre
        taken = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        placed = np.concatenate([placed, [taken]])
        found[index] = best
    return [found[index] for index in range(len(wishes))]


def _length(path: np.ndarray) -> float:
    return float(np.hypot(*np.diff(path, axis=0).T).sum())


def _touch(rectangles: np.ndarray, area: np.ndarray) -> Any:
    return (
        (rectangles[:, 2] > area[0])
        & (rectangles[:, 0] < area[2])
        & (rectangles[:, 3] > area[1])
        & (rectangles[:, 1] < area[3])
    )


def _best(wish: Wish, nodes: np.ndarray, texts: np.ndarray, points: np.ndarray) -> Place:
    """The candidate with the least trouble: all are looked at together."""
    along = _along(wish.path, np.array(_PLACES))
    beside = np.array(_BESIDE)
    rank = np.repeat(np.arange(len(along)), len(beside))
    shift = np.tile(beside, len(along))
    centres, sizes, prices = [], [], []
    for writing, (width, height) in enumerate(wish.sizes):
        aside = np.stack([np.zeros_like(shift), shift * (height + 4)], axis=1)
        centres.append(along[rank] + aside)
        sizes.append(np.broadcast_to((width, height), aside.shape))
        prices.append(6.0 * rank + 9.0 * np.abs(shift) + 25.0 * writing)
    centre, size = np.concatenate(centres), np.concatenate(sizes)
    trouble = (
        np.concatenate(prices)
        + _NODE * _overlap(centre, size, nodes, 3)
        + _LABEL * _overlap(centre, size, texts, 1)
        + _EDGE * _inside(centre, size, points)
    )
    best = int(trouble.argmin())
    where = (float(centre[best, 0]), float(centre[best, 1]))
    return Place(where, best // len(rank), float(trouble[best]))


def _along(path: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The points at these shares of the length, (n, 2)."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    at = shares * lengths[-1]
    return np.stack([np.interp(at, lengths, path[:, i]) for i in (0, 1)], axis=1)


def _overlap(centre: np.ndarray, size: np.ndarray, boxes: np.ndarray, margin: float) -> Any:
    """How much of each candidate lies over boxes, as share of its own area, summed."""
    low, high = (centre - size / 2)[:, None], (centre + size / 2)[:, None]
    extent = np.minimum(boxes[:, 2:] + margin, high) - np.maximum(boxes[:, :2] - margin, low)
    area = np.maximum(extent, 0).prod(axis=2)
    # Even a corner under a node is bad, so an overlap counts for something from the start.
    return (area / size.prod(axis=1)[:, None] + 0.5 * (area > 0)).sum(axis=1)


def _inside(centre: np.ndarray, size: np.ndarray, points: np.ndarray) -> Any:
    """How many points of other edges lie in each candidate, at most four."""
    half = size / 2
    low, high = (centre - half).min(axis=0), (centre + half).max(axis=0)
    points = points[((points > low) & (points < high)).all(axis=1)]
    away = np.abs(points - centre[:, None])
    return np.minimum((away < half[:, None]).all(axis=2).sum(axis=1), 4)
