"""The backend: whether it can run, getting the machine ready in the background, loading plans."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from visualad.plugin import BackendError, Preparation
from visualad_numba import cache
from visualad_numba.small_functions import KERNELS, calls_of

if TYPE_CHECKING:
    from visualad.plugin import Executable, Plan

Array = Any

NEEDED = ("numba", "scipy")
EXPECTED = 15  # seconds that compiling takes about, for the sentence that says so


class NumbaBackend:
    """Runs plans on one machine that Numba compiled once; nothing is compiled for a graph."""

    name = "numba"
    title = "Numba"

    def __init__(self) -> None:
        self._preparation = Preparation("numba-machine", _get_ready)

    @property
    def description(self) -> str:
        """One line for people: what it is, or why it cannot run."""
        missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            return f"install what is missing with: pip install {' '.join(missing)}"
        return self._failure or "compiled loops on the processor; the fastest for small networks"

    def is_available(self) -> bool:
        """Whether Numba and SciPy are installed and the machine could be compiled."""
        return not self._failure and all(importlib.util.find_spec(name) for name in NEEDED)

    # Getting ready ----------------------------------------------------------------------------

    def prepare(self, dtype: str) -> None:
        """Begin to get the machine for a dtype ready, in the background."""
        if self.is_available():
            self._preparation.begin(dtype)

    def is_ready(self, dtype: str) -> bool:
        """Whether plans of this dtype can be loaded without waiting."""
        return self._preparation.is_ready(dtype)

    @property
    def status(self) -> str:
        """A sentence for people about what is going on; empty when there is nothing to say."""
        if self._failure:
            return self._failure
        going_on = self._preparation.going_on
        if going_on is not None:
            dtype, spent = going_on
            if cache.is_complete(dtype):
                return "Numba's machine is being loaded."
            return (
                f"Numba compiles its machine for {dtype}, once on this computer (about "
                f"{EXPECTED} s, {spent:.0f} s so far)."
            )
        return KERNELS.status or cache.folder()[1]

    def prepare_plan(self, plan: Plan) -> None:
        """Begin to compile the code of plugins that a plan calls, in the background."""
        if self.is_available():
            KERNELS.prepare(calls_of(plan), plan.dtype)

    def is_plan_ready(self, plan: Plan) -> bool:
        """Whether the plan can be loaded without waiting."""
        return self.is_ready(plan.dtype) and all(
            KERNELS.known(call, plan.dtype) is not None for call in calls_of(plan)
        )

    @property
    def _failure(self) -> str:
        reason = self._preparation.failure
        return reason and f"Numba's machine could not be compiled here ({reason})."

    # Loading ----------------------------------------------------------------------------------

    def load(self, plan: Plan, parameters: Array | None = None) -> Executable:
        """Make a plan ready to run; waits for the machine if it is not there yet.

        Raises:
            BackendError: if Numba is missing or the machine could not be compiled.
        """
        if not self.is_ready(plan.dtype) and self.is_available():
            self._preparation.wait(plan.dtype)
        if not self.is_available():
            raise BackendError(f"The backend 'numba' cannot run here: {self.description}.")
        from visualad_numba.executable import NumbaExecutable
        from visualad_numba.opcodes import NotLowered
        from visualad_numba.scalars import ScalarExecutable
        from visualad_numba.tape import is_scalar

        if is_scalar(plan):
            try:
                return ScalarExecutable(plan, parameters)
            except NotLowered:
                pass  # some function runs with NumPy then, the others on the machine
        return NumbaExecutable(plan, parameters)


def _get_ready(dtype: str) -> None:
    from visualad_numba.warming import warm

    if not cache.is_complete(dtype) and not cache.folder()[1]:
        _compile_elsewhere(dtype)
    try:
        warm(dtype)
    except Exception:  # noqa: BLE001 - a file of the cache that cannot be read may raise anything
        cache.discard()
        warm(dtype)
    if not cache.folder()[1]:
        cache.mark_complete(dtype)


def _compile_elsewhere(dtype: str) -> None:
    """Compile in a process of its own, so that this one goes on; a failure shows when loading."""
    subprocess.run(
        [sys.executable, "-m", "visualad_numba.warming", dtype],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
