"""Node types that are formulas over other node types: `composite("softplus", "log(1 + exp(x))")`.

Value and derivative come from walking the formula, so the same rules serve numbers, arrays and the
symbols from which formulas on edges are made.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.errors import ParseError, PluginError
from visualad.graph.model import CONSTANT, VARIABLE, Graph
from visualad.graph.parser import parse
from visualad.ops.broadcasting import unbroadcast
from visualad.ops.declaration import REGISTRY, Array, Operation


def composite(
    name: str, formula: str, *, ports: Sequence[str] | None = None, doc: str = "", **options: Any
) -> Operation:
    """Declare and register a node type by a formula over node types that are known.

    Args:
        name: of the node type.
        formula: as in the formula bar, with one result: "log(1 + exp(x))".
        ports: order of its names; sorted naturally by default (x2 before x10).
        doc: what it computes, in a sentence; the formula by default.
        options: symbol, category, domain, latex, ...: see `visualad.node`.

    Raises:
        PluginError: if the formula cannot be read, has several results, or a port is not in it.
    """
    graph = _read(name, formula)
    program = _program(name, graph, ports)

    def function(*inputs: Array) -> Array:
        return program.values(inputs)[-1]

    function.__name__ = name
    function.__doc__ = doc or f"{formula}."
    # What an exporter writes in the place of this function.
    function.__dict__.update(source_text=program.source(name), source_scope=program.scope())
    function.__dict__.update(formula_graph=graph)
    parameters = [
        inspect.Parameter(port, inspect.Parameter.POSITIONAL_OR_KEYWORD) for port in program.ports
    ]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    options.setdefault("analytic", all(part.operation.analytic for part in program.calls))
    declared = Operation(function, name=name, **options)
    if all(part.operation.elementwise for part in program.calls):
        declared.partials(program.partials)
    else:
        declared.jvp(program.push)
        declared.vjp(program.pull)
    REGISTRY.add(declared)
    return declared


def formula_graph(operation: Operation) -> Graph | None:
    """The formula of a composite operation as a graph: its variables are the ports; else None."""
    found = getattr(operation.function, "formula_graph", None)
    return found if isinstance(found, Graph) else None


@dataclass(frozen=True)
class _Call:
    """One operation: where its inputs are among the values, and its settings."""

    operation: Operation
    inputs: tuple[int, ...]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class _Program:
    """A formula as a list of calls; the values are its inputs, its constants, then the results."""

    ports: tuple[str, ...]
    constants: tuple[float, ...]
    calls: tuple[_Call, ...]

    def values(self, inputs: Sequence[Array]) -> list[Array]:
        """All values; the last one is the result."""
        found = [*inputs, *self.constants]
        for call in self.calls:
            arguments = [found[i] for i in call.inputs]
            found.append(call.operation(*arguments, **call.settings))
        return found

    def source(self, name: str) -> str:
        """The formula as a Python function over the functions of its operations."""
        known = [*self.ports, *map(repr, self.constants)]
        lines = [f"def {name}({', '.join(self.ports)}):"]
        for number, call in enumerate(self.calls, 1):
            settings = [f"{key}={value!r}" for key, value in call.settings.items()]
            arguments = ", ".join([*(known[i] for i in call.inputs), *settings])
            lines.append(f"    _{number} = {call.operation.name}({arguments})")
            known.append(f"_{number}")
        return "\n".join([*lines, f"    return {known[-1]}"])

    def scope(self) -> dict[str, Operation]:
        """The operations by the names in `source`."""
        return {call.operation.name: call.operation for call in self.calls}

    def partials(self, *arguments: Array) -> tuple[Array, ...]:
        """d(out)/d(port) of an elementwise formula, for numbers, arrays and symbols."""
        values = self.values(arguments[:-1])
        adjoints: list[Array] = [None] * len(values)
        adjoints[-1] = 1.0
        for position, call in self._backwards():
            adjoint, rule = adjoints[position], call.operation.rule_partials
            if adjoint is None or rule is None:
                continue
            inputs = [values[i] for i in call.inputs]
            found = rule(*inputs, values[position], **call.settings)
            for i, partial in zip(
                call.inputs, found if isinstance(found, tuple) else (found,), strict=True
            ):
                if not self._is_constant(i):
                    term = _times(adjoint, partial)
                    if getattr(term, "dtype", None) == np.bool_:
                        term = term * 1.0  # truth values (`x > 0`) do not add up
                    adjoints[i] = term if adjoints[i] is None else adjoints[i] + term
        return tuple(0.0 if a is None else a for a in adjoints[: len(self.ports)])

    def push(self, *tangents: Array, out: Array, **inputs: Array) -> Array:
        """The tangent of the result."""
        values = self.values([inputs[port] for port in self.ports])
        # Constants have none: times an infinite partial even a zero would count.
        found: list[Array] = [*tangents, *(None for _ in self.constants)]
        for position, call in enumerate(self.calls, len(found)):
            arguments, value = [values[i] for i in call.inputs], values[position]
            sides = [found[i] for i in call.inputs]
            if all(side is None for side in sides):
                found.append(None)
            elif call.operation.elementwise:
                parts = call.operation.local_partials(arguments, value, call.settings)
                pairs = zip(parts, sides, strict=True)
                total = sum(part * side for part, side in pairs if side is not None)
                found.append(np.broadcast_to(total, np.shape(value))[()])
            elif call.operation.rule_jvp is not None:
                full = [
                    np.zeros_like(x) if side is None else side
                    for x, side in zip(arguments, sides, strict=True)
                ]
                found.append(call.operation.push_forward(full, arguments, value, call.settings))
            else:
                raise PluginError(f"'{call.operation.name}' has no jvp rule for forward mode.")
        return found[-1]

    def pull(self, adjoint: Array, *, out: Array, **inputs: Array) -> tuple[Array, ...]:
        """The adjoints of the ports."""
        values = self.values([inputs[port] for port in self.ports])
        adjoints: list[Array] = [None] * len(values)
        adjoints[-1] = adjoint
        for position, call in self._backwards():
            above = adjoints[position]
            if above is None:
                continue
            arguments, value = [values[i] for i in call.inputs], values[position]
            parts: Sequence[Array | None]
            if call.operation.elementwise:
                found = call.operation.local_partials(arguments, value, call.settings)
                parts = [above * partial for partial in found]
            else:
                parts = call.operation.pull_back(above, arguments, value, call.settings)
            for i, part in zip(call.inputs, parts, strict=True):
                if part is not None and not self._is_constant(i):
                    term = unbroadcast(part, np.shape(values[i]))
                    adjoints[i] = term if adjoints[i] is None else adjoints[i] + term
        pairs = zip(adjoints, self.ports, strict=False)
        return tuple(np.zeros_like(inputs[p]) if a is None else a for a, p in pairs)

    def _backwards(self) -> list[tuple[int, _Call]]:
        first = len(self.ports) + len(self.constants)
        return list(enumerate(self.calls, first))[::-1]

    def _is_constant(self, position: int) -> bool:
        return len(self.ports) <= position < len(self.ports) + len(self.constants)


def _times(adjoint: Array, partial: Array) -> Array:
    """Their product; a plain 1 is left out, so that it stands in no formula."""
    if isinstance(adjoint, int | float) and adjoint == 1:
        return partial
    if isinstance(partial, int | float) and partial == 1:
        return adjoint
    return adjoint * partial


def _read(name: str, formula: str) -> Graph:
    try:
        return parse(formula)
    except ParseError as error:
        raise PluginError(
            f"The formula of node type '{name}' cannot be read: {error.message}"
        ) from None


def _program(name: str, graph: Graph, ports: Sequence[str] | None) -> _Program:
    if len(graph.outputs) != 1:
        raise PluginError(
            f"The formula of node type '{name}' has {len(graph.outputs)} results; it needs one."
        )
    chosen = tuple(ports or graph.inputs)
    if sorted(chosen) != sorted(graph.inputs):
        raise PluginError(
            f"The ports of node type '{name}' are {', '.join(chosen) or 'none'}, but its formula "
            f"has {', '.join(graph.inputs) or 'none'}."
        )
    return _compiled(graph, chosen)


def _compiled(graph: Graph, ports: tuple[str, ...]) -> _Program:
    place = {graph.id_of(port): number for number, port in enumerate(ports)}
    constants: list[float] = []
    for node in graph.nodes:
        if node.op == CONSTANT:
            place[node.id] = len(ports) + len(constants)
            constants.append(float(node.value))
    calls: list[_Call] = []
    for node in graph.nodes:
        if node.op in (CONSTANT, VARIABLE):
            continue
        operation = node.operation
        assert operation is not None  # the parser knows no others
        inputs = tuple(place[edge.source] for edge in graph.edges_into(node.id))
        place[node.id] = len(ports) + len(constants) + len(calls)
        calls.append(_Call(operation, inputs, operation.settings_for(node.settings)))
    return _Program(ports, tuple(constants), tuple(calls))
