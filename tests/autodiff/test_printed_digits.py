"""Every number as its source prints it: exact expressions, or all digits that are right."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.autodiff.cases import graph_of, published, scalar_cases
from tests.autodiff.test_published_networks import mazurs_network
from visualad.autodiff.derivatives import gradient, second_derivatives
from visualad.autodiff.sweeps import sweep

PRINTED = [name for name in scalar_cases() if "published" in published()[name]]


def agrees(found: float, printed: str) -> bool:
    """Whether a number is the printed one: to rounding if exact, else in its digits."""
    exact = set("eipx/*()") & set(printed)
    if exact:
        expected = eval(printed, {"__builtins__": {}}, {"exp": math.exp, "pi": math.pi})
        return math.isclose(found, expected, rel_tol=1e-13, abs_tol=1e-15)
    digits = len(printed.partition(".")[2])
    return abs(found - float(printed)) <= 0.5000001 * 10.0**-digits


def found_for(name: str, kind: str) -> dict[str, Any]:
    """What the program finds for one kind of printed numbers of a case."""
    case, graph = published()[name], graph_of(name)
    kind, _, seed = kind.partition(":")
    output = seed or next(iter(case["outputs"]))
    if kind == "values":
        return dict(sweep(graph, case["inputs"], "forward", graph.inputs[0]).values)
    if kind == "tangents":
        return dict(sweep(graph, case["inputs"], "forward", seed).tangents)
    if kind == "adjoints":
        return dict(sweep(graph, case["inputs"], "backward", output).adjoints)
    if kind == "gradients":
        several = dict.fromkeys(case["outputs"], 1.0)  # the source differentiates their sum
        seeds = output if len(several) == 1 else several
        adjoints = sweep(graph, case["inputs"], "backward", seeds).adjoints
        for mode in ("forward", "cross") if len(several) == 1 else ():
            slopes = gradient(graph, case["inputs"], mode, output=output)
            assert all(math.isclose(slopes[i], adjoints[i], rel_tol=1e-12) for i in slopes)
        return dict(adjoints)
    if kind == "edges":
        names = {id_: node.name for id_, node in graph.nodes_by_id.items()}
        partials = sweep(graph, case["inputs"]).edge_partials
        return {f"{names[s]}->{names[t]}": number for (s, t, _), number in partials.items()}
    assert kind == "hessian"
    second = second_derivatives(graph, case["inputs"], output=output)
    order = [graph.nodes_by_id[id_].name for id_ in graph.independents]
    pairs = [(i, j) for i in range(len(order)) for j in range(len(order))]
    return {f"{order[i]},{order[j]}": second.array[i, j] for i, j in pairs}


@pytest.mark.parametrize("name", PRINTED)
def test_every_printed_number_of_a_scalar_case_is_found(name: str) -> None:
    for kind, numbers in published()[name]["published"].items():
        found = found_for(name, kind)
        for what, printed in numbers.items():
            assert agrees(float(found[what]), printed), (kind, what, found[what], printed)


def test_every_number_that_mazur_prints_before_the_update_is_found() -> None:
    printed = published()["mazur_2_2_2"]["published"]
    steps = sweep(mazurs_network())
    values, adjoints = steps.values, steps.adjoints
    out, errors = values["p"], values["q"] / 2
    slope = values["p"] * (1 - values["p"])
    back = adjoints["o"][:, None] * values["W2"]
    found = {
        "net_h1": values["h"][0],
        "out_h1": values["a"][0],
        "out_h2": values["a"][1],
        "net_o1": values["o"][0],
        "out_o1": out[0],
        "out_o2": out[1],
        "E_o1": errors[0],
        "E_o2": errors[1],
        "E_total": values["E"],
        "dE/dout_o1": adjoints["p"][0],
        "dout_o1/dnet_o1": slope[0],
        "dE_o1/dnet_o1": adjoints["o"][0],
        "dE/dw5": adjoints["W2"][0, 0],
        "dE_o1/dout_h1": back[0, 0],
        "dE/dout_h1": adjoints["a"][0],
        "dout_h1/dnet_h1": values["a"][0] * (1 - values["a"][0]),
        "dE/dw1": adjoints["W1"][0, 0],
    }
    for what, number in found.items():
        assert agrees(float(number), printed[what]), (what, number, printed[what])
    # Printed with a last digit that comes from factors rounded before.
    assert float(back[1, 0]) == pytest.approx(float(printed["dE_o2/dout_h1"]), abs=1.1e-9)
    updates = {f"w{number}+" for number in range(1, 9)}  # tests of training hold these
    rest = {"dE_o2/dout_h1", "E after 1 update", "E after 10000", "out after 10000"}
    assert printed.keys() == found.keys() | updates | rest
