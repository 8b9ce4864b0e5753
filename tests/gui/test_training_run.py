from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from visualad.graph import edits
from visualad.graph.model import Graph, Node
from visualad.graph.parser import parse
from visualad.gui.document import Document
from visualad.gui.run_parameters import is_quick
from visualad.gui.training_run import MEASURE_MS, STOPPED_BY_EDIT, TrainingRun
from visualad.kernel.messages import Failed, Finished, Progress, Train

from .doubles import HandKernel


def small_network() -> Graph:
    graph = parse("sigmoid(x*W1 + b1)")
    nodes = {
        id_: Node(id=id_, op="parameter" if id_ in ("W1", "b1") else node.op, name=node.name,
                        settings={"value": 1.0} if node.is_leaf else node.settings)
        for id_, node in graph.nodes_by_id.items()
    }  # fmt: skip
    return graph.with_(nodes_by_id=nodes, training={"learning_rate": 0.1})


@pytest.fixture
def hand() -> HandKernel:
    return HandKernel()


@pytest.fixture
def document(qapp) -> Document:
    return Document(small_network())


@pytest.fixture
def run(document: Document, hand: HandKernel) -> TrainingRun:
    return TrainingRun(document, hand)


def progress(
    *epochs: int,
    state: str = "running",
    parameters: Mapping[str, Any] | None = None,
):
    losses = tuple(1.0 / (1 + epoch) for epoch in epochs)
    return lambda ticket: Progress(
        ticket, epochs, losses, losses, epochs[-1], 10, 100.0, state, parameters=parameters
    )


def asked(hand: HandKernel) -> Train:
    (ticket,) = hand.tickets(Train)
    request = hand.open[ticket][0]
    assert isinstance(request, Train)
    return request


def value(document: Document, name: str) -> Any:
    return document.graph[name].value


def test_a_run_moves_the_curves_and_leaves_the_graph_alone_until_it_pauses(
    run: TrainingRun, document: Document, hand: HandKernel
) -> None:
    before = document.graph
    run.start()
    assert run.state == "running"
    hand.tell(Train, progress(0, 1, 2, parameters={"W1": 3.0, "b1": 4.0}))
    assert run.curves.epochs == [0, 1, 2]
    assert document.graph is before
    run.pause()
    hand.tell(Train, progress(3, state="paused", parameters={"W1": 5.0, "b1": 6.0}))
    assert (run.state, value(document, "W1"), value(document, "b1")) == ("paused", 5.0, 6.0)
    assert document.undo_name == "Train"
    document.undo()
    assert document.graph is before


def test_a_pause_without_a_new_epoch_still_tells_the_loss(
    run: TrainingRun, hand: HandKernel
) -> None:
    run.start()
    hand.tell(Train, progress(0, 1))
    hand.tell(Train, lambda t: Progress(t, (), (), (), 1, 10, 100.0, "paused"))
    assert run.last is not None
    assert run.last.train == (0.5,)
    assert run.curves.epochs == [0, 1]


def test_a_run_is_one_undoable_step_however_often_it_pauses(
    run: TrainingRun, document: Document, hand: HandKernel
) -> None:
    before = document.graph
    run.start()
    for epoch in range(1, 4):
        hand.tell(Train, progress(epoch, state="paused", parameters={"W1": float(epoch)}))
        run.start()
        assert hand.controls[-1][1] == "resume"
    run.stop()
    hand.answer(Train, lambda t: Finished(t, {"W1": 9.0}, "stopped"))
    assert run.state == ""
    assert value(document, "W1") == 9.0
    document.undo()
    assert document.graph is before


def test_a_run_whose_parameters_were_undone_starts_again_from_those_shown(
    run: TrainingRun, document: Document, hand: HandKernel
) -> None:
    run.start()
    hand.tell(Train, progress(1, state="paused", parameters={"W1": 7.0}))
    document.undo()
    run.start()
    (ticket,) = hand.tickets(Train)
    request = hand.open[ticket][0]
    assert isinstance(request, Train)
    assert request.graph["W1"].value == 1.0


