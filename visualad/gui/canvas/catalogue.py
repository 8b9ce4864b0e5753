"""The node types as people look for them: grouped, and found by parts of a name. No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from visualad.ops.declaration import REGISTRY, Operation
from visualad.ops.expression import Call, Name
from visualad.ops.writing import pretty

ORDER = (
    "Inputs",
    "Arithmetic",
    "Functions",
    "Activations",
    "Linear algebra",
    "Reductions",
    "Normalisation",
    "Losses",
    "Comparisons",
)
PLUGINS = "Your plugins"

# Words under which people know an operation by another name.
_ALSO = {
    "add": "plus sum",
    "sub": "minus subtract difference",
    "mul": "times multiply product",
    "div": "divide quotient over",
    "neg": "minus negative",
    "pow": "power exponent",
    "log": "ln natural logarithm",
    "exp": "exponential e",
    "sqrt": "root",
    "abs": "absolute value modulus",
    "linear": "layer dense affine fully connected",
    "matmul": "matrix product @",
    "variable": "input x",
    "parameter": "weight bias theta",
    "data": "dataset inputs targets",
    "constant": "number",
    "mean_squared_error": "mse loss",
    "binary_cross_entropy": "bce logistic loss",
    "cross_entropy": "ce loss",
    "mean_absolute_error": "mae loss",
    "half_squared_error": "half mse loss playground",
    "hinge": "svm margin loss",
    "batch_normalization": "batchnorm layer",
    "layer_normalization": "layernorm layer",
    "dropout": "mask regularisation",
    "where": "if condition select",
}


def groups(operations: Iterable[Operation] | None = None) -> dict[str, list[Operation]]:
    """Node types by heading, in the order of the palette; those of plugins come last."""
    found: dict[str, list[Operation]] = {}
    for declared in REGISTRY if operations is None else operations:
        heading = PLUGINS if declared.plugin or not declared.category else declared.category
        found.setdefault(heading, []).append(declared)

    def place(heading: str) -> tuple[int, str]:
        known = {name.lower(): number for number, name in enumerate(ORDER)}
        return known.get(heading.lower(), len(ORDER)), heading

    return {heading: found[heading] for heading in sorted(found, key=place)}


def search(
    typed: str, operations: Iterable[Operation] | None = None, recent: Sequence[str] = ()
) -> list[Operation]:
    """The node types that fit what was typed, best first; recent ones first among equals.

    All letters must occur in order; beginnings of words count most.
    """
    candidates = list(REGISTRY if operations is None else operations)
    wanted = typed.strip().lower()
    place = {name: number for number, name in enumerate(recent)}
    found = []
    for number, declared in enumerate(candidates):
        rank = _rank(wanted, declared)
        if rank is not None:
            late = place.get(declared.name, len(place) + 1)
            found.append((rank, late, number, declared))
    found.sort(key=lambda entry: entry[:3])
    return [entry[3] for entry in found]


def _rank(wanted: str, declared: Operation) -> float | None:
    """How badly a node type fits; None when it does not."""
    if not wanted:
        return 0.0
    if wanted == declared.symbol.lower() or wanted == declared.infix:
        return 0.0
    ranks = [_fit(wanted, declared.name.lower()), _fit(wanted, declared.label.lower())]
    ranks += [_penalty(_fit(wanted, word), 2.0) for word in _ALSO.get(declared.name, "").split()]
    if len(wanted) >= 3:
        ranks.append(_penalty(_fit(wanted, declared.category.lower()), 6.0))
    known = [rank for rank in ranks if rank is not None]
    return min(known) if known else None


def _penalty(rank: float | None, extra: float) -> float | None:
    return None if rank is None or rank > 2 else rank + extra


def _fit(wanted: str, text: str) -> float | None:
    """0 for the text itself, 1 its beginning, 2 a word's beginning, 3 a part, more if scattered."""
    if text == wanted:
        return 0.0
    if text.startswith(wanted):
        return 1.0
    words = re.split(r"[\s_]+", text)
    if any(word.startswith(wanted) for word in words):
        return 2.0
    if "".join(word[0] for word in words if word).startswith(wanted) and len(wanted) > 1:
        return 2.5
    if wanted in text:
        return 3.0
    at = -1
    gaps = 0
    for letter in wanted:
        following = text.find(letter, at + 1)
        if following < 0:
            return None
        gaps += following - at - 1
        at = following
    return 4.0 + gaps / 10


@lru_cache(maxsize=512)
def _pretty_call(name: str, ports: tuple[str, ...]) -> str:
    return pretty(Call(name, tuple(Name(port) for port in ports)))


def formula(declared: Operation) -> str:
    """`x · y`, `sin x`: the operation over the names of its ports; "" for leaves."""
    return "" if declared.leaf else _pretty_call(declared.name, declared.ports_for({}))


def summary(declared: Operation) -> str:
    """The first line of its documentation."""
    return declared.doc.splitlines()[0] if declared.doc else ""
