"""Code of plugins' node types that cannot be written down as instructions, compiled by Numba."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

import visualad as va
from tests.strategies import Drawing
from visualad.engine import Backend, NumpyBackend, Plan, backend, compile_plan
from visualad.ops.declaration import REGISTRY, Operation
from visualad.plugins import load_plugins
from visualad.training.datasets import load as load_dataset
from visualad.training.trainer import Trainer

pytest.importorskip("numba")
pytest.importorskip("scipy")
pytest.importorskip("visualad_numba")
pytestmark = pytest.mark.timeout(600)  # the first run on a machine compiles the backend

from numba.core.ccallback import CFunc  # noqa: E402
from visualad_numba import small_functions  # noqa: E402
from visualad_numba.executable import NumbaExecutable  # noqa: E402
from visualad_numba.scalars import ScalarExecutable  # noqa: E402
from visualad_numba.small_functions import KERNELS, Kernel, Kernels, calls_of  # noqa: E402

load_plugins()

Declare = Callable[..., Operation]


@pytest.fixture(scope="module")
def numba() -> Backend:
    return backend("numba")


@pytest.fixture
def declare() -> Iterator[Declare]:
    names: list[str] = []

    def declared(function: Any, partials: Any, **options: Any) -> Operation:
        found = Operation(function, plugin="test", **options)
        found.partials(partials)
        REGISTRY.add(found)
        names.append(found.name)
        return found

    yield declared
    for name in names:
        REGISTRY.remove(name)


def plan_of(op: str, values: Mapping[str, Any], dtype: str = "float64", **settings: Any) -> Plan:
    """L = sum of op(sin(x), ...)·x."""
    drawing = Drawing()
    for name, value in values.items():
        drawing.node("variable", name=name, value=np.asarray(value, dtype=dtype)[()])
    first, *others = values
    node = drawing.node(op, drawing.node("sin", first), *others, name="p", **settings)
    product = drawing.node("mul", node, first)
    drawing.node("sum", product, name="L") if np.ndim(values[first]) else drawing.node(
        "exp", product, name="L"
    )
    return compile_plan(drawing.graph(dtype=dtype), loss="L", wrt=list(values))


def both(numba: Backend, plan: Plan) -> Any:
    """The executable, after it gave the same numbers as NumPy's."""
    found, expected = numba.load(plan), NumpyBackend().load(plan)
    exact = 1e-10 if plan.dtype == "float64" else 1e-4
    assert found.loss_and_gradient() == pytest.approx(expected.loss_and_gradient(), rel=exact)
    np.testing.assert_allclose(found.gradients, expected.gradients, rtol=exact)
    np.testing.assert_allclose(found.value("p"), expected.value("p"), rtol=exact)
    return found


def leaky(x: Any, *, slope: float = 0.1) -> Any:
    if x > 0:
        return x
    return slope * math.sin(x)


def leaky_partials(x: Any, out: Any, *, slope: float) -> Any:
    return 1.0 if x > 0 else slope * math.cos(x)


def root(x: Any) -> Any:
    """The real solution y of y³ + y = x by Newton's method."""
    y = x * 1.0
    for _ in range(100):
        step = (y**3 + y - x) / (3 * y**2 + 1)
        y = y - step
        if np.all(np.abs(step) < 1e-13):
            break
    return y


def root_partials(x: Any, out: Any) -> Any:
    return 1 / (3 * out**2 + 1)


def clamped(x: Any, y: Any) -> Any:
    out = x * y + 0.0
    out[out > 0.5] = 0.5
    return out


def clamped_partials(x: Any, y: Any, out: Any) -> Any:
    inside = x * y < 0.5
    first = np.zeros_like(out)
    first[inside] = (y + 0 * x)[inside]
    second = np.zeros_like(out)
    second[inside] = (x + 0 * y)[inside]
    return first, second


TABLE = {"twice": lambda x: 2 * x, "half": lambda x: x / 2}


