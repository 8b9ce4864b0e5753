"""Training runs beside everything else: live, steerable, and it never loses what it learnt."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visualad as va
from visualad.graph.model import Graph
from visualad.kernel import training
from visualad.kernel.messages import (
    Control,
    Evaluate,
    Evaluated,
    Failed,
    Finished,
    Progress,
    Reply,
    Train,
)
from visualad.kernel.training import TrainingRun

from .asking import Asking
from .odd_requests import Misbehave


def network(**changes: Any) -> Graph:
    g = va.mlp([2, 4, 1], activation="tanh", output="tanh", data="circle")
    return g.with_(training={**g.training, **changes})


def progress(replies: list[Reply], run: int) -> list[Progress]:
    return [r for r in replies if isinstance(r, Progress) and r.id == run]


@pytest.fixture
def run(kernel: Asking) -> Iterator[int]:
    """A run that trains; stopped after the test."""
    id_ = kernel.client.send(Train(network()))
    yield id_
    kernel.client.send(Control(id_, "stop"))
    kernel.answer(id_)


def test_a_run_with_an_end_reports_every_epoch_and_gives_the_parameters(kernel: Asking) -> None:
    g = network(epochs=30)
    id_ = kernel.client.send(Train(g))
    end = kernel.answer(id_)
    assert isinstance(end, Finished)
    assert end.reason == "done"
    found = progress(kernel.replies, id_)
    assert list(itertools.chain(*(p.epochs for p in found))) == list(range(31))
    train = list(itertools.chain(*(p.train for p in found)))
    settings = g.training
    same = va.train(
        g,
        optimizer=va.Adam(settings["learning_rate"]),
        epochs=30,
        batch_size=settings["batch_size"],
    )
    assert train == same.history.train
    assert set(end.parameters) == {"W1", "b1", "W2", "b2"}
    for node, value in end.parameters.items():
        np.testing.assert_array_equal(value, same.graph[node].value)
    assert found[-1].epoch == 30
    assert found[-1].steps == 30 * 25
    assert found[-1].metrics.keys() == {"accuracy train", "accuracy test"}


def test_a_run_at_a_pace_reports_epoch_by_epoch_and_answers_meanwhile(kernel: Asking) -> None:
    run = kernel.client.send(Train(network(), pace=20.0))
    kernel.wait(lambda replies: sum(bool(p.epochs) for p in progress(replies, run)) >= 4)
    found = [p for p in progress(kernel.replies, run) if p.epochs]
    assert [p.epoch for p in found[1:4]] == [1, 2, 3]
    assert all(p.parameters is not None and p.predictions is not None for p in found)
    assert set(found[-1].confusion) == {"train", "test"}
    assert found[-1].confusion["train"].sum() == 250
    assert isinstance(kernel.answer(kernel.client.send(Evaluate(network()))), Evaluated)
    kernel.client.send(Control(run, "pace", 0.0))
    kernel.wait(lambda replies: progress(replies, run)[-1].epoch > 60)
    kernel.client.send(Control(run, "stop"))
    assert isinstance(kernel.answer(run), Finished)


def test_progress_comes_at_most_thirty_times_a_second_with_maps_and_parameters(
    kernel: Asking, run: int
) -> None:
    kernel.wait(lambda replies: len(progress(replies, run)) >= 2)
    kernel.replies.clear()
    begin = time.monotonic()
    kernel.wait(lambda replies: len(progress(replies, run)) >= 20)
    seconds = time.monotonic() - begin  # on a slower machine longer: these are upper limits
    found = progress(kernel.replies, run)
    assert len(found) <= 30 * seconds + 3
    assert sum(p.parameters is not None for p in found) <= 10 * seconds + 2
    maps = [p.predictions for p in found if p.predictions is not None]
    assert 1 <= len(maps) <= 5 * seconds + 2
    assert maps[0].shape == (50, 50)
    assert all(p.state == "running" for p in found)
    assert found[-1].steps_per_second > 0
    epochs = list(itertools.chain(*(p.epochs for p in found)))
    assert epochs == list(range(epochs[0], epochs[-1] + 1))


def test_questions_are_answered_while_it_trains(kernel: Asking, run: int) -> None:
    kernel.wait(lambda replies: bool(progress(replies, run)))
    for _ in range(10):
        kernel.answer(kernel.client.send(Evaluate(va.parse("x*x"))))
    seen = len(progress(kernel.replies, run))
    kernel.wait(lambda replies: len(progress(replies, run)) > seen)


def test_pausing_stepping_and_going_on(kernel: Asking, run: int) -> None:
    kernel.wait(lambda replies: bool(progress(replies, run)))
    kernel.client.send(Control(run, "pause"))
    kernel.wait(lambda replies: progress(replies, run)[-1].state == "paused")
    paused = progress(kernel.replies, run)[-1]
    assert paused.parameters is not None
    assert paused.predictions is not None
    assert paused.place == paused.epoch  # the losses are those of these parameters
    time.sleep(0.1)
    assert not kernel.client.poll()
    for k in (1, 2):
        kernel.client.send(Control(run, "step"))
        kernel.wait(lambda replies, k=k: progress(replies, run)[-1].epoch == paused.epoch + k)
        stepped = progress(kernel.replies, run)[-1]
        assert stepped.state == "paused"
        assert stepped.epochs == (paused.epoch + k,)
        assert stepped.parameters is not None
    kernel.client.send(Control(run, "resume"))
    kernel.wait(lambda replies: progress(replies, run)[-1].epoch > paused.epoch + 5)
    assert progress(kernel.replies, run)[-1].state == "running"


def test_a_run_may_begin_paused_with_the_losses_before_training(kernel: Asking) -> None:
    id_ = kernel.client.send(Train(network(), paused=True))
    kernel.wait(lambda replies: bool(progress(replies, id_)))
    first = progress(kernel.replies, id_)[0]
    assert (first.epochs, first.epoch, first.steps, first.state) == ((0,), 0, 0, "paused")
    kernel.client.send(Control(id_, "stop"))
    assert kernel.answer(id_).reason == "stopped"  # type: ignore[attr-defined]


def test_stopping_gives_what_was_learnt(kernel: Asking) -> None:
    g = network()
    id_ = kernel.client.send(Train(g))
    kernel.wait(lambda replies: bool(progress(replies, id_)))
    kernel.client.send(Control(id_, "stop"))
    end = kernel.answer(id_)
    assert isinstance(end, Finished)
    assert (end.reason, end.message) == ("stopped", "")
    assert not np.array_equal(end.parameters["W1"], g["W1"].value)


def test_a_new_run_ends_the_one_before(kernel: Asking) -> None:
    first = kernel.client.send(Train(network()))
    second = kernel.client.send(Train(network(epochs=1)))
    assert kernel.answer(first).reason == "stopped"  # type: ignore[attr-defined]
    assert kernel.answer(second).reason == "done"  # type: ignore[attr-defined]
    kernel.client.send(Control(first, "pause"))  # too late, and no harm


def test_an_interrupt_ends_the_run_and_keeps_what_was_learnt(
    kernel: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualad.kernel.client.INTERRUPT_PATIENCE", 10.0)
    pid = kernel.client.pid
    id_ = kernel.client.send(Train(network()))
    kernel.wait(lambda replies: bool(progress(replies, id_)))
    kernel.client.interrupt()
    end = kernel.answer(id_)
    assert isinstance(end, Finished)
    assert end.reason == "stopped"
    assert kernel.client.pid == pid


def test_a_crash_fails_the_run_that_goes(kernel: Asking) -> None:
    id_ = kernel.client.send(Train(network()))
    kernel.wait(lambda replies: bool(progress(replies, id_)))
    kernel.client.send(Misbehave("exit"))
    assert isinstance(kernel.answer(id_), Failed)
    kernel.idle()


def test_divergence_names_the_culprit_and_gives_the_last_good_parameters(kernel: Asking) -> None:
    g = va.mlp([2, 4, 1], activation="relu", data="circle")
    settings = {**g.training, "optimizer": "sgd", "learning_rate": 1e4}
    id_ = kernel.client.send(Train(g.with_(training=settings)))
    end = kernel.answer(id_)
    assert isinstance(end, Finished)
    assert end.reason == "diverged"
    assert "Training diverged in epoch 1: " in end.message
    assert all(np.isfinite(value).all() for value in end.parameters.values())


@pytest.mark.parametrize(
    ("graph", "sentence"),
    [
        (network(optimizer="lion"), "There is no optimiser 'lion'"),
        (network(data={"name": "/absent.csv"}), "cannot be read"),
        (va.mlp([2, 1]), "no data set to train on"),
    ],
)
def test_what_cannot_be_trained_fails_in_words(kernel: Asking, graph: Graph, sentence: str) -> None:
    reply = kernel.answer(kernel.client.send(Train(graph)))
    assert isinstance(reply, Failed)
    assert sentence in reply.message


def test_an_unknown_action_is_refused(kernel: Asking, run: int) -> None:
    kernel.wait(lambda replies: bool(progress(replies, run)))
    # Nobody waits for an answer to `Control`; the run just goes on.
    kernel.client.send(Control(run, "dance"))
    kernel.wait(lambda replies: len(progress(replies, run)) > 3)


def test_long_curves_are_thinned_with_their_ends_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MOST_POINTS", 10)
    run = TrainingRun(Train(network(epochs=100), id=7))
    replies = [*run.begin()]
    while not run.has_ended:
        monkeypatch.setattr(training, "PROGRESS_EVERY", 1e9)
        replies.extend(run.advance())
    last = replies[-2]
    assert isinstance(last, Progress)
    assert len(last.epochs) == len(last.train) == len(last.test) == 10
    assert (last.epochs[0], last.epochs[-1]) == (1, 100)
    assert list(last.epochs) == sorted(set(last.epochs))


def test_a_run_that_goes_on_counts_the_epochs_behind_it() -> None:
    g = va.mlp([2, 4, 1], activation="relu", data="circle")
    run = TrainingRun(Train(g.with_(training={**g.training, "learning_rate": 1e300}), epoch=61))
    (first,) = run.begin()
    assert isinstance(first, Progress)
    assert (first.epochs, first.place) == ((61,), 61.0)
    while not run.has_ended:
        end = run.advance()[-1:]
    assert isinstance(end[0], Finished)
    assert end[0].message.startswith("Training diverged in epoch 62: ")
    assert "the parameters of epoch 61 were kept" in end[0].message


@pytest.mark.parametrize(("behind", "until"), [(0, 5), (3, 5), (5, 10)])
def test_a_run_goes_on_to_its_last_epoch_or_for_as_many_more(behind: int, until: int) -> None:
    run = TrainingRun(Train(network(epochs=5), epoch=behind))
    run.begin()
    while not run.has_ended:
        run.advance()
    assert run.trainer.epoch == until


def test_networks_with_one_input_have_a_curve_and_with_many_no_map(tmp_path: Path) -> None:
    g = va.mlp([1, 4, 1], activation="tanh", data="sine")
    first = TrainingRun(Train(g, id=1)).begin()[0]
    assert isinstance(first, Progress)
    (left, right) = va.datasets.load("sine").bounds()[0]
    expected = va.evaluate(g, {"X": np.linspace(left, right, 200)[:, None], "Y": 0.0})["o"]
    np.testing.assert_allclose(first.predictions, expected[:, 0])
    path = tmp_path / "own.csv"
    path.write_text("a,b,c,y\n" + "1,2,3,4\n" * 4)
    wide = va.mlp([3, 1], data={"name": str(path)})
    first = TrainingRun(Train(wide, id=1)).begin()[0]
    assert isinstance(first, Progress)
    assert first.predictions is None
    assert first.parameters is not None


def test_the_map_has_rows_for_the_second_input_and_columns_for_the_first() -> None:
    g = va.mlp([2, 1], data="plane", initializer="zeros")
    W = g.nodes_by_id["W1"]
    slope = type(W)(W.id, W.op, W.name, settings={"value": np.array([[1.0, 10.0]])})
    g = g.with_(nodes_by_id={**g.nodes_by_id, "W1": slope})
    first = TrainingRun(Train(g, id=1)).begin()[0]
    assert isinstance(first, Progress)
    grid = first.predictions
    assert grid[0, 0] == pytest.approx(-66)
    assert grid[0, -1] == pytest.approx(6 - 60)
    assert grid[-1, 0] == pytest.approx(-6 + 60)
