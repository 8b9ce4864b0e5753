"""The answer to each kind of request that is done in one go.

`answer` is open: a new type of request registers its function with `@answer.register`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch

from visualad.autodiff.check import check
from visualad.autodiff.costs import compare_costs
from visualad.autodiff.derivatives import second_derivatives
from visualad.autodiff.evaluate import partial_values_at
from visualad.autodiff.lazy import LateMapping
from visualad.autodiff.local import local_derivatives
from visualad.autodiff.not_finite import where_not_finite
from visualad.autodiff.path_pairs import path_pairs
from visualad.autodiff.paths import paths
from visualad.autodiff.scores import score
from visualad.autodiff.sparsity import sparsity
from visualad.autodiff.sweeps import edge_formulas, late_edge_partials, sweep
from visualad.engine.structure import Structure
from visualad.errors import VisualADError
from visualad.kernel.messages import (
    CheckDerivatives,
    Checked,
    CompareCosts,
    ComputeHessian,
    Costs,
    Evaluate,
    Evaluated,
    FindPathPairs,
    FindPaths,
    HessianFound,
    PathPairsFound,
    PathsFound,
    Reply,
    Request,
    RunSweep,
    Scored,
    ScoreElimination,
    Swept,
)

COMPARISON_SECONDS = 0.1  # for the best elimination order; other requests wait meanwhile


@singledispatch
def answer(request: Request) -> Reply:
    """Carry out a request.

    Raises:
        VisualADError: if it cannot be carried out.
    """
    raise VisualADError(
        f"The kernel does not know requests of type {type(request).__name__}; "
        "window and kernel are of different versions."
    )


@answer.register
def _(request: Evaluate) -> Evaluated:
    structure, values, failed, _ = partial_values_at(request.graph, None)
    local = local_derivatives(structure, values)
    sentences = {**local.failures, **failed}
    return Evaluated(
        request.id,
        values=LateMapping(local.by_id, len(structure)),
        partials=late_edge_partials(local),
        formulas=edge_formulas(structure),
        failures=_by_id(structure, sentences),
        cautions=_by_id(structure, where_not_finite(structure, values)),
    )


def _by_id(structure: Structure, sentences: Mapping[int, str]) -> dict[str, str]:
    return {structure.nodes[i].id: sentence for i, sentence in sentences.items()}


@answer.register
def _(request: RunSweep) -> Swept:
    return Swept(
        request.id,
        sweep(
            request.graph,
            mode=request.mode,
            seed=request.seed,
            order=request.order,
            complete=request.complete,
        ),
    )


@answer.register
def _(request: CompareCosts) -> Costs:
    return Costs(request.id, compare_costs(request.graph, seconds=COMPARISON_SECONDS))


@answer.register
def _(request: ScoreElimination) -> Scored:
    return Scored(
        request.id,
        score(
            request.graph,
            request.played,
            free_units=request.free_units,
            seconds=COMPARISON_SECONDS,
            edges=request.edges,
        ),
    )


@answer.register
def _(request: FindPaths) -> PathsFound:
    return PathsFound(request.id, paths(request.graph, request.output, request.input))


@answer.register
def _(request: FindPathPairs) -> PathPairsFound:
    found = path_pairs(request.graph, request.output, request.first, request.second)
    return PathPairsFound(request.id, found)


@answer.register
def _(request: ComputeHessian) -> HessianFound:
    output = request.output or request.graph.outputs[0]
    found = second_derivatives(request.graph, output=output)
    return HessianFound(
        request.id,
        array=found.array,
        names=found.inputs,
        output=output,
        exact=found.exact,
        pattern=sparsity(request.graph, found.array, output),
    )


@answer.register
def _(request: CheckDerivatives) -> Checked:
    found = check(request.graph, only_outputs=True)
    several = len({row.node for row in found.rows}) > 1
    names = [f"∂{row.node}/∂{row.name}" if several else row.name for row in found.rows]
    named = list(zip(names, found.rows, strict=True))
    rows = tuple((name, r.analytic, r.numerical, r.error, r.ok) for name, r in named)
    excuses = {name: row.excuse for name, row in named if row.excuse}
    return Checked(request.id, rows, found.method, excuses)
