"""The terms that make an entry of the Hessian: a second local partial where two paths meet."""

from __future__ import annotations

from visualad.autodiff.path_pairs import Meeting, PairSum
from visualad.graph.model import Graph
from visualad.gui.panels.terms import Line, Listing, TermsView, factor_text
from visualad.kernel.messages import FindPathPairs, Request
from visualad.ops.writing import name_pretty, number_pretty

LONGEST_FORMULA = 40  # characters; a longer one makes the list hard to read and stays in the tip


class PathPairsView(TermsView):
    """The nodes where two paths meet; an entry is (output, first input, second input)."""

    subject = "path_pairs"
    spoken = "Terms of an entry of the Hessian"
    ask = (
        "Click an entry: the nodes where two paths meet and bend appear here, and their terms add "
        "up to it."
    )

    def request(self, graph: Graph, entry: tuple[str, ...]) -> Request:
        output, first, second = entry
        return FindPathPairs(graph, output=output, first=first, second=second)

    def listing(self, found: PairSum) -> Listing:
        output, first, second = map(name_pretty, (found.output, found.first, found.second))
        title = f"∂²{output}/∂{first}∂{second} as a sum over the nodes where paths meet"
        lines = [
            Line(written(term), told(term, found), term.nodes, term.edges) for term in found.terms
        ]
        return Listing(title, summary(found), lines)


def written(term: Meeting) -> str:
    """Two lines: `x₇ = x₄·x₅:  ∂²x₇/∂x₄∂x₅ = 1` and `1 · 0.5 · 0.8 · (−0.416) = −0.166`."""
    formula = number_pretty(term.second)
    if term.formula != formula and 0 < len(term.formula) <= LONGEST_FORMULA:
        formula = f"{term.formula} = {formula}"
    numbers = (term.second, term.adjoint, *term.tangents)
    factors = " · ".join(factor_text(number) for number in numbers)
    name = name_pretty(term.node)
    return (
        f"{name} = {term.computes}:  {term.partial_name} = {formula}\n"
        f"{factors} = {number_pretty(term.product)}"
    )


def told(term: Meeting, found: PairSum) -> str:
    """Every factor by its name and to its last digit."""
    output, node = name_pretty(found.output), name_pretty(term.node)
    through = [name_pretty(name) for name in term.sources]
    along = name_pretty(found.first), name_pretty(found.second)
    formula = f"{term.formula} = " if term.formula else ""
    lines = [
        f"second local partial {term.partial_name} = {formula}{term.second!r}",
        f"adjoint ∂{output}/∂{node} = {term.adjoint!r}",
        *(
            f"tangent ∂{source}/∂{name} = {tangent!r}"
            for source, name, tangent in zip(through, along, term.tangents, strict=True)
        ),
        f"product {term.product!r}",
    ]
    return "\n".join(lines)


def summary(found: PairSum) -> str:
    """How many terms there are, what they add up to, and what their factors are."""
    output, first, second = map(name_pretty, (found.output, found.first, found.second))
    if found.count == 0:
        both = first if first == second else f"{first} and {second}"
        return f"0: no node on the way to {output} bends with {both}."
    factors = f"Second local partial · adjoint · tangent along {first} · tangent along {second}."
    if not found.is_complete:
        return f"{found.count:,} terms; the first {len(found.terms)} are listed. {factors}"
    plural = "s" if found.count > 1 else ""
    return f"{found.count} term{plural}, in all {number_pretty(found.total)}. {factors}"
