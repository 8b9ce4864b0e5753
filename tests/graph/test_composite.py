"""Node types by a formula have the value and the derivatives of that formula."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import visualad as va
from visualad.errors import PluginError
from visualad.graph.composite import composite
from visualad.graph.composite_parts import without_composites, write_out_formulas
from visualad.ops.declaration import REGISTRY, symbolic_partials
from visualad.ops.writing import pretty
from visualad.testing import check_op


@pytest.fixture(autouse=True)
def registry_as_before() -> Iterator[None]:
    known = {operation.name for operation in REGISTRY}
    yield
    for operation in REGISTRY:
        if operation.name not in known:
            REGISTRY.remove(operation.name)


@pytest.mark.parametrize(
    ("formula", "options"),
    [
        ("log(1 + exp(x))", {}),
        ("x*y + sin(x)/y", {"domain": ((-2.0, 2.0), (0.5, 2.0))}),
        ("relu(x)*a + 2", {"analytic": False}),
        ("where(x > 0, x, 0.1*x)", {"analytic": False}),
        ("log(sum(exp(x)))", {}),
        ("mean((x - y)**2)", {}),
    ],
)
def test_a_composite_passes_the_check_of_every_node_type(formula: str, options: dict) -> None:
    check_op(composite("made", formula, **options))


def test_a_composite_shows_the_derivative_of_its_formula_on_the_edge() -> None:
    declared = composite("soft", "log(1 + exp(x))")
    formulas = symbolic_partials(declared, {})
    assert formulas is not None
    assert pretty(formulas[0]) == "1/(1 + exp x) · exp x"


def test_a_composite_of_arrays_agrees_with_its_formula_written_out() -> None:
    composite("logsumexp", "log(sum(exp(x)))")
    at = {"x": np.array([0.3, -1.0, 2.0])}
    one, other = va.parse("logsumexp(2*x)"), va.parse("log(sum(exp(2*x)))")
    for mode in ("forward", "backward", "cross"):
        left, right = va.gradient(one, at, mode=mode)["x"], va.gradient(other, at, mode=mode)["x"]
        np.testing.assert_allclose(left, right, rtol=1e-12)
    np.testing.assert_allclose(va.hessian(one, at), va.hessian(other, at), rtol=1e-9)


@pytest.mark.parametrize(
    ("formula", "ports", "words"),
    [
        ("log(1 + ", None, "cannot be read"),
        ("a = x\nb = y", None, "has 2 results"),
        ("x*y", ("x", "z"), "The ports of node type 'made' are x, z"),
    ],
)
def test_a_formula_that_makes_no_node_type_is_refused(
    formula: str, ports: tuple[str, ...] | None, words: str
) -> None:
    with pytest.raises(PluginError, match=words):
        composite("made", formula, ports=ports)
    assert "made" not in REGISTRY


def test_a_graph_with_a_composite_leaves_as_source_that_needs_nothing_but_numpy() -> None:
    composite("mish_of", "x * tanh(log(1 + exp(x)))")
    graph = va.parse("f = mish_of(a) * b")
    namespace: dict = {"__name__": "exported"}
    exec(va.to_source(graph, "numpy"), namespace)
    at = {"a": 0.7, "b": 2.0}
    assert namespace["f"](**at) == pytest.approx(va.evaluate(graph, at)["f"], rel=1e-12)
    slopes = va.gradient(graph, at)
    found = namespace["gradient"](**at)
    assert found["a"] == pytest.approx(slopes["a"], rel=1e-12)


def test_a_composite_of_arrays_leaves_as_the_source_of_its_formula() -> None:
    composite("array_of", "log(sum(exp(x * y)))")
    graph = va.parse("f = array_of(a, b)**2 + array_of(b, 1)")
    at = {"a": np.array([0.7, -1.0]), "b": np.array([2.0, 0.5])}
    namespace: dict = {"__name__": "exported"}
    exec(va.to_source(graph, "numpy"), namespace)
    assert namespace["f"](**at) == pytest.approx(va.evaluate(graph, at)["f"], rel=1e-12)
    slopes, found = va.gradient(graph, at), namespace["gradient"](**at)
    for name in at:
        np.testing.assert_allclose(found[name], slopes[name], rtol=1e-12)


def test_composites_are_written_out_one_within_another_with_the_same_derivatives() -> None:
    composite("soft", "log(1 + exp(x))")
    composite("softer", "soft(x) * soft(-x) + 2")
    graph = va.parse("f = softer(a) * sin(a)")
    written = without_composites(graph, lambda _: True)
    assert not {"soft", "softer"} & {node.op for node in written.nodes}
    at = {"a": 0.3}
    assert va.evaluate(written, at)["f"] == pytest.approx(va.evaluate(graph, at)["f"], rel=1e-14)
    assert va.gradient(written, at)["a"] == pytest.approx(va.gradient(graph, at)["a"], rel=1e-12)
    with pytest.raises(va.VisualADError, match="no composite node"):
        write_out_formulas(written, ["f"])
