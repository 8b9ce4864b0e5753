"""Playing on the graph in which equal subexpressions are one node: an edit like others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from visualad.graph.merging import merge_equal
from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.questions import same_structure

if TYPE_CHECKING:
    from visualad.autodiff.orders import Order

MERGE, SEPARATE = "Merge Equal Subexpressions", "Separate Equal Subexpressions"


class Merging:
    """Merges the equal subexpressions of a document and draws them apart again.

    Attributes:
        best: the best order known of the graph before it was merged, to be set beside.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._apart: Graph | None = None
        self._merged: Graph | None = None
        self.best: Order | None = None

    @property
    def is_on(self) -> bool:
        """Whether the document shows what was merged here, and nothing was redrawn since."""
        merged, graph = self._merged, self._document.graph
        return merged is not None and (merged is graph or same_structure(merged, graph))

    def merge(self, best: Order | None) -> bool:
        """Make equal subexpressions one node; False when there are none."""
        apart = self._document.graph
        merged = merge_equal(apart)
        if merged is apart or not self._document.apply(MERGE, lambda _: merged):
            return False
        self._apart, self._merged, self.best = apart, merged, best
        return True

    def separate(self) -> bool:
        """Draw them apart as before; values and places that were changed since stay changed."""
        apart, document = self._apart, self._document
        if not self.is_on or apart is None:
            return False
        if document.undo_name == MERGE:
            document.undo()
            return True
        return document.apply(SEPARATE, lambda now: _as_now(apart, now))


def _as_now(apart: Graph, now: Graph) -> Graph:
    """A graph with the settings and places that its nodes have in another one."""
    known = now.nodes_by_id
    nodes = {
        id_: replace(node, settings=known[id_].settings, position=known[id_].position)
        if id_ in known
        else node
        for id_, node in apart.nodes_by_id.items()
    }
    return apart.with_(nodes_by_id=nodes)
