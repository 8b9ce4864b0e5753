"""The trace table as a Qt model: cells are made when they are looked at, never before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, cast

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from visualad.autodiff.moves import has_edges
from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, Step, Sweep
from visualad.graph.model import Graph
from visualad.gui.masking import NOTHING_HIDDEN
from visualad.gui.panels.trace_rows import (
    EMPTY,
    Cell,
    derivative_cell,
    elimination_cells,
    headers,
    name_cell,
    primal_cell,
)
from visualad.gui.stamps import HIDDEN, Stamp
from visualad.lessons.exercise import FILL_IN, Blank, Kind

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NODE = Role.UserRole  # node id of the row
CELL = Role.UserRole + 1  # the Cell
CURRENT = Role.UserRole + 2  # whether it is the row of the step that is shown
STEP, PRIMAL, TANGENT, ADJOINT = range(4)
_KINDS = ("", "value", "tangent", "adjoint")  # by column, as blanks call them
_FILL_INS = 3  # column of what elimination makes
_MOST_CELLS = 4096  # kept ready


class Rows:
    """Which step of a sweep belongs to a node; found without making all the steps."""

    def __init__(self, graph: Graph, sweep: Sweep) -> None:
        self.sweep = sweep
        order = graph.order if sweep.mode == FORWARD else tuple(reversed(graph.order))
        depends = graph.depending
        expected = [id_ for id_ in order if id_ in depends]
        self._guess = {id_: number for number, id_ in enumerate(expected)}
        self._certain: dict[str, int] | None = None

    def index(self, node: str) -> int | None:
        """The number of the node's step, or None when it has none."""
        if self._certain is None:
            guess = self._guess.get(node)
            if guess is None or len(self._guess) != len(self.sweep.steps):
                self._certain = self._all()
            elif self.sweep.steps[guess].node == node:
                return guess
            else:
                self._certain = self._all()
        return self._certain.get(node)

    def step(self, node: str) -> Step | None:
        """The node's step, or None."""
        found = self.index(node)
        return None if found is None else self.sweep.steps[found]

    def _all(self) -> dict[str, int]:
        return {step.node: number for number, step in enumerate(self.sweep.steps)}


def _blank(kind: str, place: str | tuple[str, str, str]) -> Blank:
    """A question by its place alone."""
    if isinstance(place, str):
        return Blank("", cast(Kind, kind), place)
    return Blank("", cast(Kind, kind), place[1], place[0], place[2])


