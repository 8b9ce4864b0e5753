"""Gauss-Newton and Levenberg-Marquardt: the loss is a sum of squares, its Jacobian is known.

Both linearise the residuals r(p) at the present parameters and go to, or towards, the minimum of
‖r + J·d‖. The Jacobian is ours, exact to rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import VisualADError
from visualad.training.stepping import (
    Buffer,
    OptimizerState,
    Problem,
    check_positive,
    check_rate,
)

Vector = NDArray[np.float64]

SCALINGS = ("more", "marquardt", "none")
SMALLEST = float(np.finfo(np.float64).eps)
MOST_TRIALS = 200  # of one step, before it is given up as impossible
GOOD_RATIO, POOR_RATIO, ACCEPTED_RATIO = 0.75, 0.25, 1e-4
NEEDS_FULL = "A least-squares optimiser works on the residuals; train with it, not step by step."


@dataclass(frozen=True)
class GaussNewton:
    """Gauss-Newton's method: p ← p + learning_rate·d with d the shortest minimiser of ‖r + J·d‖.

    Fast near a solution with small residuals, and free to run away elsewhere, which is what
    Levenberg and Marquardt prevent. Nocedal and Wright, "Numerical Optimization", section 10.3.

    Raises:
        VisualADError: for settings that make no sense.
    """

    learning_rate: float = 1.0
    needs_residuals = True

    def __post_init__(self) -> None:
        check_rate(self.learning_rate)

    def start(self, parameters: Buffer) -> OptimizerState:
        """The state before the first step."""
        return _GaussNewtonState(float(self.learning_rate))


@dataclass
class _GaussNewtonState:
    learning_rate: float
    converged: bool = False

    def step(self, parameters: Buffer, gradient: Buffer) -> None:
        raise VisualADError(NEEDS_FULL)

    def step_on(self, problem: Problem) -> None:
        residuals = np.array(problem.residuals(), dtype=np.float64)
        jacobian = np.array(problem.jacobian(), dtype=np.float64)
        if not (np.isfinite(residuals).all() and np.isfinite(jacobian).all()):
            raise FloatingPointError
        scale = _norms(jacobian)
        step = _Scaled(jacobian / scale, residuals).step(0.0) / scale
        before = problem.parameters.copy()
        np.add(before, self.learning_rate * step, problem.parameters)
        self.converged = bool(np.array_equal(before, problem.parameters))


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Levenberg-Marquardt with a trust region. Moré 1978, as MINPACK's `lmder`.

    A step d minimises ‖r + J·d‖ among those with ‖D·d‖ up to a radius, which grows and shrinks as
    the linear model proves good or poor; the damping λ of (JᵀJ + λ·D²)·d = -Jᵀr follows from the
    radius. The step never makes the loss larger.

    Args:
        radius: the first radius, as a multiple of ‖D·p‖ of the parameters one starts with.
        scaling: what D holds: "more" the largest norms that the columns of J have had, so that
            parameters of any size are treated alike; "marquardt" the present norms; "none" ones.
        tolerance: of the relative change of loss or parameters at which it has converged.

    Raises:
        VisualADError: for settings that make no sense.
    """

    radius: float = 0.3
    scaling: str = "more"
    tolerance: float = 1e-15
    needs_residuals = True
    learning_rate: float = field(default=1.0, init=False)

    def __post_init__(self) -> None:
        check_positive("radius of Levenberg-Marquardt", self.radius)
        check_positive("tolerance of Levenberg-Marquardt", self.tolerance)
        if self.scaling not in SCALINGS:
            raise VisualADError(
                f"The scaling of Levenberg-Marquardt is one of {', '.join(SCALINGS)}, "
                f"not {self.scaling!r}."
            )

    def start(self, parameters: Buffer) -> OptimizerState:
        """The state before the first step."""
        return _TrustRegion(self)


