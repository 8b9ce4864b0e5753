"""From a graph to a plan: run every operation and rule once, recorded, and lay out the memory."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from visualad.engine.faithful import is_faithful
from visualad.engine.layout import lay_out
from visualad.engine.operands import NotRecordable
from visualad.engine.plan import PARTIALS, VALUE, VJP, OpaqueCall, Plan, tangent_of
from visualad.engine.recording import Recorded, Recorder, plain
from visualad.engine.structure import Structure, structure_of
from visualad.engine.tangents import push_tangents
from visualad.engine.templates import Key, again, key_of, remember
from visualad.errors import GraphError, PluginError, ShapeError, VisualADError
from visualad.graph.model import CONSTANT, PARAMETER, Graph
from visualad.graph.placeholders import placeholder_reason
from visualad.ops.broadcasting import unbroadcast
from visualad.ops.shapes import misfit

Array = Any

# What was found out about an operation's code: whether its instructions depend on the numbers.
_faithful: dict[tuple[object, ...], bool] = {}


def compile_plan(
    graph: Graph,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    *,
    outputs: Sequence[str] | None = None,
    loss: str | None = None,
    wrt: Sequence[str] | None = None,
    along: Sequence[str] = (),
) -> Plan:
    """Lower a graph, and the gradient of one scalar, to instructions.

    A plan with directions has an input more for each of them, and tangents among its values and
    outputs, all named by `tangent_of`: every run then gives J v beside the values, forward mode by
    instructions like all others.

    Args:
        shapes: of inputs by name, where they differ from those of the stored values.
        outputs: names of the nodes whose values are wanted; the graph's outputs by default.
        loss: name of the scalar node to differentiate; None for values only.
        wrt: names of the leaves to differentiate by; the parameters by default.
        along: names of the leaves that have a direction.

    Raises:
        VisualADError: if a name is unknown, the loss is no scalar or a node cannot be computed
            with these shapes.
    """
    with np.errstate(all="ignore"), _no_collection():
        return _compiled(
            graph,
            dict(shapes or {}),
            list(graph.outputs if outputs is None else outputs),
            loss,
            list(graph.parameters if wrt is None else wrt),
            along,
        )


def _compiled(
    graph: Graph,
    shapes: Mapping[str, tuple[int, ...]],
    names: Sequence[str],
    loss: str | None,
    wanted: Sequence[str],
    along: Sequence[str],
) -> Plan:
    structure = structure_of(graph)
    goals = [structure.index[graph.id_of(name)] for name in names]
    leaves = [structure.index[graph.id_of(name)] for name in wanted]
    moved = [structure.index[graph.id_of(name)] for name in along]
    for i in (*leaves, *moved):
        if structure.nodes[i].op == CONSTANT or not structure.nodes[i].is_leaf:
            raise GraphError(f"Node {structure.name(i)} is no input or parameter to derive by.")
    building = Building(graph, structure, shapes, set(leaves))
    needed = list(goals)
    goal = None if loss is None else structure.index[graph.id_of(loss)]
    if goal is not None:
        needed.append(goal)
    building.forward(structure.reaching(tuple(needed)))
    values_end = len(building.recorder.rows)
    tangents = push_tangents(building, moved) if moved else {}
    split = len(building.recorder.rows)
    gradients = [] if goal is None else building.backward(goal, leaves)
    values = building.values
    named = {
        node.name: value
        for node, value in zip(structure.nodes, values, strict=True)
        if value is not None
    }
    dots = {tangent_of(structure.name(i)): dot for i, dot in tangents.items()}
    directions = {tangent_of(name): tangents[i] for name, i in zip(along, moved, strict=True)}
    outputs_of = {name: values[i] for name, i in zip(names, goals, strict=True)}
    if moved:
        outputs_of |= {
            tangent_of(name): tangents.get(i, np.zeros_like(plain(values[i])))
            for name, i in zip(names, goals, strict=True)
        }
    plan = lay_out(
        recorder=building.recorder,
        values_end=values_end,
        split=split,
        parameters={name: values[structure.index[graph.id_of(name)]] for name in graph.parameters},
        inputs={name: values[structure.index[graph.id_of(name)]] for name in graph.inputs}
        | directions,
        outputs=outputs_of,
        values=named | dots,
        gradients=dict(zip(wanted, gradients, strict=True)) if goal is not None else {},
        loss=None if goal is None else (structure.name(goal), values[goal]),
        initial={
            structure.name(i): plain(values[i])
            for i, node in enumerate(structure.nodes)
            if node.is_leaf and node.op != CONSTANT
        }
        | {name: np.zeros_like(plain(dot)) for name, dot in directions.items()},
        dtype=graph.dtype,
    )
    building.recorder.forget()
    return plan


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector away: large plans make many objects, none of them garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Building:
    """A plan in the making."""

    def __init__(
        self,
        graph: Graph,
        structure: Structure,
        shapes: Mapping[str, tuple[int, ...]],
        leaves: set[int],
    ) -> None:
        self.structure = structure
        self.recorder = Recorder(graph.dtype)
        self.values: list[Array] = [None] * len(structure)
        self.live: list[Array] = []
        self.shapes = {structure.index[graph.id_of(name)]: shape for name, shape in shapes.items()}
        # What derivatives pass through: the leaves to derive by and all that depends on them.
        self.depends = structure.reached_from(tuple(leaves))

    def forward(self, needed: Sequence[bool]) -> None:
        """Record the values of all nodes that are needed; leaves get a buffer in any case."""
        for i, node in enumerate(self.structure.nodes):
            if node.is_leaf:
                self.values[i] = self._leaf(i)
            elif needed[i]:
                self.values[i] = self._value(i)

    def backward(self, goal: int, leaves: Sequence[int]) -> list[Array]:
        """Record the adjoints; returns those of the leaves (0 where the goal does not depend)."""
        structure = self.structure
        if np.size(self.values[goal]) != 1:
            raise ShapeError(
                f"The loss must be a scalar, but {structure.name(goal)} has the shape "
                f"{np.shape(self.values[goal])}; reduce it with sum or mean.",
                node=structure.name(goal),
            )
        reaching = structure.reaching((goal,))
        self.live = self._live_elements(goal, reaching) if structure.has_choices else []
        adjoints: list[Array] = [None] * len(structure)
        adjoints[goal] = np.ones(np.shape(self.values[goal]), dtype=structure.dtype)[()]
        for i in range(goal, -1, -1):
            if adjoints[i] is None or not structure.sources[i] or not self.depends[i]:
                continue
            wanted = tuple(
                port for port, source in enumerate(structure.sources[i]) if self.depends[source]
            )
            for port, part in zip(wanted, self._pulled(i, adjoints[i], wanted), strict=True):
                source = structure.sources[i][port]
                wide = _shape(self.values[source])
                shaped = part if _shape(part) == wide else unbroadcast(part, wide)
                known = adjoints[source]
                adjoints[source] = (
                    shaped if known is None else self._combined(np.add, known, shaped)
                )
        return [
            np.zeros(np.shape(self.values[i]), dtype=structure.dtype)
            if adjoints[i] is None
            else adjoints[i]
            for i in leaves
        ]

    def _leaf(self, i: int) -> Array:
        node = self.structure.nodes[i]
        stored = np.asarray(0.0 if node.value is None else node.value, dtype=self.structure.dtype)
        shape = self.shapes.get(i, stored.shape)
        if stored.shape != tuple(shape):
            stored = np.zeros(shape, dtype=self.structure.dtype)
        if node.op == CONSTANT:
            return stored[()]
        if node.op == PARAMETER and i in self.shapes and shape != np.shape(node.value):
            raise ShapeError(
                f"Parameter {node.name} has the shape {np.shape(node.value)}, not {shape}."
            )
        return self.recorder.buffer(stored)

    def _value(self, i: int) -> Array:
        structure = self.structure
        operation, node = structure.operations[i], structure.nodes[i]
        if operation is None:
            raise PluginError(placeholder_reason(node), node=node.name)
        if -1 in structure.sources[i]:
            port = structure.ports[i][structure.sources[i].index(-1)]
            raise GraphError(
                f"Port {port} of node {node.name} ({node.op}) is not connected.", node=node.name
            )
        inputs = [self.values[source] for source in structure.sources[i]]
        key = key_of(operation, VALUE, (), node.settings, self.recorder, inputs)
        found = again(key, self.recorder, inputs)
        if found is not None:
            return found[0]
        settings = structure.settings[i]

        def function(*values: Array) -> tuple[Array, ...]:
            return (operation.function(*values, **settings),)

        opaque = OpaqueCall(operation, VALUE, node.settings)
        try:
            (value,) = self.record(function, inputs, opaque, key)
        except VisualADError:
            raise
        except Exception as error:  # a plugin's function may raise anything
            given = [np.shape(x) for x in inputs]
            shapes = ", ".join(map(str, given))
            reason = misfit(structure.ports[i], given, node.op) or error
            raise ShapeError(
                f"Node {node.name} ({node.op}) cannot work with the shapes {shapes} ({reason}).",
                node=node.name,
            ) from error
        return value

    def _pulled(self, i: int, adjoint: Array, wanted: tuple[int, ...]) -> Sequence[Array]:
        """What the adjoint of node i sends to each wanted port, not yet unbroadcast."""
        structure = self.structure
        operation, node = structure.operations[i], structure.nodes[i]
        assert operation is not None
        inputs = [self.values[source] for source in structure.sources[i]]
        out = self.values[i]
        if operation.elementwise:
            return [self._times(i, adjoint, partial) for partial in self.partials(i, wanted)]
        if not operation.differentiable:
            raise PluginError(
                f"Node {node.name} ({node.op}) declares no derivative.", node=node.name
            )

        given = [adjoint, *inputs, out]
        key = key_of(operation, VJP, wanted, node.settings, self.recorder, given)
        found = again(key, self.recorder, given)
        if found is not None:
            return found

        def pull(*values: Array) -> tuple[Array, ...]:
            pulled = operation.pull_back(values[0], values[1:-1], values[-1], node.settings)
            return tuple(0.0 if pulled[port] is None else pulled[port] for port in wanted)

        opaque = OpaqueCall(operation, VJP, node.settings, wanted)
        return self.record(pull, given, opaque, key)

    def partials(self, i: int, wanted: tuple[int, ...]) -> Sequence[Array]:
        """The local partials at these ports of an elementwise node."""
        structure = self.structure
        operation, node = structure.operations[i], structure.nodes[i]
        assert operation is not None
        inputs = [*[self.values[source] for source in structure.sources[i]], self.values[i]]
        key = key_of(operation, PARTIALS, wanted, node.settings, self.recorder, inputs)
        found = again(key, self.recorder, inputs)
        if found is not None:
            return found

        def partials(*values: Array) -> tuple[Array, ...]:
            found = operation.local_partials(values[:-1], values[-1], node.settings)
            return tuple(found[port] for port in wanted)

        opaque = OpaqueCall(operation, PARTIALS, node.settings, wanted)
        return self.record(partials, inputs, opaque, key)

    def _times(self, i: int, adjoint: Array, partial: Array) -> Array:
        """Adjoint times local partial, in the shape of the node's value."""
        live = self.live[i] if self.live else True
        if live is not True:
            partial = np.where(live, partial, 0.0)
        is_seed = not isinstance(adjoint, Recorded) and _shape(adjoint) == _shape(partial)
        if is_seed and bool(np.all(adjoint == 1)):
            return partial
        operation = self.structure.operations[i]
        if operation is not None and operation.selects:
            return np.where(partial == 0, 0.0, adjoint * partial)
        if isinstance(partial, int | float | np.generic):
            if partial == 1:
                return adjoint
            if partial == -1:
                return np.negative(adjoint)
        return self._combined(np.multiply, adjoint, partial)

    def _combined(self, ufunc: np.ufunc, x: Array, y: Array) -> Array:
        """The sum or product of two adjoints."""
        if isinstance(x, Recorded) and isinstance(y, Recorded) and x.shape == y.shape:
            # NumPy would take as long again.
            recorder = self.recorder
            made = ufunc(recorder.plain(x), recorder.plain(y)) if x.shape else np.zeros(())
            return recorder.add("ufunc", ufunc, (x, y), made)
        return ufunc(x, y)

    def record(
        self,
        function: Callable[..., tuple[Array, ...]],
        inputs: Sequence[Array],
        opaque: OpaqueCall,
        template: Key | None = None,
    ) -> Sequence[Array]:
        """The results of some code, recorded if that can be done faithfully, else called.

        Args:
            template: under what to remember the instructions.
        """
        recorder = self.recorder
        if not any(isinstance(x, Recorded) for x in inputs):
            return function(*inputs)
        settings = repr(sorted(opaque.settings.items())) if opaque.settings else ""
        axes = [len(_shape(x)) for x in inputs]
        key = (opaque.operation, opaque.kind, opaque.wanted, settings, *axes)
        mark = recorder.mark()
        if _faithful.get(key, True):
            try:
                results = function(*inputs)
                for result in results:
                    recorder.source(result)
                if key not in _faithful:
                    _faithful[key] = is_faithful(function, inputs, str(recorder.dtype))
                if _faithful[key]:
                    if template is not None:
                        remember(template, function, recorder, inputs, mark, results)
                    return results
            except NotRecordable:
                _faithful[key] = False
            recorder.rewind(mark)
        numbers = [plain(x) for x in inputs]
        return recorder.call(opaque, inputs, [np.asarray(x) for x in opaque(*numbers)])

    def _live_elements(self, goal: int, reaching: Sequence[bool]) -> list[Array]:
        """Which elements reach the goal other than through a branch not taken; see `local`.

        True for all of a node's elements, else recorded truth values.
        """
        structure = self.structure
        live: list[Array] = [None] * len(structure)
        live[goal] = True
        for i in range(goal, -1, -1):
            operation = structure.operations[i]
            if operation is None or not reaching[i] or live[i] is None:
                continue
            ports, sources = structure.ports[i], structure.sources[i]
            branches = [port for port in ports if port != operation.selects]
            for port, source in zip(ports, sources, strict=True):
                passing = live[i]
                if operation.selects:
                    if port == operation.selects:
                        continue
                    decided = self.values[sources[ports.index(operation.selects)]]
                    choice = np.not_equal(decided, 0.0)
                    taken = choice if port == branches[0] else np.logical_not(choice)
                    passing = taken if passing is True else np.logical_and(passing, taken)
                elif not operation.elementwise and passing is not True:
                    passing = np.logical_or.reduce(passing, axis=None)
                if passing is not True:
                    passing = _any_to(passing, self.values[i], self.values[source])
                known = live[source]
                if known is None or passing is True:
                    live[source] = passing if known is None else True
                elif known is not True:
                    live[source] = np.logical_or(known, passing)
        return [True if mask is None else mask for mask in live]


def _shape(x: Array) -> tuple[int, ...]:
    # A quarter of what `np.shape` takes on a recorded array, which hears of the call.
    found: tuple[int, ...] = getattr(x, "shape", ())
    return found


def _any_to(mask: Array, out: Array, source: Array) -> Array:
    """A mask over a node's elements seen from the elements of its source."""
    wanted = np.shape(source)
    if np.shape(mask) == wanted:
        return mask
    ones = np.ones(np.shape(out))
    return unbroadcast(np.where(mask, ones, 0.0), wanted) > 0
