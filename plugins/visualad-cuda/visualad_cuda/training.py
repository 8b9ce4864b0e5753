"""Training steps on the device: nothing crosses to the host between the first and the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from visualad.plugin import Update
from visualad_cuda.device import Call, Device
from visualad_cuda.state import ALIVE, COUNT, SIZE
from visualad_cuda.updates import MOST_MEMORY, MOST_NUMBERS, RULES

Array = Any

FEWEST_STEPS = 64  # that a call has room for


def can_update(update: Update, parameters: Array) -> bool:
    """Whether the kernel knows the optimiser's rule and its memory has the parameters' form."""
    return (
        update.rule in RULES
        and len(update.numbers) <= MOST_NUMBERS
        and len(update.memory) <= MOST_MEMORY
        and all(kept.shape == parameters.shape for kept in update.memory)
        and all(kept.dtype == parameters.dtype for kept in update.memory)
    )


class Training:
    """One step, recorded with its arrays: fetch a batch, the gradient, the update.

    It serves for one optimiser's rule, one size of the batch and samples of the same shapes.

    Args:
        gradient: the calls that compute the gradient.
        inputs: by name the device's memory of the plan's inputs.
        loss: the device's memory of the loss.
        can_record: whether the calls touch the device only.
    """

    def __init__(
        self,
        device: Device,
        gradient: Sequence[Call],
        inputs: Mapping[str, Array],
        loss: Array,
        parameters: Array,
        gradients: Array,
        data: Mapping[str, Array],
        batch: int,
        steps: int,
        update: Update,
        can_record: bool,
    ) -> None:
        xp, dtype = device.xp, parameters.dtype
        self._device = device
        self._key = _key(data, batch, update)
        self._capacity = max(FEWEST_STEPS, 2 * steps)
        self._batch = batch
        self._samples = {name: xp.empty(values.size, dtype=dtype) for name, values in data.items()}
        self._sent: dict[str, tuple[object, Array]] = {}
        self._order = xp.zeros(self._capacity * batch, dtype=np.int64)
        self._losses = xp.zeros(self._capacity, dtype=dtype)
        self._state = xp.zeros(SIZE, dtype=np.int64)
        self._numbers = xp.zeros(MOST_NUMBERS, dtype=np.float64)
        scales = xp.zeros(2, dtype=np.float64)
        self._memory = [xp.empty(kept.size, dtype=dtype) for kept in update.memory]
        memory = [*self._memory, *[xp.zeros(1, dtype=dtype)] * (MOST_MEMORY - len(self._memory))]
        rule = RULES[update.rule]
        calls = [
            *(
                device.fetch(
                    samples, inputs[name].size // batch, self._order, batch, self._state,
                    inputs[name].reshape(-1),
                )
                for name, samples in self._samples.items()
            ),
            *gradient,
            device.note(
                loss.reshape(1), self._losses, rule, self._numbers, scales, self._state
            ),
            device.update(
                rule, self._numbers, scales, parameters, gradients, memory, self._state
            ),
        ]  # fmt: skip
        self._step = device.recorded(calls) if can_record else lambda: [call() for call in calls]

    def fits(self, data: Mapping[str, Array], batch: int, steps: int, update: Update) -> bool:
        """Whether it can do these steps."""
        return steps <= self._capacity and self._key == _key(data, batch, update)

    def run(self, data: Mapping[str, Array], order: Array, update: Update) -> Array:
        """Do the steps and wait for them; see `visualad.plugin.TrainsManySteps`."""
        device, state = self._device, np.array([0, update.count, 1])
        self._send(data)
        device.send(order, self._order[: len(order)])
        device.send(np.array(update.numbers), self._numbers[: len(update.numbers)])
        device.send(state, self._state)
        for kept, array in zip(update.memory, self._memory, strict=True):
            device.send(kept, array)
        losses = np.empty(len(order) // self._batch, dtype=self._losses.dtype)
        for _ in losses:
            self._step()
        device.receive(self._losses[: len(losses)], losses)
        device.receive(self._state, state)
        for kept, array in zip(update.memory, self._memory, strict=True):
            device.receive(array, kept)
        done = int(state[COUNT]) - update.count
        update.count = int(state[COUNT])
        return losses if state[ALIVE] else losses[: done + 1]

    def _send(self, data: Mapping[str, Array]) -> None:
        """The samples, once as long as the same arrays are given."""
        for name, values in data.items():
            key = (values.__array_interface__["data"][0], values.strides)
            kept = self._sent.get(name)
            if kept is None or kept[0] != key:
                self._device.send(values.reshape(-1), self._samples[name])
                # The host's array is held too, so that nothing else can come to lie at its address.
                self._sent[name] = (key, values)


def _key(data: Mapping[str, Array], batch: int, update: Update) -> tuple[object, ...]:
    shapes = tuple((name, values.shape) for name, values in data.items())
    return shapes, batch, update.rule, len(update.memory)
