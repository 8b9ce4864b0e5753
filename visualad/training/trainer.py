"""Training in small pieces: the window, the command line and `train` all drive a `Trainer`.

trainer = Trainer(graph, *data.split(0.5), optimizer=Adam(0.01), batch_size=10)
trainer.advance(0.01)      # seconds; returns early only at the end of a piece of work
trainer.history.train[-1]
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.autodiff.evaluate import evaluate_partly
from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.training.binding import Binding, bind
from visualad.training.datasets import Dataset
from visualad.training.history import History
from visualad.training.metrics import measures
from visualad.training.objective import Objective
from visualad.training.optimizers import SGD, Optimizer

EVALUATED_ROWS = 4096  # losses that are means are computed in parts of so many samples
CALL = 0.005  # seconds that a backend is left alone for, where it does many steps in one call
BATCH_ORDER = 1  # which of the streams of random numbers that spring from the graph's seed


@dataclass(frozen=True)
class Divergence:
    """Training has left the realm of numbers.

    Attributes:
        epoch: in which it happened.
        node: id of the first node, in topological order, with a NaN or an infinity; "" if none.
        message: one sentence for the user.
    """

    epoch: int
    node: str
    message: str


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
        backend: name of the compute backend.
        wait: for a backend that takes time to get ready; otherwise NumPy trains until it is, so
            that the last digits depend on when that happens.

    Attributes:
        history: the losses after each epoch over the whole training and test part (not running
            means over the batches), beginning with epoch 0, before any update.
        epoch, steps: completed epochs and updates.
        divergence: set when NaN or infinity stopped it; the parameters are then those of the end
            of the last good epoch.

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
    ) -> None:
        _check(batch_size, optimizer)
        self.graph = graph
        self.binding: Binding = bind(graph, data, loss)
        self.history = History()
        self.epoch = 0
        self.steps = 0
        self.divergence: Divergence | None = None
        self._objective = Objective(self.binding, backend, wait)
        self._optimizer = (optimizer or SGD(0.1)).start(self._objective.parameters)
        self._batch_size = min(batch_size or len(data), len(data))
        seed = graph.seed if seed is None else seed
        self._random = np.random.default_rng([seed, BATCH_ORDER])
        self._data = _Part(data, graph.dtype)
        self._test = _Part(test, graph.dtype) if test is not None and len(test) else None
        self._good = self._objective.parameters.copy()
        self._steps_per_call = 1
        self._work = self._train()

    # Driving ----------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Work for about so long; does nothing after a divergence."""
        deadline = time.perf_counter() + seconds
        with np.errstate(all="ignore"):
            for _ in self._work:
                if time.perf_counter() >= deadline:
                    return

    def finish_epoch(self) -> None:
        """Work to the end of the present epoch: the next point of the history."""
        with np.errstate(all="ignore"):
            for is_epoch_complete in self._work:
                if is_epoch_complete:
                    return

    def advance_within_epoch(self, seconds: float) -> bool:
        """Work for about so long but not beyond the present epoch; tells whether it is complete."""
        deadline = time.perf_counter() + seconds
        with np.errstate(all="ignore"):
            for is_epoch_complete in self._work:
                if is_epoch_complete:
                    return True
                if time.perf_counter() >= deadline:
                    return False
        return True

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the backend: what it waits for, what runs with NumPy all the same."""
        return self._objective.notes

    # What has become of it --------------------------------------------------------------------

    def parameters(self) -> dict[str, NDArray[Any]]:
        """Copies of the parameters by node id, in their own shapes."""
        return self._objective.arrays()

    def trained_graph(self) -> Graph:
        """The user's graph with the parameters reached."""
        return with_parameters(self.graph, self.parameters())

    def predict(self, x: NDArray[np.floating[Any]]) -> NDArray[Any] | None:
        """The network's output (N, …) for inputs x, (N, d); None if the loss hides it."""
        if not self.binding.output:
            return None
        with np.errstate(all="ignore"):
            return self._objective.predict(np.asarray(x, dtype=self.graph.dtype))

    # The work ---------------------------------------------------------------------------------

    def _train(self) -> Iterator[bool]:
        """The whole of training in pieces; yields True when an epoch is complete."""
        yield from self._measure(0)
        if self._has_diverged():
            return
        yield True
        while True:
            self._objective.use_backend_if_ready()
            np.copyto(self._good, self._objective.parameters)
            order = self._random.permutation(len(self._data))
            done = yield from self._many_steps(order)
            if not self._has_diverged():
                yield from self._single_steps(order[done:])
            if not self._has_diverged():
                yield from self._measure(self.epoch + 1)
            if self._has_diverged():
                return
            yield True

    def _many_steps(self, order: NDArray[np.intp]) -> Generator[bool, None, int]:
        """Full batches, as many in one call as take a slice of time; how many samples that were.

        None, if the backend does not work so or does not know the optimiser.
        """
        update, size = getattr(self._optimizer, "update", None), self._batch_size
        start, end = 0, len(order) - len(order) % size
        while update is not None and start < end:
            stop = min(start + self._steps_per_call * size, end)
            began = time.perf_counter()
            losses = self._objective.train_steps(
                self._data.x, self._data.y, order[start:stop], size, update
            )
            if losses is None:
                break
            if not math.isfinite(losses[-1]):
                self.steps += len(losses) - 1
                rows = order[start + (len(losses) - 1) * size :][:size]
                self._diverge(self._data.x[rows], self._data.y[rows])
                break
            self.steps += len(losses)
            start = stop
            share = CALL / max(time.perf_counter() - began, 1e-6)
            self._steps_per_call = max(1, int(len(losses) * min(share, 8.0)))
            yield False
        return start

    def _single_steps(self, order: NDArray[np.intp]) -> Iterator[bool]:
        """One step after the other."""
        objective, size = self._objective, self._batch_size
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            x, y = self._data.x[rows], self._data.y[rows]
            loss = objective.loss_and_gradient(x, y)
            if not math.isfinite(loss):
                self._diverge(x, y)
                return
            self._optimizer.step(objective.parameters, objective.gradient)
            self.steps += 1
            yield False

    def _has_diverged(self) -> bool:
        return self.divergence is not None

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
                loss, output = self._objective.evaluate(x, y)
                if not math.isfinite(loss) and name == "train":
                    self._diverge(x, y)
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

    def _diverge(self, x: NDArray[Any], y: NDArray[Any]) -> None:
        """Find the culprit among the values for this batch and go back to good parameters."""
        graph = self.binding.graph
        inputs: Mapping[str, Any] = {**self.binding.inputs(x, y), **self._objective.arrays()}
        point = {name: graph[name].value for name in graph.inputs}
        point |= {graph.nodes_by_id[id_].name: value for id_, value in inputs.items()}
        values = evaluate_partly(graph, point).values
        culprit, name, became = "", "the loss", "no number"
        for node in graph.nodes:
            value = values.get(node.id)
            if value is not None and not np.all(np.isfinite(value)):
                culprit, name = node.id, node.name
                became = "nan" if np.any(np.isnan(value)) else "infinite"
                break
        np.copyto(self._objective.parameters, self._good)
        if len(self.history):
            last = self.history.epochs[-1]
            message = (
                f"Training diverged in epoch {last + 1}: {name} "
                f"became {became}; the parameters of epoch {last} were kept. "
                "Try a smaller learning rate."
            )
        else:
            message = (
                f"Training cannot begin because {name} is {became} with the present parameters; "
                "look at the data and at the parameters."
            )
        known = culprit if culprit in self.graph.nodes_by_id else ""
        self.divergence = Divergence(len(self.history), known, message)


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


def with_parameters(graph: Graph, parameters: Mapping[str, NDArray[Any]]) -> Graph:
    """The graph with other values in its parameter nodes, given by id.

    A parameter that was a plain number stays one.
    """
    nodes = dict(graph.nodes_by_id)
    for id_, value in parameters.items():
        node = nodes[id_]
        settings = {**node.settings, "value": float(value) if np.ndim(value) == 0 else value}
        nodes[id_] = replace(node, settings=settings)
    return graph.with_(nodes_by_id=nodes)
