"""A training run that is kept: its settings, where it began and ended, its curves."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtGui import QColor

from visualad.errors import FileError
from visualad.graph.file import from_json, to_json
from visualad.graph.json_values import decode, encode
from visualad.graph.model import PARAMETER, Graph
from visualad.gui import theme
from visualad.gui.curves import Column, thinned
from visualad.gui.run_curves import Curves
from visualad.training.display import DISPLAY
from visualad.training.parameters import with_parameters

# Told apart by hue; `on_theme` makes each readable on what lies behind it.
COLOURS = ("#1d5fa8", "#c2570c", "#0a7553", "#8a4fb5", "#b3265f", "#7d6a00", "#00798a", "#5f6b79")
MOST_STORED = 2000  # points of a curve in a file
SEED, LAYERS, ACTIVATION, DTYPE = "seed", "layers", "activation", "dtype"
_NOT_SETTINGS = frozenset({"run", "runs"}) | frozenset(DISPLAY)
WHERE = "The runs in the file"


@dataclass(eq=False)
class RunRecord:
    """One run.

    Attributes:
        name, colour, shown: as in the list of runs; the colour is "#rrggbb".
        start: the graph with the settings and parameters it began with.
        end: the parameters reached, by node id.
        curves: of the run; they grow while it goes on.
        changes: settings that were changed on the way: from which epoch on, and the graph then.
        state: "running", "paused", or how it ended: "done", "stopped", "diverged", ...
        id: tells it from all others.
    """

    name: str
    colour: str
    start: Graph
    curves: Curves
    end: Mapping[str, Any] = field(default_factory=dict)
    shown: bool = True
    changes: list[tuple[int, Graph]] = field(default_factory=list)
    state: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def epochs(self) -> int:
        """How many epochs it has done."""
        return int(self.curves.epochs[-1]) if len(self.curves.epochs) else 0

    def settings(self) -> dict[str, str]:
        """Everything that decided about it, as texts by name; changes on the way included."""
        found = settings_of_run(self.start)
        for epoch, graph in self.changes:
            for name, text in settings_of_run(graph).items():
                if name not in found:
                    found[name] = f"{text} from epoch {epoch:,}"
                elif found[name].rsplit("→ ", 1)[-1].split(" from epoch ")[0] != text:
                    found[name] += f" → {text} from epoch {epoch:,}"
        return found

    def latest(self, name: str) -> float:
        """The last number of "train", "test" or a metric; NaN when there is none."""
        column = self.column(name)
        return float(column[-1]) if column is not None and len(column) else float("nan")

    def column(self, name: str) -> Column | None:
        """The curve of "train", "test" or a metric, as long as `curves.epochs`."""
        if name in ("train", "test"):
            return self.curves.train if name == "train" else self.curves.test
        return self.curves.metrics.get(name)

    def restored(self, graph: Graph, *, end: bool) -> Graph:
        """The run's graph with the parameters from its start or its end.

        What stands on the canvas stays where it is as far as it is the same.
        """
        found = self.changes[-1][1] if end and self.changes else self.start
        values = self.end if end else _parameters(found)
        fitting = {
            id_: np.asarray(value)
            for id_, value in values.items()
            if id_ in found.nodes_by_id
            and np.shape(found.nodes_by_id[id_].value) == np.shape(value)
        }
        found = with_parameters(found, fitting)
        if found.nodes_by_id.keys() == graph.nodes_by_id.keys() and found.sources == graph.sources:
            from visualad.graph.edits import move

            found = move(found, {id_: node.position for id_, node in graph.nodes_by_id.items()})
            found = found.with_(notes=graph.notes, frames=graph.frames, groups=graph.groups)
        return found.with_(extra=graph.extra, exercise=graph.exercise)


def settings_of_run(graph: Graph) -> dict[str, str]:
    """Everything in a graph that decides about its training, as texts by name."""
    from visualad.training.layers import find_layers  # late: few windows train
    from visualad.training.perceptron import default_training

    data = dict(graph.training.get("data") or {})
    known = default_training(str(data.get("name", "circle")))
    found: dict[str, str] = {SEED: str(graph.seed)}
    layers = find_layers(graph)
    if layers is not None:
        found[LAYERS] = "–".join(map(str, layers.sizes))
        kinds = dict.fromkeys(layers.activations)
        found[ACTIVATION] = ", ".join(kinds) or "none"
    for name, value in {**known, **graph.training, "data": data}.items():
        if name == "data":
            found |= {
                ("data" if key == "name" else f"data {key}"): _text(part)
                for key, part in data.items()
                if not isinstance(part, np.ndarray | Mapping)
            }
        elif name not in _NOT_SETTINGS and not isinstance(value, np.ndarray):
            found[name] = _text(value)
    found[DTYPE] = graph.dtype
    return found


def differing(every: Sequence[Mapping[str, str]]) -> list[str]:
    """Names of the settings that are not the same in all runs, the usual ones first."""
    names = dict.fromkeys(name for settings in every for name in settings)
    return [name for name in names if len({settings.get(name, "") for settings in every}) > 1]


def on_theme(colour: str) -> str:
    """A colour, as light or dark as it has to be to be seen on the theme's ground."""
    found = QColor(colour)
    hue, saturation, lightness = found.hslHueF(), found.hslSaturationF(), found.lightnessF()
    lightness = max(lightness, 0.62) if theme.current().is_dark else min(lightness, 0.42)
    return str(QColor.fromHslF(max(hue, 0.0), saturation, lightness).name())


