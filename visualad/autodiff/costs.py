"""What derivatives cost: multiplications and additions of every mode, without any numbers."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from visualad.autodiff.linearized import LinearizedGraph, linearized_structure
from visualad.autodiff.orders import elimination_order, vertices_in_order
from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, MODES, Cost
from visualad.autodiff.work import node_shapes, sweep_work
from visualad.engine.structure import structure_of
from visualad.errors import GraphError
from visualad.graph.model import Graph

Row = tuple[str, str, Cost]  # label, mode, cost

COMPARISON_SECONDS = 0.3  # effort of looking for the best order when costs are compared


def cost(
    graph: Graph,
    mode: str = BACKWARD,
    order: str | Iterable[str] = "markowitz",
    *,
    free_units: bool = False,
) -> Cost:
    """What the Jacobian of a graph costs by vertex elimination (see `LinearizedGraph.cost`).

    Eliminating a vertex costs a multiplication for each pair of an in-edge and an out-edge, and an
    addition where the new edge meets an existing one. For arrays an edge is a Jacobian block and
    the products of blocks are counted by their shapes. Local partials are not counted.

    Args:
        mode: "forward" (topological order), "backward" (its reverse) or "cross" (`order`).
        order: in cross mode "forward", "backward", "markowitz", "best" or vertex names.
        free_units: whether a product with a constant partial 1 or -1 is free.

    Raises:
        GraphError: if there is no such mode or the order does not fit.
    """
    if mode not in MODES:
        raise GraphError(f"There is no mode '{mode}'; use forward, backward or cross.")
    linear = linearized_structure(graph)
    if mode != CROSS:
        return linear.cost(mode, free_units=free_units)
    names = vertices_in_order(linear, order, free_units=free_units)
    known = set(linear.vertices)
    stray = {node.name for node in graph.nodes} - known
    return linear.cost((name for name in names if name not in stray), free_units=free_units)


def compare_costs(
    graph: Graph, *, free_units: bool = False, seconds: float = COMPARISON_SECONDS
) -> tuple[Row, ...]:
    """The cost of each way to differentiate a graph, as rows of (label, mode, cost).

    The first four accumulate the Jacobian by vertex elimination; the last two are what sweeps with
    one seed each multiply and add: one forward sweep per input, one backward sweep per output.

    Args:
        free_units: whether a product with a constant partial 1 or -1 is free in elimination.
        seconds: effort of the search for the best elimination order.
    """
    linear = linearized_structure(graph)
    best = elimination_order(linear, "best", seconds=seconds, free_units=free_units)

    def eliminated(order: str | Iterable[str]) -> Cost:
        return linear.cost(order, free_units=free_units)

    return (
        ("forward", FORWARD, eliminated("forward")),
        ("backward", BACKWARD, eliminated("backward")),
        ("cross, Markowitz order", CROSS, eliminated("markowitz")),
        (f"cross, best order, {best.standing}", CROSS, eliminated(best.vertices)),
        *sweep_costs(graph, linear),
    )


def sweep_costs(graph: Graph, linear: LinearizedGraph) -> tuple[Row, Row]:
    """What sweeps with one seed each cost: a forward one per input, a backward one per output."""
    structure = structure_of(graph)
    shapes = node_shapes(graph)
    live = set(linear.vertices)
    nodes = [i for i, node in enumerate(structure.nodes) if node.name in live]
    inputs = sum(prod(shapes[i]) for i in structure.independents)
    outputs = sum(prod(shapes[i]) for i in structure.outputs)
    forward = sweep_work(structure, shapes, nodes, backward=False, times=inputs)
    backward = sweep_work(structure, shapes, nodes, backward=True, times=outputs)
    return (
        (_times(inputs, "forward sweep", "input"), FORWARD, forward),
        (_times(outputs, "backward sweep", "output"), BACKWARD, backward),
    )


def _times(count: int, what: str, per: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}, one per {per}"
