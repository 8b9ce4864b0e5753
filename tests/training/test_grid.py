"""Sweeps over settings: every run once, the same numbers wherever it was done."""

from __future__ import annotations

import csv
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import visualad as va
from visualad.errors import FileError, VisualADError
from visualad.graph.edits import move
from visualad.training.generators import GENERATORS, Generator
from visualad.training.grid.journal import Journal
from visualad.training.grid.plan import make_plan, prepared
from visualad.training.grid.runner import (
    CANCELLED,
    COMPLETE,
    PAUSED,
    RUNNING,
    GridRun,
    best_of,
    train_sweep,
    trained_graph,
)
from visualad.training.grid.worker import run_case, trained
from visualad.training.grid.workers import Given, ProcessPool, Workers


@pytest.fixture(scope="module")
def network() -> va.Graph:
    g = va.mlp([2, 4, 1], activation="tanh", output="tanh", data={"name": "circle", "n": 40})
    return g.with_(training={**g.training, "epochs": 3})


def numbers(results: object) -> dict[object, object]:
    """What must not depend on where a run was done."""
    return {
        r.case.key: (r.status, r.message, r.train, r.test, r.metrics, r.epochs, r.steps)
        for r in results
    }


def finish(run: GridRun, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while run.state == RUNNING and time.monotonic() < until:
        run.advance()
    assert run.state == COMPLETE


# The plan --------------------------------------------------------------------------------------


def test_a_plan_has_every_combination_once_and_no_value_twice(network: va.Graph) -> None:
    plan = make_plan(network, {"hidden": [4, "8x8", "4"], "lr": ["0.1", 0.10, 0.01]}, seeds=2)
    assert plan.names == ("hidden", "learning_rate")
    assert [case.key for case in plan.cases] == [
        (hidden, rate, seed)
        for hidden in ("4", "8x8")
        for rate in ("0.1", "0.01")
        for seed in ("0", "1")
    ]
    assert len(make_plan(network, {}).cases) == 1


def test_settings_reach_the_graph_that_is_trained(network: va.Graph) -> None:
    settings = {
        "hidden": ["5x3"],
        "activation": ["relu"],
        "lr": [0.5],
        "batch": [7],
        "noise": [0.1],
    }
    plan = make_plan(network, settings, seeds=2)
    graph = prepared(plan.graph, plan.cases[1])
    assert [np.shape(graph[f"W{i}"].value) for i in (1, 2, 3)] == [(5, 2), (3, 5), (1, 3)]
    assert (graph["a1"].op, graph["a2"].op, graph["o"].op) == ("relu", "relu", "tanh")
    assert graph.training["learning_rate"] == 0.5
    assert graph.training["batch_size"] == 7
    assert graph.training["data"]["noise"] == 0.1
    assert graph.seed == graph.training["data"]["seed"] == 1
    again = va.mlp([2, 5, 3, 1], activation="relu", output="tanh", seed=1)
    np.testing.assert_array_equal(graph["W2"].value, again["W2"].value)


def test_penalties_and_rules_are_settings_too(network: va.Graph) -> None:
    plan = make_plan(network, {"l2": [0, 0.1], "patience": [1], "epochs": [500]})
    results = [run_case(network, case) for case in plan.cases]
    assert [result.status for result in results] == ["done", "done"]
    assert results[0].train != results[1].train
    assert max(result.epochs for result in results) < 500


def test_a_seed_begins_a_perceptron_as_mlp_does_and_no_seed_leaves_it_alone(
    network: va.Graph,
) -> None:
    plan = make_plan(network, {"lr": [0.1]}, seeds=4)
    begun = prepared(network, plan.cases[3])
    expected = va.mlp([2, 4, 1], activation="tanh", output="tanh", seed=3)
    np.testing.assert_array_equal(begun["W1"].value, expected["W1"].value)
    same = prepared(network, make_plan(network, {"lr": [0.1]}).cases[0])
    np.testing.assert_array_equal(same["W1"].value, network["W1"].value)


def test_no_hidden_layer_is_a_choice_too(network: va.Graph) -> None:
    plan = make_plan(network, {"hidden": [0, 2]})
    graph = prepared(network, plan.cases[0])
    assert graph.parameters == ("W1", "b1")
    assert run_case(network, plan.cases[0]).status == "done"


def test_constants_of_any_graph_can_be_swept() -> None:
    g = va.parse("o = w*x*k + c")
    from visualad.graph.edits import set_setting
    from visualad.graph.model import PARAMETER

    nodes = dict(g.nodes_by_id)
    old = nodes[g.id_of("w")]
    nodes[old.id] = type(old)(old.id, PARAMETER, "w", settings={"value": 0.5})
    g = g.with_(nodes_by_id=nodes, training={"data": {"name": "sine", "n": 20}, "epochs": 2})
    g = set_setting(set_setting(g, g.id_of("k"), "value", 1.0), g.id_of("c"), "value", 0.0)
    found = [run_case(g, case) for case in make_plan(g, {"k": [1, 2], "c": [0.0, 0.5]}).cases]
    assert [result.status for result in found] == ["done"] * 4
    assert len({result.train for result in found}) == 4


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"learning": [1]}, "no setting 'learning'; the settings are"),
        ({"hidden": ["8y8"]}, "such as 8 or 8x8"),
        ({"hidden": [-1]}, "such as 8 or 8x8"),
        ({"lr": []}, "no values"),
        ({"lr": [1], "learning_rate": [2]}, "given twice"),
        ({"W1": ["a"]}, "takes numbers"),
        ({f"{n}": range(1, 200) for n in ("lr", "batch", "epochs")}, "is the most"),
    ],
)
def test_what_makes_no_plan_is_refused_in_words(
    network: va.Graph, settings: dict[str, object], sentence: str
) -> None:
    with pytest.raises(VisualADError, match=sentence):
        make_plan(network, settings)  # type: ignore[arg-type]


