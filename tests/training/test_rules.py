"""Schedules, penalties, clipping and the ends of runs do what they say, as PyTorch does."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import visualad as va
from tests.training.test_binding import with_parameters
from visualad import datasets
from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.training.loop import trainer_from
from visualad.training.progress import KEY, written_state
from visualad.training.regularization import Clipping, Penalty, weights_of
from visualad.training.rules import rules_from
from visualad.training.schedules import SCHEDULES, OneCycle, schedule_from

CIRCLE = datasets.load("circle", n=40, seed=1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": "constant"}, [1, 1, 1, 1, 1]),
        ({"name": "step", "every": 2, "decay": 0.5}, [1, 1, 0.5, 0.5, 0.25]),
        ({"name": "exponential", "decay": 0.9}, [1, 0.9, 0.81, 0.729, 0.6561]),
        ({"name": "cosine", "epochs": 4}, [1, 0.8535533905932737, 0.5, 0.14644660940672627, 0]),
        ({"name": "warm_up", "epochs": 4, "start": 0.2}, [0.2, 0.4, 0.6, 0.8, 1]),
        # torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=5, pct_start=0.4)
        (
            {"name": "one_cycle", "epochs": 5, "up": 0.4},
            [0.04, 1.0, 0.7500009999999999, 0.250003, 4e-06],
        ),
    ],
)
def test_factors_of_the_learning_rate(given: dict[str, Any], expected: list[float]) -> None:
    schedule = schedule_from(given)
    assert [schedule.factor(epoch) for epoch in range(5)] == pytest.approx(expected, abs=1e-12)


def test_schedules_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    makers = torch.optim.lr_scheduler
    pairs = [
        (schedule_from({"name": "step", "every": 3}), lambda o: makers.StepLR(o, 3)),
        (schedule_from("exponential"), lambda o: makers.ExponentialLR(o, 0.99)),
        (schedule_from("cosine", 10), lambda o: makers.CosineAnnealingLR(o, 10)),
        (schedule_from("warm_up"), makers.LinearLR),
        (OneCycle(10), lambda o: makers.OneCycleLR(o, 1.0, total_steps=10)),
    ]
    for ours, make in pairs:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        theirs = make(optimizer)
        for epoch in range(10):
            assert ours.factor(epoch) == pytest.approx(theirs.get_last_lr()[0], abs=1e-12)
            optimizer.step()
            if epoch < 9:
                theirs.step()


@pytest.mark.parametrize("optimizer", [va.SGD(0.1), va.SGD(0.1, 0.9), va.Adam(0.1)])
def test_a_schedule_changes_the_steps(optimizer: Any) -> None:
    graph = va.mlp([2, 3, 1], activation="tanh")
    still = va.train(graph, CIRCLE, optimizer=optimizer, epochs=4, schedule={
        "name": "step", "every": 2, "decay": 0.0})  # fmt: skip
    losses = still.history.train
    assert losses[1] != losses[0]
    assert losses[2] != losses[1]
    assert losses[2] == losses[3] == losses[4]


@pytest.mark.parametrize(("kind", "slope"), [("l2", 0.5 * 0.3), ("l1", 0.5)])
def test_a_penalty_pulls_at_weights_but_not_at_biases(kind: str, slope: float) -> None:
    graph = with_parameters("w*x + b", "w", "b", value=0.3)
    data = ([[1.0], [-1.0]], [0.3 + 0.3, -0.3 + 0.3])  # the gradient of the loss is 0
    run = va.train(
        graph, data, optimizer=va.SGD(0.1), epochs=1, regularization=kind, regularization_rate=0.5
    )
    assert run.graph["w"].value == pytest.approx(0.3 - 0.1 * slope, abs=1e-15)
    assert run.graph["b"].value == pytest.approx(0.3, abs=1e-15)


def test_weights_are_told_from_biases_by_where_they_go() -> None:
    graph = va.mlp([2, 3, 1], normalization="layer")
    named = dict(zip(graph.parameters, graph.parameters, strict=True))
    found = weights_of(graph, [graph.id_of(name) for name in named])
    sizes = [np.size(graph[name].value) for name in named]
    parts = np.split(found, np.cumsum(sizes)[:-1])
    penalised = {name for name, part in zip(named, parts, strict=True) if part.all()}
    assert penalised == {"W1", "W2"}


def test_clipping_limits_entries_and_length() -> None:
    gradient = np.array([3.0, -4.0])
    Clipping(norm=1.0).limit(gradient)
    np.testing.assert_allclose(gradient, [0.6, -0.8], rtol=1e-6)
    Clipping(value=0.7).limit(gradient)
    np.testing.assert_allclose(gradient, [0.6, -0.7], rtol=1e-6)
    small = np.array([0.1, 0.0])
    Clipping(norm=1.0).limit(small)
    np.testing.assert_array_equal(small, [0.1, 0.0])


def test_a_clipped_step_is_no_longer_than_the_limit() -> None:
    graph = with_parameters("w*x", "w", value=100.0)
    run = va.train(graph, ([[1.0]], [0.0]), optimizer=va.SGD(1.0), epochs=1, clip_norm=0.25)
    assert run.graph["w"].value == pytest.approx(99.75, rel=1e-6)


def test_early_stopping_restores_the_best_parameters() -> None:
    graph = with_parameters("w*x", "w", value=2.5)
    # Each step overshoots by more: 2.5 is the best there is.
    run = va.train(graph, ([[1.0]], [2.0]), optimizer=va.SGD(1.05), epochs=50, patience=3)
    assert run.reason == "early"
    assert len(run.history) == 1 + 3
    best = min(run.history.train)
    after = va.evaluate(run.graph, {"x": 1.0})[run.graph.outputs[0]]
    assert (after - 2.0) ** 2 == pytest.approx(best)
    assert "are restored" in run.message


def test_a_run_ends_when_the_loss_is_low_enough_or_the_time_is_up() -> None:
    graph = va.mlp([2, 4, 1], activation="tanh")
    low = va.train(graph, CIRCLE, optimizer=va.Adam(0.05), epochs=500, loss_below=0.5)
    assert (low.reason, low.history.train[-1] < 0.5) == ("reached", True)
    assert low.history.train[-2] >= 0.5
    slow = va.train(graph, CIRCLE, epochs=10**9, seconds=0.05)
    assert slow.reason == "time"
    assert "0.05 s" in slow.message


def test_lbfgs_ends_by_itself_at_a_minimum() -> None:
    graph = with_parameters("a*x**2 + b*x + c", "a", "b", "c")
    x = np.linspace(-1, 1, 20)
    run = va.train(graph, (x, 3 * x**2 - x + 2), optimizer=va.LBFGS(), epochs=200)
    assert run.reason == "converged"
    found = [run.graph[name].value for name in "abc"]
    assert found == pytest.approx([3, -1, 2], abs=1e-9)


@pytest.mark.parametrize(
    "optimizer", [va.GaussNewton(), va.LevenbergMarquardt(), va.LevenbergMarquardt(scaling="none")]
)
def test_least_squares_takes_parameters_as_arrays_and_any_form_of_squares(optimizer: Any) -> None:
    x = np.linspace(-2, 2, 30)
    data = (x, 4 * x - 3)
    run = va.train(va.mlp([1, 1], seed=3), data, optimizer=optimizer, epochs=30)
    assert run.graph["W1"].value[0, 0] == pytest.approx(4)
    assert run.graph["b1"].value[0] == pytest.approx(-3)
    for text in (
        "sum((w*x + b - y)**2)/2",
        "mean(square(w*x + b - y))",
        "mean((w*x+b-y)*(w*x+b-y))",
    ):
        graph = with_parameters(text, "w", "b", value=1.0)
        run = va.train(graph, data, optimizer=optimizer, epochs=30)
        assert run.graph["w"].value == pytest.approx(4)
        assert run.graph["b"].value == pytest.approx(-3)


def test_levenberg_marquardt_trains_a_network_faster_than_descent() -> None:
    graph = va.mlp([1, 6, 1], activation="tanh", seed=1)
    data = datasets.load("sine", n=60, noise=0.0)
    run = va.train(graph, data, optimizer=va.LevenbergMarquardt(), epochs=60)
    losses = run.history.train
    assert all(after <= before for before, after in itertools.pairwise(losses))
    assert losses[-1] < 1e-5


def test_what_does_not_go_together_is_said_in_words() -> None:
    graph = va.mlp([2, 3, 1])
    lm: Any = va.LevenbergMarquardt()
    with pytest.raises(VisualADError, match="no learning rate that a schedule"):
        va.train(graph, CIRCLE, optimizer=lm, schedule="cosine")
    with pytest.raises(VisualADError, match="cannot be clipped"):
        va.train(graph, CIRCLE, optimizer=lm, clip_norm=1.0)
    with pytest.raises(VisualADError, match="no such regularisation"):
        va.train(graph, CIRCLE, optimizer=lm, regularization="l2", regularization_rate=1.0)
    with pytest.raises(VisualADError, match="mean or sum of squares, but L is not"):
        va.train(graph, CIRCLE, loss="huber", optimizer=lm)
    with pytest.raises(VisualADError, match="no schedule of the learning rate 'fast'; take one of"):
        va.train(graph, CIRCLE, schedule="fast")
    with pytest.raises(VisualADError, match="The schedule step has no 'epochs'; its settings are"):
        schedule_from({"name": "step", "epochs": 3})
    with pytest.raises(VisualADError, match="'l1' or 'l2', not 'l3'"):
        Penalty("l3", 1.0)
    with pytest.raises(VisualADError, match="patience must be a whole number"):
        rules_from({"patience": 0})
    assert {"name": "cosine"}["name"] in SCHEDULES


def stored(graph: Graph, **training: Any) -> Graph:
    return graph.with_(training={**graph.training, **training})


@pytest.mark.parametrize(
    "training",
    [
        {"optimizer": "adam"},
        {"optimizer": "sgd", "momentum": 0.9, "schedule": "exponential"},
        {"optimizer": "rmsprop", "order": "carried", "batch_size": 7},
        {"optimizer": "adagrad", "regularization": "l1", "regularization_rate": 0.01,
         "regularization_apart": True, "patience": 50},
    ],
)  # fmt: skip
@pytest.mark.parametrize("pieces", [0, 3])
def test_a_resumed_run_goes_on_bit_for_bit(training: dict[str, Any], pieces: int) -> None:
    graph = va.mlp([2, 4, 1], activation="tanh", data={"name": "circle", "n": 60}, dropout=0.2)
    graph = stored(graph, **training)
    whole, _ = trainer_from(graph)
    for _ in range(9):
        whole.finish_epoch()
    half, _ = trainer_from(graph)
    for _ in range(5):
        half.finish_epoch()
    for _ in range(pieces):
        half.advance(0.0)  # in the middle of an epoch
    state = {KEY: written_state(half.state())}
    resumed, _ = trainer_from(stored(half.trained_graph(), **state), resume=True)
    resumed.finish_epoch()
    while resumed.epoch < 8:
        resumed.finish_epoch()
    assert resumed.history.train == whole.history.train
    assert resumed.steps == whole.steps
    for name, value in whole.parameters().items():
        np.testing.assert_array_equal(resumed.parameters()[name], value)


def test_there_must_be_a_run_to_resume() -> None:
    with pytest.raises(VisualADError, match="no run to go on with"):
        trainer_from(va.mlp([2, 3, 1], data="circle"), resume=True)
    trainer, _ = trainer_from(va.mlp([2, 3, 1], data="circle"))
    trainer.finish_epoch()
    state = {KEY: written_state(trainer.state())}
    other = stored(va.mlp([2, 3, 1], data="circle", seed=5), **state)
    with pytest.raises(VisualADError, match="not those with which the run stopped"):
        trainer_from(other, resume=True)
    damaged = stored(va.mlp([2, 3, 1], data="circle"), run={"epoch": math.inf})
    with pytest.raises(VisualADError, match="damaged"):
        trainer_from(damaged, resume=True)
