"""L-BFGS: curvature from the latest gradients, with a line search for how far to go."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.errors import VisualADError
from visualad.training.line_search import strong_wolfe
from visualad.training.stepping import Buffer, OptimizerState, Problem, check_rate, is_count

CURVED = 1e-10  # a pair (s, y) is remembered only if y·s is greater


@dataclass(frozen=True)
class LBFGS:
    """L-BFGS. Nocedal and Wright, "Numerical Optimization", algorithms 7.4 and 7.5.

    Without `line_search` each step has the length `learning_rate` (the first at most 1 in the
    1-norm) and is that of `torch.optim.LBFGS` with `max_iter=1`; with it the length fulfils the
    strong Wolfe conditions, beginning with `learning_rate`. Made for full batches: the gradients
    of two batches tell nothing about curvature.

    Raises:
        VisualADError: for settings that make no sense.
    """

    learning_rate: float = 1.0
    history: int = 100
    line_search: bool = True
    tolerance: float = 1e-12

    def __post_init__(self) -> None:
        check_rate(self.learning_rate)
        if not is_count(self.history):
            raise VisualADError(
                f"The history of L-BFGS must be a whole number from 1 on, not {self.history!r}."
            )

    def start(self, parameters: Buffer) -> OptimizerState:
        """The state before the first step."""
        return _SearchingState(self) if self.line_search else _LBFGSState(self)


class _LBFGSState:
    def __init__(self, settings: LBFGS) -> None:
        self.learning_rate = float(settings.learning_rate)
        self.converged = False
        self._tolerance = settings.tolerance
        self._pairs: deque[tuple[Buffer, Buffer, float]] = deque(maxlen=settings.history)
        self._scale = 1.0
        self._gradient: Buffer | None = None
        self._moved: Buffer | None = None

    def step(self, parameters: Buffer, gradient: Buffer) -> None:
        is_first = self._gradient is None
        direction = self._direction(gradient)
        length = self.learning_rate
        if is_first:
            length *= min(1.0, 1 / max(float(np.abs(gradient).sum()), 1e-300))
        if float(gradient @ direction) > -self._tolerance * self._tolerance:
            self.converged = not np.any(gradient) or not is_first
            self._moved = np.zeros_like(parameters)
            return
        moved = length * direction
        self._moved = moved
        np.add(parameters, moved, parameters)

    def _direction(self, gradient: Buffer) -> Buffer:
        """The quasi-Newton direction by the two-loop recursion; remembers the gradient."""
        if self._gradient is not None and self._moved is not None:
            moved, change = self._moved, gradient - self._gradient
            curvature = float(change @ moved)
            if curvature > CURVED * min(1.0, float(np.linalg.norm(change) * np.linalg.norm(moved))):
                self._pairs.append((moved, change, curvature))
                self._scale = curvature / float(change @ change)
        self._gradient = gradient.copy()
        found: Any = -gradient
        shares = []
        for s, y, curvature in reversed(self._pairs):
            share = float(s @ found) / curvature
            shares.append(share)
            found = np.subtract(found, share * y)
        found = np.multiply(self._scale, found)
        for (s, y, curvature), share in zip(self._pairs, reversed(shares), strict=True):
            found = np.add(found, (share - float(y @ found) / curvature) * s)
        return np.asarray(found)


class _SearchingState(_LBFGSState):
    def step_on(self, problem: Problem) -> None:
        """One direction, as far as the line search says."""
        is_first = self._gradient is None
        loss, gradient = problem.loss_and_gradient()
        gradient = gradient.copy()
        direction = self._direction(gradient)
        slope = float(gradient @ direction)
        if not slope < 0:  # rounding has spoilt the curvature: begin anew, downhill
            self._pairs.clear()
            self._scale = 1.0
            direction, slope = -gradient, -float(gradient @ gradient)
        if np.abs(gradient).max() <= self._tolerance or slope == 0:
            self.converged = True
            return
        first = self.learning_rate
        if is_first or not self._pairs:
            first *= min(1.0, 1 / max(float(np.abs(gradient).sum()), 1e-300))
        start = problem.parameters.copy()

        def along(length: float) -> tuple[float, float]:
            np.multiply(direction, length, problem.parameters)
            np.add(problem.parameters, start, problem.parameters)
            value, there = problem.loss_and_gradient()
            return (value if math.isfinite(value) else math.inf), float(there @ direction)

        length = 0.0
        try:
            length = strong_wolfe(along, loss, slope, first)
        finally:
            # The trials used the parameters; an interrupt puts them back.
            np.multiply(direction, length, problem.parameters)
            np.add(problem.parameters, start, problem.parameters)
        self._moved = problem.parameters - start
        if length == 0.0:
            self.converged = not self._pairs
            self._pairs.clear()  # next time along the gradient
            self._scale = 1.0
            self._moved = None
