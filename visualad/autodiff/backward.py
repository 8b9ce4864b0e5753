"""Backward mode: adjoints travel from the outputs against the edges (the numbers; no texts)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from visualad.autodiff.evaluate import SCALARS, Array
from visualad.autodiff.forward import Contribution
from visualad.autodiff.local import Locals
from visualad.autodiff.scalars import FlatPartials, scalar_adjoints


def adjoints_of(local: Locals, seeds: Mapping[int, Array]) -> list[Array]:
    """The adjoint of every node that depends on an independent; None for the others.

    Args:
        seeds: adjoints that nodes start with, by node number: 1 on an output, or weights.

    Raises:
        GraphError: if a node between the seed and the independents has no derivative.
    """
    structure, partials = local.structure, local.partials
    active, sources_of = structure.active, structure.sources
    reaching = structure.reaching(tuple(seeds))
    if isinstance(partials, FlatPartials) and structure.dtype == "float64":
        return scalar_adjoints(partials, seeds, reaching, active)
    adjoints: list[Array] = [None] * len(structure)
    with np.errstate(all="ignore"):
        if local.scalar:
            zero = SCALARS[structure.dtype](0.0)
            adjoints = [zero if depends else None for depends in active]
            for i, seed in seeds.items():
                adjoints[i] = seed
            for i in range(len(structure) - 1, -1, -1):
                sources = sources_of[i]
                if not sources or not reaching[i] or not active[i]:
                    continue
                row = partials[i]
                if row is None:
                    local.require(i)
                    continue
                adjoint = adjoints[i]
                for source, partial in zip(sources, row, strict=True):
                    if active[source]:
                        adjoints[source] = adjoints[source] + adjoint * partial
            return adjoints
        for i in range(len(structure) - 1, -1, -1):
            if not active[i] or local.values[i] is None:
                continue
            if i in seeds:
                adjoints[i] = seeds[i] if adjoints[i] is None else adjoints[i] + seeds[i]
            if not reaching[i]:
                adjoints[i] = np.zeros_like(local.values[i])[()]
                continue
            if not sources_of[i]:
                continue
            local.require(i)
            for source, pulled in zip(sources_of[i], local.pull(i, adjoints[i]), strict=True):
                if active[source]:
                    known = adjoints[source]
                    adjoints[source] = pulled if known is None else known + pulled
    return adjoints


@np.errstate(all="ignore")  # inf − inf is nan, silently as everywhere
def collect(
    local: Locals,
    i: int,
    adjoints: Sequence[Array],
    seed: Array | None,
    reaching: Sequence[bool],
) -> list[Contribution]:
    """What each edge that leaves node i contributes to its adjoint, in the order of arrival.

    The sweep goes against the topological order, so the last target contributes first. A seed on
    the node itself comes before all of them and is no contribution.
    """
    structure = local.structure
    zero = np.zeros_like(local.values[i])[()]
    total: Array = zero if seed is None else seed
    found: list[Contribution] = []
    pairs = [pair for pair in structure.targets[i] if adjoints[pair[0]] is not None]
    # The numbers add up a node's edges port by port, so within one target the first port is first.
    pairs.sort(key=lambda pair: (-pair[0], pair[1]))
    for target, port in pairs:
        arrives = reaching[target]
        product = local.pull(target, adjoints[target])[port] if arrives else zero
        if arrives:
            total = total + product
        found.append(Contribution(target, port, adjoints[target], product, total, not arrives))
    return found
