"""An exercise while somebody answers or makes it: its marks, its hints, what stays hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from visualad.autodiff.steps import BACKWARD, CROSS
from visualad.errors import FileError
from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.masking import NOTHING_HIDDEN, mask_of
from visualad.gui.questions import Kernel, Question, same_mathematics
from visualad.gui.session import Session
from visualad.kernel.messages import EdgeKey, Failed, Reply
from visualad.lessons.exercise import (
    AFTER_ATTEMPTS,
    ALWAYS,
    Answer,
    Blank,
    Exercise,
    add_blank,
    exercise_of,
    remove_blank,
    with_answer,
    with_exercise,
    without_answers,
)
from visualad.lessons.marks import RIGHT, UNANSWERED, UNREADABLE, Mark


class ExerciseRun(QObject):
    """The exercise of a document, in two roles: answered by a student or edited by a teacher.

    Attributes:
        exercise: what the graph holds, or None; fault: why it cannot be read, or "".
        editing: whether the teacher's view is on; nothing is hidden then.
        marks, labels, hints, shown, faults: by blank id, as the kernel said last.
        hinted: ids of the blanks whose hint has been asked for.

    Signals:
        changed: something of that is new.
        opened: a document with an exercise stands here now.
        forgotten: another document stands here.
    """

    changed = Signal()
    forgotten = Signal()
    opened = Signal()

    def __init__(self, document: Document, session: Session) -> None:
        super().__init__(session)
        self._document = document
        self._session = session
        self.exercise: Exercise | None = None
        self.fault = ""
        self.editing = False
        self.marks: Mapping[str, Mark] = {}
        self.labels: Mapping[str, str] = {}
        self.hints: Mapping[str, str] = {}
        self.shown: Mapping[str, str] = {}
        self.faults: Mapping[str, str] = {}
        self.hinted: frozenset[str] = frozenset()
        self._typed: dict[str, str] = {}  # what could not be read
        self._spent: dict[str, Answer] = {}  # attempts, hints and answers shown so far
        self.trials: dict[str, Mark] = {}  # of answers that could not be read: not in the file
        # The session can ask and forget, which is all that a question needs.
        self._question = Question(cast(Kernel, session), self._take)
        self._known: Graph | None = None
        self._trial: dict[str, str] = {}
        document.replaced.connect(self._forget)
        document.graph_changed.connect(self._follow)
        self._follow()

    # What holds -------------------------------------------------------------------------------

    def answer_of(self, id_: str) -> Answer:
        """What stands in a blank, with all attempts and hints used: undo gives none back."""
        if self.exercise is None:
            return Answer()
        stored, spent = self.exercise.answers.get(id_, Answer()), self._spent.get(id_, Answer())
        return replace(
            stored,
            attempts=max(stored.attempts, spent.attempts),
            hints=max(stored.hints, spent.hints),
            revealed=stored.revealed or spent.revealed,
        )

    def typed(self, id_: str) -> str:
        """What was typed last, also when it could not be read."""
        return self._typed.get(id_, self.answer_of(id_).text)

    def mark(self, id_: str) -> Mark | None:
        """The mark of the last answer, also of one that could not be read."""
        return self.trials.get(id_) or self.marks.get(id_)

    def attempts_left(self, id_: str) -> int | None:
        """How many answers may still be given; None for any number."""
        allowed = self.exercise.settings.attempts if self.exercise is not None else 0
        return max(allowed - self.answer_of(id_).attempts, 0) if allowed else None

    def is_closed(self, id_: str) -> bool:
        """Whether no more answers are taken: it is right, was shown, or all attempts are used."""
        mark = self.marks.get(id_)
        done = mark is not None and mark.is_right
        return done or self.answer_of(id_).revealed or self.attempts_left(id_) == 0

    def may_reveal(self, id_: str) -> bool:
        """Whether the right answer may be shown now."""
        if self.exercise is None or self.answer_of(id_).revealed:
            return False
        mark = self.marks.get(id_)
        if mark is not None and mark.is_right:
            return False
        rule = self.exercise.settings.reveal
        if rule == ALWAYS:
            return True
        tried = self.answer_of(id_).attempts > 0
        left = self.attempts_left(id_)
        return rule == AFTER_ATTEMPTS and tried and not left

    def feedback(self, id_: str) -> str:
        """What is said about the last answer, with the attempts that are left; "" for none."""
        answer, mark = self.answer_of(id_), self.mark(id_)
        state = state_of(mark, answer)
        if state == "revealed":
            return f"It is {self.shown.get(id_, '…')}."
        if mark is None or state == "open":
            return ""
        left = self.attempts_left(id_)
        if state != "wrong" or left is None:
            return mark.feedback
        tries = "No attempt is left." if left == 0 else f"{left} attempt{'s' * (left > 1)} left."
        return f"{mark.feedback} {tries}"

    def point_at(self, nodes: Iterable[str], edges: Iterable[EdgeKey]) -> None:
        """Select what a question is about, in every view."""
        self._session.select(nodes, [key for key in edges if key[2]])

    @property
    def points(self) -> float:
        """Earned so far."""
        return sum(mark.points for mark in self.marks.values())

    # A student --------------------------------------------------------------------------------

    def answer(self, id_: str, text: str) -> None:
        """Try an answer; it counts as an attempt when it can be read."""
        if self.exercise is None or self.is_closed(id_) or not text.strip():
            return
        self._trial = {id_: text}
        self._ask()

    def hint(self, id_: str) -> None:
        """Show the hint of a blank."""
        if self.exercise is None or id_ in self.hinted or not self.exercise.settings.hints:
            return
        self.hinted |= {id_}
        given = self.answer_of(id_)
        self._store("Hint", with_answer(self.exercise, id_, replace(given, hints=given.hints + 1)))

    def reveal(self, id_: str) -> None:
        """Show the right answer of a blank, which earns nothing from then on."""
        if self.exercise is not None and self.may_reveal(id_):
            shown = replace(self.answer_of(id_), revealed=True)
            self._store("Reveal", with_answer(self.exercise, id_, shown))

    def set_student(self, name: str) -> None:
        """Who answers."""
        self.change(student=name.strip())

    # A teacher --------------------------------------------------------------------------------

    def set_editing(self, editing: bool) -> None:
        """Show everything, to make or change the exercise; or hide what it asks for again."""
        if editing != self.editing:
            self.editing = editing
            self._spent = {}
            self._hide()
            self.changed.emit()

    def begin(self) -> None:
        """A new exercise about the sweep that is shown, and the teacher's view."""
        session = self._session
        made = Exercise(**self._shown_sweep())
        if not session.mode:
            session.set_mode(BACKWARD)
        self.set_editing(True)
        self._store("New exercise", made)

    def use_shown_sweep(self) -> None:
        """Ask about the sweep that is shown; blanks that it has not say so."""
        if self.exercise is not None and self._session.mode:
            self._store("Change sweep", replace(self.exercise, **self._shown_sweep()))

    @property
    def shows_its_sweep(self) -> bool:
        """Whether the sweep that is shown is the one that is asked about."""
        if self.exercise is None or not self._session.mode:
            return True
        shown = self._shown_sweep()
        return all(getattr(self.exercise, key) == value for key, value in shown.items())

    def _shown_sweep(self) -> dict[str, Any]:
        session = self._session
        seed = session.seed
        order = session.order if session.mode == CROSS else "backward"
        return {
            "mode": session.mode or BACKWARD,
            "seed": seed if seed is None or isinstance(seed, str) else dict(seed),
            "order": order,
        }

    def remove(self) -> None:
        """Take the exercise out of the document."""
        self._document.apply("Remove exercise", lambda graph: with_exercise(graph, None))

    def add(self, kind: str, node: str, **details: Any) -> bool:
        """One more blank; False when it cannot be, and the document has said why."""
        exercise = self.exercise
        if exercise is None:
            return False

        def edit(graph: Graph) -> Graph:
            return with_exercise(graph, add_blank(graph, exercise, kind, node, **details))

        return self._document.apply("Add blank", edit)

    def clear_answers(self) -> None:
        """Take out all answers and the name, to hand the exercise out."""
        if self.exercise is not None:
            self._spent, self.trials, self._typed, self.hinted = {}, {}, {}, frozenset()
            self._store("Clear answers", without_answers(self.exercise))

    def drop(self, id_: str) -> None:
        """Remove a blank."""
        if self.exercise is not None:
            self._store("Remove blank", remove_blank(self.exercise, id_))

    def change_blank(self, id_: str, **changes: Any) -> None:
        """Change points, hint or what a blank accepts."""
        if self.exercise is not None:
            blanks = tuple(
                replace(blank, **changes) if blank.id == id_ else blank
                for blank in self.exercise.blanks
            )
            self._store("Change blank", replace(self.exercise, blanks=blanks))

    def change(self, **changes: Any) -> None:
        """Change title, text, student or answers."""
        if self.exercise is not None:
            self._store("Change exercise", replace(self.exercise, **changes))

    def change_settings(self, **changes: Any) -> None:
        """Change what the teacher allows."""
        if self.exercise is not None:
            self.change(settings=replace(self.exercise.settings, **changes))

    # Following --------------------------------------------------------------------------------

    def _store(self, name: str, exercise: Exercise) -> None:
        self._document.apply(name, lambda graph: with_exercise(graph, exercise))

    def _forget(self) -> None:
        self._question.drop()
        self._known = None
        self.marks, self.labels, self.hints, self.shown, self.faults = {}, {}, {}, {}, {}
        self.hinted = frozenset()
        self.trials, self._trial, self._typed, self._spent = {}, {}, {}, {}
        self.editing = False
        self.forgotten.emit()

    def _follow(self) -> None:
        graph = self._document.graph
        before = self._known
        self._known = graph
        same = before is not None and before.exercise == graph.exercise
        if same and before is not None and (not graph.exercise or same_mathematics(before, graph)):
            return
        try:
            self.exercise, self.fault = exercise_of(graph), ""
        except FileError as error:
            self.exercise, self.fault = None, error.message
        if self.exercise is not None and not self.editing:
            self._spent = {id_: self.answer_of(id_) for id_ in self._noted(self.exercise)}
        if self.exercise is None:
            self.marks, self.trials, self._typed = {}, {}, {}
        elif before is None:
            # After the session has turned to the new document too.
            QTimer.singleShot(0, self, self._show_sweep)
        self._hide()
        if self.exercise is not None:
            self._ask()
        self.changed.emit()

    def _noted(self, exercise: Exercise) -> set[str]:
        return {*exercise.answers, *self._spent}

    def _show_sweep(self) -> None:
        """Show the sweep that is asked about."""
        if self.exercise is None:
            return
        session = self._session
        if session.mode != self.exercise.mode:
            session.set_mode(self.exercise.mode)
        session.set_seed(self.exercise.seed)
        session.set_order(self.exercise.order)
        self.opened.emit()

    def _hide(self) -> None:
        """Hide what is asked and not known yet."""
        if self.exercise is None or self.editing:
            self._session.set_mask(NOTHING_HIDDEN)
            return
        known = {id_ for id_, mark in self.marks.items() if mark.is_right}
        known |= {id_ for id_ in self._noted(self.exercise) if self.answer_of(id_).revealed}
        states = {
            blank.id: (
                state_of(self.mark(blank.id), self.answer_of(blank.id)),
                self.typed(blank.id),
            )
            for blank in self.exercise.blanks
        }
        self._session.set_mask(mask_of(self.exercise, frozenset(known), states))

    # The kernel -------------------------------------------------------------------------------

    def _ask(self) -> None:
        trial, exercise = dict(self._trial), self.exercise
        if exercise is None:
            return
        from visualad.kernel.lesson_messages import MarkExercise  # late: few have an exercise

        shown = tuple(i for i in sorted(self._noted(exercise)) if self.answer_of(i).revealed)
        self._question.ask(self._document.graph, lambda graph: MarkExercise(graph, trial, shown))

    def _take(self, graph: Graph, reply: Reply) -> None:
        if isinstance(reply, Failed):
            self.fault = reply.message
            self.changed.emit()
            return
        from visualad.kernel.lesson_messages import Marked

        if not isinstance(reply, Marked) or graph.exercise != self._document.graph.exercise:
            return
        self.fault = ""
        self.labels, self.hints = reply.labels, reply.hints
        self.shown, self.faults = reply.shown, reply.faults
        trial, self._trial = self._trial, {}
        marks = dict(reply.marks)
        for id_ in trial:
            mark = marks.pop(id_, None)
            if mark is not None and mark.verdict == UNREADABLE:
                self._typed[id_] = trial[id_]
                self.trials[id_] = mark  # no attempt: what was typed before still holds
                marks |= {id_: self.marks[id_]} if id_ in self.marks else {}
            elif mark is not None:
                self.trials.pop(id_, None)
                self._typed.pop(id_, None)
                marks[id_] = mark
        self.marks = marks
        self._keep(trial)
        self._hide()
        self.changed.emit()

    def _keep(self, trial: Mapping[str, str]) -> None:
        """Write answers that could be read into the document."""
        exercise = self.exercise
        if exercise is None:
            return
        for id_, text in trial.items():
            if id_ in self.trials or id_ not in self.marks:
                continue
            given = self.answer_of(id_)
            kept = replace(given, text=text, attempts=given.attempts + 1)
            exercise = with_answer(exercise, id_, kept)
        if exercise is not self.exercise:
            self._store("Answer", exercise)


def state_of(mark: Mark | None, answer: Answer) -> str:
    """How a blank stands: "right", "wrong", "unreadable", "revealed" or "open"."""
    if mark is not None and mark.verdict == RIGHT:
        return "revealed" if answer.revealed else "right"
    if answer.revealed:
        return "revealed"
    if mark is None or mark.verdict == UNANSWERED:
        return "open"
    return mark.verdict


def keys_of(blank: Blank) -> tuple[frozenset[str], frozenset[tuple[str, str, str]]]:
    """The nodes and edges of the canvas that a blank is about."""
    if blank.kind == "fill_in":
        return frozenset({blank.node}), frozenset({(blank.source, blank.port, "")})
    if blank.source:
        return frozenset(), frozenset({blank.edge})
    return frozenset({blank.node}), frozenset()


def exercise_run(document: Document, session: Session) -> ExerciseRun:
    """The one run of a session."""
    found = session.findChild(ExerciseRun)
    return found if found is not None else ExerciseRun(document, session)
