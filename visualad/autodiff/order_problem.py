"""Elimination orders as a problem on bit sets, made for trying many orders quickly.

A set of vertices is a Python integer, bit i for vertex i. The graph that is left after eliminating
a set of vertices does not depend on their order, so a state can be kept per position of an order
and a changed order only costs work where it changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from visualad.autodiff.linearized import LinearizedGraph

State = tuple[list[int], ...]  # bit sets by vertex; see `Problem`


def bits(mask: int) -> Iterator[int]:
    """The members of a bit set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(frozen=True, eq=False)
class Problem:
    """A linearised graph by number, in topological order.

    Attributes:
        names: of the vertices.
        inner: the vertices to eliminate, in topological order.
        inputs, outputs: bit sets. Outputs that feed others are in `inner` too; the edges into them
            stay when they are eliminated.
        start: the state before the first elimination: predecessors and successors by vertex, then
            for `plain=False` the same for the dense blocks only and for the unit edges only.
        sizes: number of elements of each vertex.
        plain: every edge counts as one product: scalars, and unit edges are not free.
    """

    names: Sequence[str]
    inner: Sequence[int]
    inputs: int
    outputs: int
    start: State
    sizes: Sequence[int]
    plain: bool

    def copy(self, state: State) -> State:
        """An independent copy of a state."""
        return tuple(part.copy() for part in state)

    def cost(self, state: State, vertex: int) -> int:
        """Multiplications of eliminating a vertex now.

        Each pair of an in-edge and an out-edge costs size(v) times one factor for each of both:
        1 for a scalar or diagonal edge, the size of its other end for a dense block, 0 for a free
        unit edge. So the sum over all pairs is a product of two sums.
        """
        if self.plain:
            return state[0][vertex].bit_count() * state[1][vertex].bit_count()
        into, out, full_into, full_out, unit_into, unit_out = (part[vertex] for part in state)
        return (
            self.sizes[vertex]
            * self._weight(into, full_into, unit_into)
            * self._weight(out, full_out, unit_out)
        )

    def _weight(self, edges: int, full: int, unit: int) -> int:
        simple = (edges & ~full & ~unit).bit_count()
        return simple + sum(self.sizes[other] for other in bits(full & ~unit))

    def eliminate(self, state: State, vertex: int) -> int:
        """Eliminate a vertex in place and return what it cost."""
        cost = self.cost(state, vertex)
        sources, targets = state[0][vertex], state[1][vertex]
        if self.plain:
            into, out = state
            for source in bits(sources):
                out[source] |= targets
            for target in bits(targets):
                into[target] |= sources
        else:
            self._join(state, vertex)
        gone = ~(1 << vertex)
        stays = self.outputs >> vertex & 1
        for part in state[1::2]:
            part[vertex] = 0
        for part in state[0::2]:
            for target in bits(targets):
                part[target] &= gone
        if not stays:
            for part in state[0::2]:
                part[vertex] = 0
            for part in state[1::2]:
                for source in bits(sources):
                    part[source] &= gone
        return cost

    def _join(self, state: State, vertex: int) -> None:
        """Add the products of the edges at a vertex to the edges between its neighbours."""
        for here, there in ((0, 1), (1, 0)):
            # First seen from the predecessors, whose out-edges change, then from the successors.
            near, far = state[here][vertex], state[there][vertex]
            far_full, far_unit = state[2 + there][vertex], state[4 + there][vertex]
            near_full, near_unit = state[2 + here][vertex], state[4 + here][vertex]
            edges, full, unit = state[there], state[2 + there], state[4 + there]
            for other in bits(near):
                known = edges[other]
                full[other] |= far if near_full >> other & 1 else far_full
                made_unit = far_unit & ~known if near_unit >> other & 1 else 0
                unit[other] = (unit[other] & ~far) | made_unit
                edges[other] = known | far

    def walk(self, order: Sequence[int]) -> int:
        """Multiplications of a whole order."""
        state = self.copy(self.start)
        return sum(self.eliminate(state, vertex) for vertex in order)


def problem_of(graph: LinearizedGraph, *, free_units: bool = False) -> Problem:
    """The elimination problem of a linearised graph."""
    position = {name: i for i, name in enumerate(graph.vertices)}
    count = len(position)
    plain = graph.is_scalar and not free_units
    state: State = tuple([0] * count for _ in range(2 if plain else 6))
    for source, target in graph.edges:
        s, t = position[source], position[target]
        kinds = [0]
        if not plain:
            kinds += [2] if graph.is_full(source, target) else []
            kinds += [4] if free_units and (source, target) in graph.units else []
        for kind in kinds:
            state[kind][t] |= 1 << s
            state[kind + 1][s] |= 1 << t
    return Problem(
        names=graph.vertices,
        inner=[position[name] for name in graph.intermediates],
        inputs=sum(1 << position[name] for name in set(graph.inputs)),
        outputs=sum(1 << position[name] for name in set(graph.outputs)),
        start=state,
        sizes=[graph.sizes[name] for name in graph.vertices],
        plain=plain,
    )
