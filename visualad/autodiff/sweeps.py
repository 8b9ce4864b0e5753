"""Sweeps: a derivative as a list of steps, in forward, backward or cross mode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from visualad.autodiff.backward import adjoints_of
from visualad.autodiff.backward_steps import BackwardSteps
from visualad.autodiff.cross import CrossSteps, accumulate, nodes_by_name
from visualad.autodiff.evaluate import Array, Point, partial_values_at
from visualad.autodiff.forward import tangents_of
from visualad.autodiff.forward_steps import ForwardSteps
from visualad.autodiff.lazy import LateMapping, LazyMapping, LazySequence
from visualad.autodiff.local import Locals, local_derivatives
from visualad.autodiff.moves import Move
from visualad.autodiff.notation import Notation, combination_name, goal_name, kept
from visualad.autodiff.seeds import direction, shaped, weights
from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, MODES, Cost, Formula, Step, Sweep
from visualad.autodiff.work import PER_EDGE, spent, step_work
from visualad.engine.structure import Structure
from visualad.errors import GraphError, VisualADError
from visualad.graph.model import Graph
from visualad.ops.writing import derivative_name, name_pretty, number_pretty, pretty

EdgeKey = tuple[str, str, str]
Seed = str | Mapping[str, Any] | None


def sweep(
    graph: Graph,
    at: Point = None,
    mode: str = BACKWARD,
    seed: Seed = None,
    order: str | Iterable[Move] = "backward",
    *,
    complete: bool = True,
) -> Sweep:
    """A derivative as a list of steps.

    The numbers are all computed; the texts of a step are made when it is looked at.

    Args:
        at: values of the inputs by name; None for those stored in the graph.
        mode: "forward", "backward" or "cross".
        seed: forward: the name of an input, a direction by name, or "all" for every input at
            once, each step then having one result per input; backward: the name of an output or
            weights by name. None: the first input, the first output.
        order: elimination order in cross mode: "forward", "backward", "markowitz", "best" or
            vertex names, among which edges may stand as `EdgeMove`s.
        complete: False when an order of names may leave out vertices: those stay, and there is
            no Jacobian yet.

    Nodes that fail are left out, with a sentence in `failures`; so is what waits for them.

    Raises:
        VisualADError: when `at`, the seed or the order does not fit, or what is to be
            differentiated could not be computed.
    """
    if mode not in MODES:
        raise GraphError(f"There is no mode '{mode}'; use forward, backward or cross.")
    structure, values, failed, errors = partial_values_at(graph, at)
    if mode == FORWARD:
        return _forward(graph, structure, values, failed, seed)
    if not structure.outputs:
        raise GraphError("The graph has no output to differentiate; add a node that computes one.")
    if mode == BACKWARD:
        return _backward(graph, structure, values, (failed, errors), seed)
    if errors:
        raise next(iter(errors.values()))
    return _cross(graph, structure, values, order, complete)


def _forward(
    graph: Graph, structure: Structure, values: list[Array], failed: Mapping[int, str], seed: Seed
) -> Sweep:
    if not structure.independents:
        raise GraphError("The graph has no input to differentiate by; add a variable.")
    local = local_derivatives(structure, values)
    if seed == "all" and "all" not in graph:
        directions = [{i: 1.0} for i in structure.independents]
    else:
        given = {structure.name(structure.independents[0]): 1.0} if seed is None else seed
        named = {given: 1.0} if isinstance(given, str) else given
        directions = [direction(graph, structure, named)]
    found = []
    for seeds in directions:
        shaped_seeds = shaped(local, seeds, "tangent")
        found.append(
            (
                ", ".join(structure.name(i) for i in seeds),
                tangents_of(local, shaped_seeds),
                structure.reached_from(tuple(seeds)),
            )
        )
    nodes = [i for i in range(len(structure)) if structure.active[i] and values[i] is not None]
    seeded = [i for seeds in directions for i in seeds]
    notation = Notation(structure)
    steps = ForwardSteps(local, notation, found, seeded, nodes)
    said = (
        ", ".join(
            f"{pretty(notation.tangent(i))} = {_short(value)}" for i, value in directions[0].items()
        )
        if len(directions) == 1
        else "each input in turn"
    )
    work = step_work(structure, local.shapes, nodes, backward=False)
    so_far = spent(work, nodes, times=len(directions))
    return _make(graph, local, FORWARD, said, LazySequence(len(nodes), steps.make), so_far, failed,
                 tangents=LateMapping(steps.named, len(structure)))  # fmt: skip


def _backward(
    graph: Graph,
    structure: Structure,
    values: list[Array],
    failing: tuple[Mapping[int, str], Mapping[int, VisualADError]],
    seed: Seed,
) -> Sweep:
    failed, errors = failing
    first = next((i for i in structure.outputs if values[i] is not None), structure.outputs[0])
    given = structure.name(first) if seed is None else seed
    named = {given: 1.0} if isinstance(given, str) else given
    seeds = weights(graph, structure, named)
    for i in seeds:
        if values[i] is None:
            raise _cause(structure, errors, i)
    local = local_derivatives(structure, values, tuple(seeds))
    shaped_seeds = shaped(local, seeds, "adjoint")
    adjoints = adjoints_of(local, shaped_seeds)
    nodes = [
        i
        for i in range(len(structure) - 1, -1, -1)
        if values[i] is not None and (structure.active[i] or i in seeds)
    ]
    goal, said = _goal(graph, structure, values, seeds)
    steps = BackwardSteps(
        local=local,
        notation=Notation(structure, goal),
        adjoints=[shaped_seeds.get(i) if a is None else a for i, a in enumerate(adjoints)],
        seeds=shaped_seeds,
        reaching=structure.reaching(tuple(seeds)),
        nodes=nodes,
        goal=goal,
    )
    work = step_work(structure, local.shapes, nodes, backward=True, seeds=seeds)
    so_far = spent(work, nodes)
    return _make(graph, local, BACKWARD, said, LazySequence(len(nodes), steps.make), so_far, failed,
                 adjoints=LateMapping(steps.named, len(structure)))  # fmt: skip


def _cross(
    graph: Graph,
    structure: Structure,
    values: list[Array],
    order: str | Iterable[Move],
    complete: bool,
) -> Sweep:
    local = local_derivatives(structure, values)
    done = accumulate(local, order, complete=complete)
    left = done.left
    notation = Notation(structure, goal_name(graph, structure.nodes[structure.outputs[0]]))
    steps = CrossSteps(done, notation, nodes_by_name(structure))
    jacobian = {
        (structure.name(goal), structure.name(i)): done.block(goal, i).reshape(
            np.shape(values[goal]) + np.shape(values[i])
        )[()]
        for goal in structure.outputs
        for i in structure.independents
        if not left
    }
    so_far = np.cumsum(done.costs, axis=0) if done.costs else np.zeros((0, 2), dtype=np.int64)
    return _make(graph, local, CROSS, "", LazySequence(len(done.order), steps.make), so_far, {},
                 cost=done.cost, jacobian=jacobian, order=done.order, left=left)  # fmt: skip


def edge_formulas(structure: Structure) -> Mapping[EdgeKey, Formula]:
    """The local partial on every edge as a formula, made when it is looked at."""
    texts = _EdgeTexts(structure)
    return LazyMapping(texts.keys, texts.make)


def late_edge_partials(local: Locals) -> Mapping[EdgeKey, Array]:
    """The same as `edge_partials`, made when it is looked at."""
    return LateMapping(_EdgePartials(local).find, len(local.structure.edges[0]))


def edge_partials(local: Locals) -> Mapping[EdgeKey, Array]:
    """The local partial on every edge that has one, by (source id, target id, port name).

    From a node that depends on no input nothing travels, so its edges have none: log x on the edge
    of the 2 in x² would be nan for x < 0 and would never be used. Array operations show their
    Jacobian block while it is small.
    """
    structure = local.structure
    found: dict[EdgeKey, Array] = {}
    for target in range(len(structure)):
        row = local.partials[target]
        operation = structure.operations[target]
        if row is not None:
            for port, partial in enumerate(row):
                if structure.active[structure.sources[target][port]]:
                    found[structure.edge(target, port)] = partial
        elif (
            operation is not None
            and not operation.elementwise
            and target not in local.failures
            and structure.active[target]
            and local.values[target] is not None
        ):
            for port, source in enumerate(structure.sources[target]):
                block = local.shown(target, port) if structure.active[source] else None
                if block is not None:
                    found[structure.edge(target, port)] = block
    return found


class _EdgePartials:
    """Finds the partials of edges later."""

    def __init__(self, local: Locals) -> None:
        self.local = local

    def find(self) -> dict[EdgeKey, Array]:
        """All of them."""
        return dict(edge_partials(self.local))


class _EdgeTexts:
    """Makes the formulas of edges."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.notation = Notation(structure)

    def keys(self) -> list[EdgeKey]:
        """All edges that are connected and come from what depends on an input."""
        structure = self.structure
        return [
            structure.edge(target, port)
            for target, sources in enumerate(structure.sources)
            for port, source in enumerate(sources)
            if source >= 0 and structure.active[source] and structure.operations[target] is not None
        ]

    def make(self, key: EdgeKey) -> Formula:
        """The formula on one edge."""
        target = self.structure.index[key[1]]
        port = self.structure.ports[target].index(key[2])
        known = self.notation.key(target)
        return kept(known and ("edge", known, port), lambda: self.notation.edge(target, port))


