"""Second derivatives, forward over backward: tangents travel through a recorded gradient.

The gradient is lowered to instructions (see `visualad.engine`), each of which is a NumPy function
with a declared operation behind it. Sending a tangent through them gives the derivative of every
gradient along that direction: a Hessian-vector product, exact to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from visualad.engine.numpy_backend import NumpyExecutable
from visualad.engine.plan import VALUE, Instruction, OpaqueCall, Operand, Plan, View
from visualad.ops.declaration import REGISTRY, Operation
from visualad.ops.expression import NUMPY_NAMES

Array = Any

# Functions whose result jumps or tells true from false: their derivative is 0 where there is one.
_CONSTANT = frozenset(
    {
        *(np.greater, np.less, np.greater_equal, np.less_equal, np.equal, np.not_equal),
        *(np.logical_and, np.logical_or, np.logical_not, np.isnan, np.isfinite, np.isinf),
        *(np.sign, np.floor, np.ceil, np.rint, np.trunc),
    }
)


# Functions of NumPy that rules use and that are no operations: their partials.
_BEYOND: Mapping[str, Callable[..., tuple[Array, ...]]] = {
    "logaddexp": lambda x, y, out: (np.exp(x - out), np.exp(y - out)),
    "clip": lambda x, low, high, out: ((x >= low) * (x <= high), 0.0, 0.0),
    "copysign": lambda x, y, out: (np.sign(x) * np.sign(out), 0.0),
}


class NotDifferentiable(Exception):  # noqa: N818 - it is caught, not shown
    """An instruction of the gradient has no known derivative."""


def hessian_vector(
    plan: Plan, executable: NumpyExecutable, directions: Mapping[str, Array]
) -> dict[str, Array]:
    """The derivative of the gradient along a direction.

    Args:
        plan: compiled with a loss.
        executable: loaded from it and run at the point.
        directions: by name of inputs or parameters; the others are 0.

    Returns:
        For each name in `plan.wrt` an array of its shape.

    Raises:
        NotDifferentiable: if some instruction cannot be differentiated.
    """
    memory = _Tangents(plan, executable)
    for name, direction in directions.items():
        view = plan.inputs[name] if name in plan.inputs else plan.parameters[name]
        memory.tangent(view)[...] = direction
    with np.errstate(all="ignore"):
        for row in (*plan.forward, *plan.backward):
            _push(row, memory)
    return {name: memory.tangent(view).copy()[()] for name, view in plan.wrt.items()}


class _Tangents:
    """Memory for tangents that lies parallel to a plan's memory of values."""

    def __init__(self, plan: Plan, executable: NumpyExecutable) -> None:
        self._executable = executable
        self._regions = {
            name: np.zeros(size, dtype=plan.dtype) for name, size in plan.sizes.items()
        }

    def value(self, operand: Operand) -> Array:
        """The value of an operand, from the executable's latest run."""
        return self._executable.memory(operand)

    def tangent(self, operand: Operand) -> Array:
        """The tangent of an operand; constants have none."""
        if not isinstance(operand, View):
            return np.zeros(np.shape(operand.value))
        region = self._regions[operand.region]
        strides = tuple(stride * region.itemsize for stride in operand.strides)
        return np.lib.stride_tricks.as_strided(region[operand.offset :], operand.shape, strides)


def _push(row: Instruction, memory: _Tangents) -> None:
    """The tangent of an instruction's result."""
    values = [memory.value(operand) for operand in row.inputs]
    tangents = [memory.tangent(operand) for operand in row.inputs]
    out = memory.tangent(row.output)
    if not any(np.any(tangent) for tangent in tangents):
        out[...] = 0
        return
    match row.kind:
        case "copy":
            out[...] = tangents[0]
        case "where":
            out[...] = np.where(values[0], tangents[1], tangents[2])
        case "concatenate":
            np.concatenate(tangents, axis=row.options["axis"], out=out)
        case "dot" | "matmul":
            product = np.dot if row.kind == "dot" else np.matmul
            out[...] = product(tangents[0], values[1]) + product(values[0], tangents[1])
        case "reduce":
            out[...] = _reduced(row, values[0], tangents[0], memory.value(row.output))
        case "ufunc" if row.function in _CONSTANT:
            out[...] = 0
        case "ufunc":
            out[...] = _elementwise(row, values, tangents, memory.value(row.output))
        case _:
            out[...] = _called(row, values, tangents, memory.value(row.output))


def _elementwise(row: Instruction, values: list[Array], tangents: list[Array], out: Array) -> Array:
    beyond = _BEYOND.get(getattr(row.function, "__name__", ""))
    if beyond is not None:
        return _along(beyond(*values, out), tangents, out)
    operation = _operation(row)
    if not operation.elementwise or len(values) != len(operation.ports):
        raise NotDifferentiable(operation.name)
    return _along(operation.local_partials([x[()] for x in values], out[()], {}), tangents, out)


def _called(row: Instruction, values: list[Array], tangents: list[Array], out: Array) -> Array:
    """The tangent of an operation that is called as it is, by its own rules."""
    call = row.function
    if not isinstance(call, OpaqueCall) or call.kind != VALUE:
        raise NotDifferentiable(f"a call of {call}")
    values, result = [x[()] for x in values], out[()]
    if call.operation.elementwise:
        partials = call.operation.local_partials(values, result, call.settings)
        return _along(partials, tangents, out)
    if call.operation.rule_jvp is None:
        raise NotDifferentiable(call.operation.name)
    return call.operation.push_forward([x[()] for x in tangents], values, result, call.settings)


def _along(partials: Sequence[Array], tangents: Sequence[Array], out: Array) -> Array:
    total: Array = np.zeros(out.shape, dtype=out.dtype)
    for partial, tangent in zip(partials, tangents, strict=True):
        # What does not move contributes nothing, even where the partial is infinite.
        total = total + np.where(tangent == 0, 0.0, partial * tangent)
    return total


def _reduced(row: Instruction, value: Array, tangent: Array, out: Array) -> Array:
    if row.function is np.add:
        return np.sum(tangent, **row.options)
    name = {"maximum": "max", "minimum": "min"}.get(getattr(row.function, "__name__", ""), "")
    operation = REGISTRY.get(name)
    if operation is None or operation.rule_jvp is None:
        raise NotDifferentiable(f"a reduction by {row.function}")
    return operation.push_forward([tangent], [value], out, row.options)


def _operation(row: Instruction) -> Operation:
    found = NUMPY_NAMES.get(row.function) if row.function is not None else None
    operation = None if found is None else REGISTRY.get(found[0])
    if operation is None or operation.ufunc is not row.function:
        raise NotDifferentiable(f"{row.function}")
    return operation
