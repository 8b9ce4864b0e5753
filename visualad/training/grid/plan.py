"""Which runs a sweep over settings consists of, and the graph that each of them trains.

plan = make_plan(graph, {"hidden": ["4", "8x8"], "lr": [0.01, 0.1]}, seeds=5)
plan.cases[0].values, plan.cases[0].seed
prepared(plan.graph, plan.cases[0])      # the graph of the first run
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from visualad.errors import VisualADError
from visualad.graph.edits import set_setting
from visualad.graph.file import to_json
from visualad.graph.model import CONSTANT, PARAMETER, VARIABLE, Graph, shorten
from visualad.training.adaptive import Adagrad, Adam, AdamW, RMSprop
from visualad.training.display import DISPLAY
from visualad.training.gradient_descent import SGD
from visualad.training.layers import find_layers, with_layers
from visualad.training.perceptron import default_training
from visualad.training.progress import KEY as RUN

# What a setting may be called for short.
SHORT = {"lr": "learning_rate", "batch": "batch_size", "init": "initializer"}
PENALTIES = ("l1", "l2")  # of these a value is the rate
LAYERS = ("hidden", "activation", "initializer")  # make the perceptron anew
RULES = (
    *("regularization", "regularization_rate", "regularization_apart", "clip_norm", "clip_value"),
    *("patience", "loss_below", "order", "schedule"),
)
DATA = ("data", "noise", "n", "test_fraction")
OPTIMIZER_CLASSES = (SGD, Adagrad, RMSprop, Adam, AdamW)
EPOCHS = 100  # where neither the graph nor the sweep says how many
MOST_RUNS = 1_000_000

Value = float | int | bool | str | tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """One run of a sweep.

    Attributes:
        values: of the settings, in their order.
        seed: of data, split, initial parameters and the order of samples; None leaves them all as
            the graph has them.
    """

    values: tuple[tuple[str, Value], ...]
    seed: int | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from every other run of the sweep: its cells in the table of results."""
        seed = "" if self.seed is None else str(self.seed)
        return (*(value_text(value) for _, value in self.values), seed)

    @property
    def title(self) -> str:
        """The settings in one line."""
        parts = [f"{name}={value_text(value)}" for name, value in self.values]
        return ", ".join(parts if self.seed is None else [*parts, f"seed={self.seed}"])


