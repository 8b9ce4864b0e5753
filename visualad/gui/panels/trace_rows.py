"""The words of the trace table: what stands in a cell, in which colour, and what hovering says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, FillIn, Step
from visualad.exchange.derivation_lines import with_subscripts
from visualad.exchange.words import asked_or, operation_writing, title
from visualad.graph.model import Graph, Node
from visualad.gui.canvas.derivation import arrived_terms
from visualad.ops.writing import name_pretty, number_pretty

WAITS = "waits"
MOST_TERMS = 12  # in one tooltip


@dataclass(frozen=True)
class Cell:
    """One cell: its text, the theme's colour token for it, bold or not, and its tool tip."""

    text: str = ""
    token: str = "text"
    bold: bool = False
    tip: str = ""


EMPTY = Cell()


def name_cell(graph: Graph, node: Node) -> Cell:
    """The name with subscripts: `x₉ = f` for the output."""
    text = title(graph, node, is_output=node.id in graph.output_ids)
    return Cell(text, bold=True, tip=node.operation.label if node.operation else node.op)


def primal_cell(graph: Graph, node: Node, value: Any, failure: str = "") -> Cell:
    """How the value comes about: `x₈ ÷ x₃ = 2.206`; a leaf just has one."""
    if failure:
        words = with_subscripts(graph, failure)
        return Cell(words, "text_muted" if failure.startswith("waits ") else "error", tip=words)
    if value is None and node.is_leaf:
        value = node.value
    number = number_pretty(value) if value is not None else ""
    if node.is_leaf:
        return Cell(number, tip=f"{name_pretty(node.name)} is given")
    written = operation_writing(graph, node)
    text = f"{written} = {number}" if number else written
    return Cell(text, tip=text)


def derivative_cell(graph: Graph, step: Step | None, mode: str, reached: float) -> Cell:
    """The tangent or adjoint of a node.

    Args:
        step: its step, or None when the sweep leaves the node out (a constant).
        mode: "forward" or "backward", of the column.
        reached: 1 when the step is done, 0 before it, between while its terms arrive.
    """
    if step is None:
        return Cell("—", "text_muted", tip="Nothing is differentiated with respect to it.")
    if reached <= 0.0:
        return Cell(WAITS, "text_muted", tip="This step has not been reached yet.")
    tip = sums(step)
    if reached < 1.0 and step.terms:
        return Cell(_so_far(step, arrived_terms(step, reached)), mode, tip=tip)
    if step.note:
        return Cell(with_subscripts(graph, step.note), mode, tip=tip)
    # A question about a term stands among its numbers.
    asked = step.numeric.text != "?" and "?" in step.numeric.text
    written = (step.numeric if mode == FORWARD or asked else step.partials).text
    if not step.terms or written == step.result_text:
        return Cell(step.result_text, mode, tip=tip)
    return Cell(f"{written} = {step.result_text}", mode, tip=tip)


def _so_far(step: Step, arrived: int) -> str:
    """The terms that have arrived and what they add up to."""
    if not arrived:
        return "…"
    terms = step.terms[:arrived]
    text = " + ".join(term.numeric.text for term in terms)
    more = " + …" if arrived < len(step.terms) else ""
    total = asked_or(terms[-1].partial_sum, number_pretty)
    return f"{text}{more} = {total}{' so far' if more else ''}"


def sums(step: Step) -> str:
    """The partial sums as they accumulate, one line for each contribution."""
    lines = [f"{step.quantity.text}: {step.rule.text}"] if step.rule.text else [step.quantity.text]
    for number, term in enumerate(step.terms[:MOST_TERMS]):
        line = f"{'+ ' if number else '   '}{term.numeric.text}"
        contribution = asked_or(term.contribution, number_pretty)
        if contribution != term.numeric.text:
            line += f" = {contribution}"
        if number:
            line += f"   sum {asked_or(term.partial_sum, number_pretty)}"
        lines.append(f"{line}   ({term.note})" if term.note else line)
    if len(step.terms) > MOST_TERMS:
        lines.append(f"and {len(step.terms) - MOST_TERMS} more terms")
    for words in (step.note, step.kink):
        if words:
            lines.append(words)
    return "\n".join(lines)


# Cross mode -----------------------------------------------------------------------------------


def product_text(graph: Graph, fill: FillIn) -> str:
    """One product of an elimination: `x₄→x₈: 3.32 · 1 = 3.32`."""
    source, target = (name_pretty(graph.nodes_by_id[i].name) for i in (fill.source, fill.target))
    product = asked_or(fill.term.contribution, number_pretty)
    return f"{source}→{target}: {fill.term.numeric.text} = {product}"


def fill_in_text(graph: Graph, fill: FillIn) -> str:
    """What happens to the edge: `x₄→x₈ new`, `x₄→x₉ 1.66 + 0.455 = 2.115`."""
    source, target = (name_pretty(graph.nodes_by_id[i].name) for i in (fill.source, fill.target))
    before, added, after = (
        asked_or(number, number_pretty)
        for number in (fill.before, fill.term.contribution, fill.after)
    )
    if fill.created:
        return f"{source}→{target} new: {after}"
    return f"{source}→{target}: {before} + {added} = {after}"


def elimination_cells(
    graph: Graph, step: Step, spent: tuple[int, int], reached: float
) -> tuple[Cell, Cell, Cell, Cell, Cell]:
    """Step, vertex, products, fill-ins and the cost up to and including this step."""
    number = Cell(str(step.index + 1), "text_muted")
    if reached <= 0.0:
        vertex = Cell(step.quantity.text, "text_muted", tip="Not eliminated yet")
        return number, vertex, Cell(WAITS, "text_muted"), EMPTY, EMPTY
    vertex = Cell(step.quantity.text, bold=True, tip=step.rule.text)
    if not step.fill_ins:
        nothing = step.note or "no edges to join"
        return number, vertex, Cell(nothing, "text_muted"), EMPTY, _cost(spent)
    products = [product_text(graph, fill) for fill in step.fill_ins]
    fills = [fill_in_text(graph, fill) for fill in step.fill_ins]
    return (
        number,
        vertex,
        Cell("   ".join(products), CROSS, tip="\n".join(products)),
        Cell("   ".join(fills), CROSS, tip="\n".join(fills)),
        _cost(spent),
    )


def _cost(spent: tuple[int, int]) -> Cell:
    return Cell(f"{spent[0]} mul · {spent[1]} add", tip="Multiplications and additions so far")


def headers(
    mode: str, seeds: dict[str, str], *, edges: bool = False
) -> tuple[tuple[str, str], ...]:
    """Text and colour token of each column's heading.

    Args:
        mode: of the session.
        seeds: in words, by mode, as far as known.
        edges: whether cross mode eliminates single edges too.
    """
    if mode == CROSS:
        return (
            ("step", "text_muted"),
            ("vertex or edge" if edges else "vertex", "text"),
            ("products", CROSS),
            ("edges made or changed", CROSS),
            ("cost so far", "text_muted"),
        )
    shown = {m: f", seed {seeds[m]}" if seeds.get(m) else "" for m in (FORWARD, BACKWARD)}
    return (
        ("step", "text_muted"),
        ("primal (values)", "text"),
        (f"forward tangent{shown[FORWARD]}", FORWARD),
        (f"backward adjoint{shown[BACKWARD]}", BACKWARD),
    )
