"""Choosing the columns of a file, and bringing data into a graph or to the window."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from visualad.graph.edits import set_training
from visualad.graph.model import Graph
from visualad.kernel.data_messages import (
    FIT,
    KEEP,
    DataPreview,
    DatasetDrawn,
    DataTaken,
    DrawDataset,
    PreviewData,
    TakeData,
)
from visualad.training.columns import belongs_to, is_data_file
from visualad.training.data_settings import from_settings
from visualad.training.datasets import Dataset
from visualad.training.fitting import (
    HIDDEN,
    fitting_loss,
    fitting_perceptron,
    fitting_sizes,
    misfit,
    with_samples,
)
from visualad.training.generators import GENERATORS
from visualad.training.perceptron import default_perceptron, default_training
from visualad.training.shipped import SHIPPED
from visualad.training.source import with_copy

MOST_COLUMNS = 60  # of the samples that are shown
SHOWN, SHOWN_TEST = 6, 3
MOST_SENT = 3000  # samples of a file that the window draws


def preview(request: PreviewData) -> DataPreview:
    """What the choice makes of the data."""
    settings = request.settings
    data = from_settings(settings)
    fraction, seed = _split(settings)
    train, test = data.split_rows(fraction, seed)
    picked = [*train[:SHOWN].tolist(), *test[:SHOWN_TEST].tolist()]
    rows = [(*data.x[row, :MOST_COLUMNS].tolist(), *data.y[row].tolist()) for row in picked]
    tested = [place >= len(train[:SHOWN]) for place in range(len(picked))]
    shown_inputs = data.input_names[:MOST_COLUMNS]
    return DataPreview(
        request.id,
        names=(*shown_inputs, *data.target_names),
        inputs=len(shown_inputs),
        rows=tuple(rows),
        tested=tuple(tested),
        train=len(train),
        test=len(test),
        task=data.task,
        classes=data.classes,
        notes=data.notes,
        misfit=misfit(_with(request.graph, settings), data),
        sizes=tuple(fitting_sizes(data, settings, request.hidden)),
        loss=fitting_loss(data, settings),
    )


def take(request: TakeData) -> DataTaken:
    """The graph with the data."""
    settings = dict(request.settings)
    name = str(settings["name"])
    settings = {**default_training(name)["data"], **settings}
    path = Path(name)
    if name not in SHIPPED and is_data_file(path) and not settings.get("content"):
        settings |= with_copy(path, belongs_to(path))
    data = from_settings(settings)
    if data.image is not None and name not in SHIPPED:
        settings["image"] = list(data.image)
    graph = _with(request.graph, settings)
    fraction, seed = _split(settings)
    network = request.network
    if network == FIT:
        network = KEEP if not misfit(graph, data) else "new"
    if network == KEEP:
        return _taken(request.id, with_samples(graph, data, fraction, seed), (), data)
    hidden = _hidden(name) if request.hidden is None else request.hidden
    made = fitting_perceptron(
        data, settings, hidden, dtype=request.graph.dtype, seed=request.graph.seed
    )
    made = made.with_(notes=request.graph.notes)
    return _taken(request.id, made, tuple(fitting_sizes(data, settings, hidden)), data)


def draw(request: DrawDataset) -> DatasetDrawn:
    """The samples of a data set; of a large file some, each with its part."""
    settings = request.settings
    data = from_settings(settings)
    tested = data.tested
    if len(data) > MOST_SENT and settings.get("name") not in GENERATORS:
        tested = data.test_mask(*_split(settings))
        rows = np.random.default_rng(0).choice(len(data), MOST_SENT, replace=False)
        x, y, tested = data.x[rows], data.y[rows], tested[rows]
    else:
        x, y = data.x, data.y
    return DatasetDrawn(
        request.id,
        x,
        y,
        data.names,
        data.task,
        data.name,
        tested=tested,
        classes=data.classes,
        image=data.image,
    )


def _taken(id_: int, graph: Graph, sizes: tuple[int, ...], data: Dataset) -> DataTaken:
    return DataTaken(id_, graph, sizes, data.name, data.x.shape[1], data.y.shape[1])


def _hidden(name: str) -> tuple[int, ...]:
    return tuple(default_perceptron(name)["layers"]) if name in SHIPPED else HIDDEN


def _split(settings: Mapping[str, Any]) -> tuple[float, int]:
    return float(settings.get("test_fraction", 0.5)), int(settings.get("seed") or 0)


def _with(graph: Graph, settings: Mapping[str, Any]) -> Graph:
    """The graph with these data and the usual training where it says nothing else."""
    usual = default_training(str(settings.get("name")))
    return set_training(graph, {**usual, **graph.training, "data": dict(settings)})
