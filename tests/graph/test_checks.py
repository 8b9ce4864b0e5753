from __future__ import annotations

import numpy as np
import pytest

from visualad.graph import edits
from visualad.graph.checks import can_connect, known_shapes, problems
from visualad.graph.model import Graph, Node
from visualad.graph.parser import parse

LECTURE = parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")


@pytest.mark.parametrize(
    ("source", "target", "port", "reason"),
    [
        ("x9", "x4", "x", "Port 'x' of x4 is taken by x1; remove that edge first."),
        ("x1", "x4", "x", "x1 feeds port 'x' of x4 already."),
        ("x1", "x2", "x", "x2 is a variable and takes no input."),
        ("x1", "x5", "y", "x5 (sin) has no port 'y'; its ports are x."),
        ("q", "x5", "x", "There is no node 'q' in this graph."),
        ("x1", "q", "x", "There is no node 'q' in this graph."),
    ],
)
def test_refusals_say_why(source: str, target: str, port: str, reason: str) -> None:
    validity = can_connect(LECTURE, source, target, port)
    assert not validity
    assert validity.reason == reason


def test_a_cycle_is_shown_with_its_path() -> None:
    validity = can_connect(LECTURE, "x9", "x4", "x", replace=True)
    assert validity.reason == "This would close a cycle: x4 → x6 → x8 → x9 → x4."
    assert can_connect(LECTURE, "x4", "x4", "x", replace=True).reason == "x4 cannot feed itself."


def test_a_long_cycle_is_shortened() -> None:
    graph = parse("\n".join(f"a{i + 1} = sin(a{i})" for i in range(500)))
    reason = can_connect(graph, "a500", "a1", "x", replace=True).reason
    assert reason == "This would close a cycle: a1 → a2 → a3 → a4 → ... → a498 → a499 → a500 → a1."


def test_one_source_may_feed_both_ports() -> None:
    graph = edits.disconnect(parse("x - y"), "v1", "y")
    assert can_connect(graph, "x", "v1", "y")


def with_values(text: str, **values: object) -> Graph:
    settings = {name: {"value": value} for name, value in values.items()}
    return edits.set_settings(parse(text), settings)


def test_shapes_that_cannot_match_are_both_named() -> None:
    graph = with_values("x + y", x=np.ones(3), y=np.ones(3))
    graph = edits.add_node(graph, "variable", name="z", settings={"value": np.ones((2, 2))})
    reason = can_connect(graph, "z", "v1", "y", replace=True).reason
    assert "(3,)" in reason
    assert "(2, 2)" in reason


def test_a_misfit_further_on_is_named() -> None:
    graph = with_values("a = sin(x)\nb = a*2\nf = b + y", x=np.ones(3), y=np.ones(3))
    graph = edits.add_node(graph, "variable", name="z", settings={"value": np.ones(4)})
    reason = can_connect(graph, "z", "a", "x", replace=True).reason
    assert reason.startswith("f could not be computed any more")


def test_open_shapes_are_no_reason_to_refuse() -> None:
    graph = with_values("x + y", x=np.ones(3))
    graph = edits.add_node(graph, "variable", name="z")
    assert can_connect(graph, "z", "v1", "y", replace=True)
    assert known_shapes(graph) == {"x": (3,)}


def test_shapes_follow_from_the_leaves() -> None:
    graph = with_values("sum(X@W.T, axis=0)", X=np.ones((5, 2)), W=np.ones((3, 2)))
    assert known_shapes(graph)["v3"] == (3,)


def test_problems_name_what_is_missing() -> None:
    graph = edits.disconnect(LECTURE, "x8", "x")
    graph = edits.disconnect(edits.disconnect(graph, "x4", "x"), "x4", "y")
    graph = graph.with_(
        nodes_by_id={**graph.nodes_by_id, "u": Node("u", "unheard_of", "u")},
        sources={**graph.sources, ("x5", "old"): "x1"},
    )
    assert problems(graph) == {
        "x8": "Port x of x8 is not connected.",
        "x4": "Ports x, y of x4 are not connected.",
        "u": "No plugin provides the node type 'unheard_of' of u; install or load it. "
        "The node is kept as it is.",
        "x5": "sin has no port old (any more) to which x5 is connected; remove that edge.",
    }
    assert not problems(LECTURE)


def test_problems_name_shapes_that_do_not_fit() -> None:
    graph = with_values("x + y", x=np.ones(3), y=np.ones(2))
    assert "(3,) and (2,)" in problems(graph)["v1"]


def test_a_large_graph_is_checked_in_one_pass() -> None:
    graph = parse(" + ".join(f"x{i}" for i in range(3000)))
    assert not can_connect(graph, graph.outputs[0], "x3000", "x", replace=True)
