"""What the inspector says about a node, an edge or the whole graph, as plain texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.autodiff.steps import BACKWARD, FORWARD, MODES
from visualad.exchange.words import operation_writing
from visualad.graph.model import PARAMETER, Graph, Node
from visualad.gui.canvas.faces import KINDS
from visualad.gui.panels.array_dialog import shape_text
from visualad.gui.panels.sweeps import KnownSweeps
from visualad.gui.questions import derivatives_reach
from visualad.gui.session import Session
from visualad.gui.stamps import ASKED, HIDDEN
from visualad.kernel.messages import Checked, EdgeKey
from visualad.lessons.exercise import ADJOINT, TANGENT, VALUE
from visualad.ops.writing import name_pretty, number_pretty

_MOST_COLUMNS = 6  # tangents for all inputs at once
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Fact:
    """A label at the left, a number at the right, and the theme's colour token for both."""

    label: str
    text: str
    token: str = "text"
    strong: bool = False


def subtitle(graph: Graph, node: Node) -> str:
    """`mul · x₁ · x₂`; for a leaf its kind."""
    if node.is_leaf:
        return KINDS.get(node.op, node.op)
    if node.operation is None:
        return f"{node.op} (missing)"
    return f"{node.operation.label}:  {operation_writing(graph, node)}"


def node_facts(session: Session, sweeps: KnownSweeps, node: Node) -> list[Fact]:
    """Value, adjoint and tangent as far as they may be shown, shape and dtype of arrays."""
    value = session.values.get(node.id)
    asked = session.mask.kinds(session.document.graph, node.id)
    if value is None and node.is_leaf and VALUE not in asked:
        value = node.value
    facts = []
    if value is not None:
        facts.append(Fact("Value", number_pretty(value), "text", True))
    played = session.mode
    for mode, title in ((BACKWARD, "Adjoint"), (FORWARD, "Tangent")):
        rows = sweeps.rows(mode)
        if rows is None or not played:
            continue
        step = rows.step(node.id)
        if step is None:
            continue
        reached = sweeps.reached(node.id, mode)
        if isinstance(step.result, Mapping):
            facts += _columns(node, step.result, shown=reached is not None)
            continue
        label = f"{title} {step.quantity.text}"
        if mode == FORWARD and rows.sweep.seed:
            label += f" (seed {rows.sweep.seed})"
        text = reached.result_text if reached is not None else "waits"
        kind = TANGENT if mode == FORWARD else ADJOINT
        if kind in asked:
            text = ASKED if session.mask.is_asked(kind, node.id) else HIDDEN
        facts.append(Fact(label, text, mode if reached is not None else "text_muted", True))
    if value is not None and np.ndim(value):
        facts.append(Fact("Shape", f"{shape_text(value)}  {np.asarray(value).dtype}"))
        facts.extend(_range(value))
    return facts


def _columns(node: Node, tangents: Mapping[str, Any], *, shown: bool) -> list[Fact]:
    """Tangents for all inputs at once, a row for each of the first."""
    token = FORWARD if shown else "text_muted"
    facts = [
        Fact(
            f"Tangent ∂{name_pretty(node.name)}/∂{name_pretty(name)}",
            number_pretty(value) if shown else "waits",
            token,
            True,
        )
        for name, value in list(tangents.items())[:_MOST_COLUMNS]
    ]
    if len(tangents) > _MOST_COLUMNS:
        facts.append(Fact(f"and {len(tangents) - _MOST_COLUMNS} more inputs", "", token))
    return facts


def _range(value: Any) -> list[Fact]:
    array = np.asarray(value, dtype=float)
    finite = array[np.isfinite(array)]
    if not finite.size:
        return []
    low, high = number_pretty(float(finite.min()), 3), number_pretty(float(finite.max()), 3)
    facts = [Fact("Smallest to largest", f"{low} to {high}")]
    if finite.size < array.size:
        facts.append(Fact("Not finite", f"{array.size - finite.size} of {array.size}", "error"))
    return facts


