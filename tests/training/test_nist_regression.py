"""Levenberg-Marquardt reaches NIST's certified parameters from both published starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visualad as va
from tests.training.test_binding import with_parameters
from visualad.training.loop import CONVERGED, Run

STORED = json.loads((Path(__file__).parents[1] / "data" / "nist_regression.json").read_text())
PROBLEMS: dict[str, Any] = STORED["problems"]


def fit(name: str, start: int, **settings: Any) -> tuple[Run, float]:
    """The run, and the number of right digits of its worst parameter."""
    problem = PROBLEMS[name]
    names = [f"b{i + 1}" for i in range(len(problem["certified"]))]
    graph = with_parameters(problem["formula"], *names)
    nodes = dict(graph.nodes_by_id)
    for key, value in zip(names, problem["starts"][start], strict=True):
        node = graph[key]
        nodes[node.id] = type(node)(node.id, node.op, node.name, settings={"value": value})
    rows = np.array(problem["data"])
    y = np.log(rows[:, 0]) if name == "Nelson" else rows[:, 0]
    data = (rows[:, 1:], y)
    optimizer = va.LevenbergMarquardt(**settings)
    run = va.train(graph.with_(nodes_by_id=nodes), data, optimizer=optimizer, epochs=5000)
    found = np.array([run.graph[key].value for key in names])
    wrong = np.max(np.abs(found / problem["certified"] - 1))
    return run, -float(np.log10(max(wrong, 1e-16)))


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", PROBLEMS)
def test_six_digits_of_every_parameter(name: str, start: int) -> None:
    run, digits = fit(name, start)
    assert digits >= 6
    assert run.reason == CONVERGED