class _TrustRegion:
    """One run of Levenberg-Marquardt.

    Attributes:
        damping: λ of the latest step.
    """

    def __init__(self, settings: LevenbergMarquardt) -> None:
        self.converged = False
        self.damping = 0.0
        self._settings = settings
        self._radius = math.nan  # known after the first Jacobian
        self._scale: Vector | None = None

    def step(self, parameters: Buffer, gradient: Buffer) -> None:
        raise VisualADError(NEEDS_FULL)

    def step_on(self, problem: Problem) -> None:
        """Go on until one step is accepted, or none is possible any more."""
        residuals = np.array(problem.residuals(), dtype=np.float64)
        jacobian = np.array(problem.jacobian(), dtype=np.float64)
        if not (np.isfinite(residuals).all() and np.isfinite(jacobian).all()):
            raise FloatingPointError
        start = np.array(problem.parameters)
        size = float(np.linalg.norm(residuals))
        if size == 0 or _is_stationary(jacobian, residuals, size):
            self.converged = True
            return
        scale = self._rescale(jacobian)
        length = float(np.linalg.norm(scale * start))
        is_first = math.isnan(self._radius)
        if is_first:
            self._radius = self._settings.radius * (length or 1.0)
        model = _Scaled(jacobian / scale, residuals)
        accepted = False
        try:
            for _ in range(MOST_TRIALS):
                self.damping, step = model.step_within(self._radius, self.damping)
                reach = float(np.linalg.norm(step))
                if is_first:
                    self._radius, is_first = min(self._radius, reach), False
                np.copyto(problem.parameters, start + step / scale)
                accepted = self._judge(problem, model, step, size, length)
                if accepted or self.converged:
                    return
            self.converged = True
        finally:
            if not accepted:
                np.copyto(problem.parameters, start)

    def _rescale(self, jacobian: Vector) -> Vector:
        norms = _norms(jacobian)
        if self._settings.scaling == "none":
            norms = np.ones_like(norms)
        elif self._settings.scaling == "more" and self._scale is not None:
            norms = np.maximum(norms, self._scale)
        self._scale = norms
        return norms

    def _judge(
        self, problem: Problem, model: _Scaled, step: Vector, size: float, length: float
    ) -> bool:
        """Whether the step is accepted; sets the next radius and sees convergence."""
        tolerance = self._settings.tolerance
        there = float(np.linalg.norm(problem.residuals()))
        # Relative decrease of the squared norm: what came and what the linear model promised.
        actual = 1 - (there / size) ** 2 if there < 10 * size else -1.0
        along = float(np.linalg.norm(model.image(step))) / size
        pull = math.sqrt(self.damping) * float(np.linalg.norm(step)) / size
        promised = along**2 + 2 * pull**2
        slope = -(along**2 + pull**2)
        ratio = actual / promised if promised > 0 else 0.0
        reach = float(np.linalg.norm(step))
        if ratio <= POOR_RATIO:
            factor = 0.5 if actual >= 0 else 0.5 * slope / (slope + 0.5 * actual)
            if there >= 10 * size or factor < 0.1 or math.isnan(factor):
                factor = 0.1
            self._radius = factor * min(self._radius, 10 * reach)
            self.damping /= factor
        elif self.damping == 0 or ratio >= GOOD_RATIO:
            self._radius = 2 * reach
            self.damping *= 0.5
        accepted = ratio >= ACCEPTED_RATIO
        little = abs(actual) <= tolerance and promised <= tolerance and ratio <= 2
        at_rest = self._radius <= tolerance * (length or SMALLEST)
        hopeless = abs(actual) <= SMALLEST and promised <= SMALLEST and ratio <= 2
        self.converged = little or at_rest or hopeless
        return accepted


class _Scaled:
    """‖r + J·d‖ by the singular values of J, so that any damping costs next to nothing."""

    def __init__(self, jacobian: Vector, residuals: Vector) -> None:
        left, self._values, right = np.linalg.svd(jacobian, full_matrices=False)
        self._jacobian, self._right = jacobian, right.T
        self._seen: Any = left.T @ residuals

    def image(self, step: Vector) -> Vector:
        """J·d."""
        found: Vector = self._jacobian @ step
        return found

    def step(self, damping: float) -> Vector:
        """The minimiser of ‖r + J·d‖² + damping·‖d‖²; the shortest one for damping 0."""
        values = self._values
        limit = SMALLEST * max(self._jacobian.shape) * (values[0] if len(values) else 0.0)
        if damping == 0:
            kept = values > limit
            inverse = np.divide(1.0, values, where=kept, out=np.zeros_like(values))
        else:
            inverse = values / (values * values + damping)
        found: Vector = -self._right @ (inverse * self._seen)
        return found

    def step_within(self, radius: float, damping: float) -> tuple[float, Vector]:
        """Damping and step with ‖d‖ within 10 % of the radius, or Gauss-Newton's if it is shorter.

        By Newton's method on 1/‖d‖ (Hebden 1973, Reinsch), safeguarded by bounds.
        """
        step = self.step(0.0)
        if float(np.linalg.norm(step)) <= 1.1 * radius:
            return 0.0, step
        values, seen = self._values, self._seen
        low = 0.0
        high = float(np.linalg.norm(values * seen)) / radius
        if not low < damping <= high:
            damping = high * 1e-3
        for _ in range(60):
            below = values * values + damping
            parts = values * seen / below
            length = float(np.linalg.norm(parts))
            excess = length - radius
            if abs(excess) <= 0.1 * radius:
                break
            if excess > 0:
                low = max(low, damping)
            else:
                high = min(high, damping)
            slope = float(np.sum(parts * parts / below)) / length
            damping += excess / radius * length / slope if slope > 0 else high
            if not low < damping < high:
                damping = max(1e-3 * high, math.sqrt(low * high))
        return damping, self.step(damping)


def _norms(jacobian: Vector) -> Vector:
    """Norms of the columns, 1 for columns of zeros; no overflow for large entries."""
    largest = np.abs(jacobian).max(axis=0, initial=0.0)
    safe = np.where(largest > 0, largest, 1.0)
    found: Vector = safe * np.where(largest > 0, np.linalg.norm(jacobian / safe, axis=0), 1.0)
    return found


def _is_stationary(jacobian: Vector, residuals: Vector, size: float) -> bool:
    """Whether the residuals stand at right angles to all columns, to rounding."""
    cosines = (jacobian / _norms(jacobian)).T @ (residuals / size)
    return bool(np.abs(cosines).max(initial=0.0) <= SMALLEST)
