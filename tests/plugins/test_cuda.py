"""The CUDA backend where there is no GPU; `tests/engine/test_conformance.py` has the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("visualad_cuda")
from visualad_cuda.backend import CudaBackend

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


@pytest.mark.skipif(MISSING, reason="there is no NVIDIA GPU with CuPy and numba-cuda here")
def test_with_a_gpu_the_backend_is_available() -> None:
    # The conformance suite then runs on it as on every backend.
    assert CudaBackend().description.startswith("NVIDIA GPU")
