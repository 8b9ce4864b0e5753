"""Marks: whether an answer is right, and if not, what probably went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.lessons.answers import Reading, is_close, read_answer, same_form
from visualad.lessons.exercise import FORMULA, NUMBER, VALUE, Answer, Blank, Exercise
from visualad.lessons.labels import rule
from visualad.lessons.marks import RIGHT, UNANSWERED, UNREADABLE, WRONG, Mark
from visualad.lessons.reference import Reference, Suspect, reference
from visualad.ops.writing import number_text

# A formula is compared at the stored point and at so many random ones near it.
POINTS = 6
_TRIES = 4 * POINTS
_FEWEST = 3  # points at which both sides must have a value
_FORMULA_RELATIVE, _FORMULA_ABSOLUTE = 1e-7, 1e-9
_NEARLY = 10  # times the tolerance is called a rounding error


@dataclass(frozen=True, eq=False)
class Marker:
    """Marks answers to one exercise. The right numbers come from the graph, never from a file.

    Attributes:
        graph, exercise: the teacher's.
    """

    graph: Graph
    exercise: Exercise

    @cached_property
    def here(self) -> Reference:
        """The sweep at the stored point."""
        return reference(self.graph, self.exercise)

    @cached_property
    def elsewhere(self) -> Sequence[Reference]:
        """The same sweep at random points near the stored one, for formulas."""
        chance = np.random.default_rng(self.graph.seed + 1)
        found: list[Reference] = []
        for _ in range(_TRIES):
            if len(found) == POINTS:
                break
            point = {
                name: _near(self.graph[name].value, chance) for name in self.graph.independents
            }
            try:
                moved = reference(self.graph, self.exercise, point)
            except VisualADError:
                continue
            if all(np.all(np.isfinite(value)) for value in moved.sweep.values.values()):
                found.append(moved)
        return found

    def mark(self, blank: Blank, answer: Answer | str) -> Mark:
        """Mark one answer.

        Raises:
            GraphError: if the blank has no right answer in this graph.
        """
        given = Answer(answer) if isinstance(answer, str) else answer
        right = self.here.right(blank)
        if not given.text.strip():
            return Mark(blank.id, UNANSWERED, 0.0, "Not answered.")
        reading = read_answer(given.text, self.here.names(blank))
        try:
            fault = reading.fault or self._kind_fault(blank, reading, right)
            if fault:
                return Mark(blank.id, UNREADABLE, 0.0, fault)
            if reading.is_number and blank.accepts != FORMULA:
                return self._marked(blank, given, self._number(blank, reading, right))
            return self._marked(blank, given, self._formula(blank, reading))
        except VisualADError as error:
            return Mark(
                blank.id, UNREADABLE, 0.0, f"The formula cannot be computed: {error.message}"
            )

    def hint(self, blank: Blank) -> str:
        """The teacher's hint, else the local rule."""
        return blank.hint or rule(self.here, blank)

    def _kind_fault(self, blank: Blank, reading: Reading, right: float) -> str:
        if blank.accepts == NUMBER and not reading.is_number:
            return "A number is asked for here, such as 0.64 or 2/3; put the values in."
        if blank.accepts == FORMULA and reading.is_number:
            settings = self.exercise.settings
            value = _number(reading, {})
            # A constant may be the formula; then it is right everywhere.
            constant = all(
                is_close(value, other.right(blank), settings.relative, settings.absolute)
                for other in self.elsewhere
            )
            if not constant and is_close(value, right, settings.relative, settings.absolute):
                return "That is the number at this point; asked is a formula over the node names."
        return ""

    # Numbers ------------------------------------------------------------------------------------

    def _number(self, blank: Blank, reading: Reading, right: float) -> tuple[bool, str, str]:
        settings = self.exercise.settings
        value = np.asarray(reading.value({}))
        if value.size != 1:
            return False, "Give one number, not a list.", ""
        given = float(value.reshape(())[()])

        def close(number: Any, factor: float = 1.0) -> bool:
            return is_close(given, number, factor * settings.relative, factor * settings.absolute)

        if close(right):
            return True, "Right.", ""
        for suspect in self.here.suspects(blank):
            if suspect.value is not None and close(suspect.value) and not _same(suspect, right):
                return False, suspect.sentence, suspect.key
        if close(right, _NEARLY):
            return False, "Nearly: keep more digits until the end.", "rounding"
        for power in (10.0, 100.0, 1000.0, 0.1, 0.01, 0.001):
            if right and close(right * power):
                return False, "The decimal point is in the wrong place.", "decimal point"
        return False, "Not right. " + self._nudge(blank, given, right), ""

    def _nudge(self, blank: Blank, given: float, right: float) -> str:
        if blank.kind == VALUE:
            return "Put the values of its inputs into the operation once more."
        if right == 0:
            return "Does anything reach this place at all?"
        if given == 0:
            return "It is not 0 here."
        if (given < 0) != (right < 0):
            return "Look at the sign first."
        return "The size is off: look at the factors and count the contributions."

    # Formulas -----------------------------------------------------------------------------------

    def _formula(self, blank: Blank, reading: Reading) -> tuple[bool, str, str]:
        names = self.here.names(blank)
        standard = read_answer(self.here.formula(blank), names)
        if same_form(reading, standard):
            return True, "Right, in the form of the rule itself.", ""
        points = [self.here, *self.elsewhere]
        compared = [
            (point, given, right)
            for point in points
            for given, right in [(_number(reading, point.names(blank)), point.right(blank))]
            if np.isfinite(right)
        ]
        usable = [(point, given, right) for point, given, right in compared if np.isfinite(given)]
        if not usable:
            return False, "The formula has no value here; look at its domain.", "domain"
        if len(usable) == len(compared) >= _FEWEST and all(
            _equal(given, right) for _, given, right in usable
        ):
            return True, f"Right: equal at {len(usable)} points.", ""
        for position, suspect in enumerate(self.here.suspects(blank)):
            if self._explains(blank, position, suspect, usable):
                return False, suspect.sentence, suspect.key
        agreeing = sum(_equal(given, right) for _, given, right in usable)
        if agreeing == 1 and _equal(*usable[0][1:]):
            return False, "It is right at this point, but not at others.", "only here"
        return False, f"Not right: it differs at {len(usable) - agreeing} points.", ""

    def _explains(
        self,
        blank: Blank,
        position: int,
        suspect: Suspect,
        usable: Sequence[tuple[Reference, float, float]],
    ) -> bool:
        """Whether one and the same mistake gives the answer at every point."""
        for point, given, right in usable:
            found = point.suspects(blank)
            if position >= len(found) or found[position].key != suspect.key:
                return False
            value = found[position].value
            if value is None or not _equal(given, value) or (_equal(value, right)):
                return False
        return True

    # Points -------------------------------------------------------------------------------------

    def _marked(self, blank: Blank, answer: Answer, found: tuple[bool, str, str]) -> Mark:
        right, feedback, mistake = found
        if not right:
            return Mark(blank.id, WRONG, 0.0, feedback, mistake)
        if answer.revealed:
            return Mark(blank.id, RIGHT, 0.0, f"{feedback} No points: it had been shown.")
        cost = min(1.0, self.exercise.settings.hint_cost * max(answer.hints, 0))
        return Mark(blank.id, RIGHT, blank.points * (1 - cost), feedback)


def right_text(marker: Marker, blank: Blank) -> str:
    """The right answer as it is shown when it is revealed."""
    number = number_text(marker.here.right(blank), 6)
    formula = marker.here.formula(blank)
    return f"{formula} = {number}" if formula and blank.accepts != NUMBER else number


def _number(reading: Reading, names: Mapping[str, Any]) -> float:
    value = np.asarray(reading.value(names))
    return float(value.reshape(())[()]) if value.size == 1 else float("nan")


def _equal(given: Any, right: Any) -> bool:
    return is_close(given, right, _FORMULA_RELATIVE, _FORMULA_ABSOLUTE)


def _same(suspect: Suspect, right: float) -> bool:
    """Whether the mistake makes no difference at this point."""
    return _equal(suspect.value, right)


def _near(value: Any, chance: np.random.Generator) -> Any:
    """A random value near a stored one, mostly on the same side of 0."""
    base = np.asarray(0.0 if value is None else value, dtype=float)
    factor = chance.uniform(0.7, 1.3, base.shape)
    return (base * factor + np.where(base == 0, chance.uniform(-0.5, 0.5, base.shape), 0.0))[()]
