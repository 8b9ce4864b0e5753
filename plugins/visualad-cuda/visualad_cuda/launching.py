"""Launches of the kernels: each is prepared once, with its arrays, and then only called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType
from typing import Any

import numpy as np
from numba import cuda

from visualad_cuda import stepping
from visualad_cuda.kernel import run_rows

Array = Any
Call = Callable[[], object]

THREADS = 256  # in a block: a multiple of a warp that every device can hold


class Launches:
    """A `Device` of arrays that Numba can reach; as it stands it is NumPy's, for the simulator.

    Attributes:
        xp: the array library.
    """

    xp: ModuleType = np
    stream: Any = 0  # Numba's name for the one that kernels run in

    def reached(self, array: Array) -> Array:
        """The array as Numba takes it."""
        return array

    def rows(self, table: Array, shape: Sequence[int], numbers: Array, truths: Array) -> Call:
        """See `Device`."""
        return self._launch(run_rows, int(np.prod(shape)), table, *shape, numbers, truths)

    def fetch(
        self, samples: Array, width: int, order: Array, batch: int, state: Array, out: Array
    ) -> Call:
        """See `Device`."""
        return self._launch(stepping.fetch, out.size, samples, width, order, batch, state, out)

    def note(
        self, loss: Array, losses: Array, rule: int, numbers: Array, scales: Array, state: Array
    ) -> Call:
        """See `Device`."""
        return self._launch(stepping.note, 1, loss, losses, rule, numbers, scales, state)

    def update(
        self,
        rule: int,
        numbers: Array,
        scales: Array,
        parameters: Array,
        gradients: Array,
        memory: Sequence[Array],
        state: Array,
    ) -> Call:
        """See `Device`."""
        given = (numbers, scales, parameters, gradients, *memory, state)
        return self._launch(stepping.update, parameters.size, rule, *given)

    def recorded(self, calls: Sequence[Call]) -> Call:
        """See `Device`."""
        return lambda: [call() for call in calls]

    def at_work(self) -> AbstractContextManager[object]:
        """See `Device`."""
        return nullcontext()

    def send(self, values: Array, array: Array) -> None:
        """See `Device`."""
        array[...] = values

    def receive(self, array: Array, values: Array) -> None:
        """See `Device`."""
        values[...] = array

    def _launch(self, kernel: Any, threads: int, *arguments: Any) -> Call:
        if not threads:
            return lambda: None
        reached = [self.reached(x) if hasattr(x, "dtype") else x for x in arguments]
        size = (-(-threads // THREADS), min(THREADS, threads), self.stream)
        # Numba's simulator keeps one size for all launches of a kernel: the one named last.
        return lambda: kernel[size](*reached)


def external(pointer: int) -> Any:
    """A stream of another library as Numba knows it."""
    return cuda.external_stream(pointer)
