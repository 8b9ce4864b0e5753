"""A plan of scalars on the machine's tape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from visualad.plugin import (
    GRADIENTS,
    MASK,
    BackendError,
    Constant,
    GraphError,
    Operand,
    Plan,
    ShapeError,
    parameter_memory,
)
from visualad_numba.cache import machine
from visualad_numba.tape import lower_scalars

Array = Any


class ScalarExecutable:
    """See `visualad.plugin.Executable`.

    Attributes:
        plan: what was loaded.
        parameters: all parameters, flat and writable.
        gradients: the latest gradient, flat.

    Raises:
        NotLowered: if the machine lacks one of the plan's functions.
    """

    def __init__(self, plan: Plan, parameters: Array | None = None) -> None:
        self.plan = plan
        self.parameters = parameter_memory(plan, parameters)
        tape = lower_scalars(plan)
        self._machine = machine()
        self._memory, self._slots = tape.memory, tape.slots
        self._forward, self._all, self._edges = tape.forward, tape.all, tape.edges
        self._calls = tape.calls
        self._forward_edges = tape.edges[: tape.forward_edges]
        self.gradients = np.zeros(plan.sizes[GRADIENTS], dtype=plan.dtype)
        self._gradient_slots = np.zeros(len(self.gradients), dtype=np.intp)
        for view in plan.wrt.values():
            self._gradient_slots[view.offset] = self._slots[view.region, view.offset]
        self._inputs = {
            name: self._slots[view.region, view.offset] for name, view in plan.inputs.items()
        }
        for name, slot in self._inputs.items():
            self._memory[slot] = plan.initial[name]
        if parameters is None:
            for name, view in plan.parameters.items():
                self.parameters[view.offset] = plan.initial[name]
        self._own_parameters = self._memory[: len(self.parameters)]

    def run(self, inputs: Mapping[str, Any] | None = None) -> Mapping[str, Array]:
        """Compute the outputs."""
        self._set(inputs)
        self._machine.run_tape(self._memory, self._forward, self._forward_edges, self._calls)
        return {name: self._number(operand) for name, operand in self.plan.outputs.items()}

    def loss_and_gradient(self, inputs: Mapping[str, Any] | None = None) -> float:
        """Compute the loss and the gradients."""
        if self.plan.loss is None:
            raise BackendError("This plan has no loss to differentiate; compile it with `loss`.")
        self._set(inputs)
        self._machine.run_tape(self._memory, self._all, self._edges, self._calls)
        np.take(self._memory, self._gradient_slots, out=self.gradients, mode="clip")
        return float(self._number(self.plan.values[self.plan.loss]))

    def gradient(self, name: str) -> Array:
        """The latest derivative with respect to one leaf."""
        return self.gradients[self.plan.wrt[name].offset]

    def parameter(self, name: str) -> Array:
        """One parameter as a writable array without axes."""
        return self.parameters[self.plan.parameters[name].offset :][:1].reshape(())

    def value(self, name: str) -> Array:
        """The latest value of a node."""
        if name not in self.plan.values:
            raise GraphError(f"The plan computes no node '{name}'.")
        return self._number(self.plan.values[name])

    def _set(self, inputs: Mapping[str, Any] | None) -> None:
        memory, slots = self._memory, self._inputs
        if inputs:
            for name, value in inputs.items():
                if name not in slots:
                    raise GraphError(
                        f"The plan has no input '{name}'; it has {', '.join(slots) or 'none'}."
                    )
                if type(value) is not float and np.ndim(value):
                    raise ShapeError(
                        f"Input {name} must have the shape () that the plan was made for, not "
                        f"{np.shape(value)}."
                    )
                memory[slots[name]] = value
        if self.plan.parameters:
            self._own_parameters[:] = self.parameters

    def _number(self, operand: Operand) -> Array:
        if isinstance(operand, Constant):
            return self._memory.dtype.type(operand.value)
        found = self._memory[self._slots[operand.region, operand.offset]]
        return found != 0 if operand.region == MASK else found
