"""Code of node types that could not be written down, compiled once each and called by the machine.

`Kernels` knows what was compiled, what cannot be and why; it compiles in the background for whoever
does not want to wait.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from visualad.plugin import PARTIALS, VALUE, OpaqueCall, Operation, Plan

Key = tuple[object, ...]


@dataclass(frozen=True)
class Kernel:
    """A compiled loop over elements.

    Attributes:
        address: of kernel(memory, places, strides, moves, start, count), which for `count` elements
            reads its operands and writes its results in memory: operand number k of element i is
            memory[places[k] + start * moves[k] + i * strides[k]]. The operands are the inputs of
            the call, then the settings, then the results.
        settings: names of those that are operands: the others are part of the code.
        keeps: the compiled code, which lives as long as this.
    """

    address: int
    settings: tuple[str, ...]
    keeps: Any


@dataclass(frozen=True)
class Refusal:
    """Why some code cannot be compiled, as the end of a sentence."""

    reason: str


class NotCompiled(Exception):  # noqa: N818 - it is caught, not shown
    """Some code cannot be compiled; the message says why."""


def calls_of(plan: Plan) -> Iterator[OpaqueCall]:
    """The calls of a plan that work element by element, so that they may be compiled."""
    for row in (*plan.forward, *plan.backward):
        call = row.function
        if isinstance(call, OpaqueCall) and is_elementwise(call):
            yield call


def is_elementwise(call: OpaqueCall) -> bool:
    """Whether it gives a number for each number of its inputs."""
    return call.operation.elementwise and call.kind in {VALUE, PARTIALS}


class Kernels:
    """What was compiled in this process, by operation: a reloaded plugin has new ones."""

    def __init__(self) -> None:
        self._found: WeakKeyDictionary[Operation, dict[Key, Kernel | Refusal]] = WeakKeyDictionary()
        self._compiling = threading.Lock()
        self._at_work: list[str] = []  # names of the operations that are being compiled

    def known(self, call: OpaqueCall, dtype: str) -> Kernel | Refusal | None:
        """What became of a call; None if nobody asked for it."""
        return self._found.get(call.operation, {}).get(_key(call, dtype))

    def get(self, call: OpaqueCall, dtype: str) -> Kernel | Refusal:
        """The same, compiled now if nobody did; takes about half a second then."""
        found = self.known(call, dtype)
        if found is not None:
            return found
        with self._compiling:
            found = self.known(call, dtype)
            if found is None:
                with self._saying(call.operation.name):
                    found = _compiled(call, dtype)
                self._found.setdefault(call.operation, {})[_key(call, dtype)] = found
        return found

    def prepare(self, calls: Iterable[OpaqueCall], dtype: str) -> None:
        """Begin to compile what nobody compiled, in the background."""
        missing = [call for call in calls if self.known(call, dtype) is None]
        names = {call.operation.name for call in missing}
        if not missing or names <= set(self._at_work):
            return
        self._at_work += names

        def work() -> None:
            try:
                for call in missing:
                    self.get(call, dtype)
            finally:
                for name in names:
                    self._at_work.remove(name)

        threading.Thread(target=work, name="numba-small-functions", daemon=True).start()

    @property
    def status(self) -> str:
        """A sentence about what is being compiled; empty if nothing is."""
        names = list(dict.fromkeys(self._at_work))
        if not names:
            return ""
        return f"Numba compiles {', '.join(names)}, once (about a second)."

    @contextmanager
    def _saying(self, name: str) -> Iterator[None]:
        self._at_work.append(name)
        try:
            yield
        finally:
            self._at_work.remove(name)


def _compiled(call: OpaqueCall, dtype: str) -> Kernel | Refusal:
    from visualad_numba.compiling import compile_call

    try:
        return compile_call(call, dtype)
    except NotCompiled as refused:
        return Refusal(str(refused))
    except Exception as error:  # noqa: BLE001 - whatever Numba and LLVM may raise
        return Refusal(" ".join(str(error).split())[:200] or type(error).__name__)


def _key(call: OpaqueCall, dtype: str) -> Key:
    fixed = sorted((k, repr(v)) for k, v in given_settings(call).items() if not is_operand(v))
    return call.kind, call.wanted, dtype, tuple(fixed)


def given_settings(call: OpaqueCall) -> dict[str, Any]:
    """The settings that the code gets."""
    return call.operation.settings_for(call.settings)


def is_operand(setting: object) -> bool:
    """Whether a setting is read from memory, so that another value compiles nothing."""
    return isinstance(setting, float)


KERNELS = Kernels()
