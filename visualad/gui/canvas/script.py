"""What cards show of the steps of a sweep, found without making the steps of a long one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from visualad.autodiff.steps import BACKWARD, Sweep
from visualad.graph.model import Graph
from visualad.ops.writing import name_pretty, tangent_name

MOST_MADE = 2_000  # steps that are made only to be shown on cards


class Script:
    """Node, label and result of every step of a forward or backward sweep.

    The steps of a long sweep, each with its texts, are made when they are looked at; what cards
    show of them is found without.

    Attributes:
        nodes: ids, one for each step.
    """

    def __init__(self, graph: Graph, sweep: Sweep) -> None:
        self._graph, self._sweep = graph, sweep
        self._head = ""
        nodes = _expected(graph, sweep) if len(sweep) > MOST_MADE else None
        self._is_certain = nodes is None
        self.nodes = [step.node for step in sweep] if nodes is None else nodes
        if nodes is not None and sweep.mode == BACKWARD:
            self._head = sweep[0].quantity.text.rpartition("/∂")[0]

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(enumerate(self.nodes))

    @cached_property
    def places(self) -> dict[str, int]:
        """The step of each node."""
        return {node: place for place, node in enumerate(self.nodes)}

    def label(self, index: int) -> str:
        """What results, as the step says it."""
        if self._is_certain:
            return self._sweep[index].quantity.text
        name = self._graph.nodes_by_id[self.nodes[index]].name
        if self._head:
            return f"{self._head}/∂{name_pretty(name)}"
        return name_pretty(tangent_name(name).text)

    def result(self, index: int) -> Any:
        """The tangent or adjoint."""
        if self._is_certain:
            return self._sweep[index].result
        sweep = self._sweep
        found = sweep.adjoints if sweep.mode == BACKWARD else sweep.tangents
        return found.get(self._graph.nodes_by_id[self.nodes[index]].name)


Row = tuple[str, Any, str]  # label, value or None, colour token


class ScriptRows(Mapping[str, Row]):
    """The rows of all nodes when the steps before `done` are done, found when they are asked for.

    Args:
        now: the node of the step that is shown, and its row.
    """

    def __init__(
        self, script: Script, done: int, mode: str, now: tuple[str, Row] | None = None
    ) -> None:
        self._script, self._done, self._mode, self._now = script, done, mode, now

    def __getitem__(self, node: str) -> Row:
        if self._now is not None and self._now[0] == node:
            return self._now[1]
        place = self._script.places[node]
        result = self._script.result(place) if place < self._done else None
        return self._script.label(place), result, self._mode

    def __iter__(self) -> Iterator[str]:
        return iter(self._script.nodes)

    def __len__(self) -> int:
        return len(self._script.nodes)


def _expected(graph: Graph, sweep: Sweep) -> list[str] | None:
    """The nodes of the steps of a sweep, or None when they are not the usual ones."""
    depends = graph.depending
    order = reversed(graph.order) if sweep.mode == BACKWARD else graph.order
    nodes = [id_ for id_ in order if id_ in depends]
    if len(nodes) != len(sweep):
        return None
    places = (0, len(nodes) // 2, len(nodes) - 1)
    return nodes if all(sweep[i].node == nodes[i] for i in places) else None
