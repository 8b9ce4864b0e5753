"""Putting a data set into a graph, and the perceptron that fits it where the graph does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from visualad.errors import VisualADError
from visualad.graph.edits import set_training
from visualad.graph.model import Graph
from visualad.graph.samples import rows_of, sample_of, with_rows
from visualad.training.binding import bind, own_loss
from visualad.training.datasets import CLASSIFICATION, Dataset
from visualad.training.encoding import INDEX, SIGNS
from visualad.training.generators import GENERATORS
from visualad.training.perceptron import (
    SHOWN_SAMPLES,
    default_perceptron,
    default_training,
    mlp,
)
from visualad.training.shipped import SHIPPED

HIDDEN = (16,)
BATCHES = ((2_000, 10), (20_000, 32))  # up to so many samples; more than all of them: 256


def misfit(graph: Graph, data: Dataset) -> str:
    """Why the graph cannot be trained on the data, in one sentence; "" when it can."""
    if not graph.parameters:
        return "The graph has no parameters to train."
    loss = graph.training.get("loss") if own_loss(graph) is None else None
    try:
        bind(graph, data, loss)
    except VisualADError as error:
        return error.message
    return ""


def fitting_sizes(data: Dataset, settings: Mapping[str, Any], hidden: Sequence[int]) -> list[int]:
    """The layers of a perceptron for the data."""
    outputs = data.y.shape[1]
    if settings.get("encoding") == INDEX and data.classes:
        outputs = len(data.classes)
    return [data.x.shape[1], *hidden, outputs]


def fitting_loss(data: Dataset, settings: Mapping[str, Any]) -> str:
    """The loss for the task: of numbers, of two classes, of more."""
    if data.task != CLASSIFICATION:
        return "mean_squared_error"
    if settings.get("encoding") == INDEX or data.y.shape[1] > 1:
        return "hinge" if settings.get("encoding") == SIGNS else "cross_entropy"
    return "hinge" if data.y.min() < 0 else "binary_cross_entropy"


def fitting_perceptron(
    data: Dataset, settings: Mapping[str, Any], hidden: Sequence[int] = HIDDEN, **further: Any
) -> Graph:
    """A perceptron that learns this data set: its columns, its loss, its number of samples.

    Args:
        data: what `from_settings(settings)` gives.
        settings: as in `graph.training["data"]`.
        further: `dtype` and `seed` as of `mlp`.

    Raises:
        VisualADError: for layers that make no network.
    """
    own = default_perceptron(str(settings.get("name")))
    known = settings.get("name") in (*GENERATORS, *SHIPPED)
    graph = mlp(
        fitting_sizes(data, settings, hidden),
        own["activation"] if known else "relu",
        own["output"] if known else "linear",
        loss=default_training(str(settings["name"]))["loss"]
        if known
        else fitting_loss(data, settings),
        data=settings,
        **further,
    )
    if known:
        return graph
    batch = next((batch for most, batch in BATCHES if len(data) <= most), 256)
    return set_training(graph, {**graph.training, "batch_size": batch})


def with_samples(
    graph: Graph, data: Dataset, fraction: float, seed: int, *, anyway: bool = False
) -> Graph:
    """The data nodes show the first samples for training, where they fit.

    Args:
        anyway: also where a node had another number of columns: its layer was changed already.
    """
    samples = data.split_rows(fraction, seed)[0][:SHOWN_SAMPLES]
    nodes = dict(graph.nodes_by_id)
    for node in graph.nodes_by_id.values():
        rows = rows_of(node)
        if rows is None:
            continue
        is_target = node.settings.get("role", "inputs") == "targets"
        table = (data.y if is_target else data.x)[samples].astype(graph.dtype)
        column = node.settings.get("column")
        if column is not None and column < table.shape[1]:
            table = table[:, column]
        if anyway or rows.shape[1:] == table.shape[1:]:
            sample = sample_of(node)
            nodes[node.id] = with_rows(
                node, table, sample if sample is None else min(sample, len(table) - 1)
            )
    return graph.with_(nodes_by_id=nodes)
