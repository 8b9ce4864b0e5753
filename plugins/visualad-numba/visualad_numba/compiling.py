"""From a node type's Python code to a loop that Numba compiles: see `small_functions.Kernel`.

The code is written for numbers or for arrays, nobody says for which. It is tried with numbers
first, which is faster, then with arrays of one axis, and used if it gives what Python gives.
"""

from __future__ import annotations

import dis
import hashlib
import itertools
import math
import pickle
import re
import types as python_types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numba import typeof as _typeof
from numba import types as _types
from numba.core.ccallback import CFunc as _CFunc
from numba.core.compiler import CompileResult as _CompileResult
from numba.core.errors import NumbaError
from numba.core.serialize import dumps as _dumps

from visualad.plugin import VALUE, OpaqueCall, Operation
from visualad_numba import cache
from visualad_numba import opcodes as o
from visualad_numba.agreement import disagreement
from visualad_numba.small_functions import Kernel, NotCompiled, given_settings, is_operand

# Half of Numba has types.
CFunc: Any = _CFunc
dumps: Any = _dumps
CompileResult: Any = _CompileResult
typeof: Any = _typeof
types: Any = _types
Function = python_types.FunctionType

OPTIONS: Mapping[str, Any] = {"error_model": "numpy", "boundscheck": True}
KEPT = ("__builtins__", "__name__")  # globals that every function has


def compile_call(call: OpaqueCall, dtype: str) -> Kernel:
    """The compiled loop of a call.

    Raises:
        NotCompiled: if Numba cannot compile it, or what it compiles gives other numbers.
    """
    operation = call.operation
    if operation.variadic:
        raise NotCompiled("it takes any number of inputs")
    count = len(operation.ports) + (call.kind != VALUE)
    settings = given_settings(call)
    moving = tuple(name for name, value in settings.items() if is_operand(value))
    if count + len(moving) + max(1, len(call.wanted)) > o.MOST_OPERANDS:
        raise NotCompiled("it has too many inputs and settings")
    function = _plain(operation.function if call.kind == VALUE else operation.rule_partials)
    if not isinstance(function, Function):
        raise NotCompiled("it is no Python function")
    positional, digest = _made_portable(function)
    reasons = []
    for loop in (_over_numbers, _over_arrays):
        try:
            compiled = loop(call, positional, dtype, count).compile(digest)
            problem = disagreement(call, compiled.address, dtype, moving)
            if compiled.cache_hits:
                compiled._cache.has_run()
            if problem and compiled.cache_hits:  # of something that has changed unseen
                compiled = loop(call, positional, dtype, count).compile("")
                problem = disagreement(call, compiled.address, dtype, moving)
        except NumbaError as error:
            reasons.append(_in_short(error))
            continue
        if not problem:
            return Kernel(compiled.address, moving, compiled)
        reasons.append(problem)
    raise NotCompiled(reasons[0])


# The loop ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Loop:
    """Source text around the code, with the names that stand in it."""

    dtype: str
    text: str
    names: Mapping[str, Any]

    def compile(self, digest: str) -> Any:
        """The machine code, from disk if it is there."""
        names = {**self.names, "__name__": __name__}
        exec(compile(self.text, "<a loop around a node type>", "exec"), names)
        number, whole = getattr(types, self.dtype), types.int64
        pointers = [types.CPointer(number), *[types.CPointer(whole)] * 3]
        signature = types.void(*pointers, whole, whole)
        made = CFunc(names["kernel"], (signature.args, types.void), {}, dict(OPTIONS))
        if digest:
            fixed = sorted((k, repr(v)) for k, v in self.names.items() if k.startswith("setting_"))
            key = hashlib.sha256(repr((digest, self.text, self.dtype, fixed)).encode())
            made._cache = _OnDisk(cache.plugin_file(key.hexdigest()[:24]))
        made.compile()
        return made


def _over_numbers(call: OpaqueCall, code: Any, dtype: str, count: int) -> _Loop:
    """The code is called for each element."""
    names = _names(call, code, dtype)
    settings = _settings(call, count, "i")
    given = ", ".join([*(_operand(k, "i") for k in range(count)), *settings])
    parts = _parts(call, _type_of(code, call, count, getattr(types, dtype)))
    first = count + _moving(call)
    body = [
        "for i in range(count):",
        "    try:",
        f"        found = code({given})",
        *(f"        found_{k} = float({part})" for k, part in enumerate(parts)),
        "    except Exception:",
        *(f"        found_{k} = nan" for k in range(len(parts))),
        *(f"    {_operand(first + k, 'i')} = found_{k}" for k in range(len(parts))),
    ]
    return _Loop(dtype, _source(first + len(parts), body), names)


