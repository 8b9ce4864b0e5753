"""Numerical derivatives against the analytic one, as the step h shrinks: where each is best, why.

Forward difference: truncation error ~ h |f''|/2; central difference ~ h² |f'''|/6; both lose digits
as eps |f|/h to cancellation. The complex step has no difference, so nothing cancels (Squire and
Trapp 1998; Griewank and Walther, Evaluating Derivatives, chapter 1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.check import values_when
from visualad.autodiff.derivation import kink_of
from visualad.autodiff.derivatives import the_output
from visualad.autodiff.evaluate import Array, Point, values_at
from visualad.autodiff.forward import tangents_of
from visualad.autodiff.local import Locals, local_derivatives
from visualad.errors import GraphError, ShapeError
from visualad.graph.model import Graph, shorten
from visualad.ops.writing import name_pretty, number_text

PER_DECADE = 4
LARGEST, SMALLEST = 0, -20  # powers of ten between which h goes

# A partial that differs by more than this on both sides, and by more than so many times what the
# next smaller step gave, has passed a kink.
_JUMP = 0.05
_LEAP = 5.0
_SMALL_STEP = 1e-2
_METHODS = ("forward difference", "central difference", "complex step")


@dataclass(frozen=True, eq=False)
class MethodCurve:
    """One numerical method over all steps.

    Attributes:
        name: "forward difference", "central difference" or "complex step".
        derivatives: at each h; NaN where a side has no value.
        errors: absolute difference from the analytic derivative.
        best_h, best_error: where the error is smallest.
    """

    name: str
    derivatives: Array
    errors: Array
    best_h: float
    best_error: float


@dataclass(frozen=True, eq=False)
class Curve:
    """How far numerical derivatives are off, for one output and one input.

    Attributes:
        output, input: names.
        element: index into the input, flattened.
        steps: h, from large to small.
        analytic: the derivative by forward mode.
        methods: forward difference, central difference and, where every operation takes complex
            numbers, the complex step.
        words: sentences on what is to be seen, on kinks and on domain edges.
    """

    output: str
    input: str
    element: int
    steps: Array
    analytic: float
    methods: tuple[MethodCurve, ...]
    words: tuple[str, ...]

    def at(self, h: float) -> int:
        """The position of the step nearest to h."""
        return int(np.argmin(np.abs(np.log(self.steps) - math.log(max(h, 1e-300)))))


def check_curve(
    graph: Graph,
    at: Point = None,
    output: str | None = None,
    input: str | None = None,
    element: int = 0,
) -> Curve:
    """The errors of forward difference, central difference and complex step over h.

    Args:
        at: values of the inputs by name; None for those stored in the graph.
        output: name of a scalar output; None for the only one.
        input: name of an input or parameter; None for the first.
        element: which element of an array, counted as NumPy flattens it.

    Raises:
        VisualADError: when there is no such output or input, or a node cannot be computed.
    """
    structure, values = values_at(graph, at)
    if not structure.independents:
        raise GraphError("The graph has no input to differentiate by; add a variable.")
    goal = the_output(graph, structure, output)
    source = structure.independents[0] if input is None else structure.index[graph.id_of(input)]
    if source not in structure.independents:
        raise GraphError(
            f"{structure.name(source)} is no input; the inputs are {shorten(graph.independents)}."
        )
    size = int(np.size(values[source]))
    if np.size(values[goal]) != 1:
        raise ShapeError(
            f"The curve needs a scalar output, but {structure.name(goal)} has the shape "
            f"{np.shape(values[goal])}."
        )
    if not 0 <= element < size:
        raise ShapeError(f"{structure.name(source)} has {size} elements, so none at {element}.")
    local = local_derivatives(structure, values, (goal,))
    unit = np.zeros(np.shape(values[source]), dtype=structure.dtype)
    unit.flat[element] = 1
    analytic = float(np.reshape(tangents_of(local, {source: unit[()]})[goal], ()))
    count = (LARGEST - SMALLEST) * PER_DECADE + 1
    steps = np.logspace(LARGEST, SMALLEST, count)
    study = _Study(local, goal, source, element)
    with np.errstate(all="ignore"):
        methods = tuple(
            _method(name, steps, found, analytic)
            for name, found in zip(_METHODS, study.derivatives(steps), strict=True)
            if found is not None
        )
        obstacles = study.obstacles(steps)
        on_kink = any("lies on a kink" in sentence for sentence in obstacles)
        words = (*obstacles, *([] if on_kink else _about(methods, analytic, structure.dtype)))
    return Curve(
        output=structure.name(goal),
        input=structure.name(source),
        element=element,
        steps=steps,
        analytic=analytic,
        methods=methods,
        words=words,
    )


@dataclass(frozen=True, eq=False)
class _Study:
    """The function along one input."""

    local: Locals
    goal: int
    source: int
    element: int

    def derivatives(self, steps: Array) -> tuple[Any, Any, Any]:
        """By forward difference, central difference and complex step (None if impossible)."""
        here = float(np.reshape(self.local.values[self.goal], ()))
        ups = np.array([self._goal(h) for h in steps])
        downs = np.array([self._goal(-h) for h in steps])
        # What is really added to x differs from h by rounding; textbooks divide by h all the same.
        forward = (ups - here) / steps
        central = (ups - downs) / (2 * np.asarray(steps))
        return forward, central, self._complex(steps)

    def obstacles(self, steps: Array) -> list[str]:
        """Sentences on kinks at or near the point, and on where a side leaves the domain."""
        structure = self.local.structure
        between = [
            i
            for i, (after, before) in enumerate(
                zip(
                    structure.reached_from((self.source,)),
                    structure.reaching((self.goal,)),
                    strict=True,
                )
            )
            if after and before and structure.operations[i] is not None
        ]
        found = [
            self._at_a_kink(i, kink) for i in between for kink in [kink_of(self.local, i)] if kink
        ]
        if not found:
            found = self._near_kinks(steps, between)
        return found + self._edges(steps)

    def _at_a_kink(self, i: int, kink: str) -> str:
        """What the two sides say where they disagree."""
        small = 10.0 ** (SMALLEST / 3)
        here = self._goal(0.0)
        right = (self._goal(small) - here) / small
        left = (here - self._goal(-small)) / small
        said = f"The point lies on a kink of {name_pretty(self.local.structure.name(i))}: {kink}"
        if not (math.isfinite(left) and math.isfinite(right)):
            return said
        return (
            f"{said} From the left the slope is {number_text(left)}, from the right "
            f"{number_text(right)}: the forward difference finds the right one, the central "
            "difference their mean, and neither is wrong."
        )

    def _near_kinks(self, steps: Array, between: Sequence[int]) -> list[str]:
        structure = self.local.structure
        kinked = [i for i in between if getattr(structure.operations[i], "kinks", "")]
        if not kinked:
            return []
        before = [0.0] * len(kinked)
        for h in sorted(float(h) for h in steps if h <= _SMALL_STEP):
            sides = [self._partials(sign * h, kinked) for sign in (1, -1)]
            jumps = [
                max(float(np.max(np.abs(a - b))) for a, b in zip(up, down, strict=True))
                for up, down in zip(*sides, strict=True)
            ]
            for i, jump, smaller in zip(kinked, jumps, before, strict=True):
                # A smooth partial differs in proportion to h; at a kink it leaps.
                if math.isfinite(jump) and jump > max(_JUMP, _LEAP * smaller):
                    name = name_pretty(structure.name(i))
                    sentence = (
                        f"A kink of {name} is near: from h ≈ {number_text(h, 2)} on one side lies "
                        "beyond it, and the difference quotients mix the slopes of both sides."
                    )
                    return [sentence]
            before = jumps
        return []

    def _edges(self, steps: Array) -> list[str]:
        structure = self.local.structure
        found = []
        for sign, side in ((1, "x + h"), (-1, "x − h")):
            outside = [float(h) for h in steps if not np.isfinite(self._goal(sign * h))]
            if outside:
                culprit = self._first_without_value(sign * min(outside))
                name = name_pretty(structure.name(culprit))
                whole = len(outside) == len(steps)
                start = "For every h" if whole else f"From h ≈ {number_text(min(outside), 2)} on"
                found.append(
                    f"{start} {side} lies outside of the domain of {name} "
                    f"({structure.nodes[culprit].op}), so there is no difference."
                )
        return found

    def _first_without_value(self, offset: float) -> int:
        values = self._values(offset)
        return next(
            (i for i, value in enumerate(values) if not np.all(np.isfinite(value))), self.goal
        )

    def _partials(self, offset: float, nodes: Sequence[int]) -> list[list[Any]]:
        structure = self.local.structure
        values = self._values(offset)
        found = []
        for i in nodes:
            operation = structure.operations[i]
            assert operation is not None
            if operation.rule_partials is None:
                found.append([np.zeros(())])
                continue
            inputs = [values[source] for source in structure.sources[i]]
            settings = structure.nodes[i].settings
            rows = operation.local_partials(inputs, values[i], settings)
            found.append([np.asarray(row, dtype=float) for row in rows])
        return found

    def _values(self, offset: float) -> list[Any]:
        moved = np.asarray(self.local.values[self.source], dtype=self.local.structure.dtype).copy()
        moved.flat[self.element] += offset
        return values_when(self.local, self.source, moved, moved.dtype.type)

    def _goal(self, offset: float) -> float:
        return float(np.reshape(self._values(offset)[self.goal], ()))

    def _complex(self, steps: Array) -> Any:
        structure = self.local.structure
        operations = zip(structure.operations, structure.active, strict=True)
        if any(op is not None and active and not op.analytic for op, active in operations):
            return None
        found = []
        for h in steps:
            moved = np.asarray(self.local.values[self.source], dtype=complex).copy()
            moved.flat[self.element] += 1j * h
            try:
                value = values_when(self.local, self.source, moved, complex)[self.goal]
            except (TypeError, ValueError, ArithmeticError, AttributeError, NotImplementedError):
                return None  # some function takes no complex numbers
            found.append(float(np.imag(np.reshape(value, ()))) / h)
        return np.array(found)


def _method(name: str, steps: Array, found: Array, analytic: float) -> MethodCurve:
    errors = np.abs(found - analytic)
    usable = np.where(np.isfinite(errors), errors, np.inf)
    # Among equally good steps the largest: from there on smaller ones do not help.
    best = int(np.argmin(usable))
    return MethodCurve(name, found, errors, float(steps[best]), float(usable[best]))


def _no_truncation(method: MethodCurve, analytic: float) -> bool:
    """Whether large steps are as good as exact."""
    large = method.errors[: 2 * PER_DECADE]
    return bool(np.all(large <= 1e-12 * max(1.0, abs(analytic))))


def _about(methods: Sequence[MethodCurve], analytic: float, dtype: str) -> list[str]:
    words = []
    if not math.isfinite(analytic):
        words.append(f"The derivative itself is {number_text(analytic)} here.")
        return words
    digits = 16 if dtype == "float64" else 7
    for method in methods:
        if not math.isfinite(method.best_error):
            words.append(f"The {method.name} has no value at any step.")
        elif method.name == "complex step":
            exact = " and stays there: nothing cancels, so h may be as small as one likes"
            words.append(
                f"The complex step reaches an error of {number_text(method.best_error, 2)} at h ≈ "
                f"{number_text(method.best_h, 2)}{exact}."
            )
        elif _no_truncation(method, analytic):
            degree = "straight line" if method.name.startswith("forward") else "parabola"
            words.append(
                f"The {method.name} has no truncation error: along this input the function is a "
                f"{degree}, for which it is exact. Only cancellation is left, so take a large h."
            )
        else:
            power = "h" if method.name.startswith("forward") else "h²"
            words.append(
                f"The {method.name} is best at h ≈ {number_text(method.best_h, 2)}, with an error "
                f"of {number_text(method.best_error, 2)}. To the right of that truncation grows "
                f"like {power}; to the left f(x + h) and f(x) agree in ever more of their {digits} "
                "digits, and what cancels is lost (error like 1/h)."
            )
    if not any(method.name == "complex step" for method in methods):
        words.append(
            "There is no complex step here: a function in between is not analytic or takes no "
            "complex numbers."
        )
    return words