def test_layers_of_a_graph_that_is_no_perceptron_are_refused() -> None:
    with pytest.raises(VisualADError, match="perceptron and nothing else"):
        make_plan(va.parse("a*x"), {"hidden": [3]})


# Running ---------------------------------------------------------------------------------------


def test_processes_and_threads_give_the_numbers_of_one_run_after_the_other(
    network: va.Graph, tmp_path: Path
) -> None:
    settings = {"hidden": [2, "3x2"], "optimizer": ["sgd", "adam"]}
    plan = make_plan(network, settings, seeds=2)
    alone = numbers(run_case(network, case) for case in plan.cases)
    pool = train_sweep(network, settings, 2, tmp_path / "pool.csv", workers=2)
    with ThreadPoolExecutor(2) as executor:
        threads = train_sweep(network, settings, 2, executor=executor)
    assert [result.case for result in pool] == list(plan.cases)
    assert numbers(pool) == alone == numbers(threads)
    with Journal(tmp_path / "pool.csv", plan) as journal:
        assert numbers(journal.results.values()) == alone


def test_a_run_that_fails_or_diverges_says_why_and_the_others_go_on() -> None:
    linear = va.mlp([2, 4, 1], activation="relu", data={"name": "circle", "n": 40})
    linear = linear.with_(training={**linear.training, "epochs": 3})
    with ThreadPoolExecutor(1) as executor:
        found = train_sweep(
            linear,
            {"optimizer": ["sgd", "abacus"], "lr": [0.1, 1e200]},
            executor=executor,
        )
    assert [r.status for r in found] == ["done", "diverged", "failed", "failed"]
    assert "diverged" in found[1].message
    assert "abacus" in found[2].message
    assert best_of(found) is found[0]


def test_the_best_run_is_trained_again_to_the_same_loss(network: va.Graph) -> None:
    plan = make_plan(network, {"lr": [0.001, 0.05]}, seeds=2)
    found = [run_case(network, case) for case in plan.cases]
    best = best_of(found)
    assert best is not None
    assert best.test == min(r.test for r in found)
    trained = trained_graph(network, best.case)
    again = va.train(trained, None, epochs=0)
    assert again.history.test == [best.test]


def lethal() -> None:
    """Make drawing the data set "lethal" kill the process."""
    GENERATORS["lethal"] = Generator(lambda *_: os._exit(9), 2, 10, 0.0, True)


