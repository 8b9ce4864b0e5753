"""A place in a sweep and what is pointed at: what every view on a document has in common."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from PySide6.QtCore import QObject, Signal

from visualad.autodiff.steps import Step, Sweep
from visualad.graph.folding import UNFOLDED, Folding
from visualad.gui.canvas.derivation import hold_before_card, hold_progress
from visualad.gui.canvas.moves import card_at, move_around
from visualad.gui.playback import Playback
from visualad.kernel.messages import EdgeKey

BackdropKey = tuple[str, str]  # "note" or "frame", and its id


class Viewing(QObject):
    """Selection, highlight, and the position in the sweep. `Session` adds what is computed.

    Attributes:
        mode: "" (values only), "forward", "backward" or "cross".
        sweep: the derivative in this mode, or None while there is none.
        selected_backdrops: notes and frames, as ("note", id) and ("frame", id).
        selected_nodes, selected_edges, highlighted_nodes, highlighted_edges: see `Session`.
        playback: the position in the sweep.
    """

    step_changed = Signal(int)
    progress_changed = Signal(float)
    playing_changed = Signal(bool)
    selection_changed = Signal()
    highlight_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mode = ""
        self.sweep: Sweep | None = None
        self.selected_nodes: frozenset[str] = frozenset()
        self.selected_edges: frozenset[EdgeKey] = frozenset()
        self.selected_backdrops: frozenset[BackdropKey] = frozenset()
        self.highlighted_nodes: frozenset[str] = frozenset()
        self.highlighted_edges: frozenset[EdgeKey] = frozenset()
        self.playback = Playback(self)
        self.playback.step_changed.connect(self.step_changed)
        self.playback.progress_changed.connect(self.progress_changed)
        self.playback.playing_changed.connect(self.playing_changed)
        self.playback.hold_of = self._hold_of
        self.playback.move_of = self._move_of

    @property
    def folding(self) -> Folding:
        """Which groups are collapsed; the steps within one are passed as one move."""
        return UNFOLDED

    def set_mode(self, mode: str) -> None:
        """Show the derivative in this mode, from before its first step; "" shows values only."""
        raise NotImplementedError

    # Selection --------------------------------------------------------------------------------

    @property
    def highlighted(self) -> frozenset[Any]:
        """Highlighted node ids and edge keys together."""
        return self.highlighted_nodes | self.highlighted_edges

    def select(
        self,
        nodes: Iterable[str] = (),
        edges: Iterable[EdgeKey] = (),
        backdrops: Iterable[BackdropKey] = (),
    ) -> None:
        """Select exactly these; a note or frame by its kind and id."""
        chosen = (frozenset(nodes), frozenset(edges), frozenset(backdrops))
        if chosen != (self.selected_nodes, self.selected_edges, self.selected_backdrops):
            self.selected_nodes, self.selected_edges, self.selected_backdrops = chosen
            self.selection_changed.emit()

    def highlight(self, nodes: Iterable[str] = (), edges: Iterable[EdgeKey] = ()) -> None:
        """Light up exactly these, in every view."""
        lit = (frozenset(nodes), frozenset(edges))
        if lit != (self.highlighted_nodes, self.highlighted_edges):
            self.highlighted_nodes, self.highlighted_edges = lit
            self.highlight_changed.emit()

    # Steps ------------------------------------------------------------------------------------

    @property
    def step_index(self) -> int:
        """The step that is shown; -1 before the first."""
        return self.playback.index

    @property
    def progress(self) -> float:
        """How far the pulses of step `step_index` have travelled: 1 when they have arrived.

        The results of the steps before are there; that of the step itself appears at 1.
        """
        return self.playback.progress

    @property
    def step_shown(self) -> Step | None:
        """The step at `step_index`, or None."""
        if self.sweep is None or not 0 <= self.step_index < len(self.sweep):
            return None
        return self.sweep[self.step_index]

    @property
    def is_playing(self) -> bool:
        """Whether the film runs."""
        return self.playback.is_playing

    @property
    def speed(self) -> float:
        """Speed of the film, 1 for 0.8 s a step."""
        return self.playback.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self.playback.set_speed(speed)

    def go_to(self, step: int) -> None:
        """Show a step as it stands at its end, clipped to the sweep; playing goes on from there."""
        self.playback.go_to(step)

    def play(self) -> None:
        """Play on from here; from the start when all has been shown."""
        self.playback.play()

    def pause(self) -> None:
        """Stay where we are."""
        self.playback.pause()

    def step(self, by: int = 1) -> None:
        """Pause, then go on (or back) by steps."""
        self.playback.step(by)

    def step_phase(self, by: int = 1) -> None:
        """To the end of the next phase: values, seeds, derivative; back to the end of the one
        before. From values alone the first is backward mode.
        """
        if not self.mode:
            if by > 0:
                self.set_mode("backward")
            return
        self.pause()
        ends = self.phases
        if by > 0:
            self.go_to(next((end for end in ends if end > self.step_index), ends[-1]))
        elif self.step_index < 0:
            self.set_mode("")
        else:
            self.go_to(next(end for end in reversed(ends) if end < self.step_index))

    @property
    def phases(self) -> tuple[int, ...]:
        """The last step of each phase: -1 for the values, the seeds, the whole derivative."""
        if self.sweep is None:
            return (-1,)
        seeds = sum(1 for _ in takewhile(lambda step: step.kind == "seed", self.sweep))
        return tuple(dict.fromkeys((-1, seeds - 1, len(self.sweep) - 1)))

    @property
    def next_card(self) -> str:
        """The group that "step inside" would open: of the next move, else of the one shown."""
        if self.sweep is None:
            return ""
        ahead = (
            "" if self.progress < 1.0 else card_at(self.sweep, self.folding, self.step_index + 1)
        )
        return ahead or card_at(self.sweep, self.folding, self.step_index)

    def first_inside(self, card: str) -> int:
        """The first step of the move in this card: of the next move, else of the one shown."""
        after = self.step_index + 1
        arrived = self.sweep is not None and self.progress >= 1.0
        if self.sweep is not None and arrived and card_at(self.sweep, self.folding, after) == card:
            return after
        return self._move_of(self.step_index)[0]

    def _hold_of(self, index: int) -> float | None:
        """Where the film stops before the result of a sum; see `Playback`."""
        if self.sweep is None:
            return None
        if card_at(self.sweep, self.folding, index):
            return hold_before_card(self.sweep, self.folding, *self._move_of(index))
        return hold_progress(self.sweep[index])

    def _move_of(self, index: int) -> tuple[int, int]:
        if self.sweep is None:
            return index, index
        return move_around(self.sweep, self.folding, index)


def goes_on(before: Sweep, now: Sweep) -> bool:
    """Whether a sweep over the same nodes and edges has the same steps, as far as both go."""
    if before.mode != now.mode:
        return False
    if now.mode == "cross":
        both = min(len(before.order), len(now.order))
        return before.order[:both] == now.order[:both]
    # Looking at the steps themselves would make all of them.
    return len(before) == len(now) and before.failures.keys() == now.failures.keys()