def test_one_step_trains_one_epoch_and_stays_paused(run: TrainingRun, hand: HandKernel) -> None:
    run.step()
    (ticket,) = hand.tickets(Train)
    request = hand.open[ticket][0]
    assert isinstance(request, Train)
    assert request.paused
    assert hand.controls == [(ticket, "step")]
    assert run.state == "paused"


def test_reset_returns_to_the_parameters_before_training(
    run: TrainingRun, document: Document, hand: HandKernel
) -> None:
    for reached in (3.0, 4.0):
        run.start()
        hand.answer(Train, lambda t, reached=reached: Finished(t, {"W1": reached}, "stopped"))
        run.curves.epochs.append(1)
    run.reset()
    assert value(document, "W1") == 1.0
    assert run.curves.epochs == []
    assert run.state == ""
    document.undo()
    assert value(document, "W1") == 4.0


def test_reset_stops_a_run_that_computes(run: TrainingRun, hand: HandKernel) -> None:
    run.start()
    (ticket,) = hand.tickets(Train)
    run.reset()
    assert hand.controls[-1] == (ticket, "stop")
    assert not hand.tickets(Train)


def test_a_second_run_continues_the_curves(run: TrainingRun, hand: HandKernel) -> None:
    run.start()
    hand.tell(Train, progress(0, 1, 2))
    hand.answer(Train, lambda t: Finished(t, {"W1": 2.0}, "stopped"))
    run.start()
    assert asked(hand).epoch == 2
    hand.tell(Train, progress(2, 3, 4))
    assert run.curves.epochs == [0, 1, 2, 3, 4]
    assert run.last is not None
    assert run.last.epoch == 4


def test_editing_the_structure_stops_training_with_a_sentence(
    run: TrainingRun, document: Document, hand: HandKernel, qtbot
) -> None:
    run.start()
    hand.tell(Train, progress(0, 1, parameters={"W1": 2.5, "b1": 3.5}))
    with qtbot.waitSignal(run.problem) as told:
        document.apply("Delete", lambda g: edits.remove(g, ["b1"]))
    assert told.args[0] == STOPPED_BY_EDIT
    assert run.state == ""
    assert hand.controls[-1][1] == "stop"
    assert value(document, "W1") == 2.5  # what was learnt is kept
    assert document.undo_name == "Train"


def test_moving_a_node_lets_training_go_on(
    run: TrainingRun, document: Document, hand: HandKernel
) -> None:
    run.start()
    document.apply("Move", lambda g: edits.move(g, {"W1": (5.0, 5.0)}))
    assert run.state == "running"
    assert len(hand.tickets(Train)) == 1


def test_another_learning_rate_takes_effect_at_once_from_the_parameters_reached(
    run: TrainingRun, document: Document, hand: HandKernel
) -> None:
    run.start()
    hand.tell(Train, progress(0, 1, 2, parameters={"W1": 2.5, "b1": 3.5}))
    document.apply("Rate", lambda g: edits.set_training(g, {"learning_rate": 0.5}))
    (ticket,) = hand.tickets(Train)
    request = hand.open[ticket][0]
    assert isinstance(request, Train)
    assert request.graph.training["learning_rate"] == 0.5
    assert request.graph["W1"].value == 2.5
    assert request.epoch == 2
    hand.tell(Train, progress(2, 3, parameters={"W1": 2.6, "b1": 3.5}))
    assert run.curves.epochs == [0, 1, 2, 3]


def test_a_replaced_document_gets_no_parameters_of_the_old_one(
    run: TrainingRun, document: Document, hand: HandKernel
) -> None:
    run.start()
    hand.tell(Train, progress(0, 1, parameters={"W1": 2.5}))
    document.new(small_network())
    assert run.state == ""
    assert not hand.tickets(Train)
    assert run.curves.epochs == []
    assert not document.is_dirty
    assert value(document, "W1") == 1.0


