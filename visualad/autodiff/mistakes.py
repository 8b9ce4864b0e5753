"""The classic mistakes in backward mode, made on purpose, beside the right numbers.

A wrong sweep uses the same local partials as the right one (`Locals.pull`) and differs in one
habit only. Each mistake is one that published programs have made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.backward import adjoints_of
from visualad.autodiff.evaluate import Array, Point, values_at
from visualad.autodiff.local import local_derivatives
from visualad.autodiff.mistaken_sweep import (
    ASSIGN,
    EARLY_UPDATE,
    NO_ZEROING,
    NO_ZEROING_AT_ALL,
    WRONG_ORDER,
    Fault,
    is_equal,
    wrong_sweep,
)
from visualad.autodiff.seeds import shaped, weights
from visualad.engine.structure import Structure
from visualad.errors import GraphError
from visualad.graph.model import Graph
from visualad.ops.writing import name_pretty


@dataclass(frozen=True)
class Mistake:
    """A mistake.

    Attributes:
        name: "early update", "assign", "no zeroing", "no zeroing at all" or "wrong order".
        title: what is done wrong, for a switch.
        text: what it is and what to do instead.
        code: the line that goes wrong, and the right one.
    """

    name: str
    title: str
    text: str
    code: tuple[str, str]


MISTAKES: Mapping[str, Mistake] = {
    mistake.name: mistake
    for mistake in (
        Mistake(
            ASSIGN,
            "= instead of += where a node feeds several",
            "Every edge that leaves a node brings a contribution, and they add up. With = the "
            "last to arrive replaces those before it.",
            ("source.adjoint = adjoint * partial", "source.adjoint += adjoint * partial"),
        ),
        Mistake(
            WRONG_ORDER,
            "Nodes visited in another order than the reverse topological one",
            "A node may pass its adjoint on only when all contributions have arrived. Depth first "
            "from the output passes some on too early, and what comes later is lost.",
            (
                "def visit(node): pass_on(node); [visit(s) for s in node.sources]",
                "for node in reversed(topological_order): pass_on(node)",
            ),
        ),
        Mistake(
            NO_ZEROING,
            "Gradients of parameters and inputs not set to zero before the second backward pass",
            "Contributions are added to what is there. After two passes without zeroing every "
            "leaf holds the sum of both gradients: twice the right one if nothing changed.",
            ("loss.backward(); loss.backward()", "loss.backward(); zero(); loss.backward()"),
        ),
        Mistake(
            NO_ZEROING_AT_ALL,
            "No adjoint at all set to zero before the second backward pass",
            "If the inner nodes keep their adjoints too, the second pass sends the old ones along "
            "once more, and the deeper a node lies the more often they are counted.",
            ("f.backward(); f.backward()", "f.backward(); zero_all(); f.backward()"),
        ),
        Mistake(
            EARLY_UPDATE,
            "Parameters updated before the gradient is passed on",
            "The adjoint of a layer's input needs the parameters with which the layer has "
            "computed. Updated first, they are others, and everything before them learns from "
            "numbers of a network that never was evaluated.",
            (
                "W -= rate * dW; grad = grad @ W",
                "grad, W = grad @ W, W - rate * dW",
            ),
        ),
    )
}


@dataclass(frozen=True, eq=False)
class MistakenSweep:
    """A backward sweep with a mistake, beside the right one.

    Attributes:
        mistake: which.
        right, wrong: adjoints by node name, in the order of the right sweep.
        values: by node name.
        visits: ids of the nodes in the order in which the wrong sweep passes their adjoints on.
        wrong_nodes: ids of the nodes whose adjoint ends up wrong.
        first: the first number that is wrong; None when this graph forgives the mistake.
        sentence: what came of it, in words.
    """

    mistake: Mistake
    right: Mapping[str, Any]
    wrong: Mapping[str, Any]
    values: Mapping[str, Any]
    visits: tuple[str, ...]
    wrong_nodes: tuple[str, ...]
    first: Fault | None
    sentence: str


@dataclass(frozen=True, eq=False)
class MistakenTraining:
    """Gradient descent with and without a mistake, from the same start.

    Attributes:
        mistake: which.
        right, wrong: the loss before the first and after each step.
        right_parameters, wrong_parameters: in the end, by node name.
        right_values, wrong_values: every node in the end, by name.
    """

    mistake: Mistake
    right: tuple[float, ...]
    wrong: tuple[float, ...]
    right_parameters: Mapping[str, Any]
    wrong_parameters: Mapping[str, Any]
    right_values: Mapping[str, Any]
    wrong_values: Mapping[str, Any]


def mistaken_sweep(
    graph: Graph,
    at: Point = None,
    mistake: str = ASSIGN,
    seed: str | Mapping[str, Any] | None = None,
    learning_rate: float = 0.5,
) -> MistakenSweep:
    """A backward sweep with a mistake, beside the right one.

    Args:
        at: values of the inputs by name; None for those stored in the graph.
        mistake: name of one of `MISTAKES`.
        seed: as in a backward sweep: the name of an output or weights by name.
        learning_rate: of the early update.

    Raises:
        GraphError: if there is no such mistake, or the graph has no parameter to update early.
        VisualADError: when a node or its derivative cannot be computed.
    """
    chosen = _chosen(mistake)
    structure, values = values_at(graph, at)
    if not structure.outputs:
        raise GraphError("The graph has no output to differentiate; add a node that computes one.")
    given = structure.name(structure.outputs[0]) if seed is None else seed
    seeds = weights(graph, structure, {given: 1.0} if isinstance(given, str) else given)
    local = local_derivatives(structure, values, tuple(seeds))
    starts = shaped(local, seeds, "adjoint")
    right = adjoints_of(local, starts)
    made = wrong_sweep(local, starts, mistake, learning_rate, right)
    nodes = [i for i in range(len(structure) - 1, -1, -1) if right[i] is not None]
    wrong_nodes = [i for i in nodes if not is_equal(made.adjoints[i], right[i])]
    return MistakenSweep(
        mistake=chosen,
        right={structure.name(i): right[i] for i in nodes},
        wrong={structure.name(i): made.adjoints[i] for i in nodes},
        values={structure.name(i): value for i, value in enumerate(values)},
        visits=tuple(structure.nodes[i].id for i in made.visits),
        wrong_nodes=tuple(structure.nodes[i].id for i in wrong_nodes),
        first=made.first,
        sentence=_summary(structure, mistake, made.first, wrong_nodes, len(nodes)),
    )


def mistaken_training(
    graph: Graph, mistake: str, steps: int, learning_rate: float = 0.5
) -> MistakenTraining:
    """Gradient descent on all parameters from the stored values, with and without a mistake.

    "no zeroing" then keeps the gradients from step to step; "assign" and "wrong order" use the
    wrong adjoints; "early update" updates within the backward pass.

    Raises:
        GraphError: if there is no such mistake, no parameter or not one scalar output.
    """
    chosen = _chosen(mistake)
    if not graph.parameters:
        raise GraphError("The graph has no parameter to train; make some inputs parameters.")
    right = _descend(graph, "", steps, learning_rate)
    wrong = _descend(graph, mistake, steps, learning_rate)
    return MistakenTraining(chosen, right[0], wrong[0], right[1], wrong[1], right[2], wrong[2])


# Training ----------------------------------------------------------------------------------------


def _descend(
    graph: Graph, mistake: str, steps: int, rate: float
) -> tuple[tuple[float, ...], dict[str, Array], dict[str, Array]]:
    point: dict[str, Any] = {node.name: node.value for node in graph.nodes if node.is_leaf}
    names = graph.parameters
    kept: dict[str, Array] = {}
    losses = []
    for number in range(steps + 1):
        structure, values = values_at(graph, point)
        if len(structure.outputs) != 1 or np.size(values[structure.outputs[0]]) != 1:
            raise GraphError("Training needs one scalar output, the loss; declare it.")
        goal = structure.outputs[0]
        losses.append(float(np.reshape(values[goal], ())))
        if number == steps:
            break
        local = local_derivatives(structure, values, (goal,))
        seeds = {goal: np.ones_like(values[goal])[()]}
        updated: Mapping[int, Array] = {}
        if mistake in ("", NO_ZEROING, NO_ZEROING_AT_ALL):
            adjoints = adjoints_of(local, seeds)
        else:
            made = wrong_sweep(local, seeds, mistake, rate, None)
            adjoints = made.adjoints
            updated = made.updated
        for name in names:
            i = structure.index[graph.id_of(name)]
            if i in updated:
                point[name] = updated[i]
                continue
            gradient = adjoints[i]
            if mistake in (NO_ZEROING, NO_ZEROING_AT_ALL) and name in kept:
                gradient = gradient + kept[name]
            kept[name] = gradient
            point[name] = values[i] - rate * gradient
    final = {structure.name(i): value for i, value in enumerate(values)}
    return tuple(losses), {name: point[name] for name in names}, final


# Words -------------------------------------------------------------------------------------------


def _chosen(mistake: str) -> Mistake:
    if mistake not in MISTAKES:
        raise GraphError(f"There is no mistake '{mistake}' here; there are {', '.join(MISTAKES)}.")
    return MISTAKES[mistake]


def _summary(
    structure: Structure, mistake: str, first: Fault | None, wrong: Sequence[int], count: int
) -> str:
    if first is None:
        why = {
            ASSIGN: "no node of this graph feeds two others",
            WRONG_ORDER: "in this graph every node has its whole adjoint when it is visited",
            EARLY_UPDATE: "nothing that learns lies before an updated parameter",
        }.get(mistake, "every number is 0")
        return f"This graph forgives the mistake: {why}."
    names = ", ".join(name_pretty(structure.name(i)) for i in wrong[:8])
    more = f" and {len(wrong) - 8} more" if len(wrong) > 8 else ""
    return f"{len(wrong)} of {count} adjoints end up wrong: {names}{more}."
