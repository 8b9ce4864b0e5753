"""Published cases as graphs and points."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from visualad.autodiff.linearized import LinearizedGraph
from visualad.graph.model import Graph
from visualad.graph.parser import parse

DATA = Path(__file__).parent.parent / "data"


@cache
def published() -> dict[str, dict[str, Any]]:
    """All cases by id."""
    return {case["id"]: case for case in json.loads((DATA / "published.json").read_text())}


def scalar_cases() -> list[str]:
    """Ids of the cases that are programs over scalars."""
    return [name for name, case in published().items() if case["kind"] == "scalar_graph"]


@cache
def graph_of(case: str) -> Graph:
    """The graph of a scalar case."""
    return parse("\n".join(published()[case]["program"]))


def lecture() -> Graph:
    """The lecture's function."""
    return parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")


@cache
def elimination_tasks() -> dict[str, dict[str, Any]]:
    """The elimination tasks by name."""
    return {task["name"]: task for task in json.loads((DATA / "elimination.json").read_text())}


def linearized_task(name: str) -> LinearizedGraph:
    """The linearised graph of a task, without partials."""
    task = elimination_tasks()[name]
    names = [f"v{i}" for i in range(task["n_vertices"])]
    return LinearizedGraph(
        {(names[a], names[b]): None for a, b in task["edges"]},
        [names[i] for i in task["inputs"]],
        [names[i] for i in task["outputs"]],
        units=[(names[a], names[b]) for a, b, _ in task["unit_edges"]],
    )
