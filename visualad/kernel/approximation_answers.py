"""The answers to the lesson on approximating functions; importing this registers them."""

from __future__ import annotations

import numpy as np

from visualad.kernel.answers import answer
from visualad.kernel.approximation_messages import (
    BumpsPlaced,
    BumpsSummed,
    CompareCounts,
    CountsCompared,
    MakePerceptron,
    PlaceBumps,
    SampleTarget,
    SumBumps,
    TargetSampled,
)
from visualad.kernel.plugin_messages import GraphFound
from visualad.training.approximation import (
    as_perceptron,
    errors,
    errors_by_count,
    place,
    target_of_file,
    target_of_formula,
    total,
)


@answer.register
def _(request: SampleTarget) -> TargetSampled:
    if request.path:
        return TargetSampled(request.id, target_of_file(request.path))
    return TargetSampled(request.id, target_of_formula(request.formula, request.low, request.high))


@answer.register
def _(request: SumBumps) -> BumpsSummed:
    x = request.places
    curves = np.array([bump.at(x) for bump in request.bumps]).reshape(-1, len(x))
    found = errors(request.bumps, request.target)
    return BumpsSummed(request.id, request.bumps, x, curves, total(request.bumps, x), found)


@answer.register
def _(request: PlaceBumps) -> BumpsPlaced:
    return BumpsPlaced(request.id, place(request.target, request.count, request.sharpness))


@answer.register
def _(request: CompareCounts) -> CountsCompared:
    return CountsCompared(request.id, errors_by_count(request.target, request.sharpness))


@answer.register
def _(request: MakePerceptron) -> GraphFound:
    return GraphFound(request.id, as_perceptron(request.bumps, request.target))
