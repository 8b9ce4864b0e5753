"""The training step with PyTorch."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from benchmarks.peers.perceptron import RATE, Case
from benchmarks.peers.threads import pytorch
from benchmarks.task import Call, Repeated


def eager(case: Case, device: str = "cpu") -> Call:
    """As its tutorials write it: nn.Sequential and optim.SGD."""
    torch = pytorch()
    parts: list[Any] = []
    for m, n in itertools.pairwise(case.layers):
        parts += [torch.nn.Linear(m, n), torch.nn.Sigmoid()]
    model = torch.nn.Sequential(*parts[:-1]).to(device, getattr(torch, case.dtype))
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    x, y = (torch.from_numpy(array).to(device) for array in case.data())

    def call() -> None:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()

    return call


def compiled(case: Case, device: str = "cpu") -> Call:
    """torch.compile of the whole step as a function of the parameters: its strongest way."""
    torch = pytorch()
    x, y = (torch.from_numpy(array).to(device) for array in case.data())
    state = [tuple(torch.from_numpy(part).to(device) for part in pair) for pair in case.weights()]

    def loss(parameters: Any) -> Any:
        a = x
        for i, (W, b) in enumerate(parameters):
            a = torch.nn.functional.linear(a, W, b)
            if i < len(parameters) - 1:
                a = torch.sigmoid(a)
        return ((a - y) ** 2).sum() / case.batch

    def step(parameters: Any) -> Any:
        gradient, _ = torch.func.grad_and_value(loss)(parameters)
        return [
            (W - RATE * dW, b - RATE * db)
            for (W, b), (dW, db) in zip(parameters, gradient, strict=True)
        ]

    whole = torch.compile(step)
    held = [state]

    def call() -> None:
        with torch.no_grad():
            held[0] = whole(held[0])

    return call


def on_a_gpu(case: Case, prepare: Callable[[Case, str], Call]) -> Repeated:
    """Many steps one after the other; the GPU is waited for at their end, as in a real loop.

    Raises:
        ImportError: where there is no GPU.
    """
    torch = pytorch()
    if not torch.cuda.is_available():
        raise ImportError("PyTorch finds no GPU")
    step = prepare(case, "cuda")

    def call() -> None:
        for _ in range(case.loop):
            step()
        torch.cuda.synchronize()

    return Repeated(call, case.loop)
