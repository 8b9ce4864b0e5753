"""Random graphs that can be differentiated, for tests of everything above the graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from visualad.graph.model import Graph, Node
from visualad.ops.declaration import REGISTRY

# Smooth everywhere and of moderate size, so that sums over paths lose few digits.
SMOOTH_UNARY = ("sin", "cos", "tanh", "sigmoid", "neg", "softplus")
SMOOTH_BINARY = ("add", "sub", "mul")
SHAPES = ((), (3,), (2, 3), (2, 1))

coordinates = st.floats(-1.5, 1.5).map(lambda x: round(x, 3))


class Drawing:
    """A graph in the making: `node` adds one and returns its id."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.sources: dict[tuple[str, str], str] = {}

    def node(self, op: str, *sources: str, name: str = "", **settings: Any) -> str:
        id_ = name or f"n{len(self.nodes)}"
        self.nodes[id_] = Node(id=id_, op=op, name=id_, settings=settings)
        if sources:
            ports = REGISTRY[op].ports_for(settings)
            self.sources.update(
                {(id_, port): source for port, source in zip(ports, sources, strict=True)}
            )
        return id_

    def graph(self, outputs: tuple[str, ...] | None = None, dtype: str = "float64") -> Graph:
        return Graph(self.nodes, self.sources, declared_outputs=outputs, dtype=dtype)


@st.composite
def scalar_graphs(
    draw: st.DrawFn, largest: int = 12, single_output: bool = False, constants: bool = True
) -> Graph:
    """A graph of scalars with values stored in its inputs.

    Repeated sources (x·x), inputs that feed nothing, constants, outputs that feed other nodes
    and outputs that are inputs all come up.
    """
    drawing = Drawing()
    known = [
        drawing.node("variable", name=f"x{i}", value=draw(coordinates))
        for i in range(1, draw(st.integers(1, 4)) + 1)
    ]
    if constants and draw(st.booleans()):
        known.append(drawing.node("constant", name="c1", value=draw(coordinates)))
    for _ in range(draw(st.integers(1, largest))):
        op = draw(st.sampled_from(SMOOTH_UNARY + SMOOTH_BINARY * 2))
        # Late nodes are more likely sources, so that graphs get deep.
        recent = st.sampled_from(known[-4:]) | st.sampled_from(known)
        sources = [draw(recent) for _ in REGISTRY[op].ports]
        known.append(drawing.node(op, *sources))
    if single_output:
        return drawing.graph((known[-1],))
    if draw(st.booleans()):
        return drawing.graph()
    chosen = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
    return drawing.graph(tuple(chosen))


@st.composite
def array_graphs(draw: st.DrawFn, largest: int = 8, with_where: bool = True) -> Graph:
    """A graph of numbers, vectors and matrices that broadcast, with one scalar output `L`."""
    drawing = Drawing()
    seed = draw(st.integers(0, 2**32 - 1))
    chance = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {}

    def add(op: str, *sources: str, name: str = "", **settings: Any) -> str:
        made = drawing.node(op, *sources, name=name, **settings)
        inputs = [np.zeros(shapes[source])[()] for source in sources]
        shapes[made] = np.shape(REGISTRY[op].function(*inputs, **settings))
        return made

    known = []
    for i in range(1, draw(st.integers(1, 3)) + 1):
        shape = draw(st.sampled_from(SHAPES))
        op = draw(st.sampled_from(["variable", "parameter"]))
        made = drawing.node(op, name=f"x{i}", value=chance.uniform(-1, 1, shape)[()])
        shapes[made] = shape
        known.append(made)
    for _ in range(draw(st.integers(1, largest))):
        kind = draw(st.sampled_from(["unary", "binary", "binary", "matrix", "where"]))
        first = draw(st.sampled_from(known))
        second = draw(st.sampled_from(known))
        if kind == "unary":
            known.append(add(draw(st.sampled_from(SMOOTH_UNARY)), first))
        elif kind == "binary":
            known.append(add(draw(st.sampled_from(SMOOTH_BINARY)), first, second))
        elif kind == "where" and with_where:
            known.append(add("where", add("greater", first, second), first, second))
        elif shapes[first] == (2, 3):
            op = draw(st.sampled_from(["transpose", "softmax", "mean", "matmul", "max"]))
            if op == "transpose":
                known.append(add("transpose", add("sin", add("transpose", first))))
            elif op == "matmul":
                known.append(add("mean", add("matmul", first, add("transpose", first))))
            else:
                known.append(add(op, first))
    total = add("sum", known[-1])
    for other in known[:-1]:
        total = add("add", total, add("sum", other))
    drawing.nodes["L"] = Node(id="L", op="tanh", name="L")
    drawing.sources["L", "x"] = total
    return drawing.graph(("L",))
