"""Training as the window sees it: start, pause, step, reset, and the curves so far."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from visualad.graph import edits
from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.questions import Kernel, same_mathematics, same_structure
from visualad.gui.run_curves import Curves
from visualad.gui.run_parameters import (
    computed_with,
    is_quick,
    is_renewed,
    parameters_of,
    same_parameters,
    same_shapes,
    same_values,
    with_edit,
)
from visualad.kernel.messages import Failed, Finished, Progress, Reply, Train

MEASURE_MS = 120  # after the last edit: a slider makes many
PATIENCE_MS = 1000  # that a run has until it stops
# Epochs per second; slow enough that a class can follow, then as fast as it goes.
SPEEDS = ((0.5, "1 epoch in 2 s"), (1.0, "1 epoch/s"), (3.0, "3 epochs/s"), (10.0, "10 epochs/s"))
FULL_SPEED = "full speed"
KEEP_S = 15.0  # what a run has reached comes into the graph this often, to be kept safe
STOPPED_BY_EDIT = "Training stopped because the graph was changed; start it again when it is ready."


class TrainingRun(QObject):
    """The training of the document's graph, one run at a time.

    The parameters reached come into the graph when the run pauses or ends: one undoable step for
    each run, however often it pauses. A run belongs to the graph it was started with: an edit of
    the structure ends it, a change of a setting restarts it from the parameters reached.

    What is shown belongs to the graph as it is: after an undo, or an edit of a parameter by hand,
    loss, metrics and map are measured anew, without a step of training and without a new point of
    the curves.

    Attributes:
        state: "" (none), "running" or "paused".
        curves: so far.
        last: the last `Progress`, or what was measured since; None when there is nothing to show.
        begun: the graph with which the curves began, or None.
        culprit: the node that made the last run diverge and the sentence about it, by id; or {}.
        pace: epochs per second, so that people can follow; 0 for full speed.

    Signals:
        progress: a `Progress`; epochs are counted on over restarts.
        finished: the `Finished` of a run that ended.
        changed: `state` or `curves` changed other than by progress.
        news: one sentence on a run that ended as it was meant to.
        problem: one sentence and the detail behind it.
        unheard: the run does not stop: perhaps a plugin's node loops for ever.
    """

    unheard = Signal()
    progress = Signal(object)
    finished = Signal(object)
    changed = Signal()
    news = Signal(str)
    problem = Signal(str, str)

    def __init__(
        self, document: Document, kernel: Kernel | None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.state = ""
        self.curves = Curves()
        self.last: Progress | None = None
        self.pace = 0.0
        self._document = document
        self._kernel = kernel
        self._run = 0  # ticket of the `Train` request
        self.begun: Graph | None = None
        self.culprit: Mapping[str, str] = {}
        self._graph: Graph | None = None  # what the run computes with, parameters aside
        self._reached: Mapping[str, Any] = {}  # parameters by node id
        self._start: Mapping[str, Any] = {}  # parameters before training
        self._putting = False
        self._shown: Graph | None = None  # what `last` was computed with
        self._measuring: tuple[int, Graph] | None = None  # ticket of a `Train` without a step
        self._kept = 0.0  # when what it has reached last came into the graph
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(MEASURE_MS)
        self._soon.timeout.connect(self._measure)
        self._insist = QTimer(self)
        self._insist.setSingleShot(True)
        self._insist.setInterval(PATIENCE_MS)
        self._insist.timeout.connect(self.unheard)
        document.replaced.connect(self._forget)
        document.operations_changed.connect(self._renew)
        document.graph_changed.connect(self._follow)

    @property
    def graph(self) -> Graph | None:
        """What the run computes with, parameters aside; None when there is none."""
        return self._graph

    @property
    def reached(self) -> Mapping[str, Any]:
        """The parameters reached by the run, by node id."""
        return self._reached

    @property
    def is_live(self) -> bool:
        """Whether the kernel holds a run that computes with what the document shows."""
        return bool(self._run) and (
            self.state == "running" or (self.state == "paused" and self._fits())
        )

    # What the user does -----------------------------------------------------------------------

    def start(self) -> None:
        """Train from the graph's parameters; a paused run goes on when they are still its own."""
        if self._kernel is None or self.state == "running":
            return
        if self.state == "paused" and self._fits():
            self._control("resume")
            self._set_state("running")
        else:
            self._launch(self._document.graph, paused=False)

    def pause(self) -> None:
        """Pause; the parameters reached come into the graph."""
        if self.state == "running":
            self._control("pause")

    def step(self) -> None:
        """Train one epoch, then pause."""
        if self._kernel is None:
            return
        if self.state == "running":
            self.pause()
            return
        if self.state != "paused" or not self._fits():
            self._launch(self._document.graph, paused=True)
        self._control("step")

    def keep(self) -> None:
        """Bring what a run has reached so far into the graph, as for a file; it goes on."""
        if self.state == "running":
            self._put("Train", self._reached, merge=f"train {self._run}")

    def stop(self) -> None:
        """End the run; the parameters reached come into the graph."""
        if self.state:
            self._control("stop")
            self._insist.start()

    def reset(self) -> None:
        """Back to the parameters from before training; the curves begin anew."""
        self._abandon()
        start = self._start
        if start and start.keys() <= self._document.graph.nodes_by_id.keys():
            self._put("Reset parameters", start, merge=None)
        self._begin_curves()

    def interrupt(self) -> bool:
        """End the run where it is, for an edit that follows; tells whether it was running.

        What it has reached comes into the graph, so that the edit begins from there.
        """
        reached, run, was_running = self._reached, self._run, self.state == "running"
        self._abandon()
        if was_running:
            self._put("Train", reached, merge=f"train {run}")
        self._set_state("")
        return was_running

    def forget(self) -> None:
        """End the run where it is; what is trained next begins curves of its own."""
        self.interrupt()
        self._start = {}
        self._begin_curves()

    def set_pace(self, pace: float) -> None:
        """So many epochs per second, also in the midst of a run; 0 for full speed."""
        if pace != self.pace:
            self.pace = pace
            self._control("pace", pace)
            self.changed.emit()

    def close(self) -> None:
        """End the run; nothing of it is wanted any more."""
        self._abandon()
        self._kernel = None
        self.state = ""

    # The run ----------------------------------------------------------------------------------

    def _launch(self, graph: Graph, *, paused: bool) -> None:
        assert self._kernel is not None
        self._abandon()
        values = parameters_of(graph)
        self.culprit = {}
        if not self.curves.epochs or not same_shapes(self._start, values):
            self._start = values
            self._clear_curves()
            self.begun = graph
        behind = int(self.curves.epochs[-1]) if self.curves.epochs else 0
        self._graph = graph
        self._reached = values
        self._run = self._kernel.ask(Train(graph, paused, self.pace, behind), self._reply)
        self._kept = time.monotonic()
        self._set_state("paused" if paused else "running")

    def _abandon(self) -> None:
        """End the run without looking at what it still says."""
        self._soon.stop()
        self._insist.stop()
        if self._measuring is not None and self._kernel is not None:
            self._kernel.control(self._measuring[0], "stop")
            self._kernel.forget(self._measuring[0])
        self._measuring = None
        if self._run and self._kernel is not None:
            self._control("stop")
            self._kernel.forget(self._run)
        self._run = 0
        self._graph = None

    def _control(self, action: str, value: float = 0.0) -> None:
        if self._kernel is not None and self._run:
            self._kernel.control(self._run, action, value)

    def _reply(self, reply: Reply) -> None:
        if isinstance(reply, Progress):
            self._take_progress(reply)
        elif isinstance(reply, Finished):
            run, self._run = self._run, 0
            self.culprit = {reply.node: reply.message} if reply.node else {}
            self._put("Train", reply.parameters, merge=f"train {run}")
            self._set_state("")
            self.finished.emit(reply)
            from visualad.training.ending import DIVERGED, EARLY  # late: few windows train

            if reply.reason == EARLY:  # the last losses are not those of the best parameters
                self._shown = None
                self._soon.start()
            if reply.reason == DIVERGED:
                self.problem.emit(reply.message, "")
            elif reply.message:
                self.news.emit(reply.message)
        elif isinstance(reply, Failed):
            run, self._run = self._run, 0
            self._put("Train", self._reached, merge=f"train {run}")
            self._set_state("")
            self.problem.emit(reply.message, reply.detail)

    def _take_progress(self, reply: Progress) -> None:
        if reply.parameters is not None:
            self._reached = reply.parameters
        # The point we had before: a run begun anew tells where it starts from.
        known = self.curves.epochs[-1] if self.curves.epochs else -1
        skip = 1 if reply.epochs and reply.epochs[0] <= known else 0
        shown = replace(
            reply, epochs=reply.epochs[skip:], train=reply.train[skip:], test=reply.test[skip:]
        )
        self.curves.take(shown)
        if not shown.train and self.curves.train:  # a pause brings no point of its own
            shown = replace(
                shown,
                epochs=(self.curves.epochs[-1],),
                train=(self.curves.train[-1],),
                test=(self.curves.test[-1],),
            )
        self.last = shown
        if reply.state == "paused":
            self._put("Train", self._reached, merge=f"train {self._run}")
        self._set_state(reply.state)
        if time.monotonic() - self._kept > KEEP_S:
            self._kept = time.monotonic()
            self.keep()
        self.progress.emit(shown)

    def _put(self, name: str, parameters: Mapping[str, Any], merge: str | None) -> None:
        """Bring parameters into the graph, where there still are parameters of these shapes."""
        present = parameters_of(self._document.graph)
        fitting = {
            id_: {"value": value}
            for id_, value in parameters.items()
            if id_ in present and np.shape(present[id_]) == np.shape(value)
        }
        if not fitting:
            return
        self._putting = True
        try:
            self._document.apply(name, lambda graph: edits.set_settings(graph, fitting), merge)
        finally:
            self._putting = False
        if self._graph is not None:
            self._graph = self._document.graph
        self._shown = self._document.graph

    # The document changes beneath it ----------------------------------------------------------

    def _fits(self) -> bool:
        """Whether the run computes with what the document shows."""
        graph = self._document.graph
        return (
            self._graph is not None
            and same_mathematics(self._graph, graph)
            and computed_with(self._graph) == computed_with(graph)
            and self._graph.seed == graph.seed
        )

    def _follow(self) -> None:
        if self._putting:
            return
        graph = self._document.graph
        if self.state and self._graph is not None and not self._fits():
            if not same_structure(self._graph, graph):
                self._stop_for_edit()
            elif self.state == "running":
                self._restart_with(graph)
        is_wanted = bool(self.curves.epochs) or is_quick(graph)
        if self.state == "running" or self._shows(graph):
            return
        if is_wanted:
            self._soon.start()
        elif self.last is not None:  # it was measured with other data
            self.last = None
            self.changed.emit()

    def _renew(self) -> None:
        """Node types have come, gone or changed: go on with those that there are now."""
        graph, known = self._document.graph, self._graph or self._shown
        if known is None or not is_renewed(known, graph):
            return
        self._shown = None
        if self.state == "running" and self._fits():
            self._restart_with(graph)

    def _shows(self, graph: Graph) -> bool:
        """Whether what is shown was computed with this graph and its data."""
        return (
            self._shown is not None
            and same_mathematics(self._shown, graph)
            and self._shown.training.get("data") == graph.training.get("data")
        )

    def _measure(self) -> None:
        """Ask for loss, metrics and map of the graph as it is."""
        graph = self._document.graph
        if self._kernel is None or self.state == "running" or self._shows(graph):
            return
        self._abandon()
        self._set_state("")
        self._shown = graph
        self._measuring = (self._kernel.ask(Train(graph, paused=True), self._measured), graph)

    def _measured(self, reply: Reply) -> None:
        if self._measuring is None:
            return
        (ticket, graph), self._measuring = self._measuring, None
        self.last = None  # a graph that cannot be trained has nothing to show
        if isinstance(reply, Progress):
            assert self._kernel is not None
            self._kernel.control(ticket, "stop")
            self._kernel.forget(ticket)
            untrained = same_values(self._start, parameters_of(graph))
            epoch = 0 if untrained or not self.curves.epochs else self.curves.epochs[-1]
            self.last = replace(reply, epochs=(epoch,), epoch=epoch, steps_per_second=0.0)
        self.changed.emit()

    def _stop_for_edit(self) -> None:
        assert self._graph is not None
        reached, run, was_running = self._reached, self._run, self.state == "running"
        # After an undo other parameters may stand there, which are what is wanted.
        stays = same_parameters(self._graph, self._document.graph)
        self._abandon()
        self._set_state("")
        self.problem.emit(STOPPED_BY_EDIT, "")
        if was_running and stays:  # a pause has brought them in already
            # After the edit's own step, which is being announced at this moment.
            self._put("Train", reached, merge=f"train {run}")

    def _restart_with(self, graph: Graph) -> None:
        """A setting changed while training: it takes effect at once."""
        assert self._graph is not None
        before, now = parameters_of(self._graph), parameters_of(graph)
        if not (same_shapes(before, now) and same_shapes(now, self._reached)):
            self._launch(graph, paused=False)
            return
        # What was learnt goes on; where a number was changed by hand, from that number.
        reached = {id_: with_edit(before[id_], now[id_], self._reached[id_]) for id_ in now}
        changes = {id_: {"value": value} for id_, value in reached.items()}
        self._launch(edits.set_settings(graph, changes), paused=False)
        self._graph, self._reached = graph, reached

    def _forget(self) -> None:
        """Another document: its results are none of ours."""
        self._abandon()
        self._start = {}
        self._reached = {}
        self._clear_curves()
        self._set_state("", tell=True)

    def _clear_curves(self) -> None:
        self.curves = Curves()
        self.culprit = {}
        self.last = None
        self._shown = None

    def _begin_curves(self) -> None:
        """Show the network as before training: no curves, but its loss and map."""
        self._clear_curves()
        self._set_state("", tell=True)
        if is_quick(self._document.graph):
            self._soon.start()

    def _set_state(self, state: str, *, tell: bool = False) -> None:
        if state != "running":
            self._insist.stop()
        if state != self.state or tell:
            self.state = state
            self.changed.emit()
