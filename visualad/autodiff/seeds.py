"""What a sweep begins with: a direction over the independents, or weights on the outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from visualad.autodiff.evaluate import Array
from visualad.autodiff.forward import as_direction
from visualad.autodiff.local import Locals
from visualad.engine.structure import Structure
from visualad.errors import GraphError, ShapeError
from visualad.graph.model import Graph, shorten


def direction(graph: Graph, structure: Structure, seed: Mapping[str, Any]) -> dict[int, Any]:
    """A direction over the independents, by node number.

    Raises:
        GraphError: if it is no mapping, or a name is no input or parameter.
    """
    _check_mapping(seed, "A direction", graph.independents)
    found = {}
    for name, value in seed.items():
        index = structure.index[graph.id_of(name)] if name in graph else -1
        if index not in structure.independents:
            raise GraphError(
                f"A direction is given over inputs and parameters, but '{name}' is none; they are "
                f"{shorten(graph.independents)}."
            )
        found[index] = value
    return found


def weights(graph: Graph, structure: Structure, seed: Mapping[str, Any]) -> dict[int, Any]:
    """Weights on nodes, by node number.

    Raises:
        GraphError: if they are no mapping, or there is no node of a name.
    """
    _check_mapping(seed, "The weights", graph.outputs)
    found = {}
    for name, value in seed.items():
        if name not in graph:
            raise GraphError(
                f"There is no output '{name}' to weight; the outputs are {shorten(graph.outputs)}."
            )
        found[structure.index[graph.id_of(name)]] = value
    return found


def _check_mapping(seed: object, what: str, names: Sequence[str]) -> None:
    if not isinstance(seed, Mapping):
        example = f"{{{names[0]!r}: 1.0}}" if names else "{}"
        raise GraphError(
            f"{what} must map names to numbers or arrays, for example {example}, not be of type "
            f"{type(seed).__name__}."
        )


def shaped(local: Locals, seeds: Mapping[int, Any], kind: str) -> dict[int, Array]:
    """Seeds as values of the shapes of the nodes they belong to.

    Raises:
        ShapeError: if one does not fit.
    """
    for i, seed in seeds.items():
        try:
            as_direction(local, {i: seed})
        except (TypeError, ValueError):
            raise ShapeError(
                f"The {kind} of {local.structure.name(i)} must be a number or an array of shape "
                f"{np.shape(local.values[i])}, not {seed!r:.60}."
            ) from None
    return as_direction(local, seeds)
