"""What a blank asks for, in symbols and as the rule that leads to it."""

from __future__ import annotations

from visualad.autodiff.notation import combination_name, goal_name
from visualad.autodiff.steps import BACKWARD, FORWARD
from visualad.engine.structure import structure_of
from visualad.graph.formula import expression
from visualad.graph.model import Graph
from visualad.lessons.exercise import (
    ADJOINT,
    FACTOR,
    FILL_IN,
    PARTIAL,
    SUM,
    TANGENT,
    TERM,
    VALUE,
    Blank,
    Exercise,
)
from visualad.lessons.reference import Reference
from visualad.ops.writing import derivative_name, name_pretty, pretty, tangent_name


def label(graph: Graph, exercise: Exercise, blank: Blank) -> str:
    """What a blank asks for: `x₄`, `ẋ₄`, `∂f/∂x₄`, `∂x₆/∂x₄`, `∂f/∂x₄ after x₆`."""
    node = _name(graph, blank.node)
    source = _name(graph, blank.source)
    if blank.kind == VALUE:
        text = name_pretty(node)
    elif blank.kind == TANGENT:
        text = pretty(tangent_name(node))
    elif blank.kind == ADJOINT:
        text = pretty(derivative_name(_goal(graph, exercise), node))
    elif blank.kind == PARTIAL:
        text = pretty(derivative_name(node, source)) + _port(graph, blank)
    elif blank.kind == FILL_IN:
        target = _name(graph, blank.port)
        text = f"{pretty(derivative_name(target, source))} without {name_pretty(node)}"
    else:
        text = _of_term(graph, exercise, blank, node, source)
    return text + (f"[{', '.join(map(str, blank.element))}]" if blank.element else "")


def rule(here: Reference, blank: Blank) -> str:
    """The local rule that leads to a blank's answer, as a hint."""
    graph, exercise = here.graph, here.exercise
    node = name_pretty(_name(graph, blank.node))
    if blank.kind == VALUE:
        if graph.nodes_by_id[blank.node].is_leaf:
            return f"{node} is given."
        return f"{node} = {pretty(expression(graph, blank.node))}. Put the values in."
    if blank.kind == PARTIAL:
        whole = pretty(expression(graph, blank.node))
        source = name_pretty(_name(graph, blank.source))
        return f"Differentiate {node} = {whole} by {source}; everything else is a constant."
    if blank.kind == FILL_IN:
        return (
            f"Multiply the edge into {node} by the edge out of {node}. If there is an edge between "
            "the two ends already, add the product to it."
        )
    if blank.kind == FACTOR:
        travels = "adjoint of the edge's target" if _is_backward(exercise) else "source's tangent"
        return f"What travels over this edge is the {travels}, which is known by now."
    if blank.kind == TERM:
        return "Multiply what travels over the edge by the edge's local partial."
    if blank.kind == SUM:
        return "Add this edge's contribution to what has arrived before it."
    step = here.step(blank.node)
    if step is None or not step.terms:
        return step.note if step is not None and step.note else "Look at the seed."
    return f"{step.quantity.text} = {step.symbolic.text}"


def _of_term(graph: Graph, exercise: Exercise, blank: Blank, node: str, source: str) -> str:
    goal = _goal(graph, exercise)
    backward = _is_backward(exercise)
    travels = derivative_name(goal, node) if backward else tangent_name(source)
    if blank.kind == FACTOR:
        return f"{pretty(travels)} over {name_pretty(source)} → {name_pretty(node)}"
    if blank.kind == TERM:
        return f"{pretty(travels)} · {pretty(derivative_name(node, source))}" + _port(graph, blank)
    assert blank.kind == SUM
    collected = derivative_name(goal, source) if backward else tangent_name(node)
    return f"{pretty(collected)} after {name_pretty(node if backward else source)}"


def _goal(graph: Graph, exercise: Exercise) -> str:
    """What is differentiated, as the sweep calls it."""
    structure = structure_of(graph)
    if exercise.mode == BACKWARD and isinstance(exercise.seed, str) and exercise.seed in graph:
        return goal_name(graph, graph[exercise.seed])
    if exercise.mode == BACKWARD and isinstance(exercise.seed, dict):
        return combination_name(graph)
    return goal_name(graph, structure.nodes[structure.outputs[0]]) if structure.outputs else "f"


def _is_backward(exercise: Exercise) -> bool:
    return exercise.mode != FORWARD


def _port(graph: Graph, blank: Blank) -> str:
    """Which port, when both ends are joined by several edges."""
    twins = [e for e in graph.edges_into(blank.node) if e.source == blank.source]
    return f" (port {blank.port})" if len(twins) > 1 else ""


def _name(graph: Graph, id_: str) -> str:
    node = graph.nodes_by_id.get(id_)
    return id_ if node is None else node.name
