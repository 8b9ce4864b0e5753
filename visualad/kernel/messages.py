"""What the window and the kernel process say to each other: plain, picklable data.

Every request carries an id; every reply carries the id of its request. A training run answers with
many replies until `Finished` or `Failed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from visualad.autodiff.moves import Move
from visualad.autodiff.steps import Cost, Formula, Sweep
from visualad.graph.model import Graph

if TYPE_CHECKING:
    from visualad.autodiff.orders import Order
    from visualad.autodiff.path_pairs import PairSum
    from visualad.autodiff.paths import PathSum
    from visualad.autodiff.scores import Score
    from visualad.training.observation import Units, Weights

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
        order: elimination order in cross mode: "forward", "backward", "markowitz", "best" or node
            names, among which edges may stand.
        complete: False when an order of names may leave out vertices, which stay.
    """

    graph: Graph
    mode: str
    seed: str | Mapping[str, Any] | None = None
    order: str | tuple[Move, ...] = "backward"
    complete: bool = True


@dataclass(frozen=True)
class CompareCosts(Request):
    """The cost of each mode for this graph."""

    graph: Graph


@dataclass(frozen=True)
class ScoreElimination(Request):
    """How an elimination stands that somebody plays.

    Attributes:
        played: the vertices (by name) and edges eliminated so far, in order.
        free_units: whether products with a constant partial 1 or -1 are free.
        edges: whether the best elimination of single edges is wanted too.
    """

    graph: Graph
    played: tuple[Move, ...] = ()
    free_units: bool = False
    edges: bool = False


@dataclass(frozen=True)
class SearchOrder(Request):
    """Look for the best elimination order; answered by `OrderProgress` and then `OrderFound`.

    `Control` with the action "stop" ends the search with the best order so far; so does a newer
    search. Other requests are answered meanwhile.

    Attributes:
        seconds: effort; it sets a number of moves, so that the result is the same everywhere.
        seed: of the random moves.
        free_units: whether products with a constant partial 1 or -1 are free.
    """

    graph: Graph
    seconds: float = 10.0
    seed: int = 0
    free_units: bool = False


@dataclass(frozen=True)
class CheckDerivatives(Request):
    """The analytic gradient beside a numerical one at the stored point."""

    graph: Graph


@dataclass(frozen=True)
class FindPaths(Request):
    """The paths that make an entry of the Jacobian, at the stored point.

    Attributes:
        output, input: names of the nodes.
    """

    graph: Graph
    output: str
    input: str


@dataclass(frozen=True)
class FindPathPairs(Request):
    """The terms that make an entry of the Hessian, at the stored point.

    Attributes:
        output, first, second: names of the output and of the two inputs.
    """

    graph: Graph
    output: str
    first: str
    second: str


@dataclass(frozen=True)
class ComputeHessian(Request):
    """The second derivatives of an output (the first for "") at the stored point."""

    graph: Graph
    output: str = ""


@dataclass(frozen=True)
class Train(Request):
    """Start training; `graph.training` holds the settings.

    Attributes:
        paused: prepare everything, report where it stands and wait for `Control`.
        pace: epochs per second, each of them reported with parameters and map, so that people can
            follow; 0 for as fast as it goes.
        epoch: so many epochs lie behind the graph's parameters; all numbers of epochs count them.
    """

    graph: Graph
    paused: bool = False
    pace: float = 0.0
    epoch: int = 0


@dataclass(frozen=True)
class Control(Request):
    """Steer what runs: the training with "pause", "resume", "step" (one epoch), "stop" or "pace"
    (to `value`, see `Train`), the search for an elimination order with "stop".
    """

    run: int
    action: str
    value: float = 0.0


@dataclass(frozen=True)
class Reply:
    """Base of all replies; `id` is that of the request."""

    id: int


@dataclass(frozen=True)
class Interim(Reply):
    """Base of the replies that are not the last to their request."""


@dataclass(frozen=True)
class Evaluated(Reply):
    """What the graph gives at the stored point.

    Attributes:
        values: by node id; partials, formulas: by edge.
        failures: sentence by node id; cautions: where nan and ∞ begin, sentence by node id.
    """

    values: Mapping[str, Any]
    partials: Mapping[EdgeKey, Any]
    formulas: Mapping[EdgeKey, Formula]
    failures: Mapping[str, str]
    cautions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Swept(Reply):
    """The sweep asked for."""

    sweep: Sweep


