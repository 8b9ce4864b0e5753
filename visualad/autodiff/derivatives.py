"""Gradients, Jacobians, Hessians and products with them, as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from visualad.autodiff.backward import adjoints_of
from visualad.autodiff.columns import by_columns, unit
from visualad.autodiff.cross import Accumulation, accumulate
from visualad.autodiff.evaluate import Array, Point, values_at
from visualad.autodiff.forward import tangents_of
from visualad.autodiff.linearized import linearized_structure
from visualad.autodiff.local import Locals, local_derivatives
from visualad.autodiff.orders import as_order
from visualad.autodiff.second_order import NotDifferentiable, hessian_vector
from visualad.autodiff.seeds import direction, shaped, weights
from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, MODES, Cost
from visualad.engine.compile import compile_plan
from visualad.engine.numpy_backend import NumpyExecutable
from visualad.engine.structure import Structure
from visualad.errors import GraphError, ShapeError
from visualad.graph.model import Graph, shorten

EliminationOrder = str | Iterable[str]


@dataclass(frozen=True, eq=False)
class Jacobian:
    """All derivatives of the outputs with respect to the independents.

    Attributes:
        array: one row per element of the outputs, one column per element of the inputs, both in
            order and flattened as NumPy does; (m, n) for scalars.
        outputs, inputs: names; inputs are the graph's inputs and then its parameters.
        output_shapes, input_shapes: of their values.
        graph, mode, order: how it was made, for `cost`.
    """

    array: Array
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    output_shapes: tuple[tuple[int, ...], ...]
    input_shapes: tuple[tuple[int, ...], ...]
    graph: Graph
    mode: str
    order: str | tuple[str, ...]

    def block(self, output: str, input_: str) -> Array:
        """The derivative of one output with respect to one input.

        Its shape is that of the output followed by that of the input.

        Raises:
            GraphError: if there is no such output or input.
        """
        rows = _extent(output, self.outputs, self.output_shapes, "output")
        columns = _extent(input_, self.inputs, self.input_shapes, "input")
        shape = (
            self.output_shapes[self.outputs.index(output)]
            + self.input_shapes[self.inputs.index(input_)]
        )
        return self.array[rows, columns].reshape(shape)[()]

    @cached_property
    def cost(self) -> Cost:
        """What accumulating it by vertex elimination in this mode's order costs."""
        order = self.order if self.mode == CROSS else self.mode
        return linearized_structure(self.graph).cost(order)


def gradient(
    graph: Graph,
    at: Point = None,
    mode: str = BACKWARD,
    *,
    output: str | None = None,
    order: EliminationOrder = "markowitz",
) -> dict[str, Array]:
    """The derivative of a scalar output with respect to every independent, by name.

    Args:
        at: values of the inputs by name; None for those stored in the graph.
        mode: "forward", "backward" or "cross"; all give the same numbers to rounding.
        output: name of the output, when there are several.
        order: elimination order in cross mode.

    Returns:
        For each input and parameter a number or an array of its shape.

    Raises:
        VisualADError: when there is not one scalar output, or a node cannot be computed.
    """
    structure, values = values_at(graph, at)
    goal = the_output(graph, structure, output)
    if np.size(values[goal]) != 1:
        raise ShapeError(
            f"A gradient needs a scalar output, but {structure.name(goal)} has the shape "
            f"{np.shape(values[goal])}; reduce it with sum or mean, or ask for the Jacobian."
        )
    _check_mode(mode)
    local = local_derivatives(structure, values, (goal,))
    names = [structure.name(i) for i in structure.independents]
    if mode == BACKWARD:
        adjoints = adjoints_of(local, {goal: np.ones_like(values[goal])[()]})
        found = _own(adjoints[i] for i in structure.independents)
        return dict(zip(names, found, strict=True))
    if mode == FORWARD:
        rows = [_row_forward(local, i, goal) for i in structure.independents]
    else:
        reduced = graph.with_(declared_outputs=(structure.name(goal),))
        matrix = jacobian(reduced, at, CROSS, order=order)
        rows = [matrix.block(structure.name(goal), name) for name in names]
    shapes = [np.shape(values[i]) for i in structure.independents]
    pairs = zip(names, rows, shapes, strict=True)
    return {name: np.reshape(row, shape)[()] for name, row, shape in pairs}


