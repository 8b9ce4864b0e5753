"""Settings of nodes: which there are and what values they may have."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from visualad.errors import GraphError
from visualad.graph.model import LEAVES
from visualad.ops.declaration import Operation

# Settings that a leaf may have beside those that its operation declares.
LEAF_SETTINGS = frozenset({"value", "minimum", "maximum", "role"})


def accepted_setting(operation: Operation, key: str, value: Any) -> Any:
    """`value` as the node keeps it: a number for a number, a tuple for a list.

    Raises:
        GraphError: if the operation has no such setting or the value is of another kind than
            the setting's default.
    """
    value = plain(value)
    if operation.leaf or operation.name in LEAVES:
        if key not in operation.settings and key not in LEAF_SETTINGS:
            raise GraphError(
                _unknown(operation, key, sorted({*operation.settings, *LEAF_SETTINGS}))
            )
        if key in LEAF_SETTINGS:
            return _leaf_setting(operation, key, value)
        return _of_kind(operation, key, value, operation.settings[key])
    if operation.variadic and key == "inputs":
        if not _is_whole(value) or value < 1:
            raise GraphError(f"{operation.name} needs a whole number of inputs, 1 or more.")
        return value
    if key not in operation.settings:
        raise GraphError(_unknown(operation, key, list(operation.settings)))
    return _of_kind(operation, key, value, operation.settings[key])


def plain(value: Any) -> Any:
    """NumPy scalars as Python numbers and lists as tuples."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return tuple(plain(part) for part in value)
    return value


def _leaf_setting(operation: Operation, key: str, value: Any) -> Any:
    if key == "role":
        if not isinstance(value, str):
            raise GraphError(f"The role of {operation.name} must be a text, not {value!r}.")
        return value
    if value is None and key != "value":
        return None
    if isinstance(value, numbers.Real):
        return float(value)
    if key == "value":
        try:
            array = np.array(value, dtype=None if isinstance(value, np.ndarray) else float)
        except (TypeError, ValueError):
            array = np.array("")
        if array.dtype.kind in "fiub":
            return array
    raise GraphError(
        f"The {key} of {operation.name} must be a number{' or an array' * (key == 'value')}, "
        f"not {type(value).__name__}."
    )


def _unknown(operation: Operation, key: str, known: list[str]) -> str:
    names = f"its settings are {', '.join(known)}" if known else "it has no settings"
    return f"{operation.name} has no setting '{key}'; {names}."


def _says(operation: Operation, key: str, word: str) -> bool:
    """Whether the declared type of a setting mentions a word."""
    return word in operation.hints.get(key, "")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _of_kind(operation: Operation, key: str, value: Any, default: Any) -> Any:
    fits, expected = True, ""
    if value is None and (default is None or _says(operation, key, "None")):
        return None
    if isinstance(default, bool):
        fits, expected = isinstance(value, bool), "True or False"
    elif isinstance(default, str):
        fits, expected = isinstance(value, str), "a text in quotes"
    elif (
        isinstance(default, int) and isinstance(value, tuple) and _says(operation, key, "Sequence")
    ):
        fits, expected = all(map(_is_whole, value)), "a whole number or a tuple of them"
    elif isinstance(default, int):
        fits, expected = _is_whole(value), "a whole number"
    elif operation.hints.get(key) == "int | None":
        fits, expected = _is_whole(value), "a whole number or None"
    elif isinstance(default, float):
        fits = isinstance(value, numbers.Real) and not isinstance(value, bool)
        expected = "a number"
        value = float(value) if fits else value
    elif isinstance(default, tuple):
        value = (value,) if _is_whole(value) else value
        fits = isinstance(value, tuple) and all(_is_whole(part) for part in value)
        expected = "a whole number or a tuple of them"
    if not fits:
        raise GraphError(
            f"The setting '{key}' of {operation.name} must be {expected}, not {value!r}."
        )
    return value
