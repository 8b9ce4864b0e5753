"""Edge elimination: finer than vertex elimination, and sometimes cheaper.

Eliminating a vertex is eliminating all its in-edges at their fronts (or all its out-edges at their
backs). Taking edges one at a time leaves more freedom: on the lion, Naumann's example, every order
of vertices needs 12 multiplications and edges need 11.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import count

from visualad.autodiff.linearized import LinearizedGraph
from visualad.autodiff.moves import EdgeMove, Move
from visualad.autodiff.order_problem import bits
from visualad.autodiff.steps import Cost
from visualad.errors import GraphError

MOST_STATES = 60_000  # graphs that are looked at before the search for the optimum gives up


def cost_of_moves(
    graph: LinearizedGraph, moves: Iterable[Move], *, free_units: bool = False
) -> Cost:
    """What eliminating vertices and edges one after the other costs.

    The moves need not be complete.

    Raises:
        GraphError: if a move is not possible when its turn comes.
    """
    total = Cost(0, 0, graph.convention(free_units))
    for move in moves:
        if isinstance(move, EdgeMove):
            total += graph.cost_of_edge(
                move.source, move.target, front=move.front, free_units=free_units
            )
        else:
            total += cost_of_vertex(graph, move, free_units=free_units)
        graph = after_moves(graph, (move,))
    return total


def cost_of_vertex(graph: LinearizedGraph, vertex: str, *, free_units: bool = False) -> Cost:
    """What eliminating one vertex costs now.

    Raises:
        GraphError: if it is none of the vertices to eliminate.
    """
    if vertex not in graph.intermediates:
        graph.eliminate(vertex)  # says what is wrong
    work = graph.elimination(free_units=free_units)
    work.eliminate(graph.position[vertex])
    return Cost(work.multiplications, work.additions, graph.convention(free_units))


def after_moves(graph: LinearizedGraph, moves: Iterable[Move]) -> LinearizedGraph:
    """The graph that is left; raises as `cost_of_moves`."""
    for move in moves:
        if isinstance(move, EdgeMove):
            graph = graph.eliminate_edge(move.source, move.target, front=move.front)
        else:
            graph = graph.eliminate(move)
    return graph


def best_edge_moves(
    graph: LinearizedGraph, most_states: int = MOST_STATES, *, below: int | None = None
) -> tuple[tuple[EdgeMove, ...], int] | None:
    """The fewest multiplications that edge elimination needs, and the moves that need no more.

    Looks at the graphs that eliminations lead to from the cheapest on (Dijkstra 1959), so only for
    small ones: None when there are too many of them.

    Args:
        most_states: how many graphs are looked at.
        below: only what costs less is looked for, which is faster; when there is nothing, no moves
            are returned and this number.

    Raises:
        GraphError: for graphs of arrays and for outputs that feed other vertices.
    """
    if not graph.is_scalar or any(source in graph.outputs for source, _ in graph.edges):
        raise GraphError(
            "The best edge elimination is looked for only in graphs of scalars whose outputs feed "
            "nothing; cut the others into such parts."
        )
    search = _Search(graph)
    start = search.start
    turn = count()
    queue: list[tuple[int, int, _Edges]] = [(0, next(turn), start)]
    cheapest: dict[_Edges, int] = {start: 0}
    came: dict[_Edges, tuple[_Edges, EdgeMove]] = {}
    while queue:
        spent, _, edges = heappop(queue)
        if spent > cheapest[edges]:
            continue
        if search.is_done(edges):
            moves = []
            while edges in came:
                edges, move = came[edges]
                moves.append(move)
            return tuple(reversed(moves)), spent
        for move, cost, following in search.moves(edges):
            if below is not None and spent + cost >= below:
                continue
            if spent + cost < cheapest.get(following, spent + cost + 1):
                cheapest[following] = spent + cost
                came[following] = edges, move
                heappush(queue, (spent + cost, next(turn), following))
        if len(cheapest) > most_states:
            return None
    return None if below is None else ((), below)


_Edges = tuple[int, ...]  # for each vertex the bit set of its successors


class _Search:
    """Edge eliminations on bit sets."""

    def __init__(self, graph: LinearizedGraph) -> None:
        self.names = graph.vertices
        position = graph.position
        inner = set(graph.intermediates)
        self.inner = sum(1 << position[name] for name in inner)
        out = [0] * len(self.names)
        for source, target in graph.edges:
            out[position[source]] |= 1 << position[target]
        self.start = tuple(out)

    def is_done(self, edges: _Edges) -> bool:
        """Whether no path leads through an inner vertex."""
        return not any(edges[vertex] for vertex in bits(self.inner))

    def moves(self, edges: _Edges) -> Iterator[tuple[EdgeMove, int, _Edges]]:
        """Every elimination that is possible, what it costs and what it leaves."""
        for source, targets in enumerate(edges):
            for target in bits(targets):
                gone = ~(1 << target)
                if self.inner >> target & 1:
                    out = list(edges)
                    out[source] = targets & gone | edges[target]
                    self._tidy(out, target)
                    move = EdgeMove(self.names[source], self.names[target], front=True)
                    yield move, edges[target].bit_count(), tuple(out)
                if self.inner >> source & 1:
                    out = list(edges)
                    sources = self._into(out, source)
                    for before in sources:
                        out[before] |= 1 << target
                    out[source] &= gone
                    self._tidy(out, source)
                    move = EdgeMove(self.names[source], self.names[target], front=False)
                    yield move, len(sources), tuple(out)

    def _into(self, out: list[int], vertex: int) -> list[int]:
        return [before for before in range(vertex) if out[before] >> vertex & 1]

    def _tidy(self, out: list[int], vertex: int) -> None:
        """As `Elimination` does: a vertex that lies on no path any more goes, in place."""
        waiting = [vertex]
        while waiting:
            found = waiting.pop()
            sources, targets = self._into(out, found), out[found]
            if not self.inner >> found & 1 or (sources and targets):
                continue
            out[found] = 0
            for before in sources:
                out[before] &= ~(1 << found)
                if not out[before]:
                    waiting.append(before)
            waiting += [after for after in bits(targets) if not self._into(out, after)]
