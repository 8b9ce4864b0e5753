"""What nodes are called in pictures."""

from __future__ import annotations

from visualad.exchange.words import operation_writing
from visualad.graph import edits
from visualad.graph.parser import parse


def test_a_constant_that_nobody_named_is_written_as_its_number() -> None:
    graph = parse("x**2")
    (power,) = (node for node in graph.nodes if node.op == "pow")
    assert operation_writing(graph, power) == "x²"
    (constant,) = (node for node in graph.nodes if node.op == "constant")
    named = edits.rename(graph, constant.id, "n")
    assert operation_writing(named, named.nodes_by_id[power.id]) == "x^n"


def test_an_open_port_is_a_question_mark() -> None:
    graph = edits.add_node(parse("x"), "add", name="s")
    assert operation_writing(graph, graph["s"]) == "? + ?"
