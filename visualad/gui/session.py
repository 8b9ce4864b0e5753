"""What is being looked at: values, derivatives, selection, the step that is shown, training."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from visualad.autodiff.moves import Move, has_edges, names_in
from visualad.autodiff.steps import Cost, Formula, Sweep
from visualad.graph.folding import UNFOLDED, Folding
from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.masking import NOTHING_HIDDEN, Mask
from visualad.gui.questions import Kernel, Question, same_mathematics, same_structure
from visualad.gui.run_curves import Curves
from visualad.gui.training_run import TrainingRun
from visualad.gui.viewing import Viewing, goes_on
from visualad.kernel.messages import (
    CheckDerivatives,
    Checked,
    CompareCosts,
    Costs,
    EdgeKey,
    Evaluate,
    Evaluated,
    Failed,
    Reply,
    Request,
    RunSweep,
    Swept,
)

# Larger graphs are not compared or checked by themselves: the kernel would answer nothing else.
MOST_COMPARED = 20_000  # nodes
MOST_CHECKED = 500_000  # nodes times inputs

MODES = ("", "forward", "backward", "cross")


class Session(Viewing):
    """One view on a document: results, selection, mode, playback, training. Shared by all widgets.

    Results are a cache beside the document: never part of undo and never cleared by it.

    Attributes:
        obstacle: sentence on why the mode has no sweep, or "".
        values: by node id; partials, formulas: by edge key; failures: sentence by node id;
            cautions: where nan and ∞ begin, sentence by node id.
        mode: "" (values only), "forward", "backward" or "cross".
        seed, order, complete: as asked for; see `RunSweep`.
        sweep: the derivative in this mode, or None while there is none.
        costs: rows of `Costs`; check: the last `Checked`; each () / None until asked for.
        shows_run: whether the values are those of a run that goes on, others in a moment.
        selected_nodes, selected_edges: what is selected.
        highlighted_nodes, highlighted_edges: what a row or step under the mouse points to.
        mask: what an exercise hides from every view; see `set_mask`.
        playback: the position in the sweep; see `step_index` and `progress`.
        training: the training run and its curves.

    Signals:
        evaluated: values, partials, formulas or failures are new.
        cards_evaluated(ids): the values of these nodes are new, and everything will be soon.
        mask_changed: an exercise hides something else.
        mode_changed, sweep_changed, step_changed, progress_changed, playing_changed.
        selection_changed, highlight_changed.
        costs_changed, check_changed.
        training_progress(Progress), training_finished(Finished), training_changed(): see
            `TrainingRun`.
        news: one sentence on something that went well.
        problem: one sentence for the user and the detail behind it ("" when there is none).
        remark: one sentence that needs no attention, for the status bar.
        busy_changed: whether values or a sweep are being computed.
    """

    evaluated = Signal()
    cards_evaluated = Signal(object)
    mask_changed = Signal()
    mode_changed = Signal(str)
    sweep_changed = Signal()
    costs_changed = Signal()
    check_changed = Signal()
    training_progress = Signal(object)
    training_finished = Signal(object)
    training_changed = Signal()
    news = Signal(str)
    problem = Signal(str, str)
    remark = Signal(str)
    busy_changed = Signal(bool)

    def __init__(
        self, document: Document, kernel: Kernel | None = None, parent: QObject | None = None
    ) -> None:
        """Look at a document; without a kernel nothing is computed, but all else works."""
        super().__init__(parent)
        self.document = document
        self.values: Mapping[str, Any] = {}
        self.shows_run = False
        self.partials: Mapping[EdgeKey, Any] = {}
        self.formulas: Mapping[EdgeKey, Formula] = {}
        self.failures: Mapping[str, str] = {}
        self.cautions: Mapping[str, str] = {}
        self.obstacle = ""
        self.seed: str | Mapping[str, Any] | None = None
        self.order: str | tuple[Move, ...] = "backward"
        self.complete = True
        self.costs: tuple[tuple[str, str, Cost], ...] = ()
        self.check: Checked | None = None
        self.mask = NOTHING_HIDDEN
        self._evaluated: Evaluated | None = None  # whole, behind the mask
        self._culprit: Mapping[str, str] = {}
        self._swept: Sweep | None = None
        self.training = TrainingRun(document, kernel, self)
        self.training.progress.connect(self.training_progress)
        self.training.finished.connect(self.training_finished)
        self.training.finished.connect(self._show_culprit)
        self.training.changed.connect(self._show_culprit)
        self.training.changed.connect(self.training_changed)
        self.training.news.connect(self.news)
        self.training.problem.connect(self.problem)
        self._kernel = kernel
        self._evaluation = Question(kernel, self._take_values, self._tell_busy)
        self._sweeping = Question(kernel, self._take_sweep, self._tell_busy)
        self._costing = Question(kernel, self._take_costs)
        self._checking = Question(kernel, self._take_check)
        self._questions = (self._evaluation, self._sweeping, self._costing, self._checking)
        self._tickets: list[int] = []
        self._closed = False
        self._was_busy = False
        self._wanted: set[str] = set()  # further results that a visible panel shows
        self._known: Graph | None = None  # the graph asked about last
        self._folding = UNFOLDED
        document.replaced.connect(self._forget)
        document.operations_changed.connect(self._recompute)
        document.graph_changed.connect(self._follow)
        self._follow()

    def set_mask(self, mask: Mask) -> None:
        """Hide from every view what an exercise asks for; results are computed all the same."""
        if mask == self.mask:
            return
        self.mask = mask
        self.mask_changed.emit()
        if self._evaluated is not None:
            self._show_values(self._evaluated)
        if self.sweep is not None and self._swept is not None:
            self.sweep = mask.sweep(self.document.graph, self._swept)
            self.sweep_changed.emit()

    @property
    def folding(self) -> Folding:
        if self._folding.graph is not self.document.graph:
            self._folding = Folding(self.document.graph)
        return self._folding

    # Derivatives ------------------------------------------------------------------------------

    def set_mode(self, mode: str) -> None:
        """Show the derivative in this mode, from before its first step; "" shows values only."""
        if mode not in MODES:
            raise ValueError(f"There is no mode '{mode}'; the modes are forward, backward, cross.")
        if mode == self.mode:
            return
        self.mode = mode
        if not self.complete:
            self.order, self.complete = "backward", True
        self._restart_sweep(keep_seed=False)
        self.mode_changed.emit(mode)

    def set_seed(self, seed: str | Mapping[str, Any] | None) -> None:
        """Whose tangent or adjoint is 1; see `RunSweep`."""
        if seed != self.seed:
            self.seed = seed
            self._restart_sweep(keep_seed=True)

    def set_order(self, order: str | tuple[Move, ...], *, complete: bool = True) -> None:
        """The order of elimination in cross mode; see `RunSweep`.

        An order that is not complete goes on from what is shown: the film keeps its place as far
        as the eliminations are the same.
        """
        if (order, complete) == (self.order, self.complete):
            return
        self.order, self.complete = order, complete
        if self.mode == "cross":
            if complete or self.sweep is None:
                self._restart_sweep(keep_seed=True)
            else:
                self._ask_sweep()

    def _restart_sweep(self, *, keep_seed: bool) -> None:
        if not keep_seed:
            self.seed = None
        self._sweeping.drop()
        self.sweep = None
        self.playback.set_length(0, rewind=True)
        self.sweep_changed.emit()
        self._ask_sweep()

    # Training ---------------------------------------------------------------------------------

    @property
    def is_training(self) -> bool:
        """Whether a training run computes at this moment (not while it is paused)."""
        return self.training.state == "running"

    @property
    def curves(self) -> Curves:
        """The loss curves since training began or was reset."""
        return self.training.curves

    def train_start(self) -> None:
        """Train from the graph's parameters; goes on when paused."""
        self.training.start()

    def train_pause(self) -> None:
        """Pause; the parameters reached come into the graph."""
        self.training.pause()

    def train_step(self) -> None:
        """Train one epoch, then pause."""
        self.training.step()

    def train_stop(self) -> None:
        """End the run; the parameters reached come into the graph."""
        self.training.stop()

    def train_reset(self) -> None:
        """Back to the parameters from before training, with empty curves."""
        self.training.reset()

    # Asking the kernel ------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether values or a sweep are being computed."""
        return self._evaluation.is_open or self._sweeping.is_open

    def _tell_busy(self) -> None:
        if self.is_busy != self._was_busy:
            self._was_busy = self.is_busy
            self.busy_changed.emit(self._was_busy)

    def ask(self, request: Request, then: Callable[[Reply], None]) -> int:
        """Ask the kernel anything; the caller looks whether the graph is still the same."""
        if self._kernel is None or self._closed:
            return 0
        self._tickets = [ticket for ticket in self._tickets if self._kernel.is_open(ticket)]
        self._tickets.append(self._kernel.ask(request, then))
        return self._tickets[-1]

    def forget(self, ticket: int) -> None:
        """Ignore the replies to come to a request."""
        if self._kernel is not None:
            self._kernel.forget(ticket)

    def control(self, ticket: int, action: str) -> None:
        """Steer what a request has started; see `Control`."""
        if self._kernel is not None:
            self._kernel.control(ticket, action)

    def close(self) -> None:
        """The window closes: stop the film and training, expect no answer any more."""
        self._closed = True
        self.pause()
        self.training.close()
        for question in self._questions:
            question.close()
        for ticket in self._tickets:
            self.forget(ticket)

    def want_costs(self, wanted: bool = True) -> None:
        """Keep `costs` up to date from now on, as long as a visible panel shows them."""
        self._want("costs", wanted)

    def want_check(self, wanted: bool = True) -> None:
        """Keep `check` up to date from now on, as long as a visible panel shows it."""
        self._want("check", wanted)

    def _want(self, what: str, wanted: bool) -> None:
        if wanted and what not in self._wanted:
            self._wanted.add(what)
            self._ask_further(what)
        elif not wanted:
            self._wanted.discard(what)

    def _forget(self) -> None:
        """Another document: nothing that was computed belongs to it."""
        for question in self._questions:
            question.drop()
        self.values, self.partials, self.formulas = {}, {}, {}
        self.failures, self.cautions = {}, {}
        self._evaluated = self._swept = None
        self.costs, self.check = (), None
        self._known = None
        self.seed = None
        self.mode = self.obstacle = ""
        self.sweep = None
        self.playback.set_length(0, rewind=True)
        self.select()
        self.highlight()
        self.mode_changed.emit("")
        self.sweep_changed.emit()

    def _follow(self) -> None:
        """The graph is another one: drop what is gone, compute what may have changed."""
        graph = self.document.graph
        self.select(
            (id_ for id_ in self.selected_nodes if id_ in graph.nodes_by_id),
            (e for e in self.selected_edges if graph.sources.get(e[1:]) == e[0]),
            (
                (kind, id_)
                for kind, id_ in self.selected_backdrops
                if id_ in (graph.notes if kind == "note" else graph.frames)
            ),
        )
        if self._known is not None and same_mathematics(self._known, graph):
            self._known = graph
            return
        if self._known is None or not same_structure(self._known, graph):
            self._let_go(graph)
        if not isinstance(self.order, str):
            names = {node.name for node in graph}
            same = self._known is not None and same_structure(self._known, graph)
            if not names.issuperset(names_in(self.order)) or (has_edges(self.order) and not same):
                self.order = "backward" if self.complete else ()
        self._known = graph
        self._evaluation.ask(graph, Evaluate)
        self._ask_sweep()
        for what in self._wanted:
            self._ask_further(what)

    def _recompute(self) -> None:
        """What is known was computed with other node types."""
        self._known = None

    def _let_go(self, graph: Graph) -> None:
        """Forget results of nodes and edges that are no more; the rest stays until the new ones."""
        nodes = graph.nodes_by_id
        edges = {(source, *port) for port, source in graph.sources.items()}
        self.values = {k: v for k, v in self.values.items() if k in nodes}
        self.failures = {k: v for k, v in self.failures.items() if k in nodes}
        self.cautions = {k: v for k, v in self.cautions.items() if k in nodes}
        self.partials = {k: v for k, v in self.partials.items() if k in edges}
        self.formulas = {k: v for k, v in self.formulas.items() if k in edges}
        if self.sweep is not None:
            self.sweep = None
            self.playback.set_length(0, rewind=True)
            self.sweep_changed.emit()
        if isinstance(self.seed, str) and self.seed != "all" and self.seed not in graph:
            self.seed = None

    def _ask_sweep(self) -> None:
        if not self.mode:
            return
        mode, seed, order, complete = self.mode, self.seed, self.order, self.complete
        self._sweeping.ask(
            self.document.graph,
            lambda graph: RunSweep(graph, mode=mode, seed=seed, order=order, complete=complete),
        )

    def _ask_further(self, what: str) -> None:
        graph = self.document.graph
        if what == "costs":
            if len(graph) <= MOST_COMPARED:
                self._costing.ask(graph, CompareCosts)
            elif self.costs:
                self.costs = ()
                self.costs_changed.emit()
        elif len(graph) * len(graph.independents) <= MOST_CHECKED:
            self._checking.ask(graph, CheckDerivatives)
        elif self.check is not None:
            self.check = None
            self.check_changed.emit()

    # Answers ----------------------------------------------------------------------------------

    def _is_current(self, graph: Graph) -> bool:
        # While a slider moves each answer is for a point just left. Its numbers belong together
        # and a newer answer is on its way, so a slow graph still moves under the mouse.
        return same_structure(graph, self.document.graph)

    def _take_values(self, graph: Graph, reply: Reply) -> None:
        if not self._is_current(graph):
            return
        if isinstance(reply, Evaluated):
            self._evaluated = reply
            self._show_values(reply)
        elif isinstance(reply, Failed):
            if reply.node:
                self.failures = {**self.failures, reply.node: reply.message}
                self.evaluated.emit()
                self.remark.emit(reply.message)
            else:
                self.problem.emit(reply.message, reply.detail)

    def _show_values(self, found: Evaluated) -> None:
        self.values = self.mask.values(self.document.graph, found.values)
        self.partials = self.mask.partials(
            self.document.graph, found.partials, found.formulas, found.values
        )
        self.formulas = self.mask.formulas(found.formulas)
        self.failures = found.failures
        self.shows_run = False
        cautions = {**found.cautions, **self.training.culprit}
        self.cautions = self.mask.cautions(self.document.graph, cautions)
        self.evaluated.emit()

    def _show_culprit(self, *_: object) -> None:
        """Mark the node with which training diverged, until it begins anew."""
        culprit = self.training.culprit
        if culprit != self._culprit:
            self._culprit = culprit
            if self._evaluated is not None:
                self._show_values(self._evaluated)

    def show_values(
        self, values: Mapping[str, Any], *, only: Collection[str] | None = None
    ) -> None:
        """Show other values by node id for now: those of a run that goes on.

        Args:
            only: nodes on whose cards they are shown; by default on all, and in every panel.
        """
        self.shows_run = True
        shown = values if only is None else {**self.values, **{id_: values[id_] for id_ in only}}
        self.values = self.mask.values(self.document.graph, shown)
        if only is None:
            self.evaluated.emit()
        else:
            self.cards_evaluated.emit(only)

    def evaluate_again(self) -> None:
        """Back to the values of the graph as it is."""
        self._evaluation.ask(self.document.graph, Evaluate)

    def _take_sweep(self, graph: Graph, reply: Reply) -> None:
        if not self._is_current(graph):
            return
        if isinstance(reply, Swept) and reply.sweep.mode == self.mode:
            stays = self.sweep is not None and goes_on(self.sweep, reply.sweep)
            self._swept = reply.sweep
            self.sweep = self.mask.sweep(graph, reply.sweep)
            self.obstacle = ""
            self.playback.set_length(len(reply.sweep), rewind=not stays)
            self.sweep_changed.emit()
        elif isinstance(reply, Failed):
            self.sweep, self.obstacle = None, reply.message
            self.playback.set_length(0, rewind=True)
            self.sweep_changed.emit()
            # Told at the node; an unfinished graph is no reason to interrupt, nor is an empty one.
            if reply.node or not graph.outputs:
                self.remark.emit(reply.message)
            else:
                self.problem.emit(reply.message, reply.detail)

    def _take_costs(self, graph: Graph, reply: Reply) -> None:
        if self._is_current(graph):
            self.costs = reply.rows if isinstance(reply, Costs) else ()
            self.costs_changed.emit()

    def _take_check(self, graph: Graph, reply: Reply) -> None:
        if self._is_current(graph):
            # The check would tell what an exercise asks for.
            self.check = reply if isinstance(reply, Checked) and not self.mask else None
            self.check_changed.emit()
