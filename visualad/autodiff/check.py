"""The derivatives against numerical ones: the complex step where it is exact, else differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from visualad.autodiff.backward import adjoints_of
from visualad.autodiff.derivation import kink_of
from visualad.autodiff.evaluate import Array, Point, values_at
from visualad.autodiff.forward import tangents_of
from visualad.autodiff.local import Locals, local_derivatives
from visualad.engine.structure import Structure
from visualad.errors import GraphError
from visualad.graph.model import Graph

COMPLEX_STEP = "complex step"
CENTRAL = "central differences"
# Where the analytic derivative is a convention, and where there is no number to compare.
KINK, NOT_FINITE = "kink", "not finite"
MOST_ELEMENTS = 64  # of one input; a larger one is checked at so many places

_TINY = 1e-150  # the complex step has no cancellation, so the step may be as small as one likes
# Largest error relative to the derivative's size that counts as agreement.
_TOLERANCE = {(COMPLEX_STEP, "float64"): 1e-9, (CENTRAL, "float64"): 1e-5}
_TOLERANCE_FLOAT32 = 1e-2


@dataclass(frozen=True, eq=False)
class CheckRow:
    """One derivative, twice.

    Attributes:
        node: name of the node that is differentiated.
        name: name of the input that it is differentiated by.
        analytic, numerical: numbers, or arrays with one entry for each element that was checked.
        error: largest difference, relative to the larger of both and 1.
        ok: whether they agree.
        note: in words: at a kink, or that a large input was checked at some places only.
        excuse: why they need not agree though they do not: KINK or NOT_FINITE; else "".
    """

    node: str
    name: str
    analytic: Array
    numerical: Array
    error: float
    ok: bool
    note: str = ""
    excuse: str = ""


@dataclass(frozen=True, eq=False)
class Check:
    """The result of a check.

    Attributes:
        rows: for each output and input, backward mode against the numerical derivative.
        nodes: for every other node and input, forward mode against the numerical derivative.
        method: "complex step" or "central differences".
    """

    rows: tuple[CheckRow, ...]
    nodes: tuple[CheckRow, ...]
    method: str

    @property
    def ok(self) -> bool:
        """Whether all derivatives agree that can be compared."""
        return all(row.ok or row.excuse for row in (*self.rows, *self.nodes))


def check(graph: Graph, at: Point = None, *, only_outputs: bool = False) -> Check:
    """Compare the derivatives of every node with numerical ones at a point.

    Args:
        at: values of the inputs by name; None for those stored in the graph.
        only_outputs: leave out the nodes in between, of which a large graph has many.

    Raises:
        VisualADError: when a node or its derivative cannot be computed.
    """
    structure, values = values_at(graph, at)
    local = local_derivatives(structure, values)
    found, method = _numerical(local)
    kinks = [kink_of(local, i) for i in range(len(structure))]
    rows: list[CheckRow] = []
    nodes: list[CheckRow] = []
    outputs = {i: _backward_rows(local, i) for i in structure.outputs}
    for i in structure.independents:
        places = _places(values[i])
        units = [] if only_outputs else [_unit(local, i, place) for place in places]
        forward = [tangents_of(local, {i: unit}) for unit in units]
        for target in sorted(outputs) if only_outputs else range(len(structure)):
            if target == i or structure.nodes[target].is_leaf:
                continue
            numerical = np.array([column[target] for column in found[i]])
            if target in outputs:
                analytic = outputs[target](i, places)
            else:
                analytic = np.array([column[target] for column in forward])
            note = _note(structure, kinks, i, target)
            finite = np.isfinite(values[target]).all() and np.isfinite(numerical).all()
            excuse = (KINK if note else "") if finite else NOT_FINITE
            if len(places) < np.size(values[i]):
                note = f"{note} Checked at {len(places)} of {np.size(values[i])} elements.".strip()
            row = _compare(structure, target, i, analytic, numerical, method, note, excuse)
            (rows if target in outputs else nodes).append(row)
    return Check(tuple(rows), tuple(nodes), method)


def _numerical(local: Locals) -> tuple[dict[int, list[list[Array]]], str]:
    """For each independent and each place of it the derivative of every node, and the method."""
    structure = local.structure
    if all(
        operation is None or operation.analytic or not structure.active[i]
        for i, operation in enumerate(structure.operations)
    ):
        try:
            return _by(local, _complex_step), COMPLEX_STEP
        except (TypeError, ValueError, ArithmeticError, AttributeError, NotImplementedError):
            pass  # some function takes no complex numbers
    return _by(local, _central_difference), CENTRAL


def _by(
    local: Locals, method: Callable[[Locals, int, int], list[Array]]
) -> dict[int, list[list[Array]]]:
    with np.errstate(all="ignore"):
        return {
            i: [method(local, i, place) for place in _places(local.values[i])]
            for i in local.structure.independents
        }


def _complex_step(local: Locals, i: int, place: int) -> list[Array]:
    """f(x + ih) = f(x) + ih f'(x): the imaginary part over h (Squire and Trapp 1998)."""
    moved = np.asarray(local.values[i], dtype=complex).copy()
    moved.flat[place] += 1j * _TINY
    return [np.imag(value) / _TINY for value in values_when(local, i, moved, complex)]


