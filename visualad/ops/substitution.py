"""Numbers put into an expression: its value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from visualad.ops.declaration import Array, operation
from visualad.ops.expression import Call, Expression, Number, walk


def value_of(expression: Expression, names: Mapping[str, Array]) -> Array:
    """The value of an expression by the functions of its operations. No recursion.

    Args:
        expression: what to compute.
        names: the value of each name in it.

    Raises:
        KeyError: for a name without a value.
        PluginError: for an operation that is not known.
    """
    values: dict[int, Array] = {}
    with np.errstate(all="ignore"):
        for part in walk(expression):
            if isinstance(part, Call):
                arguments = [values[id(argument)] for argument in part.arguments]
                values[id(part)] = operation(part.operation).function(*arguments, **part.settings)
            elif isinstance(part, Number):
                values[id(part)] = np.float64(part.value)
            else:
                values[id(part)] = names[part.text]
    return values[id(expression)]
