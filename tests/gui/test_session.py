from __future__ import annotations

import math

import pytest

from visualad.graph import edits
from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.session import Session
from visualad.kernel.messages import Evaluate, Failed, RunSweep

from .conftest import wait_until_idle
from .doubles import HandKernel

GRADIENT = {"x1": 10.68128, "x2": 5.34064, "x3": -3.80524}


def set_x1(value: float):
    return lambda graph: edits.set_setting(graph, "x1", "value", value)


@pytest.fixture
def hand() -> HandKernel:
    return HandKernel()


@pytest.fixture
def by_hand(document: Document, hand: HandKernel) -> Session:
    return Session(document, hand)


# With the real kernel ----------------------------------------------------------------------------


def test_the_values_of_the_lecture_arrive(session: Session) -> None:
    graph = session.document.graph
    (output,) = graph.output_ids
    assert session.values[output] == pytest.approx((2 + math.exp(2)) / (math.pi / 2))
    assert len(session.partials) == len(graph.edges)
    assert session.formulas.keys() == session.partials.keys()
    assert not session.failures


@pytest.mark.parametrize("mode", ["forward", "backward", "cross"])
def test_each_mode_gives_its_sweep(
    session: Session, kernel: KernelBridge, qtbot, mode: str
) -> None:
    session.set_mode(mode)
    assert session.step_index == -1
    wait_until_idle(qtbot, kernel)
    assert session.sweep is not None
    assert session.sweep.mode == mode
    assert len(session.sweep) > 0


def test_the_backward_sweep_ends_with_the_gradient_of_the_lecture(
    session: Session, kernel: KernelBridge, qtbot
) -> None:
    session.set_mode("backward")
    wait_until_idle(qtbot, kernel)
    assert session.sweep is not None
    found = {name: session.sweep.adjoints[name] for name in GRADIENT}
    assert found == pytest.approx(GRADIENT, abs=5e-6)


def test_a_slider_moves_values_and_adjoints_but_not_the_step(
    session: Session, kernel: KernelBridge, qtbot
) -> None:
    session.set_mode("backward")
    wait_until_idle(qtbot, kernel)
    session.go_to(3)
    for value in (1.5, 2.0, 2.5):
        session.document.apply("Set x1", set_x1(value), "x1")
    wait_until_idle(qtbot, kernel)
    assert session.values["x1"] == 2.5
    assert session.step_index == 3
    assert session.sweep is not None
    assert session.sweep.values["x1"] == 2.5


def test_undo_brings_the_earlier_values(session: Session, kernel: KernelBridge, qtbot) -> None:
    before = dict(session.values)
    session.document.apply("Set x1", set_x1(5.0))
    wait_until_idle(qtbot, kernel)
    assert session.values != before
    session.document.undo()
    wait_until_idle(qtbot, kernel)
    assert session.values == before


def test_costs_and_check_come_when_somebody_wants_them(
    session: Session, kernel: KernelBridge, qtbot
) -> None:
    session.want_costs()
    session.want_check()
    wait_until_idle(qtbot, kernel)
    found = {label: cost.multiplications for label, _, cost in session.costs}
    assert 8 in found.values()
    assert session.check is not None
    assert all(row[-1] for row in session.check.rows)


# With answers by hand ----------------------------------------------------------------------------


def test_moving_a_node_computes_nothing(by_hand: Session, hand: HandKernel) -> None:
    hand.answer_values(x1=1.0)
    asked = len(hand.asked)
    by_hand.document.apply("Move", lambda g: edits.move(g, {"x1": (1.0, 2.0)}))
    assert len(hand.asked) == asked
    assert by_hand.values == {"x1": 1.0}


def test_one_question_is_in_flight_and_the_newest_comes_next(
    by_hand: Session, hand: HandKernel
) -> None:
    for value in (2.0, 3.0, 4.0):
        by_hand.document.apply("Set x1", set_x1(value))
    assert len(hand.tickets(Evaluate)) == 1
    hand.answer_values()
    (ticket,) = hand.tickets(Evaluate)
    request = hand.open[ticket][0]
    assert isinstance(request, Evaluate)
    assert request.graph.nodes_by_id["x1"].value == 4.0
    hand.answer_values()
    assert not hand.tickets(Evaluate)


def test_an_answer_for_another_structure_is_dropped(by_hand: Session, hand: HandKernel) -> None:
    by_hand.document.apply("Delete", lambda g: edits.remove(g, ["x3"]))
    hand.answer_values(x3=7.0)
    assert by_hand.values == {}
    hand.answer_values(x1=1.0)
    assert by_hand.values == {"x1": 1.0}


