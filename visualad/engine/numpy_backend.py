"""The NumPy backend: instructions as calls with preallocated results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from functools import partial
from typing import Any

import numpy as np
from numpy import ndarray

from visualad.engine.backend import place_for, register_backend
from visualad.engine.merging import merge
from visualad.engine.operands import strides_of
from visualad.engine.plan import (
    ALIGNMENT,
    ARENA,
    GRADIENTS,
    MASK,
    PARAMETERS,
    Constant,
    Instruction,
    OpaqueCall,
    Operand,
    Plan,
)
from visualad.engine.reuse import share_memory
from visualad.engine.scalar_executable import ScalarExecutable
from visualad.engine.shortcuts import contract, spread_together
from visualad.errors import BackendError, GraphError

Array = Any
Call = Callable[[], Any]

_NOWHERE: tuple[Any, None] = (None, None)
NEAR = 1 << 16  # bytes: what is less lies in the first caches anyway
SMALL = 8192  # numbers: below, NumPy's loop for operands of different shapes costs more than a copy


class NumpyBackend:
    """Runs plans with NumPy, plans of scalars as plain Python numbers."""

    name = "numpy"
    description = "NumPy on the processor, always there"

    def is_available(self) -> bool:
        """True."""
        return True

    def load(
        self, plan: Plan, parameters: Array | None = None
    ) -> NumpyExecutable | ScalarExecutable:
        """Make a plan ready to run; see `Backend`."""
        kind = ScalarExecutable if plan.is_scalar else NumpyExecutable
        return kind(plan, parameters)


class NumpyExecutable:
    """A plan over arrays; see `Executable`. A run allocates no arrays.

    Attributes:
        plan: what was loaded.
        parameters: all parameters, flat and writable.
        gradients: the latest gradient, flat.

    Args:
        keep_all: every result of an instruction can be looked at after a run, not only the values
            of nodes.
    """

    def __init__(
        self, plan: Plan, parameters: Array | None = None, *, keep_all: bool = False
    ) -> None:
        self.plan = plan
        self.parameters = parameter_memory(plan, parameters)
        self.gradients = np.zeros(plan.sizes[GRADIENTS], dtype=plan.dtype)
        size = plan.sizes[ARENA]
        self._is_small = size * self.parameters.itemsize <= NEAR
        self._regions = {
            # With room for results that are to lie side by side, and for biases.
            ARENA: np.zeros(3 * (size + ALIGNMENT) if self._is_small else size, dtype=plan.dtype),
            MASK: np.zeros(plan.sizes[MASK], dtype=bool),
            PARAMETERS: self.parameters,
            GRADIENTS: self.gradients,
        }
        known: dict[Operand, Array] = {}
        stored = plan.inputs if parameters is not None else {**plan.inputs, **plan.parameters}
        for name, view in stored.items():
            known[view] = place = self._bind(view)
            place[...] = plan.initial[name]
        self._inputs = {name: known[view] for name, view in plan.inputs.items()}
        self._places = {name: (place, place.shape) for name, place in self._inputs.items()}
        self._outputs = {name: self._bind(operand) for name, operand in plan.outputs.items()}
        self._loss = None if plan.loss is None else self._bind(plan.values[plan.loss])
        self._kept = (*plan.values.values(), *plan.outputs.values(), *plan.wrt.values())
        forward: Sequence[Instruction] = plan.forward
        backward: Sequence[Instruction] = plan.backward
        if not keep_all:
            forward, backward = contract(plan, self._kept)
        self._rows = forward, backward
        self._prepare(forward, backward, known)
        # What is run again will be run often: the second time its rows are arranged for that.
        self._runs_to_wait = 0 if keep_all else 2
        # Where NumPy does not warn. Entering it takes a fifth of the time of `np.errstate`.
        self._quietly = copy_context()
        self._quietly.run(np.seterr, all="ignore")

    def run(self, inputs: Mapping[str, Any] | None = None) -> Mapping[str, Array]:
        """Compute the outputs; see `Executable`.

        Raises:
            ShapeError: if an input does not have the shape of the plan.
        """
        self._set(inputs)
        if self._runs_to_wait:
            self._wait()
        self._quietly.run(_follow, self._forward)
        return self._outputs

    def loss_and_gradient(self, inputs: Mapping[str, Any] | None = None) -> float:
        """Compute the loss and the gradients; see `Executable`.

        Raises:
            BackendError: if the plan has no loss.
            ShapeError: if an input does not have the shape of the plan.
        """
        if self._loss is None:
            raise BackendError("This plan has no loss to differentiate; compile it with `loss`.")
        self._set(inputs)
        if self._runs_to_wait:
            self._wait()
        self._quietly.run(_follow, self._all)
        loss: float = self._loss.item()
        return loss

    def gradient(self, name: str) -> Array:
        """The latest gradient with respect to one leaf."""
        return self._bind(self.plan.wrt[name])

    def parameter(self, name: str) -> Array:
        """One parameter, writable."""
        return self._bind(self.plan.parameters[name])

    def value(self, name: str) -> Array:
        """The latest value of a node."""
        if name not in self.plan.values:
            raise GraphError(f"The plan computes no node '{name}'.")
        return self._bind(self.plan.values[name])

    def memory(self, operand: Operand) -> Array:
        """What an operand of the plan holds at present; of any, if all was to be kept."""
        return self._bind(operand)

    def _wait(self) -> None:
        self._runs_to_wait -= 1
        if not self._runs_to_wait:
            self._arrange()

    def _arrange(self) -> None:
        """Find rows that take less time for the very same numbers.

        What anybody may look at stays where it is.
        """
        forward, backward = self._rows
        rows, split = [*forward, *backward], len(forward)
        if self._is_small:
            size = self.plan.sizes[ARENA]
            rows = merge(rows, self._kept, split, size)
            start = 2 * (size + ALIGNMENT)
            rows, numbers = spread_together(rows, start, self._regions[ARENA].size)
        else:
            rows = share_memory(rows, self._kept)
        self._prepare(rows[:split], rows[split:], {})
        if self._is_small and len(numbers):
            room = self._regions[ARENA][start : start + len(numbers)]
            # "clip" needs no buffer, and nothing is to be clipped.
            spreading = partial(self.parameters.take, numbers, None, room, "clip")
            self._forward.insert(0, spreading)
            self._all.insert(0, spreading)

    def _prepare(
        self,
        forward: Sequence[Instruction],
        backward: Sequence[Instruction],
        known: dict[Operand, Array],
    ) -> None:
        """Make calls of the rows."""
        self._forward = [call for row in forward for call in self._calls(row, known)]
        self._all = [*self._forward, *(c for row in backward for c in self._calls(row, known))]

    def _set(self, inputs: Mapping[str, Any] | None) -> None:
        if inputs:
            places = self._places
            for name, value in inputs.items():
                place, shape = places.get(name, _NOWHERE)
                if type(value) is not ndarray or value.shape != shape:
                    place = place_for(self._inputs, name, value)
                place[...] = value

    def _bind(self, operand: Operand) -> Array:
        """The memory that an operand looks at."""
        if isinstance(operand, Constant):
            value = operand.value
            kind = value.dtype.kind if isinstance(value, ndarray | np.generic) else ""
            is_truth = kind == "b" or isinstance(value, bool)
            return np.asarray(value, dtype=bool if is_truth else self.plan.dtype)
        at, offset, shape, strides = operand
        region = self._regions[at]
        size = region.itemsize
        if strides == strides_of(shape):
            return ndarray(shape, region.dtype, region, offset * size)
        return ndarray(
            shape, region.dtype, region, offset * size, [stride * size for stride in strides]
        )

    def _calls(self, row: Instruction, known: dict[Operand, Array]) -> list[Call]:
        """A row as calls without arguments.

        Args:
            known: operands as arrays. NumPy sees sooner that a result may be written over an
                operand if both are the same object.
        """
        bound = []
        for operand in (*row.inputs, row.output):
            found = known.get(operand)
            if found is None:
                found = known[operand] = self._bind(operand)
            bound.append(found)
        *inputs, out = bound
        match row.kind:
            case "ufunc":
                return self._elementwise(row, inputs, out)
            case "dot":
                # The method takes two thirds of the time of the function.
                return [partial(inputs[0].dot, inputs[1], out)]
            case "matmul":
                return [partial(np.matmul, *inputs, out)]
            case "reduce":
                return [self._reduction(row, inputs[0], out)]
            case "where":
                condition, x, y = inputs
                return [partial(_choose, condition, x, y, out)]
            case "copy":
                return [partial(np.copyto, out, inputs[0], "unsafe")]
            case "concatenate":
                return [partial(np.concatenate, inputs, row.options["axis"], out)]
            case _:
                assert isinstance(row.function, OpaqueCall)
                outputs = [out, *(self._bind(view) for view in row.more_outputs)]
                return [partial(_call_and_copy, row.function, tuple(inputs), outputs)]

    def _elementwise(self, row: Instruction, inputs: list[Array], out: Array) -> list[Call]:
        """A ufunc; an operand that is spread over the others' axes is copied out first."""
        function = row.function
        assert function is not None
        if function is np.divide and isinstance(row.inputs[0], Constant) and _is_one(inputs[0]):
            return [partial(np.reciprocal, inputs[1], out)]
        calls: list[Call] = []
        shape = out.shape
        if [x.shape for x in inputs].count(shape) < len(inputs):
            if len(inputs) == 2 and out.ndim == 2 and out.size > SMALL:
                inputs, out, calls = _in_tiles(inputs, out)
            elif out.size <= SMALL:
                for i, operand in enumerate(inputs):
                    if operand.size == 1:
                        inputs[i] = operand.reshape(())
                    elif operand.shape != shape:
                        inputs[i] = np.empty(shape, dtype=operand.dtype)
                        calls.append(partial(inputs[i].__setitem__, ..., operand))
        if function is np.maximum or function is np.minimum:
            # These two are about to take more than two inputs by position.
            return [*calls, partial(function, *inputs, out=out)]
        return [*calls, partial(function, *inputs, out)]

    def _reduction(self, row: Instruction, values: Array, out: Array) -> Call:
        """A reduction; sums of rows as a product with ones, which is faster."""
        axis, keepdims = row.options["axis"], row.options["keepdims"]
        ufunc = row.function
        assert isinstance(ufunc, np.ufunc)
        if ufunc is np.add and axis in (0, (0,)) and values.ndim == 2 and not keepdims:
            return partial(np.ones(len(values), dtype=values.dtype).dot, values, out)
        if ufunc is np.add and axis is None and values.flags.c_contiguous and out.ndim == 0:
            flat = values.reshape(-1)
            return partial(flat.dot, np.ones(flat.size, dtype=flat.dtype), out)
        axes = tuple(axis) if isinstance(axis, list) else axis
        return partial(ufunc.reduce, values, axis=axes, out=out, keepdims=keepdims)


