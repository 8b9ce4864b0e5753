"""Mistakes made on purpose give the wrong numbers that others have published."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import scalar_graphs
from visualad.assets import asset
from visualad.autodiff.mistaken_sweep import wrong_sweep
from visualad.autodiff.mistakes import MISTAKES, mistaken_sweep, mistaken_training
from visualad.errors import GraphError
from visualad.graph.edits import set_setting
from visualad.graph.file import load
from visualad.graph.model import CONSTANT, DATA, PARAMETER, Graph, Node
from visualad.graph.parser import parse

from .cases import DATA as FOLDER
from .cases import lecture


@cache
def case() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "networks.json").read_text())["mazur_2_2_2"]
    return found


def mazur(*, train_biases: bool = False) -> Graph:
    """Mazur's network; its biases are constants, as the text never updates them."""
    graph = parse(
        "net_h = linear(X, W1, b1); out_h = sigmoid(net_h); net_o = linear(out_h, W2, b2)\n"
        "out_o = sigmoid(net_o); E = 0.5*sum((T - out_o)**2)"
    )
    inputs = case()["inputs"]
    stored = {"X": [inputs["x"]], "T": [inputs["t"]]} | {
        name: inputs[name] for name in ("W1", "b1", "W2", "b2")
    }
    kinds = {"X": DATA, "T": DATA, "W1": PARAMETER, "W2": PARAMETER}
    nodes = dict(graph.nodes_by_id)
    for name, value in stored.items():
        op = kinds.get(name, PARAMETER if train_biases else CONSTANT)
        nodes[name] = Node(name, op, name, settings={"value": np.array(value)})
    return graph.with_(nodes_by_id=nodes)


def at_lecture() -> dict[str, float]:
    return {"x1": 1.0, "x2": 2.0, "x3": np.pi / 2}


def test_mazurs_numbers_after_one_step_with_both_kinds_of_update() -> None:
    found = mistaken_training(mazur(), "early update", 1, learning_rate=0.5)
    assert found.right[0] == pytest.approx(case()["outputs"]["E_total"], rel=1e-14)
    assert found.right[1] == pytest.approx(case()["after_1"]["E_total"], rel=1e-12)
    assert found.wrong[1] == pytest.approx(
        case()["variants"]["sequential_bug_after_1_E"], rel=1e-12
    )
    # What he prints is the error of the sequential update.
    assert f"{found.wrong[1]:.9f}" == case()["published"]["E after 1 update"] == "0.291027924"
    assert f"{found.right[1]:.9f}" != case()["published"]["E after 1 update"]
    for name in ("W1", "W2"):
        np.testing.assert_allclose(found.right_parameters[name], case()["after_1"][name], 1e-12)
    # The last layer learns the same either way; the one before it does not.
    np.testing.assert_allclose(found.wrong_parameters["W2"], case()["after_1"]["W2"], 1e-12)
    assert not np.allclose(found.wrong_parameters["W1"], case()["after_1"]["W1"], 1e-9)


def test_mazurs_numbers_after_ten_thousand_steps_with_both_kinds_of_update() -> None:
    found = mistaken_training(mazur(), "early update", 10_000, learning_rate=0.5)
    variants, printed = case()["variants"], case()["published"]
    assert found.right[10_000] == pytest.approx(case()["after_10000"]["E_total"], rel=1e-9)
    assert found.right[9_999] == pytest.approx(case()["after_9999"]["E_total"], rel=1e-9)
    assert found.wrong[10_000] == pytest.approx(variants["sequential_bug_after_10000_E"], rel=1e-9)
    right, wrong = (np.ravel(v["out_o"]) for v in (found.right_values, found.wrong_values))
    np.testing.assert_allclose(right, case()["after_10000"]["out_o"], rtol=1e-9)
    np.testing.assert_allclose(wrong, variants["sequential_bug_after_10000_out"], rtol=1e-9)
    # The printed outputs are those of the sequential update, the printed error is the other's.
    assert [f"{x:.9f}" for x in wrong] == printed["out after 10000"]
    assert f"{found.right[9_999]:.10f}" == printed["E after 10000"]


def test_the_first_wrong_number_of_the_early_update_is_where_the_gradient_passes_on() -> None:
    found = mistaken_sweep(mazur(), mistake="early update", learning_rate=0.5)
    assert found.first is not None
    assert (found.first.name, found.first.edge) == ("out_h", ("out_h", "net_o", "X"))
    assert "updated its parameters before" in found.first.sentence
    # dE/dout_h1 is 0.0363503 in the text.
    assert np.ravel(found.right["out_h"])[0] == pytest.approx(0.036350306, abs=1e-9)
    assert np.ravel(found.wrong["out_h"])[0] != pytest.approx(0.036350306, abs=1e-5)
    assert "W1" in found.wrong_nodes
    assert "W2" not in found.wrong_nodes


