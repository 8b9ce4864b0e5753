"""Every backend gives NumPy's numbers to rounding: operations, random graphs, training runs."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import visualad as va
from tests.engine.networks import perceptron
from tests.engine.test_plans import one_operation
from tests.ops.test_kinks import FORMULAS, TABLE
from tests.strategies import Drawing, array_graphs, scalar_graphs
from visualad.engine import (
    Backend,
    NumpyBackend,
    TrainsManySteps,
    Update,
    backends,
    compile_plan,
    tangent_of,
)
from visualad.engine import backend as backend_named
from visualad.errors import BackendError, GraphError, ShapeError
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.ops.declaration import REGISTRY
from visualad.plugins import load_plugins
from visualad.training.adaptive import Adagrad, AdamW, RMSprop

pytestmark = pytest.mark.timeout(600)  # the first run on a machine compiles a backend

load_plugins()
if importlib.util.find_spec("visualad_cuda"):
    importlib.import_module("tests.plugins.cuda_stand_in")
AVAILABLE = [found for found in backends() if found.is_available()]
ABSENT = [found for found in backends() if not found.is_available()]
TOLERANCES = {"float64": 1e-9, "float32": 2e-4}
OPERATIONS = [op.name for op in REGISTRY if not op.leaf and not op.plugin]
# Rates at which training is no chaos, where a last digit would change everything.
OPTIMIZERS = [
    *(va.SGD(0.05), va.SGD(0.005, 0.9), va.SGD(0.005, 0.9, nesterov=True), va.Adam(0.01)),
    *(AdamW(0.01, weight_decay=0.1), Adagrad(0.01, decay=0.1), RMSprop(0.001)),
    RMSprop(0.001, momentum=0.5, centered=True),
]


@pytest.fixture(scope="module", params=AVAILABLE, ids=lambda found: found.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    found: Backend = request.param
    return found


@pytest.mark.parametrize("absent", ABSENT, ids=lambda found: found.name)
def test_a_backend_that_cannot_run_here_says_what_it_lacks(absent: Backend) -> None:
    assert absent.description
    with pytest.raises(BackendError, match=absent.name):
        backend_named(absent.name)


def agrees_with_numpy(backend: Backend, graph: Graph, loss: str, **options: Any) -> Any:
    """Loss, gradients and the values of all nodes."""
    plan = compile_plan(graph, loss=loss, wrt=graph.independents, **options)
    expected, found = NumpyBackend().load(plan), backend.load(plan)
    tolerance = TOLERANCES[plan.dtype]

    def same(a: Any, b: Any) -> bool:
        size = np.max(np.abs(b), initial=0.01, where=np.isfinite(b))
        return np.shape(a) == np.shape(b) and bool(
            np.allclose(a, b, rtol=tolerance, atol=tolerance * min(size, 1), equal_nan=True)
        )

    # More than once: a backend may record the first runs and replay them.
    wanted = expected.loss_and_gradient()
    for _ in range(3):
        assert same(found.loss_and_gradient(), wanted)
    for name in plan.wrt:
        assert same(found.gradient(name), expected.gradient(name)), name
    for name in plan.values:
        assert same(found.value(name), expected.value(name)), name
    values = expected.run()
    for _ in range(3):
        for name, value in found.run().items():
            assert same(value, values[name])
    return found


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("op", OPERATIONS)
def test_every_operation_agrees_with_numpy(backend: Backend, op: str, dtype: str) -> None:
    agrees_with_numpy(backend, one_operation(op, (3, 4)).with_(dtype=dtype), "L")
    if REGISTRY[op].elementwise:
        agrees_with_numpy(backend, one_operation(op, ()).with_(dtype=dtype), "L")


@pytest.mark.parametrize("shape", [(1,), (257,), (2, 3, 4), (3, 1, 5), (600, 3)])
@pytest.mark.parametrize("op", ["sigmoid", "sin", "softplus", "where", "maximum"])
def test_arrays_of_any_shape_agree_with_numpy(
    backend: Backend, op: str, shape: tuple[int, ...]
) -> None:
    agrees_with_numpy(backend, one_operation(op, shape), "L")


@given(graph=array_graphs())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_graphs_of_arrays_agree_with_numpy(backend: Backend, graph: Graph) -> None:
    agrees_with_numpy(backend, graph, "L")


@given(graph=scalar_graphs(single_output=True))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_graphs_of_scalars_agree_with_numpy(backend: Backend, graph: Graph) -> None:
    agrees_with_numpy(backend, graph, graph.outputs[0])


def tangents_agree_with_the_sweep(backend: Backend, graph: Graph) -> None:
    """J v of every node that the outputs need, along all inputs at once."""
    plan = compile_plan(graph, along=graph.independents)
    chance = np.random.default_rng(0)
    along = {name: chance.normal(size=np.shape(graph[name].value)) for name in graph.independents}
    expected = va.jvp(graph, None, along)
    executable = backend.load(plan)
    found = executable.run({tangent_of(name): value for name, value in along.items()})
    tolerance = TOLERANCES[plan.dtype]
    for name in graph.outputs:
        wanted = expected[name]
        np.testing.assert_allclose(found[tangent_of(name)], wanted, tolerance, tolerance)
        assert np.shape(found[tangent_of(name)]) == np.shape(wanted)
    for name in expected:
        if tangent_of(name) in plan.values:
            value = executable.value(tangent_of(name))
            np.testing.assert_allclose(value, expected[name], tolerance, tolerance)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("op", OPERATIONS)
def test_tangents_of_every_operation_agree_with_the_sweep(
    backend: Backend, op: str, dtype: str
) -> None:
    tangents_agree_with_the_sweep(backend, one_operation(op, (3, 4)).with_(dtype=dtype))


@given(graph=array_graphs())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tangents_of_random_graphs_agree_with_the_sweep(backend: Backend, graph: Graph) -> None:
    tangents_agree_with_the_sweep(backend, graph)


@given(graph=scalar_graphs())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tangents_of_random_scalars_agree_with_the_sweep(backend: Backend, graph: Graph) -> None:
    tangents_agree_with_the_sweep(backend, graph)


def test_tangents_and_gradient_come_from_one_run(backend: Backend) -> None:
    graph = perceptron([2, 5, 3], 4)
    plan = compile_plan(graph, loss="L", outputs=["L"], along=graph.parameters)
    executable = backend.load(plan)
    chance = np.random.default_rng(0)
    along = {name: chance.normal(size=plan.parameters[name].shape) for name in graph.parameters}
    executable.loss_and_gradient({tangent_of(name): value for name, value in along.items()})
    slope = sum(np.sum(executable.gradient(name) * value) for name, value in along.items())
    assert executable.value(tangent_of("L")) == pytest.approx(slope)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["case"])
def test_kinks_agree_with_numpy(backend: Backend, row: dict[str, Any]) -> None:
    graph = parse(FORMULAS[str(row["case"])])
    at = dict(zip(("x", "y"), map(float, row["point"]), strict=False))
    plan = compile_plan(graph, loss=graph.outputs[0], wrt=graph.inputs)
    expected, found = NumpyBackend().load(plan), backend.load(plan)
    np.testing.assert_allclose(found.loss_and_gradient(at), expected.loss_and_gradient(at))
    np.testing.assert_allclose(found.gradients, expected.gradients)


@pytest.mark.parametrize("x", [np.inf, -np.inf, np.nan, 0.0, -0.0, 800.0, -800.0, 1e-310, 1e300])
@pytest.mark.parametrize(
    "op", ["exp", "log", "sin", "tanh", "sigmoid", "softplus", "sqrt", "expm1"]
)
@pytest.mark.parametrize("size", [1, 9])
def test_extreme_numbers_agree_with_numpy(backend: Backend, op: str, x: float, size: int) -> None:
    drawing = Drawing()
    drawing.node("variable", name="x", value=np.full(size, x))
    drawing.node(op, "x", name="y")
    drawing.node("sum", "y", name="L")
    plan = compile_plan(drawing.graph(), loss="L", wrt=["x"])
    expected, found = NumpyBackend().load(plan), backend.load(plan)
    for executable in (expected, found):
        executable.loss_and_gradient()
    for value, wanted in (
        (found.value("y"), expected.value("y")),
        (found.gradients, expected.gradients),
    ):
        np.testing.assert_allclose(value, wanted, rtol=1e-13, atol=5e-324)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("layers", [[2, 8, 8, 1], [3, 17, 5], [1, 64, 1], [40, 64, 10]])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "gelu"])
def test_networks_agree_with_numpy(
    backend: Backend, layers: list[int], activation: str, dtype: str
) -> None:
    for samples in (1, 10, 65):
        agrees_with_numpy(backend, perceptron(layers, samples, activation, dtype), "L")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_training_agrees_with_numpy_and_repeats_bit_for_bit(
    backend: Backend, optimizer: Any, dtype: str
) -> None:
    graph = va.mlp([2, 8, 8, 1], activation="tanh", data="circle", dtype=dtype)

    def losses(name: str) -> list[float]:
        run = va.train(graph, optimizer=optimizer, epochs=10, batch_size=7, backend=name)
        return [*run.history.train, *run.history.test]

    found = losses(backend.name)
    assert found == losses(backend.name)
    tolerance = {"float64": 1e-10, "float32": 1e-3}[dtype]
    np.testing.assert_allclose(found, losses("numpy"), rtol=tolerance)


def test_training_that_diverges_keeps_the_last_good_parameters(backend: Backend) -> None:
    graph = va.mlp([2, 8, 1], activation="relu", data="circle")
    runs = [
        va.train(graph, optimizer=va.SGD(1e9), epochs=5, batch_size=10, backend=name)
        for name in ("numpy", backend.name)
    ]
    expected, found = runs
    assert found.reason == expected.reason == "diverged"
    assert found.node == expected.node
    assert found.message == expected.message
    for name in graph.parameters:
        np.testing.assert_array_equal(found.graph[name].value, expected.graph[name].value)


def test_many_steps_in_one_call_are_the_same_as_single_steps(backend: Backend) -> None:
    graph = perceptron([2, 5, 1], 4)
    plan = compile_plan(graph, loss="L")
    many, single = backend.load(plan), backend.load(plan)
    update = Update("momentum", (0.05, 0.5), (np.zeros_like(many.parameters),))
    if not isinstance(many, TrainsManySteps) or not many.can_train(update):
        pytest.skip("this backend does one step per call")
    chance = np.random.default_rng(1)
    data = {"X": chance.normal(size=(30, 2)), "Y": chance.normal(size=(30, 1))}
    order = chance.integers(0, 30, 20)
    losses = many.train_steps(data, order, 4, update)
    velocity = np.zeros_like(single.parameters)
    for step, loss in enumerate(losses):
        rows = order[4 * step : 4 * step + 4]
        found = single.loss_and_gradient({name: table[rows] for name, table in data.items()})
        assert found == pytest.approx(loss, rel=1e-12)
        velocity = 0.5 * velocity + single.gradients
        single.parameters -= 0.05 * velocity
    assert update.count == len(losses) == 5
    np.testing.assert_allclose(many.parameters, single.parameters, rtol=1e-12)


def test_plans_for_several_batch_sizes_share_their_parameters(backend: Backend) -> None:
    graph = perceptron([2, 3, 1], 5)
    small = backend.load(compile_plan(graph, loss="L"))
    plan = compile_plan(graph, {"X": (9, 2), "Y": (9, 1)}, loss="L")
    large = backend.load(plan, small.parameters)
    small.parameters[:] = 0.5
    at = {"X": np.ones((9, 2)), "Y": np.zeros((9, 1))}
    expected = va.evaluate(
        graph, at | {name: np.full_like(graph[name].value, 0.5) for name in graph.parameters}
    )
    assert large.loss_and_gradient(at) == pytest.approx(expected["L"])
    small.parameter("b1")[...] = 7.0
    assert list(large.parameters).count(7.0) == 3
    with pytest.raises(BackendError, match="one contiguous float64 array"):
        backend.load(plan, np.zeros(12))


def test_inputs_that_do_not_fit_are_refused(backend: Backend) -> None:
    executable = backend.load(compile_plan(perceptron([2, 3, 1], 5), loss="L"))
    with pytest.raises(ShapeError, match="Input X must have the shape"):
        executable.run({"X": np.zeros((4, 2))})
    with pytest.raises(GraphError, match="no input 'Z'"):
        executable.run({"Z": 1.0})
    with pytest.raises(GraphError, match="no node 'zz'"):
        executable.value("zz")
    values_only = backend.load(compile_plan(perceptron([2, 3, 1], 5)))
    with pytest.raises(BackendError, match="no loss"):
        values_only.loss_and_gradient()
