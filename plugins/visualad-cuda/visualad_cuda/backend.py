"""The backend "cuda": whether it can run here, and the way to load a plan."""

from __future__ import annotations

import importlib.util
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from visualad.plugin import BackendError, Plan, Preparation
from visualad_cuda.device import Device

NEEDED = {"cupy": "CuPy", "numba.cuda": "numba-cuda"}
INSTALL = (
    "for a driver with CUDA 12: pip install 'cupy-cuda12x[ctk]' 'numba-cuda[cu12]'; with CUDA 13: "
    "pip install 'cupy-cuda13x[ctk]' 'numba-cuda[cu13]'"
)


class CudaBackend:
    """Runs plans on the first NVIDIA GPU.

    CuPy and Numba are imported when somebody asks for the backend, not before.
    """

    name = "cuda"

    def __init__(self) -> None:
        self._preparation = Preparation("cuda-kernels", self._compile_kernels)

    @property
    def description(self) -> str:
        """One line: the device, or what is missing and what to do about it."""
        return self._problem or self.status or f"NVIDIA GPU: {self._device}"

    def is_available(self) -> bool:
        """Whether the libraries and a device are there."""
        return not self._problem and not self._preparation.failure

    # Getting ready ----------------------------------------------------------------------------

    def prepare(self, dtype: str) -> None:
        """Begin to start CUDA and to compile the kernels for a dtype, in the background."""
        if self.is_available():
            self._preparation.begin(dtype)

    def is_ready(self, dtype: str) -> bool:
        """Whether plans of this dtype can be loaded without waiting."""
        return self._preparation.is_ready(dtype)

    @property
    def status(self) -> str:
        """A sentence for people about what is going on; empty when there is nothing to say."""
        if self._preparation.failure:
            return f"CUDA does not start ({self._preparation.failure}); {INSTALL}"
        going_on = self._preparation.going_on
        if going_on is not None:
            dtype, spent = going_on
            return f"The kernels for the GPU are compiled for {dtype} ({spent:.0f} s so far)."
        return ""

    def _compile_kernels(self, dtype: str) -> None:
        """Run each of them once, on next to nothing."""
        import visualad as va
        from visualad.plugin import Update, compile_plan

        data = {name: np.zeros((1, 1), dtype=dtype) for name in ("X", "Y")}
        graph = va.mlp([1, 1], loss="mean_squared_error", dtype=dtype)
        plan = compile_plan(graph, dict.fromkeys(data, (1, 1)), loss="L")
        one = np.zeros(1, dtype=np.intp)
        self._loaded(plan, None).train_steps(data, one, 1, Update("sgd", (0.0,)))

    # Loading ----------------------------------------------------------------------------------

    def load(self, plan: Plan, parameters: Any | None = None) -> Any:
        """Make a plan ready to run, when the kernels are; see `visualad.plugin.Backend`.

        Raises:
            BackendError: without a GPU, when its memory is full or when it fails.
        """
        if not self._problem:
            self._preparation.wait(plan.dtype)
        if not self.is_available():
            raise BackendError(f"The backend 'cuda' cannot run here: {self.description}.")
        return self._loaded(plan, parameters)

    def _loaded(self, plan: Plan, parameters: Any | None) -> Any:
        from visualad_cuda.executable import CudaExecutable

        return CudaExecutable(plan, parameters, self._gpu)

    @cached_property
    def _gpu(self) -> Device:
        from visualad_cuda.gpu import Gpu

        return Gpu()

    @cached_property
    def _problem(self) -> str:
        """Why it cannot run here, or nothing."""
        missing = [name for module, name in NEEDED.items() if not _is_installed(module)]
        if missing:
            return f"it needs {' and '.join(missing)}; {INSTALL}"
        try:
            import cupy

            if cupy.cuda.runtime.getDeviceCount():
                return ""
        except Exception as error:  # noqa: BLE001 - drivers fail in many ways
            return f"CUDA does not start ({' '.join(str(error).split())}); check the NVIDIA driver"
        return "there is no NVIDIA GPU; check that nvidia-smi lists one"

    @cached_property
    def _device(self) -> str:
        import cupy

        name = cupy.cuda.runtime.getDeviceProperties(0)["name"]
        return name.decode() if isinstance(name, bytes) else str(name)


def _is_installed(module: str) -> bool:
    package, _, inner = module.partition(".")
    found = importlib.util.find_spec(package)
    if found is None or not inner:
        return found is not None
    # Looking for the inner module itself would import the package, which takes a second.
    places = found.submodule_search_locations or ()
    return any((Path(place) / inner).exists() for place in places)
