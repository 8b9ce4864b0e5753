"""Replies about thousands of nodes, through the pipe and the reader that trusts few names."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from visualad.autodiff.lazy import SENT_READY
from visualad.autodiff.sweeps import sweep
from visualad.errors import PluginError
from visualad.graph import edits
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.kernel.answers import answer
from visualad.kernel.messages import Evaluate, Evaluated, RunSweep, Swept
from visualad.kernel.protocol import dump, dump_reply, load_reply

from .asking import Asking

COUNT = SENT_READY + 500


@pytest.fixture(scope="module")
def graph() -> Graph:
    lines = ["v0 = x1 * x2", *(f"v{k} = sin(v{k - 1}) + x1" for k in range(1, COUNT // 2 + 1))]
    made = parse("\n".join(lines), merge_equal=False)
    values = {made.id_of("x1"): {"value": 0.5}, made.id_of("x2"): {"value": 2.0}}
    return edits.set_settings(made, values)


@pytest.mark.parametrize("mode", ["forward", "backward"])
def test_a_large_sweep_arrives_with_all_its_numbers_and_steps(
    kernel: Asking, graph: Graph, mode: str
) -> None:
    assert len(graph) > SENT_READY
    reply = kernel.answer(kernel.client.send(RunSweep(graph, mode)), timeout=60)
    assert isinstance(reply, Swept), reply
    expected, found = sweep(graph, mode=mode), reply.sweep
    assert len(found) == len(expected)
    assert dict(found.values) == dict(expected.values)
    for place in (0, 1, len(expected) // 2, len(expected) - 1):
        assert found[place].node == expected[place].node
        assert found[place].numeric.text == expected[place].numeric.text
        np.testing.assert_array_equal(found[place].result, expected[place].result)
    name = "tangents" if mode == "forward" else "adjoints"
    assert dict(getattr(found, name)) == dict(getattr(expected, name))


def test_large_values_and_partials_arrive(kernel: Asking, graph: Graph) -> None:
    reply = kernel.answer(kernel.client.send(Evaluate(graph)), timeout=60)
    assert isinstance(reply, Evaluated), reply
    expected = answer(Evaluate(graph))
    assert isinstance(expected, Evaluated)
    assert dict(reply.values) == dict(expected.values)
    assert dict(reply.partials) == dict(expected.partials)
    key = next(iter(expected.formulas))
    assert reply.formulas[key].text == expected.formulas[key].text


def test_a_large_reply_holds_numbers_and_not_the_graph_again(graph: Graph) -> None:
    received = pickle.loads(dump(graph))
    for request in (Evaluate(received), RunSweep(received, "backward")):
        content = dump_reply(answer(request), received)
        assert len(content) < len(dump(answer(request))) / 2
        assert b"sin" not in content  # the name of the operation of half of all nodes


def test_a_reply_that_names_its_graph_is_refused_without_it(graph: Graph) -> None:
    content = dump_reply(answer(Evaluate(graph)), graph)
    with pytest.raises(PluginError):
        load_reply(content)
