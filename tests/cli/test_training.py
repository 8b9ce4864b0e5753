from __future__ import annotations

from pathlib import Path

import pytest

import visualad as va
from visualad.training.trainer import Trainer

from .conftest import Run


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A small network that knows its data."""
    path = tmp_path / "network.vad"
    va.save(va.mlp([2, 4, 1], activation="tanh", data={"name": "circle", "n": 60}, seed=1), path)
    return path


def test_training_prints_losses_and_saves_the_trained_network(
    run: Run, network: Path, tmp_path: Path
) -> None:
    out = tmp_path / "trained.vad"
    result = run("train", network, "--epochs", "30", "-o", out)
    assert result.status == 0
    assert "Losses" in result.out
    assert f"Saved {out}." in result.out
    before, after = va.load(network), va.load(out)
    assert any((before[n].value != after[n].value).any() for n in before.parameters)


def test_training_as_json_is_one_document_with_the_history(run: Run, network: Path) -> None:
    result = run("train", network, "--epochs", "20", "--json")
    found = result.json
    assert found["epochs"] == 20
    assert found["steps"] == 20 * 3  # 30 samples for training in batches of 10
    assert found["reason"] == "done"
    assert found["history"]["epoch"] == list(range(21))
    assert found["train"] == found["history"]["train"][-1] < found["history"]["train"][0]
    assert result.err == ""


def test_the_same_seed_gives_the_same_losses(run: Run, network: Path) -> None:
    def losses(seed: str) -> list[float]:
        found = run("train", network, "--epochs", "3", "--seed", seed, "--json").json
        return list(found["history"]["train"])

    assert losses("7") == losses("7") != losses("8")


def test_settings_of_the_command_line_win_over_those_of_the_file(
    run: Run, network: Path, tmp_path: Path
) -> None:
    out = tmp_path / "trained.vad"
    arguments = ["--data", "xor", "--batch-size", "25", "--optimizer", "sgd", "--momentum", "0.5"]
    result = run(
        "train", network, *arguments, "--learning-rate", "0.05", "--epochs", "2", "-o", out
    )
    assert result.status == 0
    training = va.load(out).training
    assert training["data"]["name"] == "xor"
    assert (training["batch_size"], training["optimizer"]) == (25, "sgd")
    assert (training["momentum"], training["learning_rate"]) == (0.5, 0.05)


def test_a_network_without_data_needs_some_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bare.vad"
    va.save(va.mlp([2, 3, 1]), path)
    refused = run("train", path)
    assert refused.status == 1
    assert "--data" in refused.err
    assert run("train", path, "--data", "gauss", "--epochs", "1").status == 0


def test_a_table_of_ones_own_can_be_learnt(run: Run, network: Path, tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    rows = [f"{i},{-i},{(-1) ** i}" for i in range(20)]
    table.write_text("\n".join(["a,b,y", *rows]))
    found = run("train", network, "--data", table, "--epochs", "2", "--json").json
    assert found["epochs"] == 2


def test_ctrl_c_keeps_what_was_learnt(
    run: Run, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance = Trainer.advance_within_epoch

    def interrupted(self: Trainer, seconds: float) -> bool:
        if self.epoch >= 3:
            raise KeyboardInterrupt
        return advance(self, seconds)

    monkeypatch.setattr(Trainer, "advance_within_epoch", interrupted)
    out = tmp_path / "trained.vad"
    result = run("train", network, "--epochs", "1000", "-o", out)
    assert result.status == 0
    assert "Stopped in epoch 3 of 1000; what was learnt is kept." in result.out
    assert out.exists()


def test_divergence_is_said_in_one_sentence_and_the_last_good_network_saved(
    run: Run, network: Path, tmp_path: Path
) -> None:
    out = tmp_path / "trained.vad"
    arguments = ["--optimizer", "sgd", "--learning-rate", "1e12", "--epochs", "50", "--json"]
    result = run("train", network, *arguments, "-o", out)
    assert result.status == 1
    assert "diverged" in result.err
    assert result.json["reason"] == "diverged"
    assert out.exists()


def test_a_place_that_cannot_be_written_is_refused_before_the_training(
    run: Run, network: Path, tmp_path: Path
) -> None:
    result = run("train", network, "--epochs", "3", "-o", tmp_path / "nowhere" / "trained.vad")
    assert result.status == 1
    assert "there is no folder" in result.err
    assert "Losses" not in result.out
    assert sorted(path.name for path in tmp_path.iterdir()) == [network.name]


def test_only_files_can_be_trained(run: Run) -> None:
    result = run("train", "x1*x2")
    assert result.status == 1
    assert "x1*x2" in result.err


def test_an_unknown_backend_is_refused(run: Run, network: Path) -> None:
    result = run("train", network, "--backend", "abacus", "--epochs", "1")
    assert result.status == 1
    assert "abacus" in result.err


def test_data_that_come_along_and_columns_of_a_file_are_chosen_on_the_command_line(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "n.vad"
    va.save(va.mlp([4, 6, 3], activation="tanh", loss="cross_entropy"), path)
    found = run("train", path, "--data", "iris", "--epochs", "30", "--json").json
    assert found["history"]["accuracy test"][-1] > 0.85
    table = tmp_path / "own.csv"
    rows = [f"{i},{-i},{'?' if i == 3 else i % 5},{'no' if i % 2 else 'yes'}" for i in range(20)]
    table.write_text("\n".join(["a,b,c,kind", *rows]))
    va.save(va.mlp([2, 3, 1], loss="binary_cross_entropy"), path)
    words = ["--data", table, "--inputs", "c,a", "--target", "kind", "--standardize"]
    refused = run("train", path, *words, "--epochs", "1")
    assert refused.status == 1
    assert "line 5, column 'c': the value is missing" in refused.err
    done = run("train", path, *words, "--missing", "drop", "--epochs", "2")
    assert done.status == 0
    assert "own.csv: 1 row was left out of 20" in done.err


def test_options_of_a_run_reach_it(run: Run, network: Path, tmp_path: Path) -> None:
    out = tmp_path / "trained.vad"
    arguments = ["--optimizer", "rmsprop", "--schedule", "step:every=5,decay=0.5", "--l2", "0.01"]
    arguments += ["--clip-norm", "1", "--loss", "huber", "--epochs", "6", "-o", out]
    assert run("train", network, *arguments).status == 0
    graph = va.load(out)
    assert graph["L"].op == "huber"
    training = graph.training
    assert training["schedule"] == {"name": "step", "every": 5, "decay": 0.5}
    assert (training["optimizer"], training["learning_rate"]) == ("rmsprop", 0.01)
    assert (training["regularization"], training["regularization_rate"]) == ("l2", 0.01)


def test_levenberg_marquardt_takes_all_samples_at_once(run: Run, network: Path) -> None:
    arguments = ["--optimizer", "levenberg_marquardt", "--epochs", "15", "--json"]
    found = run("train", network, *arguments).json
    assert found["steps"] == found["epochs"]
    assert found["train"] < 0.1


def test_patience_ends_a_run_and_says_so(run: Run, network: Path) -> None:
    arguments = ["--optimizer", "sgd", "--learning-rate", "1e-300", "--patience", "3"]
    found = run("train", network, *arguments, "--epochs", "90", "--json").json
    assert (found["reason"], found["epochs"]) == ("early", 3)
    assert "no lower loss for 3 epochs" in found["message"]
    assert "no lower loss for 3 epochs" in run("train", network, *arguments).out


def test_the_confusion_matrix_counts_all_samples(run: Run, network: Path) -> None:
    found = run("train", network, "--epochs", "3", "--json").json
    assert sum(map(sum, found["confusion"]["train"])) == 30
    assert sum(map(sum, found["confusion"]["test"])) == 30
    right = sum(found["confusion"]["test"][i][i] for i in range(2))
    assert right / 30 == found["history"]["accuracy test"][-1]


def test_a_resumed_run_goes_on_where_it_stopped(run: Run, network: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.vad"
    whole = run("train", network, "--epochs", "9", "--json").json
    run("train", network, "--epochs", "4", "-o", half)
    rest = run("train", half, "--resume", "--epochs", "9", "--json", "-o", half).json
    assert rest["history"] == whole["history"]
    assert rest["steps"] == whole["steps"]
    missing = run("train", network, "--resume")
    assert missing.status == 1
    assert "no run to go on with" in missing.err


def test_checkpoints_are_saved_while_training(
    run: Run, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "kept.vad"
    seen: list[int] = []
    advance = Trainer.advance_within_epoch

    def watched(self: Trainer, seconds: float) -> bool:
        if out.exists():
            seen.append(va.load(out).training["run"]["epoch"])
        return advance(self, seconds)

    monkeypatch.setattr(Trainer, "advance_within_epoch", watched)
    run("train", network, "--epochs", "6", "--checkpoint", "1e-9", "-o", out)
    assert seen == list(range(6))
    assert va.load(out).training["run"]["epoch"] == 6
    refused = run("train", network, "--checkpoint", "5")
    assert "saved to the file of -o" in refused.err


def test_the_playground_preset_takes_its_loss_and_order(
    run: Run, network: Path, tmp_path: Path
) -> None:
    out = tmp_path / "trained.vad"
    run("train", network, "--preset", "playground", "--l1", "0.003", "--epochs", "2", "-o", out)
    graph = va.load(out)
    assert graph["L"].op == "half_squared_error"
    assert (graph.training["order"], graph.training["learning_rate"]) == ("carried", 0.03)
    assert graph.training["regularization_apart"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--optimizer", "adamax"], "no optimiser 'adamax'"),
        (["--loss", "zero"], "neither a node of this graph nor a loss"),
        (["--schedule", "fast"], "no schedule of the learning rate 'fast'"),
        (["--schedule", "step:every"], "not KEY=NUMBER"),
    ],
)
def test_options_that_make_no_sense_are_named(
    run: Run, network: Path, arguments: list[str], said: str
) -> None:
    result = run("train", network, *arguments)
    assert result.status == 1
    assert said in result.err
    assert "Traceback" not in result.err
