"""The value of every node at a point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.scalars import scalar_values
from visualad.engine.structure import UNCONNECTED, Structure, structure_of
from visualad.errors import GraphError, PluginError, ShapeError, VisualADError
from visualad.graph.model import DATA, Graph, Node, shorten
from visualad.graph.placeholders import placeholder_reason
from visualad.ops.shapes import misfit

Array = Any  # a NumPy scalar or array of the graph's dtype
Point = Mapping[str, Any] | None  # values of leaves by name; None: those stored in the graph

SCALARS: Mapping[str, type[np.floating[Any]]] = {"float64": np.float64, "float32": np.float32}


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Every value that could be computed.

    Attributes:
        graph: what was evaluated.
        values: by node id, in topological order; scalars and arrays of the graph's dtype.
        failures: by node id, one sentence for each node without a value.
        errors: by node id, the error of the nodes that failed themselves (the others wait).
    """

    graph: Graph
    values: Mapping[str, Array]
    failures: Mapping[str, str]
    errors: Mapping[str, VisualADError]

    def by_name(self) -> dict[str, Array]:
        """The values by node name and alias."""
        return by_name(self.graph, self.values)


def evaluate(graph: Graph, at: Point = None) -> dict[str, Array]:
    """The value of every node by name, aliases included.

    Args:
        at: values of the inputs (and, if wished, of other leaves) by name, numbers or arrays;
            None for the values stored in the graph.

    Raises:
        VisualADError: when `at` does not fit the graph or a node cannot be computed.
    """
    structure, values = values_at(graph, at)
    return structure.named(values)


def evaluate_partly(graph: Graph, at: Point = None) -> Evaluation:
    """Like `evaluate`, but a node that fails stops only what is downstream of it.

    Raises:
        GraphError: when `at` does not fit the graph's inputs.
    """
    structure, values, errors = _compute_partly(graph, at)
    failures = _sentences(structure, values, errors)
    pairs = zip(structure.nodes, values, strict=True)
    return Evaluation(
        graph,
        {node.id: value for node, value in pairs if value is not None},
        {structure.nodes[i].id: text for i, text in failures.items()},
        {structure.nodes[i].id: error for i, error in errors.items()},
    )


def by_name(graph: Graph, values: Mapping[str, Array]) -> dict[str, Array]:
    """What is known by node id, by node name and alias."""
    named = {}
    for id_, value in values.items():
        node = graph.nodes_by_id[id_]
        named[node.name] = value
        for alias in node.aliases:
            named.setdefault(alias, value)
    return named


def values_at(graph: Graph, at: Point) -> tuple[Structure, list[Array]]:
    """The graph by numbers and the value of each node.

    Raises:
        VisualADError: for the first node that cannot be computed.
    """
    structure, values, errors = _compute_partly(graph, at)
    if errors:
        raise next(iter(errors.values()))
    return structure, values


def partial_values_at(
    graph: Graph, at: Point
) -> tuple[Structure, list[Array], dict[int, str], dict[int, VisualADError]]:
    """Like `values_at`: None for a node without a value, a sentence for each, and the errors."""
    structure, values, errors = _compute_partly(graph, at)
    return structure, values, _sentences(structure, values, errors), errors


def as_value(given: Any, dtype: str) -> Array:
    """A number or array as a value of the graph's dtype.

    Raises:
        TypeError, ValueError: for anything that is no real number or regular array of them.
    """
    kind = SCALARS[dtype]
    if type(given) is kind:
        return given
    if isinstance(given, int | float) and not isinstance(given, np.generic):
        return kind(given)
    array = np.asarray(given)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{array.dtype} is not numeric")
    if array.ndim == 0:
        return kind(array[()])
    return array if array.dtype == dtype else array.astype(dtype)


def _compute_partly(
    graph: Graph, at: Point
) -> tuple[Structure, list[Array], dict[int, VisualADError]]:
    structure = structure_of(graph)
    given = _given_values(graph, at)
    nodes, dtype = structure.nodes, structure.dtype
    quick = scalar_values(structure, lambda i: _leaf_value(nodes[i], given, dtype))
    if quick is not None:
        return structure, quick, {}
    values: list[Array] = [None] * len(structure)
    errors: dict[int, VisualADError] = {}
    kind = SCALARS[dtype]
    operations, sources, settings = structure.operations, structure.sources, structure.settings
    careful = not structure.is_connected
    positions = iter(range(len(values)))
    i = 0
    with np.errstate(all="ignore"):
        # One `try` around the loop, which goes on where it failed: one for each node would cost
        # more than the arithmetic of a scalar graph.
        while True:
            try:
                for i in positions:
                    operation = operations[i]
                    if operation is None:
                        values[i] = _leaf_value(nodes[i], given, dtype)
                        continue
                    if careful and _is_waiting(structure, i, values):
                        continue
                    result = operation.function(*[values[s] for s in sources[i]], **settings[i])
                    # The quick way is for numbers, where every operation of ours takes it.
                    is_plain = type(result) is kind
                    values[i] = result if is_plain else _checked(result, structure, i, values)
                return structure, values, errors
            except Exception as error:  # noqa: BLE001 - a plugin's function may raise anything
                errors[i] = _explained(error, structure, i, values)
                careful = True


def _is_waiting(structure: Structure, i: int, values: list[Array]) -> bool:
    """Whether an input of node i has no value because its source failed.

    Raises:
        GraphError: if an input is not connected at all.
    """
    for port, source in zip(structure.ports[i], structure.sources[i], strict=True):
        if source == UNCONNECTED:
            raise GraphError(f"Port {port} of {_title(structure, i)} is not connected.")
    return any(values[source] is None for source in structure.sources[i])


