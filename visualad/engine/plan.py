"""A plan: a graph and its gradient lowered to one table of instructions over flat memory.

The plan is plain data that any backend can run. Memory is four regions: the parameters and their
gradients, each contiguous in the order of `parameters` and `wrt`; the arena with every other
number; the mask with truth values. An instruction reads views of these regions and writes one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from visualad.ops.declaration import Operation

ARENA, MASK, PARAMETERS, GRADIENTS = "arena", "mask", "parameters", "gradients"

ALIGNMENT = 8  # elements: arrays start at multiples of 64 bytes, as vector units like it

Shape = tuple[int, ...]


def tangent_of(name: str) -> str:
    """The name of a node's tangent in a plan: of a direction among its inputs, or of a value."""
    return f"d({name})"


class View(NamedTuple):
    """Part of a region, as NumPy's strided arrays; all counts are in elements."""

    region: str
    offset: int
    shape: Shape
    strides: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A number or array that is part of the plan."""

    value: Any


Operand = View | Constant
_NO_OPTIONS: Mapping[str, Any] = {}


class Instruction(NamedTuple):
    """One row of the table.

    Attributes:
        kind: "ufunc", "reduce" (of a ufunc over `axis`), "dot" (matrix or vector product),
            "matmul" (stacks of them), "where", "concatenate", "copy", or "call" for an operation
            that could not be recorded and is called as it is.
        function: the ufunc, or the callable of "call"; None where the kind says all.
        inputs, output: what is read and written.
        options: axis and keepdims.
        more_outputs: of a "call" that gives several arrays.
    """

    kind: str
    function: Callable[..., Any] | None
    inputs: tuple[Operand, ...]
    output: View
    options: Mapping[str, Any] = _NO_OPTIONS
    more_outputs: tuple[View, ...] = ()


VALUE, PARTIALS, JVP, VJP = "value", "partials", "jvp", "vjp"


@dataclass(frozen=True, slots=True)
class OpaqueCall:
    """Code of an operation that could not be recorded and is called as it is.

    Attributes:
        operation: whose.
        kind: "value" for its function, "partials", "jvp" or "vjp" for its rules. The inputs of
            these end with the operation's output; those of "jvp" begin with the tangents of its
            inputs, those of "vjp" with the adjoint.
        settings: of the node.
        wanted: for the rules the numbers of the ports whose results are wanted.
    """

    operation: Operation
    kind: str
    settings: Mapping[str, Any]
    wanted: tuple[int, ...] = ()

    def __call__(self, *inputs: Any) -> tuple[Any, ...]:
        """The results in order."""
        if self.kind == VALUE:
            return (self.operation.function(*inputs, **self.operation.settings_for(self.settings)),)
        if self.kind == JVP:
            *given, out = inputs
            half = len(given) // 2
            tangents, values = given[:half], given[half:]
            return (self.operation.push_forward(tangents, values, out, self.settings),)
        if self.kind == PARTIALS:
            *values, out = inputs
            found = self.operation.local_partials(values, out, self.settings)
        else:
            adjoint, *values, out = inputs
            found = self.operation.pull_back(adjoint, values, out, self.settings)
        return tuple(0.0 if found[port] is None else found[port] for port in self.wanted)


@dataclass(frozen=True, eq=False)
class Plan:
    """What a backend loads.

    Attributes:
        dtype: "float64" or "float32".
        sizes: number of elements of each region.
        parameters: names with their views in the parameters region, in order.
        wrt: names with their views in the gradients region, in order.
        inputs: names of variables and data with the views that receive their values.
        outputs: names with the views (or constants) that hold their values after a run.
        values: the same for every node that the plan computes.
        loss: the scalar that is differentiated, or None.
        forward, backward: instructions, to be run in this order.
        values_end: how many of `forward` compute values; the others compute tangents.
        initial: stored values of inputs and parameters by name.
    """

    dtype: str
    sizes: Mapping[str, int]
    parameters: Mapping[str, View]
    wrt: Mapping[str, View]
    inputs: Mapping[str, View]
    outputs: Mapping[str, Operand]
    values: Mapping[str, Operand]
    loss: str | None
    forward: tuple[Instruction, ...]
    backward: tuple[Instruction, ...]
    values_end: int
    initial: Mapping[str, Any]

    @property
    def is_scalar(self) -> bool:
        """Whether no instruction touches an array."""
        return all(
            (row.kind in {"where", "copy"} or (row.kind == "ufunc" and len(row.inputs) <= 2))
            and not row.more_outputs
            and all(not _shape(x) for x in (*row.inputs, row.output))
            for row in (*self.forward, *self.backward)
        )


def _shape(operand: Operand) -> Shape:
    if isinstance(operand, View):
        return operand.shape
    shape: Shape = getattr(operand.value, "shape", ())
    return shape
