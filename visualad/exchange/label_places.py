"""Where the text of an edge goes: beside its middle, clear of nodes, texts and other edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Places along the edge, best first, and how far beside the line: 0 is on it.
_PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)
_BESIDE = (0.0, -0.75, 0.75)
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


def place(wishes: Sequence[Wish], nodes: np.ndarray) -> list[Place]:
    """Places for all texts.

    Args:
        nodes: rectangles (x0, y0, x1, y1) of the nodes, (n, 4).
    """
    placed: list[tuple[float, float, float, float]] = []
    found: list[Place | None] = [None] * len(wishes)
    paths = [wish.path for wish in wishes]
    # Texts with little room choose first.
    order = sorted(range(len(wishes)), key=lambda i: _length(paths[i]))
    for index in order:
        best = _best(index, wishes[index], nodes, placed, paths)
        width, height = wishes[index].sizes[best.writing]
        x, y = best.centre
        placed.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
        found[index] = best
    return [place for place in found if place is not None]


def _length(path: np.ndarray) -> float:
    return float(np.hypot(*np.diff(path, axis=0).T).sum())


def _best(
    index: int,
    wish: Wish,
    nodes: np.ndarray,
    placed: Sequence[tuple[float, float, float, float]],
    paths: Sequence[np.ndarray],
) -> Place:
    low, high = wish.path.min(axis=0) - 130, wish.path.max(axis=0) + 130
    near = nodes[_touch(nodes, low, high)] if len(nodes) else nodes
    texts = np.asarray(placed).reshape(-1, 4)
    texts = texts[_touch(texts, low, high)]
    crowd = [path for other, path in enumerate(paths) if other != index and _meet(path, low, high)]
    points = np.concatenate(crowd) if crowd else np.empty((0, 2))
    best: Place | None = None
    for writing, size in enumerate(wish.sizes):
        for rank, share in enumerate(_PLACES):
            x, y = _along(wish.path, share)
            for beside in _BESIDE:
                centre = (x, y + beside * (size[1] + 4))
                trouble = (
                    _NODE * _overlap(centre, size, near, 3)
                    + _LABEL * _overlap(centre, size, texts, 1)
                    + _EDGE * _inside(centre, size, points)
                    + 6.0 * rank
                    + 9.0 * abs(beside)
                    + 25.0 * writing
                )
                if best is None or trouble < best.trouble:
                    best = Place(centre, writing, trouble)
    assert best is not None
    return best


def _touch(rectangles: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return (
        (rectangles[:, 2] > low[0])
        & (rectangles[:, 0] < high[0])
        & (rectangles[:, 3] > low[1])
        & (rectangles[:, 1] < high[1])
    )


def _meet(path: np.ndarray, low: np.ndarray, high: np.ndarray) -> bool:
    return bool((path.max(axis=0) > low).all() and (path.min(axis=0) < high).all())


def _along(path: np.ndarray, share: float) -> tuple[float, float]:
    """The point at a share of the length."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    at = share * lengths[-1]
    return (
        float(np.interp(at, lengths, path[:, 0])),
        float(np.interp(at, lengths, path[:, 1])),
    )


def _overlap(
    centre: tuple[float, float], size: tuple[float, float], boxes: np.ndarray, margin: float
) -> float:
    """How much of the text lies over the boxes, as share of its own area, summed."""
    if len(boxes) == 0:
        return 0.0
    half = np.array(size) / 2
    low, high = np.array(centre) - half, np.array(centre) + half
    wide = np.minimum(boxes[:, 2] + margin, high[0]) - np.maximum(boxes[:, 0] - margin, low[0])
    tall = np.minimum(boxes[:, 3] + margin, high[1]) - np.maximum(boxes[:, 1] - margin, low[1])
    area = np.clip(wide, 0, None) * np.clip(tall, 0, None)
    # Even a corner under a node is bad, so an overlap counts for something from the start.
    return float((area / (size[0] * size[1]) + 0.5 * (area > 0)).sum())


def _inside(centre: tuple[float, float], size: tuple[float, float], points: np.ndarray) -> float:
    if len(points) == 0:
        return 0.0
    away = np.abs(points - np.array(centre))
    return float(min(((away[:, 0] < size[0] / 2) & (away[:, 1] < size[1] / 2)).sum(), 4))
