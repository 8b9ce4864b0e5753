"""A sweep as a table: what each step applies, with which numbers, and what results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from visualad.autodiff.steps import CROSS, Step, Sweep, Term
from visualad.cli.output import print_table
from visualad.graph.model import Graph
from visualad.ops.writing import name_pretty, number_text


def print_steps(graph: Graph, sweep: Sweep) -> None:
    """Print one row for each step, and under it one for each edge where several add up."""
    title = f"{sweep.mode.capitalize()} mode, {sweep.seed}" if sweep.seed else "Cross mode"
    if sweep.mode == CROSS:
        print_table(
            title,
            ("step", "eliminate", "edge", "product", "numbers", "partial", "mul", "add"),
            _elimination_rows(graph, sweep),
            right=("step", "partial", "mul", "add"),
        )
        return
    print_table(
        title,
        ("step", "quantity", "rule", "formula", "numbers", "result", "mul", "add"),
        _rows(graph, sweep),
        right=("step", "result", "mul", "add"),
    )


def step_documents(graph: Graph, sweep: Sweep) -> list[dict[str, Any]]:
    """The steps as JSON data: formulas in ASCII, nodes by name."""
    names = {node.id: node.name for node in graph.nodes}
    documents = []
    for step in sweep:
        document: dict[str, Any] = {
            "step": step.index + 1,
            "kind": step.kind,
            "node": step.name,
            "quantity": step.quantity.plain,
            "rule": step.rule.plain,
            "symbolic": step.symbolic.plain,
            "partials": step.partials.plain,
            "numeric": step.numeric.plain,
            "value": step.value,
            "result": step.result,
            "multiplications": step.cost.multiplications,
            "additions": step.cost.additions,
            "note": step.note,
            "kink": step.kink,
            "terms": [_term(names, term) for term in step.terms],
        }
        if sweep.mode == CROSS:
            document["fill_ins"] = [
                {
                    "source": names[fill.source],
                    "target": names[fill.target],
                    "created": fill.created,
                    "before": fill.before,
                    "after": fill.after,
                }
                for fill in step.fill_ins
            ]
        documents.append(document)
    return documents


def _term(names: dict[str, str], term: Term) -> dict[str, Any]:
    source, target, port = term.edge
    return {
        "source": names.get(source, source),
        "target": names.get(target, target),
        "port": port,
        "symbolic": term.symbolic.plain,
        "numeric": term.numeric.plain,
        "factor": term.factor,
        "partial": term.partial,
        "contribution": term.contribution,
        "partial_sum": term.partial_sum,
    }


def _rows(graph: Graph, sweep: Sweep) -> Iterator[tuple[str, ...]]:
    for step in sweep:
        yield (
            str(step.index + 1),
            step.quantity.text,
            step.note if step.kind == "seed" else step.rule.text,
            step.partials.text or step.symbolic.text,
            step.numeric.text,
            step.result_text,
            *_spent(step),
        )
        if len(step.terms) < 2:
            continue
        for term in step.terms:
            # The partial sums are what a blackboard shows while the edges are added up.
            yield (
                "",
                "",
                f"  edge {_edge(graph, term)}",
                term.symbolic.text,
                term.numeric.text,
                number_text(term.partial_sum),
                "",
                "",
            )


def _elimination_rows(graph: Graph, sweep: Sweep) -> Iterator[tuple[str, ...]]:
    names = {node.id: name_pretty(node.name) for node in graph.nodes}
    for step in sweep:
        yield str(step.index + 1), step.quantity.text, step.rule.text, "", "", "", *_spent(step)
        for fill in step.fill_ins:
            kind = "new" if fill.created else f"{number_text(fill.before)} +"
            yield (
                "",
                "",
                f"  {names[fill.source]} → {names[fill.target]} {kind}",
                fill.term.symbolic.text,
                fill.term.numeric.text,
                number_text(fill.after),
                "",
                "",
            )


def _edge(graph: Graph, term: Term) -> str:
    source, target, _ = term.edge
    names = graph.nodes_by_id
    return f"{name_pretty(names[source].name)} → {name_pretty(names[target].name)}"


def _spent(step: Step) -> tuple[str, str]:
    cost = step.cost
    return str(cost.multiplications or ""), str(cost.additions or "")
