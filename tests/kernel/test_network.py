"""The kernel shows a network neuron by neuron, also while it trains."""

from __future__ import annotations

import numpy as np

import visualad as va
from visualad.graph.edits import set_settings
from visualad.graph.model import Graph
from visualad.kernel.messages import Control, Evaluate, Evaluated, Failed, Progress, Train
from visualad.kernel.network_messages import EvaluateRun, LookAtNetwork, NetworkSeen, RunEvaluated

from .asking import Asking

WINDOWS = ((0, 2), (0, 3), (0, 1))


def network() -> Graph:
    return va.mlp([2, 3, 1], activation="tanh", output="tanh", data="circle")


def test_a_graph_is_seen_as_it_is(kernel: Asking) -> None:
    graph = network()
    reply = kernel.answer(kernel.client.send(LookAtNetwork(graph, WINDOWS)))
    assert isinstance(reply, NetworkSeen)
    np.testing.assert_array_equal(reply.state.links[0].weights, graph["W1"].value)
    assert reply.state.links[0].norm is not None


def test_the_run_that_goes_on_is_seen_and_evaluated_as_far_as_it_has_come(kernel: Asking) -> None:
    graph = network()
    run = kernel.client.send(Train(graph, paused=True))
    kernel.wait(lambda replies: any(isinstance(r, Progress) for r in replies))
    kernel.client.send(Control(run, "step"))
    kernel.wait(lambda replies: any(isinstance(r, Progress) and r.epoch == 1 for r in replies))
    (last,) = [r for r in kernel.replies if isinstance(r, Progress) and r.epoch == 1]
    assert last.parameters is not None
    reply = kernel.answer(kernel.client.send(LookAtNetwork(None, WINDOWS)))
    assert isinstance(reply, NetworkSeen)
    assert reply.state.epoch == 1
    np.testing.assert_array_equal(reply.state.links[0].weights, last.parameters["W1"])
    values = kernel.answer(kernel.client.send(EvaluateRun()))
    assert isinstance(values, RunEvaluated)
    changed = {id_: {"value": value} for id_, value in last.parameters.items()}
    expected = kernel.answer(kernel.client.send(Evaluate(set_settings(graph, changed))))
    assert isinstance(expected, Evaluated)
    np.testing.assert_array_equal(values.values["a1"], expected.values["a1"])
    kernel.client.send(Control(run, "stop"))
    kernel.answer(run)
    assert isinstance(kernel.answer(kernel.client.send(EvaluateRun())), Failed)


def test_other_layers_than_those_shown_are_refused_in_words(kernel: Asking) -> None:
    reply = kernel.answer(kernel.client.send(LookAtNetwork(network(), ((0, 2), (0, 1)))))
    assert isinstance(reply, Failed)
    assert reply.message == "The graph in training has other layers than those shown."
