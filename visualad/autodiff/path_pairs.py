"""An entry of the Hessian as a sum over the nodes where two paths meet.

For scalars, with v a node, a and b its sources, and dots for derivatives along an input,

    ∂²f/∂x∂y = Σ_v Σ_a Σ_b  ∂²v/∂a∂b · ∂f/∂v · ∂a/∂x · ∂b/∂y,

the closed form behind edge pushing (Gower and Mello, "A new framework for the computation of
Hessians", 2012). A term is all pairs of a path from x and a path from y that meet in v, one through
a and one through b, and the paths from there to f; a node that is linear in its sources has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from visualad.autodiff.backward import adjoints_of
from visualad.autodiff.derivatives import second_derivatives
from visualad.autodiff.evaluate import Point, values_at
from visualad.autodiff.forward import tangents_of
from visualad.autodiff.local import Array, Locals, local_derivatives
from visualad.autodiff.notation import Notation
from visualad.engine.structure import Structure
from visualad.errors import GraphError
from visualad.graph.model import CONSTANT, VARIABLE, Graph, Node
from visualad.ops.expression import Number
from visualad.ops.writing import name_pretty, pretty

MOST_TERMS = 200
EdgeKey = tuple[str, str, str]


@dataclass(frozen=True)
class Meeting:
    """The pairs of paths that meet in one node, through two of its sources.

    Attributes:
        node: the name of the node where they meet; computes: what it does, `x₁·x₂`.
        sources: names of the sources through which the path of each input comes in.
        partial_name: `∂²x₄/∂x₁∂x₂`; formula: as a formula, or "" where it has none.
        second: the second local partial; adjoint: of the node; tangents: of the two sources.
        product: of these four.
        nodes, edges: names and keys (source id, target id, port) of all that is on the paths.
    """

    node: str
    computes: str
    sources: tuple[str, str]
    partial_name: str
    formula: str
    second: float
    adjoint: float
    tangents: tuple[float, float]
    product: float
    nodes: tuple[str, ...]
    edges: tuple[EdgeKey, ...]


@dataclass(frozen=True)
class PairSum:
    """All terms of one entry of the Hessian.

    Attributes:
        output, first, second: names of the output and of the two inputs.
        terms: in the order of the graph, up to the number asked for.
        count: how many there are.
        total: the sum over `terms`: the entry, when these are all.
    """

    output: str
    first: str
    second: str
    terms: tuple[Meeting, ...]
    count: int
    total: float

    @property
    def is_complete(self) -> bool:
        """Whether every term is listed."""
        return len(self.terms) == self.count


def path_pairs(
    graph: Graph,
    output: str,
    first: str,
    second: str,
    at: Point = None,
    *,
    most: int = MOST_TERMS,
) -> PairSum:
    """The terms that make ∂²output/∂first∂second in a graph of scalars.

    Args:
        output, first, second: names of an output and of two inputs or parameters.
        at: values of the inputs by name; None for those stored in the graph.
        most: no more than so many are listed; all are counted.

    Raises:
        GraphError: when a node between the inputs and the output holds an array.
        VisualADError: when a node or its derivative cannot be computed.
    """
    structure, values = values_at(graph, at)
    goal, x, y = (structure.index[graph.id_of(name)] for name in (output, first, second))
    _require_scalars(structure, values, goal, (x, y))
    local = local_derivatives(structure, values, (goal,))
    along = [tangents_of(local, {i: np.ones_like(values[i])[()]}) for i in (x, y)]
    adjoints = adjoints_of(local, {goal: np.ones_like(values[goal])[()]})
    notation = Notation(structure)
    count = 0
    found: list[Meeting] = []
    for node, a, b in _meetings(structure, goal, x, y):
        formula = notation.second(node, a, b)
        if isinstance(formula, Number) and formula.value == 0.0:
            continue
        count += 1
        if len(found) == most:
            continue
        curvature = _second_partial(local, node, a, b)
        if formula is None and curvature == 0.0:
            count -= 1  # very likely linear, or a kink
            continue
        adjoint = _number(adjoints[node])
        tangents = _number(along[0][a]), _number(along[1][b])
        nodes, edges = _on_paths(structure, node, ((x, a), (y, b), (node, goal)))
        found.append(
            Meeting(
                node=structure.name(node),
                computes=pretty(notation.operation(node)),
                sources=(structure.name(a), structure.name(b)),
                partial_name=_written(structure, node, a, b),
                formula="" if formula is None else pretty(formula),
                second=curvature,
                adjoint=adjoint,
                tangents=tangents,
                product=_product(curvature, adjoint, *tangents),
                nodes=nodes,
                edges=edges,
            )
        )
    return PairSum(
        output=structure.name(goal),
        first=structure.name(x),
        second=structure.name(y),
        terms=tuple(found),
        count=count,
        total=float(sum(term.product for term in found)),
    )


def _require_scalars(
    structure: Structure, values: list[Array], goal: int, starts: tuple[int, int]
) -> None:
    between = zip(structure.reached_from(starts), structure.reaching((goal,)), strict=True)
    for i, (after, before) in enumerate(between):
        if after and before and np.size(values[i]) != 1:
            raise GraphError(
                f"Terms are listed for scalars, and {structure.name(i)} is an array.",
                node=structure.name(i),
            )


def _meetings(structure: Structure, goal: int, x: int, y: int) -> Iterator[tuple[int, int, int]]:
    """Nodes on the way to the goal, with a source that depends on x and one that does on y."""
    after = structure.reached_from((x,)), structure.reached_from((y,))
    before = structure.reaching((goal,))
    for node, sources in enumerate(structure.sources):
        if before[node] and structure.active[node]:
            distinct = list(dict.fromkeys(source for source in sources if source >= 0))
            for a in distinct:
                if after[0][a]:
                    yield from ((node, a, b) for b in distinct if after[1][b])


def _second_partial(local: Locals, target: int, first: int, other: int) -> float:
    """∂²target/∂first∂other at the point: the Hessian of a graph of this one node."""
    structure, values = local.structure, local.values
    local.require(target)
    node = structure.nodes[target]
    names = {source: f"s{source}" for source in structure.sources[target]}
    leaves = {
        name: Node(
            id=name,
            op=VARIABLE if source in (first, other) else CONSTANT,
            name=name,
            settings={"value": values[source]},
        )
        for source, name in names.items()
    }
    alone = replace(node, id="v", name="v", aliases=())
    wires = {
        ("v", port): names[source]
        for port, source in zip(structure.ports[target], structure.sources[target], strict=True)
    }
    graph = Graph({**leaves, "v": alone}, wires, declared_outputs=("v",), dtype=structure.dtype)
    found = second_derivatives(graph)
    places = [found.inputs.index(names[source]) for source in (first, other)]
    return float(found.array[places[0], places[1]])


def _on_paths(
    structure: Structure, node: int, ends: tuple[tuple[int, int], ...]
) -> tuple[tuple[str, ...], tuple[EdgeKey, ...]]:
    """Everything on a path between one of the pairs of ends, and the edges into the node."""
    inside: set[int] = set()
    edges: dict[EdgeKey, None] = {}
    entries = {end for _, end in ends[:2]}
    for start, end in ends:
        pairs = zip(structure.reached_from((start,)), structure.reaching((end,)), strict=True)
        between = {i for i, (after, before) in enumerate(pairs) if after and before}
        inside |= between
        for target in between - {start}:
            for port, source in enumerate(structure.sources[target]):
                if source in between:
                    edges[structure.edge(target, port)] = None
    for port, source in enumerate(structure.sources[node]):
        if source in entries:
            edges[structure.edge(node, port)] = None
    return tuple(structure.name(i) for i in sorted(inside)), tuple(edges)


def _product(second: float, *factors: float) -> float:
    """What does not move contributes nothing, even where another factor is infinite."""
    return 0.0 if 0.0 in factors else float(np.prod((second, *factors)))


def _written(structure: Structure, node: int, a: int, b: int) -> str:
    of, first, other = (name_pretty(structure.name(i)) for i in (node, a, b))
    return f"∂²{of}/∂{first}²" if a == b else f"∂²{of}/∂{first}∂{other}"


def _number(value: Array) -> float:
    return float(np.asarray(value).reshape(()))
