"""What cross mode eliminates, one after the other: vertices by name, edges at one of their ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class EdgeMove:
    """One edge elimination: of the edge from source to target, at its front or at its back.

    At its front the edge is multiplied with every edge out of its target, at its back with every
    edge into its source.
    """

    source: str
    target: str
    front: bool

    def __str__(self) -> str:
        return f"{self.source} → {self.target} at its {self.end}"

    @property
    def end(self) -> str:
        """ "front" or "back"."""
        return "front" if self.front else "back"

    @property
    def vertex(self) -> str:
        """The vertex past which the paths through the edge are led."""
        return self.target if self.front else self.source


Move = str | EdgeMove  # a vertex or an edge


def names_in(moves: Iterable[Move]) -> set[str]:
    """All vertices that a program names."""
    found: set[str] = set()
    for move in moves:
        found.update((move,) if isinstance(move, str) else (move.source, move.target))
    return found


def has_edges(moves: Iterable[Move]) -> bool:
    """Whether some of the moves are of edges."""
    return any(isinstance(move, EdgeMove) for move in moves)
