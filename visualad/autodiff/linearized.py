"""The linearised graph: vertices and the partials between them, on which cross mode works."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from math import prod

import numpy as np

from visualad.autodiff.blocks import Block, Diagonal, add
from visualad.autodiff.elimination import Elimination, LinearEdge
from visualad.autodiff.evaluate import Point, values_at
from visualad.autodiff.local import Locals, local_derivatives
from visualad.autodiff.moves import EdgeMove
from visualad.autodiff.steps import Cost
from visualad.autodiff.work import node_shapes
from visualad.engine.structure import Structure, structure_of
from visualad.errors import GraphError
from visualad.graph.model import Graph, shorten
from visualad.ops.declaration import symbolic_partials
from visualad.ops.expression import Number

Pair = tuple[str, str]  # source name, target name

FREE = "elimination, products with a constant 1 or −1 are free"
COUNTED = "elimination, unit edges count"
BLOCKS = ", blocks by their shapes"


class LinearizedGraph:
    """An acyclic graph of partials: immutable; eliminating a vertex gives a new one.

    Two edges from one source into one node are one edge here, with the sum of both partials.
    Nodes that depend on no input and nodes that reach no output are not vertices.

    Args:
        edges: partial by (source, target): numbers, or Jacobian blocks as two-dimensional arrays
            (rows: elements of the target) or `Diagonal`s. None where only costs are wanted.
        inputs, outputs: names; what is in no edge is isolated and has derivative 0.
        units: the edges whose partial is the constant 1 or -1 (see `free_units`); by default those
            with exactly this number on them.
        sizes: number of elements by vertex; read off the blocks by default.
        order: a topological order of all vertices to number them by; found by default.

    Raises:
        GraphError: if an edge is no pair, or the edges make a cycle or lead into an input.
    """

    def __init__(
        self,
        edges: Mapping[Pair, Block],
        inputs: Sequence[str],
        outputs: Sequence[str],
        *,
        units: Collection[Pair] | None = None,
        sizes: Mapping[str, int] | None = None,
        order: Sequence[str] | None = None,
    ) -> None:
        _check_pairs(edges)
        self.edges: Mapping[Pair, Block] = dict(edges)
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.vertices: tuple[str, ...] = (
            tuple(order) if order is not None else _topological(self.edges, inputs, outputs)
        )
        self.units: frozenset[Pair] = frozenset(
            (pair for pair, partial in self.edges.items() if _is_one(partial))
            if units is None
            else units
        )
        self.sizes: Mapping[str, int] = (
            _sizes(self.edges, self.vertices) if sizes is None else dict(sizes)
        )
        self.position = {name: i for i, name in enumerate(self.vertices)}
        for source, target in self.edges:
            if target in self.inputs:
                raise GraphError(f"The edge from {source} leads into {target}, which is an input.")

    def __repr__(self) -> str:
        return f"<linearised graph of {len(self.vertices)} vertices and {len(self.edges)} edges>"

    @cached_property
    def intermediates(self) -> tuple[str, ...]:
        """The vertices to eliminate, in topological order.

        All but inputs and outputs; an output that feeds another vertex is eliminated too, but
        the edges into it stay.
        """
        kept = {*self.inputs, *self.outputs}
        used = {source for source, _ in self.edges}
        ends = set(self.inputs)
        return tuple(
            name
            for name in self.vertices
            if name not in kept or (name in used and name not in ends)
        )

    @property
    def is_scalar(self) -> bool:
        """Whether every vertex stands for one number."""
        return all(size == 1 for size in self.sizes.values())

    def eliminate(self, vertex: str) -> LinearizedGraph:
        """The graph without this vertex: its in-edges times its out-edges are new edges or are
        added to edges that stand there.

        Raises:
            GraphError: for an input, an output that feeds no vertex, or an unknown vertex.
        """
        if vertex not in self.position:
            raise GraphError(
                f"There is no vertex '{vertex}' to eliminate; there are "
                f"{shorten(self.intermediates)}."
            )
        if vertex not in self.intermediates:
            kind = "an input" if vertex in self.inputs else "an output"
            raise GraphError(
                f"Vertex {vertex} is {kind}; only the vertices between are eliminated."
            )
        work = self.elimination()
        work.eliminate(self.position[vertex])
        return self._left(work)

    def eliminate_edge(self, source: str, target: str, *, front: bool = True) -> LinearizedGraph:
        """The graph without this edge, every path through it led past the vertex at its end.

        At its front the edge is multiplied with every edge out of its target, at its back with
        every edge into its source; the products are new edges or are added to edges that stand
        there. A sequence of such eliminations may be cheaper than every order of vertices.

        Raises:
            GraphError: if there is no such edge, or the vertex at that end stays: only edges into
                an inner vertex have a front, only edges that do not leave an input have a back.
        """
        self._check_edge(source, target, front=front)
        work = self.elimination()
        work.eliminate_edge(self.position[source], self.position[target], front=front)
        return self._left(work)

    def cost_of_edge(
        self, source: str, target: str, *, front: bool = True, free_units: bool = False
    ) -> Cost:
        """What `eliminate_edge` costs now; raises the same."""
        self._check_edge(source, target, front=front)
        work = self.elimination(free_units=free_units)
        work.eliminate_edge(self.position[source], self.position[target], front=front)
        return Cost(work.multiplications, work.additions, self.convention(free_units))

    def _check_edge(self, source: str, target: str, *, front: bool) -> None:
        there = (source, target) in self.edges
        self._check_end(source, target, there=there, front=front)

    def _check_end(self, source: str, target: str, *, there: bool, front: bool) -> None:
        if not there:
            raise GraphError(f"There is no edge from {source} to {target} to eliminate.")
        if front and target in self.outputs:
            raise GraphError(
                f"The edge from {source} to {target} has no front to eliminate, because {target} "
                "is an output; eliminate it at its back."
            )
        if not front and source in self.inputs:
            raise GraphError(
                f"The edge from {source} to {target} has no back to eliminate, because {source} "
                "is an input; eliminate it at its front."
            )

    def check_edge(self, move: EdgeMove, work: Elimination) -> tuple[int, int]:
        """The edge of a move by number, if it can be eliminated in a working copy of this graph.

        Raises:
            GraphError: as `eliminate_edge`.
        """
        position = self.position
        source, target = position.get(move.source, -1), position.get(move.target, -1)
        there = source >= 0 <= target and source in work.into[target]
        self._check_end(move.source, move.target, there=there, front=move.front)
        return source, target

    def _left(self, work: Elimination) -> LinearizedGraph:
        """The graph that a working copy of this one has become."""
        edges: dict[Pair, Block] = {}
        units = []
        for target, found in enumerate(work.into):
            for source, edge in sorted(found.items()):
                pair = self.vertices[source], self.vertices[target]
                edges[pair] = edge.partial
                if edge.unit:
                    units.append(pair)
        kept = {*self.inputs, *self.outputs, *(name for pair in edges for name in pair)}
        return LinearizedGraph(
            edges,
            self.inputs,
            self.outputs,
            units=units,
            sizes=self.sizes,
            order=[name for name in self.vertices if name in kept],
        )

    def elimination(self, *, free_units: bool = False) -> Elimination:
        """A working copy by vertex number (position in `vertices`), to eliminate in place."""
        position = self.position
        return Elimination(
            ((position[s], position[t], self._edge(s, t)) for s, t in self.edges),
            [self.sizes[name] for name in self.vertices],
            (position[name] for name in self.outputs if name in position),
            free_units=free_units,
        )

    def _edge(self, source: str, target: str) -> LinearEdge:
        block = self.edges[source, target]
        unknown = isinstance(block, Diagonal) and block.entries is None
        unit = (source, target) in self.units
        return LinearEdge(None if unknown else block, self.is_full(source, target), unit)

    def is_full(self, source: str, target: str) -> bool:
        """Whether the edge holds a dense block: neither a scalar nor a diagonal."""
        block = self.edges[source, target]
        return not isinstance(block, Diagonal) and self.sizes[source] * self.sizes[target] > 1

    def numbers(self, order: Iterable[str], *, complete: bool = True) -> list[int]:
        """The vertices of an elimination order by number.

        Inputs and outputs that the order mentions are passed over, since they stay.

        Args:
            complete: whether every vertex has to come up.

        Raises:
            GraphError: if the order leaves out a vertex, repeats one or names an unknown one.
        """
        wanted = set(self.intermediates)
        found: dict[str, int] = {}
        for name in order:
            if name not in self.position:
                raise GraphError(
                    f"The elimination order names '{name}', which is no vertex here; the vertices "
                    f"to eliminate are {shorten(self.intermediates)}."
                )
            if name in found:
                raise GraphError(f"The elimination order names {name} twice.")
            if name in wanted:
                found[name] = self.position[name]
        missing = [name for name in self.intermediates if name not in found]
        if missing and complete:
            raise GraphError(f"The elimination order leaves out {shorten(missing)}.")
        return list(found.values())

    def cost(self, order: str | Iterable[str] = "markowitz", *, free_units: bool = False) -> Cost:
        """What eliminating all vertices costs.

        Args:
            order: "forward", "backward", "markowitz", "best" or vertex names.
            free_units: whether a product with an edge of constant partial 1 or -1 is free.

        Raises:
            GraphError: if the order does not fit.
        """
        from visualad.autodiff.orders import vertices_in_order

        work = self.elimination(free_units=free_units)
        for vertex in self.numbers(vertices_in_order(self, order, free_units=free_units)):
            work.eliminate(vertex)
        return Cost(work.multiplications, work.additions, self.convention(free_units))

    def convention(self, free_units: bool) -> str:
        """How costs of this graph are counted, in words."""
        return (FREE if free_units else COUNTED) + ("" if self.is_scalar else BLOCKS)

    def lower_bound(self) -> int:
        """Multiplications that no elimination order can do without (see `order_bound`).

        0 for graphs of arrays, for which no bound is known here.
        """
        from visualad.autodiff.order_bound import lower_bound
        from visualad.autodiff.order_problem import problem_of

        return lower_bound(problem_of(self)) if self.is_scalar else 0


def linearize(graph: Graph, at: Point = None) -> LinearizedGraph:
    """The linearised graph of all outputs at a point.

    Args:
        at: values of the inputs by name; None for those stored in the graph.

    Raises:
        VisualADError: when a node or its derivative cannot be computed.
    """
    structure, values = values_at(graph, at)
    return linearized(local_derivatives(structure, values))


def linearized(local: Locals) -> LinearizedGraph:
    """The linearised graph of local derivatives that are known already."""
    structure = local.structure
    edges: dict[Pair, Block] = {}
    for target, sources in _live_rows(structure):
        local.require(target)
        with np.errstate(all="ignore"):
            row = local.partials[target] if local.scalar else None
            blocks = local.blocks(target) if row is None else row
            for source, block in zip(sources, blocks, strict=True):
                if structure.active[source]:
                    pair = structure.name(source), structure.name(target)
                    edges[pair] = add(edges[pair], block) if pair in edges else block
    sizes = {structure.name(i): int(np.size(value)) for i, value in enumerate(local.values)}
    return _assemble(structure, edges, sizes)


def linearized_structure(graph: Graph) -> LinearizedGraph:
    """The linearised graph without numbers, for costs. Array shapes are those of stored values.

    Raises:
        VisualADError: when a graph of arrays has shapes that do not fit.
    """
    structure = structure_of(graph)
    shapes = node_shapes(graph)
    sizes = {structure.name(i): prod(shape) for i, shape in enumerate(shapes)}
    edges: dict[Pair, Block] = {}
    for target, sources in _live_rows(structure):
        operation = structure.operations[target]
        for source in sources:
            if structure.active[source]:
                pair = structure.name(source), structure.name(target)
                same = shapes[source] == shapes[target] and shapes[source] != ()
                diagonal = operation is not None and operation.elementwise and same
                edges[pair] = Diagonal(None) if diagonal else None
    return _assemble(structure, edges, sizes)


def _live_rows(structure: Structure) -> Iterable[tuple[int, tuple[int, ...]]]:
    """The nodes between the independents and the outputs, with their sources."""
    reaching = structure.reaching(structure.outputs)
    for target, sources in enumerate(structure.sources):
        if sources and structure.active[target] and reaching[target]:
            yield target, sources


def _assemble(
    structure: Structure, edges: Mapping[Pair, Block], sizes: Mapping[str, int]
) -> LinearizedGraph:
    inputs = tuple(structure.name(i) for i in structure.independents)
    outputs = tuple(structure.name(i) for i in structure.outputs)
    present = {*inputs, *outputs, *(name for pair in edges for name in pair)}
    order = [node.name for node in structure.nodes if node.name in present]
    units = _unit_edges(structure, edges)
    return LinearizedGraph(
        edges,
        inputs,
        outputs,
        units=units,
        sizes={name: sizes[name] for name in order},
        order=order,
    )


def _unit_edges(structure: Structure, edges: Mapping[Pair, Block]) -> list[Pair]:
    """The edges whose partial is 1 or -1 at every point, and on one port only."""
    units = []
    for target, sources in enumerate(structure.sources):
        ones = _unit_ports(structure, target)
        for port, source in enumerate(sources):
            pair = structure.name(source), structure.name(target)
            if port in ones and pair in edges and sources.count(source) == 1:
                units.append(pair)
    return units


def _unit_ports(structure: Structure, target: int) -> Collection[int]:
    operation = structure.operations[target]
    if operation is None or not operation.elementwise:
        return ()
    found = symbolic_partials(operation, structure.nodes[target].settings) or ()
    return [
        port
        for port, partial in enumerate(found)
        if isinstance(partial, Number) and abs(partial.value) == 1
    ]


def _check_pairs(edges: Iterable[object]) -> None:
    for pair in edges:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise GraphError(
                f"An edge is a pair of names, for example ('a', 'b'), not {pair!r:.60}."
            )


def _is_one(partial: Block) -> bool:
    return np.ndim(partial) == 0 and isinstance(partial, int | float) and abs(partial) == 1


def _sizes(edges: Mapping[Pair, Block], vertices: Sequence[str]) -> dict[str, int]:
    sizes = dict.fromkeys(vertices, 1)
    for (source, target), block in edges.items():
        if block is not None and np.ndim(block) == 2:
            sizes[target], sizes[source] = np.shape(block)
    return sizes


def _topological(
    edges: Mapping[Pair, Block], inputs: Sequence[str], outputs: Sequence[str]
) -> tuple[str, ...]:
    """Inputs first, then what is ready in the order in which the edges mention it."""
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(inputs, ()))
    for source, target in edges:
        sorter.add(target, source)
    for name in outputs:
        sorter.add(name)
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        raise GraphError(
            f"The edges make a cycle through {shorten(error.args[1])}; a linearised graph has none."
        ) from None
