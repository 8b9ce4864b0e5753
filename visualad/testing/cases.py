"""What a node type is tried with: settings and shapes of inputs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from visualad.errors import ShapeError
from visualad.ops.declaration import Operation
from visualad.ops.shapes import output_shape

Shape = tuple[int, ...]

# Shapes that are tried on every port; the combinations that an operation takes are used.
SHAPES: tuple[Shape, ...] = (
    (),
    (3,),
    (3, 4),
    (1, 4),
    (4,),
    (4, 2),
    (2, 4),
    (2,),
    (3, 1),
    (2, 3, 4),
)
MOST_COMBINATIONS = 16
# Values of settings that are tried where an operation has one of this name.
SETTINGS: Mapping[str, tuple[Any, ...]] = {
    "axis": (0, -1, (0, 1)),
    "keepdims": (True,),
    "axes": ((1, 0),),
    "shape": ((2, -1),),
}


def variants(
    declared: Operation, given: Sequence[Mapping[str, Any]] | None
) -> list[dict[str, Any]]:
    """Settings to try: the defaults, and one change at a time."""
    base: dict[str, Any] = {"inputs": 2} if declared.variadic else {}
    variants = [base]
    if declared.variadic:
        variants.append({"inputs": 3})
    if given is not None:
        return variants + [{**base, **change} for change in given]
    for key, default in declared.settings.items():
        tried = SETTINGS.get(key, ())
        if isinstance(default, float):
            tried = (1.5 * default,)
        variants += [{**base, key: value} for value in tried]
    return variants


def combinations(
    declared: Operation,
    settings: Mapping[str, Any],
    given: Sequence[Sequence[Shape]] | None,
) -> list[tuple[Shape, ...]]:
    """Input shapes that the operation takes, spread over the catalogue."""
    if given is not None:
        return [tuple(shapes) for shapes in given]
    count = len(declared.ports_for(settings))
    found = []
    for shapes in itertools.product(SHAPES, repeat=count) if count <= 3 else ():
        try:
            output_shape(declared, shapes, settings)
        except ShapeError:
            continue
        found.append(shapes)
    if count > 3:
        found = [(shape,) * count for shape in SHAPES]
    step = max(1, -(-len(found) // MOST_COMBINATIONS))
    return found[::step]


def reason(declared: Operation) -> str:
    """What the operation says to plain numbers."""
    settings = {"inputs": 2} if declared.variadic else {}
    try:
        output_shape(declared, [()] * len(declared.ports_for(settings)), settings)
    except ShapeError as error:
        return error.message.rstrip(".")
    return "it refuses their values, or all lie at kinks"
