"""Forward mode: tangents travel from the inputs along the edges (the numbers; no texts)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.evaluate import SCALARS, Array
from visualad.autodiff.local import Locals
from visualad.autodiff.scalars import FlatPartials, scalar_tangents


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one edge adds to a derivative: `product` = factor · local partial.

    Attributes:
        target, port: the edge into `port` of node `target`, by number.
        factor: the tangent of the source (forward) or the adjoint of the target (backward).
        product: the contribution.
        total: the sum up to and including it.
        structural_zero: the factor is 0 because nothing depends on it, not by chance.
    """

    target: int
    port: int
    factor: Array
    product: Array
    total: Array
    structural_zero: bool


def tangents_of(local: Locals, seeds: Mapping[int, Array]) -> list[Array]:
    """The tangent of every node for one direction.

    Args:
        seeds: tangents of independents by node number; the others are 0.

    Raises:
        GraphError: if a node that the seed reaches has no derivative.
    """
    structure, partials = local.structure, local.partials
    reached = structure.reached_from(tuple(seeds))
    if isinstance(partials, FlatPartials) and structure.dtype == "float64":
        return scalar_tangents(partials, seeds, reached)
    tangents: list[Array] = [None] * len(structure)
    if local.scalar:
        zero = SCALARS[structure.dtype](0.0)
        with np.errstate(all="ignore"):
            for i, sources in enumerate(structure.sources):
                if not reached[i]:
                    tangents[i] = zero
                elif i in seeds:
                    tangents[i] = seeds[i]
                else:
                    row = partials[i]
                    if row is None:
                        local.require(i)
                        continue
                    total = zero
                    for source, partial in zip(sources, row, strict=True):
                        if reached[source]:
                            total = total + tangents[source] * partial
                    tangents[i] = total
        return tangents
    for i in range(len(structure)):
        if local.values[i] is None:
            continue
        if i in seeds:
            tangents[i] = seeds[i]
        elif reached[i]:
            tangents[i] = gather(local, i, tangents, reached)[-1].total
        else:
            tangents[i] = np.zeros_like(local.values[i])[()]
    return tangents


@np.errstate(all="ignore")  # inf − inf is nan, silently as everywhere
def gather(local: Locals, i: int, tangents: list[Array], reached: list[bool]) -> list[Contribution]:
    """What each edge into node i contributes to its tangent, with the partial sums."""
    local.require(i)
    structure = local.structure
    found: list[Contribution] = []
    total: Array = np.zeros_like(local.values[i])[()]
    for port, source in enumerate(structure.sources[i]):
        if not structure.active[source]:
            continue
        if reached[source]:
            product = local.push(i, port, tangents[source])
            total = total + product
        else:
            product = np.zeros_like(local.values[i])[()]
        found.append(Contribution(i, port, tangents[source], product, total, not reached[source]))
    return found


def as_direction(local: Locals, seeds: Mapping[int, Any]) -> dict[int, Array]:
    """Seeds in the shapes of the values they belong to."""
    shaped = {}
    for i, seed in seeds.items():
        shape = np.shape(local.values[i])
        shaped[i] = np.broadcast_to(seed, shape).astype(local.structure.dtype)[()]
    return shaped
