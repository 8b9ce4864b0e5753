"""One training step (forward, backward, SGD) of a 2-8-8-1 sigmoid perceptron, batch of 10."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any  # of NumPy

TITLE = "Perceptron 2-8-8-1, batch 10, float64: one full training step"
LAYERS = (2, 8, 8, 1)
BATCH = 10
RATE = 0.1


def data() -> tuple[Array, Array]:
    """The batch: X of shape (10, 2), Y of shape (10, 1)."""
    random = np.random.default_rng(0)
    x = random.normal(size=(BATCH, LAYERS[0]))
    return x, np.sign(x[:, :1] * x[:, 1:])


def weights() -> list[tuple[Array, Array]]:
    """(W, b) of each layer, W of shape (out, in)."""
    random = np.random.default_rng(1)
    pairs = itertools.pairwise(LAYERS)
    return [(random.normal(size=(n, m)) / np.sqrt(m), np.zeros(n)) for m, n in pairs]


def ours() -> Callable[[], object]:
    """The graph's plan on the NumPy backend; the update on the flat buffers."""
    import visualad as va
    from visualad.engine import NumpyBackend, compile_plan

    x, y = data()
    graph = va.mlp(list(LAYERS), activation="sigmoid", loss="mean_squared_error")
    executable = NumpyBackend().load(
        compile_plan(graph, {"X": x.shape, "Y": y.shape}, outputs=[], loss="L")
    )
    batch = {"X": x, "Y": y}
    parameters, gradients = executable.parameters, executable.gradients
    change = np.empty_like(parameters)

    def call() -> None:
        executable.loss_and_gradient(batch)
        np.multiply(gradients, RATE, out=change)
        np.subtract(parameters, change, out=parameters)

    return call


class Linear:
    """h = a Wᵀ + b, as taught: each class keeps what its backward needs."""

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W, b

    def forward(self, a: Array) -> Array:
        self.a = a
        return a @ self.W.T + self.b

    def backward(self, g: Array) -> Array:
        below = g @ self.W
        self.W -= RATE * (g.T @ self.a)
        self.b -= RATE * g.sum(axis=0)
        return below


class Sigmoid:
    """The activation as taught."""

    def forward(self, h: Array) -> Array:
        self.s = 1 / (1 + np.exp(-h))
        return self.s

    def backward(self, g: Array) -> Array:
        return g * self.s * (1 - self.s)


def lecture() -> Callable[[], object]:
    """The lecture's classes in plain NumPy."""
    x, y = data()
    layers: list[Any] = []
    for W, b in weights():
        layers += [Linear(W, b), Sigmoid()]
    layers.pop()

    def call() -> None:
        a = x
        for layer in layers:
            a = layer.forward(a)
        g = 2 * (a - y) / BATCH
        for layer in reversed(layers):
            g = layer.backward(g)

    return call


def autograd() -> Callable[[], object]:
    """HIPS/autograd."""
    import autograd.numpy as anp
    from autograd import grad

    x, y = data()

    def loss(parameters: list[Any]) -> Any:
        a = x
        for i, (W, b) in enumerate(parameters):
            a = anp.dot(a, W.T) + b
            if i < len(parameters) - 1:
                a = 1 / (1 + anp.exp(-a))
        return anp.sum((a - y) ** 2) / BATCH

    gradient = grad(loss)
    state = weights()

    def call() -> None:
        for (W, b), (dW, db) in zip(state, gradient(state), strict=True):
            np.subtract(W, RATE * dW, out=W)
            np.subtract(b, RATE * db, out=b)

    return call


def pytorch() -> Callable[[], object]:
    """PyTorch, eager, nn.Module and optim.SGD."""
    import torch

    torch.manual_seed(0)
    parts: list[Any] = []
    for m, n in itertools.pairwise(LAYERS):
        parts += [torch.nn.Linear(m, n), torch.nn.Sigmoid()]
    model = torch.nn.Sequential(*parts[:-1]).double()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    x, y = (torch.from_numpy(array) for array in data())

    def call() -> None:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()

    return call


def jax() -> Callable[[], object]:
    """JAX, one compiled step per call."""
    import jax as library
    import jax.numpy as jnp

    library.config.update("jax_enable_x64", True)
    x, y = data()

    def loss(parameters: Any) -> Any:
        a = x
        for i, (W, b) in enumerate(parameters):
            a = a @ W.T + b
            if i < len(parameters) - 1:
                a = library.nn.sigmoid(a)
        return jnp.sum((a - y) ** 2) / BATCH

    def step(parameters: Any) -> Any:
        gradient = library.grad(loss)(parameters)
        return library.tree.map(lambda p, g: p - RATE * g, parameters, gradient)

    compiled = library.jit(step)
    state = [weights()]

    def call() -> None:
        state[0] = library.block_until_ready(compiled(state[0]))

    return call


CONTESTANTS = {
    "VisualAD, NumPy backend": ours,
    "the lecture's classes": lecture,
    "autograd": autograd,
    "PyTorch eager": pytorch,
    "JAX jit, step by step": jax,
}
