"""An exercise: blanks in a graph's derivative, and the teacher's settings. Stored in the graph.

The file holds questions and what students typed, never a right answer: those are computed from
the graph whenever they are needed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, MODES
from visualad.errors import FileError
from visualad.graph.edits import set_exercise
from visualad.graph.model import Graph, shorten

# What a blank asks for. The last four belong to an edge.
VALUE, TANGENT, ADJOINT = "value", "tangent", "adjoint"
PARTIAL, FACTOR, TERM, SUM, FILL_IN = "partial", "factor", "term", "sum", "fill_in"
ON_NODES = (VALUE, TANGENT, ADJOINT)
ON_EDGES = (PARTIAL, FACTOR, TERM, SUM, FILL_IN)
Kind = Literal["value", "tangent", "adjoint", "partial", "factor", "term", "sum", "fill_in"]

# Which kinds a mode has beside values and partials.
_OF_MODE = {
    FORWARD: (VALUE, PARTIAL, TANGENT, FACTOR, TERM, SUM),
    BACKWARD: (VALUE, PARTIAL, ADJOINT, FACTOR, TERM, SUM),
    CROSS: (VALUE, PARTIAL, FILL_IN),
}

NUMBER, FORMULA, EITHER = "number", "formula", "either"
CANVAS, TRACE, DERIVATION = "canvas", "trace", "derivation"
ALWAYS, AFTER_ATTEMPTS, NEVER = "always", "after attempts", "never"
HIDEABLE = ("values", "derivatives", "partials", "formulas")


class Blank(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One question.

    Attributes:
        id: unique in the exercise; answers and report columns are found by it.
        kind: "value", "tangent" or "adjoint" of a node; or of the edge from `source` into `port`
            of `node`: its local "partial", the "factor" that travels over it (tangent of its
            source, adjoint of its target), the "term" (their product), the "sum" up to and
            including this term as the trace shows it. In cross mode "fill_in": the partial from
            `source` to `port` (a node id here) after `node` is eliminated.
        node: id of the node, or of the node the edge leads into.
        source, port: of an edge.
        element: indices into an array; () for a number.
        points: what it is worth.
        accepts: "number", "formula" (over node names) or "either".
        place: where its answer is typed: "canvas", "trace" or "derivation".
        hint: the teacher's own; without it the local rule is the hint.
    """

    id: str
    kind: Kind
    node: str
    source: str = ""
    port: str = ""
    element: tuple[int, ...] = ()
    points: float = 1.0
    accepts: Literal["number", "formula", "either"] = "number"
    place: Literal["canvas", "trace", "derivation"] = "canvas"
    hint: str = ""

    @property
    def edge(self) -> tuple[str, str, str]:
        """(source id, target id, port) for a blank on an edge."""
        return self.source, self.node, self.port


class Settings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the teacher allows.

    Attributes:
        relative, absolute: a number is right when it is off by no more than `absolute` or
            `relative` times the right one.
        attempts: per blank; 0 for any number.
        hints: whether there are hints; hint_cost: part of a blank's points that one costs.
        reveal: "always", "after attempts" or "never".
        hide: of "values", "derivatives", "partials" and "formulas", what is not shown anywhere.
    """

    relative: float = 0.005
    absolute: float = 1e-6
    attempts: int = 0
    hints: bool = True
    hint_cost: float = 0.0
    reveal: Literal["always", "after attempts", "never"] = "after attempts"
    hide: tuple[Literal["values", "derivatives", "partials", "formulas"], ...] = ()


class Answer(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a student typed into a blank.

    Attributes:
        text: the last answer.
        attempts, hints: how many were used, as the program that wrote the file counted.
        revealed: the right answer was shown, so it earns nothing.
    """

    text: str = ""
    attempts: int = 0
    hints: int = 0
    revealed: bool = False


class Exercise(msgspec.Struct, frozen=True):
    """Questions about one sweep of a graph.

    Attributes:
        title, text: for the student.
        mode, seed, order: the sweep, as in `visualad.autodiff.sweeps.sweep`.
        blanks: the questions in order.
        settings: the teacher's.
        student: who answers.
        answers: by blank id; none in a teacher's file.
    """

    title: str = ""
    text: str = ""
    mode: Literal["forward", "backward", "cross"] = "backward"
    seed: str | dict[str, Any] | None = None
    order: str | tuple[str, ...] = "backward"
    blanks: tuple[Blank, ...] = ()
    settings: Settings = Settings()
    student: str = ""
    answers: dict[str, Answer] = {}

    def blank(self, id_: str) -> Blank | None:
        """The blank of this id, or None."""
        return next((blank for blank in self.blanks if blank.id == id_), None)

    @property
    def points(self) -> float:
        """What all blanks are worth."""
        return math.fsum(blank.points for blank in self.blanks)


