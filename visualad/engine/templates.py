"""What an operation's code records for plain numbers, to be written down again without running it.

Graphs of thousands of scalars have few kinds of operations: each is recorded once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.engine.recording import BufferView, Recorded, Recorder, Row, Source

Array = Any


@dataclass(frozen=True)
class Template:
    """Instructions over numbers; the first buffers are the inputs.

    Attributes:
        rows: with one result each, in a buffer after those before.
        dtypes: of their results.
        results: of the code.
    """

    rows: tuple[Row, ...]
    dtypes: tuple[Any, ...]
    results: tuple[Source, ...]


def template_of(
    recorder: Recorder, inputs: Sequence[Array], results: Sequence[Source]
) -> Template | None:
    """What a new recorder holds as a template; None if it is not about numbers alone."""
    count = len(inputs)
    if any(root.shape for root in recorder.buffers):
        return None
    if any(row.kind == "call" for row in recorder.rows):
        return None
    return Template(
        tuple(recorder.rows),
        tuple(root.dtype for root in recorder.buffers[count:]),
        tuple(results),
    )


def replay(template: Template, recorder: Recorder, inputs: Sequence[Recorded]) -> list[Array]:
    """Write the instructions down for these inputs; returns the results."""
    known: list[Array] = list(inputs)

    def found(source: Source) -> Array:
        return known[source.buffer] if isinstance(source, BufferView) else source.value

    for row, dtype in zip(template.rows, template.dtypes, strict=True):
        operands = [found(source) for source in row.inputs]
        made = np.zeros((), dtype=dtype)
        known.append(recorder.add(row.kind, row.function, operands, made, row.options))
    return [found(source) for source in template.results]
