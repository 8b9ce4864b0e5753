"""Graphs whose nodes are all single numbers: the same results, many times as fast.

A hundred thousand NumPy scalars, each with its own call, take longer than their arithmetic. Values
are therefore computed with Python's numbers where those do exactly what NumPy's do, the partials of
all nodes of a type at once, and derivatives run over one flat list of edges. Whatever does not fit
(arrays, float32, a rule that fails) is left to the general way by answering None.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np

from visualad.engine.structure import Structure
from visualad.ops.declaration import Operation

Array = Any
# Nodes, their functions, their first and their second sources.
Rows = tuple[list[int], list[Callable[..., Any]], list[int], list[int]]
Partials = tuple[Array, ...] | None

UNARY, GENERAL = -1, -2  # in the place of the second source of a row
_PLAIN = (bool, int, float, str, type(None))
FEW = 8  # nodes of a type for which arrays do not pay


def _divide(x: float, y: float) -> float:
    return x / y if y else float(np.divide(x, y))


# Rounded as NumPy rounds and silent where NumPy is silent.
_EXACT: Mapping[Any, Callable[..., Any]] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: _divide,
    np.negative: operator.neg,
    np.absolute: operator.abs,
}


def is_scalar(structure: Structure) -> bool:
    """Whether every node can be one number, and derivatives are plain products of partials."""
    known: bool | None = structure.__dict__.get("_is_scalar")
    if known is None:
        operations = set(structure.operations) - {None}
        known = structure.is_connected and all(
            found is not None and found.elementwise and not found.selects for found in operations
        )
        structure.__dict__["_is_scalar"] = known
    return known


def scalar_values(structure: Structure, leaf: Callable[[int], Array]) -> list[Array] | None:
    """The value of every node, given that of each leaf; None when something does not fit."""
    if structure.dtype != "float64" or not is_scalar(structure):
        return None
    numbers: list[Any] = [0.0] * len(structure)
    kind, settings = np.float64, structure.settings
    try:
        for i in _leaves(structure):
            given = leaf(i)
            if type(given) is not kind:
                return None
            numbers[i] = float(given)
        with np.errstate(all="ignore"):
            for i, function, first, second in zip(*_rows(structure), strict=True):
                if second >= 0:
                    numbers[i] = function(numbers[first], numbers[second])
                elif second == UNARY:
                    numbers[i] = float(function(numbers[first]))
                else:
                    inputs = [kind(numbers[source]) for source in structure.sources[i]]
                    result = function(*inputs, **settings[i])
                    if type(result) is not kind:
                        return None
                    numbers[i] = float(result)
    except Exception:  # noqa: BLE001 - a plugin's function; the general way says what went wrong
        return None
    return list(np.array(numbers))


def _leaves(structure: Structure) -> Sequence[int]:
    known: list[int] | None = structure.__dict__.get("_leaves")
    if known is None:
        known = [i for i, found in enumerate(structure.operations) if found is None]
        structure.__dict__["_leaves"] = known
    return known


def _rows(structure: Structure) -> Rows:
    """What is to be done for each node that is computed, in order."""
    known: Rows | None = structure.__dict__.get("_rows")
    if known is None:
        known = [], [], [], []
        structure.__dict__["_rows"] = known
        nodes, functions, firsts, seconds = known
        kinds = {found: _kind(found) for found in set(structure.operations) if found is not None}
        pairs = zip(structure.operations, structure.sources, strict=True)
        for i, (found, sources) in enumerate(pairs):
            if found is not None:
                function, ports = kinds[found]
                nodes.append(i)
                functions.append(function)
                firsts.append(sources[0] if ports else 0)
                seconds.append(sources[1] if ports == 2 else UNARY if ports else GENERAL)
    return known


def _kind(found: Operation) -> tuple[Callable[..., Any], int]:
    """The function that computes a node of this type, and from how many plain numbers; 0: any."""
    ufunc = found.ufunc
    if ufunc is None or found.settings or found.plugin or ufunc.nin not in (1, 2):
        return found.function, 0
    if ufunc.nin == 2 and ufunc not in _EXACT:
        return (lambda x, y: float(ufunc(x, y))), 2
    return _EXACT.get(ufunc, ufunc), ufunc.nin


class FlatPartials(Sequence[Partials]):
    """For each node a partial per port, or None; kept as one array over the edges.

    Attributes:
        numbers: of all edges, ordered by target and port; meaningless where a node has none.
    """

    def __init__(self, structure: Structure, numbers: Array) -> None:
        self.numbers = numbers
        self._structure = structure
        self._begins = _begins(structure)

    def __len__(self) -> int:
        return len(self._structure)

    def __reduce__(self) -> tuple[Any, ...]:
        return FlatPartials, (self._structure, self.numbers)

    @overload
    def __getitem__(self, index: int) -> Partials: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Partials]: ...
    def __getitem__(self, index: int | slice) -> Partials | Sequence[Partials]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        structure = self._structure
        if structure.operations[index] is None or not structure.active[index]:
            return None
        begin = self._begins[index]
        return tuple(self.numbers[begin : begin + len(structure.sources[index])])

    def __iter__(self) -> Iterator[Partials]:
        return (self[i] for i in range(len(self)))

    def edges(self, *, backwards: bool = False) -> Iterator[tuple[int, int, float]]:
        """Target, source and partial of every edge that derivatives travel on, in order.

        Backwards the last target comes first; its ports stay in order, as the sums are made.
        """
        order, targets, sources = _travelled(self._structure, backwards)
        return zip(targets, sources, self.numbers[order].tolist(), strict=True)


def _begins(structure: Structure) -> list[int]:
    """For each node the place of its first edge among all edges."""
    known: list[int] | None = structure.__dict__.get("_begins")
    if known is None:
        lengths = np.fromiter(map(len, structure.sources), np.int64, len(structure))
        known = structure.__dict__["_begins"] = (np.cumsum(lengths) - lengths).tolist()
    return known


def _travelled(structure: Structure, backwards: bool) -> tuple[Array, list[int], list[int]]:
    """Places, targets and sources of the edges that leave a node which depends on an input."""
    key = "_travelled_backwards" if backwards else "_travelled"
    known: tuple[Array, list[int], list[int]] | None = structure.__dict__.get(key)
    if known is None:
        targets, sources = structure.edges
        order = np.flatnonzero(np.array(structure.active, dtype=bool)[sources])
        if backwards:
            order = order[np.argsort(-targets[order], kind="stable")]
        known = order, targets[order].tolist(), sources[order].tolist()
        structure.__dict__[key] = known
    return known


def scalar_partials(structure: Structure, values: Sequence[Array]) -> FlatPartials | None:
    """The partial on every edge, of all nodes of a type at once; None when something fails."""
    kind = np.float64 if structure.dtype == "float64" else np.float32
    if not is_scalar(structure) or set(map(type, values)) - {kind}:
        return None
    point = np.array(values, dtype=kind)
    numbers = np.zeros(len(structure.edges[0]), dtype=kind)
    try:
        with np.errstate(all="ignore"):
            for operation, settings, nodes, edges in _groups(structure):
                rule = operation.rule_partials
                assert rule is not None
                inputs = point[structure.edges[1][edges]]
                if len(nodes) < FEW:
                    for k, i in enumerate(nodes):
                        found = rule(*inputs[:, k], point[i], **settings)
                        numbers[edges[:, k]] = _row(found, len(edges), ())
                else:
                    found = rule(*inputs, point[nodes], **settings)
                    for port, part in enumerate(_row(found, len(edges), (len(nodes),))):
                        numbers[edges[port]] = part
    except Exception:  # noqa: BLE001 - a plugin's rule; the general way says what went wrong
        return None
    return FlatPartials(structure, numbers)


def _row(found: Any, ports: int, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """What a rule gives as a partial for each port.

    Raises:
        ValueError: if it is not as many as there are ports, or of another shape.
    """
    row = found if type(found) is tuple else (found,)
    if len(row) != ports or any(np.shape(part) not in ((), shape) for part in row):
        raise ValueError("partials do not fit")
    return row


def _groups(structure: Structure) -> Sequence[tuple[Operation, Mapping[str, Any], Any, Any]]:
    """The nodes that have partials, by type and settings: their places, and those of their edges.

    The places of the edges are (ports, nodes).
    """
    known: list[tuple[Operation, Mapping[str, Any], Any, Any]] | None
    known = structure.__dict__.get("_groups")
    if known is None:
        found: dict[Any, list[int]] = {}
        for i, operation in enumerate(structure.operations):
            if operation is not None and structure.active[i]:
                simple = not operation.settings and not operation.variadic
                key = operation if simple else _group_key(structure, operation, i)
                found.setdefault(key, []).append(i)
        known = []
        begins = np.array(_begins(structure))
        for nodes in found.values():
            first = nodes[0]
            ports = len(structure.sources[first])
            operation = structure.operations[first]
            assert operation is not None
            places = np.array(nodes)
            edges = begins[places] + np.arange(ports)[:, None]
            known.append((operation, structure.settings[first], places, edges))
        structure.__dict__["_groups"] = known
    return known


def _group_key(structure: Structure, operation: Operation, i: int) -> Any:
    settings = structure.settings[i]
    if all(type(value) in _PLAIN for value in settings.values()):
        return operation, len(structure.sources[i]), repr(sorted(settings.items()))
    return i  # settings that cannot be compared: a group for each node


def scalar_tangents(partials: FlatPartials, seeds: Mapping[int, Array], reached: Any) -> list[Any]:
    """The tangent of every node of a graph of float64 scalars; see `tangents_of`."""
    tangents = [0.0] * len(partials)
    for i, seed in seeds.items():
        tangents[i] = float(seed)
    for target, source, partial in partials.edges():
        if reached[source]:
            tangents[target] += tangents[source] * partial
    return list(np.array(tangents))


def scalar_adjoints(
    partials: FlatPartials, seeds: Mapping[int, Array], reaching: Any, active: Sequence[bool]
) -> list[Any]:
    """The adjoint of every node of a graph of float64 scalars; see `adjoints_of`."""
    adjoints = [0.0] * len(partials)
    for i, seed in seeds.items():
        adjoints[i] = float(seed)
    for target, source, partial in partials.edges(backwards=True):
        if reaching[target]:
            adjoints[source] += adjoints[target] * partial
    known = list(np.array(adjoints))
    if not all(active):
        for i, depends in enumerate(active):
            if not depends and i not in seeds:
                known[i] = None
    return known


def packed(numbers: Sequence[Array]) -> Array:
    """The same numbers in one array where they are single numbers of one kind, to be sent.

    A hundred thousand NumPy scalars take a hundred times as long to send as an array of them.
    """
    kinds = set(map(type, numbers))
    if kinds in ({np.float64}, {np.float32}):
        return np.array(numbers)
    return numbers


def unpacked(numbers: Array) -> Sequence[Array]:
    """What `packed` was given."""
    return list(numbers) if isinstance(numbers, np.ndarray) else numbers
