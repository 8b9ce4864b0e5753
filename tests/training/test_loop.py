"""`train` learns, repeats itself for the same seed, and keeps what was learnt whatever happens."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import visualad as va
from visualad import datasets
from visualad.errors import ShapeError, VisualADError
from visualad.graph.model import PARAMETER, Graph, Node
from visualad.training.datasets import Dataset
from visualad.training.loop import Run, train, trainer_from
from visualad.training.optimizers import SGD, Adam
from visualad.training.trainer import Trainer


def line() -> Graph:
    """o = w·x + b with scalar parameters, as a user draws it."""
    g = va.parse("o = w*x + b")
    nodes = {
        i: Node(i, PARAMETER, n.name, settings={"value": 0.0}) if n.name in ("w", "b") else n
        for i, n in g.nodes_by_id.items()
    }
    return g.with_(nodes_by_id=nodes)


X = np.linspace(-1, 1, 20)
STRAIGHT = (X, 3 * X - 1)


def same(one: Run, other: Run) -> bool:
    return one.graph == other.graph and one.history == other.history


def test_a_graph_that_the_user_drew_learns_a_straight_line() -> None:
    run = train(line(), STRAIGHT, epochs=200, optimizer=SGD(0.5))
    assert run.graph["w"].value == pytest.approx(3, abs=1e-6)
    assert run.graph["b"].value == pytest.approx(-1, abs=1e-6)
    assert isinstance(run.graph["w"].value, float)
    assert run.reason == "done"
    assert not run.interrupted


def test_only_the_parameters_of_the_users_graph_change() -> None:
    g = line()
    run = train(g, STRAIGHT, epochs=1)
    assert run.graph.outputs == ("o",)
    assert list(run.graph.nodes_by_id) == list(g.nodes_by_id)
    assert g["w"].value == 0.0
    assert run.graph["x"] == g["x"]


def test_the_history_begins_before_training_and_has_a_point_for_each_epoch() -> None:
    run = train(line(), STRAIGHT, epochs=3, optimizer=SGD(0.1))
    history = run.history
    assert history.epochs == [0, 1, 2, 3]
    assert history.train[0] == pytest.approx(np.mean(STRAIGHT[1] ** 2))
    assert history.train == sorted(history.train, reverse=True)
    assert all(math.isnan(loss) for loss in history.test)
    assert set(history.metrics) == {"R² train"}


def test_the_recorded_loss_is_that_of_the_whole_part_after_the_epoch() -> None:
    data = datasets.load("circle", n=50, seed=1)
    g = va.mlp([2, 4, 1], activation="tanh", output="tanh", loss="mean_squared_error", seed=2)
    run = train(g, data, epochs=2, batch_size=7, test_fraction=0.4)
    part, test = data.split(0.4, 0)
    for losses, samples in ((run.history.train, part), (run.history.test, test)):
        value = va.evaluate(run.graph, {"X": samples.x, "Y": samples.y})["L"]
        assert losses[-1] == pytest.approx(value, rel=1e-14)


def test_the_same_seed_gives_the_same_run_bit_for_bit() -> None:
    g = va.mlp([2, 5, 1], activation="tanh", seed=3)
    data = datasets.load("xor", n=60, seed=1)
    arguments = {"epochs": 5, "batch_size": 8, "optimizer": Adam(0.01)}
    first = train(g, data, **arguments)
    assert same(first, train(g, data, **arguments))
    assert not same(first, train(g, data, **arguments, seed=9))
    assert same(train(g, data, **arguments, seed=9), train(g, data, **arguments, seed=9))


def test_a_last_smaller_batch_is_trained_too() -> None:
    data = datasets.from_arrays(*STRAIGHT)
    trainer = Trainer(line(), data, optimizer=SGD(0.1), batch_size=8)
    trainer.finish_epoch()
    trainer.finish_epoch()
    assert trainer.steps == 3
    assert trainer.epoch == 1


def test_every_sample_is_seen_once_in_each_epoch() -> None:
    """With the loss w·x the step is the mean of x in the batch: their sum tells what was seen."""
    x = 2.0 ** np.arange(6)
    g = line()
    trainer = Trainer(
        g.with_(
            nodes_by_id={**g.nodes_by_id, "s": Node("s", "sum", "s")},
            sources={**g.sources, ("s", "X"): "o"},
        ),
        datasets.from_arrays(x, np.zeros(6)),
        loss="s",
        optimizer=SGD(1.0),
        batch_size=4,
    )
    for epoch in (1, 2, 3):
        while trainer.epoch < epoch:
            trainer.finish_epoch()
        assert trainer.parameters()["w"] == -epoch * x.sum()


@pytest.mark.parametrize("given", ["name", "pair", "data set", "file"])
def test_data_come_in_many_forms(given: str, tmp_path: Path) -> None:
    g = va.mlp([2, 3, 1], activation="tanh")
    data = datasets.load("gauss")
    path = tmp_path / "own.csv"
    np.savetxt(path, np.hstack([data.x, data.y]), delimiter=",", header="x1,x2,y", comments="")
    forms = {"name": "gauss", "pair": (data.x, data.y), "data set": data, "file": str(path)}
    run = train(g, forms[given], epochs=2, batch_size=50)
    assert run.history.train == train(g, data, epochs=2, batch_size=50).history.train


def test_without_data_those_of_the_graph_are_used_with_its_test_part() -> None:
    g = va.mlp([2, 3, 1], activation="tanh", data="gauss")
    run = train(g, epochs=1, batch_size=10)
    assert not math.isnan(run.history.test[-1])
    assert set(run.history.metrics) == {"accuracy train", "accuracy test"}
    with pytest.raises(VisualADError, match="no data set to train on"):
        train(va.mlp([2, 3, 1]), epochs=1)


def test_a_graph_of_single_precision_trains_in_single_precision() -> None:
    g = va.mlp([2, 3, 1], activation="tanh", dtype="float32")
    run = train(g, "circle", epochs=1, batch_size=50)
    assert run.graph["W1"].value.dtype == np.float32
    assert not np.array_equal(run.graph["W1"].value, g["W1"].value)


def test_the_callback_sees_every_epoch_and_may_stop() -> None:
    seen = []

    def callback(epoch: int, history: va.training.history.History) -> bool:
        seen.append((epoch, len(history)))
        return epoch < 2

    run = train(line(), STRAIGHT, epochs=10, callback=callback)
    assert seen == [(0, 1), (1, 2), (2, 3)]
    assert run.reason == "stopped"
    assert run.history.epochs == [0, 1, 2]


def test_an_interrupt_keeps_what_was_learnt() -> None:
    def callback(epoch: int, _: object) -> None:
        if epoch == 5:
            raise KeyboardInterrupt

    run = train(line(), STRAIGHT, epochs=100, callback=callback)
    assert run.interrupted
    assert run.reason == "stopped"
    assert run.graph["w"].value == train(line(), STRAIGHT, epochs=5).graph["w"].value != 0


def test_divergence_stops_and_keeps_the_last_good_parameters() -> None:
    run = train(line(), STRAIGHT, epochs=10_000, optimizer=SGD(100.0))
    assert run.reason == "diverged"
    assert run.node in run.graph.nodes_by_id or run.node == ""
    assert math.isfinite(run.graph["w"].value)
    assert all(math.isfinite(loss) for loss in run.history.train)
    assert "Try a smaller learning rate." in run.message
    assert f"the parameters of epoch {run.history.epochs[-1]} were kept" in run.message


def test_the_first_culprit_of_a_divergence_is_named() -> None:
    g = va.parse("e = exp(w*x)\no = log(e - e + x)")
    w = Node("w", PARAMETER, "w", settings={"value": 1.0})
    g = g.with_(nodes_by_id={**g.nodes_by_id, "w": w})
    data = (np.array([1.0, 1000.0]), np.array([0.0, 0.0]))
    run = train(g, data, epochs=3)
    assert run.node == "e"
    assert run.message.startswith("Training cannot begin because e is infinite")
    assert run.history.epochs == []


def test_the_loss_on_the_canvas_is_trained_and_the_stored_one_where_there_is_none() -> None:
    g = va.mlp([2, 3, 1], data="circle", loss="huber")
    other = {**g.training, "loss": "mean_absolute_error"}
    assert trainer_from(g.with_(training=other))[0].binding.loss_operation == "huber"
    bare = va.mlp([2, 3, 1]).with_(training=other)
    assert trainer_from(bare)[0].binding.loss_operation == "mean_absolute_error"


def test_zero_epochs_only_measure() -> None:
    run = train(line(), STRAIGHT, epochs=0)
    assert run.history.epochs == [0]
    assert run.graph == line()


def test_losses_are_the_same_in_parts_and_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = datasets.load("circle", n=100)
    g = va.mlp([2, 4, 1], activation="tanh", loss="huber")
    whole = train(g, data, epochs=1).history.train
    monkeypatch.setattr("visualad.training.trainer.EVALUATED_ROWS", 7)
    np.testing.assert_allclose(train(g, data, epochs=1).history.train, whole, rtol=1e-13)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"data": (np.ones((5, 3)), np.ones(5))}, ShapeError, "expects 2 input columns, but"),
        ({"data": (np.ones((5, 2)), np.ones(4))}, ShapeError, "5 samples of inputs but 4"),
        ({"data": (1, 2, 3)}, VisualADError, "as a pair"),
        ({"data": ([[1, np.nan]], [1])}, VisualADError, "Row 0 of the inputs"),
        ({"data": "circle", "epochs": -1}, VisualADError, "number of epochs"),
        ({"data": "circle", "batch_size": 0}, VisualADError, "batch size"),
        ({"data": "circle", "batch_size": 1.5}, VisualADError, "whole number from 1 on"),
        ({"data": "circle", "optimizer": "adam"}, VisualADError, "one such as SGD"),
        ({"data": "circle", "backend": "abacus"}, VisualADError, "abacus"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_words(
    arguments: dict[str, object], error: type[VisualADError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        train(va.mlp([2, 4, 1]), **arguments)  # type: ignore[arg-type]


def test_the_default_perceptron_learns_the_spiral() -> None:
    g = va.mlp([2, 8, 8, 1], activation="tanh", output="tanh", data="spiral")
    trainer, data = trainer_from(g)
    assert isinstance(data, Dataset)
    while trainer.epoch < 200 and not (trainer.history.train and trainer.history.train[-1] < 0.1):
        trainer.finish_epoch()
    assert trainer.history.train[-1] < 0.1
    assert trainer.history.metrics["accuracy train"][-1] > 0.97


@pytest.mark.parametrize("name", ["circle", "xor", "gauss", "plane", "sine"])
def test_the_other_data_sets_are_learnt_with_their_settings(name: str) -> None:
    offered = va.training.perceptron.default_perceptron(name)
    inputs = 1 if name == "sine" else 2
    g = va.mlp(
        [inputs, *offered["layers"], 1],
        activation=offered["activation"],
        output=offered["output"],
        data=name,
    )
    trainer, _ = trainer_from(g)
    while trainer.epoch < 60 and not (trainer.history.test and trainer.history.test[-1] < 0.06):
        trainer.finish_epoch()
    assert trainer.history.test[-1] < 0.06


def test_a_run_that_goes_on_is_where_its_schedule_is_and_begins_it_anew_after_the_end() -> None:
    schedule = {"name": "step", "every": 2, "decay": 0.5}
    g = va.mlp([2, 3, 1], data="circle")
    settings = {**g.training, "batch_size": None, "epochs": 4, "schedule": schedule}
    g = g.with_(training={**settings, "optimizer": "sgd"})
    steps = []
    for behind in (0, 3, 4):
        trainer, _ = trainer_from(g, behind=behind)
        before = trainer.parameters()["W1"]
        trainer.finish_epoch()
        trainer.finish_epoch()
        steps.append(trainer.parameters()["W1"] - before)
    np.testing.assert_allclose(steps[1], steps[0] / 2)
    np.testing.assert_allclose(steps[2], steps[0])
