"""The learning rate range test: which learning rates learn, and from which on they diverge.

Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3: a short run in
which the learning rate grows with each step while the loss is watched.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.training.loop import trainer_from
from visualad.training.observation import Observer

LOW, HIGH, STEPS = 1e-6, 10.0, 140
WORSE = 4.0  # times the best loss so far: it diverges from there on
WINDOW = 7  # losses that are averaged before the slope is looked at


@dataclass(frozen=True)
class RateTest:
    """What the range test found.

    Attributes:
        rates: learning rates, ascending, as far as the loss stayed in bounds; losses: over the
            training samples after a step with each.
        suggestion: the rate at which the loss fell the fastest on the logarithmic axis; None when
            it did not fall at all.
        diverged: the rate at which the loss left its bounds; None if it never did.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float | None
    diverged: float | None


def rate_test(
    graph: Graph, low: float = LOW, high: float = HIGH, steps: int = STEPS
) -> Generator[tuple[float, float, float], None, RateTest]:
    """Train a copy from the graph's parameters with growing rates; the graph stays as it is.

    Batches, optimiser, penalty and limits are those of `graph.training`; a schedule is left out.
    The loss is that of up to 1,024 training samples, not of the batch, so that it is not noisy.

    Yields:
        The share that is done, the rate and the loss, step by step.

    Raises:
        VisualADError: if the graph cannot be trained or its optimiser has no learning rate.
    """
    constant = {**graph.training, "schedule": "constant"}
    trainer, _ = trainer_from(graph.with_(training=constant))
    if not trainer.updating.has_rate:
        raise VisualADError(
            "The optimiser finds its own step length, so there is no learning rate to look for."
        )
    watching = Observer(trainer)
    ahead = trainer.batches_ahead()
    rates = np.geomspace(low, high, steps)
    tried: list[float] = []
    losses: list[float] = []
    best, diverged = watching.loss(), None
    for number, rate in enumerate(rates.tolist()):
        trainer.updating.set_rate(rate)
        with np.errstate(all="ignore"):
            went_well = trainer.updating.step(*next(ahead))
        loss = watching.loss() if went_well else math.nan
        if not math.isfinite(loss) or loss > WORSE * max(best, 1e-12):
            diverged = rate
            if math.isfinite(loss):
                tried.append(rate)
                losses.append(loss)
            break
        tried.append(rate)
        losses.append(loss)
        best = min(best, loss)
        yield (number + 1) / steps, rate, loss
    return RateTest(tuple(tried), tuple(losses), suggested(tried, losses), diverged)


def suggested(rates: Sequence[float], losses: Sequence[float]) -> float | None:
    """The rate of the steepest fall of the averaged loss before its lowest point."""
    if len(rates) < WINDOW:
        return None
    padded = np.pad(np.asarray(losses), WINDOW // 2, mode="edge")
    smooth = np.convolve(padded, np.full(WINDOW, 1 / WINDOW), mode="valid")
    lowest = int(np.argmin(smooth))
    if lowest < 2 or smooth[lowest] >= smooth[0]:
        return None
    slopes = np.gradient(smooth, np.log(np.asarray(rates)))[: lowest + 1]
    return float(rates[int(np.argmin(slopes))])
