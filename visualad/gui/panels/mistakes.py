"""Classic mistakes in backward mode as switches: which numbers go wrong, and where first."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QRadioButton,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from visualad.autodiff.mistaken_sweep import NO_ZEROING
from visualad.autodiff.mistakes import MISTAKES, MistakenTraining
from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui import fonts, theme
from visualad.gui.document import Document
from visualad.gui.entry import read_number, written
from visualad.gui.panels.fields import Field
from visualad.gui.panels.parts import Elided, Prose, Sentence, heading, muted
from visualad.gui.questions import Kernel, Question, same_structure
from visualad.gui.session import Session
from visualad.kernel.lesson_messages import MakeMistake, MistakeMade
from visualad.kernel.messages import Failed, Reply
from visualad.ops.writing import name_pretty, number_text

EXERCISE = "Mistakes are hidden while an exercise is being answered."
INTRODUCTION = "Choose a mistake: the table shows what it does to every adjoint."
WIDE = 640
STEPS = 1_000
MOST_NODES = 2_000
Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_HEADS = ("node", "right", "wrong", "off by")
_TITLES = {
    "assign": "= instead of +=",
    "wrong order": "wrong order of nodes",
    "no zeroing": "leaves not zeroed",
    "no zeroing at all": "nothing zeroed",
    "early update": "update before passing on",
}


class MistakesPanel(QWidget):
    """A switch for each mistake, right and wrong adjoints; the first wrong one is lit."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mistakes_panel")
        self.setAccessibleName("Mistakes")
        self.setMinimumWidth(200)
        self._document = document
        self._session = session
        # The session can ask and forget, which is all that a question needs.
        self._question = Question(cast(Kernel, session), self._take)
        self._asked: tuple[Graph, str, float] | None = None
        self.mistake = ""
        self.learning_rate = 0.5
        self.made: MistakeMade | None = None
        self.switches: dict[str, QRadioButton] = {}
        self.model = ComparisonModel(self)
        self.table = _table(self.model)
        self.first = Sentence("mistakes_first", "warning", "warning")
        self.summary = Prose(token="text", size=12.5)
        self.summary.setObjectName("mistakes_summary")
        self.about = Prose(INTRODUCTION, "text_muted", 12.0)
        self.code = Elided("", "text_muted", 12.0)
        self.code.setObjectName("mistakes_code")
        self.code.setFont(fonts.monospaced(11.0))
        self.training = Prose(token="text", size=12.5)
        self.training.setObjectName("mistakes_training")
        self.rate = Field("mistakes_rate", "Learning rate", _rate, self._set_rate)
        self.rate.setFixedWidth(64)
        self.rate.show_text(written(self.learning_rate))
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._halves.setContentsMargins(14, 8, 14, 8)
        self._halves.setSpacing(14)
        self._halves.addWidget(self._build_switches(), 0, Qt.AlignmentFlag.AlignTop)
        self._halves.addWidget(self._build_words(), 3)
        self._halves.addWidget(self.table, 4)
        self.table.hide()
        document.graph_changed.connect(self.refresh)
        session.mask_changed.connect(self.refresh)
        theme.theme_changed.connect(self.table.viewport().update)

    def _build_switches(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(heading("Mistake"))
        group = QButtonGroup(self)
        for name in ("", *MISTAKES):
            switch = QRadioButton(_TITLES.get(name, "none"))
            switch.setObjectName(f"mistake_{name.replace(' ', '_') or 'none'}")
            switch.setToolTip(MISTAKES[name].title if name else "The right backward sweep")
            switch.setChecked(not name)
            switch.clicked.connect(lambda _=False, name=name: self.choose(name))
            group.addButton(switch)
            self.switches[name] = switch
            column.addWidget(switch)
        return inside

    def _build_words(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(6)
        rate = QHBoxLayout()
        rate.setSpacing(8)
        rate.addWidget(muted("learning rate"))
        rate.addWidget(self.rate)
        rate.addStretch(1)
        self._rate_row = QWidget()
        self._rate_row.setLayout(rate)
        rate.setContentsMargins(0, 0, 0, 0)
        said = (self.first, self.training, self.summary)
        for widget in (self.about, self.code, self._rate_row, *said):
            column.addWidget(widget)
        column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("mistakes_scroll")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        area.setMinimumWidth(1)
        return area

    # Choosing ---------------------------------------------------------------------------------

    def choose(self, name: str) -> None:
        """Make this mistake, or none for ""."""
        self.mistake = name
        self.switches[name].setChecked(True)
        self._asked = None
        self.refresh()

    def _set_rate(self, rate: float) -> None:
        self.learning_rate = rate
        self.refresh()

    def refresh(self) -> None:
        """Ask what the mistake does to the graph as it is."""
        if not self.isVisible():
            return
        graph = self._document.graph
        self._rate_row.setVisible(bool(self.mistake) and bool(graph.parameters))
        if not self.mistake or self._session.mask or len(graph) > MOST_NODES:
            self._clear(EXERCISE if self._session.mask else "")
            return
        asked = (graph, self.mistake, self.learning_rate)
        if self._asked is not None and asked[0] is self._asked[0] and asked[1:] == self._asked[1:]:
            return
        self._asked = asked
        chosen = MISTAKES[self.mistake]
        self.about.setText(chosen.text)
        self.code.setText(chosen.code[0])
        self.code.setToolTip(f"Wrong: {chosen.code[0]}\nRight: {chosen.code[1]}")
        rate = self.learning_rate
        steps = STEPS if graph.parameters else 0
        mistake = self.mistake
        self._question.ask(graph, lambda g: MakeMistake(g, mistake, rate, steps))

    def _clear(self, sentence: str) -> None:
        self._asked = None
        self.made = None
        self.about.setText(sentence or INTRODUCTION)
        for words in (self.summary, self.training, self.code):
            words.setText("")
            words.hide()
        self.first.say("")
        self.model.show(None)
        self.table.hide()
        self._session.highlight()

    # Showing ----------------------------------------------------------------------------------

    def _take(self, graph: Graph, reply: Reply) -> None:
        if not same_structure(graph, self._document.graph) or not self.mistake:
            return
        if isinstance(reply, Failed):
            self.made = None
            self.model.show(None)
            self.table.hide()
            self.first.say(reply.message)
            self.summary.setText("")
            self.training.setText("")
            self._session.highlight()
            return
        if not isinstance(reply, MistakeMade) or self._session.mask:
            return
        self.made = reply
        sweep = reply.sweep
        self.model.show(reply)
        self.table.show()
        first = sweep.first
        self.first.say("" if first is None else f"First wrong: {first.sentence}")
        self.summary.setText(sweep.sentence)
        self.training.setText(_about_training(reply.training))
        self.code.show()
        self.summary.show()
        self.training.setVisible(bool(self.training.text()))
        self.light()

    def light(self) -> None:
        """Light the place of the first wrong number on the canvas."""
        first = self.made.sweep.first if self.made is not None else None
        if first is not None:
            self._session.highlight([first.node], [first.edge])
        else:
            self._session.highlight()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.made is not None:
            self._session.highlight()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self._halves.setDirection(
            QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        )


class ComparisonModel(QAbstractTableModel):
    """Right and wrong adjoints by node, in the order of the backward sweep."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, str, str, str, bool, bool]] = []

    def show(self, made: MistakeMade | None) -> None:
        """Show these numbers, or none."""
        self.beginResetModel()
        self._rows = []
        if made is not None:
            sweep = made.sweep
            first = sweep.first.name if sweep.first is not None else ""
            for name, right in sweep.right.items():
                wrong = sweep.wrong[name]
                off = float(np.max(np.abs(np.asarray(wrong) - np.asarray(right)), initial=0.0))
                size = max(float(np.max(np.abs(right), initial=0.0)), 1e-300)
                is_wrong = off > 1e-10 * size
                self._rows.append(
                    (
                        name_pretty(name),
                        number_text(right),
                        number_text(wrong),
                        number_text(off, 3) if is_wrong else "",
                        is_wrong,
                        name == first,
                    )
                )
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return _HEADS[section]
        if role == Role.TextAlignmentRole and section == 0:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        shown = theme.current()
        if role == Role.ToolTipRole and row[5]:
            return "The first number that goes wrong"
        if role == Role.DisplayRole:
            mark = "  ◂ 1st" if row[5] and index.column() == 0 else ""
            return f"{row[index.column()]}{mark}"
        if role == Role.ForegroundRole and row[4] and index.column() >= 2:
            return QColor(shown.error)
        if role == Role.FontRole and (index.column() == 0 or row[4]):
            return fonts.text(fonts.SIZE, fonts.Weight.DemiBold)
        if role == Role.TextAlignmentRole and index.column() > 0:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def _table(model: ComparisonModel) -> QTableView:
    table = QTableView()
    table.setObjectName("mistakes_table")
    table.setAccessibleName("Right and wrong adjoints")
    table.setModel(model)
    table.setShowGrid(False)
    table.setMinimumWidth(120)
    table.horizontalHeader().setMinimumSectionSize(30)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(24)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.horizontalHeader().setDefaultAlignment(
        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    )
    return table


def _about_training(training: MistakenTraining | None) -> str:
    if training is None:
        return ""
    right, wrong = training.right, training.wrong
    steps = len(right) - 1
    kept = " (the gradients of all steps add up)" if training.mistake.name == NO_ZEROING else ""
    return (
        f"Gradient descent: after 1 step the loss is {number_text(right[1], 9)} when done right "
        f"and {number_text(wrong[1], 9)} with the mistake; after {steps:,} steps "
        f"{number_text(right[-1], 6)} and {number_text(wrong[-1], 6)}{kept}."
    )


def _rate(text: str) -> float:
    rate = float(read_number(text))
    if not 0 < rate < 1e3:
        raise VisualADError("Give a learning rate greater than 0.")
    return rate
