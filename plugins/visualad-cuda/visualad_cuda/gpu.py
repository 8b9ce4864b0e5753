"""The NVIDIA GPU as CuPy and Numba reach it: one stream, and calls recorded as CUDA graphs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import cupy
import numpy as np
from numba import cuda
from numba.cuda.cudadrv.driver import CudaAPIError

from visualad.plugin import BackendError
from visualad_cuda.launching import Array, Call, Launches, external

# Small graphs leave most of a GPU idle; a user who chose it is not told so at every launch.
warnings.filterwarnings("ignore", message=".*under-utilization due to low occupancy")

FULL = "The memory of the GPU is full; take a smaller batch or graph, or the backend 'numpy'."
FAILURES = (
    cupy.cuda.runtime.CUDARuntimeError,
    cupy.cuda.driver.CUDADriverError,
    cupy.cuda.cublas.CUBLASError,
    cupy.cuda.compiler.CompileException,
    CudaAPIError,
)


class Gpu(Launches):
    """The first GPU; see `visualad_cuda.device.Device`."""

    xp = cupy

    def __init__(self) -> None:
        self._stream = cupy.cuda.Stream(non_blocking=True)
        self.stream = external(self._stream.ptr)
        # What recorded calls put aside between their launches lies at the same addresses whenever
        # they are replayed, so nothing else may ever come to lie there.
        self._aside = cupy.cuda.MemoryPool()

    def reached(self, array: Array) -> Array:
        """The array as Numba takes it; all work is in one stream, so nobody waits for it."""
        return cuda.as_cuda_array(array, sync=False)

    def recorded(self, calls: Sequence[Call]) -> Call:
        """All the calls as one launch; see `Recording`."""
        return Recording(calls, self._stream, self._aside)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Everything inside goes into the stream; see `Device`."""
        try:
            with self._stream:
                yield
        except cupy.cuda.memory.OutOfMemoryError:
            raise BackendError(FULL) from None
        except FAILURES as error:
            reason = " ".join(str(error).split())
            raise BackendError(
                f"The GPU failed ({reason}); press Stop to start the kernel anew, or choose the "
                "backend 'numpy'."
            ) from None

    def send(self, values: Array, array: Array) -> None:
        """See `Device`."""
        made = np.asarray(values, dtype=array.dtype, order="C")
        if array.flags.c_contiguous:
            array.set(made, stream=self._stream)
        else:
            array[...] = cupy.asarray(made)

    def receive(self, array: Array, values: Array) -> None:
        """See `Device`."""
        if array.flags.c_contiguous and values.flags.c_contiguous:
            array.get(stream=self._stream, out=values)
        else:
            values[...] = array.get(stream=self._stream)


class Recording:
    """Calls that become one CUDA graph when they are made for the second time.

    The first time compiles and loads what they need, which cannot be recorded. Afterwards the
    processor launches one graph instead of dozens of kernels.

    Attributes:
        problem: why they could not be recorded; they are then made one by one, as before.
    """

    def __init__(
        self, calls: Sequence[Call], stream: cupy.cuda.Stream, aside: cupy.cuda.MemoryPool
    ) -> None:
        self._calls = calls
        self._stream = stream
        self._aside = aside
        self._graph: Array = None
        self._is_first = True
        self.problem = ""

    @property
    def is_recorded(self) -> bool:
        """Whether they are one graph by now."""
        return self._graph is not None

    def __call__(self) -> None:
        """Make the calls, or launch what was recorded of them."""
        if self._graph is None and not self._is_first and not self.problem:
            self._record()
        if self._graph is None:
            self._is_first = False
            self._follow()
        else:
            self._graph.launch(self._stream)

    def _record(self) -> None:
        self._stream.begin_capture()
        try:
            self._follow()
        except Exception as error:  # noqa: BLE001 - whatever of it cannot be recorded
            self.problem = " ".join(str(error).split()) or type(error).__name__
        try:
            graph = self._stream.end_capture()
        except FAILURES as error:
            self.problem = self.problem or str(error)
        if not self.problem:
            self._graph = graph

    def _follow(self) -> None:
        with cupy.cuda.using_allocator(self._aside.malloc):
            for call in self._calls:
                call()