def _over_arrays(call: OpaqueCall, code: Any, dtype: str, count: int) -> _Loop:
    """The code is called for all elements at once, with arrays of one axis."""
    names = _names(call, code, dtype)
    given = ", ".join([*(f"x{k}" for k in range(count)), *_settings(call, count, "0")])
    parts = _parts(call, _type_of(code, call, count, getattr(types, dtype)[::1]))
    first = count + _moving(call)
    made = range(len(parts))
    body = [
        *(f"x{k} = empty(count, dtype)" for k in range(count)),
        "for i in range(count):",
        *(f"    x{k}[i] = {_operand(k, 'i')}" for k in range(count)),
        *(f"found_{k} = empty(count, dtype)" for k in made),
        "try:",
        f"    found = code({given})",
        *(f"    found_{k}[:] = {part}" for k, part in enumerate(parts)),
        "except Exception:",
        *(f"    found_{k}[:] = nan" for k in made),
        "for i in range(count):",
        *(f"    {_operand(first + k, 'i')} = found_{k}[i]" for k in made),
    ]
    return _Loop(dtype, _source(first + len(parts), body), names)


def _source(operands: int, body: Sequence[str]) -> str:
    begin = [f"at_{k} = places[{k}] + start * moves[{k}]" for k in range(operands)]
    lines = [f"    {line}" for line in (*begin, *body)]
    return "\n".join(["def kernel(memory, places, strides, moves, start, count):", *lines])


def _operand(k: int, element: str) -> str:
    return f"memory[at_{k} + {element} * strides[{k}]]"


def _names(call: OpaqueCall, code: Any, dtype: str) -> dict[str, Any]:
    settings = given_settings(call)
    fixed = {f"setting_{k}": v for k, v in settings.items() if not is_operand(v)}
    kind = getattr(np, dtype)
    return {"code": code, "nan": math.nan, "empty": np.empty, "dtype": kind, **fixed}


def _moving(call: OpaqueCall) -> int:
    """The number of settings that are operands."""
    return sum(map(is_operand, given_settings(call).values()))


def _settings(call: OpaqueCall, first: int, element: str) -> list[str]:
    """The settings as the code gets them, in the order in which they are declared."""
    numbers = itertools.count(first)
    return [
        _operand(next(numbers), element) if is_operand(value) else f"setting_{name}"
        for name, value in given_settings(call).items()
    ]


def _type_of(code: Any, call: OpaqueCall, count: int, kind: Any) -> Any:
    """What the code gives for inputs of a type."""
    number = kind.dtype if isinstance(kind, _types.Array) else kind
    settings = [number if is_operand(v) else typeof(v) for v in given_settings(call).values()]
    signature = (*[kind] * count, *settings)
    code.compile(signature)
    return code.overloads[signature].signature.return_type


def _parts(call: OpaqueCall, result: Any) -> list[str]:
    """The results that are wanted, as source text."""
    if call.kind == VALUE:
        parts, kinds = ["found"], [result]
    elif isinstance(result, types.BaseTuple):
        parts = [f"found[{port}]" for port in call.wanted]
        kinds = [result[port] for port in call.wanted]
    else:
        parts, kinds = ["found"], [result]
    for kind in kinds:
        number = kind.dtype if isinstance(kind, types.Array) else kind
        if not isinstance(number, types.Float | types.Integer | types.Boolean):
            raise NumbaError(f"It gives {kind}, not real numbers.")
        if isinstance(kind, types.Array) and kind.ndim != 1:
            raise NumbaError(f"It gives {kind} for an array with one axis.")
    return parts


