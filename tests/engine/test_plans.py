"""Plans give the same numbers as the steps, quickly and without allocating."""

from __future__ import annotations

import gc
import pickle
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.engine.networks import perceptron
from tests.ops.test_kinks import FORMULAS, TABLE
from tests.strategies import Drawing, array_graphs, scalar_graphs
from visualad.autodiff.derivatives import gradient
from visualad.autodiff.evaluate import evaluate
from visualad.engine import (
    Backend,
    Executable,
    NumpyBackend,
    backend,
    backends,
    compile_plan,
    register_backend,
)
from visualad.engine.numpy_backend import NumpyExecutable
from visualad.engine.scalar_executable import ScalarExecutable
from visualad.errors import BackendError, GraphError, ShapeError
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.ops.declaration import REGISTRY, Operation


def load(graph: Graph, **options: Any) -> NumpyExecutable | ScalarExecutable:
    return NumpyBackend().load(compile_plan(graph, **options))


def same(a: Any, b: Any) -> bool:
    return bool(np.allclose(a, b, rtol=1e-9, atol=1e-11, equal_nan=True))


def agrees_with_the_steps(graph: Graph, loss: str) -> None:
    """Values and gradients of a plan and of the sweeps, for the stored values."""
    executable = load(graph, loss=loss, wrt=graph.independents)
    found = executable.loss_and_gradient()
    values = evaluate(graph)
    assert same(found, values[loss])
    shown = {name: executable.value(name) for name in executable.plan.values}
    # By rows that take less time, but not by other numbers.
    assert np.array_equal(executable.loss_and_gradient(), found, equal_nan=True)
    for name, value in shown.items():
        assert same(value, values[name]), name
        assert same(executable.value(name), values[name]), name
    executable.run()  # leaves the gradients alone
    for name, slope in gradient(graph, output=loss).items():
        assert np.shape(executable.gradient(name)) == np.shape(slope)
        assert same(executable.gradient(name), slope), name


@given(scalar_graphs(single_output=True))
@settings(max_examples=80)
def test_plans_and_steps_agree_on_scalars(graph: Graph) -> None:
    agrees_with_the_steps(graph, graph.outputs[0])


@given(array_graphs())
@settings(max_examples=80)
def test_plans_and_steps_agree_on_arrays(graph: Graph) -> None:
    agrees_with_the_steps(graph, "L")


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "gelu", "softmax", "softplus", "elu"])
def test_plans_and_steps_agree_on_networks(activation: str) -> None:
    agrees_with_the_steps(perceptron([2, 5, 4, 3], 7, activation), "L")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["case"])
def test_plans_and_steps_agree_at_kinks(row: dict[str, list[str]]) -> None:
    graph = parse(FORMULAS[str(row["case"])])
    at = dict(zip(("x", "y"), map(float, row["point"]), strict=False))
    executable = load(graph, loss=graph.outputs[0], wrt=graph.inputs)
    executable.loss_and_gradient(at)
    expected = gradient(graph, at)
    assert same([executable.gradient(name) for name in graph.inputs], list(expected.values()))


def test_a_branch_not_taken_never_yields_nan_in_arrays() -> None:
    graph = parse("y = sum(where(x > 0, sqrt(x), 0)*z)")
    at = {"x": np.array([-1.0, 4.0, 0.0]), "z": np.array([1.0, 2.0, 3.0])}
    shapes = {name: value.shape for name, value in at.items()}
    executable = load(graph, shapes=shapes, loss="y", wrt=("x", "z"))
    executable.loss_and_gradient(at)
    assert same(executable.gradient("x"), [0, 0.5, 0])
    for mode in ("forward", "backward", "cross"):
        assert same(gradient(graph, at, mode)["x"], [0, 0.5, 0])


def test_a_network_step_allocates_no_arrays() -> None:
    samples = 20_000
    graph = perceptron([2, 16, 16, 1], samples)
    executable = load(graph, loss="L")
    batch = {"X": np.ones((samples, 2)), "Y": np.ones((samples, 1))}
    for _ in range(3):
        executable.loss_and_gradient(batch)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(10):
            executable.loss_and_gradient(batch)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # One activation has 2,560,000 bytes. NumPy itself takes a buffer to broadcast a bias.
    assert after - before < 1_000
    assert peak - before < np.getbufsize() * 8 + 4_000


