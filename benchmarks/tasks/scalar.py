"""Value and gradient of graphs of thousands of scalars, as training and sliders need them.

The graph stands and is run again and again; building it is not counted. The peers trace or build
theirs anew each time because that is how they work.
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.ours import NUMBA, NUMPY, TANGENTS, VALUES, load
from benchmarks.peers.threads import pytorch as library
from benchmarks.task import Repeated, Task

if TYPE_CHECKING:
    from visualad.graph.model import Graph

INPUTS, RECENT = 10, 50
MOST_FOR_JAX = 100
OPERATIONS = ("add", "mul", "sin")

Line = tuple[str, int, int]  # operation and the places of its operands


def program(size: int) -> tuple[list[float], list[Line]]:
    """The values of the inputs, and one line for each node; the same for everybody.

    What nothing uses is summed up at the end, so that every node counts. A sine is taken where
    numbers would grow.
    """
    chance = random.Random(0)
    inputs = [chance.uniform(0.5, 1.5) for _ in range(INPUTS)]
    tape = list(inputs)
    lines: list[Line] = []
    unused = set(range(INPUTS))
    while len(tape) + len(unused) <= size:
        low = max(0, len(tape) - RECENT)
        first, second = chance.randrange(low, len(tape)), chance.randrange(low, len(tape))
        op = chance.choice(OPERATIONS)
        value = {
            "add": tape[first] + tape[second],
            "mul": tape[first] * tape[second],
            "sin": math.sin(tape[first]),
        }[op]
        if abs(value) > 2:
            op, value = "sin", math.sin(tape[first])
        unused -= {first} if op == "sin" else {first, second}
        unused.add(len(tape))
        tape.append(value)
        lines.append((op, first, second))
    queue = sorted(unused)
    while len(queue) > 1:
        first, second, *queue = queue
        queue.append(INPUTS + len(lines))
        lines.append(("add", first, second))
    return inputs, lines


def graph_of(size: int) -> Graph:
    """The graph of the program, with the values in its inputs."""
    from visualad.graph.model import Graph, Node

    values, lines = program(size)
    nodes = {
        f"x{i}": Node(f"x{i}", "variable", f"x{i}", settings={"value": value})
        for i, value in enumerate(values)
    }
    sources = {}
    for place, (op, first, second) in enumerate(lines, INPUTS):
        nodes[f"x{place}"] = Node(f"x{place}", op, f"x{place}")
        sources[f"x{place}", "x"] = f"x{first}"
        if op != "sin":
            sources[f"x{place}", "y"] = f"x{second}"
    return Graph(nodes, sources, declared_outputs=(f"x{INPUTS + len(lines) - 1}",))


def swept(size: int, mode: str) -> Repeated:
    """The sweep that the window shows: all numbers, and the texts when they are looked at."""
    import visualad as va

    graph = graph_of(size)
    return Repeated(lambda: va.sweep(graph, mode=mode).cost, size)


def fresh(size: int) -> Repeated:
    """The same sweep over a graph that nobody has seen before, as after every edit."""
    import visualad as va

    graph = graph_of(size)
    return Repeated(lambda: va.sweep(graph.with_()).cost, size)


def ours(size: int, backend: str, *, values_only: bool = False) -> Repeated:
    """The compiled plan of the graph: value and gradient, or the value alone."""
    from visualad.engine import compile_plan

    graph = graph_of(size)
    plan = compile_plan(graph, loss=graph.outputs[0], wrt=graph.inputs)
    executable = load(plan, backend)
    point = {name: graph[name].value for name in graph.inputs}
    if values_only:
        return Repeated(lambda: executable.run(point), size)
    return Repeated(lambda: executable.loss_and_gradient(point), size)


def moving(size: int) -> Repeated:
    """Value, gradient and tangents in one run, all inputs moving: backward and forward mode."""
    from visualad.engine import compile_plan, tangent_of

    graph = graph_of(size)
    plan = compile_plan(graph, loss=graph.outputs[0], wrt=graph.inputs, along=graph.inputs)
    executable = load(plan, "numba")
    point = {name: graph[name].value for name in graph.inputs}
    point |= {tangent_of(name): 1.0 for name in graph.inputs}
    return Repeated(lambda: executable.loss_and_gradient(point), size)


def _run(lines: list[Line], tape: list[Any], sin: Callable[[Any], Any]) -> Any:
    for op, first, second in lines:
        if op == "add":
            tape.append(tape[first] + tape[second])
        elif op == "mul":
            tape.append(tape[first] * tape[second])
        else:
            tape.append(sin(tape[first]))
    return tape[-1]


def micrograd(size: int) -> Repeated:
    """micrograd, with a sine added in its own style."""
    import sys

    from micrograd.engine import Value

    sys.setrecursionlimit(10 * size)  # it sorts its graph by recursion
    values, lines = program(size)

    def sin(x: Any) -> Any:
        out = Value(math.sin(x.data), (x,), "sin")

        def backward() -> None:
            x.grad += math.cos(x.data) * out.grad

        out._backward = backward
        return out

    def call() -> None:
        _run(lines, [Value(v) for v in values], sin).backward()

    return Repeated(call, size)


def autograd(size: int) -> Repeated:
    """HIPS/autograd."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    values, lines = program(size)
    differentiated = value_and_grad(lambda x: _run(lines, [x[i] for i in range(INPUTS)], anp.sin))
    return Repeated(lambda: differentiated(anp.array(values)), size)


def pytorch(size: int) -> Repeated:
    """PyTorch, eager."""
    torch = library()
    values, lines = program(size)

    def call() -> object:
        inputs = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
        return torch.autograd.grad(_run(lines, list(inputs), torch.sin), inputs)

    return Repeated(call, size)


def jax(size: int) -> Repeated:
    """JAX, compiled once; a thousand scalars take its compiler more than seven minutes."""
    if size > MOST_FOR_JAX:
        raise NotImplementedError(f"it takes minutes to compile more than {MOST_FOR_JAX:,} scalars")
    import jax as library
    import jax.numpy as jnp

    library.config.update("jax_enable_x64", True)
    values, lines = program(size)
    compiled = library.jit(
        library.value_and_grad(lambda x: _run(lines, [x[i] for i in range(INPUTS)], jnp.sin))
    )
    point = jnp.array(values)
    return Repeated(lambda: library.block_until_ready(compiled(point)), size)


TASKS = {
    f"scalar {size}": Task(
        f"A graph of {size:,} scalars that stands: value and gradient",
        "node",
        {
            NUMPY: functools.partial(ours, size, "numpy"),
            NUMBA: functools.partial(ours, size, "numba"),
            VALUES: functools.partial(ours, size, "numba", values_only=True),
            TANGENTS: functools.partial(moving, size),
            "micrograd": functools.partial(micrograd, size),
            "autograd": functools.partial(autograd, size),
            "PyTorch eager": functools.partial(pytorch, size),
            "JAX jit": functools.partial(jax, size),
            "VisualAD, backward sweep": functools.partial(swept, size, "backward"),
            "VisualAD, forward sweep": functools.partial(swept, size, "forward"),
            "VisualAD, sweep of a new graph": functools.partial(fresh, size),
        },
    )
    for size in (100, 1_000, 10_000, 100_000)
}
