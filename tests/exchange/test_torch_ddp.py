"""The PyTorch program: one process, two processes and VisualAD take the same steps."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visualad as va
from visualad.cli import main
from visualad.errors import FileError, VisualADError
from visualad.exchange.torch_ddp import torch_ddp_files, write_torch_ddp
from visualad.training.loop import trainer_from

# A Python that has PyTorch, for machines on which it is not beside VisualAD.
TORCH_PYTHON = os.environ.get("VISUALAD_TORCH_PYTHON", "")
HAS_TORCH = bool(TORCH_PYTHON) or importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(
    not HAS_TORCH,
    reason="PyTorch is not installed; VISUALAD_TORCH_PYTHON may name a Python with it",
)
EPOCHS = 6


def network(training: dict[str, Any], n: int = 50, **how: Any) -> va.Graph:
    g = va.mlp([2, 5, 3, 1], data={"name": "circle", "n": n, "test_fraction": 0.3}, seed=2, **how)
    return g.with_(training={**g.training, "epochs": EPOCHS, **training})


def by_hand() -> va.Graph:
    """A graph of scalars with columns as variables and a constant beside them."""
    from visualad.graph.edits import set_setting
    from visualad.graph.model import PARAMETER

    g = va.parse("o = w1*x1 + w2*x2*k + train")
    nodes = dict(g.nodes_by_id)
    for name, value in (("w1", 0.5), ("w2", -0.25), ("train", 0.1)):
        old = nodes[g.id_of(name)]
        nodes[old.id] = type(old)(old.id, PARAMETER, name, settings={"value": value})
    training = {"data": {"name": "plane", "n": 40}, "batch_size": 7, "epochs": EPOCHS}
    g = g.with_(nodes_by_id=nodes, training=training)
    return set_setting(g, g.id_of("k"), "value", 2.0)


def our_losses(graph: va.Graph) -> np.ndarray:
    trainer, _ = trainer_from(graph)
    for _ in range(EPOCHS + 1):
        trainer.finish_epoch()
    return np.array([trainer.history.train, trainer.history.test]).T


def losses_of(folder: Path, processes: int) -> np.ndarray:
    """What the program prints; 0 processes: plain Python."""
    words = ["train_ddp.py", "--cpu"]
    if processes:
        many = ["--standalone", f"--nproc_per_node={processes}", "--local-addr=127.0.0.1"]
        words = ["-m", "torch.distributed.run", *many, *words]
    done = subprocess.run(
        [TORCH_PYTHON or sys.executable, *words],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("epoch")]
    return np.array([[float(words[3]), float(words[5])] for words in lines])


@needs_torch
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_one_and_two_processes_find_our_losses(tmp_path: Path) -> None:
    # 35 samples in batches of 8: the last one has 3, shared out unevenly.
    g = network({"optimizer": "adam", "batch_size": 8}, activation="tanh")
    write_torch_ddp(g, tmp_path)
    ours = our_losses(g)
    for processes in (0, 1, 2):
        found = losses_of(tmp_path, processes)
        np.testing.assert_allclose(found, ours, rtol=1e-12, atol=1e-14)
    assert (tmp_path / "trained.pt").stat().st_size > 0


@needs_torch
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "g",
    [
        # Batches of one sample: the second process has none, and still takes part.
        network({"optimizer": "sgd", "momentum": 0.5, "batch_size": 1}, activation="sigmoid", n=12),
        network({"optimizer": "rmsprop", "alpha": 0.9}, loss="huber", activation="relu"),
        network({"optimizer": "adamw"}, activation="softplus"),
        network({"optimizer": "adagrad", "batch_size": None}, activation="tanh"),
        by_hand(),
    ],
    ids=["sgd", "rmsprop", "adamw", "adagrad", "by hand"],
)
def test_optimisers_and_other_graphs_find_our_losses_on_two_processes(
    g: va.Graph, tmp_path: Path
) -> None:
    write_torch_ddp(g, tmp_path)
    np.testing.assert_allclose(losses_of(tmp_path, 2), our_losses(g), rtol=1e-12, atol=1e-14)


def test_the_files_stand_alone(tmp_path: Path) -> None:
    write_torch_ddp(network({}, activation="tanh"), tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["data.npz", "model.py", "train_ddp.py"]
    for name in names[1:]:
        source = (tmp_path / "out" / name).read_text(encoding="utf-8")
        compile(source, name, "exec")
        assert "import visualad" not in source
        assert "<" not in source.partition("EVALUATED")[0].partition("HERE")[2]
    with np.load(tmp_path / "out" / "data.npz", allow_pickle=False) as data:
        assert data["x_train"].shape == (35, 2)
        assert data["y_test"].shape == (15, 1)


@pytest.mark.parametrize(
    ("g", "sentence"),
    [
        (va.mlp([2, 1]), "no data set"),
        (network({"optimizer": "lbfgs"}), "not LBFGS"),
        (network({"clip_norm": 1.0}), "no gradient clipping"),
    ],
)
def test_what_cannot_be_shared_out_is_refused_in_words(g: va.Graph, sentence: str) -> None:
    with pytest.raises(VisualADError, match=sentence):
        torch_ddp_files(g)


def test_the_command_writes_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "g.vad", tmp_path / "out"
    va.save(network({}), file)
    assert main(["convert", str(file), str(out), "--to", "torch-ddp"]) == 0
    assert "model.py, train_ddp.py, data.npz" in capsys.readouterr().out
    assert (out / "train_ddp.py").exists()
    assert main(["convert", str(file), str(file), "--to", "torch-ddp"]) == 1
    assert "name a folder" in capsys.readouterr().err
    with pytest.raises(FileError, match="there is no folder"):
        write_torch_ddp(network({}), tmp_path / "a" / "b")
