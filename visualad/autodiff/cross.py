"""Cross mode: vertices are eliminated one at a time; the steps and the Jacobian that is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.blocks import Block, Diagonal, dense
from visualad.autodiff.elimination import Elimination, LinearEdge, Product
from visualad.autodiff.linearized import LinearizedGraph, linearized
from visualad.autodiff.local import Locals
from visualad.autodiff.moves import EdgeMove, Move, has_edges
from visualad.autodiff.notation import Notation, number, write, write_names
from visualad.autodiff.orders import vertices_in_order
from visualad.autodiff.steps import CROSS, Cost, FillIn, Formula, Step, Term
from visualad.engine.structure import Structure
from visualad.errors import GraphError
from visualad.graph.model import shorten
from visualad.ops.expression import Expression, product, total


@dataclass(frozen=True)
class Removed:
    """What the elimination of an edge takes away, by number in `LinearizedGraph.vertices`.

    Attributes:
        edges: it, and those that lie on no path any more.
        vertices: inner ones without edges out of them.
    """

    edges: tuple[tuple[int, int], ...] = ()
    vertices: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Accumulation:
    """A finished elimination.

    Attributes:
        local: the local derivatives that it started from.
        linear: the linearised graph before the first elimination.
        order: vertices and edges in the order of their elimination.
        products: those of each elimination.
        removed: what each elimination of an edge has taken away.
        costs: multiplications and additions of each elimination.
        work: the graph that is left.
    """

    local: Locals
    linear: LinearizedGraph
    order: tuple[Move, ...]
    products: Sequence[Sequence[Product]]
    removed: Sequence[Removed]
    costs: Sequence[tuple[int, int]]
    work: Elimination

    @property
    def left(self) -> tuple[str, ...]:
        """The vertices that are still there, by name."""
        return _left(self.linear, self.work, self.order)

    @property
    def cost(self) -> Cost:
        """Of all eliminations."""
        work = self.work
        return Cost(work.multiplications, work.additions, self.linear.convention(False))

    def block(self, output: int, independent: int) -> Any:
        """The derivative of one node with respect to an independent, (out.size, in.size)."""
        structure, values = self.local.structure, self.local.values
        rows, columns = np.size(values[output]), np.size(values[independent])
        if output == independent:
            return np.eye(rows, dtype=structure.dtype)
        position = self.linear.position
        target, source = structure.name(output), structure.name(independent)
        edge = self.work.into[position[target]].get(position[source])
        if edge is None:
            return np.zeros((rows, columns), dtype=structure.dtype)
        return dense(edge.partial).reshape(rows, columns)


def accumulate(
    local: Locals, order: str | Iterable[Move], *, complete: bool = True
) -> Accumulation:
    """Eliminate all vertices in an order given by method or by names, or as edges.

    Args:
        complete: False to eliminate only what is named.

    Raises:
        GraphError: if the order does not fit the graph.
    """
    linear = linearized(local)
    # An order may mention every node; what is no vertex has nothing to eliminate.
    stray = {node.name for node in local.structure.nodes}.difference(linear.vertices)
    moves = tuple(move for move in vertices_in_order(linear, order) if move not in stray)
    vertices = [move for move in moves if isinstance(move, str)]
    by_edges = has_edges(moves)
    numbers = linear.numbers(vertices, complete=complete and not by_edges)
    if not by_edges:  # inputs and outputs are passed over
        moves = tuple(linear.vertices[number] for number in numbers)
    work = linear.elimination()
    inner = set(linear.numbers(linear.intermediates)) if by_edges else set()
    products, costs, removed = [], [], []
    with np.errstate(all="ignore"):
        for move in moves:
            before = work.multiplications, work.additions
            if isinstance(move, EdgeMove):
                source, target = linear.check_edge(move, work)
                products.append(work.eliminate_edge(source, target, front=move.front))
                ends = dict.fromkeys(end for pair in work.removed for end in pair)
                gone = (end for end in ends if end in inner and not work.out[end])
                removed.append(Removed(tuple(work.removed), tuple(gone)))
            else:
                products.append(work.eliminate(linear.position[move]))
                removed.append(Removed())
            costs.append((work.multiplications - before[0], work.additions - before[1]))
    left = _left(linear, work, moves)
    if complete and by_edges and left:
        raise GraphError(f"The elimination order leaves out {shorten(left)}.")
    return Accumulation(local, linear, moves, products, removed, costs, work)


def _left(linear: LinearizedGraph, work: Elimination, moves: Iterable[Move]) -> tuple[str, ...]:
    done = set(moves)
    left = tuple(name for name in linear.intermediates if name not in done)
    if not has_edges(moves):
        return left
    places = ((name, linear.position[name]) for name in left)
    return tuple(name for name, place in places if work.into[place] and work.out[place])


@dataclass(frozen=True, eq=False)
class CrossSteps:
    """Makes the steps of a cross mode sweep."""

    done: Accumulation
    notation: Notation
    index_of: Mapping[str, int]  # node number by vertex name

    def make(self, index: int) -> Step:
        """The step at this position."""
        done = self.done
        structure = done.local.structure
        move = done.order[index]
        is_edge = isinstance(move, EdgeMove)
        i = self.index_of[move.vertex if isinstance(move, EdgeMove) else move]
        products = done.products[index]
        fill_ins = tuple(self._fill_in(i, made) for made in products)
        cost = Cost(*done.costs[index], done.linear.convention(False))
        fresh = sum(made.before is None for made in products)
        gone = done.removed[index]
        pairs = [self._ids(pair) for pair in gone.edges]
        return Step(
            index=index,
            mode=CROSS,
            kind="eliminate edge" if is_edge else "eliminate",
            node=structure.nodes[i].id,
            name=str(move),
            quantity=written_move(move),
            rule=cross_rule(move),
            symbolic=_lines([self._equation(made, self._chain(i, made)) for made in products]),
            partials=_lines(
                [self._equation(made, self._spelled(index, i, made)) for made in products]
            ),
            numeric=_lines([(self._name(made), _numbers(made)) for made in products]),
            terms=(),
            fill_ins=fill_ins,
            value=done.local.values[i],
            result=None,
            result_text=_summary(fresh, len(products) - fresh),
            cost=cost,
            note="" if is_edge else self._note(i, products),
            removed=tuple((source, target) for source, target in pairs),
            vanished=self._ids(gone.vertices),
        )

    def _node(self, vertex: int) -> int:
        return self.index_of[self.done.linear.vertices[vertex]]

    def _fill_in(self, i: int, made: Product) -> FillIn:
        nodes = self.done.local.structure.nodes
        source, target = nodes[self._node(made.source)], nodes[self._node(made.target)]
        term = Term(
            edge=(source.id, target.id, ""),
            factor=shown(made.into),
            partial=shown(made.out),
            contribution=_shown_block(made.product),
            partial_sum=shown(made.after),
            symbolic=self._chain_names(i, made),
            numeric=write(product((number(shown(made.out)), number(shown(made.into))))),
        )
        return FillIn(
            source=source.id,
            target=target.id,
            created=made.before is None,
            before=None if made.before is None else shown(made.before),
            after=shown(made.after),
            term=term,
        )

    def _chain_names(self, i: int, made: Product) -> Formula:
        source, target = self._node(made.source), self._node(made.target)
        later, earlier = self.notation.partial(target, i), self.notation.partial(i, source)
        return write_names(later.text, earlier.text)

    def _chain(self, i: int, made: Product) -> Expression:
        source, target = self._node(made.source), self._node(made.target)
        return product((self.notation.partial(target, i), self.notation.partial(i, source)))

    def _spelled(self, index: int, i: int, made: Product) -> Expression:
        source, target = self._node(made.source), self._node(made.target)
        return product((self._formula(index, target, i), self._formula(index, i, source)))

    def _formula(self, index: int, target: int, source: int) -> Expression:
        """The formula of an edge of the graph itself; the name of one that was made since."""
        structure = self.done.local.structure
        ports = [p for p, s in enumerate(structure.sources[target]) if s == source]
        pair = structure.name(source), structure.name(target)
        if pair in self.done.linear.edges and not self._was_changed(index, *pair):
            return total([self.notation.spelled(target, port) for port in ports])
        return self.notation.partial(target, source)

    def _was_changed(self, index: int, source: str, target: str) -> bool:
        """Whether an elimination before this step has added something to an edge."""
        position = self.done.linear.position
        pair = position[source], position[target]
        return any(
            (made.source, made.target) == pair
            for step in self.done.products[:index]
            for made in step
        )

    def _name(self, made: Product) -> Expression:
        return self.notation.partial(self._node(made.target), self._node(made.source))

    def _equation(self, made: Product, right: Expression) -> tuple[Expression, Expression]:
        name = self._name(made)
        return name, right if made.before is None else total((name, right))

    def _ids(self, vertices: Iterable[int]) -> tuple[str, ...]:
        nodes = self.done.local.structure.nodes
        return tuple(nodes[self._node(vertex)].id for vertex in vertices)

    def _note(self, i: int, products: Sequence[Product]) -> str:
        name = self.done.local.structure.name(i)
        if not products:
            return f"costs nothing because no path leads through {name}"
        if i in self.done.local.structure.outputs:
            return (
                f"{name} is an output too, so the edges into it stay: one product each with the "
                "constant 1 between both"
            )
        return ""


def written_move(move: Move) -> Formula:
    """A vertex or an edge as it is written."""
    if isinstance(move, str):
        return write_names(move)
    source, target = write_names(move.source), write_names(move.target)
    return Formula(
        f"{source.text} → {target.text} at its {move.end}",
        rf"{source.latex} \to {target.latex} \text{{ at its {move.end}}}",
        f"{move.source} -> {move.target} at its {move.end}",
    )


def cross_rule(move: Move) -> Formula:
    """The rule of vertex elimination, or of edge elimination."""
    if isinstance(move, EdgeMove):
        return _edge_rule(move)
    written = write_names(move)
    return Formula(
        f"each edge into {written.text} times each edge out of it",
        rf"\text{{each edge into }} {written.latex} \text{{ times each edge out of it}}",
        f"each edge into {written.plain} times each edge out of it",
    )


def _edge_rule(move: EdgeMove) -> Formula:
    source, target = write_names(move.source), write_names(move.target)
    edge = (
        f"{source.text} → {target.text}",
        rf"{source.latex} \to {target.latex}",
        f"{move.source} -> {move.target}",
    )
    end = target if move.front else source
    vertex = end.text, end.latex, end.plain
    words = [
        f"the edge {written} times each edge out of {at}"
        if move.front
        else f"each edge into {at} times the edge {written}"
        for written, at in ((edge[0], vertex[0]), (edge[2], vertex[2]))
    ]
    latex = (
        rf"\text{{the edge }} {edge[1]} \text{{ times each edge out of }} {vertex[1]}"
        if move.front
        else rf"\text{{each edge into }} {vertex[1]} \text{{ times the edge }} {edge[1]}"
    )
    return Formula(words[0], latex, words[1])


def shown(edge: LinearEdge) -> Any:
    """The partial on an edge as it is shown: a number, the diagonal, or the matrix."""
    return _shown_block(edge.partial)


def nodes_by_name(structure: Structure) -> dict[str, int]:
    """Node numbers by name."""
    return {node.name: i for i, node in enumerate(structure.nodes)}


def _shown_block(block: Block) -> Any:
    return block.entries if isinstance(block, Diagonal) else block


def _numbers(made: Product) -> Expression:
    made_product = product((number(shown(made.out)), number(shown(made.into))))
    if made.before is None:
        return made_product
    return total((number(shown(made.before)), made_product))


def _summary(created: int, changed: int) -> str:
    parts = []
    if created:
        parts.append(f"{created} new edge{'s' if created > 1 else ''}")
    if changed:
        parts.append(f"{changed} edge{'s' if changed > 1 else ''} changed")
    return ", ".join(parts) or "no edge changes"


def _lines(equations: Sequence[tuple[Expression, Expression]]) -> Formula:
    """Several equations in one formula."""
    sides = [(write(left), write(right)) for left, right in equations]
    return Formula(
        "; ".join(f"{left.text} = {right.text}" for left, right in sides),
        r" \\ ".join(f"{left.latex} = {right.latex}" for left, right in sides),
        "; ".join(f"{left.plain} = {right.plain}" for left, right in sides),
    )