def test_results_of_what_is_still_there_stay_until_the_new_ones_come(
    by_hand: Session, hand: HandKernel
) -> None:
    hand.answer_values(x1=1.0, x3=3.0)
    by_hand.document.apply("Delete", lambda g: edits.remove(g, ["x3"]))
    assert by_hand.values == {"x1": 1.0}


def test_a_replaced_document_takes_its_answers_with_it(by_hand: Session, hand: HandKernel) -> None:
    by_hand.set_mode("backward")
    by_hand.select(["x1"])
    by_hand.document.new(Graph())
    assert by_hand.mode == ""
    assert by_hand.selected_nodes == frozenset()
    assert not hand.tickets(RunSweep)
    assert len(hand.tickets(Evaluate)) == 1  # that of the new one


def test_a_failure_at_a_node_marks_it_and_interrupts_nobody(
    by_hand: Session, hand: HandKernel, qtbot
) -> None:
    with qtbot.waitSignal(by_hand.remark), qtbot.assertNotEmitted(by_hand.problem):
        hand.answer(Evaluate, lambda t: Failed(t, "It does not fit.", node="x4", detail="why"))
    assert by_hand.failures == {"x4": "It does not fit."}


def test_any_other_failure_is_told_with_its_detail(
    by_hand: Session, hand: HandKernel, qtbot
) -> None:
    with qtbot.waitSignal(by_hand.problem) as told:
        hand.answer(Evaluate, lambda t: Failed(t, "The kernel stopped.", detail="why"))
    assert told.args == ["The kernel stopped.", "why"]


def test_leaving_a_mode_forgets_its_question(by_hand: Session, hand: HandKernel) -> None:
    by_hand.set_mode("forward")
    assert len(hand.tickets(RunSweep)) == 1
    by_hand.set_mode("")
    assert not hand.tickets(RunSweep)
    assert by_hand.sweep is None


def test_seed_and_order_are_asked_for(by_hand: Session, hand: HandKernel) -> None:
    by_hand.set_mode("forward")
    by_hand.set_seed("x2")
    request = hand.open[hand.tickets(RunSweep)[-1]][0]
    assert isinstance(request, RunSweep)
    assert (request.mode, request.seed) == ("forward", "x2")
    by_hand.set_mode("cross")
    by_hand.set_order("markowitz")
    request = hand.open[hand.tickets(RunSweep)[-1]][0]
    assert isinstance(request, RunSweep)
    assert (request.mode, request.seed, request.order) == ("cross", None, "markowitz")


def test_there_are_only_three_modes(by_hand: Session) -> None:
    with pytest.raises(ValueError, match="sideways"):
        by_hand.set_mode("sideways")


def test_deleting_a_selected_node_deselects_it_and_its_edges(by_hand: Session) -> None:
    edge = next(e for e in by_hand.document.graph.edges if e.source == "x3")
    by_hand.select(["x1", "x3"], [(edge.source, edge.target, edge.port)])
    by_hand.document.apply("Delete", lambda g: edits.remove(g, ["x3"]))
    assert by_hand.selected_nodes == {"x1"}
    assert by_hand.selected_edges == frozenset()


def test_selection_and_highlight_tell_only_changes(by_hand: Session, qtbot) -> None:
    with qtbot.waitSignals([by_hand.selection_changed, by_hand.highlight_changed]):
        by_hand.select(["x1"])
        by_hand.highlight(["x2"])
    with qtbot.assertNotEmitted(by_hand.selection_changed):
        by_hand.select(["x1"])
    with qtbot.assertNotEmitted(by_hand.highlight_changed):
        by_hand.highlight(["x2"])
    assert by_hand.highlighted == {"x2"}


def test_phases_lead_from_the_values_to_the_derivative_and_back(
    session: Session, kernel: KernelBridge, qtbot
) -> None:
    session.step_phase(1)
    wait_until_idle(qtbot, kernel)
    assert (session.mode, session.step_index) == ("backward", -1)
    session.set_mode("forward")
    wait_until_idle(qtbot, kernel)
    seen = []
    for _ in range(3):
        session.step_phase(1)
        seen.append(session.step_index)
    assert seen == [2, 8, 8]  # three seeds, nine nodes
    session.step_phase(-1)
    session.step_phase(-1)
    assert session.step_index == -1
    session.step_phase(-1)
    assert session.mode == ""


def test_only_sums_are_asked_for(session: Session, kernel: KernelBridge, qtbot) -> None:
    session.set_mode("backward")
    wait_until_idle(qtbot, kernel)
    session.playback.set_holds(True)
    held = []
    for _ in range(20):
        session.step(1)
        if session.playback.is_held:
            held.append(session.step_shown.name)
    assert set(held) == {"x3", "x4"}  # the nodes that feed two others
    assert session.step_index == 8
