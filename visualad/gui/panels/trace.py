"""The trace table: primal, tangent and adjoint of every node side by side, filling as steps go."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from visualad.autodiff.steps import BACKWARD, MODES
from visualad.exchange.derivation_lines import with_subscripts
from visualad.gui import fonts, theme
from visualad.gui.answering import answering
from visualad.gui.document import Document
from visualad.gui.panels.parts import empty_state
from visualad.gui.panels.sweeps import known_sweeps
from visualad.gui.panels.trace_model import CELL, CURRENT, NODE, TraceModel
from visualad.gui.panels.trace_rows import Cell
from visualad.gui.session import Session
from visualad.lessons.exercise import Blank

ROW_HEIGHT = 23
_ANSWER_WIDTH = 200  # px
PADDING = 10
_SHARES = (0.11, 0.22, 0.3, 0.37)
_CROSS_SHARES = (0.07, 0.1, 0.35, 0.33, 0.15)
_EDGE_SHARES = (0.07, 0.19, 0.31, 0.28, 0.15)  # an edge at its front is longer than a name
_LEAST = 64
EMPTY_TEXT = "The graph is empty.\nType a formula above or drag nodes onto the canvas."
NO_VERTICES = "There is no inner vertex to eliminate:\nthe partials on the edges are the Jacobian."


class TracePanel(QWidget):
    """Every node with its value, its tangent and its adjoint (cross mode: every elimination).

    The column of the mode that is played fills as its steps are reached. The other mode's column
    is complete: it is computed in the background for the same values, so that the two derivatives
    of a node, and of the output with respect to the seeded input, can be compared at any moment.
    """

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trace_panel")
        self.setAccessibleName("Trace")
        self._document = document
        self._session = session
        self._sweeps = known_sweeps(session)
        self._syncing = False
        self.model = TraceModel(self)
        self.table = _Table(self.model, self)
        self.empty = empty_state(EMPTY_TEXT, "trace_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        self.table.selectionModel().selectionChanged.connect(self._select_in_session)
        self.table.doubleClicked.connect(self._double_clicked)
        self._answering = answering(document, session)
        self._answering.register("trace", self)
        self.setFocusProxy(self.table)
        for bar in (self.table.verticalScrollBar(), self.table.horizontalScrollBar()):
            bar.valueChanged.connect(self._answering.place)
        session.mask_changed.connect(self.refresh)
        self.table.entered.connect(lambda index: self._light(index.row()))
        self.table.installEventFilter(self)
        self.table.viewport().installEventFilter(self)
        document.graph_changed.connect(self.refresh)
        session.evaluated.connect(self.refresh)
        session.mode_changed.connect(self.refresh)
        self._sweeps.changed.connect(self.refresh)
        session.step_changed.connect(self._step_changed)
        session.progress_changed.connect(self._progress_changed)
        session.selection_changed.connect(self._show_selection)
        session.selection_changed.connect(self._show_lit)
        session.highlight_changed.connect(self._show_lit)
        theme.theme_changed.connect(self.table.viewport().update)
        self.refresh()

    # What is shown ----------------------------------------------------------------------------

    def refresh(self, *_: object) -> None:
        """Show graph, values and sweeps as they are; nothing is done while nobody can see it."""
        if not self.isVisible():
            return
        session, graph = self._session, self._document.graph
        sweeps = {m: rows for m in MODES if (rows := self._sweeps.rows(m)) is not None}
        self._syncing = True
        self.model.mask = session.mask
        self.model.show(
            graph,
            session.mode,
            sweeps if session.mode else {},
            session.values,
            session.failures,
            (session.step_index, session.progress),
        )
        self._syncing = False
        self._show_selection()
        self.table.share_width()
        nothing = self.model.rowCount() == 0
        if nothing:
            waiting = session.sweep is None and len(graph) > 0
            obstacle = with_subscripts(graph, session.obstacle)
            words = EMPTY_TEXT if not len(graph) else obstacle if waiting else NO_VERTICES
            self.empty.setText(words)
        self._stack.setCurrentIndex(1 if nothing else 0)

    def _step_changed(self, index: int) -> None:
        if not self.isVisible():
            return
        self.model.move_to(index, self._session.progress)
        row = self.model.row_of_step(index)
        if row >= 0:
            self.table.scrollTo(self.model.index(row, 0))

    def _progress_changed(self, progress: float) -> None:
        if self.isVisible():
            self.model.move_to(self._session.step_index, progress)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._sweeps.want("trace", True)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._sweeps.want("trace", False)

    # Selection --------------------------------------------------------------------------------

    def _select_in_session(self, *_: object) -> None:
        if self._syncing:
            return
        rows = self.table.selectionModel().selectedRows()
        self._session.select(self.model.node_at(index.row()) for index in rows)

    def _show_selection(self) -> None:
        rows = sorted(
            row for id_ in self._session.selected_nodes if (row := self.model.row_of(id_)) >= 0
        )
        chosen = self.table.selectionModel()
        if rows == sorted(index.row() for index in chosen.selectedRows()):
            return
        self._syncing = True
        selection = QItemSelection()
        for row in rows:
            index = self.model.index(row, 0)
            selection.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        chosen.select(selection, flags.ClearAndSelect | flags.Rows)
        if rows:
            first = self.model.index(rows[0], 0)
            chosen.setCurrentIndex(first, flags.NoUpdate)
            self.table.scrollTo(first)
        self._syncing = False

    def _show_lit(self) -> None:
        """Light the rows of what is pointed at or selected elsewhere: a node, or where an edge
        brings its term to."""
        session = self._session
        edges = session.highlighted_edges | session.selected_edges
        end = 0 if session.mode == BACKWARD else 1
        lit = session.highlighted_nodes | {key[end] for key in edges}
        if lit != self.model.lit:
            self.model.lit = lit
            self.table.viewport().update()

    def _go_to(self, row: int) -> None:
        step = self.model.step_of(row)
        if step is not None:
            self._session.pause()
            self._session.go_to(step.index)

    # Questions --------------------------------------------------------------------------------

    def _double_clicked(self, index: QModelIndex) -> None:
        for id_ in self.model.questions(index.row(), index.column()):
            if self._answering.begin(id_, self):
                return
        self._go_to(index.row())

    def question_area(self, blank: Blank) -> QRect | None:
        """Where an answer belongs, on the screen."""
        row, column = self.model.place_of(blank)
        if row < 0 or not self.isVisible():
            return None
        index = self.model.index(row, column)
        area = self.table.visualRect(index)
        viewport = self.table.viewport()
        if not viewport.rect().intersects(area):
            return None
        # What is written about a step is long; its number comes in the end, so the field does too.
        area.setWidth(min(area.width(), _ANSWER_WIDTH))
        return QRect(viewport.mapToGlobal(area.topLeft()), area.size())

    def show_question(self, blank: Blank) -> None:
        """Bring its cell into sight."""
        row, column = self.model.place_of(blank)
        if row >= 0:
            self.table.scrollTo(self.model.index(row, column))

    def _wants(self, event: QKeyEvent) -> bool:
        """Whether a key begins an answer, so that no command of the window takes it."""
        row = self.table.currentIndex().row()
        ids = [i for c in range(4) for i in self.model.questions(row, c)] if row >= 0 else []
        return bool(ids) and bool(self._answering.begins(event, ids))

    def _begin_answer(self, event: QKeyEvent) -> bool:
        index = self.table.currentIndex()
        if not index.isValid():
            return False
        ids = self.model.questions(index.row(), index.column())
        others = [i for c in range(4) for i in self.model.questions(index.row(), c)]
        return self._answering.press(event, [*ids, *others], self)

    def _light(self, row: int) -> None:
        step = self.model.step_of(row)
        self._session.highlight([self.model.node_at(row)], step.edges if step is not None else ())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._session.highlight()
        elif watched is self.table and event.type() == QEvent.Type.ShortcutOverride:
            if self._wants(cast(QKeyEvent, event)):
                event.accept()
                return True
        elif (
            watched is self.table
            and event.type() == QEvent.Type.KeyPress
            and self._begin_answer(cast(QKeyEvent, event))
        ):
            return True
        elif (
            watched is self.table
            and event.type() == QEvent.Type.KeyPress
            and cast(QKeyEvent, event).key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and self.table.currentIndex().isValid()
        ):
            self._go_to(self.table.currentIndex().row())
            return True
        return super().eventFilter(watched, event)


class _Table(QTableView):
    """The view: rows of one height, columns that share the width until somebody drags them."""

    def __init__(self, model: QAbstractItemModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("trace_table")
        self.setAccessibleName("Trace table")
        self.setModel(model)
        self.setItemDelegate(_Delegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        header = _Header(self)
        self.setHorizontalHeader(header)
        header.sectionResized.connect(self._dragged)
        self._sharing = False
        self._own_widths: set[int] = set()  # column counts whose widths somebody has chosen

    def share_width(self) -> None:
        """Give the columns their shares of the width, wide enough for their headings."""
        count = self.model().columnCount()
        if count in self._own_widths:
            return
        shares = _CROSS_SHARES if count == len(_CROSS_SHARES) else _SHARES
        if getattr(self.model(), "has_edges", False):
            shares = _EDGE_SHARES
        metrics = fonts.metrics(12.0, fonts.Weight.DemiBold)
        width = self.viewport().width()
        taken = 0
        self._sharing = True
        for column, share in enumerate(shares[:count]):
            heading = self.model().headerData(column, Qt.Orientation.Horizontal) or ""
            least = max(_LEAST, round(metrics.horizontalAdvance(heading)) + 2 * PADDING)
            is_last = column == count - 1
            wide = max(least, width - taken if is_last else round(width * share))
            self.setColumnWidth(column, wide)
            taken += wide
        self._sharing = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_width()

    def _dragged(self, *_: int) -> None:
        if not self._sharing and self.horizontalHeader().underMouse():
            self._own_widths.add(self.model().columnCount())


class _Header(QHeaderView):
    """Headings at the left of their columns, in the colours of the modes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(False)
        self.setFixedHeight(28)
        self.setMinimumSectionSize(40)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        cell = self.model().headerData(section, Qt.Orientation.Horizontal, CELL)
        shown = theme.current()
        painter.fillRect(rect, QColor(shown.surface))
        painter.setPen(QColor(shown.border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if isinstance(cell, Cell):
            _write(painter, rect, cell, fonts.text(12.0, fonts.Weight.DemiBold))


class _Delegate(QStyledItemDelegate):
    """Rows in the colours of the theme: the shown step in its mode's, the selected with a bar."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        shown = theme.current()
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        model = cast(TraceModel, index.model())
        current = index.data(CURRENT)
        lit = index.data(NODE) in model.lit
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if current:
            painter.fillRect(rect, QColor(shown.mode_soft(model.mode)))
        elif selected:
            painter.fillRect(rect, QColor(shown.accent_soft))
        elif lit or state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(shown.hover))
        if index.column() == 0 and (selected or current or lit):
            bar = QRectF(rect.left(), rect.top() + 2, 3, rect.height() - 4)
            colour = shown.accent if selected else shown.mode(model.mode)
            painter.fillRect(bar, QColor(colour))
        cell: Cell = index.data(CELL)
        weight = fonts.Weight.DemiBold if cell.bold else fonts.Weight.Normal
        _write(painter, rect, cell, fonts.text(fonts.SIZE, weight))


def _write(painter: QPainter, rect: QRect, cell: Cell, font: QFont) -> None:
    painter.setPen(QColor(getattr(theme.current(), cell.token)))
    painter.setFont(font)
    space = rect.adjusted(PADDING, 0, -4, 0)
    text = fitting_text(cell.text, painter.fontMetrics(), space.width())
    painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def fitting_text(text: str, metrics: QFontMetrics, width: int) -> str:
    """What is shown of a text in this width: of a sum its beginning and its result."""
    if metrics.horizontalAdvance(text) <= width:
        return text
    start, equals, result = text.rpartition(" = ")
    tail = equals + result
    room = width - metrics.horizontalAdvance(tail)
    # Several sums side by side, as of an elimination, have several results.
    if not equals or " = " in start or room < width / 3:
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
    return metrics.elidedText(start, Qt.TextElideMode.ElideRight, room) + tail
