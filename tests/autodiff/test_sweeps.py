"""Sweeps step by step: formulas, numbers, partial sums, remarks, costs."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.autodiff.cases import lecture
from tests.strategies import Drawing, array_graphs, scalar_graphs
from visualad.autodiff import notation
from visualad.autodiff.derivatives import jacobian
from visualad.autodiff.lazy import SENT_READY
from visualad.autodiff.steps import Formula, Step, Sweep
from visualad.autodiff.sweeps import sweep
from visualad.errors import GraphError, ShapeError
from visualad.graph.model import Graph
from visualad.graph.parser import parse

AT = {"x1": 1.5, "x2": 0.8, "x3": 2.0}


def by_name(found: Sweep) -> dict[str, Step]:
    return {step.name: step for step in found}


# Backward ---------------------------------------------------------------------------------------


def test_backward_goes_through_all_nodes_from_the_output() -> None:
    found = sweep(lecture(), AT)
    assert [step.name for step in found] == [f"x{i}" for i in range(9, 0, -1)]
    assert [step.kind for step in found] == ["seed"] + ["node"] * 8
    assert [step.index for step in found] == list(range(9))
    assert found.seed == "∂f/∂f = 1"
    assert (found.cost.multiplications, found.cost.additions) == (10, 2)
    assert sum(step.cost.multiplications for step in found) == 10
    assert sum(step.cost.additions for step in found) == 2


def test_the_step_of_x4_reads_as_in_the_lecture() -> None:
    step = by_name(sweep(lecture(), AT))["x4"]
    assert step.quantity.text == "∂f/∂x₄"
    assert step.rule.text == "Σ over the edges that leave x₄"
    assert step.symbolic.text == "∂f/∂x₆ · ∂x₆/∂x₄ + ∂f/∂x₇ · ∂x₇/∂x₄"
    assert step.partials.text == "∂f/∂x₆ · exp x₄ + ∂f/∂x₇ · x₅"
    assert step.partials.plain == "df/dx6*exp(x4) + df/dx7*x5"
    assert step.partials.latex == (
        r"\frac{\partial f}{\partial x_{6}} \cdot e^{x_{4}} + "
        r"\frac{\partial f}{\partial x_{7}} \cdot x_{5}"
    )
    assert step.numeric.text == "0.5 · 3.32 + 0.5 · 0.9093"
    assert step.result_text == "2.115"
    assert (step.cost.multiplications, step.cost.additions) == (2, 1)


def test_partial_sums_grow_as_contributions_arrive() -> None:
    step = by_name(sweep(lecture(), AT))["x4"]
    assert [term.edge for term in step.terms] == [("x4", "x7", "x"), ("x4", "x6", "x")]
    assert [round(term.partial_sum, 3) for term in step.terms] == [0.455, 2.115]
    for term in step.terms:
        assert term.contribution == term.factor * term.partial
    assert step.terms[-1].partial_sum == step.result
    assert step.edges == tuple(term.edge for term in step.terms)


def test_the_seed_says_that_it_is_one() -> None:
    step = sweep(lecture(), AT)[0]
    assert step.note == "1 because it is the seed"
    assert step.terms == ()
    assert step.numeric.text == "1"


def test_what_the_output_does_not_depend_on_says_so() -> None:
    graph = parse("f = x1*x2\ng = sin(x3)", outputs=["f", "g"])
    at = {"x1": 1, "x2": 2, "x3": 3}
    steps = by_name(sweep(graph, at, seed="f"))
    assert steps["x3"].note == "0 because f does not depend on x3"
    assert steps["x3"].result == 0
    steps = by_name(sweep(parse("x1*x2").with_(declared_outputs=None), {"x1": 1, "x2": 2}))
    assert steps["x1"].note == ""


@pytest.mark.parametrize(
    ("text", "goal"),
    [("x1*x2", "f"), ("y = x1*x2", "y"), ("f = x1*x2", "f"), ("x3 = x1*x2\ny = x3", "x3")],
)
def test_an_output_that_nobody_named_is_called_f(text: str, goal: str) -> None:
    found = sweep(parse(text), {"x1": 2, "x2": 3})
    assert found[-1].quantity.text == f"∂{'x₃' if goal == 'x3' else goal}/∂x₁"


def test_f_is_not_used_for_the_output_when_a_node_has_this_name() -> None:
    found = sweep(parse("sin(f*x)"), {"f": 1, "x": 2})
    assert found[-1].quantity.plain.startswith("dv2/")


def test_weights_over_outputs_are_a_vector_jacobian_product() -> None:
    graph = parse("f = x1*x2\ng = sin(x1)")
    at = {"x1": 0.5, "x2": 2.0}
    found = sweep(graph, at, seed={"f": 2.0, "g": 3.0})
    expected = np.array([2.0, 3.0]) @ jacobian(graph, at).array
    assert [found.adjoints[name] for name in graph.independents] == pytest.approx(expected)
    assert found.seed == "F = 2·f + 3·g"
    assert by_name(found)["x1"].quantity.text == "∂F/∂x₁"


def test_an_output_that_feeds_another_adds_its_seed() -> None:
    graph = parse("a = x*y\nb = sin(a)", outputs=["a", "b"])
    found = sweep(graph, {"x": 0.5, "y": 2.0}, seed={"a": 1.0, "b": 1.0})
    step = by_name(found)["a"]
    assert step.kind == "node"
    assert step.result == pytest.approx(1 + np.cos(1.0))
    assert step.symbolic.text.startswith("1 + ")


# Forward ----------------------------------------------------------------------------------------


def test_forward_starts_with_a_step_for_each_input() -> None:
    found = sweep(lecture(), AT, "forward", "x1")
    assert [step.name for step in found] == [f"x{i}" for i in range(1, 10)]
    assert [step.kind for step in found] == ["seed"] * 3 + ["node"] * 6
    assert [step.note for step in found][:3] == [
        "1 because it is the seed",
        "0 because the seed is on x1",
        "0 because the seed is on x1",
    ]
    assert found.seed == "ẋ₁ = 1"
    assert found.tangents["x9"] == pytest.approx(1.6917657398)
    assert (found.cost.multiplications, found.cost.additions) == (10, 4)


def test_a_tangent_that_nothing_reaches_says_so() -> None:
    steps = by_name(sweep(lecture(), AT, "forward", "x1"))
    assert steps["x5"].note == "0 because x5 does not depend on x1"
    assert steps["x6"].quantity.text == "ẋ₆"
    assert steps["x6"].partials.text == "ẋ₄·exp x₄"
    assert steps["x6"].symbolic.text == "ẋ₄ · ∂x₆/∂x₄"
    assert steps["x7"].numeric.text == "0.8 · 0.9093 + 0 · 1.2"


def test_without_a_seed_the_first_input_and_the_first_output_are_seeded() -> None:
    assert sweep(lecture(), AT, "forward").seed == "ẋ₁ = 1"
    graph = parse("f = x1*x2\ng = sin(x1)")
    assert sweep(graph, {"x1": 1, "x2": 2}).seed == "∂f/∂f = 1"


def test_a_direction_is_a_jacobian_vector_product() -> None:
    found = sweep(lecture(), AT, "forward", {"x1": 1.0, "x3": -2.0})
    expected = jacobian(lecture(), AT).array @ [1.0, 0.0, -2.0]
    assert found.tangents["x9"] == pytest.approx(expected[0])
    assert found.seed == "ẋ₁ = 1, ẋ₃ = −2"


def test_all_inputs_at_once_are_columns() -> None:
    found = sweep(lecture(), AT, "forward", "all")
    expected = jacobian(lecture(), AT).array[0]
    assert list(found.tangents["x9"]) == ["x1", "x2", "x3"]
    assert list(found.tangents["x9"].values()) == pytest.approx(expected)
    assert found.cost.multiplications == 30
    step = by_name(found)["x6"]
    assert step.result_text == "(2.656, 4.98, 0)"
    assert step.terms[0].partial_sum == step.result


def test_an_input_may_be_called_all() -> None:
    found = sweep(parse("all*x"), {"all": 2, "x": 3}, "forward", "all")
    assert found.tangents["v1"] == 3


# Cross ------------------------------------------------------------------------------------------


def test_cross_mode_eliminates_one_vertex_per_step() -> None:
    found = sweep(lecture(), AT, "cross", order="forward")
    assert [step.name for step in found] == ["x4", "x5", "x6", "x7", "x8"]
    assert [step.cost.multiplications for step in found] == [4, 1, 2, 3, 3]
    assert found.cost.multiplications == 13
    assert found.order == ("x4", "x5", "x6", "x7", "x8")
    expected = jacobian(lecture(), AT).array[0]
    assert [found.jacobian["x9", name] for name in ("x1", "x2", "x3")] == pytest.approx(expected)


def test_fill_in_is_shown_with_what_stood_there_before() -> None:
    steps = by_name(sweep(lecture(), AT, "cross", order="backward"))
    (change,) = steps["x6"].fill_ins
    assert (change.source, change.target, change.created) == ("x4", "x9", False)
    assert change.after == pytest.approx(change.before + change.term.contribution)
    assert change.term.symbolic.text == "∂x₉/∂x₆ · ∂x₆/∂x₄"
    assert steps["x6"].numeric.text == "∂x₉/∂x₄ = 0.4546 + 0.5 · 3.32"
    assert steps["x6"].result is None
    assert all(new.created and new.before is None for new in steps["x8"].fill_ins)
    assert set(steps["x8"].edges) == {("x6", "x8", ""), ("x7", "x8", ""), ("x8", "x9", "")}
    assert steps["x8"].result_text == "2 new edges"


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (["x4"], "leaves out"),
        (["x4", "x4", "x5", "x6", "x7", "x8"], "twice"),
        (["x4", "x5", "x6", "x7", "x8", "z"], "no vertex"),
        ("zigzag", "no elimination method"),
    ],
)
def test_an_order_that_does_not_fit_is_refused(order: object, sentence: str) -> None:
    with pytest.raises(GraphError, match=sentence):
        sweep(lecture(), AT, "cross", order=order)  # type: ignore[arg-type]


def test_vertices_may_be_left_for_later() -> None:
    found = sweep(lecture(), AT, "cross", order=("x5", "x8"), complete=False)
    assert [step.name for step in found] == ["x5", "x8"]
    assert found.left == ("x4", "x6", "x7")
    assert found.jacobian == {}
    assert found.cost.multiplications == 1 + 2
    assert sweep(lecture(), AT, "cross").left == ()


def test_an_order_may_mention_what_is_never_eliminated() -> None:
    graph = parse("2*sin(x)*x")
    order = [node.name for node in graph.nodes]
    assert sweep(graph, {"x": 1}, "cross", order=order).jacobian


# Any sweep ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["forward", "backward", "cross"])
def test_a_sweep_travels_to_another_process(mode: str) -> None:
    found = sweep(lecture(), AT, mode)
    sent = pickle.loads(pickle.dumps(found))
    assert list(sent) == list(found)
    assert dict(sent.edge_formulas) == dict(found.edge_formulas)
    assert sent.cost == found.cost


def test_a_large_sweep_makes_its_steps_when_they_are_looked_at() -> None:
    drawing = Drawing()
    last = drawing.node("variable", name="x", value=0.5)
    for i in range(SENT_READY + 10):
        last = drawing.node("sin", last, name=f"y{i}")
    found = sweep(drawing.graph())
    sent = pickle.loads(pickle.dumps(found))
    assert len(sent) == SENT_READY + 11
    assert sent[5] == found[5]
    assert len(pickle.dumps(found)) < 5_000_000


def test_edge_formulas_are_short() -> None:
    found = sweep(lecture(), AT)
    texts = {key[:2]: formula.text for key, formula in found.edge_formulas.items()}
    assert texts == {
        ("x1", "x4"): "x₂",
        ("x2", "x4"): "x₁",
        ("x3", "x5"): "cos x₃",
        ("x4", "x6"): "x₆",
        ("x4", "x7"): "x₅",
        ("x5", "x7"): "x₄",
        ("x6", "x8"): "1",
        ("x7", "x8"): "1",
        ("x8", "x9"): "1/x₃",
        ("x3", "x9"): "−x₉/x₃",
    }


def test_constants_are_written_as_numbers() -> None:
    found = sweep(parse("3*x1*x2"), {"x1": 1, "x2": 2})
    assert "3" in {formula.text for formula in found.edge_formulas.values()}
    assert {step.name for step in found}.isdisjoint({"c1"})


def test_a_sweep_goes_on_beside_a_node_that_fails() -> None:
    graph = parse("f = x1*x1\ng = x2 + x3", outputs=["f", "g"])
    found = sweep(graph, {"x1": 3, "x2": [1, 2], "x3": [1, 2, 3]})
    assert found.adjoints["x1"] == 6
    assert "g" in found.failures
    with pytest.raises(ShapeError):
        sweep(graph, {"x1": 3, "x2": [1, 2], "x3": [1, 2, 3]}, seed="g")


def test_a_kink_is_told_only_where_the_point_is_on_it() -> None:
    graph = parse("abs(x)")
    assert by_name(sweep(graph, {"x": 0}))["v1"].kink.startswith("No derivative at 0")
    assert by_name(sweep(graph, {"x": 1}))["v1"].kink == ""


@given(scalar_graphs(largest=8))
@settings(max_examples=30)
def test_every_step_of_any_graph_can_be_written(graph: Graph) -> None:
    modes = [("backward", graph.outputs[0])] if graph.outputs else []
    modes += [("forward", graph.inputs[0]), ("forward", "all"), ("cross", None)]
    for mode, seed in modes:
        if mode == "cross" and not graph.outputs:
            continue
        for step in sweep(graph, None, mode, seed):
            for formula in (step.quantity, step.symbolic, step.partials, step.numeric):
                assert formula.text
                assert formula.latex
                assert formula.plain
            assert formula.latex.count("{") == formula.latex.count("}")
            assert re.fullmatch(r"[^∂̇]*", formula.plain)
            if step.kind == "node" and mode == "backward" and step.terms:
                assert np.allclose(step.terms[-1].partial_sum, step.result)


# Arrays -------------------------------------------------------------------------------------------


def layer() -> Graph:
    drawing = Drawing()
    rng = np.random.default_rng(1)
    drawing.node("data", name="X", value=rng.normal(size=(10, 2)), role="inputs")
    drawing.node("parameter", name="W", value=rng.normal(size=(3, 2)))
    drawing.node("parameter", name="b", value=rng.normal(size=3))
    drawing.node("linear", "X", "W", "b", name="h")
    drawing.node("sigmoid", "h", name="a")
    drawing.node("data", name="Y", value=np.zeros((10, 3)), role="targets")
    drawing.node("mean_squared_error", "a", "Y", name="L")
    return drawing.graph()


def test_array_rules_are_written_as_matrices() -> None:
    steps = by_name(sweep(layer()))
    assert steps["W"].quantity.text == "∂L/∂W"
    assert steps["W"].symbolic.text == "∂L/∂h · ∂h/∂W"
    assert steps["W"].partials.plain == "transpose(dL/dh)@X"
    assert steps["X"].partials.plain == "dL/dh@W"
    assert steps["h"].partials.text == "∂L/∂a · a·(1 − a)"
    assert np.shape(steps["W"].result) == (3, 2)


def test_the_products_of_an_affine_layer_are_those_of_its_matrix_product() -> None:
    steps = by_name(sweep(layer()))
    assert steps["W"].cost.multiplications == 10 * 3 * 2
    assert steps["X"].cost.multiplications == 10 * 3 * 2
    assert steps["b"].cost.multiplications == 0
    assert steps["h"].cost.multiplications == 30


def test_every_mode_sweeps_over_arrays() -> None:
    graph = layer()
    backward = sweep(graph)
    cross = sweep(graph, mode="cross", order="markowitz")
    for name in graph.independents:
        assert np.allclose(cross.jacobian["L", name], backward.adjoints[name])
        forward = sweep(graph, mode="forward", seed=name)
        assert np.allclose(forward.tangents["L"], np.sum(backward.adjoints[name]))
    assert all(step.numeric.text for step in (*cross, *forward))


@given(array_graphs(largest=5))
@settings(max_examples=20)
def test_every_step_over_arrays_can_be_written(graph: Graph) -> None:
    for mode in ("forward", "backward", "cross"):
        found = sweep(graph, mode=mode)
        for step in found:
            assert step.partials.text
            assert step.numeric.latex
        assert dict(found.edge_formulas)


def test_the_partial_of_a_square_is_written_as_in_a_textbook() -> None:
    steps = {step.node: step for step in sweep(parse("x**2 + 3*x"), {"x": 3.0})}
    assert steps["x"].partials.text == "∂f/∂v₁ · 2·x + ∂f/∂v₂ · 3"


@given(scalar_graphs(), st.sampled_from(["forward", "backward", "cross"]), st.booleans())
@settings(max_examples=80, deadline=None)
def test_what_is_spent_is_known_without_the_steps(graph: Graph, mode: str, every: bool) -> None:
    if not graph.outputs:
        return
    found = sweep(graph, mode=mode, seed="all" if every and mode == "forward" else None)
    assert len(found.spent) == len(found)
    products = sums = 0
    for step, so_far in zip(found, found.spent, strict=True):
        products += step.cost.multiplications
        sums += step.cost.additions
        assert tuple(so_far) == (products, sums)
    assert (found.cost.multiplications, found.cost.additions) == (products, sums)


def test_formulas_without_numbers_are_written_once_for_all_points(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")
    first = {"x1": 1.0, "x2": 2.0, "x3": 0.5}
    texts = [(s.symbolic.latex, s.partials.latex) for s in sweep(graph, first)]
    written: list[str] = []
    write = notation.latex
    monkeypatch.setattr(notation, "latex", lambda e: written.append(write(e)) or written[-1])
    copy = pickle.loads(pickle.dumps(graph))
    second = sweep(copy, {"x1": 3.0, "x2": -2.0, "x3": 0.25})
    assert [(s.symbolic.latex, s.partials.latex) for s in second] == texts
    assert written == ["1", "1"]  # the seed, which is a number
    assert all(step.numeric.text for step in second)
    assert written == ["1", "1"]  # nobody looked at the others


def test_graphs_that_differ_in_a_constant_or_a_name_have_their_own_formulas() -> None:
    at = {"x": 0.5}
    three = [s.partials.text for s in sweep(parse("y = 3*x\nf = y*x"), at)]
    four = [s.partials.text for s in sweep(parse("y = 4*x\nf = y*x"), at)]
    other = [s.partials.text for s in sweep(parse("z = 3*x\nf = z*x"), at)]
    assert len({str(three), str(four), str(other)}) == 3
    assert "4" in str(four)
    assert "z" in str(other)


def test_a_formula_is_the_same_after_a_journey() -> None:
    step = sweep(parse("sin(x)*x"), {"x": 0.5})[1]
    arrived = pickle.loads(pickle.dumps(step))
    assert type(arrived.numeric) is Formula
    assert arrived.numeric == step.numeric
    assert hash(arrived.numeric) == hash(step.numeric)
    assert arrived.numeric != Formula("", "", "")
