"""Value and gradient of the lecture's function at a million points at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.ours import NUMBA, NUMPY, load
from benchmarks.peers.threads import pytorch as library
from benchmarks.task import Prepare, Repeated, Task

FORMULA = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"
COUNT = 1_000_000

Array = Any  # of NumPy


def _points() -> tuple[Array, Array, Array]:
    """x1, x2, x3, each of shape (COUNT,)."""
    random = np.random.default_rng(0)
    x1, x2, x3 = (random.uniform(0.5, 2.0, COUNT) for _ in range(3))
    return x1, x2, x3


def ours(backend: str) -> Repeated:
    """The graph that stands, summed over the points, so that its gradient is that of each point."""
    import visualad as va
    from visualad.engine import compile_plan

    graph = va.parse(f"y = {FORMULA}\nL = sum(y)")
    shapes = dict.fromkeys(("x1", "x2", "x3"), (COUNT,))
    plan = compile_plan(graph, shapes, outputs=["y"], loss="L", wrt=["x1", "x2", "x3"])
    executable = load(plan, backend)
    executable.loss_and_gradient(dict(zip(shapes, _points(), strict=True)))
    return Repeated(executable.loss_and_gradient, COUNT)


def by_hand() -> Repeated:
    """The derivatives by hand, in NumPy with its temporaries."""
    x1, x2, x3 = _points()

    def call() -> tuple[Array, ...]:
        a = x1 * x2
        s, e = np.sin(x3), np.exp(a)
        y = (a * s + e) / x3
        da = (s + e) / x3
        return y, da * x2, da * x1, (a * np.cos(x3) - y) / x3

    return Repeated(call, COUNT)


def autograd() -> Repeated:
    """HIPS/autograd."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    def function(x: Any) -> Any:
        x1, x2, x3 = x
        return anp.sum((x1 * x2 * anp.sin(x3) + anp.exp(x1 * x2)) / x3)

    differentiated = value_and_grad(function)
    points = list(_points())
    return Repeated(lambda: differentiated(points), COUNT)


def mygrad() -> Repeated:
    """MyGrad."""
    import mygrad as mg

    x1, x2, x3 = (mg.tensor(x) for x in _points())

    def call() -> None:
        mg.sum((x1 * x2 * mg.sin(x3) + mg.exp(x1 * x2)) / x3).backward()

    return Repeated(call, COUNT)


def pytorch() -> Repeated:
    """PyTorch, eager."""
    torch = library()
    points = [torch.from_numpy(x).requires_grad_() for x in _points()]

    def call() -> object:
        x1, x2, x3 = points
        value = (x1 * x2 * torch.sin(x3) + torch.exp(x1 * x2)) / x3
        return value, torch.autograd.grad(value.sum(), points)

    return Repeated(call, COUNT)


def pytorch_compiled() -> Repeated:
    """torch.compile of the value and gradient of one point, mapped over all."""
    torch = library()
    points = [torch.from_numpy(x) for x in _points()]

    def function(x1: Any, x2: Any, x3: Any) -> Any:
        return (x1 * x2 * torch.sin(x3) + torch.exp(x1 * x2)) / x3

    one = torch.func.grad_and_value(function, argnums=(0, 1, 2))
    compiled = torch.compile(torch.func.vmap(one))
    return Repeated(lambda: compiled(*points), COUNT)


def jax() -> Repeated:
    """JAX: the gradient of one point, mapped over all and compiled."""
    import jax as framework
    import jax.numpy as jnp

    framework.config.update("jax_enable_x64", True)

    def function(x1: Any, x2: Any, x3: Any) -> Any:
        return (x1 * x2 * jnp.sin(x3) + jnp.exp(x1 * x2)) / x3

    one = framework.value_and_grad(function, argnums=(0, 1, 2))
    compiled = framework.jit(framework.vmap(one))
    points = [jnp.asarray(x) for x in _points()]
    return Repeated(lambda: framework.block_until_ready(compiled(*points)), COUNT)


CONTESTANTS: dict[str, Prepare] = {
    NUMPY: lambda: ours("numpy"),
    NUMBA: lambda: ours("numba"),
    "NumPy by hand": by_hand,
    "PyTorch eager": pytorch,
    "PyTorch compile": pytorch_compiled,
    "JAX jit(vmap)": jax,
    "autograd": autograd,
    "MyGrad": mygrad,
}

TASKS = {
    "points": Task(
        "The lecture's function at a million points: values and gradients", "point", CONTESTANTS
    )
}