def test_a_run_that_fails_keeps_what_was_learnt_and_says_why(
    run: TrainingRun, document: Document, hand: HandKernel, qtbot
) -> None:
    run.start()
    hand.tell(Train, progress(0, 1, parameters={"W1": 2.5}))
    with qtbot.waitSignal(run.problem) as told:
        hand.answer(Train, lambda t: Failed(t, "The kernel stopped.", detail="trace"))
    assert told.args == ["The kernel stopped.", "trace"]
    assert run.state == ""
    assert value(document, "W1") == 2.5


def test_a_run_that_diverged_says_so(run: TrainingRun, hand: HandKernel, qtbot) -> None:
    run.start()
    with qtbot.waitSignals([run.problem, run.finished]):
        hand.answer(Train, lambda t: Finished(t, {}, "diverged", "The loss is not finite."))


def test_a_run_that_has_converged_is_good_news(run: TrainingRun, hand: HandKernel, qtbot) -> None:
    run.start()
    with qtbot.assertNotEmitted(run.problem), qtbot.waitSignal(run.news) as told:
        hand.answer(Train, lambda t: Finished(t, {}, "converged", "Converged in epoch 7."))
    assert told.args == ["Converged in epoch 7."]


def test_after_stopping_early_the_loss_shown_is_that_of_the_parameters_restored(
    run: TrainingRun, hand: HandKernel, qtbot
) -> None:
    run.start()
    hand.tell(Train, progress(0, 1, 2))
    hand.answer(Train, lambda t: Finished(t, {"W1": 2.0}, "early", "Stopped early in epoch 2."))
    qtbot.waitUntil(lambda: bool(hand.tickets(Train)))
    assert asked(hand).paused
    assert asked(hand).graph["W1"].value == 2.0


def test_parameters_of_another_shape_are_left_alone(
    run: TrainingRun, document: Document, hand: HandKernel
) -> None:
    run.start()
    hand.answer(Train, lambda t: Finished(t, {"W1": np.ones((2, 2)), "b1": 3.0}, "done"))
    assert value(document, "W1") == 1.0
    assert value(document, "b1") == 3.0


def trained(run: TrainingRun, hand: HandKernel) -> None:
    run.start()
    hand.tell(Train, progress(0, 1, 2))
    hand.answer(Train, lambda t: Finished(t, {"W1": 2.0}, "stopped"))


def test_a_parameter_edited_by_hand_has_its_loss_measured_and_not_drawn(
    run: TrainingRun, document: Document, hand: HandKernel, qtbot
) -> None:
    trained(run, hand)
    document.apply("Set W1", lambda g: edits.set_setting(g, "W1", "value", 5.0))
    qtbot.waitUntil(lambda: bool(hand.tickets(Train)))
    (ticket,) = hand.tickets(Train)
    request = hand.open[ticket][0]
    assert isinstance(request, Train)
    assert request.paused
    assert request.graph["W1"].value == 5.0
    with qtbot.waitSignal(run.changed):
        hand.tell(Train, progress(0, state="paused"))
    assert hand.controls[-1] == (ticket, "stop")
    assert run.last is not None
    assert run.last.train == (1.0,)
    assert run.last.epoch == 2
    assert run.curves.epochs == [0, 1, 2]
    assert run.state == ""


def test_undoing_training_shows_the_loss_of_the_parameters_before(
    run: TrainingRun, document: Document, hand: HandKernel, qtbot
) -> None:
    trained(run, hand)
    document.undo()
    qtbot.waitUntil(lambda: bool(hand.tickets(Train)))
    hand.tell(Train, progress(0, state="paused"))
    assert run.last is not None
    assert run.last.epoch == 0
    assert run.curves.epochs == [0, 1, 2]


