"""The paths that make an entry of the Jacobian, each with the product of its partials."""

from __future__ import annotations

from visualad.autodiff.paths import Path, PathSum
from visualad.graph.model import Graph
from visualad.gui.panels.terms import Line, Listing, TermsView, factor_text
from visualad.kernel.messages import FindPaths, Request
from visualad.ops.writing import name_pretty, number_pretty


class PathsView(TermsView):
    """The paths from an input to an output; an entry is (output, input)."""

    subject = "paths"
    spoken = "Paths of an entry of the Jacobian"
    ask = (
        "Click an entry: its paths through the graph appear here, and their products add up to it."
    )

    def request(self, graph: Graph, entry: tuple[str, ...]) -> Request:
        return FindPaths(graph, output=entry[0], input=entry[1])

    def listing(self, found: PathSum) -> Listing:
        output, name = name_pretty(found.output), name_pretty(found.input)
        lines = [
            Line(
                written(path), f"{written(path)}\nexactly {path.product!r}", path.nodes, path.edges
            )
            for path in found.paths
        ]
        return Listing(f"∂{output}/∂{name} as a sum over paths", summary(found), lines)


def written(path: Path) -> str:
    """`x₁ → x₄ → x₆:  2 · 7.389 = 14.78`."""
    route = " → ".join(name_pretty(name) for name in path.nodes)
    factors = " · ".join(factor_text(partial) for partial in path.partials)
    if len(path.partials) < 2:
        return f"{route}:  {number_pretty(path.product)}"
    return f"{route}:  {factors} = {number_pretty(path.product)}"


def summary(found: PathSum) -> str:
    """How many paths there are and what they add up to."""
    output, name = name_pretty(found.output), name_pretty(found.input)
    if found.output == found.input:
        return "1, because it is the derivative of a node with respect to itself."
    if found.count == 0:
        return f"0 because no path leads from {name} to {output}."
    if not found.is_complete:
        return f"{found.count:,} paths; the first {len(found.paths)} of them are listed."
    plural = "s" if found.count > 1 else ""
    return f"{found.count} path{plural}, in all {number_pretty(found.total)}."