def test_a_run_that_kills_its_process_fails_alone(network: va.Graph) -> None:
    plan = make_plan(network, {"data": ["circle", "lethal", "xor", "gauss"]})
    workers = ProcessPool(2, lethal)
    with Journal(None, plan) as journal:
        run = GridRun(plan, journal, workers)
        try:
            finish(run)
        finally:
            run.cancel()
            workers.close()
    states = {key[0]: result.status for key, result in journal.results.items()}
    assert states == {"circle": "done", "lethal": "failed", "xor": "done", "gauss": "done"}
    assert "process that did this run died" in journal.results["lethal", ""].message


def test_pausing_gives_out_nothing_and_cancelling_keeps_what_is_there(
    network: va.Graph, tmp_path: Path
) -> None:
    plan = make_plan(network, {"lr": [0.1, 0.2]}, seeds=4)
    with ThreadPoolExecutor(1) as executor, Journal(tmp_path / "r.csv", plan) as journal:
        run = GridRun(plan, journal, Given(executor, 1))
        while not journal.results:
            run.advance()
        run.pause()
        while run.running:
            run.advance()
        paused_at = run.done
        assert run.advance(0.01) == []
        assert (run.state, run.done) == (PAUSED, paused_at)
        run.resume()
        while run.done == paused_at:
            run.advance()
        run.cancel()
        assert run.state == CANCELLED
        assert run.advance(0.01) == []
        kept = numbers(journal.results.values())
    with Journal(tmp_path / "r.csv", plan) as journal:
        assert numbers(journal.results.values()) == kept
        assert 0 < len(kept) < len(plan.cases)


# The table -------------------------------------------------------------------------------------


def test_finished_runs_are_not_done_again_and_a_torn_line_is(
    network: va.Graph, tmp_path: Path
) -> None:
    path = tmp_path / "results.csv"
    settings = {"lr": [0.1, 0.01, 0.001]}
    with ThreadPoolExecutor(1) as executor:
        whole = train_sweep(network, settings, 2, path, executor=executor)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:4]) + lines[4][:20])
        done: list[object] = []
        again = train_sweep(
            network, settings, 2, path, executor=executor, callback=lambda r, *_: done.append(r)
        )
    assert len(done) == 3
    assert numbers(again) == numbers(whole)
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 7
    assert len({tuple(row[:3]) for row in rows}) == 7


