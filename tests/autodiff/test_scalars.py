"""Graphs of single numbers go a quicker way, on which every result is the same."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import Drawing, scalar_graphs
from visualad.autodiff import evaluate as evaluating
from visualad.autodiff import local as locals_
from visualad.autodiff.derivatives import gradient, jvp, vjp
from visualad.autodiff.evaluate import evaluate
from visualad.autodiff.scalars import FEW, FlatPartials, scalar_values
from visualad.autodiff.sweeps import sweep
from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.ops.declaration import REGISTRY, node

# Every type of one number without settings, at points where some of them are not defined.
ELEMENTWISE = sorted(
    op.name
    for op in REGISTRY
    if op.elementwise and not op.plugin and not op.selects and not op.variadic
)
SPECIAL = (0.0, -0.0, 1.0, -1.0, 1e308, -1e308, 5e-324, float("inf"), float("-inf"), float("nan"))


def results(graph: Graph) -> list[dict[str, Any]]:
    """Everything that the quick way has a part in."""
    goal = graph.outputs[0]
    independent = graph.independents[0]
    found = [
        evaluate(graph, {name: graph[name].value for name in graph.inputs}),
        gradient(graph, output=goal),
        jvp(graph, None, {independent: 0.5}),
        vjp(graph, None, {goal: -2.0}),
    ]
    for mode in ("forward", "backward"):
        swept = sweep(graph, mode=mode)
        found += [swept.values, swept.tangents, swept.adjoints, swept.edge_partials]
        found.append({"cost": swept.cost.multiplications, "spent": np.array(swept.spent)})
    return [dict(mapping) for mapping in found]


def the_general_way(graph: Graph) -> list[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(evaluating, "scalar_values", lambda *_: None)
        patched.setattr(locals_, "scalar_partials", lambda *_: None)
        return results(graph)


def assert_the_same(
    quick: list[dict[str, Any]], general: list[dict[str, Any]], rtol: float = 0.0
) -> None:
    for mine, theirs in zip(quick, general, strict=True):
        assert list(mine) == list(theirs)
        for name, value in mine.items():
            other = np.asarray(theirs[name])
            assert np.allclose(value, other, rtol=rtol, atol=0.0, equal_nan=True), name
            assert np.array_equal(np.signbit(value), np.signbit(other)) or np.isnan(value).any()
            assert type(value) is type(theirs[name])


@given(scalar_graphs(largest=40))
def test_random_graphs_give_the_same_numbers_as_in_the_general_way(graph: Graph) -> None:
    assert_the_same(results(graph), the_general_way(graph))


@given(scalar_graphs(largest=40), st.just("float32"))
def test_float32_rounds_after_every_operation(graph: Graph, dtype: str) -> None:
    graph = graph.with_(dtype=dtype)
    quick = results(graph)
    assert {type(value) for value in quick[0].values()} == {np.float32}
    assert_the_same(quick, the_general_way(graph))


# NumPy squares an array in x**2 but takes the power of a number, which differs in the last digit.
@pytest.mark.parametrize(("count", "rtol"), [(1, 0.0), (FEW + 3, 1e-15)])
def test_every_node_type_gives_the_same_numbers_alone_and_together(count: int, rtol: float) -> None:
    chance = random.Random(1)
    drawing = Drawing()
    numbers = [*SPECIAL, *(round(chance.uniform(-2, 2), 2) for _ in range(6))]
    leaves = [
        drawing.node("variable", name=f"x{i}", value=value) for i, value in enumerate(numbers)
    ]
    last = drawing.node("variable", name="y", value=0.25)
    for name in ELEMENTWISE:
        for _ in range(count):
            sources = [chance.choice(leaves) for _ in REGISTRY[name].ports]
            last = drawing.node("add", last, drawing.node(name, *sources))
    graph = drawing.graph((last,))
    assert_the_same(results(graph), the_general_way(graph), rtol)


def test_settings_that_differ_are_kept_apart() -> None:
    drawing = Drawing()
    x = drawing.node("variable", name="x", value=-0.5)
    bounds = [-0.0, 0.0, 1, 1.0, None]
    clipped = [
        drawing.node("clip", x, minimum=-2.0, maximum=bound) for bound in bounds for _ in range(FEW)
    ]
    total = clipped[0]
    for other in clipped[1:]:
        total = drawing.node("add", total, other)
    graph = drawing.graph((total,))
    assert_the_same(results(graph), the_general_way(graph))


def test_a_rule_for_single_numbers_only_is_taken_as_it_is() -> None:
    @node(name="steep_for_tests", plugin="tests")
    def steep(x: Any) -> Any:
        return x if x > 0 else 10 * x

    @steep.partials
    def _(x: Any, out: Any) -> Any:
        return 1.0 if x > 0 else 10.0

    try:
        drawing = Drawing()
        x = drawing.node("variable", name="x", value=-0.5)
        for i in range(2 * FEW):
            x = drawing.node("steep_for_tests", x, name=f"s{i}")
        assert gradient(drawing.graph((x,)))["x"] == 10.0 ** (2 * FEW)
    finally:
        REGISTRY.remove("steep_for_tests")


def test_a_rule_that_fails_names_its_node() -> None:
    @node(name="broken_for_tests", plugin="tests")
    def broken(x: Any) -> Any:
        return x + 1

    @broken.partials
    def _(x: Any, out: Any) -> Any:
        return 1.0, 2.0

    try:
        drawing = Drawing()
        x = drawing.node("variable", name="x", value=-0.5)
        y = drawing.node("broken_for_tests", x, name="y")
        with pytest.raises(VisualADError, match="node y"):
            gradient(drawing.graph((y,)))
    finally:
        REGISTRY.remove("broken_for_tests")


def test_an_array_among_the_numbers_takes_the_general_way() -> None:
    drawing = Drawing()
    x = drawing.node("variable", name="x", value=np.array([1.0, 2.0]))
    y = drawing.node("variable", name="y", value=3.0)
    product = drawing.node("mul", x, y, name="z")
    graph = drawing.graph((drawing.node("sum", product, name="f"),))
    assert gradient(graph)["y"] == 3.0
    elementwise = drawing.graph((product,))
    assert evaluate(elementwise, {"x": 2.0, "y": 3.0})["z"] == 6.0
    assert evaluate(elementwise, {"x": [1.0, 2.0], "y": 3.0})["z"].tolist() == [3.0, 6.0]


def test_graphs_of_numbers_do_take_the_quick_way() -> None:
    drawing = Drawing()
    x = drawing.node("variable", name="x", value=0.5)
    graph = drawing.graph((drawing.node("sin", x),))
    structure, values = evaluating.values_at(graph, None)
    assert scalar_values(structure, lambda _: np.float64(0.5)) == values
    assert isinstance(locals_.local_derivatives(structure, values).partials, FlatPartials)
