"""The Jacobian by forward mode: a column for each element of the independents."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from visualad.autodiff.forward import tangents_of
from visualad.autodiff.local import Locals
from visualad.engine.compile import compile_plan
from visualad.engine.numpy_backend import NumpyBackend
from visualad.engine.plan import tangent_of
from visualad.errors import VisualADError
from visualad.graph.model import Graph

Array = Any

MANY = 32  # columns: from so many on a plan is worth its preparation


def by_columns(graph: Graph, local: Locals, outputs: tuple[int, ...]) -> Array:
    """The Jacobian of the outputs with respect to all independents at the point of `local`."""
    structure, values = local.structure, local.values
    count = sum(np.size(values[i]) for i in structure.independents)
    if count >= MANY and not local.failures:
        try:
            return _by_plan(graph, local)
        except VisualADError:
            pass  # a node without a rule for tangents: its Jacobian block does
    columns = []
    for i in structure.independents:
        shape = np.shape(values[i])
        for element in range(math.prod(shape)):
            found = tangents_of(local, {i: unit(shape, element, structure.dtype)})
            columns.append(np.concatenate([np.ravel(found[goal]) for goal in outputs]))
    rows = sum(np.size(values[goal]) for goal in outputs)
    return np.array(columns, dtype=structure.dtype).reshape(len(columns), rows).T.copy()


def _by_plan(graph: Graph, local: Locals) -> Array:
    structure = local.structure
    point = {structure.name(i): local.values[i] for i in structure.independents}
    shapes = {name: np.shape(value) for name, value in point.items()}
    plan = compile_plan(graph, shapes, along=tuple(point))
    executable = NumpyBackend().load(plan)
    for name, value in point.items():
        if name in plan.parameters:
            executable.parameter(name)[...] = value
    executable.run({name: value for name, value in point.items() if name in plan.inputs})
    columns = []
    for name, shape in shapes.items():
        direction = tangent_of(name)
        for element in range(math.prod(shape)):
            found = executable.run({direction: unit(shape, element, structure.dtype)})
            columns.append(np.concatenate([np.ravel(found[tangent_of(x)]) for x in graph.outputs]))
        executable.run({direction: np.zeros(shape, dtype=structure.dtype)})
    return np.array(columns, dtype=structure.dtype).T.copy()


def unit(shape: tuple[int, ...], element: int, dtype: str) -> Array:
    """Zeros with a one at one element, counted in C order."""
    made = np.zeros(shape, dtype=dtype)
    made.flat[element] = 1
    return made[()]