def exercise_of(graph: Graph) -> Exercise | None:
    """The exercise stored in a graph, or None.

    Raises:
        FileError: if what is stored is no exercise; says where.
    """
    if not graph.exercise:
        return None
    try:
        found = msgspec.convert(_plain(graph.exercise), Exercise)
    except msgspec.ValidationError as error:
        raise FileError(f"The exercise in this file cannot be read: {error}.") from None
    fault = _fault(found)
    if fault:
        raise FileError(f"The exercise in this file cannot be used: {fault}")
    return found


def with_exercise(graph: Graph, exercise: Exercise | None) -> Graph:
    """The graph with this exercise stored in it; None takes it out."""
    if exercise is None:
        return set_exercise(graph, {})
    # By way of JSON, so that it equals what comes back from the file.
    return set_exercise(graph, json.loads(json.dumps(msgspec.to_builtins(exercise))))


def add_blank(graph: Graph, exercise: Exercise, kind: str, node: str, **details: Any) -> Exercise:
    """The exercise with one more blank, the last; one that asks the same already is kept.

    Args:
        kind, node, details: attributes of `Blank`; the id is made.

    Raises:
        FileError: if the graph or the mode has no such quantity.
    """
    taken = {blank.id for blank in exercise.blanks}
    number = next(n for n in range(1, len(taken) + 2) if f"b{n}" not in taken)
    blank = msgspec.convert({"id": f"b{number}", "kind": kind, "node": node, **details}, Blank)
    if any(asks_the_same(blank, other) for other in exercise.blanks):
        return exercise
    fault = blank_fault(graph, exercise, blank)
    if fault:
        raise FileError(fault)
    return msgspec.structs.replace(exercise, blanks=(*exercise.blanks, blank))


def remove_blank(exercise: Exercise, id_: str) -> Exercise:
    """The exercise without a blank and its answer."""
    return msgspec.structs.replace(
        exercise,
        blanks=tuple(blank for blank in exercise.blanks if blank.id != id_),
        answers={key: answer for key, answer in exercise.answers.items() if key != id_},
    )


def with_answer(exercise: Exercise, id_: str, answer: Answer) -> Exercise:
    """The exercise with what was typed into a blank."""
    return msgspec.structs.replace(exercise, answers={**exercise.answers, id_: answer})


def without_answers(exercise: Exercise) -> Exercise:
    """The exercise as the teacher hands it out."""
    return msgspec.structs.replace(exercise, answers={}, student="")


def asks_the_same(a: Blank, b: Blank) -> bool:
    """Whether two blanks ask for the same number, wherever they stand."""
    return (a.kind, a.node, a.source, a.port, a.element) == (
        (b.kind, b.node, b.source, b.port, b.element)
    )


def blank_fault(graph: Graph, exercise: Exercise, blank: Blank) -> str:
    """Why a blank cannot be asked about this graph, in one sentence, or ""."""
    if blank.kind not in _OF_MODE[exercise.mode]:
        return (
            f"Blank {blank.id} asks for a {blank.kind.replace('_', '-')}, which {exercise.mode} "
            f"mode does not have; it has {shorten(_OF_MODE[exercise.mode])}."
        )
    for id_ in (blank.node, *((blank.source,) if blank.kind in ON_EDGES else ())):
        if id_ not in graph.nodes_by_id:
            return f"Blank {blank.id} asks about node '{id_}', which is not in the graph any more."
    if blank.kind == FILL_IN:
        if blank.port not in graph.nodes_by_id:
            return f"Blank {blank.id} asks for a fill-in to '{blank.port}', which is no node."
    elif blank.kind in ON_EDGES and graph.sources.get((blank.node, blank.port)) != blank.source:
        target = graph.nodes_by_id[blank.node].name
        return f"Blank {blank.id} asks about an edge into {target} that is not there any more."
    return ""


def answered(exercise: Exercise) -> int:
    """How many blanks have an answer."""
    return sum(
        bool(exercise.answers[blank.id].text.strip())
        for blank in exercise.blanks
        if blank.id in exercise.answers
    )


def _fault(exercise: Exercise) -> str:
    assert exercise.mode in MODES
    ids = [blank.id for blank in exercise.blanks]
    for id_ in ids:
        if not id_ or ids.count(id_) > 1:
            return f"there are two blanks '{id_}'." if id_ else "a blank has no id."
    for blank in exercise.blanks:
        if not (math.isfinite(blank.points) and blank.points >= 0):
            return f"blank {blank.id} is worth {blank.points} points; give a number from 0 on."
    settings = exercise.settings
    for name in ("relative", "absolute", "hint_cost", "attempts"):
        number = getattr(settings, name)
        if not (math.isfinite(number) and number >= 0):
            return f"its setting '{name}' is {number}; give a number from 0 on."
    return ""


def _plain(value: Any) -> Any:
    """Read-only mappings and tuples as msgspec takes them."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
