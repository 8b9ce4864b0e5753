"""Every number of the published cases."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tests.autodiff.cases import graph_of, published, scalar_cases
from visualad.autodiff.costs import cost
from visualad.autodiff.derivatives import gradient, hessian, jacobian, second_derivatives
from visualad.autodiff.evaluate import evaluate
from visualad.autodiff.sweeps import sweep

MODES = ("forward", "backward", "cross")


def close(found: Any, expected: Any) -> bool:
    return bool(np.allclose(found, expected, rtol=1e-11, atol=1e-13))


@pytest.mark.parametrize("name", scalar_cases())
def test_values_are_the_published_ones(name: str) -> None:
    case = published()[name]
    values = evaluate(graph_of(name), case["inputs"])
    for node, expected in {**case["intermediates"], **case["outputs"]}.items():
        assert close(values[node], expected), node


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", scalar_cases())
def test_gradients_are_the_published_ones_in_every_mode(name: str, mode: str) -> None:
    case = published()[name]
    graph = graph_of(name)
    matrix = jacobian(graph, case["inputs"], mode)
    for output, expected in case["gradients"].items():
        found = gradient(graph, case["inputs"], mode, output=output)
        for node, value in expected.items():
            assert close(found[node], value), node
            assert close(matrix.block(output, node), value), node


@pytest.mark.parametrize("name", scalar_cases())
def test_tangents_are_the_published_ones(name: str) -> None:
    case = published()[name]
    for seed, expected in case["tangents"].items():
        found = sweep(graph_of(name), case["inputs"], "forward", seed)
        for node, value in expected.items():
            assert close(found.tangents[node], value), (seed, node)


@pytest.mark.parametrize("name", scalar_cases())
def test_adjoints_are_the_published_ones(name: str) -> None:
    case = published()[name]
    for seed, expected in case["adjoints"].items():
        found = sweep(graph_of(name), case["inputs"], "backward", seed)
        for node, value in expected.items():
            assert close(found.adjoints[node], value), (seed, node)


@pytest.mark.parametrize("name", scalar_cases())
def test_edge_partials_are_the_published_ones(name: str) -> None:
    case = published()[name]
    graph = graph_of(name)
    found: dict[tuple[str, str], float] = {}
    for (source, target, _), partial in sweep(graph, case["inputs"]).edge_partials.items():
        key = graph[source].id, graph[target].id
        found[key] = found.get(key, 0.0) + partial
    for edge, expected in case["edge_partials"].items():
        source, target = edge.split("->")
        pair = graph.id_of(source), graph.id_of(target)
        if pair not in found:
            # The published graph keeps something apart that is one operation here (3*x as a node).
            continue
        assert close(found[pair], expected), edge


@pytest.mark.parametrize("name", [n for n in scalar_cases() if "hessian" in published()[n]])
def test_hessians_are_the_published_ones(name: str) -> None:
    case = published()[name]
    graph = graph_of(name)
    for output, expected in case["hessian"].items():
        found = second_derivatives(graph, case["inputs"], output=output)
        places = [graph.independents.index(node) for node in expected["order"]]
        assert found.exact
        assert np.allclose(
            found.array[np.ix_(places, places)], expected["matrix"], rtol=1e-9, atol=1e-9
        )
        assert np.array_equal(hessian(graph, case["inputs"], output=output), found.array)


@pytest.mark.parametrize("name", [n for n in scalar_cases() if "cross_mode" in published()[n]])
def test_elimination_counts_are_the_published_ones(name: str) -> None:
    expected = published()[name]["cross_mode"]
    graph = graph_of(name)
    forward, backward = cost(graph, "forward"), cost(graph, "backward")
    assert (forward.multiplications, forward.additions) == (
        expected["forward_mults"],
        expected["forward_adds"],
    )
    assert (backward.multiplications, backward.additions) == (
        expected["reverse_mults"],
        expected["reverse_adds"],
    )
    free = [cost(graph, mode, free_units=True).multiplications for mode in ("forward", "backward")]
    assert free == [expected["forward_mults_nontrivial"], expected["reverse_mults_nontrivial"]]
    counts = [
        cost(graph, "cross", order).multiplications
        for order in itertools.permutations(expected["intermediates"])
    ]
    assert (len(counts), min(counts), max(counts), counts.count(min(counts))) == (
        expected["orders_total"],
        expected["min_mults"],
        expected["max_mults"],
        expected["orders_at_min"],
    )
    assert cost(graph, "cross", "best").multiplications == expected["min_mults"]
    best = cost(graph, "cross", "best", free_units=True).multiplications
    assert best == expected["min_mults_nontrivial"]


def test_partial_sums_are_those_of_baydins_table() -> None:
    """The adjoint of v0 is -0.284 after the first edge, then 1.716; that of vm1 5, then 5.5."""
    case = published()["baydin_tables_2_3"]
    parsed = graph_of(case["id"])
    # The table counts v_{-1} before v_0, and so log before the product before the sine.
    nodes = {"vm1": parsed["vm1"]} | dict(parsed.nodes_by_id)
    graph = parsed.with_(nodes_by_id=nodes, sources=dict(sorted(parsed.sources.items())))
    steps = {step.name: step for step in sweep(graph, case["inputs"])}
    assert [round(term.partial_sum, 3) for term in steps["v0"].terms] == [-0.284, 1.716]
    assert [round(term.partial_sum, 3) for term in steps["vm1"].terms] == [5.0, 5.5]


def test_ports_of_one_source_are_kept_apart() -> None:
    from visualad.graph.parser import parse

    case = published()["same_source_two_ports"]
    x = case["inputs"]["x"]
    for name, formula in {"sub": "x - x", "div": "x / x", "mul": "x * x", "pow": "x ** x"}.items():
        graph = parse(formula)
        found = sweep(graph, {"x": x})
        assert np.allclose(list(found.edge_partials.values()), case["port_partials"][name])
        slope = sum(case["port_partials"][name])
        for mode in MODES:
            assert close(gradient(graph, {"x": x}, mode)["x"], slope)
