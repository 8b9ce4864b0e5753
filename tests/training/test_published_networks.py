"""Training reproduces the numbers that others have published, to the last digit that is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visualad as va
from visualad import datasets
from visualad.graph.model import CONSTANT, Graph, Node
from visualad.training.optimizers import SGD
from visualad.training.parameters import with_parameters
from visualad.training.regularization import Penalty
from visualad.training.rules import Rules
from visualad.training.trainer import Trainer

CASES = json.loads((Path(__file__).parents[1] / "data" / "networks.json").read_text())


def half_squared_error(g: Graph) -> Graph:
    """The same graph with ½ of its loss as its only output, as Playground and Mazur count."""
    half = Node("half", CONSTANT, "half", settings={"value": 0.5})
    return g.with_(
        nodes_by_id={**g.nodes_by_id, "half": half, "E": Node("E", "mul", "E")},
        sources={**g.sources, ("E", "x"): "L", ("E", "y"): "half"},
    )


def frozen(g: Graph, *names: str) -> Graph:
    """The same graph with some parameters made constants."""
    nodes = {
        n.id: Node(n.id, CONSTANT, n.name, settings={"value": n.value}) if n.name in names else n
        for n in g.nodes_by_id.values()
    }
    return g.with_(nodes_by_id=nodes)


def with_values(g: Graph, **values: Any) -> Graph:
    return with_parameters(
        g, {id_: np.reshape(v, np.shape(g[id_].value)) for id_, v in values.items()}
    )


def playground() -> tuple[Graph, datasets.Dataset]:
    given = CASES["tf_playground_one_step"]["inputs"]
    g = va.mlp([2, 2, 1], activation="tanh", output="tanh", loss="mean_squared_error")
    g = with_values(g, **{key: given[key] for key in ("W1", "b1", "W2", "b2")})
    points = np.array(given["points"])
    return half_squared_error(g), datasets.from_arrays(points[:, :2], points[:, 2:])


@pytest.mark.parametrize("kind", ["none", "L1", "L2"])
def test_one_update_is_tensorflow_playgrounds(kind: str) -> None:
    case = CASES["tf_playground_one_step"]
    given, expected = case["inputs"], case["after_1"][kind]
    g, data = playground()
    apart = (
        Penalty(kind.lower(), given["regularization_rate"], apart=True) if kind != "none" else None
    )
    rules = Rules(penalty=apart)
    trainer = Trainer(g, data, optimizer=SGD(given["lr"]), batch_size=2, rules=rules)
    trainer.finish_epoch()
    assert trainer.history.train == [pytest.approx(case["outputs"]["loss_before"], rel=1e-14)]
    trainer.finish_epoch()
    # The loss that is shown leaves the penalty out.
    assert trainer.history.train[1] == pytest.approx(expected["loss_after"], rel=1e-14)
    for id_, value in trainer.parameters().items():
        np.testing.assert_allclose(np.ravel(value), np.ravel(expected[id_]), rtol=1e-12)


def mazur() -> Trainer:
    given = CASES["mazur_2_2_2"]["inputs"]
    g = va.mlp([2, 2, 2], activation="sigmoid", output="sigmoid", loss="mean_squared_error")
    g = with_values(g, **{key: given[key] for key in ("W1", "b1", "W2", "b2")})
    g = frozen(half_squared_error(g), "b1", "b2")  # the text never updates them
    data = datasets.from_arrays([given["x"]], [given["t"]])
    return Trainer(g, data, optimizer=SGD(given["lr"]))


def test_mazurs_example_with_simultaneous_updates() -> None:
    case = CASES["mazur_2_2_2"]
    trainer = mazur()
    trainer.finish_epoch()
    assert trainer.history.train[0] == pytest.approx(case["outputs"]["E_total"], rel=1e-14)
    trainer.finish_epoch()
    assert trainer.history.train[1] == pytest.approx(case["after_1"]["E_total"], rel=1e-14)
    for id_, value in trainer.parameters().items():
        np.testing.assert_allclose(value, case["after_1"][id_], rtol=1e-14)
        printed = {"W1": ["w1+", "w2+", "w3+", "w4+"], "W2": ["w5+", "w6+", "w7+", "w8+"]}[id_]
        digits = [float(case["published"][name]) for name in printed]
        np.testing.assert_allclose(np.ravel(value), digits, atol=6e-9)


def test_mazurs_example_after_ten_thousand_updates() -> None:
    case = CASES["mazur_2_2_2"]
    trainer = mazur()
    while trainer.epoch < 10_000:
        trainer.finish_epoch()
    assert trainer.history.train[9_999] == pytest.approx(case["after_9999"]["E_total"], rel=1e-10)
    assert f"{trainer.history.train[9_999]:.10f}" == case["published"]["E after 10000"]
    assert trainer.history.train[10_000] == pytest.approx(case["after_10000"]["E_total"], rel=1e-10)
    for id_, value in trainer.parameters().items():
        np.testing.assert_allclose(value, case["after_10000"][id_], rtol=1e-9)


def test_the_lectures_network_has_the_lectures_gradients() -> None:
    case = CASES["lecture_mlp_3x2_3_1"]
    given = case["inputs"]
    g = va.mlp([2, 3, 1], activation="sigmoid", loss="mean_squared_error")
    g = with_values(g, **{key: given[key] for key in ("W1", "b1", "W2", "b2")})
    data = datasets.from_arrays(given["X"], given["Y"])
    before = {id_: g[id_].value for id_ in ("W1", "b1", "W2", "b2")}
    trainer = Trainer(g, data, optimizer=SGD(1.0))
    trainer.finish_epoch()
    assert trainer.history.train[0] == pytest.approx(case["outputs"]["L"], rel=1e-14)
    trainer.finish_epoch()
    for id_, value in trainer.parameters().items():
        step = np.reshape(case["gradients"][f"dL/d{id_}"], value.shape)
        np.testing.assert_allclose(before[id_] - value, step, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(Trainer(g, data).predict(data.x), case["outputs"]["o"], rtol=1e-14)