def test_nothing_is_measured_for_a_move_or_another_learning_rate(
    run: TrainingRun, document: Document, hand: HandKernel, qtbot
) -> None:
    trained(run, hand)
    document.apply("Move", lambda g: edits.move(g, {"W1": (5.0, 5.0)}))
    document.apply("Rate", lambda g: edits.set_training(g, {"learning_rate": 0.5}))
    qtbot.wait(2 * MEASURE_MS)
    assert not hand.tickets(Train)


def test_a_graph_that_cannot_be_trained_shows_no_results_of_an_earlier_one(
    run: TrainingRun, document: Document, hand: HandKernel, qtbot
) -> None:
    trained(run, hand)
    document.apply("Delete", lambda g: edits.remove(g, ["b1"]))
    qtbot.waitUntil(lambda: bool(hand.tickets(Train)))
    hand.answer(Train, lambda t: Failed(t, "A port is not connected."))
    assert run.last is None


def test_data_that_are_not_measured_at_once_show_no_loss_of_others(
    run: TrainingRun, document: Document, hand: HandKernel, qtbot
) -> None:
    document.apply("Data", lambda g: edits.set_training(g, {"data": {"name": "circle"}}))
    qtbot.waitUntil(lambda: bool(hand.tickets(Train)))
    hand.tell(Train, progress(0, state="paused"))
    assert run.last is not None
    with qtbot.waitSignal(run.changed):
        document.apply("Data", lambda g: edits.set_training(g, {"data": {"name": "own.csv"}}))
    assert run.last is None


@pytest.mark.parametrize(("characters", "quick"), [(100, True), (100_000, False), (0, False)])
def test_only_a_small_file_in_the_document_is_measured_before_it_is_trained(
    characters: int, quick: bool
) -> None:
    data = {"name": "own.csv", "content": {"own.csv.gz": "x" * characters}}
    assert is_quick(small_network().with_(training={"data": data})) == quick


def test_training_again_at_once_is_not_disturbed_by_measuring(
    run: TrainingRun, document: Document, hand: HandKernel, qtbot
) -> None:
    trained(run, hand)
    document.undo()
    run.start()
    qtbot.wait(2 * MEASURE_MS)
    assert run.state == "running"
    assert len(hand.tickets(Train)) == 1


def test_an_element_changed_by_hand_while_training_keeps_what_the_others_have_learnt(
    run: TrainingRun, document: Document, hand: HandKernel
) -> None:
    run.start()
    hand.tell(Train, progress(0, parameters={"W1": 5.0, "b1": 6.0}))
    document.apply("Set", lambda graph: edits.set_settings(graph, {"W1": {"value": 2.0}}))
    (ticket,) = hand.tickets(Train)
    request = hand.open[ticket][0]
    assert isinstance(request, Train)
    assert (request.graph["W1"].value, request.graph["b1"].value) == (2.0, 6.0)
    hand.tell(Train, progress(0, 1))
    assert run.curves.epochs == [0, 1]


def test_a_plugin_that_is_saved_while_training_is_trained_with_at_once(
    run: TrainingRun, document: Document, hand: HandKernel
) -> None:
    run.start()
    hand.tell(Train, progress(0, 1, parameters={"W1": 3.0, "b1": 2.0}))
    document.renew_operations({"sin"})
    assert len(hand.tickets(Train)) == 1
    first = hand.tickets(Train)[0]
    document.renew_operations({"sigmoid"})
    (second,) = hand.tickets(Train)
    assert second != first
    request = hand.open[second][0]
    assert isinstance(request, Train)
    assert request.graph["W1"].value == 3.0


def test_a_run_that_does_not_stop_is_told(run: TrainingRun, hand: HandKernel, qtbot) -> None:
    run._insist.setInterval(1)
    run.start()
    hand.tell(Train, progress(0, 1))
    with qtbot.waitSignal(run.unheard):
        run.stop()
    run.stop()
    hand.answer(Train, lambda id_: Finished(id_, {}, "stopped"))
    with qtbot.assertNotEmitted(run.unheard, wait=20):
        pass
