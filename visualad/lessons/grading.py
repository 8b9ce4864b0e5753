"""A submission against the teacher's key: everything is computed again from the key's graph."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from visualad.errors import FileError, VisualADError
from visualad.graph.file import load
from visualad.graph.model import Graph, Node, natural, same_value, shorten
from visualad.lessons.answers import read_answer
from visualad.lessons.exercise import Answer, Blank, Exercise, blank_fault, exercise_of
from visualad.lessons.labels import label
from visualad.lessons.marking import Marker
from visualad.lessons.marks import UNANSWERED, Mark

LARGEST = 64 << 20  # bytes of a submission
LONGEST_NAME = 100  # characters
MOST_COUNTED = 999  # attempts or hints; more is a number that somebody has written

_WORD = re.compile(r"[^\W\d]\w*")

SAME, RENAMED, MOVED_POINT, CHANGED = "unchanged", "renamed", "other values", "changed"


@dataclass(frozen=True, eq=False)
class Key:
    """The teacher's exercise, ready to mark with.

    Attributes:
        graph, exercise: of the key.
        marker: marks answers by them.
        labels: what each blank asks, by blank id.
    """

    graph: Graph
    exercise: Exercise
    marker: Marker
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Grade:
    """One submission.

    Attributes:
        file: its path as given.
        student: the name in it.
        error: why it could not be graded, in one sentence, or "".
        marks: one per blank of the key, in order; empty after an error.
        answers: what was typed, by blank id.
        graph: "unchanged", "renamed" (same mathematics, other names), "other values" (same
            mathematics, other numbers in the leaves) or "changed".
        remarks: for the teacher: what differs, attempts beyond the limit, ...
    """

    file: str
    student: str = ""
    error: str = ""
    marks: tuple[Mark, ...] = ()
    answers: Mapping[str, Answer] | None = None
    graph: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """Earned in all blanks."""
        return sum(mark.points for mark in self.marks)

    @property
    def attempts(self) -> int:
        """Attempts at all blanks, as the submission counts them."""
        return sum(answer.attempts for answer in (self.answers or {}).values())

    @property
    def hints(self) -> int:
        """Hints taken, as the submission counts them."""
        return sum(answer.hints for answer in (self.answers or {}).values())


def open_key(path: str | Path) -> Key:
    """The teacher's file.

    Raises:
        FileError: if it holds no exercise, or one with a blank that has no right answer.
    """
    graph = load(path)
    exercise = exercise_of(graph)
    if exercise is None or not exercise.blanks:
        raise FileError(
            f"The key '{path}' holds no exercise; open it in the window and make blanks in the "
            "panel Predict."
        )
    marker = Marker(graph, exercise)
    for blank in exercise.blanks:
        fault = blank_fault(graph, exercise, blank)
        if fault:
            raise FileError(f"The key '{path}' cannot be used: {fault}")
        try:
            marker.here.right(blank)
        except VisualADError as error:
            raise FileError(f"The key '{path}' cannot be used: {error.message}") from None
    labels = {blank.id: label(graph, exercise, blank) for blank in exercise.blanks}
    return Key(graph, exercise, marker, labels)


def submissions(paths: Iterable[str | Path], key: str | Path | None = None) -> list[Path]:
    """The files that are meant, each once: a folder stands for the `.vad` files in it.

    Args:
        key: is no submission when it lies in one of the folders.
    """
    found: dict[Path, Path] = {}
    leave = None if key is None else Path(key).resolve()
    for path in map(Path, paths):
        inside = path.is_dir()
        files = sorted(path.rglob("*.vad"), key=lambda f: natural(str(f))) if inside else [path]
        for file in files:
            if not (inside and (file.is_dir() or file.resolve() == leave)):
                found.setdefault(file.resolve(), file)
    return list(found.values())


def grade(path: str | Path, key: Key) -> Grade:
    """Grade one submission; a file that cannot be read gives a grade with an error."""
    fault = _file_fault(Path(path))
    if fault:
        return Grade(str(path), error=fault)
    try:
        graph = load(path)
        exercise = exercise_of(graph)
    except VisualADError as error:
        return Grade(str(path), error=error.message)
    if exercise is None:
        return Grade(str(path), error="The file holds a graph but no exercise and no answers.")
    return grade_answers(str(path), graph, exercise, key)


def _file_fault(path: Path) -> str:
    """Why a file is not even read, or "": what never ends, what fills the memory."""
    try:
        status = path.stat()
    except OSError:
        return ""  # loading says why
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return f"'{path}' is no ordinary file, so it is not read."
    if status.st_size > LARGEST:
        size = status.st_size / 2**20
        return f"'{path}' has {size:.0f} MiB; an exercise with answers has at most {LARGEST >> 20}."
    return ""


def alike(grades: Sequence[Grade]) -> list[Grade]:
    """The grades with a remark where several files bear the name of one student."""
    files: dict[str, list[str]] = {}
    for found in grades:
        if found.student:
            files.setdefault(_folded(found.student), []).append(found.file)
    made = []
    for found in grades:
        others = [f for f in files.get(_folded(found.student), ()) if f != found.file]
        words = f"the same name stands in {shorten(others)}"
        made.append(replace(found, remarks=(*found.remarks, words)) if others else found)
    return made


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def grade_answers(file: str, graph: Graph, exercise: Exercise, key: Key) -> Grade:
    """Grade the answers of one submission by the key's graph and settings."""
    state, remarks = compare_graphs(key.graph, graph)
    names = _names(key.graph, graph)
    answers: dict[str, Answer] = {}
    marks = []
    for blank in key.exercise.blanks:
        answer = _in_names_of_the_key(exercise.answers.get(blank.id, Answer()), names)
        answers[blank.id] = _counted(exercise.answers.get(blank.id, Answer()))
        try:
            marks.append(key.marker.mark(blank, answer))
        except VisualADError as error:
            marks.append(Mark(blank.id, UNANSWERED, 0.0, error.message))
    remarks += _about_attempts(key, answers, exercise)
    stray = [id_ for id_ in exercise.answers if key.exercise.blank(id_) is None]
    if stray:
        remarks.append(f"answers to blanks that the key does not have: {shorten(stray)}")
    if _asked(exercise) != _asked(key.exercise):
        remarks.append("the exercise itself was changed; the key's was marked")
    return Grade(
        file=file,
        student=" ".join(exercise.student.split())[:LONGEST_NAME],
        marks=tuple(marks),
        answers=answers,
        graph=state,
        remarks=tuple(remarks),
    )


