"""The backend: whether it can run, getting the machine ready in the background, loading plans."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

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
        self._lock = threading.Lock()
        self._getting_ready: dict[str, threading.Thread] = {}
        self._ready: set[str] = set()
        self._since: dict[str, float] = {}
        self._failure = ""

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
        with self._lock:
            if dtype in self._ready or dtype in self._getting_ready or not self.is_available():
                return
            thread = threading.Thread(
                target=self._get_ready, args=(dtype,), name="numba-machine", daemon=True
            )
            self._getting_ready[dtype] = thread
            self._since[dtype] = time.monotonic()
            thread.start()

    def is_ready(self, dtype: str) -> bool:
        """Whether plans of this dtype can be loaded without waiting."""
        return dtype in self._ready

    @property
    def status(self) -> str:
        """A sentence for people about what is going on; empty when there is nothing to say."""
        if self._failure:
            return self._failure
        waiting = [dtype for dtype in self._getting_ready if dtype not in self._ready]
        if waiting:
            spent = time.monotonic() - self._since[waiting[0]]
            if cache.is_complete(waiting[0]):
                return "Numba's machine is being loaded."
            return (
                f"Numba compiles its machine for {waiting[0]}, once on this computer (about "
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

    def _get_ready(self, dtype: str) -> None:
        try:
            if not cache.is_complete(dtype) and not cache.folder()[1]:
                _compile_elsewhere(dtype)
            self._load_machine(dtype)
        except Exception as error:  # noqa: BLE001 - whatever Numba and LLVM may raise
            reason = " ".join(str(error).split())[:300] or type(error).__name__
            self._failure = f"Numba's machine could not be compiled here ({reason})."
        finally:
            with self._lock:
                self._getting_ready.pop(dtype, None)

    def _load_machine(self, dtype: str) -> None:
        from visualad_numba.warming import warm

        try:
            warm(dtype)
        except Exception:  # noqa: BLE001 - a file of the cache that cannot be read may raise anything
            cache.discard()
            warm(dtype)
        if not cache.folder()[1]:
            cache.mark_complete(dtype)
        self._ready.add(dtype)

    # Loading ----------------------------------------------------------------------------------

    def load(self, plan: Plan, parameters: Array | None = None) -> Executable:
        """Make a plan ready to run; waits for the machine if it is not there yet.

        Raises:
            BackendError: if Numba is missing or the machine could not be compiled.
        """
        if plan.dtype not in self._ready:
            self.prepare(plan.dtype)
            thread = self._getting_ready.get(plan.dtype)
            if thread is not None:
                thread.join()
        from visualad.plugin import BackendError

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


def _compile_elsewhere(dtype: str) -> None:
    """Compile in a process of its own, so that this one goes on; a failure shows when loading."""
    subprocess.run(
        [sys.executable, "-m", "visualad_numba.warming", dtype],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
