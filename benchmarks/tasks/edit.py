"""From an edit of the graph to its first gradient: what a user waits for after each change.

Every call is a network of a size that was not there before. What may be remembered is what is known
of its parts: what an operation does with arrays of shapes that it has met.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.ours import NUMBA, NUMPY, load
from benchmarks.peers.perceptron import Case
from benchmarks.peers.threads import pytorch as library
from benchmarks.task import Call, Task


def _shapes() -> Iterator[Case]:
    """Perceptrons 2-m-n-1 with a batch of 10, all different."""
    for total in itertools.count(10):
        for m in range(2, total - 1):
            yield Case((2, m, total - m, 1), 10, "float64", 1)


def ours(backend: str) -> Call:
    """A new graph, its plan, the loaded plan and one gradient."""
    from visualad.engine import compile_plan
    from visualad.graph.model import Graph, Node

    cases = _shapes()

    def edited(case: Case) -> Graph:
        x, y = np.ones((case.batch, case.layers[0])), np.ones((case.batch, case.layers[-1]))
        nodes = {"X": Node("X", "data", "X", settings={"value": x})}
        sources: dict[tuple[str, str], str] = {}
        a = "X"
        # Numbers that cost nothing to make: random ones would take a tenth of the time.
        pairs = [(np.full((n, m), 0.1), np.zeros(n)) for m, n in itertools.pairwise(case.layers)]
        for i, (W, b) in enumerate(pairs, 1):
            nodes[f"W{i}"] = Node(f"W{i}", "parameter", f"W{i}", settings={"value": W})
            nodes[f"b{i}"] = Node(f"b{i}", "parameter", f"b{i}", settings={"value": b})
            nodes[f"h{i}"] = Node(f"h{i}", "linear", f"h{i}")
            sources |= {(f"h{i}", "X"): a, (f"h{i}", "W"): f"W{i}", (f"h{i}", "b"): f"b{i}"}
            a = f"h{i}"
            if i < len(pairs):
                nodes[f"a{i}"] = Node(f"a{i}", "sigmoid", f"a{i}")
                sources[f"a{i}", "x"] = a
                a = f"a{i}"
        nodes["Y"] = Node("Y", "data", "Y", settings={"value": y, "role": "targets"})
        nodes["L"] = Node("L", "mean_squared_error", "L")
        sources |= {("L", "o"): a, ("L", "y"): "Y"}
        return Graph(nodes, sources, declared_outputs=("L",))

    def call() -> float:
        graph = edited(next(cases))
        return load(compile_plan(graph, loss="L"), backend).loss_and_gradient()

    return call


def pytorch() -> Call:
    """PyTorch, eager: a new module and one backward pass."""
    torch = library()
    cases = _shapes()

    def call() -> None:
        case = next(cases)
        parts: list[Any] = []
        for m, n in itertools.pairwise(case.layers):
            parts += [torch.nn.Linear(m, n), torch.nn.Sigmoid()]
        model = torch.nn.Sequential(*parts[:-1]).double()
        x, y = (torch.from_numpy(array) for array in case.data())
        torch.nn.functional.mse_loss(model(x), y).backward()

    return call


def jax() -> Call:
    """JAX compiles each new shape."""
    import jax as framework

    from benchmarks.peers.perceptron_jax import gradient

    cases = _shapes()

    def call() -> None:
        case = next(cases)
        framework.block_until_ready(framework.jit(gradient(case))(case.weights()))

    return call


TASKS = {
    "edit": Task(
        "A perceptron of a new shape: from the graph to its first gradient",
        "edit",
        {
            NUMPY: lambda: ours("numpy"),
            NUMBA: lambda: ours("numba"),
            "PyTorch eager": pytorch,
            "JAX jit": jax,
        },
    )
}
