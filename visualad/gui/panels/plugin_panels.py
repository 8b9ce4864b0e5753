"""The panels of plugins: words, tables and curves that the kernel sends, drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualad.graph.model import Graph
from visualad.gui import theme
from visualad.gui.document import Document
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.parts import Prose, Sentence, empty_state, muted
from visualad.gui.questions import Kernel, Question
from visualad.gui.session import Session
from visualad.kernel.messages import Failed, Reply
from visualad.kernel.plugin_messages import DrawPanel, PanelDrawn
from visualad.ops.writing import number_pretty
from visualad.plugins.panels import PANELS, Block, Curves, Rows, Words

EMPTY = "The panels of plugins appear here."
COLOURS = ("backward", "forward", "cross", "text")
CURVE_HEIGHT = 150


class PluginPanels(QWidget):
    """A panel of a plugin, chosen among those that there are."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plugin_panels")
        self.setAccessibleName("Panels of plugins")
        self._document = document
        self._session = session
        self._question = Question(cast(Kernel, session), self._take)
        self._asked: tuple[object, ...] | None = None
        self.choice = Choice("plugin_panel_choice", "Panel", (), lambda _: self.refresh())
        self.error = Sentence("plugin_panel_error")
        self.again = QPushButton("Ask Again")
        self.again.setObjectName("plugin_panel_again")
        self.again.setToolTip("Ask this panel again, although it was stopped.")
        self.again.clicked.connect(self._ask_again)
        self.again.hide()
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        top = QHBoxLayout()
        top.addWidget(muted("panel"))
        top.addWidget(self.choice)
        top.addStretch(1)
        column.addLayout(top)
        column.addWidget(self.error)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        self._area = QScrollArea()
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        column.addWidget(self._area, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(page)
        self._stack.addWidget(empty_state(EMPTY, "plugin_panels_empty"))
        document.graph_changed.connect(self.refresh)
        session.evaluated.connect(self.refresh)
        session.mode_changed.connect(self.refresh)
        session.mask_changed.connect(self.refresh)
        self.follow_plugins()

    def follow_plugins(self) -> None:
        """Other panels may be there now."""
        self.choice.set_items([(panel.title, name) for name, panel in PANELS.items()])
        if self.choice.currentIndex() < 0 and self.choice.count():
            self.choice.setCurrentIndex(0)
        self._stack.setCurrentIndex(0 if PANELS else 1)
        self._asked = None
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Ask the kernel what the panel shows now."""
        name = self.choice.currentData()
        if not self.isVisible() or name not in PANELS:
            return
        if self._session.mask:
            self._show(())
            self.error.say("The exercise hides what a panel could tell.")
            return
        session = self._session
        wanted = (self._document.graph, name, session.mode, session.seed)
        asked = self._asked
        if asked is not None and asked[0] is wanted[0] and asked[1:] == wanted[1:]:
            return
        self._asked = wanted
        mode, seed = session.mode, session.seed
        self._question.ask(wanted[0], lambda graph: DrawPanel(graph, name, mode, seed))

    def _ask_again(self) -> None:
        Question.forgive()
        self._asked = None
        self.again.hide()
        self.error.say("")
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _take(self, _graph: Graph, reply: Reply) -> None:
        self.again.setVisible(isinstance(reply, Failed) and reply.underway)
        if isinstance(reply, PanelDrawn):
            self.error.say("")
            self._show(reply.blocks)
        elif isinstance(reply, Failed):
            self._show(())
            self.error.say(reply.message)

    def _show(self, blocks: Sequence[Block]) -> None:
        content = QWidget()
        content.setObjectName("plugin_panel_content")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for block in blocks:
            if isinstance(block, Words):
                column.addWidget(Prose(block.text, "text", 12.5))
            elif isinstance(block, Rows):
                column.addWidget(_table(block))
            elif isinstance(block, Curves):
                column.addWidget(_curves(block))
        column.addStretch(1)
        self._area.setWidget(content)


def _table(rows: Rows) -> QTableWidget:
    table = QTableWidget(len(rows.rows), len(rows.columns))
    table.setObjectName("plugin_panel_table")
    table.setHorizontalHeaderLabels(list(rows.columns))
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.setShowGrid(False)
    for i, row in enumerate(rows.rows):
        for j, value in enumerate(row):
            number = isinstance(value, float)
            item = QTableWidgetItem(number_pretty(value) if number else str(value))
            side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(i, j, item)
    for j in range(len(rows.columns)):
        numbers = bool(rows.rows) and all(isinstance(row[j], float) for row in rows.rows)
        side = Qt.AlignmentFlag.AlignRight if numbers else Qt.AlignmentFlag.AlignLeft
        head = table.horizontalHeaderItem(j)
        if head is not None:
            head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    table.horizontalHeader().setMinimumSectionSize(90)
    table.setStyleSheet("QTableWidget::item { padding: 0 7px; }")
    table.resizeColumnsToContents()
    width = sum(table.columnWidth(j) for j in range(len(rows.columns)))
    table.setMaximumWidth(width + 24)  # and a scroll bar
    table.resizeRowsToContents()
    shown = min(len(rows.rows), 12)
    height = table.horizontalHeader().sizeHint().height() + 4
    table.setMinimumHeight(height + sum(table.rowHeight(i) for i in range(shown)))
    return table


def _curves(curves: Curves) -> QWidget:
    import pyqtgraph as pg  # takes long to import, and few have such a panel

    shown = theme.current()
    plot = pg.PlotWidget(background=shown.surface)
    plot.setObjectName("plugin_panel_curves")
    plot.setMinimumHeight(CURVE_HEIGHT)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.showGrid(x=True, y=True, alpha=0.15)
    for side, label in (("bottom", curves.x_label), ("left", curves.y_label)):
        axis = plot.getAxis(side)
        axis.setPen(shown.border)
        axis.setTextPen(shown.text_muted)
        if label:
            axis.setLabel(label, color=shown.text_muted)
    if len(curves.y) > 1:
        plot.addLegend(labelTextColor=shown.text)
    for (name, values), token in zip(curves.y.items(), cycle(COLOURS), strict=False):
        pen = pg.mkPen(getattr(shown, token), width=2)
        plot.plot(list(curves.x), list(values), pen=pen, name=name)
    return plot
