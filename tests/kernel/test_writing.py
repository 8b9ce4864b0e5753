"""Files that the kernel writes in slices: what is asked meanwhile is answered, and it can stop."""

from __future__ import annotations

import pytest

import visualad as va
from visualad.exchange.formats import FORMATS
from visualad.exchange.formats import Request as Wish
from visualad.graph.edits import set_settings
from visualad.graph.model import Graph
from visualad.kernel.messages import Control, Evaluate, Evaluated, Failed
from visualad.kernel.plugin_messages import GraphWritten, WriteGraph, WritingProgress

from .asking import Asking


@pytest.fixture(scope="module")
def large() -> Graph:
    lines = [f"a{i} = sin(x{i}*x{i + 1}) + exp(x{i})" for i in range(40)]
    graph = va.parse("\n".join([*lines, "f = " + " + ".join(f"a{i}" for i in range(40))]))
    return set_settings(graph, {graph.id_of(name): {"value": 0.5} for name in graph.inputs})


def test_a_page_is_the_same_slice_by_slice_and_says_how_far_it_is(kernel: Asking) -> None:
    graph = set_settings(va.parse("sin(x)*x"), {"x": {"value": 2.0}})
    wish = Wish(mode="forward", title="page")
    found = kernel.answer(kernel.client.send(WriteGraph(graph, ".html", wish)))
    assert isinstance(found, GraphWritten)
    assert found.text == FORMATS[".html"].write(graph, wish)
    shares = list(FORMATS[".html"].slices(graph, wish))
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


def test_requests_are_answered_while_a_page_is_written(kernel: Asking, large: Graph) -> None:
    page = kernel.client.send(WriteGraph(large, ".html"))
    kernel.wait(lambda replies: any(isinstance(reply, WritingProgress) for reply in replies))
    values = kernel.client.send(Evaluate(large))
    assert isinstance(kernel.answer(values), Evaluated)
    assert not any(isinstance(reply, GraphWritten) for reply in kernel.replies)
    kernel.client.send(Control(page, "stop"))
    stopped = kernel.answer(page)
    assert isinstance(stopped, Failed)
    assert stopped.message == "Stopped while writing a file."


def test_an_interrupt_ends_all_that_is_being_written(kernel: Asking, large: Graph) -> None:
    pages = [kernel.client.send(WriteGraph(large, ".html")) for _ in range(2)]
    kernel.wait(lambda replies: any(isinstance(reply, WritingProgress) for reply in replies))
    kernel.client.interrupt()
    assert all(isinstance(kernel.answer(page), Failed) for page in pages)
    assert isinstance(kernel.answer(kernel.client.send(Evaluate(large))), Evaluated)