@pytest.mark.parametrize("formula", ["y = sum((X + b > 0)*X)", "y = sum((b > X)*exp(X - b))"])
@pytest.mark.parametrize("shape", [(100, 200), (97, 130), (3, 9000), (2000, 1)])
def test_a_row_is_spread_over_any_matrix(formula: str, shape: tuple[int, int]) -> None:
    chance = np.random.default_rng(0)
    at = {"X": chance.normal(size=shape), "b": chance.normal(size=shape[1])}
    graph = parse(formula)
    shapes = {name: value.shape for name, value in at.items()}
    executable = load(graph, shapes=shapes, loss="y", wrt=("X", "b"))
    assert same(executable.loss_and_gradient(at), evaluate(graph, at)["y"])
    for name, slope in gradient(graph, at).items():
        assert same(executable.gradient(name), slope), name


def test_what_all_layers_need_is_computed_together_in_a_network_run_again() -> None:
    graph = perceptron([2, 3, 5, 4, 1], 7)
    executable = load(graph, loss="L")
    executable.loss_and_gradient()
    before = [executable.gradient(name).copy() for name in graph.parameters]
    calls = len(executable._all)
    executable.loss_and_gradient()
    # For three layers one call instead of three for 1 − s, for s·(1 − s) and to spread the biases.
    assert calls - len(executable._all) == 6
    executable.parameter("b2")[...] = -1.0
    changed = load(graph, loss="L", wrt=graph.parameters)
    changed.parameters[...] = executable.parameters
    assert executable.loss_and_gradient() == changed.loss_and_gradient()
    executable.parameter("b2")[...] = graph["b2"].value
    executable.loss_and_gradient()
    for name, slope in zip(graph.parameters, before, strict=True):
        assert np.array_equal(executable.gradient(name), slope)


def test_gradients_lie_parallel_to_the_parameters() -> None:
    graph = perceptron([2, 3, 1], 5)
    plan = compile_plan(graph, loss="L")
    executable = NumpyBackend().load(plan)
    assert list(plan.parameters) == list(plan.wrt) == ["W1", "b1", "W2", "b2"]
    assert executable.parameters.shape == executable.gradients.shape == (13,)
    before = executable.loss_and_gradient()
    executable.parameters -= 0.01 * executable.gradients
    assert executable.loss_and_gradient() < before
    executable.parameter("b1")[...] = 7.0
    assert list(executable.parameters).count(7.0) == 3
    start = len(executable.gradient("W1").ravel())
    assert np.shares_memory(executable.gradient("b1"), executable.gradients[start : start + 3])


def test_plans_for_several_batch_sizes_share_their_parameters() -> None:
    graph = perceptron([2, 3, 1], 5)
    small = load(graph, loss="L")
    plan = compile_plan(graph, {"X": (9, 2), "Y": (9, 1)}, loss="L")
    large = NumpyBackend().load(plan, small.parameters)
    x, y = np.random.default_rng(3).normal(size=(2, 9, 2))
    at = {"X": x, "Y": y[:, :1]}
    small.parameters[:] = 0.5
    expected = {name: np.full_like(graph[name].value, 0.5) for name in graph.parameters}
    assert same(large.loss_and_gradient(at), evaluate(graph, {**at, **expected})["L"])
    with pytest.raises(BackendError, match="one contiguous float64 array of 13 numbers"):
        NumpyBackend().load(plan, np.zeros(12))


def test_values_of_nodes_can_be_looked_at() -> None:
    graph = perceptron([2, 3, 1], 5)
    executable = load(graph, loss="L", outputs=["h2"])
    assert same(executable.run()["h2"], evaluate(graph)["h2"])
    assert same(executable.value("a1"), evaluate(graph)["a1"])
    with pytest.raises(GraphError, match="no node 'zz'"):
        executable.value("zz")


