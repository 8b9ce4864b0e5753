"""One update: gradient, penalty and limits, then the optimiser's step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.engine import Update
from visualad.errors import VisualADError
from visualad.training.binding import Binding
from visualad.training.objective import Objective
from visualad.training.optimizers import Optimizer
from visualad.training.regularization import Penalized, weights_of
from visualad.training.residuals import Residuals
from visualad.training.rules import Rules
from visualad.training.schedules import Constant

Array = NDArray[Any]
Masks = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Coming:
    """The step that comes next.

    Attributes:
        batch: number of its samples.
        gradient: of the loss of its batch by parameter id, without penalty and limits.
        parameters: after it, by id; None for an optimiser that cannot be asked in advance.
    """

    batch: int
    gradient: Mapping[str, Array]
    parameters: Mapping[str, Array] | None


class Updating:
    """An optimiser at work on an objective.

    Attributes:
        penalized: the weights under a penalty, or None.

    Raises:
        VisualADError: if optimiser and rules do not go together.
    """

    def __init__(
        self, optimizer: Optimizer, rules: Rules, binding: Binding, objective: Objective
    ) -> None:
        self._objective = objective
        self._binding = binding
        self._rules = rules
        self._state: Any = optimizer.start(objective.parameters)
        self._rate = float(optimizer.learning_rate)
        needs_residuals = bool(getattr(optimizer, "needs_residuals", False))
        self._residuals = Residuals(binding) if needs_residuals else None
        self._on_problem = hasattr(self._state, "step_on")
        self.penalized: Penalized | None = None
        if rules.penalty is not None:
            self.penalized = Penalized(rules.penalty, weights_of(binding.graph, binding.parameters))
        self._check(type(optimizer).__name__)

    @property
    def update(self) -> Update | None:
        """The optimiser as plain data where nothing else takes part in a step, else None."""
        if self.penalized is not None or self._rules.clipping or self._on_problem:
            return None
        found: Update | None = getattr(self._state, "update", None)
        return found

    @property
    def has_converged(self) -> bool:
        """Whether the optimiser says that no step would lead any further."""
        return bool(getattr(self._state, "converged", False))

    @property
    def has_rate(self) -> bool:
        """Whether the optimiser takes steps of a learning rate that can be set."""
        return hasattr(self._state, "learning_rate") and not self._on_problem

    @property
    def rate(self) -> float | None:
        """The learning rate as it is now, by schedule; None where steps have none."""
        return float(self._state.learning_rate) if self.has_rate else None

    def set_rate(self, rate: float) -> None:
        """Take the next steps with this learning rate."""
        self._state.learning_rate = rate

    def begin_epoch(self, epoch: int) -> None:
        """Set the learning rate that the schedule has for it."""
        if not isinstance(self._rules.schedule, Constant):
            self._state.learning_rate = self._rate * self._rules.schedule.factor(epoch)

    def step(self, x: Array, y: Array, masks: Masks) -> bool:
        """One update for a batch; False if the loss is no finite number."""
        objective = self._objective
        if self._on_problem:
            problem = _Batch(objective, self._binding, self._residuals, x, y, masks, self.penalized)
            try:
                self._state.step_on(problem)
            except FloatingPointError:
                return False
            return True
        if not math.isfinite(objective.loss_and_gradient(x, y, masks)):
            return False
        parameters, gradient = objective.parameters, objective.gradient
        penalized = self.penalized
        if penalized is not None and not penalized.penalty.apart:
            penalized.add_to(gradient, parameters)
        if self._rules.clipping:
            self._rules.clipping.limit(gradient)
        if penalized is not None and penalized.penalty.apart:
            before = parameters.copy()
            self._state.step(parameters, gradient)
            rate = float(getattr(self._state, "learning_rate", self._rate))
            penalized.step(before, parameters, rate)
        else:
            self._state.step(parameters, gradient)
        return True

    def preview(self, x: Array, y: Array, masks: Masks) -> Coming | None:
        """What the step for a batch would do; nothing changes. None if the loss is not finite."""
        objective = self._objective
        if not math.isfinite(objective.loss_and_gradient(x, y, masks)):
            return None
        gradient = {id_: view.copy() for id_, view in objective.gradient_views().items()}
        if self._on_problem or getattr(self._state, "update", None) is None:
            return Coming(len(x), gradient, None)
        kept, memory = objective.parameters.copy(), self.memory()
        try:
            self.step(x, y, masks)
            return Coming(len(x), gradient, objective.arrays())
        finally:
            np.copyto(objective.parameters, kept)
            self.remember(**memory)

    def memory(self) -> dict[str, Any]:
        """What is remembered from step to step, for `RunState`."""
        update: Update | None = getattr(self._state, "update", None)
        return {
            "rule": update.rule if update is not None else "",
            "count": update.count if update is not None else 0,
            "memory": tuple(np.array(m) for m in update.memory) if update is not None else (),
            "dead": self.penalized.dead.copy() if self.penalized is not None else None,
        }

    def remember(self, rule: str, count: int, memory: tuple[Array, ...], dead: Any) -> None:
        """Take back what `memory` gave; another optimiser's is ignored."""
        update: Update | None = getattr(self._state, "update", None)
        if update is not None and update.rule == rule:
            shapes = [np.shape(m) for m in update.memory]
            if shapes == [np.shape(m) for m in memory]:
                update.count = count
                for own, stored in zip(update.memory, memory, strict=True):
                    own[...] = stored
        if self.penalized is not None and np.shape(dead) == self.penalized.dead.shape:
            self.penalized.dead[...] = dead

    def _check(self, name: str) -> None:
        rules = self._rules
        scheduled = not isinstance(rules.schedule, Constant)
        if scheduled and not hasattr(self._state, "learning_rate"):
            raise VisualADError(
                f"The optimiser {name} has no learning rate that a schedule could change; "
                "take the schedule 'constant'."
            )
        if self._on_problem and rules.clipping:
            raise VisualADError(
                f"The optimiser {name} finds its own step length, so its gradient cannot be "
                "clipped; leave the limits out or take another optimiser."
            )
        if rules.penalty is not None and (
            self._residuals is not None or (self._on_problem and rules.penalty.apart)
        ):
            raise VisualADError(
                f"The optimiser {name} knows no such regularisation; leave it out or take "
                "another optimiser."
            )


class _Batch:
    """The loss of one batch for optimisers that ask for it several times in a step."""

    def __init__(
        self,
        objective: Objective,
        binding: Binding,
        residuals: Residuals | None,
        x: Array,
        y: Array,
        masks: Masks,
        penalized: Penalized | None,
    ) -> None:
        self._objective, self._residuals = objective, residuals
        self._inputs = binding.inputs(x, y)
        self._batch = (x, y, masks)
        self._penalized = penalized

    @property
    def parameters(self) -> Array:
        return self._objective.parameters

    def loss_and_gradient(self) -> tuple[float, Array]:
        loss = self._objective.loss_and_gradient(*self._batch)
        gradient = self._objective.gradient
        if self._penalized is not None:
            self._penalized.add_to(gradient, self.parameters)
            loss += self._penalized.value(self.parameters)
        return loss, gradient

    def residuals(self) -> Array:
        assert self._residuals is not None
        return self._residuals.at(self._inputs, self._objective.arrays())

    def jacobian(self) -> Array:
        assert self._residuals is not None
        return self._residuals.jacobian(self._inputs, self._objective.arrays())