def _make(
    graph: Graph,
    local: Locals,
    mode: str,
    seed: str,
    steps: LazySequence[Step],
    so_far: Any,
    failed: Mapping[int, str],
    **results: Any,
) -> Sweep:
    structure = local.structure
    failures = {**failed, **local.failures}
    products, sums = (int(count) for count in so_far[-1]) if len(so_far) else (0, 0)
    return Sweep(
        mode=mode,
        seed=seed,
        steps=steps,
        values=LateMapping(local.named, len(structure)),
        tangents=results.get("tangents", {}),
        adjoints=results.get("adjoints", {}),
        edge_partials=late_edge_partials(local),
        edge_formulas=edge_formulas(structure),
        cost=results.get("cost", Cost(products, sums, PER_EDGE)),
        spent=so_far,
        jacobian=results.get("jacobian", {}),
        order=results.get("order", ()),
        left=results.get("left", ()),
        failures={structure.name(i): text for i, text in failures.items()},
    )


def _goal(
    graph: Graph, structure: Structure, values: list[Array], seeds: Mapping[int, Any]
) -> tuple[str, str]:
    """What is differentiated: its name in `∂f/∂x`, and the seed in words."""
    if len(seeds) == 1:
        (i, weight), *_ = seeds.items()
        if np.ndim(weight) == 0 and float(weight) == 1.0:
            if np.ndim(values[i]) == 0:
                goal = goal_name(graph, structure.nodes[i])
                return goal, f"{name_pretty(derivative_name(goal, goal).text)} = 1"
            goal = combination_name(graph)
            return goal, f"{goal} = Σ {name_pretty(structure.name(i))}"
    goal = combination_name(graph)
    parts = [f"{_short(weight)}·{name_pretty(structure.name(i))}" for i, weight in seeds.items()]
    return goal, f"{goal} = {' + '.join(parts).replace('+ −', '− ')}"


def _short(value: Any) -> str:
    return number_pretty(np.asarray(value, dtype=float))


def _cause(structure: Structure, errors: Mapping[int, VisualADError], i: int) -> VisualADError:
    """The error because of which a node has no value."""
    upstream = structure.reaching((i,))
    return next(error for j, error in errors.items() if upstream[j])
