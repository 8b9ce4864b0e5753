"""Elimination orders as a problem on bit sets, made for trying many orders quickly.

A set of vertices is a Python integer, bit i for vertex i. The graph that is left after eliminating
a set of vertices does not depend on their order, so a state can be kept per position of an order
and a changed order only costs work where it changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
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
            the same for the unit edges only if these are free, then for the dense blocks only if
            there are arrays.
        sizes: number of elements of each vertex.
        units: whether unit edges are free.
        blocks: whether there are arrays.
    """

    names: Sequence[str]
    inner: Sequence[int]
    inputs: int
    outputs: int
    start: State
    sizes: Sequence[int]
    units: bool
    blocks: bool

    @cached_property
    def plain(self) -> bool:
        """Whether every edge counts as one product: scalars, and unit edges are not free."""
        return not self.units and not self.blocks

    def copy(self, state: State) -> State:
        """An independent copy of a state."""
        return tuple(part.copy() for part in state)

    def cost(self, state: State, vertex: int) -> int:
        """Multiplications of eliminating a vertex now.

        Each pair of an in-edge and an out-edge costs size(v) times one factor for each of both:
        1 for a scalar or diagonal edge, the size of its other end for a dense block, 0 for a free
        unit edge. So the sum over all pairs is a product of two sums.
        """
        into, out = state[0][vertex], state[1][vertex]
        copy = 0  # the edge of constant 1 from an inner vertex to the output that it also is
        if self.units:
            into &= ~state[2][vertex]
            out &= ~state[3][vertex]
        else:
            copy = self.outputs >> vertex & 1
        if not self.blocks:
            return into.bit_count() * (out.bit_count() + copy)
        weights = self._weight(into, state[-2][vertex]), self._weight(out, state[-1][vertex])
        return self.sizes[vertex] * weights[0] * (weights[1] + copy)

    def _weight(self, edges: int, full: int) -> int:
        return (edges & ~full).bit_count() + sum(self.sizes[other] for other in bits(edges & full))

    def eliminate(self, state: State, vertex: int) -> int:
        """Eliminate a vertex in place and return what it cost."""
        cost = self.cost(state, vertex)
        self.remove(state, vertex)
        return cost

    def remove(self, state: State, vertex: int) -> None:
        """Eliminate a vertex in place."""
        into, out = state[0], state[1]
        sources, targets = into[vertex], out[vertex]
        if self.units:
            _join_units(state, sources, targets, state[2][vertex], state[3][vertex])
        if self.blocks:
            _join_blocks(state, sources, targets, state[-2][vertex], state[-1][vertex])
        gone = ~(1 << vertex)
        left = -1 if self.outputs >> vertex & 1 else gone  # the edges into an output stay
        # The loops of `bits`, written out: this is where a search spends its time.
        rest = sources
        while rest:
            low = rest & -rest
            source = low.bit_length() - 1
            out[source] = (out[source] | targets) & left
            rest ^= low
        rest = targets
        while rest:
            low = rest & -rest
            target = low.bit_length() - 1
            into[target] = (into[target] | sources) & gone
            rest ^= low
        for part in state[1::2]:
            part[vertex] = 0
        for part in state[2::2]:
            for target in bits(targets):
                part[target] &= gone
        if left == -1:
            return
        for part in state[0::2]:
            part[vertex] = 0
        for part in state[3::2]:
            for source in bits(sources):
                part[source] &= gone

    def walk(self, order: Sequence[int]) -> int:
        """Multiplications of a whole order."""
        state = self.copy(self.start)
        return sum(self.eliminate(state, vertex) for vertex in order)


class Walk:
    """A problem whose vertices are eliminated one after the other (see `Eliminable`)."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._state = problem.copy(problem.start)

    def cost_of(self, vertex: int) -> int:
        """Multiplications of eliminating a vertex now."""
        return self._problem.cost(self._state, vertex)

    def neighbours(self, vertex: int) -> Iterator[int]:
        """The vertices that edges join with this one."""
        return bits(self._state[0][vertex] | self._state[1][vertex])

    def eliminate(self, vertex: int) -> None:
        """Eliminate a vertex."""
        self._problem.remove(self._state, vertex)


def problem_of(graph: LinearizedGraph, *, free_units: bool = False) -> Problem:
    """The elimination problem of a linearised graph."""
    position = {name: i for i, name in enumerate(graph.vertices)}
    count = len(position)
    blocks = not graph.is_scalar
    state: State = tuple([0] * count for _ in range(2 + 2 * free_units + 2 * blocks))
    for source, target in graph.edges:
        s, t = position[source], position[target]
        kinds = [0]
        if free_units and (source, target) in graph.units:
            kinds.append(2)
        if blocks and graph.is_full(source, target):
            kinds.append(len(state) - 2)
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
        units=free_units,
        blocks=blocks,
    )


def _join_units(state: State, sources: int, targets: int, unit_in: int, unit_out: int) -> None:
    """Unit edges after an elimination: a product of two is one, a sum of edges is none."""
    into, out, units_in, units_out = state[:4]
    for source in bits(sources):
        made = unit_out & ~out[source] if unit_in >> source & 1 else 0
        units_out[source] = (units_out[source] & ~targets) | made
    for target in bits(targets):
        made = unit_in & ~into[target] if unit_out >> target & 1 else 0
        units_in[target] = (units_in[target] & ~sources) | made


def _join_blocks(state: State, sources: int, targets: int, full_in: int, full_out: int) -> None:
    """Dense blocks after an elimination: a product or a sum with one is one."""
    fulls_in, fulls_out = state[-2], state[-1]
    for source in bits(sources):
        fulls_out[source] |= targets if full_in >> source & 1 else full_out
    for target in bits(targets):
        fulls_in[target] |= sources if full_out >> target & 1 else full_in