def parameter_memory(plan: Plan, given: Array | None) -> Array:
    """The flat array of the parameters.

    Raises:
        BackendError: if the given one does not fit the plan.
    """
    size = plan.sizes[PARAMETERS]
    if given is None:
        return np.zeros(size, dtype=plan.dtype)
    if given.shape != (size,) or given.dtype != plan.dtype or not given.flags.c_contiguous:
        raise BackendError(
            f"The parameters must be one contiguous {plan.dtype} array of {size} numbers, not "
            f"{given.dtype} of shape {given.shape}."
        )
    return given


def _in_tiles(inputs: list[Array], out: Array) -> tuple[list[Array], Array, list[Call]]:
    """A row that is spread over the rows of a matrix, as few long rows instead of many short ones.

    Returns:
        The operands and the result as they are to be used; what copies the row out.
    """
    rows, columns = out.shape
    count = next((n for n in range(SMALL // max(1, columns), 1, -1) if rows % n == 0), 1)
    shapes = sorted(operand.shape for operand in inputs)
    wide = [operand for operand in (*inputs, out) if operand.shape == out.shape]
    if (
        count == 1
        or shapes != [(columns,), (rows, columns)]
        or not all(operand.flags.c_contiguous for operand in wide)
    ):
        return inputs, out, []
    shape = (rows // count, count * columns)
    (row,) = (x for x in inputs if x.ndim == 1)
    tile = np.empty((count, columns), dtype=row.dtype)
    folded = {id(x): x.reshape(shape) for x in wide}
    found = [tile.reshape(-1) if x is row else folded[id(x)] for x in inputs]
    return found, folded[id(out)], [partial(tile.__setitem__, ..., row)]


def _follow(calls: list[Call]) -> None:
    for call in calls:
        call()


def _is_one(array: Array) -> bool:
    return array.ndim == 0 and bool(array == 1)


def _choose(condition: Array, x: Array, y: Array, out: Array) -> None:
    np.copyto(out, y)
    np.copyto(out, x, where=condition)


def _call_and_copy(function: OpaqueCall, inputs: tuple[Array, ...], outputs: list[Array]) -> None:
    for out, result in zip(outputs, function(*inputs), strict=True):
        out[...] = result


register_backend(NumpyBackend())
