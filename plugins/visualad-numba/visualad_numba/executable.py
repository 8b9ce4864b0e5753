"""A plan of arrays on the machine; what the machine has no rows for runs with NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy import ndarray

from visualad.plugin import (
    GRADIENTS,
    MASK,
    PARAMETERS,
    BackendError,
    Constant,
    GraphError,
    Instruction,
    OpaqueCall,
    Operand,
    Plan,
    ShapeError,
    Update,
    View,
    parameter_memory,
    place_for,
)
from visualad_numba import opcodes as o
from visualad_numba.cache import machine
from visualad_numba.lowering import Segment, lower
from visualad_numba.memory import distance
from visualad_numba.programs import Training, program
from visualad_numba.strides import in_order

Array = Any

_INT64 = np.dtype(np.int64)
_NOWHERE: tuple[Any, None] = (None, None)
_NO_ORDER, _NO_LOSSES = np.zeros(0, dtype=np.int64), np.zeros(0)


class NumbaExecutable:
    """See `visualad.plugin.Executable`.

    Attributes:
        plan: what was loaded.
        parameters: all parameters, flat and writable.
        gradients: the latest gradient, flat.
        notes: a sentence for each operation that runs with NumPy.
    """

    def __init__(
        self, plan: Plan, parameters: Array | None = None, *, keep_all: bool = False
    ) -> None:
        self.plan = plan
        self.parameters = parameter_memory(plan, parameters)
        self._machine, self._gemm = _machine_for(plan.dtype)
        self._table = lower(plan, self.parameters, keep_all=keep_all)
        self._memory = self._table.memory
        self.gradients = self._memory[: plan.sizes[GRADIENTS]]
        stored = plan.inputs if parameters is not None else {**plan.inputs, **plan.parameters}
        for name, view in stored.items():
            self._bind(view)[...] = plan.initial[name]
        self._inputs = {name: self._bind(view) for name, view in plan.inputs.items()}
        self._outputs = {name: self._bind(x) for name, x in plan.outputs.items()}
        self._loss = None if plan.loss is None else self._bind(plan.values[plan.loss])
        self._places = {name: (place, place.shape) for name, place in self._inputs.items()}
        self._forward, self._all = (
            [(segment.instruction, self._program(segment)) for segment in segments]
            for segments in (self._table.forward, self._table.all)
        )
        self._training: Training | None = None
        self._whole: NumbaExecutable | None = None
        segments = (*self._table.forward, *self._table.all)
        self.notes = _notes([x for x in segments if x.instruction is not None])

    def run(self, inputs: Mapping[str, Any] | None = None) -> Mapping[str, Array]:
        """Compute the outputs."""
        self._set(inputs)
        self._execute(self._forward)
        if self.plan.sizes[MASK]:
            return {name: self._shown(x) for name, x in self.plan.outputs.items()}
        return self._outputs

    def loss_and_gradient(self, inputs: Mapping[str, Any] | None = None) -> float:
        """Compute the loss and the gradients."""
        if self._loss is None:
            raise BackendError("This plan has no loss to differentiate; compile it with `loss`.")
        self._set(inputs)
        self._execute(self._all)
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
        if self._table.is_lean and name not in self.plan.inputs:
            return self._with_all_values().value(name)
        return self._shown(self.plan.values[name])

    def _with_all_values(self) -> NumbaExecutable:
        """The same plan once more, with all values in memory, for the present inputs."""
        if self._whole is None:
            self._whole = NumbaExecutable(self.plan, self.parameters, keep_all=True)
        self._whole.run(self._inputs)
        return self._whole

    # Many steps -------------------------------------------------------------------------------

    def can_train(self, update: Update) -> bool:
        """Whether `train_steps` can carry out this optimiser on this plan."""
        parameters = self.parameters
        return (
            self._loss is not None
            and len(self._all) == 1
            and self._all[0][0] is None
            and update.rule in o.RULES
            and len(update.numbers) <= o.MOST_NUMBERS
            and len(update.memory) <= o.MOST_MEMORY
            and all(x.size == parameters.size for x in update.memory)
            and all(x.dtype == parameters.dtype for x in update.memory)
            and all(x.flags.c_contiguous for x in update.memory)
        )

    def train_steps(
        self, data: Mapping[str, Array], order: Array, batch: int, update: Update
    ) -> Array:
        """Many training steps without the GIL; see `visualad.plugin.TrainsManySteps`."""
        training = self._training
        if training is None or not training.fits(data, batch, update):
            training = self._training = self._trained_on(data, batch, update)
        if order.dtype is not _INT64 or not order.flags.c_contiguous:
            order = np.ascontiguousarray(order, dtype=_INT64)
        steps = len(order) // batch
        losses = np.empty(steps)
        if not steps:
            return losses
        if training.count != update.count or training.numbers is not update.numbers:
            training.take_over()
        done = self._machine(self._memory, training.program, order, losses)
        if done < 0:
            count = training.program[o.SAMPLES]
            raise ShapeError(f"The order names samples that are not among the {count} given.")
        training.count = update.count = update.count + done
        return losses if done == steps else losses[: done + 1]

    def _trained_on(self, data: Mapping[str, Array], batch: int, update: Update) -> Training:
        assert self._loss is not None
        made = self._program(self._table.all[0], len(data))
        made[o.LOSS] = distance(self._loss, self._memory)
        places = {
            name: (place.shape, distance(place, self._memory))
            for name, place in self._inputs.items()
        }
        return Training(self.plan, made, self._memory, self.parameters, places, data, batch, update)

    # ------------------------------------------------------------------------------------------

    def _program(self, segment: Segment, feeds: int = 0) -> Array:
        return program(self._table, segment, self._gemm, feeds)

    def _execute(self, segments: list[tuple[Instruction | None, Array]]) -> None:
        for instruction, made in segments:
            if instruction is None:
                self._machine(self._memory, made, _NO_ORDER, _NO_LOSSES)
            else:
                self._with_numpy(instruction)

    def _with_numpy(self, row: Instruction) -> None:
        """Run an instruction as NumPy does."""
        inputs = [self._shown(operand) for operand in row.inputs]
        function: Any = row.function
        with np.errstate(all="ignore"):
            match row.kind:
                case "ufunc":
                    results = (function(*inputs),)
                case "reduce":
                    axis = row.options["axis"]
                    axis = tuple(axis) if isinstance(axis, list) else axis
                    results = (function.reduce(inputs[0], axis, keepdims=row.options["keepdims"]),)
                case "matmul":
                    results = (np.matmul(*inputs),)
                case "dot":
                    results = (np.dot(*inputs),)
                case "where":
                    results = (np.where(*inputs),)
                case "concatenate":
                    results = (np.concatenate(inputs, row.options["axis"]),)
                case "copy":
                    results = (inputs[0],)
                case _:
                    results = function(*inputs)
        for view, result in zip((row.output, *row.more_outputs), results, strict=True):
            self._bind(view)[...] = result

    def _set(self, inputs: Mapping[str, Any] | None) -> None:
        if inputs:
            places = self._places
            for name, value in inputs.items():
                place, shape = places.get(name, _NOWHERE)
                if type(value) is not ndarray or value.shape != shape:
                    place = place_for(self._inputs, name, value)
                place[...] = value

    def _bind(self, operand: Operand) -> Array:
        """The memory that an operand looks at; truth values are numbers there."""
        if isinstance(operand, Constant):
            kind = np.asarray(operand.value).dtype.kind
            return np.asarray(operand.value, dtype=bool if kind == "b" else self.plan.dtype)
        if operand.region == PARAMETERS:
            memory, start = self.parameters, operand.offset
        else:
            memory, start = self._memory, self._table.place(operand)
        size = memory.itemsize
        if operand.strides == in_order(operand.shape):
            return ndarray(operand.shape, memory.dtype, memory, start * size)
        strides = [stride * size for stride in operand.strides]
        return ndarray(operand.shape, memory.dtype, memory, start * size, strides)

    def _shown(self, operand: Operand) -> Array:
        """An operand's numbers or truth values."""
        found = self._bind(operand)
        is_truth = isinstance(operand, View) and operand.region == MASK
        return found != 0 if is_truth else found


@cache
def _machine_for(dtype: str) -> tuple[Any, int]:
    """What runs programs, and the address of BLAS; looking for them takes a while."""
    return machine().run_for(dtype), machine().gemm_address(dtype)


def _notes(segments: Sequence[Segment]) -> tuple[str, ...]:
    """A sentence about each operation or function that runs with NumPy."""
    found: dict[str, str] = {}
    for segment in segments:
        row = segment.instruction
        assert row is not None
        if isinstance(row.function, OpaqueCall):
            title = f"The operation {row.function.operation.name} runs with NumPy"
        else:
            name = getattr(row.function, "__name__", row.kind)
            title = f"The function {name}, which Numba's machine lacks, runs with NumPy"
        why = f", as Numba cannot compile it: {segment.reason}." if segment.reason else "."
        found.setdefault(title, title + why)
    return tuple(found.values())
