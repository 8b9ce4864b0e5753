"""Further runs with other seeds and settings, for the list of runs."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from visualad.gui.document import Document
from visualad.gui.panels.run_more import RunMoreDialog
from visualad.gui.run_queue import RunQueue
from visualad.gui.run_record import differing
from visualad.gui.runs import Runs, runs_of
from visualad.gui.session import Session
from visualad.kernel.messages import Failed
from visualad.kernel.sweep_messages import SweepFinished, SweepProgress, TrainSweep
from visualad.training.grid.plan import Case, prepared
from visualad.training.grid.worker import Result, Whole
from visualad.training.perceptron import mlp

from .doubles import HandKernel


@pytest.fixture
def document(qapp) -> Document:
    return Document(mlp([2, 3, 1], "tanh", "tanh", data="circle"))


@pytest.fixture
def hand() -> HandKernel:
    return HandKernel()


@pytest.fixture
def runs(document: Document, hand: HandKernel):
    session = Session(document, hand)
    yield runs_of(session)
    session.close()


@pytest.fixture
def queue(document: Document, hand: HandKernel, runs: Runs) -> RunQueue:
    return RunQueue(document, hand, runs, runs)


def result(document: Document, rate: float, seed: int, status: str = "done") -> Result:
    case = Case((("learning_rate", rate),), seed)
    graph = prepared(document.graph, case)
    curves = {"train": np.array([1.0, rate]), "test": np.array([1.0, 2 * rate])}
    whole = Whole(graph, np.array([0, 50]), curves, {"b1": np.full(3, rate)})
    failed = status == "failed"
    return Result(case, status, "It broke." if failed else "", whole=None if failed else whole)


def told(*results: Result, total: int = 4):
    return lambda ticket: SweepProgress(
        ticket, ("learning_rate",), total, results, ("learning_rate=0.1, seed=1",), "running"
    )


def test_every_finished_run_appears_with_its_settings_curves_and_parameters(
    queue, runs, document, hand
) -> None:
    queue.start({"learning_rate": ["0.1", "0.5"]}, 2, 50)
    (request,) = (r for r in hand.asked if isinstance(r, TrainSweep))
    assert request.settings == (("learning_rate", ("0.1", "0.5")),)
    assert (request.seeds, request.whole) == (2, True)
    assert request.graph.training["epochs"] == 50
    assert document.graph.training["epochs"] is None  # the document stays as it is
    hand.tell(TrainSweep, told(result(document, 0.1, 0)))
    assert (queue.done, queue.total, queue.is_busy) == (1, 4, True)
    hand.tell(TrainSweep, told(result(document, 0.5, 1)))
    hand.answer(TrainSweep, lambda t: SweepFinished(t, "complete", None, None))
    assert not queue.is_busy
    first, second = runs.records
    assert (first.name, second.name) == ("Run 1", "Run 2")
    assert differing([record.settings() for record in runs.records]) == [
        "seed",
        "data seed",
        "learning_rate",
    ]
    assert (second.epochs, second.latest("test")) == (50, 1.0)
    assert second.settings()["seed"] == "1"
    assert np.all(second.end["b1"] == 0.5)
    assert runs.restore(second, end=True)
    assert document.graph.seed == 1
    assert np.all(document.graph["b1"].value == 0.5)


def test_runs_that_fail_are_told_in_one_sentence(queue, document, hand, qtbot) -> None:
    queue.start({}, 2, 50)
    hand.tell(TrainSweep, told(result(document, 0.1, 0, "failed"), total=2))
    with qtbot.waitSignal(queue.problem) as said:
        hand.answer(TrainSweep, lambda t: SweepFinished(t, "complete", None, None))
    assert said.args[0] == "1 of 2 runs failed; learning_rate=0.1, seed=0: It broke."
    queue.start({}, 2, 50)
    with qtbot.waitSignal(queue.problem) as said:
        hand.answer(TrainSweep, lambda t: Failed(t, "There is no data set."))
    assert said.args[0] == "There is no data set."


def test_another_document_gets_no_runs_of_the_old_one(queue, runs, document, hand) -> None:
    queue.start({}, 2, 50)
    (ticket,) = hand.tickets(TrainSweep)
    document.new(mlp([2, 5, 1], "relu", data="xor"))
    assert (ticket, "stop") in hand.controls
    assert ticket not in hand.open  # whatever still comes is ignored
    assert not queue.is_busy
    assert runs.records == []


def test_the_dialog_counts_the_runs_and_refuses_what_means_nothing(document, qtbot) -> None:
    dialog = RunMoreDialog(document.graph, 80)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.summary.text() == "3 runs"
    index = dialog.setting.findData("learning_rate")
    dialog.setting.setCurrentIndex(index)
    dialog.setting.activated.emit(index)
    dialog.values.selectAll()
    qtbot.keyClicks(dialog.values, "0.1, 0.2")
    assert dialog.summary.text() == "6 runs"
    qtbot.mouseClick(dialog.run_button, Qt.MouseButton.LeftButton)
    assert dialog.wanted == ({"learning_rate": ["0.1", "0.2"]}, 3, 80)
    index = dialog.setting.findData("hidden")
    dialog.setting.activated.emit(index)
    dialog.values.setText("4, many")
    assert "such as 8 or 8x8" in dialog.fault.text
    assert not dialog.run_button.isEnabled()
    dialog.values.setText("1, 2")
    dialog.seeds.setValue(150)
    assert dialog.fault.text == "That makes 300 runs; 200 is the most at once."
