"""How well networks learn: beside scikit-learn on real data, and on the sets of Playground.

    python -m benchmarks.accuracy [--seeds 5] [--epochs 200]

Real data: one hidden layer of 32 rectifiers, inputs standardised, a quarter of the samples kept for
testing, Adam at 0.001 in batches of 200, as `MLPClassifier((32,))` does by default; ours and
scikit-learn's on the same split. On iris these are 200 updates in all, after which neither has
learnt all it can (both reach 0.96 with Adam at 0.01 in batches of 10, as the example has it). The
data come from scikit-learn, which only this program needs: pip install scikit-learn. Without it
only the sets of TensorFlow Playground are learnt, with its update rule and defaults, spiral with
more features and neurons.
"""

from __future__ import annotations

import argparse
import time
import warnings
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import visualad as va
from visualad.training.loop import trainer_from
from visualad.training.playground import playground_settings

REAL = ("iris", "wine", "breast_cancer", "digits")
GOAL = {"digits": 0.97}

# Layers, features, epochs and changes of Playground's knobs.
PLAYGROUND: dict[str, tuple[list[int], list[str], int, dict[str, Any]]] = {
    "circle": ([4, 2], ["x1", "x2"], 300, {}),
    "xor": ([4, 2], ["x1", "x2"], 300, {}),
    "gauss": ([4, 2], ["x1", "x2"], 300, {}),
    "spiral": (
        [8, 8, 4],
        ["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin x1", "sin x2"],
        1000,
        {"learning_rate": 0.03},
    ),
}


def beside_scikit_learn(name: str, seeds: int, epochs: int) -> tuple[list[float], list[float]]:
    """Accuracies on the test part: ours and scikit-learn's, one for each seed."""
    from sklearn import datasets
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    classes = int(y.max()) + 1
    ours, theirs = [], []
    for seed in range(seeds):
        parts = train_test_split(x, y, test_size=0.25, random_state=seed, stratify=y)
        scaler = StandardScaler().fit(parts[0])
        inner, outer = scaler.transform(parts[0]), scaler.transform(parts[1])
        graph = va.mlp([x.shape[1], 32, classes], "relu", loss="cross_entropy", seed=seed)
        run = va.train(
            graph,
            (inner, parts[2].astype(float)),
            optimizer=va.Adam(0.001),
            epochs=epochs,
            batch_size=min(200, len(inner)),
            regularization="l2",
            regularization_rate=1e-4 / min(200, len(inner)),
        )
        outputs = va.evaluate(run.graph, {"X": outer, "Y": parts[3].astype(float)})["o"]
        ours.append(float(np.mean(outputs.argmax(axis=1) == parts[3])))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged in so many epochs
            other = MLPClassifier(
                (32,), max_iter=epochs, random_state=seed, n_iter_no_change=epochs
            )
            other.fit(inner, parts[2])
        theirs.append(float(other.score(outer, parts[3])))
    return ours, theirs


def playground_losses(name: str, seeds: int) -> list[tuple[float, float, float]]:
    """Training loss, test loss and test accuracy at the end, for each seed."""
    layers, features, epochs, changes = PLAYGROUND[name]
    found = []
    for seed in range(seeds):
        data = {"name": name, "seed": seed, "features": features}
        graph = va.mlp(
            [len(features), *layers, 1],
            "tanh",
            "tanh",
            loss="half_squared_error",
            seed=seed,
            data=data,
            initializer="playground",
        )
        graph = graph.with_(training=playground_settings(graph.training, **changes))
        trainer, _ = trainer_from(graph)
        while not trainer.has_ended and trainer.epoch < epochs:
            trainer.finish_epoch()
        history = trainer.history
        found.append((history.train[-1], history.test[-1], history.metrics["accuracy test"][-1]))
    return found


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=200)
    options = parser.parse_args()
    console = Console()
    table = Table("data set", "ours", "scikit-learn", "seconds", "verdict")
    try:
        for name in REAL:
            began = time.perf_counter()
            ours, theirs = beside_scikit_learn(name, options.seeds, options.epochs)
            close = np.mean(ours) >= np.mean(theirs) - np.std(theirs)
            good = close and np.mean(ours) >= GOAL.get(name, 0.0)
            table.add_row(
                name,
                f"{np.mean(ours):.4f} ± {np.std(ours):.4f}",
                f"{np.mean(theirs):.4f} ± {np.std(theirs):.4f}",
                f"{time.perf_counter() - began:.1f}",
                "reached" if good else "missed",
            )
        console.print(table)
    except ImportError:
        console.print("scikit-learn is not installed; pip install scikit-learn")
    table = Table("Playground", "epochs", "train loss", "test loss", "test accuracy")
    for name in PLAYGROUND:
        rows = np.array(playground_losses(name, options.seeds))
        means = [f"{mean:.4f}" for mean in rows.mean(axis=0)]
        table.add_row(name, str(PLAYGROUND[name][2]), *means)
    console.print(table)


if __name__ == "__main__":
    main()
