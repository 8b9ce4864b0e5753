"""The Numba backend beside its numbers: accuracy, what it says, what it does when things fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visualad as va
from tests.engine.networks import perceptron
from tests.strategies import Drawing
from visualad.engine import Backend, NumpyBackend, Update, backend, compile_plan
from visualad.engine.backend import BACKENDS
from visualad.errors import BackendError, ShapeError
from visualad.ops.declaration import REGISTRY, Operation
from visualad.plugins import load_plugins
from visualad.training.datasets import load as load_dataset
from visualad.training.trainer import Trainer

pytest.importorskip("numba")
pytest.importorskip("scipy")
visualad_numba = pytest.importorskip("visualad_numba")
pytestmark = pytest.mark.timeout(600)  # the first run on a machine compiles the backend

from visualad_numba import cache, warming  # noqa: E402
from visualad_numba.backend import NumbaBackend  # noqa: E402

load_plugins()


@pytest.fixture(scope="module")
def numba() -> Backend:
    return backend("numba")


def value_of(numba: Backend, op: str, x: Any) -> Any:
    drawing = Drawing()
    drawing.node("variable", name="x", value=x)
    drawing.node(op, "x", name="y")
    executable = numba.load(compile_plan(drawing.graph(dtype=str(np.asarray(x).dtype))))
    executable.run()
    return executable.value("y")


# Accuracy -----------------------------------------------------------------------------------------

RANDOM = np.random.default_rng(0)
NEAR_ONE = RANDOM.normal(size=5_000)
# Operation, the most it may be off in units in the last place, points.
ACCURACY: list[tuple[str, Callable[..., Any], float, Any]] = [
    ("exp", np.exp, 1.0, np.r_[NEAR_ONE, RANDOM.uniform(-700, 700, 5_000)]),
    ("expm1", np.expm1, 2.0, np.r_[NEAR_ONE, NEAR_ONE * 1e-3, RANDOM.uniform(-50, 700, 2_000)]),
    ("log", np.log, 1.0, np.r_[np.exp(RANDOM.uniform(-300, 300, 5_000)), 1 + NEAR_ONE * 1e-4]),
    ("tanh", np.tanh, 2.5, np.r_[NEAR_ONE, NEAR_ONE * 1e-3, RANDOM.uniform(-25, 25, 2_000)]),
    ("sin", np.sin, 2.0, np.r_[NEAR_ONE, RANDOM.uniform(-1e5, 1e5, 5_000)]),
    ("cos", np.cos, 2.0, np.r_[NEAR_ONE, RANDOM.uniform(-1e5, 1e5, 5_000)]),
]


@pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63, reason="needs a longer type than float64 as reference"
)
@pytest.mark.parametrize(("op", "exact", "most", "x"), ACCURACY, ids=[row[0] for row in ACCURACY])
def test_polynomials_are_accurate_to_the_last_places(
    numba: Backend, op: str, exact: Callable[..., Any], most: float, x: Any
) -> None:
    wanted = exact(x.astype(np.longdouble))
    error = np.abs(value_of(numba, op, x) - wanted) / np.spacing(np.abs(wanted.astype(float)))
    assert float(error.max()) <= most


@pytest.mark.parametrize("op", ["exp", "tanh", "sigmoid"])
def test_polynomials_are_accurate_in_float32(numba: Backend, op: str) -> None:
    x = np.r_[NEAR_ONE, RANDOM.uniform(-80, 80, 5_000)].astype(np.float32)
    wanted = REGISTRY[op].function(x.astype(np.float64))
    found = value_of(numba, op, x)
    error = np.abs(found - wanted) / np.spacing(np.abs(wanted).astype(np.float32))
    assert found.dtype == np.float32
    assert float(error.max()) <= 2.5


@pytest.mark.parametrize("x", [709.78, -708.5, -740.0, -745.13, -746.0, 1e5 + 0.5, 1e22, -np.pi])
@pytest.mark.parametrize("op", ["exp", "sin", "cos", "tanh"])
def test_numbers_at_the_edges_are_those_of_the_c_library(numba: Backend, op: str, x: float) -> None:
    with np.errstate(over="ignore"):
        wanted = REGISTRY[op].function(x)
    for shape in ((), (5,)):
        found = value_of(numba, op, np.full(shape, x)[()])
        np.testing.assert_allclose(found, wanted, rtol=1e-14, atol=5e-324)


def test_zero_keeps_its_sign(numba: Backend) -> None:
    for op in ("sin", "tanh"):
        assert np.all(np.signbit(value_of(numba, op, np.full(5, -0.0))))


# Large arrays -------------------------------------------------------------------------------------


def test_many_points_agree_with_numpy_and_every_value_can_be_looked_at(numba: Backend) -> None:
    count = 40_001
    graph = va.parse("y = (x1*x2*sin(x3) + exp(x1*x2)) / x3 + cos(x3)\nL = sum(y)")
    shapes = dict.fromkeys(("x1", "x2", "x3"), (count,))
    plan = compile_plan(graph, shapes, outputs=["y"], loss="L", wrt=list(shapes))
    at = {name: RANDOM.uniform(0.5, 2, count) for name in shapes}
    found, expected = numba.load(plan), NumpyBackend().load(plan)
    assert found.loss_and_gradient(at) == pytest.approx(expected.loss_and_gradient(at))
    np.testing.assert_allclose(found.gradients, expected.gradients, rtol=1e-12)
    for name in plan.values:
        np.testing.assert_allclose(found.value(name), expected.value(name), rtol=1e-12)
    np.testing.assert_allclose(found.run(at)["y"], expected.run(at)["y"], rtol=1e-12)


def test_large_networks_agree_with_numpy(numba: Backend) -> None:
    plan = compile_plan(perceptron([300, 200, 10], 200), loss="L")
    found, expected = numba.load(plan), NumpyBackend().load(plan)
    assert found.loss_and_gradient() == pytest.approx(expected.loss_and_gradient(), rel=1e-12)
    np.testing.assert_allclose(found.gradients, expected.gradients, rtol=1e-9, atol=1e-9)


# What runs with NumPy -----------------------------------------------------------------------------


@pytest.fixture
def largest_first() -> Iterator[Operation]:
    def largest_first(x: Any) -> Any:
        return x * (2.0 if float(x[0]) > 0 else 5.0)

    found = Operation(largest_first, plugin="test")
    found.vjp(lambda g, *, x, out: g * (2.0 if float(x[0]) > 0 else 5.0))
    REGISTRY.add(found)
    yield found
    REGISTRY.remove(found.name)


@pytest.mark.usefixtures("largest_first")
def test_an_operation_that_decides_by_numbers_runs_with_numpy_alone(numba: Backend) -> None:
    drawing = Drawing()
    drawing.node("variable", name="x", value=np.array([3.0, -1.0, 2.0]))
    drawing.node("largest_first", drawing.node("sin", "x"), name="p")
    drawing.node("sum", drawing.node("exp", "p"), name="L")
    plan = compile_plan(drawing.graph(), loss="L", wrt=["x"])
    found, expected = numba.load(plan), NumpyBackend().load(plan)
    for sign in (1, -1):
        x = {"x": sign * np.array([3.0, -1.0, 2.0])}
        assert found.loss_and_gradient(x) == pytest.approx(expected.loss_and_gradient(x))
        np.testing.assert_allclose(found.gradients, expected.gradients)
    notes: Any = getattr(found, "notes", ())
    assert notes == ("The operation largest_first runs with NumPy.",)


def test_node_types_made_of_numpy_functions_run_on_the_machine(numba: Backend) -> None:
    def bump(x: Any, *, width: float = 2.0) -> Any:
        return np.exp(-((x / width) ** 2)) / (1 + np.abs(x))

    found = Operation(bump, plugin="test")
    found.partials(lambda x, out, *, width: -out * (2 * x / width**2 + np.sign(x) / (1 + abs(x))))
    REGISTRY.add(found)
    try:
        drawing = Drawing()
        drawing.node("variable", name="x", value=np.array([3.0, -1.0, 0.5]))
        drawing.node("sum", drawing.node("bump", "x", width=1.5), name="L")
        plan = compile_plan(drawing.graph(), loss="L", wrt=["x"])
        ours, expected = numba.load(plan), NumpyBackend().load(plan)
        assert ours.loss_and_gradient() == pytest.approx(expected.loss_and_gradient())
        np.testing.assert_allclose(ours.gradients, expected.gradients)
        assert not getattr(ours, "notes", ())
    finally:
        REGISTRY.remove("bump")


def test_training_leaves_other_threads_alone(numba: Backend) -> None:
    executable: Any = numba.load(compile_plan(perceptron([2, 8, 8, 1], 10), loss="L"))
    data = {"X": RANDOM.normal(size=(10, 2)), "Y": RANDOM.normal(size=(10, 1))}
    order = np.tile(np.arange(10), 100_000)
    count, done = [0], threading.Event()

    def work() -> None:
        while not done.is_set():
            count[0] += 1

    other = threading.Thread(target=work)
    other.start()
    before = count[0]
    executable.train_steps(data, order, 10, Update("sgd", (1e-6,)))
    after = count[0]
    done.set()
    other.join()
    assert after - before > 1_000


def test_samples_may_lie_in_any_order_but_must_be_there(numba: Backend) -> None:
    plan = compile_plan(perceptron([2, 3, 1], 5), loss="L")
    data = {"X": RANDOM.normal(size=(9, 2)), "Y": RANDOM.normal(size=(9, 1))}
    losses = []
    for order in ("C", "F"):
        executable: Any = numba.load(plan)
        tables = {name: np.array(table, order=order) for name, table in data.items()}
        losses.append(executable.train_steps(tables, np.arange(5) + 4, 5, Update("sgd", (0.1,))))
    fixed = np.arange(5) + 4
    fixed.flags.writeable = False
    losses.append(numba.load(plan).train_steps(data, fixed, 5, Update("sgd", (0.1,))))
    np.testing.assert_array_equal(losses, np.broadcast_to(losses[0], (3, 1)))
    for wrong in (np.arange(5) + 5, np.arange(5) - 1):
        with pytest.raises(ShapeError, match="not among the 9 given"):
            executable.train_steps(data, wrong, 5, Update("sgd", (0.1,)))


def test_other_data_and_optimisers_are_noticed_between_calls(numba: Backend) -> None:
    plan = compile_plan(perceptron([2, 3, 1], 5), loss="L")
    executable: Any = numba.load(plan)
    start = executable.parameters.copy()
    order = np.arange(5)

    def one_step(data: Any, update: Update) -> Any:
        executable.parameters[...] = start
        executable.train_steps(data, order, 5, update)
        return executable.parameters.copy()

    data = {"X": RANDOM.normal(size=(9, 2)), "Y": RANDOM.normal(size=(9, 1))}
    other = {name: table + 1.0 for name, table in data.items()}
    update = Update("momentum", (0.1, 0.5), (np.zeros_like(start),))
    first = one_step(data, update)
    assert not np.allclose(one_step(other, update), first)
    update.memory, update.count = (np.zeros_like(start),), 0
    np.testing.assert_array_equal(one_step(data, update), first)
    update.memory[0][...] = 0
    update.numbers = (0.2, 0.5)
    np.testing.assert_allclose(one_step(data, update) - start, 2 * (first - start))
    data["X"][...] = other["X"]
    update.memory[0][...] = 0
    assert not np.allclose(one_step(data, update) - start, 2 * (first - start))


# Getting ready ------------------------------------------------------------------------------------


def test_nothing_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    absent = NumbaBackend()
    assert not absent.is_available()
    assert "pip install numba scipy" in absent.description


def test_a_folder_that_cannot_be_written_is_said_and_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "file"))
    folder, sentence = cache.folder.__wrapped__()
    assert folder.is_dir()
    assert "cannot be kept in" in sentence
    assert cache.FOLDER_VARIABLE in sentence
    folder.rmdir()


def test_a_machine_on_disk_that_cannot_be_read_is_compiled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries = []
    discarded = []

    def warm(dtype: str) -> None:
        tries.append(dtype)
        if len(tries) == 1:
            raise EOFError("Ran out of input")

    monkeypatch.setattr(warming, "warm", warm)
    monkeypatch.setattr(cache, "discard", lambda: discarded.append(True))
    monkeypatch.setattr(cache, "is_complete", lambda dtype: True)
    prepared = NumbaBackend()
    prepared.load(compile_plan(perceptron([2, 3, 1], 5), loss="L"))
    assert prepared.is_ready("float64")
    assert prepared.status == ""
    assert (len(tries), discarded) == (2, [True])


def test_a_machine_that_cannot_be_compiled_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def warm(dtype: str) -> None:
        raise RuntimeError("no LLVM for this processor")

    monkeypatch.setattr(warming, "warm", warm)
    monkeypatch.setattr(cache, "discard", lambda: None)
    monkeypatch.setattr(cache, "is_complete", lambda dtype: True)
    failing = NumbaBackend()
    with pytest.raises(BackendError, match=r"could not be compiled here \(no LLVM"):
        failing.load(compile_plan(perceptron([2, 3, 1], 5), loss="L"))
    assert not failing.is_available()
    assert "no LLVM" in failing.status


class Slow(NumpyBackend):
    """NumPy as a backend that is ready when it is told so."""

    name = "slow"
    status = "Getting ready."

    def __init__(self) -> None:
        self.ready = False
        self.loaded = 0

    def prepare(self, dtype: str) -> None:
        pass

    def is_ready(self, dtype: str) -> bool:
        return self.ready

    def load(self, plan: Any, parameters: Any = None) -> Any:
        self.loaded += 1
        return super().load(plan, parameters)


def test_numpy_trains_until_the_backend_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    monkeypatch.setitem(BACKENDS, "slow", slow)
    graph = va.mlp([2, 4, 1], data="circle")
    trainer = Trainer(graph, load_dataset("circle"), batch_size=10, backend="slow", wait=False)
    for _ in range(3):
        trainer.finish_epoch()
    assert (trainer.epoch, slow.loaded) == (2, 0)
    assert trainer.notes == ("Getting ready. NumPy trains meanwhile.",)
    slow.ready = True
    slow.status = ""
    trainer.finish_epoch()
    assert slow.loaded > 0
    assert trainer.notes == ()
    expected = Trainer(graph, load_dataset("circle"), batch_size=10)
    for _ in range(4):
        expected.finish_epoch()
    assert trainer.history.train == expected.history.train
