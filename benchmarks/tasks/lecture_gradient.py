"""Value and gradient of (x1 x2 sin x3 + exp(x1 x2)) / x3 at one point, from a graph that stands."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from benchmarks.task import Task

TITLE = "The lecture's function: value and gradient at one point"
FORMULA = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"
POINT = {"x1": 1.0, "x2": 2.0, "x3": math.pi / 2}


def ours() -> Callable[[], object]:
    """The NumPy backend on a compiled plan."""
    import visualad as va
    from visualad.engine import NumpyBackend, compile_plan

    graph = va.parse(FORMULA)
    executable = NumpyBackend().load(compile_plan(graph, loss=graph.outputs[0], wrt=graph.inputs))
    return lambda: executable.loss_and_gradient(POINT)


def steps() -> Callable[[], object]:
    """The sweep with every step, as the window shows it."""
    import visualad as va

    graph = va.parse(FORMULA)
    return lambda: [step.numeric.text for step in va.sweep(graph, POINT, mode="backward")]


def micrograd() -> Callable[[], object]:
    """micrograd, with sine and exponential added in its own style."""
    from micrograd.engine import Value

    def function_of(x: Any, value: float, slope: float) -> Any:
        out = Value(value, (x,))

        def backward() -> None:
            x.grad += slope * out.grad

        out._backward = backward
        return out

    def call() -> None:
        x1, x2, x3 = (Value(v) for v in POINT.values())
        sine = function_of(x3, math.sin(x3.data), math.cos(x3.data))
        product = x1 * x2
        power = math.exp(product.data)
        ((x1 * x2 * sine + function_of(product, power, power)) / x3).backward()

    return call


def autograd() -> Callable[[], object]:
    """HIPS/autograd."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    def function(x: Any) -> Any:
        return (x[0] * x[1] * anp.sin(x[2]) + anp.exp(x[0] * x[1])) / x[2]

    compiled = value_and_grad(function)
    point = list(POINT.values())
    return lambda: compiled(point)


def pytorch() -> Callable[[], object]:
    """PyTorch, eager."""
    import torch

    point = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in POINT.values()]

    def call() -> object:
        x1, x2, x3 = point
        value = (x1 * x2 * torch.sin(x3) + torch.exp(x1 * x2)) / x3
        return torch.autograd.grad(value, point)

    return call


def jax() -> Callable[[], object]:
    """JAX, compiled, from Python floats."""
    import jax as library
    import jax.numpy as jnp

    library.config.update("jax_enable_x64", True)

    def function(x1: Any, x2: Any, x3: Any) -> Any:
        return (x1 * x2 * jnp.sin(x3) + jnp.exp(x1 * x2)) / x3

    compiled = library.jit(library.value_and_grad(function, argnums=(0, 1, 2)))
    point = tuple(POINT.values())
    return lambda: library.block_until_ready(compiled(*point))


CONTESTANTS = {
    "VisualAD, NumPy": ours,
    "VisualAD, all steps with text": steps,
    "micrograd": micrograd,
    "autograd": autograd,
    "PyTorch eager": pytorch,
    "JAX jit": jax,
}

TASKS = {"lecture_gradient": Task(TITLE, "call", CONTESTANTS)}
