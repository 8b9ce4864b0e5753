"""What an operation's code records, to be written down again without running it.

After an edit most operations meet arrays of shapes that they have met before, and graphs of
thousands of scalars have few kinds of operations: each is recorded once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from visualad.engine.recording import (
    BufferView,
    Literal,
    Recorded,
    Recorder,
    Row,
    key_of_options,
    key_of_source,
)

Array = Any
Key = tuple[object, ...]
Reference = int | BufferView | Literal  # a whole buffer by its number, part of one, a constant

MOST = 2000  # templates that are remembered


class Line(NamedTuple):
    """An instruction of a template.

    Attributes:
        kind, function, options: as in a `Row`.
        key: of the options.
        inputs: the operands, each with its key if it is a constant.
        compute: what gives the result; None where nobody computes it while recording.
        dtype: of the result.
    """

    kind: str
    function: Callable[..., Any] | None
    options: Mapping[str, Any]
    key: tuple[str, ...]
    inputs: tuple[tuple[Reference, object], ...]
    compute: Callable[..., Any] | None
    dtype: Any


class Template(NamedTuple):
    """Instructions over buffers that are numbered anew: first the inputs, then the results.

    Attributes:
        lines: with one result each.
        results: of the code.
    """

    lines: tuple[Line, ...]
    results: tuple[Reference, ...]


_templates: dict[Key, Template] = {}


def key_of(
    operation: object,
    kind: str,
    wanted: tuple[int, ...],
    settings: Mapping[str, Any],
    recorder: Recorder,
    inputs: Sequence[Array],
) -> Key | None:
    """What the instructions depend on; None if they are to be recorded in any case."""
    met: list[object] = [operation, kind, wanted, recorder.dtype]
    for x in inputs:
        if isinstance(x, Recorded):
            whole = x.whole
            if whole is None or x.base is not recorder.buffers[whole.buffer]:
                return None
            met.append(whole.shape if x.dtype == recorder.dtype else (bool, whole.shape))
        elif isinstance(x, int | float | np.generic):
            met.append((type(x), repr(x)))
        else:
            return None
    for name, value in settings.items() if settings else ():
        if not (value is None or isinstance(value, int | float | str)):
            return None
        met.append((name, repr(value)))
    return tuple(met)


def again(key: Key | None, recorder: Recorder, inputs: Sequence[Array]) -> list[Array] | None:
    """Write what is remembered down for these inputs: the results; None if nothing is."""
    template = None if key is None else _templates.get(key)
    if template is None:
        return None
    numbers = [x.whole.buffer for x in inputs if isinstance(x, Recorded) and x.whole is not None]
    wholes, buffers, made = recorder.wholes, recorder.buffers, recorder.made
    for kind, function, options, options_key, references, compute, dtype in template.lines:
        sources: list[Any] = []
        keys: list[object] = []
        for x, key_of_constant in references:
            if type(x) is int:
                source: Any = wholes[numbers[x]]
            elif key_of_constant is None:
                source = x._replace(buffer=numbers[x.buffer])  # type: ignore[union-attr]
            else:
                source = x
            sources.append(source)
            keys.append(key_of_constant or source)
        instruction = (kind, function, tuple(keys), options_key)
        number = made.get(instruction)
        if number is None:
            if compute is None:
                result = np.zeros((), dtype)
            else:
                values = [
                    source.value
                    if type(source) is Literal
                    else buffers[source[0]]
                    if type(x) is int
                    else recorder.content(source)
                    for source, (x, _) in zip(sources, references, strict=True)
                ]
                result = compute(*values)
            number = recorder.write(instruction, kind, function, tuple(sources), result, options)
        numbers.append(number)
    return [_result(x, numbers, recorder) for x in template.results]


def _result(x: Reference, numbers: Sequence[int], recorder: Recorder) -> Array:
    if isinstance(x, Literal):
        return x.value
    if isinstance(x, BufferView):
        return recorder.part(x._replace(buffer=numbers[x.buffer]))
    return recorder.recorded(numbers[x])


def remember(
    key: Key,
    function: Callable[..., tuple[Array, ...]],
    recorder: Recorder,
    inputs: Sequence[Array],
    mark: tuple[int, int],
    results: Sequence[Array],
) -> None:
    """Keep what the function recorded since the mark."""
    found = _template(recorder, inputs, mark, results)
    if found is None and not _has_call(recorder, mark):
        # Parts of it stood there already. Apart from the rest it is complete.
        apart = Recorder(str(recorder.dtype))
        given = [apart.buffer(recorder.plain(x)) if isinstance(x, Recorded) else x for x in inputs]
        begin = apart.mark()
        found = _template(apart, given, begin, function(*given))
    if found is not None:
        if len(_templates) >= MOST:
            _templates.clear()
        _templates[key] = found


def _template(
    recorder: Recorder, inputs: Sequence[Array], mark: tuple[int, int], results: Sequence[Array]
) -> Template | None:
    """What was recorded since the mark; None if it is not all made of the inputs."""
    first_row, first_buffer = mark
    given = [x.whole.buffer for x in inputs if isinstance(x, Recorded) and x.whole is not None]
    rows = recorder.rows[first_row:]
    made = range(first_buffer, len(recorder.buffers))
    if _has_call(recorder, mark):
        return None
    if len(set(given)) < len(given) or [row.outputs for row in rows] != [(n,) for n in made]:
        return None
    numbers = {number: place for place, number in enumerate((*given, *made))}
    is_scalar = not any(recorder.buffers[number].shape for number in numbers)

    def reference(source: BufferView | Literal) -> Reference:
        if isinstance(source, Literal):
            return source
        number = numbers[source.buffer]
        is_whole = source == recorder.wholes[source.buffer]
        return number if is_whole else source._replace(buffer=number)

    def line(row: Row) -> Line:
        inputs = tuple(
            [
                (reference(x), key_of_source(x) if isinstance(x, Literal) else None)
                for x in row.inputs
            ]
        )
        compute = None if is_scalar else _computing(row)
        dtype = recorder.buffers[row.outputs[0]].dtype
        key = key_of_options(row.options)
        return Line(row.kind, row.function, row.options, key, inputs, compute, dtype)

    try:
        lines = tuple(map(line, rows))
        return Template(lines, tuple([reference(recorder.source(x)) for x in results]))
    except KeyError:  # a buffer that is none of the inputs
        return None


def _has_call(recorder: Recorder, mark: tuple[int, int]) -> bool:
    return any(row.kind == "call" for row in recorder.rows[mark[0] :])


def _computing(row: Row) -> Callable[..., Any]:
    """What gives the result of a row."""
    match row.kind:
        case "ufunc":
            assert row.function is not None
            return row.function
        case "reduce":
            assert isinstance(row.function, np.ufunc)
            return partial(row.function.reduce, **row.options)
        case "where":
            return np.where
        case "copy":
            return partial(_converted, row.options["to"])
        case "concatenate":
            return partial(_concatenated, row.options["axis"])
        case _:
            return np.matmul


def _converted(dtype: str, x: Array) -> Array:
    return x.astype(dtype)


def _concatenated(axis: int, *arrays: Array) -> Array:
    return np.concatenate(arrays, axis=axis)
