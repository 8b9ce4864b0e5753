"""A plan with its memory on the device.

Elementwise rows run as groups in one kernel; products, sums and joins are CuPy's; what only the
processor can do (code of a plugin that could not be recorded) travels there and back.

Every array function is taken from the module `xp`. It is CuPy on a GPU; with NumPy in its place
and the kernel in Numba's simulator the whole executable runs, and is tested, without one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from visualad.plugin import (
    ARENA,
    GRADIENTS,
    MASK,
    PARAMETERS,
    BackendError,
    Constant,
    GraphError,
    Instruction,
    Operand,
    Plan,
    Update,
    View,
    parameter_memory,
    place_for,
)
from visualad_cuda.grouping import NUMBERS, TRUTHS, Constants, Group, axes, groups, table
from visualad_cuda.updates import RULES

Array = Any
Launch = Callable[..., None]
Call = Callable[[], object]


class CudaExecutable:
    """A loaded plan; see `visualad.plugin.Executable`.

    Attributes:
        plan: what was loaded.
        parameters: all parameters, flat, on the host. Each run reads them.
        gradients: the latest gradient, flat, on the host.
        notes: one sentence for each operation that runs on the processor.
    """

    def __init__(
        self, plan: Plan, parameters: Array | None, xp: ModuleType, launch: Launch
    ) -> None:
        self.plan = plan
        self.parameters = parameter_memory(plan, parameters)
        self.gradients = np.zeros(plan.sizes[GRADIENTS], dtype=plan.dtype)
        self.notes: tuple[str, ...] = ()
        self._xp = xp
        self._launch = launch
        self._starts = {
            ARENA: 0,
            PARAMETERS: plan.sizes[ARENA],
            GRADIENTS: plan.sizes[ARENA] + plan.sizes[PARAMETERS],
            MASK: 0,
        }
        self._ends = {
            NUMBERS: self._starts[GRADIENTS] + plan.sizes[GRADIENTS],
            TRUTHS: plan.sizes[MASK],
        }
        constants = Constants()
        forward, backward = groups(plan.forward), groups(plan.backward)
        tables = {
            id(part): self._table(part, constants)
            for part in (*forward, *backward)
            if isinstance(part, Group)
        }
        numbers = np.zeros(self._ends[NUMBERS], dtype=plan.dtype)
        truths = np.zeros(max(1, self._ends[TRUTHS]), dtype=np.bool_)
        self._numbers = xp.asarray(np.concatenate([numbers, *constants.numbers], dtype=plan.dtype))
        self._truths = xp.asarray(np.concatenate([truths[: plan.sizes[MASK]], *constants.truths,
                                                  np.zeros(1, dtype=np.bool_)]))  # fmt: skip
        self._samples: dict[str, tuple[object, Array, Array]] = {}
        self._device_parameters = self._region(PARAMETERS)
        self._device_gradients = self._region(GRADIENTS)
        stored = plan.inputs if parameters is not None else {**plan.inputs, **plan.parameters}
        for name, view in stored.items():
            value = plan.initial[name]
            if view.region == PARAMETERS:
                self._on_host(self.parameters, view)[...] = value
            else:
                self._bind(view)[...] = xp.asarray(value, dtype=plan.dtype)
        self._inputs = {name: self._bind(view) for name, view in plan.inputs.items()}
        self._outputs = plan.outputs
        self._forward = [self._prepare(part, tables) for part in forward]
        self._backward = [self._prepare(part, tables) for part in backward]

    # Running ----------------------------------------------------------------------------------

    def run(self, inputs: Mapping[str, Any] | None = None) -> Mapping[str, Array]:
        """Compute the outputs; see `Executable`.

        Raises:
            ShapeError: if an input does not have the shape of the plan.
        """
        self._set(inputs)
        self._upload()
        for call in self._forward:
            call()
        return {name: self._fetch(operand) for name, operand in self._outputs.items()}

    def loss_and_gradient(self, inputs: Mapping[str, Any] | None = None) -> float:
        """Compute the loss and the gradients; see `Executable`.

        Raises:
            BackendError: if the plan has no loss.
            ShapeError: if an input does not have the shape of the plan.
        """
        self._set(inputs)
        self._upload()
        self._compute_gradient()
        self.gradients[...] = self._to_host(self._device_gradients)
        return self._loss()

    def can_train(self, update: Update) -> bool:
        """Whether `train_steps` knows the optimiser's rule."""
        return self.plan.loss is not None and update.rule in RULES

    def train_steps(
        self, data: Mapping[str, Array], order: Array, batch: int, update: Update
    ) -> Array:
        """Do many training steps; see `visualad.plugin.TrainsManySteps`.

        Parameters, data and the optimiser's memory stay on the device meanwhile. The device is
        waited for once, at the end: a loss that is no finite number is found there, so what comes
        after it is computed too but changes no parameters.
        """
        xp, parameters = self._xp, self._device_parameters
        self._upload()
        samples = {name: self._on_device(name, values) for name, values in data.items()}
        rows = xp.asarray(order)
        memory = [xp.asarray(array).copy() for array in update.memory]
        goal = self._bind(self.plan.values[self.plan.loss or ""])
        losses = xp.zeros(len(order) // batch, dtype=self.plan.dtype)
        alive = xp.ones((), dtype=bool)
        for step in range(len(losses)):
            taken = rows[step * batch : (step + 1) * batch]
            for name, values in samples.items():
                self._inputs[name][...] = values[taken]
            self._compute_gradient()
            losses[step] = goal.reshape(())
            alive = alive & xp.isfinite(losses[step])
            change = RULES[update.rule](
                xp, self._device_gradients, update.numbers, memory, update.count + step + 1
            )
            parameters[...] = xp.where(alive, parameters - change, parameters)
        found = self._to_host(losses)
        failed = np.flatnonzero(~np.isfinite(found))
        done = len(found) if failed.size == 0 else int(failed[0])
        self.parameters[...] = self._to_host(parameters)
        self.gradients[...] = self._to_host(self._device_gradients)
        for kept, array in zip(update.memory, memory, strict=True):
            kept[...] = self._to_host(array)
        update.count += done
        return found[: done + 1]

    def _on_device(self, name: str, values: Array) -> Array:
        """Data on the device; sent there once, as long as the same array is given."""
        key = (values.__array_interface__["data"][0], values.shape, values.strides)
        kept = self._samples.get(name)
        if kept is None or kept[0] != key:
            # The host's array is held too, so that nothing else can come to lie at its address.
            kept = (key, values, self._xp.asarray(values))
            self._samples[name] = kept
        return kept[2]

    def gradient(self, name: str) -> Array:
        """The latest gradient with respect to one leaf, in its shape."""
        return self._on_host(self.gradients, self.plan.wrt[name])

    def parameter(self, name: str) -> Array:
        """One parameter in its shape, writable."""
        return self._on_host(self.parameters, self.plan.parameters[name])

    def value(self, name: str) -> Array:
        """A copy of the latest value of a node.

        Raises:
            GraphError: if the plan does not compute it.
        """
        if name not in self.plan.values:
            raise GraphError(f"The plan computes no node '{name}'.")
        return self._fetch(self.plan.values[name])

    def _compute_gradient(self) -> None:
        if self.plan.loss is None:
            raise BackendError("This plan has no loss to differentiate; compile it with `loss`.")
        for call in self._forward:
            call()
        for call in self._backward:
            call()

    def _loss(self) -> float:
        assert self.plan.loss is not None
        return float(self._fetch(self.plan.values[self.plan.loss]).item())

    def _set(self, inputs: Mapping[str, Any] | None) -> None:
        for name, value in (inputs or {}).items():
            held = place_for(self._inputs, name, value)
            held[...] = self._xp.asarray(value, dtype=self.plan.dtype)

    # Memory -----------------------------------------------------------------------------------

    def _upload(self) -> None:
        self._device_parameters[...] = self._xp.asarray(self.parameters)

    def _region(self, region: str) -> Array:
        start = self._starts[region]
        return self._numbers[start : start + self.plan.sizes[region]]

    def _bind(self, operand: Operand) -> Array:
        """The device memory that an operand looks at."""
        if isinstance(operand, Constant):
            kind = np.asarray(operand.value).dtype.kind
            return self._xp.asarray(operand.value, dtype=bool if kind == "b" else self.plan.dtype)
        memory = self._truths if operand.region == MASK else self._numbers
        start = self._starts[operand.region] + operand.offset
        return self._xp.lib.stride_tricks.as_strided(
            memory[start:],
            operand.shape,
            tuple(stride * memory.itemsize for stride in operand.strides),
        )

    def _on_host(self, flat: Array, view: View) -> Array:
        part = flat[view.offset : view.offset + int(np.prod(view.shape))]
        return part.reshape(view.shape)

    def _fetch(self, operand: Operand) -> Array:
        """A copy on the host of what an operand looks at."""
        if isinstance(operand, Constant):
            return np.array(operand.value, dtype=self.plan.dtype)
        return self._to_host(self._bind(operand))

    def _to_host(self, array: Array) -> Array:
        return array.get() if hasattr(array, "get") else np.array(array)

    # Rows -------------------------------------------------------------------------------------

    def _table(self, group: Group, constants: Constants) -> Array:
        ends = (self._ends[NUMBERS], self._ends[TRUTHS])
        return table(group, self._starts, constants, ends)

    def _prepare(self, part: Group | Instruction, tables: Mapping[int, Array]) -> Call:
        if isinstance(part, Group):
            rows, shape = self._xp.asarray(tables[id(part)]), axes(part.shape)
            return lambda: self._launch(rows, shape, self._numbers, self._truths)
        out = self._bind(part.output)
        inputs = [self._bind(operand) for operand in part.inputs]
        outputs = [out, *(self._bind(view) for view in part.more_outputs)]
        return self._call(part, inputs, outputs)

    def _call(self, row: Instruction, inputs: Sequence[Array], outputs: Sequence[Array]) -> Call:
        """A row outside a group as a call of the array library."""
        xp, out = self._xp, outputs[0]
        match row.kind:
            case "dot":
                return lambda: _put(out, xp.dot(*inputs))
            case "matmul":
                return lambda: _put(out, xp.matmul(*inputs))
            case "concatenate":
                axis = row.options["axis"]
                return lambda: _put(out, xp.concatenate(list(inputs), axis=axis))
            case "copy":
                return lambda: _put(out, inputs[0])
            case "where":
                return lambda: _put(out, xp.where(*inputs))
            case "reduce" if row.function in REDUCTIONS:
                return self._reduction(row, inputs[0], out)
            case "ufunc" if getattr(xp, _name(row), None) is not None:
                function = getattr(xp, _name(row))
                return lambda: _put(out, function(*inputs))
        return self._on_the_processor(row, inputs, outputs)

    def _reduction(self, row: Instruction, values: Array, out: Array) -> Call:
        axis, keepdims = row.options["axis"], row.options["keepdims"]
        function = getattr(self._xp, REDUCTIONS[row.function])
        axes_ = tuple(axis) if isinstance(axis, list) else axis
        return lambda: _put(out, function(values, axis=axes_, keepdims=keepdims))

    def _on_the_processor(
        self, row: Instruction, inputs: Sequence[Array], outputs: Sequence[Array]
    ) -> Call:
        """A row that no kernel knows: its inputs come to the host, its results go back."""
        name = getattr(getattr(row.function, "operation", None), "name", "") or _name(row)
        sentence = f"{name} runs on the processor: it is ordinary Python code"
        self.notes = tuple(dict.fromkeys((*self.notes, sentence)))
        function, options = row.function, row.options

        def call() -> None:
            values = [self._to_host(array) for array in inputs]
            if row.kind == "reduce":
                found = (function.reduce(values[0], **options),)  # type: ignore[union-attr]
            else:
                assert function is not None
                made = function(*values)
                found = made if row.kind == "call" else (made,)
            for out, result in zip(outputs, found, strict=True):
                _put(out, self._xp.asarray(result, dtype=out.dtype))

        return call


# How the reductions that both libraries have are called.
REDUCTIONS: dict[object, str] = {
    np.add: "sum",
    np.multiply: "prod",
    np.maximum: "max",
    np.minimum: "min",
    np.logical_and: "all",
    np.logical_or: "any",
}


def _put(out: Array, result: Array) -> None:
    out[...] = result


def _name(row: Instruction) -> str:
    return getattr(row.function, "__name__", row.kind)
