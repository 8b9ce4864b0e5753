"""A blank in the teacher's list: what it asks, what it accepts, its points, hint and place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from visualad.errors import VisualADError
from visualad.gui import icons
from visualad.gui.entry import read_number, written
from visualad.gui.exercise_run import ExerciseRun, keys_of
from visualad.gui.panels.fields import Choice, Field
from visualad.gui.panels.parts import Elided
from visualad.gui.session import Session
from visualad.lessons.exercise import (
    CANVAS,
    DERIVATION,
    EITHER,
    FORMULA,
    NUMBER,
    TRACE,
    Blank,
)

_ACCEPTS = (("a number", NUMBER), ("a formula", FORMULA), ("either", EITHER))
_PLACES = (("canvas", CANVAS), ("trace", TRACE), ("derivation", DERIVATION))


class EditedBlank(QWidget):
    """A blank in the teacher's list: what it asks, what it accepts, its points."""

    def __init__(self, run: ExerciseRun, session: Session, blank: Blank) -> None:
        super().__init__()
        id_ = blank.id
        self.setObjectName(f"edited_{id_}")
        self._run = run
        self._session = session
        self._blank = blank
        self.label = Elided("")
        self.accepts = Choice(
            f"accepts_{id_}",
            "Accepts",
            _ACCEPTS,
            lambda kind: run.change_blank(id_, accepts=kind),
        )
        self.accepts.setFixedWidth(104)
        self.points = Field(
            f"points_{id_}", "Points", read_positive, lambda n: run.change_blank(id_, points=n)
        )
        self.points.setFixedWidth(38)
        self.points.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.points.setToolTip("Points")
        self.element = Field(
            f"element_{id_}",
            "Element of the array",
            _indices,
            lambda indices: run.change_blank(id_, element=indices),
        )
        self.element.setFixedWidth(48)
        self.element.setToolTip("Which element of the array, counted from 0: 1, 0")
        self.remove = QPushButton(icons.icon("delete"), "")
        self.remove.setObjectName(f"remove_{id_}")
        self.remove.setAccessibleName("Remove this blank")
        self.remove.setToolTip("Remove this blank")
        self.remove.setFlat(True)
        self.remove.setFixedWidth(28)
        self.remove.clicked.connect(lambda _checked=False: run.drop(id_))
        self.hint = Field(
            f"own_hint_{id_}", "Hint", str.strip, lambda text: run.change_blank(id_, hint=text)
        )
        self.hint.setPlaceholderText("hint: the local rule")
        self.place = Choice(
            f"place_{id_}",
            "Answered",
            _PLACES,
            lambda place: run.change_blank(id_, place=place),
        )
        self.place.setFixedWidth(104)
        self.place.setToolTip("Where Tab goes to for it; it can be answered in every view")
        row = QHBoxLayout()
        row.setSpacing(5)
        row.addWidget(self.label, 1)
        for widget in (self.element, self.accepts, self.points, self.remove):
            row.addWidget(widget)
        below = QHBoxLayout()
        below.setSpacing(5)
        below.addWidget(self.hint, 1)
        below.addWidget(self.place)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        column.addLayout(row)
        column.addLayout(below)

    def show_blank(self, blank: Blank) -> None:
        """Show what it is now."""
        self._blank = blank
        fault = self._run.faults.get(blank.id, "")
        self.label.setText(self._run.labels.get(blank.id, "…"))
        self.label.set_token("error" if fault else "text")
        if fault:
            self.label.setToolTip(fault)
        self.accepts.show_data(blank.accepts)
        self.points.show_text(written(blank.points))
        self.hint.show_text(blank.hint)
        self.place.show_data(blank.place)
        self.element.setVisible(bool(blank.element))
        self.element.show_text(", ".join(map(str, blank.element)))

    def enterEvent(self, event) -> None:
        super().enterEvent(event)
        self._session.highlight(*keys_of(self._blank))

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self._session.highlight()


def read_positive(text: str) -> float:
    """A number from 0 on."""
    number = float(read_number(text))
    if not 0 <= number < 1e6:
        raise VisualADError("Give a number from 0 on.")
    return number


def _indices(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.strip("[]() ").split(",") if part.strip()]
    if not parts or not all(part.isdecimal() for part in parts):
        raise VisualADError("Give indices counted from 0, such as 1, 0.")
    return tuple(map(int, parts))
