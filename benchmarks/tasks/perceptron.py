"""Full training steps (forward, backward, SGD) of perceptrons, from tiny to large."""

from __future__ import annotations

import functools
from collections.abc import Callable

from benchmarks.ours import NUMBA, NUMBA_LOOP, NUMPY, load, train_many, trains_many
from benchmarks.peers import perceptron_jax, perceptron_numpy, perceptron_torch
from benchmarks.peers.perceptron import RATE, Case
from benchmarks.task import Call, Prepare, Repeated, Task
from visualad.engine.plan import Plan

SIZES: dict[str, tuple[tuple[int, ...], int, int]] = {
    "a10": ((2, 8, 8, 1), 10, 1000),
    "a250": ((2, 8, 8, 1), 250, 200),
    "b": ((1, 64, 1), 100, 200),
    "c": ((64, 128, 128, 10), 64, 20),
    "d": ((784, 512, 512, 10), 128, 2),
}


def step(case: Case, backend: str) -> Call:
    """One step per call from Python, as the training loop does it: in one call where it can."""
    from visualad.training.optimizers import SGD

    executable = load(_plan(case), backend)
    x, y = case.data()
    batch = {"X": x, "Y": y}
    if trains_many(executable):
        return train_many(executable, batch, SGD(RATE), 1)
    optimizer = SGD(RATE).start(executable.parameters)

    def call() -> None:
        executable.loss_and_gradient(batch)
        optimizer.step(executable.parameters, executable.gradients)

    return call


def loop(case: Case, backend: str) -> Repeated:
    """Many steps per call, where a backend can."""
    from visualad.training.optimizers import SGD

    executable = load(_plan(case), backend)
    x, y = case.data()
    return Repeated(train_many(executable, {"X": x, "Y": y}, SGD(RATE), case.loop), case.loop)


def _plan(case: Case) -> Plan:
    import visualad as va
    from visualad.engine import compile_plan

    graph = va.mlp(
        list(case.layers), activation="sigmoid", loss="mean_squared_error", dtype=case.dtype
    )
    x, y = case.data()
    return compile_plan(graph, {"X": x.shape, "Y": y.shape}, outputs=[], loss="L")


def _contestants(name: str, case: Case) -> dict[str, Prepare]:
    found: dict[str, Callable[[Case], Call | Repeated]] = {
        NUMPY: functools.partial(step, backend="numpy"),
        NUMBA: functools.partial(step, backend="numba"),
        NUMBA_LOOP: functools.partial(loop, backend="numba"),
        "the lecture's classes": perceptron_numpy.lecture,
        "PyTorch eager": perceptron_torch.eager,
        "PyTorch compile": perceptron_torch.compiled,
        "JAX jit": perceptron_jax.jit,
        "JAX scan": perceptron_jax.scan,
        "autograd": perceptron_numpy.autograd,
        "MyGrad": perceptron_numpy.mygrad,
    }
    if name == "a10" and case.dtype == "float64":
        found["micrograd"] = perceptron_numpy.micrograd
    if name == "d":
        found["the machine's limit"] = perceptron_numpy.limit
    return {who: functools.partial(prepare, case) for who, prepare in found.items()}


TASKS = {
    f"perceptron {name} {dtype}": Task(
        f"Perceptron {'-'.join(map(str, layers))}, batch {batch}, {dtype}: a full training step",
        "step",
        _contestants(name, Case(layers, batch, dtype, loop)),
    )
    for name, (layers, batch, loop) in SIZES.items()
    for dtype in ("float64", "float32")
}