def test_float32_stays_float32() -> None:
    graph = perceptron([2, 3, 1], 5, dtype="float32")
    executable = load(graph, loss="L")
    executable.loss_and_gradient()
    assert executable.gradients.dtype == executable.value("a1").dtype == np.float32
    for name, slope in gradient(graph).items():
        if name in graph.parameters:
            assert np.allclose(executable.gradient(name), slope, rtol=1e-4)


def test_scalars_run_as_python_numbers_with_ieee_results() -> None:
    graph = parse("exp(x) / x + log(x)")
    executable = load(graph, loss=graph.outputs[0], wrt=("x",))
    assert isinstance(executable, ScalarExecutable)
    for x in (1.5, 0.0, -1.0, 800.0, np.inf, -800.0):
        expected = evaluate(graph, {"x": x})[graph.outputs[0]]
        assert same(executable.loss_and_gradient({"x": x}), expected)
        assert same(executable.gradient("x"), gradient(graph, {"x": x})["x"])


def test_a_plan_without_a_loss_computes_values_only() -> None:
    graph = parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")
    executable = load(graph)
    at = {"x1": 1.5, "x2": 0.8, "x3": 2.0}
    assert same(executable.run(at)["x9"], evaluate(graph, at)["x9"])
    with pytest.raises(BackendError, match="no loss"):
        executable.loss_and_gradient(at)


def test_plans_are_plain_data() -> None:
    plan = compile_plan(perceptron([2, 3, 1], 5), loss="L")
    sent = pickle.loads(pickle.dumps(plan))
    first, second = NumpyBackend().load(plan), NumpyBackend().load(sent)
    assert first.loss_and_gradient() == second.loss_and_gradient()
    assert same(first.gradients, second.gradients)


