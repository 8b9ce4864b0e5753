"""What the window and the kernel process say to each other: plain, picklable data.

Every request carries an id; every reply carries the id of its request. A training run answers with
many replies until `Finished` or `Failed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from visualad.autodiff.steps import Cost, Formula, Sweep
from visualad.graph.model import Graph

EdgeKey = tuple[str, str, str]  # source id, target id, port


@dataclass(frozen=True)
class Request:
    """Base of all requests. `id` is set by the client."""

    id: int = field(default=0, kw_only=True)


@dataclass(frozen=True)
class Evaluate(Request):
    """All values and local partials at the point stored in the graph's leaves."""

    graph: Graph


@dataclass(frozen=True)
class RunSweep(Request):
    """A sweep with all its steps.

    Attributes:
        mode: "forward", "backward" or "cross".
        seed: input name or direction by name (forward), output name or weights by name (backward);
            None: the first input, the first output.
        order: elimination order in cross mode: "forward", "backward", "markowitz" or node names.
    """

    graph: Graph
    mode: str
    seed: str | Mapping[str, Any] | None = None
    order: str | tuple[str, ...] = "backward"


@dataclass(frozen=True)
class CompareCosts(Request):
    """The cost of each mode for this graph."""

    graph: Graph


@dataclass(frozen=True)
class CheckDerivatives(Request):
    """The analytic gradient beside a numerical one at the stored point."""

    graph: Graph


@dataclass(frozen=True)
class Train(Request):
    """Start training; `graph.training` holds the settings.

    Attributes:
        paused: prepare everything, report epoch 0 and wait for `Control`.
    """

    graph: Graph
    paused: bool = False


@dataclass(frozen=True)
class Control(Request):
    """Steer the running training: action "pause", "resume", "step" (one epoch) or "stop"."""

    run: int
    action: str


@dataclass(frozen=True)
class Reply:
    """Base of all replies; `id` is that of the request."""

    id: int


@dataclass(frozen=True)
class Evaluated(Reply):
    """Attributes: values by node id; partials and their formulas by edge; failures by node id."""

    values: Mapping[str, Any]
    partials: Mapping[EdgeKey, Any]
    formulas: Mapping[EdgeKey, Formula]
    failures: Mapping[str, str]


@dataclass(frozen=True)
class Swept(Reply):
    """The sweep asked for."""

    sweep: Sweep


@dataclass(frozen=True)
class Costs(Reply):
    """Attributes: rows of (label, mode, cost), for example ("backward", "backward", Cost(8, 2))."""

    rows: tuple[tuple[str, str, Cost], ...]


@dataclass(frozen=True)
class Checked(Reply):
    """Attributes: rows of (input name, analytic, numerical, relative error, ok)."""

    rows: tuple[tuple[str, Any, Any, float, bool], ...]
    method: str


@dataclass(frozen=True)
class Progress(Reply):
    """Training goes on.

    Attributes:
        epochs, train, test: the points of the loss curves since the last message (test may be NaN).
        epoch, steps: reached so far; steps_per_second: rate of updates.
        state: "running" or "paused".
        metrics: further numbers by name ("accuracy train", ...).
        predictions: network output on the decision map's grid, or None; rows are y, columns x.
            For a network with one input its values along that input's range.
        parameters: parameter arrays by node id, for live display; None when nothing changed.
    """

    epochs: tuple[int, ...]
    train: tuple[float, ...]
    test: tuple[float, ...]
    epoch: int
    steps: int
    steps_per_second: float
    state: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    predictions: Any = None
    parameters: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Finished(Reply):
    """Training ended.

    Attributes:
        parameters: trained arrays by node id; reason: "stopped", "done" or "diverged".
        message: one sentence for the user, or "".
    """

    parameters: Mapping[str, Any]
    reason: str
    message: str = ""


@dataclass(frozen=True)
class Failed(Reply):
    """The request could not be carried out.

    Attributes:
        message: one sentence; node: id of the node concerned, or ""; detail: traceback on demand.
    """

    message: str
    node: str = ""
    detail: str = ""
