"""Numbers and arrays as people type them: `1.5`, `pi/2`, `[[1, 2], [3, 4]]`, `0, 1`."""

from __future__ import annotations

import ast
import math
from typing import Any

import numpy as np

from visualad.errors import VisualADError

LONGEST = 200  # characters of a number worth reading
MOST_ARRAY_CHARACTERS = 200_000


def read_number(text: str) -> float:
    """The number that a text means: a literal or arithmetic over numbers, pi and functions.

    Raises:
        VisualADError: if it means none; one sentence.
    """
    written = text.strip().replace("−", "-").replace("·", "*").replace("π", "pi")
    if not written:
        raise VisualADError("A number is missing here; type one, for example 1.5 or pi/2.")
    try:
        return float(written)
    except ValueError:
        return _arithmetic(written, text)


def _arithmetic(written: str, text: str) -> float:
    from visualad.autodiff.evaluate import evaluate
    from visualad.graph.parser import parse

    refusal = VisualADError(
        f"'{text.strip()[:40]}' is not a number; type one, for example 1.5, 2e-3 or pi/2."
    )
    if len(written) > LONGEST or "=" in written:
        raise refusal
    try:
        graph = parse(written)
        if graph.inputs or not len(graph):
            raise refusal
        value = evaluate(graph, {})[graph.nodes[-1].name]
    except VisualADError:
        raise refusal from None
    if np.ndim(value) or math.isnan(value):
        raise refusal
    return float(value)


def read_value(text: str) -> float | np.ndarray:
    """A number as `read_number` or an array as nested lists of numbers.

    Raises:
        VisualADError: if the text means neither.
    """
    if not text.lstrip().startswith(("[", "(")) or len(text) > MOST_ARRAY_CHARACTERS:
        return read_number(text)
    try:
        return np.array(ast.literal_eval(text.strip()), dtype=float)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return read_number(text)


def read_setting(text: str) -> Any:
    """A setting: None, True, a whole number, a tuple of them, a text; else as `read_number`.

    Raises:
        VisualADError: if it cannot be read.
    """
    stripped = text.strip()
    if stripped in ("", "none"):
        return None
    try:
        return ast.literal_eval(stripped)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return read_number(stripped)


def written(value: Any) -> str:
    """A number so that reading it gives the same number: `0.1`, `3`, `1e-09`."""
    if isinstance(value, bool | str) or value is None:
        return str(value)
    if isinstance(value, tuple):
        return ", ".join(written(part) for part in value) + ("," if len(value) == 1 else "")
    if np.ndim(value) == 0:
        number = float(value)
        if number.is_integer() and abs(number) < 1e15:
            return str(int(number))
        return repr(number)
    return np.array2string(np.asarray(value), separator=", ", threshold=64)
