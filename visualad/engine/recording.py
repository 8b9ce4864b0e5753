"""Recording what NumPy code does: operations become instructions without being written twice.

An operation's function and rules run once on `Recorded` arrays. Every ufunc, reduction and matrix
product they call leaves an instruction; views (transposes, slices, broadcasts) are just other ways
to look at a buffer. Code that cannot be recorded faithfully raises `NotRecordable`, and the plan
then calls the operation as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from visualad.engine.operands import (
    NO_OPTIONS,
    BufferView,
    Literal,
    NotRecordable,
    Row,
    Source,
    key_of_options,
    key_of_source,
    strides_of,
)
from visualad.engine.plan import VALUE, OpaqueCall
from visualad.ops.declaration import Operation

_TRUTH = np.dtype(bool)


class Recorded(np.ndarray[Any, Any]):
    """An array whose operations are written down by its recorder."""

    recorder: Recorder | None
    whole: BufferView | None = None  # of an array that is a buffer; views of it have none

    def __array_finalize__(self, origin: Any) -> None:
        self.recorder = getattr(origin, "recorder", None)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        recorder = self.recorder or recorder_of(inputs)
        return recorder.ufunc(ufunc, method, inputs, options)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        found = _FUNCTIONS.get(function)
        if found is not None:
            return found(recorder_of((self,)), *args, **kwargs)
        if function in _FRESH:
            return function(*_plainly(args), **_plainly(kwargs))
        if function not in _TRANSPARENT:
            raise NotRecordable(f"np.{function.__name__}")
        return super().__array_function__(function, types, args, kwargs)

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """A copy in another dtype, which the recorder writes down."""
        return recorder_of((self,)).convert(self, np.dtype(dtype))

    def copy(self, order: Any = "C") -> Any:
        """A copy, which the recorder writes down."""
        return recorder_of((self,)).convert(self, self.dtype)

    def mean(self, axis: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The mean as a sum and a quotient."""
        return recorder_of((self,)).mean(self, axis, *args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        # An element stays a view without axes; NumPy would hand out a bare number.
        parts = key if isinstance(key, tuple) else (key,)
        if not any(part is Ellipsis for part in parts):
            parts = (*parts, Ellipsis)
        return super().__getitem__(parts)

    def reshape(self, *shape: Any, **options: Any) -> Any:
        """Another shape; the recorder writes a copy down if that takes one."""
        wanted = shape[0] if len(shape) == 1 else shape
        return recorder_of((self,)).reshape(self, wanted, **options)

    def ravel(self, order: Any = "C") -> Any:
        """One axis."""
        return self.reshape(-1)

    def flatten(self, order: Any = "C") -> Any:
        """One axis."""
        return self.reshape(-1)

    def record_call(
        self, operation: Operation, inputs: Sequence[Any], settings: Mapping[str, Any]
    ) -> Any:
        """An operation calls another one."""
        return recorder_of((self,)).operation(operation, inputs, settings)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise NotRecordable("an assignment to elements")

    def _leaves_the_record(self, *_: Any, **__: Any) -> Any:
        raise NotRecordable("a number taken out of an array")

    __float__ = __int__ = __bool__ = __index__ = __complex__ = _leaves_the_record
    item = tolist = tobytes = dot = argsort = argmax = argmin = sort = fill = _leaves_the_record
    cumsum = cumprod = nonzero = take = put = repeat = trace = var = std = _leaves_the_record


class Recorder:
    """Collects the instructions of one plan.

    Attributes:
        dtype: of all numbers.
        rows: the instructions so far.
        buffers: an example of each buffer's content, flat shapes as they were made.
        wholes: each buffer as an operand.
        made: by instruction, as keys of all its parts, the buffer with its result.
    """

    def __init__(self, dtype: str) -> None:
        self.dtype = np.dtype(dtype)
        self.rows: list[Row] = []
        self.buffers: list[Any] = []
        self.wholes: list[BufferView] = []
        self._seen: list[Recorded | None] = []
        self._by_root: dict[int, int] = {}
        self._addresses: dict[int, int] = {}  # of buffers
        self.made: dict[object, int] = {}

    # Buffers ----------------------------------------------------------------------------------

    def buffer(self, example: Any) -> Recorded:
        """A new buffer with this content."""
        dtype = _TRUTH if getattr(example, "dtype", None) == _TRUTH else self.dtype
        return self.recorded(self._hold(np.array(example, dtype=dtype, order="C")))

    def recorded(self, number: int) -> Recorded:
        """A buffer as an array whose operations are written down."""
        found = self._seen[number]
        if found is None:
            found = self._seen[number] = self.buffers[number].view(Recorded)
            found.recorder = self
            found.whole = self.wholes[number]
        return found

    def part(self, seen: BufferView) -> Recorded:
        """Part of a buffer as an array whose operations are written down."""
        view: Recorded = self.content(seen, Recorded)
        view.recorder = self
        return view

    def content(self, seen: BufferView, kind: type[np.ndarray[Any, Any]] = np.ndarray) -> Any:
        """Part of a buffer's example."""
        root = self.buffers[seen.buffer]
        size = root.itemsize
        strides = tuple([stride * size for stride in seen.strides])
        return kind.__new__(kind, seen.shape, root.dtype, root, seen.offset * size, strides)

    def _hold(self, root: Any) -> int:
        """Make an array, as it will lie in memory, a buffer."""
        number = len(self.buffers)
        self.buffers.append(root)
        self._by_root[id(root)] = number
        shape = root.shape
        self.wholes.append(BufferView(number, 0, shape, strides_of(shape)))
        self._seen.append(None)
        return number

    def source(self, value: Any) -> Source:
        """An operand: a view of a buffer or a constant.

        Raises:
            NotRecordable: for a copy that no instruction made.
        """
        if isinstance(value, np.ndarray):
            whole: BufferView | None = getattr(value, "whole", None)
            if whole is not None and value.base is self.buffers[whole.buffer]:
                return whole
            root: Any = value
            while isinstance(root.base, np.ndarray):
                root = root.base
            number = self._by_root.get(id(root))
            if number is not None:
                size = root.itemsize
                begin = self._addresses.get(number)
                if begin is None:
                    begin = self._addresses[number] = _address(root)
                strides = tuple([stride // size for stride in value.strides])
                return BufferView(number, (_address(value) - begin) // size, value.shape, strides)
            if isinstance(value, Recorded):
                raise NotRecordable("a copy of an array")
            return Literal(value.copy())
        if isinstance(value, bool | int | float | np.generic):
            return Literal(value)
        raise NotRecordable(f"an operand of type {type(value).__name__}")

    def plain(self, value: Recorded) -> Any:
        """The numbers without the recording."""
        whole = value.whole
        if whole is not None and value.base is self.buffers[whole.buffer]:
            return value.base
        return value.view(np.ndarray)

    def mark(self) -> tuple[int, int]:
        """A place to go back to."""
        return len(self.rows), len(self.buffers)

    def rewind(self, mark: tuple[int, int]) -> None:
        """Forget what was recorded since."""
        rows, buffers = mark
        for root in self.buffers[buffers:]:
            del self._by_root[id(root)]
        for listed in (self.buffers, self.wholes, self._seen):
            del listed[buffers:]
        self._addresses.clear()
        del self.rows[rows:]
        self.made = {key: number for key, number in self.made.items() if number < buffers}

    def forget(self) -> None:
        """Let all arrays go at once; they and the recorder know each other."""
        for seen in self._seen:
            if seen is not None:
                seen.recorder = None
        self._seen.clear()
        self.buffers.clear()

    # Instructions -----------------------------------------------------------------------------

    def add(
        self,
        kind: str,
        function: Callable[..., Any] | None,
        inputs: Sequence[Any],
        result: Any,
        options: Mapping[str, Any] | None = None,
    ) -> Recorded:
        """Write an instruction down, unless one with the same result stands there already."""
        sources = tuple([self.source(x) for x in inputs])
        given = dict(options) if options else NO_OPTIONS
        wholes = self.wholes
        keys = [
            x.buffer if type(x) is BufferView and x is wholes[x.buffer] else key_of_source(x)
            for x in sources
        ]
        key = (kind, function, tuple(keys), key_of_options(given))
        number = self.made.get(key)
        if number is None:
            if result.dtype.kind not in "bf":
                raise NotRecordable(f"values of type {result.dtype}")
            number = self.write(key, kind, function, sources, result, given)
        return self.recorded(number)

    def write(
        self,
        key: object,
        kind: str,
        function: Callable[..., Any] | None,
        sources: tuple[Source, ...],
        result: Any,
        options: Mapping[str, Any],
    ) -> int:
        """Write an instruction with a new result, which nobody else has; returns its buffer."""
        dtype = _TRUTH if result.dtype == _TRUTH else self.dtype
        is_fit = type(result) is np.ndarray and result.dtype is dtype
        if not (is_fit and result.flags.c_contiguous):
            result = np.asarray(result, dtype=dtype, order="C")
        number = self._hold(result)
        self.rows.append(Row(kind, function, sources, (number,), options))
        self.made[key] = number
        return number

    def ufunc(
        self, ufunc: np.ufunc, method: str, inputs: Sequence[Any], options: Mapping[str, Any]
    ) -> Any:
        """A ufunc was called."""
        if ufunc is np.divide and method == "__call__":
            inputs = self._rescaled(*inputs)
        plain = [self.plain(x) if isinstance(x, Recorded) else x for x in inputs]
        if method == "__call__" and not options and ufunc.nout == 1 and ufunc is not np.matmul:
            return self.add("ufunc", ufunc, inputs, ufunc(*plain))
        given = options and {k: value for k, value in options.items() if not _is_default(k, value)}
        if method == "reduce" and len(inputs) == 1 and set(given) <= {"axis", "keepdims", "dtype"}:
            if given.get("dtype", self.dtype) != self.dtype:
                raise NotRecordable("a reduction in another dtype")
            values = self.convert(inputs[0], self.dtype) if plain[0].dtype == bool else inputs[0]
            axis = options.get("axis", 0)
            kept = {"axis": axis, "keepdims": bool(given.get("keepdims", False))}
            result = ufunc.reduce(_plainly((values,))[0], **kept)
            return self.add("reduce", ufunc, (values,), result, kept)
        if method != "__call__" or given or ufunc.nout != 1:
            raise NotRecordable(f"{ufunc.__name__}.{method} with {', '.join(given) or 'this'}")
        result = ufunc(*plain)
        if ufunc is np.matmul:
            flat = plain[0].ndim <= 2 and plain[1].ndim <= 2
            return self.add("dot" if flat else "matmul", None, inputs, result)
        return self.add("ufunc", ufunc, inputs, result)

    def _rescaled(self, x: Any, divisor: Any) -> tuple[Any, Any]:
        """2·y / n as y / (n/2), which is the same number; likewise for other powers of two."""
        row = self.rows[-1] if self.rows else None
        is_number = isinstance(divisor, int | float | np.generic) and isinstance(x, Recorded)
        if row is None or row.function is not np.multiply or not is_number:
            return x, divisor
        if x.whole is not self.wholes[row.outputs[0]]:
            return x, divisor
        for factor, other in (row.inputs, row.inputs[::-1]):
            if isinstance(factor, Literal) and isinstance(other, BufferView):
                value = factor.value
                is_power = np.ndim(value) == 0 and value >= 1 and math.frexp(value)[0] == 0.5
                if is_power and other is self.wholes[other.buffer]:
                    return self.recorded(other.buffer), divisor / value
        return x, divisor

    def convert(self, value: Any, dtype: np.dtype[Any]) -> Any:
        """A copy in the plan's dtype or of truth values."""
        if dtype not in {self.dtype, np.dtype(bool)}:
            raise NotRecordable(f"values of type {dtype}")
        return self.add("copy", None, (value,), np.asarray(value).astype(dtype), {"to": str(dtype)})

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """np.where was called."""
        if np.asarray(condition).dtype != bool:
            condition = np.not_equal(condition, 0.0)
        result = np.where(*_plainly((condition, x, y)))
        if result.dtype == bool:
            raise NotRecordable("a choice between truth values")
        return self.add("where", None, (condition, x, y), result)

    def mean(self, array: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
        """np.mean was called."""
        options: dict[str, Any] = {"axis": axis, "keepdims": bool(keepdims)}
        total = np.sum(array, **options)
        return total / (np.size(array) / max(1, np.size(total)))

    def concatenate(self, arrays: Sequence[Any], axis: int = 0) -> Any:
        """np.concatenate was called."""
        result = np.concatenate(_plainly(tuple(arrays)), axis=axis)
        return self.add("concatenate", None, arrays, result, {"axis": axis})

    def column_stack(self, arrays: Sequence[Any]) -> Any:
        """np.column_stack was called: as a concatenation."""
        columns = [x if np.ndim(x) > 1 else np.reshape(x, (-1, 1)) for x in arrays]
        return np.concatenate(columns, axis=1)

    def dot(self, a: Any, b: Any) -> Any:
        """np.dot was called."""
        plain = _plainly((a, b))
        if np.ndim(plain[0]) == 0 or np.ndim(plain[1]) == 0:
            return np.multiply(a, b)
        if plain[0].ndim > 2 or plain[1].ndim > 2:
            raise NotRecordable("np.dot of stacks of matrices")
        return self.add("dot", None, (a, b), np.dot(*plain))

    def reshape(self, array: Any, shape: Any, order: Any = "C", **options: Any) -> Any:
        """np.reshape was called: a view, of a copy where it must be."""
        if order != "C" or options.get("copy") is not None:
            raise NotRecordable("a reshape in another order")
        if not isinstance(array, Recorded):
            return np.reshape(array, shape)
        try:
            return np.ndarray.reshape(array, shape, copy=False)
        except ValueError:
            copied = self.convert(array, array.dtype)
            return np.ndarray.reshape(copied, shape, copy=False)

    def tensordot(self, a: Any, b: Any, axes: Any = 2) -> Any:
        """np.tensordot was called: as a product of two matrices."""
        if isinstance(axes, int):
            axes = (range(np.ndim(a) - axes, np.ndim(a)), range(axes))
        summed = [
            [axis % np.ndim(x) for axis in ([part] if isinstance(part, int) else part)]
            for x, part in zip((a, b), axes, strict=True)
        ]
        free = [
            [i for i in range(np.ndim(x)) if i not in s]
            for x, s in zip((a, b), summed, strict=True)
        ]
        shape = tuple(np.shape(x)[i] for x, kept in zip((a, b), free, strict=True) for i in kept)
        count = int(np.prod([np.shape(a)[i] for i in summed[0]], dtype=int))
        left = np.reshape(np.transpose(a, (*free[0], *summed[0])), (-1, count))
        right = np.reshape(np.transpose(b, (*summed[1], *free[1])), (count, -1))
        return np.reshape(np.dot(left, right), shape)

    def operation(
        self, operation: Operation, inputs: Sequence[Any], settings: Mapping[str, Any]
    ) -> Any:
        """An operation was called: recorded if possible, else as a call."""
        mark = self.mark()
        try:
            result = operation.function(*inputs, **settings)
            self.source(result)
        except NotRecordable:
            self.rewind(mark)
            opaque = OpaqueCall(operation, VALUE, dict(settings))
            return self.call(opaque, inputs, opaque(*_plainly(tuple(inputs))))[0]
        return result

    def broadcast_to(self, array: Any, shape: Any) -> Any:
        """np.broadcast_to was called: a view with strides 0."""
        wide = np.broadcast_to(plain(array), shape)
        seen = self.source(array)
        if isinstance(seen, Literal):
            return wide
        size = wide.itemsize
        strides = tuple([stride // size for stride in wide.strides])
        return self.part(BufferView(seen.buffer, seen.offset, wide.shape, strides))

    def call(
        self, function: Callable[..., Any], inputs: Sequence[Any], results: Sequence[Any]
    ) -> list[Recorded]:
        """An operation that could not be recorded is called as it is."""
        sources = tuple(self.source(x) for x in inputs)
        made = [self.buffer(result) for result in results]
        first = len(self.buffers) - len(made)
        outputs = tuple(range(first, len(self.buffers)))
        self.rows.append(Row("call", function, sources, outputs))
        return made


def recorder_of(values: Sequence[Any]) -> Recorder:
    """The recorder of the first array that has one."""
    for value in values:
        found = getattr(value, "recorder", None)
        if found is not None:
            return found  # type: ignore[no-any-return]
    raise NotRecordable("an array without a recorder")


def plain(value: Any) -> Any:
    """The numbers without the recording."""
    return value.view(np.ndarray) if isinstance(value, Recorded) else value


def _address(array: Any) -> int:
    """Where in the process's memory it begins."""
    found: int = array.__array_interface__["data"][0]
    return found


def _plainly(values: Any) -> Any:
    if isinstance(values, tuple | list):
        return type(values)(_plainly(value) for value in values)
    if isinstance(values, dict):
        return {key: _plainly(value) for key, value in values.items()}
    return plain(values)


def _is_default(key: str, value: Any) -> bool:
    return value is None or value is np._NoValue or (key == "where" and value is True)


_FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.where: Recorder.where,
    np.concatenate: Recorder.concatenate,
    np.column_stack: Recorder.column_stack,
    np.dot: Recorder.dot,
    np.mean: Recorder.mean,
    np.reshape: Recorder.reshape,
    np.tensordot: Recorder.tensordot,
    np.broadcast_to: Recorder.broadcast_to,
}
# New arrays that only take a shape from an argument.
_FRESH = frozenset({np.zeros_like, np.ones_like, np.full_like, np.empty_like})
# What gives views or facts about shapes, or is made of what is recorded anyway.
_TRANSPARENT = frozenset(
    {
        *(np.shape, np.size, np.ndim, np.result_type, np.transpose, np.ravel, np.expand_dims),
        *(np.squeeze, np.swapaxes, np.moveaxis, np.split, np.array_split, np.atleast_1d),
        *(np.atleast_2d, np.sum, np.max, np.min, np.amax, np.amin, np.clip),
        *(np.outer, np.stack, np.vstack, np.hstack, np.broadcast_arrays, np.flip, np.prod),
    }
)