class TraceModel(QAbstractTableModel):
    """One row for each node (forward, backward, values) or for each eliminated vertex (cross)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.graph = Graph()
        self.mode = ""
        self.index_shown = -1
        self.progress = 1.0
        self.lit: frozenset[str] = frozenset()  # nodes that are pointed at elsewhere
        self.mask = NOTHING_HIDDEN  # what an exercise asks for
        self._values: Mapping[str, Any] = {}
        self._failures: Mapping[str, str] = {}
        self._nodes: tuple[str, ...] = ()
        self._row_of: dict[str, int] = {}
        self._rows: dict[str, Rows] = {}
        self._elimination: Sweep | None = None
        self._spent: list[tuple[int, int]] = []
        self._cells: OrderedDict[tuple[int, int], Cell] = OrderedDict()

    # What is shown ----------------------------------------------------------------------------

    def show(
        self,
        graph: Graph,
        mode: str,
        sweeps: Mapping[str, Rows],
        values: Mapping[str, Any],
        failures: Mapping[str, str],
        position: tuple[int, float],
    ) -> None:
        """Show this graph in this mode.

        Args:
            sweeps: what is known, by mode.
            position: the step that is shown in the sweep of `mode`, and its progress.
        """
        crossed = sweeps.get(CROSS) if mode == CROSS else None
        elimination = crossed.sweep if crossed is not None else None
        if elimination is not None:
            nodes = tuple(step.node for step in elimination.steps)
        elif mode == CROSS:
            nodes = ()
        else:
            nodes = graph.order if mode != BACKWARD else tuple(reversed(graph.order))
        heads = self._heads()
        reset = nodes != self._nodes or (mode == CROSS) != (self.mode == CROSS)
        if reset:
            self.beginResetModel()
        self.graph, self.mode = graph, mode
        self._values, self._failures = values, failures
        self.index_shown, self.progress = position
        self._elimination = elimination
        if elimination is not None:
            costs = [(s.cost.multiplications, s.cost.additions) for s in elimination.steps]
            self._spent = list(accumulate(costs, lambda a, b: (a[0] + b[0], a[1] + b[1])))
        self._rows = {m: rows for m, rows in sweeps.items() if m != CROSS}
        self._cells.clear()
        if reset:
            self._nodes = nodes
            self._row_of = {id_: row for row, id_ in enumerate(nodes)}
            self.endResetModel()
        elif nodes:
            self.dataChanged.emit(self.index(0, 0), self._last())
        if self._heads() != heads:  # else the whole table would be laid out anew
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def _heads(self) -> list[Any]:
        columns = range(self.columnCount())
        return [self.headerData(c, Qt.Orientation.Horizontal, CELL) for c in columns]

    def move_to(self, index: int, progress: float) -> None:
        """Another step is shown, or its pulses have come further."""
        before, self.index_shown, self.progress = self.index_shown, index, progress
        if index == before:
            self._refresh(self.row_of_step(index))
            return
        first, last = sorted((before, index))
        if last - first > 64:
            self._cells.clear()
            if self._nodes:
                self.dataChanged.emit(self.index(0, 0), self._last())
            return
        for step in range(first, last + 1):
            self._refresh(self.row_of_step(step))

    @property
    def has_edges(self) -> bool:
        """Whether single edges are eliminated."""
        return self._elimination is not None and has_edges(self._elimination.order)

    def row_of(self, node: str) -> int:
        """The row of a node, or -1."""
        return self._row_of.get(node, -1)

    def node_at(self, row: int) -> str:
        """The id of the node in a row."""
        return self._nodes[row]

    def row_of_step(self, step: int) -> int:
        """The row of a step of the sweep that is played, or -1."""
        sweep = self._played()
        if sweep is None or not 0 <= step < len(sweep.steps):
            return -1
        if self.mode == CROSS:
            return step
        return self._row_of.get(sweep.steps[step].node, -1)

    def step_of(self, row: int) -> Step | None:
        """The step of the sweep that is played which belongs to a row, or None."""
        if self.mode == CROSS and self._elimination is not None:
            return self._elimination.steps[row]
        rows = self._rows.get(self.mode)
        return rows.step(self._nodes[row]) if rows is not None else None

    def _played(self) -> Sweep | None:
        if self.mode == CROSS:
            return self._elimination
        rows = self._rows.get(self.mode)
        return rows.sweep if rows is not None else None

    def _refresh(self, row: int) -> None:
        if row < 0:
            return
        for column in range(self.columnCount()):
            self._cells.pop((row, column), None)
        self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))

    def _last(self) -> QModelIndex:
        return self.index(len(self._nodes) - 1, self.columnCount() - 1)

    # Qt's questions ---------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._nodes)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(headers(self.mode, {}))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal or role not in (Role.DisplayRole, CELL):
            return None
        seeds = {mode: rows.sweep.seed for mode, rows in self._rows.items()}
        shown = headers(self.mode, seeds, edges=self.has_edges)
        if section >= len(shown):
            return None
        text, token = shown[section]
        return text if role == Role.DisplayRole else Cell(text, token, bold=True)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == NODE:
            return self._nodes[index.row()]
        if role == CURRENT:
            return index.row() == self.row_of_step(self.index_shown)
        if role in (Role.DisplayRole, Role.ToolTipRole, Role.AccessibleTextRole, CELL):
            cell = self.cell(index.row(), index.column())
            return cell if role == CELL else cell.tip if role == Role.ToolTipRole else cell.text
        return None

    def cell(self, row: int, column: int) -> Cell:
        """What stands in a cell."""
        found = self._cells.get((row, column))
        if found is None:
            found = self._make(row, column)
            self._cells[row, column] = found
            if len(self._cells) > _MOST_CELLS:
                self._cells.popitem(last=False)
        return found

    def _make(self, row: int, column: int) -> Cell:
        id_ = self._nodes[row]
        node = self.graph.nodes_by_id[id_]
        if self._elimination is not None:
            step = self._elimination.steps[row]
            return elimination_cells(self.graph, step, self._spent[row], self._reached(row))[column]
        if column == STEP:
            return name_cell(self.graph, node)
        if self.mask and _KINDS[column] in self.mask.kinds(self.graph, id_):
            return self._hidden_cell(id_, _KINDS[column])
        if column == PRIMAL:
            found = primal_cell(
                self.graph, node, self._values.get(id_), self._failures.get(id_, "")
            )
            return self._stamped(found, id_, column)
        mode = FORWARD if column == TANGENT else BACKWARD
        rows = self._rows.get(mode)
        if rows is None:
            return EMPTY
        step_index = rows.index(id_)
        if step_index is None:
            return derivative_cell(self.graph, None, mode, 1.0)
        reached = self._reached(step_index) if mode == self.mode else 1.0
        found = derivative_cell(self.graph, rows.sweep.steps[step_index], mode, reached)
        return self._stamped(found, id_, column) if reached >= 1.0 else found

    # Questions of an exercise -----------------------------------------------------------------

    def place_of(self, blank: Blank) -> tuple[int, int]:
        """Row and column where a question is answered; row -1 where the table has no such place.

        What is asked about an edge is answered in the cell that collects what travels over it.
        """
        if blank.kind == FILL_IN:
            return (self.row_of(blank.node), _FILL_INS) if self.mode == CROSS else (-1, 0)
        if self.mode == CROSS:
            return -1, 0
        if blank.kind in _KINDS:
            return self.row_of(blank.node), _KINDS.index(blank.kind)
        if self.mode not in (FORWARD, BACKWARD):
            return -1, 0
        node = blank.source if self.mode == BACKWARD else blank.node
        return self.row_of(node), ADJOINT if self.mode == BACKWARD else TANGENT

    def questions(self, row: int, column: int) -> list[str]:
        """Ids of the open questions that are answered in a cell, its own first."""
        stamps = {stamp.blank for stamp in self.mask.stamps.values() if stamp.is_open}
        found = [
            (kind not in _KINDS, stamp.blank)
            for (kind, place), stamp in self.mask.stamps.items()
            if stamp.blank in stamps and self.place_of(_blank(kind, place)) == (row, column)
        ]
        return [id_ for _, id_ in sorted(found, key=lambda entry: entry[0])]

    def _stamped(self, cell: Cell, node: str, column: int) -> Cell:
        """The cell with the sign of an answer that was right."""
        stamp = self.mask.stamp(_KINDS[column], node) if self.mask.stamps else None
        if stamp is None or stamp.is_open:
            return cell
        text = f"{cell.text} {stamp.written().strip()}".strip()
        return Cell(text, stamp.token, cell.bold, cell.tip)

    def _hidden_cell(self, node: str, kind: str) -> Cell:
        """A question, or what is only kept back."""
        if not self.mask.is_asked(kind, node):
            return Cell(HIDDEN, "text_muted", tip="Hidden while the exercise is being answered.")
        stamp = self.mask.stamp(kind, node) or Stamp("")
        return Cell(stamp.written(), stamp.token, True, "The exercise asks for it.")

    def _reached(self, step: int) -> float:
        if step == self.index_shown:
            return max(self.progress, 1e-9)
        return 1.0 if step < self.index_shown else 0.0
