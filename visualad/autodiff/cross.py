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
from visualad.autodiff.notation import Notation, number, write, write_names
from visualad.autodiff.orders import vertices_in_order
from visualad.autodiff.steps import CROSS, Cost, FillIn, Formula, Step, Term
from visualad.engine.structure import Structure
from visualad.ops.expression import Expression, product, total


@dataclass(frozen=True, eq=False)
class Accumulation:
    """A finished elimination.

    Attributes:
        local: the local derivatives that it started from.
        linear: the linearised graph before the first elimination.
        order: vertices in the order of their elimination, by number in `linear.vertices`.
        products: those of each elimination.
        costs: multiplications and additions of each elimination.
        work: the graph that is left.
    """

    local: Locals
    linear: LinearizedGraph
    order: Sequence[int]
    products: Sequence[Sequence[Product]]
    costs: Sequence[tuple[int, int]]
    work: Elimination

    @property
    def names(self) -> tuple[str, ...]:
        """The elimination order by name."""
        return tuple(self.linear.vertices[vertex] for vertex in self.order)

    @property
    def left(self) -> tuple[str, ...]:
        """The vertices that are not eliminated, by name."""
        done = set(self.order)
        linear = self.linear
        return tuple(v for v in linear.intermediates if linear.position[v] not in done)

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


def accumulate(local: Locals, order: str | Iterable[str], *, complete: bool = True) -> Accumulation:
    """Eliminate all vertices in an order given by method or by names.

    Args:
        complete: False to eliminate only the vertices that are named.

    Raises:
        GraphError: if the order does not fit the graph.
    """
    linear = linearized(local)
    # An order may mention every node; what is no vertex has nothing to eliminate.
    stray = {node.name for node in local.structure.nodes}.difference(linear.vertices)
    names = (name for name in vertices_in_order(linear, order) if name not in stray)
    vertices = linear.numbers(names, complete=complete)
    work = linear.elimination()
    products, costs = [], []
    with np.errstate(all="ignore"):
        for vertex in vertices:
            before = work.multiplications, work.additions
            products.append(work.eliminate(vertex))
            costs.append((work.multiplications - before[0], work.additions - before[1]))
    return Accumulation(local, linear, vertices, products, costs, work)


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
        name = done.linear.vertices[done.order[index]]
        i = self.index_of[name]
        products = done.products[index]
        fill_ins = tuple(self._fill_in(i, made) for made in products)
        cost = Cost(*done.costs[index], done.linear.convention(False))
        fresh = sum(made.before is None for made in products)
        return Step(
            index=index,
            mode=CROSS,
            kind="eliminate",
            node=structure.nodes[i].id,
            name=name,
            quantity=write_names(name),
            rule=cross_rule(name),
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
            note=self._note(i, products),
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


def cross_rule(name: str) -> Formula:
    """The rule of vertex elimination."""
    written = write_names(name)
    return Formula(
        f"each edge into {written.text} times each edge out of it",
        rf"\text{{each edge into }} {written.latex} \text{{ times each edge out of it}}",
        f"each edge into {written.plain} times each edge out of it",
    )


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
