"""The extended Jacobian while vertices are eliminated: a lower triangle whose entries fill in.

Row i holds the partials of vertex i with respect to its predecessors, and −1 on the diagonal
(Griewank and Walther, Evaluating Derivatives, chapter 9). Eliminating a vertex is Gaussian
elimination with its diagonal entry as the pivot: its row and column become empty, and the products
of their entries are added where row and column cross.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from visualad.autodiff.moves import names_in
from visualad.autodiff.steps import Sweep
from visualad.exchange.words import asked_or, minus
from visualad.graph.model import Graph
from visualad.gui import fonts, theme
from visualad.gui.canvas.derivation import Moment
from visualad.ops.writing import name_pretty, number_text

# Sizes in px. Cells take the room there is, between these.
WIDTHS, HEIGHTS = (31.0, 58.0), (16.0, 26.0)
SIZES = (11.0, 9.0)  # px of the numbers, and of those that would not fit
NEARLY_ZERO = 1e-6
SMALL_CELLS = (3.0, 9.0)  # without numbers
HEADER, SIDE = 20.0, 34.0
MOST_WITH_NUMBERS = 24
MOST = 200  # vertices; larger matrices are not drawn

Pair = tuple[str, str]  # source id, target id


@dataclass(frozen=True)
class Entry:
    """An entry: its number, and whether it is "given", "changed" or "fill_in"."""

    value: Any
    kind: str


@dataclass(frozen=True)
class ExtendedJacobian:
    """The matrix at one moment of an elimination.

    Attributes:
        order: ids of all vertices in topological order.
        entries: by (source id, target id).
        gone: ids of the vertices that are eliminated; pivot: the one being eliminated, or "".
        inputs, outputs: ids.
    """

    order: tuple[str, ...] = ()
    entries: Mapping[Pair, Entry] = None  # type: ignore[assignment]
    gone: frozenset[str] = frozenset()
    pivot: str = ""
    inputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()


NOTHING = ExtendedJacobian(entries={})


def extended_jacobian(graph: Graph, sweep: Sweep | None, moment: Moment) -> ExtendedJacobian:
    """The matrix of a cross mode sweep at a moment; `NOTHING` in other modes."""
    if sweep is None or sweep.mode != "cross" or moment.mode != "cross":
        return NOTHING
    names = {*names_in(sweep.order), *sweep.left, *graph.independents, *graph.outputs}
    names |= {graph.nodes_by_id[id_].name for step in sweep for id_ in step.vanished}
    vertices = {graph.id_of(name) for name in names if name in graph}
    order = tuple(id_ for id_ in graph.order if id_ in vertices)
    entries: dict[Pair, Entry] = {}
    for (source, target, _), partial in sweep.edge_partials.items():
        pair = (source, target)
        if source not in vertices or target not in vertices:
            continue
        known = entries.get(pair)
        entries[pair] = Entry(partial if known is None else known.value + partial, "given")
    for source, target, _ in sweep.edge_formulas.keys() - sweep.edge_partials.keys():
        if source in vertices and target in vertices:  # an exercise asks for it
            entries[source, target] = Entry(None, "given")
    for pair, edge in moment.changed.items():
        entries[pair] = Entry(edge.partial, "changed")
    for pair, edge in moment.fill_ins.items():
        entries[pair] = Entry(edge.partial, "fill_in")
    gone, outputs = moment.eliminated, frozenset(graph.output_ids)
    left = {
        pair: entry
        for pair, entry in entries.items()
        if pair[0] not in gone
        and (pair[1] not in gone or pair[1] in outputs)
        and pair not in moment.removed
    }
    return ExtendedJacobian(
        order=order,
        entries=left,
        gone=gone,
        pivot=moment.going or (moment.active_node if moment.active_node not in gone else ""),
        inputs=frozenset(graph.id_of(name) for name in graph.independents),
        outputs=outputs,
    )


class MatrixView(QWidget):
    """Paints an extended Jacobian.

    Signals:
        pointed: (source id, target id) of the entry under the mouse, or None.
        entry_clicked: (source id, target id) of an entry that stands for an edge that can be
            eliminated, and whether Shift was held.
        clicked: id of the vertex whose row or column header or diagonal entry was clicked.
    """

    pointed = Signal(object)
    clicked = Signal(str)
    entry_clicked = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("extended_jacobian")
        self.setAccessibleName("Extended Jacobian")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.matrix = NOTHING
        self.names: Mapping[str, str] = {}
        self.lit: frozenset[Pair] = frozenset()
        self._offered: frozenset[str] = frozenset()
        self._edges: Mapping[Pair, tuple[str, str]] = {}
        theme.theme_changed.connect(self.update)

    def show_matrix(
        self,
        matrix: ExtendedJacobian,
        names: Mapping[str, str],
        offered: frozenset[str],
        edges: Mapping[Pair, tuple[str, str]],
    ) -> None:
        """Show a matrix.

        Args:
            names: of the vertices by id.
            offered: ids of the vertices that a click eliminates.
            edges: what a click on an entry eliminates, in words, and what one with Shift does; ""
                where an edge has no such end.
        """
        if matrix.order != self.matrix.order:
            self.updateGeometry()
        self.matrix, self.names, self._offered, self._edges = matrix, names, offered, edges
        filled = sum(entry.kind == "fill_in" for entry in matrix.entries.values())
        self.setAccessibleDescription(
            f"{len(matrix.order)} rows, {len(matrix.entries)} entries, {filled} of them filled in"
        )
        self.update()

    def set_lit(self, pairs: frozenset[Pair]) -> None:
        """Light up entries."""
        if pairs != self.lit:
            self.lit = pairs
            self.update()

    @property
    def _numbers(self) -> bool:
        return len(self.matrix.order) <= MOST_WITH_NUMBERS

    def _cell(self) -> tuple[float, float]:
        count = max(len(self.matrix.order), 1)
        if not self._numbers:
            room = min(self.width(), self.height()) - 6
            side = min(max(float(int(room / count)), SMALL_CELLS[0]), SMALL_CELLS[1])
            return side, side
        width = (self.width() - SIDE - 3) / count
        height = (self.height() - HEADER - 3) / count
        return (
            float(int(min(max(width, WIDTHS[0]), WIDTHS[1]))),
            float(int(min(max(height, HEIGHTS[0]), HEIGHTS[1]))),
        )

    def _corner(self) -> tuple[float, float]:
        return (SIDE, HEADER) if self._numbers else (2.0, 2.0)

    def sizeHint(self) -> QSize:
        return self._size(WIDTHS[1], HEIGHTS[1], SMALL_CELLS[1])

    def minimumSizeHint(self) -> QSize:
        return self._size(WIDTHS[0], HEIGHTS[0], SMALL_CELLS[0])

    def _size(self, width: float, height: float, small: float) -> QSize:
        count = min(len(self.matrix.order), MOST)
        left, top = self._corner()
        if not self._numbers:
            width = height = small
        return QSize(round(left + count * width) + 3, round(top + count * height) + 3)

    def area(self, source: str, target: str) -> QRectF:
        """Where the entry of an edge stands."""
        place = self.matrix.order.index
        (width, height), (left, top) = self._cell(), self._corner()
        return QRectF(left + place(source) * width, top + place(target) * height, width, height)

    def _at(self, at: QPointF) -> tuple[str, str] | None:
        """Ids of column and row at a point; "" for their header."""
        (width, height), (left, top) = self._cell(), self._corner()
        order = self.matrix.order
        column, row = (at.x() - left) // width, (at.y() - top) // height
        if column >= len(order) or row >= len(order) or (column < 0 and row < 0):
            return None
        return (order[int(column)] if column >= 0 else ""), (order[int(row)] if row >= 0 else "")

    # Painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        matrix, shown = self.matrix, theme.current()
        if not matrix.order or len(matrix.order) > MOST:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        (width, height), (left, top) = self._cell(), self._corner()
        count = len(matrix.order)
        whole = QRectF(left, top, count * width, count * height)
        painter.fillRect(whole, QColor(shown.surface))
        self._paint_bands(painter, whole)
        painter.setPen(QPen(QColor(shown.border), 0.6))
        if self._numbers:
            for i in range(count + 1):
                y, x = top + i * height, left + i * width
                painter.drawLine(QPointF(left, y), QPointF(left + min(i + 1, count) * width, y))
                painter.drawLine(
                    QPointF(x, top + max(i - 1, 0) * height), QPointF(x, whole.bottom())
                )
        for pair, entry in matrix.entries.items():
            self._paint_entry(painter, pair, entry)
        self._paint_diagonal_and_headers(painter)
        painter.end()

    def _paint_bands(self, painter: QPainter, whole: QRectF) -> None:
        """Rows and columns that are gone, and those of the pivot."""
        shown, matrix = theme.current(), self.matrix
        (width, height), (left, top) = self._cell(), self._corner()
        for place, id_ in enumerate(matrix.order):
            if id_ not in matrix.gone and id_ != matrix.pivot:
                continue
            token = "hover" if id_ in matrix.gone else "cross_soft"
            colour = shown.colour(token)
            reach = (place + 1) * width
            row = QRectF(left, top + place * height, reach, height)
            column = QRectF(left + place * width, top + place * height, width, 0)
            column.setBottom(whole.bottom())
            if id_ not in matrix.outputs or id_ == matrix.pivot:
                painter.fillRect(row, colour)
            painter.fillRect(column, colour)

    def _paint_entry(self, painter: QPainter, pair: Pair, entry: Entry) -> None:
        shown = theme.current()
        area = self.area(*pair).adjusted(1, 1, -1, -1)
        made = entry.kind != "given"
        lit = pair in self.lit
        painter.setPen(Qt.PenStyle.NoPen)
        if not self._numbers:
            painter.setBrush(shown.colour("accent" if lit else "cross" if made else "edge"))
            painter.drawRect(self.area(*pair).adjusted(0, 0, -0.5, -0.5))
            return
        fill = shown.colour("cross_soft" if made else "hover")
        painter.setBrush(shown.colour("accent_soft") if lit else fill)
        painter.setPen(
            QPen(shown.colour("accent" if lit else "cross"), 1.4) if lit or made else QPen(fill)
        )
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        if entry.kind == "fill_in" and area.height() >= 20:
            painter.drawRoundedRect(area.adjusted(2.5, 2.5, -2.5, -2.5), 2, 2)
        painter.setPen(shown.colour("cross" if made else "text"))
        text, size = fitting(entry.value, area.width() - 4)
        painter.setFont(fonts.text(size))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_diagonal_and_headers(self, painter: QPainter) -> None:
        shown, matrix = theme.current(), self.matrix
        (width, height), (left, top) = self._cell(), self._corner()
        for place, id_ in enumerate(matrix.order):
            area = QRectF(left + place * width, top + place * height, width, height)
            offered = id_ in self._offered
            if not self._numbers:
                rim = area.width() / 4
                painter.fillRect(area.adjusted(rim, rim, -rim, -rim), shown.colour("grid"))
                continue
            painter.setFont(fonts.text(11.0))
            painter.setPen(shown.colour("cross" if offered else "text_muted"))
            if id_ not in matrix.gone:
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "−1")
            weight = fonts.Weight.DemiBold if offered else fonts.Weight.Normal
            painter.setFont(fonts.text(11.5, weight))
            painter.setPen(
                shown.colour("cross")
                if offered
                else shown.colour("grid" if id_ in matrix.gone else "text")
            )
            name = name_pretty(self.names.get(id_, id_))
            middle = Qt.AlignmentFlag.AlignCenter
            painter.drawText(QRectF(left + place * width, 0, width, top), middle, name)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top + place * height, left - 6, height), right, name)

    # Mouse ------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        self.pointed.emit(found if found in self.matrix.entries else None)
        vertex = _vertex(found)
        offered = vertex in self._offered or found in self._edges
        self.setCursor(Qt.CursorShape.PointingHandCursor if offered else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        vertex = _vertex(found)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if vertex:
            self.clicked.emit(vertex)
        elif found in self._edges:
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.entry_clicked.emit(found, shifted)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            found = self._at(QPointF(event.pos()))
            words = self._words(found) if found is not None else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def _words(self, found: tuple[str, str]) -> str:
        entry = self.matrix.entries.get(found)
        vertex = _vertex(found)
        if entry is not None:
            source, target = (name_pretty(self.names.get(id_, id_)) for id_ in found)
            made = {"given": "", "changed": ", changed", "fill_in": ", fill-in"}[entry.kind]
            words = f"∂{target}/∂{source} = {asked_or(entry.value, number_text)}{made}"
            front, back = self._edges.get(found, ("", ""))
            ways = [f"Click: {front}"] if front else []
            ways += [f"{'Shift and click' if front else 'Click'}: {back}"] if back else []
            return "\n".join([words, *ways])
        if vertex in self._offered:
            return f"Click: eliminate {name_pretty(self.names.get(vertex, vertex))}"
        return ""


def fitting(value: Any, room: float) -> tuple[str, float]:
    """What is written in a cell of this width, and in which size; the tip has all of it."""
    texts = list(_texts(value))
    for text in texts:
        if fonts.width(text, SIZES[0]) <= room:
            return text, SIZES[0]
    if fonts.width(texts[-1], SIZES[1]) <= room:
        return texts[-1], SIZES[1]
    if value is not None and np.size(value) == 1 and abs(np.asarray(value).item()) < NEARLY_ZERO:
        return "≈0", SIZES[0]
    return "…", SIZES[0]


def _texts(value: Any) -> Iterator[str]:
    """What could stand in a cell, the longest first: a number in fewer digits, an array's shape."""
    if value is None:
        yield "?"
        return
    if np.size(value) > 1:
        yield "×".join(map(str, np.shape(value)))
        yield "▦"
        return
    number = float(np.asarray(value).reshape(()))
    for digits in (4, 3, 2, 1):
        yield minus(number_text(number, digits))


def _vertex(found: tuple[str, str] | None) -> str:
    """The vertex of a header or diagonal entry, or ""."""
    if found is None:
        return ""
    column, row = found
    return row if column in ("", row) else column if not row else ""
