"""What an answer is worth. Apart from the marking, so that the window need not import that."""

from __future__ import annotations

from dataclasses import dataclass

RIGHT, WRONG, UNREADABLE, UNANSWERED = "right", "wrong", "unreadable", "unanswered"


@dataclass(frozen=True)
class Mark:
    """What an answer is worth.

    Attributes:
        blank: id.
        verdict: "right", "wrong", "unreadable" (does not count as an attempt) or "unanswered".
        points: earned.
        feedback: in words, for the student.
        mistake: which usual mistake it looks like ("sign", "missing factor", ...), or "".
    """

    blank: str
    verdict: str
    points: float
    feedback: str
    mistake: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the answer is right."""
        return self.verdict == RIGHT
