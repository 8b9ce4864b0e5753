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
from visualad.autodiff.scalars import is_scalar
from visualad.autodiff.steps import Cost
from visualad.engine.operands import BufferView, NotRecordable, Row, Source
from visualad.engine.recording import Recorder
from visualad.engine.structure import Structure, structure_of
from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.ops.broadcasting import unbroadcast
from visualad.ops.declaration import Operation

PER_EDGE = "sweep, one product per edge"

Array = Any
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
    return Cost(times * int(products.sum()), times * int(sums.sum()), PER_EDGE)


def step_work(
    structure: Structure,
    shapes: Sequence[Shape],
    nodes: Iterable[int],
    *,
    backward: bool,
    seeds: Collection[int] = (),
) -> tuple[Array, Array]:
    """Products and sums of the step of every node in a dense sweep over some nodes.

    Args:
        seeds: nodes that start with a number, to which what arrives is added.
    """
    count = len(structure)
    targets, sources = structure.edges
    chosen = np.zeros(count, dtype=bool)
    chosen[list(nodes)] = True
    active = np.array(structure.active, dtype=bool)
    (kept,) = np.nonzero((sources >= 0) & active[sources] & chosen[targets])
    steps = (sources if backward else targets)[kept]
    terms = np.bincount(steps, minlength=count)
    # Most edges lead to a single number over an elementwise operation: one product each.
    products, sums = terms.copy(), np.zeros(count, dtype=np.int64)
    for place in _measured_edges(structure, shapes, kept):
        target = int(targets[place])
        port = int(place - np.searchsorted(targets, target))
        made, added = edge_work(structure, shapes, target, port)
        step = sources[place] if backward else target
        products[step] += made - 1
        sums[step] += added
    started = [i for i in seeds if terms[i]]
    if started:
        reaching = np.array(structure.reaching(tuple(seeds)))
        for i in started:
            if reaching[targets[sources == i]].any():
                terms[i] += 1
            else:  # only what does not lead to the seeds leaves it: the step takes the seed alone
                products[i] = sums[i] = terms[i] = 0
    sizes = np.array([prod(shape) for shape in shapes]) if any(shapes) else 1
    return products, sums + np.maximum(terms - 1, 0) * sizes


def _measured_edges(structure: Structure, shapes: Sequence[Shape], places: Array) -> Array:
    """Those of some edges whose work is not simply one product."""
    if is_scalar(structure) and not any(shapes):
        return places[:0]
    pairs = zip(structure.operations, shapes, strict=True)
    simple = [not shape and (o is None or o.elementwise) for o, shape in pairs]
    return places[~np.array(simple, dtype=bool)[structure.edges[0][places]]]


def spent(work: tuple[Array, Array], nodes: Sequence[int], times: int = 1) -> Array:
    """What is multiplied and added up to the end of each step, (steps, 2).

    Args:
        work: by node, from `step_work`; nodes: one for each step.
    """
    counts = np.array(work, dtype=np.int64)[:, np.array(nodes, dtype=np.int64)]
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