@dataclass(frozen=True, eq=False)
class Plan:
    """A sweep: all its runs, none twice.

    Attributes:
        graph: what is trained, before any setting.
        names: of the settings.
        cases: the runs, the seeds of one setting in a row.
    """

    graph: Graph
    names: tuple[str, ...]
    cases: tuple[Case, ...]

    @property
    def fingerprint(self) -> str:
        """Eight letters that change when the graph or its training does; where nodes lie is no
        matter.
        """
        bare = self.graph.with_(notes={}, frames={}, groups={}, exercise={}, extra={})
        records = json.loads(to_json(bare))
        for key in DISPLAY:
            records.get("training", {}).pop(key, None)
        for record in records["nodes"]:
            record.pop("position", None)
        text = json.dumps(records, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def make_plan(
    graph: Graph, settings: Mapping[str, Iterable[Any]], seeds: int | None = None
) -> Plan:
    """Every combination of these settings, each with every seed.

    Args:
        graph: with its training settings, among them the data set.
        settings: by name the values to try, as texts or numbers. A name is one of training
            (`lr`, `batch`, `optimizer`, `epochs`, `momentum`, ...), of the data (`data`, `noise`,
            `n`, `test_fraction`), of a perceptron (`hidden`: 8, "8x8" or 0; `activation`,
            `initializer`), or that of a constant, variable or parameter of the graph.
        seeds: how many, from 0 on. A seed decides about data, split, initial parameters of a
            perceptron and the order of samples. None: one run each, with everything as it is.

    Raises:
        VisualADError: for a name or a value that means nothing here; before anything runs.
    """
    names = []
    columns = []
    for given, values in settings.items():
        name = SHORT.get(given, given)
        if name in names:
            raise VisualADError(
                f"The setting '{name}' is given twice; give all its values at once."
            )
        _check_name(graph, name)
        found = tuple(dict.fromkeys(_value(graph, name, value) for value in values))
        if not found:
            raise VisualADError(f"The setting '{name}' has no values to try.")
        names.append(name)
        columns.append(found)
    if seeds is not None and seeds < 1:
        raise VisualADError(f"A sweep needs at least one seed, not {seeds}.")
    numbers: Sequence[int | None] = [None] if seeds is None else range(seeds)
    count = math.prod(map(len, columns)) * len(numbers)
    if count > MOST_RUNS:
        raise VisualADError(
            f"These settings make {count:,} runs; {MOST_RUNS:,} is the most. Try fewer values."
        )
    cases = tuple(
        Case(tuple(zip(names, values, strict=True)), seed)
        for values in itertools.product(*columns)
        for seed in numbers
    )
    return Plan(graph, tuple(names), cases)


def prepared(graph: Graph, case: Case) -> Graph:
    """The graph that a run trains: with its settings, ready to begin.

    Raises:
        VisualADError: if the settings make no network.
    """
    values = dict(case.values)
    training = {key: value for key, value in graph.training.items() if key != RUN}
    data = {**(training.get("data") or {})}
    if case.seed is not None:
        data["seed"] = case.seed
        graph = graph.with_(seed=case.seed)
    if "data" in values:
        fresh = default_training(str(values["data"]))["data"]
        kept = {key: data[key] for key in ("seed", "test_fraction") if key in data}
        data = {**fresh, **kept}
    for name, value in values.items():
        if name in DATA:
            data["name" if name == "data" else name] = value
        elif name in PENALTIES:
            training |= {"regularization": name, "regularization_rate": value}
        elif name in _training_names(graph):
            training[name] = value
        elif name not in LAYERS:
            graph = set_setting(graph, graph.id_of(name), "value", value)
    if data:
        training["data"] = data
    graph = graph.with_(training=training)
    changes: dict[str, Any] = {name: values[name] for name in LAYERS if name in values}
    if changes or (case.seed is not None and find_layers(graph) is not None):
        graph = with_layers(graph, **changes)
    return graph


def epochs_of(graph: Graph) -> int:
    """How many epochs a run of this graph takes.

    Raises:
        VisualADError: if that is no whole number from 1 on.
    """
    epochs = graph.training.get("epochs") or EPOCHS
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
        raise VisualADError(f"The number of epochs must be a whole number from 1 on, not {epochs}.")
    return epochs


def value_text(value: Value) -> str:
    """A value as it stands in a table: 0.1, 8x8, adam."""
    if isinstance(value, tuple):
        return "x".join(map(str, value)) or "0"
    return repr(value) if isinstance(value, float) else str(value)


def setting_names(graph: Graph) -> tuple[str, ...]:
    """What can be swept in this graph: the usual ones first."""
    layers = LAYERS if find_layers(graph) is not None else ()
    usual = ("learning_rate", "batch_size", "optimizer", "momentum", "epochs", *PENALTIES)
    further = sorted(_training_names(graph) - set(usual))
    leaves = [node.name for node in graph.nodes if node.op in (VARIABLE, CONSTANT)]
    return tuple(dict.fromkeys((*layers, *usual, *DATA, *further, *leaves)))


def _training_names(graph: Graph) -> set[str]:
    """Names of the settings of training that take one value."""
    known = {*default_training("circle"), *graph.training, *PENALTIES, *RULES}
    for kind in OPTIMIZER_CLASSES:
        known |= {field.name for field in fields(kind)}
    return known - {"data", RUN}


def _check_name(graph: Graph, name: str) -> None:
    if name in LAYERS:
        if find_layers(graph) is None:
            raise VisualADError(
                f"'{name}' can be set where the graph is a perceptron and nothing else; this graph "
                "has other nodes too."
            )
        return
    if name in DATA or name in _training_names(graph):
        return
    leaves = [node.name for node in graph.nodes if node.op in (VARIABLE, CONSTANT, PARAMETER)]
    if name in graph and graph[name].name in leaves:
        return
    known = [*sorted(_training_names(graph)), *DATA, *LAYERS, *leaves]
    raise VisualADError(f"There is no setting '{name}'; the settings are {shorten(known, 40)}.")


def _value(graph: Graph, name: str, given: Any) -> Value:
    """A value as the setting takes it."""
    if name == "hidden":
        return _hidden(given)
    value = _read(given)
    is_leaf = name not in (*LAYERS, *DATA) and name not in _training_names(graph)
    if is_leaf and (isinstance(value, bool | str) or not math.isfinite(value)):
        raise VisualADError(f"'{name}' is a node of the graph and takes numbers, not '{given}'.")
    return value


def _hidden(given: Any) -> tuple[int, ...]:
    sizes = given if isinstance(given, list | tuple) else str(given).strip().lower().split("x")
    parts = [str(size).strip() for size in sizes]
    if parts == ["0"] or not parts:
        return ()
    if not all(part.isdecimal() and 1 <= len(part) <= 6 and int(part) >= 1 for part in parts):
        raise VisualADError(
            f"Hidden layers are given by their numbers of neurons, such as 8 or 8x8 (0 for none); "
            f"not '{given}'."
        )
    return tuple(map(int, parts))


def _read(given: Any) -> float | int | bool | str:
    """A number, true or false, or a word."""
    if isinstance(given, bool | int | float):
        return given
    text = str(given).strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
