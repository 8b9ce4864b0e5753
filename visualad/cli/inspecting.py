"""`show` and `eval`: what a graph consists of, and its values."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from visualad.autodiff.evaluate import evaluate as values_of
from visualad.autodiff.evaluate import evaluate_partly
from visualad.cli.output import print_json, print_line, print_table
from visualad.cli.sources import is_file, read_graph, read_point
from visualad.exchange.drawing import node_expression
from visualad.graph.checks import problems
from visualad.graph.formula import formula
from visualad.graph.model import Graph, Node
from visualad.ops.writing import name_pretty, number_text, plain, pretty


def show(options: argparse.Namespace) -> None:
    """Print nodes, edges, inputs and outputs; values too where the inputs have some."""
    graph = read_graph(options, options.graph)
    values: dict[str, Any] = {}
    if options.at or is_file(options.graph):
        point = read_point(options, graph, options.graph)
        values = evaluate_partly(graph, point).by_name()
    found = {graph.nodes_by_id[id_].name: text for id_, text in problems(graph).items()}
    if options.json:
        print_json(_document(graph, values, found))
        return
    print_nodes(graph, values)
    names = {node.id: name_pretty(node.name) for node in graph.nodes}
    print_table(
        "Edges",
        ("from", "to", "port"),
        ((names[e.source], names[e.target], e.port) for e in graph.edges),
    )
    print_line(f"Inputs      {_listed(graph.inputs)}")
    if graph.parameters:
        print_line(f"Parameters  {_listed(graph.parameters)}")
    print_line(f"Outputs     {_listed(graph.outputs)}")
    print_line(f"Size        {len(graph.nodes)} nodes, {len(graph.edges)} edges, {graph.dtype}")
    for sentence in found.values():
        print_line(f"Problem     {sentence}")


def evaluate(options: argparse.Namespace) -> None:
    """Print the value of every node."""
    graph = read_graph(options, options.graph)
    values = values_of(graph, read_point(options, graph, options.graph))
    if options.json:
        print_json(
            {
                "outputs": {name: values[name] for name in graph.outputs},
                "values": {node.name: values[node.name] for node in graph.nodes},
            }
        )
        return
    print_nodes(graph, values)
    for name in graph.outputs:
        print_line(f"{name_pretty(name)} = {number_text(values[name], digits=10)}")


def print_nodes(graph: Graph, values: Mapping[str, Any]) -> None:
    """A table of all nodes in topological order, with those values (by name) that are known."""
    print_table(
        "Nodes",
        ("name", "operation", "formula", "value"),
        (_row(graph, node, values) for node in graph.nodes),
        right=("value",),
    )


def formula_of(graph: Graph, node: Node) -> str:
    """What a node computes from its neighbours, as it would be typed; "" for a leaf."""
    return "" if node.is_leaf else plain(node_expression(graph, node))


def _row(graph: Graph, node: Node, values: Mapping[str, Any]) -> tuple[str, str, str, str]:
    written = "" if node.is_leaf else pretty(node_expression(graph, node))
    name = " = ".join(map(name_pretty, (*node.aliases, node.name)))
    value = values.get(node.name)
    return name, node.op, written, "" if value is None else number_text(value)


def _document(graph: Graph, values: dict[str, Any], found: dict[str, str]) -> dict[str, Any]:
    names = {node.id: node.name for node in graph.nodes}
    return {
        "inputs": list(graph.inputs),
        "parameters": list(graph.parameters),
        "outputs": list(graph.outputs),
        "formulas": {name: formula(graph, name) for name in graph.outputs} if not found else {},
        "nodes": [
            {
                "name": node.name,
                "op": node.op,
                "formula": formula_of(graph, node),
                "aliases": list(node.aliases),
                "value": values.get(node.name),
            }
            for node in graph.nodes
        ],
        "edges": [
            {"source": names[e.source], "target": names[e.target], "port": e.port}
            for e in graph.edges
        ],
        "dtype": graph.dtype,
        "problems": found,
    }


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(name_pretty, names)) or "none"