@pytest.mark.parametrize(
    ("inputs", "kind", "sentence"),
    [
        ({"X": np.zeros((4, 2))}, ShapeError, "Input X must have the shape"),
        ({"Z": 1.0}, GraphError, "no input 'Z'"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(inputs: Any, kind: type, sentence: str) -> None:
    executable = load(perceptron([2, 3, 1], 5), loss="L")
    with pytest.raises(kind, match=sentence):
        executable.run(inputs)


def test_graphs_that_cannot_be_compiled_are_refused() -> None:
    graph = perceptron([2, 3, 1], 5)
    with pytest.raises(ShapeError, match="must be a scalar"):
        compile_plan(graph, loss="h2")
    with pytest.raises(ShapeError, match="Node h1"):
        compile_plan(graph, {"X": (5, 4)}, loss="L")
    with pytest.raises(ShapeError, match="Parameter W1"):
        compile_plan(graph, {"W1": (5, 4)}, loss="L")
    with pytest.raises(GraphError, match="no input or parameter"):
        compile_plan(graph, loss="L", wrt=["h1"])


# Code that cannot be recorded ---------------------------------------------------------------------


@pytest.fixture
def declare() -> Iterator[Any]:
    """Register operations for the length of a test."""
    added = []

    def add(function: Any, **rules: Any) -> Operation:
        found = Operation(function, plugin="test")
        for kind, rule in rules.items():
            getattr(found, kind)(rule)
        REGISTRY.add(found)
        added.append(found.name)
        return found

    yield add
    for name in added:
        REGISTRY.remove(name)


def around(op: str) -> Graph:
    drawing = Drawing()
    drawing.node("variable", name="x", value=np.array([3.0, -1.0, 2.0]))
    drawing.node(op, "x", name="p")
    drawing.node("sum", "p", name="L")
    return drawing.graph()


def test_functions_that_decide_by_numbers_are_called_as_they_are(declare: Any) -> None:
    def largest_first(x: Any) -> Any:
        return x * (2.0 if float(x[0]) > 0 else 5.0)

    def pull(g: Any, *, x: Any, out: Any) -> Any:
        return g * (2.0 if float(x[0]) > 0 else 5.0)

    declare(largest_first, vjp=pull)
    executable = load(around("largest_first"), loss="L", wrt=("x",))
    for sign in (1, -1):
        x = sign * np.array([3.0, -1.0, 2.0])
        executable.loss_and_gradient({"x": x})
        assert same(executable.value("p"), x * (2 if sign > 0 else 5))
        assert same(executable.gradient("x"), [2.0 if sign > 0 else 5.0] * 3)


@pytest.mark.parametrize("how", ["sort", "assign", "in_place", "method"])
def test_functions_that_numpy_hides_are_called_as_they_are(declare: Any, how: str) -> None:
    def hidden(x: Any) -> Any:
        if how == "sort":
            return np.sort(x)
        if how == "method":
            return x[np.argsort(x)]
        y = np.zeros_like(x) + 0
        if how == "assign":
            y = x + 0.0
            y[0] = 2 * x[0]
        else:
            y = x * 1.0
            y += x
        return y

    declare(hidden, vjp=lambda g, *, x, out: g)
    graph = around("hidden")
    executable = load(graph, loss="L", wrt=("x",))
    for x in ([3.0, -1.0, 2.0], [1.0, 5.0, -7.0]):
        executable.loss_and_gradient({"x": np.array(x)})
        assert same(executable.value("p"), evaluate(graph, {"x": x})["p"])


def test_partials_that_decide_by_numbers_are_called_as_they_are(declare: Any) -> None:
    def strange(x: Any) -> Any:
        return x * 1.0

    declare(strange, partials=lambda x, out: 1.0 if float(x[0]) > 0 else 2.0)
    executable = load(around("strange"), loss="L", wrt=("x",))
    for sign in (1, -1):
        executable.loss_and_gradient({"x": sign * np.array([3.0, -1.0, 2.0])})
        assert same(executable.gradient("x"), [1.0 if sign > 0 else 2.0] * 3)


# Every operation that ships -----------------------------------------------------------------------

PORT_SHAPES: dict[str, list[tuple[int, ...]]] = {
    "linear": [(3, 4), (2, 4), (2,)],
    "matmul": [(3, 4), (4, 2)],
    "dot": [(4,), (4,)],
}


def one_operation(op: str, shape: tuple[int, ...]) -> Graph:
    drawing = Drawing()
    chance = np.random.default_rng(1)
    operation = REGISTRY[op]
    ports = operation.ports_for({})
    shapes = PORT_SHAPES.get(op, [shape] * len(ports))
    for port, wanted in zip(ports, shapes, strict=True):
        value = chance.uniform(0.2, 0.9, wanted)[()]
        drawing.node("variable", name=f"{port}_", value=value)
    drawing.node(op, *(f"{port}_" for port in ports), name="p")
    drawing.node("sum", drawing.node("sin", "p"), name="L")
    return drawing.graph()


@pytest.mark.parametrize("op", [op.name for op in REGISTRY if not op.leaf and not op.plugin])
def test_plans_and_steps_agree_for_every_operation(op: str) -> None:
    agrees_with_the_steps(one_operation(op, (3, 4)), "L")
    if REGISTRY[op].elementwise:
        agrees_with_the_steps(one_operation(op, ()), "L")


@pytest.mark.parametrize("op", [op.name for op in REGISTRY if not op.leaf and not op.plugin])
def test_every_operation_is_recorded(op: str) -> None:
    graph = one_operation(op, (3, 4))
    plan = compile_plan(graph, loss="L", wrt=graph.inputs)
    assert all(row.kind != "call" for row in (*plan.forward, *plan.backward))


# Backends -----------------------------------------------------------------------------------------


def test_numpy_is_always_there() -> None:
    assert next(found.name for found in backends()) == "numpy"
    assert isinstance(backend("numpy"), Backend)
    assert isinstance(load(parse("x*x")), Executable)


def test_a_backend_that_is_missing_or_taken_is_refused() -> None:
    with pytest.raises(BackendError, match="no backend 'abacus'"):
        backend("abacus")

    class Impostor(NumpyBackend):
        pass

    with pytest.raises(BackendError, match="already a backend 'numpy'"):
        register_backend(Impostor())


def test_a_backend_that_cannot_run_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NumpyBackend, "is_available", lambda _: False)
    with pytest.raises(BackendError, match="cannot run here"):
        backend("numpy")
