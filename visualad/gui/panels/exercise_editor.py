"""The teacher's view of an exercise: blanks by clicking on the canvas, and what is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD
from visualad.errors import VisualADError
from visualad.gui.document import Document
from visualad.gui.entry import written
from visualad.gui.exercise_run import ExerciseRun
from visualad.gui.panels.edited_blank import EditedBlank, read_positive
from visualad.gui.panels.fields import Choice, Faulty, Field
from visualad.gui.panels.parts import Prose, heading, muted
from visualad.gui.session import Session
from visualad.lessons.exercise import (
    ADJOINT,
    AFTER_ATTEMPTS,
    ALWAYS,
    FACTOR,
    FILL_IN,
    NEVER,
    PARTIAL,
    SUM,
    TANGENT,
    TERM,
    VALUE,
    Blank,
)
from visualad.ops.writing import name_pretty, number_text

_REVEAL = (("always", ALWAYS), ("after the attempts", AFTER_ATTEMPTS), ("never", NEVER))
_EDGE_KINDS = (
    ("local partial", PARTIAL),
    ("factor that travels", FACTOR),
    ("term", TERM),
    ("partial sum", SUM),
)
_HIDE = (
    ("all values", "values"),
    ("all derivatives", "derivatives"),
    ("all partials", "partials"),
    ("formulas on edges", "formulas"),
)
_RESULTS = {FORWARD: ("tangent", TANGENT), BACKWARD: ("adjoint", ADJOINT)}
CLICK = "Click nodes or edges on the canvas: each click makes a blank."


class ExerciseEditor(QWidget):
    """Title and text, what a click asks for, the blanks, the settings."""

    def __init__(
        self,
        document: Document,
        session: Session,
        run: ExerciseRun,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("exercise_editor")
        self._document = document
        self._session = session
        self._run = run
        self._rows: dict[str, EditedBlank] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.title = Field("exercise_title", "Title", str.strip, self._set_title)
        self.title.setPlaceholderText("Title")
        self.text = QPlainTextEdit()
        self.text.setObjectName("exercise_text")
        self.text.setAccessibleName("Task")
        self.text.setPlaceholderText("What students are to do")
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(58)
        self.text.textChanged.connect(self._set_text)
        column.addWidget(self.title)
        column.addWidget(self.text)
        self.sweep = Prose(token="text_muted", size=12.0)
        self.sweep.setObjectName("exercise_sweep")
        self.use_sweep = QPushButton("Ask about the Sweep Shown")
        self.use_sweep.setObjectName("exercise_use_sweep")
        self.use_sweep.clicked.connect(lambda _checked=False: run.use_shown_sweep())
        column.addWidget(self.sweep)
        column.addWidget(self.use_sweep, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(heading("Blanks"))
        column.addWidget(Prose(CLICK, "text_muted", 12.0))
        self.node_kind = Choice("blank_node_kind", "A click on a node asks for", (), _nothing)
        self.edge_kind = Choice(
            "blank_edge_kind", "A click on an edge asks for", _EDGE_KINDS, _nothing
        )
        self.edge_kind.show_data(PARTIAL)
        grid = _grid()
        _add(grid, "node", self.node_kind)
        _add(grid, "edge", self.edge_kind)
        column.addLayout(grid)
        self._blanks = QVBoxLayout()
        self._blanks.setSpacing(4)
        column.addLayout(self._blanks)
        column.addWidget(heading("Allowed"))
        self._build_settings(column)
        column.addWidget(heading("Hidden from students, beside the blanks"))
        self.hide_boxes: dict[str, QCheckBox] = {}
        boxes = QGridLayout()
        for number, (title, key) in enumerate(_HIDE):
            box = QCheckBox(title)
            box.setObjectName(f"hide_{key}")
            box.clicked.connect(self._set_hidden)
            self.hide_boxes[key] = box
            boxes.addWidget(box, number // 2, number % 2)
        column.addLayout(boxes)
        self._build_buttons(column)
        session.selection_changed.connect(self._clicked)
        session.sweep_changed.connect(self._show_sweep)

    def _build_buttons(self, column: QVBoxLayout) -> None:
        run = self._run
        self.remove = QPushButton("Remove Exercise")
        self.remove.setObjectName("exercise_remove")
        self.remove.clicked.connect(lambda _checked=False: run.remove())
        self.clear = QPushButton("Clear Answers")
        self.clear.setObjectName("exercise_clear")
        self.clear.setToolTip("Take out all answers and the name, to hand the exercise out")
        self.clear.clicked.connect(lambda _checked=False: run.clear_answers())
        column.addWidget(self.clear, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignLeft)

    def _build_settings(self, column: QVBoxLayout) -> None:
        run = self._run
        grid = _grid()
        self.relative = Field(
            "exercise_relative",
            "Tolerance in percent",
            read_positive,
            lambda percent: run.change_settings(relative=percent / 100),
        )
        self.attempts = Field(
            "exercise_attempts",
            "Attempts for each blank",
            _count,
            lambda count: run.change_settings(attempts=count),
        )
        self.attempts.setToolTip("0 for any number")
        self.reveal = Choice(
            "exercise_reveal",
            "Right answers are shown",
            _REVEAL,
            lambda rule: run.change_settings(reveal=rule),
        )
        self.hints = QCheckBox("hints, each costs")
        self.hints.setObjectName("exercise_hints")
        self.hints.clicked.connect(lambda checked: run.change_settings(hints=checked))
        self.hint_cost = Field(
            "exercise_hint_cost",
            "Cost of a hint in percent",
            read_positive,
            lambda percent: run.change_settings(hint_cost=percent / 100),
        )
        _add(grid, "tolerance, %", Faulty(self.relative))
        _add(grid, "attempts", Faulty(self.attempts))
        _add(grid, "show answers", self.reveal)
        row = grid.rowCount()
        grid.addWidget(self.hints, row, 0)
        grid.addWidget(Faulty(self.hint_cost), row, 1)
        column.addLayout(grid)

    def refresh(self) -> None:
        """Show the exercise as it is."""
        exercise = self._run.exercise
        if exercise is None:
            return
        self.title.show_text(exercise.title)
        if not self.text.hasFocus() and self.text.toPlainText() != exercise.text:
            self.text.blockSignals(True)
            self.text.setPlainText(exercise.text)
            self.text.blockSignals(False)
        result = _RESULTS.get(exercise.mode)
        kinds = [result] if result is not None else [("its fill-ins", FILL_IN)]
        self.node_kind.set_items([*kinds, ("value", VALUE)])
        self._show_sweep()
        if self.node_kind.currentIndex() < 0:
            self.node_kind.setCurrentIndex(0)
        edges = _EDGE_KINDS[:1] if exercise.mode == CROSS else _EDGE_KINDS
        self.edge_kind.set_items(edges)
        self.clear.setEnabled(bool(exercise.answers or exercise.student))
        settings = exercise.settings
        self.relative.show_text(written(100 * settings.relative))
        self.attempts.show_text(str(settings.attempts))
        self.reveal.show_data(settings.reveal)
        self.hints.setChecked(settings.hints)
        self.hint_cost.show_text(written(100 * settings.hint_cost))
        self.hint_cost.setEnabled(settings.hints)
        for key, box in self.hide_boxes.items():
            box.setChecked(key in settings.hide)
        self._show_blanks(exercise.blanks)

    def _show_sweep(self) -> None:
        """Say which sweep is asked about, and offer the one that is shown instead."""
        exercise = self._run.exercise
        if exercise is None:
            return
        about = f"About the {exercise.mode} sweep"
        if exercise.mode == CROSS:
            order = exercise.order
            names = order if isinstance(order, str) else ", ".join(map(name_pretty, order))
            about += f", order {names}"
        elif isinstance(exercise.seed, str):
            about += f", seed {name_pretty(exercise.seed)}"
        elif exercise.seed:
            weights = (f"{name_pretty(n)} = {number_text(x)}" for n, x in exercise.seed.items())
            about += f", seed {', '.join(weights)}"
        self.sweep.setText(f"{about}.")
        self.use_sweep.setVisible(not self._run.shows_its_sweep)

    def _show_blanks(self, blanks: tuple[Blank, ...]) -> None:
        if list(self._rows) != [blank.id for blank in blanks]:
            for row in self._rows.values():
                self._blanks.removeWidget(row)
                row.hide()
                row.deleteLater()
            self._rows = {blank.id: EditedBlank(self._run, self._session, blank)
                          for blank in blanks}  # fmt: skip
            for row in self._rows.values():
                self._blanks.addWidget(row)
        for blank in blanks:
            self._rows[blank.id].show_blank(blank)

    def _clicked(self) -> None:
        """Something was selected on the canvas: ask for it."""
        if not self.isVisible() or not self._run.editing or self._run.exercise is None:
            return
        session, graph = self._session, self._document.graph
        if len(session.selected_nodes) == 1 and not session.selected_edges:
            (node,) = session.selected_nodes
            kind = self.node_kind.currentData()
            if kind == FILL_IN:
                self._add_fill_ins(node)
                return
            first = _first_element(session.values.get(node))
            self._run.add(kind, node, element=first)
        elif len(session.selected_edges) == 1 and not session.selected_nodes:
            ((source, target, port),) = session.selected_edges
            if graph.sources.get((target, port)) == source:
                kind = self.edge_kind.currentData()
                of = session.partials.get((source, target, port)) if kind == PARTIAL else (
                    session.values.get(source if self._collects_at_source() else target)
                )  # fmt: skip
                first = _first_element(of)
                self._run.add(kind, target, source=source, port=port, element=first)

    def _add_fill_ins(self, node: str) -> None:
        """A blank for each edge that eliminating a vertex makes or changes."""
        sweep = self._session.sweep
        steps = [] if sweep is None else [step for step in sweep if step.node == node]
        for fill in (fill for step in steps for fill in step.fill_ins):
            self._run.add(FILL_IN, node, source=fill.source, port=fill.target)

    def _collects_at_source(self) -> bool:
        exercise = self._run.exercise
        return exercise is not None and exercise.mode == BACKWARD

    def _set_title(self, title: str) -> None:
        self._run.change(title=title)

    def _set_text(self) -> None:
        self._run.change(text=self.text.toPlainText())

    def _set_hidden(self, _checked: bool) -> None:
        hidden = tuple(key for key, box in self.hide_boxes.items() if box.isChecked())
        self._run.change_settings(hide=hidden)


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(1, 1)
    return grid


def _add(grid: QGridLayout, title: str, widget: QWidget) -> None:
    row = grid.rowCount()
    label = muted(title)
    label.setMinimumHeight(26)
    grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(widget, row, 1)


def _first_element(value: Any) -> tuple[int, ...]:
    return (0,) * int(np.ndim(value)) if value is not None else ()


def _count(text: str) -> int:
    if not text.strip().isdecimal():
        raise VisualADError("Give a whole number; 0 for any number of attempts.")
    return int(text)


def _nothing(_chosen: object) -> None:
    """The choice is read when something is clicked."""