def kink_of(sweeps: KnownSweeps, node: Node) -> str:
    """The sentence on a kink at this point, from any sweep that knows the node."""
    for mode in MODES:
        step = sweeps.reached(node.id, mode)
        if step is not None and step.kink:
            return step.kink
    return ""


def edge_facts(session: Session, graph: Graph, key: EdgeKey) -> tuple[str, str, list[Fact]]:
    """Title, subtitle and facts of an edge: its local partial derivative."""
    source, target = (graph.nodes_by_id[id_] for id_ in key[:2])
    title = f"{name_pretty(source.name)} → {name_pretty(target.name)}"
    ratio = f"∂{name_pretty(target.name)}/∂{name_pretty(source.name)}"
    facts = []
    formula = session.formulas.get(key)
    if formula is not None:
        facts.append(Fact("Local partial", f"{ratio} = {formula.text}"))
    elif not derivatives_reach(graph, key[0]):
        facts.append(Fact("Local partial", f"not needed: {name_pretty(source.name)} is constant"))
    if key in session.partials:
        facts.append(Fact("Number", number_pretty(session.partials[key]), "text", True))
    return title, f"edge into port {key[2]}", facts


def graph_facts(graph: Graph) -> list[Fact]:
    """Summary of the graph, shown when nothing is selected."""
    facts = [
        Fact("Nodes", f"{len(graph):,}"),
        Fact("Edges", f"{len(graph.sources):,}"),
        Fact("Inputs", _names(graph.inputs)),
    ]
    if graph.parameters:
        numbers = sum(
            int(np.size(n.value)) for n in graph.nodes_by_id.values() if n.op == PARAMETER
        )
        facts.append(Fact("Parameters", f"{_names(graph.parameters)}  ({numbers:,} numbers)"))
    facts.append(Fact("Outputs", _names(graph.outputs)))
    facts.append(Fact("Numbers", graph.dtype))
    return facts


def _names(names: tuple[str, ...], most: int = 6) -> str:
    shown = ", ".join(name_pretty(name) for name in names[:most]) or "none"
    return f"{shown}, …" if len(names) > most else shown


# The numerical check --------------------------------------------------------------------------


def check_text(check: Checked | None, node: Node | None) -> tuple[str, bool] | None:
    """`central difference 2.115 ✓ 3·10⁻¹¹` and whether it agrees; None when there is no check.

    For a node that is no input of the check: how all inputs together agree.
    """
    if check is None or not check.rows:
        return None
    for name, _, numerical, error, ok in check.rows:
        if node is not None and name == node.name:
            if name in check.excuses:
                return _excused(check.excuses[name]), True
            number = f"{number_pretty(numerical)} " if np.ndim(numerical) == 0 else ""
            return f"{check.method} {number}{_verdict(error, ok)}", ok
    wrong = [row[0] for row in check.rows if not row[4] and row[0] not in check.excuses]
    if wrong:
        names = ", ".join(name_pretty(name) for name in wrong[:4])
        return f"disagrees for {names} ✗", False
    if check.excuses:
        return _excused(min(check.excuses.values())), True
    worst = max((row[3] for row in check.rows if np.isfinite(row[3])), default=0.0)
    return f"{check.method}, inputs {_verdict(worst, True)}", True


def _excused(reason: str) -> str:
    from visualad.autodiff.check import KINK  # late: the window shows itself before it checks

    return "none at a kink" if reason == KINK else "none where values are not finite"


def _verdict(error: float, ok: bool) -> str:
    return f"{'✓' if ok else '✗'} {power_of_ten(error)}"


def power_of_ten(number: float) -> str:
    """One figure and a power of ten, as errors are read: `3·10⁻¹¹`."""
    if number == 0 or not np.isfinite(number):
        return number_pretty(number)
    figure, _, exponent = f"{number:.0e}".partition("e")
    return f"{figure}·10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def first_paragraph(text: str) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join(unicodedata.normalize("NFC", text).split("\n\n")[0].split())
