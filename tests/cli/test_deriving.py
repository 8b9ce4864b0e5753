from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visualad as va

from .conftest import LECTURE, POINT, Run

GRADIENT = {"x1": 10.6812779681602, "x2": 5.3406389840801, "x3": -3.8052411089118556}
ADJOINTS = {**GRADIENT, "x4": 5.3406389840801, "x5": 1.2732395447351628, "x9": 1.0}


@pytest.mark.parametrize("mode", ["forward", "backward", "cross"])
def test_grad_as_json_has_the_published_numbers_in_every_mode(run: Run, mode: str) -> None:
    found = run("grad", LECTURE, "--at", POINT, "--mode", mode, "--json").json
    assert found["value"] == pytest.approx(5.977258756447682)
    assert found["gradient"] == pytest.approx(GRADIENT)
    assert found["mode"] == mode
    assert found["cost"]["multiplications"] == {"forward": 13, "backward": 8, "cross": 8}[mode]
    assert [node["name"] for node in found["nodes"]] == [f"x{i}" for i in range(1, 10)]
    assert found["nodes"][3]["op"] == "mul"
    assert found["nodes"][3]["formula"] == "x1*x2"
    assert found["nodes"][3]["value"] == 2.0


def nodes(found: Any, key: str) -> dict[str, Any]:
    return {node["name"]: node[key] for node in found["nodes"]}


def test_backward_nodes_carry_adjoints(run: Run) -> None:
    found = run("grad", LECTURE, "--at", POINT, "--json").json
    adjoints = nodes(found, "adjoint")
    assert {name: adjoints[name] for name in ADJOINTS} == pytest.approx(ADJOINTS)


def test_forward_nodes_carry_a_tangent_for_each_input_or_for_the_seed(run: Run) -> None:
    every = run("grad", LECTURE, "--at", POINT, "--mode", "forward", "--json").json
    assert nodes(every, "tangent")["x4"] == {"x1": 2.0, "x2": 1.0, "x3": 0.0}
    one = run("grad", LECTURE, "--at", POINT, "--mode", "forward", "--seed", "x1", "--json").json
    assert nodes(one, "tangent")["x4"] == 2.0
    along = run(
        "grad", LECTURE, "--at", POINT, "--mode", "forward", "--seed", "x1=1,x2=-2", "--json"
    ).json
    assert nodes(along, "tangent")["x4"] == 0.0
    assert along["directional"] == pytest.approx(0.0, abs=1e-14)


def test_cross_nodes_carry_their_place_in_the_order(run: Run) -> None:
    found = run(
        "grad", LECTURE, "--at", POINT, "--mode", "cross", "--order", "x7,x5,x4,x6,x8", "--json"
    ).json
    assert found["order"] == ["x7", "x5", "x4", "x6", "x8"]
    assert nodes(found, "eliminated") == {
        **dict.fromkeys(("x1", "x2", "x3", "x9"), None),
        "x7": 1,
        "x5": 2,
        "x4": 3,
        "x6": 4,
        "x8": 5,
    }


@pytest.mark.parametrize("order", ["forward", "backward", "markowitz", "best"])
def test_every_order_gives_the_same_gradient(run: Run, order: str) -> None:
    found = run("grad", LECTURE, "--at", POINT, "--mode", "cross", "--order", order, "--json").json
    assert found["gradient"] == pytest.approx(GRADIENT)
    assert found["cost"]["multiplications"] == (13 if order == "forward" else 8)


@pytest.mark.parametrize("mode", ["forward", "backward", "cross"])
def test_steps_are_in_the_document_with_their_numbers(run: Run, mode: str) -> None:
    found = run("grad", LECTURE, "--at", POINT, "--mode", mode, "--steps", "--json").json
    assert len(found["steps"]) == (3 if mode == "forward" else 1)
    steps = found["steps"][0]["steps"]
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    if mode == "backward":
        (x4,) = (step for step in steps if step["node"] == "x4")
        assert x4["result"] == pytest.approx(ADJOINTS["x4"])
        assert len(x4["terms"]) == 2
        assert x4["terms"][-1]["partial_sum"] == pytest.approx(ADJOINTS["x4"])


def test_the_step_table_shows_rule_numbers_partial_sums_and_result(run: Run) -> None:
    text = run("grad", LECTURE, "--at", POINT, "--steps").out
    for words in ("Backward mode", "x₄", "5.341", "x₆", "7.389", "5.977258756"):
        assert words in text


def test_one_of_several_outputs_is_chosen_by_name(run: Run) -> None:
    text = "f = x*y\ng = x + y"
    refused = run("grad", text, "--at", "x=2,y=3")
    assert refused.status == 1
    assert "f, g" in refused.err
    assert "--output" in refused.err
    found = run("grad", text, "--at", "x=2,y=3", "--output", "f", "--json").json
    assert found["gradient"] == {"x": 3.0, "y": 2.0}
    assert found["output"] == "f"


def test_gradients_of_arrays_are_nested_lists(run: Run) -> None:
    found = run("grad", "sum(X*X)", "--at", "X=[[1,2],[3,4]]", "--json").json
    assert found["gradient"]["X"] == [[2.0, 4.0], [6.0, 8.0]]
    forward = run("grad", "sum(X*X)", "--at", "X=[[1,2],[3,4]]", "--mode", "forward", "--json").json
    assert forward["gradient"]["X"] == [[2.0, 4.0], [6.0, 8.0]]


def test_numbers_that_json_lacks_are_strings(run: Run) -> None:
    result = run("grad", "log(x)", "--at", "x=0", "--json")
    assert "Infinity" not in result.out.replace('"Infinity"', "").replace('"-Infinity"', "")
    found = json.loads(result.out, parse_constant=pytest.fail)
    assert found["value"] == "-Infinity"
    assert found["gradient"]["x"] == "Infinity"


