"""An entry of the Jacobian as the sum over all paths of the products of their partials.

This is what every mode computes (Bauer 1974); the modes differ in how many products they share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.evaluate import Point, values_at
from visualad.autodiff.local import Locals, local_derivatives
from visualad.engine.structure import Structure
from visualad.errors import GraphError
from visualad.graph.model import Graph

MOST_PATHS = 200
EdgeKey = tuple[str, str, str]


@dataclass(frozen=True)
class Path:
    """One path from an input to an output.

    Attributes:
        nodes: names along it, from the input to the output.
        edges: keys (source id, target id, port) along it.
        partials: of these edges; product: of all partials.
    """

    nodes: tuple[str, ...]
    edges: tuple[EdgeKey, ...]
    partials: tuple[float, ...]
    product: float


@dataclass(frozen=True)
class PathSum:
    """All paths of one entry of the Jacobian.

    Attributes:
        output, input: names.
        paths: the first of them, up to the number asked for.
        count: how many there are.
        total: the sum over `paths`: the entry, when these are all.
    """

    output: str
    input: str
    paths: tuple[Path, ...]
    count: int
    total: float

    @property
    def is_complete(self) -> bool:
        """Whether every path is listed."""
        return len(self.paths) == self.count


def paths(
    graph: Graph, output: str, input: str, at: Point = None, *, most: int = MOST_PATHS
) -> PathSum:
    """The paths from an input to an output of a graph of scalars.

    Args:
        output, input: names of any two nodes.
        at: values of the inputs by name; None for those stored in the graph.
        most: no more than so many are listed; all are counted.

    Raises:
        GraphError: when a node between the two holds an array.
        VisualADError: when a node or its derivative cannot be computed.
    """
    structure, values = values_at(graph, at)
    local = local_derivatives(structure, values)
    goal, start = structure.index[graph.id_of(output)], structure.index[graph.id_of(input)]
    between = _between(structure, start, goal)
    for i, on_path in enumerate(between):
        if on_path and np.size(values[i]) != 1:
            raise GraphError(
                f"Paths are listed for scalars, and {structure.name(i)} is an array; along arrays "
                "the partials are matrices, which cross mode multiplies.",
                node=structure.name(i),
            )
    counts = [0] * len(structure)
    counts[start] = 1
    for i in range(len(structure)):
        if between[i] and i != start:
            counts[i] = sum(counts[source] for source in structure.sources[i] if source >= 0)
    found: list[Path] = []
    for path in _walk(structure, local, start, goal, between):
        if len(found) == most:
            break
        found.append(path)
    total = float(sum(path.product for path in found))
    return PathSum(structure.name(goal), structure.name(start), tuple(found), counts[goal], total)


def _between(structure: Structure, start: int, goal: int) -> list[bool]:
    """Which nodes lie on a path."""
    after = structure.reached_from((start,))
    before = structure.reaching((goal,))
    return [bool(a and b) for a, b in zip(after, before, strict=True)]


def _walk(
    structure: Structure, local: Locals, start: int, goal: int, between: list[bool]
) -> Iterator[Path]:
    """Every path, from its end: depth first, ports in order."""
    if not between[goal]:
        return
    waiting: list[tuple[int, tuple[tuple[int, int], ...]]] = [(goal, ())]
    while waiting:
        node, steps = waiting.pop()
        if node == start:
            yield _path(structure, local, steps, start)
            continue
        ports = [
            (source, (*steps, (node, port)))
            for port, source in enumerate(structure.sources[node])
            if source >= 0 and between[source]
        ]
        waiting.extend(reversed(ports))


def _path(
    structure: Structure, local: Locals, steps: tuple[tuple[int, int], ...], start: int
) -> Path:
    forward = steps[::-1]
    partials = []
    for target, port in forward:
        local.require(target)
        row: Any = local.partials[target]
        block = row[port] if row is not None else local.blocks(target)[port]
        partials.append(float(np.asarray(block).reshape(())))
    return Path(
        nodes=(structure.name(start), *(structure.name(target) for target, _ in forward)),
        edges=tuple(structure.edge(target, port) for target, port in forward),
        partials=tuple(partials),
        product=float(np.prod(partials)) if partials else 1.0,
    )
