"""Questions: what was stopped is not asked again by itself."""

from __future__ import annotations

import visualad as va
from visualad.graph.edits import move, set_settings
from visualad.graph.model import Graph
from visualad.gui.questions import AGAIN, Question
from visualad.kernel.messages import Evaluate, Failed, Reply

from .doubles import HandKernel


def asked() -> tuple[HandKernel, Question, list[tuple[Graph, Reply]]]:
    kernel, answers = HandKernel(), []
    return kernel, Question(kernel, lambda *answer: answers.append(answer)), answers


def stop(kernel: HandKernel) -> None:
    kernel.answer(Evaluate, lambda id_: Failed(id_, message="Stopped.", underway=True))


def with_x(graph: Graph, value: float) -> Graph:
    return set_settings(graph, {graph.id_of("x"): {"value": value}})


def test_what_was_stopped_is_answered_by_what_was_said_until_the_mathematics_change() -> None:
    kernel, question, answers = asked()
    graph = va.parse("sin(x)")
    question.ask(graph, Evaluate)
    stop(kernel)
    question.ask(move(graph, {graph.id_of("x"): (9.0, 9.0)}), Evaluate)
    assert len(kernel.asked) == 1
    assert [reply.message for _, reply in answers] == [f"Stopped. {AGAIN}"] * 2
    question.ask(with_x(graph, 5.0), Evaluate)
    assert len(kernel.asked) == 2


def test_what_waited_when_everything_was_stopped_is_not_asked_either() -> None:
    kernel, question, answers = asked()
    graph = va.parse("sin(x)")
    question.ask(graph, Evaluate)
    newer = with_x(graph, 5.0)
    question.ask(newer, Evaluate)
    stop(kernel)
    assert len(kernel.asked) == 1
    assert [about for about, _ in answers] == [newer]
    question.ask(newer, Evaluate)
    assert len(kernel.asked) == 1


def test_what_was_forgiven_is_asked_again() -> None:
    kernel, question, _ = asked()
    graph = va.parse("sin(x)")
    question.ask(graph, Evaluate)
    stop(kernel)
    Question.forgive()
    question.ask(graph, Evaluate)
    assert len(kernel.asked) == 2


def test_what_only_waited_in_line_when_everything_was_stopped_is_asked_again() -> None:
    kernel, question, _ = asked()
    graph = va.parse("sin(x)")
    question.ask(graph, Evaluate)
    kernel.answer(Evaluate, lambda id_: Failed(id_, message="Stopped before it began."))
    question.ask(graph, Evaluate)
    assert len(kernel.asked) == 2
