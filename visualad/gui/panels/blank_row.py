"""One question of an exercise: what is asked, the field for the answer, what came of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from visualad.gui import fonts, icons, theme
from visualad.gui.answer_field import SIGNS
from visualad.gui.exercise_run import ExerciseRun, state_of
from visualad.gui.panels.fields import Field
from visualad.gui.panels.parts import Elided, Prose
from visualad.gui.stamps import OPEN, token_of
from visualad.lessons.exercise import FORMULA, NUMBER, Blank

_EXPECTS = {NUMBER: "number", FORMULA: "formula"}
LABEL_WIDTH = 96


class BlankRow(QWidget):
    """A blank for a student.

    Signals:
        pointed: the mouse is over it, or has left it (False).
    """

    pointed = Signal(bool)

    def __init__(self, run: ExerciseRun, blank: Blank, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.blank = blank
        self._run = run
        self._shown = ""
        self.setObjectName(f"blank_{blank.id}")
        self.label = Elided("", "text", fonts.SIZE, fonts.Weight.DemiBold)
        self.label.setFixedWidth(LABEL_WIDTH)
        self.field = Field(f"answer_{blank.id}", "Answer", str, self._answer)
        self.field.setPlaceholderText(_EXPECTS.get(blank.accepts, "answer"))
        self.mark = QLabel()
        self.mark.setFixedSize(18, 18)
        self.words = Prose(token="text_muted", size=12.0)
        self.words.setObjectName(f"feedback_{blank.id}")
        self.hint_words = Prose(token="text_muted", size=12.0)
        self.hint_words.setObjectName(f"hint_text_{blank.id}")
        self.hint = self._button("hint", "", run.hint)
        self.hint.setIcon(icons.icon("help"))
        self.hint.setAccessibleName("Hint")
        self.hint.setFixedWidth(28)
        self.reveal = self._button("reveal", "Show", run.reveal)
        self.reveal.setToolTip("Show the right answer; the blank then earns nothing")
        top = QHBoxLayout()
        top.setSpacing(6)
        for widget in (self.label, self.field, self.mark, self.hint, self.reveal):
            top.addWidget(widget, 1 if widget is self.field else 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 3, 0, 3)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.words)
        column.addWidget(self.hint_words)
        theme.theme_changed.connect(self.refresh)

    def _button(self, name: str, text: str, clicked) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"{name}_{self.blank.id}")
        button.setFlat(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: clicked(self.blank.id))
        return button

    def refresh(self) -> None:
        """Show label, answer, mark, feedback and what may be done."""
        run, id_ = self._run, self.blank.id
        label = run.labels.get(id_, "…")
        self.label.setText(label)
        self.field.setAccessibleName(f"Answer for {label}")
        answer, mark = run.answer_of(id_), run.mark(id_)
        state = state_of(mark, answer)
        if not self.field.isModified() and id_ not in run.trials:
            self.field.show_text(answer.text)
        closed = run.is_closed(id_)
        self.field.setReadOnly(closed)
        fault = run.faults.get(id_, "")
        self.field.setEnabled(not fault)
        self._show_mark(state)
        quiet = "text_muted" if state == OPEN else token_of(state)
        self.words.set_token("error" if fault else quiet)
        self.words.setText(fault or run.feedback(id_))
        self.words.setVisible(bool(self.words.text()))
        hinted = id_ in run.hinted or answer.hints > 0
        settings = run.exercise.settings if run.exercise is not None else None
        self.hint.setVisible(bool(settings and settings.hints) and not hinted and not closed)
        cost = settings.hint_cost if settings else 0.0
        price = f"; costs {cost:.0%} of the points" if cost else ""
        self.hint.setToolTip(f"Hint: the local rule{price}")
        self.hint_words.setText(f"Hint: {run.hints.get(id_, '')}" if hinted else "")
        self.hint_words.setVisible(hinted and not closed)
        self.reveal.setVisible(run.may_reveal(id_))

    def _show_mark(self, state: str) -> None:
        icon = SIGNS.get(state)
        if icon is None:
            self.mark.clear()
            return
        self.mark.setPixmap(icons.pixmap(icon, 16, token_of(state), self.devicePixelRatioF()))
        self.mark.setAccessibleName(state)

    def _answer(self, text: str) -> None:
        self._run.answer(self.blank.id, text)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.pointed.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(False)
