"""What an executable needs of a device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, Protocol

Array = Any
Call = Callable[[], object]


class Device(Protocol):
    """Arrays, kernels and the ways to and from the host.

    `rows`, `fetch`, `note` and `update` prepare a launch with its arrays; what they return makes
    it. `visualad_cuda.gpu.Gpu` is one on a GPU; tests have others, of NumPy's arrays.

    Attributes:
        xp: the array library, CuPy or NumPy.
    """

    xp: ModuleType

    def rows(self, table: Array, shape: Sequence[int], numbers: Array, truths: Array) -> Call:
        """Run a table of elementwise rows over a shape of four axes; see `kernel.run_rows`."""
        ...

    def fetch(
        self, samples: Array, width: int, order: Array, batch: int, state: Array, out: Array
    ) -> Call:
        """Copy a batch of samples; see `stepping.fetch`."""
        ...

    def note(
        self, loss: Array, losses: Array, rule: int, numbers: Array, scales: Array, state: Array
    ) -> Call:
        """Keep the loss and count the step; see `stepping.note`."""
        ...

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
        """Change the parameters; see `stepping.update`."""
        ...

    def recorded(self, calls: Sequence[Call]) -> Call:
        """All the calls as one; they must be the same every time, and touch the device only."""
        ...

    def at_work(self) -> AbstractContextManager[object]:
        """Stands around all that uses the device; turns its failures into `BackendError`."""
        ...

    def send(self, values: Array, array: Array) -> None:
        """Copy from the host into an array of the device."""
        ...

    def receive(self, array: Array, values: Array) -> None:
        """Wait for the device, and copy an array of it into one of the host."""
        ...
