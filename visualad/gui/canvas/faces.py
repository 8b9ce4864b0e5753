"""What a node shows, as plain texts: made once when something changes, painted many times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from visualad.exchange.words import (
    MOST_COLUMNS,
    columns_text,
    minus,
    operation_writing,
    short_text,
    title,
)
from visualad.graph.model import CONSTANT, DATA, PARAMETER, VARIABLE, Graph, Node
from visualad.graph.placeholders import placeholder_reason
from visualad.gui.masking import NOTHING_HIDDEN, Mask
from visualad.gui.stamps import HIDDEN, Stamp
from visualad.ops.declaration import REGISTRY
from visualad.ops.writing import name_pretty, number_text

WAITING = "—"
KINDS = {
    VARIABLE: "input",
    DATA: "data",
    PARAMETER: "parameter",
    CONSTANT: "constant",
}
# Ports whose place says enough: the upper one comes first, as in x₁ · x₂.
_PLAIN_PORTS = re.compile(r"[xyab]?\d*$")
_MOST_CELLS = (24, 96)


@dataclass(frozen=True, eq=False)
class Row:
    """One line of a node: a label at the left, a number or array at the right.

    Attributes:
        token: colour token of the theme for label and number.
        quiet: words in place of a number.
        cells: of an array, as many as can be seen, else None; `low` and `high` are the array's own.
        kind: of a row in another colour than its own, what stands there: "value", "tangent", ...
    """

    label: str
    text: str
    token: str = "text"
    quiet: bool = False
    cells: np.ndarray | None = None
    low: str = ""
    high: str = ""
    scale: float = 1.0
    kind: str = ""

    @property
    def range(self) -> str:
        """The least and the greatest element: `−0.77…0.67`."""
        return self.low if self.low == self.high else f"{self.low}…{self.high}"


@dataclass(frozen=True, eq=False)
class Face:
    """All that a node card shows but its state (selected, lit, eliminated).

    Attributes:
        kind: "operation", "input", "data", "parameter", "constant" or "placeholder".
        title: the name with subscripts, "x₉ = f" for an output; `writing`: its operation.
        short_writing: what stands there when `writing` is too wide.
        rows: value and, in a mode, derivative.
        ports: names of the input ports; `port_labels`: what is written beside them, "" for most.
        error: one sentence, or ""; `kink`: likewise, of a point without a derivative.
        description: for tool tips and screen readers.
    """

    kind: str
    title: str
    writing: str
    short_writing: str
    rows: tuple[Row, ...]
    ports: tuple[str, ...]
    port_labels: tuple[str, ...]
    is_output: bool
    editable: bool
    error: str = ""
    kink: str = ""
    description: str = ""


@dataclass(frozen=True)
class Looks:
    """What the faces of a graph are made from, beside the graph.

    Attributes:
        values, failures: by node id, as in the session.
        derivatives: by node id: label, value (None while it waits) and colour token of the row.
        kinks: sentence by node id, on a kink or on where nan begins.
        mask: what an exercise asks for, shown as a question mark.
        eliminates: in cross mode; eliminated: the ids of the vertices that are gone.
    """

    values: Mapping[str, Any]
    failures: Mapping[str, str]
    derivatives: Mapping[str, tuple[str, Any, str]]
    kinks: Mapping[str, str]
    mask: Mask = NOTHING_HIDDEN
    eliminates: bool = False
    eliminated: frozenset[str] = frozenset()


def face(graph: Graph, node: Node, looks: Looks) -> Face:
    """The face of one node."""
    declared = node.operation
    value = looks.values.get(node.id)
    # What is typed shows at once; only training knows parameters and data better than the graph.
    if node.is_leaf and (value is None or node.op in (VARIABLE, CONSTANT)):
        value = value if node.value is None else node.value
    if declared is None:
        return _placeholder(node)
    error = looks.failures.get(node.id, "")
    waiting = waiting_text(graph, node, error)
    kind = KINDS.get(node.op, "operation")
    writing = kind if node.is_leaf else operation_writing(graph, node)
    rows = [row("value", value)]
    if waiting:
        rows, error = [Row("value", waiting, "text_muted", quiet=True)], ""
    if node.id in looks.derivatives:
        label, derivative, token = looks.derivatives[node.id]
        rows.append(row(label, derivative, token))
    asked = looks.mask.kinds(graph, node.id)
    if asked or looks.mask.stamps:
        rows = [
            asked_row(looks.mask, node.id, number, line, asked) for number, line in enumerate(rows)
        ]
    ports = node.ports
    kink = looks.kinks.get(node.id, "")
    is_output = node.id in graph.output_ids
    name = title(graph, node, is_output=is_output)
    return Face(
        kind=kind,
        title=name,
        writing=writing,
        short_writing=kind if node.is_leaf else declared.symbol,
        rows=tuple(rows),
        ports=ports,
        port_labels=labels_of(ports),
        is_output=is_output,
        editable=node.is_leaf and node.op != DATA,
        error=error,
        kink=kink,
        description=_describe(name, writing, rows, _warning(error, kink), declared.doc),
    )


def row(label: str, value: Any, token: str = "text") -> Row:
    """The row for a value; `—` while there is none."""
    if value is None:
        return Row(label, WAITING, token)
    if isinstance(value, Mapping):
        return _columns(label, value, token)
    if not isinstance(value, np.ndarray) or value.size <= 1:
        return Row(label, short_text(value), token)
    shape = "×".join(str(side) for side in value.shape)
    finite = value[np.isfinite(value)] if value.dtype.kind == "f" else value
    if finite.size == 0:
        return Row(label, shape, token, cells=cells(value), low="nan", high="nan")
    low, high = float(finite.min()), float(finite.max())
    return Row(
        label,
        shape,
        token,
        cells=cells(value),
        low=minus(number_text(low, 2)),
        high=minus(number_text(high, 2)),
        scale=max(abs(low), abs(high)) or 1.0,
    )


def _columns(label: str, value: Mapping[str, Any], token: str) -> Row:
    """The row of tangents for all inputs at once."""
    numbers = list(value.values())
    if len(numbers) > MOST_COLUMNS and all(np.size(number) == 1 for number in numbers):
        return row(label, np.array([float(number) for number in numbers]), token)
    return Row(label, columns_text(value), token)


def kind_of(number: int, line: Row) -> str:
    """What stands in a line of a card, as blanks call it: "value", "tangent", "adjoint" or ""."""
    if number == 0:
        return "value"
    return {"forward": "tangent", "backward": "adjoint"}.get(line.token, line.kind)


def asked_row(mask: Mask, node: str, number: int, line: Row, asked: frozenset[str]) -> Row:
    """What an exercise asks for: a question mark, the answer with a sign, or the number again."""
    kind = kind_of(number, line)
    stamp = mask.stamp(kind, node)
    if kind in asked and not mask.is_asked(kind, node):
        return Row(line.label, HIDDEN, "text_muted", quiet=True, kind=kind)
    if kind in asked:
        found = stamp or Stamp("")
        return Row(line.label, found.written(), found.token, kind=kind)
    if stamp is None or stamp.is_open or line.text == WAITING:
        return line
    return replace(line, text=stamp.written(line.text), token=stamp.token, kind=kind)


def cells(value: np.ndarray) -> np.ndarray:
    """An array as rows and columns for a heat map, thinned out to what can be seen.

    Samples run to the right when there are many more rows than columns, since cards are wide.
    """
    flat = np.atleast_2d(np.asarray(value, dtype=float))
    flat = flat.reshape(flat.shape[0], -1)
    if flat.shape[0] > 3 * flat.shape[1]:
        flat = flat.T
    steps = [max(1, -(-side // most)) for side, most in zip(flat.shape, _MOST_CELLS, strict=True)]
    return flat[:: steps[0], :: steps[1]]


def labels_of(ports: tuple[str, ...]) -> tuple[str, ...]:
    """What is written beside the ports: nothing where the order says it all."""
    if len(ports) < 2 or all(_PLAIN_PORTS.match(port) for port in ports):
        return ("",) * len(ports)
    return ports


def waiting_text(graph: Graph, node: Node, failure: str) -> str:
    """What a node waits for that is no fault: an open port, or a node that has no value."""
    free = [port for port in node.ports if (node.id, port) not in graph.sources]
    if free:
        return f"connect {', '.join(free)}"
    found = re.fullmatch(r"waits for (\w+)", failure)
    return f"waits for {name_pretty(found[1])}" if found else ""


def _placeholder(node: Node) -> Face:
    state = f"version {node.op_version}" if node.op in REGISTRY else "missing"
    text = f"{state}: {node.op}"
    sentence = placeholder_reason(node)
    return Face(
        kind="placeholder",
        title=name_pretty(node.name),
        writing=text,
        short_writing="?",
        rows=(Row("type", node.op, "text_muted"),),
        ports=node.ports,
        port_labels=labels_of(node.ports),
        is_output=False,
        editable=False,
        error=sentence,
        description=f"{name_pretty(node.name)}, {text}. {sentence}",
    )


def _warning(error: str, kink: str) -> str:
    return f"error: {error}" if error else f"warning: {kink}" if kink else ""


def _describe(name: str, writing: str, rows: list[Row], warning: str, doc: str) -> str:
    parts = [f"{name}: {writing}"]
    parts += [f"{r.label} {r.text}" for r in rows if r.text != WAITING]
    if warning:
        parts.append(warning)
    first_line = doc.splitlines()[0] if doc else ""
    return ", ".join(parts) + (f". {first_line}" if first_line else "")
