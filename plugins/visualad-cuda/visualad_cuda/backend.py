"""The backend "cuda": whether it can run here, and the way to load a plan."""

from __future__ import annotations

import importlib.util
from functools import cached_property
from pathlib import Path
from typing import Any

from visualad.plugin import BackendError, Plan
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

    @property
    def description(self) -> str:
        """One line: the device, or what is missing and what to do about it."""
        return self._problem or f"NVIDIA GPU: {self._device}"

    def is_available(self) -> bool:
        """Whether the libraries and a device are there."""
        return not self._problem

    def load(self, plan: Plan, parameters: Any | None = None) -> Any:
        """Make a plan ready to run; see `visualad.plugin.Backend`.

        Raises:
            BackendError: without a GPU, when its memory is full or when it fails.
        """
        if self._problem:
            raise BackendError(f"The backend 'cuda' cannot run here: {self._problem}.")
        from visualad_cuda.executable import CudaExecutable

        return CudaExecutable(plan, parameters, self._gpu)

    @cached_property
    def _gpu(self) -> Device:
        try:
            from visualad_cuda.gpu import Gpu

            return Gpu()
        except Exception as error:  # noqa: BLE001 - CUDA's libraries are looked for only now
            reason = " ".join(str(error).split())[:300]
            raise BackendError(
                f"The backend 'cuda' does not start ({reason}); {INSTALL}."
            ) from None

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
