"""Vertex elimination on a linearised graph: the one place where its products are made and counted.

Eliminating a vertex v joins every edge into it with every edge out of it: the product of the two
partials is added to the edge from the predecessor to the successor, and v with its edges is gone
(Griewank and Walther, Evaluating Derivatives, chapter 9). When only inputs and outputs are left,
the edges are the entries of the Jacobian.

Outputs are never eliminated. One that feeds other nodes is two vertices in one: an inner vertex
and the output, joined by an edge of constant 1. Eliminating the inner one leaves the edges into
the output, its row of the Jacobian, at one product each with that 1, which counts like any other
unless unit edges are free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Protocol

import numpy as np

from visualad.autodiff.blocks import Block, add, multiply


@dataclass(frozen=True, slots=True)
class LinearEdge:
    """An edge of the linearised graph.

    Attributes:
        partial: number or Jacobian block; None where only costs are wanted.
        full: whether it is a dense block between arrays (else a scalar or a diagonal).
        unit: whether it is the constant 1 or -1.
    """

    partial: Block = None
    full: bool = False
    unit: bool = False


@dataclass(frozen=True, slots=True)
class Product:
    """One product of an elimination and the edge it makes or changes (vertices by number).

    Attributes:
        into, out: the edges that are multiplied.
        before: the edge from source to target until now, or None.
        after: that edge from now on.
        product: the summand.
        multiplications, additions: what it cost.
    """

    source: int
    target: int
    into: LinearEdge
    out: LinearEdge
    before: LinearEdge | None
    after: LinearEdge
    product: Block
    multiplications: int
    additions: int


class Elimination:
    """A linearised graph whose vertices are eliminated one after the other. It changes in place.

    Attributes:
        into: for each vertex its in-edges by predecessor.
        out: for each vertex its out-edges by successor.
        multiplications, additions: spent so far.
        removed: the edges that the last edge elimination has taken away, with those that lie on no
            path any more.
    """

    def __init__(
        self,
        edges: Iterable[tuple[int, int, LinearEdge]],
        sizes: Sequence[int],
        outputs: Iterable[int],
        *,
        free_units: bool = False,
    ) -> None:
        self.sizes = sizes
        self.outputs = frozenset(outputs)
        self.free_units = free_units
        self.into: list[dict[int, LinearEdge]] = [{} for _ in sizes]
        self.out: list[dict[int, LinearEdge]] = [{} for _ in sizes]
        self.multiplications = 0
        self.additions = 0
        self.removed: list[tuple[int, int]] = []
        for source, target, edge in edges:
            self.into[target][source] = edge
            self.out[source][target] = edge

    def eliminate(self, vertex: int) -> list[Product]:
        """Eliminate a vertex; the products in the order of its predecessors, then successors."""
        products = []
        for source in sorted(self.into[vertex]):
            into = self.into[vertex][source]
            for target in sorted(self.out[vertex]):
                product = self._multiply(vertex, source, target, into, self.out[vertex][target])
                products.append(product)
                self.into[target][source] = self.out[source][target] = product.after
                self.multiplications += product.multiplications
                self.additions += product.additions
        if vertex in self.outputs:
            self.multiplications += self._cost_of_copy(vertex)
        for target in self.out[vertex]:
            del self.into[target][vertex]
        self.out[vertex] = {}
        if vertex not in self.outputs:
            for source in self.into[vertex]:
                del self.out[source][vertex]
            self.into[vertex] = {}
        return products

    def eliminate_edge(self, source: int, target: int, *, front: bool) -> list[Product]:
        """Eliminate one edge: at its front joined with every edge out of its target, at its back
        with every edge into its source. Vertices that have lost their last in-edge or out-edge by
        it go with their other edges, which lie on no path any more.

        Naumann, Optimal accumulation of Jacobian matrices by elimination methods on the dual
        computational graph (Mathematical Programming 99, 2004).
        """
        edge = self.into[target][source]
        self.removed = []
        self.multiplications += self._cost_of_leaving(source, front=front)
        products = []
        if front:
            for after in sorted(self.out[target]):
                other = self.out[target][after]
                products.append(self._multiply(target, source, after, edge, other))
        else:
            for before in sorted(self.into[source]):
                other = self.into[source][before]
                products.append(self._multiply(source, before, target, other, edge))
        for product in products:
            self.into[product.target][product.source] = product.after
            self.out[product.source][product.target] = product.after
            self.multiplications += product.multiplications
            self.additions += product.additions
        self._cut(source, target)
        self._tidy(target if front else source)
        return products

    def _cut(self, source: int, target: int) -> None:
        del self.into[target][source], self.out[source][target]
        self.removed.append((source, target))

    def _tidy(self, vertex: int) -> None:
        """Take away a vertex through which no path leads any more, and what that leaves so."""
        waiting = [vertex]
        while waiting:
            found = waiting.pop()
            if found in self.outputs or (self.into[found] and self.out[found]):
                continue
            for source in list(self.into[found]):
                self._cut(source, found)
                if not self.out[source] and self.into[source]:
                    waiting.append(source)
            for target in list(self.out[found]):
                self._cut(found, target)
                if not self.into[target] and self.out[target]:
                    waiting.append(target)

    def cost_of(self, vertex: int) -> int:
        """Multiplications of eliminating a vertex now.

        Each pair of an in-edge and an out-edge costs size(v) times one factor for each of both:
        1 for a scalar or diagonal edge, the size of its other end for a dense block, 0 for a free
        unit edge. So the sum over all pairs is a product of two sums.
        """
        into = self._weights(self.into[vertex])
        pairs = self.sizes[vertex] * into * self._weights(self.out[vertex])
        return pairs + (self._cost_of_copy(vertex) if vertex in self.outputs else 0)

    def cost_of_edge(self, source: int, target: int, *, front: bool) -> int:
        """Multiplications of eliminating an edge at its front or back now."""
        edge, vertex = self.into[target][source], target if front else source
        here = self._weight(edge, source if front else target)
        others = self._weights(self.out[target] if front else self.into[source])
        return self.sizes[vertex] * here * others + self._cost_of_leaving(source, front=front)

    def _cost_of_leaving(self, source: int, *, front: bool) -> int:
        """What is due when the last edge out of an output goes: its inner vertex goes with it."""
        last = not front and source in self.outputs and len(self.out[source]) == 1
        return self._cost_of_copy(source) if last else 0

    def neighbours(self, vertex: int) -> set[int]:
        """The vertices that edges join with this one."""
        return {*self.into[vertex], *self.out[vertex]}

    def _cost_of_copy(self, vertex: int) -> int:
        """Of the products with the constant 1 that leads from an inner vertex to its output."""
        return 0 if self.free_units else self.sizes[vertex] * self._weights(self.into[vertex])

    def _weights(self, edges: Mapping[int, LinearEdge]) -> int:
        return sum(self._weight(edge, other) for other, edge in edges.items())

    def _weight(self, edge: LinearEdge, other: int) -> int:
        if self.free_units and edge.unit:
            return 0
        return self.sizes[other] if edge.full else 1

    def _multiply(
        self, vertex: int, source: int, target: int, into: LinearEdge, out: LinearEdge
    ) -> Product:
        sizes = self.sizes
        block = None if into.partial is None else multiply(out.partial, into.partial)
        full = into.full or out.full
        before = self.into[target].get(source)
        multiplications = sizes[vertex] * self._weight(into, source) * self._weight(out, target)
        if before is None:
            after = LinearEdge(block, full, into.unit and out.unit)
            additions = 0
        else:
            total = None if block is None else add(before.partial, block)
            after = LinearEdge(total, full or before.full)
            additions = sizes[source] * sizes[target] if full else sizes[target]
        return Product(source, target, into, out, before, after, block, multiplications, additions)


class Eliminable(Protocol):
    """A graph whose vertices can be eliminated, in whatever way it is kept."""

    def cost_of(self, vertex: int) -> int:
        """Multiplications of eliminating a vertex now."""

    def neighbours(self, vertex: int) -> Iterable[int]:
        """The vertices that edges join with this one."""

    def eliminate(self, vertex: int) -> object:
        """Eliminate a vertex."""


def markowitz(work: Eliminable, vertices: Iterable[int]) -> list[int]:
    """Eliminate always the vertex of least cost at this moment; among equals the last one.

    Markowitz' rule (Griewank and Reese 1991) with ties broken towards the outputs, which is what
    makes it good: vertices are numbered in topological order.

    Args:
        work: is used up.
        vertices: those to eliminate.
    """
    costs = {vertex: work.cost_of(vertex) for vertex in vertices}
    heap = [(cost, -vertex) for vertex, cost in costs.items()]
    heapify(heap)
    order: list[int] = []
    while heap:
        cost, negative = heappop(heap)
        vertex = -negative
        if costs.get(vertex) != cost:
            continue  # an entry from before its neighbours changed
        neighbours = set(work.neighbours(vertex))
        with np.errstate(all="ignore"):  # inf · 0 is nan, silently as everywhere
            work.eliminate(vertex)
        del costs[vertex]
        order.append(vertex)
        for other in neighbours:
            if other in costs:
                changed = work.cost_of(other)
                if changed != costs[other]:
                    costs[other] = changed
                    heappush(heap, (changed, -other))
    return order
