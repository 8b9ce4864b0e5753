"""Composite nodes written out: the nodes of their formula in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from visualad.errors import GraphError
from visualad.graph import edits
from visualad.graph.composite import formula_graph
from visualad.graph.model import VARIABLE, Graph, Node, remembered
from visualad.ops.declaration import Operation

BESIDE = 40.0  # px from one new node to the next, so that none hides another


def write_out_formulas(graph: Graph, ids: Iterable[str]) -> Graph:
    """The graph with these composite nodes written out; values and derivatives stay the same.

    The last node of a formula keeps the id, the name and the place of the composite node.

    Raises:
        GraphError: if a node is not composite, or its formula is one of its ports alone.
    """
    for id_ in [graph.id_of(id_) for id_ in ids]:
        graph = _written_out(graph, graph.nodes_by_id[id_])
    return graph


def without_composites(graph: Graph, unwanted: Callable[[Operation], bool]) -> Graph:
    """The graph with every composite node written out whose operation is `unwanted`."""
    while True:
        found = [
            node.id
            for node in graph.nodes
            if (declared := node.operation) is not None
            and unwanted(declared)
            and formula_graph(declared) is not None
        ]
        if not found:
            return graph
        graph = write_out_formulas(graph, found)


def _written_out(graph: Graph, node: Node) -> Graph:
    declared = node.operation
    inner = formula_graph(declared) if declared is not None else None
    if inner is None:
        raise GraphError(f"'{node.name}' is no composite node: there is no formula to write out.")
    (result,) = inner.output_ids
    if inner.nodes_by_id[result].is_leaf:
        raise GraphError(f"The formula of '{node.name}' has no operation to write out.")
    place = {
        port.id: source
        for port in inner.nodes
        if port.op == VARIABLE and (source := graph.sources.get((node.id, port.name))) is not None
    }
    for port in node.ports:
        graph = edits.disconnect(graph, node.id, port)
    x, y = node.position
    made = [part for part in map(inner.nodes_by_id.__getitem__, inner.order) if part.id != result]
    made = [part for part in made if part.op != VARIABLE]
    for number, part in enumerate(made):
        shift = BESIDE * (len(made) - number)
        graph = edits.add_node(
            graph, part.op, settings=part.settings, position=(x - shift, y + shift)
        )
        place[part.id] = list(graph.nodes_by_id)[-1]
    last = inner.nodes_by_id[result]
    operation = last.operation
    assert operation is not None  # the parser knows no others
    stays = replace(
        node, op=last.op, settings=last.settings, **remembered(operation, last.settings)
    )
    graph = graph.with_(nodes_by_id={**graph.nodes_by_id, node.id: stays})
    place[result] = node.id
    for edge in inner.edges:
        if edge.source in place:
            graph = edits.connect(graph, place[edge.source], place[edge.target], edge.port)
    return graph
