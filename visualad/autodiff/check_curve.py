"""Numerical derivatives against the analytic one, as the step h shrinks: where each is best, why.

Forward difference: truncation error ~ h |f''|/2; central difference ~ h² |f'''|/6; both lose digits
as eps |f|/h to cancellation. The complex step has no difference, so nothing cancels (Squire and
Trapp 1998; Griewank and Walther, Evaluating Derivatives, chapter 1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from visualad.autodiff.check import values_when
from visualad.autodiff.check_obstacles import Along, obstacles, why_no_complex_step
from visualad.autodiff.derivatives import the_output
from visualad.autodiff.evaluate import Array, Point, values_at
from visualad.autodiff.forward import tangents_of
from visualad.autodiff.local import local_derivatives
from visualad.errors import GraphError, ShapeError
from visualad.graph.model import Graph, shorten
from visualad.ops.writing import number_pretty

PER_DECADE = 4
LARGEST, SMALLEST = 0, -20  # powers of ten between which h goes

_NO_COMPLEX_NUMBERS = (
    "There is no complex step here: a function in between takes no complex numbers."
)
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
    along = Along(local, goal, source, element)
    reason = why_no_complex_step(along)
    with np.errstate(all="ignore"):
        found = (*_differences(along, steps), None if reason else _complex(along, steps))
        methods = tuple(
            _method(name, steps, numbers, analytic)
            for name, numbers in zip(_METHODS, found, strict=True)
            if numbers is not None
        )
        said, is_smooth = obstacles(along, steps)
        words = [*said, *_about_result(analytic, along.result(0.0))]
    if is_smooth and math.isfinite(analytic):
        words += _about(methods, analytic, structure.dtype)
    if found[2] is None:
        words.append(reason or _NO_COMPLEX_NUMBERS)
    return Curve(
        output=structure.name(goal),
        input=structure.name(source),
        element=element,
        steps=steps,
        analytic=analytic,
        methods=methods,
        words=tuple(words),
    )


def _differences(along: Along, steps: Array) -> tuple[Array, Array]:
    """By forward and by central difference."""
    here = along.result(0.0)
    ups = np.array([along.result(h) for h in steps])
    downs = np.array([along.result(-h) for h in steps])
    # What is really added to x differs from h by rounding; textbooks divide by h all the same.
    return (ups - here) / steps, (ups - downs) / (2 * np.asarray(steps))


def _complex(along: Along, steps: Array) -> Array | None:
    """By complex step; None if some function takes no complex numbers."""
    found = []
    for h in steps:
        moved = np.asarray(along.local.values[along.source], dtype=complex).copy()
        moved.flat[along.element] += 1j * h
        try:
            value = values_when(along.local, along.source, moved, complex)[along.goal]
        except (TypeError, ValueError, ArithmeticError, AttributeError, NotImplementedError):
            return None
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
    digits = 16 if dtype == "float64" else 7
    for method in methods:
        if not math.isfinite(method.best_error):
            words.append(f"The {method.name} has no value at any step.")
        elif method.name == "complex step":
            exact = " and stays there: nothing cancels, so h may be as small as one likes"
            best, error = (number_pretty(x, 2) for x in (method.best_h, method.best_error))
            words.append(f"The complex step reaches an error of {error} at h ≈ {best}{exact}.")
        elif _no_truncation(method, analytic):
            degree = "straight line" if method.name.startswith("forward") else "parabola at most"
            words.append(
                f"The {method.name} has no truncation error: along this input the function is a "
                f"{degree}, for which it is exact. Only cancellation is left, so take a large h."
            )
        else:
            power = "h" if method.name.startswith("forward") else "h²"
            best, error = (number_pretty(x, 2) for x in (method.best_h, method.best_error))
            words.append(
                f"The {method.name} is best at h ≈ {best}, with an error of {error}. To the "
                f"right of that truncation grows like {power}; to the left f(x + h) and f(x) "
                f"agree in ever more of their {digits} digits, and what cancels is lost "
                "(error like 1/h)."
            )
    return words


def _about_result(analytic: float, value: float) -> list[str]:
    """On a derivative that is no number where the output is one."""
    if math.isinf(analytic):
        return [f"The analytic derivative is {number_pretty(analytic)} here."]
    if math.isnan(analytic) and math.isfinite(value):
        sentence = "The analytic derivative is nan: the chain rule multiplies an infinite partial "
        return [sentence + "by 0, which has no value."]
    return []
