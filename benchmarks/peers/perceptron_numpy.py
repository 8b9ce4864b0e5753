"""The training step in NumPy and with the libraries that trace it."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from benchmarks.peers.perceptron import RATE, Array, Case
from benchmarks.task import Call, Repeated


class Linear:
    """h = a Wᵀ + b, as taught: each class keeps what its backward needs."""

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W, b

    def forward(self, a: Array) -> Array:
        self.a = a
        return a @ self.W.T + self.b

    def backward(self, g: Array) -> Array:
        below = g @ self.W
        self.dW = g.T @ self.a
        self.db = g.sum(axis=0)
        return below

    def update(self) -> None:
        self.W -= RATE * self.dW
        self.b -= RATE * self.db


class Sigmoid:
    """The activation with the derivative as taught; it overflows for large x, ours does not."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return 1 / (1 + np.exp(-x))

    def backward(self, g: Array) -> Array:
        return g * np.exp(self.x) / (1 + np.exp(self.x)) ** 2


class MeanSquaredError:
    """The mean over the samples of the squared distances."""

    def forward(self, o: Array, y: Array) -> Any:
        self.o, self.y = o, y
        return np.sum((o - y) ** 2) / len(o)

    def backward(self) -> Array:
        return 2 * (self.o - self.y) / len(self.o)


def lecture(case: Case) -> Call:
    """The lecture's classes in plain NumPy."""
    x, y = case.data()
    layers: list[Any] = []
    for W, b in case.weights():
        layers += [Linear(W, b), Sigmoid()]
    layers.pop()
    loss = MeanSquaredError()

    def call() -> None:
        a = x
        for layer in layers:
            a = layer.forward(a)
        loss.forward(a, y)
        g = loss.backward()
        for layer in reversed(layers):
            g = layer.backward(g)
        for layer in layers[::2]:
            layer.update()

    return call


def limit(case: Case) -> Repeated:
    """What the machine allows: the products at the rate of large ones, and the parameters' way.

    The update reads parameters and gradients and writes parameters, which a copy of one and a half
    times as many numbers stands for. Activations are left out.
    """
    n = 1024
    a, b = (np.random.default_rng(i).normal(size=(n, n)).astype(case.dtype) for i in (0, 1))
    out = np.empty_like(a)
    times = n**3 / case.multiplications()
    parameters = np.zeros(case.numbers() * 3 // 2, dtype=case.dtype)
    target = np.zeros_like(parameters)
    updates = max(1, round(times))

    def call() -> None:
        np.dot(a, b, out)
        for _ in range(updates if times >= 0.5 else 0):
            np.copyto(target, parameters)

    return Repeated(call, times)


def autograd(case: Case) -> Call:
    """HIPS/autograd."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    x, y = case.data()

    def loss(parameters: list[Any]) -> Any:
        a = x
        for i, (W, b) in enumerate(parameters):
            a = anp.dot(a, W.T) + b
            if i < len(parameters) - 1:
                a = 1 / (1 + anp.exp(-a))
        return anp.sum((a - y) ** 2) / case.batch

    gradient = value_and_grad(loss)
    state = case.weights()

    def call() -> None:
        for (W, b), (dW, db) in zip(state, gradient(state)[1], strict=True):
            np.subtract(W, RATE * dW, out=W)
            np.subtract(b, RATE * db, out=b)

    return call


def mygrad(case: Case) -> Call:
    """MyGrad."""
    import mygrad as mg
    from mygrad.nnet.activations import sigmoid

    x, y = case.data()
    state = [(mg.tensor(W), mg.tensor(b)) for W, b in case.weights()]

    def call() -> None:
        a: Any = x
        for i, (W, b) in enumerate(state):
            a = mg.matmul(a, W.T) + b
            if i < len(state) - 1:
                a = sigmoid(a)
        (mg.sum((a - y) ** 2) / case.batch).backward()
        for W, b in state:
            W.data -= RATE * W.grad
            b.data -= RATE * b.grad

    return call


def micrograd(case: Case) -> Call:
    """micrograd, with a sigmoid added in its own style; one object for each number."""
    from micrograd.engine import Value

    def sigmoid(x: Any) -> Any:
        out = Value(1 / (1 + math.exp(-x.data)), (x,), "sigmoid")

        def backward() -> None:
            x.grad += out.data * (1 - out.data) * out.grad

        out._backward = backward
        return out

    x, y = (array.tolist() for array in case.data())
    state = [
        ([[Value(w) for w in row] for row in W.tolist()], [Value(v) for v in b.tolist()])
        for W, b in case.weights()
    ]
    parameters = [value for W, b in state for value in (*itertools.chain.from_iterable(W), *b)]

    def call() -> None:
        total = Value(0.0)
        for sample, target in zip(x, y, strict=True):
            a: list[Any] = sample
            for i, (W, b) in enumerate(state):
                a = [
                    sum((w * v for w, v in zip(row, a, strict=True)), start)
                    for row, start in zip(W, b, strict=True)
                ]
                if i < len(state) - 1:
                    a = [sigmoid(h) for h in a]
            for o, t in zip(a, target, strict=True):
                total += (o - t) ** 2
        for value in parameters:
            value.grad = 0
        (total * (1 / case.batch)).backward()
        for value in parameters:
            value.data -= RATE * value.grad

    return call
