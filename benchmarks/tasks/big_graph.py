"""Value and gradient of a graph of 100,000 scalar nodes: the sweep of the window and its peers."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from benchmarks.task import Task

TITLE = "100,000 scalar nodes: all adjoints at one point"
SIZE, INPUTS, RECENT = 100_000, 10, 50
OPERATIONS = ("add", "mul", "sin", "tanh")

Line = tuple[str, int, int]  # operation and the places of its operands


def program() -> tuple[list[float], list[Line]]:
    """The values of the inputs, and one line for each node; the same for everybody."""
    chance = random.Random(0)
    values = [chance.random() for _ in range(INPUTS)]
    lines = []
    for place in range(INPUTS, SIZE):
        low = max(0, place - RECENT)
        lines.append(
            (chance.choice(OPERATIONS), chance.randrange(low, place), chance.randrange(low, place))
        )
    return values, lines


def _graph() -> Any:
    from visualad.graph.model import Graph, Node

    values, lines = program()
    nodes = {
        f"x{i}": Node(f"x{i}", "variable", f"x{i}", settings={"value": value})
        for i, value in enumerate(values)
    }
    sources = {}
    for place, (op, first, second) in enumerate(lines, INPUTS):
        nodes[f"x{place}"] = Node(f"x{place}", op, f"x{place}")
        sources[f"x{place}", "x"] = f"x{first}"
        if op in ("add", "mul"):
            sources[f"x{place}", "y"] = f"x{second}"
    return Graph(nodes, sources, declared_outputs=(f"x{SIZE - 1}",))


def _sweeping(mode: str) -> Callable[[], object]:
    import visualad as va

    graph = _graph()
    return lambda: va.sweep(graph, mode=mode).cost


def backward() -> Callable[[], object]:
    """The sweep that the window shows: all numbers, texts when they are looked at."""
    return _sweeping("backward")


def forward() -> Callable[[], object]:
    """The same in forward mode, for one seed."""
    return _sweeping("forward")


def compiled() -> Callable[[], object]:
    """A compiled plan, as training uses it."""
    from visualad.engine import NumpyBackend, compile_plan

    graph = _graph()
    plan = compile_plan(graph, loss=graph.outputs[0], wrt=graph.inputs)
    executable = NumpyBackend().load(plan)
    point = {name: graph[name].value for name in graph.inputs}
    return lambda: executable.loss_and_gradient(point)


class Value:
    """A scalar that remembers how it came about, in the way of small teaching engines."""

    __slots__ = ("data", "grad", "parents", "partials")

    def __init__(
        self, data: float, parents: tuple[Value, ...] = (), partials: tuple[float, ...] = ()
    ) -> None:
        self.data, self.grad, self.parents, self.partials = data, 0.0, parents, partials


def objects() -> Callable[[], object]:
    """One Python object for each scalar, as micrograd does; built and swept anew each time."""
    values, lines = program()

    def call() -> object:
        tape = [Value(value) for value in values]
        for op, first, second in lines:
            x, y = tape[first], tape[second]
            if op == "add":
                tape.append(Value(x.data + y.data, (x, y), (1.0, 1.0)))
            elif op == "mul":
                tape.append(Value(x.data * y.data, (x, y), (y.data, x.data)))
            elif op == "sin":
                tape.append(Value(math.sin(x.data), (x,), (math.cos(x.data),)))
            else:
                out = math.tanh(x.data)
                tape.append(Value(out, (x,), (1.0 - out * out,)))
        tape[-1].grad = 1.0
        for value in reversed(tape):
            for parent, partial in zip(value.parents, value.partials, strict=True):
                parent.grad += partial * value.grad
        return [value.grad for value in tape[:INPUTS]]

    return call


def autograd() -> Callable[[], object]:
    """HIPS/autograd, traced anew each time."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    values, lines = program()

    def function(x: Any) -> Any:
        tape = [x[i] for i in range(INPUTS)]
        for op, first, second in lines:
            a = tape[first]
            if op == "add":
                tape.append(a + tape[second])
            elif op == "mul":
                tape.append(a * tape[second])
            else:
                tape.append(anp.sin(a) if op == "sin" else anp.tanh(a))
        return tape[-1]

    differentiated = value_and_grad(function)
    return lambda: differentiated(anp.array(values))


def pytorch() -> Callable[[], object]:
    """PyTorch, eager, traced anew each time."""
    import torch

    values, lines = program()

    def call() -> object:
        inputs = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
        tape = list(inputs)
        for op, first, second in lines:
            a = tape[first]
            if op == "add":
                tape.append(a + tape[second])
            elif op == "mul":
                tape.append(a * tape[second])
            else:
                tape.append(torch.sin(a) if op == "sin" else torch.tanh(a))
        return torch.autograd.grad(tape[-1], inputs, allow_unused=True)

    return call


CONTESTANTS = {
    "VisualAD, backward sweep": backward,
    "VisualAD, forward sweep": forward,
    "VisualAD, compiled plan": compiled,
    "Python objects (micrograd's way)": objects,
    "autograd": autograd,
    "PyTorch eager": pytorch,
}

TASKS = {"big_graph": Task(TITLE, "sweep", CONTESTANTS)}
