"""Sweeps in the kernel: progress that fills a table, pause, stop, going on, the best graph."""

from __future__ import annotations

from pathlib import Path

import visualad as va
from visualad.graph.model import Graph
from visualad.kernel.messages import Control, Evaluate, Evaluated, Failed
from visualad.kernel.sweep_messages import SweepFinished, SweepProgress, TrainSweep
from visualad.training.grid.plan import make_plan
from visualad.training.grid.worker import run_case

from .asking import Asking


def network(epochs: int = 5) -> Graph:
    g = va.mlp([2, 4, 1], activation="tanh", data={"name": "circle", "n": 60})
    return g.with_(training={**g.training, "epochs": epochs})


def results(kernel: Asking, id_: int) -> list[object]:
    said = [r for r in kernel.replies if isinstance(r, SweepProgress) and r.id == id_]
    return [result for reply in said for result in reply.results]


def test_a_sweep_tells_every_result_once_and_ends_with_the_best_graph(kernel: Asking) -> None:
    g = network()
    request = TrainSweep(g, (("lr", ("0.001", "0.05")),), seeds=2, workers=1)
    id_ = kernel.client.send(request)
    other = kernel.client.send(Evaluate(g))
    assert isinstance(kernel.answer(other), Evaluated)
    end = kernel.answer(id_, 60)
    assert isinstance(end, SweepFinished)
    assert end.state == "complete"
    plan = make_plan(g, {"lr": ["0.001", "0.05"]}, 2)
    expected = {case.key: run_case(g, case).test for case in plan.cases}
    assert {r.case.key: r.test for r in results(kernel, id_)} == expected
    assert len(results(kernel, id_)) == 4
    assert end.best is not None
    assert end.graph is not None
    assert va.train(end.graph, epochs=0).history.test == [end.best.test]
    assert end.best.test == min(expected.values())


def test_a_sweep_pauses_stops_and_goes_on_from_its_file(kernel: Asking, tmp_path: Path) -> None:
    g = network(200)
    request = TrainSweep(
        g, (("lr", ("0.01",)),), seeds=8, path=str(tmp_path / "r.csv"), workers=1, keep_best=False
    )

    def states(id_: int) -> list[str]:
        said = [r for r in kernel.replies if isinstance(r, SweepProgress) and r.id == id_]
        return [reply.state for reply in said]

    first = kernel.client.send(request)
    kernel.wait(lambda _: bool(results(kernel, first)), 60)
    kernel.client.send(Control(first, "pause"))
    kernel.wait(lambda _: "paused" in states(first))
    kernel.client.send(Control(first, "resume"))
    kernel.wait(lambda _: states(first)[-1] == "running" and "paused" in states(first))
    kernel.client.send(Control(first, "stop"))
    end = kernel.answer(first)
    assert isinstance(end, SweepFinished)
    assert end.state == "cancelled"
    second = kernel.client.send(request)
    end = kernel.answer(second, 60)
    assert isinstance(end, SweepFinished)
    assert end.state == "complete"
    found = results(kernel, second)
    assert len({r.case.key for r in found}) == len(found) == 8
    lines = (tmp_path / "r.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(set(lines)) == 9


def test_a_sweep_that_makes_no_sense_fails_in_words(kernel: Asking, tmp_path: Path) -> None:
    failed = kernel.answer(kernel.client.send(TrainSweep(network(), (("speed", ("1",)),))))
    assert isinstance(failed, Failed)
    assert "no setting 'speed'" in failed.message
    path = tmp_path / "r.csv"
    path.write_text("something else\n")
    request = TrainSweep(network(), (("lr", ("1",)),), path=str(path), workers=1)
    failed = kernel.answer(kernel.client.send(request))
    assert isinstance(failed, Failed)
    assert "something else than results" in failed.message
