"""A perceptron as classes: the file runs alone, finds our losses and is read back, never run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visualad as va
from visualad.errors import FileError, VisualADError
from visualad.exchange.class_source import class_module
from visualad.exchange.extensions import read_graph_file
from visualad.exchange.formats import Request, write
from visualad.training.loop import trainer_from

EPOCHS = 12


def our_losses(graph: va.Graph, epochs: int = EPOCHS) -> list[tuple[float, float]]:
    trainer, _ = trainer_from(graph)
    for _ in range(epochs + 1):
        trainer.finish_epoch()
    return list(zip(trainer.history.train, trainer.history.test, strict=True))


def network(
    data: str = "circle",
    layers: tuple[int, ...] = (5, 3),
    training: dict[str, Any] | None = None,
    n: int = 70,
    **how: Any,
) -> va.Graph:
    sizes = [1 if data == "sine" else 2, *layers, 1]
    g = va.mlp(sizes, data={"name": data, "n": n}, seed=3, **how)
    return g.with_(training={**g.training, "epochs": EPOCHS, **(training or {})})


def train_in(source: str) -> list[list[float]]:
    """The losses that the loop of a written file finds."""
    module: dict[str, Any] = {"__name__": "written"}
    exec(compile(source, "written.py", "exec"), module)
    return module["run"](lambda _: None)


@pytest.mark.parametrize(
    ("how", "training"),
    [
        ({"activation": "sigmoid"}, {}),
        ({"activation": "tanh", "output": "tanh"}, {"optimizer": "sgd", "momentum": 0.9}),
        ({"activation": "relu"}, {"optimizer": "sgd", "learning_rate": 0.01}),
        (
            {"activation": ["relu", "sigmoid"], "loss": "huber"},
            {"optimizer": "sgd", "momentum": 0.5, "nesterov": True},
        ),
        ({"activation": "leaky_relu", "loss": "mean_absolute_error"}, {"batch_size": None}),
        ({"activation": ["softplus", "gelu"]}, {"batch_size": 1}),
        ({"activation": "tanh"}, {"beta1": 0.8, "epsilon": 1e-4, "order": "shuffled"}),
        ({"data": "sine", "layers": (), "loss": "mean_squared_error"}, {}),
        ({"activation": "tanh", "loss": "binary_cross_entropy", "data": "sine"}, {}),
    ],
)
def test_the_written_loop_finds_our_losses(how: dict[str, Any], training: dict[str, Any]) -> None:
    g = network(training=training, **how)
    found = np.array(train_in(class_module(g)))
    assert found.shape == (EPOCHS + 1, 2)
    np.testing.assert_allclose(found, np.array(our_losses(g)), rtol=1e-12, atol=1e-14)


def test_the_file_runs_alone_and_prints_our_losses(tmp_path: Path) -> None:
    g = network(activation="tanh")
    path = tmp_path / "network.py"
    write(g, path)
    blocked = "import sys; sys.modules['visualad'] = None; import runpy; "
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-c",
            f"{blocked}runpy.run_path({str(path)!r}, run_name='__main__')",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == EPOCHS + 1
    words = lines[-1].split()
    ours = our_losses(g)[-1]
    assert words[:2] == ["epoch", f"{EPOCHS}:"]
    assert [float(words[3]), float(words[5])] == pytest.approx(ours, rel=1e-12)


def test_classes_are_those_of_the_lecture_and_stay_finite_far_out() -> None:
    source = class_module(network(activation="sigmoid"))
    module: dict[str, Any] = {"__name__": "written"}
    exec(source, module)
    with np.errstate(all="raise", under="ignore"):
        activation = module["Activation"]()
        a = activation.forward(np.array([[-1000.0, 0.0, 1000.0]]))
        np.testing.assert_array_equal(a, [[0.0, 0.5, 1.0]])
        np.testing.assert_array_equal(activation.backward(np.ones((1, 3))), [[0, 0.25, 0]])
    layer = module["Linear"](np.arange(6.0).reshape(3, 2), np.ones(3))
    X, dh = np.array([[1.0, 2.0], [3.0, 4.0]]), np.ones((2, 3))
    np.testing.assert_array_equal(layer.forward(X), X @ layer.W.T + 1)
    np.testing.assert_array_equal(layer.backward(dh), dh @ layer.W)
    np.testing.assert_array_equal(layer.dW, dh.T @ X)
    np.testing.assert_array_equal(layer.db, [2, 2, 2])
    code = source.partition("import numpy")[2].partition("# The parameters")[0]
    assert max(map(len, code.splitlines())) <= 100


def test_a_network_of_half_precision_stays_one() -> None:
    g = network(activation="tanh", dtype="float32")
    found = np.array(train_in(class_module(g)))
    np.testing.assert_allclose(found, np.array(our_losses(g)), rtol=1e-4)


@pytest.mark.parametrize(
    "g",
    [
        network(activation="tanh", output="tanh"),
        network(activation=["relu", "leaky_relu"], loss="huber", dtype="float32"),
        va.mlp([2, 3, 1]).with_(training={"data": {"name": "xor"}}),
        va.mlp([2, 1], loss="mean_squared_error", data="gauss"),
    ],
)
def test_a_written_perceptron_is_read_back_as_the_same_graph(g: va.Graph, tmp_path: Path) -> None:
    path = tmp_path / "network.py"
    write(g, path, Request(style="classes"))
    again = read_graph_file(path)
    assert again.with_(nodes_by_id={}) == g.with_(nodes_by_id={})
    for node in g.nodes:
        other = again[node.name]
        assert (other.op, other.id, other.position) == (node.op, node.id, node.position)
        if node.op != "data" or "L" in g:
            np.testing.assert_array_equal(other.value, node.value)
            assert np.asarray(other.value).dtype == np.asarray(node.value).dtype
        if node.op == "huber":
            assert other.settings == node.settings


def test_changed_numbers_are_read_and_nothing_is_run(tmp_path: Path) -> None:
    g = va.mlp([2, 1], data={"name": "gauss", "n": 4}, seed=1)
    trap = tmp_path / "run"
    source = class_module(g)
    start, end = source.index("b1 = "), source.index("\n", source.index("b1 = "))
    source = source[:start] + "b1 = np.array([7.5])" + source[end:]
    path = tmp_path / "network.py"
    path.write_text(f"{source}\nopen({str(trap)!r}, 'w')\n", encoding="utf-8")
    assert read_graph_file(path)["b1"].value.tolist() == [7.5]
    assert not trap.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("# network: 1", "# nothing"), "no line '# network: 1'"),
        (("# layers: [2, 3, 1]", "# layers: [2, 4, 1]"), r"W1 has shape \(3, 2\)"),
        (("# layers: [2, 3, 1]", "# layers: [2, 99999, 99999, 1]"), "too large"),
        (("# layers: [2, 3, 1]", "# layers: [1e9]"), "no list of numbers"),
        (("# layers: [2, 3, 1]", "# layers: [" + "[" * 5000), "not valid JSON"),
        (("# layers: [2, 3, 1]", "# size: 3"), "lacks layers"),
        (('[["tanh", {}]]', '[["system", {}]]'), "'system' cannot be the activation"),
        (('[["tanh", {}]]', '[["sum", {}]]'), "describes no network"),
        (('[["tanh", {}]]', "7"), "no pairs"),
        (("# seed: 0", "# seed: -1"), "makes no sense"),
        (("# training: {", "# training: 3 {"), "not valid JSON"),
        (("W1 = np.array(", "W1 = np.array(print("), "valid Python"),
        (("W1 = np.array(", "W1 = np.asarray("), "no array W1 of plain numbers"),
        (("W1 = np.array(", "W1 = np.array(x or "), "no array W1 of plain numbers"),
    ],
)
def test_a_damaged_or_hostile_file_is_refused_in_one_sentence(
    tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    source = class_module(va.mlp([2, 3, 1], activation="tanh", data={"name": "gauss", "n": 4}))
    assert change[0] in source
    path = tmp_path / "network.py"
    path.write_text(source.replace(*change, 1), encoding="utf-8")
    with pytest.raises(FileError, match=sentence) as caught:
        read_graph_file(path)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_such_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    for content in (b"", b"\xff\xfe", b"import os\n", b"# network: 1\n", b"\0"):
        path.write_bytes(content)
        with pytest.raises(FileError, match="could not be opened"):
            read_graph_file(path)


def test_other_graphs_and_other_training_are_functions_or_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "f.py"
    write(va.parse("x*y"), path)
    assert "def gradient(" in path.read_text(encoding="utf-8")
    write(network(), path, Request(style="functions"))
    assert "def gradient(" in path.read_text(encoding="utf-8")
    write(network(), path)
    assert "class Linear" in path.read_text(encoding="utf-8")
    with pytest.raises(VisualADError, match="perceptron and nothing else"):
        class_module(va.parse("x*y"))
    with pytest.raises(VisualADError, match="no data set"):
        class_module(va.mlp([2, 1]))
    for training, sentence in (
        ({"future_setting": 0.5}, "knows no future setting"),
        ({"optimizer": "rmsprop"}, "SGD and Adam, not RMSprop"),
        ({"optimizer": "unheard"}, "no optimiser 'unheard'"),
        ({"regularization": "l2", "regularization_rate": 0.1}, "knows no regularisation"),
        ({"clip_norm": 1.0}, "knows no gradient clipping"),
        ({"patience": 3}, "knows no early stopping"),
        ({"order": "carried"}, "knows no order of samples"),
    ):
        with pytest.raises(VisualADError, match=sentence):
            class_module(network(training=training))
