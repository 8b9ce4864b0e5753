"""Training runs that are kept: what they record, how they come back, and how a file keeps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visualad.graph import edits
from visualad.graph.file import load
from visualad.gui.document import Document
from visualad.gui.run_record import MOST_STORED, differing, settings_of_run
from visualad.gui.runs import KEY, Runs, runs_of
from visualad.gui.session import Session
from visualad.gui.training_editor import training_editor
from visualad.kernel.messages import Finished, Progress, Train
from visualad.training.perceptron import mlp

from .doubles import HandKernel


@pytest.fixture
def hand() -> HandKernel:
    return HandKernel()


@pytest.fixture
def document(qapp) -> Document:
    return Document(mlp([2, 3, 1], "tanh", "tanh", data="circle"))


@pytest.fixture
def session(document: Document, hand: HandKernel):
    made = Session(document, hand)
    yield made
    made.close()


@pytest.fixture
def runs(session: Session) -> Runs:
    return runs_of(session)


def train(session: Session, hand: HandKernel, epochs: int, **weights: float) -> None:
    """A run that is done after so many epochs with these in all elements of the parameters."""
    graph = session.document.graph
    reached = {name: np.full(np.shape(graph[name].value), v) for name, v in weights.items()}
    session.train_start()
    losses = tuple(1.0 / (1 + n) for n in range(epochs + 1))
    accuracies = {"accuracy test": tuple(0.5 for _ in losses)}
    (run,) = hand.tickets(Train)
    behind = hand.open[run][0].epoch
    last = behind + epochs
    hand.tell(
        Train,
        lambda ticket: Progress(
            ticket, tuple(range(behind, last + 1)), losses, losses, last, 10, 100.0, "running",
            parameters=reached, measured=accuracies, place=float(last),
        ),
    )  # fmt: skip
    hand.answer(Train, lambda ticket: Finished(ticket, reached, "done"))


def set_training(document: Document, **changes: object) -> None:
    document.apply("Set", lambda graph: edits.set_training(graph, {**graph.training, **changes}))


def test_each_run_is_kept_with_its_settings_its_start_and_its_end(runs, session, hand, document):
    begun = document.graph
    train(session, hand, 5, W1=2.0)
    session.train_reset()
    set_training(document, learning_rate=0.5)
    train(session, hand, 3, W1=7.0)
    first, second = runs.records
    assert not first.curves.path  # large, and of no use beside the present run
    assert second.curves.path
    assert [r.name for r in runs.records] == ["Run 1", "Run 2"]
    assert (first.epochs, second.epochs) == (5, 3)
    assert first.start == begun
    assert np.all(first.end["W1"] == 2.0)
    assert first.latest("test") == pytest.approx(1 / 6)
    assert first.latest("accuracy test") == 0.5
    assert (first.state, second.state) == ("done", "done")
    assert first.colour != second.colour
    assert differing([record.settings() for record in runs.records]) == ["learning_rate"]
    assert second.settings()["learning_rate"] == "0.5"


def test_a_reset_without_any_training_leaves_no_run(runs, session, hand):
    session.train_start()
    hand.tell(Train, lambda t: Progress(t, (0,), (1.0,), (1.0,), 0, 0, 0.0, "running"))
    session.train_reset()
    assert runs.records == []


def test_settings_changed_on_the_way_are_told_with_their_epoch(runs, session, hand, document):
    train(session, hand, 4)
    set_training(document, learning_rate=0.5)
    train(session, hand, 6)
    (record,) = runs.records
    assert record.epochs == 10
    assert record.settings()["learning_rate"] == "0.01 → 0.5 from epoch 4"


@pytest.mark.parametrize("end", [False, True])
def test_a_run_comes_back_as_one_undoable_step(runs, session, hand, document, end):
    began = document.graph
    train(session, hand, 5, W1=2.0)
    document.apply("Another", lambda _: mlp([2, 9, 1], "relu", "tanh", data="xor", seed=4))
    before = document.graph
    assert runs.restore(runs.records[0], end=end)
    restored = document.graph
    assert restored.training == began.training
    assert restored.seed == began.seed
    expected = np.full((3, 2), 2.0) if end else began["W1"].value
    np.testing.assert_array_equal(restored["W1"].value, expected)
    assert document.undo_name == f"Restore Run 1 ({'end' if end else 'start'})"
    document.undo()
    assert document.graph is before
    assert len(runs.records) == 1


def test_restoring_leaves_the_nodes_where_they_were_moved_to(runs, session, hand, document):
    train(session, hand, 5, W1=2.0)
    document.apply("Move", lambda graph: edits.move(graph, {"h1": (-77.0, 5.0)}))
    runs.restore(runs.records[0], end=True)
    assert document.graph["h1"].position == (-77.0, 5.0)


def test_training_after_a_restore_is_a_run_of_its_own(runs, session, hand):
    train(session, hand, 5, W1=2.0)
    runs.restore(runs.records[0], end=True)
    train(session, hand, 2, W1=3.0)
    assert [r.epochs for r in runs.records] == [5, 2]
    assert np.all(runs.records[1].start["W1"].value == 2.0)


def test_a_network_that_begins_anew_is_a_run_of_its_own(runs, session, hand, document):
    train(session, hand, 5, W1=2.0)
    begun = document.graph
    training_editor(document, session).set_seed(9)
    assert session.curves.epochs == []
    train(session, hand, 3, W1=4.0)
    assert [r.epochs for r in runs.records] == [5, 3]
    assert differing([r.settings() for r in runs.records]) == ["seed"]
    assert runs.records[0].start.seed == 0
    document.undo()
    document.undo()
    assert document.graph == begun


def test_runs_are_renamed_recoloured_hidden_deleted_and_put_back(runs, session, hand, qtbot):
    train(session, hand, 5)
    session.train_reset()
    train(session, hand, 5)
    first, second = runs.records
    with qtbot.waitSignal(runs.changed):
        runs.rename(first, " steep ")
    runs.rename(first, "  ")
    runs.recolour(first, "#aa0000")
    runs.show(first, False)
    assert (first.name, first.colour, first.shown) == ("steep", "#aa0000", False)
    deleted = runs.delete([first])
    assert runs.records == [second]
    runs.put_back(deleted)
    assert runs.records == [first, second]


def test_a_run_that_is_deleted_while_it_goes_on_stays_away(runs, session, hand):
    session.train_start()

    def said(epoch: int):
        return lambda t: Progress(t, (epoch,), (1.0,), (1.0,), epoch, 0, 0.0, "running")

    for epoch in range(3):
        hand.tell(Train, said(epoch))
    runs.delete(runs.records)
    hand.tell(Train, said(3))
    assert runs.records == []


def test_runs_are_saved_with_the_document_and_are_there_when_it_is_opened(
    runs, session, hand, document, tmp_path: Path
):
    train(session, hand, 5, W1=2.0)
    runs.rename(runs.records[0], "steep")
    graph = document.graph
    path = tmp_path / "runs.vad"
    document.save(path)
    assert document.graph is graph  # runs are no part of the graph and of undo
    assert load(path).with_(extra={}) == graph.with_(extra={})
    document.new()
    assert runs.records == []
    document.open(path)
    (record,) = runs.records
    assert (record.name, record.state, record.epochs) == ("steep", "done", 5)
    assert np.all(record.end["W1"] == 2.0)
    assert list(record.curves.train) == [1.0 / (1 + n) for n in range(6)]
    assert list(record.curves.metrics["accuracy test"]) == [0.5] * 6
    assert settings_of_run(record.start)["layers"] == "2–3–1"
    runs.delete(runs.records)
    document.save()
    assert KEY not in load(path).extra


def test_long_curves_are_thinned_in_the_file(runs, session, hand, document, tmp_path):
    train(session, hand, 20_000)
    document.save(tmp_path / "runs.vad")
    document.open(tmp_path / "runs.vad")
    (record,) = runs.records
    assert record.epochs == 20_000
    assert record.curves.epochs[0] == 0
    assert len(record.curves.epochs) <= MOST_STORED + 2


def test_a_damaged_run_in_a_file_is_left_out_with_a_sentence(
    runs, session, hand, document, tmp_path, qtbot
):
    train(session, hand, 5)
    path = tmp_path / "runs.vad"
    document.save(path)
    path.write_text(path.read_text().replace('"colour": "#1d5fa8"', '"colour": "7"'))
    with qtbot.waitSignal(session.problem) as told:
        document.open(path)
    assert told.args[0] == "A training run in the file is damaged; it was left out."
    assert runs.records == []
    assert document.graph["W1"] is not None
