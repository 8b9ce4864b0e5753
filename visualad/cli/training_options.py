"""The settings of training that the command line changes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.training.binding import with_loss
from visualad.training.columns import belongs_to, is_data_file
from visualad.training.optimizers import OPTIMIZERS
from visualad.training.perceptron import default_training
from visualad.training.playground import playground_settings
from visualad.training.shipped import SHIPPED
from visualad.training.source import with_copy

# Options that are settings of training as they stand.
CHANGED = (
    "learning_rate",
    "optimizer",
    "momentum",
    "nesterov",
    "batch_size",
    "epochs",
    "loss",
    "clip_norm",
    "clip_value",
    "patience",
    "loss_below",
    "seconds",
)


def with_options(graph: Graph, options: argparse.Namespace) -> Graph:
    """The graph with the settings of training that the command line changes.

    Raises:
        VisualADError: if it says nowhere which data to train on, or an option makes no sense.
    """
    given = vars(options)  # `sweep` has fewer of them
    training = dict(graph.training)
    if options.data:
        own = dict(training.get("data") or {})
        fresh = default_training(options.data)
        kept = {key: own[key] for key in ("test_fraction", "seed") if key in own}
        training = {**fresh, **training, "data": {**fresh["data"], **kept}}
    if not training.get("data"):
        raise VisualADError(
            "The graph has no data set to train on; choose one, for example --data circle."
        )
    columns = {
        "inputs": _names(given.get("inputs")),
        "targets": _names(given.get("target")),
        **{key: given.get(key) for key in ("classes", "standardize", "missing", "test_fraction")},
    }
    changed = {key: value for key, value in columns.items() if value is not None}
    training["data"] = {**training["data"], **changed}
    path = Path(str(training["data"].get("name", "")))
    if options.data and options.data not in SHIPPED and is_data_file(path):
        # A copy, so that a saved network goes on elsewhere and other machines need no file.
        training["data"] = {**training["data"], **with_copy(path, belongs_to(path))}
    if options.seed is not None:
        training["data"] = {**training["data"], "seed": options.seed}
        graph = graph.with_(seed=options.seed)
    if given.get("preset") == "playground":
        training = playground_settings(training)
    name = given.get("optimizer") or ""
    if name in OPTIMIZERS and name != training.get("optimizer"):
        # What suits one optimiser is far off for another.
        usual = OPTIMIZERS[name].learning_rate
        training["momentum"] = 0.0
        if usual is not None:
            training["learning_rate"] = usual
        if OPTIMIZERS[name].full_batch:
            training["batch_size"] = None
    for key in CHANGED:
        value = given.get(key)
        if value is not None:
            training[key] = value
    for kind in ("l1", "l2"):
        if given.get(kind) is not None:
            training |= {"regularization": kind, "regularization_rate": given[kind]}
    if given.get("schedule") is not None:
        training["schedule"] = _schedule(given["schedule"])
    if training.get("loss") and (given.get("loss") or given.get("preset")):
        graph = with_loss(graph, training["loss"])
    return graph.with_(training=training)


def _names(text: str | None) -> list[str] | None:
    """Names of columns, between commas."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def _schedule(text: str) -> dict[str, Any]:
    """From "step:every=20,decay=0.5" to the settings of a schedule."""
    name, _, rest = text.partition(":")
    found: dict[str, Any] = {"name": name.strip()}
    for part in filter(None, rest.split(",")):
        key, _, number = part.partition("=")
        try:
            value = float(number)
        except ValueError:
            raise VisualADError(
                f"'{part}' in --schedule is not KEY=NUMBER, as in step:every=20,decay=0.5."
            ) from None
        found[key.strip()] = int(value) if value.is_integer() else value
    return found