def jacobian(
    graph: Graph,
    at: Point = None,
    mode: str = BACKWARD,
    *,
    order: EliminationOrder = "markowitz",
) -> Jacobian:
    """The Jacobian of all outputs with respect to all independents.

    Args:
        at: values of the inputs by name; None for those stored in the graph.
        mode: "forward" (a column at a time), "backward" (a row at a time) or "cross".
        order: elimination order in cross mode: "forward", "backward", "markowitz", "best" or
            vertex names.

    Raises:
        VisualADError: when a node or its derivative cannot be computed.
    """
    _check_mode(mode)
    structure, values = values_at(graph, at)
    local = local_derivatives(structure, values)
    outputs = tuple(structure.index[graph.id_of(name)] for name in graph.outputs)
    if mode == CROSS:
        kept = as_order(order)
        array = _by_elimination(local, outputs, accumulate(local, kept))
    else:
        kept = mode
        array = _by_rows(local, outputs) if mode == BACKWARD else by_columns(graph, local, outputs)
    return Jacobian(
        array=array,
        outputs=tuple(graph.outputs),
        inputs=graph.independents,
        output_shapes=tuple(np.shape(values[i]) for i in outputs),
        input_shapes=tuple(np.shape(values[i]) for i in structure.independents),
        graph=_with_leaves(graph, structure, values),
        mode=mode,
        order=kept,
    )


@dataclass(frozen=True, eq=False)
class SecondDerivatives:
    """A Hessian and how it was found.

    Attributes:
        array: (n, n) over all elements of the inputs and parameters in order.
        inputs: their names.
        exact: True when it was found by forward over backward mode; False when a node type hides
            its arithmetic and central differences of the exact gradient were used (about 8 digits).
    """

    array: Array
    inputs: tuple[str, ...]
    exact: bool


def hessian(graph: Graph, at: Point = None, *, output: str | None = None) -> Array:
    """The second derivatives of a scalar output over all inputs and parameters in order, (n, n).

    By forward over backward mode, exact to rounding; see `second_derivatives` for the exception.

    Raises:
        VisualADError: when there is not one scalar output, or a node cannot be computed.
    """
    return second_derivatives(graph, at, output=output).array


def second_derivatives(
    graph: Graph, at: Point = None, *, output: str | None = None
) -> SecondDerivatives:
    """The Hessian of a scalar output, with the way it was found.

    Args:
        at: values of the inputs by name; None for those stored in the graph.
        output: name of the output, when there are several.

    Raises:
        VisualADError: when there is not one scalar output, or a node cannot be computed.
    """
    structure, values = values_at(graph, at)
    goal = the_output(graph, structure, output)
    name = structure.name(goal)
    gradient(graph, at, output=name)  # every reason to refuse is checked there
    point = {
        node.name: value
        for node, value in zip(structure.nodes, values, strict=True)
        if node.is_leaf
    }
    names = graph.independents
    sizes = [int(np.size(point[n])) for n in names]
    try:
        array, exact = _forward_over_backward(graph, point, name), True
    except NotDifferentiable:
        array, exact = _differences_of_gradient(graph, point, name), False
    return SecondDerivatives(array.reshape(sum(sizes), sum(sizes)), names, exact)


def _forward_over_backward(graph: Graph, point: Mapping[str, Array], goal: str) -> Array:
    names = graph.independents
    shapes = {n: np.shape(point[n]) for n in names}
    plan = compile_plan(graph, shapes, outputs=(goal,), loss=goal, wrt=names)
    executable = NumpyExecutable(plan, keep_all=True)
    for name in graph.parameters:
        executable.parameter(name)[...] = point[name]
    executable.loss_and_gradient({n: point[n] for n in graph.inputs})
    columns = []
    for name in names:
        for element in range(int(np.prod(shapes[name]))):
            along = {name: unit(shapes[name], element, graph.dtype)}
            found = hessian_vector(plan, executable, along)
            columns.append(np.concatenate([np.ravel(found[n]) for n in names]))
    return np.array(columns)


def _differences_of_gradient(graph: Graph, point: Mapping[str, Array], goal: str) -> Array:
    names = graph.independents
    columns = []
    for name in names:
        base = np.asarray(point[name])
        for element in range(base.size):
            step = float(np.cbrt(np.finfo(graph.dtype).eps)) * max(1.0, abs(base.flat[element]))
            sides = []
            for sign in (1, -1):
                moved = base.copy()
                moved.flat[element] += sign * step
                found = gradient(graph, {**point, name: moved}, output=goal)
                sides.append(np.concatenate([np.ravel(found[n]) for n in names]))
            columns.append((sides[0] - sides[1]) / (2 * step))
    array = np.array(columns)
    return (array + array.T) / 2


