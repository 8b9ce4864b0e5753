"""How the elements of views lie in memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from visualad.plugin import View


def size(view: View) -> int:
    """The number of its elements."""
    return math.prod(view.shape)


@lru_cache(maxsize=1000)
def in_order(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides in C order."""
    return tuple([math.prod(shape[i + 1 :]) for i in range(len(shape))])


def step_through(view: View, shape: tuple[int, ...]) -> int | None:
    """The distance from one element to the next in C order over a shape, if there is one."""
    axes, (steps,) = collapsed(shape, [spread(view, shape)])
    if len(axes) > 1:
        return None
    return steps[0] if steps else 1


def turned(view: View) -> View:
    """The transpose."""
    return View(view.region, view.offset, view.shape[::-1], view.strides[::-1])


def is_turned(view: View) -> bool:
    """Whether the transpose is contiguous, and the matrix is not."""
    rows, columns = view.shape
    plain = (view.strides[1] == 1 or columns == 1) and (view.strides[0] == columns or rows == 1)
    return not plain and view.strides[0] == 1 and view.strides[1] == rows


def spread(view: View, shape: tuple[int, ...]) -> list[int]:
    """Strides over the axes of a shape that it is broadcast to."""
    extra = len(shape) - len(view.shape)
    own = [0 if n == 1 else s for n, s in zip(view.shape, view.strides, strict=True)]
    return [0] * extra + own


def alike(views: Sequence[View]) -> list[int]:
    """Strides of the first view and of others that lie like it or are one number; else nothing.

    So it is almost always, and then quickly found.
    """
    shape, strides = views[0].shape, views[0].strides
    if strides != in_order(shape) or math.prod(shape) == 1:
        return []
    found = [1]
    for view in views[1:]:
        if view.shape == shape and view.strides == strides:
            found.append(1)
        elif not view.shape:
            found.append(0)
        else:
            return []
    return found


def collapsed(
    shape: tuple[int, ...], strides: Sequence[Sequence[int]]
) -> tuple[list[int], list[list[int]]]:
    """Fewer axes for the same elements: axes of length 1 go, adjacent ones become one."""
    axes: list[tuple[int, list[int]]] = []
    for number, count in enumerate(shape):
        if count == 1:
            continue
        steps = [each[number] for each in strides]
        if axes and all(
            before == step * count for before, step in zip(axes[-1][1], steps, strict=True)
        ):
            axes[-1] = (axes[-1][0] * count, steps)
        else:
            axes.append((count, steps))
    return [n for n, _ in axes], [[steps[i] for _, steps in axes] for i in range(len(strides))]
