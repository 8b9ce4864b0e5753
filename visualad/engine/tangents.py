"""Forward mode as instructions: tangents travel beside the values of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from visualad.engine.plan import JVP, OpaqueCall
from visualad.errors import PluginError

if TYPE_CHECKING:
    from visualad.engine.compile import Building

Array = Any


def push_tangents(building: Building, leaves: Sequence[int]) -> dict[int, Array]:
    """Record the tangents of all nodes that depend on some leaves and are computed.

    Args:
        building: with the values.
        leaves: indices of those with a direction.

    Returns:
        By node the recorded tangent, that of a leaf being the buffer which takes its direction.

    Raises:
        PluginError: at a node without a rule for tangents.
    """
    structure, values = building.structure, building.values
    dots: dict[int, Array] = {}
    for i in leaves:
        dots[i] = building.recorder.buffer(np.zeros(np.shape(values[i]), dtype=structure.dtype))
    for i, sources in enumerate(structure.sources):
        ports = tuple([port for port, source in enumerate(sources) if source in dots])
        if not ports or values[i] is None or i in dots:
            continue
        operation = structure.operations[i]
        assert operation is not None
        if operation.elementwise:
            found = _along_partials(building, i, ports, dots)
        else:
            found = _by_rule(building, i, dots)
        if np.shape(found) != np.shape(values[i]):
            found = np.broadcast_to(found, np.shape(values[i]))
        dots[i] = found
    return dots


def _along_partials(
    building: Building, i: int, ports: Sequence[int], dots: dict[int, Array]
) -> Array:
    """The sum over the ports of partial times tangent."""
    structure = building.structure
    operation = structure.operations[i]
    total: Array = None
    for port, partial in zip(ports, building.partials(i, tuple(ports)), strict=True):
        dot = dots[structure.sources[i][port]]
        if operation is not None and operation.selects:
            # The branch not taken contributes nothing, whatever travels on it.
            term = np.where(partial == 0, 0.0, dot * partial)
        elif isinstance(partial, int | float | np.generic) and partial in {1, -1}:
            term = dot if partial == 1 else np.negative(dot)
        else:
            term = dot * partial
        total = term if total is None else total + term
    return total


def _by_rule(building: Building, i: int, dots: dict[int, Array]) -> Array:
    """What the operation's own rule makes of the tangents of all its inputs."""
    structure = building.structure
    operation, node = structure.operations[i], structure.nodes[i]
    assert operation is not None
    if operation.rule_jvp is None:
        raise PluginError(
            f"Node {node.name} ({node.op}) declares no rule for tangents (jvp).", node=node.name
        )
    inputs = [building.values[source] for source in structure.sources[i]]
    tangents = [
        dots[source] if source in dots else np.zeros(np.shape(x), dtype=structure.dtype)[()]
        for source, x in zip(structure.sources[i], inputs, strict=True)
    ]

    def push(*given: Array) -> tuple[Array, ...]:
        half = len(given) // 2
        return (operation.push_forward(given[:half], given[half:-1], given[-1], node.settings),)

    opaque = OpaqueCall(operation, JVP, node.settings)
    (found,) = building.record(push, [*tangents, *inputs, building.values[i]], opaque)
    return found
