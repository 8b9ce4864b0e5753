"""What an operation's code records, to be written down again without running it.

After an edit most operations meet arrays of shapes that they have met before, and graphs of
thousands of scalars have few kinds of operations: each is recorded once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from visualad.engine.operands import BufferView, Literal, Row, key_of_options, key_of_source
from visualad.engine.recording import Recorded, Recorder

Array = Any
Key = tuple[object, ...]

MOST = 2000  # templates that are remembered


class Line(NamedTuple):
    """An instruction of a template, or (with a `view`) another way to look at an operand.

    Attributes:
        kind, function, options: as in a `Row`.
        key: of the options.
        operands: picks them from the list of all.
        compute: what gives the result; None where nobody computes it while recording.
        dtype: of the result.
        view: of the first operand, which is a whole buffer.
    """

    kind: str
    function: Callable[..., Any] | None
    options: Mapping[str, Any]
    key: tuple[str, ...]
    operands: Callable[[Sequence[Any]], tuple[Any, ...]]
    compute: Callable[..., Any] | None
    dtype: Any
    view: BufferView | None = None


class Template(NamedTuple):
    """Instructions over operands in a list: the inputs, the constants, then what the lines give.

    Attributes:
        constants: with their keys.
        lines: each gives one more operand.
        results: of the code, by their places in the list.
    """

    constants: tuple[tuple[Literal, object], ...]
    lines: tuple[Line, ...]
    results: tuple[int, ...]


_templates: dict[Key, Template] = {}
_met: set[Key] = set()  # once; what comes again is remembered


def key_of(
    operation: object,
    kind: str,
    wanted: tuple[int, ...],
    settings: Mapping[str, Any],
    recorder: Recorder,
    inputs: Sequence[Array],
) -> Key | None:
    """What the instructions depend on; None if they are to be recorded in any case."""
    dtype, buffers = recorder.dtype, recorder.buffers
    met: list[object] = [operation, kind, wanted, dtype]
    for x in inputs:
        if isinstance(x, Recorded):
            whole = x.whole
            if whole is None or x.base is not buffers[whole.buffer]:
                return None
            met.append(whole.shape if x.dtype is dtype else (x.dtype, whole.shape))
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
    wholes, buffers, made = recorder.wholes, recorder.buffers, recorder.made
    sources: list[Any] = [x.whole for x in inputs if isinstance(x, Recorded)]
    keys: list[Any] = [whole.buffer for whole in sources]
    values: list[Any] = [buffers[number] for number in keys]
    for constant, constant_key in template.constants:
        sources.append(constant)
        keys.append(constant_key)
        values.append(constant.value)
    for kind, function, options, options_key, operands, compute, dtype, view in template.lines:
        if view is not None:
            (number,) = operands(keys)
            seen = BufferView(number, view.offset, view.shape, view.strides)
            sources.append(seen)
            keys.append(seen)
            values.append(recorder.content(seen))
            continue
        instruction = (kind, function, operands(keys), options_key)
        number = made.get(instruction)
        if number is None:
            result = np.zeros((), dtype) if compute is None else compute(*operands(values))
            number = recorder.write(instruction, kind, function, operands(sources), result, options)
        sources.append(wholes[number])
        keys.append(number)
        values.append(buffers[number])
    return [_shown(sources[place], recorder) for place in template.results]


def _shown(source: BufferView | Literal, recorder: Recorder) -> Array:
    """An operand as an array whose operations are written down."""
    if isinstance(source, Literal):
        return source.value
    is_whole = source is recorder.wholes[source.buffer]
    return recorder.recorded(source.buffer) if is_whole else recorder.part(source)


def remember(
    key: Key,
    function: Callable[..., tuple[Array, ...]],
    recorder: Recorder,
    inputs: Sequence[Array],
    mark: tuple[int, int],
    results: Sequence[Array],
) -> None:
    """Keep what the function recorded since the mark, when it does so for the second time."""
    if key not in _met:
        if len(_met) >= MOST:
            _met.clear()
        _met.add(key)
        return
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
    is_scalar = not any(recorder.buffers[number].shape for number in (*given, *made))
    found = [recorder.source(x) for x in results]
    asked = [*(x for row in rows for x in row.inputs), *found]
    constants = list({id(x): x for x in asked if isinstance(x, Literal)}.values())
    places: dict[object, int] = {recorder.wholes[number]: i for i, number in enumerate(given)}
    places |= {constant: len(given) + i for i, constant in enumerate(constants)}
    lines: list[Line] = []

    def place_of(source: BufferView | Literal) -> int:
        known = places.get(source)
        if known is not None:
            return known
        assert isinstance(source, BufferView)
        whole = places[recorder.wholes[source.buffer]]
        lines.append(Line("", None, {}, (), _picking(whole), None, None, source))
        return places.setdefault(source, len(given) + len(constants) + len(lines) - 1)

    try:
        for row in rows:
            picked = _picking(*map(place_of, row.inputs))
            whole = recorder.wholes[row.outputs[0]]
            compute = None if is_scalar else _computing(row)
            dtype = recorder.buffers[row.outputs[0]].dtype
            key = key_of_options(row.options)
            lines.append(Line(row.kind, row.function, row.options, key, picked, compute, dtype))
            places[whole] = len(given) + len(constants) + len(lines) - 1
        shown = tuple(map(place_of, found))
    except KeyError:  # a buffer that is none of the inputs
        return None
    return Template(tuple((x, key_of_source(x)) for x in constants), tuple(lines), shown)


def _picking(*places: int) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """What takes the elements at these places."""
    if len(places) > 1:
        return itemgetter(*places)
    (place,) = places
    return lambda listed: (listed[place],)


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
