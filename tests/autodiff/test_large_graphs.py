"""Large graphs: numbers in reasonable time, no recursion, texts only where one looks."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from tests.strategies import Drawing
from visualad.autodiff.backward_steps import BackwardSteps
from visualad.autodiff.derivatives import gradient
from visualad.autodiff.forward_steps import ForwardSteps
from visualad.autodiff.orders import elimination_order
from visualad.autodiff.steps import spent_until
from visualad.autodiff.sweeps import sweep
from visualad.graph.model import Graph
from visualad.ops.declaration import REGISTRY


def large_graph(size: int) -> Graph:
    chance = random.Random(0)
    drawing = Drawing()
    known = [drawing.node("variable", name=f"x{i}", value=chance.random()) for i in range(10)]
    for i in range(size):
        op = chance.choice(["add", "mul", "sin", "tanh"])
        sources = [known[chance.randrange(max(0, len(known) - 50), len(known))] for _ in range(2)]
        known.append(drawing.node(op, *sources[: 1 if op in {"sin", "tanh"} else 2], name=f"n{i}"))
    return drawing.graph((known[-1],))


@pytest.mark.parametrize("mode", ["forward", "backward"])
def test_a_sweep_over_a_hundred_thousand_nodes_makes_no_step_until_one_is_looked_at(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    for maker in (ForwardSteps, BackwardSteps):
        make = maker.make

        def count(self: Any, index: int, make: Any = make) -> Any:
            made.append(index)
            return make(self, index)

        monkeypatch.setattr(maker, "make", count)
    graph = large_graph(100_000)
    expected = gradient(graph)
    found = sweep(graph, mode=mode, seed="x0" if mode == "forward" else None)
    slope = found.tangents["n99999"] if mode == "forward" else found.adjoints["x0"]
    assert np.isclose(slope, expected["x0"], rtol=1e-8, atol=1e-12)
    assert spent_until(found, len(found) - 1) == (
        found.cost.multiplications,
        found.cost.additions,
    )
    assert made == []
    assert found[50_000].symbolic.text
    assert made == [50_000]


def test_the_partials_of_a_type_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    rule = REGISTRY["sin"].rule_partials
    assert rule is not None

    def counted(x: Any, out: Any) -> Any:
        calls.append(np.size(x))
        return rule(x, out)

    graph = large_graph(2_000)
    monkeypatch.setattr(REGISTRY["sin"], "rule_partials", counted)
    gradient(graph)
    assert calls == [sum(node.op == "sin" for node in graph.nodes)]


def test_a_deep_chain_needs_no_recursion() -> None:
    drawing = Drawing()
    last = drawing.node("variable", name="x", value=0.5)
    for i in range(20_000):
        last = drawing.node("sin", last, name=f"y{i}")
    graph = drawing.graph()
    assert 0 < gradient(graph)["x"] < 1
    assert len(sweep(graph)) == 20_001
    assert elimination_order(graph, seconds=0.01).cost == 19_999
