"""The loss of a graph as a function of its parameters, for whatever batch is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.engine import (
    Executable,
    NeedsPreparation,
    PreparesPlans,
    TrainsManySteps,
    Update,
    backend,
    compile_plan,
)
from visualad.engine.plan import Plan
from visualad.training.binding import INPUTS, Binding
from visualad.training.modes import Modes

Array = NDArray[Any]
Masks = Mapping[str, Array]
NONE: Masks = {}

MOST_PLANS = 16  # for batches of so many sizes; the oldest is forgotten then


class Objective:
    """Losses, gradients and outputs for the parameters in one flat buffer.

    A plan has fixed shapes, so there is one for each number of samples that is asked for; all of
    them read the same parameters.

    Attributes:
        parameters: all parameters one after the other, in the graph's dtype; change them in place.
        gradient: of the last batch with respect to them, in the same order.

    Args:
        modes: how the graph for training differs.
        wait: for a backend that takes time to get ready; otherwise NumPy works until
            `use_backend_if_ready` finds that it is.

    Raises:
        BackendError: if there is no such backend or it cannot run here.
    """

    def __init__(
        self, binding: Binding, modes: Modes, backend_name: str = "numpy", wait: bool = True
    ) -> None:
        graph = binding.graph
        self._binding = binding
        self._modes = modes
        self._wanted = self._backend = backend(backend_name)
        self._waits = wait
        self._meanwhile: set[tuple[str, int]] = set()  # plans that NumPy runs until theirs is ready
        if not wait and isinstance(self._wanted, NeedsPreparation):
            self._wanted.prepare(graph.dtype)
            self._backend = backend("numpy")
        self._loss = graph.nodes_by_id[binding.loss].name
        self._output = graph.nodes_by_id[binding.output].name if binding.output else ""
        self._feeds = [(graph.nodes_by_id[feed.node].name, feed) for feed in binding.feeds]
        self._plans: dict[tuple[str, int], Executable] = {}
        values = {id_: np.asarray(graph.nodes_by_id[id_].value) for id_ in binding.parameters}
        size = sum(value.size for value in values.values())
        self.parameters: Array = np.zeros(size, dtype=graph.dtype)
        self.gradient: Array = np.zeros(size, dtype=graph.dtype)
        self._views: dict[str, Array] = {}
        statistics = {id_ for n in modes.normalizations for id_ in (n.mean, n.variance)}
        self._statistics = {
            id_: np.array(graph.nodes_by_id[id_].value, dtype=graph.dtype) for id_ in statistics
        }
        start = 0
        # Parallel to `plan.parameters`: the graph's parameters in the order they were made.
        for id_, value in values.items():
            view = self.parameters[start : start + value.size].reshape(value.shape)
            view[...] = value
            self._views[id_] = view
            start += value.size

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the backend: what it waits for, what runs with NumPy all the same."""
        status = self._wanted.status if isinstance(self._wanted, NeedsPreparation) else ""
        if status and (self._backend is not self._wanted or self._meanwhile):
            status += " NumPy trains meanwhile."
        found = [status] if status else []
        for plan in self._plans.values():
            found += getattr(plan, "notes", ())
        return tuple(dict.fromkeys(found))

    def use_backend_if_ready(self) -> None:
        """Go on with the wanted backend when it has become ready meanwhile."""
        wanted = self._wanted
        if self._meanwhile and isinstance(wanted, PreparesPlans):
            for key in list(self._meanwhile):
                if key not in self._plans or wanted.is_plan_ready(self._plans[key].plan):
                    self._meanwhile.discard(key)
                    self._plans.pop(key, None)
        if self._backend is wanted or not isinstance(wanted, NeedsPreparation):
            return
        if wanted.is_ready(self._binding.graph.dtype):
            self._backend = wanted
            self._plans.clear()

    def train_steps(
        self, x: Array, y: Array, order: Array, batch: int, update: Update, masks: Masks = NONE
    ) -> Array | None:
        """Losses of many steps done in one call; None if the backend cannot do that.

        Args:
            x, y, masks: all samples, in the graph's dtype.
            order: their numbers, `batch` for each step.
        """
        plan = self._loaded("step", batch, self._step_plan)
        if not isinstance(plan, TrainsManySteps) or not plan.can_train(update):
            return None
        data = {**self._inputs(x, y), **masks}
        losses: Array = plan.train_steps(data, order, batch, update)
        self.gradient = plan.gradients
        return losses

    def loss_and_gradient(self, x: Array, y: Array, masks: Masks = NONE) -> float:
        """The loss of a batch while training; its gradient goes into `gradient`."""
        plan = self._loaded("step", len(x), self._step_plan)
        loss = plan.loss_and_gradient({**self._inputs(x, y), **masks})
        self.gradient = plan.gradients
        return loss

    def evaluate(self, x: Array, y: Array) -> tuple[float, Array | None]:
        """The loss of some samples and the network's outputs; None if the loss hides them."""
        plan = self._loaded("evaluate", len(x), self._evaluation_plan)
        found = plan.run({**self._inputs(x, y), **self._by_name()})
        output = np.array(found[self._output]) if self._output else None
        return float(found[self._loss]), output

    def predict(self, x: Array) -> Array | None:
        """The network's outputs for inputs x, (N, d)."""
        if not self._output:
            return None
        inputs = {name: feed.take(x, x) for name, feed in self._feeds if feed.part == INPUTS}
        plan = self._loaded("predict", len(x), self._prediction_plan)
        known = {name: value for name, value in self._by_name().items() if name in plan.plan.inputs}
        return np.array(plan.run({**inputs, **known})[self._output])

    def gradients(self, x: Array, y: Array) -> dict[str, Array]:
        """The derivatives of the loss of these samples by parameter id; no value is left out."""
        ones = {name: np.ones(shape) for name, shape in self._modes.shapes(len(x)).items()}
        self.loss_and_gradient(x, y, ones)
        return self.gradient_views()

    def gradient_views(self) -> dict[str, Array]:
        """`gradient` by parameter id, in their own shapes; overwritten by the next one."""
        found, start = {}, 0
        for id_, view in self._views.items():
            found[id_] = self.gradient[start : start + view.size].reshape(view.shape)
            start += view.size
        return found

    def values(self, x: Array, y: Array, names: Iterable[str]) -> dict[str, Any]:
        """The values of nodes, by name, for some samples."""
        wanted = list(names)
        plan = self._loaded(
            f"values of {', '.join(wanted)}",
            len(x),
            lambda count: compile_plan(self._binding.graph, self._shapes(count), outputs=wanted),
        )
        known = {**self._inputs(x, y), **self._by_name()}
        found = plan.run({name: v for name, v in known.items() if name in plan.plan.inputs})
        return {name: np.array(found[name]) for name in wanted}

    def find_statistics(self, x: Array, y: Array) -> None:
        """Mean and variance of what each batch normalisation gets, over these samples.

        All of them in one pass in which each normalises by these very samples, as in algorithm 2
        of Ioffe and Szegedy 2015.
        """
        found = self._modes.normalizations
        if not found:
            return
        plan = self._loaded("statistics", len(x), self._statistics_plan)
        ones = {name: np.ones(shape) for name, shape in self._modes.shapes(len(x)).items()}
        inputs = {**self._inputs(x, y), **ones}
        known = {name: value for name, value in inputs.items() if name in plan.plan.inputs}
        values = plan.run(known)
        for each in found:
            value = np.asarray(values[each.source])
            self._statistics[each.mean][...] = value.mean(axis=0)
            self._statistics[each.variance][...] = value.var(axis=0)

    def set_statistics(self, arrays: Mapping[str, Array]) -> None:
        """Put means and variances back as `arrays` gave them, by node id."""
        for id_, value in self._statistics.items():
            value[...] = arrays[id_]

    def arrays(self) -> dict[str, Array]:
        """Copies of parameters, means and variances by node id, in their own shapes."""
        found = {id_: view.copy() for id_, view in self._views.items()}
        return found | {id_: value.copy() for id_, value in self._statistics.items()}

    # Plans ------------------------------------------------------------------------------------

    def _loaded(self, use: str, count: int, make: Callable[[int], Plan]) -> Executable:
        key = (use, count)
        found = self._plans.get(key)
        if found is None:
            while len(self._plans) >= MOST_PLANS:
                del self._plans[next(iter(self._plans))]
            found = self._plans[key] = self._load(make(count), key)
        return found

    def _load(self, plan: Plan, key: tuple[str, int]) -> Executable:
        chosen, wanted = self._backend, self._wanted
        if not self._waits and isinstance(wanted, PreparesPlans) and not wanted.is_plan_ready(plan):
            wanted.prepare_plan(plan)
            if chosen is wanted:
                self._meanwhile.add(key)
                chosen = backend("numpy")
        return chosen.load(plan, self.parameters)

    def _step_plan(self, count: int) -> Plan:
        shapes = self._shapes(count) | self._modes.shapes(count)
        return compile_plan(self._modes.graph, shapes, outputs=[self._loss], loss=self._loss)

    def _statistics_plan(self, count: int) -> Plan:
        shapes = self._shapes(count) | self._modes.shapes(count)
        wanted = [each.source for each in self._modes.normalizations]
        return compile_plan(self._modes.graph, shapes, outputs=wanted)

    def _evaluation_plan(self, count: int) -> Plan:
        wanted = [self._output, self._loss] if self._output else [self._loss]
        return compile_plan(self._binding.graph, self._shapes(count), outputs=wanted)

    def _prediction_plan(self, count: int) -> Plan:
        return compile_plan(self._binding.graph, self._shapes(count), outputs=[self._output])

    def _shapes(self, count: int) -> dict[str, tuple[int, ...]]:
        widths = self._binding.widths
        return {
            name: (count, widths[feed.part]) if feed.column is None else (count,)
            for name, feed in self._feeds
        }

    def _inputs(self, x: Array, y: Array) -> dict[str, Array]:
        return {name: feed.take(x, y) for name, feed in self._feeds}

    def _by_name(self) -> dict[str, Array]:
        nodes = self._binding.graph.nodes_by_id
        return {nodes[id_].name: value for id_, value in self._statistics.items()}
