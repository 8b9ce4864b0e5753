from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import visualad as va
from visualad.training.grid.runner import GridRun

from .conftest import Run


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A small network that knows its data."""
    path = tmp_path / "network.vad"
    va.save(va.mlp([2, 4, 1], activation="tanh", data={"name": "circle", "n": 40}, seed=1), path)
    return path


def test_a_sweep_writes_its_table_and_the_best_network(
    run: Run, network: Path, tmp_path: Path
) -> None:
    table, best = tmp_path / "results.csv", tmp_path / "best.vad"
    arguments = ["--set", "hidden=2,3x2", "--set", "lr=0.01,0.1", "--epochs", "3", "--workers", "2"]
    result = run("sweep", network, *arguments, "-o", table, "--best", best)
    assert result.status == 0, result.err
    assert f"All results are in {table}." in result.out
    assert "Best: hidden=" in result.out
    assert len(table.read_text(encoding="utf-8").splitlines()) == 5
    again = run("sweep", network, *arguments, "-o", table, "--json")
    found = again.json
    assert again.err == ""
    assert (found["runs"], found["finished"], found["finished_before"]) == (4, 4, 4)
    lowest = min(found["results"], key=lambda r: r["test"])
    assert found["best"] == lowest
    assert va.train(va.load(best), epochs=0).history.test == [lowest["test"]]


def test_columns_of_a_file_are_chosen_as_in_training(run: Run, tmp_path: Path) -> None:
    path, table = tmp_path / "n.vad", tmp_path / "own.csv"
    va.save(va.mlp([2, 3, 1], loss="binary_cross_entropy"), path)
    rows = [f"{i},{-i},{i % 5},{'no' if i % 2 else 'yes'}" for i in range(20)]
    table.write_text("\n".join(["a,b,c,kind", *rows]))
    words = ["--data", table, "--inputs", "c,a", "--target", "kind", "--standardize"]
    arguments = ["--set", "hidden=2,3", "--epochs", "2", "--workers", "1", "-o", tmp_path / "r.csv"]
    found = run("sweep", path, *words, *arguments, "--json").json
    assert [result["status"] for result in found["results"]] == ["done", "done"]
    assert "accuracy test" in found["best"]["metrics"]


def test_failed_runs_are_reported_with_their_sentence(
    run: Run, network: Path, tmp_path: Path
) -> None:
    arguments = ["--set", "optimizer=sgd,abacus", "--epochs", "1", "--workers", "1"]
    result = run("sweep", network, *arguments, "-o", tmp_path / "r.csv")
    assert result.status == 0
    assert "1 of 2 runs did not come to their end" in result.out
    assert "There is no optimiser 'abacus'" in result.out
    arguments[1] = "optimizer=abacus"
    result = run("sweep", network, *arguments, "-o", tmp_path / "r2.csv")
    assert result.status == 1
    assert "None of the 1 runs came to its end" in result.err


def test_ctrl_c_keeps_finished_runs_and_the_same_command_goes_on(
    run: Run, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance = GridRun.advance

    def interrupted(self: GridRun, seconds: float = 0.2) -> object:
        if self.done >= 2:
            raise KeyboardInterrupt
        return advance(self, seconds)

    table = tmp_path / "r.csv"
    arguments = ["--set", "lr=0.01,0.1", "--seeds", "4", "--epochs", "2", "--workers", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(GridRun, "advance", interrupted)
        result = run("sweep", network, *arguments, "-o", table)
    assert result.status == 130
    assert "of 8 runs; the same command goes on" in result.out
    kept = table.read_text(encoding="utf-8").splitlines()
    assert run("sweep", network, *arguments, "-o", table).status == 0
    whole = table.read_text(encoding="utf-8").splitlines()
    assert whole[: len(kept)] == kept
    assert len({tuple(line.split(",")[1:3]) for line in whole}) == 9


@pytest.mark.skipif(os.name != "posix", reason="Only Unix ends a process without asking it")
def test_a_sweep_that_is_killed_goes_on_and_leaves_no_processes_behind(
    run: Run, network: Path, tmp_path: Path
) -> None:
    table = tmp_path / "r.csv"
    arguments = ["--set", "lr=0.01,0.1", "--seeds", "3", "--epochs", "300", "--workers", "1"]
    command = [
        sys.executable,
        "-m",
        "visualad",
        "sweep",
        str(network),
        *arguments,
        "-o",
        str(table),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if table.exists() and table.read_text(encoding="utf-8").count("\n") > 2:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        until = time.monotonic() + 20
        while time.monotonic() < until and _is_alive(process.pid):
            time.sleep(0.1)
        assert not _is_alive(process.pid)
    assert run("sweep", network, *arguments, "-o", table).status == 0
    rows = [line.split(",")[1:3] for line in table.read_text(encoding="utf-8").splitlines()[1:]]
    assert len(rows) == len({tuple(row) for row in rows}) == 6


def _is_alive(group: int) -> bool:
    """Whether any process of a session is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--set", "lr"], 2, "is not NAME=V1,V2"),
        (["--set", "lr="], 2, "is not NAME=V1,V2"),
        (["--set", "lr=1", "--set", "lr=2"], 2, "twice"),
        (["--set", "speed=1"], 1, "There is no setting 'speed'"),
        (["--seeds", "0"], 2, "1 or more"),
        (["--workers", "1", "--scheduler", "tcp://127.0.0.1:9"], 2, "--workers is for"),
        (["--best", "/no/such/place/b.vad"], 1, "there is no folder"),
    ],
)
def test_what_is_no_sweep_is_refused_before_anything_runs(
    run: Run, network: Path, tmp_path: Path, arguments: list[str], status: int, sentence: str
) -> None:
    result = run("sweep", network, *arguments, "-o", tmp_path / "r.csv")
    assert result.status == status
    assert sentence in result.err


def test_results_need_a_csv_file_and_a_network(run: Run, network: Path, tmp_path: Path) -> None:
    assert run("sweep", network).status == 2
    assert "a .csv file" in run("sweep", network, "-o", tmp_path / "r.xls").err
    assert "no file" in run("sweep", "x*y", "-o", tmp_path / "r.csv").err