def compare_graphs(key: Graph, other: Graph) -> tuple[str, list[str]]:
    """How another graph differs from the key's: the state and sentences for the teacher.

    Nodes are matched by id, which stays when a node is renamed or moved.
    """
    if set(key.nodes_by_id) != set(other.nodes_by_id):
        missing = [n.name for i, n in key.nodes_by_id.items() if i not in other.nodes_by_id]
        added = [n.name for i, n in other.nodes_by_id.items() if i not in key.nodes_by_id]
        parts = [
            f"{what} {shorten(names)}"
            for what, names in (("without", missing), ("with new", added))
            if names
        ]
        return CHANGED, [f"the graph was changed: {', '.join(parts)}; marked by the key's"]
    pairs = [(node, other.nodes_by_id[id_]) for id_, node in key.nodes_by_id.items()]
    rebuilt = [a.name for a, b in pairs if a.op != b.op or not _same_settings(a, b)]
    rewired = [
        key.nodes_by_id[target].name
        for target, port in key.sources.keys() | other.sources.keys()
        if key.sources.get((target, port)) != other.sources.get((target, port))
    ]
    if rebuilt or rewired:
        names = shorten(sorted({*rebuilt, *rewired}, key=natural))
        return CHANGED, [f"the graph was changed at {names}; marked by the key's"]
    moved = [a.name for a, b in pairs if not same_value(a.value, b.value)]
    if moved:
        return MOVED_POINT, [f"other values in {shorten(moved)}; marked at the key's point"]
    renamed = [f"{a.name} to {b.name}" for a, b in pairs if a.name != b.name]
    if renamed:
        return RENAMED, [f"the same mathematics, but renamed: {shorten(renamed)}"]
    return SAME, []


def _same_settings(a: Node, b: Node) -> bool:
    keys = (a.settings.keys() | b.settings.keys()) - ({"value"} if a.is_leaf else set())
    # What only the sliders use is no mathematics.
    keys -= {"minimum", "maximum"} if a.is_leaf else set()
    return all(
        key in a.settings and key in b.settings and same_value(a.settings[key], b.settings[key])
        for key in keys
    )


def _names(key: Graph, other: Graph) -> dict[str, str]:
    """For names of the submission's nodes those of the key, where they differ."""
    return {
        node.name: key.nodes_by_id[id_].name
        for id_, node in other.nodes_by_id.items()
        if id_ in key.nodes_by_id and key.nodes_by_id[id_].name != node.name
    }


def _in_names_of_the_key(answer: Answer, names: Mapping[str, str]) -> Answer:
    """The answer with the key's names for nodes that the student renamed."""
    if not names or not read_answer(answer.text, dict.fromkeys(names, 0.0)).names:
        return answer
    text = _WORD.sub(lambda found: names.get(found[0], found[0]), answer.text)
    return Answer(text, answer.attempts, answer.hints, answer.revealed)


def _counted(answer: Answer) -> Answer:
    """An answer whose counts are numbers that somebody can have come to."""
    return Answer(
        answer.text,
        min(max(answer.attempts, 0), MOST_COUNTED),
        min(max(answer.hints, 0), MOST_COUNTED),
        answer.revealed,
    )


def _about_attempts(key: Key, answers: Mapping[str, Answer], exercise: Exercise) -> list[str]:
    allowed = key.exercise.settings.attempts
    below = [
        key.labels[id_]
        for id_, answer in answers.items()
        if exercise.answers.get(id_, answer).attempts < bool(answer.text.strip())
        or exercise.answers.get(id_, answer).hints < 0
    ]
    over = [
        f"{key.labels[id_]} ({answer.attempts} of {allowed})"
        for id_, answer in answers.items()
        if allowed and answer.attempts > allowed
    ]
    shown = [key.labels[id_] for id_, answer in answers.items() if answer.revealed]
    remarks = [f"more attempts than allowed: {shorten(over)}"] if over else []
    remarks += [f"counts that cannot be true: {shorten(below)}"] if below else []
    return remarks + ([f"shown, so without points: {shorten(shown)}"] if shown else [])


def _asked(exercise: Exercise) -> tuple[object, ...]:
    """What makes up the questions, without the answers."""
    blanks: Sequence[Blank] = exercise.blanks
    return exercise.mode, exercise.seed, exercise.order, exercise.settings, tuple(blanks)