def test_cost_puts_modes_and_orders_side_by_side_with_their_convention(run: Run) -> None:
    rows = run("cost", LECTURE, "--json").json["rows"]
    by_mode = {row["label"]: row["multiplications"] for row in rows}
    assert {13, 8} <= set(by_mode.values())
    assert all(row["convention"] for row in rows)
    free = run("cost", LECTURE, "--free-units", "--json").json["rows"]
    assert {8, 6, 5} <= {row["multiplications"] for row in free}
    text = run("cost", LECTURE).out
    assert "13" in text
    assert "multiplications" in text


def test_check_agrees_for_a_right_derivative(run: Run) -> None:
    result = run("check", LECTURE, "--at", POINT)
    assert result.status == 0
    assert "agree" in result.out
    assert run("check", LECTURE, "--at", POINT, "--json").json["ok"] is True


def test_a_kink_is_reported_as_a_kink_and_not_as_a_failure(run: Run) -> None:
    result = run("check", "relu(x)", "--at", "x=0")
    assert result.status == 0
    assert "kink" in result.out
    assert "NO" not in result.out
    assert "cannot be compared" in result.out


def test_a_wrong_derivative_is_found_and_the_status_is_1(run: Run, tmp_path: Path) -> None:
    plugin = tmp_path / "wrong.py"
    plugin.write_text(
        "import visualad as va\n"
        "@va.node\n"
        "def wrongly(x):\n    'Twice x.'\n    return 2 * x\n"
        "@wrongly.partials\ndef _(x, out):\n    return 3.0\n"
    )
    from visualad.ops import REGISTRY

    try:
        result = run("check", "wrongly(x)", "--at", "x=1", "--plugin-path", plugin)
    finally:
        REGISTRY.remove("wrongly")
    assert result.status == 1
    assert "disagree" in result.out


def test_show_lists_nodes_edges_inputs_and_outputs(run: Run, lecture_file: Path) -> None:
    text = run("show", lecture_file).out
    for words in ("x₄", "x₁·x₂", "5.977", "Inputs", "Outputs"):
        assert words in text
    found = run("show", LECTURE, "--json").json
    assert found["inputs"] == ["x1", "x2", "x3"]
    assert found["outputs"] == ["x9"]
    assert len(found["nodes"]) == 9
    assert len(found["edges"]) == 10
    assert {"source": "x8", "target": "x9", "port": "x"} in found["edges"]


def test_eval_prints_every_node(run: Run) -> None:
    text = run("eval", LECTURE, "--at", POINT).out
    assert "x₉ = 5.977258756" in text
    assert len(run("eval", LECTURE, "--at", POINT, "--json").json["values"]) == 9


def test_backward_mode_takes_weights_over_outputs_and_gives_the_vector_jacobian_product(
    run: Run,
) -> None:
    several = "a = x*y; b = sin(x) + y; c = 3*z"
    point = ("--at", "x=1,y=2,z=1", "--mode", "backward")
    found = run("grad", several, *point, "--seed", "a=1,b=2", "--json").json
    product = va.vjp(va.parse(several), {"x": 1, "y": 2, "z": 1}, {"a": 1, "b": 2})
    assert found["weights"] == {"a": 1, "b": 2}
    assert found["value"] == pytest.approx({"a": 2, "b": 2 + np.sin(1)})
    assert found["gradient"] == pytest.approx({"x": product["x"], "y": product["y"], "z": 0})
    one = run("grad", several, *point, "--seed", "c", "--json").json
    assert one["gradient"] == {"x": 0, "y": 0, "z": 3}
    printed = run("grad", several, *point, "--seed", "a=1,b=2", "--steps").out
    assert "wᵀ·J" in printed
    assert "3.080604612" in printed


def test_forward_mode_gives_the_jacobian_vector_product_of_all_outputs(run: Run) -> None:
    several = "a = x*y; b = sin(x) + y; c = 3*z"
    point = ("--at", "x=1,y=2,z=1", "--mode", "forward")
    found = run("grad", several, *point, "--seed", "x=1,y=-2", "--json").json
    product = va.jvp(va.parse(several), {"x": 1, "y": 2, "z": 1}, {"x": 1, "y": -2})
    assert found["directional"] == pytest.approx({n: product[n] for n in "abc"})
    assert found["value"] == pytest.approx({"a": 2, "b": 2 + np.sin(1), "c": 3})
    every = run("grad", several, *point, "--seed", "all", "--json").json["directional"]
    assert every["c"] == {"x": 0, "y": 0, "z": 3}
    printed = run("grad", several, *point, "--seed", "x=1,y=-2").out
    assert "J·v" in printed
    assert f"{product['b']:.10g}".replace("-", "−") in printed.replace("-", "−")
    one = run("grad", several, *point, "--seed", "x", "--output", "a", "--json").json
    assert one["directional"] == 2


def test_a_seed_that_does_not_fit_the_mode_is_refused_with_a_sentence(run: Run) -> None:
    for mode, seed in (("cross", "x"), ("backward", "q"), ("forward", "q")):
        found = run("grad", "x*y", "--at", "x=1,y=2", "--mode", mode, "--seed", seed)
        assert found.status in (1, 2)
        assert found.err.count("\n") == 1
        assert "Traceback" not in found.err
    both = run(
        "grad", "a=x; b=2*x", "--at", "x=1", "--mode", "backward", "--seed", "b", "--output", "a"
    )
    assert both.status == 2
    assert "--output" in both.err
