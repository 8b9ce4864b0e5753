"""Whether what some code does with arrays can be told from one run of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from visualad.engine.operands import NotRecordable, Row, Source
from visualad.engine.recording import Recorded, Recorder

Array = Any


def is_faithful(
    function: Callable[..., tuple[Array, ...]], inputs: Sequence[Array], dtype: str
) -> bool:
    """Whether the code leaves the same instructions for other numbers of the same shapes."""
    chance = np.random.default_rng(0)
    written: list[tuple[list[Row], list[Source]]] = []
    for sign in (1, -1):
        recorder = Recorder(dtype)
        values = []
        for x in inputs:
            if isinstance(x, Recorded):
                values.append(recorder.buffer(sign * chance.uniform(0.2, 0.9, np.shape(x))))
            else:
                values.append(x)
        try:
            found = function(*values)
            written.append((recorder.rows, [recorder.source(result) for result in found]))
        except NotRecordable:
            return False
    (rows, results), (others, other_results) = written
    return (
        len(rows) == len(others)
        and all(_same_row(a, b) for a, b in zip(rows, others, strict=True))
        and all(_same_source(a, b) for a, b in zip(results, other_results, strict=True))
    )


def _same_row(a: Row, b: Row) -> bool:
    return (
        (a.kind, a.function, a.outputs, dict(a.options))
        == (b.kind, b.function, b.outputs, dict(b.options))
        and len(a.inputs) == len(b.inputs)
        and all(_same_source(x, y) for x, y in zip(a.inputs, b.inputs, strict=True))
    )


def _same_source(a: Any, b: Any) -> bool:
    if hasattr(a, "value") and hasattr(b, "value"):
        return np.array_equal(a.value, b.value, equal_nan=True)
    return bool(a == b)
