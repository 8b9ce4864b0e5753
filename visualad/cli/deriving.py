"""`grad`, `cost` and `check`: derivatives, what they cost, and whether they are right."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import numpy as np

from visualad.autodiff.check import CheckRow
from visualad.autodiff.check import check as check_gradient
from visualad.autodiff.costs import compare_costs
from visualad.autodiff.costs import cost as count
from visualad.autodiff.derivatives import gradient
from visualad.autodiff.orders import elimination_order
from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, Cost, Sweep
from visualad.autodiff.sweeps import sweep
from visualad.cli.arguments import UsageError
from visualad.cli.inspecting import formula_of
from visualad.cli.output import print_json, print_line, print_table
from visualad.cli.sources import read_graph, read_point
from visualad.cli.step_tables import print_steps, step_documents
from visualad.cli.wishes import order_wish, seed_wish
from visualad.errors import GraphError
from visualad.graph.model import Graph, Node, shorten
from visualad.ops.writing import name_pretty, number_text


def grad(options: argparse.Namespace) -> None:
    """Print the gradient of one output, and each step on the way to it when asked."""
    graph = read_graph(options, options.graph)
    if options.mode == BACKWARD and options.seed:
        _pull_back(graph, options)
        return
    if options.mode == FORWARD and options.seed and not options.output and len(graph.outputs) > 1:
        _push_forward(graph, options)
        return
    graph = _with_one_output(graph, options)
    point = read_point(options, graph, options.graph)
    (output,) = graph.outputs
    order = _order(graph, options)
    # The numbers that the contract calls the gradient are the same in every mode.
    derivatives = gradient(graph, point, mode=options.mode, **order)
    sweeps = _sweeps(graph, point, options, order)
    values = next(iter(sweeps.values())).values
    if options.seed and options.mode == FORWARD:
        spent = sweeps[options.seed].cost
    else:
        spent = count(graph, mode=options.mode, **order)
    if options.json:
        document = {
            "value": values[output],
            "gradient": derivatives,
            "mode": options.mode,
            "cost": _cost_document(spent),
            "output": output,
            "nodes": [_node(graph, node, values, options, sweeps) for node in graph.nodes],
        }
        if options.seed and options.mode == FORWARD:
            document["seed"] = options.seed
            document["directional"] = sweeps[options.seed].tangents[output]
        if options.mode == CROSS:
            document["order"] = list(sweeps[""].order)
        if options.steps:
            document["steps"] = [
                {"seed": found.seed, "steps": step_documents(graph, found)}
                for found in sweeps.values()
            ]
        print_json(document)
        return
    if options.steps:
        for found in sweeps.values():
            print_steps(graph, found)
    print_line(f"{name_pretty(output)} = {number_text(values[output], digits=10)}")
    print_table(
        f"Gradient in {options.mode} mode",
        ("input", f"∂{name_pretty(output)}/∂input"),
        ((name_pretty(n), number_text(d, digits=10)) for n, d in derivatives.items()),
        right=(f"∂{name_pretty(output)}/∂input",),
    )
    if options.seed and options.mode == FORWARD:
        found = sweeps[options.seed].tangents[output]
        print_line(f"Along {options.seed}: {number_text(found, digits=10)}")
    print_line(_cost_text(spent))


def _push_forward(graph: Graph, options: argparse.Namespace) -> None:
    """Print the one forward sweep along an input or direction for all outputs: J·v."""
    point = read_point(options, graph, options.graph)
    found = sweep(graph, point, mode=FORWARD, seed=seed_wish(options))
    # An output on which nothing that is seeded has a path has the tangent 0.
    product = {
        name: found.tangents.get(name, np.zeros(np.shape(found.values[name])))
        for name in graph.outputs
    }
    if options.json:
        document = {
            "value": {name: found.values[name] for name in graph.outputs},
            "directional": product,
            "mode": FORWARD,
            "seed": options.seed,
            "cost": _cost_document(found.cost),
            "nodes": [
                _node(graph, n, found.values, options, {options.seed: found}) for n in graph.nodes
            ],
        }
        if options.steps:
            document["steps"] = [{"seed": found.seed, "steps": step_documents(graph, found)}]
        print_json(document)
        return
    if options.steps:
        print_steps(graph, found)
    columns = _columns(product)
    print_table(
        f"Jacobian-vector product J·v, v: {options.seed}",
        ("output", "value", *columns),
        (
            (
                name_pretty(name),
                number_text(found.values[name], digits=10),
                *(number_text(_part(tangent, column), digits=10) for column in columns),
            )
            for name, tangent in product.items()
        ),
        right=("value", *columns),
    )
    print_line(_cost_text(found.cost))


def _columns(product: Mapping[str, Any]) -> tuple[str, ...]:
    """The headings of tangents: one for a direction, one for each input with the seed "all"."""
    several = next((x for x in product.values() if isinstance(x, Mapping)), None)
    return ("component",) if several is None else tuple(map(name_pretty, several))


def _part(tangent: Any, column: str) -> Any:
    if not isinstance(tangent, Mapping):
        return tangent
    return next(x for name, x in tangent.items() if name_pretty(name) == column)


def _pull_back(graph: Graph, options: argparse.Namespace) -> None:
    """Print the one backward sweep for an output or for weights over outputs: wᵀ·J."""
    if options.output is not None:
        raise UsageError("--output and --seed both choose an output; give one of them.")
    point = read_point(options, graph, options.graph)
    seed = seed_wish(options)
    found = sweep(graph, point, mode=BACKWARD, seed=seed)
    # An input on which no weighted output depends has no step.
    product = {
        name: found.adjoints.get(name, np.zeros(np.shape(found.values[name])))
        for name in graph.independents
    }
    weights = {seed: 1.0} if isinstance(seed, str) else dict(seed or {})
    if options.json:
        document = {
            "value": {name: found.values[name] for name in weights},
            "gradient": product,
            "mode": BACKWARD,
            "seed": options.seed,
            "weights": weights,
            "cost": _cost_document(found.cost),
            "nodes": [_node(graph, n, found.values, options, {"": found}) for n in graph.nodes],
        }
        if options.steps:
            document["steps"] = [{"seed": found.seed, "steps": step_documents(graph, found)}]
        print_json(document)
        return
    if options.steps:
        print_steps(graph, found)
    for name in weights:
        print_line(f"{name_pretty(name)} = {number_text(found.values[name], digits=10)}")
    print_table(
        f"Vector-Jacobian product wᵀ·J, w: {options.seed}",
        ("input", "component"),
        ((name_pretty(n), number_text(d, digits=10)) for n, d in product.items()),
        right=("component",),
    )
    print_line(_cost_text(found.cost))


def cost(options: argparse.Namespace) -> None:
    """Print what every mode and elimination order multiplies and adds."""
    graph = read_graph(options, options.graph)
    rows = compare_costs(graph, free_units=options.free_units)
    if options.json:
        print_json(
            {
                "rows": [
                    {"label": label, "mode": mode, **_cost_document(found)}
                    for label, mode, found in rows
                ],
                "free_units": options.free_units,
            }
        )
        return
    print_table(
        "Cost of the derivatives",
        ("mode and order", "multiplications", "additions", "counted"),
        (
            (label, str(found.multiplications), str(found.additions), found.convention)
            for label, _, found in rows
        ),
        right=("multiplications", "additions"),
    )


def check(options: argparse.Namespace) -> int:
    """Compare the derivatives with numerical ones; the status is 1 when they disagree.

    At a kink the derivative is a convention, so that is no disagreement.
    """
    graph = read_graph(options, options.graph)
    found = check_gradient(graph, read_point(options, graph, options.graph))
    if options.json:
        print_json(
            {
                "ok": found.ok,
                "method": found.method,
                "outputs": [_checked(row) for row in found.rows],
                "nodes": [_checked(row) for row in found.nodes],
            }
        )
        return 0 if found.ok else 1
    # All derivatives of the outputs; of other nodes only what is wrong.
    shown = [*found.rows, *(row for row in found.nodes if not row.ok)]
    print_table(
        f"Checked by {found.method}",
        ("derivative", "analytic", "numerical", "relative error", "agrees", "remark"),
        (
            (
                f"∂{name_pretty(row.node)}/∂{name_pretty(row.name)}",
                number_text(row.analytic, digits=8),
                number_text(row.numerical, digits=8),
                f"{row.error:.1e}",
                "yes" if row.ok else row.excuse or "NO",
                row.note,
            )
            for row in shown
        ),
        right=("analytic", "numerical", "relative error"),
    )
    count = len(found.rows) + len(found.nodes)
    every = (*found.rows, *found.nodes)
    excused = sum(bool(row.excuse) for row in every)
    wrong = sum(not row.ok for row in every) - excused
    if wrong:
        print_line(f"{wrong} of {count} derivatives disagree.")
    elif excused:
        print_line(
            f"No derivative disagrees; {excused} of {count} cannot be compared, at a kink or "
            "where a value is not finite."
        )
    else:
        print_line(f"All {count} derivatives, of outputs and of nodes between, agree.")
    return 0 if found.ok else 1


def _checked(row: CheckRow) -> dict[str, Any]:
    return {
        "node": row.node,
        "input": row.name,
        "analytic": row.analytic,
        "numerical": row.numerical,
        "error": row.error,
        "ok": row.ok,
        "excuse": row.excuse,
        "note": row.note,
    }


# The sweeps that a gradient needs --------------------------------------------------------------


def _with_one_output(graph: Graph, options: argparse.Namespace) -> Graph:
    if options.output is not None:
        name = graph[options.output].name
        return graph.with_(declared_outputs=(name,))
    if len(graph.outputs) != 1:
        raise GraphError(
            f"The graph has {len(graph.outputs)} outputs ({shorten(graph.outputs)}); "
            "choose one with --output."
            if graph.outputs
            else "The graph has no output; connect an operation."
        )
    return graph


def _order(graph: Graph, options: argparse.Namespace) -> dict[str, Any]:
    """The elimination order as an argument for the functions that take one."""
    order = order_wish(options)
    if options.mode != CROSS:
        return {}
    if order == "best":  # looked for once
        order = elimination_order(graph, method="best").vertices
    return {"order": order}


def _sweeps(
    graph: Graph, point: Mapping[str, Any], options: argparse.Namespace, order: dict[str, Any]
) -> dict[str, Sweep]:
    """Every sweep of the gradient by its seed: in forward mode one for each input."""
    if options.mode != FORWARD:
        seed_wish(options)  # refuses one for cross mode
        return {"": sweep(graph, point, mode=options.mode, **order)}
    if options.seed:
        return {options.seed: sweep(graph, point, mode=FORWARD, seed=seed_wish(options))}
    return {name: sweep(graph, point, mode=FORWARD, seed=name) for name in graph.independents}


def _node(
    graph: Graph,
    node: Node,
    values: Mapping[str, Any],
    options: argparse.Namespace,
    sweeps: Mapping[str, Sweep],
) -> dict[str, Any]:
    document = {
        "name": node.name,
        "op": node.op,
        "formula": formula_of(graph, node),
        "value": values.get(node.name),
    }
    if options.mode == BACKWARD:
        document["adjoint"] = sweeps[""].adjoints.get(node.name, 0.0)
    elif options.mode == CROSS:
        order = sweeps[""].order
        document["eliminated"] = order.index(node.name) + 1 if node.name in order else None
    else:
        tangents = {seed: found.tangents.get(node.name, 0.0) for seed, found in sweeps.items()}
        single = bool(options.seed) or len(tangents) == 1
        document["tangent"] = next(iter(tangents.values())) if single else tangents
    return document


def _cost_document(found: Cost) -> dict[str, Any]:
    return {
        "multiplications": found.multiplications,
        "additions": found.additions,
        "convention": found.convention,
    }


def _cost_text(found: Cost) -> str:
    about = f" ({found.convention})" if found.convention else ""
    return f"{found.multiplications} multiplications, {found.additions} additions{about}"
