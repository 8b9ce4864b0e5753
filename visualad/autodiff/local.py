"""The local derivatives of every node at a point: the one place where they are computed.

An elementwise node has a partial for each port, an array of the shape of its output. Other nodes
have a Jacobian block for each port, which is applied through their jvp and vjp rules and only
written out where it is asked for.

Elements that reach the outputs only through the branch that a `where` does not take have partial
0. So a NaN that lives only there (the square root of a negative number) never reaches a derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from visualad.autodiff.blocks import Block, check_size, elementwise_block
from visualad.autodiff.evaluate import SCALARS, as_value
from visualad.autodiff.scalars import FlatPartials, packed, scalar_partials, unpacked
from visualad.engine.structure import Structure
from visualad.errors import GraphError, PluginError
from visualad.ops.broadcasting import unbroadcast

Array = Any
SHOWN_BLOCK = 1024  # a Jacobian block up to this many numbers is written out for display


@dataclass(frozen=True, eq=False)
class Locals:
    """The local derivatives at one point.

    Attributes:
        structure: the graph by numbers.
        values: of each node; None where it could not be computed.
        partials: for each elementwise node that depends on an independent, a partial per port,
            in the shape of the node's value; None for other nodes.
        live: for each node whether (or which of) its elements reach an output other than through
            a branch not taken; None when nothing chooses.
        failures: by node index, one sentence for each node whose rule failed.
    """

    structure: Structure
    values: Sequence[Array]
    partials: Sequence[tuple[Array, ...] | None]
    live: Sequence[Any] | None
    failures: dict[int, str]

    def __reduce__(self) -> tuple[Any, ...]:
        sent = self.structure, packed(self.values), self.partials, self.live, self.failures
        return _received, sent

    def named(self) -> dict[str, Array]:
        """The values by node name."""
        return self.structure.named(self.values)

    def by_id(self) -> dict[str, Array]:
        """The values by node id."""
        pairs = zip(self.structure.index, self.values, strict=True)
        return {id_: value for id_, value in pairs if value is not None}

    @cached_property
    def scalar(self) -> bool:
        """Whether plain products of partials will do: every node is a scalar, nothing chooses."""
        if isinstance(self.partials, FlatPartials):
            return True
        kind = SCALARS[self.structure.dtype]
        return not self.structure.has_choices and all(
            type(value) is kind and (operation is None or operation.rule_partials is not None)
            for value, operation in zip(self.values, self.structure.operations, strict=True)
        )

    @cached_property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shape of each node's value."""
        if isinstance(self.partials, FlatPartials):
            return [()] * len(self.structure)
        return [np.shape(value) for value in self.values]

    def require(self, target: int) -> None:
        """Refuse to go on from a node whose derivative could not be computed.

        Raises:
            GraphError: with the reason.
        """
        if target in self.failures:
            raise GraphError(self.failures[target], node=self.structure.name(target))

    def push(self, target: int, port: int, tangent: Array) -> Array:
        """What a tangent at the source of an edge contributes at its target (J v)."""
        with np.errstate(all="ignore"):
            local = self.partials[target]
            if local is not None:
                return self._product(target, local[port], tangent)
            out = self.values[target]
            if self._is_dead(target):
                return np.zeros_like(out)
            operation = self.structure.operations[target]
            assert operation is not None
            if operation.rule_jvp is None:
                row = self.blocks(target)[port] @ np.ravel(tangent)
                return as_value(row.reshape(np.shape(out)), self.structure.dtype)
            inputs = self._inputs(target)
            tangents = [np.zeros_like(x) for x in inputs]
            tangents[port] = tangent
            pushed = operation.push_forward(
                tangents, inputs, out, self.structure.nodes[target].settings
            )
            pushed = np.broadcast_to(pushed, np.shape(out))
            return as_value(pushed, self.structure.dtype)

    def pull(self, target: int, adjoint: Array) -> list[Array]:
        """What the adjoint of a node contributes to the source at each port (wᵀ J)."""
        with np.errstate(all="ignore"):
            inputs = self._inputs(target)
            local = self.partials[target]
            if local is not None:
                return [
                    as_value(
                        unbroadcast(self._product(target, partial, adjoint), np.shape(x)),
                        self.structure.dtype,
                    )
                    for partial, x in zip(local, inputs, strict=True)
                ]
            if self._is_dead(target):
                return [np.zeros_like(x) for x in inputs]
            operation = self.structure.operations[target]
            assert operation is not None
            settings = self.structure.nodes[target].settings
            pulled = operation.pull_back(adjoint, inputs, self.values[target], settings)
            return [
                np.zeros_like(x)
                if part is None
                else as_value(unbroadcast(part, np.shape(x)), self.structure.dtype)
                for part, x in zip(pulled, inputs, strict=True)
            ]

    def blocks(self, target: int) -> list[Block]:
        """The Jacobian block of each port of a node.

        Raises:
            ShapeError: if one is too large to be written out.
        """
        inputs = self._inputs(target)
        out = self.values[target]
        local = self.partials[target]
        if local is not None:
            pairs = zip(local, inputs, strict=True)
            return [elementwise_block(partial, x, out) for partial, x in pairs]
        for x in inputs:
            check_size(np.size(out), np.size(x))
        rows: list[list[Array]] = [[] for _ in inputs]
        for unit in np.eye(np.size(out), dtype=self.structure.dtype):
            adjoint = as_value(unit.reshape(np.shape(out)), self.structure.dtype)
            for port, part in enumerate(self.pull(target, adjoint)):
                rows[port].append(np.ravel(part))
        return [np.array(found).reshape(np.size(out), -1) for found in rows]

    def shown(self, target: int, port: int) -> Array | None:
        """The partial on an edge as it is shown; None for a block that is too large.

        Elementwise: of the shape of the target's value. Else the Jacobian block, of the shapes of
        the target's and the source's value joined.
        """
        local = self.partials[target]
        if local is not None:
            return local[port]
        inputs = self._inputs(target)
        out = self.values[target]
        if np.size(out) * max(map(np.size, inputs)) > SHOWN_BLOCK:
            return None
        return self.blocks(target)[port].reshape(np.shape(out) + np.shape(inputs[port]))

    def _inputs(self, target: int) -> list[Array]:
        return [self.values[source] for source in self.structure.sources[target]]

    def _is_dead(self, target: int) -> bool:
        return self.live is not None and not np.any(self.live[target])

    def _product(self, target: int, partial: Array, factor: Array) -> Array:
        operation = self.structure.operations[target]
        assert operation is not None
        if operation.selects:
            # The branch not taken contributes nothing, whatever travels on it.
            return as_value(np.where(partial == 0, 0.0, partial * factor), self.structure.dtype)
        return partial * factor