# As plain data ------------------------------------------------------------------------------------


def written_run(record: RunRecord) -> dict[str, Any]:
    """As JSON that a file keeps; long curves are thinned.

    Raises:
        FileError: if something in its graph cannot be saved.
    """
    curves = record.curves
    found: dict[str, Any] = {
        "name": record.name,
        "colour": record.colour,
        "shown": record.shown,
        "state": record.state if record.state not in ("running", "paused") else "stopped",
        "graph": _graph_data(record.start),
        "changes": [{"epoch": e, "graph": _graph_data(graph)} for e, graph in record.changes],
        "end": encode(dict(record.end), WHERE),
    }
    columns = {"train": curves.train, "test": curves.test, **curves.metrics}
    rows = _rows_kept(curves)
    found["epochs"] = encode(curves.epochs.array[rows], WHERE)
    found["curves"] = encode({n: column.array[rows] for n, column in columns.items()}, WHERE)
    return found


def read_run(data: Any) -> RunRecord:
    """From what `written_run` made.

    Raises:
        FileError: if it is something else.
    """
    try:
        curves = Curves()
        curves.epochs.extend(np.asarray(decode(data["epochs"], WHERE)).astype(int))
        for name, values in decode(data["curves"], WHERE).items():
            column = {"train": curves.train, "test": curves.test}.get(name)
            if column is None:
                column = curves.metrics.setdefault(name, Column())
            column.extend(np.asarray(values, dtype=float))
            if len(column) != len(curves.epochs):
                raise ValueError(name)
        if not QColor.isValidColorName(data["colour"]):
            raise ValueError(data["colour"])
        return RunRecord(
            name=str(data["name"]),
            colour=str(data["colour"]),
            start=_graph_from(data["graph"]),
            curves=curves,
            end={id_: np.asarray(v) for id_, v in decode(data["end"], WHERE).items()},
            shown=bool(data["shown"]),
            changes=[(int(c["epoch"]), _graph_from(c["graph"])) for c in data.get("changes", ())],
            state=str(data["state"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise FileError("A training run in the file is damaged; it was left out.") from error


def _rows_kept(curves: Curves) -> Any:
    """Which points a file keeps: of each stretch the lowest and the highest training loss."""
    count = len(curves.epochs)
    if count <= MOST_STORED:
        return slice(None)
    places = np.arange(count)
    rows, _ = thinned(places, curves.train.array, MOST_STORED)
    return np.unique(rows)


def _graph_data(graph: Graph) -> Any:
    return json.loads(to_json(graph.with_(extra={}, exercise={})))


def _graph_from(data: Any) -> Graph:
    return from_json(json.dumps(data))


def _parameters(graph: Graph) -> dict[str, Any]:
    return {id_: n.value for id_, n in graph.nodes_by_id.items() if n.op == PARAMETER}


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
