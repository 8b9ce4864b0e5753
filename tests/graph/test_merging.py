"""Merging equal subexpressions."""

from __future__ import annotations

from hypothesis import given, settings

from tests.strategies import scalar_graphs
from visualad.autodiff.evaluate import evaluate
from visualad.graph.merging import merge_equal
from visualad.graph.model import Graph
from visualad.graph.parser import parse


def test_equal_subexpressions_become_one_node() -> None:
    text = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"
    merged = merge_equal(parse(text, merge_equal=False))
    assert len(merged) == len(parse(text)) == 9
    at = {"x1": 1.5, "x2": 0.8, "x3": 2.0}
    assert evaluate(merged, at)[merged.outputs[0]] == evaluate(parse(text), at)["x9"]


def test_what_follows_from_equal_nodes_is_equal_too() -> None:
    graph = parse("f = sin(exp(x)) * sin(exp(x))", merge_equal=False)
    merged = merge_equal(graph)
    assert len(graph) - len(merged) == 2
    product = merged["f"].id
    assert merged.sources[product, "x"] == merged.sources[product, "y"]


def test_names_of_merged_nodes_stay_known() -> None:
    graph = parse("a = sin(x)\nb = sin(x)\nf = a*b", merge_equal=False)
    merged = merge_equal(graph)
    assert len(merged) == 3
    assert evaluate(merged, {"x": 0.5})["a"] == evaluate(merged, {"x": 0.5})["b"]


def test_inputs_and_outputs_stay_apart() -> None:
    graph = parse("f = x + y\ng = x + y", outputs=["f", "g"], merge_equal=False)
    assert merge_equal(graph) is graph


@given(scalar_graphs())
@settings(max_examples=60)
def test_the_values_stay_the_same(graph: Graph) -> None:
    merged = merge_equal(graph)
    before, after = evaluate(graph), evaluate(merged)
    assert set(merged.outputs) == set(graph.outputs)
    assert all(after[name] == before[name] for name in before)
