"""Training in small pieces: the window, the command line and `train` all drive a `Trainer`.

trainer = Trainer(graph, *data.split(0.5), optimizer=Adam(0.01), batch_size=10)
trainer.advance(0.01)      # seconds; returns early only at the end of a piece of work
trainer.history.train[-1]
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.training.batches import BatchOrder
from visualad.training.binding import Binding, bind
from visualad.training.datasets import Dataset
from visualad.training.divergence import Divergence, find_divergence
from visualad.training.ending import CONVERGED, Ending, Watch
from visualad.training.history import History
from visualad.training.metrics import confusion_matrix, has_classes, measures
from visualad.training.modes import Modes
from visualad.training.objective import Objective
from visualad.training.optimizers import SGD, Optimizer
from visualad.training.parameters import with_parameters
from visualad.training.progress import RunState, fingerprint_of, restore_memory
from visualad.training.rules import Rules
from visualad.training.updating import Coming, Updating

EVALUATED_ROWS = 4096  # losses that are means are computed in parts of so many samples
CALL = 0.005  # seconds that a backend is left alone for, where it does many steps in one call


class Trainer:
    """A graph, its data and its optimiser on the way.

    Same graph, data, settings and backend give the same numbers bit for bit.

    Args:
        graph: with parameter nodes; see `bind` for what else.
        data: the training part; test: the test part, for measuring only.
        loss: see `bind`.
        batch_size: samples for each update; None for all. What is left over at the end of an
            epoch makes a smaller batch.
        seed: of the order of the samples, new in each epoch; None for the graph's.
        rules: schedule, regularisation, clipping, when it ends by itself, order of the samples.
        behind: so many epochs lie behind the parameters: epochs, schedule and order of the samples
            count them.
        resume: where an earlier run of the same graph and data stopped, to go on from there.
        backend: name of the compute backend.
        wait: for a backend that takes time to get ready; otherwise NumPy trains until it is, so
            that the last digits depend on when that happens.

    Attributes:
        history: the losses after each epoch over the whole training and test part (not running
            means over the batches), beginning with the parameters given, before any update.
        epoch, steps: completed epochs and updates.
        divergence: set when NaN or infinity stopped it; the parameters are then those of the end
            of the last good epoch.
        ending: why it ended by itself, or None.
        objective: the loss as a function of the parameters; updating: what changes them.

    Raises:
        GraphError, ShapeError: if graph and data make no training.
    """

    def __init__(
        self,
        graph: Graph,
        data: Dataset,
        test: Dataset | None = None,
        *,
        loss: str | None = None,
        optimizer: Optimizer | None = None,
        batch_size: int | None = None,
        seed: int | None = None,
        backend: str = "numpy",
        wait: bool = True,
        rules: Rules | None = None,
        resume: RunState | None = None,
        behind: int = 0,
    ) -> None:
        _check(batch_size, optimizer)
        self.graph = graph
        self.binding: Binding = bind(graph, data, loss)
        self.history = History()
        self.epoch = behind
        self.steps = 0
        self.divergence: Divergence | None = None
        self.ending: Ending | None = None
        self._rules = rules or Rules()
        self._seed = graph.seed if seed is None else seed
        self._data = _Part(data, graph.dtype)
        self._test = _Part(test, graph.dtype) if test is not None and len(test) else None
        self._modes = Modes(self.binding, self._data.x[:2], self._data.y[:2])
        self.objective = Objective(self.binding, self._modes, backend, wait)
        self.updating = Updating(optimizer or SGD(0.1), self._rules, self.binding, self.objective)
        size = min(batch_size or len(data), len(data))
        self._order = BatchOrder(len(data), size, self._seed, self._rules.order)
        self._used = 0  # samples of the present epoch
        self._masks: Mapping[str, NDArray[Any]] = {}
        self._good = self.objective.arrays()
        self._watch = Watch(self._rules.stopping)
        self._steps_per_call = 1
        self._resumed = resume is not None
        if resume is not None:
            self._go_on_from(resume)
        self._work = self._train()

    # Driving ----------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Work for about so long; does nothing after the end."""
        with self._watch.working(), np.errstate(all="ignore"):
            deadline = time.perf_counter() + seconds
            for _ in self._work:
                if time.perf_counter() >= deadline:
                    return

    def finish_epoch(self) -> None:
        """Work to the end of the present epoch: the next point of the history."""
        with self._watch.working(), np.errstate(all="ignore"):
            for is_epoch_complete in self._work:
                if is_epoch_complete:
                    return

    def advance_within_epoch(self, seconds: float) -> bool:
        """Work for about so long but not beyond the present epoch; tells whether it is complete."""
        with self._watch.working(), np.errstate(all="ignore"):
            deadline = time.perf_counter() + seconds
            for is_epoch_complete in self._work:
                if is_epoch_complete:
                    return True
                if time.perf_counter() >= deadline:
                    return False
        return True

    @property
    def has_ended(self) -> bool:
        """Whether there is nothing more to do: it diverged or ended by itself."""
        return self.divergence is not None or self.ending is not None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the backend: what it waits for, what runs with NumPy all the same."""
        return self.objective.notes

    # What has become of it --------------------------------------------------------------------

    def parameters(self) -> dict[str, NDArray[Any]]:
        """Copies of the parameters by node id, in their own shapes; also means and variances."""
        return self.objective.arrays()

    def trained_graph(self) -> Graph:
        """The user's graph with the parameters reached."""
        return with_parameters(self.graph, self.parameters())

    def samples(self, most: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Inputs and targets of so many samples of the training part, evenly chosen."""
        count = len(self._data)
        rows = np.linspace(0, count - 1, min(count, most)).round().astype(int)
        return self._data.x[rows], self._data.y[rows]

    def coming_step(self) -> Coming | None:
        """What the step that comes next will do, for its very batch; None after the end."""
        if self.has_ended:
            return None
        parts = self._order.epoch(self.epoch, self._used)
        batches = (rows for part in parts[:2] for rows in self._order.batches(part))
        rows = parts[0] if len(parts[0]) else next(batches, parts[2])
        masks = self._modes.draw(len(self._data), self._seed, self.epoch)
        with np.errstate(all="ignore"):
            self.updating.begin_epoch(self.epoch)
            own = {name: mask[rows] for name, mask in masks.items()}
            return self.updating.preview(self._data.x[rows], self._data.y[rows], own)

    @property
    def place(self) -> float:
        """How far it is, in epochs; 2.5 in the middle of the third."""
        return self.epoch + self._used / len(self._data)

    def batches_ahead(
        self,
    ) -> Iterator[tuple[NDArray[Any], NDArray[Any], Mapping[str, NDArray[Any]]]]:
        """The batches to come, without end, with their masks; for looking around."""
        for epoch in itertools.count(self.epoch):
            drawn = self._modes.draw(len(self._data), self._seed, epoch)
            first, *parts = self._order.epoch(epoch)
            batches = (rows for part in parts for rows in self._order.batches(part))
            for rows in itertools.chain([first] if len(first) else [], batches):
                masks = {name: mask[rows] for name, mask in drawn.items()}
                yield self._data.x[rows], self._data.y[rows], masks

    def state(self) -> RunState:
        """All that a later run needs, beside the trained graph, to go on as if never stopped."""
        return RunState(
            epoch=self.epoch,
            steps=self.steps,
            used=self._used,
            history=self.history,
            best=self._watch.best,
            fingerprint=fingerprint_of(self.objective.parameters),
            **self.updating.memory(),
        )

    def predict(self, x: NDArray[np.floating[Any]]) -> NDArray[Any] | None:
        """The network's output (N, …) for inputs x, (N, d); None if the loss hides it."""
        if not self.binding.output:
            return None
        with np.errstate(all="ignore"):
            return self.objective.predict(np.asarray(x, dtype=self.graph.dtype))

    def confusion(self) -> dict[str, NDArray[np.int64]]:
        """The confusion matrices of the training part and of the test part, for classes."""
        loss = self.binding.loss_operation
        found = {}
        for name, part in (("train", self._data), ("test", self._test)):
            if part is None or not has_classes(part.task, loss):
                continue
            outputs = self.predict(part.x)
            if outputs is not None and len(outputs) == len(part):
                found[name] = confusion_matrix(outputs, part.y, loss)
        return found

    # The work ---------------------------------------------------------------------------------

    def _train(self) -> Iterator[bool]:
        """The whole of training in pieces; yields True when an epoch is complete."""
        if not self._resumed:
            self._find_statistics()
            yield from self._measure(self.epoch)
            if self._is_over():
                return
            self._look_for_the_end()
        yield True
        if self._is_over():
            return
        while True:
            self.objective.use_backend_if_ready()
            self._good = self.objective.arrays()
            self.updating.begin_epoch(self.epoch)
            self._masks = self._modes.draw(len(self._data), self._seed, self.epoch)
            first, full, last = self._order.epoch(self.epoch, self._used)
            if len(first):
                yield from self._single_steps([first])
            done = 0 if self._is_over() else (yield from self._many_steps(full))
            if not self._is_over():
                yield from self._single_steps(self._order.batches(full[done:]))
            if len(last) and not self._is_over():
                yield from self._single_steps([last])
            if self._is_over():
                return
            self._used = 0
            self._find_statistics()
            yield from self._measure(self.epoch + 1)
            if self._is_over():
                return
            self._look_for_the_end()
            yield True
            if self._is_over():
                return

    def _many_steps(self, order: NDArray[np.intp]) -> Generator[bool, None, int]:
        """Full batches, as many in one call as take a slice of time; how many samples that were.

        None, if the backend does not work so or does not know the optimiser.
        """
        update, size = self.updating.update, self._order.size
        start, end = 0, len(order) - len(order) % size
        while update is not None and start < end:
            stop = min(start + self._steps_per_call * size, end)
            began = time.perf_counter()
            losses = self.objective.train_steps(
                self._data.x, self._data.y, order[start:stop], size, update, self._masks
            )
            if losses is None:
                break
            if not math.isfinite(losses[-1]):
                self.steps += len(losses) - 1
                self._diverge(order[start + (len(losses) - 1) * size :][:size])
                break
            self.steps += len(losses)
            self._used += stop - start
            start = stop
            share = CALL / max(time.perf_counter() - began, 1e-6)
            self._steps_per_call = max(1, int(len(losses) * min(share, 8.0)))
            yield False
            if self._is_time_up():
                break
        return start

    def _single_steps(self, batches: Iterable[NDArray[np.intp]]) -> Iterator[bool]:
        """One step after the other."""
        for rows in batches:
            masks = {name: mask[rows] for name, mask in self._masks.items()}
            if not self.updating.step(self._data.x[rows], self._data.y[rows], masks):
                self._diverge(rows)
                return
            self.steps += 1
            self._used += len(rows)
            yield False
            if self._is_time_up():
                return

    def _is_over(self) -> bool:
        return self.has_ended

    def _is_time_up(self) -> bool:
        self.ending = self.ending or self._watch.out_of_time(self.epoch)
        return self.ending is not None

    def _look_for_the_end(self) -> None:
        """End early, where the rules say so, or when the optimiser has nothing more to do."""
        train, test = self.history.train[-1], self.history.test[-1]
        loss = train if math.isnan(test) else test
        self.ending = self._watch.look(self.epoch, loss, self.objective.arrays)
        if self.ending is not None and self.ending.restores:
            self._restore(self._watch.best.arrays)
        full_batch = self._order.size == len(self._data)
        if self.ending is None and full_batch and self.updating.has_converged:
            self.ending = Ending(CONVERGED, f"Converged in epoch {self.epoch}.")

    def _find_statistics(self) -> None:
        self.objective.find_statistics(*self.samples(EVALUATED_ROWS))

    def _measure(self, epoch: int) -> Iterator[bool]:
        """Complete an epoch: append its point to the history."""
        losses = {}
        metrics: dict[str, float] = {}
        for name, part in (("train", self._data), ("test", self._test)):
            if part is None:
                losses[name] = math.nan
                continue
            total = 0.0
            outputs = []
            step = EVALUATED_ROWS if self.binding.is_mean else len(part)
            for start in range(0, len(part), step):
                x, y = part.x[start : start + step], part.y[start : start + step]
                loss, output = self.objective.evaluate(x, y)
                if not math.isfinite(loss) and name == "train":
                    self._diverge(slice(start, start + step))
                    return
                total += loss * len(x)
                if output is not None and len(output) == len(x):
                    outputs.append(output)
                yield False
            losses[name] = total / len(part)
            if outputs:
                found = np.concatenate(outputs)
                values = measures(found, part.y, part.task, self.binding.loss_operation)
                metrics |= {f"{metric} {name}": value for metric, value in values.items()}
        self.epoch = epoch
        self.history.record(epoch, losses["train"], losses["test"], metrics)

    def _diverge(self, rows: Any) -> None:
        """Find the culprit among the values for this batch and go back to good parameters."""
        inputs = self.binding.inputs(self._data.x[rows], self._data.y[rows])
        values = {**inputs, **self.objective.arrays()}
        epoch = self.epoch + 1 if len(self.history) else 0
        found = find_divergence(self.binding.graph, values, epoch)
        self._restore(self._good)
        self._used = 0
        known = found.node if found.node in self.graph.nodes_by_id else ""
        self.divergence = replace(found, node=known)

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        flat = [np.reshape(arrays[id_], -1) for id_ in self.binding.parameters]
        np.copyto(self.objective.parameters, np.concatenate(flat))
        self.objective.set_statistics(arrays)

    def _go_on_from(self, state: RunState) -> None:
        if state.fingerprint != fingerprint_of(self.objective.parameters):
            raise VisualADError(
                "The parameters are not those with which the run stopped; leave --resume out to "
                "train on from them."
            )
        self.epoch, self.steps, self._used = state.epoch, state.steps, state.used
        self.history = state.history
        if state.best is not None:
            self._watch.best = state.best
        restore_memory(self.updating, state)


class _Part:
    """Inputs and targets of the training or the test part in the graph's dtype."""

    def __init__(self, data: Dataset, dtype: str) -> None:
        self.x = np.ascontiguousarray(data.x, dtype=dtype)
        self.y = np.ascontiguousarray(data.y, dtype=dtype)
        self.task = data.task
        for name, table in (("inputs", self.x), ("targets", self.y)):
            if not np.isfinite(table).all():
                row = int(np.flatnonzero(~np.isfinite(table).all(axis=1))[0])
                raise VisualADError(
                    f"Row {row} of the {name} (counted from 0) holds a value that is no finite "
                    f"number; remove the row or fill it in."
                )

    def __len__(self) -> int:
        return len(self.x)


def _check(batch_size: Any, optimizer: object) -> None:
    is_whole = isinstance(batch_size, int | np.integer) and not isinstance(batch_size, bool)
    if batch_size is not None and not (is_whole and batch_size >= 1):
        raise VisualADError(f"The batch size must be a whole number from 1 on, not {batch_size!r}.")
    if optimizer is not None and not hasattr(optimizer, "start"):
        raise VisualADError(
            f"The optimiser must be one such as SGD(0.1) or Adam(0.01), not {optimizer!r}."
        )
