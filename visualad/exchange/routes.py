"""The way of an edge from an output to a port: one cubic curve, or several past nodes in between.

A route is a list of points p₀, c, c, p₁, c, c, p₂, ...: cubic Bézier segments joined smoothly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Point = tuple[float, float]
Route = list[Point]

MARGIN = 14.0  # kept free around nodes
_TIMES = np.linspace(0.0, 1.0, 17)
_BERNSTEIN = np.stack(
    [
        (1 - _TIMES) ** 3,
        3 * _TIMES * (1 - _TIMES) ** 2,
        3 * _TIMES**2 * (1 - _TIMES),
        _TIMES**3,
    ],
    axis=1,
)
_LANE = 5.0
_CROSSING = 70.0  # detour in px that one crossing less is worth


def direct(start: Point, end: Point) -> Route:
    """One curve that leaves to the right and arrives from the left."""
    (x0, y0), (x1, y1) = start, end
    gap = x1 - x0
    if gap >= 40:
        reach = max(gap * 0.5, min(40.0, 0.5 * abs(y1 - y0)))
        reach = min(reach, gap * 0.75)
    else:  # backwards on the screen: an S with handles that clear both nodes
        reach = 50 + min(120.0, 0.4 * abs(gap) + 0.2 * abs(y1 - y0))
    return [start, (x0 + reach, y0), (x1 - reach, y1), end]


def samples(route: Route) -> np.ndarray:
    """Points along a route, (n, 2)."""
    points = np.asarray(route)
    segments = [_BERNSTEIN @ points[i : i + 4] for i in range(0, len(route) - 1, 3)]
    return np.concatenate(segments)


def route(
    start: Point, end: Point, obstacles: np.ndarray, others: np.ndarray | None = None
) -> Route:
    """A curve from start to end that keeps clear of the obstacles where it can.

    Args:
        obstacles: rectangles (x0, y0, x1, y1) of the other nodes, (n, 4).
        others: straight segments (x0, y0, x1, y1) of other edges, (m, 4), that it had better not
            cross.
    """
    straight = direct(start, end)
    obstacles = obstacles[~(_touching(start, obstacles) | _touching(end, obstacles))]
    if len(obstacles) == 0 or end[0] - start[0] < 40:
        return straight
    low, high = start[0] - MARGIN, end[0] + MARGIN
    near = obstacles[(obstacles[:, 2] > low) & (obstacles[:, 0] < high)]
    if len(near) == 0 or not _hit(straight, near).any():
        return straight
    passages: list[tuple[float, float, float]] = []  # from x to x at y
    current = straight
    for _ in range(4):
        hit = _hit(current, near)
        if not hit.any():
            break
        new = [
            _passage(start, end, column, near, others)
            for column in _columns(near[hit])
            if not any(_overlap(column, passage) for passage in passages)
        ]
        if not new:
            break
        passages = sorted(passages + new)
        current = _through(start, end, passages)
    return current


def _touching(point: Point, rectangles: np.ndarray) -> Any:
    """The rectangles at whose rim the point lies: the edge's own nodes."""
    x, y = point
    return (
        (rectangles[:, 0] - 1 <= x)
        & (x <= rectangles[:, 2] + 1)
        & (rectangles[:, 1] <= y)
        & (y <= rectangles[:, 3])
    )


def _hit(curve: Route, rectangles: np.ndarray) -> Any:
    points = samples(curve)[1:-1]
    x, y = points[:, 0, None], points[:, 1, None]
    edge = MARGIN * 0.7
    inside = (
        (x > rectangles[:, 0] - edge)
        & (x < rectangles[:, 2] + edge)
        & (y > rectangles[:, 1] - edge)
        & (y < rectangles[:, 3] + edge)
    )
    return np.any(inside, axis=0)


def _columns(rectangles: np.ndarray) -> list[tuple[float, float]]:
    """The spans in x that the rectangles cover, those that overlap joined."""
    spans: list[tuple[float, float]] = []
    for x0, x1 in sorted((float(r[0]), float(r[2])) for r in rectangles):
        if spans and x0 < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], x1))
        else:
            spans.append((x0, x1))
    return spans


def _overlap(column: tuple[float, float], passage: tuple[float, float, float]) -> bool:
    return column[0] < passage[1] and passage[0] < column[1]


def _passage(
    start: Point,
    end: Point,
    column: tuple[float, float],
    rectangles: np.ndarray,
    others: np.ndarray | None,
) -> tuple[float, float, float]:
    """Where to pass a column of nodes: the free gap with the least detour and crossings."""
    x0, x1 = max(column[0], start[0] + 10), min(column[1], end[0] - 10)
    standing = rectangles[(rectangles[:, 2] > column[0] - 4) & (rectangles[:, 0] < column[1] + 4)]
    taken: list[list[float]] = []
    for low, high in sorted((float(r[1]) - MARGIN, float(r[3]) + MARGIN) for r in standing):
        if taken and low <= taken[-1][1]:
            taken[-1][1] = max(taken[-1][1], high)
        else:
            taken.append([low, high])
    share = ((x0 + x1) / 2 - start[0]) / (end[0] - start[0])
    wanted = start[1] + share * (end[1] - start[1])
    edges = [-np.inf, *(y for interval in taken for y in interval), np.inf]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    # Edges that pass the same gap do so in three lanes, so that they can be told apart.
    lane = _LANE * (int(start[1] / 7) % 3)
    places = [
        min(max(wanted, low + lane), high - lane) if high - low > 2 * lane else (low + high) / 2
        for low, high in gaps
    ]

    def price(y: float) -> float:
        detour = abs(y - start[1]) + abs(y - end[1])
        way = ((start, (x0, y)), ((x0, y), (x1, y)), ((x1, y), end))
        return detour + _CROSSING * sum(_crossings(a, b, others) for a, b in way)

    return x0, x1, min(places, key=price)


def _crossings(a: Point, b: Point, others: np.ndarray | None) -> int:
    """How many of the other segments the segment from a to b crosses."""
    if others is None or len(others) == 0:
        return 0
    (ax, ay), (bx, by) = a, b
    x0, y0, x1, y1 = others.T
    # On which side of one segment the ends of the other lie, by the sign of a cross product.
    first = (bx - ax) * (y0 - ay) - (by - ay) * (x0 - ax)
    second = (bx - ax) * (y1 - ay) - (by - ay) * (x1 - ax)
    third = (x1 - x0) * (ay - y0) - (y1 - y0) * (ax - x0)
    fourth = (x1 - x0) * (by - y0) - (y1 - y0) * (bx - x0)
    return int(((first * second < 0) & (third * fourth < 0)).sum())


def _through(start: Point, end: Point, passages: Sequence[tuple[float, float, float]]) -> Route:
    """A smooth curve that runs level through each passage."""
    points: Route = [start]
    here = start
    for x0, x1, y in passages:
        points += _level(here, (x0, y))
        points += _level((x0, y), (x1, y))
        here = (x1, y)
    return points + _level(here, end)


def _level(a: Point, b: Point) -> Route:
    reach = max((b[0] - a[0]) * 0.5, 12.0)
    return [(a[0] + reach, a[1]), (b[0] - reach, b[1]), b]
