"""Scores and the search for elimination orders through the kernel process."""

from __future__ import annotations

import visualad as va
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.kernel.messages import (
    Control,
    Evaluate,
    Evaluated,
    Failed,
    OrderFound,
    OrderProgress,
    RunSweep,
    Scored,
    ScoreElimination,
    SearchOrder,
    Swept,
)

from .asking import Asking


def tangled() -> Graph:
    """A graph for which the search takes its time."""
    lines = ["v0 = x*y", "v1 = y*z"]
    for i in range(2, 60):
        lines.append(f"v{i} = sin(v{i - 1})*v{i - 2} + v{(i * 7) % (i - 1)}")
    lines += [f"f{k} = v59*v{10 * k + 5}" for k in range(4)]
    return parse("\n".join(lines), outputs=[f"f{k}" for k in range(4)])


def test_a_score_comes_from_the_kernel(kernel: Asking) -> None:
    graph = va.parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")
    reply = kernel.answer(kernel.client.send(ScoreElimination(graph, ("x4",))))
    assert isinstance(reply, Scored)
    assert reply.score.played == 4
    assert reply.score.orders["best"].cost == 8


def test_some_vertices_may_be_eliminated_and_others_stay(kernel: Asking) -> None:
    graph = tangled()
    request = RunSweep(graph, mode="cross", order=("v3", "v1"), complete=False)
    reply = kernel.answer(kernel.client.send(request))
    assert isinstance(reply, Swept)
    assert [step.name for step in reply.sweep] == ["v3", "v1"]
    assert "v2" in reply.sweep.left
    assert reply.sweep.jacobian == {}


def test_a_search_tells_how_it_goes_and_others_are_answered_meanwhile(kernel: Asking) -> None:
    graph = tangled()
    search = kernel.client.send(SearchOrder(graph, seconds=3.0))
    kernel.wait(lambda replies: any(isinstance(r, OrderProgress) for r in replies))
    values = kernel.answer(kernel.client.send(Evaluate(graph)))
    assert isinstance(values, Evaluated)
    assert not any(isinstance(r, OrderFound) for r in kernel.replies)
    kernel.client.send(Control(search, "stop"))
    found = kernel.answer(search)
    assert isinstance(found, OrderFound)
    assert found.stopped
    bests = [r.best for r in kernel.replies if isinstance(r, OrderProgress)]
    assert bests == sorted(bests, reverse=True)
    assert found.order.cost <= bests[-1]


def test_a_search_ends_by_itself_and_says_what_is_proven(kernel: Asking) -> None:
    graph = va.parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")
    found = kernel.answer(kernel.client.send(SearchOrder(graph, seconds=1.0)))
    assert isinstance(found, OrderFound)
    assert found.order.cost == found.order.lower_bound == 8
    assert found.order.proven_optimal
    assert not found.stopped


def test_a_newer_search_ends_the_older_one(kernel: Asking) -> None:
    first = kernel.client.send(SearchOrder(tangled(), seconds=20.0))
    second = kernel.client.send(SearchOrder(tangled(), seconds=0.05))
    older, newer = kernel.answer(first), kernel.answer(second)
    assert isinstance(older, OrderFound)
    assert older.stopped
    assert isinstance(newer, OrderFound)
    assert not newer.stopped


def test_an_interrupt_ends_the_search(kernel: Asking) -> None:
    search = kernel.client.send(SearchOrder(tangled(), seconds=20.0))
    kernel.wait(lambda replies: any(isinstance(r, OrderProgress) for r in replies))
    kernel.client.interrupt()
    assert isinstance(kernel.answer(search), OrderFound | Failed)
    assert isinstance(kernel.answer(kernel.client.send(Evaluate(tangled()))), Evaluated)
