"""The shape of an operation's result from the shapes of its inputs, before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from visualad.errors import ShapeError, VisualADError
from visualad.ops.declaration import Operation, operation

Shape = tuple[int, ...]


def output_shape(
    op: Operation | str, shapes: Sequence[Shape], settings: Mapping[str, Any] | None = None
) -> Shape:
    """The shape that an operation gives for inputs of these shapes.

    Elementwise operations broadcast; any other is run once on zeros, and the answer is remembered.

    Args:
        op: the operation or its name.
        shapes: one shape for each port, in order.
        settings: settings of the node; the value of a leaf is among them.

    Raises:
        ShapeError: if the shapes do not fit; it names them.
        PluginError: if no operation has this name.
    """
    declared = operation(op) if isinstance(op, str) else op
    given = dict(settings or {})
    if declared.leaf:
        return np.shape(given.get("value", declared.settings.get("value", 0.0)))
    wanted = tuple(tuple(int(n) for n in shape) for shape in shapes)
    if declared.elementwise:
        try:
            return np.broadcast_shapes(*wanted)
        except ValueError:
            raise ShapeError(_misfit(declared, wanted, "they do not broadcast")) from None
    chosen = declared.settings_for(given)
    key = tuple((name, _hashable(value)) for name, value in sorted(chosen.items()))
    return _shape_on_zeros(declared, wanted, key)


@lru_cache(maxsize=4096)
def _shape_on_zeros(
    declared: Operation, shapes: tuple[Shape, ...], key: tuple[tuple[str, Any], ...]
) -> Shape:
    inputs = [np.zeros(shape)[()] for shape in shapes]
    try:
        with np.errstate(all="ignore"):
            return np.shape(declared.function(*inputs, **dict(key)))
    except VisualADError as error:
        raise ShapeError(_misfit(declared, shapes, error.message)) from error
    except Exception as error:  # a plugin's function may raise anything
        reason = misfit(declared.ports, shapes, declared.name) or str(error)
        raise ShapeError(_misfit(declared, shapes, reason or type(error).__name__)) from error


def misfit(ports: Sequence[str], shapes: Sequence[Shape], name: str) -> str:
    """Why a product of matrices cannot take these shapes, in words; "" for other operations.

    NumPy speaks of signatures and core dimensions there.

    Args:
        name: of the operation.
    """
    if name not in _PRODUCTS or len(shapes) < 2:
        return ""
    (a, left), (b, right) = zip(ports[:2], shapes[:2], strict=True)
    if not (left and right):
        return f"{b if left else a} is a single number; a product of matrices needs arrays"
    by_columns = name == "linear"  # X Wᵀ: the rows of W go along
    inner = right[-1] if by_columns or len(right) == 1 else right[-2]
    if left[-1] == inner:
        return ""
    first = _counted(left[-1], "column" if len(left) > 1 else "element")
    second = _counted(inner, "element" if len(right) == 1 else "column" if by_columns else "row")
    return f"{a} has {first} but {b} has {second}; they must be equally many"


_PRODUCTS = ("matmul", "dot", "linear")


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _hashable(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_hashable(part) for part in value)
    return value


def _misfit(declared: Operation, shapes: Sequence[Shape], reason: str) -> str:
    shown = " and ".join(str(shape) for shape in shapes)
    return f"{declared.label} cannot take inputs of shape {shown}: {reason.rstrip('.')}."