def _received(structure: Structure, values: Array, *rest: Any) -> Locals:
    return Locals(structure, unpacked(values), *rest)


def local_derivatives(
    structure: Structure,
    values: Sequence[Array],
    outputs: tuple[int, ...] | None = None,
) -> Locals:
    """All local derivatives at the point that gave these values.

    Args:
        values: of each node; None for one that could not be computed.
        outputs: the nodes whose derivatives are wanted; all outputs by default.
    """
    flat = scalar_partials(structure, values)
    if flat is not None:
        return Locals(structure, values, flat, None, {})
    partials: list[tuple[Array, ...] | None] = [None] * len(structure)
    failures: dict[int, str] = {}
    kind = SCALARS[structure.dtype]
    goals = structure.outputs if outputs is None else outputs
    live = live_elements(structure, values, goals) if structure.has_choices else None
    positions = iter(range(len(structure)))
    i = 0
    with np.errstate(all="ignore"):
        while True:
            try:
                for i in positions:
                    operation = structure.operations[i]
                    out = values[i]
                    if operation is None or out is None or not structure.active[i]:
                        continue
                    if operation.rule_partials is None:
                        _check_differentiable(structure, i)
                        continue
                    inputs = [values[source] for source in structure.sources[i]]
                    found = operation.rule_partials(*inputs, out, **structure.settings[i])
                    if type(found) is not tuple:
                        found = (found,)
                    if len(found) != len(inputs):
                        raise PluginError(f"it gives {len(found)} partials for {len(inputs)} ports")
                    if type(out) is kind:
                        found = tuple([p if type(p) is kind else kind(p) for p in found])
                    else:
                        found = tuple([_spread(p, out, structure.dtype) for p in found])
                    if live is not None and not np.all(live[i]):
                        found = tuple([_masked(live[i], p) for p in found])
                    partials[i] = found
                return Locals(structure, values, tuple(partials), live, failures)
            except Exception as error:  # noqa: BLE001 - a plugin's rule may raise anything
                node = structure.nodes[i]
                reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
                failures[i] = (
                    f"The derivative of node {node.name} ({node.op}) cannot be computed: "
                    f"{reason.rstrip('.')}."
                )


def live_elements(
    structure: Structure, values: Sequence[Array], outputs: tuple[int, ...]
) -> list[Any]:
    """Which elements of each node reach an output other than through a branch not taken.

    True or False for a whole node, or an array of booleans of the node's shape. Nodes from which
    no path at all leads to an output count as live: nothing is masked there.
    """
    live: list[Any] = [False] * len(structure)
    reaching = structure.reaching(outputs)
    for output in outputs:
        live[output] = True
    for i in range(len(structure) - 1, -1, -1):
        operation = structure.operations[i]
        if not reaching[i]:
            live[i] = True
            continue
        if operation is None or not np.any(live[i]) or values[i] is None:
            continue
        passing = live[i] if operation.elementwise else True
        sources = structure.sources[i]
        ports = structure.ports[i]
        branches = [port for port in ports if port != operation.selects]
        for port, source in zip(ports, sources, strict=True):
            let_through = passing
            if operation.selects:
                if port == operation.selects:
                    continue
                choice = np.not_equal(values[sources[ports.index(operation.selects)]], 0)
                let_through = passing & (choice if port == branches[0] else ~choice)
            live[source] |= _any_to(let_through, np.shape(values[i]), np.shape(values[source]))
    return live


def _any_to(mask: Any, shape: tuple[int, ...], wanted: tuple[int, ...]) -> Any:
    """A mask over `shape` seen from a source that was broadcast from `wanted`."""
    if mask is True or not wanted:
        return bool(np.any(mask))
    spread = np.broadcast_to(mask, shape)
    return unbroadcast(spread.astype(float), wanted) > 0 if shape != wanted else spread.copy()


def _masked(mask: Any, partial: Array) -> Array:
    return np.where(mask, partial, 0.0).astype(partial.dtype)[()]


def _spread(partial: Any, out: Array, dtype: str) -> Array:
    array = np.asarray(partial)
    if array.dtype != dtype:
        array = array.astype(dtype)
    return array if array.shape == out.shape else np.broadcast_to(array, out.shape)


def _check_differentiable(structure: Structure, i: int) -> None:
    operation = structure.operations[i]
    if operation is not None and not operation.differentiable:
        raise PluginError("its node type declares no derivative")
