"""The training step with JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.peers.perceptron import RATE, Case
from benchmarks.task import Call, Repeated

Function = Callable[[Any], Any]


def gradient(case: Case) -> Function:
    """The gradient of the loss as a function of the parameters, not yet compiled."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", case.dtype == "float64")
    x, y = (jnp.asarray(array) for array in case.data())

    def loss(parameters: Any) -> Any:
        a = x
        for i, (W, b) in enumerate(parameters):
            a = a @ W.T + b
            if i < len(parameters) - 1:
                a = jax.nn.sigmoid(a)
        return jnp.sum((a - y) ** 2) / case.batch

    found: Function = jax.value_and_grad(loss)
    return found


def jit(case: Case) -> Call:
    """One compiled step per call, and its end is waited for."""
    import jax

    compiled = jax.jit(_step(case))
    state = [case.weights()]

    def call() -> None:
        state[0] = jax.block_until_ready(compiled(state[0]))

    return call


def scan(case: Case) -> Repeated:
    """Many steps in one compiled call."""
    import jax

    step = _step(case)
    many = jax.jit(
        lambda state: jax.lax.scan(
            lambda held, _: (step(held), None), state, None, length=case.loop, unroll=4
        )[0]
    )
    state = [case.weights()]

    def call() -> None:
        state[0] = jax.block_until_ready(many(state[0]))

    return Repeated(call, case.loop)


def _step(case: Case) -> Function:
    import jax

    differentiated = gradient(case)

    def step(parameters: Any) -> Any:
        _, found = differentiated(parameters)
        return jax.tree.map(lambda p, g: p - RATE * g, parameters, found)

    return step


def on_a_gpu(case: Case) -> Repeated:
    """`scan` on a GPU, with products in full precision as everybody's.

    Raises:
        ImportError: where JAX finds no GPU.
    """
    import jax

    if jax.default_backend() != "gpu":
        raise ImportError("JAX finds no GPU")
    jax.config.update("jax_default_matmul_precision", "highest")
    return scan(case)