def jvp(graph: Graph, at: Point, tangents: Mapping[str, Any]) -> dict[str, Array]:
    """The tangent of every node by name for a direction: a Jacobian-vector product J v.

    Args:
        tangents: by name of inputs or parameters; the others are 0. A number stands for an array
            of this number.

    Raises:
        VisualADError: when the direction does not fit or a node cannot be computed.
    """
    structure, values = values_at(graph, at)
    local = local_derivatives(structure, values)
    seeds = direction(graph, structure, tangents)
    found = tangents_of(local, shaped(local, seeds, "tangent"))
    return structure.named(_own(found))


def vjp(graph: Graph, at: Point, adjoints: Mapping[str, Any]) -> dict[str, Array]:
    """The adjoint of every node by name for weights on outputs: a vector-Jacobian product wᵀ J.

    Nodes that depend on no input have no adjoint.

    Args:
        adjoints: weights by name of outputs (or of any other nodes).

    Raises:
        VisualADError: when the weights do not fit or a node cannot be computed.
    """
    structure, values = values_at(graph, at)
    seeds = weights(graph, structure, adjoints)
    local = local_derivatives(structure, values, tuple(seeds))
    found = adjoints_of(local, shaped(local, seeds, "adjoint"))
    return structure.named(_own(found))


def the_output(graph: Graph, structure: Structure, name: str | None) -> int:
    """The output of this name by number, or the only one.

    Raises:
        GraphError: if there is none, or several and no name.
    """
    if name is not None:
        return structure.index[graph.id_of(name)]
    if not structure.outputs:
        raise GraphError("The graph has no output to differentiate; add a node that computes one.")
    if len(structure.outputs) > 1:
        raise GraphError(
            f"The graph has {len(structure.outputs)} outputs ({shorten(graph.outputs)}); say which "
            f"one to differentiate, or ask for the Jacobian."
        )
    return structure.outputs[0]


def _with_leaves(graph: Graph, structure: Structure, values: Sequence[Array]) -> Graph:
    """The graph with the arrays of this point stored in it: block costs depend on their shapes."""
    changed = {
        node.id: replace(node, settings={**node.settings, "value": value})
        for node, value in zip(structure.nodes, values, strict=True)
        if node.is_leaf and np.shape(value) != np.shape(node.value)
    }
    if not changed:
        return graph
    return graph.with_(nodes_by_id={**graph.nodes_by_id, **changed})


def _own(found: Iterable[Array]) -> Iterator[Array]:
    """Arrays in their own memory, so that changing one changes nothing else."""
    return (np.array(x)[()] if isinstance(x, np.ndarray) else x for x in found)


def _check_mode(mode: str) -> None:
    if mode not in MODES:
        raise GraphError(f"There is no mode '{mode}'; use forward, backward or cross.")


def _row_forward(local: Locals, independent: int, goal: int) -> Array:
    """The derivative of a scalar node with respect to every element of one independent."""
    shape = np.shape(local.values[independent])
    dtype = local.structure.dtype
    count = int(np.prod(shape))
    return np.array(
        [
            np.reshape(tangents_of(local, {independent: unit(shape, k, dtype)})[goal], ())
            for k in range(count)
        ]
    )


def _by_rows(local: Locals, outputs: tuple[int, ...]) -> Array:
    structure, values = local.structure, local.values
    width = sum(np.size(values[i]) for i in structure.independents)
    rows = []
    for goal in outputs:
        shape = np.shape(values[goal])
        for element in range(int(np.prod(shape))):
            found = adjoints_of(local, {goal: unit(shape, element, structure.dtype)})
            parts = [np.ravel(found[i]) for i in structure.independents]
            rows.append(np.concatenate(parts) if parts else np.zeros(0))
    return np.array(rows, dtype=structure.dtype).reshape(len(rows), width)


def _by_elimination(local: Locals, outputs: tuple[int, ...], done: Accumulation) -> Array:
    structure, values = local.structure, local.values
    width = sum(np.size(values[i]) for i in structure.independents)
    rows = [
        np.hstack([done.block(goal, i) for i in structure.independents])
        if structure.independents
        else np.zeros((np.size(values[goal]), 0))
        for goal in outputs
    ]
    array = np.vstack(rows) if rows else np.zeros((0, width))
    return array.astype(structure.dtype)


def _extent(name: str, names: Sequence[str], shapes: Sequence[tuple[int, ...]], kind: str) -> slice:
    if name not in names:
        raise GraphError(f"The Jacobian has no {kind} '{name}'; there are {shorten(names)}.")
    sizes = [int(np.prod(shape)) for shape in shapes]
    at = list(names).index(name)
    return slice(sum(sizes[:at]), sum(sizes[: at + 1]))
