"""A plan with its memory on the device.

Elementwise rows run as groups in one kernel; products, sums and joins are CuPy's; what only the
processor can do (code of a plugin that could not be recorded) travels there and back.

The `Device` is a GPU, or stands in for one: with NumPy's arrays and the kernels in Numba's
simulator the whole executable runs, and is tested, without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from visualad.plugin import (
    GRADIENTS,
    PARAMETERS,
    BackendError,
    Constant,
    GraphError,
    Operand,
    Plan,
    Update,
    View,
    parameter_memory,
    place_for,
)
from visualad_cuda.calls import Caller
from visualad_cuda.device import Call, Device
from visualad_cuda.grouping import Group, axes, groups
from visualad_cuda.memory import Memory
from visualad_cuda.training import Training, can_update

Array = Any


class CudaExecutable:
    """A loaded plan; see `visualad.plugin.Executable`.

    Attributes:
        plan: what was loaded.
        parameters: all parameters, flat, on the host. Each run reads them.
        notes: one sentence for each operation that runs on the processor.
    """

    def __init__(self, plan: Plan, parameters: Array | None, device: Device) -> None:
        self.plan = plan
        self.parameters = parameter_memory(plan, parameters)
        self._gradients = np.zeros(plan.sizes[GRADIENTS], dtype=plan.dtype)
        self._is_gradient_here = True
        self._device = device
        self._training: Training | None = None
        with device.at_work():
            self._prepare(parameters is not None)

    def _prepare(self, has_parameters: bool) -> None:
        plan, device = self.plan, self._device
        forward, backward = groups(plan.forward), groups(plan.backward)
        launched = [part for part in (*forward, *backward) if isinstance(part, Group)]
        self._memory = memory = Memory(plan, launched, device)
        self._device_parameters = memory.region(PARAMETERS)
        self._device_gradients = memory.region(GRADIENTS)
        stored = plan.inputs if has_parameters else {**plan.inputs, **plan.parameters}
        for name, view in stored.items():
            value = np.broadcast_to(plan.initial[name], view.shape)
            if view.region == PARAMETERS:
                self._on_host(self.parameters, view)[...] = value
            else:
                device.send(value, memory.bind(view))
        self._inputs = {name: memory.bind(view) for name, view in plan.inputs.items()}
        caller = Caller(device, memory)
        ready: list[list[Call]] = [
            [
                device.rows(
                    device.xp.asarray(memory.tables[id(part)]),
                    axes(part.shape),
                    memory.numbers,
                    memory.truths,
                )
                if isinstance(part, Group)
                else caller.call(part)
                for part in half
            ]
            for half in (forward, backward)
        ]
        self.notes = caller.notes
        self._can_record = caller.touch_only_the_device
        self._gradient_calls = [call for half in ready for call in half]
        self._compute = self._as_one(ready[0])
        self._compute_gradient = self._as_one(self._gradient_calls)

    def _as_one(self, calls: Sequence[Call]) -> Call:
        return self._device.recorded(calls) if self._can_record else lambda: [c() for c in calls]

    # Running ----------------------------------------------------------------------------------

    def run(self, inputs: Mapping[str, Any] | None = None) -> Mapping[str, Array]:
        """Compute the outputs; see `Executable`.

        Raises:
            ShapeError: if an input does not have the shape of the plan.
            BackendError: if the GPU fails.
        """
        with self._device.at_work():
            self._set(inputs)
            self._upload()
            self._compute()
            return {name: self._fetch(operand) for name, operand in self.plan.outputs.items()}

    def loss_and_gradient(self, inputs: Mapping[str, Any] | None = None) -> float:
        """Compute the loss and the gradients; see `Executable`.

        Raises:
            BackendError: if the plan has no loss, or the GPU fails.
            ShapeError: if an input does not have the shape of the plan.
        """
        if self.plan.loss is None:
            raise BackendError("This plan has no loss to differentiate; compile it with `loss`.")
        with self._device.at_work():
            self._set(inputs)
            self._upload()
            self._compute_gradient()
            self._is_gradient_here = False
            return float(self._fetch(self.plan.values[self.plan.loss]).item())

    def can_train(self, update: Update) -> bool:
        """Whether `train_steps` knows the optimiser's rule."""
        return self.plan.loss is not None and can_update(update, self.parameters)

    def train_steps(
        self, data: Mapping[str, Array], order: Array, batch: int, update: Update
    ) -> Array:
        """Do many training steps; see `visualad.plugin.TrainsManySteps`.

        Parameters, data and the optimiser's memory stay on the device meanwhile. The device is
        waited for once, at the end: a loss that is no finite number is found there, so what comes
        after it is computed too but changes no parameters.

        Raises:
            BackendError: if the GPU fails.
        """
        with self._device.at_work():
            self._upload()
            steps = len(order) // batch
            training = self._training
            if training is None or not training.fits(data, batch, steps, update):
                training = self._training = self._trained_on(data, batch, steps, update)
            losses = training.run(data, order, update)
            self._device.receive(self._device_parameters, self.parameters)
            self._is_gradient_here = False
        return losses

    def _trained_on(
        self, data: Mapping[str, Array], batch: int, steps: int, update: Update
    ) -> Training:
        return Training(
            self._device,
            self._gradient_calls,
            {name: self._inputs[name] for name in data},
            self._memory.bind(self.plan.values[self.plan.loss or ""]),
            self._device_parameters,
            self._device_gradients,
            data,
            batch,
            steps,
            update,
            self._can_record,
        )

    @property
    def gradients(self) -> Array:
        """The latest gradient, flat, on the host; it comes from the device when it is asked for."""
        if not self._is_gradient_here:
            with self._device.at_work():
                self._device.receive(self._device_gradients, self._gradients)
            self._is_gradient_here = True
        return self._gradients

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
        with self._device.at_work():
            return self._fetch(self.plan.values[name])

    # To and from the device -------------------------------------------------------------------

    def _set(self, inputs: Mapping[str, Any] | None) -> None:
        for name, value in (inputs or {}).items():
            self._device.send(value, place_for(self._inputs, name, value))

    def _upload(self) -> None:
        self._device.send(self.parameters, self._device_parameters)

    def _fetch(self, operand: Operand) -> Array:
        """A copy on the host of what an operand looks at."""
        if isinstance(operand, Constant):
            return np.array(operand.value, dtype=self.plan.dtype)
        array = self._memory.bind(operand)
        found = np.empty(array.shape, dtype=array.dtype)
        self._device.receive(array, found)
        return found

    def _on_host(self, flat: Array, view: View) -> Array:
        part = flat[view.offset : view.offset + int(np.prod(view.shape))]
        return part.reshape(view.shape)