class _OnDisk:
    """Where Numba looks for compiled code, and puts it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tried = path.with_suffix(".tried")

    def has_run(self) -> None:
        """It was called, and the process is still there."""
        self._tried.unlink(missing_ok=True)

    def load_overload(self, signature: Any, context: Any) -> Any:
        """What was compiled, or None."""
        try:
            if self._tried.exists():  # it has ended a process
                self.path.unlink()
                self._tried.unlink()
                return None
            content = pickle.loads(self.path.read_bytes())
            self._tried.touch()
            context.refresh()
            return CompileResult._rebuild(context, *content)
        except Exception:  # noqa: BLE001 - it is not there or cannot be read: it is compiled again
            return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep what was compiled, if it can be kept."""
        if compiled.library.has_dynamic_globals:
            return
        try:
            content = dumps(compiled._reduce())
            beside = self.path.with_suffix(f".{id(self)}")
            beside.write_bytes(content)
            beside.replace(self.path)
        except Exception:  # noqa: BLE001 - then it is compiled again the next time
            return


# The code ----------------------------------------------------------------------------------------


def _plain(function: Any) -> Any:
    """What a node type was declared with, if it calls another node type."""
    return function.function if isinstance(function, Operation) else function


def _made_portable(function: Function) -> tuple[Any, str]:
    """The code as Numba takes it, and what tells it from other code; "" if nothing does."""
    known: dict[Function, Any] = {}
    said: list[object] = []
    compiled = _portable(function, known, said)
    digest = "" if None in said else hashlib.sha256(repr(said).encode()).hexdigest()
    return compiled, digest


def _portable(function: Function, known: dict[Function, Any], said: list[object]) -> Any:
    """The function for Numba, with those that it calls; settings as positional parameters.

    Raises:
        NotCompiled: if it raises errors, which compiled code cannot.
    """
    if function in known:
        said.append(None)  # perhaps it calls itself, which does not work from disk
        return known[function]
    code = function.__code__
    steps = (step for inner in _codes(code) for step in dis.get_instructions(inner))
    if any(step.opname == "RAISE_VARARGS" for step in steps):
        raise NotCompiled(f"{function.__name__} raises errors of its own")
    flat = code.replace(co_argcount=code.co_argcount + code.co_kwonlyargcount, co_kwonlyargcount=0)
    named = {name: function.__globals__[name] for name in KEPT if name in function.__globals__}
    enclosed = function.__closure__ or ()
    cells = tuple(python_types.CellType() for _ in enclosed)
    copy = Function(flat, named, function.__name__, function.__defaults__, cells or None)
    compiled = known[function] = njit(**OPTIONS)(copy)  # first: it may call itself
    for inner in _codes(code):
        constants = [constant for constant in inner.co_consts if not _is_code(constant)]
        said += [inner.co_code, inner.co_exceptiontable, inner.co_names, repr(constants)]
    for default in function.__defaults__ or ():
        _given(default, known, said)
    for cell, theirs in zip(cells, enclosed, strict=True):
        cell.cell_contents = _given(theirs.cell_contents, known, said)
    for name in sorted({name for inner in _codes(code) for name in inner.co_names}):
        if name in function.__globals__:
            named[name] = _given(function.__globals__[name], known, said)
    return compiled


def _given(value: Any, known: dict[Function, Any], said: list[object]) -> Any:
    """Something that a function uses, as Numba takes it.

    What it is gets into `said`; None if that cannot be told.
    """
    value = _plain(value)
    if isinstance(value, Function):
        return _portable(value, known, said)
    if isinstance(value, _SIMPLE) or (
        isinstance(value, tuple) and all(isinstance(each, _SIMPLE) for each in value)
    ):
        said.append(repr(value))
    elif isinstance(value, np.ndarray):
        said.append((value.dtype.str, value.shape, hashlib.sha256(value.tobytes()).hexdigest()))
    elif value is math or value is np or isinstance(value, np.ufunc | _BUILTIN):
        said.append(value.__name__)
    else:
        said.append(None)
    return value


_SIMPLE = (bool, int, float, str, type(None))
_BUILTIN = python_types.BuiltinFunctionType


def _codes(code: Any) -> Iterator[Any]:
    """Some code and that of the functions within it."""
    yield code
    for constant in code.co_consts:
        if _is_code(constant):
            yield from _codes(constant)


def _is_code(value: object) -> bool:
    return isinstance(value, python_types.CodeType)


def _in_short(error: NumbaError) -> str:
    """The line of Numba's long message that says what is wrong."""
    lines = [re.sub(r"\x1b\[\d+m", "", line).strip() for line in str(error).splitlines()]
    said = [x for x in lines if x and not x.startswith(("Failed in nopython", ">>>", "- "))]
    first = said[0].partition(" Raised from")[0] if said else type(error).__name__
    return first[:160].rstrip(".:")
