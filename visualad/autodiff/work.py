"""How many products and sums it takes to send a derivative over an edge, by shapes.

An elementwise edge takes one product per element of its target. For another operation the count is
measured: its vjp rule is recorded, and what depends on the adjoint and leads to the port counts.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from visualad.autodiff.evaluate import values_at
from visualad.autodiff.steps import Cost
from visualad.engine.recording import BufferView, NotRecordable, Recorder, Row, Source
from visualad.engine.structure import Structure, structure_of
from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.ops.broadcasting import unbroadcast
from visualad.ops.declaration import Operation

PER_EDGE = "sweep, one product per edge"

Count = tuple[int, int]  # products, sums
Shape = tuple[int, ...]

_PRODUCTS = frozenset({np.multiply, np.divide, np.square, np.power})
_SUMS = frozenset({np.add, np.subtract})


def node_shapes(graph: Graph) -> list[Shape]:
    """The shape of every node's value for the stored values, in topological order.

    Raises:
        VisualADError: when a graph of arrays has shapes that do not fit.
    """
    structure = structure_of(graph)
    scalar_operations = all(op is None or op.elementwise for op in structure.operations)
    if scalar_operations and not any(
        np.ndim(node.value) for node in structure.nodes if node.is_leaf and node.value is not None
    ):
        return [()] * len(structure)
    _, values = values_at(graph, None)
    return [np.shape(value) for value in values]


def edge_work(structure: Structure, shapes: Sequence[Shape], target: int, port: int) -> Count:
    """Products and sums of one derivative that passes one edge."""
    operation = structure.operations[target]
    if operation is None or operation.elementwise:
        return prod(shapes[target]), 0
    inputs = tuple(shapes[source] for source in structure.sources[target])
    settings = structure.nodes[target].settings
    try:
        key = tuple(sorted((k, v) for k, v in settings.items() if k in operation.settings))
        return _measured(operation, inputs, shapes[target], port, key)
    except TypeError:  # settings that cannot be a key
        return _measure(operation, inputs, shapes[target], port, settings)


def sweep_work(
    structure: Structure,
    shapes: Sequence[Shape],
    nodes: Iterable[int],
    *,
    backward: bool,
    times: int = 1,
) -> Cost:
    """The cost of a dense sweep over some nodes: every edge its products, every further term a sum.

    Args:
        times: how many such sweeps.
    """
    products, sums = step_work(structure, shapes, nodes, backward=backward)
    return Cost(times * sum(products), times * sum(sums), PER_EDGE)


def step_work(
    structure: Structure,
    shapes: Sequence[Shape],
    nodes: Iterable[int],
    *,
    backward: bool,
    seeds: Collection[int] = (),
) -> tuple[list[int], list[int]]:
    """Products and sums of the step of every node in a dense sweep over some nodes.

    Args:
        seeds: nodes that start with a number, to which what arrives is added.
    """
    products = [0] * len(structure)
    sums = [0] * len(structure)
    terms = [0] * len(structure)
    active, sources_of, operations = structure.active, structure.sources, structure.operations
    for target in nodes:
        operation = operations[target]
        simple = not shapes[target] and (operation is None or operation.elementwise)
        for port, source in enumerate(sources_of[target]):
            if active[source]:
                made, added = (1, 0) if simple else edge_work(structure, shapes, target, port)
                step = source if backward else target
                products[step] += made
                sums[step] += added
                terms[step] += 1
    passed = {i: False for i in seeds if terms[i]}
    reaching = structure.reaching(tuple(seeds)) if passed else ()
    for target, sources in enumerate(sources_of if passed else ()):
        for source in sources:
            if source in passed and reaching[target]:
                passed[source] = True
    for i, arrives in passed.items():
        if arrives:
            terms[i] += 1
        else:  # only what does not lead to the seeds leaves it: the step takes the seed alone
            products[i] = sums[i] = terms[i] = 0
    for i, count in enumerate(terms):
        if count > 1:
            sums[i] += (count - 1) * prod(shapes[i])
    return products, sums


def spent(work: tuple[Sequence[int], Sequence[int]], nodes: Sequence[int], times: int = 1) -> Any:
    """What is multiplied and added up to the end of each step, (steps, 2).

    Args:
        work: by node, from `step_work`; nodes: one for each step.
    """
    counts = np.array([[column[i] for i in nodes] for column in work], dtype=np.int64)
    return times * np.cumsum(counts, axis=1).T


@functools.lru_cache(maxsize=4096)
def _measured(
    operation: Operation,
    inputs: tuple[Shape, ...],
    out: Shape,
    port: int,
    settings: tuple[tuple[str, Any], ...],
) -> Count:
    return _measure(operation, inputs, out, port, {**dict(settings), "inputs": len(inputs)})


def _measure(
    operation: Operation,
    inputs: Sequence[Shape],
    out: Shape,
    port: int,
    settings: Mapping[str, Any],
) -> Count:
    recorder = Recorder("float64")
    adjoint = recorder.buffer(np.full(out, 0.5))
    values = [recorder.buffer(np.full(shape, 0.5)) for shape in inputs]
    value = recorder.buffer(np.full(out, 0.5))
    try:
        with np.errstate(all="ignore"):
            pulled = operation.pull_back(adjoint, values, value, settings)[port]
            if pulled is None:
                return 0, 0
            goal = recorder.source(unbroadcast(pulled, inputs[port]))
    except (NotRecordable, VisualADError, TypeError, ValueError, AttributeError, IndexError):
        # The rule does more than can be recorded; then as a product with a dense block.
        return prod(out) * prod(inputs[port]), (prod(out) - 1) * prod(inputs[port])
    return _count(recorder, goal)


def _count(recorder: Recorder, goal: Source) -> Count:
    """What the rows cost that lie between the adjoint, which is buffer 0, and the goal."""
    dependent = {0}
    for row in recorder.rows:
        if any(isinstance(x, BufferView) and x.buffer in dependent for x in row.inputs):
            dependent.update(row.outputs)
    wanted = {goal.buffer} if isinstance(goal, BufferView) else set()
    products = sums = 0
    for row in reversed(recorder.rows):
        if not wanted.intersection(row.outputs):
            continue
        wanted.update(x.buffer for x in row.inputs if isinstance(x, BufferView))
        if dependent.intersection(row.outputs):
            made, added = _row_work(recorder, row)
            products += made
            sums += added
    return products, sums


def _row_work(recorder: Recorder, row: Row) -> Count:
    size = int(recorder.buffers[row.outputs[0]].size)
    first = row.inputs[0]
    if row.kind in {"dot", "matmul"}:
        inner = first.shape[-1] if isinstance(first, BufferView) else np.shape(first.value)[-1]
        return size * int(inner), size * (int(inner) - 1)
    if row.kind == "reduce":
        length = prod(first.shape) if isinstance(first, BufferView) else size
        return 0, (length - size if row.function is np.add else 0)
    if row.function in _PRODUCTS:
        return size, 0
    return 0, (size if row.function in _SUMS else 0)