def test_a_table_grows_with_the_sweep(network: va.Graph, tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    with ThreadPoolExecutor(1) as executor:
        train_sweep(network, {"lr": [0.1]}, 1, path, executor=executor)
        found = train_sweep(network, {"lr": [0.2, 0.1]}, 2, path, executor=executor)
        assert len(found) == 4
        assert len(path.read_text(encoding="utf-8").splitlines()) == 5
        # Where nodes lie is no matter.
        moved = move(network, {"X": (5.0, 5.0)})
        assert len(train_sweep(moved, {"lr": [0.1]}, 1, path, executor=executor)) == 1


def test_failed_runs_are_done_again_when_asked_for(network: va.Graph, tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    plan = make_plan(network, {"optimizer": ["sgd", "abacus"]})
    with Journal(path, plan) as journal:
        for case in plan.cases:
            assert journal.append(run_case(network, case))
            assert not journal.append(run_case(network, case))
    with Journal(path, plan) as journal:
        assert len(journal.results) == 2
    with Journal(path, plan, retry=True) as journal:
        assert [key[0] for key in journal.results] == ["sgd"]
        journal.append(run_case(network, plan.cases[1]))
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\n1,2\n", "something else than results"),
        (b"\xff\xfe\x00\n", "something else than results"),
        (b'"\n', "something else than results"),
        (b"GOOD{hidden}", "sweep over hidden"),
        (b"GOODx,0.1,,done\n", "line 2: 4 cells"),
        (b"GOODx,0.1,,done,,,,,,,1,1,1,\n", "another graph"),
        (b"GOODFINGER,0.1,,done,one,,,,,,1,1,1,\n", "should be a number"),
        (b"GOOD" + 2 * b"FINGER,0.1,,done,,,,,,,1,1,1,\n", "line 3: this run has a line already"),
    ],
)
def test_a_file_of_something_else_is_refused_and_left_alone(
    network: va.Graph, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "results.csv"
    plan = make_plan(network, {"lr": [0.1]})
    with Journal(path, plan):
        pass
    header = path.read_bytes()
    if b"{hidden}" in content:
        header, content = header.replace(b"learning_rate", b"hidden"), b"GOOD"
    content = content.replace(b"GOOD", header).replace(b"FINGER", plan.fingerprint.encode())
    path.write_bytes(content)
    with pytest.raises(FileError, match=sentence):
        Journal(path, plan)
    assert path.read_bytes() == content


def test_two_sweeps_do_not_write_the_same_file(network: va.Graph, tmp_path: Path) -> None:
    plan = make_plan(network, {"lr": [0.1]})
    with (
        Journal(tmp_path / "r.csv", plan),
        pytest.raises(FileError, match="another sweep"),
    ):
        Journal(tmp_path / "r.csv", plan)
    with pytest.raises(FileError, match="no folder"):
        Journal(tmp_path / "nowhere" / "r.csv", plan)
    with pytest.raises(FileError, match="no ordinary file"):
        Journal(tmp_path, plan)


# Dask ------------------------------------------------------------------------------------------

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="Dask is not installed: pip install 'dask[distributed]'",
)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers of their own on loopback: its address, and the workers."""
    import json

    place = tmp_path / "scheduler.json"
    started: list[subprocess.Popen[bytes]] = []
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}

    def start(*words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(place)]
    start("dask", "scheduler", "--port", "0", *common)
    workers = [start("dask", "worker", "--nthreads", "1", "--no-nanny", *common) for _ in "12"]
    try:
        until = time.monotonic() + 60
        while not place.exists() and time.monotonic() < until:
            time.sleep(0.1)
        yield json.loads(place.read_text())["address"], workers
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def connected(address: str, count: int) -> Workers:
    """A cluster with so many workers of one thread, once they are there."""
    from visualad.training.grid.cluster import Cluster

    until = time.monotonic() + 60
    while True:
        try:
            workers = Cluster(address)
        except VisualADError as error:
            if "no workers" not in error.message or time.monotonic() > until:
                raise
            continue
        while workers.width < 2 * count and time.monotonic() < until:
            time.sleep(0.1)
        return workers


@needs_dask
def test_with_a_dask_worker_killed_in_mid_sweep_every_result_is_there_once(
    network: va.Graph, tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, processes = cluster
    network = network.with_(training={**network.training, "epochs": 200})
    plan = make_plan(network, {"hidden": [2, 3, "4x2"], "lr": [0.01, 0.1]}, seeds=3)
    path = tmp_path / "results.csv"
    workers = connected(address, 2)
    try:
        with Journal(path, plan) as journal:
            run = GridRun(plan, journal, workers)
            while run.done < 3:
                run.advance()
            assert len(run.running) > 1
            processes[0].kill()
            finish(run)
    finally:
        workers.close()
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))[1:]
    assert sorted(tuple(row[1:4]) for row in rows) == sorted(case.key for case in plan.cases)
    with Journal(path, plan) as journal:
        assert numbers(journal.results.values()) == numbers(
            run_case(network, case) for case in plan.cases
        )


@needs_dask
def test_a_scheduler_that_is_not_there_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from visualad.training.grid import cluster

    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    with pytest.raises(VisualADError, match="No Dask scheduler answers"):
        cluster.Cluster("tcp://127.0.0.1:9")
    with pytest.raises(VisualADError, match="No Dask scheduler answers"):
        cluster.Cluster("nonsense://x")


def test_a_whole_run_has_its_beginning_its_curves_and_its_end(network) -> None:
    case = make_plan(network, {"epochs": [4]}, seeds=1).cases[0]
    whole = run_case(network, case, whole=True).whole
    assert whole is not None
    run = trained(network, case)
    assert whole.graph == run.graph
    assert whole.epochs.tolist() == run.history.epochs
    assert whole.curves["train"].tolist() == run.history.train
    for id_, value in run.parameters().items():
        np.testing.assert_array_equal(whole.parameters[id_], value)
    assert run_case(network, case).whole is None
