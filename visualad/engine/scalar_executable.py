"""A plan of scalars, run as plain Python numbers: NumPy would take twenty times as long for each.

Python's arithmetic raises where IEEE arithmetic gives infinity or NaN. Then, rarely, the whole run
is done again with NumPy's numbers, which know them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from visualad.engine.plan import (
    ARENA,
    GRADIENTS,
    MASK,
    PARAMETERS,
    Constant,
    Instruction,
    OpaqueCall,
    Operand,
    Plan,
)
from visualad.errors import BackendError, GraphError, ShapeError

Array = Any


UNARY = -1  # in the place of a second operand


def _sign(x: float) -> float:
    return math.nan if math.isnan(x) else float((x > 0) - (x < 0))


# Python's equals of NumPy's functions; others run as NumPy has them.
_PYTHON: dict[Any, Callable[..., Any]] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.negative: operator.neg,
    np.absolute: operator.abs,
    np.square: lambda x: x * x,
    np.sqrt: math.sqrt,
    np.exp: math.exp,
    np.expm1: math.expm1,
    np.log: math.log,
    np.log1p: math.log1p,
    np.sin: math.sin,
    np.cos: math.cos,
    np.tan: math.tan,
    np.sinh: math.sinh,
    np.cosh: math.cosh,
    np.tanh: math.tanh,
    np.arcsin: math.asin,
    np.arccos: math.acos,
    np.arctan: math.atan,
    np.arctan2: math.atan2,
    np.hypot: math.hypot,
    np.arcsinh: math.asinh,
    np.arccosh: math.acosh,
    np.arctanh: math.atanh,
    np.power: math.pow,
    np.sign: _sign,
    np.greater: operator.gt,
    np.less: operator.lt,
    np.greater_equal: operator.ge,
    np.less_equal: operator.le,
    np.equal: operator.eq,
    np.not_equal: operator.ne,
    np.logical_not: operator.not_,
}

# Function, positions of its one or two operands, position of the result.
Row = tuple[Callable[..., Any], int, int, int]


class ScalarExecutable:
    """A plan over scalars; see `Executable`."""

    def __init__(self, plan: Plan, parameters: Array | None = None) -> None:
        from visualad.engine.numpy_backend import parameter_memory

        self.plan = plan
        self.parameters = parameter_memory(plan, parameters)
        self.gradients = np.zeros(plan.sizes[GRADIENTS], dtype=plan.dtype)
        self._starts = {}
        size = 0
        for region in (PARAMETERS, ARENA, MASK, GRADIENTS):
            self._starts[region] = size
            size += plan.sizes[region]
        self._memory: list[Any] = [0.0] * size
        self._kind = np.float64 if plan.dtype == "float64" else np.float32
        self._inputs = {name: self._index(view) for name, view in plan.inputs.items()}
        for name, index in self._inputs.items():
            self._memory[index] = float(plan.initial[name])
        if parameters is None:
            for name, view in plan.parameters.items():
                self.parameters[view.offset] = plan.initial[name]
        # float32 rounds after every operation, which only NumPy's numbers do.
        self._exact = plan.dtype == "float32"
        self._forward = self._rows(plan.forward)
        self._backward = self._rows(plan.backward)
        self._all = self._forward + self._backward
        self._results = {name: self._index(operand) for name, operand in plan.outputs.items()}

    def run(self, inputs: Mapping[str, Any] | None = None) -> Mapping[str, Array]:
        """Compute the outputs; see `Executable`."""
        self._run(self._forward, inputs)
        return {name: self._kind(self._memory[index]) for name, index in self._results.items()}

    def loss_and_gradient(self, inputs: Mapping[str, Any] | None = None) -> float:
        """Compute the loss and the gradients; see `Executable`.

        Raises:
            BackendError: if the plan has no loss.
        """
        if self.plan.loss is None:
            raise BackendError("This plan has no loss to differentiate; compile it with `loss`.")
        self._run(self._all, inputs)
        start = self._starts[GRADIENTS]
        self.gradients[:] = self._memory[start : start + len(self.gradients)]
        return float(self._memory[self._index(self.plan.values[self.plan.loss])])

    def gradient(self, name: str) -> Array:
        """The latest derivative with respect to one leaf."""
        return self.gradients[self.plan.wrt[name].offset]

    def parameter(self, name: str) -> Array:
        """One parameter as a writable array without axes."""
        return self.parameters[self.plan.parameters[name].offset :][:1].reshape(())

    def value(self, name: str) -> Array:
        """The latest value of a node."""
        if name not in self.plan.values:
            raise GraphError(f"The plan computes no node '{name}'.")
        return self._kind(self._memory[self._index(self.plan.values[name])])

    def _run(self, rows: list[Row], inputs: Mapping[str, Any] | None) -> None:
        memory = self._memory
        for name, value in (inputs or {}).items():
            if name not in self._inputs:
                raise GraphError(
                    f"The plan has no input '{name}'; it has {', '.join(self._inputs) or 'none'}."
                )
            if type(value) is not float and np.ndim(value):
                raise ShapeError(f"Input {name} must be a number, not of shape {np.shape(value)}.")
            memory[self._inputs[name]] = float(value)
        count = len(self.parameters)
        if count:
            memory[:count] = self.parameters.tolist()
        if not self._exact:
            try:
                for function, first, second, target in rows:
                    if second == UNARY:
                        memory[target] = function(memory[first])
                    else:
                        memory[target] = function(memory[first], memory[second])
                return
            except (ArithmeticError, ValueError):
                pass  # an infinity or NaN comes up: NumPy's numbers know what to do
        self._run_exactly(rows)

    def _run_exactly(self, rows: list[Row]) -> None:
        memory = self._memory
        with np.errstate(all="ignore"):
            for function, first, second, target in rows:
                exact = _NUMPY.get(function, function)
                operands = [first] if second == UNARY else [first, second]
                result = exact(*[self._number(memory[operand]) for operand in operands])
                is_truth = isinstance(result, bool | np.bool_)
                memory[target] = bool(result) if is_truth else float(self._kind(result))

    def _number(self, value: Any) -> Any:
        return value if isinstance(value, bool) else self._kind(value)

    def _rows(self, instructions: tuple[Instruction, ...]) -> list[Row]:
        rows: list[Row] = []
        for row in instructions:
            sources = [self._index(operand) for operand in row.inputs]
            target = self._index(row.output)
            if row.kind == "where":
                rows.append((_Choice(self._memory, *sources[1:]), sources[0], UNARY, target))
            elif row.kind == "copy":
                kind = bool if row.output.region == MASK else float
                rows.append((kind, sources[0], UNARY, target))
            else:
                assert row.function is not None
                function = self._function(row.function)
                second = sources[1] if len(sources) > 1 else UNARY
                rows.append((function, sources[0], second, target))
        return rows

    def _function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Python's equal of a NumPy function or an operation."""
        if isinstance(function, OpaqueCall):
            return _Plain(function, self._kind)
        return _PYTHON.get(function) or _Plain(function, None)

    def _index(self, operand: Operand) -> int:
        """Position in memory; constants are appended to it."""
        if isinstance(operand, Constant):
            value = operand.value
            self._memory.append(bool(value) if isinstance(value, bool | np.bool_) else float(value))
            return len(self._memory) - 1
        return self._starts[operand.region] + operand.offset


_NUMPY: dict[Callable[..., Any], Callable[..., Any]] = {
    python: ufunc for ufunc, python in _PYTHON.items()
}


class _Plain:
    """A NumPy function, or an operation called as it is, that gives Python's numbers."""

    def __init__(self, function: Callable[..., Any], kind: type | None) -> None:
        self.function = function
        self.kind = kind

    def __call__(self, *numbers: Any) -> Any:
        with np.errstate(all="ignore"):
            if self.kind is None:
                return self.function(*numbers).item()
            (result,) = self.function(*map(self.kind, numbers))
            return float(result)


class _Choice:
    """One of two places in memory, by a condition."""

    def __init__(self, memory: list[Any], x: int, y: int) -> None:
        self.memory = memory
        self.x = x
        self.y = y

    def __call__(self, condition: Any) -> Any:
        return self.memory[self.x if condition else self.y]
