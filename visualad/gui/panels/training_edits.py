"""Edits that the controls of training make, and why a graph cannot be trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from visualad.errors import VisualADError
from visualad.graph.edits import set_seed, set_training
from visualad.graph.model import DATA, Graph
from visualad.gui.panels.dataset_picture import NotDrawnError, dataset_of
from visualad.ops.declaration import REGISTRY
from visualad.training.datasets import Dataset
from visualad.training.encoding import INDEX
from visualad.training.generators import GENERATORS
from visualad.training.layers import Layers, begun_anew, find_layers
from visualad.training.loss_choice import loss_misfit
from visualad.training.perceptron import (
    LINEAR,
    LOSS_CATEGORY,
    default_perceptron,
    default_training,
    mlp,
)
from visualad.training.playground import PRESET, playground_settings
from visualad.training.reshaping import reshaped

NOTHING = (
    "There is nothing to train here. File > New Multilayer Perceptron… builds a network; "
    "any graph with parameter nodes can be trained too."
)
PLANE = ("x1", "x2")  # the features that are the points themselves
PLAYGROUND = "playground"  # the initialiser


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


def layers_of(graph: Graph) -> Layers | None:
    """The layers, where they can be changed: the graph is a perceptron and nothing else."""
    return find_layers(graph, plain=False)


def with_training(graph: Graph, changes: Mapping[str, Any]) -> Graph:
    """Change settings of training; the others stay."""
    return set_training(graph, {**settings_of(graph), **changes})


# Data --------------------------------------------------------------------------------------------


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
    from visualad.training.fitting import with_samples  # late, as above

    changed = with_training(graph, {"data": dict(data)})
    fraction, seed = float(data["test_fraction"]), int(data.get("seed") or 0)
    samples, found = dataset_of(data), layers_of(graph)
    widths = (samples.x.shape[1], samples.y.shape[1])
    fits = found is not None and widths == (found.sizes[0], found.sizes[-1])
    return with_samples(changed, samples, fraction, seed, anyway=fits)


def with_dataset(graph: Graph, name: str) -> Graph:
    """Another data set with its own number of points and noise.

    A perceptron gets as many inputs and outputs as it asks for; where another kind of answer is
    wanted, also the output and the loss that suit it. Hidden layers keep their weights.

    Raises:
        VisualADError: if the graph cannot be trained on it.
    """
    own, before = default_training(name), settings_of(graph)["data"]
    keep = {key: before[key] for key in ("test_fraction", "seed") if key in before}
    data = {**own["data"], **keep}
    wanted = dataset_of(data)
    if before.get("encoding") == INDEX and name in GENERATORS and GENERATORS[name].has_classes:
        data["encoding"] = INDEX
        wanted = dataset_of(data)
    if before.get("features") and wanted.x.shape[1] == 2:
        data["features"] = before["features"]
        wanted = dataset_of(data)
    found = layers_of(graph)
    if found is not None:
        graph = _fitted(graph, found, name, before, wanted)
    changed = put_data(graph, data)
    if found is None:
        reason = reason_against(changed)
        if reason:
            raise VisualADError(reason)
    return changed


def _fitted(
    graph: Graph, found: Layers, name: str, before: Mapping[str, Any], wanted: Dataset
) -> Graph:
    """The perceptron with the ends that a data set wants."""
    changes: dict[str, Any] = {}
    inputs, outputs = wanted.x.shape[1], wanted.y.shape[1]
    if inputs != found.sizes[0]:
        changes["columns"] = [None] * inputs
    try:
        is_alike = _kind(dataset_of(before)) == _kind(wanted)
    except VisualADError:
        is_alike = False
    if not is_alike:
        changes |= {"outputs": outputs, "output": default_perceptron(name)["output"]}
        loss = default_training(name)["loss"]
        is_playground = graph.training.get("loss") == PRESET["loss"] and outputs == 1
        if not is_playground or loss != "mean_squared_error":
            changes["loss"] = loss
            graph = with_training(graph, {"loss": loss})
    return reshaped(graph, **changes) if changes else graph


def _kind(data: Dataset) -> tuple[str, int, bool]:
    """What output and loss depend on; classes may be -1 and 1, or 0 and 1."""
    return data.task, data.y.shape[1], bool(data.y.min() < 0)


def with_new_seed(graph: Graph) -> Graph:
    """Draw the points anew."""
    return with_data(graph, {"seed": int(settings_of(graph)["data"].get("seed") or 0) + 1})


def features_of(graph: Graph) -> tuple[str, ...] | None:
    """The features that the inputs are; None for data that are no points in the plane."""
    data = settings_of(graph)["data"]
    if data.get("features"):
        return tuple(data["features"])
    return PLANE if layers_of(graph) is not None and input_columns(graph) == 2 else None


def with_features(graph: Graph, features: Sequence[str]) -> Graph:
    """Other features as inputs: the first layer keeps the weights of those that remain.

    Raises:
        VisualADError: if the graph is no perceptron, or the data no points in the plane.
    """
    before = features_of(graph) or PLANE
    columns = [before.index(name) if name in before else None for name in features]
    data = {key: v for key, v in settings_of(graph)["data"].items() if key != "features"}
    if tuple(features) != PLANE:
        data["features"] = list(features)
    return put_data(reshaped(graph, columns=columns), data)


# Loss, start, preset -----------------------------------------------------------------------------


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


def with_fitting_loss(graph: Graph, op: str) -> Graph:
    """Another loss, and with it classes 0 and 1 for cross entropy, or −1 and 1 again.

    Only data sets that are made have a choice; the output is then logits, or in ±1 again.

    Raises:
        VisualADError: if the loss makes no sense with the targets.
    """
    data = settings_of(graph)["data"]
    generator = GENERATORS.get(str(data.get("name")))
    wants_shares = op == "binary_cross_entropy"
    has_choice = generator is not None and generator.has_classes
    if has_choice and wants_shares != (data.get("encoding") == INDEX):
        data = {key: value for key, value in data.items() if key != "encoding"}
        if wants_shares:
            data["encoding"] = INDEX
        if layers_of(graph) is not None:
            graph = reshaped(graph, output=LINEAR if wants_shares or op == "hinge" else "tanh")
        graph = put_data(graph, data)
    found = layers_of(graph)
    misfit = loss_misfit(op, dataset_of(data), found.sizes[-1] if found is not None else None)
    if misfit:
        raise VisualADError(misfit)
    return with_loss(graph, op)


def losses() -> list[str]:
    """Names of the operations that are losses."""
    return [declared.name for declared in REGISTRY if declared.category == LOSS_CATEGORY]


def with_start(graph: Graph, *, seed: int | None = None, initializer: str | None = None) -> Graph:
    """Begin anew from another seed, or by another initialiser."""
    if initializer is not None:
        graph = with_training(graph, {"initializer": initializer})
    if seed is not None:
        graph = set_seed(graph, seed)
    found = layers_of(graph)
    if found is None:
        return graph
    return begun_anew(found, str(graph.training.get("initializer") or "default"))


def with_playground(graph: Graph) -> Graph:
    """The same network and data with TensorFlow Playground's rules: loss, updates, start."""
    graph = set_training(
        graph, {**playground_settings(settings_of(graph)), "initializer": PLAYGROUND}
    )
    graph = with_loss(graph, str(PRESET["loss"]))
    return with_start(graph)


def playground_network() -> Graph:
    """The network and the data that TensorFlow Playground begins with."""
    graph = mlp(
        [2, 4, 2, 1],
        "tanh",
        "tanh",
        loss=str(PRESET["loss"]),
        data="circle",
        initializer=PLAYGROUND,
    )
    return set_training(graph, {**playground_settings(graph.training), "initializer": PLAYGROUND})