def looked_up(x: Any) -> Any:
    return TABLE["twice" if float(np.sum(x)) > -1e9 else "half"](x)


def looked_up_partials(x: Any, out: Any) -> Any:
    return 2.0 + 0 * float(np.sum(x)) * x


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("x", [0.7, -0.7])
def test_a_function_that_branches_runs_on_the_tape(
    numba: Backend, declare: Declare, dtype: str, x: float
) -> None:
    declare(leaky, leaky_partials)
    for slope in (0.1, 0.25):
        found = both(numba, plan_of("leaky", {"x": x}, dtype, slope=slope))
        assert type(found) is ScalarExecutable


def test_another_value_of_a_setting_compiles_nothing(numba: Backend, declare: Declare) -> None:
    operation = declare(leaky, leaky_partials)
    for slope in (0.1, 0.25):
        numba.load(plan_of("leaky", {"x": 1.0}, slope=slope))
    assert len(KERNELS._found[operation]) == 2  # the value and the partial


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", [(), (7,), (3, 4), (5000,)])
def test_a_function_that_loops_runs_on_the_machine(
    numba: Backend, declare: Declare, dtype: str, shape: tuple[int, ...]
) -> None:
    declare(root, root_partials)
    x = np.random.default_rng(1).uniform(-2, 2, shape)
    found = both(numba, plan_of("root", {"x": x}, dtype))
    assert not getattr(found, "notes", ())


@pytest.mark.parametrize(
    ("x", "y"), [((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 4), (3, 1)), ((40_000,), (40_000,))]
)
def test_a_function_that_assigns_to_elements_is_compiled_for_arrays(
    numba: Backend, declare: Declare, x: tuple[int, ...], y: tuple[int, ...]
) -> None:
    declare(clamped, clamped_partials, domain=[(-1.0, 1.0)] * 2)
    chance = np.random.default_rng(2)
    found = both(
        numba, plan_of("clamped", {"x": chance.normal(size=x), "y": chance.normal(size=y)})
    )
    assert found.notes == ()


def test_what_numba_cannot_compile_runs_with_numpy_alone_and_is_named(
    numba: Backend, declare: Declare
) -> None:
    declare(looked_up, looked_up_partials)
    found = both(numba, plan_of("looked_up", {"x": np.array([1.0, -2.0, 3.0])}))
    (note,) = found.notes
    assert note.startswith("The operation looked_up runs with NumPy, as Numba cannot compile it: ")
    assert "TABLE" in note
    assert note.count(".") == 1


def refusal(numba: Backend, plan: Plan) -> str:
    (note,) = both(numba, plan).notes
    return str(note)


def test_a_function_that_raises_errors_of_its_own_keeps_raising_them(
    numba: Backend, declare: Declare
) -> None:
    def strict(x: Any) -> Any:
        if float(np.min(x)) < -5:
            raise ValueError("too small")
        return x * 1.0

    declare(strict, lambda x, out: 1.0 + 0 * float(np.max(x)))
    assert "strict raises errors of its own" in refusal(numba, plan_of("strict", {"x": 1.0}))


def test_a_function_that_depends_on_more_than_its_input_is_not_trusted_to_numba(
    numba: Backend, declare: Declare
) -> None:
    chance = np.random.default_rng(0)

    def noisy(x: Any) -> Any:
        return math.sin(x) + np.random.standard_normal()

    def other(x: Any) -> Any:
        return math.sin(x) + float(chance.normal()) * 0

    for function in (noisy, other):
        declare(function, lambda x, out: math.cos(x))
        executable = numba.load(plan_of(function.__name__, {"x": 1.0}))
        (note,) = executable.notes
        assert f"The operation {function.__name__} runs with NumPy" in note