def _central_difference(local: Locals, i: int, place: int) -> list[Array]:
    base = np.asarray(local.values[i], dtype=float)
    step = float(np.cbrt(np.finfo(float).eps)) * max(1.0, abs(float(base.flat[place])))
    sides = []
    for sign in (1, -1):
        moved = base.copy()
        moved.flat[place] += sign * step
        sides.append(values_when(local, i, moved, float))
    return [(up - down) / (2 * step) for up, down in zip(*sides, strict=True)]


def values_when(local: Locals, changed: int, value: Array, kind: type) -> list[Array]:
    """The value of every node when one leaf has another value."""
    structure = local.structure
    values: list[Array] = []
    for i, operation in enumerate(structure.operations):
        if i == changed:
            values.append(value[()])
        elif operation is None or not structure.active[i]:
            values.append(np.asarray(local.values[i], dtype=kind)[()])
        else:
            inputs = [values[source] for source in structure.sources[i]]
            result = operation.function(*inputs, **structure.settings[i])
            values.append(np.asarray(result, dtype=kind)[()])
    return values


def _backward_rows(local: Locals, output: int) -> Callable[[int, Sequence[int]], Array]:
    """The derivative of an output by backward mode: one sweep per element of it."""
    value = local.values[output]
    places = range(np.size(value))
    sweeps = [adjoints_of(local, {output: _unit(local, output, place)}) for place in places]

    def derivative(i: int, wanted: Sequence[int]) -> Array:
        rows = np.array([[np.ravel(sweep[i])[place] for sweep in sweeps] for place in wanted])
        return rows.reshape((len(wanted), *np.shape(value)))

    return derivative


def _unit(local: Locals, i: int, place: int) -> Array:
    unit = np.zeros(np.shape(local.values[i]), dtype=local.structure.dtype)
    unit.flat[place] = 1
    return unit[()]


def _places(value: Array) -> Sequence[int]:
    """The elements of an input that are checked: all, or some spread over a large one."""
    size = int(np.size(value))
    if size <= MOST_ELEMENTS:
        return range(size)
    return sorted(np.random.default_rng(0).choice(size, MOST_ELEMENTS, replace=False).tolist())


def _note(structure: Structure, kinks: Sequence[str], source: int, target: int) -> str:
    """The first kink between an input and a node."""
    if not any(kinks):
        return ""
    after, before = structure.reached_from((source,)), structure.reaching((target,))
    for i, text in enumerate(kinks):
        if text and after[i] and before[i]:
            return f"At a kink of {structure.name(i)}: {text}"
    return ""


def _compare(
    structure: Structure,
    target: int,
    source: int,
    analytic: Array,
    numerical: Array,
    method: str,
    note: str,
    excuse: str,
) -> CheckRow:
    if analytic.shape != numerical.shape:
        raise GraphError(
            f"Node {structure.name(target)} gives another shape for complex numbers, so its "
            f"derivative cannot be checked."
        )
    with np.errstate(all="ignore"):
        scale = np.maximum(1.0, np.maximum(np.abs(analytic), np.abs(numerical)))
        errors = np.abs(analytic - numerical) / scale
        alike = (np.isnan(analytic) & np.isnan(numerical)) | (analytic == numerical)
    errors = np.where(alike, 0.0, errors)
    error = float(np.max(errors, initial=0.0))
    tolerance = _TOLERANCE.get((method, structure.dtype), _TOLERANCE_FLOAT32)
    # Where both are nan nothing has been compared, so nothing agrees.
    ok = bool(error <= tolerance) and excuse != NOT_FINITE
    only = analytic.size == 1
    return CheckRow(
        node=structure.name(target),
        name=structure.name(source),
        analytic=analytic.reshape(())[()] if only else analytic,
        numerical=numerical.reshape(())[()] if only else numerical,
        error=error,
        ok=ok,
        note=note,
        excuse="" if ok else excuse,
    )
