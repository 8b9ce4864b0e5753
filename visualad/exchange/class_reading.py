"""Reading a perceptron back from the classes that VisualAD wrote it as.

The comment header says what the network is, the arrays W1, b1, ... what its parameters are. The
file is looked at as text; nothing in it is run.
"""

from __future__ import annotations

import ast
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import FileError, VisualADError
from visualad.exchange.class_source import HEADER
from visualad.graph.model import Graph
from visualad.training.layers import find_layers
from visualad.training.parameters import with_parameters
from visualad.training.perceptron import SHOWN_SAMPLES, mlp

LARGEST = 64 << 20  # bytes of a file that is read
MOST_NEURONS = 100_000  # in a layer
MOST_PARAMETERS = 20_000_000
FACTS = ("layers", "activations", "output", "loss", "has_loss", "dtype", "seed", "training")


def read_classes(content: bytes) -> Graph:
    """The graph of a file that `class_module` wrote.

    Raises:
        FileError: if it has no such header, or header and arrays do not fit together.
    """
    if len(content) > LARGEST:
        raise FileError("the file is larger than any that VisualAD writes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError("it is no text in UTF-8.") from None
    facts = _header(text)
    graph = _network(facts)
    found = find_layers(graph)
    assert found is not None
    arrays = _arrays(text)
    values: dict[str, NDArray[Any]] = {}
    for i, layer in enumerate(found.layers, 1):
        for name, id_ in ((f"W{i}", layer.weights), (f"b{i}", layer.bias)):
            expected = np.shape(graph.nodes_by_id[id_].value)
            array = arrays.get(name)
            if array is None:
                raise FileError(
                    f"there is no array {name} of plain numbers, as VisualAD writes it."
                )
            if array.shape != expected:
                raise FileError(
                    f"{name} has shape {array.shape}, but the layers {facts['layers']} in the "
                    f"header make it {expected}."
                )
            values[id_] = array.astype(graph.dtype)
    graph = with_parameters(graph, values)
    return _with_samples(graph, arrays)


def _header(text: str) -> Mapping[str, Any]:
    """What the comment header says.

    Raises:
        FileError: if there is none, or it is damaged.
    """
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.strip() == HEADER), None)
    if start is None:
        raise FileError(
            f"only Python files that VisualAD wrote as classes can be read, and this one has no "
            f"line '{HEADER}'."
        )
    facts: dict[str, Any] = {}
    for number, line in enumerate(lines[start + 1 :], start + 2):
        if not line.startswith("# ") or ": " not in line:
            break
        key, _, value = line[2:].partition(": ")
        try:
            facts[key] = json.loads(value)
        except (ValueError, RecursionError):
            raise FileError(f"line {number}: what follows '{key}:' is not valid JSON.") from None
    missing = [key for key in FACTS if key not in facts]
    if missing:
        raise FileError(f"the header lacks {', '.join(missing)}.")
    return facts


def _network(facts: Mapping[str, Any]) -> Graph:
    """The perceptron of the header, with parameters that are still to be set.

    Raises:
        FileError: if the header describes none.
    """
    sizes, seed = facts["layers"], facts["seed"]
    if not isinstance(sizes, list) or not all(_is_whole(n, 1, MOST_NEURONS) for n in sizes):
        raise FileError("the layers in the header are no list of numbers of neurons.")
    if sum(a * b for a, b in itertools.pairwise(sizes)) > MOST_PARAMETERS:
        raise FileError("the layers in the header are too large.")
    activations = facts["activations"]
    functions = [*activations, facts["output"], facts["loss"]] if _is_list(activations) else [None]
    if not all(_is_function(f) for f in functions):
        raise FileError(
            "the activations, output or loss in the header are no pairs of a name and settings."
        )
    if facts["dtype"] not in ("float64", "float32") or not _is_whole(seed, 0, 2**63):
        raise FileError("the dtype or the seed in the header makes no sense.")
    if not isinstance(facts["training"], dict):
        raise FileError("the training in the header is no object of settings.")
    try:
        graph = mlp(
            sizes,
            [name for name, _ in activations],
            output=facts["output"][0],
            loss=facts["loss"][0] if facts["has_loss"] else None,
            seed=seed,
            initializer="zeros",
            dtype=facts["dtype"],
        )
    except VisualADError as error:
        raise FileError(f"the header describes no network. {error.message}") from None
    found = find_layers(graph)
    if found is None:
        raise FileError("the header describes no network; its activations are no functions.")
    nodes = dict(graph.nodes_by_id)
    ids = [(layer.activation, f) for layer, f in zip(found.layers, functions, strict=False)]
    for id_, (_, settings) in [*ids, (found.loss, facts["loss"])]:
        if id_ and settings:
            nodes[id_] = replace(nodes[id_], settings=settings)
    return graph.with_(nodes_by_id=nodes, training=facts["training"])


def _arrays(text: str) -> dict[str, NDArray[Any]]:
    """The arrays of numbers that the file assigns to names, from its syntax alone.

    Raises:
        FileError: if the file is no Python.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = f" in line {line}" if line else ""
        raise FileError(f"it is no valid Python{where}.") from None
    found = {}
    for statement in tree.body:
        if (
            isinstance(statement, ast.Assign)
            and len(statement.targets) == 1
            and isinstance(statement.targets[0], ast.Name)
            and isinstance(statement.value, ast.Call)
            and ast.unparse(statement.value.func) == "np.array"
            and statement.value.args
        ):
            try:
                value = ast.literal_eval(statement.value.args[0])
                array = np.array(value, dtype=np.float64)
            except (ValueError, TypeError, RecursionError, OverflowError):
                continue
            found[statement.targets[0].id] = array
    return found


def _with_samples(graph: Graph, arrays: Mapping[str, NDArray[Any]]) -> Graph:
    """The first rows of the data, for the data nodes to show."""
    nodes = dict(graph.nodes_by_id)
    X, Y = arrays.get("X_train"), arrays.get("Y_train")
    for id_, array in (("X", X), ("Y", Y)):
        if id_ in nodes and array is not None and array.ndim == 2 and len(array):
            shown = array[:SHOWN_SAMPLES].astype(graph.dtype)
            if id_ == "Y" or shown.shape[1] == np.shape(nodes[id_].value)[1]:
                nodes[id_] = replace(nodes[id_], settings={**nodes[id_].settings, "value": shown})
    return graph.with_(nodes_by_id=nodes)


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_function(value: object) -> bool:
    """Whether it is a name with settings that are plain numbers or words."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], dict)
        and all(
            isinstance(part, bool | int | str) or (isinstance(part, float) and math.isfinite(part))
            for part in value[1].values()
        )
    )
