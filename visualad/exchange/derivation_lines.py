"""The current step as lines of mathematics, cut at the plus signs into parts that can be lit up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from visualad.autodiff.steps import CROSS, FORWARD, FillIn, Formula, Step, Term
from visualad.exchange.words import asked_or
from visualad.graph.model import Graph
from visualad.ops.writing import name_latex, name_pretty, number_latex, number_text

EdgeKey = tuple[str, str, str]
MOST_TERMS = 12  # of a sum that are typeset


@dataclass(frozen=True)
class Part:
    """A piece of a line: a term of the sum, or what stands before it.

    Attributes:
        latex: to be typeset; text: the same in Unicode.
        edges: that it comes from; nodes: whose value or derivative it holds. Lit up together.
    """

    latex: str
    text: str
    edges: frozenset[EdgeKey] = frozenset()
    nodes: frozenset[str] = frozenset()


EQUALS = Part("=", "=")


@dataclass(frozen=True)
class Line:
    """One line of the derivation.

    Attributes:
        kind: "rule", "names", "partials", "numbers", "result", "words", "kink" or "cost".
        parts: of mathematics; empty for a line in words.
        words: a sentence; "" for mathematics.
    """

    kind: str
    parts: tuple[Part, ...] = ()
    words: str = ""

    @property
    def text(self) -> str:
        """The whole line as Unicode text."""
        return self.words or " ".join(part.text for part in self.parts)


def lines(graph: Graph, step: Step) -> tuple[Line, ...]:
    """The derivation of a step: rule, names, partials, numbers, result and remarks."""
    return tuple(_cross(graph, step) if step.mode == CROSS else _sweep(graph, step))


def _sweep(graph: Graph, step: Step) -> Iterator[Line]:
    yield Line("rule", (_part(step.quantity), EQUALS, _part(step.rule)))
    seen = {_bare(step.result_text)}
    stages = (("names", step.symbolic), ("partials", step.partials), ("numbers", step.numeric))
    for kind, formula in stages:
        if step.terms and formula.text and _bare(formula.text) not in seen:
            seen.add(_bare(formula.text))
            yield Line(kind, tuple(_terms(step, formula)))
    result = Part(_latex_number(step), step.result_text, nodes=frozenset({step.node}))
    yield Line("result", (EQUALS, result))
    for term in step.terms:
        if term.note and len(step.terms) > 1 and term.note != step.note:
            note = with_subscripts(graph, term.note)
            yield Line("words", words=f"{term.symbolic.text}: {note}")
    if step.note:
        yield Line("words", words=with_subscripts(graph, step.note))
    if step.kink:
        yield Line("kink", words=step.kink)


def _latex_number(step: Step) -> str:
    return number_latex(step.result) if step.result is not None else step.result_text


def _terms(step: Step, formula: Formula) -> Iterator[Part]:
    """The right side cut into one part for each term, where that can be done."""
    latex, text = split_sum(formula.latex), split_sum(formula.text)
    terms = terms_as_written(step)
    if len(latex) != len(terms) or len(text) != len(terms) or len(terms) > MOST_TERMS:
        together = frozenset(term.edge for term in step.terms)
        yield EQUALS
        yield Part(formula.latex, formula.text, together)
        return
    for number, (term, tex, plain) in enumerate(zip(terms, latex, text, strict=True)):
        yield EQUALS if number == 0 else _sign(tex)
        signs = "-− " if number else ""  # they stand before it already
        edges: frozenset[EdgeKey] = frozenset()
        nodes: frozenset[str] = frozenset()
        if term is not None:
            # The number that travels stands at the far end of the edge.
            far = term.edge[0] if step.mode == FORWARD else term.edge[1]
            edges, nodes = frozenset({term.edge}), frozenset({far})
        yield Part(tex.lstrip(signs), plain.lstrip(signs), edges, nodes)


def terms_as_written(step: Step) -> list[Term | None]:
    """The terms in the order of the formula, which need not be that in which they arrive.

    None for a summand that is no term: the seed that a node starts with.
    """
    waiting = list(step.terms)
    written: list[Term | None] = []
    for piece in split_sum(step.symbolic.text):
        found = next((term for term in waiting if term.symbolic.text == piece), None)
        if found is not None:
            waiting.remove(found)
        written.append(found)
    return [] if waiting else written


def _sign(tex: str) -> Part:
    return Part("-", "−") if tex.startswith("-") else Part("+", "+")


def with_subscripts(graph: Graph, sentence: str) -> str:
    """A sentence with the names of nodes as they are written elsewhere: `x5` as `x₅`."""

    def written(found: re.Match[str]) -> str:
        return name_pretty(found[0]) if found[0] in graph else found[0]

    return re.sub(r"[^\W\d]\w*\d\b", written, sentence)


def split_sum(text: str) -> list[str]:
    """Cut a formula at the plus and minus signs that stand outside of all brackets.

    A minus sign stays with the term that follows it.
    """
    parts: list[str] = []
    depth = 0
    current = ""
    for position, character in enumerate(text):
        before = current.rstrip()
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif (
            depth == 0
            and character in "+-−"
            and before
            and not before.endswith(
                ("·", "cdot", "=", "(", "e", "E", "+", "-", "−", "^", "_", "/", "÷")
            )
            and text[position + 1 : position + 2] in (" ", "\\", "{")
        ):
            parts.append(before)
            current = "" if character == "+" else character
            continue
        current += character
    parts.append(current.strip())
    return [part.strip() for part in parts if part.strip()]


# Cross mode -----------------------------------------------------------------------------------


def _cross(graph: Graph, step: Step) -> Iterator[Line]:
    yield Line("words", words=f"Eliminate {step.quantity.text}: {step.rule.text}".rstrip(": "))
    for fill in step.fill_ins[:MOST_TERMS]:
        yield Line("names", _product_names(graph, step, fill))
        yield Line("numbers", _product_numbers(step, fill))
        if not fill.created:
            yield Line("numbers", (_merged(fill),))
    if len(step.fill_ins) > MOST_TERMS:
        yield Line("words", words=f"and {len(step.fill_ins) - MOST_TERMS} more products")
    cost = step.cost
    if step.fill_ins:
        products = (
            "1 multiplication"
            if cost.multiplications == 1
            else (f"{cost.multiplications} multiplications")
        )
        sums = "1 addition" if cost.additions == 1 else f"{cost.additions} additions"
        yield Line("cost", words=f"This step costs {products} and {sums}.")
    if step.note:
        yield Line("words", words=step.note)
    if step.kink:
        yield Line("kink", words=step.kink)


def _product_names(graph: Graph, step: Step, fill: FillIn) -> tuple[Part, ...]:
    source, vertex, target = (
        graph.nodes_by_id[id_].name for id_ in (fill.source, step.node, fill.target)
    )
    inward, outward = (fill.source, step.node, ""), (step.node, fill.target, "")
    return (
        Part(
            _ratio(target, source),
            f"∂{name_pretty(target)}/∂{name_pretty(source)}",
            nodes=frozenset({fill.source, fill.target}),
        ),
        EQUALS if fill.created else Part("{+}{=}", "+="),
        Part(
            _ratio(vertex, source),
            f"∂{name_pretty(vertex)}/∂{name_pretty(source)}",
            _edges(graph, *inward[:2]),
            frozenset({fill.source}),
        ),
        Part(
            rf"\cdot {_ratio(target, vertex)}",
            f"· ∂{name_pretty(target)}/∂{name_pretty(vertex)}",
            _edges(graph, *outward[:2]),
            frozenset({fill.target}),
        ),
    )


def _product_numbers(step: Step, fill: FillIn) -> tuple[Part, ...]:
    term = fill.term
    contribution = asked_or(term.contribution, number_text)
    parts = [
        EQUALS,
        Part(
            term.numeric.latex,
            term.numeric.text,
            frozenset({(fill.source, step.node, ""), (step.node, fill.target, "")}),
        ),
    ]
    if contribution != term.numeric.text:
        parts.append(EQUALS)
        parts.append(Part(asked_or(term.contribution, number_latex), contribution))
    return tuple(parts)


def _merged(fill: FillIn) -> Part:
    """What the product is added to: the edge that stood there already."""
    numbers = (fill.before, fill.term.contribution, fill.after)
    return Part(
        "{} + {} = {}".format(*(asked_or(number, number_latex) for number in numbers)),
        "{} + {} = {}".format(*(asked_or(number, number_text) for number in numbers)),
        nodes=frozenset({fill.source, fill.target}),
    )


def _ratio(above: str, below: str) -> str:
    return rf"\frac{{\partial {name_latex(above)}}}{{\partial {name_latex(below)}}}"


def _edges(graph: Graph, source: str, target: str) -> frozenset[EdgeKey]:
    """The edges of the graph between two nodes, or the edge of the linearised graph."""
    found = {(e.source, e.target, e.port) for e in graph.edges_into(target) if e.source == source}
    return frozenset(found | {(source, target, "")})


def _part(formula: Formula) -> Part:
    return Part(formula.latex, formula.text)


def _bare(text: str) -> str:
    return text.replace(" ", "")
