"""Building a graph from operations, with equal subexpressions merged and names in lecture order.

The formula parser and the tracer stand on it.
"""

from __future__ import annotations

import math
import struct
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from visualad.errors import GraphError
from visualad.graph.model import (
    CONSTANT,
    DATA,
    LEAVES,
    VARIABLE,
    Graph,
    Node,
    natural,
    remembered,
    same_value,
)
from visualad.graph.names import free_name, numbering
from visualad.ops.declaration import REGISTRY, Operation


def value_key(value: Any) -> object:
    """A hashable stand-in that is equal for equal values: 0.0 differs from -0.0 and from 0."""
    if isinstance(value, np.ndarray):
        return "array", value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, float):
        return "float", "nan" if math.isnan(value) else struct.pack("<d", value)
    if isinstance(value, tuple | list):
        return "list", tuple(value_key(part) for part in value)
    if isinstance(value, Mapping):
        return "map", tuple((key, value_key(value[key])) for key in sorted(value))
    return type(value).__name__, value


@dataclass
class _Draft:
    """A node that has not got its final name yet; names beyond the first are aliases."""

    op: str
    inputs: tuple[int, ...] = ()
    ports: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    remembered: Mapping[str, Any] = field(default_factory=dict)  # of a placeholder


class Builder:
    """Collects nodes and makes a graph of them.

    Nodes are referred to by the number that `leaf`, `constant` and `apply` return.

    Args:
        merge_equal: give the existing node for an operation on the same inputs with the same
            settings. Constants that nobody named are merged per value in any case.
    """

    def __init__(self, merge_equal: bool = True) -> None:
        self.merge_equal = merge_equal
        self._drafts: list[_Draft] = []
        self._known: dict[object, int] = {}
        self._by_name: dict[str, int] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def leaf(self, name: str, op: str = VARIABLE, **settings: Any) -> int:
        """The leaf of this name, made when there is none yet."""
        found = self._by_name.get(name)
        if found is None:
            found = self._add(_Draft(op, settings=settings, names=[name]))
            self._by_name[name] = found
        return found

    def constant(self, value: Any, name: str = "") -> int:
        """A constant node; `name` makes it a node of its own unless equal nodes are merged."""
        number = float(value) if np.ndim(value) == 0 else value
        key = (CONSTANT, value_key(number))
        found = self._known.get(key)
        if found is None or (name and not self.merge_equal):
            found = self._add(_Draft(CONSTANT, settings={"value": number}))
            if not name or self.merge_equal:
                self._known[key] = found
        if name:
            self.name(found, name)
        return found

    def apply(
        self, operation: Operation, inputs: Sequence[int], settings: Mapping[str, Any] | None = None
    ) -> int:
        """An operation on nodes made before.

        Raises:
            GraphError: if the number of inputs is not that of its ports.
        """
        # A setting that has its default value is not written down.
        given = {
            key: value
            for key, value in (settings or {}).items()
            if key not in operation.settings or not same_value(value, operation.settings[key])
        }
        if operation.variadic:
            given["inputs"] = len(inputs)
        ports = operation.ports_for(given)
        if len(ports) != len(inputs):
            raise GraphError(
                f"{operation.name} takes {len(ports)} inputs ({', '.join(ports)}), "
                f"but got {len(inputs)}."
            )
        complete = operation.settings_for(given)
        return self._operation(operation.name, inputs, ports, given, value_key(complete))

    def repeat(self, node: Node, inputs: Sequence[int]) -> int:
        """The operation of another graph's node, perhaps an unknown one, on nodes of this one."""
        known = node.operation
        if known is not None:
            return self.apply(known, inputs, node.settings)
        key = value_key(node.settings), node.op_version
        made = self._operation(node.op, inputs, node.ports, node.settings, key)
        kept = {"stored_ports": node.stored_ports, "extra": node.extra}
        self._drafts[made].remembered = kept
        return made

    def _operation(
        self,
        op: str,
        inputs: Sequence[int],
        ports: tuple[str, ...],
        settings: Mapping[str, Any],
        settings_key: object,
    ) -> int:
        key = (op, tuple(inputs), settings_key)
        if self.merge_equal and key in self._known:
            return self._known[key]
        found = self._add(_Draft(op, tuple(inputs), ports, settings))
        self._known.setdefault(key, found)
        return found

    def name(self, node: int, name: str) -> None:
        """Name a node; when it has a name already, this one becomes an alias."""
        self._by_name[name] = node
        self._drafts[node].names.append(name)

    def find(self, name: str) -> int | None:
        """The node of this name, or None."""
        return self._by_name.get(name)

    def names(self) -> dict[int, str]:
        """The name that each node will have in the graph."""
        return self._names_in(self._order())

    def build(self, outputs: Sequence[int | str] = ()) -> Graph:
        """The graph, with automatic names for all nodes that have none.

        They continue the numbering of the inputs in topological order (breadth first from the
        inputs, as `Graph.order`); constants are c1, c2, ... Ids equal the first names.

        Args:
            outputs: names or nodes; none declares nothing, then every node that feeds no other is
                an output.
        """
        order = self._order()
        names = self._names_in(order)
        nodes, sources = {}, {}
        for index in order:
            draft = self._drafts[index]
            id_ = names[index]
            nodes[id_] = Node(
                id=id_,
                op=draft.op,
                name=id_,
                aliases=tuple(draft.names[1:]),
                settings=draft.settings,
                **(draft.remembered or remembered(REGISTRY.get(draft.op), draft.settings)),
            )
            for port, source in zip(draft.ports, draft.inputs, strict=True):
                sources[id_, port] = names[source]
        graph = Graph(nodes_by_id=nodes, sources=sources)
        wanted = tuple(
            dict.fromkeys(names[part] if isinstance(part, int) else part for part in outputs)
        )
        if not wanted or wanted == graph.outputs:
            return graph
        return graph.with_(declared_outputs=wanted)

    def _add(self, draft: _Draft) -> int:
        self._drafts.append(draft)
        return len(self._drafts) - 1

    def _order(self) -> list[int]:
        """Inputs naturally sorted, other leaves as made, then breadth first (Kahn 1962)."""
        drafts = self._drafts
        inputs = [i for i, d in enumerate(drafts) if d.op in (VARIABLE, DATA)]
        inputs.sort(key=lambda i: natural(drafts[i].names[0]))
        listed = set(inputs)
        missing = [len(draft.inputs) for draft in drafts]
        targets: list[list[int]] = [[] for _ in drafts]
        for index, draft in enumerate(drafts):
            for source in draft.inputs:
                targets[source].append(index)
        rest = [i for i, count in enumerate(missing) if count == 0 and i not in listed]
        ready, order = deque(inputs + rest), []
        while ready:
            index = ready.popleft()
            order.append(index)
            for target in targets[index]:
                missing[target] -= 1
                if missing[target] == 0:
                    ready.append(target)
        return order

    def _names_in(self, order: Sequence[int]) -> dict[int, str]:
        drafts = self._drafts
        inputs = [drafts[i].names[0] for i in order if drafts[i].op in (VARIABLE, DATA)]
        stem, number = numbering(inputs)
        constants = 1
        taken = set(self._by_name)
        names = {}
        for index in order:
            draft = drafts[index]
            if draft.names:
                names[index] = draft.names[0]
            elif draft.op in LEAVES:
                names[index], constants = free_name("c", constants, taken)
                constants += 1
            else:
                names[index], number = free_name(stem, number, taken)
                number += 1
        return names