def test_the_example_in_scalars_gives_both_of_his_numbers() -> None:
    graph = load(asset("graphs/backpropagation-by-hand.vad"))
    found = mistaken_training(graph, "early update", 1, learning_rate=0.5)
    assert f"{found.right[0]:.9f}" == case()["published"]["E_total"]
    assert f"{found.wrong[1]:.9f}" == case()["published"]["E after 1 update"]
    assert found.right[1] == pytest.approx(case()["after_1"]["E_total"], rel=1e-12)
    for number in range(1, 9):
        printed = float(case()["published"][f"w{number}+"])
        assert found.right_parameters[f"w{number}"] == pytest.approx(printed, abs=6e-9)


def test_parameters_of_elementwise_nodes_are_updated_early_too() -> None:
    graph = parse("h = v*x; f = w*h")
    values = {"x": 3.0, "v": 2.0, "w": 5.0}
    nodes = {
        id_: Node(id_, PARAMETER if id_ in "vw" else node.op, id_, settings={"value": values[id_]})
        if id_ in values
        else node
        for id_, node in graph.nodes_by_id.items()
    }
    found = mistaken_sweep(
        graph.with_(nodes_by_id=nodes), mistake="early update", learning_rate=0.5
    )
    # w becomes 5 - 0.5*6 = 2 before h gets its adjoint.
    assert (found.right["h"], found.wrong["h"]) == (5.0, 2.0)
    assert found.wrong["v"] == 6.0


def test_assigning_keeps_the_last_contribution_only() -> None:
    found = mistaken_sweep(lecture(), at_lecture(), "assign")
    assert found.first is not None
    assert found.first.name == "x4"
    assert found.first.edge == ("x4", "x6", "x")
    assert found.wrong["x4"] == pytest.approx(4.704019211712519)  # over x6 alone
    assert found.right["x4"] == pytest.approx(5.3406389840801)
    assert set(found.wrong_nodes) == {"x1", "x2", "x3", "x4"}


def test_depth_first_passes_on_too_early() -> None:
    found = mistaken_sweep(lecture(), at_lecture(), "wrong order")
    assert found.first is not None
    assert found.first.name == "x1"
    assert "x₄ passes its adjoint on while it is 0.6366; it will be 5.341" in found.first.sentence
    assert found.visits.index("x4") < found.visits.index("x6")
    assert found.wrong["x1"] == pytest.approx(1.2732395447351628)


def test_two_passes_without_zeroing_double_the_leaves_as_published() -> None:
    graph = set_setting(parse("sum((inp + 1)**2)"), "inp", "value", np.eye(4, 5))
    found = mistaken_sweep(graph, mistake="no zeroing")
    assert found.right["inp"][0, 0] == 4.0
    assert found.right["inp"][0, 1] == 2.0
    assert found.wrong["inp"][0, 0] == 8.0
    assert found.wrong["inp"][0, 1] == 4.0
    assert found.wrong_nodes == ("inp",)


def test_keeping_every_adjoint_counts_deep_nodes_more_often() -> None:
    found = mistaken_sweep(parse("sin(sin(sin(x)))"), {"x": 0.3}, "no zeroing at all")
    factors = [found.wrong[name] / found.right[name] for name in ("v3", "v2", "v1", "x")]
    assert factors == pytest.approx([1, 2, 3, 4])


def test_graphs_may_forgive_a_mistake() -> None:
    for mistake in ("assign", "wrong order"):
        found = mistaken_sweep(parse("sin(cos(x))"), {"x": 0.3}, mistake)
        assert found.first is None
        assert found.wrong == found.right
        assert "forgives" in found.sentence


def test_what_cannot_be_shown_is_refused_in_words() -> None:
    with pytest.raises(GraphError, match="no parameter"):
        mistaken_sweep(lecture(), at_lecture(), "early update")
    with pytest.raises(GraphError, match="no mistake 'typo'"):
        mistaken_sweep(lecture(), at_lecture(), "typo")
    with pytest.raises(GraphError, match="no parameter to train"):
        mistaken_training(lecture(), "assign", 3)


@settings(max_examples=60, deadline=None)
@given(scalar_graphs(), st.sampled_from([name for name in MISTAKES if name != "early update"]))
def test_a_wrong_number_never_comes_from_nowhere(graph: Graph, mistake: str) -> None:
    try:
        found = mistaken_sweep(graph, mistake=mistake)
    except GraphError:
        return  # no output that is computed
    assert set(found.right) == set(found.wrong)
    if found.wrong_nodes:
        assert found.first is not None
    if found.first is None:
        assert not found.wrong_nodes
    if mistake == "no zeroing":
        for name, number in found.right.items():
            twice = 2 if graph[name].is_leaf and name != graph.outputs[0] else 1
            assert found.wrong[name] == pytest.approx(twice * number, rel=1e-9, abs=1e-12)


def test_the_wrong_sweep_without_watching_is_the_same() -> None:
    from visualad.autodiff.evaluate import values_at
    from visualad.autodiff.local import local_derivatives

    structure, values = values_at(lecture(), at_lecture())
    local = local_derivatives(structure, values)
    seeds = {structure.outputs[0]: np.float64(1.0)}
    bare = wrong_sweep(local, seeds, "assign", 0.1, None)
    watched = mistaken_sweep(lecture(), at_lecture(), "assign")
    assert bare.first is None
    assert {structure.name(i): a for i, a in enumerate(bare.adjoints)} == dict(watched.wrong)
