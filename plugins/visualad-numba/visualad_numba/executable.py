"""A plan of arrays on the machine; what the machine has no rows for runs with NumPy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

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
from visualad_numba.memory import aligned, distance

Array = Any

RULES = {"sgd": o.SGD, "momentum": o.MOMENTUM, "nesterov": o.NESTEROV, "adam": o.ADAM}


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
        from visualad_numba.products import SCRATCH

        self.plan = plan
        self.parameters = parameter_memory(plan, parameters)
        self._machine = machine()
        self._run = self._machine.run
        self._table = lower(plan, self.parameters, keep_all=keep_all)
        self._memory, self._rows = self._table.memory, self._table.rows
        self._scratch = aligned(SCRATCH, plan.dtype)
        self.gradients = self._memory[: plan.sizes[GRADIENTS]]
        stored = plan.inputs if parameters is not None else {**plan.inputs, **plan.parameters}
        for name, view in stored.items():
            self._bind(view)[...] = plan.initial[name]
        self._inputs = {name: self._bind(view) for name, view in plan.inputs.items()}
        self._outputs = {name: self._bind(x) for name, x in plan.outputs.items()}
        self._loss = None if plan.loss is None else self._bind(plan.values[plan.loss])
        self._loss_at = 0 if self._loss is None else distance(self._loss, self._memory)
        self._places = {
            name: (place.shape, distance(place, self._memory))
            for name, place in self._inputs.items()
        }
        self._forward, self._all = self._table.forward, self._table.all
        self._whole: NumbaExecutable | None = None
        self.notes = tuple(
            dict.fromkeys(
                f"{_title(segment.instruction)} runs with NumPy."
                for segment in (*self._forward, *self._all)
                if segment.instruction is not None
            )
        )

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
        return float(self._loss.item())

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
        return (
            self._loss is not None
            and len(self._all) == 1
            and self._all[0].instruction is None
            and update.rule in RULES
        )

    def train_steps(
        self, data: Mapping[str, Array], order: Array, batch: int, update: Update
    ) -> Array:
        """Many training steps without the GIL; see `visualad.plugin.TrainsManySteps`."""
        assert self._loss is not None
        # The machine reads addresses: rows must lie in one piece, and every sample must be there.
        tables = {
            name: table if table[:1].flags.c_contiguous else np.ascontiguousarray(table)
            for name, table in data.items()
        }
        count = min(map(len, tables.values()), default=0)
        if tables and len(order) and not 0 <= np.min(order) <= np.max(order) < count:
            raise ShapeError(f"The order names samples that are not among the {count} given.")
        feeds = np.array(
            [self._feed(name, table, batch) for name, table in tables.items()], dtype=np.int64
        ).reshape(-1, 4)
        losses = np.zeros(len(order) // batch)
        numbers = np.zeros(4)
        numbers[: len(update.numbers)] = update.numbers
        memory = [*update.memory, self.parameters[:0], self.parameters[:0]]
        done = self._machine.train(
            self._memory,
            self._table.rows[self._all[0].start : self._all[0].stop],
            self._scratch,
            feeds,
            np.ascontiguousarray(order, dtype=np.int64),
            batch,
            self._loss_at,
            self.parameters,
            RULES[update.rule],
            numbers,
            memory[0],
            memory[1],
            update.count,
            losses,
        )
        update.count += done
        return losses[: done + 1]

    def _feed(self, name: str, table: Array, batch: int) -> tuple[int, int, int, int]:
        shape, place = self._places[name]
        width = math.prod(shape[1:])
        if shape != (batch, *table.shape[1:]) or table.dtype != self._memory.dtype:
            raise ShapeError(
                f"Input {name} must have the shape {shape} and the dtype {self._memory.dtype} that "
                f"the plan was made for, not {(batch, *table.shape[1:])} and {table.dtype}."
            )
        step = table.strides[0] // table.itemsize if len(table) > 1 else width
        return distance(table, self._memory), step, place, width

    # ------------------------------------------------------------------------------------------

    def _execute(self, segments: list[Segment]) -> None:
        for segment in segments:
            if segment.instruction is None:
                self._run(self._memory, self._rows, self._scratch, segment.start, segment.stop)
            else:
                self._with_numpy(segment.instruction)

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
        if not inputs:
            return
        for name, value in inputs.items():
            place_for(self._inputs, name, value)[...] = value

    def _bind(self, operand: Operand) -> Array:
        """The memory that an operand looks at; truth values are numbers there."""
        if isinstance(operand, Constant):
            kind = np.asarray(operand.value).dtype.kind
            return np.asarray(operand.value, dtype=bool if kind == "b" else self.plan.dtype)
        if operand.region == PARAMETERS:
            memory, start = self.parameters, operand.offset
        else:
            memory, start = self._memory, self._table.place(operand)
        return np.lib.stride_tricks.as_strided(
            memory[start:],
            operand.shape,
            tuple(stride * memory.itemsize for stride in operand.strides),
        )

    def _shown(self, operand: Operand) -> Array:
        """An operand's numbers or truth values."""
        found = self._bind(operand)
        is_truth = isinstance(operand, View) and operand.region == MASK
        return found != 0 if is_truth else found


def _title(row: Instruction) -> str:
    if isinstance(row.function, OpaqueCall):
        return f"The operation {row.function.operation.name}"
    name = getattr(row.function, "__name__", row.kind)
    return f"The NumPy function {name}"
