"""Classic mistakes in backward mode as switches: which numbers go wrong, and where first."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    Qt,
)
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from visualad.autodiff.mistaken_sweep import NO_ZEROING, WRONG_ORDER
from visualad.autodiff.mistakes import MISTAKES, MistakenTraining
from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui import fonts, theme
from visualad.gui.document import Document
from visualad.gui.entry import read_number, written
from visualad.gui.panels.fields import Field
from visualad.gui.panels.mistakes_table import ComparisonModel, comparison_table
from visualad.gui.panels.parts import Elided, Prose, Sentence, heading, muted, scrolled
from visualad.gui.questions import Kernel, Question, same_structure
from visualad.gui.session import Session
from visualad.kernel.lesson_messages import MakeMistake, MistakeMade
from visualad.kernel.messages import Failed, Reply
from visualad.ops.writing import name_pretty, number_text

EXERCISE = "Mistakes are hidden while an exercise is being answered."
INTRODUCTION = "Choose a mistake: the table shows what it does to every adjoint."
WIDE = 640
STEPS, MOST_STEPS = 1_000, 20_000
MOST_NODES = 2_000
MOST_VISITS = 16
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
        self.steps = STEPS
        self.made: MistakeMade | None = None
        self.switches: dict[str, QRadioButton] = {}
        self.model = ComparisonModel(self)
        self.table = comparison_table(self.model)
        self.table.clicked.connect(self._select)
        self.table.entered.connect(self._point)
        self.table.viewport().installEventFilter(self)
        self.first = Sentence("mistakes_first", "warning", "warning")
        self.summary = Prose(token="text", size=12.5)
        self.summary.setObjectName("mistakes_summary")
        self.about = Prose(INTRODUCTION, "text_muted", 12.0)
        self.code = Elided("", "error", 12.0)
        self.code.setObjectName("mistakes_code")
        self.right_code = Elided("", "success", 12.0)
        self.right_code.setObjectName("mistakes_right_code")
        for line in (self.code, self.right_code):
            line.setFont(fonts.monospaced(11.0))
        self.training = Prose(token="text", size=12.5)
        self.training.setObjectName("mistakes_training")
        self.rate = Field("mistakes_rate", "Learning rate", _rate, self._set_rate)
        self.rate.setFixedWidth(64)
        self.rate.show_text(written(self.learning_rate))
        self.count = Field("mistakes_steps", "Steps of gradient descent", _count, self._set_steps)
        self.count.setFixedWidth(64)
        self.count.show_text(str(self.steps))
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
        rate.addWidget(muted("steps"))
        rate.addWidget(self.count)
        rate.addStretch(1)
        self._rate_row = QWidget()
        self._rate_row.setLayout(rate)
        rate.setContentsMargins(0, 0, 0, 0)
        code = QVBoxLayout()
        code.setSpacing(1)
        code.addWidget(self.code)
        code.addWidget(self.right_code)
        column.addWidget(self.first)
        column.addWidget(self.training)
        column.addWidget(self.summary)
        column.addWidget(self.about)
        column.addLayout(code)
        column.addWidget(self._rate_row)
        column.addStretch(1)
        area = scrolled(inside, "mistakes_scroll")
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

    def _set_steps(self, steps: int) -> None:
        self.steps = steps
        self._asked = None
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
        self.code.setText(f"✗ {chosen.code[0]}")
        self.right_code.setText(f"✓ {chosen.code[1]}")
        # The adjoints at once, the training as soon as it is done.
        self._ask(graph, 0)

    def _ask(self, graph: Graph, steps: int) -> None:
        mistake, rate = self.mistake, self.learning_rate
        self._question.ask(graph, lambda g: MakeMistake(g, mistake, rate, steps))

    def _clear(self, sentence: str) -> None:
        self._asked = None
        self.made = None
        self.about.setText(sentence or INTRODUCTION)
        for words in (self.summary, self.training, self.code, self.right_code):
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
        self.summary.setText(f"{sweep.sentence}{_visited(graph, reply)}")
        if self.table.rowAt(0) >= 0 and self.model.first_row >= 0:
            place = self.model.index(max(self.model.first_row - 1, 0), 0)
            self.table.scrollTo(place, QAbstractItemView.ScrollHint.PositionAtTop)
        trains = reply.training is None and bool(graph.parameters) and self.steps > 0
        waits = f"Gradient descent: {self.steps:,} steps are being computed…"
        self.training.setText(waits if trains else _about_training(reply.training))
        self.code.show()
        self.right_code.show()
        self.summary.show()
        self.training.setVisible(bool(self.training.text()))
        self.light()
        if trains:
            self._ask(graph, self.steps)

    def light(self) -> None:
        """Light the place of the first wrong number on the canvas."""
        first = self.made.sweep.first if self.made is not None else None
        if first is not None:
            self._session.highlight([first.node], [first.edge])
        else:
            self._session.highlight()

    def _select(self, index: QModelIndex) -> None:
        graph, name = self._document.graph, self.model.name_at(index.row())
        if name in graph:
            self._session.select([graph.id_of(name)])

    def _point(self, index: QModelIndex) -> None:
        graph, name = self._document.graph, self.model.name_at(index.row())
        if name in graph:
            self._session.highlight([graph.id_of(name)])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.light()
        return super().eventFilter(watched, event)

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


def _visited(graph: Graph, made: MistakeMade) -> str:
    """In which order a wrong sweep visits the nodes, where that is the mistake."""
    sweep = made.sweep
    if sweep.mistake.name != WRONG_ORDER:
        return ""
    visits = [graph.nodes_by_id[id_] for id_ in sweep.visits if id_ in graph.nodes_by_id]
    names = ", ".join(name_pretty(node.name) for node in visits[:MOST_VISITS])
    return f" Visited in this order: {names}{', …' if len(visits) > MOST_VISITS else ''}."


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


def _count(text: str) -> int:
    if not text.strip().isdecimal() or int(text) > MOST_STEPS:
        raise VisualADError(f"Give a whole number of steps, at most {MOST_STEPS:,}.")
    return int(text)


def _rate(text: str) -> float:
    rate = float(read_number(text))
    if not 0 < rate < 1e3:
        raise VisualADError("Give a learning rate greater than 0.")
    return rate
