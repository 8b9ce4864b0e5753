"""What keeps a numerical derivative from the analytic one: kinks, jumps, steep ends, domain edges.

Found by looking at both sides: a smooth node has one slope, at a kink it has two, at a jump or
where the derivative is infinite the quotients grow without bound as h shrinks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.check import values_when
from visualad.autodiff.evaluate import Array
from visualad.autodiff.local import Locals
from visualad.ops.writing import name_pretty, number_pretty

SHRINK = 16.0  # the second look is with an h so much smaller
_KINK = 1e-3  # relative difference of the slopes at both sides
# Between what a difference does in proportion to h and what it does when it stays.
_JUMPS, _STEEP = 0.5, 2.0
# A partial that differs by more than this on both sides, and by more than so many times what the
# next smaller step gave, has passed a kink.
_LEAP, _GROWTH = 0.05, 5.0
_SMALL_STEP = 1e-2


@dataclass(frozen=True, eq=False)
class Along:
    """The graph along one element of one leaf.

    Attributes:
        source: number of the leaf; element: which of its elements, flattened; goal: the output.
    """

    local: Locals
    goal: int
    source: int
    element: int

    def values(self, offset: float) -> list[Any]:
        """The value of every node when the element is moved."""
        moved = np.asarray(self.local.values[self.source], dtype=self.local.structure.dtype).copy()
        moved.flat[self.element] += offset
        return values_when(self.local, self.source, moved, moved.dtype.type)

    def result(self, offset: float) -> float:
        """The value of the output then."""
        return float(np.reshape(self.values(offset)[self.goal], ()))

    def moves(self, offset: float) -> bool:
        """Whether the element with the offset is another number at all."""
        here = np.asarray(self.local.values[self.source], dtype=self.local.structure.dtype)
        number = here.flat[self.element]
        return bool(number + here.dtype.type(offset) != number)

    @property
    def between(self) -> list[int]:
        """The operations on the way from the leaf to the output."""
        structure = self.local.structure
        after = structure.reached_from((self.source,))
        before = structure.reaching((self.goal,))
        return [
            i
            for i, (a, b) in enumerate(zip(after, before, strict=True))
            if a and b and structure.operations[i] is not None
        ]

    def name(self, i: int) -> str:
        """`v₁ (sqrt)`."""
        node = self.local.structure.nodes[i]
        return f"{name_pretty(node.name)} ({node.op})"


def obstacles(along: Along, steps: Array) -> tuple[list[str], bool]:
    """Sentences, and whether the function is smooth at the point itself."""
    lost = _without_value(along)
    if lost:
        return [lost], False
    here = _at_the_point(along)
    found = [here] if here else _near_kinks(along, steps)
    return found + _edges(along, steps), not here


def why_no_complex_step(along: Along) -> str:
    """The sentence on the first function that is not analytic; "" when all are."""
    for i in along.between:
        operation = along.local.structure.operations[i]
        if operation is not None and not operation.analytic:
            start = f"There is no complex step here: {along.name(i)}"
            if not operation.kinks:
                return f"{start} is computed for real numbers only."
            return (
                f"{start} is not analytic. It looks at the size or the sign of a number, and the "
                "imaginary part, in which the derivative travels, does not come through."
            )
    return ""


# At the point ---------------------------------------------------------------------------------


def _without_value(along: Along) -> str:
    values = along.values(0.0)
    structure = along.local.structure
    for i, value in enumerate(values):
        finite = np.isfinite(value)
        if np.all(finite) or not structure.reaching((along.goal,))[i]:
            continue
        text = number_pretty(np.asarray(value)[~finite].flat[0])
        name = name_pretty(structure.name(i))
        return f"The value of {name} is {text} at this point, so there is no difference to take."
    return ""


def _at_the_point(along: Along) -> str:
    """The first node that is not smooth at the point, in words; "" when all are."""
    local, structure = along.local, along.local.structure
    eps = float(np.finfo(structure.dtype).eps)
    here = float(np.asarray(local.values[along.source]).flat[along.element])
    first = eps ** (1 / 3) * max(abs(here), 1e-3)
    widths = (first, first / SHRINK)
    middle = along.values(0.0)
    right = [along.values(h) for h in widths]
    left = [along.values(-h) for h in widths]
    for i in along.between:
        kind = _kind(i, right, middle, left, eps)
        if kind:
            result = _kind(along.goal, right, middle, left, eps)
            slopes = [
                float(np.reshape(moved[along.goal] - middle[along.goal], ())) / h
                for moved, h in ((left[1], -widths[1]), (right[1], widths[1]))
            ]
            return f"{_about_node(along, i, kind)} {_about_result(along, result, slopes)}".strip()
    return ""


def _kind(i: int, right: list[Any], middle: list[Any], left: list[Any], eps: float) -> str:
    """How a node changes on both sides: "" for smoothly."""
    ups = [np.asarray(side[i] - middle[i]) for side in right]
    downs = [np.asarray(middle[i] - side[i]) for side in left]
    rounding = 8 * eps * float(np.max(np.abs(middle[i]), initial=0.0))
    for sides in (ups, downs):
        first, second = (np.abs(side) for side in sides)
        if not (np.all(np.isfinite(first)) and np.all(np.isfinite(second))):
            continue  # the edges of the domain are told by themselves
        seen = second > rounding
        if np.any(seen & (second > _JUMPS * first)):
            return "jump"
        if np.any(seen & (second * SHRINK > _STEEP * first)):
            return "steep"
    spread = [np.abs(up - down) for up, down in zip(ups, downs, strict=True)]
    size = np.abs(ups[1]) + np.abs(downs[1])
    with np.errstate(invalid="ignore"):
        stays = spread[1] * SHRINK > _JUMPS * spread[0]
        if np.any(stays & (spread[1] > np.maximum(_KINK * size, 2 * rounding))):
            return "kink"
    return ""


def _about_node(along: Along, i: int, kind: str) -> str:
    operation = along.local.structure.operations[i]
    rule = operation.kinks if operation is not None else ""
    if kind == "jump":
        return f"{along.name(i)} jumps at this point. {rule}".strip()
    if kind == "steep":
        return f"The slope of {along.name(i)} is infinite at this point. {rule}".strip()
    name = name_pretty(along.local.structure.name(i))
    return f"The point lies on a kink of {name}: {rule or 'the two sides have different slopes.'}"


def _about_result(along: Along, kind: str, slopes: Sequence[float]) -> str:
    """What the quotients of the output make of it."""
    left, right = slopes
    if kind in ("jump", "steep"):
        return "The quotients of a difference grow without bound as h shrinks."
    if not (math.isfinite(left) and math.isfinite(right)):
        return ""
    if kind == "kink":
        return (
            f"From the left the slope is {number_pretty(left)}, from the right "
            f"{number_pretty(right)}: the forward difference finds that from the right, the "
            "central difference the mean of both, and neither is wrong."
        )
    goal = name_pretty(along.local.structure.name(along.goal))
    return f"{goal} itself is smooth here all the same, so the differences find its slope."


# Away from it ---------------------------------------------------------------------------------


def _near_kinks(along: Along, steps: Array) -> list[str]:
    structure = along.local.structure
    kinked = [i for i in along.between if getattr(structure.operations[i], "kinks", "")]
    if not kinked:
        return []
    before = [0.0] * len(kinked)
    for h in sorted(float(h) for h in steps if h <= _SMALL_STEP):
        sides = [_partials(along, sign * h, kinked) for sign in (1, -1)]
        jumps = []
        for i, up, down, smaller in zip(kinked, *sides, before, strict=True):
            jump = max(
                float(np.max(np.abs(a - b), initial=0)) for a, b in zip(up, down, strict=True)
            )
            size = max(float(np.max(np.abs(part), initial=0)) for part in (*up, *down))
            jumps.append(jump)
            # A smooth partial differs in proportion to h; at a kink it leaps.
            if math.isfinite(jump) and jump > max(_LEAP * size, _GROWTH * smaller):
                name = name_pretty(structure.name(i))
                sentence = (
                    f"A kink of {name} is near: from h ≈ {number_pretty(h, 2)} on one side lies "
                    "beyond it, and the difference quotients mix the slopes of both sides."
                )
                return [sentence]
        before = jumps
    return []


def _largest(numbers: Array) -> float:
    return float(np.max(np.abs(numbers), initial=0.0))


def _edges(along: Along, steps: Array) -> list[str]:
    found = []
    for sign, side in ((1, "x + h"), (-1, "x − h")):
        outside = [float(h) for h in steps if not np.isfinite(along.result(sign * h))]
        if not outside:
            continue
        largest = max(outside)
        values = along.values(sign * largest)
        culprit = next((i for i in along.between if not np.all(np.isfinite(values[i]))), along.goal)
        if largest < max(steps):  # beyond it there are values again
            h = number_pretty(largest, 2)
            found.append(f"At h ≈ {h} {side} hits a pole of {along.name(culprit)}.")
            continue
        # A step that is lost in the rounding of x tells nothing.
        told = sum(along.moves(sign * float(h)) for h in steps)
        start = (
            "For every h"
            if len(outside) >= told
            else f"From h ≈ {number_pretty(min(outside), 2)} on"
        )
        if np.any(np.isnan(values[culprit])):
            what = f"lies outside of the domain of {along.name(culprit)}"
        else:
            what = f"makes {along.name(culprit)} infinite"
        found.append(f"{start} {side} {what}, so there is no difference.")
    return found


def _partials(along: Along, offset: float, nodes: Sequence[int]) -> list[list[Any]]:
    structure = along.local.structure
    values = along.values(offset)
    found = []
    for i in nodes:
        operation = structure.operations[i]
        assert operation is not None
        if operation.rule_partials is None:
            found.append([np.zeros(())])
            continue
        inputs = [values[source] for source in structure.sources[i]]
        rows = operation.local_partials(inputs, values[i], structure.settings[i])
        found.append([np.asarray(row, dtype=float) for row in rows])
    return found
