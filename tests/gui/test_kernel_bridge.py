from __future__ import annotations

import gc

from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.gui.garbage import GarbageCollection, collect_if_due
from visualad.gui.kernel_bridge import KernelBridge
from visualad.kernel.messages import CompareCosts, Evaluate, Evaluated, Reply

from .conftest import wait_until_idle


def test_every_question_gets_its_answer_although_the_kernel_answers_the_newest(
    kernel: KernelBridge, lecture: Graph, qtbot
) -> None:
    answers: list[Reply] = []
    for formula in ("x + 1", "x + 2", "x + 3"):
        kernel.ask(Evaluate(parse(formula)), answers.append)
    kernel.ask(CompareCosts(lecture), answers.append)
    wait_until_idle(qtbot, kernel)
    assert sum(isinstance(answer, Evaluated) for answer in answers) == 3
    assert len(answers) == 4


def test_a_forgotten_question_is_not_answered(kernel: KernelBridge, lecture: Graph, qtbot) -> None:
    answers: list[Reply] = []
    tickets = [kernel.ask(Evaluate(lecture), answers.append) for _ in range(3)]
    for ticket in tickets[:2]:
        kernel.forget(ticket)
        assert not kernel.is_open(ticket)
    wait_until_idle(qtbot, kernel)
    assert len(answers) == 1


def test_being_busy_is_told_once(kernel: KernelBridge, lecture: Graph, qtbot) -> None:
    told: list[bool] = []
    kernel.busy_changed.connect(told.append)
    kernel.ask(Evaluate(lecture), lambda _: None)
    kernel.ask(Evaluate(lecture), lambda _: None)
    wait_until_idle(qtbot, kernel)
    kernel.busy_changed.disconnect(told.append)
    assert told == [True, False]


def test_a_closed_bridge_asks_nothing(qapp, lecture: Graph) -> None:
    bridge = KernelBridge()
    bridge.close()
    bridge.close()
    assert bridge.ask(Evaluate(lecture), lambda _: None) == 0
    assert not bridge.is_busy


def test_garbage_is_collected_in_the_thread_of_the_window_alone(kernel: KernelBridge) -> None:
    assert not gc.isenabled()  # while a kernel and its threads run
    other = GarbageCollection()
    other.start()
    other.stop()
    assert not gc.isenabled()
    rounds = sum(generation["collections"] for generation in gc.get_stats())
    # Many more than needed: lists that Python takes from its store of free ones do not count.
    kept = [[] for _ in range(3 * gc.get_threshold()[0])]
    collect_if_due()
    assert sum(generation["collections"] for generation in gc.get_stats()) > rounds
    del kept
