"""What nodes and numbers are called in every picture of a graph, on screen and in files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from visualad.autodiff.notation import named
from visualad.graph.model import Graph, Node
from visualad.ops.expression import Call, Name
from visualad.ops.writing import name_pretty, number_text, pretty
from visualad.ops.writing_numbers import has_exponent

MOST_COLUMNS = 3  # tangents that stand side by side on a card


def title(graph: Graph, node: Node, *, is_output: bool) -> str:
    """The name as it stands on the card: `x₉ = f` for the one output of a graph."""
    names = [node.name, *node.aliases]
    alone = is_output and len(names) == 1 and len(graph.output_ids) == 1
    # The lecture calls the function f whatever the number of its last node.
    if alone and "f" not in graph and re.fullmatch(r"[a-z]\d+", node.name):
        names.append("f")
    return " = ".join(name_pretty(name) for name in names)


def operation_writing(graph: Graph, node: Node) -> str:
    """The operation over the names of what is connected: `x₁ · x₂`, `x₃²`, `?` for open ports."""
    arguments = []
    for port in node.ports:
        source = graph.sources.get((node.id, port))
        arguments.append(named(graph.nodes_by_id[source]) if source is not None else Name("?"))
    return pretty(Call(node.op, tuple(arguments), node.settings))


def asked_or(value: Any, write: Callable[[Any], str]) -> str:
    """A number as it is written, or a question mark where an exercise asks for it (None)."""
    return "?" if value is None else write(value)


def short_text(value: Any) -> str:
    """A number, one number per direction, words as they are; a question mark for None."""
    if value is None:
        return "?"
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(())[()]
    return minus(number_text(value))


def columns_text(value: Mapping[str, Any]) -> str:
    """The tangents for all inputs at once, with few digits, for a card: `(14.8, 7.39, 0)`."""
    numbers = list(value.values())
    if len(numbers) > MOST_COLUMNS or any(np.size(number) != 1 for number in numbers):
        return f"{len(numbers)} tangents"
    texts = (number_text(x, 1 if has_exponent(float(x)) else 3) for x in numbers)
    return minus(f"({', '.join(texts)})")


def minus(text: str) -> str:
    """With the sign that is as wide as a plus, as formulas have it."""
    return text.replace("-", "−")
