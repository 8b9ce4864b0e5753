"""The kernel's answers are those of the library, by node id and edge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import visualad as va
from visualad.errors import VisualADError
from visualad.graph.model import Graph, Node
from visualad.kernel.answers import answer
from visualad.kernel.client import KernelClient
from visualad.kernel.messages import (
    CheckDerivatives,
    Checked,
    CompareCosts,
    ComputeHessian,
    Costs,
    Evaluate,
    Evaluated,
    Failed,
    FindPathPairs,
    FindPaths,
    HessianFound,
    PathPairsFound,
    PathsFound,
    Request,
    RunSweep,
    Swept,
)

from .asking import Asking


def lecture() -> Graph:
    g = va.parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")
    point = {"x1": 1.0, "x2": 2.0, "x3": np.pi / 2}
    nodes = {
        i: Node(i, n.op, n.name, settings={"value": point[n.name]}) if n.name in point else n
        for i, n in g.nodes_by_id.items()
    }
    return g.with_(nodes_by_id=nodes)


def test_values_partials_and_formulas_come_together(kernel: Asking) -> None:
    g = lecture()
    reply = kernel.answer(kernel.client.send(Evaluate(g)))
    assert isinstance(reply, Evaluated)
    names = {g.nodes_by_id[i].name: value for i, value in reply.values.items()}
    assert names == va.evaluate(g, {"x1": 1.0, "x2": 2.0, "x3": np.pi / 2})
    edges = {(e.source, e.target, e.port) for e in g.edges}
    assert set(reply.partials) == set(reply.formulas) == edges
    multiply = (g["x1"].id, g["x4"].id, "x")
    assert reply.partials[multiply] == 2.0
    assert reply.formulas[multiply].plain == "x2"
    assert reply.failures == {}


def test_a_failing_node_stops_only_what_follows_it(kernel: Asking) -> None:
    g = va.parse("a = x + y\nb = a*a\nc = x*x")
    x = Node(g["x"].id, "variable", "x", settings={"value": np.ones(2)})
    y = Node(g["y"].id, "variable", "y", settings={"value": np.ones(3)})
    g = g.with_(nodes_by_id={**g.nodes_by_id, x.id: x, y.id: y})
    reply = kernel.answer(kernel.client.send(Evaluate(g)))
    assert isinstance(reply, Evaluated)
    assert set(reply.failures) == {g["a"].id, g["b"].id}
    assert "(2,)" in reply.failures[g["a"].id]
    assert reply.values[g["c"].id].tolist() == [1, 1]


@pytest.mark.parametrize("mode", ["forward", "backward", "cross"])
def test_sweeps_come_with_all_their_steps(kernel: Asking, mode: str) -> None:
    g = lecture()
    reply = kernel.answer(kernel.client.send(RunSweep(g, mode)))
    assert isinstance(reply, Swept)
    expected = va.sweep(g, mode=mode)
    assert list(reply.sweep) == list(expected)
    assert reply.sweep.cost == expected.cost


def test_costs_and_the_check_are_the_librarys(kernel: Asking) -> None:
    costs = kernel.answer(kernel.client.send(CompareCosts(lecture())))
    assert isinstance(costs, Costs)
    counted = {label: cost.multiplications for label, _, cost in costs.rows}
    assert (counted["forward"], counted["backward"]) == (13, 8)
    checked = kernel.answer(kernel.client.send(CheckDerivatives(lecture())))
    assert isinstance(checked, Checked)
    assert [row[0] for row in checked.rows] == ["x1", "x2", "x3"]
    assert all(ok for *_, ok in checked.rows)
    several = kernel.answer(kernel.client.send(CheckDerivatives(va.parse("f = x*y\ng = x + y"))))
    assert "∂f/∂x" in {row[0] for row in several.rows}  # type: ignore[attr-defined]


def test_an_error_names_its_node(kernel: Asking) -> None:
    g = va.parse("sin(x)").with_(declared_outputs=("x",))
    reply = kernel.answer(kernel.client.send(RunSweep(g, "sideways")))
    assert isinstance(reply, Failed)
    assert reply.message == "There is no mode 'sideways'; use forward, backward or cross."


def test_unknown_requests_are_refused() -> None:
    with pytest.raises(VisualADError, match="does not know requests of type Request"):
        answer(Request())


PLUGIN = """
import visualad as va

@va.node(category="Mine")
def thrice(x):
    "Three times x."
    return 3 * x

@thrice.partials
def _(x, out):
    return 3.0

@va.node(category="Mine")
def endless(x):
    "Never comes back."
    while x < 10:
        try:
            while x < 10:
                pass
        except BaseException:
            pass
"""


@pytest.fixture
def with_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    (tmp_path / "mine.py").write_text(PLUGIN)
    monkeypatch.setenv("VISUALAD_PLUGIN_PATH", str(tmp_path))
    with KernelClient() as client:
        asking = Asking(client)
        asking.idle()
        yield asking


def chain(op: str) -> Graph:
    """x through one operation of a plugin, which this process does not know."""
    x = Node("x", "variable", "x", settings={"value": 2.0})
    return Graph({"x": x, "y": Node("y", op, "y", stored_ports=("x",))}, {("y", "x"): "x"})


def test_a_plugins_operations_run_in_the_kernel_alone(with_plugin: Asking) -> None:
    reply = with_plugin.answer(with_plugin.client.send(Evaluate(chain("thrice"))))
    assert isinstance(reply, Evaluated)
    assert reply.values["y"] == 6.0
    assert reply.partials["x", "y", "x"] == 3.0
    assert "thrice" not in {operation.name for operation in va.ops.declaration.REGISTRY}


def test_a_plugin_that_never_comes_back_is_stopped(with_plugin: Asking) -> None:
    id_ = with_plugin.client.send(Evaluate(chain("endless")))
    with_plugin.client.interrupt()
    reply = with_plugin.answer(id_)
    assert isinstance(reply, Failed)
    again = with_plugin.answer(with_plugin.client.send(Evaluate(chain("thrice"))))
    assert again.values["y"] == 6.0  # type: ignore[attr-defined]


def test_paths_and_second_derivatives_are_answered(kernel: Asking) -> None:
    graph = lecture()
    reply = kernel.answer(kernel.client.send(FindPaths(graph, output="x9", input="x1")))
    assert isinstance(reply, PathsFound)
    assert reply.found.count == 2
    pairs = FindPathPairs(graph, output="x9", first="x1", second="x3")
    met = kernel.answer(kernel.client.send(pairs))
    assert isinstance(met, PathPairsFound)
    assert met.found.count == 2
    found = kernel.answer(kernel.client.send(ComputeHessian(graph)))
    assert isinstance(found, HessianFound)
    assert found.names == ("x1", "x2", "x3")
    np.testing.assert_allclose(found.array, va.hessian(graph))
    assert found.pattern.all()
