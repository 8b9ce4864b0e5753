"""Training steps of perceptrons on a GPU, ours beside the peers on the same one.

Each contestant does many steps and waits for the GPU at their end. Products are in full precision
for everybody (no TF32).
"""

from __future__ import annotations

import functools

from benchmarks.ours import CUDA, CUDA_LOOP, NUMBA_LOOP
from benchmarks.peers import perceptron_jax, perceptron_torch
from benchmarks.peers.perceptron import Case
from benchmarks.task import Prepare, Task
from benchmarks.tasks.perceptron import loop, step

SIZES: dict[str, tuple[tuple[int, ...], int, int]] = {
    "c": ((64, 128, 128, 10), 64, 200),
    "d": ((784, 512, 512, 10), 128, 100),
    "e": ((784, 2048, 2048, 10), 1024, 20),
}


def _contestants(name: str, case: Case) -> dict[str, Prepare]:
    torch = perceptron_torch
    found: dict[str, Prepare] = {
        CUDA_LOOP: functools.partial(loop, case, "cuda"),
        CUDA: functools.partial(step, case, "cuda"),
        "PyTorch eager": functools.partial(torch.on_a_gpu, case, torch.eager),
        "PyTorch compile": functools.partial(torch.on_a_gpu, case, torch.compiled),
        "JAX scan": functools.partial(perceptron_jax.on_a_gpu, case),
    }
    if name != "e":  # a second for each step on a processor
        found[NUMBA_LOOP] = functools.partial(loop, case, "numba")
    return found


TASKS = {
    f"gpu {name} {dtype}": Task(
        f"On a GPU: perceptron {'-'.join(map(str, layers))}, batch {batch}, {dtype}, a full "
        "training step",
        "step",
        _contestants(name, Case(layers, batch, dtype, steps)),
    )
    for name, (layers, batch, steps) in SIZES.items()
    for dtype in ("float32", "float64")
}