def test_a_function_may_call_others_of_its_file(numba: Backend, declare: Declare) -> None:
    power = 3

    def inner(x: Any, n: int) -> Any:
        return 1.0 if n == 0 else x * inner(x, n - 1)

    def outer(x: Any) -> Any:
        return abs(inner(math.sin(x), power))

    def slope(x: Any, out: Any) -> Any:
        return power * math.copysign(1.0, x) * math.cos(x) * inner(math.sin(x), power - 1)

    declare(outer, slope)
    assert type(both(numba, plan_of("outer", {"x": 0.3}))) is ScalarExecutable


def test_nan_in_is_nan_out_and_a_loop_that_never_ends_for_nan_is_not_tried(
    numba: Backend, declare: Declare
) -> None:
    def halved(x: Any) -> Any:
        while not abs(x) <= 1:
            x = x / 2
        return x

    declare(leaky, leaky_partials)
    declare(halved, lambda x, out: 1.0 if out == x else 0.5)
    plan = plan_of("leaky", {"x": math.nan})
    assert math.isnan(numba.load(plan).loss_and_gradient())
    assert "too long" in refusal(numba, plan_of("halved", {"x": 0.5}))


def of_this_process(x: Any) -> Any:
    """Nobody else has such code on disk: other tests may run at the same time."""
    return x if x > 0 else x / OWN


OWN = 2.0 + os.getpid()


def test_code_is_compiled_once_for_all_processes(
    numba: Backend, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(of_this_process, lambda x, out: 1.0 if x > 0 else 1 / OWN)
    plan = plan_of("of_this_process", {"x": 0.5})
    numba.load(plan)
    calls = list(calls_of(plan))
    assert len(calls) == 2
    monkeypatch.setattr(CFunc, "_compile_uncached", lambda self: pytest.fail("compiled again"))
    again = Kernels()
    for call in calls:
        assert isinstance(again.get(call, "float64"), Kernel)


def test_code_on_disk_that_has_ended_a_process_is_compiled_anew(
    numba: Backend, declare: Declare
) -> None:
    declare(of_this_process, lambda x, out: 1.0 if x > 0 else 1 / OWN)
    plan = plan_of("of_this_process", {"x": 0.5})
    (call, *_) = calls_of(plan)
    numba.load(plan)
    kernel = Kernels().get(call, "float64")
    assert isinstance(kernel, Kernel)
    assert kernel.keeps.cache_hits == 1
    path = kernel.keeps._cache.path
    path.with_suffix(".tried").touch()
    kernel = Kernels().get(call, "float64")
    assert isinstance(kernel, Kernel)
    assert kernel.keeps.cache_hits == 0
    assert not path.with_suffix(".tried").exists()
    assert path.exists()


def test_numpy_works_until_the_code_of_a_plugin_is_compiled(
    numba: Backend, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    numba.load(plan_of("sin", {"x": 1.0}))  # the machine itself is ready
    declare(root, root_partials)
    begin, done = threading.Event(), threading.Event()
    compiled = small_functions._compiled

    def later(*given: Any) -> Any:
        begin.wait(60)
        try:
            return compiled(*given)
        finally:
            done.set()

    monkeypatch.setattr(small_functions, "_compiled", later)
    graph = va.mlp([2, 3, 1], activation="root")
    data = load_dataset("circle", n=20)
    trainer = Trainer(graph, data, batch_size=10, backend="numba", wait=False)
    trainer.finish_epoch()
    trainer.finish_epoch()
    assert trainer.notes == ("Numba compiles root, once (about a second). NumPy trains meanwhile.",)
    assert not isinstance(numba_plan(trainer), NumbaExecutable)
    begin.set()
    for thread in threading.enumerate():
        if thread.name == "numba-small-functions":
            thread.join(60)
    trainer.finish_epoch()
    trainer.finish_epoch()
    assert isinstance(numba_plan(trainer), NumbaExecutable)
    assert trainer.notes == ()


def numba_plan(trainer: Trainer) -> Any:
    """What the training step runs on."""
    return trainer.objective._plans["step", 10]
