"""Edits that the training panel makes, and why a graph cannot be trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from visualad.errors import VisualADError
from visualad.graph.edits import set_training
from visualad.graph.model import DATA, Graph
from visualad.gui.panels.dataset_picture import NotDrawnError, dataset_of
from visualad.ops.declaration import REGISTRY
from visualad.training.generators import GENERATORS
from visualad.training.perceptron import LOSS_CATEGORY, default_training

NOTHING = (
    "There is nothing to train here. File > New Multilayer Perceptron… builds a network; "
    "any graph with parameter nodes can be trained too."
)


def settings_of(graph: Graph) -> dict[str, Any]:
    """`graph.training` with the defaults for its data set where it says nothing."""
    data = dict(graph.training.get("data") or {})
    known = default_training(str(data.get("name", "circle")))
    merged = {**known, **graph.training}
    merged["data"] = {**known["data"], **data}
    return merged


def reason_against(graph: Graph) -> str:
    """Why the graph cannot be trained, in one sentence; "" when it can."""
    if not graph.parameters:
        return NOTHING
    try:
        settings = settings_of(graph)
        from visualad.training.binding import bind  # late: it evaluates, and so brings the engine

        bind(graph, dataset_of(settings["data"]), settings.get("loss"))
    except NotDrawnError:
        return ""  # the kernel will tell
    except VisualADError as error:
        return error.message
    return ""


def input_columns(graph: Graph) -> int | None:
    """How many inputs the network takes; None when no data node says so."""
    inputs = [
        node
        for node in graph.nodes_by_id.values()
        if node.op == DATA and node.settings.get("role", "inputs") == "inputs"
    ]
    columns = [node.settings.get("column") for node in inputs]
    known = [column for column in columns if column is not None]
    if known:
        return max(known) + 1
    shape: tuple[int, ...] = np.shape(inputs[0].value) if inputs else ()
    return int(shape[1]) if len(shape) == 2 else None


def with_training(graph: Graph, changes: Mapping[str, Any]) -> Graph:
    """Change settings of training; the others stay."""
    return set_training(graph, {**settings_of(graph), **changes})


def with_data(graph: Graph, changes: Mapping[str, Any]) -> Graph:
    """Change settings of the data set; the data nodes show its first samples.

    Raises:
        VisualADError: if there is no such data set.
    """
    return put_data(graph, {**settings_of(graph)["data"], **changes})


def put_data(graph: Graph, data: Mapping[str, Any]) -> Graph:
    """These data in place of any others; the data nodes show their first samples.

    Raises:
        VisualADError: if there is no such data set.
    """
    changed = with_training(graph, {"data": dict(data)})
    from visualad.training.fitting import with_samples  # late, as below

    fraction, seed = float(data["test_fraction"]), int(data.get("seed") or 0)
    return with_samples(changed, dataset_of(data), fraction, seed)


def with_dataset(graph: Graph, name: str) -> Graph:
    """Another data set with its own number of points and noise."""
    own = default_training(name)["data"]
    kept = settings_of(graph)["data"]
    in_plane = name in GENERATORS and GENERATORS[name].inputs == 2
    wanted = ("test_fraction", "seed", *(["features"] if in_plane else []))
    return put_data(graph, {**own, **{key: kept[key] for key in wanted if key in kept}})


def with_new_seed(graph: Graph) -> Graph:
    """Draw the points anew."""
    return with_data(graph, {"seed": int(settings_of(graph)["data"].get("seed") or 0) + 1})


def loss_node(graph: Graph) -> str:
    """The id of the node that computes the loss, or ""."""
    for id_ in graph.output_ids:
        declared = graph.nodes_by_id[id_].operation
        if declared is not None and declared.category == LOSS_CATEGORY:
            return id_
    return ""


def loss_of(graph: Graph) -> str:
    """The operation that is the loss."""
    id_ = loss_node(graph)
    return graph.nodes_by_id[id_].op if id_ else str(settings_of(graph).get("loss") or "")


def with_loss(graph: Graph, op: str) -> Graph:
    """Another loss: the loss node becomes one of this type, its edges stay."""
    from visualad.training.binding import with_loss as replace_loss  # late, as above

    return replace_loss(with_training(graph, {"loss": op}), op)


def losses() -> list[str]:
    """Names of the operations that are losses."""
    return [declared.name for declared in REGISTRY if declared.category == LOSS_CATEGORY]