@dataclass(frozen=True)
class Costs(Reply):
    """Attributes: rows of (label, mode, cost), for example ("backward", "backward", Cost(8, 2))."""

    rows: tuple[tuple[str, str, Cost], ...]


@dataclass(frozen=True)
class Scored(Reply):
    """The score of an elimination."""

    score: Score


@dataclass(frozen=True)
class OrderProgress(Interim):
    """The search goes on. Attributes: done from 0 to 1; best: multiplications of the best order."""

    done: float
    best: int


@dataclass(frozen=True)
class OrderFound(Reply):
    """The best order found. Attributes: stopped: whether the search was ended before its time."""

    order: Order
    stopped: bool


@dataclass(frozen=True)
class Checked(Reply):
    """Attributes: rows of (input name, analytic, numerical, relative error, ok); excuses: why a row
    that is not ok is no mistake ("kink", "not finite"), by its input name.
    """

    rows: tuple[tuple[str, Any, Any, float, bool], ...]
    method: str
    excuses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PathPairsFound(Reply):
    """The terms of an entry of the Hessian."""

    found: PairSum


@dataclass(frozen=True)
class PathsFound(Reply):
    """The paths asked for."""

    found: PathSum


@dataclass(frozen=True)
class HessianFound(Reply):
    """The Hessian asked for.

    Attributes:
        array: (n, n) over the elements of all inputs and parameters in order; names: of these.
        output: name.
        exact: by forward over backward mode; else by differences of the gradient.
        pattern: (n, n), False where the entry is 0 at this point and at points nearby.
    """

    array: Any
    names: tuple[str, ...]
    output: str
    exact: bool
    pattern: Any


@dataclass(frozen=True)
class Progress(Interim):
    """Training goes on.

    Attributes:
        epochs, train, test: the points of the loss curves since the last message (test may be NaN).
        epoch, steps: reached so far; steps_per_second: rate of updates.
        state: "running" or "paused".
        metrics: further numbers by name ("accuracy train", ...), as they are now.
        measured: the same at each of the `epochs`.
        predictions: network output on the decision map's grid, or None; rows are y, columns x.
            For a network with one input its values along that input's range.
        parameters: parameter arrays by node id, for live display; None when nothing changed.
        notes: sentences about the backend: what it waits for, what runs with NumPy all the same.
        place: how far it is in epochs, with the part of the present one.
        gradient_norms: ‖∂L/∂W‖ over the training samples by layer (id of its weights), from the
            inputs to the loss; None when they were not measured this time.
        units: of each activation, which are dead or saturated; None likewise.
        weights: how those of each layer are spread; None likewise.
        rate: the learning rate as it is now, by schedule; None where the optimiser has none.
        confusion: of the parts "train" and "test" a matrix, see `confusion_matrix`; empty where
            there are no classes; None likewise.
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
    notes: tuple[str, ...] = ()
    measured: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    place: float = 0.0
    gradient_norms: Mapping[str, float] | None = None
    units: tuple[Units, ...] | None = None
    weights: Mapping[str, Weights] | None = None
    confusion: Mapping[str, Any] | None = None
    rate: float | None = None

    @property
    def rests_inside(self) -> bool:
        """Whether it stands still inside an epoch; the losses are those from its beginning."""
        return self.state == "paused" and self.place > self.epoch


@dataclass(frozen=True)
class Finished(Reply):
    """Training ended.

    Attributes:
        parameters: trained arrays by node id; reason: "stopped", "done" or "diverged".
        message: one sentence for the user, or "".
        node: id of the first node that was no finite number, or "".
    """

    parameters: Mapping[str, Any]
    reason: str
    message: str = ""
    node: str = ""


@dataclass(frozen=True)
class Failed(Reply):
    """The request could not be carried out.

    Attributes:
        message: one sentence; node: id of the node concerned, or ""; detail: traceback on demand.
        underway: it was being carried out when it was stopped, or when the process died; asked
            again, it would go the same way.
    """

    message: str
    node: str = ""
    detail: str = ""
    underway: bool = False
