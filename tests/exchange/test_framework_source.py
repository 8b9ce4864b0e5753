"""PyTorch and JAX modules: by structure, and by their numbers where these are installed."""

from __future__ import annotations

import ast
import builtins
import importlib.util
from typing import Any

import numpy as np
import pytest

import visualad as va
from visualad.ops import REGISTRY

LECTURE = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"
LANGUAGES = ("torch", "jax")

SHAPES: dict[str, list[tuple[int, ...]]] = {
    "linear": [(4, 3), (2, 3), (2,)],
    "matmul": [(2, 3), (3, 2)],
    "dot": [(3,), (3,)],
}


def free_names(source: str) -> set[str]:
    """Names that a module reads and nobody binds."""
    tree = ast.parse(source)
    read, bound = set(), {"__name__"}
    for part in ast.walk(tree):
        match part:
            case ast.Name(id=name, ctx=ast.Load()):
                read.add(name)
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                bound.add(name)
            case ast.alias(name=name, asname=other):
                bound.add(other or name)
    return read - bound - set(dir(builtins))


def run(source: str, point: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """What the module computes at a point."""
    module: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, "exported", "exec"), module)
    values = module["f"](**point)
    values = values if isinstance(values, tuple) else (values,)
    detached = [v.detach() if hasattr(v, "detach") else v for v in values]
    return [np.asarray(v) for v in detached], {
        name: np.asarray(part) for name, part in module["gradient"](**point).items()
    }


def assert_same(graph: va.Graph, language: str, point: dict[str, Any]) -> None:
    if importlib.util.find_spec(language) is None:
        pytest.skip(f"{language} is not installed")
    values, gradient = run(va.to_source(graph, language), point)
    expected = va.evaluate(graph, point)
    for name, value in zip(graph.outputs, values, strict=True):
        np.testing.assert_allclose(value, expected[name], rtol=1e-12, atol=1e-14)
        assert value.dtype == graph.dtype
    first = graph.outputs[0]
    adjoints = va.vjp(graph, point, {first: np.ones_like(expected[first])})
    for name in graph.independents:
        np.testing.assert_allclose(gradient[name], adjoints[name], rtol=1e-10, atol=1e-12)


def point_of(operation: Any) -> dict[str, Any]:
    random = np.random.default_rng(0)
    count = len(operation.ports_for({}))
    shapes = SHAPES.get(operation.name, [(2, 3)] * count)
    domain = operation.domain * 2 if operation.variadic else operation.domain
    return {
        f"a{i}": random.uniform(*domain[i], shape)
        for i, shape in zip(range(count), shapes, strict=True)
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [o.name for o in REGISTRY if not o.leaf and not o.plugin])
def test_every_operation_has_a_counterpart(name: str, language: str) -> None:
    graph = va.parse(f"y = {name}({', '.join(point_of(REGISTRY[name]))})")
    assert free_names(va.to_source(graph, language)) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_counterparts_compute_what_our_operations_do(language: str) -> None:
    for operation in REGISTRY:
        if not operation.leaf and not operation.plugin:
            point = point_of(operation)
            assert_same(va.parse(f"y = {operation.name}({', '.join(point)})"), language, point)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "point"),
    [
        (LECTURE, {"x1": 1.0, "x2": 2.0, "x3": np.pi / 2}),
        ("sigmoid(x)*softplus(x) + silu(x)", {"x": np.array([-800.0, 800.0])}),
        ("relu(x) + elu(x) + leaky_relu(x, slope=0.3)", {"x": 0.0}),
        ("maximum(2, x) + hypot(3, x) + minimum(x, inf)", {"x": 0.3}),
        ("where(x > 0, x, 2) + 2/3", {"x": 1.0}),
        ("sum(x, axis=(0, 1)) + max(x) + mean(x, axis=-1, keepdims=True)", {"x": np.eye(2)}),
        ("binary_cross_entropy(o, y)", {"o": np.zeros((3, 1)), "y": np.array([0.0, 1.0, 1.0])}),
        ("dot(x, y) + max(x)", {"x": np.eye(2)[:1] + 1, "y": np.array([[1.0], [2.0]])}),
        ("concatenate(x, y, axis=0)", {"x": 1.0, "y": np.ones(3)}),
        ("2*3", {}),
        ("f = x", {"x": 2.0}),
    ],
)
def test_graphs_compute_what_ours_do(text: str, point: dict[str, Any], language: str) -> None:
    assert_same(va.parse(text), language, point)


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_outputs_are_weighted_whatever_the_operations_are_called(language: str) -> None:
    graph = va.parse("a = sum(x) + max(x)\nb = dot(x, x)\nc = 3", outputs=["a", "b", "c"])
    assert free_names(va.to_source(graph, language)) == set()
    assert_same(graph, language, {"x": np.array([1.0, 2.0, 4.0])})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_network_keeps_its_parameters_to_the_last_digit(language: str) -> None:
    network = va.mlp([2, 3, 1], activation="tanh", seed=3, loss="mean_squared_error")
    source = va.to_source(network, language)
    assert repr(float(network["W1"].value[0, 0])) in source
    assert free_names(source) == set()
    random = np.random.default_rng(1)
    assert_same(network, language, {"X": random.normal(size=(4, 2)), "Y": np.ones((4, 1))})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_inputs_keep_their_names(language: str) -> None:
    assert "def f(x, y):" in va.to_source(va.parse("x*y"), language)


def test_float64_is_asked_for_in_jax_and_float32_is_not() -> None:
    graph = va.parse("x*y")
    assert "jax_enable_x64" in va.to_source(graph, "jax")
    assert "jax_enable_x64" not in va.to_source(graph.with_(dtype="float32"), "jax")
    assert "torch.float32" in va.to_source(graph.with_(dtype="float32"), "torch")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_expression_of_a_plugins_operation_is_written(language: str) -> None:
    @va.node
    def cubic(x: Any) -> Any:
        """2x³ + sin x."""
        return 2 * x**3 + np.sin(x)

    @va.node
    def root3(x: Any) -> Any:
        """Cube root."""
        return np.cbrt(x)

    try:
        source = va.to_source(va.parse("cubic(x)"), language)
        with pytest.raises(va.VisualADError, match=r"root3.*no counterpart"):
            va.to_source(va.parse("root3(x)"), language)
    finally:
        REGISTRY.remove("cubic")
        REGISTRY.remove("root3")
    assert "2.0 * x**3.0 + " in source
