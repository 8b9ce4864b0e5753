"""Large graphs: numbers in reasonable time, no recursion, texts only where one looks."""

from __future__ import annotations

import random
import time

import numpy as np

from tests.strategies import Drawing
from visualad.autodiff.derivatives import gradient
from visualad.autodiff.evaluate import evaluate
from visualad.autodiff.orders import elimination_order
from visualad.autodiff.sweeps import sweep
from visualad.graph.model import Graph


def large_graph(size: int) -> Graph:
    chance = random.Random(0)
    drawing = Drawing()
    known = [drawing.node("variable", name=f"x{i}", value=chance.random()) for i in range(10)]
    for i in range(size):
        op = chance.choice(["add", "mul", "sin", "tanh"])
        sources = [known[chance.randrange(max(0, len(known) - 50), len(known))] for _ in range(2)]
        known.append(drawing.node(op, *sources[: 1 if op in {"sin", "tanh"} else 2], name=f"n{i}"))
    return drawing.graph((known[-1],))


def test_a_hundred_thousand_nodes_are_swept() -> None:
    graph = large_graph(100_000)
    evaluate(graph)  # the graph by numbers is made once
    expected = gradient(graph)
    for mode in ("forward", "backward"):
        started = time.process_time()
        found = sweep(graph, mode=mode, seed="x0" if mode == "forward" else None)
        spent = time.process_time() - started
        slope = found.tangents["n99999"] if mode == "forward" else found.adjoints["x0"]
        assert np.isclose(slope, expected["x0"], rtol=1e-8, atol=1e-12)
        assert found[50_000].symbolic.text
        # Half that on an ordinary machine; a loaded one gets some air.
        assert spent < 3.0


def test_a_deep_chain_needs_no_recursion() -> None:
    drawing = Drawing()
    last = drawing.node("variable", name="x", value=0.5)
    for i in range(20_000):
        last = drawing.node("sin", last, name=f"y{i}")
    graph = drawing.graph()
    assert 0 < gradient(graph)["x"] < 1
    assert len(sweep(graph)) == 20_001
    assert elimination_order(graph, seconds=0.01).cost == 19_999
