"""Answers typed where the questions stand: on cards and edges, in the trace, in the derivation."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from visualad.gui.answer_field import AnswerField
from visualad.gui.document import Document
from visualad.gui.exercise_run import ExerciseRun, exercise_run, keys_of
from visualad.gui.session import Session
from visualad.lessons.exercise import NUMBER, Blank

_NUMERIC = "0123456789.,-−+(="


class Host(Protocol):
    """A view that shows questions. All of these are called for widgets."""

    def question_area(self, blank: Blank) -> QRect | None:
        """Where an answer belongs, on the screen; None where the question is not to be seen."""

    def show_question(self, blank: Blank) -> None:
        """Bring the place of a question into sight, as far as that is possible."""

    def window(self) -> QWidget:
        """The window that it stands in."""

    def setFocus(self) -> None:
        """Take the keyboard."""


class Answering(QObject):
    """One field that goes from question to question.

    Attributes:
        run: the exercise; hosts: the views by the place that blanks name.
        field: the open field, or None.
        blank: the question that is being answered, or None.
    """

    def __init__(self, run: ExerciseRun) -> None:
        super().__init__(run)
        self.setObjectName("answering")
        self.run = run
        self.hosts: dict[str, Host] = {}
        self.field: AnswerField | None = None
        self._host: Host | None = None
        self._drafts: dict[str, str] = {}  # typed and not marked yet
        run.changed.connect(self._follow)
        run.forgotten.connect(self._forget)

    @property
    def blank(self) -> Blank | None:
        """The question that is being answered."""
        return self.field.blank if self.field is not None and self._host is not None else None

    def register(self, place: str, host: Host) -> None:
        """A view that shows the questions of a place; the last one counts."""
        self.hosts[place] = host

    def asks(self, id_: str) -> bool:
        """Whether a question can be answered now."""
        run = self.run
        known = run.exercise is not None and run.exercise.blank(id_) is not None
        return known and not run.editing and not run.is_closed(id_)

    def begin(self, id_: str, host: Host, text: str = "") -> bool:
        """Open the field where a host shows this question; False when it does not.

        Args:
            text: the key that began it, if one did.
        """
        if not self.asks(id_):
            return False
        assert self.run.exercise is not None
        blank = self.run.exercise.blank(id_)
        assert blank is not None
        host.show_question(blank)
        area = host.question_area(blank)
        if area is None:
            return False
        self._put_away()
        window = host.window()
        if self.field is None or self.field.parentWidget() is not window:
            self._make_field(window)
        assert self.field is not None
        self._host = host
        self.run.point_at(*keys_of(blank))
        self.field.place(area)
        start = text or self._drafts.get(id_, self.run.typed(id_))
        self.field.open(blank, start, typed=bool(text))
        self.place()
        return True

    def next(self, by: int = 1) -> None:
        """To the next open question (or the one before), in this view if it shows it."""
        exercise, here = self.run.exercise, self.blank
        if exercise is None or here is None or self._host is None:
            return
        ids = [blank.id for blank in exercise.blanks]
        at = ids.index(here.id) if here.id in ids else 0
        for step in range(1, len(ids)):
            id_ = ids[(at + by * step) % len(ids)]
            if not self.asks(id_):
                continue
            blank = exercise.blank(id_)
            assert blank is not None
            hosts = [self._host, self.hosts.get(blank.place), *self.hosts.values()]
            for host in hosts:
                if host is not None and self.begin(id_, host):
                    return
        self.leave()

    def leave(self, *, take_focus: bool = True) -> None:
        """Close the field; what was typed and not marked is there again the next time."""
        host, self._host = self._host, None
        if host is None or self.field is None:
            return
        self._keep_draft()
        self.field.hide()
        if take_focus:
            host.setFocus()

    def place(self) -> None:
        """The view has moved: the field goes along, or away when its place is out of sight."""
        if self._host is None or self.field is None or self.field.blank is None:
            return
        area = self._host.question_area(self.field.blank)
        if area is not None:
            self.field.place(area)

    def _put_away(self) -> None:
        self._keep_draft()
        self._host = None

    def _keep_draft(self) -> None:
        if self.field is None or self.field.blank is None:
            return
        id_, text = self.field.blank.id, self.field.line.text()
        if text.strip() and text != self.run.typed(id_):
            self._drafts[id_] = text
        else:
            self._drafts.pop(id_, None)

    def _make_field(self, window: QWidget) -> None:
        if self.field is not None:
            self.field.hide()
            self.field.deleteLater()
        self.field = AnswerField(self.run, window)
        self.field.answered.connect(self._answer)
        self.field.wants_next.connect(self.next)
        self.field.left.connect(self._left)
        self.field.destroyed.connect(self._field_gone)
        window.installEventFilter(self)

    def _field_gone(self) -> None:
        self.field, self._host = None, None

    def _answer(self, text: str) -> None:
        blank = self.blank
        if blank is None:
            return
        if self.run.is_closed(blank.id):  # Enter once more: on to the next
            self.next()
        elif text.strip():
            self._drafts.pop(blank.id, None)
            self.run.answer(blank.id, text)

    def _left(self, by_escape: bool) -> None:
        self.leave(take_focus=by_escape)

    def _follow(self) -> None:
        if self.field is None or self._host is None:
            return
        if self.run.exercise is None or self.run.editing:
            self.leave(take_focus=False)
            return
        self.field.refresh()
        if self.field.state in ("wrong", "unreadable"):
            self.field.line.selectAll()
        self.place()

    def _forget(self) -> None:
        self._drafts = {}
        self._host = None
        if self.field is not None:
            self.field.blank = None
            self.field.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)

    # Keys that begin an answer ----------------------------------------------------------------

    def begins(self, event: QKeyEvent, ids: list[str]) -> str:
        """Which of these questions a key begins to answer, or ""."""
        plain = event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
        )
        text = event.text()
        if plain or self.run.exercise is None:
            return ""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not is_enter and (len(text) != 1 or not text.isprintable() or text == " "):
            return ""
        for id_ in ids:
            blank = self.run.exercise.blank(id_)
            if blank is None or not self.asks(id_):
                continue
            if is_enter or text in _NUMERIC or blank.accepts != NUMBER:
                return id_
        return ""

    def press(self, event: QKeyEvent, ids: list[str], host: Host) -> bool:
        """Begin to answer one of these questions with a key, if it is one that does."""
        id_ = self.begins(event, ids)
        if not id_:
            return False
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        return self.begin(id_, host, "" if is_enter else event.text())


def answering(document: Document, session: Session) -> Answering:
    """The one of a session's exercise."""
    run = exercise_run(document, session)
    found = run.findChild(Answering, "answering")
    return found if found is not None else Answering(run)
