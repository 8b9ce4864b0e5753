"""Predict, then reveal: the blanks of an exercise with their answers, or the teacher's editor."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from visualad.gui import fonts
from visualad.gui.document import Document
from visualad.gui.exercise_run import exercise_run, keys_of
from visualad.gui.panels.blank_row import LABEL_WIDTH, BlankRow
from visualad.gui.panels.exercise_editor import ExerciseEditor
from visualad.gui.panels.fields import Field
from visualad.gui.panels.parts import (
    MARGIN,
    Prose,
    Rule,
    Sentence,
    Text,
    empty_state,
    muted,
    scrolled,
)
from visualad.gui.session import Session
from visualad.ops.writing import number_text

EMPTY = (
    "There is no exercise in this document.\n"
    "Make one: hide values, derivatives or partials, and let students predict them."
)
_MOST_LABEL = 170


class PredictPanel(QWidget):
    """An exercise: answered by students, made by teachers."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("predict_panel")
        self.setAccessibleName("Predict")
        self._session = session
        self.run = exercise_run(document, session)
        self.rows: dict[str, BlankRow] = {}
        self.title = Text("", "text", 14.0, fonts.Weight.DemiBold)
        self.title.setWordWrap(True)
        self.title.setMinimumWidth(1)
        self.title.setObjectName("predict_title")
        self.text = Prose()
        self.score = Text("", "text_muted", 12.5, fonts.Weight.DemiBold)
        self.score.setObjectName("predict_score")
        self.fault = Sentence("predict_fault")
        self.edit = QPushButton("Edit")
        self.edit.setObjectName("predict_edit")
        self.edit.setCheckable(True)
        self.edit.setToolTip("The teacher's view: make blanks and set what is allowed")
        self.edit.clicked.connect(self.run.set_editing)
        self.editor = ExerciseEditor(document, session, self.run)
        self.student = Field("predict_student", "Your name", str.strip, self.run.set_student)
        self.student.setPlaceholderText("your name, for the teacher")
        self.answers = QWidget()
        self._build_answers()
        self._stack = QStackedLayout(self)
        self.area = self._scrolled()
        self._stack.addWidget(self.area)
        self._stack.addWidget(self._build_empty())
        self.run.changed.connect(self.refresh)
        session.selection_changed.connect(self._selected)
        self.refresh()

    def _build_answers(self) -> None:
        column = QVBoxLayout(self.answers)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        name = QHBoxLayout()
        name.setSpacing(8)
        name.addWidget(muted("Name"))
        name.addWidget(self.student, 1)
        column.addWidget(self.text)
        column.addLayout(self._list)
        column.addWidget(Rule())
        column.addLayout(name)

    def _scrolled(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(MARGIN, 10, MARGIN, 12)
        column.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.title, 1)
        top.addWidget(self.score, 0, Qt.AlignmentFlag.AlignRight)
        top.addWidget(self.edit)
        column.addLayout(top)
        for widget in (self.fault, self.answers, self.editor):
            column.addWidget(widget)
        column.addStretch(1)
        return scrolled(inside, "predict_scroll")

    def _build_empty(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(MARGIN, 12, MARGIN, 12)
        column.setSpacing(12)
        column.addStretch(1)
        self.empty = empty_state(EMPTY, "predict_empty")
        self.begin = QPushButton("Make an Exercise")
        self.begin.setObjectName("predict_begin")
        self.begin.clicked.connect(lambda _checked=False: self.run.begin())
        column.addWidget(self.empty)
        column.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def refresh(self) -> None:
        """Show the exercise and its marks as they are."""
        run = self.run
        exercise = run.exercise
        if exercise is None:
            self.empty.setText(run.fault or EMPTY)
            self.begin.setVisible(not run.fault)
            self._stack.setCurrentIndex(1)
            return
        editing = run.editing
        self.title.setText("Exercise" if editing else exercise.title or "Predict, then check")
        self.fault.say(run.fault)
        self.edit.setChecked(editing)
        self.edit.setText("Done" if editing else "Edit")
        self.score.setVisible(not editing)
        self.answers.setVisible(not editing)
        self.editor.setVisible(editing)
        if editing:
            self.editor.refresh()
        right = sum(mark.is_right for mark in run.marks.values())
        points = f"{number_text(run.points)} of {number_text(exercise.points)} points"
        self.score.setText(points)
        self.score.setToolTip(f"{right} of {len(exercise.blanks)} right")
        self.score.set_token("success" if right and right == len(exercise.blanks) else "text_muted")
        self.text.setText(exercise.text)
        self.text.setVisible(bool(exercise.text))
        self.student.show_text(exercise.student)
        self._show_blanks()
        self._stack.setCurrentIndex(0)

    def _show_blanks(self) -> None:
        exercise = self.run.exercise
        assert exercise is not None
        if [row.blank for row in self.rows.values()] != list(exercise.blanks):
            for row in self.rows.values():
                self._list.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.rows = {blank.id: BlankRow(self.run, blank) for blank in exercise.blanks}
            for row in self.rows.values():
                self._list.addWidget(row)
                row.pointed.connect(lambda over, row=row: self._light(row, over))
        for row in self.rows.values():
            row.refresh()
        widest = max((row.label.sizeHint().width() for row in self.rows.values()), default=0)
        width = min(max(widest + 2, 40), _MOST_LABEL, max(LABEL_WIDTH, self.width() // 3))
        for row in self.rows.values():
            row.label.setFixedWidth(width)

    def _selected(self) -> None:
        """What was clicked on the canvas or in the trace is asked: bring its row into sight."""
        session, run = self._session, self.run
        if run.exercise is None or run.editing or session.is_playing:
            return
        chosen = session.selected_nodes | session.selected_edges
        for id_, row in self.rows.items():
            nodes, edges = keys_of(row.blank)
            if len(chosen) == 1 and chosen & (nodes | edges) and not run.is_closed(id_):
                self.area.ensureWidgetVisible(row)
                return

    def _light(self, row: BlankRow, over: bool) -> None:
        if over:
            self._session.highlight(*keys_of(row.blank))
        else:
            self._session.highlight()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
