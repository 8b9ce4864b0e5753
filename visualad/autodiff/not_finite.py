"""Where nan and ∞ begin: nodes that make one out of finite numbers, told in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from visualad.autodiff.evaluate import SCALARS
from visualad.autodiff.notation import Notation
from visualad.engine.structure import Structure
from visualad.ops.expression import Number
from visualad.ops.writing import name_pretty, number_pretty, pretty

Array = Any
MOST_SENTENCES = 100  # in a graph where more goes wrong, these will do


def where_not_finite(structure: Structure, values: Sequence[Array]) -> dict[int, str]:
    """A sentence for each node whose value is nan or ∞ although its inputs are finite.

    Args:
        values: of each node; None where it could not be computed.

    Returns:
        By node number: `x₄ = log x₁ is nan at x₁ = −1.`, and what its node type says about it.
    """
    notation = Notation(structure)
    found: dict[int, str] = {}
    for i in _not_finite(structure, values):
        operation = structure.operations[i]
        if operation is None:
            continue
        inputs = [values[source] for source in structure.sources[i]]
        begun = _begun(values[i], inputs, elementwise=operation.elementwise)
        if not np.any(begun):
            continue
        name = f"{name_pretty(structure.name(i))} = {pretty(notation.operation(i))}"
        if np.size(values[i]) == 1:
            words = f"{name} is {number_pretty(values[i])}{_point(notation, i, inputs)}."
        else:
            words = f"{int(np.sum(begun))} of {np.size(values[i])} elements of {name} are nan or ∞."
        if operation.kinks:
            words += f" {operation.kinks}"
        elif not np.any(np.isnan(values[i])):
            words += f" That is more than {structure.dtype} can hold."
        found[i] = words
        if len(found) == MOST_SENTENCES:
            break
    return found


def _not_finite(structure: Structure, values: Sequence[Array]) -> list[int]:
    """The nodes with a value that is nan or ∞ somewhere."""
    if set(map(type, values)) == {SCALARS[structure.dtype]}:  # of a large graph, at once
        return np.flatnonzero(~np.isfinite(np.array(values))).tolist()
    known = ((i, value) for i, value in enumerate(values) if value is not None)
    return [i for i, value in known if not np.all(np.isfinite(value))]


def _begun(value: Array, inputs: Sequence[Array], *, elementwise: bool) -> Array:
    """Which elements are not finite although what they are made from is."""
    if not elementwise:
        return ~np.isfinite(value) if all(np.all(np.isfinite(x)) for x in inputs) else False
    finite: Array = True
    for x in inputs:
        finite = finite & np.isfinite(x)
    return ~np.isfinite(value) & finite


def _point(notation: Notation, i: int, inputs: Sequence[Array]) -> str:
    """` at x₁ = −1, x₂ = 0`, without the numbers that stand in the formula."""
    sources = dict(zip(notation.structure.sources[i], inputs, strict=True))
    parts = [
        f"{pretty(notation.value(source))} = {number_pretty(value)}"
        for source, value in sources.items()
        if np.size(value) == 1 and not isinstance(notation.value(source), Number)
    ]
    return f" at {', '.join(parts)}" if parts else ""