def _leaf_value(node: Node, given: Mapping[str, Array], dtype: str) -> Array:
    if node.id in given:
        return given[node.id]
    if not node.is_leaf:
        raise PluginError(placeholder_reason(node))
    stored = 0.0 if node.value is None else node.value
    try:
        return as_value(stored, dtype)
    except (TypeError, ValueError):
        raise GraphError(
            f"Node {node.name} holds {stored!r:.60}, where a number or an array of numbers "
            f"is expected."
        ) from None


def _given_values(graph: Graph, at: Point) -> dict[str, Array]:
    """The values in `at` by node id."""
    if at is None:
        return {}
    point: Any = at
    if not isinstance(point, Mapping):
        raise GraphError(
            f"The point must map input names to numbers or arrays, for example "
            f"{{'{(graph.inputs or ('x1',))[0]}': 1.5}}, not be of type {type(point).__name__}."
        )
    given = {}
    for name, value in point.items():
        node = graph[name] if isinstance(name, str) and name in graph else None
        if node is None:
            raise GraphError(f"There is no input '{name}'; {_inputs_of(graph)}.")
        if not node.is_leaf:
            raise GraphError(
                f"Node {node.name} is computed, so it cannot be given a value; {_inputs_of(graph)}."
            )
        try:
            given[node.id] = as_value(value, graph.dtype)
        except (TypeError, ValueError, OverflowError):
            raise GraphError(
                f"Input {node.name} must be a number or a regular array of numbers, "
                f"not {value!r:.60}.",
                node=node.name,
            ) from None
    # A data node keeps the data that is stored in it; a variable must be said.
    missing = [
        name
        for name in graph.inputs
        if graph.id_of(name) not in given
        and not (graph[name].op == DATA and isinstance(graph[name].value, np.ndarray))
    ]
    if missing:
        raise GraphError(f"A value for {shorten(missing)} is missing; {_inputs_of(graph)}.")
    return given


def _inputs_of(graph: Graph) -> str:
    if not graph.inputs:
        return "this graph has no inputs"
    if len(graph.inputs) == 1:
        return f"the only input is {graph.inputs[0]}"
    return f"the inputs are {shorten(graph.inputs)}"


def _checked(result: Any, structure: Structure, i: int, values: list[Array]) -> Array:
    """The result of an operation as a value of the graph's dtype.

    Raises:
        PluginError: if it is no real number or array of them.
    """
    operation = structure.operations[i]
    if operation is not None and operation.plugin and operation.elementwise:
        _require_shape(result, structure, i, values)
    if type(result) is np.ndarray and result.dtype == structure.dtype and result.ndim:
        return result
    try:
        return as_value(result, structure.dtype)
    except (TypeError, ValueError):
        raise PluginError(
            f"{_title(structure, i, capital=True)} gave {_kind_of(result)}; an operation "
            f"must return a real number or an array of real numbers."
        ) from None


def _require_shape(result: Any, structure: Structure, i: int, values: list[Array]) -> None:
    """Refuse what is not of the shape to which the inputs broadcast.

    Raises:
        PluginError: if a plugin's elementwise function gave another.
    """
    expected = np.broadcast_shapes(*(np.shape(values[s]) for s in structure.sources[i]))
    if isinstance(result, np.ndarray | np.generic) and result.shape != expected:
        raise PluginError(
            f"{_title(structure, i, capital=True)} gave the shape {result.shape} where {expected} "
            f"is expected; correct its plugin."
        )


def _kind_of(result: Any) -> str:
    if isinstance(result, np.ndarray | np.generic):
        return f"values of type {result.dtype}"
    return f"a value of type {type(result).__name__}"


def _title(structure: Structure, i: int, *, capital: bool = False) -> str:
    return f"{'Node' if capital else 'node'} {structure.name(i)} ({structure.nodes[i].op})"


def _explained(
    error: Exception, structure: Structure, i: int, values: list[Array]
) -> VisualADError:
    """What went wrong in node i as an error with one sentence."""
    name = structure.name(i)
    if isinstance(error, VisualADError):
        if error.node is None:
            error.node = name
        return error
    inputs = [values[s] for s in structure.sources[i]]
    reason = (str(error).strip().splitlines() or [""])[0].rstrip(".")
    if isinstance(error, ValueError | IndexError) and any(np.ndim(x) for x in inputs):
        ports, given = structure.ports[i], [np.shape(x) for x in inputs]
        reason = misfit(ports, given, structure.nodes[i].op) or reason
        pairs = zip(ports, inputs, strict=True)
        shapes = ", ".join(f"{port}: {np.shape(x)}" for port, x in pairs)
        return ShapeError(
            f"{_title(structure, i, capital=True)} cannot work with the shapes {shapes} "
            f"({reason}).",
            node=name,
        )
    what = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
    return PluginError(f"{_title(structure, i, capital=True)} failed with {what}.", node=name)


def _sentences(
    structure: Structure, values: list[Array], errors: Mapping[int, VisualADError]
) -> dict[int, str]:
    """One sentence for each node without a value, in topological order."""
    if not errors:
        return {}
    said: dict[int, str] = {}
    for i, value in enumerate(values):
        if i in errors:
            said[i] = errors[i].message
        elif value is None:
            waiting = (s for s in structure.sources[i] if s >= 0 and values[s] is None)
            said[i] = f"waits for {structure.name(next(waiting))}"
    return said
