"""How a question of an exercise stands, as every place that shows it writes it."""

from __future__ import annotations

from dataclasses import dataclass

ASKED, HIDDEN = "?", "hidden"
OPEN, WRONG, UNREADABLE, RIGHT, REVEALED = "open", "wrong", "unreadable", "right", "revealed"


@dataclass(frozen=True)
class Stamp:
    """How a question stands, for whoever shows its place.

    Attributes:
        blank: id; state: "open", "wrong", "unreadable", "right" or "revealed".
        text: what was typed last.
    """

    blank: str
    state: str = OPEN
    text: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the number is still asked for."""
        return self.state not in (RIGHT, REVEALED)

    @property
    def token(self) -> str:
        """Colour token of the theme."""
        return token_of(self.state)

    def written(self, number: str = "") -> str:
        """A sign and the number: colour alone says nothing to some.

        Args:
            number: the right one, of a question that is no longer open.
        """
        if self.state == WRONG:
            return f"✗ {self.text}"
        if self.is_open:
            return ASKED
        return f"✓ {number}" if self.state == RIGHT else number


def token_of(state: str) -> str:
    """The colour token of the theme for a state."""
    tokens = {OPEN: "warning", UNREADABLE: "warning", WRONG: "error", RIGHT: "success"}
    return tokens.get(state, "text_muted")
