"""The CUDA backend where there is no GPU; `tests/engine/test_conformance.py` has the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("visualad_cuda")
from visualad_cuda.backend import CudaBackend

import visualad as va
from tests.plugins.cuda_stand_in import NumpyDevice
from visualad.engine import compile_plan
from visualad.errors import BackendError
from visualad.graph.parser import parse

FOLDER = Path(__file__).parents[2] / "plugins" / "visualad-cuda" / "tests"
MISSING = not CudaBackend().is_available()


def test_the_kernel_passes_its_tests_in_the_simulator() -> None:
    pytest.importorskip("numba")
    # The simulator takes the place of CUDA for a whole process.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(FOLDER)]
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    found = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_loading_the_backend_imports_neither_cupy_nor_numba() -> None:
    code = (
        "import sys, visualad_cuda.backend, visualad_cuda.executable;"
        "print(*({'cupy', 'numba'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


@pytest.mark.skipif(not MISSING, reason="a GPU is at hand, so nothing is missing")
def test_without_a_gpu_it_says_what_is_missing_and_what_to_do() -> None:
    backend = CudaBackend()
    sentence = backend.description
    assert "pip install" in sentence or "nvidia-smi" in sentence or "driver" in sentence
    with pytest.raises(BackendError, match="'cuda' cannot run here"):
        backend.load(compile_plan(parse("x*y")))


@pytest.fixture
def on_numpy() -> CudaBackend:
    """The backend as if there were a GPU, which is NumPy."""
    backend = CudaBackend()
    # These are found out once, when they are first asked for.
    vars(backend).update(_problem="", _device="a GPU of NumPy's", _gpu=NumpyDevice())
    return backend


def test_it_gets_ready_in_the_background_once_for_a_dtype(on_numpy: CudaBackend) -> None:
    assert not on_numpy.is_ready("float32")
    on_numpy.prepare("float32")
    loaded = on_numpy.load(compile_plan(parse("y = 2*x").with_(dtype="float32"), loss="y"))
    assert on_numpy.is_ready("float32")
    assert not on_numpy.is_ready("float64")
    assert on_numpy.status == ""
    assert on_numpy.description == "NVIDIA GPU: a GPU of NumPy's"
    assert loaded.loss_and_gradient({"x": 3.0}) == 6.0


def test_libraries_that_fail_when_cuda_starts_are_named_with_what_to_do(
    on_numpy: CudaBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(plan: object, parameters: object) -> None:
        raise ImportError("no file libcublas.so")

    monkeypatch.setattr(on_numpy, "_loaded", fail)
    with pytest.raises(BackendError, match=r"does not start \(no file libcublas.*pip install"):
        on_numpy.load(compile_plan(parse("y = 2*x"), loss="y"))
    assert not on_numpy.is_available()
    assert "libcublas" in on_numpy.description


# With a GPU the conformance suite runs on it, too, as on every backend.
on_a_gpu = pytest.mark.skipif(
    MISSING, reason="there is no NVIDIA GPU with CuPy and numba-cuda here"
)


@on_a_gpu
def test_with_a_gpu_the_backend_is_available() -> None:
    assert CudaBackend().description.startswith("NVIDIA GPU")


@on_a_gpu
def test_training_steps_and_gradients_become_one_launch_each() -> None:
    graph = va.mlp([64, 128, 10], activation="relu", loss="softmax_cross_entropy", dtype="float32")
    plan = compile_plan(graph, {"X": (32, 64), "Y": (32, 10)}, loss="L")
    executable = CudaBackend().load(plan)
    chance = np.random.default_rng(0)
    data = {
        "X": chance.normal(size=(96, 64)).astype("float32"),
        "Y": np.eye(10, dtype="float32")[chance.integers(0, 10, 96)],
    }
    update = va.Adam(0.01).start(executable.parameters).update
    losses = executable.train_steps(data, np.tile(np.arange(96), 20), 32, update)
    assert losses[-1] < losses[0] / 2
    for _ in range(3):
        executable.loss_and_gradient()
    for recording in (executable._training._step, executable._compute_gradient):
        assert recording.problem == ""
        assert recording.is_recorded


@on_a_gpu
def test_what_does_not_fit_into_the_memory_of_the_gpu_is_told_in_a_sentence() -> None:
    graph = parse("L = sum(matmul(x, y))")
    plan = compile_plan(graph, {"x": (400_000, 1), "y": (1, 400_000)}, loss="L")
    with pytest.raises(BackendError, match="The memory of the GPU is full; take a smaller"):
        CudaBackend().load(plan)
    small = CudaBackend().load(compile_plan(parse("L = 2*x"), loss="L"))
    assert small.loss_and_gradient({"x": 3.0}) == 6.0
